//! The issuing authorities of the instance in memory: one issues, those put aside answer for what they issued.

use std::sync::Arc;

use mandate_model::Timestamp;
use mandate_pki::authority::{Authority, Delegation, Registration, SerialNumber};
use mandate_pki::certificate::Certificate;
use mandate_pki::keys::{KeyKind, PrivateKey};
use mandate_pki::scep::Responder;
use mandate_pki::seal::SealKey;
use mandate_store::{AuthorityRecord, AuthorityState, CertificateRecord, Session};

use super::{Keys, authority_id, certificate};
use crate::certificates::{OcspIdentity, RevocationList};
use crate::{Chance, Engine, EngineError};

/// What registration authorities are called in the list of certificates.
const REGISTRATION: &str = "registration";
/// The key of a registration authority: what every SCEP client can encrypt to.
const REGISTRATION_KEY: KeyKind = KeyKind::Rsa2048;

/// An issuing authority with what it answers with.
pub(crate) struct IssuingAuthority {
    pub(crate) key_id: String,
    pub(crate) origin: String,
    pub(crate) created_at: Timestamp,
    pub(crate) authority: Arc<Authority>,
    /// The newest list of revoked certificates.
    pub(crate) revocations: tokio::sync::Mutex<Option<RevocationList>>,
    /// Who answers for it by OCSP.
    pub(crate) responder: tokio::sync::Mutex<Option<Arc<OcspIdentity>>>,
}

/// All authorities at one number of their counter.
pub(crate) struct Authorities {
    number: i64,
    current: Arc<IssuingAuthority>,
    all: Vec<Arc<IssuingAuthority>>,
    root: Certificate,
}

impl Authorities {
    /// Reads them from the database; those of `before` that did not change are kept with all that they remember.
    pub(super) async fn read(
        session: &mut Session,
        seal: &SealKey,
        before: Option<&Self>,
    ) -> Result<Self, EngineError> {
        // The number first: a change that comes meanwhile is found at the next look.
        let number = session.authority_number().await?;
        let root = certificate(session, "ca.root").await?;
        let mut all = Vec::new();
        let mut current = None;
        for record in session.list_authorities().await? {
            let known = before.and_then(|before| before.unchanged(&record));
            let authority = match known {
                Some(known) => known,
                None => Arc::new(IssuingAuthority::open(session, seal, &record).await?),
            };
            if record.state == AuthorityState::Current {
                current = Some(authority.clone());
            }
            all.push(authority);
        }
        let current = current.ok_or_else(|| EngineError::NotPossible {
            reason: "no certificate authority is in the database: restore a backup".to_owned(),
        })?;
        Ok(Self {
            number,
            current,
            all,
            root,
        })
    }

    fn unchanged(&self, record: &AuthorityRecord) -> Option<Arc<IssuingAuthority>> {
        self.find(&record.key_id)
            .filter(|known| known.is(record))
            .cloned()
    }

    /// The one that issues.
    pub(crate) fn current(&self) -> &Arc<IssuingAuthority> {
        &self.current
    }

    /// All of them, in the order in which they were made.
    pub(crate) fn all(&self) -> &[Arc<IssuingAuthority>] {
        &self.all
    }

    /// The root that devices trust from their enrolment on, under which this server's own certificates are issued.
    pub(crate) fn root(&self) -> &Certificate {
        &self.root
    }

    /// The one with this key id, lower-case hexadecimal.
    pub(crate) fn find(&self, key_id: &str) -> Option<&Arc<IssuingAuthority>> {
        self.all.iter().find(|one| one.key_id == key_id)
    }

    /// The one that issued a certificate.
    pub(crate) fn issuer_of(&self, leaf: &Certificate) -> Option<&Arc<IssuingAuthority>> {
        // The newest first: it is asked about most.
        self.all
            .iter()
            .rev()
            .find(|one| one.authority.verify_chain(leaf).is_ok())
    }

