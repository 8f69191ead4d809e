//! An app that shows one-time codes.

use anyhow::Context as _;
use aws_lc_rs::hmac;

/// Knows the secret of one account.
#[derive(Debug, Clone)]
pub struct CodeApp {
    secret: Vec<u8>,
}

impl CodeApp {
    /// Takes a secret as people type it: base32, blanks or none.
    pub fn typed(secret: &str) -> anyhow::Result<Self> {
        let (mut secret_octets, mut bits, mut held) = (Vec::new(), 0_u32, 0);
        for letter in secret
            .bytes()
            .filter(|letter| !letter.is_ascii_whitespace())
        {
            let value = match letter {
                b'A'..=b'Z' => letter - b'A',
                b'2'..=b'7' => letter - b'2' + 26,
                _ => return Err(anyhow::anyhow!("`{}` is not in base32", char::from(letter))),
            };
            bits = (bits << 5 | u32::from(value)) & 0xffff;
            held += 5;
            if held >= 8 {
                held -= 8;
                secret_octets.push(u8::try_from(bits >> held & 0xff)?);
            }
        }
        Ok(Self {
            secret: secret_octets,
        })
    }

    /// The code that it shows at a moment, in seconds since 1970.
    pub fn code(&self, now: i64) -> anyhow::Result<String> {
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &self.secret);
        let tag = hmac::sign(&key, &(now.div_euclid(30)).to_be_bytes());
        let mac = tag.as_ref();
        let offset = usize::from(mac.last().context("an empty code")? & 0xf);
        let four: [u8; 4] = mac[offset..offset + 4].try_into()?;
        let number = (u32::from_be_bytes(four) & 0x7fff_ffff) % 1_000_000;
        Ok(format!("{number:06}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_the_standard() {
        // RFC 6238 appendix B; the secret is `12345678901234567890`.
        let app = CodeApp::typed("GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ").unwrap();
        assert_eq!(app.code(59).unwrap(), "287082");
        assert_eq!(app.code(1_111_111_109).unwrap(), "081804");
        assert!(CodeApp::typed("0").is_err());
    }
}
