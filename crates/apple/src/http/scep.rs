//! `/scep`: certificates for devices (RFC 8894 §4).

use axum::extract::{Path, Request, State};
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use mandate_engine::ScepAnswer;
use percent_encoding::percent_decode_str;

use super::{AppleState, Problem};

pub(super) async fn scep(
    State(state): State<AppleState>,
    request: Request,
) -> Result<Response, Problem> {
    operate(&state, None, request).await
}

/// The same for those who were told the fingerprint of one authority, whichever issues now.
pub(super) async fn scep_of(
    State(state): State<AppleState>,
    Path(authority): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    operate(&state, Some(&authority), request).await
}

async fn operate(
    state: &AppleState,
    authority: Option<&str>,
    request: Request,
) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    let query = parts.uri.query().unwrap_or_default();
    match parameter(query, "operation")
        .map(decoded)
        .unwrap_or_default()
        .as_slice()
    {
        b"GetCACaps" => Ok((
            [(header::CONTENT_TYPE, "text/plain")],
            state.engine.scep_capabilities(),
        )
            .into_response()),
        b"GetCACert" => {
            let certificates = state
                .engine
                .scep_ca_certificates(authority)
                .ok_or(Problem::NotFound("there is no such authority"))?;
            Ok((
                [(header::CONTENT_TYPE, certificates.content_type)],
                certificates.body,
            )
                .into_response())
        }
        b"PKIOperation" => {
            let message = if parts.method == Method::POST {
                let read = axum::body::to_bytes(body, super::SCEP_LIMIT).await;
                read.map_err(|_| too_long())?.to_vec()
            } else {
                from_query(query)
                    .ok_or_else(|| Problem::Malformed("`message` is not base64".to_owned()))?
            };
            Ok(reply(state.engine.scep(&message).await?))
        }
        _ => Err(Problem::Malformed(
            "`operation` must be GetCACaps, GetCACert or PKIOperation".to_owned(),
        )),
    }
}

fn reply(answer: ScepAnswer) -> Response {
    match answer {
        ScepAnswer::Reply(reply) => {
            ([(header::CONTENT_TYPE, "application/x-pki-message")], reply).into_response()
        }
        ScepAnswer::Unreadable(reason) => (StatusCode::BAD_REQUEST, reason).into_response(),
    }
}

fn too_long() -> Problem {
    Problem::Malformed(format!(
        "the message is longer than {} bytes",
        super::SCEP_LIMIT
    ))
}

/// The raw value of a parameter: what clients put into `message` need not be UTF-8.
fn parameter<'a>(query: &'a str, name: &str) -> Option<&'a str> {
    query
        .split('&')
        .find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
}

fn decoded(value: &str) -> Vec<u8> {
    percent_decode_str(value).collect()
}

/// A message in the address: base64, whose `+` and `/` macOS leaves unescaped and which others write in the alphabet
/// for addresses.
fn from_query(query: &str) -> Option<Vec<u8>> {
    let text: String = decoded(parameter(query, "message")?)
        .into_iter()
        .map(|byte| if byte == b' ' { '+' } else { char::from(byte) })
        .filter(|c| *c != '\n' && *c != '\r')
        .collect();
    let bare = text.trim_end_matches('=');
    if bare.len() > super::SCEP_LIMIT {
        return None;
    }
    let padded = format!("{bare}{}", "=".repeat((4 - bare.len() % 4) % 4));
    STANDARD
        .decode(padded)
        .or_else(|_| URL_SAFE_NO_PAD.decode(bare))
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_in_the_address_is_read_in_every_spelling() {
        for query in [
            "operation=PKIOperation&message=+/+/",
            "operation=PKIOperation&message=%2B%2F%2B%2F",
            "message=-_-_&operation=PKIOperation",
        ] {
            assert_eq!(from_query(query).unwrap(), [0xfb, 0xff, 0xbf], "{query}");
        }
        assert_eq!(from_query("message=AQ"), Some(vec![1]));
        assert_eq!(from_query("message=*"), None);
    }
}
