//! The way to the first device, in seven steps: where each of them stands, why, and what to do next.
//!
//! Nothing here is ticked off by hand. Where a step stands is read from what there is, so that a step that was done is not
//! done any more when what it needs has gone.

mod platforms;
mod step;
mod steps;

pub use platforms::{PlatformCause, PlatformReadiness};
pub use step::{NextAction, SetupCause, SetupState, SetupStep, SetupStepKind};

use mandate_model::Timestamp;
use mandate_store::Session;
use serde::Serialize;

use crate::domains::{SuffixReport, unproved};
use crate::{Action, Actor, Engine, EngineError};

/// The checklist.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Setup {
    /// When this was read.
    pub date_time: Timestamp,
    /// The steps, in order.
    pub steps: Vec<SetupStep>,
    /// What may be enrolled, and what may not and why.
    pub platforms: Vec<PlatformReadiness>,
    /// People whose sign-in names are under no proved domain.
    pub unverified_suffixes: SuffixReport,
}

impl Setup {
    /// How many steps are done.
    pub fn done(&self) -> usize {
        let steps = self.steps.iter();
        steps.filter(|step| step.state == SetupState::Done).count()
    }
}

impl Engine {
    /// The checklist, for those who may see the organisation's settings.
    pub async fn setup(&self, actor: &Actor) -> Result<Setup, EngineError> {
        actor.require(Action::OrganizationRead)?;
        let connections = self.list_connections().await?;
        let mut session = self.store().read().await?;
        self.read_setup(&mut session, &connections).await
    }

    async fn read_setup(
        &self,
        session: &mut Session,
        connections: &[crate::Connection],
    ) -> Result<Setup, EngineError> {
        let unverified_suffixes = unproved(session).await?;
        let platforms = self.platforms(session).await?;
        let steps = vec![
            steps::connections(session, connections, &unverified_suffixes).await?,
            steps::authority(session).await?,
            steps::groups(session).await?,
            steps::portal(session).await?,
            steps::licences(session).await?,
            steps::enrolment(session, &platforms, self.now()).await?,
            steps::next(session).await?,
        ];
        Ok(Setup {
            date_time: self.now(),
            steps,
            platforms,
            unverified_suffixes,
        })
    }
}
