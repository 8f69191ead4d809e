//! What became of a profile, device by device and person by person.

use askama::Template;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::routing::get;
use mandate_engine::{Action, DeviceStatus, Page as Pages, UserStatus};
use mandate_model::{DeviceId, State, UserId};
use mandate_ui::{Door, moment};
use mandate_web::{Language, Page, Routes, render};
use serde::Deserialize;

use super::frame::{Frame, profile};
use crate::administrator::Administrator;
use crate::csv_file::CsvFile;
use crate::failure::Answer;
use crate::reasons::{because_text, next_step, reason_text};

pub(super) fn routes() -> Routes<Door> {
    Routes::new()
        .route("/console/profiles/{id}/devices", get(show_devices))
        .route("/console/profiles/{id}/devices.csv", get(export_devices))
        .route("/console/profiles/{id}/users", get(show_users))
        .route("/console/profiles/{id}/users.csv", get(export_users))
}

/// Where a page begins.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Place {
    after: String,
}

#[derive(Template)]
#[template(path = "profiles/devices.html")]
struct DevicesPage {
    page: Page,
    frame: Frame,
    devices: Vec<DeviceLine>,
    first: Option<String>,
    next: Option<String>,
}

struct DeviceLine {
    /// Path of the device; empty where the administrator may not look at devices.
    path: String,
    name: String,
    user: String,
    state: &'static str,
    reason: String,
    next_step: String,
    because: String,
    since: String,
    version: i64,
}

#[derive(Template)]
#[template(path = "profiles/users.html")]
struct UsersPage {
    page: Page,
    frame: Frame,
    users: Vec<UserLine>,
    first: Option<String>,
    next: Option<String>,
}

struct UserLine {
    name: String,
    principal_name: String,
    state: &'static str,
    devices: i64,
    last_reported: String,
}

const SHOWN: u32 = 100;
/// Rows that a file is made from at once.
const AT_ONCE: u32 = 5_000;

/// `GET /console/profiles/{id}/devices`
async fn show_devices(
    administrator: Administrator,
    Path(id): Path<String>,
    Query(place): Query<Place>,
) -> Answer {
    let profile = profile(&administrator, &id).await?;
    let (engine, actor) = (administrator.engine(), &administrator.actor);
    let after: Option<DeviceId> = place.after.parse().ok();
    let limit = SHOWN + 1;
    let mut found = engine
        .device_statuses(actor, profile.id, Pages { after, limit })
        .await?;
    let has_more = found.len() > SHOWN as usize;
    found.truncate(SHOWN as usize);
    let frame = Frame::new(&administrator, &profile, "/devices");
    let path = format!("{}/devices", frame.path);
    let last = found.last().map(|one| one.device.id);
    let may_see = actor.may(Action::DevicesRead);
    let template = DevicesPage {
        page: administrator.page(),
        first: after.map(|_| path.clone()),
        next: last
            .filter(|_| has_more)
            .map(|last| format!("{path}?after={last}")),
        devices: found
            .iter()
            .map(|one| device_line(one, may_see, administrator.language()))
            .collect(),
        frame,
    };
    Ok(render(StatusCode::OK, &template))
}

/// `GET /console/profiles/{id}/devices.csv`
async fn export_devices(administrator: Administrator, Path(id): Path<String>) -> Answer {
    let profile = profile(&administrator, &id).await?;
    let (engine, actor) = (administrator.engine(), &administrator.actor);
    let language = administrator.language();
    let columns = [
        "profiles-device",
        "profiles-user",
        "profiles-state",
        "profiles-why",
        "profiles-next-step",
        "profiles-because",
        "profiles-since-when",
        "profiles-version",
    ];
    let mut file = CsvFile::new(&columns.map(|column| language.text(column)))?;
    let mut after = None;
    loop {
        let page = Pages {
            after,
            limit: AT_ONCE,
        };
        let found = engine.device_statuses(actor, profile.id, page).await?;
        for one in &found {
            let line = device_line(one, false, language);
            file.row(&[
                line.name,
                line.user,
                language.text(&format!("state-{}", line.state)),
                line.reason,
                line.next_step,
                line.because,
                line.since,
                line.version.to_string(),
            ])?;
        }
        match found.last() {
            Some(last) if found.len() == AT_ONCE as usize => after = Some(last.device.id),
            _ => break,
        }
    }
    file.answer("devices")
}

/// `GET /console/profiles/{id}/users`
async fn show_users(
    administrator: Administrator,
    Path(id): Path<String>,
    Query(place): Query<Place>,
) -> Answer {
    let profile = profile(&administrator, &id).await?;
    let (engine, actor) = (administrator.engine(), &administrator.actor);
    let after: Option<UserId> = place.after.parse().ok();
    let limit = SHOWN + 1;
    let mut found = engine
        .user_statuses(actor, profile.id, Pages { after, limit })
        .await?;
    let has_more = found.len() > SHOWN as usize;
    found.truncate(SHOWN as usize);
    let frame = Frame::new(&administrator, &profile, "/users");
    let path = format!("{}/users", frame.path);
    let last = found.last().map(|one| one.user.id);
    let template = UsersPage {
        page: administrator.page(),
        first: after.map(|_| path.clone()),
        next: last
            .filter(|_| has_more)
            .map(|last| format!("{path}?after={last}")),
        users: found.iter().map(user_line).collect(),
        frame,
    };
    Ok(render(StatusCode::OK, &template))
}

/// `GET /console/profiles/{id}/users.csv`
async fn export_users(administrator: Administrator, Path(id): Path<String>) -> Answer {
    let profile = profile(&administrator, &id).await?;
    let (engine, actor) = (administrator.engine(), &administrator.actor);
    let language = administrator.language();
    let columns = [
        "profiles-user",
        "profiles-principal-name",
        "profiles-state",
        "profiles-number-of-devices",
        "profiles-last-reported",
    ];
    let mut file = CsvFile::new(&columns.map(|column| language.text(column)))?;
    let all = Pages::first(u32::MAX);
    for one in engine.user_statuses(actor, profile.id, all).await? {
        let line = user_line(&one);
        file.row(&[
            line.name,
            line.principal_name,
            language.text(&format!("state-{}", line.state)),
            line.devices.to_string(),
            line.last_reported,
        ])?;
    }
    file.answer("users")
}

fn device_line(one: &DeviceStatus, may_see: bool, language: Language) -> DeviceLine {
    let reason = &one.status.reason;
    DeviceLine {
        path: if may_see {
            format!("/console/devices/{}", one.device.id)
        } else {
            String::new()
        },
        name: one.device.display_name(),
        user: one
            .user
            .as_ref()
            .map(|user| user.user_principal_name.clone())
            .unwrap_or_default(),
        state: state(one.status.state()),
        reason: reason_text(language, reason),
        next_step: next_step(language, reason),
        because: because_text(language, &one.because),
        since: moment(one.status.since),
        version: one.version,
    }
}

fn user_line(one: &UserStatus) -> UserLine {
    UserLine {
        name: one.user.display_name.clone(),
        principal_name: one.user.user_principal_name.clone(),
        state: state(one.state),
        devices: one.devices,
        last_reported: moment(one.last_reported_at),
    }
}

/// Class of a state, and end of the id of its name.
const fn state(state: State) -> &'static str {
    match state {
        State::Succeeded => "succeeded",
        State::Error => "error",
        State::Conflict => "conflict",
        State::Pending => "pending",
        State::NotApplicable => "not-applicable",
    }
}
