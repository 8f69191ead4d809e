//! Bringing a certificate authority of one's own, replacing it, and putting the root key away.

use mandate_model::Timestamp;
use mandate_pki::authority::{Authority, IssuingRequest, issue_under};
use mandate_pki::certificate::{Certificate, Validity};
use mandate_pki::keys::{KeyKind, PrivateKey};
use mandate_pki::name::DistinguishedName;
use mandate_pki::oid;
use mandate_store::Session;
use serde::Serialize;
use serde_json::json;
use zeroize::Zeroizing;

use crate::audit::Change;
use crate::instance::{IssuingAuthority, NewAuthority, authority_id, hex, root_key_name, serial};
use crate::{Action, Actor, Engine, EngineError};

/// An issuing certificate lasts for five years, if its root does.
const ISSUING_VALID_FOR: i64 = 5 * 365 * Timestamp::DAY;

/// An issuing authority of the instance.
#[expect(
    clippy::struct_excessive_bools,
    reason = "a report of facts that do not hang on one another"
)]
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AuthorityView {
    /// Key id of its certificate, lower-case hexadecimal; it stands in the addresses of its list and certificate.
    pub key_id: String,
    /// Whether it issues now.
    pub is_current: bool,
    /// `built-in`, `imported` or `rollover`.
    pub origin: String,
    /// Kind of its key, such as `rsa2048`.
    pub key: &'static str,
    /// Subject as RFC 4514 text.
    pub subject: String,
    /// Serial number, lower-case hexadecimal.
    pub serial: String,
    /// SHA-1 of the certificate, lower-case hexadecimal: what SCEP clients call the fingerprint of the authority.
    pub sha1: String,
    /// SHA-256 of the certificate, lower-case hexadecimal.
    pub sha256: String,
    /// Valid from, RFC 3339.
    pub not_before: String,
    /// Valid until, RFC 3339.
    pub not_after: String,
    /// When it was made or imported, RFC 3339.
    pub created_at: String,
    /// Whether SCEP is answered by a registration authority beside it.
    pub has_registration: bool,
    /// Subject of its root as RFC 4514 text.
    pub root_subject: String,
    /// SHA-256 of its root, lower-case hexadecimal.
    pub root_sha256: String,
    /// Until when its root is valid, RFC 3339.
    pub root_not_after: String,
    /// Whether the key of its root is in the database, which only a rollover needs.
    pub has_root_key: bool,
    /// Whether devices trust its root from their enrolment on.
    pub root_is_trusted: bool,
    /// Unexpired certificates that it issued.
    pub issued: i64,
    /// How many of them are revoked.
    pub revoked: i64,
    /// Its certificate and those above it, PEM.
    pub chain: String,
}

/// The key of a root with its certificate, to be put away.
#[derive(Debug)]
pub struct RootKey {
    /// The key.
    pub key: PrivateKey,
    /// The certificate.
    pub certificate: Certificate,
}

/// How a kind of key is written.
pub(crate) const fn key_kind_name(kind: KeyKind) -> &'static str {
    match kind {
        KeyKind::Rsa2048 => "rsa2048",
        KeyKind::Rsa3072 => "rsa3072",
        KeyKind::Rsa4096 => "rsa4096",
        KeyKind::P256 => "p256",
        KeyKind::P384 => "p384",
    }
}

impl Engine {
    /// All issuing authorities, in the order in which they were made.
    pub async fn show_authorities(&self, actor: &Actor) -> Result<Vec<AuthorityView>, EngineError> {
        actor.require(Action::AuthoritiesRead)?;
        self.refresh_authorities().await?;
        let authorities = self.authorities();
        let mut session = self.store().read().await?;
        let mut views = Vec::new();
        for one in authorities.all() {
            let mut view = self.view(&mut session, one).await?;
            view.is_current = one.key_id == authorities.current().key_id;
            view.root_is_trusted = one.authority.root() == authorities.root();
            views.push(view);
        }
        Ok(views)
    }

    /// The certificate of the authority with this key id, DER.
    pub fn issuing_certificate(&self, key_id: &str) -> Option<Vec<u8>> {
        let authorities = self.authorities();
        let one = authorities.find(key_id)?;
        Some(one.authority.issuing().der().to_vec())
    }

