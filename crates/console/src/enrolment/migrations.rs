//! Coming from another server: the migrations, and how far the devices of one are.

use askama::Template;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, HeaderValue};
use mandate_engine::{
    Action, EngineError, MigratedEnrolment, Migration, MigrationChange, MigrationPeople,
    MigrationProgress, MigrationState, Page as Slice,
};
use mandate_model::DeviceId;
use mandate_ui::{date, moment, redirect};
use mandate_web::{Fields, Page, Upload, render};
use serde::Deserialize;
use uuid::Uuid;

use super::{Confirm, MIGRATIONS, Tabs};
use crate::administrator::Administrator;
use crate::failure::{Answer, Failure};
use crate::list::{LINES, link};

/// Days that a key is good for.
const KEY_DAYS: i64 = 14;

#[derive(Template)]
#[template(path = "enrolment/migrations.html")]
struct MigrationsPage {
    page: Page,
    tabs: Tabs,
    lines: Vec<Line>,
    can_change: bool,
}

/// A migration in the list.
struct Line {
    id: Uuid,
    name: String,
    server: &'static str,
    state: String,
    opened: String,
}

#[derive(Template)]
#[template(path = "enrolment/migration.html")]
#[expect(
    clippy::struct_excessive_bools,
    reason = "what is shown and what may be done, one by one"
)]
struct MigrationPage {
    page: Page,
    migration: Migration,
    state: String,
    /// Where the other server's tools send enrolments.
    address: String,
    /// A key just made, which is shown once.
    key: Option<String>,
    key_until: Option<String>,
    people: i64,
    /// What became of a file of people.
    set: Option<MigrationPeople>,
    file_wrong: String,
    counts: Vec<(&'static str, String, i64)>,
    /// Only those that are so far; all if empty.
    only: &'static str,
    lines: Vec<DeviceLine>,
    next: Option<String>,
    sees_devices: bool,
    has_topic: bool,
    is_open: bool,
    is_closed: bool,
    can_change: bool,
}

/// A device of the other server.
struct DeviceLine {
    id: DeviceId,
    name: String,
    serial: String,
    progress: String,
    class: &'static str,
    reason: String,
    seen: String,
}

/// What is looked for, and where the list goes on.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    state: String,
    after: Option<Uuid>,
}

/// `GET /console/enrolment/migrations`
pub(super) async fn list_migrations(administrator: Administrator) -> Answer {
    let (engine, actor) = (administrator.engine(), &administrator.actor);
    let all = engine.list_migrations(actor).await?;
    let page = administrator.page();
    let line = |migration: Migration| Line {
        id: migration.id,
        server: migration.kind.title(),
        state: page.text(state_word(migration.state)),
        opened: date(migration.created_at),
        name: migration.name,
    };
    let shown = MigrationsPage {
        tabs: Tabs::of(&administrator, MIGRATIONS),
        lines: all.into_iter().map(line).collect(),
        can_change: actor.may(Action::MdmAuthorityUpdate),
        page,
    };
    Ok(render(StatusCode::OK, &shown))
}

/// `GET /console/enrolment/migrations/{id}`
pub(super) async fn show_migration(
    administrator: Administrator,
    Path(id): Path<Uuid>,
    Query(asked): Query<Asked>,
) -> Answer {
    let page = shown(&administrator, id, &asked).await?;
    Ok(render(StatusCode::OK, &page))
}

/// `POST /console/enrolment/migrations/{id}/key`: makes a key; the page shows it, once.
pub(super) async fn make_key(
    administrator: Administrator,
    Path(id): Path<Uuid>,
    _: Fields,
) -> Answer {
    let engine = administrator.engine();
    let made = engine
        .make_migration_key(&administrator.actor, id, KEY_DAYS)
        .await?;
    let mut page = shown(&administrator, id, &Asked::default()).await?;
    page.key = Some(made.key.to_string());
    let mut response = render(StatusCode::OK, &page);
    let never = HeaderValue::from_static("no-store");
    response.headers_mut().insert(CACHE_CONTROL, never);
    Ok(response)
}

/// `POST /console/enrolment/migrations/{id}/withdraw`
pub(super) async fn revoke_key(
    administrator: Administrator,
    Path(id): Path<Uuid>,
    _: Fields,
) -> Answer {
    let engine = administrator.engine();
    engine
        .revoke_migration_key(&administrator.actor, id)
        .await?;
    Ok(redirect(&format!("{MIGRATIONS}/{id}")))
}

