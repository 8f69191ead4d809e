//! The profiles that others refer to, by name.

use std::collections::BTreeMap;

use mandate_engine::EngineError;
use mandate_model::ProfileId;

use crate::administrator::Administrator;

/// Names of the profiles that are referred to, by navigation property.
pub(super) async fn reference_names(
    administrator: &Administrator,
    references: &BTreeMap<String, ProfileId>,
) -> Result<BTreeMap<String, String>, EngineError> {
    let mut names = BTreeMap::new();
    for (property, id) in references {
        let engine = administrator.engine();
        let profile = engine.find_profile(&administrator.actor, *id).await?;
        let name = profile.map_or_else(
            || administrator.language().text("profiles-hidden-profile"),
            |profile| profile.display_name,
        );
        names.insert(property.clone(), name);
    }
    Ok(names)
}
