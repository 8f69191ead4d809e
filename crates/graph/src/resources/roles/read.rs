//! What requests say about roles and their assignments.

use std::collections::BTreeSet;

use mandate_engine::{
    Action, NewRole, NewRoleAssignment, RoleAssignmentChange, RoleChange, ScopeType,
};
use mandate_model::GroupId;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::permissions::read_permissions;
use crate::error::{GraphError, Result};
use crate::reference::Reference;
use crate::resources::body::{text, texts};

/// The properties of a role that a body mentions; the inner `Option` is `null`.
#[derive(Debug, Default)]
#[expect(clippy::option_option, reason = "absent, `null`, or a text")]
pub(super) struct DefinitionBody {
    display_name: Option<String>,
    description: Option<Option<String>>,
    actions: Option<Vec<String>>,
    scope_tags: Option<Vec<String>>,
}

impl DefinitionBody {
    /// `rolePermissions` counts, and `permissions`, its older name, where the other is absent: a client that sends back
    /// what it read has changed only the one that it knows.
    pub(super) fn read(body: &Map<String, Value>) -> Result<Self> {
        let mut read = Self::default();
        let mut older = None;
        for (name, value) in body {
            match name.as_str() {
                "displayName" => read.display_name = Some(text(name, value)?.unwrap_or_default()),
                "description" => read.description = Some(text(name, value)?),
                "rolePermissions" if !value.is_null() => {
                    read.actions = Some(read_permissions(name, value)?);
                }
                "permissions" if !value.is_null() => older = Some(read_permissions(name, value)?),
                "roleScopeTagIds" if !value.is_null() => {
                    read.scope_tags = Some(texts(name, value)?);
                }
                "roleAssignments" => refuse_nested(name, value)?,
                "rolePermissions"
                | "permissions"
                | "roleScopeTagIds"
                | "id"
                | "isBuiltIn"
                | "isBuiltInRoleDefinition" => {}
                _ if name.contains('@') => {}
                _ => return Err(unknown(name, "roleDefinition")),
            }
        }
        read.actions = read.actions.or(older);
        Ok(read)
    }

    pub(super) fn into_new(self) -> Result<NewRole> {
        let (actions, other_actions) = sorted_out(self.actions.unwrap_or_default());
        Ok(NewRole {
            display_name: required(self.display_name)?,
            description: self.description.flatten(),
            actions,
            other_actions,
            scope_tags: self.scope_tags,
        })
    }

    pub(super) fn into_change(self) -> RoleChange {
        let (actions, other_actions) = self.actions.map(sorted_out).unzip();
        RoleChange {
            display_name: self.display_name,
            description: self.description,
            actions,
            other_actions,
            scope_tags: self.scope_tags,
        }
    }
}

/// The actions that exist here, and the names of all others.
fn sorted_out(names: Vec<String>) -> (BTreeSet<Action>, Vec<String>) {
    let mut actions = BTreeSet::new();
    let mut others = Vec::new();
    for name in names {
        match Action::parse(&name) {
            Some(action) => drop(actions.insert(action)),
            None => others.push(name),
        }
    }
    (actions, others)
}

/// The properties of a role assignment that a body mentions.
#[derive(Debug, Default)]
#[expect(clippy::option_option, reason = "absent, `null`, or a text")]
pub(super) struct AssignmentBody {
    role: Option<Uuid>,
    display_name: Option<String>,
    description: Option<Option<String>>,
    members: Option<Vec<GroupId>>,
    scope_type: Option<ScopeType>,
    resource_scopes: Option<Vec<GroupId>>,
    scope_members: Option<Vec<GroupId>>,
    tags: Option<Vec<String>>,
    scope_tags: Option<Vec<String>>,
}

const ROLE: &str = "roleDefinition@odata.bind";
const TAGS: &str = "roleScopeTags@odata.bind";

impl AssignmentBody {
    pub(super) fn read(body: &Map<String, Value>) -> Result<Self> {
        let mut read = Self::default();
        for (name, value) in body {
            match name.as_str() {
                "displayName" => read.display_name = Some(text(name, value)?.unwrap_or_default()),
                "description" => read.description = Some(text(name, value)?),
                "members" | "resourceScopes" | "scopeMembers" | "scopeType" | "roleScopeTagIds"
                    if value.is_null() => {}
                "members" => read.members = Some(groups(name, value)?),
                "resourceScopes" => read.resource_scopes = Some(groups(name, value)?),
                "scopeMembers" => read.scope_members = Some(groups(name, value)?),
                "scopeType" => read.scope_type = Some(scope_type(name, value)?),
                "roleScopeTagIds" => read.scope_tags = Some(texts(name, value)?),
                ROLE => read.role = Some(role_of(name, value)?),
                TAGS => read.tags = Some(tags(name, value)?),
                // The last two are what `$expand` brought along.
                "id" | "roleDefinition" | "roleScopeTags" => {}
                _ if name.contains('@') => {}
                _ => return Err(unknown(name, "deviceAndAppManagementRoleAssignment")),
            }
        }
        Ok(read)
    }

