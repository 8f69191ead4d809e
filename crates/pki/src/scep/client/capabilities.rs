use crate::{DigestAlgorithm, Error, Result, cms::ContentCipher, scep::Policy};

/// How a request is encrypted and signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Algorithms {
    /// The cipher of the request
    pub cipher: ContentCipher,
    /// The digest of its signature
    pub digest: DigestAlgorithm,
}

/// What a server can do, by its answer to `GetCACaps` (RFC 8894 §3.5.2).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Capabilities {
    words: Vec<String>,
}

impl Capabilities {
    /// Reads one word a line. A server that answers anything else than such lines can do nothing.
    pub fn parse(text: &str) -> Self {
        let words = text
            .lines()
            .map(str::trim)
            .filter(|word| !word.is_empty() && word.len() <= MAX_WORD)
            .take(MAX_WORDS)
            .map(str::to_ascii_lowercase)
            .collect();
        Self { words }
    }

    /// Whether a word is there; letter case does not count.
    pub fn has(&self, word: &str) -> bool {
        self.words
            .iter()
            .any(|known| known.eq_ignore_ascii_case(word))
    }

    /// Whether `PKIOperation` may be sent by POST. Requests by GET are not made here, so without it there is nothing to ask.
    pub fn takes_post(&self) -> bool {
        self.has("POSTPKIOperation") || self.has("SCEPStandard")
    }

    /// Whether a certificate may be renewed by its own signature.
    pub fn renews(&self) -> bool {
        self.has("Renewal") || self.has("Update")
    }

    /// The best cipher and digest that server and policy both know: AES-128, which servers that say `AES` agree on (RFC 8894
    /// §3.5.2), else triple DES, else, as servers of old silently expect, single DES. A server that lists no SHA-2 is sent
    /// SHA-256 all the same: nothing here signs over SHA-1.
    pub fn algorithms(&self, policy: Policy) -> Result<Algorithms> {
        let standard = self.has("SCEPStandard");
        let cipher = if standard || self.has("AES") {
            ContentCipher::Aes128Cbc
        } else if self.has("DES3") {
            ContentCipher::TripleDesCbc
        } else if policy.allow_single_des {
            ContentCipher::SingleDesCbc
        } else {
            return Err(Error::Forbidden("single DES"));
        };
        let digest = if !standard && !self.has("SHA-256") && self.has("SHA-512") {
            DigestAlgorithm::Sha512
        } else {
            DigestAlgorithm::Sha256
        };
        Ok(Algorithms { cipher, digest })
    }
}

const MAX_WORDS: usize = 64;
const MAX_WORD: usize = 64;
