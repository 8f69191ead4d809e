//! What can be allowed at all, and what is allowed to who asks.

use mandate_engine::Action;
use serde_json::{Map, Value, json};

use super::permissions::permissions_json;
use crate::entity::Entity;
use crate::error::{GraphError, Result};
use crate::odata::Keyed;
use crate::page::{Listing, check_select};
use crate::reply::Reply;
use crate::request::GraphRequest;
use crate::resources::found;
use crate::state::GraphState;

const OPERATIONS: &str = "deviceManagement/resourceOperations";
const DECLARED: &str = "resourceOperation";

/// `GET deviceManagement/resourceOperations`: all actions that a role can allow.
pub(crate) async fn list_operations(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    request.actor.require(Action::RolesRead)?;
    let actions = state.engine().resource_actions();
    let rows = actions.iter().map(|action| Keyed {
        key: action.name().to_owned(),
        entity: operation_entity(*action),
    });
    Listing::management(DECLARED, OPERATIONS)
        .page_of(request, rows.collect())
        .await
}

/// `GET deviceManagement/resourceOperations/{id}`; the id is the name of the action.
pub(crate) async fn show_operation(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    request.actor.require(Action::RolesRead)?;
    check_select(&request.query, DECLARED)?;
    let actions = state.engine().resource_actions();
    let action = Action::parse(request.key(0)).filter(|action| actions.contains(action));
    let action = found(action, "resource operation", request.key(0))?;
    Ok(Reply::entity(
        operation_entity(action),
        DECLARED,
        OPERATIONS,
    ))
}

/// `GET deviceManagement/getEffectivePermissions()`: names of what the caller may do anywhere; with `scope='TAG'`, what
/// they may do on objects with a scope tag, in the form of a role's permissions.
pub(crate) async fn list_effective_permissions(
    state: &GraphState,
    request: &GraphRequest,
) -> Result<Reply> {
    let scope = argument(request, "scope");
    let actions = state.engine().effective_actions(&request.actor, scope);
    let names: Vec<String> = actions
        .into_iter()
        .map(|action| action.name().to_owned())
        .collect();
    Ok(match scope {
        None => Reply::Value {
            context: "Collection(Edm.String)".to_owned(),
            value: json!(names),
        },
        Some(_) => Reply::Value {
            context: "Collection(microsoft.graph.rolePermission)".to_owned(),
            value: permissions_json(&names),
        },
    })
}

/// `GET deviceManagement/getAssignedRoleDetails()`: the roles that the caller has, and by which assignments.
pub(crate) async fn show_assigned_roles(
    state: &GraphState,
    request: &GraphRequest,
) -> Result<Reply> {
    let held = state.engine().held_roles(&request.actor).await?;
    let mut roles: Vec<Value> = held.iter().map(|held| json!(held.role_id)).collect();
    roles.dedup();
    let assignments: Vec<Value> = held.iter().map(|held| json!(held.assignment_id)).collect();
    Ok(Reply::Object {
        context: "microsoft.graph.deviceAndAppManagementAssignedRoleDetails".to_owned(),
        body: Map::from_iter([
            ("roleDefinitionIds".to_owned(), Value::Array(roles)),
            ("roleAssignmentIds".to_owned(), Value::Array(assignments)),
        ]),
    })
}

/// `GET deviceManagement/scopedForResource(resource='…')`: whether scope tags limit what the caller sees of a resource.
pub(crate) async fn say_whether_scoped(
    state: &GraphState,
    request: &GraphRequest,
) -> Result<Reply> {
    let resource = argument(request, "resource").unwrap_or_default();
    let about = |action: &&Action| action.resource().eq_ignore_ascii_case(resource);
    let mut actions = state
        .engine()
        .resource_actions()
        .iter()
        .filter(about)
        .peekable();
    if actions.peek().is_none() {
        let message = format!(
            "`resource` must be a resource of `resourceOperations`, such as `DeviceConfigurations`, but is `{resource}`"
        );
        return Err(GraphError::invalid("resource", message));
    }
    let mut limits = actions.filter_map(|action| request.actor.tags_for(*action).ok());
    Ok(Reply::Value {
        context: "Edm.Boolean".to_owned(),
        value: json!(limits.any(|limit| limit.is_some())),
    })
}

fn argument<'a>(request: &'a GraphRequest, name: &str) -> Option<&'a str> {
    let mut found = request.arguments.iter();
    found
        .find(|(argument, _)| argument.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.as_str())
}

fn operation_entity(action: Action) -> Entity {
    let (resource, verb) = (words(action.resource()), words(action.verb()));
    let body = json!({
        "id": action.name(),
        "resource": action.resource(),
        "resourceName": resource,
        "actionName": verb,
        "description": format!("{resource}: {}", verb.to_lowercase()),
        "enabledForScopeValidation": true,
    });
    Entity::from_json(DECLARED, format!("{OPERATIONS}('{}')", action.name()), body)
}

/// `SetPrimaryUser` is `Set primary user`.
fn words(name: &str) -> String {
    let mut text = String::with_capacity(name.len() + 4);
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !text.is_empty() {
            text.push(' ');
            text.push(letter.to_ascii_lowercase());
        } else {
            text.push(letter);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_action_is_described_in_words() {
        let entity = operation_entity(Action::DevicesSetPrimaryUser);
        assert_eq!(entity.body["resourceName"], "Managed devices");
        assert_eq!(entity.body["actionName"], "Set primary user");
        assert_eq!(
            entity.body["description"],
            "Managed devices: set primary user"
        );
    }
}
