//! Serial numbers and IMEIs of devices of the organisation: looking them up, bringing a file of them, deleting one.

use askama::Template;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use mandate_engine::{
    Action, DeviceIdentity, IdentityKind, IdentityOutcome, IdentityResult, IdentityStanding,
    Page as Slice, read_device_identities,
};
use mandate_model::DeviceIdentityId;
use mandate_ui::{date, redirect};
use mandate_web::{Fields, Page, Upload, render};
use serde::Deserialize;
use uuid::Uuid;

use super::{Confirm, IDENTIFIERS, Tabs};
use crate::administrator::Administrator;
use crate::failure::{Answer, Failure};
use crate::list::{LINES, link};

/// Rows of an import that are shown one by one; of the others there is a number.
const MOST_SHOWN: usize = 200;

#[derive(Template)]
#[template(path = "enrolment/identifiers.html")]
#[expect(
    clippy::struct_excessive_bools,
    reason = "what somebody may do, one by one"
)]
struct IdentifiersPage {
    page: Page,
    tabs: Tabs,
    lines: Vec<Line>,
    q: String,
    next: Option<String>,
    kind: &'static str,
    overwrite: bool,
    file_wrong: String,
    /// What became of an import.
    import: Option<ImportView>,
    can_import: bool,
    can_overwrite: bool,
    can_delete: bool,
}

/// An identifier in the list.
struct Line {
    id: DeviceIdentityId,
    identifier: String,
    kind: String,
    description: String,
    standing: String,
    device: String,
    imported: String,
}

/// What became of an import.
struct ImportView {
    counts: Vec<String>,
    /// Rows that were not taken.
    rows: Vec<(usize, String, String)>,
    is_cut: bool,
}

/// What is looked for, and where the list goes on.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    q: String,
    after: Option<Uuid>,
}

/// `GET /console/enrolment/identifiers`
pub(super) async fn list_identities(
    administrator: Administrator,
    Query(asked): Query<Asked>,
) -> Answer {
    let page = shown(&administrator, &asked).await?;
    Ok(render(StatusCode::OK, &page))
}

/// `POST /console/enrolment/identifiers`: a file, with what became of each of its rows.
pub(super) async fn import(administrator: Administrator, upload: Upload) -> Answer {
    administrator
        .actor
        .require(Action::CorporateIdentifiersCreate)?;
    let kind = IdentityKind::parse(upload.fields.text("kind"));
    let kind = kind.unwrap_or(IdentityKind::SerialNumber);
    let overwrite = upload.fields.has("overwrite");
    let content = upload
        .file("file")
        .map_or(&[][..], |file| file.content.as_slice());
    let outcome = match read_device_identities(content, kind) {
        Ok(rows) => {
            administrator
                .engine()
                .import_device_identities(&administrator.actor, rows, overwrite)
                .await
        }
        Err(error) => Err(error),
    };
    match outcome {
        Ok(results) => {
            let mut page = shown(&administrator, &Asked::default()).await?;
            page.import = Some(view_of(&page.page, &results));
            Ok(render(StatusCode::OK, &page))
        }
        Err(error) => {
            let wrong = administrator.beside(error).map_err(Failure)?;
            let mut page = shown(&administrator, &Asked::default()).await?;
            page.kind = kind.word();
            page.overwrite = overwrite;
            let told = wrong.into_values().collect::<Vec<_>>().join(" ");
            page.file_wrong = format!("{} {told}", page.page.text("enrolment-file-wrong"));
            Ok(render(StatusCode::BAD_REQUEST, &page))
        }
    }
}

async fn shown(administrator: &Administrator, asked: &Asked) -> Result<IdentifiersPage, Failure> {
    let (engine, actor) = (administrator.engine(), &administrator.actor);
    let slice = Slice {
        after: asked.after.map(DeviceIdentityId),
        limit: LINES,
    };
    let found = engine
        .list_device_identities(actor, &asked.q, slice)
        .await?;
    let page = administrator.page();
    let is_full = found.len() >= usize::try_from(LINES).unwrap_or(usize::MAX);
    let next = found.last().filter(|_| is_full).map(|last| {
        let after = last.id.to_string();
        link(IDENTIFIERS, &[("q", &asked.q), ("after", &after)])
    });
    Ok(IdentifiersPage {
        tabs: Tabs::of(administrator, IDENTIFIERS),
        lines: found.iter().map(|one| line(&page, one)).collect(),
        q: asked.q.clone(),
        next,
        kind: IdentityKind::SerialNumber.word(),
        overwrite: false,
        file_wrong: String::new(),
        import: None,
        can_import: actor.may(Action::CorporateIdentifiersCreate),
        can_overwrite: actor.may(Action::CorporateIdentifiersUpdate),
        can_delete: actor.may(Action::CorporateIdentifiersDelete),
        page,
    })
}

