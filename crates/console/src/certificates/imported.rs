//! Certificates with keys that somebody else made: bringing one in for a person, and taking it away.

use askama::Template;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::Response;
use mandate_engine::{Action, FileImport, FileOutcome, ImportId};
use mandate_model::ImportPurpose;
use mandate_ui::{date, redirect};
use mandate_web::{Fields, Page, Upload, render};
use serde::Deserialize;

use crate::administrator::Administrator;
use crate::failure::{Answer, Failure, Wrong, form_status, said_above};
use crate::list::{LINES, cut, link};

pub(super) const PATH: &str = "/console/certificates/imported";

#[derive(Template)]
#[template(path = "certificates/imported.html")]
struct List {
    page: Page,
    lines: Vec<Line>,
    first: Option<&'static str>,
    next: Option<String>,
    may_add: bool,
    may_remove: bool,
}

/// An imported certificate.
struct Line {
    id: String,
    person: String,
    purpose: String,
    subject: String,
    ends: String,
    thumbprint: String,
}

#[derive(Template)]
#[template(path = "certificates/import.html")]
struct Import {
    page: Page,
    person: String,
    purposes: Vec<(&'static str, String, bool)>,
    person_wrong: String,
    file_wrong: String,
    problem: String,
}

#[derive(Template)]
#[template(path = "certificates/import-remove.html")]
struct Remove {
    page: Page,
    line: Line,
}

/// Where the list goes on.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    after: Option<String>,
}

/// `GET /console/certificates/imported`
pub(super) async fn list(administrator: Administrator, Query(asked): Query<Asked>) -> Answer {
    let (engine, actor) = (administrator.engine(), &administrator.actor);
    let after: Option<ImportId> = asked.after.as_deref().and_then(|id| id.parse().ok());
    let mut found = engine
        .list_imported(actor, after.as_ref(), LINES + 1)
        .await?;
    let is_more = cut(&mut found);
    let page = administrator.page();
    let lines: Vec<Line> = found.iter().map(|record| line(&page, record)).collect();
    let last = lines.last().filter(|_| is_more);
    let template = List {
        first: after.map(|_| PATH),
        next: last.map(|last| link(PATH, &[("after", &last.id)])),
        may_add: actor.may(Action::ImportsCreate),
        may_remove: actor.may(Action::ImportsDelete),
        lines,
        page,
    };
    Ok(render(StatusCode::OK, &template))
}

/// `GET /console/certificates/imported/new`
pub(super) async fn show_import(administrator: Administrator) -> Answer {
    administrator.actor.require(Action::ImportsCreate)?;
    Ok(form(&administrator, &Fields::default(), Wrong::new()))
}

/// `POST /console/certificates/imported/new`: the file, and the password that opens it.
pub(super) async fn import(administrator: Administrator, upload: Upload) -> Answer {
    administrator.actor.require(Action::ImportsCreate)?;
    let fields = &upload.fields;
    let name = fields.text("userPrincipalName").trim();
    let content = upload.file("file").map(|file| file.content.clone());
    let mut purposes = ImportPurpose::ALL.into_iter();
    let purpose = purposes.rfind(|one| one.name() == fields.text("purpose"));
    let import = FileImport {
        user_principal_name: Some(name.to_owned()).filter(|name| !name.is_empty()),
        purpose: purpose.unwrap_or(ImportPurpose::SmimeEncryption),
        file: content.unwrap_or_default(),
        password: fields.text("password").to_owned().into(),
        strict: false,
        dry_run: false,
    };
    let engine = administrator.engine();
    match engine.import_file(&administrator.actor, import).await {
        Ok(FileOutcome::Imported(_) | FileOutcome::Present(_)) => Ok(redirect(PATH)),
        Err(error) => {
            let wrong = administrator.beside(error)?;
            Ok(form(&administrator, fields, wrong))
        }
    }
}

/// `GET /console/certificates/imported/{id}/remove`
pub(super) async fn ask_removal(administrator: Administrator, Path(id): Path<String>) -> Answer {
    administrator.actor.require(Action::ImportsDelete)?;
    let id = read(&id)?;
    let engine = administrator.engine();
    let found = engine.find_imported(&administrator.actor, &id).await?;
    let record = found.ok_or_else(|| Failure::not_found("imported certificate", id.to_string()))?;
    let page = administrator.page();
    let line = line(&page, &record);
    Ok(render(StatusCode::OK, &Remove { page, line }))
}

/// `POST /console/certificates/imported/{id}/remove`
pub(super) async fn remove(
    administrator: Administrator,
    Path(id): Path<String>,
    _: Fields,
) -> Answer {
    let id = read(&id)?;
    let engine = administrator.engine();
    engine.delete_imported(&administrator.actor, &id).await?;
    Ok(redirect(PATH))
}

fn read(id: &str) -> Result<ImportId, Failure> {
    let parsed = id.parse();
    parsed.map_err(|_| Failure::not_found("imported certificate", id))
}

fn line(page: &Page, record: &mandate_engine::ImportedRecord) -> Line {
    let certificate = &record.certificate;
    Line {
        id: ImportId::of(record).to_string(),
        person: record.user_principal_name.clone(),
        purpose: purpose_text(page, certificate.purpose),
        subject: certificate.subject.clone(),
        ends: date(certificate.not_after),
        thumbprint: certificate.thumbprint.clone(),
    }
}

fn purpose_text(page: &Page, purpose: ImportPurpose) -> String {
    page.text(&format!("certificates-purpose-{}", purpose.name()))
}

fn form(administrator: &Administrator, fields: &Fields, mut wrong: Wrong) -> Response {
    let page = administrator.page();
    let status = form_status(wrong.is_empty());
    let chosen = match fields.text("purpose") {
        "" => ImportPurpose::SmimeEncryption.name(),
        chosen => chosen,
    };
    let purpose = |one: ImportPurpose| (one.name(), purpose_text(&page, one), one.name() == chosen);
    let template = Import {
        person: fields.text("userPrincipalName").to_owned(),
        purposes: ImportPurpose::ALL.map(purpose).into(),
        person_wrong: wrong.remove("userPrincipalName").unwrap_or_default(),
        file_wrong: wrong.remove("file").unwrap_or_default(),
        problem: said_above(wrong),
        page,
    };
    render(status, &template)
}

#[cfg(test)]
mod tests {
    use mandate_web::Language;

    use super::*;

    #[test]
    fn every_purpose_has_a_name_in_every_language() {
        for language in Language::ALL {
            for purpose in ImportPurpose::ALL {
                let page = Page::new(language, "Contoso");
                let text = purpose_text(&page, purpose);
                assert!(!text.starts_with("certificates-"), "{language:?} {text}");
            }
        }
    }
}
