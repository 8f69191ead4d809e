//! What a run would do, without doing it.

use std::collections::{BTreeMap, HashSet};

use mandate_store::SourceSelection;

use super::entry;
use super::manage::{read_settings, source_of};
use super::progress::{EXAMPLES, SyncCounts};
use super::reader::{Reader, Which};
use crate::directory::SourceFault;
use crate::directory::source::Foreseen;
use crate::{Action, Actor, Engine, EngineError};

const PAGE: u32 = 500;
/// People whose profiles are compiled both ways; beyond that only the number of changes is told.
const MOST_COMPILED: usize = 500;

/// What a run over everything would do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SyncForecast {
    /// Why it could not be told.
    pub failure: Option<String>,
    /// What would become of people.
    pub people: SyncCounts,
    /// Groups that are there.
    pub groups: u64,
    /// Some people and what would become of them.
    pub examples: Vec<SyncExample>,
    /// Profiles of which devices would get another version, and for how many people; of the first 500 who change.
    pub profiles: BTreeMap<String, u64>,
    /// People who would lack a property, by its name.
    pub lacking: BTreeMap<String, u64>,
}

/// Somebody, and what would become of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SyncExample {
    /// `created`, `adopted`, `changed`, `disabled`, `refused` or `gone`.
    pub outcome: &'static str,
    /// Their sign-in name, or what they are called in the directory.
    pub name: String,
    /// What would be different, or what is to blame.
    pub properties: Vec<String>,
    /// Why they would not be taken.
    pub reason: Option<String>,
}

impl Engine {
    /// What reading all of a directory would do now: nothing is written. Who is told of by others in the same run is not
    /// thought of, so that a name that becomes free by it counts as taken.
    pub async fn foresee_synchronization(
        &self,
        actor: &Actor,
        name: &str,
    ) -> Result<SyncForecast, EngineError> {
        actor.require(Action::SignInUpdate)?;
        let mut session = self.store().read().await?;
        let record = session
            .find_directory(name)
            .await?
            .ok_or_else(|| EngineError::not_found("directory", name))?;
        let password = self.directory_password(&mut session, name).await?;
        drop(session);
        let settings = read_settings(&record)?;
        let mut forecast = SyncForecast::default();
        let mut reader = match Reader::open(self.provider_gateway(), &settings, &password).await {
            Ok(reader) => reader,
            Err(stuck) => {
                forecast.failure = Some(stuck.to_string());
                return Ok(forecast);
            }
        };
        let mut seen = HashSet::new();
        let mut compiled = 0;
        let domain = reader.look.domain.clone();
        let source = source_of(name, settings.trusts_names);
        for which in [Which::People, Which::Groups] {
            if which == Which::Groups && !settings.sync_groups {
                continue;
            }
            let mut cookie = Vec::new();
            loop {
                let page = match reader.page(which, None, &cookie).await {
                    Ok(page) => page,
                    Err(reason) => {
                        forecast.failure = Some(reason);
                        return Ok(forecast);
                    }
                };
                for found in &page.entries {
                    seen.extend(entry::id_of(settings.kind, found));
                    if which == Which::Groups {
                        forecast.groups += 1;
                        continue;
                    }
                    forecast.people.read += 1;
                    let person = match entry::person(&settings, &domain, found) {
                        Ok(person) => person,
                        Err(fault) => {
                            forecast.refuse(&found.dn, &fault);
                            continue;
                        }
                    };
                    for (property, value) in [
                        ("mail", &person.mail),
                        (
                            "onPremisesSamAccountName",
                            &person.on_premises_sam_account_name,
                        ),
                        ("onPremisesNetBiosName", &person.on_premises_net_bios_name),
                    ] {
                        if value.is_none() {
                            *forecast.lacking.entry(property.to_owned()).or_default() += 1;
                        }
                    }
                    let mut session = self.store().read().await?;
                    let foreseen = self.foresee_person(&mut session, &source, &person).await?;
                    if let Foreseen::Changed { before, after, .. } = &foreseen
                        && compiled < MOST_COMPILED
                    {
                        compiled += 1;
                        for profile in self
                            .profiles_touched_by(&mut session, before, after)
                            .await?
                        {
                            *forecast.profiles.entry(profile).or_default() += 1;
                        }
                    }
                    forecast.count(&person.user_principal_name, foreseen);
                }
                if page.cookie.is_empty() {
                    break;
                }
                cookie = page.cookie;
            }
        }
        self.count_missing(&source.name, &seen, &mut forecast)
            .await?;
        Ok(forecast)
    }

    async fn count_missing(
        &self,
        source: &str,
        seen: &HashSet<String>,
        forecast: &mut SyncForecast,
    ) -> Result<(), EngineError> {
        let mut after = String::new();
        loop {
            let mut session = self.store().read().await?;
            let page = session
                .list_source_entries(source, SourceSelection::All, &after, PAGE)
                .await?;
            let Some(last) = page.last() else {
                return Ok(());
            };
            after.clone_from(&last.external_id);
            for entry in page {
                if entry.gone_at.is_none() && !seen.contains(&entry.external_id) {
                    forecast.people.gone += 1;
                    forecast.example("gone", &entry.locator.unwrap_or_default(), Vec::new(), None);
                }
            }
        }
    }
}

impl SyncForecast {
    fn count(&mut self, name: &str, foreseen: Foreseen) {
        match foreseen {
            Foreseen::Unchanged => self.people.unchanged += 1,
            Foreseen::Created => {
                self.people.created += 1;
                self.example("created", name, Vec::new(), None);
            }
            Foreseen::Refused(fault) => self.refuse(name, &fault),
            Foreseen::Changed {
                before,
                after,
                is_adopted,
                properties,
            } => {
                let properties = properties.into_iter().collect();
                if is_adopted {
                    self.people.adopted += 1;
                    self.example("adopted", name, properties, None);
                } else if before.account_enabled && !after.account_enabled {
                    self.people.disabled += 1;
                    self.example("disabled", name, properties, None);
                } else {
                    self.people.changed += 1;
                    self.example("changed", name, properties, None);
                }
            }
        }
    }

    fn refuse(&mut self, name: &str, fault: &SourceFault) {
        self.people.refuse(fault);
        let properties = vec![fault.property.clone()];
        self.example("refused", name, properties, Some(fault.reason.clone()));
    }

    /// Keeps an example, unless there are enough of its kind.
    fn example(
        &mut self,
        outcome: &'static str,
        name: &str,
        properties: Vec<String>,
        reason: Option<String>,
    ) {
        let known = self
            .examples
            .iter()
            .filter(|known| known.outcome == outcome);
        if known.count() < EXAMPLES {
            self.examples.push(SyncExample {
                outcome,
                name: name.chars().filter(|c| !c.is_control()).take(160).collect(),
                properties,
                reason,
            });
        }
    }
}
