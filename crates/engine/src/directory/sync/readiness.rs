//! Whether what a directory gives is what is needed: domains of sign-in names, and values that are lacking.

use std::collections::BTreeMap;

use mandate_model::{User, UserId};
use mandate_store::{SourceKind, SourceSelection};

use super::manage::source_of;
use super::progress::EXAMPLES;
use crate::{Action, Actor, Engine, EngineError};

const PAGE: u32 = 500;

/// What stands in the way of people of a directory.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Readiness {
    /// How many people are here.
    pub people: u64,
    /// The domains of their sign-in names, the most frequent first.
    pub suffixes: Vec<Suffix>,
    /// What some of them lack.
    pub lacking: Vec<LackingProperty>,
}

/// The domain of sign-in names; empty for bare names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Suffix {
    /// The domain, in small letters.
    pub domain: String,
    /// Whether it is one of the organisation.
    pub is_verified: bool,
    /// How many people have it.
    pub people: u64,
    /// Some of them.
    pub examples: Vec<String>,
}

/// A property that profiles may need and that some people lack.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LackingProperty {
    /// Its name.
    pub property: String,
    /// How many people lack it.
    pub people: u64,
    /// Some of them.
    pub examples: Vec<String>,
}

/// What profiles take from people (variables of mail profiles and certificates).
const NEEDED: [&str; 6] = [
    "mail",
    "onPremisesSamAccountName",
    "onPremisesDomainName",
    "onPremisesNetBiosName",
    "givenName",
    "surname",
];

impl Engine {
    /// What stands in the way of people who came from a directory: sign-in names outside of the organisation's domains,
    /// and values that profiles may need.
    pub async fn directory_readiness(
        &self,
        actor: &Actor,
        name: &str,
    ) -> Result<Readiness, EngineError> {
        actor.require(Action::SignInRead)?;
        if self.find_synced_directory(actor, name).await?.is_none() {
            return Err(EngineError::not_found("directory", name));
        }
        let source = source_of(name, false).name;
        let mut counted = Counted::default();
        let mut after = String::new();
        loop {
            let mut session = self.store().read().await?;
            let page = session
                .list_source_entries(&source, SourceSelection::All, &after, PAGE)
                .await?;
            let Some(last) = page.last() else { break };
            after.clone_from(&last.external_id);
            for entry in page {
                if entry.kind == SourceKind::User
                    && entry.gone_at.is_none()
                    && let Some(id) = entry.object
                    && let Some(user) = session.find_user(UserId(id)).await?
                {
                    counted.add(&user);
                }
            }
        }
        self.readiness(counted).await
    }

    /// What stands in the way of people who were counted.
    pub(in crate::directory) async fn readiness(
        &self,
        counted: Counted,
    ) -> Result<Readiness, EngineError> {
        let domains = self.domains().await?;
        let proved = domains.iter().filter(|domain| domain.is_verified());
        Ok(counted.readiness(|domain| {
            proved
                .clone()
                .any(|own| own.name.eq_ignore_ascii_case(domain))
        }))
    }
}

/// People, by what may stand in their way.
#[derive(Default)]
pub(in crate::directory) struct Counted {
    people: u64,
    suffixes: BTreeMap<String, (u64, Vec<String>)>,
    lacking: BTreeMap<&'static str, (u64, Vec<String>)>,
}

impl Counted {
    pub(in crate::directory) fn add(&mut self, user: &User) {
        self.people += 1;
        let name = &user.user_principal_name;
        let suffix = name.rsplit_once('@').map_or("", |(_, domain)| domain);
        add(
            self.suffixes.entry(suffix.to_lowercase()).or_default(),
            name,
        );
        for property in NEEDED {
            if user.attribute(property).is_none() {
                add(self.lacking.entry(property).or_default(), name);
            }
        }
    }

    fn readiness(self, is_verified: impl Fn(&str) -> bool) -> Readiness {
        let mut suffixes: Vec<Suffix> = self
            .suffixes
            .into_iter()
            .map(|(domain, (people, examples))| Suffix {
                // A bare name is of no domain, and so of none that is another's.
                is_verified: domain.is_empty() || is_verified(&domain),
                domain,
                people,
                examples,
            })
            .collect();
        suffixes.sort_by_key(|suffix| std::cmp::Reverse(suffix.people));
        suffixes.truncate(100);
        let lacking = self.lacking.into_iter();
        Readiness {
            people: self.people,
            suffixes,
            lacking: lacking
                .map(|(property, (people, examples))| LackingProperty {
                    property: property.to_owned(),
                    people,
                    examples,
                })
                .collect(),
        }
    }
}

fn add((number, examples): &mut (u64, Vec<String>), name: &str) {
    *number += 1;
    if examples.len() < EXAMPLES {
        examples.push(name.to_owned());
    }
}
