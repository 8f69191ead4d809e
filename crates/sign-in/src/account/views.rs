//! The pages as templates have them.

use askama::Template;
use mandate_engine::{PasskeyView, SessionView};
use mandate_ui::{date, moment};
use mandate_web::{Language, Page};
use uuid::Uuid;

use crate::pages::TotpView;

/// All of it.
#[derive(Template)]
#[template(path = "account/index.html")]
pub(super) struct Account {
    pub(super) page: Page,
    pub(super) name: String,
    pub(super) done: String,
    pub(super) problem: String,
    pub(super) password_on: Option<String>,
    pub(super) totp_on: Option<String>,
    pub(super) passkeys: Vec<Passkey>,
    pub(super) can_passkey: bool,
    pub(super) has_factor: bool,
    pub(super) recovery_codes: i64,
    pub(super) sessions: Vec<Session>,
}

/// A passkey in the list.
pub(super) struct Passkey {
    pub(super) id: Uuid,
    pub(super) name: String,
    pub(super) added_on: String,
    pub(super) used_on: Option<String>,
}

/// A session in the list.
pub(super) struct Session {
    pub(super) id: Uuid,
    pub(super) agent: String,
    pub(super) address: String,
    pub(super) seen: String,
    pub(super) is_this: bool,
}

/// Setting up an app for one-time codes.
#[derive(Template)]
#[template(path = "account/totp.html")]
pub(super) struct NewTotp {
    pub(super) page: Page,
    pub(super) problem: String,
    pub(super) totp: TotpView,
}

/// Adding a passkey.
#[derive(Template)]
#[template(path = "account/passkey.html")]
pub(super) struct NewPasskey {
    pub(super) page: Page,
    pub(super) problem: String,
    pub(super) options: String,
}

/// Changing the password.
#[derive(Template)]
#[template(path = "account/password.html")]
pub(super) struct Password {
    pub(super) page: Page,
    pub(super) name: String,
    pub(super) problem_before: String,
    pub(super) problem: String,
    pub(super) shortest: usize,
}

impl From<PasskeyView> for Passkey {
    fn from(view: PasskeyView) -> Self {
        Self {
            id: view.id,
            name: view.name,
            added_on: date(view.created_at),
            used_on: view.used_at.map(date),
        }
    }
}

impl Session {
    pub(super) fn new(view: SessionView, this: Uuid, language: Language) -> Self {
        let agent = if view.agent.is_empty() {
            language.text("unknown-agent")
        } else {
            view.agent
        };
        Self {
            id: view.id,
            agent,
            address: view
                .address
                .unwrap_or_else(|| language.text("unknown-address")),
            seen: moment(view.seen_at),
            is_this: view.id == this,
        }
    }
}
