//! Pages that only say something.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use mandate_web::{Page, render};

/// A page with a title, a text and a way on.
#[derive(Debug, Template)]
#[template(path = "message.html")]
pub struct Message {
    page: Page,
    title: String,
    text: String,
    /// What the engine said, for those who know the words.
    detail: String,
    link: String,
    link_text: String,
}

impl Message {
    /// With the ids of title and text, and where the way on leads with the id of its text.
    pub fn new(page: Page, (title, text): (&str, &str), (link, link_text): (&str, &str)) -> Self {
        Self {
            title: page.text(title),
            text: page.text(text),
            detail: String::new(),
            link: link.to_owned(),
            link_text: page.text(link_text),
            page,
        }
    }

    /// With what the engine said.
    #[must_use]
    pub fn with_detail(self, detail: String) -> Self {
        Self { detail, ..self }
    }

    /// With a text that is none of the catalogue's ids.
    #[must_use]
    pub fn saying(self, text: String) -> Self {
        Self { text, ..self }
    }

    /// As an answer.
    pub fn show(&self, status: StatusCode) -> Response {
        render(status, self)
    }
}

/// A page with a title, a text and a way on, all by ids of the catalogue.
pub fn show_message(
    page: Page,
    status: StatusCode,
    texts: (&str, &str),
    link: (&str, &str),
) -> Response {
    Message::new(page, texts, link).show(status)
}
