//! One restriction: making and changing it.

use askama::Template;
use axum::extract::{Path, Query};
use axum::response::Response;
use mandate_engine::{
    Action, EngineError, EnrolmentConfigurationChange, EnrolmentRestriction,
    NewEnrolmentConfiguration, PlatformRestrictions, PlatformRule, PlatformRules,
    RestrictedPlatform,
};
use mandate_ui::redirect;
use mandate_web::{Fields, Page, render};
use serde::Deserialize;
use uuid::Uuid;

use super::RESTRICTIONS;
use super::configuration::{find, to_groups};
use super::restrictions::name_of;
use crate::administrator::Administrator;
use crate::failure::{Answer, Failure, Wrong, form_status, said_above, said_of};

#[derive(Template)]
#[template(path = "enrolment/restriction.html")]
struct Edit {
    page: Page,
    title: String,
    platform: &'static str,
    /// Where the form goes.
    action: String,
    /// Whether it has a name of its own.
    is_named: bool,
    is_new: bool,
    typed: Typed,
    name_wrong: String,
    description_wrong: String,
    least_wrong: String,
    most_wrong: String,
    makers_wrong: String,
    models_wrong: String,
    problem: String,
    can_change: bool,
}

/// For which platform.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    platform: String,
}

/// What is edited.
enum Edited {
    New(RestrictedPlatform),
    One(EnrolmentRestriction, RestrictedPlatform),
    Everybody(RestrictedPlatform),
}

/// `GET /console/enrolment/restrictions/new?platform=ios`; without a platform the list, where one chooses it.
pub(super) async fn show_new(administrator: Administrator, Query(asked): Query<Asked>) -> Answer {
    administrator.actor.require(Action::OrganizationUpdate)?;
    if asked.platform.is_empty() {
        return Ok(redirect(RESTRICTIONS));
    }
    let platform = platform_of(&asked.platform)?;
    let typed = Typed::default();
    Ok(form(
        &administrator,
        &Edited::New(platform),
        typed,
        Wrong::new(),
    ))
}

/// `POST /console/enrolment/restrictions/new`: the groups come next.
pub(super) async fn create(administrator: Administrator, fields: Fields) -> Answer {
    let platform = platform_of(fields.text("platform"))?;
    let typed = Typed::read(&fields);
    let new = NewEnrolmentConfiguration {
        display_name: typed.name.clone(),
        description: typed.description(),
        content: PlatformRestrictions::single(platform, typed.rule()),
        priority: None,
    };
    let engine = administrator.engine();
    match engine
        .create_enrolment_configuration(&administrator.actor, new)
        .await
    {
        Ok(one) => Ok(to_groups(&one)),
        Err(error) => again(&administrator, &Edited::New(platform), typed, error),
    }
}

/// `GET /console/enrolment/restrictions/{id}`
pub(super) async fn show_one(administrator: Administrator, Path(id): Path<Uuid>) -> Answer {
    let (one, platform) = found(&administrator, id).await?;
    let mut typed = Typed::of(&one.content.rule(platform));
    typed.name.clone_from(&one.display_name);
    typed.description = one.description.clone().unwrap_or_default();
    let edited = Edited::One(one, platform);
    Ok(form(&administrator, &edited, typed, Wrong::new()))
}

