//! Secrets and certificates of clients.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use mandate_model::{AppId, Timestamp};
use mandate_pki::certificate::Certificate;
use mandate_store::{AppCertificateRecord, AppRecord, AppSecretRecord, Session};
use serde_json::json;
use uuid::Uuid;

use super::register::require_gifts;
use super::view::held;
use crate::audit::Change;
use crate::{Action, Actor, Engine, EngineError};

/// Secrets, or certificates, of one client at most.
pub const MOST_CREDENTIALS: usize = 10;
/// Days for which a secret is good unless something else is said.
const USUAL_DAYS: i64 = 730;
const LONGEST_NAME: usize = 90;
/// Characters of a secret that are shown later.
const HINT: usize = 3;
/// Smallest key of a certificate, in bits.
const SMALLEST_KEY: usize = 2048;

/// How long a secret is to be good.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SecretLife {
    /// Two years.
    #[default]
    Usual,
    /// Until then.
    Until(Timestamp),
}

/// What is said of a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretCredential {
    /// Its id.
    pub id: Uuid,
    /// Name for administrators; may be empty.
    pub name: String,
    /// Its first characters.
    pub hint: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// A secret just made, which cannot be asked for again.
#[derive(Clone, PartialEq, Eq)]
pub struct NewSecret {
    /// What is said of it from now on.
    pub credential: SecretCredential,
    /// The secret.
    pub secret: String,
}

impl std::fmt::Debug for NewSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewSecret")
            .field("credential", &self.credential)
            .finish_non_exhaustive()
    }
}

/// What is said of a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateCredential {
    /// Its id.
    pub id: Uuid,
    /// Name for administrators.
    pub name: String,
    /// SHA-1 of the certificate.
    pub sha1: Vec<u8>,
    /// SHA-256 of the certificate.
    pub sha256: Vec<u8>,
    /// The certificate, DER.
    pub der: Vec<u8>,
    /// Valid from.
    pub not_before: Timestamp,
    /// Valid until.
    pub not_after: Timestamp,
    /// When it was added.
    pub created_at: Timestamp,
}

impl From<AppSecretRecord> for SecretCredential {
    fn from(record: AppSecretRecord) -> Self {
        Self {
            id: record.id,
            name: record.name,
            hint: record.hint,
            created_at: record.created_at,
            expires_at: record.expires_at,
        }
    }
}

impl From<AppCertificateRecord> for CertificateCredential {
    fn from(record: AppCertificateRecord) -> Self {
        Self {
            id: record.id,
            name: record.name,
            sha1: record.sha1,
            sha256: record.sha256,
            der: record.der,
            not_before: record.not_before,
            not_after: record.not_after,
            created_at: record.created_at,
        }
    }
}

impl Engine {
    /// Gives a client one more secret.
    pub async fn add_app_secret(
        &self,
        actor: &Actor,
        id: AppId,
        name: &str,
        life: SecretLife,
    ) -> Result<NewSecret, EngineError> {
        actor.require(Action::AppsUpdate)?;
        let mut session = self.store().write().await?;
        let record = held(&mut session, id).await?;
        require_gifts(&mut session, actor, &record).await?;
        let new = new_secret(self, &mut session, &record, name, life).await?;
        let after = json!({
            "keyId": new.credential.id, "credentialName": new.credential.name,
            "endDateTime": new.credential.expires_at.to_string(),
        });
        let change = Change::action("addPassword", "app", id, &record.name, after);
        self.audit(&mut session, actor, change).await?;
        session.commit().await?;
        Ok(new)
    }

    /// Takes a secret away; it opens nothing from now on. Tokens that were given for it last their hour.
    pub async fn remove_app_secret(
        &self,
        actor: &Actor,
        id: AppId,
        secret: Uuid,
    ) -> Result<(), EngineError> {
        actor.require(Action::AppsUpdate)?;
        let mut session = self.store().write().await?;
        let record = held(&mut session, id).await?;
        if !session.delete_app_secret(id, secret).await? {
            return Err(EngineError::not_found("secret", secret));
        }
        let after = json!({ "keyId": secret });
        let change = Change::action("removePassword", "app", id, &record.name, after);
        self.audit(&mut session, actor, change).await?;
        Ok(session.commit().await?)
    }

