//! What the last test found, kept for the checklist.

use mandate_store::Session;

use super::ConnectionTest;
use crate::EngineError;

/// Name of the setting in the store.
const NAME: &str = "connections.tested";

/// The last test, if there was one.
pub(crate) async fn last_test(
    session: &mut Session,
) -> Result<Option<ConnectionTest>, EngineError> {
    let Some(text) = session.find_setting(NAME).await? else {
        return Ok(None);
    };
    let read = serde_json::from_str(&text);
    read.map(Some)
        .map_err(|error| EngineError::Internal(format!("setting `{NAME}` cannot be read: {error}")))
}

pub(super) async fn store_test(
    session: &mut Session,
    test: &ConnectionTest,
) -> Result<(), EngineError> {
    let written = serde_json::to_string(test).expect("texts, numbers and switches");
    Ok(session.set_setting(NAME, &written).await?)
}
