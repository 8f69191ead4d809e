//! Groups whose devices get a scope tag by themselves.

use mandate_model::{GroupId, Target};
use serde_json::{Value, json};

use super::COLLECTION;
use crate::entity::Entity;
use crate::error::{GraphError, Result};
use crate::odata::{Keyed, annotate};
use crate::page::Listing;
use crate::reply::Reply;
use crate::request::GraphRequest;
use crate::resources::profiles::targets::{read_targets, target_json};
use crate::state::GraphState;

const DECLARED: &str = "roleScopeTagAutoAssignment";

/// `GET deviceManagement/roleScopeTags/{id}/assignments`
pub(crate) async fn list_assignments(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let tag = request.key(0);
    let groups = state.engine().scope_tag_groups(&request.actor, tag).await?;
    let rows = groups.into_iter().map(|group| Keyed {
        key: group.to_string(),
        entity: assignment_entity(tag, group),
    });
    let context = format!("{COLLECTION}('{tag}')/assignments");
    Listing::management(DECLARED, context)
        .page_of(request, rows.collect())
        .await
}

/// `POST deviceManagement/roleScopeTags/{id}/assign`: replaces the whole set; 200 with it.
pub(crate) async fn assign_tag(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let tag = request.key(0);
    let targets = read_targets(request.object()?)?;
    let groups: Result<Vec<GroupId>> = targets.into_iter().map(included).collect();
    let groups = state
        .engine()
        .assign_scope_tag(&request.actor, tag, groups?)
        .await?;
    let shown = groups.into_iter().map(|group| {
        let entity = assignment_entity(tag, group);
        Value::Object(annotate(request.context(), entity, DECLARED))
    });
    Ok(Reply::Value {
        context: format!("Collection(microsoft.graph.{DECLARED})"),
        value: shown.collect(),
    })
}

fn included(target: Target) -> Result<GroupId> {
    match target {
        Target::Group(group) => Ok(group),
        Target::AllUsers | Target::AllDevices | Target::Exclude(_) => {
            let message =
                "`assignments`: a scope tag is assigned to groups, by `groupAssignmentTarget`";
            Err(GraphError::invalid("assignments", message))
        }
    }
}

/// The id is `TAG_GROUP`, in the manner of all assignments.
fn assignment_entity(tag: &str, group: GroupId) -> Entity {
    let id = format!("{tag}_{group}");
    let path = format!("{COLLECTION}('{tag}')/assignments('{id}')");
    let body = json!({ "id": id, "target": target_json(Target::Group(group)) });
    Entity::from_json(DECLARED, path, body)
}
