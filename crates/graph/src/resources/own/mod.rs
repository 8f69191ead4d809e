//! `/mandate/v1/…`: what Graph has no word for.

use mandate_engine::{Actor, NewLink, PlanRequest};
use mandate_model::{EnrolmentType, Platform, ProfileId};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::body::{boolean, text};
use super::found;
use super::profiles::change_of;
use super::profiles::targets::read_targets;
use crate::error::{GraphError, Result};
use crate::state::GraphState;

const WEEK_SECONDS: i64 = 7 * 24 * 3600;
/// Devices that a plan names unless it is asked for more.
const SAMPLE: i64 = 20;

/// `POST enrollmentLinks`: a link through which somebody enrols devices.
pub(crate) async fn create_enrollment_link(
    state: &GraphState,
    actor: &Actor,
    body: &Map<String, Value>,
) -> Result<Value> {
    let person = read_text(body, "userId")?.or(read_text(body, "userPrincipalName")?);
    let user = match person {
        Some(key) => Some(found(state.engine().find_user(actor, &key).await?, "user", &key)?.id),
        None => None,
    };
    let new = NewLink {
        user,
        ..read_link(body)?
    };
    let platform = new.platform.name();
    let link = state.engine().create_enrolment_link(actor, new).await?;
    Ok(json!({
        "id": link.id,
        "url": format!("{}{}", state.engine().device_base_url(), link.path),
        "platform": platform,
        "userId": user,
        "expiresDateTime": link.expires_at.to_string(),
        "usesLeft": link.uses_left,
    }))
}

/// `POST plan`: what a change would do, and to whom, before it is made.
pub(crate) async fn show_plan(
    state: &GraphState,
    actor: &Actor,
    body: &Map<String, Value>,
) -> Result<Value> {
    let key = body
        .get("profileId")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let id = Uuid::try_parse(key).map(ProfileId).map_err(|_| {
        GraphError::invalid(
            "profileId",
            format!("`profileId` must be the id of a profile, but is `{key}`"),
        )
    })?;
    let change = match body.get("settings") {
        None | Some(Value::Null) => None,
        Some(Value::Object(settings)) => {
            let profile = found(
                state.engine().find_profile(actor, id).await?,
                "profile",
                key,
            )?;
            Some(change_of(&profile, settings)?)
        }
        Some(other) => {
            let message = format!("`settings` must be an object as in a PATCH, but is `{other}`");
            return Err(GraphError::invalid("settings", message));
        }
    };
    let targets = match body.get("assignments") {
        None | Some(Value::Null) => None,
        Some(_) => Some(read_targets(body)?),
    };
    let sample = number(body, "sample")?.unwrap_or(SAMPLE).clamp(0, 1000);
    let sample = u32::try_from(sample).unwrap_or_default();
    let plan = state
        .engine()
        .plan(
            actor,
            PlanRequest {
                profile: id,
                change,
                targets,
                sample,
            },
        )
        .await?;
    Ok(json!(plan))
}

/// A link for nobody yet.
fn read_link(body: &Map<String, Value>) -> Result<NewLink> {
    let platform = read_text(body, "platform")?.unwrap_or_else(|| "ios".to_owned());
    let platform = Platform::parse(&platform).ok_or_else(|| {
        GraphError::invalid(
            "platform",
            format!("`platform` must be `ios`, but is `{platform}`"),
        )
    })?;
    let lifetime_seconds = match (
        number(body, "lifetimeSeconds")?,
        number(body, "lifetimeMinutes")?,
    ) {
        (Some(seconds), _) => seconds,
        (None, Some(minutes)) => minutes.saturating_mul(60),
        (None, None) => WEEK_SECONDS,
    };
    let signed = match body.get("signed") {
        None | Some(Value::Null) => true,
        Some(value) => boolean("signed", value)?,
    };
    Ok(NewLink {
        user: None,
        platform,
        enrolment_type: enrolment_type(read_text(body, "enrollmentType")?.as_deref())?,
        lifetime_seconds,
        uses: number(body, "uses")?.unwrap_or(1),
        signed,
    })
}

fn read_text(body: &Map<String, Value>, name: &str) -> Result<Option<String>> {
    body.get(name).map_or(Ok(None), |value| text(name, value))
}

fn number(body: &Map<String, Value>, name: &str) -> Result<Option<i64>> {
    match body.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => value.as_i64().map(Some).ok_or_else(|| {
            GraphError::invalid(
                name,
                format!("`{name}` must be a whole number, but is `{value}`"),
            )
        }),
    }
}

fn enrolment_type(text: Option<&str>) -> Result<EnrolmentType> {
    match text.unwrap_or("device").to_ascii_lowercase().as_str() {
        "device" => Ok(EnrolmentType::Device),
        "user" => Ok(EnrolmentType::User),
        other => {
            let message = format!("`enrollmentType` must be `device` or `user`, but is `{other}`");
            Err(GraphError::invalid("enrollmentType", message))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_lives_a_week_and_works_once_unless_said_otherwise() {
        let link = read_link(&Map::new()).unwrap();
        assert_eq!(
            (link.lifetime_seconds, link.uses, link.signed),
            (WEEK_SECONDS, 1, true)
        );
        let body =
            json!({"lifetimeMinutes": 5, "uses": 3, "signed": false, "enrollmentType": "User"});
        let link = read_link(body.as_object().unwrap()).unwrap();
        assert_eq!(
            (link.lifetime_seconds, link.uses, link.signed),
            (300, 3, false)
        );
        assert_eq!(link.enrolment_type, EnrolmentType::User);
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        for (body, target) in [
            (json!({"platform": "symbian"}), "platform"),
            (json!({"uses": "many"}), "uses"),
            (json!({"signed": 1}), "signed"),
            (json!({"enrollmentType": "x"}), "enrollmentType"),
        ] {
            assert_eq!(
                read_link(body.as_object().unwrap())
                    .unwrap_err()
                    .target
                    .as_deref(),
                Some(target)
            );
        }
    }
}
