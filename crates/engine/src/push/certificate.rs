//! The push certificate: request out, certificate in.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mandate_model::Timestamp;
use mandate_pki::certificate::{Certificate, Validity};
use mandate_pki::csr::{self, RequestedAttributes};
use mandate_pki::keys::{KeyKind, PrivateKey};
use mandate_pki::name::DistinguishedName;
use mandate_pki::oid;
use mandate_store::Session;
use serde_json::{Value, json};

use crate::audit::Change;
use crate::enrolment::UNFINISHED;
use crate::{Action, Actor, Engine, EngineError};

const KEY: &str = "push.key";
/// A key that was made for a request and has no certificate yet.
const NEXT_KEY: &str = "push.key.next";
const TOPIC_PREFIX: &str = "com.apple.mgmt.";
const LONGEST_APPLE_ID: usize = 256;

/// The push certificate in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushCertificate {
    /// Topic; devices are bound to it for as long as they are enrolled.
    pub topic: String,
    /// Apple Account that it was requested with; needed to renew it.
    pub apple_id: Option<String>,
    /// Serial number in lower-case hexadecimal.
    pub serial: String,
    /// The certificate, PEM.
    pub certificate_pem: String,
    /// When it expires.
    pub not_after: Timestamp,
    /// When it was stored.
    pub modified_at: Timestamp,
}

impl Engine {
    /// The push certificate in force.
    pub async fn push_certificate(
        &self,
        actor: &Actor,
    ) -> Result<Option<PushCertificate>, EngineError> {
        actor.require(Action::OrganizationRead)?;
        let mut session = self.store().read().await?;
        stored(&mut session).await
    }

    /// A request for a push certificate, DER (PKCS#10). The key stays here; asking again gives the same key until a
    /// certificate for it has come.
    pub async fn push_certificate_request(&self, actor: &Actor) -> Result<Vec<u8>, EngineError> {
        actor.require(Action::OrganizationUpdate)?;
        let mut session = self.store().write().await?;
        let key = if let Some(sealed) = session.find_secret(NEXT_KEY).await? {
            PrivateKey::from_pkcs8(&self.seal().open(NEXT_KEY, &sealed)?)?
        } else {
            let key = PrivateKey::generate(KeyKind::Rsa2048)?;
            let sealed = self.seal().seal(NEXT_KEY, &key.to_pkcs8())?;
            session.set_secret(NEXT_KEY, &sealed, self.now()).await?;
            key
        };
        session.commit().await?;
        let tenant = self.tenant();
        let subject = DistinguishedName::new([
            (oid::COMMON_NAME, format!("mandate {}", tenant.domains[0])),
            (oid::ORGANISATION, tenant.company.clone()),
        ]);
        let request = csr::build(&key, &subject, &RequestedAttributes::default())?;
        Ok(request.der().to_vec())
    }

    /// Stores the certificate that Apple made for the request. The key must be ours, and while devices are enrolled the
    /// topic must stay: they cannot follow to another one. It is used from the next push on.
    pub async fn store_push_certificate(
        &self,
        actor: &Actor,
        text: &str,
        apple_id: Option<String>,
    ) -> Result<PushCertificate, EngineError> {
        self.keep_push_certificate(actor, text, None, apple_id)
            .await
    }

    /// Stores a push certificate with its key, as another server had it: devices that come from there know no other topic.
    /// The key is PEM, not encrypted. Once devices are enrolled here, the topic must stay.
    pub async fn import_push_certificate(
        &self,
        actor: &Actor,
        certificate: &str,
        key: &str,
        apple_id: Option<String>,
    ) -> Result<PushCertificate, EngineError> {
        actor.require(Action::OrganizationUpdate)?;
        let invalid = |rule: &str| EngineError::invalid("key", rule, None);
        let key = PrivateKey::from_pem(key)
            .map_err(|_| invalid("must be a private key in PEM form, without a password"))?;
        self.keep_push_certificate(actor, certificate, Some(key), apple_id)
            .await
    }

