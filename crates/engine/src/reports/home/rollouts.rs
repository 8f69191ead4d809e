//! Changes that are on their way to devices.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use mandate_model::{Platform, Profile, ProfileId, Target, Timestamp};
use mandate_store::{FleetCount, RowCounts, Scope, Session};

use crate::targeting::{Intent, Standing, decide};
use crate::{Action, Actor, Counts, Engine, EngineError};

/// More rollouts than this are not shown at once; the newest come first.
const MOST: usize = 3;
/// Whoever watches asks every few seconds, and so may many at once: what was counted this long ago is told again.
const FRESH_FOR: i64 = Timestamp::SECOND;
/// Different views of the same that are kept.
const KEPT: usize = 32;
/// Devices without a word that are looked at one by one; of more only their number is told.
const LOOKED_AT: u32 = 200;

/// A profile that was changed or assigned a while ago and has not reached all its devices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rollout {
    /// The profile.
    pub profile: ProfileId,
    /// Its name.
    pub name: String,
    /// The version that is on its way.
    pub version: i64,
    /// When it, or whom it is for, last changed.
    pub since: Timestamp,
    /// Devices by state. Devices that have not been here since the change are among those pending as far as it is plain that
    /// it concerns them.
    pub counts: Counts,
    /// Devices that have not been here since, of which nobody has looked whether it concerns them: too many, and it is for
    /// groups.
    pub unheard: i64,
}

impl Rollout {
    /// All devices that it concerns.
    pub fn devices(&self) -> i64 {
        let counts = &self.counts;
        counts.succeeded + counts.error + counts.conflict + counts.pending + counts.not_applicable
    }
}

/// What a view of rollouts depends on, when it was counted, and what it showed.
type View = ((Scope, Scope), Timestamp, Arc<Vec<Rollout>>);

/// What was counted a moment ago.
#[derive(Debug, Default)]
pub(crate) struct Rollouts(Mutex<Vec<View>>);

impl Rollouts {
    fn find(&self, scopes: &(Scope, Scope), now: Timestamp) -> Option<Arc<Vec<Rollout>>> {
        let mut views = self.0.lock().expect("nobody panics while holding it");
        views.retain(|(_, at, _)| now.since(*at) < FRESH_FOR && *at <= now);
        let found = views.iter().find(|(known, ..)| known == scopes);
        found.map(|(_, _, rollouts)| rollouts.clone())
    }

    fn keep(&self, scopes: (Scope, Scope), now: Timestamp, rollouts: Arc<Vec<Rollout>>) {
        let mut views = self.0.lock().expect("nobody panics while holding it");
        if views.len() >= KEPT {
            views.remove(0);
        }
        views.push((scopes, now, rollouts));
    }
}

impl Engine {
    /// The newest changes that are on their way, at most three. May be asked every few seconds by many.
    pub async fn rollouts(&self, actor: &Actor) -> Result<Arc<Vec<Rollout>>, EngineError> {
        let devices = actor.scope_among(Action::DevicesRead, Action::ProfilesViewReports)?;
        let profiles = actor.scope_among(Action::ProfilesRead, Action::ProfilesViewReports)?;
        let (scopes, now) = ((devices, profiles), self.now());
        if let Some(rollouts) = self.cache().rollouts.find(&scopes, now) {
            return Ok(rollouts);
        }
        let mut session = self.store().read().await?;
        let intent = self.intent(&mut session).await?;
        let window = self.options().pending_deadline_days * Timestamp::DAY;
        let mut candidates: Vec<(Timestamp, &Profile)> = intent
            .profiles
            .values()
            .filter(|profile| scopes.1.shows(&profile.scope_tags))
            .filter(|profile| !intent.targets_of(profile.id).is_empty())
            .map(|profile| (intent.last_change(profile).at, profile))
            .filter(|(at, _)| now.since(*at) < window)
            .collect();
        candidates.sort_by_key(|(at, profile)| (std::cmp::Reverse(*at), profile.id));
        let fleet = Enrolled(session.count_fleet(&scopes.0).await?);
        let mut rollouts = Vec::new();
        for (since, profile) in candidates {
            let seen = (&fleet, &scopes.0);
            let rollout = self.rollout(&mut session, &intent, profile, seen);
            let rollout = Rollout {
                since,
                ..rollout.await?
            };
            if rollout.counts.pending > 0 || rollout.unheard > 0 {
                rollouts.push(rollout);
            }
            if rollouts.len() == MOST {
                break;
            }
        }
        let rollouts = Arc::new(rollouts);
        self.cache().rollouts.keep(scopes, now, rollouts.clone());
        Ok(rollouts)
    }

