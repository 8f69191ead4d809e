//! What became of a profile.

use mandate_engine::{Counts, DeviceStatus, SettingSummary, StatusOverview, UserStatus};
use mandate_model::{DeviceId, ProfileId, UserId};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{COLLECTION, below, named};
use crate::entity::Entity;
use crate::error::{GraphError, Result};
use crate::odata::{Keyed, MAX_SCAN, QueryError};
use crate::page::Listing;
use crate::reply::Reply;
use crate::request::GraphRequest;
use crate::resources::words::{EXPLANATION, NEVER, compliance_status, explanation, system_name};
use crate::resources::{body, found, page};
use crate::state::GraphState;

/// `GET …/deviceStatuses`
pub(crate) async fn list_device_statuses(
    state: &GraphState,
    request: &GraphRequest,
) -> Result<Reply> {
    let id = named(state, request).await?.id;
    let pull = |after: Option<String>, limit| async move {
        let statuses = state
            .engine()
            .device_statuses(&request.actor, id, page::<DeviceId>(after, limit)?)
            .await?;
        let row = |status: &DeviceStatus| Keyed {
            key: status.device.id.to_string(),
            entity: device_status(id, status),
        };
        Ok(statuses.iter().map(row).collect())
    };
    Listing::management(
        "deviceConfigurationDeviceStatus",
        below(id, "deviceStatuses"),
    )
    .page(request, pull)
    .await
}

/// `GET …/userStatuses`
pub(crate) async fn list_user_statuses(
    state: &GraphState,
    request: &GraphRequest,
) -> Result<Reply> {
    let id = named(state, request).await?.id;
    let pull = |after: Option<String>, limit| async move {
        let statuses = state
            .engine()
            .user_statuses(&request.actor, id, page::<UserId>(after, limit)?)
            .await?;
        let row = |status: &UserStatus| Keyed {
            key: status.user.id.to_string(),
            entity: user_status(id, status),
        };
        Ok(statuses.iter().map(row).collect())
    };
    Listing::management("deviceConfigurationUserStatus", below(id, "userStatuses"))
        .page(request, pull)
        .await
}

/// `GET …/deviceStatusOverview`
pub(crate) async fn show_device_overview(
    state: &GraphState,
    request: &GraphRequest,
) -> Result<Reply> {
    let id: ProfileId = request.id(0, "profile")?;
    let overview = state.engine().status_overview(&request.actor, id).await?;
    let mut body = overview_json(id, &overview, overview.devices);
    body["notApplicablePlatformCount"] = json!(0);
    let path = below(id, "deviceStatusOverview");
    let declared = "deviceConfigurationDeviceOverview";
    Ok(Reply::entity(
        Entity::from_json(declared, path.clone(), body),
        declared,
        path,
    ))
}

/// `GET …/userStatusOverview`
pub(crate) async fn show_user_overview(
    state: &GraphState,
    request: &GraphRequest,
) -> Result<Reply> {
    let id: ProfileId = request.id(0, "profile")?;
    let overview = state.engine().status_overview(&request.actor, id).await?;
    let path = below(id, "userStatusOverview");
    let declared = "deviceConfigurationUserOverview";
    let body = overview_json(id, &overview, overview.users);
    Ok(Reply::entity(
        Entity::from_json(declared, path.clone(), body),
        declared,
        path,
    ))
}

/// `GET …/deviceSettingStateSummaries`
pub(crate) async fn list_setting_states(
    state: &GraphState,
    request: &GraphRequest,
) -> Result<Reply> {
    let id: ProfileId = request.id(0, "profile")?;
    let summaries = state.engine().setting_states(&request.actor, id).await?;
    let rows = summaries.iter().map(|summary| Keyed {
        key: summary.setting.clone(),
        entity: setting(id, summary),
    });
    let listing = Listing::management(
        "settingStateDeviceSummary",
        below(id, "deviceSettingStateSummaries"),
    );
    listing.page_of(request, rows.collect()).await
}

