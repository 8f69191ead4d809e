//! Assignment targets on the wire.

use mandate_model::{GroupId, ProfileId, Target};
use serde_json::{Map, Value, json};
use uuid::{Uuid, uuid};

use crate::error::{GraphError, Result};
use crate::schema;

/// The pseudo group that stands for all users in ids of assignments; Terraform and `IntuneManagement` know it.
const ALL_USERS: Uuid = uuid!("acacacac-9df4-4c7d-9d50-4ef0226f57a9");
/// The same for all devices.
const ALL_DEVICES: Uuid = uuid!("adadadad-808e-44e2-905a-0b7873a8a531");

/// The id of an assignment, `POLICYID_GROUPID`.
pub(super) fn assignment_id(profile: ProfileId, target: Target) -> String {
    let group = match target {
        Target::AllUsers => ALL_USERS,
        Target::AllDevices => ALL_DEVICES,
        Target::Group(group) | Target::Exclude(group) => group.0,
    };
    format!("{profile}_{group}")
}

/// A target as Graph shows it.
pub(in crate::resources) fn target_json(target: Target) -> Value {
    let (type_name, group) = match target {
        Target::AllUsers => ("allLicensedUsersAssignmentTarget", None),
        Target::AllDevices => ("allDevicesAssignmentTarget", None),
        Target::Group(group) => ("groupAssignmentTarget", Some(group)),
        Target::Exclude(group) => ("exclusionGroupAssignmentTarget", Some(group)),
    };
    let mut value = json!({
        "@odata.type": format!("#microsoft.graph.{type_name}"),
        "deviceAndAppManagementAssignmentFilterId": null,
        "deviceAndAppManagementAssignmentFilterType": "none",
    });
    if let Some(group) = group {
        value["groupId"] = json!(group);
    }
    value
}

/// Reads the body of `assign`: `assignments`, or the legacy `deviceConfigurationGroupAssignments`, or both.
pub(in crate::resources) fn read_targets(body: &Map<String, Value>) -> Result<Vec<Target>> {
    let lists = [
        (
            "assignments",
            read_assignment as fn(&str, &Value) -> Result<Target>,
        ),
        ("deviceConfigurationGroupAssignments", read_group_assignment),
    ];
    let (mut targets, mut seen) = (Vec::new(), false);
    for (name, read) in lists {
        let Some(value) = body.get(name).filter(|value| !value.is_null()) else {
            continue;
        };
        seen = true;
        let items = value.as_array().ok_or_else(|| {
            GraphError::invalid(name, format!("`{name}` must be a list, but is `{value}`"))
        })?;
        for (index, item) in items.iter().enumerate() {
            targets.push(read(&format!("{name}[{index}]"), item)?);
        }
    }
    if seen {
        Ok(targets)
    } else {
        Err(GraphError::invalid(
            "assignments",
            "`assignments` is required",
        ))
    }
}

/// Reads one assignment, of which only the target counts.
pub(in crate::resources) fn read_assignment(place: &str, value: &Value) -> Result<Target> {
    let place = if place.is_empty() {
        "target".to_owned()
    } else {
        format!("{place}.target")
    };
    let target = value.get("target").and_then(Value::as_object);
    let target =
        target.ok_or_else(|| GraphError::invalid(&place, format!("`{place}` is required")))?;
    if value
        .get("intent")
        .and_then(Value::as_str)
        .is_some_and(|intent| intent.eq_ignore_ascii_case("remove"))
    {
        return Err(GraphError::invalid(
            &place,
            "`intent`: `remove` is not supported; leave the assignment out",
        ));
    }
    refuse_filter(&place, target)?;
    let name = target
        .get("@odata.type")
        .and_then(Value::as_str)
        .unwrap_or_default();
    match schema::bare(name).to_ascii_lowercase().as_str() {
        "alllicensedusersassignmenttarget" => Ok(Target::AllUsers),
        "alldevicesassignmenttarget" => Ok(Target::AllDevices),
        "groupassignmenttarget" => group(&place, target.get("groupId")).map(Target::Group),
        "exclusiongroupassignmenttarget" => {
            group(&place, target.get("groupId")).map(Target::Exclude)
        }
        _ => {
            let message = format!(
                "`{place}.@odata.type` must be `#microsoft.graph.groupAssignmentTarget`, \
                 `exclusionGroupAssignmentTarget`, `allLicensedUsersAssignmentTarget` or \
                 `allDevicesAssignmentTarget`, but is `{name}`"
            );
            Err(GraphError::invalid(format!("{place}.@odata.type"), message))
        }
    }
}

