//! Step *Assignments*: whom the profile is for.

use askama::Template;
use mandate_engine::{Action, EngineError};
use mandate_model::{GroupId, Target};
use mandate_web::{Fields, Page};

use super::open::{Frame, Wizard};
use super::render_step;
use super::step::Step;
use crate::failure::Answer;
use crate::profiles::targets::{NamedTarget, named, parse};

#[derive(Template)]
#[template(path = "profiles/assignments.html")]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each shows or hides a part of the page"
)]
struct Assignments {
    page: Page,
    frame: Frame,
    included: Vec<NamedTarget>,
    excluded: Vec<NamedTarget>,
    has_all_users: bool,
    has_all_devices: bool,
    search: String,
    groups: Vec<FoundGroup>,
    has_more: bool,
    may_assign: bool,
    may_see_groups: bool,
    /// Whether nobody can get it who is not in a group of people.
    needs_user: bool,
}

/// A group that was found.
struct FoundGroup {
    id: GroupId,
    name: String,
    description: String,
    is_included: bool,
    is_excluded: bool,
}

/// Groups that are shown at once.
const SHOWN: u32 = 20;

/// The page.
pub(super) async fn show(wizard: &Wizard, search: &str) -> Answer {
    let administrator = &wizard.administrator;
    let targets = &wizard.content.targets;
    let (excluded, included) = named(administrator, targets)
        .await?
        .into_iter()
        .partition(|target| target.is_excluded);
    let mut groups = found(wizard, search).await?;
    let has_more = groups.len() > SHOWN as usize;
    groups.truncate(SHOWN as usize);
    let template = Assignments {
        page: administrator.page(),
        frame: wizard.frame(Step::Assignments),
        included,
        excluded,
        has_all_users: targets.contains(&Target::AllUsers),
        has_all_devices: targets.contains(&Target::AllDevices),
        search: search.to_owned(),
        groups,
        has_more,
        may_assign: administrator.actor.may(Action::ProfilesAssign),
        may_see_groups: administrator.actor.may(Action::GroupsRead),
        needs_user: wizard.draft.kind.needs_user(&wizard.reading().settings),
    };
    Ok(render_step(false, &template))
}

/// Takes a target in or out.
pub(super) fn read(wizard: &mut Wizard, fields: &Fields) {
    let targets = &mut wizard.content.targets;
    if let Some(gone) = parse(fields.text("remove")) {
        targets.retain(|target| *target != gone);
    }
    let Some(new) = parse(fields.text("add")) else {
        return;
    };
    // A group is in or out, whatever was said last.
    if let Target::Group(group) | Target::Exclude(group) = new {
        targets
            .retain(|target| *target != Target::Group(group) && *target != Target::Exclude(group));
    }
    if !targets.contains(&new) && targets.len() < MOST {
        targets.push(new);
    }
}

/// More than anybody would look through.
const MOST: usize = 500;

async fn found(wizard: &Wizard, search: &str) -> Result<Vec<FoundGroup>, EngineError> {
    let administrator = &wizard.administrator;
    if !administrator.actor.may(Action::GroupsRead) {
        return Ok(Vec::new());
    }
    let search = search.trim();
    let text = (!search.is_empty()).then_some(search);
    let groups = administrator
        .engine()
        .search_groups(&administrator.actor, text, (None, SHOWN + 1))
        .await?;
    let targets = &wizard.content.targets;
    let found = groups.into_iter().map(|group| FoundGroup {
        id: group.id,
        is_included: targets.contains(&Target::Group(group.id)),
        is_excluded: targets.contains(&Target::Exclude(group.id)),
        name: group.display_name,
        description: group.description.unwrap_or_default(),
    });
    Ok(found.collect())
}
