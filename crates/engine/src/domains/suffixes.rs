//! Under which domains people's sign-in names are, and which of those are not proved.

use std::collections::BTreeMap;

use mandate_store::Session;
use serde::Serialize;

use super::name::{cut, normalise};
use crate::{Action, Actor, Engine, EngineError};

/// Suffixes that are read; more than this nobody has but by mistake.
const MOST: u32 = 10_000;
/// Suffixes that a report names.
const MOST_NAMED: usize = 200;

/// Whose sign-in names are under no proved domain.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SuffixReport {
    /// Suffixes that are no proved domain, those of most people first.
    pub suffixes: Vec<UnprovedSuffix>,
    /// How many people that concerns, those of suffixes that are not named included.
    pub people: i64,
    /// Whether there are more suffixes than are named.
    pub has_more: bool,
}

/// A suffix that is no proved domain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UnprovedSuffix {
    /// What stands behind the `@`, in ASCII where it is a domain.
    pub suffix: String,
    /// How many people have it.
    pub people: i64,
    /// Whether it is a domain here that waits to be proved.
    pub is_pending: bool,
}

impl Engine {
    /// How many people's sign-in names are under a domain.
    pub async fn people_under(&self, actor: &Actor, name: &str) -> Result<i64, EngineError> {
        actor.require(Action::DomainsRead)?;
        let mut session = self.store().read().await?;
        match normalise(name) {
            Ok(name) => people_of(&mut session, &name).await,
            Err(_) => Ok(0),
        }
    }

    /// People whose sign-in names are under no proved domain, by suffix.
    pub async fn unproved_suffixes(&self, actor: &Actor) -> Result<SuffixReport, EngineError> {
        actor.require(Action::OrganizationRead)?;
        let mut session = self.store().read().await?;
        unproved(&mut session).await
    }
}

/// The names of all proved domains.
pub(crate) async fn proved_names(session: &mut Session) -> Result<Vec<String>, EngineError> {
    let domains = session.list_domains().await?.into_iter();
    let proved = domains.filter(|domain| domain.verified_at.is_some());
    Ok(proved.map(|domain| domain.name).collect())
}

pub(crate) async fn unproved(session: &mut Session) -> Result<SuffixReport, EngineError> {
    let domains = session.list_domains().await?;
    let mut counts: BTreeMap<String, i64> = BTreeMap::new();
    for (suffix, people) in session.count_name_suffixes(MOST).await? {
        let suffix = normalise(&suffix).unwrap_or_else(|_| cut(&suffix));
        *counts.entry(suffix).or_default() += people;
    }
    let mut report = SuffixReport::default();
    for (suffix, people) in counts {
        let domain = domains.iter().find(|domain| domain.name == suffix);
        if domain.is_some_and(|domain| domain.verified_at.is_some()) {
            continue;
        }
        report.people += people;
        report.suffixes.push(UnprovedSuffix {
            suffix,
            people,
            is_pending: domain.is_some(),
        });
    }
    report
        .suffixes
        .sort_by(|one, other| (other.people, &one.suffix).cmp(&(one.people, &other.suffix)));
    report.has_more = report.suffixes.len() > MOST_NAMED;
    report.suffixes.truncate(MOST_NAMED);
    Ok(report)
}

/// How many people's sign-in names are under a domain.
pub(super) async fn people_of(session: &mut Session, name: &str) -> Result<i64, EngineError> {
    let counts = session.count_name_suffixes(MOST).await?.into_iter();
    let of_it = counts.filter(|(suffix, _)| normalise(suffix).is_ok_and(|suffix| suffix == name));
    Ok(of_it.map(|(_, people)| people).sum())
}
