//! The organisation's domains: which there are, which are proved, and which is the default.
//!
//! A domain is proved by a TXT record that only whoever rules over the domain can make. The one that the instance was made
//! with counts as proved, as it was named by whoever rules over the machine. Names are kept in ASCII (IDNA), so that what
//! looks alike does not read alike.

mod discovery;
mod name;
mod records;
mod suffixes;
mod verify;

pub use discovery::{DiscoveryCheck, DiscoveryState};
pub use records::{DnsRecord, DnsRecordKind};
pub use suffixes::{SuffixReport, UnprovedSuffix};

pub(crate) use name::normalise;
pub(crate) use suffixes::{proved_names, unproved};

use mandate_model::Timestamp;
use mandate_store::{DomainRecord, Session, StoreError};
use serde_json::{Value, json};

use crate::audit::Change;
use crate::instance::hex;
use crate::{Action, Actor, Chance, Engine, EngineError};

/// More domains than this an organisation does not have.
const MOST: i64 = 100;
/// Kind of the thing, for the audit.
const KIND: &str = "domain";

/// A domain of the organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Domain {
    /// Its name in ASCII and lower case, without a dot at the end.
    pub name: String,
    /// The same as people write it; equal to the name where that is plain ASCII.
    pub display_name: String,
    /// Whether the instance was made with it.
    pub is_initial: bool,
    /// Whether it is the one that is meant where none is named.
    pub is_default: bool,
    /// Whether no other domain here is above it.
    pub is_root: bool,
    /// When it was proved; absent while it is not.
    pub verified_at: Option<Timestamp>,
    /// What a TXT record has to say to prove it.
    pub proof: String,
    /// When it was added.
    pub created_at: Timestamp,
}

impl Domain {
    fn of(record: DomainRecord, all: &[String]) -> Self {
        let is_below = |other: &String| {
            record
                .name
                .strip_suffix(other.as_str())
                .is_some_and(|rest| rest.ends_with('.'))
        };
        Self {
            display_name: name::shown(&record.name),
            is_root: !all.iter().any(is_below),
            name: record.name,
            is_initial: record.is_initial,
            is_default: record.is_default,
            verified_at: record.verified_at,
            proof: record.proof,
            created_at: record.created_at,
        }
    }

    /// Whether it was proved.
    pub const fn is_verified(&self) -> bool {
        self.verified_at.is_some()
    }
}

/// The domain that an instance is made with.
pub(crate) fn initial(name: &str, chance: &dyn Chance, now: Timestamp) -> DomainRecord {
    DomainRecord {
        name: name.to_owned(),
        is_initial: true,
        is_default: true,
        proof: proof(chance),
        verified_at: Some(now),
        created_at: now,
    }
}

impl Engine {
    /// All domains by name. Whoever may ask anything may see them, as he may see the organisation's name.
    pub async fn domains(&self) -> Result<Vec<Domain>, EngineError> {
        Ok(shown(self.store().read().await?.list_domains().await?))
    }

    /// A domain by its name, however it is written.
    pub async fn find_domain(&self, name: &str) -> Result<Option<Domain>, EngineError> {
        let Ok(name) = normalise(name) else {
            return Ok(None);
        };
        let domains = self.domains().await?;
        Ok(domains.into_iter().find(|domain| domain.name == name))
    }

    /// Whether a name, however it is written, is a domain of the organisation that was proved.
    pub async fn is_domain_verified(&self, name: &str) -> Result<bool, EngineError> {
        let domain = self.find_domain(name).await?;
        Ok(domain.is_some_and(|domain| domain.is_verified()))
    }

    /// Adds a domain, which is to be proved then.
    pub async fn create_domain(&self, actor: &Actor, name: &str) -> Result<Domain, EngineError> {
        actor.require(Action::DomainsUpdate)?;
        let name = checked(name)?;
        let record = DomainRecord {
            name: name.clone(),
            is_initial: false,
            is_default: false,
            proof: proof(self.chance()),
            verified_at: None,
            created_at: self.now(),
        };
        let mut session = self.store().write().await?;
        session.hold_domains().await?;
        if session.count_domains().await? >= MOST {
            let reason = format!("there are {MOST} domains already, and more are not possible");
            return Err(EngineError::NotPossible { reason });
        }
        session
            .insert_domain(&record)
            .await
            .map_err(|error| match error {
                StoreError::Duplicate => EngineError::AlreadyExists {
                    what: "domain",
                    property: "id",
                    value: name.clone(),
                },
                other => other.into(),
            })?;
        let change = Change::create(KIND, &name, &name, noted(&record));
        self.audit(&mut session, actor, change).await?;
        let all = session.list_domains().await?;
        session.commit().await?;
        found(shown(all), &name)
    }