/// Reads one legacy assignment.
pub(super) fn read_group_assignment(place: &str, value: &Value) -> Result<Target> {
    let group = group(place, value.get("targetGroupId"))?;
    let excluded = value
        .get("excludeGroup")
        .and_then(Value::as_bool)
        .unwrap_or(false);
    Ok(if excluded {
        Target::Exclude(group)
    } else {
        Target::Group(group)
    })
}

/// An assignment filter narrows whom a target means; ignoring it would reach devices that nobody meant.
fn refuse_filter(place: &str, target: &Map<String, Value>) -> Result<()> {
    let kind = target
        .get("deviceAndAppManagementAssignmentFilterType")
        .and_then(Value::as_str);
    if kind.is_none_or(|kind| kind.eq_ignore_ascii_case("none")) {
        return Ok(());
    }
    let name = format!("{place}.deviceAndAppManagementAssignmentFilterType");
    let message = format!("`{name}` must be `none`: assignment filters are not supported yet");
    Err(GraphError::invalid(name, message))
}

fn group(place: &str, value: Option<&Value>) -> Result<GroupId> {
    let text = value.and_then(Value::as_str).unwrap_or_default();
    Uuid::try_parse(text).map(GroupId).map_err(|_| {
        let name = format!("{place}.groupId");
        let message = format!("`{name}` must be the id of a group, but is `{text}`");
        GraphError::invalid(name, message)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const GROUP: &str = "0b0b0b0b-0000-0000-0000-000000000001";

    fn read(targets: &Value) -> Result<Vec<Target>> {
        read_targets(json!({ "assignments": targets }).as_object().unwrap())
    }

    #[test]
    fn every_target_reads_back() {
        let group = GroupId(Uuid::try_parse(GROUP).unwrap());
        for target in [
            Target::AllUsers,
            Target::AllDevices,
            Target::Group(group),
            Target::Exclude(group),
        ] {
            assert_eq!(
                read(&json!([{ "target": target_json(target) }])).unwrap(),
                [target]
            );
        }
        assert_eq!(read(&json!([])).unwrap(), []);
    }

    #[test]
    fn what_is_wrong_is_named_with_its_place() {
        for (assignment, target) in [
            (json!({}), "assignments[0].target"),
            (
                json!({"target": {"@odata.type": "#microsoft.graph.groupAssignmentTarget"}}),
                "assignments[0].target.groupId",
            ),
            (
                json!({"target": {"groupId": GROUP}}),
                "assignments[0].target.@odata.type",
            ),
            (
                json!({"target": {"@odata.type": "#microsoft.graph.allDevicesAssignmentTarget",
                    "deviceAndAppManagementAssignmentFilterType": "include"}}),
                "assignments[0].target.deviceAndAppManagementAssignmentFilterType",
            ),
        ] {
            assert_eq!(
                read(&json!([assignment])).unwrap_err().target.as_deref(),
                Some(target)
            );
        }
        assert!(read_targets(&Map::new()).is_err());
    }

    #[test]
    fn the_legacy_form_is_read() {
        let body = json!({"deviceConfigurationGroupAssignments": [{"targetGroupId": GROUP, "excludeGroup": true}]});
        assert!(matches!(
            read_targets(body.as_object().unwrap()).unwrap()[..],
            [Target::Exclude(_)]
        ));
    }
}
