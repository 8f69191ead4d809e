//! What became of a profile, device by device and person by person.

use std::fmt::Display;
use std::str::FromStr;

use askama::Template;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::routing::get;
use mandate_engine::{Action, DeviceStatus, EngineError, Page as Pages, UserStatus};
use mandate_model::{DeviceId, ProfileId, State, UserId};
use mandate_ui::{Door, moment};
use mandate_web::{Language, Page, Routes, render};
use serde::Deserialize;

use super::frame::{Frame, profile};
use crate::administrator::Administrator;
use crate::csv_file::CsvFile;
use crate::failure::{Answer, Failure};
use crate::list::link;
use crate::reasons::{because_text, next_step, reason_text};

pub(super) fn routes() -> Routes<Door> {
    Routes::new()
        .route("/console/profiles/{id}/devices", get(show_devices))
        .route(
            "/console/profiles/{id}/devices.csv",
            get(export::<DeviceStatus>),
        )
        .route("/console/profiles/{id}/users", get(show_users))
        .route(
            "/console/profiles/{id}/users.csv",
            get(export::<UserStatus>),
        )
}

/// Which part of the list was asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    /// Id of the last line of the page before.
    after: String,
    /// Class of the state that is looked for; empty for all.
    state: String,
}

impl Asked {
    /// What is not the name of a state asks for all.
    fn state(&self) -> Option<State> {
        STATES.into_iter().find(|one| class(*one) == self.state)
    }

    /// The state as links say it.
    fn word(&self) -> &'static str {
        self.state().map_or("", class)
    }
}

const STATES: [State; 5] = [
    State::Succeeded,
    State::Error,
    State::Conflict,
    State::Pending,
    State::NotApplicable,
];

/// A line of one of the two lists.
trait Standing: Sized + Send {
    type Id: Copy + Display + FromStr + Send;
    /// End of the list's path.
    const TAB: &'static str;
    /// Name of the file.
    const FILE: &'static str;
    /// Ids of the columns of the file.
    const COLUMNS: &'static [&'static str];

    fn read(
        administrator: &Administrator,
        profile: ProfileId,
        state: Option<State>,
        page: Pages<Self::Id>,
    ) -> impl Future<Output = Result<Vec<Self>, EngineError>> + Send;

    fn id(&self) -> Self::Id;

    /// As the file has it.
    fn cells(&self, language: Language) -> Vec<String>;
}

/// A page of a list with what stands around it.
struct Lines<S> {
    frame: Frame,
    found: Vec<S>,
    first: Option<String>,
    next: Option<String>,
    file: String,
    /// States to choose from: path, name, whether it is chosen.
    states: Vec<(String, String, bool)>,
}

const SHOWN: u32 = 100;
/// Rows that a file is made from at once.
const AT_ONCE: u32 = 5_000;

async fn lines<S: Standing>(
    administrator: &Administrator,
    id: &str,
    asked: &Asked,
) -> Result<Lines<S>, Failure> {
    let profile = profile(administrator, id).await?;
    let (after, limit) = (asked.after.parse().ok(), SHOWN + 1);
    let page = Pages { after, limit };
    let mut found = S::read(administrator, profile.id, asked.state(), page).await?;
    let has_more = found.len() > SHOWN as usize;
    found.truncate(SHOWN as usize);
    let frame = Frame::new(administrator, &profile, S::TAB);
    let path = format!("{}{}", frame.path, S::TAB);
    let of_state = |state: &str| link(&path, &[("state", state)]);
    let last = found.last().filter(|_| has_more).map(S::id);
    let language = administrator.language();
    let all = (
        path.clone(),
        language.text("profiles-all-states"),
        asked.state().is_none(),
    );
    let each = STATES.map(|state| {
        let name = language.text(&format!("state-{}", class(state)));
        (of_state(class(state)), name, asked.state() == Some(state))
    });
    Ok(Lines {
        first: after.map(|_| of_state(asked.word())),
        next: last.map(|last| {
            let after = last.to_string();
            link(&path, &[("state", asked.word()), ("after", &after)])
        }),
        file: link(&format!("{path}.csv"), &[("state", asked.word())]),
        states: [all].into_iter().chain(each).collect(),
        frame,
        found,
    })
}

