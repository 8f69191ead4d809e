//! Private keys in the files that people have.

use zeroize::Zeroizing;

use super::PrivateKey;
use crate::{
    Error, Oid, Result,
    asn1::{Reader, oid, tag, writer},
    pbe::{Failure, Password, Work, decrypt},
    pem,
};

/// The iterations that the password of one key may cost.
const MAX_ITERATIONS: u64 = 5_000_000;

/// What a document is, by its first two fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// `PrivateKeyInfo` (RFC 5208 §5)
    Pkcs8,
    /// `EncryptedPrivateKeyInfo` (RFC 5208 §6)
    EncryptedPkcs8,
    /// `RSAPrivateKey` (RFC 8017 appendix A.1.2)
    Pkcs1,
    /// `ECPrivateKey` (RFC 5915 §3)
    Sec1,
}

/// The blocks that hold a key, as they are labelled.
const LABELS: [(&str, Form); 4] = [
    ("PRIVATE KEY", Form::Pkcs8),
    ("ENCRYPTED PRIVATE KEY", Form::EncryptedPkcs8),
    ("RSA PRIVATE KEY", Form::Pkcs1),
    ("EC PRIVATE KEY", Form::Sec1),
];

impl PrivateKey {
    /// Reads a key from a file, in PEM or DER: PKCS#8, encrypted PKCS#8 (PBES2 or the schemes of PKCS#12), PKCS#1 or SEC 1.
    ///
    /// A password given for a key that has none is not looked at. Errors are [`Error::PasswordNeeded`],
    /// [`Error::WrongPassword`], [`Error::TooMuchWork`], an unsupported kind of key or encryption by its name, and
    /// [`Error::Malformed`]. Encrypted keys take up to seconds, so call it where one may block.
    pub fn from_pem_or_der(bytes: &[u8], password: Option<&str>) -> Result<Self> {
        if let Ok(text) = std::str::from_utf8(bytes)
            && text.contains("-----BEGIN ")
        {
            return from_pem(text, password);
        }
        from_der(Form::of(bytes)?, bytes, password)
    }
}

impl Form {
    fn of(der: &[u8]) -> Result<Self> {
        let two_tags = || -> Result<(u8, u8)> {
            let mut fields = Reader::sequence_only(der)?;
            Ok((fields.element()?.tag, fields.element()?.tag))
        };
        match two_tags() {
            Ok((tag::INTEGER, tag::INTEGER)) => Ok(Self::Pkcs1),
            Ok((tag::INTEGER, tag::OCTET_STRING)) => Ok(Self::Sec1),
            Ok((tag::SEQUENCE, tag::OCTET_STRING)) => Ok(Self::EncryptedPkcs8),
            Ok((tag::INTEGER, tag::SEQUENCE)) if is_pkcs12(der) => {
                Err(Error::Malformed("private key: it is a PKCS#12 file"))
            }
            Ok((tag::INTEGER, tag::SEQUENCE)) => Ok(Self::Pkcs8),
            _ => Err(Error::Malformed("private key")),
        }
    }
}

/// A PKCS#12 file begins like a key, but is of version 3.
fn is_pkcs12(der: &[u8]) -> bool {
    Reader::sequence_only(der)
        .and_then(|mut fields| fields.expect(tag::INTEGER))
        .is_ok_and(|version| version.content == [3])
}

fn from_pem(text: &str, password: Option<&str>) -> Result<PrivateKey> {
    let found = LABELS
        .into_iter()
        .find(|(label, _)| text.contains(&format!("-----BEGIN {label}-----")));
    let Some((label, form)) = found else {
        return Err(if text.contains("PRIVATE KEY-----") {
            Error::Unsupported("private key of this kind of PEM block")
        } else {
            Error::Malformed("private key: the PEM text holds none")
        });
    };
    // RFC 1421 headers, as OpenSSL wrote before it used PKCS#8: a key from one round of MD5.
    if text.contains("DEK-Info:") {
        return Err(Error::Unsupported(
            "encryption of the PEM block; convert it by `openssl pkcs8 -topk8`",
        ));
    }
    let der = Zeroizing::new(pem::decode(label, text)?);
    from_der(form, &der, password)
}

fn from_der(form: Form, der: &[u8], password: Option<&str>) -> Result<PrivateKey> {
    match form {
        Form::Pkcs8 => PrivateKey::from_pkcs8(der),
        Form::Pkcs1 => {
            let algorithm = writer::algorithm(&oid::RSA_ENCRYPTION, &writer::null());
            PrivateKey::from_pkcs8(&to_pkcs8(&algorithm, der))
        }
        Form::Sec1 => {
            let curve = writer::oid(&curve_of(der)?);
            let algorithm = writer::algorithm(&oid::EC_PUBLIC_KEY, &curve);
            PrivateKey::from_pkcs8(&to_pkcs8(&algorithm, der))
        }
        Form::EncryptedPkcs8 => {
            let password = password.ok_or(Error::PasswordNeeded)?;
            open_encrypted(der, password)
        }
    }
}