    async fn keep_push_certificate(
        &self,
        actor: &Actor,
        text: &str,
        key: Option<PrivateKey>,
        apple_id: Option<String>,
    ) -> Result<PushCertificate, EngineError> {
        actor.require(Action::OrganizationUpdate)?;
        let invalid = |rule: &str| EngineError::invalid("certificate", rule, None);
        let certificate =
            read(text).ok_or_else(|| invalid("must be a certificate, PEM or base64 of DER"))?;
        if let Some(text) = &apple_id
            && (text.chars().count() > LONGEST_APPLE_ID || text.chars().any(char::is_control))
        {
            let rule = "must be one line of up to 256 characters";
            return Err(EngineError::invalid("appleIdentifier", rule, None));
        }
        let now = self.now();
        if certificate.validity_at(now.unix_seconds()) != Validity::Valid {
            return Err(invalid("must be valid now"));
        }
        let topic = certificate
            .subject_attribute(&oid::USER_ID)
            .filter(|topic| topic.starts_with(TOPIC_PREFIX))
            .ok_or_else(|| {
                invalid(
                    "must be a push certificate: its subject names no topic (UID=com.apple.mgmt.…)",
                )
            })?;
        let mut session = self.store().write().await?;
        let key_name = match &key {
            Some(key) if key.public_key_info() == certificate.public_key_info() => KEY,
            Some(_) => return Err(invalid("must belong to the key that came with it")),
            None => self
                .key_of(&mut session, &certificate)
                .await?
                .ok_or_else(|| invalid("must belong to the request that was made here"))?,
        };
        if let Some(before) = session.find_setting("push.topic").await?
            && before != topic
            && self.managed_devices(&mut session).await? > 0
        {
            let rule = format!(
                "must have the topic `{before}` as before, not `{topic}`: devices cannot follow to another one. Renew the \
                 certificate with the same Apple Account and entry"
            );
            return Err(invalid(&rule));
        }
        let before = properties(&mut session).await?;
        if let Some(key) = &key {
            let sealed = self.seal().seal(KEY, &key.to_pkcs8())?;
            session.set_secret(KEY, &sealed, now).await?;
        } else if key_name == NEXT_KEY {
            self.promote_key(&mut session, now).await?;
        }
        session.set_setting("push.topic", &topic).await?;
        session
            .set_setting("push.certificate", &certificate.to_pem())
            .await?;
        session
            .set_setting("push.modified", &now.0.to_string())
            .await?;
        if let Some(apple_id) = &apple_id {
            session.set_setting("push.apple_id", apple_id).await?;
        }
        let after = properties(&mut session).await?;
        let change = Change::update(KIND, ID, &topic, &before, &after);
        self.audit(&mut session, actor, change).await?;
        let result = stored(&mut session).await?;
        session.commit().await?;
        self.forget_push_connection();
        result.ok_or_else(|| {
            EngineError::Internal("the push certificate vanished while it was stored".to_owned())
        })
    }

    /// How many devices keep the push certificate from being removed: the same that keep the management authority from
    /// being reset.
    pub async fn devices_on_push_certificate(&self, actor: &Actor) -> Result<i64, EngineError> {
        actor.require(Action::OrganizationRead)?;
        let mut session = self.store().read().await?;
        self.managed_devices(&mut session).await
    }

    /// Removes the push certificate, once no device is managed that would be out of reach without it.
    pub async fn remove_push_certificate(&self, actor: &Actor) -> Result<(), EngineError> {
        actor.require(Action::OrganizationUpdate)?;
        let mut session = self.store().write().await?;
        let Some(before) = stored(&mut session).await? else {
            return Err(EngineError::not_found(
                "push certificate",
                "applePushNotificationCertificate",
            ));
        };
        let devices = self.managed_devices(&mut session).await?;
        if devices > 0 {
            return Err(EngineError::InUse {
                what: "the push certificate",
                name: before.topic,
                by: vec![managed(devices)],
            });
        }
        let said = properties(&mut session).await?;
        // The topic stays on record: a device that comes back from a backup is bound to it.
        for name in ["push.certificate", "push.modified", "push.apple_id"] {
            session.delete_setting(name).await?;
        }
        session.delete_secret(KEY).await?;
        let change = Change::delete(KIND, ID, &before.topic, said);
        self.audit(&mut session, actor, change).await?;
        session.commit().await?;
        self.forget_push_connection();
        Ok(())
    }

    async fn managed_devices(&self, session: &mut Session) -> Result<i64, EngineError> {
        let begun_after = self.now().plus(-UNFINISHED);
        Ok(session.count_managed_devices(begun_after).await?)
    }

