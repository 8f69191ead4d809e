//! People from a file: chosen, looked at, and taken when somebody says so.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use mandate_engine::{
    Action, EngineError, ImportedPerson, KnownPeople, PeopleFile, PeopleImport, PeopleReport,
    PersonOutcome,
};
use mandate_ui::redirect;
use mandate_web::{Fields, Page, Upload, render};
use uuid::Uuid;

use crate::administrator::Administrator;
use crate::csv_file::CsvFile;
use crate::failure::{Answer, Failure, Wrong, form_status, said_above};

/// Where people are imported.
pub(super) const PATH: &str = "/console/users/import";
/// Rows that are shown one by one; of the others there is a number.
const MOST_SHOWN: usize = 200;
/// Columns of the file that is given as an example.
const COLUMNS: [&str; 10] = [
    "userPrincipalName",
    "displayName",
    "mail",
    "givenName",
    "surname",
    "department",
    "jobTitle",
    "accountEnabled",
    "groups",
    "licence",
];

#[derive(Template)]
#[template(path = "users/import.html")]
struct ImportPage {
    page: Page,
    is_update: bool,
    licence: bool,
    groups: String,
    can_group: bool,
    can_license: bool,
    file_wrong: String,
    groups_wrong: String,
    problem: String,
}

#[derive(Template)]
#[template(path = "users/imported.html")]
struct ReportPage {
    page: Page,
    is_dry_run: bool,
    /// What is to be confirmed; none once it is done.
    id: Option<Uuid>,
    counts: Vec<String>,
    rows: Vec<Row>,
    is_cut: bool,
    remarks: Vec<String>,
}

/// A row of the file.
struct Row {
    line: u32,
    name: String,
    outcome: String,
    is_refused: bool,
    details: Vec<String>,
}

/// `GET /console/users/import`
pub(super) async fn show_form(administrator: Administrator) -> Answer {
    administrator.actor.require(Action::UsersUpdate)?;
    Ok(form(&administrator, &Fields::default(), None))
}

/// `GET /console/users/import/example.csv`
pub(super) async fn example(administrator: Administrator) -> Answer {
    administrator.actor.require(Action::UsersUpdate)?;
    CsvFile::new(&COLUMNS.map(str::to_owned))?.answer("people")
}

/// `POST /console/users/import`: a file, and what would become of each of its rows.
pub(super) async fn look(administrator: Administrator, upload: Upload) -> Answer {
    let (engine, actor) = (administrator.engine(), &administrator.actor);
    actor.require(Action::UsersUpdate)?;
    let content = upload
        .file("file")
        .map_or(&[][..], |file| file.content.as_slice());
    let looked = async {
        let file = PeopleFile::read(content)?;
        let how = how_of(&upload.fields);
        let dry = PeopleImport {
            is_dry_run: true,
            ..how.clone()
        };
        let report = engine.import_people(actor, &file, &dry).await?;
        let id = engine.keep_people_import(actor, file, how).await?;
        Ok::<_, EngineError>((report, id))
    };
    match looked.await {
        Ok((report, id)) => {
            let has_something = report.created() + report.changed() > 0;
            Ok(shown(
                &administrator,
                &report,
                Some(id).filter(|_| has_something),
            ))
        }
        Err(error) => {
            let wrong = administrator.beside(error).map_err(Failure)?;
            Ok(form(&administrator, &upload.fields, Some(wrong)))
        }
    }
}

/// `POST /console/users/import/confirm`
pub(super) async fn confirm(administrator: Administrator, fields: Fields) -> Answer {
    let (engine, actor) = (administrator.engine(), &administrator.actor);
    let id = fields.text("id");
    let kept = match Uuid::try_parse(id) {
        Ok(id) => engine.find_people_import(actor, id).await?,
        Err(_) => None,
    };
    let Some((file, how)) = kept else {
        let mut wrong = Wrong::new();
        let text = administrator.page().text("users-import-gone");
        wrong.insert(String::new(), text);
        return Ok(form(&administrator, &Fields::default(), Some(wrong)));
    };
    let report = engine.import_people(actor, &file, &how).await?;
    engine.forget_people_import(actor).await?;
    Ok(shown(&administrator, &report, None))
}

/// `POST /console/users/import/forget`
pub(super) async fn forget(administrator: Administrator, _: Fields) -> Answer {
    let engine = administrator.engine();
    engine.forget_people_import(&administrator.actor).await?;
    Ok(redirect(PATH))
}