/// `PrivateKeyInfo` (RFC 5208 §5)
pub(super) fn to_pkcs8(algorithm: &[u8], key: &[u8]) -> Zeroizing<Vec<u8>> {
    let key = Zeroizing::new(writer::octet_string(key));
    Zeroizing::new(writer::sequence([&writer::integer(0), algorithm, &key]))
}

/// The curve of `ECPrivateKey`; where it does not say, the length of the number tells.
fn curve_of(sec1: &[u8]) -> Result<Oid> {
    let read = || -> Result<(usize, Option<Oid>)> {
        let mut fields = Reader::sequence_only(sec1)?;
        fields.expect(tag::INTEGER)?;
        let length = fields.expect(tag::OCTET_STRING)?.content.len();
        let curve = match fields.optional(tag::context_constructed(0))? {
            Some(parameters) => {
                let id = parameters.reader().oid()?;
                Some(Oid::from_bytes(id.content).map_err(|_| Error::Malformed("private key"))?)
            }
            None => None,
        };
        Ok((length, curve))
    };
    match read().map_err(|_| Error::Malformed("private key"))? {
        (_, Some(curve)) => Ok(curve),
        (32, None) => Ok(oid::P256),
        (48, None) => Ok(oid::P384),
        (_, None) => Err(Error::Unsupported("private key on an unnamed curve")),
    }
}

fn open_encrypted(der: &[u8], password: &str) -> Result<PrivateKey> {
    let malformed = |_| Error::Malformed("encrypted private key");
    let mut fields = Reader::sequence_only(der).map_err(malformed)?;
    let algorithm = fields.expect(tag::SEQUENCE).map_err(malformed)?;
    let ciphertext = fields.expect(tag::OCTET_STRING).map_err(malformed)?.content;
    let mut work = Work::new(MAX_ITERATIONS);
    let mut result = Err(Error::WrongPassword);
    for form in Password::forms(password) {
        let opened =
            decrypt(&algorithm, &form, ciphertext, &mut work).map_err(|failure| match failure {
                Failure::Malformed => Error::Malformed("encrypted private key"),
                Failure::Unsupported(name) => {
                    Error::UnsupportedAlgorithm(format!("encryption of the private key: {name}"))
                }
                Failure::TooMuchWork => Error::TooMuchWork,
                Failure::WrongPassword => Error::WrongPassword,
            });
        // Nothing but the form of what comes out can tell a wrong password whose padding fits by chance.
        result = opened.and_then(|pkcs8| match Form::of(&pkcs8) {
            Ok(Form::Pkcs8) => PrivateKey::from_pkcs8(&pkcs8),
            _ => Err(Error::WrongPassword),
        });
        if result.as_ref().err() != Some(&Error::WrongPassword) {
            break;
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use proptest::{prelude::*, sample::Index};

    use super::*;
    use crate::{
        keys::KeyKind,
        pbe::{Scheme, encrypt},
    };

    static KEY: LazyLock<PrivateKey> =
        LazyLock::new(|| PrivateKey::generate(KeyKind::P384).unwrap());

    fn encrypted(scheme: Scheme, password: &str) -> Vec<u8> {
        let password = Password::new(password);
        let (algorithm, ciphertext) = encrypt(scheme, &password, 10, &KEY.to_pkcs8()).unwrap();
        writer::sequence([&algorithm, &writer::octet_string(&ciphertext)])
    }

    #[test]
    fn both_schemes_come_back_by_their_password() {
        for scheme in [Scheme::Pbes2, Scheme::Sha1TripleDes] {
            let file = encrypted(scheme, "s3cret");
            let read = |password| PrivateKey::from_pem_or_der(&file, password);
            assert_eq!(read(Some("s3cret")).unwrap().to_pkcs8(), KEY.to_pkcs8());
            assert_eq!(read(Some("secret")).unwrap_err(), Error::WrongPassword);
            assert_eq!(read(None).unwrap_err(), Error::PasswordNeeded);
        }
    }

    #[test]
    fn a_wrong_password_never_passes_for_damage() {
        // One in 256 leaves padding that fits.
        let file = encrypted(Scheme::Sha1TripleDes, "s3cret");
        for number in 0..1000 {
            let password = format!("wrong {number}");
            assert_eq!(
                PrivateKey::from_pem_or_der(&file, Some(&password)).unwrap_err(),
                Error::WrongPassword
            );
        }
    }

    proptest! {
        #[test]
        fn changed_files_are_survived(changes in prop::collection::vec(any::<(Index, u8)>(), 1..4)) {
            for plain in [encrypted(Scheme::Pbes2, "x"), KEY.to_pkcs8().to_vec()] {
                let mut file = plain;
                for (at, octet) in &changes {
                    let at = at.index(file.len());
                    file[at] = *octet;
                }
                let _ = PrivateKey::from_pem_or_der(&file, Some("x"));
                let text = pem::encode("ENCRYPTED PRIVATE KEY", &file);
                let _ = PrivateKey::from_pem_or_der(text.as_bytes(), Some("x"));
            }
        }
    }
}
