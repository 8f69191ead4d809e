//! One-time codes of an app (RFC 6238): SHA-1, six digits, thirty seconds, as all apps understand.

use aws_lc_rs::hmac;
use mandate_model::{Timestamp, UserId};
use mandate_pki::constant_time_eq;
use zeroize::Zeroizing;

use crate::custody::totp_context;
use crate::{Engine, EngineError};

const STEP_SECONDS: i64 = 30;
/// Clocks differ: a step before and a step after count as well.
const DRIFT: i64 = 1;
const DIGITS: u32 = 6;
/// RFC 4226 §4, R6.
const SECRET: usize = 20;

impl Engine {
    /// A new secret.
    pub(super) fn totp_secret(&self) -> Zeroizing<Vec<u8>> {
        let mut secret = Zeroizing::new(vec![0; SECRET]);
        self.chance().fill(&mut secret);
        secret
    }

    pub(super) fn seal_totp(&self, user: UserId, secret: &[u8]) -> Result<Vec<u8>, EngineError> {
        Ok(self.seal().seal(&totp_context(user), secret)?)
    }

    pub(super) fn open_totp(
        &self,
        user: UserId,
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, EngineError> {
        Ok(self.seal().open(&totp_context(user), sealed)?)
    }

    /// What a QR code for an app says. Apps know it by the organisation and the sign-in name.
    pub(super) fn totp_address(&self, name: &str, secret: &[u8]) -> Zeroizing<String> {
        let encode = |text: &str| -> String {
            url::form_urlencoded::byte_serialize(text.as_bytes())
                .collect::<String>()
                .replace('+', "%20")
        };
        let issuer = encode(&self.tenant().company);
        let secret = base32(secret);
        Zeroizing::new(format!(
            "otpauth://totp/{issuer}:{}?secret={}&issuer={issuer}",
            encode(name),
            *secret
        ))
    }
}

/// The time step whose code this is, if it is one of now; blanks do not count.
pub(super) fn step_of(secret: &[u8], code: &str, now: Timestamp) -> Option<i64> {
    let digits: Zeroizing<String> =
        Zeroizing::new(code.chars().filter(|c| !c.is_whitespace()).collect());
    let present = now.unix_seconds().div_euclid(STEP_SECONDS);
    let mut found = None;
    // All are computed, so that the time tells nothing.
    for step in present - DRIFT..=present + DRIFT {
        if constant_time_eq(code_at(secret, step).as_bytes(), digits.as_bytes()) {
            found = Some(step);
        }
    }
    found
}

/// RFC 4226 §5.3.
fn code_at(secret: &[u8], step: i64) -> Zeroizing<String> {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret);
    let tag = hmac::sign(&key, &step.to_be_bytes());
    let mac = tag.as_ref();
    let offset = usize::from(mac[mac.len() - 1] & 0xf);
    let mut four = [0; 4];
    four.copy_from_slice(&mac[offset..offset + 4]);
    let number = u32::from_be_bytes(four) & 0x7fff_ffff;
    Zeroizing::new(format!("{:06}", number % 10_u32.pow(DIGITS)))
}

/// RFC 4648 §6, without padding.
pub(super) fn base32(octets: &[u8]) -> Zeroizing<String> {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut text = Zeroizing::new(String::with_capacity(octets.len() * 8 / 5 + 1));
    let (mut bits, mut held) = (0_u32, 0);
    for octet in octets {
        bits = (bits << 8) | u32::from(*octet);
        held += 8;
        while held >= 5 {
            held -= 5;
            text.push(char::from(ALPHABET[(bits >> held) as usize & 31]));
        }
        bits &= (1 << held) - 1;
    }
    if held > 0 {
        text.push(char::from(ALPHABET[(bits << (5 - held)) as usize & 31]));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const RFC: &[u8] = b"12345678901234567890";

    #[test]
    fn codes_are_those_of_the_standard() {
        // RFC 6238 appendix B, of which the last six digits are taken.
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            let now = Timestamp::from_unix_seconds(seconds);
            assert_eq!(step_of(RFC, code, now), Some(seconds / 30), "{seconds}");
        }
    }

    #[test]
    fn a_step_before_and_after_counts_and_no_other() {
        let at = |seconds| step_of(RFC, "287 082", Timestamp::from_unix_seconds(seconds));
        assert_eq!(at(59), Some(1));
        assert_eq!((at(0), at(89)), (Some(1), Some(1)));
        assert_eq!((at(90), at(120)), (None, None));
    }

    #[test]
    fn what_is_no_code_is_none() {
        for code in ["", "28708", "2870822", "287-82", "２８７０８２"] {
            assert_eq!(step_of(RFC, code, Timestamp::from_unix_seconds(59)), None);
        }
    }

    #[test]
    fn base32_is_that_of_the_standard() {
        // RFC 4648 §10.
        for (octets, text) in [
            ("", ""),
            ("f", "MY"),
            ("fo", "MZXQ"),
            ("foo", "MZXW6"),
            ("foob", "MZXW6YQ"),
            ("fooba", "MZXW6YTB"),
            ("foobar", "MZXW6YTBOI"),
        ] {
            assert_eq!(base32(octets.as_bytes()).as_str(), text);
        }
    }
}
