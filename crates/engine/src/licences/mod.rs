//! Who has a licence for device management.
//!
//! Nobody pays for licences here, so there are as many as are wanted unless the administrator sets a number. They say who
//! may enrol devices. A licence is given to a person, to the people of a group, or to everybody. Where there is a number,
//! each of those people takes a *seat*; who comes after the last one waits, and takes the first that becomes free.

mod change;
mod plan;
mod read;
mod seats;

pub use change::{LicenceChange, LicenceLoss};
pub use mandate_store::LicenceHolder;
pub use plan::{LicencePlan, LosingPerson};
pub use read::{LicenceSource, LicenceSummary, LicensedPerson, UserLicence};
pub use seats::Licensed;

use mandate_model::UserId;
use mandate_store::Session;

use crate::{Engine, EngineError};

/// What administrators say about licences.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rules {
    /// How many there are; `None` for as many as are wanted.
    pub(crate) units: Option<i64>,
    /// What becomes of the devices of those who lose theirs.
    pub(crate) on_loss: LicenceLoss,
}

const UNITS: &str = "licence.units";
const ON_LOSS: &str = "licence.onLoss";

impl Rules {
    pub(crate) async fn read(session: &mut Session) -> Result<Self, EngineError> {
        let units = match session.find_setting(UNITS).await? {
            Some(text) => Some(text.parse().map_err(|_| {
                EngineError::Internal(format!("setting `{UNITS}` is no number: `{text}`"))
            })?),
            None => None,
        };
        let on_loss = session.find_setting(ON_LOSS).await?;
        Ok(Self {
            units,
            on_loss: on_loss
                .as_deref()
                .and_then(LicenceLoss::parse)
                .unwrap_or_default(),
        })
    }

    async fn write(self, session: &mut Session) -> Result<(), EngineError> {
        match self.units {
            Some(units) => session.set_setting(UNITS, &units.to_string()).await?,
            None => session.delete_setting(UNITS).await?,
        }
        Ok(session.set_setting(ON_LOSS, self.on_loss.name()).await?)
    }
}

impl Engine {
    /// Whether the devices of a person are to have nothing because the person has no licence any more. Never unless the
    /// administrator chose so.
    pub(crate) async fn is_stripped(
        &self,
        session: &mut Session,
        user: UserId,
    ) -> Result<bool, EngineError> {
        let rules = Rules::read(session).await?;
        Ok(rules.on_loss == LicenceLoss::Remove
            && seats::licensed(session, rules, user).await? != Licensed::Yes)
    }
}
