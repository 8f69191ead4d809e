//! The pages as templates have them.

use askama::Template;
use mandate_engine::{ProviderButton, TotpSetUp};
use mandate_web::{Page, qr_svg};

/// Who it is.
#[derive(Template)]
#[template(path = "pages/name.html")]
pub(super) struct Name {
    pub(super) page: Page,
    pub(super) problem: String,
    pub(super) passkey: Option<String>,
    pub(super) providers: Vec<ProviderButton>,
}

/// Their password.
#[derive(Template)]
#[template(path = "pages/password.html")]
pub(super) struct Password {
    pub(super) page: Page,
    pub(super) name: String,
    pub(super) problem: String,
    pub(super) passkey: Option<String>,
}

/// A second proof.
#[derive(Template)]
#[template(path = "pages/second.html")]
pub(super) struct Second {
    pub(super) page: Page,
    pub(super) name: String,
    pub(super) problem: String,
    pub(super) totp: bool,
    pub(super) recovery: bool,
    pub(super) passkey: Option<String>,
}

/// A second factor that is to be set up.
#[derive(Template)]
#[template(path = "pages/set_up.html")]
pub(super) struct SetUp {
    pub(super) page: Page,
    pub(super) problem: String,
    pub(super) totp: TotpView,
    pub(super) passkey: Option<String>,
}

/// A new password.
#[derive(Template)]
#[template(path = "pages/new_password.html")]
pub(super) struct NewPassword {
    pub(super) page: Page,
    pub(super) name: String,
    pub(super) by_link: bool,
    pub(super) problem: String,
    pub(super) shortest: usize,
}

/// Recovery codes, this once.
#[derive(Template)]
#[template(path = "pages/codes.html")]
pub(crate) struct Codes {
    pub(crate) page: Page,
    pub(crate) all: Vec<String>,
    pub(crate) in_account: bool,
}

/// The way on.
#[derive(Template)]
#[template(path = "pages/leading.html")]
pub(super) struct Leading {
    pub(super) page: Page,
}

/// What an app for one-time codes is set up with.
pub(crate) struct TotpView {
    /// SVG of the QR code.
    pub(crate) picture: String,
    /// The secret in groups of four, as people type.
    pub(crate) secret: String,
    /// Where the first code goes.
    pub(crate) action: &'static str,
}

impl TotpView {
    pub(crate) fn new(page: &Page, set_up: &TotpSetUp, action: &'static str) -> Self {
        let letters: Vec<char> = set_up.secret.chars().collect();
        let groups: Vec<String> = letters
            .chunks(4)
            .map(|four| four.iter().collect())
            .collect();
        Self {
            picture: qr_svg(&set_up.address, &page.text("totp-heading")).unwrap_or_default(),
            secret: groups.join(" "),
            action,
        }
    }
}
