//! Synchronise, lock, retire, wipe.

use std::collections::BTreeMap;

use mandate_model::{DeviceId, DeviceState, EnrolmentType, Platform};
use serde_json::{Value, json};

use crate::access::scope::require_device;
use crate::audit::Change;
use crate::delivery::{ActionKind, Visit};
use crate::{Action, Actor, Engine, EngineError};

/// How a device is wiped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WipeOptions {
    /// Whether the mobile data plan stays.
    pub keep_data_plan: bool,
}

/// What a locked device shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LockOptions {
    /// Text on the lock screen.
    pub message: Option<String>,
    /// Number on the lock screen.
    pub phone_number: Option<String>,
}

impl Engine {
    /// Has a device check in, report everything, and try again what failed.
    pub async fn sync_device(&self, actor: &Actor, id: DeviceId) -> Result<(), EngineError> {
        actor.require(Action::DevicesSync)?;
        let visit = self.visit_managed(actor, Action::DevicesSync, id).await?;
        Box::pin(self.synchronise(actor, visit)).await
    }

    /// The same on a visit that is permitted.
    pub(crate) async fn synchronise(
        &self,
        actor: &Actor,
        mut visit: Visit<'_>,
    ) -> Result<(), EngineError> {
        let id = visit.record.device.id;
        visit.enqueue(ActionKind::Synchronise, &Value::Null, &actor.name());
        visit.enqueue_inventory();
        visit.retry_failures();
        visit.session.look_at_channels_again(id, self.now()).await?;
        self.conclude(visit, actor, "sync", json!({})).await
    }

    /// Locks the screen.
    pub async fn lock_device(
        &self,
        actor: &Actor,
        id: DeviceId,
        options: LockOptions,
    ) -> Result<(), EngineError> {
        actor.require(Action::DevicesLock)?;
        let mut visit = self.visit_managed(actor, Action::DevicesLock, id).await?;
        if visit.record.device.platform == Platform::MacOs {
            return Err(EngineError::NotPossible {
                reason: "a Mac is locked with a PIN, which cannot be given from here".to_owned(),
            });
        }
        let parameters = json!({ "message": options.message, "phoneNumber": options.phone_number });
        visit.enqueue(ActionKind::Lock, &parameters, &actor.name());
        self.conclude(visit, actor, "lock", parameters).await
    }

    /// Removes management and everything that came with it; personal data stays.
    pub async fn retire_device(&self, actor: &Actor, id: DeviceId) -> Result<(), EngineError> {
        actor.require(Action::DevicesRetire)?;
        let visit = self
            .visit_permitted(actor, Action::DevicesRetire, id)
            .await?;
        Box::pin(self.retire(actor, visit)).await
    }

    /// The same on a visit that is permitted.
    pub(crate) async fn retire(
        &self,
        actor: &Actor,
        mut visit: Visit<'_>,
    ) -> Result<(), EngineError> {
        match visit.record.device.state {
            DeviceState::Enrolled | DeviceState::Retiring | DeviceState::Wiping => {}
            DeviceState::Enrolling | DeviceState::Imported => {
                visit.finish(DeviceState::Retired, "retired").await?;
                return self.conclude(visit, actor, "retire", json!({})).await;
            }
            state => return Err(not_in(state, "retired")),
        }
        visit.record.device.state = DeviceState::Retiring;
        visit.device_changed();
        visit.enqueue(ActionKind::RemoveManagement, &Value::Null, &actor.name());
        self.conclude(visit, actor, "retire", json!({})).await
    }

    /// Erases everything. Not possible for a person's own device, of which only a part is managed (REM-5).
    pub async fn wipe_device(
        &self,
        actor: &Actor,
        id: DeviceId,
        options: WipeOptions,
    ) -> Result<(), EngineError> {
        actor.require(Action::DevicesWipe)?;
        let mut visit = self.visit_permitted(actor, Action::DevicesWipe, id).await?;
        if visit.record.device.enrolment_type == EnrolmentType::User {
            return Err(EngineError::NotPossible {
                reason: "a device in user enrolment is its owner's and cannot be wiped; retire it instead".to_owned(),
            });
        }
        match visit.record.device.state {
            DeviceState::Enrolled | DeviceState::Retiring | DeviceState::Wiping => {}
            state => return Err(not_in(state, "wiped")),
        }
        visit.record.device.state = DeviceState::Wiping;
        visit.device_changed();
        visit.enqueue(
            ActionKind::Erase,
            &json!({ "keepDataPlan": options.keep_data_plan }),
            &actor.name(),
        );
        let options = json!({ "keepDataPlan": options.keep_data_plan });
        self.conclude(visit, actor, "wipe", options).await
    }