/// `POST /console/enrolment/restrictions/{id}`
pub(super) async fn update_one(
    administrator: Administrator,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Answer {
    let (one, platform) = found(&administrator, id).await?;
    let typed = Typed::read(&fields);
    let change = EnrolmentConfigurationChange {
        display_name: Some(typed.name.clone()),
        description: Some(typed.description()),
        content: PlatformRules::from([(platform, typed.rule())]),
    };
    let engine = administrator.engine();
    match engine
        .update_enrolment_configuration::<PlatformRestrictions>(
            &administrator.actor,
            one.id,
            change,
        )
        .await
    {
        Ok(_) => Ok(redirect(RESTRICTIONS)),
        Err(error) => again(&administrator, &Edited::One(one, platform), typed, error),
    }
}

/// `GET /console/enrolment/restrictions/everybody/{platform}`
pub(super) async fn show_everybody(
    administrator: Administrator,
    Path(platform): Path<String>,
) -> Answer {
    let platform = platform_of(&platform)?;
    let id = EnrolmentRestriction::OF_EVERYBODY;
    let one: EnrolmentRestriction = find(&administrator, id.0).await?;
    let typed = Typed::of(&one.content.rule(platform));
    let edited = Edited::Everybody(platform);
    Ok(form(&administrator, &edited, typed, Wrong::new()))
}

/// `POST /console/enrolment/restrictions/everybody/{platform}`
pub(super) async fn update_everybody(
    administrator: Administrator,
    Path(platform): Path<String>,
    fields: Fields,
) -> Answer {
    let platform = platform_of(&platform)?;
    let typed = Typed::read(&fields);
    let change = EnrolmentConfigurationChange {
        content: PlatformRules::from([(platform, typed.rule())]),
        ..EnrolmentConfigurationChange::default()
    };
    let id = EnrolmentRestriction::OF_EVERYBODY;
    let engine = administrator.engine();
    match engine
        .update_enrolment_configuration::<PlatformRestrictions>(&administrator.actor, id, change)
        .await
    {
        Ok(_) => Ok(redirect(RESTRICTIONS)),
        Err(error) => again(&administrator, &Edited::Everybody(platform), typed, error),
    }
}

fn platform_of(word: &str) -> Result<RestrictedPlatform, Failure> {
    RestrictedPlatform::parse(word).ok_or_else(|| Failure::not_found("platform", word))
}

async fn found(
    administrator: &Administrator,
    id: Uuid,
) -> Result<(EnrolmentRestriction, RestrictedPlatform), Failure> {
    let one: EnrolmentRestriction = find(administrator, id).await?;
    let platform = one.content.platform;
    // That of everybody has a page for each platform.
    let platform = platform_of(platform.map_or("", RestrictedPlatform::word))?;
    Ok((one, platform))
}

/// What is typed into the form.
#[derive(Default)]
struct Typed {
    name: String,
    description: String,
    is_blocked: bool,
    is_company_only: bool,
    least: String,
    most: String,
    makers: String,
    models: String,
}

impl Typed {
    fn of(rule: &PlatformRule) -> Self {
        Self {
            name: String::new(),
            description: String::new(),
            is_blocked: rule.platform_blocked,
            is_company_only: rule.personal_device_enrollment_blocked,
            least: rule.os_minimum_version.clone().unwrap_or_default(),
            most: rule.os_maximum_version.clone().unwrap_or_default(),
            makers: rule.blocked_manufacturers.join("\n"),
            models: rule.blocked_skus.join("\n"),
        }
    }

    fn read(fields: &Fields) -> Self {
        let text = |name| fields.text(name).trim().to_owned();
        Self {
            name: text("displayName"),
            description: text("description"),
            is_blocked: fields.has("platformBlocked"),
            is_company_only: fields.has("personalDeviceEnrollmentBlocked"),
            least: text("osMinimumVersion"),
            most: text("osMaximumVersion"),
            makers: text("blockedManufacturers"),
            models: text("blockedSkus"),
        }
    }

    fn description(&self) -> Option<String> {
        Some(self.description.clone()).filter(|text| !text.is_empty())
    }

    fn rule(&self) -> PlatformRule {
        let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let lines = |text: &str| text.lines().map(str::to_owned).collect();
        PlatformRule {
            platform_blocked: self.is_blocked,
            personal_device_enrollment_blocked: self.is_company_only,
            os_minimum_version: text(&self.least),
            os_maximum_version: text(&self.most),
            blocked_manufacturers: lines(&self.makers),
            blocked_skus: lines(&self.models),
        }
    }
}

fn again(
    administrator: &Administrator,
    edited: &Edited,
    typed: Typed,
    error: EngineError,
) -> Answer {
    match administrator.beside(error) {
        Ok(wrong) => Ok(form(administrator, edited, typed, wrong)),
        Err(error) => Err(Failure(error)),
    }
}

fn form(administrator: &Administrator, edited: &Edited, typed: Typed, wrong: Wrong) -> Response {
    let status = form_status(wrong.is_empty());
    let page = administrator.page();
    // Properties of a rule are named with where the rule stands.
    let bare = |(name, text): (String, String)| {
        let name = name.rsplit('/').next().unwrap_or_default().to_owned();
        (name, text)
    };
    let mut wrong: Wrong = wrong.into_iter().map(bare).collect();
    let mut of = |property, id| said_of(&mut wrong, &page, (property, id));
    let (title, action, platform) = match edited {
        Edited::New(platform) => (
            page.text("enrolment-restriction-new"),
            format!("{RESTRICTIONS}/new"),
            *platform,
        ),
        Edited::One(one, platform) => (
            one.display_name.clone(),
            format!("{RESTRICTIONS}/{}", one.id),
            *platform,
        ),
        Edited::Everybody(platform) => (
            page.text("enrolment-everybody"),
            format!("{RESTRICTIONS}/everybody/{}", platform.word()),
            *platform,
        ),
    };
    let edit = Edit {
        title: format!("{title} – {}", name_of(platform)),
        platform: platform.word(),
        action,
        is_named: !matches!(edited, Edited::Everybody(_)),
        is_new: matches!(edited, Edited::New(_)),
        name_wrong: of("displayName", "enrolment-name-wrong"),
        description_wrong: of("description", "enrolment-description-wrong"),
        least_wrong: of("osMinimumVersion", "enrolment-version-wrong"),
        most_wrong: of("osMaximumVersion", "enrolment-version-most-wrong"),
        makers_wrong: of("blockedManufacturers", "enrolment-makes-wrong"),
        models_wrong: of("blockedSkus", "enrolment-makes-wrong"),
        problem: said_above(wrong),
        can_change: administrator.actor.may(Action::OrganizationUpdate),
        typed,
        page,
    };
    render(status, &edit)
}
