//! What every page has: language, title, who is signed in, and the token of its forms.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::form::form_token;
use crate::{Language, assets};

/// The frame of a page. A template has it as its field `page` and begins with `{% extends "layout.html" %}`.
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// Language of all texts.
    pub language: Language,
    /// Name of the organisation.
    pub organisation: String,
    /// Who is signed in, by name.
    pub person: Option<String>,
    /// Token of the forms; empty where there are none.
    pub form_token: String,
    /// Whether the page is one narrow card, as for signing in, rather than of full width.
    pub is_narrow: bool,
    /// Where the browser goes by itself: a path of this server.
    pub leads_to: Option<String>,
    /// The menu; empty where there is none.
    pub menu: Vec<MenuSection>,
    /// Colour and logo of the organisation.
    pub brand: Brand,
}

/// How the organisation wants pages to look.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Brand {
    /// Path of the stylesheet with its colour, if it has one.
    pub style: Option<String>,
    /// Its logo, instead of our icon.
    pub logo: Option<Logo>,
    /// Whether its name stands beside the logo; otherwise the logo says it.
    pub is_named: bool,
}

/// The logo of the organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logo {
    /// Its path.
    pub path: String,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Class for what must be behind it: `on-light` or `on-theme`.
    pub ground: &'static str,
}

/// A part of the menu.
#[derive(Debug, Clone)]
pub struct MenuSection {
    /// What it is called; the first one needs no name.
    pub heading: Option<String>,
    /// Where it leads.
    pub entries: Vec<MenuEntry>,
}

/// A line of the menu.
#[derive(Debug, Clone)]
pub struct MenuEntry {
    /// A path of this server.
    pub path: &'static str,
    /// What is there.
    pub name: String,
    /// Whether the page belongs to it.
    pub is_current: bool,
}

impl Page {
    /// A page of full width without forms.
    pub fn new(language: Language, organisation: impl Into<String>) -> Self {
        Self {
            language,
            organisation: organisation.into(),
            ..Self::default()
        }
    }

    /// With forms for whoever holds this cookie.
    #[must_use]
    pub fn with_forms(mut self, cookie: &str) -> Self {
        self.form_token = form_token(cookie);
        self
    }

    /// A text in the language of the page.
    pub fn text(&self, id: &str) -> String {
        self.language.text(id)
    }

    /// A text with one value.
    pub fn text_with(&self, id: &str, name: &str, value: impl std::fmt::Display) -> String {
        self.language.text_with(id, &[(name, &value.to_string())])
    }

    /// The name of a state, such as `not-applicable`.
    pub fn state(&self, kind: &str) -> String {
        self.text(&format!("state-{kind}"))
    }

    /// All languages, for the choice at the foot of the page.
    pub fn languages(&self) -> [Language; 3] {
        Language::ALL
    }

    /// Path of the stylesheet.
    pub fn style(&self) -> &'static str {
        assets::style()
    }

    /// Path of the script.
    pub fn script(&self) -> &'static str {
        assets::script()
    }

    /// Path of the icon.
    pub fn icon(&self) -> &'static str {
        assets::icon()
    }
}

/// A template as an answer.
pub fn render(status: StatusCode, template: &impl askama::Template) -> Response {
    match template.render() {
        Ok(text) => (
            status,
            [(header::CONTENT_TYPE, "text/html; charset=utf-8")],
            text,
        )
            .into_response(),
        // Templates only fail where writing into memory fails.
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
