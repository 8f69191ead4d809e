//! What Mail does with certificates: opening what was encrypted, signing what is sent.

use super::mail::Role;
use super::{Device, MailAccount};
use crate::cms::{CmsError, Identity, Signing, open_envelope, sign};
use crate::http::Http;
use crate::keys::{Digest, KeyError};
use crate::smime::{canonical, cms_of, multipart_signed};
use thiserror::Error;

/// Mail that cannot be opened or signed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum MailError {
    /// No profile made an account of that address.
    #[error("there is no account `{0}`")]
    NoAccount(String),
    /// The account signs nothing, and the user may not change that.
    #[error("signing is off for `{0}`")]
    SigningOff(String),
    /// The account has no certificate for signing, or it is no longer in the keychain.
    #[error("there is no signing certificate for `{0}`")]
    NoCertificate(String),
    /// The certificate is for other addresses than the account's, so Mail does not offer it. Capital letters count: field knowledge,
    /// not Apple's documentation.
    #[error("the signing certificate is for {found:?}, not for `{address}`")]
    AddressMismatch {
        /// Address of the account.
        address: String,
        /// Addresses in the certificate.
        found: Vec<String>,
    },
    /// The certificate is not valid now.
    #[error("the signing certificate is valid from {0} to {1} (seconds since 1970)")]
    NotValidNow(i64, i64),
    /// The message is for nobody whose key is in the keychain.
    #[error("no key in the keychain opens the message")]
    NotForUs,
    /// The key fits and the message does not decrypt, or it uses algorithms that the simulator does not know.
    #[error("the message cannot be decrypted: {0}")]
    Undecryptable(CmsError),
    /// Not an encrypted message.
    #[error("this is no encrypted message")]
    Malformed,
    /// A key refused its work.
    #[error(transparent)]
    Key(#[from] KeyError),
}

/// Form of a signed message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SignedForm {
    /// `multipart/signed`, as devices send: the content, with CRLF at line ends, and the signature beside it.
    #[default]
    Multipart,
    /// DER `SignedData` without the content, over the bytes as given.
    Detached,
    /// DER `SignedData` with the content inside.
    Opaque,
}

impl Device {
    /// Opens an encrypted message with whichever key of the keychain it was encrypted to, as Mail does with old messages.
    ///
    /// Takes CMS `EnvelopedData` as DER, BER, PEM, or in a MIME entity of base64.
    pub fn decrypt_mail(&self, message: &[u8]) -> Result<Vec<u8>, MailError> {
        let cms = cms_of(message).ok_or(MailError::Malformed)?;
        open_envelope(&cms, &self.all_identities()).map_err(|error| match error {
            CmsError::NotForUs => MailError::NotForUs,
            CmsError::Structure(_) => MailError::Malformed,
            CmsError::Key(_) | CmsError::UnknownCipher | CmsError::Undecryptable => {
                MailError::Undecryptable(error)
            }
        })
    }

    /// Signs a message with the signing certificate of the account of that address; the time is that of `http`.
    ///
    /// Authorities that profiles brought go along, without the root. Signatures of RSA keys are made over SHA-256, those of
    /// other keys over the digest of their curve.
    pub fn sign_mail(
        &self,
        http: &Http,
        address: &str,
        content: &[u8],
        form: SignedForm,
    ) -> Result<Vec<u8>, MailError> {
        let account = self
            .account_at(address)
            .ok_or_else(|| MailError::NoAccount(address.to_owned()))?;
        let identity = self.signing_identity(account, http.now())?;
        let how = Signing {
            attached: form == SignedForm::Opaque,
            chain: self.chain_of(&identity.certificate),
            ..Signing::clean(http.now())
        };
        let signed = |content: &[u8]| {
            sign(&identity, content, &how).map_err(|_| MailError::Key(KeyError::Operation))
        };
        match form {
            SignedForm::Detached | SignedForm::Opaque => signed(content),
            SignedForm::Multipart => {
                let content = canonical(content);
                let signature = signed(&content)?;
                let boundary = Digest::Sha256.of(&signature);
                let boundary = format!("Mail-{}", crate::certificates::hex(&boundary[..12]));
                let name = match identity.key.digest(Digest::Sha256) {
                    Digest::Sha1 => "sha-1",
                    Digest::Sha256 => "sha-256",
                    Digest::Sha384 => "sha-384",
                    Digest::Sha512 => "sha-512",
                };
                Ok(multipart_signed(&content, &signature, name, &boundary))
            }
        }
    }

    fn signing_identity(&self, account: &MailAccount, now: i64) -> Result<Identity, MailError> {
        let (settings, smime) = (&account.settings, account.settings.smime);
        let address = &settings.address;
        if !smime.signs && !smime.user_switches_signing {
            return Err(MailError::SigningOff(address.clone()));
        }
        let held = self
            .account_identity(account, Role::Signing)
            .ok_or_else(|| MailError::NoCertificate(address.clone()))?;
        let found = held.certificate.addresses();
        if !found.contains(address) {
            return Err(MailError::AddressMismatch {
                address: address.clone(),
                found,
            });
        }
        let (begins, ends) = held.certificate.validity().unwrap_or_default();
        if !(begins..=ends).contains(&now) {
            return Err(MailError::NotValidNow(begins, ends));
        }
        Ok(self.identity_of(held)?)
    }
}
