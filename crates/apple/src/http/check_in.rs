//! `/apple/checkin`: enrolling, staying reachable, leaving.

use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{Method, StatusCode};
use axum::response::Response;
use mandate_engine::{Authentication, Caller, MacUser, Refused, TokenNews};
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
    Box::pin(take(&state, &certificate, CheckIn::read(&message)?)).await
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
    if let Channel::User(user) = &check_in.channel {
        let user = mac_user(user, &check_in);
        return Box::pin(take_of_user(state, &caller, &user, check_in.message)).await;
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
            let awaits_configuration = message.awaiting_configuration == Some(true);
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
                        awaits_configuration,
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

/// Hears a check-in message on behalf of a person. Who is not to be managed is told so in the protocol's way.
async fn take_of_user(
    state: &AppleState,
    caller: &Caller<'_>,
    user: &MacUser,
    message: Message,
) -> Result<Response, Problem> {
    match message {
        Message::UserAuthenticate(_) => {
            if !state.engine.wants_user(caller, user).await?? {
                let gone = (StatusCode::GONE, "this user is not managed");
                return Ok(axum::response::IntoResponse::into_response(gone));
            }
            // The identity of the device has proved who speaks; of the person no password is asked.
            return Ok(plist_answer(Some(answer::no_digest_challenge())));
        }
        Message::TokenUpdate(message) => {
            let news = TokenNews {
                topic: message.topic,
                token: message.token,
                magic: message.push_magic,
                unlock_token: None,
                awaits_configuration: false,
            };
            state.engine.take_user_token(caller, user, news).await??;
        }
        Message::CheckOut => state.engine.check_out_user(caller, user).await??,
        Message::Authenticate(_)
        | Message::SetBootstrapToken(_)
        | Message::GetBootstrapToken
        | Message::GetToken(_)
        | Message::DeclarativeManagement(_)
        | Message::Other(_) => state.engine.recognise(caller).await??,
    }
    Ok(plist_answer(None))
}

fn mac_user(id: &str, check_in: &CheckIn) -> MacUser {
    let not_on_console = match &check_in.message {
        Message::TokenUpdate(message) => message.not_on_console.unwrap_or_default(),
        _ => false,
    };
    MacUser {
        id: id.to_owned(),
        short_name: check_in.ids.user_short_name.clone(),
        long_name: check_in.ids.user_long_name.clone(),
        not_on_console,
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
