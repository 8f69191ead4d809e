//! Automated device enrolment: tokens (`depOnboardingSettings`), their profiles and devices.
//!
//! In Graph all of this exists in `beta` alone. Ids of profiles are `TOKEN_GUID`, those of devices `TOKEN_SERIAL`.

mod devices;
mod import;
mod profiles;
mod view;

pub(crate) use self::devices::{list_devices, show_device};
pub(crate) use self::import::{delete_device, import_devices, release_devices};
pub(crate) use self::profiles::{
    assign_profile, create_profile, delete_profile, list_profiles, set_default_profile,
    show_profile, update_profile,
};

use mandate_engine::{AdeToken, AdeTokenChange, Page};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use self::view::token_entity;
use super::body::text;
use super::{found, page};
use crate::error::{GraphError, Result};
use crate::odata::Keyed;
use crate::page::{Listing, check_select};
use crate::path::Version;
use crate::reply::Reply;
use crate::request::GraphRequest;
use crate::state::GraphState;

const COLLECTION: &str = "deviceManagement/depOnboardingSettings";
const DECLARED: &str = "depOnboardingSetting";
const WHAT: &str = "token of automated enrolment";

/// What Graph computes; clients send it back as they got it.
const COMPUTED: &[&str] = &[
    "id",
    "@odata.type",
    "@odata.context",
    "dataSharingConsentGranted",
    "lastModifiedDateTime",
    "lastSuccessfulSyncDateTime",
    "lastSyncErrorCode",
    "lastSyncTriggeredDateTime",
    "roleScopeTagIds",
    "shareTokenWithSchoolDataSyncService",
    "syncedDeviceCount",
    "tokenExpirationDateTime",
    "tokenType",
];

/// `GET deviceManagement/depOnboardingSettings`
pub(crate) async fn list_tokens(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    beta_only(request)?;
    let pull = |after: Option<String>, limit: usize| async move {
        let page: Page<Uuid> = page(after, limit)?;
        let tokens = state.engine().list_ade_tokens(&request.actor, page).await?;
        let row = |token: &AdeToken| Keyed {
            key: token.id.to_string(),
            entity: token_entity(token),
        };
        Ok(tokens.iter().map(row).collect())
    };
    Listing::management(DECLARED, COLLECTION)
        .page(request, pull)
        .await
}

/// `GET deviceManagement/depOnboardingSettings/{id}`
pub(crate) async fn show_token(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    beta_only(request)?;
    check_select(&request.query, DECLARED)?;
    let id = request.id(0, WHAT)?;
    let token = state.engine().find_ade_token(&request.actor, id).await?;
    Ok(shown(&found(token, WHAT, request.key(0))?))
}

/// `POST deviceManagement/depOnboardingSettings`: 201; the token itself is uploaded later.
pub(crate) async fn create_token(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    beta_only(request)?;
    let change = read(request.object()?)?;
    let name = change
        .name
        .ok_or_else(|| GraphError::invalid("tokenName", "`tokenName` is required"))?;
    let token = state
        .engine()
        .create_ade_token(&request.actor, &name, change.apple_id.as_deref())
        .await?;
    Ok(Reply::created(token_entity(&token), DECLARED, COLLECTION))
}

/// `PATCH deviceManagement/depOnboardingSettings/{id}`: 200 with the token.
pub(crate) async fn update_token(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    beta_only(request)?;
    let change = read(request.object()?)?;
    let id = request.id(0, WHAT)?;
    let token = state
        .engine()
        .update_ade_token(&request.actor, id, &change)
        .await?;
    Ok(shown(&token))
}

/// `DELETE deviceManagement/depOnboardingSettings/{id}`
pub(crate) async fn delete_token(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    beta_only(request)?;
    let id = request.id(0, WHAT)?;
    state.engine().delete_ade_token(&request.actor, id).await?;
    Ok(Reply::no_content())
}

/// `POST …/{id}/generateEncryptionPublicKey`: a new key, and its certificate (PEM).
pub(crate) async fn make_certificate(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    certificate(state, request, true).await
}

/// `GET …/{id}/getEncryptionPublicKey()`
pub(crate) async fn show_certificate(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    certificate(state, request, false).await
}

async fn certificate(state: &GraphState, request: &GraphRequest, new: bool) -> Result<Reply> {
    beta_only(request)?;
    let id = request.id(0, WHAT)?;
    let certificate = state
        .engine()
        .ade_certificate(&request.actor, id, new)
        .await?;
    Ok(Reply::Value {
        context: "Edm.String".to_owned(),
        value: json!(certificate),
    })
}

/// `POST …/{id}/uploadDepToken`: 204.
pub(crate) async fn upload_token(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    beta_only(request)?;
    let body = request.object()?;
    let read = |name: &str| body.get(name).map_or(Ok(None), |value| text(name, value));
    let file = read("depToken")?
        .ok_or_else(|| GraphError::invalid("depToken", "`depToken` is required"))?;
    let apple_id = read("appleId")?;
    let id = request.id(0, WHAT)?;
    state
        .engine()
        .upload_ade_token(&request.actor, id, (&file, apple_id.as_deref()))
        .await?;
    Ok(Reply::no_content())
}

/// `POST …/{id}/syncWithAppleDeviceEnrollmentProgram`: 204; it follows within seconds.
pub(crate) async fn sync_token(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    beta_only(request)?;
    let id = request.id(0, WHAT)?;
    state.engine().sync_ade_token(&request.actor, id).await?;
    Ok(Reply::no_content())
}

fn shown(token: &AdeToken) -> Reply {
    Reply::entity(token_entity(token), DECLARED, COLLECTION)
}

fn read(body: &Map<String, Value>) -> Result<AdeTokenChange> {
    let mut change = AdeTokenChange::default();
    for (name, value) in body {
        match name.as_str() {
            "tokenName" => change.name = text(name, value)?,
            "appleIdentifier" => change.apple_id = Some(text(name, value)?.unwrap_or_default()),
            other if COMPUTED.contains(&other) => {}
            _ => {
                let message = format!("`{name}` is not a property of `microsoft.graph.{DECLARED}`");
                return Err(GraphError::invalid(name, message));
            }
        }
    }
    Ok(change)
}

fn beta_only(request: &GraphRequest) -> Result<()> {
    match request.version {
        Version::Beta => Ok(()),
        Version::V1 => Err(GraphError::not_found(format!(
            "`{}` exists in `beta` only",
            request.path
        ))),
    }
}
