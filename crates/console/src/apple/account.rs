//! Enrolment by an account: what this server answers to a device that looks for it by a domain.

use askama::Template;
use axum::http::StatusCode;
use mandate_engine::{AccountMode, Action, Domain};
use mandate_model::Platform;
use mandate_web::{Page, render};
use serde_json::json;

use super::words;
use crate::administrator::Administrator;
use crate::failure::Answer;

/// Where devices look (Apple, `com.apple.remotemanagement`).
const WELL_KNOWN: &str = "/.well-known/com.apple.remotemanagement";

#[derive(Template)]
#[template(path = "apple/account.html")]
struct Show {
    page: Page,
    /// What is answered for each platform; none where it is not offered.
    offers: Vec<Offer>,
    /// For each domain, where its web server has to lead to.
    domains: Vec<(String, String)>,
    here: String,
}

/// What devices of a platform are answered.
struct Offer {
    platform: String,
    mode: String,
    answer: String,
}

/// `GET /console/apple/account`
pub(super) async fn show(administrator: Administrator) -> Answer {
    administrator.actor.require(Action::OrganizationRead)?;
    let engine = administrator.engine();
    let page = administrator.page();
    let base = engine.device_base_url();
    let offer = |platform| {
        let mode = engine.account_mode(platform)?;
        let word = match (platform, mode) {
            (Platform::Ios, AccountMode::Byod) => "apple-account-part",
            _ => "apple-account-whole",
        };
        let answer = json!({ "Servers": [{
            "Version": format!("mdm-{}", mode.name()),
            "BaseURL": format!("{base}/apple/account/{}", mode.name()),
        }] });
        Some(Offer {
            platform: words::platform(&page, platform),
            mode: page.text(word),
            answer: answer.to_string(),
        })
    };
    let offers = [Platform::Ios, Platform::MacOs];
    let offers: Vec<Offer> = offers.into_iter().filter_map(offer).collect();
    let domains = engine.domains().await?.into_iter();
    let domains = domains.filter(Domain::is_verified).map(|domain| {
        let from = format!("https://{}{WELL_KNOWN}", domain.name);
        (domain.display_name, from)
    });
    let template = Show {
        offers,
        domains: domains.collect(),
        here: format!("{base}{WELL_KNOWN}"),
        page,
    };
    Ok(render(StatusCode::OK, &template))
}
