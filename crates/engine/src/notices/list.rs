//! What was mailed, for administrators.

use mandate_model::{DeviceId, Timestamp, UserId};
use mandate_store::{NoticeRecord, NoticeState};
use serde_json::json;
use uuid::Uuid;

use super::{Facts, NoticeEvent};
use crate::access::scope::{people_within, require_person, shows_device};
use crate::audit::Change;
use crate::{Action, Actor, Engine, EngineError};

const WHAT: &str = "notice";

/// A mail, or what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailedNotice {
    /// Its id, ordered by time.
    pub id: Uuid,
    /// What it is about; none for a text that was only tried out.
    pub event: Option<NoticeEvent>,
    /// Who gets it.
    pub user: UserId,
    /// Sign-in name of who gets it; none if they are gone.
    pub user_principal_name: Option<String>,
    /// The device that it is about.
    pub device: Option<DeviceId>,
    /// Name of that device.
    pub device_name: Option<String>,
    /// Name of the profile, or whom the certificate names.
    pub about: Option<String>,
    /// How far it has come.
    pub state: NoticeState,
    /// How often sending was tried.
    pub attempts: i64,
    /// When it is tried next.
    pub due_at: Option<Timestamp>,
    /// What became of the last try.
    pub result: Option<String>,
    /// When the matter came up.
    pub created_at: Timestamp,
    /// When the mail server took it.
    pub told_at: Option<Timestamp>,
}

impl Engine {
    /// Mails to people whom the actor reaches, the newest first, from the one before `before`.
    pub async fn list_mailed_notices(
        &self,
        actor: &Actor,
        state: Option<NoticeState>,
        before: Option<Uuid>,
        limit: u32,
    ) -> Result<Vec<MailedNotice>, EngineError> {
        actor.require(Action::NotificationsRead)?;
        let limit = limit.clamp(1, 1000);
        let mut session = self.store().read().await?;
        let reached = people_within(&mut session, actor, Action::NotificationsRead).await?;
        let devices = actor.scope_of_members();
        let (mut found, mut before) = (Vec::new(), before);
        loop {
            let page = session.list_notices(state, before, limit).await?;
            let is_last = page.len() < limit as usize;
            for record in page {
                before = Some(record.id);
                let is_seen =
                    |people: &std::collections::BTreeSet<UserId>| people.contains(&record.user_id);
                if !reached.as_ref().is_none_or(is_seen) {
                    continue;
                }
                let user = session.find_user(record.user_id).await?;
                // Whoever may not see the device is not told its name.
                let device = match record.device_id {
                    Some(id) if shows_device(&mut session, &devices, id).await? => {
                        session.find_device(id).await?
                    }
                    Some(_) | None => None,
                };
                let mut shown = MailedNotice::of(record);
                shown.user_principal_name = user.map(|user| user.user_principal_name);
                shown.device_name = device.map(|found| found.device.display_name());
                found.push(shown);
                if found.len() == limit as usize {
                    return Ok(found);
                }
            }
            if is_last {
                return Ok(found);
            }
        }
    }

    /// Has a mail sent once more that was refused, withdrawn, or of which nobody knows.
    pub async fn send_notice_again(&self, actor: &Actor, id: Uuid) -> Result<(), EngineError> {
        actor.require(Action::NotificationsUpdate)?;
        let now = self.now();
        let mut session = self.store().write().await?;
        let not_there = || EngineError::not_found(WHAT, id);
        let record = session.find_notice(id).await?.ok_or_else(not_there)?;
        let user = record.user_id;
        require_person(&mut session, actor, Action::NotificationsUpdate, user).await?;
        let new_id = self.chance().id(now);
        if !session.send_notice_again(id, new_id, now).await? {
            let state = record.state.name();
            return Err(EngineError::NotPossible {
                reason: format!(
                    "the mail is `{state}`, and only one that is `refused`, `withdrawn` or `unknown` can be sent again"
                ),
            });
        }
        let found = session.find_user(user).await?;
        let name = found
            .map(|user| user.user_principal_name)
            .unwrap_or_default();
        let after = json!({ "event": record.event, "userId": user });
        let change = Change::action("sendAgain", WHAT, new_id, &name, after);
        self.audit(&mut session, actor, change).await?;
        Ok(session.commit().await?)
    }
}

impl MailedNotice {
    fn of(record: NoticeRecord) -> Self {
        let facts = Facts::of(&record.facts);
        let subject = facts.certificate.map(|certificate| certificate.subject);
        Self {
            id: record.id,
            event: NoticeEvent::parse(&record.event),
            user: record.user_id,
            user_principal_name: None,
            device: record.device_id,
            device_name: None,
            about: facts.profile.or(subject),
            state: record.state,
            attempts: record.attempts,
            due_at: record.due_at,
            result: record.result,
            created_at: record.created_at,
            told_at: record.told_at,
        }
    }
}
