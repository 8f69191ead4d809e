//! Which events are mailed, and with which text.

use mandate_store::Session;
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::NoticeEvent;
use crate::audit::Change;
use crate::{Action, Actor, Engine, EngineError};

/// Name of the setting in the store.
const NAME: &str = "notices";
/// Thresholds of certificates, in days.
const DAYS: std::ops::RangeInclusive<i64> = 1..=90;
const MOST_DAYS: usize = 5;

/// What people are told of by mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NoticeSettings {
    /// An account made by hand keeps ours from a device.
    pub account_blocked: EventSettings,
    /// A certificate ends.
    pub certificate_ending: EventSettings,
    /// A device asks for a password or a sign-in.
    pub password_expected: EventSettings,
    /// A device asks whether new settings are wanted.
    pub approval_expected: EventSettings,
    /// Days before the end of a certificate on which its owner is told, 1 to 90, the most first; at most five. The portal shows
    /// certificates from the first of them on.
    pub certificate_days: Vec<i64>,
}

/// How one event is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct EventSettings {
    /// Whether it is mailed; the portal shows it anyway.
    pub is_mailed: bool,
    /// The text that an administrator wrote for it; ours if there is none.
    pub template_id: Option<Uuid>,
}

impl Default for EventSettings {
    fn default() -> Self {
        Self {
            is_mailed: true,
            template_id: None,
        }
    }
}

impl Default for NoticeSettings {
    fn default() -> Self {
        Self {
            account_blocked: EventSettings::default(),
            certificate_ending: EventSettings::default(),
            password_expected: EventSettings::default(),
            approval_expected: EventSettings::default(),
            certificate_days: vec![14, 3],
        }
    }
}

impl NoticeSettings {
    /// How an event is told.
    pub const fn of(&self, event: NoticeEvent) -> EventSettings {
        match event {
            NoticeEvent::AccountBlocked => self.account_blocked,
            NoticeEvent::CertificateEnding => self.certificate_ending,
            NoticeEvent::PasswordExpected => self.password_expected,
            NoticeEvent::ApprovalExpected => self.approval_expected,
        }
    }

    /// The same, to be changed.
    pub const fn of_mut(&mut self, event: NoticeEvent) -> &mut EventSettings {
        match event {
            NoticeEvent::AccountBlocked => &mut self.account_blocked,
            NoticeEvent::CertificateEnding => &mut self.certificate_ending,
            NoticeEvent::PasswordExpected => &mut self.password_expected,
            NoticeEvent::ApprovalExpected => &mut self.approval_expected,
        }
    }

    /// The events that a text is used for.
    pub fn uses_of(&self, template: Uuid) -> Vec<NoticeEvent> {
        let uses = |event: &NoticeEvent| self.of(*event).template_id == Some(template);
        NoticeEvent::ALL.into_iter().filter(uses).collect()
    }

    fn tidy(&mut self) {
        self.certificate_days
            .sort_unstable_by(|one, other| other.cmp(one));
        self.certificate_days.dedup();
    }

    async fn check(&self, session: &mut Session) -> Result<(), EngineError> {
        let days = &self.certificate_days;
        if days.len() > MOST_DAYS || days.iter().any(|day| !DAYS.contains(day)) {
            let rule = "must be at most five whole numbers from 1 to 90";
            let given = days.iter().map(ToString::to_string);
            let given = given.collect::<Vec<_>>().join(", ");
            return Err(EngineError::invalid("certificateDays", rule, Some(&given)));
        }
        for event in NoticeEvent::ALL {
            if let Some(id) = self.of(event).template_id
                && session.find_notification_template(id).await?.is_none()
            {
                let property = format!("{}/templateId", event.name());
                let rule = "must be the id of a notification message template";
                return Err(EngineError::invalid(&property, rule, Some(&id.to_string())));
            }
        }
        Ok(())
    }
}

impl Engine {
    /// What people are told of by mail.
    pub async fn notice_settings(&self, actor: &Actor) -> Result<NoticeSettings, EngineError> {
        actor.require(Action::NotificationsRead)?;
        read(&mut self.store().read().await?).await
    }

    /// Changes what people are told of by mail. Only for those whose role has no scope: it concerns everybody.
    pub async fn update_notice_settings(
        &self,
        actor: &Actor,
        change: impl FnOnce(&mut NoticeSettings) + Send,
    ) -> Result<NoticeSettings, EngineError> {
        actor.require_everywhere(Action::NotificationsUpdate)?;
        let mut session = self.store().write().await?;
        let before = read(&mut session).await?;
        let mut settings = before.clone();
        change(&mut settings);
        settings.tidy();
        settings.check(&mut session).await?;
        if settings == before {
            return Ok(settings);
        }
        let text = serde_json::to_string(&settings).expect("switches, numbers and ids");
        session.set_setting(NAME, &text).await?;
        let tenant = self.tenant();
        let (old, new) = (json!(before), json!(settings));
        let change = Change::update(
            "notificationSettings",
            tenant.id,
            &tenant.company,
            &old,
            &new,
        );
        self.audit(&mut session, actor, change).await?;
        session.commit().await?;
        Ok(settings)
    }
}

pub(super) async fn read(session: &mut Session) -> Result<NoticeSettings, EngineError> {
    match session.find_setting(NAME).await? {
        None => Ok(NoticeSettings::default()),
        Some(text) => serde_json::from_str(&text).map_err(|error| {
            EngineError::Internal(format!("setting `{NAME}` cannot be read: {error}"))
        }),
    }
}