    /// Takes a device out of the list. An enrolled one is retired first; one that never comes back to be retired or
    /// wiped, and one that has gone, are forgotten at once, and what it holds can no longer be used.
    pub async fn delete_device(&self, actor: &Actor, id: DeviceId) -> Result<(), EngineError> {
        actor.require(Action::DevicesDelete)?;
        let visit = self
            .visit_permitted(actor, Action::DevicesDelete, id)
            .await?;
        if visit.record.device.state == DeviceState::Enrolled {
            return Box::pin(self.retire(actor, visit)).await;
        }
        self.forget(actor, visit).await
    }

    /// Takes a device out of the list, whatever it has not done yet, on a visit that is permitted.
    pub(crate) async fn forget(
        &self,
        actor: &Actor,
        mut visit: Visit<'_>,
    ) -> Result<(), EngineError> {
        let id = visit.record.device.id;
        if visit.record.device.state.is_connected() {
            visit.finish(DeviceState::Retired, "forgotten").await?;
        }
        let device = &visit.record.device;
        let name = device.display_name();
        let before = json!({
            "deviceName": name,
            "serialNumber": device.facts.serial_number,
            "userId": device.user_id,
            "managementState": device.state,
        });
        let mut session = visit.end_and_wake().await?;
        session.delete_profiles_of_device(id).await?;
        session.delete_actions_of_device(id).await?;
        session.delete_memberships(id.0).await?;
        session.delete_remark(id).await?;
        session.delete_device_label(id).await?;
        session
            .set_scope_tags_of_device(id, &BTreeMap::new())
            .await?;
        session.delete_device(id).await?;
        let change = Change::delete("device", id, &name, before);
        self.audit(&mut session, actor, change).await?;
        Ok(session.commit().await?)
    }

    async fn visit_managed(
        &self,
        actor: &Actor,
        action: Action,
        id: DeviceId,
    ) -> Result<Visit<'_>, EngineError> {
        let visit = self.visit_permitted(actor, action, id).await?;
        match visit.record.device.state {
            DeviceState::Enrolled => Ok(visit),
            state => Err(not_in(state, "reached")),
        }
    }

    /// A visit to a device with which the actor may do this.
    pub(super) async fn visit_permitted(
        &self,
        actor: &Actor,
        action: Action,
        id: DeviceId,
    ) -> Result<Visit<'_>, EngineError> {
        actor.require(action)?;
        let mut visit = Visit::begin(self, id).await?;
        let device = visit.record.device.clone();
        require_device(&mut visit.session, actor, action, &device).await?;
        Ok(visit)
    }

    async fn conclude(
        &self,
        visit: Visit<'_>,
        actor: &Actor,
        activity: &'static str,
        changes: Value,
    ) -> Result<(), EngineError> {
        let name = visit.record.device.display_name();
        let id = visit.record.device.id;
        let mut session = visit.end_and_wake().await?;
        self.audit(
            &mut session,
            actor,
            Change::action(activity, "device", id, &name, changes),
        )
        .await?;
        Ok(session.commit().await?)
    }
}

fn not_in(state: DeviceState, what: &str) -> EngineError {
    let state = match state {
        DeviceState::Enrolling => "has not finished its enrolment",
        DeviceState::Imported => "has not come from its other server yet",
        DeviceState::Enrolled => "is enrolled",
        DeviceState::Retiring => "is being retired",
        DeviceState::Wiping => "is being wiped",
        DeviceState::Retired => "was retired",
        DeviceState::Wiped => "was wiped",
        DeviceState::Unenrolled => "was unenrolled by its user",
    };
    EngineError::NotPossible {
        reason: format!("the device {state} and cannot be {what}"),
    }
}
