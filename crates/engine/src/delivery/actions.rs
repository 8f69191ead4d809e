//! Actions: commands that are not about a profile.

use mandate_model::Timestamp;
use mandate_store::ActionRecord;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::Visit;

/// What an action does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ActionKind {
    Erase,
    RemoveManagement,
    Lock,
    RenewIdentity,
    DescribeDevice,
    DescribeSecurity,
    ListProfiles,
    ListCertificates,
    /// Lets a device go on that waits in its Setup Assistant.
    ConfirmConfigured,
    /// Somebody asked for a synchronisation; done when the inventory has been read.
    Synchronise,
}

impl ActionKind {
    const NAMES: [(Self, &'static str); 10] = [
        (Self::Erase, "erase"),
        (Self::RemoveManagement, "removeManagement"),
        (Self::Lock, "lock"),
        (Self::RenewIdentity, "renewIdentity"),
        (Self::DescribeDevice, "describeDevice"),
        (Self::DescribeSecurity, "describeSecurity"),
        (Self::ListProfiles, "listProfiles"),
        (Self::ListCertificates, "listCertificates"),
        (Self::ConfirmConfigured, "confirmConfigured"),
        (Self::Synchronise, "synchronise"),
    ];

    pub(crate) fn name(self) -> &'static str {
        Self::NAMES
            .iter()
            .find(|(kind, _)| *kind == self)
            .map_or("", |(_, name)| name)
    }

    pub(crate) fn parse(name: &str) -> Option<Self> {
        Self::NAMES
            .iter()
            .find(|(_, known)| *known == name)
            .map(|(kind, _)| *kind)
    }

    /// Questions that the server asks for itself: nobody looks at their rows once they are answered.
    pub(crate) const fn is_question(self) -> bool {
        matches!(
            self,
            Self::DescribeDevice
                | Self::DescribeSecurity
                | Self::ListProfiles
                | Self::ListCertificates
                | Self::ConfirmConfigured
        )
    }

    /// How long it may wait for the device. An erase that comes weeks late may hit somebody else's device.
    pub(crate) const fn lifetime(self) -> Option<i64> {
        match self {
            Self::Erase => Some(30 * Timestamp::DAY),
            Self::Lock => Some(7 * Timestamp::DAY),
            _ => None,
        }
    }
}

/// How far an action is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum ActionState {
    Queued,
    Sent,
    /// The device answered NotNow; it is offered again in the next session, for which a push asks in time.
    PutOff,
    Done,
    Failed,
    Expired,
}

impl ActionState {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sent => "sent",
            Self::PutOff => "putOff",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Expired => "expired",
        }
    }

    pub(crate) fn parse(name: &str) -> Self {
        match name {
            "sent" => Self::Sent,
            "putOff" => Self::PutOff,
            "done" => Self::Done,
            "failed" => Self::Failed,
            "expired" => Self::Expired,
            _ => Self::Queued,
        }
    }

    pub(crate) const fn is_open(self) -> bool {
        matches!(self, Self::Queued | Self::Sent | Self::PutOff)
    }
}

/// An action with its words read.
#[derive(Debug, Clone)]
pub(super) struct Action {
    pub(super) record: ActionRecord,
    pub(super) kind: ActionKind,
    pub(super) state: ActionState,
    pub(super) is_new: bool,
    pub(super) is_changed: bool,
    pub(super) is_forgotten: bool,
}

impl Action {
    /// Actions of a kind that a later release wrote are left alone.
    pub(super) fn read(record: ActionRecord) -> Option<Self> {
        let kind = ActionKind::parse(&record.kind)?;
        let state = ActionState::parse(&record.state);
        Some(Self {
            record,
            kind,
            state,
            is_new: false,
            is_changed: false,
            is_forgotten: false,
        })
    }

    pub(super) fn is_open(&self) -> bool {
        self.state.is_open()
    }

    pub(super) fn set(&mut self, state: ActionState, now: Timestamp) {
        self.state = state;
        state.name().clone_into(&mut self.record.state);
        self.record.updated_at = now;
        self.is_changed = true;
    }
}

impl Visit<'_> {
    /// Adds an action, unless an equal one is open: two locks are one lock. Its id.
    pub(crate) fn enqueue(
        &mut self,
        kind: ActionKind,
        parameters: &Value,
        requested_by: &str,
    ) -> Uuid {
        if let Some(open) = self
            .actions
            .iter_mut()
            .find(|action| action.kind == kind && action.is_open())
        {
            open.record.due_at = None;
            open.record.parameters = parameters.to_string();
            open.is_changed = true;
            return open.record.id;
        }
        // Of each kind the last one that is closed is enough to look back on.
        for closed in self
            .actions
            .iter_mut()
            .filter(|action| action.kind == kind && !action.is_open())
        {
            closed.is_forgotten = true;
        }
        let id = self.engine.chance().id(self.now);
        let record = ActionRecord {
            id,
            device_id: self.record.device.id,
            kind: kind.name().to_owned(),
            state: ActionState::Queued.name().to_owned(),
            parameters: parameters.to_string(),
            requested_by: requested_by.to_owned(),
            error: None,
            attempts: 0,
            due_at: None,
            expires_at: kind.lifetime().map(|lifetime| self.now.plus(lifetime)),
            created_at: self.now,
            updated_at: self.now,
        };
        let state = ActionState::Queued;
        self.actions.push(Action {
            record,
            kind,
            state,
            is_new: true,
            is_changed: false,
            is_forgotten: false,
        });
        id
    }

    /// Asks everything that a server wants to know of a device, or of a person's channel on one, that it has just met or
    /// is to look at again.
    pub(crate) fn enqueue_inventory(&mut self) {
        let of_device: &[ActionKind] = if self.is_of_person() {
            &[]
        } else {
            &[ActionKind::DescribeDevice, ActionKind::DescribeSecurity]
        };
        let lists = [ActionKind::ListProfiles, ActionKind::ListCertificates];
        for kind in of_device.iter().copied().chain(lists) {
            self.enqueue(kind, &Value::Null, "system");
        }
    }
}
