//! What a device is known by.

/// What sort of identifier it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IdentityKind {
    /// The maker's serial number.
    SerialNumber,
    /// The number of a phone's radio.
    Imei,
}

impl IdentityKind {
    /// Both.
    pub const ALL: [Self; 2] = [Self::SerialNumber, Self::Imei];

    /// Graph's word, which is that of the database too.
    pub const fn word(self) -> &'static str {
        match self {
            Self::SerialNumber => "serialNumber",
            Self::Imei => "imei",
        }
    }

    /// Reads that word, in any letter case.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.word().eq_ignore_ascii_case(word.trim()))
    }

    /// What is compared of an identifier; `None` if it is none of this kind. Of an IMEI that is its first fourteen digits:
    /// the fifteenth is computed from them, and some write a version in its place.
    pub fn folded(self, text: &str) -> Option<String> {
        let text = text.trim();
        match self {
            Self::SerialNumber => {
                let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
                let begins = text.as_bytes().first()?.is_ascii_alphanumeric();
                let fits = text.len() <= LONGEST_SERIAL && begins && text.bytes().all(is_part);
                fits.then(|| text.to_ascii_lowercase())
            }
            Self::Imei => {
                if text.len() > LONGEST_SERIAL {
                    return None;
                }
                let kept: String = text.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
                let fits = (14..=16).contains(&kept.len())
                    && kept.bytes().all(|byte| byte.is_ascii_digit());
                fits.then(|| kept[..14].to_owned())
            }
        }
    }

    /// The sentence for what is none of this kind.
    pub(super) const fn rule(self) -> &'static str {
        match self {
            Self::SerialNumber => {
                "must be a serial number: 1 to 64 letters, digits, dots, hyphens and underscores, a letter or digit first"
            }
            Self::Imei => "must be an IMEI: 14 to 16 digits",
        }
    }
}

const LONGEST_SERIAL: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_compared_without_what_does_not_matter() {
        let serial = |text| IdentityKind::SerialNumber.folded(text);
        assert_eq!(serial(" C02XK1ABJGH5 ").as_deref(), Some("c02xk1abjgh5"));
        let imei = |text| IdentityKind::Imei.folded(text);
        assert_eq!(imei("35 145120 840121 6"), imei("351451208401216"));
        assert_eq!(imei("35145120840121"), imei("3514512084012100"));
        assert_ne!(imei("351451208401216"), imei("351451208401226"));
    }

    #[test]
    fn what_is_no_identifier_is_refused() {
        for text in [
            "",
            " ",
            "=cmd|' /C calc'!A0",
            "+1",
            "-C02",
            "@SUM(A1)",
            "a\0b",
            "a b",
            "\u{41c}02",
            "a\"b",
            &"x".repeat(65),
        ] {
            assert_eq!(IdentityKind::SerialNumber.folded(text), None, "{text}");
        }
        for text in [
            "",
            "1234567890123",
            "12345678901234567",
            "35145120840121X",
            "٣٥١٤٥١٢٠٨٤٠١٢١",
        ] {
            assert_eq!(IdentityKind::Imei.folded(text), None, "{text}");
        }
    }
}
