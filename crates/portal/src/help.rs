//! Whom to ask.

use askama::Template;
use axum::http::StatusCode;
use axum::routing::get;
use mandate_ui::Door;
use mandate_web::{Page, Routes, render};

use crate::colleague::Colleague;
use crate::failure::Answer;

/// Routes of help.
pub(crate) fn routes() -> Routes<Door> {
    Routes::new().route("/portal/help", get(show_help))
}

#[derive(Template)]
#[template(path = "help.html")]
struct Help {
    page: Page,
    here: &'static str,
    contact: Contact,
    is_empty: bool,
    has_terms: bool,
}

/// Whom the organisation names.
struct Contact {
    name: Option<String>,
    phone: Option<Phone>,
    email: Option<String>,
    notes: Option<String>,
    /// The support site: address and name.
    site: Option<(String, String)>,
    privacy: Option<String>,
}

struct Phone {
    text: String,
    /// What a phone dials (RFC 3966).
    number: String,
}

/// `GET /portal/help`
async fn show_help(colleague: Colleague) -> Answer {
    let details = colleague.engine().branding().await?.details;
    let has_terms = !colleague
        .engine()
        .own_terms(&colleague.of)
        .await?
        .is_empty();
    let page = colleague.page();
    let site = details.support_site().map(|(url, name)| {
        let name = name.map_or_else(|| page.text("portal-help-site"), str::to_owned);
        (url.to_owned(), name)
    });
    let contact = Contact {
        name: details.contact_name,
        phone: details.contact_phone.map(|text| Phone {
            number: dialled(&text),
            text,
        }),
        email: details.contact_email,
        notes: details.contact_notes,
        site,
        privacy: details.privacy_url,
    };
    let is_empty = contact.name.is_none()
        && contact.phone.is_none()
        && contact.email.is_none()
        && contact.notes.is_none()
        && contact.site.is_none();
    let template = Help {
        here: "help",
        contact,
        is_empty,
        has_terms,
        page,
    };
    Ok(render(StatusCode::OK, &template))
}

/// The digits of a number as people write it, with the plus before them.
fn dialled(text: &str) -> String {
    let is_dialled = |c: &char| c.is_ascii_digit() || matches!(c, '+' | '*' | '#');
    text.chars().filter(is_dialled).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_dialled_without_what_makes_it_readable() {
        assert_eq!(dialled("+46 (8) 123-45 67"), "+4681234567");
        assert_eq!(dialled("ext. javascript:"), "");
    }
}