/// `POST /console/enrolment/migrations/{id}/state`: devices are sent here, or nobody comes any more.
pub(super) async fn set_state(
    administrator: Administrator,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Answer {
    let change = MigrationChange {
        state: MigrationState::parse(fields.text("state")),
        ..MigrationChange::default()
    };
    let engine = administrator.engine();
    engine
        .change_migration(&administrator.actor, id, change)
        .await?;
    Ok(redirect(&format!("{MIGRATIONS}/{id}")))
}

/// `POST /console/enrolment/migrations/{id}/wake`
pub(super) async fn wake(administrator: Administrator, Path(id): Path<Uuid>, _: Fields) -> Answer {
    let engine = administrator.engine();
    engine.wake_migration(&administrator.actor, id).await?;
    Ok(redirect(&format!("{MIGRATIONS}/{id}")))
}

/// `POST /console/enrolment/migrations/{id}/people`: a file of serial numbers and people.
pub(super) async fn set_people(
    administrator: Administrator,
    Path(id): Path<Uuid>,
    upload: Upload,
) -> Answer {
    let content = upload
        .file("file")
        .map_or(&[][..], |file| file.content.as_slice());
    let engine = administrator.engine();
    let set = engine
        .set_migration_people(&administrator.actor, id, content)
        .await;
    let (status, set, wrong) = match set {
        Ok(set) => (StatusCode::OK, Some(set), String::new()),
        Err(error) => {
            let wrong = administrator.beside(error).map_err(Failure)?;
            let told = wrong.into_values().collect::<Vec<_>>().join(" ");
            (StatusCode::BAD_REQUEST, None, told)
        }
    };
    let mut page = shown(&administrator, id, &Asked::default()).await?;
    page.set = set;
    if !wrong.is_empty() {
        page.file_wrong = format!("{} {wrong}", page.page.text("enrolment-file-wrong"));
    }
    Ok(render(status, &page))
}

/// `GET /console/enrolment/migrations/{id}/delete`
pub(super) async fn show_delete(administrator: Administrator, Path(id): Path<Uuid>) -> Answer {
    administrator.actor.require(Action::MdmAuthorityUpdate)?;
    let migration = find(&administrator, id).await?;
    let page = administrator.page();
    let confirm = Confirm {
        title: page.text_with("enrolment-delete-title", "name", &migration.name),
        about: "migration-delete-about",
        action: format!("{MIGRATIONS}/{id}/delete"),
        list: MIGRATIONS,
        part: "migration-title",
        page,
    };
    Ok(render(StatusCode::OK, &confirm))
}

/// `POST /console/enrolment/migrations/{id}/delete`
pub(super) async fn delete(
    administrator: Administrator,
    Path(id): Path<Uuid>,
    _: Fields,
) -> Answer {
    let engine = administrator.engine();
    engine.delete_migration(&administrator.actor, id).await?;
    Ok(redirect(MIGRATIONS))
}

pub(super) async fn find(administrator: &Administrator, id: Uuid) -> Result<Migration, Failure> {
    let engine = administrator.engine();
    let found = engine.find_migration(&administrator.actor, id).await?;
    found.ok_or_else(|| {
        Failure(EngineError::NotFound {
            what: "migration",
            id: id.to_string(),
        })
    })
}

async fn shown(
    administrator: &Administrator,
    id: Uuid,
    asked: &Asked,
) -> Result<MigrationPage, Failure> {
    let (engine, actor) = (administrator.engine(), &administrator.actor);
    let migration = find(administrator, id).await?;
    let page = administrator.page();
    let only = MigrationProgress::parse(&asked.state);
    let slice = Slice {
        after: asked.after.map(DeviceId),
        limit: LINES,
    };
    let sees_devices = actor.may(Action::DevicesRead);
    let found = if sees_devices {
        engine.list_migrated(actor, id, only, slice).await?
    } else {
        Vec::new()
    };
    let is_full = found.len() >= usize::try_from(LINES).unwrap_or(usize::MAX);
    let next = found.last().filter(|_| is_full).map(|last| {
        let after = last.device.to_string();
        let path = format!("{MIGRATIONS}/{id}");
        link(&path, &[("state", &asked.state), ("after", &after)])
    });
    let counts = engine.count_migrated(actor, id).await?;
    let counts = counts.into_iter().filter(|(_, count)| *count > 0);
    Ok(MigrationPage {
        state: page.text(state_word(migration.state)),
        address: format!("{}/apple/migration", engine.device_base_url()),
        key: None,
        key_until: migration.key_until.map(moment),
        people: engine.count_migration_people(actor, id).await?,
        set: None,
        file_wrong: String::new(),
        counts: counts
            .map(|(progress, count)| (progress.name(), page.text(word(progress).1), count))
            .collect(),
        only: only.map_or("", MigrationProgress::name),
        lines: found.iter().map(|one| line(&page, one)).collect(),
        next,
        sees_devices,
        has_topic: engine.push_certificate(actor).await?.is_some(),
        is_open: migration.state == MigrationState::Open,
        is_closed: migration.state == MigrationState::Closed,
        can_change: actor.may(Action::MdmAuthorityUpdate),
        migration,
        page,
    })
}

fn line(page: &Page, one: &MigratedEnrolment) -> DeviceLine {
    let facts = &one.facts;
    let (class, id) = word(one.progress);
    let refused = one
        .would_be_refused
        .as_ref()
        .map(|barrier| page.text_with("migration-would-be-refused", "reason", barrier));
    let name = facts.device_name.clone().or_else(|| facts.model.clone());
    DeviceLine {
        id: one.device,
        name: name.unwrap_or_else(|| one.enrolment_id.clone()),
        serial: facts.serial_number.clone().unwrap_or_default(),
        progress: page.text(id),
        class,
        reason: one.reason.clone().or(refused).unwrap_or_default(),
        seen: one.seen_at.map(moment).unwrap_or_default(),
    }
}

const fn state_word(state: MigrationState) -> &'static str {
    match state {
        MigrationState::Open => "migration-state-open",
        MigrationState::Moved => "migration-state-moved",
        MigrationState::Closed => "migration-state-closed",
    }
}

/// How a state looks, and the id of its text.
const fn word(progress: MigrationProgress) -> (&'static str, &'static str) {
    match progress {
        MigrationProgress::Incomplete => ("pending", "migration-incomplete"),
        MigrationProgress::Imported => ("pending", "migration-imported"),
        MigrationProgress::Missing => ("error", "migration-missing"),
        MigrationProgress::Failed => ("error", "migration-failed"),
        MigrationProgress::Seen => ("pending", "migration-seen"),
        MigrationProgress::Renewed => ("succeeded", "migration-renewed"),
        MigrationProgress::Ended => ("not-applicable", "migration-ended"),
        MigrationProgress::EnrolledAnew => ("not-applicable", "migration-enrolled-anew"),
    }
}
