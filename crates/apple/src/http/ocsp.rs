//! `/pki/ocsp`: what became of single certificates (RFC 6960 Appendix A, RFC 5019).

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Uri, header};
use axum::response::{IntoResponse, Response};
use mandate_engine::{EngineError, OcspAnswer};
use mandate_model::Timestamp;
use mandate_pki::ocsp;

use super::{AppleState, Problem};

/// The largest question that is read.
pub(super) const LIMIT: usize = ocsp::MAX_SIZE;

const ADDRESS: &str = "/pki/ocsp/";

/// A question in the body.
pub(super) async fn ocsp(
    State(state): State<AppleState>,
    body: Bytes,
) -> Result<Response, Problem> {
    Ok(response(answer(&state, &body).await?, HeaderMap::new()))
}

/// A question in the address, as it came: base64 has slashes, and some clients escape them.
pub(super) async fn ocsp_by_address(
    State(state): State<AppleState>,
    uri: Uri,
) -> Result<Response, Problem> {
    let text = uri.path().strip_prefix(ADDRESS).unwrap_or_default();
    // What cannot be decoded cannot be parsed either, and is answered in the protocol's words.
    let request = ocsp::decode_path(text).unwrap_or_default();
    let answer = answer(&state, &request).await?;
    let headers = kept(&answer);
    Ok(response(answer, headers))
}

async fn answer(state: &AppleState, request: &[u8]) -> Result<OcspAnswer, Problem> {
    match state.engine.ocsp(request).await {
        Ok(answer) => Ok(answer),
        Err(EngineError::Unavailable(cause)) => {
            tracing::error!("a question about certificates was not answered: {cause}");
            Ok(OcspAnswer {
                body: ocsp::failure(ocsp::FailureStatus::TryLater),
                kept: None,
            })
        }
        Err(error) => Err(error.into()),
    }
}

fn response(answer: OcspAnswer, mut headers: HeaderMap) -> Response {
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static(ocsp::RESPONSE_CONTENT_TYPE),
    );
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    (headers, answer.body).into_response()
}

/// For how long anybody may keep an answer (RFC 5019 §6.2).
fn kept(answer: &OcspAnswer) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let Some((from, until)) = answer.kept else {
        return headers;
    };
    let seconds = until.since(from) / Timestamp::SECOND;
    let fields = [
        (
            header::CACHE_CONTROL,
            format!("max-age={seconds}, public, no-transform, must-revalidate"),
        ),
        (header::LAST_MODIFIED, http_date(from)),
        (header::EXPIRES, http_date(until)),
    ];
    for (name, value) in fields {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(name, value);
        }
    }
    headers
}

/// A time as HTTP writes it (RFC 9110 §5.6.7).
fn http_date(at: Timestamp) -> String {
    let seconds = u64::try_from(at.unix_seconds()).unwrap_or_default();
    let time = std::time::UNIX_EPOCH + std::time::Duration::from_secs(seconds);
    httpdate::fmt_http_date(time)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_anybody_may_keep_says_for_how_long() {
        let from = Timestamp::from_unix_seconds(1_795_248_000);
        let answer = OcspAnswer {
            body: Vec::new(),
            kept: Some((from, from.plus(Timestamp::HOUR))),
        };
        let headers = kept(&answer);
        assert_eq!(
            headers[header::CACHE_CONTROL],
            "max-age=3600, public, no-transform, must-revalidate"
        );
        assert_eq!(
            headers[header::LAST_MODIFIED],
            "Sat, 21 Nov 2026 08:00:00 GMT"
        );
        assert_eq!(headers[header::EXPIRES], "Sat, 21 Nov 2026 09:00:00 GMT");
        let nobody = OcspAnswer {
            kept: None,
            ..answer
        };
        assert!(kept(&nobody).is_empty());
        assert_eq!(
            response(nobody, HeaderMap::new()).headers()[header::CACHE_CONTROL],
            "no-store"
        );
    }
}
