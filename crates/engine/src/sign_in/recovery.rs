//! Recovery codes: ten, each of one use.

use mandate_model::UserId;
use mandate_pki::hmac_sha256;
use mandate_store::Session;

use super::totp::base32;
use crate::{Engine, EngineError};

const HOW_MANY: usize = 10;
/// Ten characters of base32 are 50 bits.
const OCTETS: usize = 7;
const CHARACTERS: usize = 10;

impl Engine {
    /// Replaces a person's recovery codes; these are shown once.
    pub(super) async fn make_recovery_codes(
        &self,
        session: &mut Session,
        user: UserId,
    ) -> Result<Vec<String>, EngineError> {
        let codes: Vec<String> = (0..HOW_MANY).map(|_| self.recovery_code()).collect();
        let hashes: Vec<[u8; 32]> = codes
            .iter()
            .map(|code| self.recovery_hash(user, code))
            .collect();
        session.replace_recovery_codes(user, &hashes).await?;
        Ok(codes)
    }

    /// What the database knows a code by: short as it is, it needs a key that is not in the database.
    pub(super) fn recovery_hash(&self, user: UserId, code: &str) -> [u8; 32] {
        let key = hmac_sha256(self.challenge_key(), b"sign-in: recovery codes");
        hmac_sha256(&key, format!("{user} {}", plain(code)).as_bytes())
    }

    fn recovery_code(&self) -> String {
        let mut octets = [0; OCTETS];
        self.chance().fill(&mut octets);
        let text = base32(&octets);
        format!(
            "{}-{}",
            &text[..CHARACTERS / 2],
            &text[CHARACTERS / 2..CHARACTERS]
        )
    }
}

/// Without what people add or confuse: blanks, hyphens, letter case, and digits that the alphabet does not have.
fn plain(code: &str) -> String {
    code.chars()
        .take(64)
        .filter(char::is_ascii_alphanumeric)
        .map(|c| match c.to_ascii_uppercase() {
            '0' => 'O',
            '1' => 'I',
            '8' => 'B',
            other => other,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_as_people_write_it() {
        assert_eq!(plain(" abcde fgh0k "), "ABCDEFGHOK");
        assert_eq!(plain("ABCDE-FGHOK"), "ABCDEFGHOK");
    }
}
