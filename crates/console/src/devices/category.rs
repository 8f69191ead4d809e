//! The category of a device.

use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use mandate_engine::{Action, DeviceCategory};
use mandate_model::{DeviceCategoryId, DeviceId};
use mandate_ui::redirect;
use mandate_web::{Fields, Page, render};

use super::device_id;
use super::show::found;
use crate::administrator::Administrator;
use crate::failure::{Answer, Failure};

#[derive(Template)]
#[template(path = "devices/category.html")]
struct Choose {
    page: Page,
    id: DeviceId,
    name: String,
    categories: Vec<DeviceCategory>,
    chosen: Option<DeviceCategoryId>,
    problem: String,
}

impl Choose {
    fn is_chosen(&self, id: &DeviceCategoryId) -> bool {
        self.chosen.as_ref() == Some(id)
    }
}

/// `GET /console/devices/{id}/category`
pub(super) async fn show_choice(administrator: Administrator, Path(id): Path<String>) -> Answer {
    administrator.actor.require(Action::DevicesUpdate)?;
    choose(&administrator, device_id(&id)?, String::new()).await
}

/// `POST /console/devices/{id}/category`: an empty choice takes it away.
pub(super) async fn choose_category(
    administrator: Administrator,
    Path(id): Path<String>,
    fields: Fields,
) -> Answer {
    let id = device_id(&id)?;
    let category = fields.text("category");
    let category = if category.is_empty() {
        None
    } else if let Ok(category) = category.parse() {
        Some(category)
    } else {
        let problem = administrator.language().text("devices-category-none-such");
        return choose(&administrator, id, problem).await;
    };
    let engine = administrator.engine();
    let done = engine
        .categorise_device(&administrator.actor, id, category)
        .await;
    match done {
        Ok(()) => Ok(redirect(&format!("/console/devices/{id}"))),
        Err(error) => {
            let wrong = administrator.beside(error).map_err(Failure)?;
            let problem = wrong.into_values().collect::<Vec<_>>().join(" ");
            choose(&administrator, id, problem).await
        }
    }
}

async fn choose(
    administrator: &Administrator,
    id: DeviceId,
    problem: String,
) -> Result<Response, Failure> {
    let view = found(administrator, id).await?;
    let (engine, actor) = (administrator.engine(), &administrator.actor);
    let labels = engine.device_labels(actor, id, id).await?;
    let status = if problem.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::BAD_REQUEST
    };
    let template = Choose {
        page: administrator.page(),
        id,
        name: view.device.display_name(),
        categories: engine.list_device_categories(actor).await?,
        chosen: labels.first().and_then(|label| label.category),
        problem,
    };
    Ok(render(status, &template))
}
