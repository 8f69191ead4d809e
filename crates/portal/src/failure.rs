//! What a page says when something did not work.

use axum::http::request::Parts;
use mandate_engine::EngineError;
use mandate_ui::{Door, Resident};
use mandate_web::Page;

pub(crate) use mandate_ui::failure::{Answer, Failure};
pub(crate) use mandate_ui::show_message;

use crate::colleague::Colleague;

impl Resident for Colleague {
    const HOME: &'static str = "/portal/";

    async fn page(door: &Door, parts: &Parts) -> Result<Option<Page>, EngineError> {
        let found = Self::find(door, parts).await?;
        Ok(found.map(|colleague| colleague.page()))
    }
}
