//! How an imported certificate is named.

use std::fmt;
use std::str::FromStr;

use mandate_model::UserId;
use mandate_store::ImportedRecord;
use uuid::Uuid;

/// Owner and thumbprint. As text, and in Graph, the owner's id without hyphens, a hyphen, and the thumbprint in lower
/// case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ImportId {
    /// Whose it is.
    pub user: UserId,
    /// SHA-1 of the certificate, 40 lower-case hexadecimal digits.
    pub thumbprint: String,
}

impl ImportId {
    /// The name of what is kept.
    pub fn of(record: &ImportedRecord) -> Self {
        Self {
            user: record.user_id,
            thumbprint: record.certificate.thumbprint.clone(),
        }
    }
}

impl fmt::Display for ImportId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.user.0.simple(), self.thumbprint)
    }
}

/// A text that names no imported certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected the id of a user without hyphens, a hyphen and a thumbprint of 40 hexadecimal digits"
)]
pub struct NoImportId;

impl FromStr for ImportId {
    type Err = NoImportId;

    /// Reads either letter case, and the owner's id with hyphens as well.
    fn from_str(text: &str) -> Result<Self, NoImportId> {
        let (user, thumbprint) = text.trim().rsplit_once('-').ok_or(NoImportId)?;
        let is_thumbprint =
            thumbprint.len() == 40 && thumbprint.bytes().all(|byte| byte.is_ascii_hexdigit());
        let user = Uuid::try_parse(user).map_err(|_| NoImportId)?;
        is_thumbprint
            .then(|| Self {
                user: UserId(user),
                thumbprint: thumbprint.to_ascii_lowercase(),
            })
            .ok_or(NoImportId)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0a0a0a0a0000000000000000000000ff-0123456789abcdef0123456789abcdef01234567";

    #[test]
    fn an_id_reads_back_and_takes_hyphens_and_capitals() {
        let id: ImportId = ID.parse().unwrap();
        assert_eq!(id.to_string(), ID);
        let hyphens =
            "0A0A0A0A-0000-0000-0000-0000000000FF-0123456789ABCDEF0123456789abcdef01234567";
        assert_eq!(hyphens.parse(), Ok(id));
    }

    #[test]
    fn what_is_no_id_is_told() {
        for text in [
            "",
            "-",
            "0123456789abcdef0123456789abcdef01234567",
            "0a0a0a0a0000000000000000000000ff-0123",
            "0a0a0a0a0000000000000000000000ff-é123456789abcdef0123456789abcdef012345",
            "nobody-0123456789abcdef0123456789abcdef01234567",
        ] {
            assert_eq!(text.parse::<ImportId>(), Err(NoImportId), "{text}");
        }
    }
}
