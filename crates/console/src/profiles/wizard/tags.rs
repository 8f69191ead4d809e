//! Step *Scope tags*: who looks after the profile.

use askama::Template;
use mandate_engine::{Action, EngineError, Page as Pages};
use mandate_web::{Fields, Page};

use super::open::{Frame, Wizard};
use super::render_step;
use super::step::Step;
use crate::failure::Answer;

#[derive(Template)]
#[template(path = "profiles/tags.html")]
struct TagsPage {
    page: Page,
    frame: Frame,
    tags: Vec<Tag>,
    is_wrong: bool,
}

/// A scope tag that can be chosen.
pub(super) struct Tag {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) description: String,
    pub(super) is_chosen: bool,
}

/// The page.
pub(super) async fn show(wizard: &Wizard, is_checked: bool) -> Answer {
    let template = TagsPage {
        page: wizard.administrator.page(),
        frame: wizard.frame(Step::Tags),
        tags: tags(wizard).await?,
        is_wrong: is_checked && !is_complete(wizard),
    };
    Ok(render_step(is_checked, &template))
}

/// Takes what was chosen.
pub(super) fn read(wizard: &mut Wizard, fields: &Fields) {
    let chosen = fields.all("tag").map(str::to_owned).collect();
    wizard.content.tags = Some(chosen);
}

/// Whether there is one at least.
pub(super) fn is_complete(wizard: &Wizard) -> bool {
    let chosen = wizard.content.tags.as_ref();
    chosen.is_none_or(|tags| !tags.is_empty())
}

/// All that the administrator sees, or their own where they may not look at tags.
pub(super) async fn tags(wizard: &Wizard) -> Result<Vec<Tag>, EngineError> {
    let administrator = &wizard.administrator;
    let actor = &administrator.actor;
    let own = actor.tags_for(match wizard.base {
        None => Action::ProfilesCreate,
        Some(_) => Action::ProfilesUpdate,
    });
    let own = own.unwrap_or_default();
    let preset: Vec<String> = match &own {
        Some(own) if !own.is_empty() => own.iter().cloned().collect(),
        _ => vec!["0".to_owned()],
    };
    let chosen = wizard.content.tags.as_ref().unwrap_or(&preset);
    let mut tags: Vec<Tag> = if actor.may(Action::RolesRead) {
        let page = Pages::first(MOST);
        let seen = administrator.engine().list_scope_tags(actor, page).await?;
        seen.into_iter()
            .map(|tag| Tag {
                is_chosen: chosen.contains(&tag.id),
                id: tag.id,
                name: tag.display_name,
                description: tag.description.unwrap_or_default(),
            })
            .collect()
    } else {
        Vec::new()
    };
    for id in preset.iter().chain(chosen) {
        if !tags.iter().any(|tag| tag.id == *id) {
            tags.push(Tag {
                id: id.clone(),
                name: id.clone(),
                description: String::new(),
                is_chosen: chosen.contains(id),
            });
        }
    }
    Ok(tags)
}

/// More than any organisation has.
const MOST: u32 = 1000;
