//! Who of those who are given a licence has one, where there is a number of them.

use std::collections::BTreeSet;

use mandate_model::{Timestamp, UserId};
use mandate_store::Session;

use super::{LicenceLoss, Rules};
use crate::{Engine, EngineError};

/// Whether a person has a licence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Licensed {
    /// They have one.
    Yes,
    /// They are given none.
    No,
    /// They are given one, but all are taken.
    AllTaken,
}

/// Whether a person has a licence.
pub(super) async fn licensed(
    session: &mut Session,
    rules: Rules,
    user: UserId,
) -> Result<Licensed, EngineError> {
    Ok(if session.licences_of(user).await?.is_empty() {
        Licensed::No
    } else if rules.units.is_none() || session.has_licence_seat(user).await? {
        Licensed::Yes
    } else {
        Licensed::AllTaken
    })
}

/// Everybody who has one.
pub(super) async fn everybody_licensed(
    session: &mut Session,
    rules: Rules,
) -> Result<BTreeSet<UserId>, EngineError> {
    let people = match rules.units {
        None => session.people_with_licence().await?,
        Some(_) => session.people_with_seat().await?,
    };
    Ok(people.into_iter().collect())
}

/// Gives seats back of those who are given no licence any more, and those that are free to those who wait, in the order of
/// their ids. Who keeps and who got one is for the caller to compare.
pub(super) async fn settle(
    session: &mut Session,
    rules: Rules,
    now: Timestamp,
) -> Result<(), EngineError> {
    let Some(units) = rules.units else {
        return Ok(session.clear_licence_seats().await?);
    };
    let given: BTreeSet<UserId> = session.people_with_licence().await?.into_iter().collect();
    let mut seated: BTreeSet<UserId> = session.licence_seats().await?.into_iter().collect();
    for gone in seated.difference(&given) {
        session.leave_licence_seat(*gone).await?;
    }
    seated.retain(|user| given.contains(user));
    let room = usize::try_from(units)
        .unwrap_or_default()
        .saturating_sub(seated.len());
    for next in given.difference(&seated).take(room) {
        session.take_licence_seat(*next, now).await?;
    }
    Ok(())
}

impl Engine {
    /// Whether a person has a licence; who waits for one takes a free one on the way.
    pub(crate) async fn claim_licence(
        &self,
        session: &mut Session,
        user: UserId,
    ) -> Result<Licensed, EngineError> {
        let rules = Rules::read(session).await?;
        let found = licensed(session, rules, user).await?;
        if found != Licensed::AllTaken {
            return Ok(found);
        }
        session.hold_licences().await?;
        // What was read before the turn came may not hold any more.
        let rules = Rules::read(session).await?;
        let taken = session.count_people_with_seat().await?;
        if rules.units.is_some_and(|units| taken >= units) {
            return licensed(session, rules, user).await;
        }
        session.take_licence_seat(user, self.now()).await?;
        Ok(Licensed::Yes)
    }

    /// Brings seats in line with who is given a licence, as groups and people come and go. Nothing to do where there is no
    /// number of licences.
    pub async fn settle_licences(&self) -> Result<(), EngineError> {
        let mut session = self.store().read().await?;
        let rules = Rules::read(&mut session).await?;
        drop(session);
        if rules.units.is_none() {
            return Ok(());
        }
        let mut session = self.store().write().await?;
        session.hold_licences().await?;
        let rules = Rules::read(&mut session).await?;
        let before = everybody_licensed(&mut session, rules).await?;
        settle(&mut session, rules, self.now()).await?;
        if rules.on_loss == LicenceLoss::Remove {
            let after = everybody_licensed(&mut session, rules).await?;
            for user in before.symmetric_difference(&after) {
                session.mark_stale_of_user(*user, self.now()).await?;
            }
        }
        Ok(session.commit().await?)
    }
}
