//! What the organisation says of directories that people come from.

use serde_json::json;

use crate::entity::Entity;
use crate::error::Result;
use crate::state::GraphState;

/// The entity with whether people come from a directory, and when one was last read.
pub(super) async fn with_synchronization(state: &GraphState, mut entity: Entity) -> Result<Entity> {
    if let Some(latest) = state.engine().last_synchronization().await? {
        let latest = latest.map(|at| at.to_string());
        entity
            .body
            .insert("onPremisesSyncEnabled".to_owned(), json!(true));
        entity
            .body
            .insert("onPremisesLastSyncDateTime".to_owned(), json!(latest));
    }
    Ok(entity)
}