    /// Makes a proved domain the default.
    pub async fn make_domain_default(
        &self,
        actor: &Actor,
        name: &str,
    ) -> Result<Domain, EngineError> {
        actor.require(Action::DomainsUpdate)?;
        let mut session = self.store().write().await?;
        session.hold_domains().await?;
        let record = named(&mut session, name).await?;
        if record.verified_at.is_none() {
            let reason = format!(
                "`{}` was not verified yet, so it cannot be the default domain",
                record.name
            );
            return Err(EngineError::NotPossible { reason });
        }
        session.make_domain_default(&record.name).await?;
        let after = DomainRecord {
            is_default: true,
            ..record.clone()
        };
        let (before, after) = (noted(&record), noted(&after));
        let change = Change::update(KIND, &record.name, &record.name, &before, &after);
        self.audit(&mut session, actor, change).await?;
        let all = session.list_domains().await?;
        session.commit().await?;
        found(shown(all), &record.name)
    }

    /// Removes a domain. Refused for the initial and the default one, and, unless it is forced, while people's names are
    /// under it: they keep their names, which are under no proved domain any more.
    pub async fn delete_domain(
        &self,
        actor: &Actor,
        name: &str,
        force: bool,
    ) -> Result<(), EngineError> {
        actor.require(Action::DomainsUpdate)?;
        let mut session = self.store().write().await?;
        session.hold_domains().await?;
        let record = named(&mut session, name).await?;
        let kept = match (record.is_initial, record.is_default) {
            (true, _) => Some("is the one that this instance was made with, which stays"),
            (_, true) => Some("is the default domain; make another one the default first"),
            _ => None,
        };
        if let Some(kept) = kept {
            let reason = format!("`{}` {kept}", record.name);
            return Err(EngineError::NotPossible { reason });
        }
        let people = suffixes::people_of(&mut session, &record.name).await?;
        if people > 0 && !force {
            return Err(EngineError::InUse {
                what: "domain",
                name: record.name,
                by: vec![format!("the sign-in names of {people} people")],
            });
        }
        session.delete_domain(&record.name).await?;
        let mut before = noted(&record);
        before["people"] = json!(people);
        let change = Change::delete(KIND, &record.name, &record.name, before);
        self.audit(&mut session, actor, change).await?;
        Ok(session.commit().await?)
    }
}

/// The record of a domain, however its name is written.
async fn named(session: &mut Session, name: &str) -> Result<DomainRecord, EngineError> {
    let record = match normalise(name) {
        Ok(name) => session.find_domain(&name).await?,
        Err(_) => None,
    };
    record.ok_or_else(|| EngineError::not_found("domain", name))
}

fn found(domains: Vec<Domain>, name: &str) -> Result<Domain, EngineError> {
    let mut domains = domains.into_iter();
    let domain = domains.find(|domain| domain.name == name);
    domain.ok_or_else(|| EngineError::not_found("domain", name))
}

fn shown(records: Vec<DomainRecord>) -> Vec<Domain> {
    let names: Vec<String> = records.iter().map(|record| record.name.clone()).collect();
    let domains = records.into_iter();
    domains.map(|record| Domain::of(record, &names)).collect()
}

fn checked(name: &str) -> Result<String, EngineError> {
    normalise(name).map_err(|rule| EngineError::invalid("id", &rule, Some(&name::cut(name))))
}

/// What proves a domain: 128 bits that nobody guesses.
fn proof(chance: &dyn Chance) -> String {
    format!("{}{}", verify::PREFIX, hex(&chance.key()[..16]))
}

fn noted(record: &DomainRecord) -> Value {
    json!({
        "isDefault": record.is_default,
        "isVerified": record.verified_at.is_some(),
    })
}
