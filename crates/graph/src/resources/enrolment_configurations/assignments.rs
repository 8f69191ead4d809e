//! For whose people an enrolment configuration is.

use std::collections::BTreeSet;

use mandate_model::{GroupId, Target};
use serde_json::{Map, Value, json};

use super::{COLLECTION, Sort, key_of, named};
use crate::entity::Entity;
use crate::error::{GraphError, Result};
use crate::odata::Keyed;
use crate::page::Listing;
use crate::reply::Reply;
use crate::request::GraphRequest;
use crate::resources::profiles::targets::{read_assignment, target_json};
use crate::state::GraphState;

const DECLARED: &str = "enrollmentConfigurationAssignment";
const LIST: &str = "enrollmentConfigurationAssignments";

/// `GET deviceManagement/deviceEnrollmentConfigurations/{id}/assignments`
pub(super) async fn list_assignments_of<S: Sort>(
    state: &GraphState,
    request: &GraphRequest,
) -> Result<Reply> {
    let one = named::<S>(state, request).await?;
    let key = key_of::<S>(state, one.id);
    let row = |group: &GroupId| Keyed {
        key: group.to_string(),
        entity: assignment_entity(&key, *group),
    };
    let rows = one.groups.iter().map(row).collect();
    let context = format!("{COLLECTION}('{key}')/assignments");
    Listing::management(DECLARED, context)
        .page_of(request, rows)
        .await
}

/// The groups of the body of `assign`.
pub(super) fn read_groups(body: &Map<String, Value>) -> Result<BTreeSet<GroupId>> {
    let items = body.get(LIST).and_then(|value| value.as_array());
    let items = items.ok_or_else(|| {
        GraphError::invalid(LIST, format!("`{LIST}` is required and must be a list"))
    })?;
    let mut groups = BTreeSet::new();
    for (index, item) in items.iter().enumerate() {
        let place = format!("{LIST}[{index}]");
        groups.insert(included(&place, read_assignment(&place, item)?)?);
    }
    Ok(groups)
}

fn included(place: &str, target: Target) -> Result<GroupId> {
    match target {
        Target::Group(group) => Ok(group),
        Target::AllUsers | Target::AllDevices | Target::Exclude(_) => {
            let message = format!(
                "`{place}.target` must be a `groupAssignmentTarget`: the default is for everybody else"
            );
            Err(GraphError::invalid(format!("{place}.target"), message))
        }
    }
}

/// The id is `CONFIGURATION_GROUP`, in the manner of all assignments.
fn assignment_entity(key: &str, group: GroupId) -> Entity {
    let id = format!("{key}_{group}");
    let path = format!("{COLLECTION}('{key}')/assignments('{id}')");
    let body = json!({
        "id": id,
        "source": "direct",
        "sourceId": key,
        "target": target_json(Target::Group(group)),
    });
    Entity::from_json(DECLARED, path, body)
}
