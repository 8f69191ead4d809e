//! A page that asks for a name to be typed before something is done that cannot be taken back.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use mandate_web::{Fields, Page, render};

use crate::administrator::Administrator;
use crate::failure::form_status;

/// What is to be done, and what has to be typed for it.
#[derive(Template)]
#[template(path = "apple/confirm.html")]
pub(super) struct Confirm {
    pub(super) page: Page,
    pub(super) title: String,
    pub(super) warning: String,
    /// Where the form goes.
    pub(super) action: String,
    /// Where one comes from.
    pub(super) back: String,
    /// What has to be typed; nothing where pressing the button will do.
    pub(super) name: String,
    /// What the button says.
    pub(super) button: String,
    /// Why it cannot be done.
    pub(super) problem: String,
    /// What is wrong with what was typed.
    pub(super) wrong: String,
    /// Whether it can be done at all now.
    pub(super) is_possible: bool,
}

impl Confirm {
    /// With the field of the name, for `title`.
    pub(super) fn new(
        administrator: &Administrator,
        title: String,
        (action, back): (String, String),
    ) -> Self {
        Self {
            page: administrator.page(),
            title,
            warning: String::new(),
            action,
            back,
            name: String::new(),
            button: administrator.language().text("remove"),
            problem: String::new(),
            wrong: String::new(),
            is_possible: true,
        }
    }

    /// Notes that the name was not typed; whether it was.
    pub(super) fn is_typed(&mut self, fields: &Fields) -> bool {
        let is_typed = self.name.is_empty() || fields.text("name").trim() == self.name.trim();
        if !is_typed {
            self.wrong = self.page.text("apple-type-wrong");
        }
        is_typed
    }

    /// The page for whoever asks for it.
    pub(super) fn ask(&self) -> Response {
        render(StatusCode::OK, self)
    }

    /// The page once more, since it was not done.
    pub(super) fn show(&self) -> Response {
        let is_right = self.problem.is_empty() && self.wrong.is_empty();
        render(form_status(is_right), self)
    }
}
