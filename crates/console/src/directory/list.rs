//! All directories.

use askama::Template;
use axum::http::StatusCode;
use mandate_engine::{SyncEnd, SyncedDirectory};
use mandate_web::{Page, render};

use super::path_of;
use crate::administrator::Administrator;
use crate::failure::Answer;
use crate::moments::moment;
use crate::numbers::number;

#[derive(Template)]
#[template(path = "directory/index.html")]
struct Index {
    page: Page,
    directories: Vec<Line>,
    can_manage: bool,
}

/// A directory in the list.
struct Line {
    path: String,
    name: String,
    people: String,
    groups: String,
    refused: String,
    state: State,
    read_at: String,
    read: String,
}

/// How a directory fares: the id of the word for it, and how it looks.
pub(super) struct State {
    pub(super) text: &'static str,
    pub(super) class: &'static str,
}

impl State {
    pub(super) fn of(directory: &SyncedDirectory) -> Self {
        let (text, class) = match directory.last.as_ref().map(|last| last.end) {
            _ if directory.is_running => ("directory-running", "noted"),
            _ if directory.settings.is_paused => ("directory-paused", "noted"),
            None => ("directory-never", "noted"),
            Some(SyncEnd::Succeeded) => ("directory-good", "succeeded"),
            Some(SyncEnd::Held) => ("directory-held", "warned"),
            Some(SyncEnd::Failed) => ("directory-failed", "error"),
        };
        Self { text, class }
    }
}

/// `GET /console/directory`
pub(super) async fn list_directories(administrator: Administrator) -> Answer {
    let (engine, actor) = (administrator.engine(), &administrator.actor);
    let all = engine.list_synced_directories(actor).await?;
    let language = administrator.language();
    let directories = all
        .iter()
        .map(|directory| Line {
            path: path_of(&directory.name),
            name: shown_name(directory),
            people: number(language, directory.counts.users),
            groups: number(language, directory.counts.groups),
            refused: number(language, directory.counts.refused),
            state: State::of(directory),
            read_at: directory
                .succeeded_at
                .map(|at| at.to_string())
                .unwrap_or_default(),
            read: directory
                .succeeded_at
                .as_ref()
                .map(moment)
                .unwrap_or_default(),
        })
        .collect();
    let index = Index {
        can_manage: administrator.may_say_who_people_are(),
        page: administrator.page(),
        directories,
    };
    Ok(render(StatusCode::OK, &index))
}

pub(super) fn shown_name(directory: &SyncedDirectory) -> String {
    let shown = &directory.settings.display_name;
    if shown.is_empty() {
        directory.name.clone()
    } else {
        format!("{shown} ({})", directory.name)
    }
}
