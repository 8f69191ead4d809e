//! What a page says when something did not work.

use axum::http::request::Parts;
use mandate_engine::EngineError;
use mandate_ui::{Door, Resident};
use mandate_web::Page;

pub(crate) use mandate_ui::failure::{
    Answer, Failure, Wrong, form_status, said_above, said_elsewhere, said_of,
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

impl Administrator {
    /// What a form shows of an error, in their language. An error that no other input would mend comes back.
    pub(crate) fn beside(&self, error: EngineError) -> Result<Wrong, EngineError> {
        mandate_ui::failure::beside(self.language(), error)
    }
}
