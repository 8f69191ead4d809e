//! What a client of Graph sends: a file, its password encrypted to a connector key, and what it says of both.
//!
//! [`EncryptedPfx::open`] and [`Claims::check`] read nothing but their arguments.

use mandate_model::catalogue::Violation;
use mandate_model::{ImportPurpose, ImportedCertificate, Timestamp};
use mandate_pki::DigestAlgorithm;
use mandate_pki::keys::PrivateKey;
use serde_json::Value;

use super::{OpenedPfx, open_pfx};

/// A certificate to be imported for somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportRequest {
    /// Sign-in name of its owner.
    pub user_principal_name: String,
    /// What it is for.
    pub purpose: ImportPurpose,
    /// The file.
    pub pfx: EncryptedPfx,
    /// What the client says of it.
    pub claims: Claims,
}

/// A PKCS#12 file with its password encrypted to one of our connector keys.
#[derive(Clone, PartialEq, Eq)]
pub struct EncryptedPfx {
    /// Provider of that key, if it was named.
    pub provider_name: Option<String>,
    /// Name of that key, if it was named; may be left out while there is only one.
    pub key_name: Option<String>,
    /// How the password was padded.
    pub padding_scheme: PaddingScheme,
    /// The file.
    pub file: Vec<u8>,
    /// The password, encrypted by RSA.
    pub password: Vec<u8>,
}

impl std::fmt::Debug for EncryptedPfx {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EncryptedPfx")
            .field("provider_name", &self.provider_name)
            .field("key_name", &self.key_name)
            .field("padding_scheme", &self.padding_scheme)
            .field("file", &self.file.len())
            .finish_non_exhaustive()
    }
}

/// What a client read in the certificate before it sent it; what is absent is not compared.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Claims {
    /// SHA-1 in hexadecimal of either case; colons, hyphens and blanks between the digits mean nothing.
    pub thumbprint: Option<String>,
    /// Valid from.
    pub not_before: Option<Timestamp>,
    /// Valid until.
    pub not_after: Option<Timestamp>,
}

/// `userPfxPaddingScheme`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaddingScheme {
    /// Not said.
    None,
    /// RSAES-PKCS1-v1_5
    Pkcs1,
    /// RSAES-OAEP with SHA-1
    OaepSha1,
    /// RSAES-OAEP with SHA-256
    OaepSha256,
    /// RSAES-OAEP with SHA-384
    OaepSha384,
    /// RSAES-OAEP with SHA-512
    OaepSha512,
}

impl PaddingScheme {
    /// All of them, in Graph's order.
    pub const ALL: [Self; 6] = [
        Self::None,
        Self::Pkcs1,
        Self::OaepSha1,
        Self::OaepSha256,
        Self::OaepSha384,
        Self::OaepSha512,
    ];

    /// Graph's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Pkcs1 => "pkcs1",
            Self::OaepSha1 => "oaepSha1",
            Self::OaepSha256 => "oaepSha256",
            Self::OaepSha384 => "oaepSha384",
            Self::OaepSha512 => "oaepSha512",
        }
    }

    /// Reads Graph's name, in any letter case.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|scheme| scheme.name().eq_ignore_ascii_case(text))
    }

    /// The digest of one that is accepted.
    const fn digest(self) -> Option<DigestAlgorithm> {
        match self {
            Self::None | Self::Pkcs1 | Self::OaepSha1 => None,
            Self::OaepSha256 => Some(DigestAlgorithm::Sha256),
            Self::OaepSha384 => Some(DigestAlgorithm::Sha384),
            Self::OaepSha512 => Some(DigestAlgorithm::Sha512),
        }
    }

    /// What is wrong with one that is not accepted.
    pub(super) fn check(self) -> Result<DigestAlgorithm, Violation> {
        self.digest().ok_or_else(|| {
            let rule = "must be `oaepSha256`, `oaepSha384` or `oaepSha512`, as older paddings are no longer accepted";
            Violation::new("paddingScheme", rule, &Value::from(self.name()))
        })
    }
}

impl EncryptedPfx {
    /// Decrypts the password with the key of this name, and opens the file with it.
    pub fn open(&self, key_name: &str, key: &PrivateKey) -> Result<OpenedPfx, Violation> {
        let digest = self.padding_scheme.check()?;
        let expected = modulus_length(key);
        if self.password.len() != expected {
            let rule = format!(
                "must have {expected} bytes when it is encrypted to the connector key `{key_name}`, but has {}",
                self.password.len()
            );
            return Err(Violation::without_value("encryptedPfxPassword", rule));
        }
        let password = key.decrypt_oaep(digest, &self.password).map_err(|_| {
            let rule = format!(
                "is not encrypted to the connector key `{key_name}` with the padding `{}`",
                self.padding_scheme.name()
            );
            Violation::without_value("encryptedPfxPassword", rule)
        })?;
        open_pfx(&self.file, &password).map_err(|problem| {
            if problem.is_wrong_password() {
                let rule = "was decrypted, but does not open the file in `encryptedPfxBlob`";
                Violation::without_value("encryptedPfxPassword", rule)
            } else {
                Violation::without_value("encryptedPfxBlob", problem.to_string())
            }
        })
    }
}

