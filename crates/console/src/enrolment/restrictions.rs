//! The list of restrictions, their order, for whom they are, and deleting one.

use askama::Template;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use mandate_engine::{Action, EngineError, EnrolmentRestriction, PlatformRule, RestrictedPlatform};
use mandate_model::EnrolmentRestrictionId;
use mandate_ui::redirect;
use mandate_web::{Fields, Page, render};
use uuid::Uuid;

use super::groups::{self, Asked, Place};
use super::{Confirm, RESTRICTIONS, Tabs};
use crate::administrator::Administrator;
use crate::failure::{Answer, Failure};

#[derive(Template)]
#[template(path = "enrolment/restrictions.html")]
struct RestrictionsPage {
    page: Page,
    tabs: Tabs,
    platforms: Vec<OfPlatform>,
    can_change: bool,
}

/// What holds for the devices of a platform: for groups, then for everybody.
struct OfPlatform {
    word: &'static str,
    name: &'static str,
    lines: Vec<Line>,
    everybody: Vec<String>,
}

/// A restriction in the list.
struct Line {
    id: EnrolmentRestrictionId,
    name: String,
    description: String,
    priority: i64,
    groups: usize,
    says: Vec<String>,
}

/// What people call a platform.
pub(super) const fn name_of(platform: RestrictedPlatform) -> &'static str {
    match platform {
        RestrictedPlatform::Ios => "iOS, iPadOS",
        RestrictedPlatform::MacOs => "macOS",
        RestrictedPlatform::Windows => "Windows",
        RestrictedPlatform::WindowsMobile => "Windows Phone",
        RestrictedPlatform::WindowsHomeSku => "Windows Home",
        RestrictedPlatform::Android => "Android",
        RestrictedPlatform::AndroidForWork => "Android Enterprise",
        RestrictedPlatform::Tvos => "tvOS",
        RestrictedPlatform::VisionOs => "visionOS",
    }
}

/// `GET /console/enrolment/restrictions`
pub(super) async fn list_restrictions(administrator: Administrator) -> Answer {
    let (engine, actor) = (administrator.engine(), &administrator.actor);
    let all = engine.list_enrolment_restrictions(actor).await?;
    let page = administrator.page();
    // Those that devices can be enrolled of, and others that somebody has brought here.
    let shown = RestrictedPlatform::ALL.into_iter().filter(|platform| {
        RestrictedPlatform::ENROLLED.contains(platform)
            || all.iter().any(|one| one.rules.contains_key(platform))
    });
    let platforms = shown
        .map(|platform| OfPlatform {
            word: platform.word(),
            name: name_of(platform),
            lines: all
                .iter()
                .filter(|one| one.platform == Some(platform))
                .map(|one| line(&page, one, platform))
                .collect(),
            everybody: all
                .iter()
                .find(|one| one.is_of_everybody())
                .map(|one| says(&page, &one.rule(platform)))
                .unwrap_or_default(),
        })
        .collect();
    Ok(render(
        StatusCode::OK,
        &RestrictionsPage {
            tabs: Tabs::of(&administrator, RESTRICTIONS),
            platforms,
            can_change: actor.may(Action::OrganizationUpdate),
            page,
        },
    ))
}

fn line(page: &Page, one: &EnrolmentRestriction, platform: RestrictedPlatform) -> Line {
    Line {
        id: one.id,
        name: one.display_name.clone(),
        description: one.description.clone().unwrap_or_default(),
        priority: one.priority,
        groups: one.groups.len(),
        says: says(page, &one.rule(platform)),
    }
}

