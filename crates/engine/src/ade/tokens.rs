//! Tokens: the certificate that goes to Apple, and the token that comes back.

use mandate_model::{Platform, Timestamp};
use mandate_pki::authority::CertificateRequest;
use mandate_pki::certificate::{Certificate, KeyUsages};
use mandate_pki::keys::{KeyKind, PrivateKey};
use mandate_pki::name::DistinguishedName;
use mandate_pki::oid;
use mandate_store::{AdeTokenRecord, Session};
use serde_json::{Value, json};
use uuid::Uuid;

use super::smime;
use crate::audit::Change;
use crate::instance::serial;
use crate::{Action, Actor, Engine, EngineError, Page};

/// The certificate only carries a key to Apple, which looks at nothing else.
const CERTIFICATE_VALID_FOR: i64 = 3 * 365 * Timestamp::DAY;
const LONGEST_NAME: usize = 200;

/// A token of Apple Business Manager or School Manager.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdeToken {
    /// Id.
    pub id: Uuid,
    /// Name.
    pub name: String,
    /// Apple Account that it was fetched with; needed to renew it.
    pub apple_id: Option<String>,
    /// When it ends; `None` as long as none was uploaded.
    pub expires_at: Option<Timestamp>,
    /// Name of the server at Apple.
    pub server_name: Option<String>,
    /// The organisation's name at Apple.
    pub organisation: Option<String>,
    /// Whether it is of Apple School Manager.
    pub is_of_school: bool,
    /// Devices that Apple says are the organisation's.
    pub devices: i64,
    /// When it was last in step with Apple.
    pub synced_at: Option<Timestamp>,
    /// When that was last asked for.
    pub triggered_at: Option<Timestamp>,
    /// Apple's word for what went wrong last, such as `T_C_NOT_SIGNED`; empty if nothing did.
    pub problem: String,
    /// HTTP status of that, 0 where there was none.
    pub problem_code: i64,
    /// Profile for iPhones and iPads that nobody gave one.
    pub default_ios: Option<Uuid>,
    /// The same for Macs.
    pub default_macos: Option<Uuid>,
    /// When somebody last changed it.
    pub modified_at: Timestamp,
}

/// What is to be different about a token; `None` stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AdeTokenChange {
    /// Name.
    pub name: Option<String>,
    /// Apple Account.
    pub apple_id: Option<String>,
}

impl Engine {
    /// Tokens by id.
    pub async fn list_ade_tokens(
        &self,
        actor: &Actor,
        page: Page<Uuid>,
    ) -> Result<Vec<AdeToken>, EngineError> {
        actor.require(Action::OrganizationRead)?;
        let mut session = self.store().read().await?;
        let mut tokens = Vec::new();
        for record in session.list_ade_tokens(page.after, page.limit).await? {
            tokens.push(view(&mut session, record).await?);
        }
        Ok(tokens)
    }

    /// A token.
    pub async fn find_ade_token(
        &self,
        actor: &Actor,
        id: Uuid,
    ) -> Result<Option<AdeToken>, EngineError> {
        actor.require(Action::OrganizationRead)?;
        let mut session = self.store().read().await?;
        match session.find_ade_token(id).await? {
            Some(record) => Ok(Some(view(&mut session, record).await?)),
            None => Ok(None),
        }
    }

    /// Makes room for a token: its certificate can be downloaded then, and the token uploaded.
    pub async fn create_ade_token(
        &self,
        actor: &Actor,
        name: &str,
        apple_id: Option<&str>,
    ) -> Result<AdeToken, EngineError> {
        actor.require(Action::OrganizationUpdate)?;
        let now = self.now();
        let record = AdeTokenRecord {
            id: self.chance().id(now),
            name: text("tokenName", name)?,
            apple_id: apple_id
                .filter(|text| !text.trim().is_empty())
                .map(|apple_id| text("appleIdentifier", apple_id))
                .transpose()?,
            certificate: None,
            expires_at: None,
            account: None,
            cursor: None,
            phase: "full".to_owned(),
            fetch: 1,
            synced_at: None,
            triggered_at: None,
            due_at: None,
            failures: 0,
            problem: String::new(),
            problem_code: 0,
            default_ios: None,
            default_macos: None,
            created_at: now,
            modified_at: now,
        };
        let mut session = self.store().write().await?;
        let most = self.options().ade.limits.tokens;
        if session.count_ade_tokens().await? >= most {
            return Err(EngineError::NotPossible {
                reason: format!(
                    "there are {most} tokens already, which is as many as there may be"
                ),
            });
        }
        session.insert_ade_token(&record).await?;
        let change = Change::create(KIND, record.id, &record.name, properties(&record));
        self.audit(&mut session, actor, change).await?;
        let token = view(&mut session, record).await?;
        session.commit().await?;
        Ok(token)
    }

