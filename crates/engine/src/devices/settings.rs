//! Settings of device management as a whole.

use mandate_store::Session;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::audit::Change;
use crate::{Action, Actor, BrandingChange, Engine, EngineError};

/// Name of the setting in the store.
const NAME: &str = "management";
/// Days that Intune's console offers.
const CHECK_IN_DAYS: std::ops::RangeInclusive<i32> = 1..=120;

/// What holds for all devices. Compliance, which most of it is about, does not read it yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ManagementSettings {
    /// After how many days of silence a device does not count as compliant, 1 to 120.
    pub device_compliance_checkin_threshold_days: i32,
    /// Whether what is to follow when a device is not compliant is done.
    pub is_scheduled_action_enabled: bool,
    /// Whether a device without a compliance policy counts as not compliant.
    pub secure_by_default: bool,
}

impl Default for ManagementSettings {
    fn default() -> Self {
        Self {
            device_compliance_checkin_threshold_days: 30,
            is_scheduled_action_enabled: true,
            secure_by_default: false,
        }
    }
}

impl Engine {
    /// Settings of device management. Whoever may ask anything may see them, as he may see the organisation's name.
    pub async fn management_settings(&self) -> Result<ManagementSettings, EngineError> {
        read(&mut self.store().read().await?).await
    }

    /// Changes settings of device management, and the branding with them: both or neither.
    pub async fn update_management_settings(
        &self,
        actor: &Actor,
        change: impl FnOnce(&mut ManagementSettings) + Send,
        branding: Option<BrandingChange>,
    ) -> Result<ManagementSettings, EngineError> {
        actor.require(Action::OrganizationUpdate)?;
        let branding = match branding {
            Some(change) => Some(self.prepare_branding(change).await?),
            None => None,
        };
        let mut session = self.store().write().await?;
        let before = read(&mut session).await?;
        let mut settings = before.clone();
        change(&mut settings);
        check(&settings)?;
        if let Some(branding) = branding {
            self.change_branding(&mut session, actor, branding).await?;
        }
        if settings != before {
            self.write_management_settings(&mut session, actor, &before, &settings)
                .await?;
        }
        session.commit().await?;
        Ok(settings)
    }

    async fn write_management_settings(
        &self,
        session: &mut Session,
        actor: &Actor,
        before: &ManagementSettings,
        settings: &ManagementSettings,
    ) -> Result<(), EngineError> {
        let text = serde_json::to_string(settings).expect("numbers and switches");
        session.set_setting(NAME, &text).await?;
        let tenant = self.tenant();
        let (old, new) = (json!(before), json!(settings));
        let kind = "deviceManagement";
        let change = Change::update(kind, tenant.id, &tenant.company, &old, &new);
        self.audit(session, actor, change).await?;
        Ok(())
    }
}

async fn read(session: &mut Session) -> Result<ManagementSettings, EngineError> {
    match session.find_setting(NAME).await? {
        None => Ok(ManagementSettings::default()),
        Some(text) => serde_json::from_str(&text).map_err(|error| {
            EngineError::Internal(format!("setting `{NAME}` cannot be read: {error}"))
        }),
    }
}

fn check(settings: &ManagementSettings) -> Result<(), EngineError> {
    let days = settings.device_compliance_checkin_threshold_days;
    if !CHECK_IN_DAYS.contains(&days) {
        let property = "settings/deviceComplianceCheckinThresholdDays";
        let rule = format!(
            "must be {} to {}",
            CHECK_IN_DAYS.start(),
            CHECK_IN_DAYS.end()
        );
        return Err(EngineError::invalid(
            property,
            &rule,
            Some(&days.to_string()),
        ));
    }
    Ok(())
}