/// What a rule says, in words.
fn says(page: &Page, rule: &PlatformRule) -> Vec<String> {
    if rule.platform_blocked {
        return vec![page.text("enrolment-rule-blocked")];
    }
    let mut all = Vec::new();
    if rule.personal_device_enrollment_blocked {
        all.push(page.text("enrolment-rule-company"));
    }
    if let Some(least) = &rule.os_minimum_version {
        all.push(page.text_with("enrolment-rule-least", "version", least));
    }
    if let Some(most) = &rule.os_maximum_version {
        all.push(page.text_with("enrolment-rule-most", "version", most));
    }
    let makes: Vec<&str> = rule
        .blocked_manufacturers
        .iter()
        .chain(&rule.blocked_skus)
        .map(String::as_str)
        .collect();
    if !makes.is_empty() {
        all.push(page.text_with("enrolment-rule-makes", "names", makes.join(", ")));
    }
    if all.is_empty() {
        all.push(page.text("enrolment-rule-open"));
    }
    all
}

/// `POST /console/enrolment/restrictions/{id}/up`
pub(super) async fn move_up(
    administrator: Administrator,
    Path(id): Path<Uuid>,
    _: Fields,
) -> Answer {
    let one = find(&administrator, id).await?;
    // Whoever presses twice finds it where it should be.
    if one.priority > 1 {
        administrator
            .engine()
            .prioritise_enrolment_restriction(&administrator.actor, one.id, one.priority - 1)
            .await?;
    }
    Ok(redirect(RESTRICTIONS))
}

/// `GET /console/enrolment/restrictions/{id}/groups`
pub(super) async fn show_groups(
    administrator: Administrator,
    Path(id): Path<Uuid>,
    Query(asked): Query<Asked>,
) -> Answer {
    administrator.actor.require(Action::OrganizationUpdate)?;
    let one = find(&administrator, id).await?;
    let place = Place {
        name: one.display_name,
        path: format!("{RESTRICTIONS}/{id}/groups"),
        list: RESTRICTIONS,
        part: "enrolment-restrictions",
        about: "enrolment-restriction-groups",
        is_for_all: None,
    };
    groups::show(&administrator, asked, &one.groups, place).await
}

/// `POST /console/enrolment/restrictions/{id}/groups`: adds one, or takes one away.
pub(super) async fn change_groups(
    administrator: Administrator,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Answer {
    let one = find(&administrator, id).await?;
    let groups = groups::changed(one.groups, &fields);
    administrator
        .engine()
        .assign_enrolment_restriction(&administrator.actor, one.id, groups)
        .await?;
    Ok(redirect(&format!("{RESTRICTIONS}/{id}/groups")))
}

/// `GET /console/enrolment/restrictions/{id}/delete`
pub(super) async fn show_delete(administrator: Administrator, Path(id): Path<Uuid>) -> Answer {
    administrator.actor.require(Action::OrganizationUpdate)?;
    let one = find(&administrator, id).await?;
    let page = administrator.page();
    let confirm = Confirm {
        title: page.text_with("enrolment-delete-title", "name", &one.display_name),
        about: "enrolment-restriction-delete",
        action: format!("{RESTRICTIONS}/{id}/delete"),
        list: RESTRICTIONS,
        part: "enrolment-restrictions",
        page,
    };
    Ok(render(StatusCode::OK, &confirm))
}

/// `POST /console/enrolment/restrictions/{id}/delete`
pub(super) async fn delete(
    administrator: Administrator,
    Path(id): Path<Uuid>,
    _: Fields,
) -> Answer {
    administrator
        .engine()
        .delete_enrolment_restriction(&administrator.actor, EnrolmentRestrictionId(id))
        .await?;
    Ok(redirect(RESTRICTIONS))
}

/// A restriction by id.
pub(super) async fn find(
    administrator: &Administrator,
    id: Uuid,
) -> Result<EnrolmentRestriction, Failure> {
    let engine = administrator.engine();
    let found = engine
        .find_enrolment_restriction(&administrator.actor, EnrolmentRestrictionId(id))
        .await?;
    found.ok_or_else(|| {
        Failure(EngineError::NotFound {
            what: "enrolment restriction",
            id: id.to_string(),
        })
    })
}
