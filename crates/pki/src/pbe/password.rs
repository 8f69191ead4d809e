use std::fmt;

use zeroize::Zeroizing;

/// A password in the two encodings that files use.
pub(crate) struct Password {
    /// For PBES2 (RFC 8018 §3 leaves it open; everybody takes UTF-8)
    pub(super) utf8: Zeroizing<Vec<u8>>,
    /// For what PKCS#12 defines itself: `BMPString` with its zero at the end (RFC 7292 appendix B.1)
    pub(super) bmp: Zeroizing<Vec<u8>>,
}

impl Password {
    pub(crate) fn new(text: &str) -> Self {
        let mut bmp = Zeroizing::new(Vec::with_capacity(text.len() * 2 + 2));
        bmp.extend(text.encode_utf16().flat_map(u16::to_be_bytes));
        bmp.extend([0, 0]);
        Self {
            utf8: Zeroizing::new(text.as_bytes().to_vec()),
            bmp,
        }
    }

    /// Every form that software has given to this password. An empty one is written as a lone zero by some (OpenSSL) and as
    /// nothing at all by others (`certtool --null-password`).
    pub(crate) fn forms(text: &str) -> Vec<Self> {
        let mut forms = vec![Self::new(text)];
        if text.is_empty() {
            forms.push(Self {
                utf8: Zeroizing::new(Vec::new()),
                bmp: Zeroizing::new(Vec::new()),
            });
        }
        forms
    }

    /// The form that NSS (Firefox, Thunderbird, `pk12util`) gave to it before its release 3.31: PBES2 got what only the schemes
    /// of PKCS#12 are meant for.
    pub(crate) fn in_old_nss(&self) -> Self {
        Self {
            utf8: self.bmp.clone(),
            bmp: self.bmp.clone(),
        }
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Password(..)")
    }
}

/// Text as UTF-16 in big-endian order: a `BMPString` that, as in all software today, may hold surrogate pairs.
pub(crate) fn bmp(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_be_bytes).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_beyond_the_first_plane_take_two_units() {
        let password = Password::new("é😀");
        assert_eq!(
            password.bmp.as_slice(),
            [0, 0xe9, 0xd8, 0x3d, 0xde, 0, 0, 0]
        );
        assert_eq!(password.utf8.as_slice(), "é😀".as_bytes());
    }

    #[test]
    fn only_an_empty_password_has_two_forms() {
        assert_eq!(Password::forms("x").len(), 1);
        let forms = Password::forms("");
        assert_eq!(forms[0].bmp.as_slice(), [0, 0]);
        assert!(forms[1].bmp.is_empty());
    }

    #[test]
    fn debug_shows_no_password() {
        assert_eq!(format!("{:?}", Password::new("s3cret")), "Password(..)");
    }
}
