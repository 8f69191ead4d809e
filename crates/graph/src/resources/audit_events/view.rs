//! An entry of the audit as Graph's `auditEvent`.

use mandate_engine::{AuditEvent, PropertyChange};
use serde_json::{Value, json};

use crate::entity::Entity;

pub(super) fn event_entity(event: &AuditEvent) -> Entity {
    let AuditEvent {
        resource, actor, ..
    } = event;
    let what = format!("{} {}", event.activity, resource.type_name);
    let request = event
        .request_id
        .as_deref()
        .and_then(|id| uuid::Uuid::try_parse(id).ok());
    let id = event.id.to_string();
    let path = format!("{}('{id}')", super::COLLECTION);
    let body = json!({
        "id": id,
        "displayName": what,
        "componentName": event.category,
        "activity": event.activity,
        "activityDateTime": event.at.to_string(),
        "activityType": what,
        "activityOperationType": operation(&event.operation),
        "activityResult": if event.activity == "signInFailed" { "Failure" } else { "Success" },
        "correlationId": request.unwrap_or(event.id),
        "category": event.category,
        "actor": {
            "type": actor_type(&actor.kind),
            "auditActorType": actor_type(&actor.kind),
            "userPermissions": [],
            "applicationId": actor.app_id,
            "applicationDisplayName": application(event),
            "userPrincipalName": (actor.kind == "person").then_some(&actor.name),
            "servicePrincipalName": (actor.kind == "app").then_some(&actor.app_name),
            "userId": actor.id.filter(|_| actor.kind == "person"),
            "ipAddress": event.ip_address,
            "remoteTenantId": null,
            "remoteUserId": null,
            "userRoleScopeTags": [],
        },
        "resources": [{
            "displayName": resource.name,
            "type": resource.type_name,
            "auditResourceType": resource.type_name,
            "resourceId": resource.id,
            "modifiedProperties": event.changes.iter().map(property).collect::<Vec<_>>(),
        }],
    });
    Entity::from_json(super::DECLARED, path, body)
}

/// Graph says `Patch` where we say `update`.
fn operation(operation: &str) -> &'static str {
    match operation {
        "create" => "Create",
        "update" => "Patch",
        "delete" => "Delete",
        _ => "Action",
    }
}

/// People are `ItPro`, whatever client they use.
fn actor_type(kind: &str) -> &'static str {
    match kind {
        "person" => "ItPro",
        "app" => "Application",
        _ => "System",
    }
}

/// The client; what the server did by itself, or its command line, is under its own name.
fn application(event: &AuditEvent) -> Option<&str> {
    match event.actor.kind.as_str() {
        "system" => Some("mandate"),
        _ => event.actor.app_name.as_deref(),
    }
}

fn property(change: &PropertyChange) -> Value {
    json!({
        "displayName": change.name,
        "oldValue": text(&change.before),
        "newValue": text(&change.after),
    })
}

/// Graph has texts there: what is none is written as JSON.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}