    /// The newest under the root that devices trust: what this server shows in TLS must not change its root.
    pub(crate) fn for_server(&self) -> &Arc<IssuingAuthority> {
        let under_root = |one: &&Arc<IssuingAuthority>| one.authority.root() == &self.root;
        let current = Some(&self.current).filter(under_root);
        let newest = self.all.iter().rev().find(under_root);
        current.or(newest).unwrap_or(&self.current)
    }

    /// Whom SCEP requests may be encrypted for, the current one first.
    pub(crate) fn responders(&self) -> Vec<Responder<'_>> {
        let others = self
            .all
            .iter()
            .filter(|one| one.key_id != self.current.key_id);
        std::iter::once(&self.current)
            .chain(others)
            .map(|one| Responder::of(&one.authority))
            .collect()
    }
}

impl IssuingAuthority {
    async fn open(
        session: &mut Session,
        seal: &SealKey,
        record: &AuthorityRecord,
    ) -> Result<Self, EngineError> {
        let mut keys = Keys { session, seal };
        let key = PrivateKey::from_pkcs8(&keys.open(&key_name(&record.key_id)).await?)?;
        let mut certificates = vec![Certificate::from_der(&record.certificate)?];
        certificates.extend(Certificate::all_from_pem(&record.chain)?);
        let mut authority = Authority::import(&certificates, key)?;
        if let Some(registration) = &record.registration {
            let key = keys.open(&registration_key_name(&record.key_id)).await?;
            authority = authority.with_registration(Registration {
                key: PrivateKey::from_pkcs8(&key)?,
                certificate: Certificate::from_der(registration)?,
            })?;
        }
        Ok(Self {
            key_id: record.key_id.clone(),
            origin: record.origin.clone(),
            created_at: record.created_at,
            authority: Arc::new(authority),
            revocations: tokio::sync::Mutex::default(),
            responder: tokio::sync::Mutex::default(),
        })
    }

    fn is(&self, record: &AuthorityRecord) -> bool {
        let registration = self.authority.registration();
        self.authority.issuing().der() == record.certificate
            && chain_pem(&self.authority) == record.chain
            && registration.map(|(certificate, _)| certificate.der())
                == record.registration.as_deref()
    }
}

/// A new authority on its way into the database.
pub(crate) struct NewAuthority<'a> {
    pub(crate) session: &'a mut Session,
    pub(crate) seal: &'a SealKey,
    pub(crate) chance: &'a dyn Chance,
    pub(crate) now: Timestamp,
}

impl NewAuthority<'_> {
    /// Makes it the current one, with a registration authority if SCEP needs one; its key id.
    pub(crate) async fn keep(
        &mut self,
        authority: Authority,
        origin: &str,
    ) -> Result<String, EngineError> {
        let key_id = authority_id(authority.issuing());
        let authority = self.with_registration(authority)?;
        self.seal_key(&key_name(&key_id), authority.issuing_key())
            .await?;
        let registration = authority.registration();
        if let Some((certificate, key)) = registration {
            self.seal_key(&registration_key_name(&key_id), key).await?;
            let record = own_record(certificate, key_id.clone(), REGISTRATION, self.now);
            self.session.insert_certificate(&record).await?;
        }
        let issuing = authority.issuing();
        let record = AuthorityRecord {
            key_id: key_id.clone(),
            state: AuthorityState::Current,
            certificate: issuing.der().to_vec(),
            chain: chain_pem(&authority),
            registration: registration.map(|(certificate, _)| certificate.der().to_vec()),
            origin: origin.to_owned(),
            created_at: self.now,
            not_after: Timestamp::from_unix_seconds(issuing.not_after()),
        };
        self.session.set_current_authority(&record).await?;
        Ok(key_id)
    }

    /// Keeps the key of a root.
    pub(crate) async fn keep_root_key(&mut self, key: &PrivateKey) -> Result<(), EngineError> {
        let name = root_key_name(&key.public_key()?.key_id());
        self.seal_key(&name, key).await
    }

    fn with_registration(&self, authority: Authority) -> Result<Authority, EngineError> {
        if !authority.needs_registration() {
            return Ok(authority);
        }
        let delegation = Delegation {
            serial: serial(self.chance),
            not_before: self.now.plus(-Timestamp::HOUR).unix_seconds(),
            not_after: authority.issuing().not_after(),
        };
        let registration = authority.issue_registration(REGISTRATION_KEY, delegation)?;
        Ok(authority.with_registration(registration)?)
    }

    async fn seal_key(&mut self, name: &str, key: &PrivateKey) -> Result<(), EngineError> {
        let sealed = self.seal.seal(name, &key.to_pkcs8())?;
        Ok(self.session.set_secret(name, &sealed, self.now).await?)
    }
}

