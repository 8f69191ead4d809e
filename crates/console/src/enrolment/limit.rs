//! One limit: making and changing it.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use mandate_engine::{
    Action, DeviceLimit, EngineError, EnrolmentConfigurationChange, EnrolmentLimit,
    NewEnrolmentConfiguration,
};
use mandate_ui::redirect;
use mandate_web::{Fields, Page, render};
use uuid::Uuid;

use super::LIMITS;
use super::configuration::{find, to_groups};
use crate::administrator::Administrator;
use crate::failure::{Answer, Failure, Wrong, form_status, said_above, said_of};

#[derive(Template)]
#[template(path = "enrolment/limit.html")]
struct Edit {
    page: Page,
    /// What is changed; none for a new one.
    limit: Option<EnrolmentLimit>,
    name: String,
    description: String,
    devices: String,
    name_wrong: String,
    description_wrong: String,
    devices_wrong: String,
    problem: String,
    can_change: bool,
}

/// `GET /console/enrolment/limits/new`
pub(super) async fn show_new(administrator: Administrator) -> Answer {
    administrator.actor.require(Action::OrganizationUpdate)?;
    let typed = Typed {
        name: String::new(),
        description: String::new(),
        devices: "15".to_owned(),
    };
    Ok(form(&administrator, None, typed, BTreeMap::new()))
}

/// `POST /console/enrolment/limits/new`: the groups come next.
pub(super) async fn create_limit(administrator: Administrator, fields: Fields) -> Answer {
    let typed = Typed::read(&fields);
    let new = NewEnrolmentConfiguration {
        display_name: typed.name.clone(),
        description: typed.description(),
        content: DeviceLimit {
            devices: typed.devices(),
        },
        priority: None,
    };
    let engine = administrator.engine();
    match engine
        .create_enrolment_configuration(&administrator.actor, new)
        .await
    {
        Ok(limit) => Ok(to_groups(&limit)),
        Err(error) => again(&administrator, None, typed, error),
    }
}

/// `GET /console/enrolment/limits/{id}`
pub(super) async fn show_limit(administrator: Administrator, Path(id): Path<Uuid>) -> Answer {
    let limit: EnrolmentLimit = find(&administrator, id).await?;
    let typed = Typed {
        name: limit.display_name.clone(),
        description: limit.description.clone().unwrap_or_default(),
        devices: limit.content.devices.to_string(),
    };
    Ok(form(&administrator, Some(limit), typed, BTreeMap::new()))
}

/// `POST /console/enrolment/limits/{id}`
pub(super) async fn update_limit(
    administrator: Administrator,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Answer {
    let limit: EnrolmentLimit = find(&administrator, id).await?;
    let typed = Typed::read(&fields);
    // The form of the limit of everybody has no other field.
    let has_texts = !limit.is_of_everybody();
    let change = EnrolmentConfigurationChange {
        display_name: has_texts.then(|| typed.name.clone()),
        description: has_texts.then(|| typed.description()),
        content: Some(typed.devices()),
    };
    let engine = administrator.engine();
    match engine
        .update_enrolment_configuration::<DeviceLimit>(&administrator.actor, limit.id, change)
        .await
    {
        Ok(_) => Ok(redirect(LIMITS)),
        Err(error) => again(&administrator, Some(limit), typed, error),
    }
}

/// What is typed into the form.
struct Typed {
    name: String,
    description: String,
    devices: String,
}

impl Typed {
    fn read(fields: &Fields) -> Self {
        let text = |name| fields.text(name).trim().to_owned();
        Self {
            name: text("displayName"),
            description: text("description"),
            devices: text("limit"),
        }
    }

    fn description(&self) -> Option<String> {
        Some(self.description.clone()).filter(|text| !text.is_empty())
    }

    /// What is no number is out of range.
    fn devices(&self) -> i64 {
        self.devices.parse().unwrap_or_default()
    }
}

fn again(
    administrator: &Administrator,
    limit: Option<EnrolmentLimit>,
    typed: Typed,
    error: EngineError,
) -> Answer {
    match administrator.beside(error) {
        Ok(wrong) => Ok(form(administrator, limit, typed, wrong)),
        Err(error) => Err(Failure(error)),
    }
}

fn form(
    administrator: &Administrator,
    limit: Option<EnrolmentLimit>,
    typed: Typed,
    mut wrong: Wrong,
) -> Response {
    let status = form_status(wrong.is_empty());
    let page = administrator.page();
    let mut of = |property, id| said_of(&mut wrong, &page, (property, id));
    let edit = Edit {
        name_wrong: of("displayName", "enrolment-name-wrong"),
        description_wrong: of("description", "enrolment-description-wrong"),
        devices_wrong: of("limit", "enrolment-limit-wrong"),
        problem: said_above(wrong),
        can_change: administrator.actor.may(Action::OrganizationUpdate),
        name: typed.name,
        description: typed.description,
        devices: typed.devices,
        limit,
        page,
    };
    render(status, &edit)
}
