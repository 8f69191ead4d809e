//! One device.

use askama::Template;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use mandate_engine::{Action, ActionResult, DeviceRemarks, DeviceView};
use mandate_model::{Device, DeviceId, DeviceState};
use mandate_ui::moment;
use mandate_web::{Language, Page, render};
use serde::Deserialize;

use super::act::Deed;
use super::profiles::{CertificateLine, ProfileLine, certificates_of};
use super::queue::Queue;
use super::{device_id, missing, words};
use crate::administrator::Administrator;
use crate::failure::{Answer, Failure};

/// Events shown of its history.
const EVENTS: u32 = 30;

#[derive(Template)]
#[template(path = "devices/device.html")]
struct Show {
    page: Page,
    name: String,
    state: (&'static str, String),
    /// What was just done.
    done: Option<String>,
    /// What can be done: the path, the words, whether it is dangerous, and whether it asks first.
    deeds: Vec<DeedLine>,
    /// Name, sign-in name, and the page of the owner for those who may see people.
    owner: Option<(String, String, Option<String>)>,
    /// Its category, and the page on which it is chosen for those who may.
    category: (String, Option<String>),
    /// Names and values.
    facts: Vec<(String, String)>,
    profiles: Vec<ProfileLine>,
    queue: Queue,
    certificates: Option<Vec<CertificateLine>>,
    actions: Vec<ActionLine>,
    events: Vec<(String, String, String)>,
}

struct DeedLine {
    path: String,
    text: String,
    class: &'static str,
    asks: bool,
}

struct ActionLine {
    name: String,
    class: &'static str,
    state: String,
    at: String,
    error: String,
}

/// What the address says besides.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Said {
    done: String,
}

/// `GET /console/devices/{id}`
pub(super) async fn show_device(
    administrator: Administrator,
    Path(id): Path<String>,
    Query(said): Query<Said>,
) -> Answer {
    let id = device_id(&id)?;
    let (engine, actor) = (administrator.engine(), &administrator.actor);
    let language = administrator.language();
    let view = found(&administrator, id).await?;
    let states = engine.profile_states(actor, id).await?;
    let queue = engine.device_queue(actor, id).await?;
    let actions = engine.device_actions(actor, id).await?;
    let events = engine.device_history(actor, id, EVENTS).await?;
    let remarks = engine.device_remarks(actor, id, id).await?;
    let remarks = remarks.into_iter().next().map(|(_, remarks)| remarks);
    let certificates = match (&view.user, actor.may(Action::ProfilesViewReports)) {
        (Some(user), true) => {
            let key = user.id.to_string();
            let held = engine.user_certificates(actor, &key).await?;
            Some(held.map(|held| held.value).unwrap_or_default())
        }
        _ => None,
    };
    let labels = engine.device_labels(actor, id, id).await?;
    let label = labels.into_iter().next();
    let may_choose =
        actor.may(Action::DevicesUpdate) && actor.reaches(Action::DevicesUpdate, &view.scope_tags);
    let device = &view.device;
    let (class, word) = words::state(device.state);
    let show = Show {
        page: administrator.page(),
        name: device.display_name(),
        state: (class, language.text(word)),
        done: Deed::parse(&said.done).map(|deed| language.text(deed.done())),
        deeds: deeds(&administrator, &view),
        owner: view.user.as_ref().map(|user| {
            let path = format!("/console/users/{}", user.id);
            (
                user.display_name.clone(),
                user.user_principal_name.clone(),
                Some(path).filter(|_| actor.may(Action::UsersRead)),
            )
        }),
        category: (
            label
                .and_then(|label| label.category_name)
                .unwrap_or_else(|| language.text("none")),
            may_choose.then(|| format!("/console/devices/{id}/category")),
        ),
        facts: facts(language, &view, remarks.unwrap_or_default()),
        profiles: states
            .iter()
            .map(|state| ProfileLine::of(language, state))
            .collect(),
        queue: Queue::of(language, &queue),
        certificates: certificates.map(|all| certificates_of(language, id, &all)),
        actions: actions.iter().map(|one| action(language, one)).collect(),
        events: events
            .into_iter()
            .map(|event| (moment(event.at), event.event, event.detail))
            .collect(),
    };
    Ok(render(StatusCode::OK, &show))
}