fn how_of(fields: &Fields) -> PeopleImport {
    let groups = fields.text("groups").lines().map(str::trim);
    PeopleImport {
        is_dry_run: false,
        known: KnownPeople::parse(fields.text("known")).unwrap_or_default(),
        licence: fields.has("licence"),
        groups: groups
            .filter(|name| !name.is_empty())
            .map(str::to_owned)
            .collect(),
    }
}

fn form(administrator: &Administrator, fields: &Fields, wrong: Option<Wrong>) -> Response {
    let page = administrator.page();
    let status = form_status(wrong.is_none());
    let mut wrong = wrong.unwrap_or_default();
    let file_wrong = wrong.remove("file").unwrap_or_default();
    let groups_wrong = wrong.remove("groups").unwrap_or_default();
    let template = ImportPage {
        is_update: KnownPeople::parse(fields.text("known")) == Some(KnownPeople::Update),
        licence: fields.has("licence"),
        groups: fields.text("groups").to_owned(),
        can_group: administrator.actor.may(Action::GroupsUpdate),
        can_license: administrator.actor.may(Action::LicencesUpdate),
        file_wrong: if file_wrong.is_empty() {
            file_wrong
        } else {
            format!("{} {file_wrong}", page.text("users-import-file-wrong"))
        },
        groups_wrong,
        problem: said_above(wrong),
        page,
    };
    render(status, &template)
}

fn shown(administrator: &Administrator, report: &PeopleReport, id: Option<Uuid>) -> Response {
    let page = administrator.page();
    let counts = [
        ("users-import-created", report.created()),
        ("users-import-changed", report.changed()),
        ("users-import-unchanged", report.unchanged()),
        ("users-import-skipped", report.skipped()),
        ("users-import-refused", report.refused()),
    ];
    // What cannot be taken is what somebody has to look at.
    let mut people: Vec<&ImportedPerson> = report.people.iter().collect();
    people.sort_by_key(|person| !matches!(person.outcome, PersonOutcome::Refused(_)));
    let template = ReportPage {
        is_dry_run: report.is_dry_run,
        id,
        counts: counts
            .into_iter()
            .filter(|(_, count)| *count > 0)
            .map(|(text, count)| page.text_with(text, "count", count))
            .collect(),
        rows: people
            .iter()
            .take(MOST_SHOWN)
            .map(|person| row(&page, person))
            .collect(),
        is_cut: people.len() > MOST_SHOWN,
        remarks: remarks(&page, report),
        page,
    };
    render(StatusCode::OK, &template)
}

fn row(page: &Page, person: &ImportedPerson) -> Row {
    let details = match &person.outcome {
        PersonOutcome::Created | PersonOutcome::Unchanged | PersonOutcome::Skipped => Vec::new(),
        PersonOutcome::Changed(properties) => properties.iter().cloned().collect(),
        PersonOutcome::Refused(faults) => faults
            .iter()
            .map(|fault| {
                let reason = page.language.phrase(&fault.reason);
                let told = match fault.property.as_str() {
                    "" => reason,
                    property => format!("{property}: {reason}"),
                };
                match &fault.value {
                    Some(value) => format!("{told} ({value})"),
                    None => told,
                }
            })
            .collect(),
    };
    Row {
        line: person.line,
        name: person.name.clone(),
        outcome: page.text(match person.outcome {
            PersonOutcome::Created => "users-import-is-created",
            PersonOutcome::Changed(_) => "users-import-is-changed",
            PersonOutcome::Unchanged => "users-import-is-unchanged",
            PersonOutcome::Skipped => "users-import-is-skipped",
            PersonOutcome::Refused(_) => "users-import-is-refused",
        }),
        is_refused: matches!(person.outcome, PersonOutcome::Refused(_)),
        details,
    }
}

fn remarks(page: &Page, report: &PeopleReport) -> Vec<String> {
    let mut remarks = Vec::new();
    if !report.passed_over.is_empty() {
        let columns = report.passed_over.join(", ");
        remarks.push(page.text_with("users-import-passed-over", "columns", &columns));
    }
    let unproved = report.readiness.suffixes.iter();
    for suffix in unproved.filter(|suffix| !suffix.is_verified) {
        let count = suffix.people.to_string();
        let values = [("domain", suffix.domain.as_str()), ("count", &count)];
        remarks.push(page.language.text_with("users-import-suffix", &values));
    }
    for lacking in &report.readiness.lacking {
        let count = lacking.people.to_string();
        let values = [("property", lacking.property.as_str()), ("count", &count)];
        remarks.push(page.language.text_with("users-import-lacking", &values));
    }
    remarks.extend(report.notes.iter().map(|note| page.language.phrase(note)));
    remarks
}
