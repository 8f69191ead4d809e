//! Devices of a token: looking them up, giving them a profile, giving them up.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{Path, Query};
use axum::response::Response;
use mandate_engine::{Action, AdeDevice, EngineError};
use mandate_ui::{moment, redirect};
use mandate_web::{Fields, Page, render};
use serde::Deserialize;
use uuid::Uuid;

use super::confirm::Confirm;
use super::{TOKENS, profiles, token, words};
use crate::administrator::Administrator;
use crate::failure::{Answer, Failure, form_status, said_above};
use crate::list::{LINES, cut, link};

#[derive(Template)]
#[template(path = "apple/devices.html")]
struct List {
    page: Page,
    token: Uuid,
    title: String,
    q: String,
    /// Last serial number of the page before.
    after: String,
    lines: Vec<Line>,
    /// Profiles that can be given: id, name with platform, and whether it was chosen.
    profiles: Vec<(Uuid, String, bool)>,
    first: Option<String>,
    next: Option<String>,
    problem: String,
    is_done: bool,
    can_change: bool,
}

/// A device in the list.
struct Line {
    serial: String,
    model: String,
    platform: String,
    profile: String,
    class: &'static str,
    standing: String,
    contacted: String,
    is_chosen: bool,
    is_imported: bool,
    is_gone: bool,
}

/// What is looked for, and where the list goes on.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    q: String,
    after: Option<String>,
    done: Option<String>,
}

/// What was chosen in the list, and why it was not done.
#[derive(Default)]
struct Chosen {
    serials: Vec<String>,
    profile: Option<Uuid>,
    problem: String,
}

/// `GET /console/apple/tokens/{token}/devices`
pub(super) async fn list(
    administrator: Administrator,
    Path(id): Path<Uuid>,
    Query(asked): Query<Asked>,
) -> Answer {
    shown(&administrator, id, &asked, Chosen::default()).await
}

