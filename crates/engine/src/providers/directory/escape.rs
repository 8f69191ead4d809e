//! Putting what people type into filters and distinguished names.

/// A value within a filter (RFC 4515 §3).
pub(super) fn in_filter(value: &str) -> String {
    value.bytes().fold(String::new(), |mut text, byte| {
        use std::fmt::Write as _;
        // Beyond what must be, everything that is not ASCII, so that no encoding is left to be guessed.
        if byte.is_ascii_graphic() && !b"*()\\".contains(&byte) {
            text.push(char::from(byte));
        } else {
            let _ = write!(text, "\\{byte:02x}");
        }
        text
    })
}

/// A value within a distinguished name (RFC 4514 §2.4).
pub(super) fn in_name(value: &str) -> String {
    value.bytes().fold(String::new(), |mut text, byte| {
        use std::fmt::Write as _;
        if byte.is_ascii_alphanumeric() || b"-._@".contains(&byte) {
            text.push(char::from(byte));
        } else {
            let _ = write!(text, "\\{byte:02X}");
        }
        text
    })
}

/// Whether a name may be put where no way to escape is defined, as in `DOMAIN\name`: none of the characters that Active
/// Directory forbids in account names ([MS-SAMR] §3.1.1.6), and no `@`.
pub(super) fn is_plain(name: &str) -> bool {
    let is_forbidden = |c: char| c.is_control() || "\"/\\[]:;|=,+*?<>@%&".contains(c);
    !name.is_empty() && !name.contains(is_forbidden) && name.trim() == name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_means_something_in_a_filter_is_escaped() {
        assert_eq!(in_filter("ada"), "ada");
        assert_eq!(in_filter("*)(uid=*"), r"\2a\29\28uid=\2a");
        assert_eq!(in_filter("a\0\\ä"), r"a\00\5c\c3\a4");
    }

    #[test]
    fn what_means_something_in_a_name_is_escaped() {
        assert_eq!(in_name("ada.l@x"), "ada.l@x");
        assert_eq!(in_name("a,ou=admins"), r"a\2Cou\3Dadmins");
        assert_eq!(in_name(" #a+\"ä"), r"\20\23a\2B\22\C3\A4");
    }

    #[test]
    fn a_name_that_could_become_another_is_not_plain() {
        assert!(is_plain("ada.lovelace") && is_plain("ada o'neill"));
        for bad in ["", "a\\b", "a@b", "a,b", "a\0", " a", "*"] {
            assert!(!is_plain(bad), "{bad:?}");
        }
    }
}
