//! What Apple gives: the push certificate, tokens of automated enrolment with their profiles and devices, and enrolment by
//! an account.

mod account;
mod confirm;
mod device_list;
mod import;
mod list;
mod profile;
mod profile_form;
mod profiles;
mod push;
mod token;
mod words;

use axum::routing::{get, post};
use mandate_ui::Door;
use mandate_web::Routes;

/// Where the area begins: the push certificate.
const PATH: &str = "/console/apple";
/// The tokens.
const TOKENS: &str = "/console/apple/tokens";

/// Routes of the area.
pub(crate) fn routes() -> Routes<Door> {
    Routes::new()
        .route(PATH, get(push::show_push).post(push::store))
        .route("/console/apple/push/request", post(push::request))
        .route(
            "/console/apple/push/remove",
            get(push::ask_removal).post(push::remove),
        )
        .route("/console/apple/account", get(account::show))
        .route(TOKENS, get(list::list_tokens))
        .route(
            "/console/apple/tokens/new",
            get(list::ask).post(list::create),
        )
        .route(
            "/console/apple/tokens/{token}",
            get(token::show_token).post(token::update),
        )
        .route(
            "/console/apple/tokens/{token}/key",
            get(token::download_key).post(token::make_key),
        )
        .route("/console/apple/tokens/{token}/upload", post(token::upload))
        .route(
            "/console/apple/tokens/{token}/sync",
            post(token::synchronise),
        )
        .route(
            "/console/apple/tokens/{token}/remove",
            get(token::ask_removal).post(token::remove),
        )
        .route(
            "/console/apple/tokens/{token}/profiles",
            get(profiles::list),
        )
        .route(
            "/console/apple/tokens/{token}/profiles/new",
            get(profile::ask).post(profile::create),
        )
        .route(
            "/console/apple/tokens/{token}/profiles/{profile}",
            get(profile::show).post(profile::update),
        )
        .route(
            "/console/apple/tokens/{token}/profiles/{profile}/default",
            post(profiles::make_default),
        )
        .route(
            "/console/apple/tokens/{token}/profiles/{profile}/remove",
            get(profiles::ask_removal).post(profiles::remove),
        )
        .route(
            "/console/apple/tokens/{token}/devices",
            get(device_list::list).post(device_list::assign),
        )
        .route(
            "/console/apple/tokens/{token}/devices/import",
            get(import::ask).post(import::import),
        )
        .route(
            "/console/apple/tokens/{token}/devices/{serial}/release",
            get(device_list::ask_release).post(device_list::release),
        )
        .route(
            "/console/apple/tokens/{token}/devices/{serial}/remove",
            get(device_list::ask_removal).post(device_list::remove),
        )
}
