//! For whose people a limit is.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use mandate_model::{GroupId, Target};
use serde_json::{Map, Value, json};

use super::{COLLECTION, id_of, key_of, named};
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
pub(in crate::resources) async fn list_assignments(
    state: &GraphState,
    request: &GraphRequest,
) -> Result<Reply> {
    let limit = named(state, request).await?;
    let key = key_of(state, limit.id);
    let rows = assignment_rows(&key, &limit.groups);
    let context = format!("{COLLECTION}('{key}')/assignments");
    Listing::management(DECLARED, context)
        .page_of(request, rows)
        .await
}

/// `POST deviceManagement/deviceEnrollmentConfigurations/{id}/assign`: replaces the whole set; 200 without a body.
pub(in crate::resources) async fn assign_limit(
    state: &GraphState,
    request: &GraphRequest,
) -> Result<Reply> {
    let id = id_of(state, request.key(0))?;
    let groups = read_groups(request.object()?)?;
    state
        .engine()
        .assign_enrolment_limit(&request.actor, id, groups)
        .await?;
    Ok(Reply::Empty(StatusCode::OK))
}

/// The groups of the body of `assign`.
pub(in crate::resources) fn read_groups(body: &Map<String, Value>) -> Result<BTreeSet<GroupId>> {
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

/// The assignments of a configuration.
pub(in crate::resources) fn assignment_rows(key: &str, groups: &BTreeSet<GroupId>) -> Vec<Keyed> {
    let row = |group: &GroupId| Keyed {
        key: group.to_string(),
        entity: assignment_entity(key, *group),
    };
    groups.iter().map(row).collect()
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
fn assignment_entity(limit: &str, group: GroupId) -> Entity {
    let id = format!("{limit}_{group}");
    let path = format!("{COLLECTION}('{limit}')/assignments('{id}')");
    let body = json!({
        "id": id,
        "source": "direct",
        "sourceId": limit,
        "target": target_json(Target::Group(group)),
    });
    Entity::from_json(DECLARED, path, body)
}
