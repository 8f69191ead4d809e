//! Pages of other origins: they may read answers if an administrator registered one of their addresses as a page (`spa`).

use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::Door;

/// Adds what lets the page of a registered origin read an answer.
pub(super) async fn allow(state: &Door, parts: &Parts, mut answer: Response) -> Response {
    answer
        .headers_mut()
        .append(header::VARY, HeaderValue::from_static("Origin"));
    let Some(origin) = parts.headers.get(header::ORIGIN) else {
        return answer;
    };
    let Ok(text) = origin.to_str() else {
        return answer;
    };
    let registered = match state.engine().page_addresses().await {
        Ok(registered) => registered,
        Err(error) => {
            tracing::error!("origins of pages could not be read: {error}");
            return answer;
        }
    };
    if registered
        .iter()
        .any(|address| origin_of(address) == Some(text))
    {
        answer
            .headers_mut()
            .insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
    }
    answer
}

/// `OPTIONS` of whatever pages may ask for.
pub(super) async fn preflight(State(state): State<Door>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let mut answer = allow(&state, &parts, StatusCode::NO_CONTENT.into_response()).await;
    let headers = answer.headers_mut();
    if headers.contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN) {
        let mut say = |name, value| headers.insert(name, HeaderValue::from_static(value));
        say(header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST, OPTIONS");
        say(
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            "content-type, client-request-id, return-client-request-id, x-client-sku, x-client-ver, \
             x-ms-lib-capability, x-client-current-telemetry, x-client-last-telemetry",
        );
        say(header::ACCESS_CONTROL_MAX_AGE, "3600");
    }
    answer
}

/// Scheme, host and port of an address, as browsers write an origin.
pub(super) fn origin_of(address: &str) -> Option<&str> {
    let start = address.find("://")? + 3;
    let end = address[start..]
        .find(['/', '?', '#'])
        .map_or(address.len(), |end| start + end);
    Some(&address[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_what_stands_before_the_path() {
        for (address, origin) in [
            ("https://app.example/back", "https://app.example"),
            ("http://localhost:3000", "http://localhost:3000"),
            ("https://app.example?x", "https://app.example"),
        ] {
            assert_eq!(origin_of(address), Some(origin));
        }
        assert_eq!(origin_of("urn:x"), None);
    }
}