    /// The role that the body names.
    pub(super) fn role(&self) -> Option<Uuid> {
        self.role
    }

    /// A new assignment of a role that the path names, or else the body under `target`.
    pub(super) fn into_new(self, role: Option<Uuid>, target: &str) -> Result<NewRoleAssignment> {
        let scopes = self.scopes()?.unwrap_or_default();
        let role_id = role.or(self.role).ok_or_else(|| {
            let message = format!("`{target}` is required: the address of the role");
            GraphError::model_validation(message).at(target)
        })?;
        Ok(NewRoleAssignment {
            role_id,
            display_name: required(self.display_name)?,
            description: self.description.flatten(),
            members: self.members.unwrap_or_default(),
            scope_type: self.scope_type.unwrap_or_default(),
            scopes,
            tags: self.tags.unwrap_or_default(),
            scope_tags: self.scope_tags,
        })
    }

    pub(super) fn into_change(self) -> Result<RoleAssignmentChange> {
        Ok(RoleAssignmentChange {
            scopes: self.scopes()?,
            display_name: self.display_name,
            description: self.description,
            members: self.members,
            scope_type: self.scope_type,
            tags: self.tags,
            scope_tags: self.scope_tags,
        })
    }

    /// The scope groups, which have two names. Who sends both must mean the same by them.
    fn scopes(&self) -> Result<Option<Vec<GroupId>>> {
        let (Some(one), Some(other)) = (&self.resource_scopes, &self.scope_members) else {
            return Ok(self
                .resource_scopes
                .clone()
                .or_else(|| self.scope_members.clone()));
        };
        let set = |groups: &[GroupId]| groups.iter().copied().collect::<BTreeSet<_>>();
        if set(one) == set(other) || other.is_empty() {
            Ok(Some(one.clone()))
        } else if one.is_empty() {
            Ok(Some(other.clone()))
        } else {
            let message = "`scopeMembers` and `resourceScopes` are one list, but differ here";
            Err(GraphError::invalid("scopeMembers", message))
        }
    }
}

/// The tag that an address names.
pub(super) fn tag_of(property: &str, reference: &Reference) -> Result<String> {
    if reference.collection == "rolescopetags" {
        return Ok(reference.key.clone());
    }
    let message = format!(
        "`{property}` must be the address of a scope tag, such as `deviceManagement/roleScopeTags('1')`, \
         but names one of `{}`",
        reference.collection
    );
    Err(GraphError::invalid(property, message))
}

fn tags(property: &str, value: &Value) -> Result<Vec<String>> {
    let items = value.as_array().ok_or_else(|| {
        GraphError::invalid(
            property,
            format!("`{property}` must be a list of addresses, but is `{value}`"),
        )
    })?;
    items
        .iter()
        .map(|item| tag_of(property, &Reference::read(property, item)?))
        .collect()
}

fn role_of(property: &str, value: &Value) -> Result<Uuid> {
    let reference = Reference::read(property, value)?;
    if reference.collection != "roledefinitions" {
        let message = format!(
            "`{property}` must be the address of a role, but names one of `{}`",
            reference.collection
        );
        return Err(GraphError::invalid(property, message));
    }
    reference.id(property)
}

fn groups(property: &str, value: &Value) -> Result<Vec<GroupId>> {
    let id = |text: String| {
        Uuid::try_parse(text.trim()).map(GroupId).map_err(|_| {
            let message = format!("`{property}` must have ids of groups, but has `{text}`");
            GraphError::invalid(property, message)
        })
    };
    texts(property, value)?.into_iter().map(id).collect()
}

fn scope_type(property: &str, value: &Value) -> Result<ScopeType> {
    value.as_str().and_then(ScopeType::of_name).ok_or_else(|| {
        let message = format!(
            "`{property}` must be `resourceScope`, `allDevices`, `allLicensedUsers` or \
             `allDevicesAndLicensedUsers`, but is `{value}`"
        );
        GraphError::invalid(property, message)
    })
}

fn required(name: Option<String>) -> Result<String> {
    name.ok_or_else(|| GraphError::model_validation("`displayName` is required").at("displayName"))
}

/// Assignments inside of a role would be dropped silently; none, and what `$expand` left empty, is nothing.
fn refuse_nested(name: &str, value: &Value) -> Result<()> {
    if value.as_array().is_none_or(Vec::is_empty) {
        return Ok(());
    }
    let message =
        format!("`{name}` cannot be given with the role; send them to `deviceManagement/{name}`");
    Err(GraphError::invalid(name, message))
}

