//! The root of device management and its settings.

use mandate_engine::{BrandingChange, ManagementSettings};
use serde_json::{Map, Value, json};

use crate::entity::Entity;
use crate::error::{GraphError, Result};
use crate::page::check_select;
use crate::reply::Reply;
use crate::request::{GraphRequest, Preference};
use crate::resources::body::boolean;
use crate::resources::branding::{Wording, brand, brand_pictures, in_words_of_brand, read_brand};
use crate::schema;
use crate::state::GraphState;

const PATH: &str = "deviceManagement";
/// Written by the server; clients send them back as they read them.
const PASSED_OVER: [&str; 4] = [
    "id",
    "intuneAccountId",
    "maximumDepTokens",
    "subscriptionState",
];

/// `GET deviceManagement`
pub(crate) async fn show_device_management(
    state: &GraphState,
    request: &GraphRequest,
) -> Result<Reply> {
    check_select(&request.query, PATH)?;
    let settings = state.engine().management_settings().await?;
    shown(state, &settings).await
}

/// `PATCH deviceManagement`: 204, or the whole where `Prefer` asks for it. What a part does not mention stays.
pub(crate) async fn update_device_management(
    state: &GraphState,
    request: &GraphRequest,
) -> Result<Reply> {
    let mut change = Change::read(request.object()?)?;
    let branding = change.branding.take();
    let settings = state
        .engine()
        .update_management_settings(&request.actor, |settings| change.apply(settings), branding)
        .await
        .map_err(in_words_of_brand)?;
    match request.prefer {
        Some(Preference::Representation) => shown(state, &settings).await,
        _ => Ok(Reply::no_content()),
    }
}

async fn shown(state: &GraphState, settings: &ManagementSettings) -> Result<Reply> {
    let tenant = state.engine().tenant();
    let branding = state.engine().branding().await?;
    let pictures = brand_pictures(state, &branding).await?;
    let body = json!({
        "id": tenant.id,
        "intuneAccountId": tenant.id,
        "subscriptionState": "active",
        "maximumDepTokens": 0,
        "settings": {
            "deviceComplianceCheckinThresholdDays": settings.device_compliance_checkin_threshold_days,
            "isScheduledActionEnabled": settings.is_scheduled_action_enabled,
            "secureByDefault": settings.secure_by_default,
        },
        "intuneBrand": brand(&branding, &pictures),
    });
    let entity = Entity::from_json(PATH, PATH.to_owned(), body);
    Ok(Reply::entity(entity, PATH, PATH))
}

/// What a body mentions.
#[derive(Debug, Default)]
struct Change {
    check_in_days: Option<i32>,
    scheduled_actions: Option<bool>,
    secure_by_default: Option<bool>,
    branding: Option<BrandingChange>,
}

impl Change {
    fn read(body: &Map<String, Value>) -> Result<Self> {
        let mut change = Self::default();
        for (name, value) in body {
            let known = schema::property(PATH, name).map(schema::Property::name);
            match known {
                Some("settings") => change.read_settings(name, value)?,
                Some("intuneBrand") => {
                    let body = part(name, value)?;
                    change.branding = Some(read_brand(Wording::Brand, body)?);
                }
                Some(known) if PASSED_OVER.contains(&known) => {}
                _ if name.contains('@') => {}
                _ => return Err(unknown(name, name, PATH)),
            }
        }
        Ok(change)
    }

    fn read_settings(&mut self, within: &str, value: &Value) -> Result<()> {
        let type_name = "deviceManagementSettings";
        let properties = part(within, value)?;
        for (name, value) in properties.iter().filter(|(name, _)| !name.contains('@')) {
            let target = format!("{within}/{name}");
            let Some(property) = schema::property(type_name, name) else {
                return Err(unknown(&target, name, type_name));
            };
            match property.name() {
                "deviceComplianceCheckinThresholdDays" => {
                    self.check_in_days = Some(days(&target, value)?);
                }
                "isScheduledActionEnabled" => {
                    self.scheduled_actions = Some(boolean(&target, value)?);
                }
                "secureByDefault" => self.secure_by_default = Some(boolean(&target, value)?),
                _ => return Err(unknown(&target, name, type_name)),
            }
        }
        Ok(())
    }

    fn apply(self, settings: &mut ManagementSettings) {
        let ManagementSettings {
            device_compliance_checkin_threshold_days,
            is_scheduled_action_enabled,
            secure_by_default,
        } = settings;
        set(device_compliance_checkin_threshold_days, self.check_in_days);
        set(is_scheduled_action_enabled, self.scheduled_actions);
        set(secure_by_default, self.secure_by_default);
    }
}

/// The properties of a part.
fn part<'a>(name: &str, value: &'a Value) -> Result<&'a Map<String, Value>> {
    value.as_object().ok_or_else(|| {
        let message = format!("`{name}` must be an object, but is `{value}`");
        GraphError::invalid(name, message)
    })
}

fn set<T>(place: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *place = value;
    }
}

fn days(target: &str, value: &Value) -> Result<i32> {
    let number = value.as_i64().and_then(|days| i32::try_from(days).ok());
    number.ok_or_else(|| {
        let message = format!("`{target}` must be a whole number, but is `{value}`");
        GraphError::invalid(target, message)
    })
}

fn unknown(target: &str, name: &str, type_name: &str) -> GraphError {
    let message = format!("`{name}` is not a property of `microsoft.graph.{type_name}` here");
    GraphError::invalid(target, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_set_is_refused_by_name() {
        for (body, target) in [
            (json!({"settings": 5}), "settings"),
            (
                json!({"settings": {"secureByDefault": "yes"}}),
                "settings/secureByDefault",
            ),
            (
                json!({"settings": {"deviceComplianceCheckinThresholdDays": 2.5}}),
                "settings/deviceComplianceCheckinThresholdDays",
            ),
            (
                json!({"settings": {"enhancedJailBreak": true}}),
                "settings/enhancedJailBreak",
            ),
            (
                json!({"intuneBrand": {"showLogo": null}}),
                "intuneBrand/showLogo",
            ),
            (json!({"managedDevices": []}), "managedDevices"),
            (json!({"colour": "red"}), "colour"),
        ] {
            let error = Change::read(body.as_object().unwrap()).unwrap_err();
            assert_eq!(error.target.as_deref(), Some(target), "{body}");
        }
    }

    #[test]
    fn what_a_client_read_can_be_sent_back() {
        let body = json!({
            "@odata.context": "x", "id": "y", "intuneAccountId": "y", "maximumDepTokens": 0,
            "subscriptionState": "active",
            "Settings": {"@odata.type": "x", "SecureByDefault": true},
        });
        let mut settings = ManagementSettings::default();
        Change::read(body.as_object().unwrap())
            .unwrap()
            .apply(&mut settings);
        let expected = ManagementSettings {
            secure_by_default: true,
            ..ManagementSettings::default()
        };
        assert_eq!(settings, expected);
    }
}