/// `GET …/managedDeviceCertificateStates`
pub(crate) async fn list_certificate_states(
    state: &GraphState,
    request: &GraphRequest,
) -> Result<Reply> {
    let profile = named(state, request).await?;
    if !profile.kind.is_a("iosCertificateProfile") {
        let message = format!(
            "a `{}` has no `managedDeviceCertificateStates`",
            profile.kind.type_name
        );
        return Err(GraphError::not_found(message));
    }
    let name = profile.display_name.as_str();
    let id = profile.id;
    let pull = |after: Option<String>, limit| async move {
        let after = unhex(after.as_deref().unwrap_or_default())?;
        let limit = u32::try_from(limit).unwrap_or(u32::MAX);
        let issued = state
            .engine()
            .profile_certificates(&request.actor, id, &after, limit)
            .await?;
        let row = |(certificate, view): &(
            mandate_engine::IssuedCertificate,
            mandate_engine::DeviceView,
        )| Keyed {
            key: hex(&certificate.sha256),
            entity: certificate_state(id, name, certificate, view),
        };
        Ok(issued.iter().map(row).collect())
    };
    let listing = Listing::management(
        "managedDeviceCertificateState",
        below(id, "managedDeviceCertificateStates"),
    );
    listing.page(request, pull).await
}

/// `POST deviceConfigurations/getTargetedUsersAndDevices`: whom the profiles reach now.
pub(crate) async fn list_targeted(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let mut value = Vec::new();
    for key in body::ids("deviceConfigurationIds", request.object()?, 100)? {
        let id = Uuid::try_parse(&key).ok();
        let id = ProfileId(found(id, "profile", &key)?);
        let mut after = None;
        loop {
            let page = mandate_engine::Page { after, limit: 1000 };
            let statuses = state
                .engine()
                .device_statuses(&request.actor, id, page)
                .await?;
            value.extend(statuses.iter().map(targeted));
            after = statuses.last().map(|status| status.device.id);
            if statuses.len() < 1000 {
                break;
            }
            if value.len() >= MAX_SCAN {
                return Err(GraphError::bad_request(format!(
                    "more than {MAX_SCAN} devices; ask for fewer profiles"
                )));
            }
        }
    }
    let context = "Collection(microsoft.graph.deviceConfigurationTargetedUserAndDevice)".to_owned();
    Ok(Reply::Value {
        context,
        value: Value::Array(value),
    })
}

/// `GET deviceManagement/deviceConfigurationDeviceStateSummaries`: the states of all profiles added up.
pub(crate) async fn summarise_states(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let mut sum = Counts::default();
    let profiles = state
        .engine()
        .list_profiles(&request.actor, mandate_engine::Page::first(1000))
        .await?;
    for profile in profiles {
        let counts = state
            .engine()
            .status_overview(&request.actor, profile.id)
            .await?
            .devices;
        sum.succeeded += counts.succeeded;
        sum.error += counts.error;
        sum.conflict += counts.conflict;
        sum.pending += counts.pending;
        sum.not_applicable += counts.not_applicable;
    }
    let path = "deviceManagement/deviceConfigurationDeviceStateSummaries";
    let declared = "deviceConfigurationDeviceStateSummary";
    let mut body = counts_json(sum);
    body["id"] = json!(state.engine().tenant().id);
    Ok(Reply::entity(
        Entity::from_json(declared, path.to_owned(), body),
        declared,
        path,
    ))
}

fn device_status(id: ProfileId, status: &DeviceStatus) -> Entity {
    let DeviceStatus {
        device,
        user,
        status: explained,
        because,
        version,
    } = status;
    let key = format!("{id}_{}", device.id);
    let mut body = json!({
        "id": key,
        "deviceDisplayName": device.display_name(),
        "deviceModel": device.facts.model,
        "userName": user.as_ref().map(|user| &user.display_name),
        "userPrincipalName": user.as_ref().map(|user| &user.user_principal_name),
        "platform": 0,
        "status": compliance_status(explained.state()),
        "complianceGracePeriodExpirationDateTime": explained.deadline.map_or(NEVER.to_owned(), |at| at.to_string()),
        "lastReportedDateTime": device.last_seen_at.to_string(),
    });
    let mut explained = explanation(explained, because);
    explained["deviceId"] = json!(device.id);
    explained["version"] = json!(version);
    body[EXPLANATION] = explained;
    Entity::from_json(
        "deviceConfigurationDeviceStatus",
        below(id, &format!("deviceStatuses('{key}')")),
        body,
    )
}

fn user_status(id: ProfileId, status: &UserStatus) -> Entity {
    let key = format!("{id}_{}", status.user.id);
    let body = json!({
        "id": key,
        "userDisplayName": status.user.display_name,
        "userPrincipalName": status.user.user_principal_name,
        "devicesCount": status.devices,
        "status": compliance_status(status.state),
        "lastReportedDateTime": status.last_reported_at.to_string(),
        EXPLANATION: { "state": status.state },
    });
    Entity::from_json(
        "deviceConfigurationUserStatus",
        below(id, &format!("userStatuses('{key}')")),
        body,
    )
}

