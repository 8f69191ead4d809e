//! For whom terms are: everybody, or people of groups.

use mandate_engine::{Terms, TermsTarget};
use mandate_model::{GroupId, Target, TermsId};
use serde_json::{Value, json};
use uuid::{Uuid, uuid};

use super::{COLLECTION, named};
use crate::entity::Entity;
use crate::error::{GraphError, Result};
use crate::odata::Keyed;
use crate::page::Listing;
use crate::reply::Reply;
use crate::request::GraphRequest;
use crate::resources::profiles::targets::{read_assignment, target_json};
use crate::state::GraphState;

const DECLARED: &str = "termsAndConditionsAssignment";
const OF_GROUP: &str = "termsAndConditionsGroupAssignment";
const WHAT: &str = "assignment of terms";
/// The pseudo group that stands for all users in ids of assignments.
const ALL_USERS: Uuid = uuid!("acacacac-9df4-4c7d-9d50-4ef0226f57a9");

/// `GET deviceManagement/termsAndConditions/{id}/assignments`
pub(crate) async fn list_assignments(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let terms = named(state, request).await?;
    let rows = terms.targets.iter().map(|target| Keyed {
        key: key_of(terms.id, *target),
        entity: assignment_entity(terms.id, *target),
    });
    Listing::management(DECLARED, context(terms.id, "assignments"))
        .page_of(request, rows.collect())
        .await
}

/// `POST deviceManagement/termsAndConditions/{id}/assignments`: one more; 201.
pub(crate) async fn create_assignment(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let body = Value::Object(request.object()?.clone());
    let target = match read_assignment("", &body)? {
        Target::AllUsers => TermsTarget::AllUsers,
        Target::Group(group) => TermsTarget::Group(group),
        Target::AllDevices | Target::Exclude(_) => {
            let message = "`target` must be a `groupAssignmentTarget` or the `allLicensedUsersAssignmentTarget`";
            return Err(GraphError::invalid("target", message));
        }
    };
    let terms = add(state, request, target).await?;
    let entity = assignment_entity(terms.id, target);
    let context = context(terms.id, "assignments");
    Ok(Reply::created(entity, DECLARED, context))
}

/// `GET deviceManagement/termsAndConditions/{id}/assignments/{assignment}`
pub(crate) async fn show_assignment(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let (terms, target) = assigned(state, request).await?;
    let entity = assignment_entity(terms.id, target);
    let context = context(terms.id, "assignments");
    Ok(Reply::entity(entity, DECLARED, context))
}

/// `DELETE deviceManagement/termsAndConditions/{id}/assignments/{assignment}`: 204.
pub(crate) async fn delete_assignment(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let (terms, target) = assigned(state, request).await?;
    let mut targets = terms.targets;
    targets.remove(&target);
    state
        .engine()
        .assign_terms(&request.actor, terms.id, targets)
        .await?;
    Ok(Reply::no_content())
}

/// `GET deviceManagement/termsAndConditions/{id}/groupAssignments`: the legacy form, without everybody.
pub(crate) async fn list_group_assignments(
    state: &GraphState,
    request: &GraphRequest,
) -> Result<Reply> {
    let terms = named(state, request).await?;
    let rows = terms.targets.iter().filter_map(|target| match target {
        TermsTarget::AllUsers => None,
        TermsTarget::Group(group) => Some(Keyed {
            key: group.to_string(),
            entity: group_entity(terms.id, *group),
        }),
    });
    Listing::management(OF_GROUP, context(terms.id, "groupAssignments"))
        .page_of(request, rows.collect())
        .await
}

/// `POST deviceManagement/termsAndConditions/{id}/groupAssignments`: one more; 201.
pub(crate) async fn create_group_assignment(
    state: &GraphState,
    request: &GraphRequest,
) -> Result<Reply> {
    let value = request.object()?.get("targetGroupId");
    let text = value.and_then(Value::as_str).unwrap_or_default();
    let group: GroupId = text.parse().map_err(|_| {
        let message = format!("`targetGroupId` must be the id of a group, but is `{text}`");
        GraphError::invalid("targetGroupId", message)
    })?;
    let terms = add(state, request, TermsTarget::Group(group)).await?;
    let entity = group_entity(terms.id, group);
    let context = context(terms.id, "groupAssignments");
    Ok(Reply::created(entity, OF_GROUP, context))
}

async fn add(state: &GraphState, request: &GraphRequest, target: TermsTarget) -> Result<Terms> {
    let terms = named(state, request).await?;
    let mut targets = terms.targets;
    targets.insert(target);
    let assigned = state
        .engine()
        .assign_terms(&request.actor, terms.id, targets);
    Ok(assigned.await?)
}

/// The terms and the assignment that the path names.
async fn assigned(state: &GraphState, request: &GraphRequest) -> Result<(Terms, TermsTarget)> {
    let terms = named(state, request).await?;
    let key = request.key(1);
    let target = terms
        .targets
        .iter()
        .find(|target| key_of(terms.id, **target).eq_ignore_ascii_case(key))
        .copied()
        .ok_or_else(|| GraphError::no_such(WHAT, key))?;
    Ok((terms, target))
}

/// The id is `TERMS_GROUP`, in the manner of all assignments.
fn key_of(terms: TermsId, target: TermsTarget) -> String {
    match target {
        TermsTarget::AllUsers => format!("{terms}_{ALL_USERS}"),
        TermsTarget::Group(group) => format!("{terms}_{group}"),
    }
}

fn context(terms: TermsId, what: &str) -> String {
    format!("{COLLECTION}('{terms}')/{what}")
}

fn assignment_entity(terms: TermsId, target: TermsTarget) -> Entity {
    let id = key_of(terms, target);
    let path = format!("{}('{id}')", context(terms, "assignments"));
    let target = match target {
        TermsTarget::AllUsers => Target::AllUsers,
        TermsTarget::Group(group) => Target::Group(group),
    };
    let body = json!({ "id": id, "target": target_json(target) });
    Entity::from_json(DECLARED, path, body)
}

fn group_entity(terms: TermsId, group: GroupId) -> Entity {
    let id = key_of(terms, TermsTarget::Group(group));
    let path = format!("{}('{id}')", context(terms, "groupAssignments"));
    let body = json!({ "id": id, "targetGroupId": group });
    Entity::from_json(OF_GROUP, path, body)
}
