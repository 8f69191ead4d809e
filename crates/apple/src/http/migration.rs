//! Devices of another server: `/apple/migration` takes in what that server knows of them, and their own requests come to the
//! addresses that they know.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mandate_engine::{
    Authentication, ImportContent, ImportMessage, MacUser, MigrationId, OldPath, TokenNews,
};
use zeroize::Zeroizing;

use super::{AppleState, Problem, check_in, mdm};
use crate::wire::{Channel, CheckIn, Message};

/// `user:password` in base64 is no longer, with the longest key that is made.
const LONGEST_CREDENTIAL: usize = 512;

/// Why a message of another server cannot be taken in, whatever it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImportProblem {
    /// It is no check-in message.
    Malformed(String),
    /// It is another one than those with which an enrolment begins.
    OtherMessage(String),
}

impl std::fmt::Display for ImportProblem {
    /// For whoever sends it in; without a full stop.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Malformed(reason) => write!(f, "this is no check-in message: {reason}"),
            Self::OtherMessage(name) => write!(
                f,
                "`{name}` is not taken in: only `Authenticate` and `TokenUpdate` tell of an enrolment"
            ),
        }
    }
}

/// Reads a message as its device sent it: a property list, XML or binary.
pub fn read_import(body: &[u8]) -> Result<ImportMessage, ImportProblem> {
    let check_in =
        CheckIn::parse(body).map_err(|error| ImportProblem::Malformed(error.to_string()))?;
    let other = |message: &Message| {
        Err(ImportProblem::OtherMessage(
            message.message_type().to_owned(),
        ))
    };
    let content = match (&check_in.channel, check_in.message) {
        (Channel::Device, Message::Authenticate(message)) => {
            ImportContent::Authenticate(Authentication {
                enrolment_type: check_in.device.kind,
                topic: message.topic,
                facts: message.facts,
            })
        }
        (channel, Message::TokenUpdate(message)) => {
            let unlock_token = message.unlock_token.as_ref();
            let news = TokenNews {
                unlock_token: unlock_token.map(|token| token.expose().to_vec()),
                topic: message.topic,
                token: message.token,
                magic: message.push_magic,
                awaits_configuration: false,
            };
            match channel {
                Channel::Device => ImportContent::Token(news),
                Channel::User(id) => {
                    let user = MacUser {
                        id: id.clone(),
                        short_name: check_in.ids.user_short_name,
                        long_name: check_in.ids.user_long_name,
                        not_on_console: false,
                    };
                    ImportContent::UserToken(
                        user,
                        TokenNews {
                            unlock_token: None,
                            ..news
                        },
                    )
                }
            }
        }
        (_, message) => return other(&message),
    };
    Ok(ImportMessage {
        enrolment_id: check_in.device.id,
        enrolment_type: check_in.device.kind,
        content,
    })
}

/// `PUT /apple/migration`, with the key of a migration as the password of basic authentication: one message, as NanoMDM's
/// and `MicroMDM`'s tools send them to a migration end point. 200 if it is known now, 409 with the reason if it cannot be.
pub(super) async fn import(
    State(state): State<AppleState>,
    request: Request,
) -> Result<Response, Problem> {
    if request.method() != Method::PUT {
        return Err(Problem::Method);
    }
    let migration = authorised(&state, request.headers()).await?;
    let (_, body) = check_in::whole(request, super::CHECK_IN_LIMIT).await?;
    let message = read_import(&body).map_err(|problem| Problem::Malformed(problem.to_string()))?;
    match state.engine.import_enrolment(migration, message).await? {
        Ok(_) => Ok(StatusCode::OK.into_response()),
        Err(refusal) => {
            tracing::info!("an enrolment of another server was not taken in: {refusal}");
            Ok((StatusCode::CONFLICT, refusal.to_string()).into_response())
        }
    }
}

/// Not 401, which no end point for devices ever answers: the tools send their key without being asked.
const NO_KEY: Problem = Problem::Unproven(
    "send the key of an open migration as the password of basic authentication; it may have ended or been withdrawn",
);

async fn authorised(state: &AppleState, headers: &HeaderMap) -> Result<MigrationId, Problem> {
    let credential = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("Basic"))
        .map(|(_, credential)| credential.trim())
        .filter(|credential| credential.len() <= LONGEST_CREDENTIAL)
        .ok_or(NO_KEY)?;
    let credential = STANDARD
        .decode(credential)
        .ok()
        .map(Zeroizing::new)
        .ok_or(NO_KEY)?;
    let credential = std::str::from_utf8(&credential).map_err(|_| NO_KEY)?;
    let (_, key) = credential.split_once(':').ok_or(NO_KEY)?;
    let found = state.engine.migration_of_key(key).await?;
    found.ok_or(NO_KEY)
}

/// Whatever is called where nothing of ours is: an address that a device was told by another server, or nothing at all.
pub(super) async fn elsewhere(
    state: State<AppleState>,
    request: Request,
) -> Result<Response, Problem> {
    let is_of_device = request.method() == Method::PUT || request.method() == Method::POST;
    let meaning = if is_of_device {
        state.engine.old_path(request.uri().path()).await?
    } else {
        None
    };
    match meaning {
        Some(OldPath::Commands) => Box::pin(mdm::mdm(state, request)).await,
        Some(OldPath::CheckIn) => Box::pin(check_in::check_in(state, request)).await,
        None => Ok(StatusCode::NOT_FOUND.into_response()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(content: &str) -> Vec<u8> {
        format!("<?xml version=\"1.0\"?><plist version=\"1.0\"><dict>{content}</dict></plist>")
            .into_bytes()
    }

    #[test]
    fn the_two_messages_of_an_enrolment_are_read_and_no_others() {
        let head =
            "<key>UDID</key><string>U1</string><key>Topic</key><string>com.apple.mgmt.x</string>";
        let of = |kind: &str, more: &str| {
            read_import(&message(&format!(
                "{head}<key>MessageType</key><string>{kind}</string>{more}"
            )))
        };
        let first = of("Authenticate", "<key>SerialNumber</key><string>C1</string>").unwrap();
        assert!(matches!(
            first.content,
            ImportContent::Authenticate(news) if news.facts.serial_number.as_deref() == Some("C1")
        ));
        let token = "<key>Token</key><data>AQID</data><key>PushMagic</key><string>M</string>";
        let second = of("TokenUpdate", token).unwrap();
        assert!(matches!(second.content, ImportContent::Token(news) if news.token == [1, 2, 3]));
        let user = format!(
            "{token}<key>UserID</key><string>P1</string><key>UserShortName</key><string>ada</string>"
        );
        let third = of("TokenUpdate", &user).unwrap();
        assert!(matches!(
            third.content,
            ImportContent::UserToken(user, _) if user.short_name.as_deref() == Some("ada")
        ));
        assert_eq!(
            of("CheckOut", ""),
            Err(ImportProblem::OtherMessage("CheckOut".to_owned()))
        );
        for nothing in [&b""[..], b"not a list", &message("")] {
            assert!(matches!(
                read_import(nothing),
                Err(ImportProblem::Malformed(_))
            ));
        }
    }
}
