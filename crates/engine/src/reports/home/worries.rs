//! What is wrong, by cause.

use std::collections::BTreeMap;

use mandate_model::{ProfileId, State, Timestamp};
use mandate_store::{Scope, Session, Silence, TroubleCount};

use crate::targeting::Intent;
use crate::{Action, Actor, Engine, EngineError};

/// Something that is wrong on devices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Worry {
    /// What.
    pub what: WorryKind,
    /// On how many devices.
    pub devices: i64,
    /// Since when, at the first of them.
    pub since: Option<Timestamp>,
}

/// What can be wrong.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum WorryKind {
    /// A profile is in error or conflict.
    Profile {
        /// The profile.
        id: ProfileId,
        /// Its name; none if it has been deleted.
        name: Option<String>,
        /// Code of the reason, as in [`mandate_model::Reason`], and after a colon what it is about, such as
        /// `missingAttribute:mail`. `deadlinePassed` and `removing` stand for what was not taken, or removed, in time.
        cause: String,
        /// Whether it is error or conflict.
        state: State,
    },
    /// They were called four times or more and did not come.
    Silent,
    /// They cannot be called, since their push token is no longer good.
    Deaf,
}

impl Engine {
    /// What is wrong on devices within a scope, with profiles that the actor sees; the biggest first.
    pub(super) async fn worries(
        &self,
        session: &mut Session,
        actor: &Actor,
        scope: &Scope,
    ) -> Result<Vec<Worry>, EngineError> {
        let profiles = actor.scope_among(Action::ProfilesRead, Action::ProfilesViewReports)?;
        let intent = self.intent(session).await?;
        let mut counts = session.count_trouble(scope).await?;
        counts.extend(session.count_late(self.now(), scope).await?);
        let counts = counts
            .into_iter()
            .filter(|count| is_current(count, &intent) && is_shown(count, &intent, &profiles));
        let mut worries = of_profiles(counts, &intent);
        let silent = session.count_silent(scope).await?;
        worries.extend(of_silence(WorryKind::Silent, silent));
        let deaf = session.count_deaf(scope).await?;
        worries.extend(of_silence(WorryKind::Deaf, deaf));
        worries.sort_by(|one, other| {
            (other.devices, one.since, &one.what).cmp(&(one.devices, other.since, &other.what))
        });
        Ok(worries)
    }
}

/// What was said of a version before says nothing of the one that is on its way.
fn is_current(count: &TroubleCount, intent: &Intent) -> bool {
    let profile = intent.profiles.get(&count.profile);
    match profile {
        Some(profile) => !count.wanted || count.version >= profile.version,
        None => !count.wanted,
    }
}

fn is_shown(count: &TroubleCount, intent: &Intent, scope: &Scope) -> bool {
    match intent.profiles.get(&count.profile) {
        Some(profile) => scope.shows(&profile.scope_tags),
        None => scope.is_all(),
    }
}

fn of_profiles(counts: impl Iterator<Item = TroubleCount>, intent: &Intent) -> Vec<Worry> {
    let mut worries: BTreeMap<WorryKind, Worry> = BTreeMap::new();
    for count in counts {
        let profile = intent.profiles.get(&count.profile);
        let what = WorryKind::Profile {
            id: count.profile,
            name: profile.map(|profile| profile.display_name.clone()),
            cause: count.cause,
            state: count.state,
        };
        let worry = worries.entry(what.clone()).or_insert(Worry {
            what,
            devices: 0,
            since: Some(count.since),
        });
        worry.devices += count.devices;
        worry.since = worry.since.min(Some(count.since));
    }
    worries.into_values().collect()
}

fn of_silence(what: WorryKind, silence: Silence) -> Option<Worry> {
    (silence.devices > 0).then_some(Worry {
        what,
        devices: silence.devices,
        since: silence.since,
    })
}
