//! What a page says when something did not work.

use axum::http::request::Parts;
use mandate_engine::EngineError;
use mandate_ui::{Door, Resident};
use mandate_web::Page;

pub(crate) use mandate_ui::failure::{
    Answer, Failure, Wrong, beside, form_status, said_above, said_of,
};
pub(crate) use mandate_ui::show_message;

use crate::administrator::Administrator;

impl Resident for Administrator {
    const HOME: &'static str = "/console/";
    /// A profile with certificates.
    const LARGEST_FORM: Option<usize> = Some(1024 * 1024);

    async fn page(door: &Door, parts: &Parts) -> Result<Option<Page>, EngineError> {
        let found = Self::find(door, parts).await?;
        Ok(found.map(|administrator| administrator.page()))
    }
}