    async fn rollout(
        &self,
        session: &mut Session,
        intent: &Intent,
        profile: &Profile,
        seen: (&Enrolled, &Scope),
    ) -> Result<Rollout, EngineError> {
        let (id, now) = (profile.id, self.now());
        let rows = session.count_rows(id, profile.version, now, seen.1).await?;
        let (silent, unheard) = without_a_word(session, intent, profile, &rows, seen).await?;
        let told = rows.succeeded + rows.error + rows.conflict + rows.not_applicable;
        Ok(Rollout {
            profile: id,
            name: profile.display_name.clone(),
            version: profile.version,
            since: profile.modified_at,
            counts: Counts {
                succeeded: rows.succeeded,
                error: rows.error,
                conflict: rows.conflict,
                pending: rows.rows - told + silent,
                not_applicable: rows.not_applicable,
            },
            unheard,
        })
    }
}

/// Devices under management.
struct Enrolled(Vec<FleetCount>);

impl Enrolled {
    /// How many of a platform there are, and how many of them have a user.
    fn of(&self, platform: Platform) -> (i64, i64) {
        let enrolled = self.0.iter();
        let found =
            enrolled.filter(|count| count.state == "enrolled" && count.platform == platform);
        found.fold((0, 0), |(all, with_user), count| {
            (all + count.devices, with_user + count.with_user)
        })
    }
}

/// How many devices have no row yet and will get one, and how many of which that is not known.
async fn without_a_word(
    session: &mut Session,
    intent: &Intent,
    profile: &Profile,
    rows: &RowCounts,
    (fleet, scope): (&Enrolled, &Scope),
) -> Result<(i64, i64), EngineError> {
    // Over channels of people there is no telling who will log in.
    if profile.is_for_user_channel() {
        return Ok((0, 0));
    }
    let platform = profile.kind.platform;
    let targets = intent.targets_of(profile.id);
    let is_plain = !targets
        .iter()
        .any(|target| matches!(target, Target::Exclude(_)));
    if is_plain && targets.contains(&Target::AllDevices) {
        return Ok(((fleet.of(platform).0 - rows.rows).max(0), 0));
    }
    if is_plain && targets.contains(&Target::AllUsers) {
        return Ok(((fleet.of(platform).1 - rows.rows).max(0), 0));
    }
    let change = intent.last_change(profile).number;
    let unaware = session.count_unaware(platform, change, scope).await?;
    if unaware == 0 {
        return Ok((0, 0));
    }
    let devices = session
        .list_unaware(platform, change, profile.id, scope, LOOKED_AT + 1)
        .await?;
    if devices.len() > LOOKED_AT as usize {
        return Ok((0, (unaware - rows.older).max(0)));
    }
    let mut concerned = 0;
    for device in devices {
        let own = session.groups_of(device.id.0, true).await?;
        let of_user: Option<BTreeSet<_>> = match device.user_id {
            Some(user) => Some(session.groups_of(user.0, true).await?),
            None => None,
        };
        let standing = Standing {
            user_groups: of_user.as_ref(),
            device_groups: &own,
            manager_groups: None,
        };
        concerned += i64::from(decide(targets, standing, &intent.group_names).wanted);
    }
    Ok((concerned, 0))
}
