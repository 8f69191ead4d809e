//! What a request says about a limit.

use mandate_engine::{EnrolmentLimitChange, NewEnrolmentLimit};
use serde_json::{Map, Value, json};

use super::{DECLARED, TYPE};
use crate::error::{GraphError, Result};
use crate::resources::body::text;
use crate::schema;

/// Written by the server: a client that sends an object back as it read it is not refused.
pub(in crate::resources) const PASSED_OVER: [&str; 5] = [
    "id",
    "createdDateTime",
    "lastModifiedDateTime",
    "version",
    "deviceEnrollmentConfigurationType",
];

/// The properties of a limit that a body mentions.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct LimitBody {
    has_type: bool,
    limit: Option<i64>,
    priority: Option<i64>,
    change: EnrolmentLimitChange,
}

impl LimitBody {
    pub(super) fn read(body: &Map<String, Value>) -> Result<Self> {
        let mut read = Self::default();
        for (name, value) in body {
            let is = |known: &str| known.eq_ignore_ascii_case(name);
            if name == "@odata.type" {
                require_limit(value)?;
                read.has_type = true;
            } else if name.contains('@') || PASSED_OVER.into_iter().any(is) {
            } else if is("displayName") {
                read.change.display_name = Some(text("displayName", value)?.unwrap_or_default());
            } else if is("description") {
                read.change.description = Some(text("description", value)?);
            } else if is("limit") {
                read.limit = Some(whole("limit", value)?);
            } else if is("priority") {
                read.priority = Some(whole("priority", value)?);
            } else if is("roleScopeTagIds") {
                require_default_tag(value)?;
            } else if is("assignments") {
                require_none(value)?;
            } else {
                let message = format!("`{name}` is not a property of `microsoft.graph.{TYPE}`");
                return Err(GraphError::invalid(name, message));
            }
        }
        read.change.devices = read.limit;
        Ok(read)
    }

    pub(super) const fn priority(&self) -> Option<i64> {
        self.priority
    }

    pub(super) fn into_change(self) -> EnrolmentLimitChange {
        self.change
    }

    /// A new limit: its type, name and number are required.
    pub(super) fn into_new(self) -> Result<NewEnrolmentLimit> {
        let required =
            |name: &str| GraphError::model_validation(format!("`{name}` is required")).at(name);
        if !self.has_type {
            return Err(required("@odata.type"));
        }
        Ok(NewEnrolmentLimit {
            display_name: self
                .change
                .display_name
                .ok_or_else(|| required("displayName"))?,
            description: self.change.description.flatten(),
            devices: self.limit.ok_or_else(|| required("limit"))?,
            priority: self.priority.filter(|priority| *priority != 0),
        })
    }
}

/// A whole number.
pub(in crate::resources) fn whole(name: &str, value: &Value) -> Result<i64> {
    value.as_i64().ok_or_else(|| {
        let message = format!("`{name}` must be a whole number, but is `{value}`");
        GraphError::invalid(name, message)
    })
}

/// There are other sorts of enrolment configuration in Graph.
fn require_limit(value: &Value) -> Result<()> {
    let name = value.as_str().unwrap_or_default();
    if schema::bare(name).eq_ignore_ascii_case(TYPE) {
        return Ok(());
    }
    let message = format!(
        "`@odata.type` must be `#microsoft.graph.{TYPE}`: of the sorts of `{DECLARED}` there are limits and platform restrictions here, but it is `{name}`"
    );
    Err(GraphError::invalid("@odata.type", message))
}

/// Enrolment configurations concern the whole instance.
pub(in crate::resources) fn require_default_tag(value: &Value) -> Result<()> {
    let is_default = value.is_null() || *value == json!([]) || *value == json!(["0"]);
    if is_default {
        return Ok(());
    }
    let message = format!(
        "`roleScopeTagIds` must be `[\"0\"]`: enrolment configurations are for the whole instance, but is `{value}`"
    );
    Err(GraphError::invalid("roleScopeTagIds", message))
}

pub(in crate::resources) fn require_none(value: &Value) -> Result<()> {
    if value.as_array().is_none_or(Vec::is_empty) {
        return Ok(());
    }
    let message = "`assignments` cannot be given here; send them to its `assign`";
    Err(GraphError::invalid("assignments", message))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &Value) -> Result<LimitBody> {
        LimitBody::read(body.as_object().unwrap())
    }

    #[test]
    fn what_a_client_read_can_be_sent_back() {
        let sent = json!({
            "@odata.type": "#microsoft.graph.deviceEnrollmentLimitConfiguration", "id": "1_Limit",
            "displayName": "Few", "description": null, "priority": 1, "limit": 3, "version": 2,
            "createdDateTime": "2026-01-01T00:00:00Z", "lastModifiedDateTime": "2026-01-01T00:00:00Z",
            "roleScopeTagIds": ["0"], "deviceEnrollmentConfigurationType": "limit",
            "assignments": [], "assignments@odata.context": "x",
        });
        let body = read(&sent).unwrap();
        assert_eq!(body.priority(), Some(1));
        let new = body.into_new().unwrap();
        assert_eq!(
            (
                new.display_name.as_str(),
                new.description,
                new.devices,
                new.priority
            ),
            ("Few", None, 3, Some(1))
        );
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (body, target) in [
            (json!({"limit": "3"}), "limit"),
            (json!({"limit": 3.5}), "limit"),
            (json!({"limit": null}), "limit"),
            (json!({"priority": []}), "priority"),
            (json!({"displayName": 5}), "displayName"),
            (json!({"roleScopeTagIds": ["1"]}), "roleScopeTagIds"),
            (json!({"assignments": [{}]}), "assignments"),
            (json!({"platformType": "ios"}), "platformType"),
            (
                json!({"@odata.type": "#microsoft.graph.deviceEnrollmentWindowsHelloForBusinessConfiguration"}),
                "@odata.type",
            ),
        ] {
            let error = read(&body).unwrap_err();
            assert_eq!(error.target.as_deref(), Some(target), "{body}");
        }
        let kind = "#microsoft.graph.deviceEnrollmentLimitConfiguration";
        for (body, target) in [
            (json!({"displayName": "X", "limit": 3}), "@odata.type"),
            (json!({"@odata.type": kind, "limit": 3}), "displayName"),
            (json!({"@odata.type": kind, "displayName": "X"}), "limit"),
        ] {
            let error = read(&body).unwrap().into_new().unwrap_err();
            assert_eq!(error.target.as_deref(), Some(target), "{body}");
        }
    }
}
