//! The list of profiles.

use askama::Template;
use axum::extract::Query;
use axum::http::StatusCode;
use axum::routing::get;
use mandate_engine::{Action, ProfileLine, ProfileOrder, ProfileQuery};
use mandate_model::Platform;
use mandate_ui::{Door, moment};
use mandate_web::{Language, Page, Routes, render};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use super::words::{PLATFORMS, platform_name};
use crate::administrator::Administrator;
use crate::csv_file::CsvFile;
use crate::failure::Answer;

/// Routes of the list.
pub(super) fn routes() -> Routes<Door> {
    Routes::new()
        .route("/console/profiles", get(show))
        .route("/console/profiles/export.csv", get(export))
}

/// What is looked for.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Looking {
    search: String,
    platform: String,
    assigned: String,
    sort: String,
    after: String,
}

#[derive(Template)]
#[template(path = "profiles/list.html")]
struct List {
    page: Page,
    looking: Looking,
    platforms: Vec<(&'static str, &'static str)>,
    columns: Vec<Column>,
    profiles: Vec<Line>,
    total: usize,
    /// Whether there is nothing because nothing was made yet.
    is_new: bool,
    first: Option<String>,
    next: Option<String>,
    export: String,
    may_create: bool,
    drafts: Vec<Draft>,
}

/// A column that one can sort by.
struct Column {
    label: String,
    /// Sorts by it, or turns the order round.
    path: String,
    /// As `aria-sort` says it; empty where the list is sorted by something else.
    sorted: &'static str,
}

struct Line {
    path: String,
    name: String,
    description: String,
    platform: &'static str,
    kind: String,
    is_assigned: bool,
    modified: String,
}

/// A draft of the administrator.
struct Draft {
    path: String,
    discard: String,
    name: String,
    about: String,
    kept: String,
}

const SHOWN: usize = 50;
/// Names of the columns as links write them, with their ids in the catalogues.
const COLUMNS: [(&str, &str, ProfileOrder); 5] = [
    ("name", "profiles-name", ProfileOrder::Name),
    ("platform", "profiles-platform", ProfileOrder::Platform),
    ("kind", "profiles-kind", ProfileOrder::Kind),
    ("assigned", "profiles-assigned", ProfileOrder::Assigned),
    ("modified", "profiles-modified", ProfileOrder::Modified),
];

impl Looking {
    fn query(&self, limit: usize) -> ProfileQuery {
        let (column, descending) = self.order();
        let order = COLUMNS.iter().find(|(name, ..)| *name == column);
        ProfileQuery {
            search: self.search.clone(),
            platform: Platform::parse(&self.platform),
            assigned: match self.assigned.as_str() {
                "yes" => Some(true),
                "no" => Some(false),
                _ => None,
            },
            order: order.map_or_else(ProfileOrder::default, |(.., order)| *order),
            descending,
            after: self.after.parse().ok(),
            limit,
        }
    }

    /// The column, and whether its order is turned round.
    fn order(&self) -> (&str, bool) {
        match self.sort.strip_prefix('-') {
            Some(column) => (column, true),
            None if self.sort.is_empty() => ("name", false),
            None => (&self.sort, false),
        }
    }

    /// The list with another order or page.
    fn path(&self, page: &str, sort: &str, after: &str) -> String {
        let text = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let fields = [
            ("search", self.search.as_str()),
            ("platform", &self.platform),
            ("assigned", &self.assigned),
            ("sort", sort),
            ("after", after),
        ];
        let fields = fields.iter().filter(|(_, value)| !value.is_empty());
        let fields: Vec<String> = fields
            .map(|(name, value)| format!("{name}={}", text(value)))
            .collect();
        format!("{page}?{}", fields.join("&"))
    }

    fn is_everything(&self) -> bool {
        self.search.trim().is_empty() && self.platform.is_empty() && self.assigned.is_empty()
    }

    fn columns(&self, language: Language) -> Vec<Column> {
        let (current, descending) = self.order();
        let column = |(name, label, _): &(&str, &str, ProfileOrder)| {
            let is_current = current == *name;
            let sort = if is_current && !descending {
                format!("-{name}")
            } else {
                (*name).to_owned()
            };
            Column {
                label: language.text(label),
                path: self.path(LIST, &sort, ""),
                sorted: match (is_current, descending) {
                    (true, false) => "ascending",
                    (true, true) => "descending",
                    (false, _) => "",
                },
            }
        };
        COLUMNS.iter().map(column).collect()
    }
}

const LIST: &str = "/console/profiles";

/// `GET /console/profiles`
async fn show(administrator: Administrator, Query(looking): Query<Looking>) -> Answer {
    let (engine, actor) = (administrator.engine(), &administrator.actor);
    let language = administrator.language();
    let found = engine.find_profiles(actor, &looking.query(SHOWN)).await?;
    let drafts = engine.list_drafts(actor).await?;
    let last = found.lines.last().map(|line| line.profile.id.to_string());
    let template = List {
        page: administrator.page(),
        platforms: PLATFORMS
            .map(|platform| (platform.name(), platform_name(platform)))
            .to_vec(),
        columns: looking.columns(language),
        is_new: found.total == 0 && looking.is_everything(),
        total: found.total,
        first: (!looking.after.is_empty()).then(|| looking.path(LIST, &looking.sort, "")),
        next: last
            .filter(|_| found.has_more)
            .map(|last| looking.path(LIST, &looking.sort, &last)),
        export: looking.path("/console/profiles/export.csv", &looking.sort, ""),
        profiles: found.lines.iter().map(|one| line(one, language)).collect(),
        may_create: actor.may(Action::ProfilesCreate),
        drafts: drafts
            .iter()
            .map(|draft| {
                let name = super::content::Content::of_draft(draft).name;
                Draft {
                    path: super::wizard::path(draft.id, "basics"),
                    discard: format!("/console/profiles/drafts/{}", draft.id),
                    name: if name.trim().is_empty() {
                        language.text("profiles-nameless")
                    } else {
                        name
                    },
                    about: about(draft.kind, language),
                    kept: moment(draft.kept_at),
                }
            })
            .collect(),
        looking,
    };
    Ok(render(StatusCode::OK, &template))
}

/// `GET /console/profiles/export.csv`
async fn export(administrator: Administrator, Query(looking): Query<Looking>) -> Answer {
    let (engine, actor) = (administrator.engine(), &administrator.actor);
    let language = administrator.language();
    let query = looking.query(usize::MAX);
    let found = engine.find_profiles(actor, &query).await?;
    let columns = COLUMNS.map(|(_, label, _)| language.text(label));
    let yes_or_no = |yes| language.text(if yes { "yes" } else { "no" });
    let mut file = CsvFile::new(&columns)?;
    for one in &found.lines {
        let line = line(one, language);
        file.row(&[
            line.name,
            line.platform.to_owned(),
            line.kind,
            yes_or_no(line.is_assigned),
            line.modified,
        ])?;
    }
    file.answer("profiles")
}

fn line(line: &ProfileLine, language: Language) -> Line {
    let profile = &line.profile;
    Line {
        path: format!("/console/profiles/{}", profile.id),
        name: profile.display_name.clone(),
        description: profile.description.clone().unwrap_or_default(),
        platform: platform_name(profile.kind.platform),
        kind: language.phrase(profile.kind.label),
        is_assigned: !line.targets.is_empty(),
        modified: moment(profile.modified_at),
    }
}

/// Platform and kind in one line.
pub(super) fn about(kind: &mandate_model::catalogue::Kind, language: Language) -> String {
    format!(
        "{} · {}",
        platform_name(kind.platform),
        language.phrase(kind.label)
    )
}
