//! Categories of devices, and whether people choose one when they enrol.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use mandate_engine::{Action, DeviceCategory, DeviceCategoryChange, EngineError};
use mandate_model::DeviceCategoryId;
use mandate_ui::redirect;
use mandate_web::{Fields, Page, render};
use uuid::Uuid;

use super::{CATEGORIES, Tabs};
use crate::administrator::Administrator;
use crate::failure::{Answer, Failure};

#[derive(Template)]
#[template(path = "enrolment/categories.html")]
#[expect(clippy::struct_field_names, reason = "the page lists categories")]
struct Categories {
    page: Page,
    tabs: Tabs,
    categories: Vec<DeviceCategory>,
    fields: Typed,
    can_change: bool,
    /// Whether people choose, for those who may see it.
    is_chosen: Option<bool>,
    can_choose: bool,
}

#[derive(Template)]
#[template(path = "enrolment/category.html")]
struct Category {
    page: Page,
    id: DeviceCategoryId,
    fields: Typed,
}

#[derive(Template)]
#[template(path = "enrolment/category_delete.html")]
struct Delete {
    page: Page,
    category: DeviceCategory,
    problem: String,
}

/// What was typed, and what is wrong with it.
#[derive(Default)]
struct Typed {
    name: String,
    description: String,
    wrong_name: String,
    wrong_description: String,
    problem: String,
}

impl Typed {
    fn of(fields: &Fields) -> Self {
        Self {
            name: fields.text("displayName").trim().to_owned(),
            description: fields.text("description").trim().to_owned(),
            ..Self::default()
        }
    }

    fn change(&self) -> DeviceCategoryChange {
        let description = Some(self.description.clone()).filter(|text| !text.is_empty());
        DeviceCategoryChange {
            display_name: Some(self.name.clone()),
            description: Some(description),
        }
    }

    fn with(mut self, mut wrong: BTreeMap<String, String>) -> Self {
        self.wrong_name = wrong.remove("displayName").unwrap_or_default();
        self.wrong_description = wrong.remove("description").unwrap_or_default();
        self.problem = wrong.into_values().collect::<Vec<_>>().join(" ");
        self
    }

    fn status(&self) -> StatusCode {
        let texts = [&self.wrong_name, &self.wrong_description, &self.problem];
        if texts.iter().all(|text| text.is_empty()) {
            StatusCode::OK
        } else {
            StatusCode::BAD_REQUEST
        }
    }
}

/// `GET /console/enrolment/categories`
pub(super) async fn list_categories(administrator: Administrator) -> Answer {
    shown(&administrator, Typed::default()).await
}

/// `POST /console/enrolment/categories`
pub(super) async fn add_category(administrator: Administrator, fields: Fields) -> Answer {
    let typed = Typed::of(&fields);
    let engine = administrator.engine();
    match engine
        .create_device_category(&administrator.actor, typed.change())
        .await
    {
        Ok(_) => Ok(redirect(CATEGORIES)),
        Err(error) => {
            let wrong = administrator.beside(error).map_err(Failure)?;
            shown(&administrator, typed.with(wrong)).await
        }
    }
}

/// `POST /console/enrolment/categories/choosing`: whether people choose.
pub(super) async fn set_choosing(administrator: Administrator, fields: Fields) -> Answer {
    let chooses = fields.text("chosen") == "on";
    administrator
        .engine()
        .set_chooses_category_at_enrolment(&administrator.actor, chooses)
        .await?;
    Ok(redirect(CATEGORIES))
}

/// `GET /console/enrolment/categories/{id}`
pub(super) async fn show_category(administrator: Administrator, Path(id): Path<Uuid>) -> Answer {
    administrator.actor.require(Action::DevicesUpdate)?;
    let category = find(&administrator, id).await?;
    let typed = Typed {
        name: category.display_name,
        description: category.description.unwrap_or_default(),
        ..Typed::default()
    };
    Ok(form(&administrator, category.id, typed))
}

/// `POST /console/enrolment/categories/{id}`
pub(super) async fn update_category(
    administrator: Administrator,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Answer {
    let (id, typed) = (DeviceCategoryId(id), Typed::of(&fields));
    let engine = administrator.engine();
    match engine
        .update_device_category(&administrator.actor, id, typed.change())
        .await
    {
        Ok(_) => Ok(redirect(CATEGORIES)),
        Err(error) => {
            let wrong = administrator.beside(error).map_err(Failure)?;
            Ok(form(&administrator, id, typed.with(wrong)))
        }
    }
}

/// `GET /console/enrolment/categories/{id}/delete`
pub(super) async fn show_delete(administrator: Administrator, Path(id): Path<Uuid>) -> Answer {
    administrator.actor.require(Action::DevicesUpdate)?;
    let category = find(&administrator, id).await?;
    Ok(ask(&administrator, category, String::new()))
}

/// `POST /console/enrolment/categories/{id}/delete`
pub(super) async fn delete_category(
    administrator: Administrator,
    Path(id): Path<Uuid>,
    _: Fields,
) -> Answer {
    let category = find(&administrator, id).await?;
    let engine = administrator.engine();
    match engine
        .delete_device_category(&administrator.actor, category.id)
        .await
    {
        Ok(()) => Ok(redirect(CATEGORIES)),
        Err(error) => {
            let wrong = administrator.beside(error).map_err(Failure)?;
            let problem = wrong.into_values().collect::<Vec<_>>().join(" ");
            Ok(ask(&administrator, category, problem))
        }
    }
}

fn ask(administrator: &Administrator, category: DeviceCategory, problem: String) -> Response {
    let status = if problem.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::CONFLICT
    };
    let template = Delete {
        page: administrator.page(),
        category,
        problem,
    };
    render(status, &template)
}

fn form(administrator: &Administrator, id: DeviceCategoryId, fields: Typed) -> Response {
    let template = Category {
        page: administrator.page(),
        id,
        fields,
    };
    render(template.fields.status(), &template)
}

async fn find(administrator: &Administrator, id: Uuid) -> Result<DeviceCategory, Failure> {
    let engine = administrator.engine();
    let found = engine
        .find_device_category(&administrator.actor, DeviceCategoryId(id))
        .await?;
    found.ok_or_else(|| {
        Failure(EngineError::NotFound {
            what: "device category",
            id: id.to_string(),
        })
    })
}

async fn shown(administrator: &Administrator, fields: Typed) -> Answer {
    let (engine, actor) = (administrator.engine(), &administrator.actor);
    let categories = engine.list_device_categories(actor).await?;
    let is_chosen = if actor.may(Action::OrganizationRead) {
        Some(engine.chooses_category_at_enrolment(actor).await?)
    } else {
        None
    };
    let template = Categories {
        page: administrator.page(),
        tabs: Tabs::of(administrator, CATEGORIES),
        categories,
        can_change: actor.may(Action::DevicesUpdate),
        is_chosen,
        can_choose: actor.may(Action::OrganizationUpdate),
        fields,
    };
    Ok(render(template.fields.status(), &template))
}