    /// Changes name or note of a token.
    pub async fn update_ade_token(
        &self,
        actor: &Actor,
        id: Uuid,
        change: &AdeTokenChange,
    ) -> Result<AdeToken, EngineError> {
        actor.require(Action::OrganizationUpdate)?;
        let mut session = self.store().write().await?;
        let before = found(&mut session, id).await?;
        let mut record = before.clone();
        if let Some(name) = &change.name {
            record.name = text("tokenName", name)?;
        }
        if let Some(apple_id) = &change.apple_id {
            record.apple_id = if apple_id.trim().is_empty() {
                None
            } else {
                Some(text("appleIdentifier", apple_id)?)
            };
        }
        self.change_token(&mut session, actor, (&before, record.clone()), "update")
            .await?;
        let token = view(&mut session, record).await?;
        session.commit().await?;
        Ok(token)
    }

    /// Removes a token with what is known of its devices and with its profiles. Devices that are enrolled stay; at Apple
    /// nothing changes.
    pub async fn delete_ade_token(&self, actor: &Actor, id: Uuid) -> Result<(), EngineError> {
        actor.require(Action::OrganizationUpdate)?;
        let mut session = self.store().write().await?;
        let record = found(&mut session, id).await?;
        for name in [key_name(id), next_key_name(id), token_name(id)] {
            session.delete_secret(&name).await?;
        }
        session
            .delete_setting(&super::sync::token_setting(id))
            .await?;
        session.delete_ade_token(id).await?;
        let change = Change::delete(KIND, id, &record.name, properties(&record));
        self.audit(&mut session, actor, change).await?;
        Ok(session.commit().await?)
    }

    /// The certificate (PEM) that is uploaded at Apple: with a new key if asked for, else the one that was made last, if
    /// one was. The key that the present token came for stays until another token comes.
    pub async fn ade_certificate(
        &self,
        actor: &Actor,
        id: Uuid,
        new: bool,
    ) -> Result<String, EngineError> {
        actor.require(if new {
            Action::OrganizationUpdate
        } else {
            Action::OrganizationRead
        })?;
        let mut session = self.store().write().await?;
        let before = found(&mut session, id).await?;
        if !new {
            return before.certificate.ok_or_else(|| EngineError::NotPossible {
                reason: "no key has been made for this token yet: `generateEncryptionPublicKey` makes one".to_owned(),
            });
        }
        let now = self.now();
        let key = PrivateKey::generate(KeyKind::Rsa2048)?;
        let subject = DistinguishedName::new([
            (
                oid::COMMON_NAME,
                format!("mandate {}", self.tenant().domains[0])
                    .chars()
                    .take(64)
                    .collect(),
            ),
            (oid::ORGANISATION, self.tenant().company.clone()),
        ]);
        let mut request =
            CertificateRequest::new(key.public_key_info(), subject, serial(self.chance()));
        request.key_usages = KeyUsages::KEY_ENCIPHERMENT;
        request.not_before = now.plus(-Timestamp::HOUR).unix_seconds();
        request.not_after = now.plus(CERTIFICATE_VALID_FOR).unix_seconds();
        let certificate = request.self_sign(&key)?.to_pem();
        let name = next_key_name(id);
        let sealed = self.seal().seal(&name, &key.to_pkcs8())?;
        session.set_secret(&name, &sealed, now).await?;
        let record = AdeTokenRecord {
            certificate: Some(certificate.clone()),
            ..before.clone()
        };
        self.change_token(
            &mut session,
            actor,
            (&before, record),
            "generateEncryptionPublicKey",
        )
        .await?;
        session.commit().await?;
        Ok(certificate)
    }

    /// Takes the token that Apple made for the certificate. If it is of the same server at Apple, the devices stay; else all
    /// are fetched anew.
    pub async fn upload_ade_token(
        &self,
        actor: &Actor,
        id: Uuid,
        (file, apple_id): (&str, Option<&str>),
    ) -> Result<AdeToken, EngineError> {
        actor.require(Action::OrganizationUpdate)?;
        let invalid = |rule: &str| EngineError::invalid("depToken", rule, None);
        let now = self.now();
        let mut session = self.store().write().await?;
        let before = found(&mut session, id).await?;
        let certificate = before
            .certificate
            .as_deref()
            .and_then(|pem| Certificate::from_pem(pem).ok())
            .ok_or_else(|| invalid("cannot come yet: download the certificate of this token first and upload it at Apple"))?;
        let mut name = next_key_name(id);
        let sealed = if let Some(sealed) = session.find_secret(&name).await? {
            sealed
        } else {
            name = key_name(id);
            let sealed = session.find_secret(&name).await?;
            sealed.ok_or_else(|| EngineError::Internal(format!("the key of token {id} is gone")))?
        };
        let key = PrivateKey::from_pkcs8(&self.seal().open(&name, &sealed)?)?;
        let content = smime::open(file, &key, &certificate).map_err(invalid)?;
        if content.expires_at <= now {
            return Err(invalid("has expired: download a new one at Apple"));
        }
        let current = key_name(id);
        let sealed = self.seal().seal(&current, &key.to_pkcs8())?;
        session.set_secret(&current, &sealed, now).await?;
        session.delete_secret(&next_key_name(id)).await?;
        let secret = token_name(id);
        let sealed = self
            .seal()
            .seal(&secret, smime::kept(&content).as_bytes())?;
        session.set_secret(&secret, &sealed, now).await?;
        let mut record = AdeTokenRecord {
            expires_at: Some(content.expires_at),
            ..before.clone()
        };
        if let Some(apple_id) = apple_id.filter(|text| !text.trim().is_empty()) {
            record.apple_id = Some(text("appleIdentifier", apple_id)?);
        }
        self.change_token(&mut session, actor, (&before, record), "uploadDepToken")
            .await?;
        session.start_ade_over(id).await?;
        session.trigger_ade_token(id, now, now).await?;
        let record = found(&mut session, id).await?;
        let token = view(&mut session, record).await?;
        session.commit().await?;
        self.forget_ade_session(id);
        Ok(token)
    }

