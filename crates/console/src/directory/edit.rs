//! Adding, changing and removing directories.

use axum::extract::Path;
use axum::response::Response;
use mandate_engine::SyncedDirectory;
use mandate_ui::redirect;
use mandate_web::{Fields, Upload};
use serde_json::{Map, Value, json};

use super::list::shown_name;
use super::{PATH, path_of};
use crate::administrator::Administrator;
use crate::failure::{Answer, Failure, Wrong};
use crate::plain::{
    Crumb, Field, FormPage, Kind, Part, field, fields_of, show_confirm, show_form, submit,
};

/// Where directories are added; none has such a name.
pub(super) const NEW: &str = "/console/directory/_new";

const WAY: &[Field] = &[
    field("name", Kind::Word).needed().hinted(),
    field("kind", Kind::Choice(&["activeDirectory", "ldap"])),
    field("displayName", Kind::Plain),
    field("url", Kind::Word).needed().hinted(),
    field("startTls", Kind::Tick),
    field("roots", Kind::Pem).hinted(),
    field("account", Kind::Word).needed().hinted(),
    field("password", Kind::Secret).needed(),
];
const WHAT: &[Field] = &[
    field("base", Kind::Word).needed().hinted(),
    field("groupBase", Kind::Text).hinted(),
    field("userFilter", Kind::Text).hinted(),
    field("groupFilter", Kind::Text),
    field("syncGroups", Kind::Tick),
];
const WHEN: &[Field] = &[
    field("isPaused", Kind::Tick).hinted(),
    field("intervalMinutes", Kind::Number),
    field("fullEveryHours", Kind::Number),
];
const GUARD: &[Field] = &[
    field("mostDeletions", Kind::Number).hinted(),
    field("mostDeletionsPercent", Kind::Number),
    field("deleteAfterDays", Kind::Number).hinted(),
];
const MORE: &[Field] = &[
    field("attributes", Kind::Pairs).hinted(),
    field("defaults", Kind::Pairs).hinted(),
    field("required", Kind::Lines).hinted(),
    field("domainName", Kind::Text).hinted(),
    field("netBiosName", Kind::Text).hinted(),
    field("trustsNames", Kind::Tick).hinted(),
    field("allowClearText", Kind::Tick).hinted(),
];
const PARTS: &[Part] = &[
    Part::open("directory-f-way", WAY),
    Part::open("directory-f-what", WHAT),
    Part::open("directory-f-when", WHEN),
    Part::folded("directory-f-guard", GUARD),
    Part::folded("directory-f-more", MORE),
];

/// `GET /console/directory/_new`
pub(super) async fn show_new(administrator: Administrator) -> Answer {
    administrator.require_saying_who_people_are()?;
    let usual = json!({
        "kind": "activeDirectory", "syncGroups": true, "isPaused": true,
        "intervalMinutes": 30, "fullEveryHours": 24,
        "mostDeletions": 50, "mostDeletionsPercent": 10, "deleteAfterDays": 30,
    });
    let usual = usual.as_object().cloned().unwrap_or_default();
    let given = fields_of(PARTS, &usual);
    Ok(new_form(&administrator, &given, None))
}

/// `POST /console/directory/_new`
pub(super) async fn create(administrator: Administrator, upload: Upload) -> Answer {
    administrator.require_saying_who_people_are()?;
    let (engine, actor) = (administrator.engine(), &administrator.actor);
    let add = async |body| engine.create_synced_directory(actor, body).await;
    match submit(&administrator, (PARTS, &upload), add).await? {
        Ok(directory) => Ok(redirect(&path_of(&directory.name))),
        Err(wrong) => Ok(new_form(&administrator, &upload.fields, Some(wrong))),
    }
}

/// `GET /console/directory/{name}/edit`
pub(super) async fn show_edit(administrator: Administrator, Path(name): Path<String>) -> Answer {
    administrator.require_saying_who_people_are()?;
    let directory = find(&administrator, &name).await?;
    let given = fields_of(PARTS, &directory.to_map());
    Ok(edit_form(&administrator, &directory, &given, None))
}

/// `POST /console/directory/{name}/edit`
pub(super) async fn update(
    administrator: Administrator,
    Path(name): Path<String>,
    upload: Upload,
) -> Answer {
    administrator.require_saying_who_people_are()?;
    let directory = find(&administrator, &name).await?;
    let (engine, actor) = (administrator.engine(), &administrator.actor);
    let change = async |mut body: Map<String, Value>| {
        body.retain(|property, _| !FIXED.contains(&property.as_str()));
        engine.update_synced_directory(actor, &name, body).await
    };
    match submit(&administrator, (PARTS, &upload), change).await? {
        Ok(_) => Ok(redirect(&path_of(&name))),
        Err(wrong) => {
            let given = &upload.fields;
            Ok(edit_form(&administrator, &directory, given, Some(wrong)))
        }
    }
}

/// `GET /console/directory/{name}/remove`
pub(super) async fn ask_removal(administrator: Administrator, Path(name): Path<String>) -> Answer {
    administrator.require_saying_who_people_are()?;
    let directory = find(&administrator, &name).await?;
    let page = administrator.page();
    let title = page.text_with("directory-remove-title", "name", shown_name(&directory));
    let about = page.text("directory-remove-about");
    let path = path_of(&name);
    Ok(show_confirm(
        &administrator,
        (title, about, "remove"),
        crumbs(&administrator, Some(&directory)),
        (format!("{path}/remove"), path),
    ))
}

/// `POST /console/directory/{name}/remove`
pub(super) async fn remove(
    administrator: Administrator,
    Path(name): Path<String>,
    _: Fields,
) -> Answer {
    let engine = administrator.engine();
    engine
        .delete_synced_directory(&administrator.actor, &name)
        .await?;
    Ok(redirect(PATH))
}

async fn find(administrator: &Administrator, name: &str) -> Result<SyncedDirectory, Failure> {
    let engine = administrator.engine();
    let found = engine.find_synced_directory(&administrator.actor, name);
    found
        .await?
        .ok_or_else(|| Failure::not_found("directory", name))
}

fn crumbs(administrator: &Administrator, directory: Option<&SyncedDirectory>) -> Vec<Crumb> {
    let title = administrator.page().text("directory-title");
    let mut crumbs = vec![(PATH.to_owned(), title)];
    crumbs.extend(directory.map(|one| (path_of(&one.name), shown_name(one))));
    crumbs
}

fn new_form(administrator: &Administrator, given: &Fields, wrong: Option<Wrong>) -> Response {
    let page = administrator.page();
    let form = FormPage {
        title: page.text("directory-add"),
        about: page.text("directory-add-about"),
        crumbs: crumbs(administrator, None),
        action: NEW.to_owned(),
        back: PATH.to_owned(),
        prefix: PREFIX,
        parts: PARTS,
        without: &[],
        keeps_secrets: false,
    };
    show_form(administrator, form, given, wrong)
}

fn edit_form(
    administrator: &Administrator,
    directory: &SyncedDirectory,
    given: &Fields,
    wrong: Option<Wrong>,
) -> Response {
    let path = path_of(&directory.name);
    let form = FormPage {
        title: shown_name(directory),
        about: String::new(),
        crumbs: crumbs(administrator, Some(directory)),
        action: format!("{path}/edit"),
        back: path,
        prefix: PREFIX,
        parts: PARTS,
        without: FIXED,
        keeps_secrets: directory.has_password,
    };
    show_form(administrator, form, given, wrong)
}

/// What the texts of the fields begin with.
const PREFIX: &str = "directory-f";
/// What stays as it was given.
const FIXED: &[&str] = &["name", "kind"];
