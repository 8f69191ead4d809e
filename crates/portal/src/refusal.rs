//! The page of an enrolment link that gives no profile.
//!
//! Links are answered by the channel of the device, in plain text. Whoever came with a browser gets a page instead, in
//! their language.

use axum::Router;
use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::http::header::ACCEPT;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use mandate_engine::EnrolmentRefusal;
use mandate_ui::{Door, Message, Visitor, barrier_text, look_up_brand};
use mandate_web::{Language, keep_to_itself};

/// Puts pages in front of what a channel refuses at enrolment links.
pub fn explain_refusals(door: Door, channel: Router) -> Router {
    channel.layer(from_fn_with_state(door, explain))
}

async fn explain(State(door): State<Door>, request: Request, next: Next) -> Response {
    if !takes_pages(request.headers()) {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    let mut asked = parts.clone();
    let response = next.run(Request::from_parts(parts, body)).await;
    let Some(refusal) = response.extensions().get::<EnrolmentRefusal>() else {
        return response;
    };
    look_up_brand(&door, &mut asked.extensions).await;
    let page = Visitor::of(&door, &asked).narrow(None);
    let text = text(page.language, refusal);
    let texts = ("enrolment-refused-title", "enrolment-refused-title");
    let message = Message::new(page, texts, ("/portal/", "to-portal")).saying(text);
    let mut shown = message.show(response.status());
    keep_to_itself(&door.address(&asked), &mut shown);
    shown
}

/// Whether whoever asks is a browser: programs of devices ask for a profile, or say nothing.
fn takes_pages(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(ACCEPT).into_iter();
    accepted
        .filter_map(|value| value.to_str().ok())
        .any(|value| value.contains("text/html"))
}

fn text(language: Language, refusal: &EnrolmentRefusal) -> String {
    match refusal {
        EnrolmentRefusal::NoSuchLink => language.text("enrolment-no-link"),
        EnrolmentRefusal::NotReady => language.text("enrolment-not-ready"),
        EnrolmentRefusal::NotAdmitted(barrier) => barrier_text(language, barrier),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_and_programs_are_told_apart() {
        let of = |accept: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT, accept.parse().unwrap());
            takes_pages(&headers)
        };
        assert!(of("text/html,application/xhtml+xml,*/*;q=0.8"));
        assert!(!of("*/*"));
        assert!(!of("application/x-apple-aspen-config"));
        assert!(!takes_pages(&HeaderMap::new()));
    }
}