    /// The name of the key that belongs to a certificate.
    async fn key_of(
        &self,
        session: &mut Session,
        certificate: &Certificate,
    ) -> Result<Option<&'static str>, EngineError> {
        for name in [NEXT_KEY, KEY] {
            if let Some(sealed) = session.find_secret(name).await? {
                let key = PrivateKey::from_pkcs8(&self.seal().open(name, &sealed)?)?;
                if key.public_key_info() == certificate.public_key_info() {
                    return Ok(Some(name));
                }
            }
        }
        Ok(None)
    }

    async fn promote_key(&self, session: &mut Session, now: Timestamp) -> Result<(), EngineError> {
        if let Some(sealed) = session.find_secret(NEXT_KEY).await? {
            let key = self.seal().open(NEXT_KEY, &sealed)?;
            session
                .set_secret(KEY, &self.seal().seal(KEY, &key)?, now)
                .await?;
            session.delete_secret(NEXT_KEY).await?;
        }
        Ok(())
    }

    fn forget_push_connection(&self) {
        *self
            .cache()
            .push
            .lock()
            .expect("nobody panics while holding it") = None;
        *self
            .cache()
            .push_problem
            .lock()
            .expect("nobody panics while holding it") = None;
    }

    /// What opens a connection to the push service, if there is a certificate.
    pub(super) async fn push_credentials(
        &self,
        session: &mut Session,
    ) -> Result<Option<super::PushCredentials>, EngineError> {
        let (Some(certificate), Some(sealed)) =
            (stored(session).await?, session.find_secret(KEY).await?)
        else {
            return Ok(None);
        };
        let key = PrivateKey::from_pkcs8(&self.seal().open(KEY, &sealed)?)?;
        let identity_pem =
            zeroize::Zeroizing::new(format!("{}{}", certificate.certificate_pem, *key.to_pem()));
        Ok(Some(super::PushCredentials {
            identity_pem,
            topic: certificate.topic,
        }))
    }
}

fn read(text: &str) -> Option<Certificate> {
    if text.contains("-----BEGIN") {
        return Certificate::from_pem(text).ok();
    }
    let compact: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let bytes = STANDARD.decode(compact).ok()?;
    // Clients send a PEM file as base64 once more.
    match std::str::from_utf8(&bytes) {
        Ok(inner) if inner.contains("-----BEGIN") => Certificate::from_pem(inner).ok(),
        _ => Certificate::from_der(&bytes).ok(),
    }
}

/// What needs the certificate, in words.
fn managed(devices: i64) -> String {
    if devices == 1 {
        "one managed device, which has to be retired first".to_owned()
    } else {
        format!("{devices} managed devices, which have to be retired first")
    }
}

/// When the certificate in force ends.
pub(crate) async fn push_end(session: &mut Session) -> Result<Option<Timestamp>, EngineError> {
    Ok(stored(session).await?.map(|stored| stored.not_after))
}

async fn stored(session: &mut Session) -> Result<Option<PushCertificate>, EngineError> {
    let (Some(topic), Some(certificate_pem)) = (
        session.find_setting("push.topic").await?,
        session.find_setting("push.certificate").await?,
    ) else {
        return Ok(None);
    };
    let certificate = Certificate::from_pem(&certificate_pem)?;
    let modified = session
        .find_setting("push.modified")
        .await?
        .and_then(|text| text.parse().ok());
    Ok(Some(PushCertificate {
        topic,
        apple_id: session.find_setting("push.apple_id").await?,
        serial: certificate.serial_hex(),
        not_after: Timestamp::from_unix_seconds(certificate.not_after()),
        certificate_pem,
        modified_at: Timestamp(modified.unwrap_or_default()),
    }))
}

/// What the audit calls the push certificate.
const KIND: &str = "pushCertificate";
const ID: &str = "applePushNotificationCertificate";

/// What the audit says of the push certificate that is stored; nothing if none is.
async fn properties(session: &mut Session) -> Result<Value, EngineError> {
    let Some(pem) = session.find_setting("push.certificate").await? else {
        return Ok(Value::Null);
    };
    let certificate = Certificate::from_pem(&pem)?;
    let expires = Timestamp::from_unix_seconds(certificate.not_after());
    Ok(json!({
        "topicIdentifier": session.find_setting("push.topic").await?,
        "certificateSerialNumber": certificate.serial_hex(),
        "expirationDateTime": expires.to_string(),
        "appleIdentifier": session.find_setting("push.apple_id").await?,
    }))
}
