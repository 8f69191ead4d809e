//! Device enrolment managers: people who enrol many devices for others, such as those who unpack them.

use mandate_model::{Timestamp, User, UserId};
use mandate_store::EnrolmentManagerRecord;
use serde_json::json;

use super::{MOST_DEVICES, MOST_MANAGERS};
use crate::audit::Change;
use crate::{Action, Actor, Engine, EngineError, Page};

/// Somebody who enrols many devices for others.
#[derive(Debug, Clone, PartialEq)]
pub struct EnrolmentManager {
    /// The person.
    pub user: User,
    /// Since when.
    pub since: Timestamp,
    /// How many devices count for them now.
    pub enrolled: i64,
    /// How many may.
    pub most: i64,
}

impl Engine {
    /// Device enrolment managers by user id.
    pub async fn list_enrolment_managers(
        &self,
        actor: &Actor,
        page: Page<UserId>,
    ) -> Result<Vec<EnrolmentManager>, EngineError> {
        actor.require(Action::EnrolmentManagersRead)?;
        let mut session = self.store().read().await?;
        let records = session
            .list_enrolment_managers(page.after, page.limit)
            .await?;
        let mut managers = Vec::with_capacity(records.len());
        for record in records {
            let Some(user) = session.find_user(record.user_id).await? else {
                continue;
            };
            let allowance = self.allowance(&mut session, user.id, None).await?;
            managers.push(EnrolmentManager {
                user,
                since: record.created_at,
                enrolled: allowance.enrolled,
                most: MOST_DEVICES,
            });
        }
        Ok(managers)
    }

    /// Makes a person a device enrolment manager. Devices that they have already stay theirs; those that they enrol from now
    /// on belong to nobody. Doing it again changes nothing.
    pub async fn appoint_enrolment_manager(
        &self,
        actor: &Actor,
        user: UserId,
    ) -> Result<(), EngineError> {
        actor.require(Action::EnrolmentManagersUpdate)?;
        let mut session = self.store().write().await?;
        session.hold_enrolment_rules().await?;
        let person = session
            .find_user(user)
            .await?
            .ok_or_else(|| EngineError::not_found("user", user))?;
        if session.is_enrolment_manager(user).await? {
            return Ok(());
        }
        if session.count_enrolment_managers().await? >= MOST_MANAGERS {
            let reason = format!(
                "there are {MOST_MANAGERS} device enrolment managers already, and there can be no more; take somebody off \
                 the list first"
            );
            return Err(EngineError::NotPossible { reason });
        }
        let record = EnrolmentManagerRecord {
            user_id: user,
            created_at: self.now(),
        };
        session.insert_enrolment_manager(record).await?;
        let after = json!({ "userPrincipalName": person.user_principal_name });
        let change = Change::create(KIND, user, &person.display_name, after);
        self.audit(&mut session, actor, change).await?;
        Ok(session.commit().await?)
    }

    /// Takes somebody off the list. Devices that they enrolled stay as they are.
    pub async fn dismiss_enrolment_manager(
        &self,
        actor: &Actor,
        user: UserId,
    ) -> Result<(), EngineError> {
        actor.require(Action::EnrolmentManagersUpdate)?;
        let mut session = self.store().write().await?;
        if !session.delete_enrolment_manager(user).await? {
            return Err(EngineError::not_found("device enrolment manager", user));
        }
        let person = session.find_user(user).await?;
        let name = person.as_ref().map_or("", |person| &person.display_name);
        let before = json!({
            "userPrincipalName": person.as_ref().map(|person| &person.user_principal_name),
        });
        let change = Change::delete(KIND, user, name, before);
        self.audit(&mut session, actor, change).await?;
        Ok(session.commit().await?)
    }
}

/// What the audit calls them.
const KIND: &str = "enrolmentManager";
