//! Whom a profile is for.

use axum::http::StatusCode;
use mandate_model::{ProfileId, Target};
use serde_json::{Value, json};

use super::below;
use super::targets::{
    assignment_id, read_assignment, read_group_assignment, read_targets, target_json,
};
use crate::entity::Entity;
use crate::error::{GraphError, Result};
use crate::odata::{Keyed, annotate};
use crate::page::Listing;
use crate::render::show;
use crate::reply::Reply;
use crate::request::GraphRequest;
use crate::state::GraphState;

const DECLARED: &str = "deviceConfigurationAssignment";
const GROUP_DECLARED: &str = "deviceConfigurationGroupAssignment";

/// `POST …/assign`: replaces the whole set.
pub(crate) async fn assign_profile(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let id: ProfileId = request.id(0, "profile")?;
    let targets = read_targets(request.object()?)?;
    let assignments = state
        .engine()
        .assign_profile(&request.actor, id, targets)
        .await?;
    let shown = assignments.iter().map(|assignment| {
        let mut entity = assignment_entity(id, assignment.target);
        show(&mut entity, request.version, &request.query);
        Value::Object(annotate(request.context(), entity, DECLARED))
    });
    let context = format!("Collection(microsoft.graph.{DECLARED})");
    Ok(Reply::Value {
        context,
        value: shown.collect(),
    })
}

/// `GET …/assignments`
pub(crate) async fn list_assignments(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let id: ProfileId = request.id(0, "profile")?;
    let targets = targets_of(state, request, id).await?;
    let rows = targets.into_iter().map(|target| Keyed {
        key: row_key(id, target),
        entity: assignment_entity(id, target),
    });
    Listing::management(DECLARED, below(id, "assignments"))
        .page_of(request, rows.collect())
        .await
}

/// `GET …/assignments/{assignment}`
pub(crate) async fn show_assignment(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let id: ProfileId = request.id(0, "profile")?;
    let targets = targets_of(state, request, id).await?;
    let found = targets
        .into_iter()
        .find(|target| is_named(request, id, *target));
    let target = found.ok_or_else(|| GraphError::no_such("assignment", request.key(1)))?;
    Ok(Reply::entity(
        assignment_entity(id, target),
        DECLARED,
        below(id, "assignments"),
    ))
}

/// `POST …/assignments`: adds one.
pub(crate) async fn add_assignment(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let id: ProfileId = request.id(0, "profile")?;
    let target = read_assignment("", &Value::Object(request.object()?.clone()))?;
    add(state, request, id, target).await?;
    Ok(Reply::created(
        assignment_entity(id, target),
        DECLARED,
        below(id, "assignments"),
    ))
}

/// `DELETE …/assignments/{assignment}`: 200, like every deletion below `deviceConfigurations`.
pub(crate) async fn remove_assignment(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let id: ProfileId = request.id(0, "profile")?;
    let mut targets = targets_of(state, request, id).await?;
    let before = targets.len();
    targets.retain(|target| !is_named(request, id, *target));
    if targets.len() == before {
        return Err(GraphError::no_such("assignment", request.key(1)));
    }
    state
        .engine()
        .assign_profile(&request.actor, id, targets)
        .await?;
    Ok(Reply::Empty(StatusCode::OK))
}

/// `GET …/groupAssignments`: the same, of groups only, in the older form.
pub(crate) async fn list_group_assignments(
    state: &GraphState,
    request: &GraphRequest,
) -> Result<Reply> {
    let id: ProfileId = request.id(0, "profile")?;
    let targets = targets_of(state, request, id).await?;
    let rows = targets.into_iter().filter_map(|target| {
        Some(Keyed {
            key: row_key(id, target),
            entity: group_assignment_entity(id, target)?,
        })
    });
    Listing::management(GROUP_DECLARED, below(id, "groupAssignments"))
        .page_of(request, rows.collect())
        .await
}

/// `POST …/groupAssignments`
pub(crate) async fn add_group_assignment(
    state: &GraphState,
    request: &GraphRequest,
) -> Result<Reply> {
    let id: ProfileId = request.id(0, "profile")?;
    let target = read_group_assignment("", &Value::Object(request.object()?.clone()))?;
    add(state, request, id, target).await?;
    let entity = group_assignment_entity(id, target).ok_or_else(GraphError::internal)?;
    Ok(Reply::created(
        entity,
        GROUP_DECLARED,
        below(id, "groupAssignments"),
    ))
}

async fn add(
    state: &GraphState,
    request: &GraphRequest,
    id: ProfileId,
    target: Target,
) -> Result<()> {
    let mut targets = targets_of(state, request, id).await?;
    targets.push(target);
    state
        .engine()
        .assign_profile(&request.actor, id, targets)
        .await?;
    Ok(())
}

async fn targets_of(
    state: &GraphState,
    request: &GraphRequest,
    id: ProfileId,
) -> Result<Vec<Target>> {
    let assignments = state.engine().list_assignments(&request.actor, id).await?;
    Ok(assignments
        .into_iter()
        .map(|assignment| assignment.target)
        .collect())
}

fn is_named(request: &GraphRequest, id: ProfileId, target: Target) -> bool {
    assignment_id(id, target).eq_ignore_ascii_case(request.key(1))
}

/// A group that is both included and excluded has one id, but two rows.
fn row_key(id: ProfileId, target: Target) -> String {
    format!(
        "{}{}",
        assignment_id(id, target),
        if matches!(target, Target::Exclude(_)) {
            "-"
        } else {
            ""
        }
    )
}

fn assignment_entity(id: ProfileId, target: Target) -> Entity {
    let key = assignment_id(id, target);
    let body = json!({
        "id": key,
        "intent": "apply",
        "source": "direct",
        "sourceId": id,
        "target": target_json(target),
    });
    Entity::from_json(DECLARED, below(id, &format!("assignments('{key}')")), body)
}

fn group_assignment_entity(id: ProfileId, target: Target) -> Option<Entity> {
    let (group, excluded) = match target {
        Target::Group(group) => (group, false),
        Target::Exclude(group) => (group, true),
        Target::AllUsers | Target::AllDevices => return None,
    };
    let key = assignment_id(id, target);
    let body = json!({ "id": key, "targetGroupId": group, "excludeGroup": excluded });
    Some(Entity::from_json(
        GROUP_DECLARED,
        below(id, &format!("groupAssignments('{key}')")),
        body,
    ))
}