fn line(page: &Page, one: &DeviceIdentity) -> Line {
    Line {
        id: one.id,
        identifier: one.identifier.clone(),
        kind: page.text(match one.kind {
            IdentityKind::SerialNumber => "enrolment-serial",
            IdentityKind::Imei => "enrolment-imei",
        }),
        description: one.description.clone().unwrap_or_default(),
        standing: page.text(match one.standing {
            IdentityStanding::NotContacted => "enrolment-not-contacted",
            IdentityStanding::Enrolled => "enrolment-is-enrolled",
            IdentityStanding::Left => "enrolment-has-left",
        }),
        device: match (one.standing, one.device) {
            (IdentityStanding::Enrolled, Some(device)) => format!("/console/devices/{device}"),
            _ => String::new(),
        },
        imported: date(one.created_at),
    }
}

fn view_of(page: &Page, results: &[IdentityResult]) -> ImportView {
    let count = |wanted: fn(&IdentityOutcome) -> bool| {
        results.iter().filter(|one| wanted(&one.outcome)).count()
    };
    let counts = [
        (
            "enrolment-import-added",
            count(|one| *one == IdentityOutcome::Added),
        ),
        (
            "enrolment-import-replaced",
            count(|one| *one == IdentityOutcome::Replaced),
        ),
        (
            "enrolment-import-same",
            count(|one| *one == IdentityOutcome::Same),
        ),
        ("enrolment-import-not", count(|one| !one.is_done())),
    ];
    let why = |outcome: &IdentityOutcome| match outcome {
        IdentityOutcome::Added | IdentityOutcome::Replaced | IdentityOutcome::Same => None,
        IdentityOutcome::Kept => Some(page.text("enrolment-import-kept")),
        IdentityOutcome::Repeated => Some(page.text("enrolment-import-repeated")),
        IdentityOutcome::Wrong(rule) => {
            Some(page.text_with("enrolment-import-wrong", "rule", rule))
        }
    };
    let mut rows: Vec<_> = results
        .iter()
        .zip(1..)
        .filter_map(|(one, number)| Some((number, one.identifier.clone(), why(&one.outcome)?)))
        .collect();
    let is_cut = rows.len() > MOST_SHOWN;
    rows.truncate(MOST_SHOWN);
    ImportView {
        counts: counts
            .into_iter()
            .filter(|(_, count)| *count > 0)
            .map(|(id, count)| page.text_with(id, "count", count))
            .collect(),
        rows,
        is_cut,
    }
}

/// `GET /console/enrolment/identifiers/{id}/delete`
pub(super) async fn show_delete(administrator: Administrator, Path(id): Path<Uuid>) -> Answer {
    let actor = &administrator.actor;
    actor.require(Action::CorporateIdentifiersDelete)?;
    let found = administrator
        .engine()
        .find_device_identity(actor, DeviceIdentityId(id))
        .await?;
    let one = found.ok_or_else(|| Failure::not_found("device identity", id))?;
    let list = (IDENTIFIERS, "enrolment-identifiers");
    let what = (id, one.identifier.as_str());
    Ok(Confirm::deletion(
        &administrator,
        what,
        list,
        "enrolment-identifier-delete",
    ))
}

/// `POST /console/enrolment/identifiers/{id}/delete`
pub(super) async fn delete(
    administrator: Administrator,
    Path(id): Path<Uuid>,
    _: Fields,
) -> Answer {
    administrator
        .engine()
        .delete_device_identity(&administrator.actor, DeviceIdentityId(id))
        .await?;
    Ok(redirect(IDENTIFIERS))
}
