//! Enrolment links: making, listing and withdrawing them.

use mandate_engine::{Actor, KnownLink, NewLink, Page};
use mandate_model::{EnrolmentType, LinkId, Platform, Timestamp};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{number, read_text};
use crate::error::{GraphError, Result};
use crate::resources::body::boolean;
use crate::resources::found;
use crate::state::GraphState;

const WEEK_SECONDS: i64 = 7 * 24 * 3600;
/// Links of a page unless it is asked for another number, and at most.
const PAGE: u32 = 100;
const LARGEST_PAGE: u32 = 1000;

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

/// `GET enrollmentLinks?limit=…&after=…`: all of them, oldest first, whether they still work or not.
pub(crate) async fn list_enrollment_links(
    state: &GraphState,
    actor: &Actor,
    query: &str,
    address: &str,
) -> Result<Value> {
    let page = read_page(query)?;
    let links = state.engine().list_enrolment_links(actor, page).await?;
    let now = state.engine().now();
    let value: Vec<Value> = links.iter().map(|link| shown(link, now)).collect();
    let mut answer = json!({ "value": value });
    let is_full = links.len() == usize::try_from(page.limit).unwrap_or(usize::MAX);
    if let Some(last) = links.last().filter(|_| is_full) {
        answer["nextLink"] = json!(format!("{address}?limit={}&after={}", page.limit, last.id));
    }
    Ok(answer)
}

/// `DELETE enrollmentLinks/{id}`
pub(crate) async fn withdraw_enrollment_link(
    state: &GraphState,
    actor: &Actor,
    key: &str,
) -> Result<()> {
    let id = Uuid::try_parse(key).map_err(|_| GraphError::no_such("enrolment link", key))?;
    Ok(state
        .engine()
        .withdraw_enrolment_link(actor, LinkId(id))
        .await?)
}

/// The token is not in it: only its hash is kept.
fn shown(link: &KnownLink, now: Timestamp) -> Value {
    let state = match link {
        link if link.uses_left <= 0 => "used",
        link if link.expires_at <= now => "expired",
        _ => "open",
    };
    json!({
        "id": link.id,
        "state": state,
        "platform": link.platform,
        "enrollmentType": link.enrolment_type,
        "signed": link.signed,
        "userId": link.user,
        "usesLeft": link.uses_left,
        "createdDateTime": link.created_at.to_string(),
        "expiresDateTime": link.expires_at.to_string(),
    })
}

fn read_page(query: &str) -> Result<Page<LinkId>> {
    let mut page = Page::first(PAGE);
    // Numbers and ids need no decoding.
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        match name {
            "limit" => {
                let limit = value.parse().ok();
                page.limit = limit
                    .filter(|limit| (1..=LARGEST_PAGE).contains(limit))
                    .ok_or_else(|| {
                        let message =
                            format!("`limit` must be 1 to {LARGEST_PAGE}, but is `{value}`");
                        GraphError::invalid("limit", message)
                    })?;
            }
            "after" => {
                let after = value.parse().map_err(|_| {
                    let message = format!("`after` must be the id of a link, but is `{value}`");
                    GraphError::invalid("after", message)
                })?;
                page.after = Some(after);
            }
            other => {
                let message = format!("`{other}` is not an option here; `limit` and `after` are");
                return Err(GraphError::invalid(other, message));
            }
        }
    }
    Ok(page)
}

/// A link for nobody yet.
fn read_link(body: &Map<String, Value>) -> Result<NewLink> {
    let platform = read_text(body, "platform")?.unwrap_or_else(|| "ios".to_owned());
    let platform = Platform::parse(&platform).ok_or_else(|| {
        GraphError::invalid(
            "platform",
            format!("`platform` must be `ios` or `macos`, but is `{platform}`"),
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
            let error = read_link(body.as_object().unwrap()).unwrap_err();
            assert_eq!(error.target.as_deref(), Some(target));
        }
        for (query, target) in [
            ("limit=0", "limit"),
            ("limit=many", "limit"),
            ("after=x", "after"),
            ("$filter=x", "$filter"),
        ] {
            let error = read_page(query).unwrap_err();
            assert_eq!(error.target.as_deref(), Some(target));
        }
        assert_eq!(read_page("").unwrap(), Page::first(PAGE));
    }
}
