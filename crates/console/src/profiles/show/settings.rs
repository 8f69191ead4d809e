//! What became of each setting of a profile.

use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::routing::get;
use mandate_ui::Door;
use mandate_web::{Page, Routes, render};

use super::frame::{Frame, profile};
use super::overview::states;
use crate::administrator::Administrator;
use crate::failure::Answer;
use crate::forms::said;

pub(super) fn routes() -> Routes<Door> {
    Routes::new().route("/console/profiles/{id}/settings", get(show))
}

#[derive(Template)]
#[template(path = "profiles/setting-states.html")]
struct SettingStates {
    page: Page,
    frame: Frame,
    /// States that are columns.
    states: Vec<String>,
    /// Label, value, and how many devices are in each state.
    settings: Vec<(String, Vec<String>, Vec<i64>)>,
}

/// `GET /console/profiles/{id}/settings`
async fn show(administrator: Administrator, Path(id): Path<String>) -> Answer {
    let profile = profile(&administrator, &id).await?;
    let language = administrator.language();
    let found = administrator
        .engine()
        .setting_states(&administrator.actor, profile.id)
        .await?;
    // In the order of the form rather than of the alphabet.
    let order = |property: &str| {
        let mut all = profile.kind.settings.iter();
        all.position(|setting| setting.property == property)
    };
    let mut found: Vec<_> = found
        .into_iter()
        .map(|one| (order(&one.setting), one))
        .collect();
    found.sort_by_key(|(place, _)| place.unwrap_or(usize::MAX));
    let settings = found.into_iter().map(|(_, one)| {
        let numbers = states(one.counts).map(|(_, count)| count).to_vec();
        match profile.kind.setting(&one.setting) {
            Some(setting) => {
                let value = profile.settings.get(setting.property).cloned();
                (
                    language.phrase(setting.label),
                    said(setting, &value.unwrap_or_default(), language),
                    numbers,
                )
            }
            None => (one.setting, Vec::new(), numbers),
        }
    });
    let template = SettingStates {
        page: administrator.page(),
        frame: Frame::new(&administrator, &profile, "/settings"),
        states: states(mandate_engine::Counts::default())
            .map(|(state, _)| language.text(&format!("state-{state}")))
            .to_vec(),
        settings: settings.collect(),
    };
    Ok(render(StatusCode::OK, &template))
}