fn overview_json(id: ProfileId, overview: &StatusOverview, counts: Counts) -> Value {
    json!({
        "id": id,
        "pendingCount": counts.pending,
        "notApplicableCount": counts.not_applicable,
        "successCount": counts.succeeded,
        "errorCount": counts.error,
        "failedCount": 0,
        "conflictCount": counts.conflict,
        "configurationVersion": overview.version,
        "lastUpdateDateTime": overview.updated_at.to_string(),
    })
}

fn setting(id: ProfileId, summary: &SettingSummary) -> Entity {
    let key = format!("{id}_{}", summary.setting);
    let mut body = counts_json(summary.counts);
    body["id"] = json!(key);
    body["settingName"] = json!(summary.setting);
    body["instancePath"] = json!(null);
    Entity::from_json(
        "settingStateDeviceSummary",
        below(id, &format!("deviceSettingStateSummaries('{key}')")),
        body,
    )
}

/// Pending ones are `unknown`, as in `complianceStatus`.
fn counts_json(counts: Counts) -> Value {
    json!({
        "compliantDeviceCount": counts.succeeded,
        "errorDeviceCount": counts.error,
        "conflictDeviceCount": counts.conflict,
        "unknownDeviceCount": counts.pending,
        "notApplicableDeviceCount": counts.not_applicable,
        "nonCompliantDeviceCount": 0,
        "remediatedDeviceCount": 0,
    })
}

fn targeted(status: &DeviceStatus) -> Value {
    let user = status.user.as_ref();
    json!({
        "deviceId": status.device.id,
        "deviceName": status.device.display_name(),
        "userId": user.map(|user| user.id),
        "userDisplayName": user.map(|user| &user.display_name),
        "userPrincipalName": user.map(|user| &user.user_principal_name),
        "lastCheckinDateTime": status.device.last_seen_at.to_string(),
    })
}

fn certificate_state(
    id: ProfileId,
    profile: &str,
    certificate: &mandate_engine::IssuedCertificate,
    view: &mandate_engine::DeviceView,
) -> Entity {
    let changed = certificate
        .revoked_at
        .unwrap_or(certificate.issued_at)
        .to_string();
    let body = json!({
        "id": certificate.thumbprint,
        "devicePlatform": system_name(view.device.platform),
        "certificateKeyUsage": "keyEncipherment,digitalSignature",
        "certificateEnhancedKeyUsage": certificate.extended_key_usages.join(","),
        "certificateErrorCode": 0,
        "certificateIssuanceState": if certificate.revoked_at.is_some() { "revoked" } else { "issued" },
        "certificateRevokeStatus": if certificate.revoked_at.is_some() { "revoked" } else { "none" },
        "certificateIssuer": certificate.issuer,
        "certificateSubjectNameFormatString": certificate.subject,
        "certificateSerialNumber": certificate.serial,
        "certificateThumbprint": certificate.thumbprint,
        "certificateKeyLength": 0,
        "certificateProfileDisplayName": profile,
        "certificateIssuanceDateTime": certificate.issued_at.to_string(),
        "certificateExpirationDateTime": certificate.not_after.to_string(),
        "certificateLastIssuanceStateChangedDateTime": changed,
        "lastCertificateStateChangeDateTime": changed,
        "deviceDisplayName": view.device.display_name(),
        "userDisplayName": view.user.as_ref().map(|user| &user.display_name),
    });
    let path = format!(
        "{COLLECTION}('{id}')/managedDeviceCertificateStates('{}')",
        certificate.thumbprint
    );
    Entity::from_json("managedDeviceCertificateState", path, body)
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn unhex(text: &str) -> Result<Vec<u8>> {
    let wrong = || {
        QueryError::new(
            "$skiptoken",
            "not one of ours; follow `@odata.nextLink` as it is",
        )
    };
    let digits = text.as_bytes().chunks(2);
    let byte = |pair: &[u8]| {
        std::str::from_utf8(pair)
            .ok()
            .and_then(|pair| u8::from_str_radix(pair, 16).ok())
    };
    digits
        .map(|pair| byte(pair).ok_or_else(|| wrong().into()))
        .collect()
}