    async fn view(
        &self,
        session: &mut Session,
        one: &IssuingAuthority,
    ) -> Result<AuthorityView, EngineError> {
        let (issuing, root) = (one.authority.issuing(), one.authority.root());
        let (issued, revoked) = session.count_certificates(&one.key_id, self.now()).await?;
        let time = |seconds| Timestamp::from_unix_seconds(seconds).to_string();
        let root_key = root_key_name(&root.public_key()?.key_id());
        Ok(AuthorityView {
            key_id: one.key_id.clone(),
            is_current: false,
            origin: one.origin.clone(),
            key: key_kind_name(one.authority.issuing_key().kind()),
            subject: issuing.subject(),
            serial: issuing.serial_hex(),
            sha1: hex(&issuing.sha1()),
            sha256: hex(&issuing.sha256()),
            not_before: time(issuing.not_before()),
            not_after: time(issuing.not_after()),
            created_at: one.created_at.to_string(),
            has_registration: one.authority.registration().is_some(),
            root_subject: root.subject(),
            root_sha256: hex(&root.sha256()),
            root_not_after: time(root.not_after()),
            has_root_key: session.find_secret(&root_key).await?.is_some(),
            root_is_trusted: false,
            issued,
            revoked,
            chain: one
                .authority
                .chain()
                .iter()
                .map(Certificate::to_pem)
                .collect(),
        })
    }

    /// Lets an issuing authority that exists already issue from now on: its key, and its certificate with those above it
    /// up to a root, in any order. What was issued before stays good.
    pub async fn import_authority(
        &self,
        actor: &Actor,
        key: PrivateKey,
        certificates: &[Certificate],
    ) -> Result<String, EngineError> {
        actor.require(Action::AuthoritiesUpdate)?;
        let authority = Authority::import(certificates, key).map_err(|error| match error {
            mandate_pki::Error::Authority(cause) => EngineError::NotPossible {
                reason: cause.to_string(),
            },
            other => other.into(),
        })?;
        let now = self.now();
        if let Some(reason) = outside_its_time(&authority, now) {
            return Err(EngineError::NotPossible { reason });
        }
        self.refresh_authorities().await?;
        // Lists and OCSP name an authority by its key and its name: what was issued under the former name would be lost.
        let key_id = authority_id(authority.issuing());
        if let Some(known) = self.authorities().find(&key_id) {
            let (known, new) = (known.authority.issuing(), authority.issuing());
            if known.subject_der() != new.subject_der() {
                return Err(EngineError::NotPossible {
                    reason: format!(
                        "the key is that of the authority `{}`, but the certificate names it `{}`: an authority keeps its \
                         name, and another one needs a key of its own",
                        known.subject(),
                        new.subject()
                    ),
                });
            }
        }
        let current = self.authorities().current().clone();
        if current.authority.issuing() == authority.issuing() {
            return Err(EngineError::NotPossible {
                reason: "this authority issues already".to_owned(),
            });
        }
        self.install(actor, authority, "imported").await
    }

    /// Makes a new issuing authority under the root of the current one, and lets it issue from now on. Needs the root's
    /// key, which may have to be brought back first.
    pub async fn roll_over(&self, actor: &Actor, kind: KeyKind) -> Result<String, EngineError> {
        actor.require(Action::AuthoritiesUpdate)?;
        self.refresh_authorities().await?;
        let now = self.now();
        let current = self.authority();
        let root = current.root();
        if root.validity_at(now.unix_seconds()) != Validity::Valid {
            return Err(EngineError::NotPossible {
                reason: format!("the root `{}` is not valid any more", root.subject()),
            });
        }
        let mut session = self.store().read().await?;
        let root_key = self.root_key(&mut session, root).await?.ok_or_else(|| {
            let reason = format!(
                "the key of the root `{}` is not here: bring it back by `mandate ca root-key import`, roll over, \
                 and put it away again by `mandate ca root-key export --remove`",
                root.subject()
            );
            EngineError::NotPossible { reason }
        })?;
        drop(session);
        let request = IssuingRequest {
            subject: self.next_name(),
            kind,
            now: now.unix_seconds(),
            validity: ISSUING_VALID_FOR / Timestamp::SECOND,
            serial: serial(self.chance()),
        };
        let made = issue_under(root, &root_key, &request)?;
        let authority = Authority::import(&[made.certificate, root.clone()], made.key)?;
        self.install(actor, authority, "rollover").await
    }

    async fn install(
        &self,
        actor: &Actor,
        authority: Authority,
        origin: &'static str,
    ) -> Result<String, EngineError> {
        let subject = authority.issuing().subject();
        let current = self.authority();
        let of = |issuing: &Certificate, root: &Certificate| {
            json!({
                "subject": issuing.subject(),
                "sha256": hex(&issuing.sha256()),
                "root": root.subject(),
            })
        };
        let before = of(current.issuing(), current.root());
        let after = of(authority.issuing(), authority.root());
        let mut session = self.store().write().await?;
        let mut new = NewAuthority {
            session: &mut session,
            seal: self.seal(),
            chance: self.chance(),
            now: self.now(),
        };
        let key_id = new.keep(authority, origin).await?;
        let kind = "certificateAuthority";
        let change = Change::act(origin, kind, &key_id, &subject, before, after);
        self.audit(&mut session, actor, change).await?;
        session.commit().await?;
        self.refresh_authorities().await?;
        Ok(key_id)
    }