/// A random serial number.
pub(crate) fn serial(chance: &dyn Chance) -> SerialNumber {
    SerialNumber::generate(&mut |buffer: &mut [u8]| chance.fill(buffer))
}

/// The record of a certificate that an authority issued to this server itself.
pub(crate) fn own_record(
    certificate: &Certificate,
    issuer: String,
    purpose: &str,
    now: Timestamp,
) -> CertificateRecord {
    CertificateRecord {
        sha256: certificate.sha256().to_vec(),
        serial: certificate.serial_hex(),
        issuer,
        der: certificate.der().to_vec(),
        subject: certificate.subject(),
        purpose: purpose.to_owned(),
        ticket_id: None,
        device_id: None,
        user_id: None,
        profile_id: None,
        slot: None,
        not_before: Timestamp::from_unix_seconds(certificate.not_before()),
        not_after: Timestamp::from_unix_seconds(certificate.not_after()),
        issued_at: now,
        revoked_at: None,
        revocation_reason: None,
    }
}

/// The certificates above an issuing one, PEM, the root last.
pub(crate) fn chain_pem(authority: &Authority) -> String {
    let chain = authority.chain();
    chain.iter().skip(1).map(Certificate::to_pem).collect()
}

/// What the database calls the key of an authority.
pub(crate) fn key_name(key_id: &str) -> String {
    format!("authority/{key_id}")
}

fn registration_key_name(key_id: &str) -> String {
    format!("authority/{key_id}/registration")
}

/// What the database calls the key of a root.
pub(crate) fn root_key_name(key_id: &[u8]) -> String {
    format!("root/{}", super::hex(key_id))
}

impl Engine {
    /// The certificate authority that issues now.
    pub fn authority(&self) -> Arc<Authority> {
        self.authorities().current().authority.clone()
    }

    /// The root that devices trust from their enrolment on: that of this server's own certificate. An authority that was
    /// imported may have another.
    pub fn root(&self) -> Certificate {
        self.authorities().root().clone()
    }

    /// All authorities as they are known at this moment.
    pub(crate) fn authorities(&self) -> Arc<Authorities> {
        self.inner
            .authorities
            .read()
            .expect("nobody panics while holding the authorities")
            .clone()
    }

    /// What the database calls the authority that issues now.
    pub(crate) fn issuer_id(&self) -> String {
        self.authorities().current().key_id.clone()
    }

    /// SHA-1 of the certificate that SCEP presents as the authority, for `CAFingerprint`.
    pub fn scep_fingerprint(&self) -> Vec<u8> {
        self.authority().issuing().sha1().to_vec()
    }

    /// Reads the authorities again if somebody changed them, such as a command beside this server; whether they changed.
    pub async fn refresh_authorities(&self) -> Result<bool, EngineError> {
        let before = self.authorities();
        let mut session = self.store().read().await?;
        if session.authority_number().await? == before.number {
            return Ok(false);
        }
        let after = Authorities::read(&mut session, self.seal(), Some(&before)).await?;
        tracing::info!(
            "certificates are issued by `{}` from now on",
            after.current.authority.issuing().subject()
        );
        *self
            .inner
            .authorities
            .write()
            .expect("nobody panics while holding the authorities") = Arc::new(after);
        Ok(true)
    }
}