/// `GET /console/profiles/{id}/devices.csv`, and the same for people.
async fn export<S: Standing>(
    administrator: Administrator,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Answer {
    let profile = profile(&administrator, &id).await?;
    let language = administrator.language();
    let columns: Vec<String> = S::COLUMNS.iter().map(|id| language.text(id)).collect();
    let mut file = CsvFile::new(&columns)?;
    let (mut after, limit) = (None, AT_ONCE);
    loop {
        let page = Pages { after, limit };
        let found = S::read(&administrator, profile.id, asked.state(), page).await?;
        for one in &found {
            file.row(&one.cells(language))?;
        }
        match found.last() {
            Some(last) if found.len() == AT_ONCE as usize => after = Some(last.id()),
            _ => break,
        }
    }
    file.answer(S::FILE)
}

#[derive(Template)]
#[template(path = "profiles/devices.html")]
struct DevicesPage {
    page: Page,
    lines: Lines<DeviceStatus>,
    devices: Vec<DeviceLine>,
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

/// `GET /console/profiles/{id}/devices`
async fn show_devices(
    administrator: Administrator,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Answer {
    let lines = lines::<DeviceStatus>(&administrator, &id, &asked).await?;
    let may_see = administrator.actor.may(Action::DevicesRead);
    let line = |one| device_line(one, may_see, administrator.language());
    let template = DevicesPage {
        page: administrator.page(),
        devices: lines.found.iter().map(line).collect(),
        lines,
    };
    Ok(render(StatusCode::OK, &template))
}

impl Standing for DeviceStatus {
    type Id = DeviceId;
    const TAB: &'static str = "/devices";
    const FILE: &'static str = "devices";
    const COLUMNS: &'static [&'static str] = &[
        "profiles-device",
        "profiles-user",
        "profiles-state",
        "profiles-why",
        "profiles-next-step",
        "profiles-because",
        "profiles-since-when",
        "profiles-version",
    ];

    async fn read(
        administrator: &Administrator,
        profile: ProfileId,
        state: Option<State>,
        page: Pages<DeviceId>,
    ) -> Result<Vec<Self>, EngineError> {
        let (engine, actor) = (administrator.engine(), &administrator.actor);
        engine.device_statuses_in(actor, profile, state, page).await
    }

    fn id(&self) -> DeviceId {
        self.device.id
    }

    fn cells(&self, language: Language) -> Vec<String> {
        let line = device_line(self, false, language);
        vec![
            line.name,
            line.user,
            language.text(&format!("state-{}", line.state)),
            line.reason,
            line.next_step,
            line.because,
            line.since,
            line.version.to_string(),
        ]
    }
}

fn device_line(one: &DeviceStatus, may_see: bool, language: Language) -> DeviceLine {
    let reason = &one.status.reason;
    let user = one.user.as_ref();
    let path = format!("/console/devices/{}", one.device.id);
    DeviceLine {
        path: if may_see { path } else { String::new() },
        name: one.device.display_name(),
        user: user.map_or_else(String::new, |user| user.user_principal_name.clone()),
        state: class(one.status.state()),
        reason: reason_text(language, reason),
        next_step: next_step(language, reason),
        because: because_text(language, &one.because),
        since: moment(one.status.since),
        version: one.version,
    }
}

#[derive(Template)]
#[template(path = "profiles/users.html")]
struct UsersPage {
    page: Page,
    lines: Lines<UserStatus>,
    users: Vec<UserLine>,
}

struct UserLine {
    name: String,
    principal_name: String,
    state: &'static str,
    devices: i64,
    last_reported: String,
}

/// `GET /console/profiles/{id}/users`
async fn show_users(
    administrator: Administrator,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Answer {
    let lines = lines::<UserStatus>(&administrator, &id, &asked).await?;
    let template = UsersPage {
        page: administrator.page(),
        users: lines.found.iter().map(user_line).collect(),
        lines,
    };
    Ok(render(StatusCode::OK, &template))
}

impl Standing for UserStatus {
    type Id = UserId;
    const TAB: &'static str = "/users";
    const FILE: &'static str = "users";
    const COLUMNS: &'static [&'static str] = &[
        "profiles-user",
        "profiles-principal-name",
        "profiles-state",
        "profiles-number-of-devices",
        "profiles-last-reported",
    ];

    async fn read(
        administrator: &Administrator,
        profile: ProfileId,
        state: Option<State>,
        page: Pages<UserId>,
    ) -> Result<Vec<Self>, EngineError> {
        let (engine, actor) = (administrator.engine(), &administrator.actor);
        engine.user_statuses_in(actor, profile, state, page).await
    }

    fn id(&self) -> UserId {
        self.user.id
    }

    fn cells(&self, language: Language) -> Vec<String> {
        let line = user_line(self);
        vec![
            line.name,
            line.principal_name,
            language.text(&format!("state-{}", line.state)),
            line.devices.to_string(),
            line.last_reported,
        ]
    }
}

fn user_line(one: &UserStatus) -> UserLine {
    UserLine {
        name: one.user.display_name.clone(),
        principal_name: one.user.user_principal_name.clone(),
        state: class(one.state),
        devices: one.devices,
        last_reported: moment(one.last_reported_at),
    }
}

/// Class of a state, and end of the id of its name.
const fn class(state: State) -> &'static str {
    match state {
        State::Succeeded => "succeeded",
        State::Error => "error",
        State::Conflict => "conflict",
        State::Pending => "pending",
        State::NotApplicable => "not-applicable",
    }
}
