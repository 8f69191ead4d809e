//! On what grounds a device is given an enrolment profile, other than by a link.

use mandate_model::{DeviceFacts, EnrolmentType, LinkId, Platform, UserId};
use mandate_store::{Session, TicketRecord};
use serde_json::Value;
use uuid::Uuid;

use super::EnrolmentOffer;
use super::admission::Applicant;
use crate::{Engine, EngineError};

/// How an enrolment profile was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// A link that somebody opened.
    Link,
    /// The device itself, at its activation.
    Automated,
    /// Somebody who signed in with their account in the device's settings.
    Account,
    /// Not at all: the device was enrolled by another server, from which it comes.
    Migrated,
}

impl Way {
    const NAMES: [(Self, &'static str); 4] = [
        (Self::Link, "link"),
        (Self::Automated, "automated"),
        (Self::Account, "account"),
        (Self::Migrated, "migrated"),
    ];

    /// The word in the database.
    pub(crate) fn name(self) -> &'static str {
        let found = Self::NAMES.iter().find(|(way, _)| *way == self);
        found.map_or("", |(_, name)| name)
    }

    /// How a ticket was asked for; what is not known counts as a link.
    pub(super) fn of(ticket: &TicketRecord) -> Self {
        let found = Self::NAMES.iter().find(|(_, name)| *name == ticket.way);
        found.map_or(Self::Link, |(way, _)| *way)
    }
}

/// On what grounds an enrolment profile is given.
#[derive(Debug, Clone)]
pub(crate) struct Grounds {
    pub(crate) way: Way,
    pub(crate) user: Option<UserId>,
    pub(crate) platform: Platform,
    pub(crate) kind: EnrolmentType,
    /// The one device that may come with it.
    pub(crate) serial_number: Option<String>,
    pub(crate) ade_profile: Option<Uuid>,
}

impl Engine {
    /// An enrolment profile, unless the device would be refused when it comes.
    pub(crate) async fn open_on_grounds(
        &self,
        session: &mut Session,
        grounds: Grounds,
        facts: Option<&DeviceFacts>,
    ) -> Result<EnrolmentOffer, EngineError> {
        let applicant = Applicant {
            user: grounds.user,
            kind: grounds.kind,
            platform: grounds.platform,
            way: grounds.way,
            known: None,
            facts,
        };
        self.admit(session, applicant)
            .await?
            .map_err(EngineError::NotAdmitted)?;
        let topic = self.topic(session).await?;
        let ticket = self.ticket_on(grounds);
        session.insert_ticket(&ticket).await?;
        let offer = self.offer(session, &ticket, None, topic).await?;
        Ok(EnrolmentOffer {
            signed: true,
            ..offer
        })
    }

    /// A ticket of no link; it has the id of one so that none is named.
    pub(super) fn ticket_on(&self, grounds: Grounds) -> TicketRecord {
        let now = self.now();
        let kind = match serde_json::to_value(grounds.kind) {
            Ok(Value::String(word)) => word,
            _ => String::new(),
        };
        TicketRecord {
            id: self.chance().id(now),
            link_id: LinkId(self.chance().id(now)),
            user_id: grounds.user,
            platform: grounds.platform.name().to_owned(),
            enrolment_type: kind,
            way: grounds.way.name().to_owned(),
            serial_number: grounds.serial_number,
            ade_profile_id: grounds.ade_profile,
            device_id: None,
            created_at: now,
        }
    }
}