    /// Has a token brought in step with Apple as soon as the background comes to it.
    pub async fn sync_ade_token(&self, actor: &Actor, id: Uuid) -> Result<(), EngineError> {
        actor.require(Action::OrganizationUpdate)?;
        let now = self.now();
        let mut session = self.store().write().await?;
        let record = found(&mut session, id).await?;
        if record.expires_at.is_none() {
            return Err(EngineError::NotPossible {
                reason: "no token has been uploaded yet, so there is nothing to synchronise"
                    .to_owned(),
            });
        }
        session.trigger_ade_token(id, now, now).await?;
        let change = Change::action(
            "syncWithAppleDeviceEnrollmentProgram",
            KIND,
            id,
            &record.name,
            Value::Null,
        );
        self.audit(&mut session, actor, change).await?;
        Ok(session.commit().await?)
    }

    pub(super) async fn change_token(
        &self,
        session: &mut Session,
        actor: &Actor,
        (before, mut record): (&AdeTokenRecord, AdeTokenRecord),
        activity: &'static str,
    ) -> Result<(), EngineError> {
        record.modified_at = self.now();
        session.update_ade_token(&record).await?;
        let (said, after) = (properties(before), properties(&record));
        let change = match activity {
            "update" => Change::update(KIND, record.id, &record.name, &said, &after),
            other => Change::act(other, KIND, record.id, &record.name, said, after),
        };
        self.audit(session, actor, change).await
    }
}

/// A token, or that there is none.
pub(super) async fn found(session: &mut Session, id: Uuid) -> Result<AdeTokenRecord, EngineError> {
    session
        .find_ade_token(id)
        .await?
        .ok_or_else(|| EngineError::not_found("token of automated enrolment", id))
}

pub(super) fn token_name(id: Uuid) -> String {
    format!("ade.token.{id}")
}

fn key_name(id: Uuid) -> String {
    format!("ade.key.{id}")
}

/// The key of a certificate that no token has come for yet.
fn next_key_name(id: Uuid) -> String {
    format!("ade.key.next.{id}")
}

async fn view(session: &mut Session, record: AdeTokenRecord) -> Result<AdeToken, EngineError> {
    let account: Value = record
        .account
        .as_deref()
        .and_then(|text| serde_json::from_str(text).ok())
        .unwrap_or_default();
    let said = |name: &str| account[name].as_str().map(str::to_owned);
    Ok(AdeToken {
        devices: session.count_ade_devices(record.id).await?,
        id: record.id,
        name: record.name,
        apple_id: record.apple_id,
        expires_at: record.expires_at,
        server_name: said("server_name"),
        organisation: said("org_name"),
        is_of_school: said("org_type").as_deref() == Some("edu"),
        synced_at: record.synced_at,
        triggered_at: record.triggered_at,
        problem: record.problem,
        problem_code: record.problem_code,
        default_ios: record.default_ios,
        default_macos: record.default_macos,
        modified_at: record.modified_at,
    })
}

pub(super) fn text(property: &str, text: &str) -> Result<String, EngineError> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > LONGEST_NAME || text.chars().any(char::is_control)
    {
        return Err(EngineError::invalid(
            property,
            "must be text of 1 to 200 characters",
            Some(text),
        ));
    }
    Ok(text.to_owned())
}

/// The word for a platform among default profiles.
pub(super) fn default_of(record: &AdeTokenRecord, platform: Platform) -> Option<Uuid> {
    match platform {
        Platform::Ios => record.default_ios,
        Platform::MacOs => record.default_macos,
    }
}

/// What the audit calls a token.
const KIND: &str = "depOnboardingSetting";

/// What the audit says of a token: nothing that is secret.
fn properties(record: &AdeTokenRecord) -> Value {
    let certificate = record
        .certificate
        .as_deref()
        .and_then(|pem| Certificate::from_pem(pem).ok())
        .map(|certificate| certificate.serial_hex());
    json!({
        "tokenName": record.name,
        "appleIdentifier": record.apple_id,
        "tokenExpirationDateTime": record.expires_at.map(|at| at.to_string()),
        "encryptionCertificateSerialNumber": certificate,
        "defaultIosEnrollmentProfile": record.default_ios,
        "defaultMacOsEnrollmentProfile": record.default_macos,
    })
}