/// A device that the administrator sees.
pub(super) async fn found(
    administrator: &Administrator,
    id: DeviceId,
) -> Result<DeviceView, Failure> {
    let engine = administrator.engine();
    let found = engine.find_device(&administrator.actor, id).await?;
    found.ok_or_else(|| Failure(missing("device", &id.to_string())))
}

fn deeds(administrator: &Administrator, view: &DeviceView) -> Vec<DeedLine> {
    let language = administrator.language();
    Deed::ALL
        .into_iter()
        .filter(|deed| deed.is_possible(&view.device))
        .filter(|deed| {
            let actor = &administrator.actor;
            actor.may(deed.action()) && actor.reaches(deed.action(), &view.scope_tags)
        })
        .map(|deed| DeedLine {
            path: format!("/console/devices/{}/{}", view.device.id, deed.name()),
            text: language.text(deed.title()),
            class: if deed.is_dangerous() { "bad" } else { "second" },
            asks: deed != Deed::Sync,
        })
        .collect()
}

fn facts(language: Language, view: &DeviceView, remarks: DeviceRemarks) -> Vec<(String, String)> {
    let device = &view.device;
    let facts = &device.facts;
    let yes_no =
        |value: Option<bool>| value.map(|yes| language.text(if yes { "yes" } else { "no" }));
    let model = match (&facts.model, &facts.product_name) {
        (Some(model), Some(product)) => Some(format!("{model} ({product})")),
        (model, product) => model.clone().or_else(|| product.clone()),
    };
    let version = match (&facts.os_version, &facts.build_version) {
        (Some(version), Some(build)) => Some(format!("{version} ({build})")),
        (version, _) => version.clone(),
    };
    let tags = (view.scope_tags != ["0"]).then(|| view.scope_tags.join(", "));
    let lines = [
        ("devices-managed-name", remarks.name),
        (
            "devices-platform",
            Some(words::platform(device.platform).to_owned()),
        ),
        ("devices-model", model),
        ("devices-version", version),
        ("devices-serial", facts.serial_number.clone()),
        ("devices-imei", facts.imei.clone()),
        ("devices-wifi", facts.wifi_mac.clone()),
        ("devices-eas", facts.eas_device_identifier.clone()),
        (
            "devices-ownership",
            Some(language.text(words::ownership(device.ownership))),
        ),
        (
            "devices-enrolment",
            Some(language.text(words::enrolment(device.enrolment_type))),
        ),
        ("devices-supervised", yes_no(facts.is_supervised)),
        ("devices-passcode", yes_no(facts.passcode_present)),
        ("devices-encrypted", yes_no(facts.is_encrypted)),
        ("devices-enrolled-at", Some(moment(device.enrolled_at))),
        ("devices-seen", Some(moment(device.last_seen_at))),
        ("devices-tags", tags),
        ("devices-notes", remarks.notes),
        ("devices-udid", Some(device.enrolment_id.clone())),
        ("devices-id", Some(device.id.to_string())),
    ];
    let said = lines
        .into_iter()
        .filter_map(|(id, value)| Some((id, value?)));
    said.map(|(id, value)| (language.text(id), value)).collect()
}

fn action(language: Language, result: &ActionResult) -> ActionLine {
    let name = match result.name {
        "retire" => "devices-task-retire",
        "wipe" => "devices-task-wipe",
        "remoteLock" => "devices-task-lock",
        _ => "devices-task-sync",
    };
    let (class, state) = match result.state {
        "done" => ("succeeded", "devices-action-done"),
        "failed" => ("error", "devices-action-failed"),
        "canceled" => ("error", "devices-action-expired"),
        "active" => ("pending", "devices-stage-sent"),
        _ => ("pending", "devices-stage-waiting"),
    };
    ActionLine {
        name: language.text(name),
        class,
        state: language.text(state),
        at: moment(result.updated_at),
        error: result.error.clone().unwrap_or_default(),
    }
}

/// Whether a device is still to be spoken with.
pub(super) const fn is_reachable(device: &Device) -> bool {
    matches!(
        device.state,
        DeviceState::Enrolled | DeviceState::Retiring | DeviceState::Wiping
    )
}
