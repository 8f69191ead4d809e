//! What changes while somebody looks: server-sent events (HTML Living Standard §9.2).

use std::convert::Infallible;
use std::time::Duration;

use axum::http::HeaderValue;
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use tokio::time::MissedTickBehavior;

/// Between two looks.
const PAUSE: Duration = Duration::from_secs(2);
/// Looks before the browser has to ask anew, so that who it is and what they may see is checked again.
const LOOKS: u32 = 30;

/// A stream of a text that is sent at first and whenever it has changed. A look that finds none ends the stream, and the
/// browser asks anew.
pub fn live<Look, Looking>(look: Look) -> Response
where
    Look: FnMut() -> Looking + Send + 'static,
    Looking: Future<Output = Option<String>> + Send + 'static,
{
    let mut ticks = tokio::time::interval(PAUSE);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let begun = (look, ticks, LOOKS, String::new());
    let events = stream::unfold(
        begun,
        |(mut look, mut ticks, mut left, before)| async move {
            while left > 0 {
                ticks.tick().await;
                left -= 1;
                let text = look().await?;
                // What has not changed is not sent again.
                if text != before {
                    let event = Event::default().retry(PAUSE).data(&text);
                    return Some((Ok::<_, Infallible>(event), (look, ticks, left, text)));
                }
            }
            None
        },
    );
    let mut response = Sse::new(events).into_response();
    // Proxies would otherwise wait until there is more.
    let headers = response.headers_mut();
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}
