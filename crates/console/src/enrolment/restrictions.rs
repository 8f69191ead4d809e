//! The list of restrictions.

use askama::Template;
use axum::http::StatusCode;
use mandate_engine::{Action, EnrolmentRestriction, PlatformRule, RestrictedPlatform};
use mandate_model::EnrolmentConfigurationId;
use mandate_web::{Page, render};

use super::{RESTRICTIONS, Tabs};
use crate::administrator::Administrator;
use crate::failure::Answer;

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
    id: EnrolmentConfigurationId,
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
    let all: Vec<EnrolmentRestriction> = engine.list_enrolment_configurations(actor).await?;
    let page = administrator.page();
    // Those that devices can be enrolled of, and others that somebody has brought here.
    let shown = RestrictedPlatform::ALL.into_iter().filter(|platform| {
        RestrictedPlatform::ENROLLED.contains(platform)
            || all
                .iter()
                .any(|one| one.content.rules.contains_key(platform))
    });
    let platforms = shown
        .map(|platform| OfPlatform {
            word: platform.word(),
            name: name_of(platform),
            lines: all
                .iter()
                .filter(|one| one.content.platform == Some(platform))
                .map(|one| line(&page, one, platform))
                .collect(),
            everybody: all
                .iter()
                .find(|one| one.is_of_everybody())
                .map(|one| says(&page, &one.content.rule(platform)))
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
        says: says(page, &one.content.rule(platform)),
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
