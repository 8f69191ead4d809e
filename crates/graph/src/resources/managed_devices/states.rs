//! What became of the profiles on one device.

use mandate_engine::{DeviceView, ProfileState, SettingState};
use mandate_model::User;
use serde_json::{Value, json};

use super::{COLLECTION, named};
use crate::entity::Entity;
use crate::error::Result;
use crate::odata::Keyed;
use crate::page::Listing;
use crate::reply::Reply;
use crate::request::GraphRequest;
use crate::resources::words::{EXPLANATION, compliance_status, explanation, system_name};
use crate::state::GraphState;

/// `GET …/deviceConfigurationStates`
pub(crate) async fn list_profile_states(
    state: &GraphState,
    request: &GraphRequest,
) -> Result<Reply> {
    let view = named(state, request).await?;
    let states = state
        .engine()
        .profile_states(&request.actor, view.device.id)
        .await?;
    let rows = states.iter().map(|state| Keyed {
        key: state.profile.id.to_string(),
        entity: state_entity(&view, state),
    });
    let context = format!(
        "{COLLECTION}('{}')/deviceConfigurationStates",
        view.device.id
    );
    Listing::management("deviceConfigurationState", context)
        .page_of(request, rows.collect())
        .await
}

/// `GET …/deviceCompliancePolicyStates`: there are no compliance policies yet.
pub(crate) async fn list_no_states(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let view = named(state, request).await?;
    let context = format!(
        "{COLLECTION}('{}')/deviceCompliancePolicyStates",
        view.device.id
    );
    Listing::management("deviceCompliancePolicyState", context)
        .page_of(request, Vec::new())
        .await
}

fn state_entity(view: &DeviceView, state: &ProfileState) -> Entity {
    let (user, profile) = (view.user.as_ref(), &state.profile);
    let settings: Vec<Value> = state
        .settings
        .iter()
        .map(|setting| setting_json(user, state, setting))
        .collect();
    let body = json!({
        "id": profile.id,
        "displayName": profile.display_name,
        "platformType": system_name(profile.kind.platform),
        "state": compliance_status(state.status.state()),
        "version": profile.version,
        "settingCount": settings.len(),
        "settingStates": settings,
        "userId": user.map(|user| user.id),
        "userPrincipalName": user.map(|user| &user.user_principal_name),
        EXPLANATION: explanation(&state.status, &state.because),
    });
    let path = format!(
        "{COLLECTION}('{}')/deviceConfigurationStates('{}')",
        view.device.id, profile.id
    );
    Entity::from_json("deviceConfigurationState", path, body)
}

fn setting_json(user: Option<&User>, state: &ProfileState, setting: &SettingState) -> Value {
    let description = setting.reason.as_ref().map(mandate_model::Reason::message);
    json!({
        "setting": format!("{}.{}", state.profile.kind.type_name, setting.setting),
        "settingName": setting.setting,
        "settingInstanceId": null,
        "instanceDisplayName": null,
        "currentValue": null,
        "state": compliance_status(setting.state),
        "errorCode": 0,
        "errorDescription": description,
        "userId": user.map(|user| user.id),
        "userName": user.map(|user| &user.display_name),
        "userEmail": user.and_then(|user| user.mail.as_ref()),
        "userPrincipalName": user.map(|user| &user.user_principal_name),
        "sources": [{
            "id": state.profile.id,
            "displayName": state.profile.display_name,
            "sourceType": "deviceConfiguration",
        }],
    })
}
