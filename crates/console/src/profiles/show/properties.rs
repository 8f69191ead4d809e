//! What a profile says, and whom it is for, with a way to change each part.

use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::routing::get;
use mandate_engine::Action;
use mandate_ui::Door;
use mandate_web::{Page, Routes, render};

use super::frame::{Frame, profile};
use crate::administrator::Administrator;
use crate::failure::Answer;
use crate::forms::{Summary, summary};
use crate::profiles::references::reference_names;
use crate::profiles::targets::{NamedTarget, named};

pub(super) fn routes() -> Routes<Door> {
    Routes::new().route("/console/profiles/{id}/properties", get(show))
}

#[derive(Template)]
#[template(path = "profiles/properties.html")]
struct Properties {
    page: Page,
    frame: Frame,
    description: String,
    sections: Vec<Summary>,
    tags: Vec<String>,
    targets: Vec<NamedTarget>,
    /// As Graph names it, for those who automate.
    type_name: String,
    id: String,
}

/// `GET /console/profiles/{id}/properties`
async fn show(administrator: Administrator, Path(id): Path<String>) -> Answer {
    let profile = profile(&administrator, &id).await?;
    let (engine, actor) = (administrator.engine(), &administrator.actor);
    let targets = engine.list_assignments(actor, profile.id).await?;
    let targets: Vec<_> = targets.into_iter().map(|one| one.target).collect();
    let names = reference_names(&administrator, &profile.references).await?;
    let mut tags = Vec::new();
    for tag in &profile.scope_tags {
        let found = if actor.may(Action::RolesRead) {
            engine.find_scope_tag(actor, tag).await?
        } else {
            None
        };
        tags.push(found.map_or_else(|| tag.clone(), |tag| tag.display_name));
    }
    let template = Properties {
        page: administrator.page(),
        frame: Frame::new(&administrator, &profile, "/properties"),
        description: profile.description.clone().unwrap_or_default(),
        sections: summary(
            profile.kind,
            &profile.settings,
            &names,
            administrator.language(),
        ),
        tags,
        targets: named(&administrator, &targets).await?,
        type_name: profile.kind.type_name.to_owned(),
        id: profile.id.to_string(),
    };
    Ok(render(StatusCode::OK, &template))
}
