//! Pages of the authority.

use askama::Template;
use axum::extract::Request;
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use mandate_ui::Visitor;
use mandate_web::{Page, render};

use crate::Door;

/// The only script that stands in a page; its hash is in that page's policy.
pub(super) const SUBMIT: &str = "document.forms[0].submit()";
/// Its SHA-256 in Base64.
pub(super) const SUBMIT_SHA256: &str = "ePniVEkSivX/c7XWBGafqh8tSpiRrKiqYeqbG7N1TOE=";

/// What all pages of one request have.
#[derive(Debug, Clone)]
pub(super) struct PageContext {
    narrow: Page,
}

impl PageContext {
    pub(super) fn of(state: &Door, parts: &Parts) -> Self {
        Self {
            narrow: Visitor::of(state, parts).narrow(None),
        }
    }

    /// A card; with a cookie its forms are taken.
    fn page(&self, cookie: Option<&str>) -> Page {
        let page = self.narrow.clone();
        match cookie {
            Some(cookie) => page.with_forms(cookie),
            None => page,
        }
    }

    pub(super) fn text(&self, id: &str) -> String {
        self.narrow.text(id)
    }
}

#[derive(Template)]
#[template(path = "oauth/note.html")]
struct Note<'a> {
    page: Page,
    title: String,
    text: String,
    detail: &'a str,
}

#[derive(Template)]
#[template(path = "oauth/leading.html")]
struct Leading {
    page: Page,
}

#[derive(Template)]
#[template(path = "oauth/form_post.html")]
struct FormPost<'a> {
    page: Page,
    address: &'a str,
    fields: &'a [(&'a str, &'a str)],
    submit: &'static str,
}

/// What somebody is asked before a client gets anything.
#[derive(Debug)]
pub(super) struct Question<'a> {
    pub(super) action: String,
    pub(super) client: &'a str,
    pub(super) person: &'a str,
    pub(super) permissions: &'a [String],
    /// The user code, where one was typed.
    pub(super) code: &'a str,
    /// The client that is shown, for the form.
    pub(super) client_id: String,
    pub(super) can_change_account: bool,
}

#[derive(Template)]
#[template(path = "oauth/confirm.html")]
struct Confirm<'a> {
    page: Page,
    question: Question<'a>,
}

#[derive(Template)]
#[template(path = "oauth/device.html")]
struct Device<'a> {
    page: Page,
    code: &'a str,
    wrong: String,
}

#[derive(Template)]
#[template(path = "oauth/logout.html")]
struct Logout {
    page: Page,
    action: String,
}

/// A page that only says something; `detail` is for whoever looks after the client.
pub(super) fn note(
    context: &PageContext,
    status: StatusCode,
    (title, text): (&str, &str),
    detail: &str,
) -> Response {
    let page = Note {
        page: context.page(None),
        title: context.text(title),
        text: context.text(text),
        detail,
    };
    render(status, &page)
}

/// A request that leads nowhere: it is shown and goes to nobody.
pub(super) fn problem(context: &PageContext, fault: &super::Fault) -> Response {
    let words = ("client-problem-title", "client-problem");
    note(context, fault.kind.status(), words, &fault.text())
}

/// Leads on to the client.
pub(super) fn leading(context: &PageContext, address: &str) -> Response {
    let mut page = context.page(None);
    page.leads_to = Some(address.to_owned());
    render(StatusCode::OK, &Leading { page })
}

/// Sends fields to the client.
pub(super) fn form_post(context: &PageContext, address: &str, fields: &[(&str, &str)]) -> Response {
    let page = FormPost {
        page: context.page(None),
        address,
        fields,
        submit: SUBMIT,
    };
    render(StatusCode::OK, &page)
}

/// Asks whether a client may.
pub(super) fn confirm(context: &PageContext, cookie: &str, question: Question<'_>) -> Response {
    let page = Confirm {
        page: context.page(Some(cookie)),
        question,
    };
    render(StatusCode::OK, &page)
}

/// Asks for a user code.
pub(super) fn device(
    context: &PageContext,
    cookie: &str,
    code: &str,
    wrong: Option<String>,
) -> Response {
    let status = match wrong {
        None => StatusCode::OK,
        Some(_) => StatusCode::BAD_REQUEST,
    };
    let page = Device {
        page: context.page(Some(cookie)),
        code,
        wrong: wrong.unwrap_or_default(),
    };
    render(status, &page)
}

/// Asks whether to sign out.
pub(super) fn logout(context: &PageContext, cookie: &str, action: String) -> Response {
    let page = Logout {
        page: context.page(Some(cookie)),
        action,
    };
    render(StatusCode::OK, &page)
}

/// Addresses here hold codes and hints, which are nobody else's business.
pub(super) async fn no_secrets_in_referrers(request: Request, next: Next) -> Response {
    let mut answer = next.run(request).await;
    answer
        .headers_mut()
        .entry(header::REFERRER_POLICY)
        .or_insert(HeaderValue::from_static("no-referrer"));
    answer
}