    /// Gives a client one more certificate (PEM or DER), whose key it may sign with.
    pub async fn add_app_certificate(
        &self,
        actor: &Actor,
        id: AppId,
        name: &str,
        bytes: &[u8],
    ) -> Result<CertificateCredential, EngineError> {
        actor.require(Action::AppsUpdate)?;
        let certificate = readable(bytes)?;
        let now = self.now();
        let mut session = self.store().write().await?;
        let record = held(&mut session, id).await?;
        require_gifts(&mut session, actor, &record).await?;
        let sha256 = certificate.sha256().to_vec();
        let all = session.app_certificates(id).await?;
        if all.iter().any(|one| one.sha256 == sha256) {
            return Err(EngineError::AlreadyExists {
                what: "certificate",
                property: "thumbprint",
                value: crate::instance::hex(&certificate.sha1()),
            });
        }
        require_room(all.len())?;
        let subject = certificate.subject();
        let new = AppCertificateRecord {
            id: self.chance().id(now),
            app: id,
            name: checked_name(
                if name.trim().is_empty() {
                    &subject
                } else {
                    name
                },
                true,
            )?,
            sha256,
            sha1: certificate.sha1().to_vec(),
            der: certificate.der().to_vec(),
            not_before: Timestamp::from_unix_seconds(certificate.not_before()),
            not_after: Timestamp::from_unix_seconds(certificate.not_after()),
            created_at: now,
        };
        if new.not_after <= now {
            return Err(invalid_certificate("must not have expired"));
        }
        session.insert_app_certificate(&new).await?;
        let after = json!({
            "keyId": new.id, "thumbprint": crate::instance::hex(&new.sha1),
            "endDateTime": new.not_after.to_string(),
        });
        let change = Change::action("addCertificate", "app", id, &record.name, after);
        self.audit(&mut session, actor, change).await?;
        session.commit().await?;
        Ok(new.into())
    }

    /// Takes a certificate away; its key opens nothing from now on.
    pub async fn remove_app_certificate(
        &self,
        actor: &Actor,
        id: AppId,
        certificate: Uuid,
    ) -> Result<(), EngineError> {
        actor.require(Action::AppsUpdate)?;
        let mut session = self.store().write().await?;
        let record = held(&mut session, id).await?;
        if !session.delete_app_certificate(id, certificate).await? {
            return Err(EngineError::not_found("certificate", certificate));
        }
        let after = json!({ "keyId": certificate });
        let change = Change::action("removeCertificate", "app", id, &record.name, after);
        self.audit(&mut session, actor, change).await?;
        Ok(session.commit().await?)
    }
}

/// Makes and keeps a secret of 256 random bits.
pub(super) async fn new_secret(
    engine: &Engine,
    session: &mut Session,
    app: &AppRecord,
    name: &str,
    life: SecretLife,
) -> Result<NewSecret, EngineError> {
    require_room(session.app_secrets(app.id).await?.len())?;
    let now = engine.now();
    let expires_at = match life {
        SecretLife::Usual => now.plus(USUAL_DAYS * Timestamp::DAY),
        SecretLife::Until(until) => until,
    };
    if expires_at <= now {
        return Err(EngineError::invalid(
            "endDateTime",
            "must be in the future",
            Some(&expires_at.to_string()),
        ));
    }
    let secret = URL_SAFE_NO_PAD.encode(engine.chance().key());
    let record = AppSecretRecord {
        id: engine.chance().id(now),
        app: app.id,
        name: checked_name(name, false)?,
        hint: secret.chars().take(HINT).collect(),
        hash: mandate_pki::sha256(secret.as_bytes()).to_vec(),
        created_at: now,
        expires_at,
    };
    session.insert_app_secret(&record).await?;
    Ok(NewSecret {
        credential: record.into(),
        secret,
    })
}

fn require_room(held: usize) -> Result<(), EngineError> {
    if held < MOST_CREDENTIALS {
        return Ok(());
    }
    Err(EngineError::NotPossible {
        reason: format!("a client has {MOST_CREDENTIALS} of them at most: remove one first"),
    })
}

/// With `cut` a name that is too long is shortened, as a certificate's subject may be.
fn checked_name(name: &str, cut: bool) -> Result<String, EngineError> {
    let name = name.trim();
    let length = name.chars().count();
    if (length > LONGEST_NAME && !cut) || name.chars().any(char::is_control) {
        return Err(EngineError::invalid(
            "displayName",
            "must have 90 characters at most",
            Some(name),
        ));
    }
    Ok(name.chars().take(LONGEST_NAME).collect())
}

fn readable(bytes: &[u8]) -> Result<Certificate, EngineError> {
    let certificate = match std::str::from_utf8(bytes) {
        Ok(text) if text.contains("-----BEGIN") => Certificate::from_pem(text),
        _ => Certificate::from_der(bytes),
    };
    let certificate =
        certificate.map_err(|_| invalid_certificate("must be a certificate in PEM or DER"))?;
    let is_usable = certificate
        .public_key()
        .is_ok_and(|key| key.is_rsa() && key.bits() >= SMALLEST_KEY);
    if is_usable {
        Ok(certificate)
    } else {
        Err(invalid_certificate(
            "must have an RSA key of 2048 bits or more",
        ))
    }
}

fn invalid_certificate(rule: &str) -> EngineError {
    EngineError::invalid("keyCredentials", rule, None)
}