fn unknown(name: &str, type_name: &str) -> GraphError {
    let message = format!("`{name}` is not a property of `microsoft.graph.{type_name}`");
    GraphError::invalid(name, message)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ONE: &str = "11111111-1111-4111-8111-111111111111";
    const TWO: &str = "22222222-2222-4222-8222-222222222222";

    fn definition(body: &Value) -> Result<DefinitionBody> {
        DefinitionBody::read(body.as_object().unwrap())
    }

    fn assignment(body: &Value) -> Result<AssignmentBody> {
        AssignmentBody::read(body.as_object().unwrap())
    }

    #[test]
    fn actions_that_exist_here_are_told_from_others_and_none_is_lost() {
        let actions = [
            "Microsoft.Intune_Roles_Read",
            "Microsoft.Intune_MobileApps_Read",
        ];
        let body = json!({
            "@odata.type": "#microsoft.graph.deviceAndAppManagementRoleDefinition",
            "displayName": "Mine", "isBuiltIn": false, "id": ONE,
            "rolePermissions": [{"resourceActions": [{"allowedResourceActions": actions}]}],
        });
        let new = definition(&body).unwrap().into_new().unwrap();
        assert_eq!(new.actions, BTreeSet::from([Action::RolesRead]));
        assert_eq!(new.other_actions, ["Microsoft.Intune_MobileApps_Read"]);
        assert_eq!(new.scope_tags, None);
    }

    #[test]
    fn the_newer_name_of_what_a_role_allows_counts() {
        let list = |name: &str| json!([{"actions": [name]}]);
        let both = json!({
            "permissions": list("Microsoft.Intune_Roles_Read"),
            "rolePermissions": list("Microsoft.Intune_Audit_Read"),
        });
        let change = definition(&both).unwrap().into_change();
        assert_eq!(change.actions, Some(BTreeSet::from([Action::AuditRead])));
        let older =
            json!({"permissions": list("Microsoft.Intune_Roles_Read"), "rolePermissions": null});
        let change = definition(&older).unwrap().into_change();
        assert_eq!(change.actions, Some(BTreeSet::from([Action::RolesRead])));
        let neither = definition(&json!({"displayName": "x"})).unwrap();
        assert_eq!(neither.into_change().actions, None);
    }

    #[test]
    fn an_assignment_names_its_role_and_tags_by_address() {
        let body = json!({
            "displayName": "North", "members": [ONE], "resourceScopes": [TWO], "scopeMembers": [],
            "scopeType": "RESOURCESCOPE",
            "roleDefinition@odata.bind": format!("https://graph.microsoft.com/beta/deviceManagement/roleDefinitions('{ONE}')"),
            "roleScopeTags@odata.bind": ["https://h/beta/deviceManagement/roleScopeTags('3')", "deviceManagement/roleScopeTags/4"],
        });
        let new = assignment(&body).unwrap().into_new(None, ROLE).unwrap();
        assert_eq!(new.role_id.to_string(), ONE);
        assert_eq!(new.tags, ["3", "4"]);
        assert_eq!(new.scopes[0].to_string(), TWO);
        assert_eq!(new.scope_type, ScopeType::ResourceScope);
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (body, target) in [
            (json!({"members": ["x"]}), "members"),
            (json!({"members": "x"}), "members"),
            (json!({"scopeType": "moon"}), "scopeType"),
            (json!({"scopeType": 1}), "scopeType"),
            (json!({"colour": "red"}), "colour"),
            (json!({"roleScopeTagIds": [0]}), "roleScopeTagIds"),
            (json!({"roleScopeTags@odata.bind": "x"}), TAGS),
            (
                json!({"roleScopeTags@odata.bind": ["deviceManagement/roleDefinitions('1')"]}),
                TAGS,
            ),
            (
                json!({"roleDefinition@odata.bind": format!("groups('{ONE}')")}),
                ROLE,
            ),
            (
                json!({"roleDefinition@odata.bind": "deviceManagement/roleDefinitions('x')"}),
                ROLE,
            ),
        ] {
            let error = assignment(&body).unwrap_err();
            assert_eq!(error.target.as_deref(), Some(target), "{body}");
        }
        let differing = json!({"resourceScopes": [ONE], "scopeMembers": [TWO]});
        assert!(assignment(&differing).unwrap().into_change().is_err());
        let missing = assignment(&json!({"displayName": "x"}))
            .unwrap()
            .into_new(None, ROLE);
        assert_eq!(missing.unwrap_err().target.as_deref(), Some(ROLE));
        for (body, target) in [
            (json!({"roleAssignments": [{}]}), "roleAssignments"),
            (json!({"colour": "red"}), "colour"),
            (json!({"description": 1}), "description"),
        ] {
            let error = definition(&body).unwrap_err();
            assert_eq!(error.target.as_deref(), Some(target), "{body}");
        }
        assert!(definition(&json!({})).unwrap().into_new().is_err());
    }
}
