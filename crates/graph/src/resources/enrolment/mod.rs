//! What enrolment needs: the push certificate.

mod google_play;

pub(crate) use self::google_play::show_google_play;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mandate_engine::{PushCertificate, PushTrouble};
use serde_json::{Value, json};

use super::body::text;
use super::words::{EXPLANATION, NEVER};
use crate::entity::Entity;
use crate::error::{GraphError, Result};
use crate::page::check_select;
use crate::reply::Reply;
use crate::request::GraphRequest;
use crate::state::GraphState;

const PATH: &str = "deviceManagement/applePushNotificationCertificate";
const DECLARED: &str = "applePushNotificationCertificate";

/// `GET deviceManagement/applePushNotificationCertificate`: empty before one was stored, so that a backup goes on.
pub(crate) async fn show_push_certificate(
    state: &GraphState,
    request: &GraphRequest,
) -> Result<Reply> {
    check_select(&request.query, DECLARED)?;
    let certificate = state.engine().push_certificate(&request.actor).await?;
    Ok(shown(state, certificate.as_ref()))
}

/// `PATCH …`: stores what Apple signed; it must belong to the request that was downloaded here.
pub(crate) async fn store_push_certificate(
    state: &GraphState,
    request: &GraphRequest,
) -> Result<Reply> {
    let body = request.object()?;
    let read = |name: &str| body.get(name).map_or(Ok(None), |value| text(name, value));
    let certificate = read("certificate")?.ok_or_else(|| {
        GraphError::invalid(
            "certificate",
            "`certificate` is required: PEM, or DER in base64",
        )
    })?;
    let apple_id = read("appleIdentifier")?;
    let stored = state
        .engine()
        .store_push_certificate(&request.actor, &certificate, apple_id)
        .await?;
    Ok(shown(state, Some(&stored)))
}

/// `DELETE …`
pub(crate) async fn remove_push_certificate(
    state: &GraphState,
    request: &GraphRequest,
) -> Result<Reply> {
    state
        .engine()
        .remove_push_certificate(&request.actor)
        .await?;
    Ok(Reply::no_content())
}

/// `GET …/downloadApplePushNotificationCertificateSigningRequest()`
pub(crate) async fn show_push_request(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let csr = state
        .engine()
        .push_certificate_request(&request.actor)
        .await?;
    Ok(Reply::Value {
        context: "Edm.String".to_owned(),
        value: json!(STANDARD.encode(csr)),
    })
}

fn shown(state: &GraphState, certificate: Option<&PushCertificate>) -> Reply {
    let id = state.engine().tenant().id;
    let body = if let Some(certificate) = certificate {
        let mut body = json!({
            "id": id,
            "appleIdentifier": certificate.apple_id.as_deref().unwrap_or_default(),
            "topicIdentifier": certificate.topic,
            "certificate": certificate.certificate_pem,
            "certificateSerialNumber": certificate.serial,
            "certificateUploadStatus": "uploaded",
            "certificateUploadFailureReason": null,
            "expirationDateTime": certificate.not_after.to_string(),
            "lastModifiedDateTime": certificate.modified_at.to_string(),
        });
        if let Some(trouble) = state.engine().push_trouble() {
            body[EXPLANATION] = explained(&trouble);
        }
        body
    } else {
        let mut body = Value::Object(crate::schema::blank(DECLARED));
        body["id"] = json!(id);
        // `IntuneCD` joins it to other text without looking.
        body["appleIdentifier"] = json!("");
        body["expirationDateTime"] = json!(NEVER);
        body["lastModifiedDateTime"] = json!(NEVER);
        body
    };
    Reply::entity(
        Entity::from_json(DECLARED, PATH.to_owned(), body),
        DECLARED,
        PATH,
    )
}

/// What stands in the way of waking devices. Graph has no property for it.
fn explained(trouble: &PushTrouble) -> Value {
    json!({
        "state": "error",
        "message": format!("devices cannot be woken: {}", trouble.reason),
        "since": trouble.since.to_string(),
        "nextTry": trouble.next_try.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use mandate_model::Timestamp;

    use super::*;

    #[test]
    fn a_refusal_says_what_since_when_and_until_when() {
        let since = Timestamp::from_unix_seconds(1_790_000_000);
        let trouble = PushTrouble {
            reason: "BadCertificate".to_owned(),
            since,
            next_try: since.plus(Timestamp::HOUR),
            refusals: 1,
        };
        let shown = explained(&trouble);
        assert_eq!(shown["message"], "devices cannot be woken: BadCertificate");
        assert_eq!(shown["since"], "2026-09-21T14:13:20Z");
        assert_eq!(shown["nextTry"], "2026-09-21T15:13:20Z");
    }
}
