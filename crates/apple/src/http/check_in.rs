//! `/apple/checkin`: enrolling, staying reachable, leaving.

use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{Method, StatusCode};
use axum::response::Response;
use mandate_engine::{Authentication, Caller, Refused, TokenNews};
use mandate_pki::certificate::Certificate;

use super::{AppleState, Problem, identity, plist_answer};
use crate::wire::{Channel, CheckIn, Message, answer, property_list};

pub(super) async fn check_in(
    State(state): State<AppleState>,
    request: Request,
) -> Result<Response, Problem> {
    is_message(request.method())?;
    identity::is_offered(request.headers(), request.extensions())?;
    let (parts, body) = whole(request, super::CHECK_IN_LIMIT).await?;
    let certificate = identity::certificate(&parts.headers, &parts.extensions, &body)?;
    let message = property_list::read(&body, property_list::Limits::CHECK_IN)?;
    if message.contains_key("Status") && !message.contains_key("MessageType") {
        return super::mdm::report(&state, &certificate, message).await;
    }
    take(&state, &certificate, CheckIn::read(&message)?).await
}

/// Hears a check-in message.
pub(super) async fn take(
    state: &AppleState,
    certificate: &Certificate,
    check_in: CheckIn,
) -> Result<Response, Problem> {
    let caller = Caller {
        certificate,
        enrolment_id: &check_in.device.id,
    };
    if check_in.channel != Channel::Device {
        state.engine.recognise(&caller).await??;
        return Ok(user_channel(&check_in.message));
    }
    let outcome = match check_in.message {
        Message::Authenticate(message) => {
            let enrolment_type = check_in.device.kind;
            let news = Authentication {
                enrolment_type,
                topic: message.topic,
                facts: message.facts,
            };
            state.engine.authenticate_device(&caller, news).await?
        }
        Message::TokenUpdate(message) => {
            let unlock_token = message
                .unlock_token
                .as_ref()
                .map(|token| token.expose().to_vec());
            let (topic, token, magic) = (message.topic, message.token, message.push_magic);
            state
                .engine
                .take_token(
                    &caller,
                    TokenNews {
                        topic,
                        token,
                        magic,
                        unlock_token,
                    },
                )
                .await?
        }
        Message::CheckOut => state.engine.check_out(&caller).await?,
        Message::GetBootstrapToken => {
            state.engine.recognise(&caller).await??;
            return Ok(plist_answer(Some(answer::bootstrap_token(None))));
        }
        Message::SetBootstrapToken(_) | Message::Other(_) => {
            state.engine.recognise(&caller).await?
        }
        Message::UserAuthenticate(_) | Message::GetToken(_) | Message::DeclarativeManagement(_) => {
            state.engine.recognise(&caller).await??;
            return Err(Problem::NotFound("not offered here"));
        }
    };
    outcome?;
    Ok(plist_answer(None))
}

/// People on a shared device are not managed; the device is told so in the protocol's way.
fn user_channel(message: &Message) -> Response {
    match message {
        Message::UserAuthenticate(_) => {
            axum::response::IntoResponse::into_response((StatusCode::GONE, "users are not managed"))
        }
        _ => plist_answer(None),
    }
}

/// Devices PUT; some other clients POST.
pub(super) fn is_message(method: &Method) -> Result<(), Problem> {
    if method == Method::PUT || method == Method::POST {
        Ok(())
    } else {
        Err(Problem::Method)
    }
}

/// Head and whole body of a request.
pub(super) async fn whole(request: Request, limit: usize) -> Result<(Parts, Bytes), Problem> {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, limit).await.map_err(|_| {
        Problem::Malformed(format!(
            "the body is longer than {limit} bytes, or broke off"
        ))
    })?;
    Ok((parts, body))
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}
