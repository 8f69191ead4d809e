//! Somebody else's certificate authority, whose certificates for mail people bring along in PFX files.

use std::sync::Arc;

use mandate_engine::{
    Claims, EncryptedPfx, FileImport, FileOutcome, ImportId, ImportRequest, Imported,
    NewConnectorKey, PaddingScheme,
};
use mandate_model::ImportPurpose;
use mandate_pki::certificate as pki;
use mandate_pki::keys::{CarriedKey, OaepDigest, PublicKey};
use mandate_pki::pkcs12::{self, Chain, Encoding, Pkcs12};
use mandate_simulator::certificates::{Certificate, Extension, Issuer, Name, Template};
use mandate_simulator::keys::{Digest, Key};

use zeroize::Zeroizing;

use super::{House, Openssl, address};

/// A key of somebody's, with the certificate for it.
pub(crate) struct MailKey {
    pub(crate) key: Arc<Key>,
    pub(crate) certificate: Certificate,
}

impl House {
    /// An authority that has nothing to do with the house's own.
    pub(crate) fn foreign_authority(&self) -> Issuer {
        let now = self.clock.unix_seconds();
        let validity = (now - 9 * YEAR, now + 9 * YEAR);
        Issuer::authority(self.key(30), &Name::common("Mail CA"), validity).unwrap()
    }

    /// A key for mail, certified from and until so many years from now. Numbers of keys are the test's to choose.
    pub(crate) fn mail_key(
        &self,
        issuer: &Issuer,
        number: u32,
        mailbox: &str,
        years: (i64, i64),
    ) -> MailKey {
        let serial = u8::try_from(number).unwrap();
        self.mail_key_of(issuer, self.key(number), serial, mailbox, years)
    }

    /// The same for a key from elsewhere.
    pub(crate) fn mail_key_of(
        &self,
        issuer: &Issuer,
        key: Arc<Key>,
        serial: u8,
        mailbox: &str,
        (from, until): (i64, i64),
    ) -> MailKey {
        let now = self.clock.unix_seconds();
        let template = Template {
            subject: Name::common(mailbox).der(),
            public: key.public().to_vec(),
            serial: vec![1, serial],
            validity: (now + from * YEAR, now + until * YEAR),
            extensions: vec![
                Extension::KeyUsage(0xa0),
                Extension::ExtendedKeyUsage(vec!["1.3.6.1.5.5.7.3.4"]),
                address(mailbox),
            ],
        };
        let certificate = issuer.issue(&template, Digest::Sha256).unwrap();
        MailKey { key, certificate }
    }

    /// Imports a key for somebody the way Intune's module does: the password encrypted to the connector's key. The
    /// file is `openssl`'s, made with further `options`.
    pub(crate) async fn import(
        &self,
        openssl: &Openssl,
        principal_name: &str,
        purpose: ImportPurpose,
        mail_key: &MailKey,
        options: &[&str],
    ) -> Imported {
        let connector = NewConnectorKey {
            bits: 2048,
            ..NewConnectorKey::default()
        };
        let connector = self
            .engine
            .connector_key(&self.admin, connector)
            .await
            .unwrap();
        let public_key = public_key(&connector.to_pem());
        let password = "correct horse battery staple";
        let pem = mail_key.certificate.pem();
        let file = openssl.pfx(mail_key.key.pkcs8(), &pem, password, options);
        let request = ImportRequest {
            user_principal_name: principal_name.to_owned(),
            purpose,
            pfx: EncryptedPfx {
                provider_name: Some(connector.provider.clone()),
                key_name: Some(connector.name.clone()),
                padding_scheme: PaddingScheme::OaepSha512,
                file,
                password: public_key
                    .encrypt_oaep(OaepDigest::Sha512, password.as_bytes())
                    .unwrap(),
            },
            claims: Claims::default(),
        };
        self.engine
            .create_imported(&self.admin, request)
            .await
            .unwrap()
    }
}

impl House {
    /// Imports a key for somebody as `mandate pfx import` does.
    pub(crate) async fn bring(
        &self,
        principal_name: &str,
        purpose: ImportPurpose,
        mail_key: &MailKey,
    ) -> ImportId {
        let identity = Pkcs12 {
            key: CarriedKey::from_pkcs8(mail_key.key.pkcs8()).unwrap(),
            certificate: pki::Certificate::from_der(mail_key.certificate.der()).unwrap(),
            chain: Vec::new(),
            friendly_name: None,
        };
        let password = Zeroizing::new("correct horse battery staple".to_owned());
        let file = pkcs12::write(&identity, &password, Encoding::Modern, Chain::Included).unwrap();
        let import = FileImport {
            user_principal_name: Some(principal_name.to_owned()),
            purpose,
            file: file.to_vec(),
            password,
            strict: false,
            dry_run: false,
        };
        let outcome = self.engine.import_file(&self.admin, import).await.unwrap();
        ImportId::of(match &outcome {
            FileOutcome::Imported(imported) => &imported.record,
            FileOutcome::Present(record) => record,
        })
    }
}

/// A public key out of a `PUBLIC KEY` block.
fn public_key(pem: &str) -> PublicKey {
    let base64: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    let der = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, base64).unwrap();
    PublicKey::from_der(&der).unwrap()
}

const YEAR: i64 = 365 * 86_400;
