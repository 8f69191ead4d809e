//! `/mandate/v1/notifications`: what people are told of by mail, and what became of it.

use mandate_engine::{Actor, MailedNotice, NoticeEvent, NoticeSettings, NoticeState};
use mandate_model::Timestamp;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::options::Options;
use crate::error::{GraphError, Result};
use crate::resources::body::boolean;
use crate::state::GraphState;

/// `GET notifications?limit=50&state=refused&before=ID`: the newest first.
pub(crate) async fn list_notifications(
    state: &GraphState,
    actor: &Actor,
    query: &str,
    address: &str,
) -> Result<Value> {
    let options = Options::read(query, &["limit", "state", "before"])?;
    let limit = options.limit()?;
    let wanted = options.get("state").map(|word| {
        NoticeState::parse(word).ok_or_else(|| {
            let words = NoticeState::ALL.map(|state| format!("`{}`", state.name()));
            let message = format!(
                "`state` must be one of {}, but is `{word}`",
                words.join(", ")
            );
            GraphError::invalid("state", message)
        })
    });
    let wanted = wanted.transpose()?;
    let before = options.get("before").map(|id| {
        Uuid::try_parse(id).map_err(|_| {
            let message = format!("`before` must be the id of a notification, but is `{id}`");
            GraphError::invalid("before", message)
        })
    });
    let found = state
        .engine()
        .list_mailed_notices(actor, wanted, before.transpose()?, limit)
        .await?;
    let value: Vec<Value> = found.iter().map(shown).collect();
    let mut answer = json!({ "value": value });
    let is_full = found.len() == usize::try_from(limit).unwrap_or(usize::MAX);
    if let Some(last) = found.last().filter(|_| is_full) {
        let of_state = wanted.map(|state| format!("&state={}", state.name()));
        let of_state = of_state.unwrap_or_default();
        let link = format!("{address}?limit={limit}{of_state}&before={}", last.id);
        answer["nextLink"] = json!(link);
    }
    Ok(answer)
}

/// `POST notifications/{id}/sendAgain`
pub(crate) async fn send_notification_again(
    state: &GraphState,
    actor: &Actor,
    key: &str,
) -> Result<()> {
    let id = Uuid::try_parse(key).map_err(|_| GraphError::no_such("notification", key))?;
    Ok(state.engine().send_notice_again(actor, id).await?)
}

/// `GET notificationSettings`
pub(crate) async fn show_notification_settings(state: &GraphState, actor: &Actor) -> Result<Value> {
    Ok(json!(state.engine().notice_settings(actor).await?))
}

/// `PATCH notificationSettings`: what is absent stays, in each event as well.
pub(crate) async fn update_notification_settings(
    state: &GraphState,
    actor: &Actor,
    body: &Map<String, Value>,
) -> Result<Value> {
    let changes = body
        .iter()
        .map(|(name, value)| change(name, value))
        .collect::<Result<Vec<_>>>()?;
    let apply = move |settings: &mut NoticeSettings| {
        for change in changes {
            change(settings);
        }
    };
    let settings = state.engine().update_notice_settings(actor, apply).await?;
    Ok(json!(settings))
}

type Change = Box<dyn FnOnce(&mut NoticeSettings) + Send>;

/// What one property of a body changes.
fn change(name: &str, value: &Value) -> Result<Change> {
    if name == "certificateDays" {
        let days = value.as_array().map(|items| {
            let numbers = items.iter().map(Value::as_i64);
            numbers.collect::<Option<Vec<i64>>>()
        });
        let Some(Some(days)) = days else {
            let message = format!("`{name}` must be a list of whole numbers, but is `{value}`");
            return Err(GraphError::invalid(name, message));
        };
        return Ok(Box::new(move |settings| settings.certificate_days = days));
    }
    let event = NoticeEvent::parse(name).ok_or_else(|| {
        GraphError::invalid(name, format!("`{name}` is not a notification setting"))
    })?;
    let of_event = value.as_object().ok_or_else(|| {
        GraphError::invalid(
            name,
            format!("`{name}` must be an object, but is `{value}`"),
        )
    })?;
    let (mut is_mailed, mut template) = (None, None);
    for (property, value) in of_event {
        let place = format!("{name}/{property}");
        match property.as_str() {
            "isMailed" => is_mailed = Some(boolean(&place, value)?),
            "templateId" => template = Some(template_of(&place, value)?),
            _ => {
                let message = format!("`{place}` is not a notification setting");
                return Err(GraphError::invalid(place, message));
            }
        }
    }
    Ok(Box::new(move |settings| {
        let settings = settings.of_mut(event);
        if let Some(is_mailed) = is_mailed {
            settings.is_mailed = is_mailed;
        }
        if let Some(template) = template {
            settings.template_id = template;
        }
    }))
}

fn template_of(place: &str, value: &Value) -> Result<Option<Uuid>> {
    if value.is_null() {
        return Ok(None);
    }
    let id = value.as_str().and_then(|text| Uuid::try_parse(text).ok());
    id.map(Some).ok_or_else(|| {
        let message = format!("`{place}` must be the id of a template or `null`, but is `{value}`");
        GraphError::invalid(place, message)
    })
}

fn shown(notice: &MailedNotice) -> Value {
    let time = |time: Option<Timestamp>| time.map(|time| time.to_string());
    json!({
        "id": notice.id,
        "event": notice.event.map_or("test", NoticeEvent::name),
        "userId": notice.user,
        "userPrincipalName": notice.user_principal_name,
        "deviceId": notice.device,
        "deviceName": notice.device_name,
        "about": notice.about,
        "state": notice.state,
        "attempts": notice.attempts,
        "nextAttemptDateTime": time(notice.due_at),
        "result": notice.result,
        "createdDateTime": notice.created_at.to_string(),
        "sentDateTime": time(notice.told_at),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_leaves_what_it_does_not_name() {
        let id = Uuid::from_u128(7);
        let mut settings = NoticeSettings::default();
        for (name, value) in [
            ("accountBlocked", json!({"templateId": id})),
            ("passwordExpected", json!({"isMailed": false})),
            ("certificateDays", json!([30])),
        ] {
            change(name, &value).unwrap()(&mut settings);
        }
        assert_eq!(settings.account_blocked.template_id, Some(id));
        assert!(settings.account_blocked.is_mailed);
        assert!(!settings.password_expected.is_mailed);
        assert_eq!(settings.certificate_days, [30]);
        change("accountBlocked", &json!({"templateId": null})).unwrap()(&mut settings);
        assert_eq!(settings.account_blocked.template_id, None);
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (name, value, target) in [
            ("moon", json!({}), "moon"),
            ("accountBlocked", json!(true), "accountBlocked"),
            ("accountBlocked", json!({"moon": 1}), "accountBlocked/moon"),
            (
                "accountBlocked",
                json!({"isMailed": 1}),
                "accountBlocked/isMailed",
            ),
            (
                "accountBlocked",
                json!({"templateId": "x"}),
                "accountBlocked/templateId",
            ),
            ("certificateDays", json!(3), "certificateDays"),
            ("certificateDays", json!(["3"]), "certificateDays"),
        ] {
            let error = change(name, &value).err().unwrap();
            assert_eq!(error.target.as_deref(), Some(target), "{name} {value}");
        }
    }
}