    /// A name that no authority had: programs find issuers and lists by name.
    fn next_name(&self) -> DistinguishedName {
        let authorities = self.authorities();
        let company = &self.tenant().company;
        let name = |number: usize| {
            DistinguishedName::new([
                (oid::ORGANISATION, company.clone()),
                (oid::COMMON_NAME, format!("{company} Issuing CA {number}")),
            ])
        };
        let is_free = |name: &DistinguishedName| {
            authorities
                .all()
                .iter()
                .all(|one| one.authority.issuing().subject_der() != name.to_der())
        };
        let first = authorities.all().len() + 1;
        // Of more names than there are authorities one is free.
        let names = first..=first + authorities.all().len();
        names.map(name).find(is_free).unwrap_or_default()
    }

    /// The key of the root of the current authority, with its certificate, to be written to a safe place. With `remove` it
    /// is taken out of the database by [`Self::remove_root_key`] once it is safe.
    pub async fn export_root_key(&self, actor: &Actor) -> Result<RootKey, EngineError> {
        actor.require(Action::AuthoritiesUpdate)?;
        let authority = self.authority();
        let root = authority.root();
        let mut session = self.store().write().await?;
        let key = self
            .root_key(&mut session, root)
            .await?
            .ok_or_else(|| no_root_key(root))?;
        self.audit(
            &mut session,
            actor,
            root_key_change("export", &root.subject(), root)?,
        )
        .await?;
        session.commit().await?;
        Ok(RootKey {
            key,
            certificate: root.clone(),
        })
    }

    /// Takes the key of the root of the current authority out of the database.
    pub async fn remove_root_key(&self, actor: &Actor) -> Result<(), EngineError> {
        actor.require(Action::AuthoritiesUpdate)?;
        let authority = self.authority();
        let root = authority.root();
        let name = root_key_name(&root.public_key()?.key_id());
        let mut session = self.store().write().await?;
        if session.find_secret(&name).await?.is_none() {
            return Err(no_root_key(root));
        }
        session.delete_secret(&name).await?;
        self.audit(
            &mut session,
            actor,
            root_key_change("delete", &root.subject(), root)?,
        )
        .await?;
        Ok(session.commit().await?)
    }

    /// Brings the key of a root back. It must be that of the current authority's root.
    pub async fn import_root_key(
        &self,
        actor: &Actor,
        key: &PrivateKey,
    ) -> Result<(), EngineError> {
        actor.require(Action::AuthoritiesUpdate)?;
        let authority = self.authority();
        let root = authority.root();
        if key.public_key_info() != root.public_key_info() {
            return Err(EngineError::NotPossible {
                reason: format!("this is not the key of the root `{}`", root.subject()),
            });
        }
        let mut session = self.store().write().await?;
        let mut new = NewAuthority {
            session: &mut session,
            seal: self.seal(),
            chance: self.chance(),
            now: self.now(),
        };
        new.keep_root_key(key).await?;
        self.audit(
            &mut session,
            actor,
            root_key_change("import", &root.subject(), root)?,
        )
        .await?;
        Ok(session.commit().await?)
    }

    async fn root_key(
        &self,
        session: &mut Session,
        root: &Certificate,
    ) -> Result<Option<PrivateKey>, EngineError> {
        let name = root_key_name(&root.public_key()?.key_id());
        let Some(sealed) = session.find_secret(&name).await? else {
            return Ok(None);
        };
        let pkcs8: Zeroizing<Vec<u8>> = self.seal().open(&name, &sealed)?;
        Ok(Some(PrivateKey::from_pkcs8(&pkcs8)?))
    }
}

fn root_key_change<'a>(
    activity: &'static str,
    name: &'a str,
    root: &Certificate,
) -> Result<Change<'a>, EngineError> {
    let after = json!({ "sha256": hex(&root.sha256()) });
    let id = hex(&root.public_key()?.key_id());
    Ok(Change::action(activity, "rootKey", id, name, after))
}

fn no_root_key(root: &Certificate) -> EngineError {
    EngineError::NotPossible {
        reason: format!(
            "the key of the root `{}` is not in the database",
            root.subject()
        ),
    }
}

/// Which certificate of the chain is not valid now.
fn outside_its_time(authority: &Authority, now: Timestamp) -> Option<String> {
    (1..)
        .zip(authority.chain())
        .find_map(|(place, certificate)| {
            let when = |seconds| Timestamp::from_unix_seconds(seconds);
            let subject = certificate.subject();
            match certificate.validity_at(now.unix_seconds()) {
                Validity::Valid => None,
                Validity::Expired => Some(format!(
                    "certificate {place} of the chain, `{subject}`, expired on {}",
                    when(certificate.not_after())
                )),
                Validity::NotYet => Some(format!(
                    "certificate {place} of the chain, `{subject}`, is not valid before {}",
                    when(certificate.not_before())
                )),
            }
        })
}