fn modulus_length(key: &PrivateKey) -> usize {
    key.rsa_public_components()
        .map_or(0, |(modulus, _)| modulus.len())
}

impl Claims {
    /// Dates may differ by this much: clients write local time, with a wrong offset or with none, and without fractions.
    const TOLERANCE: i64 = Timestamp::DAY;

    /// What a client says of a certificate and the certificate does not.
    pub fn check(&self, facts: &ImportedCertificate) -> Vec<Violation> {
        let mut violations = Vec::new();
        if let Some(claimed) = &self.thumbprint
            && digits(claimed) != facts.thumbprint
        {
            let rule = format!(
                "must be `{}`, the SHA-1 of the certificate in `encryptedPfxBlob`",
                facts.thumbprint
            );
            violations.push(Violation::new(
                "thumbprint",
                rule,
                &Value::from(claimed.as_str()),
            ));
        }
        for (property, claimed, actual) in [
            ("startDateTime", self.not_before, facts.not_before),
            ("expirationDateTime", self.not_after, facts.not_after),
        ] {
            if let Some(claimed) = claimed
                && claimed.since(actual).saturating_abs() > Self::TOLERANCE
            {
                let rule =
                    format!("must be `{actual}`, as the certificate in `encryptedPfxBlob` says");
                violations.push(Violation::new(
                    property,
                    rule,
                    &Value::from(claimed.to_string()),
                ));
            }
        }
        violations
    }
}

/// The digits of a thumbprint as people copy it: Windows puts blanks between them and an invisible mark before them.
fn digits(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, ':' | '-' | '\u{200e}'))
        .collect::<String>()
        .to_lowercase()
}

#[cfg(test)]
mod tests {
    use mandate_pki::keys::KeyKind;

    use super::*;

    fn facts() -> ImportedCertificate {
        ImportedCertificate {
            sha256: String::new(),
            thumbprint: "0123456789abcdef0123456789abcdef01234567".to_owned(),
            purpose: ImportPurpose::SmimeSigning,
            subject: String::new(),
            addresses: Vec::new(),
            not_before: Timestamp::parse("2026-01-01T00:00:00Z").unwrap(),
            not_after: Timestamp::parse("2027-01-01T00:00:00Z").unwrap(),
        }
    }

    #[test]
    fn a_thumbprint_is_the_same_however_people_copy_it() {
        for text in [
            "0123456789ABCDEF0123456789abcdef01234567",
            "\u{200e}01 23 45 67 89 ab cd ef 01 23 45 67 89 ab cd ef 01 23 45 67",
            "01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:45:67",
        ] {
            let claims = Claims {
                thumbprint: Some(text.to_owned()),
                ..Claims::default()
            };
            assert_eq!(claims.check(&facts()), [], "{text}");
        }
    }

    #[test]
    fn what_a_client_says_wrongly_is_named_with_both_values() {
        let claims = Claims {
            thumbprint: Some("f6f5".to_owned()),
            not_before: Timestamp::parse("2026-01-01T13:00:00+14:00"),
            not_after: Timestamp::parse("2028-01-01T00:00:00Z"),
        };
        let found = claims.check(&facts());
        let properties: Vec<_> = found.iter().map(|each| each.property.as_str()).collect();
        assert_eq!(properties, ["thumbprint", "expirationDateTime"]);
        assert!(found[0].message.contains("f6f5") && found[0].message.contains("0123456789abcdef"));
        assert!(found[1].message.contains("2027-01-01") && found[1].message.contains("2028-01-01"));
        assert_eq!(Claims::default().check(&facts()), []);
    }

    #[test]
    fn old_paddings_are_refused_by_name_and_the_others_read_in_any_case() {
        assert_eq!(
            PaddingScheme::parse("OaepSha512"),
            Some(PaddingScheme::OaepSha512)
        );
        assert_eq!(PaddingScheme::parse("rot13"), None);
        for scheme in [
            PaddingScheme::None,
            PaddingScheme::Pkcs1,
            PaddingScheme::OaepSha1,
        ] {
            assert!(scheme.check().unwrap_err().message.contains(scheme.name()));
        }
    }

    #[test]
    fn a_password_for_another_key_is_told_from_one_of_another_length() {
        let key = PrivateKey::generate(KeyKind::Rsa2048).unwrap();
        let mut pfx = EncryptedPfx {
            provider_name: None,
            key_name: None,
            padding_scheme: PaddingScheme::OaepSha512,
            file: b"file".to_vec(),
            password: vec![1; 256],
        };
        let message = pfx.open("ours", &key).unwrap_err().message;
        assert!(
            message.contains("not encrypted to the connector key `ours`"),
            "{message}"
        );
        pfx.password.pop();
        let message = pfx.open("ours", &key).unwrap_err().message;
        assert!(
            message.contains("256 bytes") && message.contains("has 255"),
            "{message}"
        );
        assert!(!format!("{pfx:?}").contains("password"));
    }
}
