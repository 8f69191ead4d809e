//! The list of devices, and the same as a file.

use askama::Template;
use axum::extract::Query as Asked;
use axum::http::StatusCode;
use mandate_engine::{Action, DeviceLine};
use mandate_ui::moment;
use mandate_web::{Language, Page, render};

use super::query::{MAILS, OWNERSHIPS, Query, STATES};
use super::words;
use crate::administrator::Administrator;
use crate::csv_file::CsvFile;
use crate::failure::Answer;
use crate::reasons::cause_text;

/// Devices on a page.
const PAGE: u32 = 50;
/// Devices read at a time for a file.
const CHUNK: u32 = 1000;

#[derive(Template)]
#[template(path = "devices/index.html")]
struct Index {
    page: Page,
    query: Query,
    platforms: Vec<Choice>,
    states: Vec<Choice>,
    ownerships: Vec<Choice>,
    mails: Vec<Choice>,
    /// What is wrong with the devices shown, if that was asked for.
    worry: Option<String>,
    lines: Vec<Line>,
    is_narrow: bool,
    first: Option<String>,
    next: Option<String>,
    export: String,
    /// Where devices are enrolled, for those who see none.
    enrol: Option<&'static str>,
}

/// A choice of a filter.
struct Choice {
    value: &'static str,
    text: String,
    is_chosen: bool,
}

/// A device of the list.
struct Line {
    id: String,
    name: String,
    owner: Option<(String, String)>,
    platform: &'static str,
    version: String,
    serial: String,
    ownership: String,
    state: (&'static str, String),
    mail: (&'static str, String),
    seen: String,
    seen_at: String,
}

/// `GET /console/devices`
pub(super) async fn show_list(administrator: Administrator, Asked(query): Asked<Query>) -> Answer {
    let language = administrator.language();
    let after = query.after();
    let found = administrator
        .engine()
        .search_devices(&administrator.actor, query.search(), after.as_ref(), PAGE)
        .await?;
    let may_enrol = administrator.actor.may(Action::EnrolmentLinksCreate);
    let index = Index {
        page: administrator.page(),
        platforms: ["ios", "macos"]
            .into_iter()
            .zip([mandate_model::Platform::Ios, mandate_model::Platform::MacOs])
            .map(|(value, platform)| Choice {
                value,
                text: words::platform(platform).to_owned(),
                is_chosen: query.platform == value,
            })
            .collect(),
        states: choices(language, &STATES, &query.state),
        ownerships: choices(language, &OWNERSHIPS, &query.ownership),
        mails: choices(language, &MAILS, &query.mail),
        worry: worry_text(language, &query),
        lines: found
            .devices
            .iter()
            .map(|device| Line::of(language, device))
            .collect(),
        is_narrow: query.is_narrow(),
        first: after.map(|_| query.address("/console/devices", None)),
        next: found
            .next
            .map(|next| query.address("/console/devices", Some(&next))),
        export: query.address("/console/devices/export.csv", None),
        enrol: Some("/console/enrolment").filter(|path| may_enrol && crate::leads_somewhere(path)),
        query,
    };
    Ok(render(StatusCode::OK, &index))
}

/// `GET /console/devices/export.csv`
pub(super) async fn export(administrator: Administrator, Asked(query): Asked<Query>) -> Answer {
    let language = administrator.language();
    let columns = [
        "devices-name",
        "devices-user",
        "devices-user-name",
        "devices-platform",
        "devices-version",
        "devices-model",
        "devices-serial",
        "devices-ownership",
        "devices-state",
        "devices-mail",
        "devices-enrolled-at",
        "devices-seen",
        "devices-id",
    ];
    let mut file = CsvFile::new(&columns.map(|id| language.text(id)))?;
    let mut after = None;
    loop {
        let found = administrator
            .engine()
            .search_devices(&administrator.actor, query.search(), after.as_ref(), CHUNK)
            .await?;
        for device in &found.devices {
            file.row(&cells(language, device))?;
        }
        match found.next {
            Some(next) => after = Some(next),
            None => return file.answer("devices"),
        }
    }
}

fn cells(language: Language, line: &DeviceLine) -> Vec<String> {
    let device = &line.device;
    let facts = &device.facts;
    let (principal_name, owner) = line.owner.clone().unwrap_or_default();
    let text = |id: &str| language.text(id);
    vec![
        device.display_name(),
        principal_name,
        owner,
        words::platform(device.platform).to_owned(),
        facts.os_version.clone().unwrap_or_default(),
        facts.product_name.clone().unwrap_or_default(),
        facts.serial_number.clone().unwrap_or_default(),
        text(words::ownership(device.ownership)),
        text(words::state(device.state).1),
        text(words::mail(line.mail).1),
        device.enrolled_at.to_string(),
        device.last_seen_at.to_string(),
        device.id.to_string(),
    ]
}

fn choices<T>(
    language: Language,
    all: &[(&'static str, T, &'static str)],
    chosen: &str,
) -> Vec<Choice> {
    all.iter()
        .map(|(value, _, text)| Choice {
            value,
            text: language.text(text),
            is_chosen: *value == chosen,
        })
        .collect()
}

/// What the devices have in common, as it stands above the list.
fn worry_text(language: Language, query: &Query) -> Option<String> {
    query.search().worry?;
    Some(match query.worry.as_str() {
        "any" => language.text("devices-any-worry"),
        "silent" => language.text("cause-silent"),
        "deaf" => language.text("cause-deaf"),
        cause => cause_text(language, cause),
    })
}

impl Line {
    fn of(language: Language, line: &DeviceLine) -> Self {
        let device = &line.device;
        let (state_class, state) = words::state(device.state);
        let (mail_class, mail) = words::mail(line.mail);
        Self {
            id: device.id.to_string(),
            name: device.display_name(),
            owner: line.owner.clone(),
            platform: words::platform(device.platform),
            version: device.facts.os_version.clone().unwrap_or_default(),
            serial: device.facts.serial_number.clone().unwrap_or_default(),
            ownership: language.text(words::ownership(device.ownership)),
            state: (state_class, language.text(state)),
            mail: (mail_class, language.text(mail)),
            seen: moment(device.last_seen_at),
            seen_at: device.last_seen_at.to_string(),
        }
    }
}
