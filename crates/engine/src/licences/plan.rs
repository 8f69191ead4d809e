//! What a change of licences would do, before it is made.

use std::collections::{BTreeMap, BTreeSet};

use mandate_model::{User, UserId};

use super::change::{LicenceChange, LicenceLoss};
use crate::{Action, Actor, Engine, EngineError};

/// What a change would do.
#[derive(Debug, Clone, PartialEq)]
pub struct LicencePlan {
    /// How many people would get a licence.
    pub gaining: usize,
    /// How many would lose theirs.
    pub losing: usize,
    /// How many people lose profiles: those who would lose their licence, and if the rule is changed those who have none.
    pub stripped: usize,
    /// How many devices those who lose their licence, or profiles, have.
    pub devices: i64,
    /// How many profiles would go from devices; none where devices keep what they have.
    pub profiles: i64,
    /// What becomes of the devices of those who lose their licence, after the change.
    pub on_loss: LicenceLoss,
    /// The first of them.
    pub people: Vec<LosingPerson>,
}

/// Somebody who would lose a licence, or profiles for want of one.
#[derive(Debug, Clone, PartialEq)]
pub struct LosingPerson {
    /// Who.
    pub user: User,
    /// How many enrolled devices they have.
    pub devices: i64,
    /// How many profiles would go from them.
    pub profiles: i64,
}

/// People that a plan names.
const NAMED: usize = 50;

impl Engine {
    /// What a change would do. Nothing is changed.
    pub async fn plan_licences(
        &self,
        actor: &Actor,
        change: &LicenceChange,
    ) -> Result<LicencePlan, EngineError> {
        actor.require(Action::LicencesUpdate)?;
        // The change is made, looked at, and undone with the transaction.
        let mut session = self.store().write().await?;
        let outcome = self.try_licences(&mut session, change).await?;
        let ((before, old), (after, new)) = (&outcome.before, &outcome.after);
        let devices: BTreeMap<UserId, i64> =
            session.count_devices_by_user().await?.into_iter().collect();
        let profiles: BTreeMap<UserId, i64> = session
            .count_profiles_by_user()
            .await?
            .into_iter()
            .collect();
        let was_stripped =
            |user: &UserId| old.on_loss == LicenceLoss::Remove && !before.contains(user);
        let stripped: BTreeSet<UserId> = devices
            .keys()
            .filter(|user| {
                new.on_loss == LicenceLoss::Remove && !after.contains(user) && !was_stripped(user)
            })
            .copied()
            .collect();
        let losing: BTreeSet<UserId> = before.difference(after).copied().collect();
        let concerned: BTreeSet<UserId> = losing.union(&stripped).copied().collect();
        let count = |of: &BTreeMap<UserId, i64>, user: &UserId| of.get(user).copied().unwrap_or(0);
        let goes = |user: &UserId| {
            if stripped.contains(user) {
                count(&profiles, user)
            } else {
                0
            }
        };
        let mut people = Vec::new();
        for id in concerned.iter().take(NAMED) {
            if let Some(user) = session.find_user(*id).await? {
                people.push(LosingPerson {
                    user,
                    devices: count(&devices, id),
                    profiles: goes(id),
                });
            }
        }
        Ok(LicencePlan {
            gaining: after.difference(before).count(),
            losing: losing.len(),
            stripped: stripped.len(),
            devices: concerned.iter().map(|user| count(&devices, user)).sum(),
            profiles: concerned.iter().map(goes).sum(),
            on_loss: new.on_loss,
            people,
        })
    }
}
