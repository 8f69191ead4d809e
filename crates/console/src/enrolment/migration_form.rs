//! One migration: opening it, and changing what is said of the other server.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use mandate_engine::{Action, EngineError, Migration, MigrationChange, NewMigration, OtherServer};
use mandate_ui::redirect;
use mandate_web::{Fields, Page, render};
use uuid::Uuid;

use super::MIGRATIONS;
use super::migrations::find;
use crate::administrator::Administrator;
use crate::failure::{Answer, Failure};

#[derive(Template)]
#[template(path = "enrolment/migration_form.html")]
struct Edit {
    page: Page,
    /// What is changed; none for a new one.
    migration: Option<Migration>,
    typed: Typed,
    name_wrong: String,
    authorities_wrong: String,
    server_wrong: String,
    check_in_wrong: String,
    identifier_wrong: String,
    rights_wrong: String,
    problem: String,
}

/// What is typed into the form.
struct Typed {
    name: String,
    kind: String,
    note: String,
    authorities: String,
    server_url: String,
    check_in_url: String,
    identifier: String,
    rights: String,
    user_channels: bool,
}

impl Typed {
    fn read(fields: &Fields) -> Self {
        let text = |name| fields.text(name).trim().to_owned();
        Self {
            name: text("displayName"),
            kind: text("server"),
            note: text("notes"),
            authorities: text("authorities"),
            server_url: text("serverUrl"),
            check_in_url: text("checkInUrl"),
            identifier: text("profileIdentifier"),
            rights: text("accessRights"),
            user_channels: fields.has("userChannels"),
        }
    }

    fn of(migration: &Migration) -> Self {
        Self {
            name: migration.name.clone(),
            kind: migration.kind.name().to_owned(),
            note: migration.note.clone(),
            authorities: migration.authorities.clone(),
            server_url: migration.server_url.clone(),
            check_in_url: migration.check_in_url.clone().unwrap_or_default(),
            identifier: migration.profile_identifier.clone().unwrap_or_default(),
            rights: migration.access_rights.to_string(),
            user_channels: migration.user_channels,
        }
    }

    /// The number; one that cannot be is refused by its rule.
    fn rights(&self) -> i64 {
        self.rights.parse().unwrap_or_default()
    }
}

/// `GET /console/enrolment/migrations/new`
pub(super) async fn show_new(administrator: Administrator) -> Answer {
    administrator.actor.require(Action::MdmAuthorityUpdate)?;
    let typed = Typed {
        name: String::new(),
        kind: OtherServer::NanoMdm.name().to_owned(),
        note: String::new(),
        authorities: String::new(),
        server_url: String::new(),
        check_in_url: String::new(),
        identifier: String::new(),
        rights: "8191".to_owned(),
        user_channels: true,
    };
    Ok(form(&administrator, None, typed, BTreeMap::new()))
}

/// `POST /console/enrolment/migrations/new`
pub(super) async fn open(administrator: Administrator, fields: Fields) -> Answer {
    let typed = Typed::read(&fields);
    let new = NewMigration {
        name: typed.name.clone(),
        kind: OtherServer::parse(&typed.kind).unwrap_or(OtherServer::NanoMdm),
        note: typed.note.clone(),
        authorities: typed.authorities.clone(),
        server_url: typed.server_url.clone(),
        check_in_url: Some(typed.check_in_url.clone()),
        profile_identifier: Some(typed.identifier.clone()),
        access_rights: Some(typed.rights()),
        user_channels: Some(typed.user_channels),
    };
    let opened = administrator
        .engine()
        .open_migration(&administrator.actor, new);
    match opened.await {
        Ok(migration) => Ok(redirect(&format!("{MIGRATIONS}/{}", migration.id))),
        Err(error) => again(&administrator, None, typed, error),
    }
}

/// `GET /console/enrolment/migrations/{id}/edit`
pub(super) async fn show_edit(administrator: Administrator, Path(id): Path<Uuid>) -> Answer {
    administrator.actor.require(Action::MdmAuthorityUpdate)?;
    let migration = find(&administrator, id).await?;
    let typed = Typed::of(&migration);
    Ok(form(
        &administrator,
        Some(migration),
        typed,
        BTreeMap::new(),
    ))
}

/// `POST /console/enrolment/migrations/{id}/edit`
pub(super) async fn update(
    administrator: Administrator,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Answer {
    let migration = find(&administrator, id).await?;
    let typed = Typed::read(&fields);
    let change = MigrationChange {
        name: Some(typed.name.clone()),
        note: Some(typed.note.clone()),
        state: None,
        authorities: Some(typed.authorities.clone()),
        server_url: Some(typed.server_url.clone()),
        check_in_url: Some(Some(typed.check_in_url.clone())),
        profile_identifier: Some(Some(typed.identifier.clone())),
        access_rights: Some(typed.rights()),
        user_channels: Some(typed.user_channels),
    };
    let changed = administrator
        .engine()
        .change_migration(&administrator.actor, id, change);
    match changed.await {
        Ok(_) => Ok(redirect(&format!("{MIGRATIONS}/{id}"))),
        Err(error) => again(&administrator, Some(migration), typed, error),
    }
}

fn again(
    administrator: &Administrator,
    migration: Option<Migration>,
    typed: Typed,
    error: EngineError,
) -> Answer {
    match administrator.beside(error) {
        Ok(wrong) => Ok(form(administrator, migration, typed, wrong)),
        Err(error) => Err(Failure(error)),
    }
}

fn form(
    administrator: &Administrator,
    migration: Option<Migration>,
    typed: Typed,
    mut wrong: BTreeMap<String, String>,
) -> Response {
    let status = if wrong.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::BAD_REQUEST
    };
    let page = administrator.page();
    let mut of = |property: &str, id: &str| match wrong.remove(property) {
        Some(_) => page.text(id),
        None => String::new(),
    };
    let edit = Edit {
        name_wrong: of("displayName", "migration-name-wrong"),
        authorities_wrong: of("authorities", "migration-authorities-wrong"),
        server_wrong: of("serverUrl", "migration-url-wrong"),
        check_in_wrong: of("checkInUrl", "migration-url-wrong"),
        identifier_wrong: of("profileIdentifier", "migration-identifier-wrong"),
        rights_wrong: of("accessRights", "migration-rights-wrong"),
        problem: wrong.into_values().collect::<Vec<_>>().join(" "),
        migration,
        typed,
        page,
    };
    render(status, &edit)
}
