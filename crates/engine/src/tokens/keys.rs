//! The keys that sign tokens: made, kept, read.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use mandate_model::{TenantId, Timestamp};
use mandate_pki::authority::CertificateRequest;
use mandate_pki::certificate::{Certificate, KeyUsages};
use mandate_pki::keys::{KeyKind, PrivateKey, PublicKey};
use mandate_pki::name::DistinguishedName;
use mandate_pki::seal::SealKey;
use mandate_store::{Session, TokenKeyRecord};
use serde_json::{Value, json};

use crate::instance::serial;
use crate::{Chance, EngineError};

/// What every library verifies.
const KIND: KeyKind = KeyKind::Rsa2048;
/// The certificates around the keys are there for clients that look for one; they outlast every key.
const CERTIFICATE_DAYS: i64 = 3650;

/// A key that signs, or signed, tokens.
pub(super) struct SigningKey {
    /// SHA-1 of its certificate in base64url, as Entra names its keys.
    pub(super) id: String,
    pub(super) signs_from: Timestamp,
    pub(super) verifies_until: Option<Timestamp>,
    pub(super) private: PrivateKey,
    pub(super) public: PublicKey,
    certificate: Vec<u8>,
}

/// What is said of a token key to administrators.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenKeyView {
    /// Its id, as in `kid`.
    pub id: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it signs.
    pub signs_from: Timestamp,
    /// Until when it verifies; none while no successor is there.
    pub verifies_until: Option<Timestamp>,
    /// Whether it is the one that signs now.
    pub signs_now: bool,
}

/// All keys at one number of their counter.
pub(crate) struct KeyRing {
    pub(super) number: i64,
    pub(super) tenant: TenantId,
    pub(super) keys: Vec<SigningKey>,
}

impl KeyRing {
    /// Reads and opens the keys.
    pub(crate) async fn read(
        session: &mut Session,
        seal: &SealKey,
        tenant: TenantId,
    ) -> Result<Self, EngineError> {
        // The number first: a change that comes meanwhile is found at the next look.
        let number = session.token_key_number().await?;
        let mut keys = Vec::new();
        for record in session.list_token_keys().await? {
            let name = secret_name(&record.id);
            let sealed =
                session
                    .find_secret(&name)
                    .await?
                    .ok_or_else(|| EngineError::NotPossible {
                        reason: format!(
                            "the secret `{name}` is not in the database: restore a backup"
                        ),
                    })?;
            let pkcs8 = seal
                .open(&name, &sealed)
                .map_err(|_| EngineError::NotPossible {
                    reason: format!(
                        "the secret `{name}` does not open with the key file of this data directory"
                    ),
                })?;
            keys.push(SigningKey::of(record, PrivateKey::from_pkcs8(&pkcs8)?)?);
        }
        if keys.is_empty() {
            return Err(EngineError::NotPossible {
                reason: "no key for tokens is in the database: restore a backup".to_owned(),
            });
        }
        Ok(Self {
            number,
            tenant,
            keys,
        })
    }

    /// The key that signs at a moment: of those whose time has come, the newest.
    pub(super) fn signing(&self, now: Timestamp) -> Option<&SigningKey> {
        self.keys
            .iter()
            .filter(|key| key.signs_from <= now)
            .max_by_key(|key| key.signs_from)
    }

    /// A key that still verifies.
    pub(super) fn verifying(&self, id: &str, now: Timestamp) -> Option<&SigningKey> {
        self.keys.iter().find(|key| key.id == id && key.lives(now))
    }

    /// The public keys, those to come included, as a JSON Web Key Set (RFC 7517 §5).
    pub(super) fn key_set(&self, now: Timestamp) -> Value {
        let keys: Vec<Value> = self
            .keys
            .iter()
            .filter(|key| key.lives(now))
            .map(SigningKey::jwk)
            .collect();
        json!({ "keys": keys })
    }
}

impl SigningKey {
    fn of(record: TokenKeyRecord, private: PrivateKey) -> Result<Self, EngineError> {
        Ok(Self {
            public: private.public_key()?,
            id: record.id,
            signs_from: record.signs_from,
            verifies_until: record.verifies_until,
            private,
            certificate: record.certificate,
        })
    }

    fn lives(&self, now: Timestamp) -> bool {
        self.verifies_until.is_none_or(|until| now < until)
    }

    fn jwk(&self) -> Value {
        let (modulus, exponent) = self.public.rsa_components().unwrap_or_default();
        json!({
            "kty": "RSA",
            "use": "sig",
            "alg": "RS256",
            "kid": self.id,
            "x5t": self.id,
            "n": URL_SAFE_NO_PAD.encode(modulus),
            "e": URL_SAFE_NO_PAD.encode(exponent),
            "x5c": [STANDARD.encode(&self.certificate)],
        })
    }
}

/// What the database calls a key.
pub(super) fn secret_name(id: &str) -> String {
    format!("token/{id}")
}

/// Makes a key that signs from a moment on, and keeps it; its record.
pub(crate) async fn keep_new_key(
    session: &mut Session,
    seal: &SealKey,
    chance: &dyn Chance,
    now: Timestamp,
    signs_from: Timestamp,
) -> Result<TokenKeyRecord, EngineError> {
    let key = PrivateKey::generate(KIND)?;
    let certificate = certificate(&key, chance, now)?;
    let id = URL_SAFE_NO_PAD.encode(certificate.sha1());
    let name = secret_name(&id);
    let sealed = seal.seal(&name, &key.to_pkcs8())?;
    session.set_secret(&name, &sealed, now).await?;
    let record = TokenKeyRecord {
        id,
        signs_from,
        verifies_until: None,
        certificate: certificate.der().to_vec(),
        created_at: now,
    };
    session.insert_token_key(&record).await?;
    session.raise_token_key_number().await?;
    Ok(record)
}

fn certificate(
    key: &PrivateKey,
    chance: &dyn Chance,
    now: Timestamp,
) -> Result<Certificate, EngineError> {
    let mut request = CertificateRequest::new(
        key.public_key_info(),
        DistinguishedName::common_name("mandate token signing"),
        serial(chance),
    );
    request.key_usages = KeyUsages::DIGITAL_SIGNATURE;
    request.not_before = now.plus(-Timestamp::HOUR).unix_seconds();
    request.not_after = now.plus(CERTIFICATE_DAYS * Timestamp::DAY).unix_seconds();
    Ok(request.self_sign(key)?)
}
