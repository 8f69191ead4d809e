//! What an administrator sees first: how many people have mail, what is wrong, and what ends soon.
//!
//! Everything here is counted by the database from what devices have said; no device is judged anew. Whom a change concerns that
//! a device has not heard of yet is therefore only known where that is plain: see [`Rollout`].

mod keys;
mod rollouts;
mod worries;

pub use keys::{InstanceKey, KeyUse};
pub use rollouts::Rollout;
pub(crate) use rollouts::Rollouts;
pub use worries::{Worry, WorryKind};

use mandate_model::{Platform, Timestamp};
use mandate_store::{FleetCount, PeopleWithMail, Session};

use crate::{Action, Actor, Engine, EngineError, PushTrouble};

/// More certificates that end soon than this are not counted.
const MOST_CERTIFICATES: i64 = 1000;
/// Days within which a certificate ends soon.
const SOON_DAYS: i64 = 30;

/// The overview of everything. What the asker may not see is absent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Home {
    /// When this was counted.
    pub counted_at: Timestamp,
    /// How many devices there are.
    pub fleet: Option<Fleet>,
    /// How many people have mail.
    pub mail: Option<PeopleWithMail>,
    /// What is wrong, the biggest cause first.
    pub worries: Option<Vec<Worry>>,
    /// Keys of the instance, the first to end first.
    pub keys: Option<Vec<InstanceKey>>,
    /// Certificates on devices that end within 30 days, counted up to 1,000. Only for those who see all devices.
    pub ending_certificates: Option<i64>,
    /// Why devices cannot be woken at present.
    pub push_trouble: Option<PushTrouble>,
}

/// How many devices there are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fleet {
    /// Under management.
    pub enrolled: i64,
    /// To be retired or wiped.
    pub leaving: i64,
    /// No longer managed, but still in the list.
    pub gone: i64,
    /// Those under management by platform.
    pub platforms: Vec<(Platform, i64)>,
}

impl Engine {
    /// The overview of everything that the actor may see. Refused for those who may see none of it.
    pub async fn home(&self, actor: &Actor) -> Result<Home, EngineError> {
        let sees_reports = actor.require(Action::ProfilesViewReports).is_ok();
        let sees_instance = actor.require(Action::OrganizationRead).is_ok();
        if !sees_reports && !sees_instance {
            actor.require(Action::DevicesRead)?;
        }
        let mut session = self.store().read().await?;
        let fleet = match actor.scope_for(Action::DevicesRead) {
            Ok(scope) => Some(fleet(session.count_fleet(&scope).await?)),
            Err(_) => None,
        };
        let (mut mail, mut worries) = (None, None);
        if sees_reports {
            let scope = actor.scope_among(Action::DevicesRead, Action::ProfilesViewReports)?;
            mail = Some(session.count_people_with_mail(&scope).await?);
            worries = Some(self.worries(&mut session, actor, &scope).await?);
        }
        let ending_certificates = self.ending_certificates(&mut session, actor).await?;
        let keys = if sees_instance {
            Some(keys::keys(&mut session).await?)
        } else {
            None
        };
        Ok(Home {
            counted_at: self.now(),
            fleet,
            mail,
            worries,
            keys,
            ending_certificates,
            push_trouble: self.push_trouble().filter(|_| sees_instance),
        })
    }

    async fn ending_certificates(
        &self,
        session: &mut Session,
        actor: &Actor,
    ) -> Result<Option<i64>, EngineError> {
        let sees_all = actor.require(Action::ProfilesViewReports).is_ok()
            && actor
                .scope_for(Action::DevicesRead)
                .is_ok_and(|scope| scope.is_all());
        if !sees_all {
            return Ok(None);
        }
        let now = self.now();
        let until = now.plus(SOON_DAYS * Timestamp::DAY);
        let count = session.count_ending_certificates(now, until, MOST_CERTIFICATES);
        Ok(Some(count.await?))
    }
}

fn fleet(counts: Vec<FleetCount>) -> Fleet {
    let mut fleet = Fleet::default();
    for count in counts {
        match count.state.as_str() {
            "enrolled" => {
                fleet.enrolled += count.devices;
                fleet.platforms.push((count.platform, count.devices));
            }
            "retiring" | "wiping" => fleet.leaving += count.devices,
            _ => fleet.gone += count.devices,
        }
    }
    fleet.platforms.sort_unstable();
    fleet
}