/// `POST /console/apple/tokens/{token}/devices`: gives those that are ticked a profile, or takes it from them.
pub(super) async fn assign(
    administrator: Administrator,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Answer {
    let serials: Vec<String> = fields.all("serial").map(str::to_owned).collect();
    let chosen = Uuid::try_parse(fields.text("profile")).ok();
    let asked = Asked {
        q: fields.text("q").to_owned(),
        after: Some(fields.text("after").to_owned()).filter(|after| !after.is_empty()),
        done: None,
    };
    let takes = fields.text("deed") == "take";
    let problem = if serials.is_empty() {
        Some("apple-choose-devices")
    } else if !takes && chosen.is_none() {
        Some("apple-choose-profile")
    } else {
        None
    };
    let of = |problem: String| Chosen {
        serials: serials.clone(),
        profile: chosen,
        problem,
    };
    if let Some(problem) = problem {
        let problem = administrator.language().text(problem);
        return shown(&administrator, id, &asked, of(problem)).await;
    }
    let engine = administrator.engine();
    let profile = chosen.filter(|_| !takes);
    match engine
        .assign_ade_profile(&administrator.actor, (id, profile), &serials)
        .await
    {
        Ok(()) => {
            let after = asked.after.unwrap_or_default();
            let values = [("q", asked.q.as_str()), ("after", &after), ("done", "yes")];
            Ok(redirect(&link(&place(id), &values)))
        }
        Err(error) => {
            let problem = said_above(administrator.beside(error)?);
            shown(&administrator, id, &asked, of(problem)).await
        }
    }
}

/// `GET /console/apple/tokens/{token}/devices/{serial}/release`
pub(super) async fn ask_release(
    administrator: Administrator,
    Path((id, serial)): Path<(Uuid, String)>,
) -> Answer {
    Ok(giving_up(&administrator, id, &serial).await?.ask())
}

/// `POST /console/apple/tokens/{token}/devices/{serial}/release`
pub(super) async fn release(
    administrator: Administrator,
    Path((id, serial)): Path<(Uuid, String)>,
    fields: Fields,
) -> Answer {
    let mut confirm = giving_up(&administrator, id, &serial).await?;
    if !confirm.is_typed(&fields) {
        return Ok(confirm.show());
    }
    let engine = administrator.engine();
    let released = engine
        .release_ade_devices(&administrator.actor, id, &[serial])
        .await;
    answer(&administrator, id, confirm, released)
}

/// `GET /console/apple/tokens/{token}/devices/{serial}/remove`
pub(super) async fn ask_removal(
    administrator: Administrator,
    Path((id, serial)): Path<(Uuid, String)>,
) -> Answer {
    Ok(taking_off(&administrator, id, &serial).await?.ask())
}

/// `POST /console/apple/tokens/{token}/devices/{serial}/remove`: takes an imported one off the list.
pub(super) async fn remove(
    administrator: Administrator,
    Path((id, serial)): Path<(Uuid, String)>,
    _: Fields,
) -> Answer {
    let confirm = taking_off(&administrator, id, &serial).await?;
    let engine = administrator.engine();
    let removed = engine
        .delete_imported_ade_device(&administrator.actor, id, &serial)
        .await;
    answer(&administrator, id, confirm, removed)
}

fn answer(
    administrator: &Administrator,
    id: Uuid,
    mut confirm: Confirm,
    outcome: Result<(), EngineError>,
) -> Answer {
    match outcome {
        Ok(()) => Ok(redirect(&link(&place(id), &[("done", "yes")]))),
        Err(error) => {
            confirm.problem = said_above(administrator.beside(error)?);
            Ok(confirm.show())
        }
    }
}

async fn giving_up(
    administrator: &Administrator,
    id: Uuid,
    serial: &str,
) -> Result<Confirm, Failure> {
    let device = find(administrator, id, serial).await?;
    let language = administrator.language();
    let title = language.text_with("apple-release", &[("serial", &device.serial)]);
    let back = place(id);
    let paths = (format!("{back}/{}/release", device.serial), back);
    let mut confirm = Confirm::new(administrator, title, paths);
    confirm.warning = language.text("apple-release-about");
    confirm.button = language.text("apple-release-do");
    confirm.name = device.serial;
    Ok(confirm)
}

async fn taking_off(
    administrator: &Administrator,
    id: Uuid,
    serial: &str,
) -> Result<Confirm, Failure> {
    let device = find(administrator, id, serial).await?;
    let language = administrator.language();
    let title = language.text_with("apple-device-remove", &[("serial", &device.serial)]);
    let back = place(id);
    let paths = (format!("{back}/{}/remove", device.serial), back);
    let mut confirm = Confirm::new(administrator, title, paths);
    confirm.warning = language.text("apple-device-remove-about");
    Ok(confirm)
}

async fn find(administrator: &Administrator, id: Uuid, serial: &str) -> Result<AdeDevice, Failure> {
    let (engine, actor) = (administrator.engine(), &administrator.actor);
    actor.require(Action::OrganizationUpdate)?;
    let found = engine.find_ade_device(actor, id, serial).await?;
    let found = found.filter(|device| !device.is_deleted);
    found.ok_or_else(|| Failure::not_found("device of automated enrolment", serial))
}

/// Where the list is.
pub(super) fn place(token: Uuid) -> String {
    format!("{TOKENS}/{token}/devices")
}

async fn shown(
    administrator: &Administrator,
    id: Uuid,
    asked: &Asked,
    chosen: Chosen,
) -> Result<Response, Failure> {
    let (engine, actor) = (administrator.engine(), &administrator.actor);
    let of = token::find(administrator, id).await?;
    let after = asked.after.as_deref();
    let mut found = engine
        .list_ade_devices(actor, id, &asked.q, (after, LINES + 1))
        .await?;
    let is_more = cut(&mut found);
    let page = administrator.page();
    let all = profiles::all(administrator, id).await?;
    let names: BTreeMap<Uuid, &str> = all
        .iter()
        .map(|profile| (profile.id, profile.name.as_str()))
        .collect();
    let last = found.last().filter(|_| is_more);
    let next = last.map(|last| {
        let values = [("q", asked.q.trim()), ("after", &last.serial)];
        link(&place(id), &values)
    });
    let first = after.map(|_| link(&place(id), &[("q", asked.q.trim())]));
    let choice = |profile: &mandate_engine::AdeProfile| {
        let platform = words::platform(&page, profile.platform);
        let name = format!("{} ({platform})", profile.name);
        (profile.id, name, chosen.profile == Some(profile.id))
    };
    let template = List {
        token: id,
        title: of.name,
        q: asked.q.clone(),
        after: asked.after.clone().unwrap_or_default(),
        lines: found
            .iter()
            .map(|device| Line {
                is_chosen: chosen.serials.contains(&device.serial),
                ..line(&page, device, &names)
            })
            .collect(),
        profiles: all.iter().map(choice).collect(),
        first,
        next,
        is_done: asked.done.is_some(),
        can_change: actor.may(Action::OrganizationUpdate),
        problem: chosen.problem,
        page,
    };
    let status = form_status(template.problem.is_empty());
    Ok(render(status, &template))
}

fn line(page: &Page, device: &AdeDevice, names: &BTreeMap<Uuid, &str>) -> Line {
    let (class, standing) = standing(page, device);
    let unknown = || page.text("apple-platform-other");
    let profile = device.profile.and_then(|profile| names.get(&profile));
    let model = if device.model.is_empty() {
        &device.description
    } else {
        &device.model
    };
    Line {
        serial: device.serial.clone(),
        model: model.clone(),
        platform: device
            .platform
            .map_or_else(unknown, |platform| words::platform(page, platform)),
        profile: profile.map_or_else(|| page.text("none"), |name| (*name).to_owned()),
        class,
        standing,
        contacted: device
            .contacted_at
            .map_or_else(|| page.text("at-no-time"), moment),
        is_chosen: false,
        is_imported: device.is_imported,
        is_gone: device.is_deleted,
    }
}

fn standing(page: &Page, device: &AdeDevice) -> (&'static str, String) {
    if device.is_deleted {
        ("not-applicable", page.text("apple-device-gone"))
    } else if !device.problem.is_empty() {
        ("error", words::problem(page, &device.problem))
    } else if device.release_at.is_some() {
        ("pending", page.text("apple-device-leaving"))
    } else if device.is_enrolled {
        ("succeeded", page.text("apple-device-enrolled"))
    } else if device.is_imported {
        ("pending", page.text("apple-device-imported"))
    } else if device.is_assigned {
        ("pending", page.text("apple-device-assigned"))
    } else {
        ("pending", page.text("apple-device-unassigned"))
    }
}
