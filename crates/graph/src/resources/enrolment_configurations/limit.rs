//! Limits of devices per person.

use mandate_engine::{DeviceLimit, RestrictedPlatform};
use serde_json::{Map, Value, json};

use super::read::{Own, required, whole};
use super::{DECLARED, Sort, is_type_of};
use crate::error::{GraphError, Result};

const TYPE: &str = "deviceEnrollmentLimitConfiguration";

/// What a request says of a limit alone.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct LimitBody {
    has_type: bool,
    limit: Option<i64>,
}

impl Sort for DeviceLimit {
    type Own = LimitBody;

    const OF_EVERYBODY: &'static str = "_DefaultLimit";
    const OF_SOME: &'static str = "_Limit";
    const TYPES: &'static [&'static str] = &[TYPE];
    const HAS_PLATFORMS: bool = false;

    fn place(&self) -> String {
        String::new()
    }

    fn kind(&self, is_of_everybody: bool) -> (&'static str, &'static str) {
        let kind = if is_of_everybody {
            "defaultLimit"
        } else {
            "limit"
        };
        (TYPE, kind)
    }

    fn properties(&self) -> Map<String, Value> {
        Map::from_iter([("limit".to_owned(), json!(self.devices))])
    }
}

impl Own for LimitBody {
    type Content = DeviceLimit;

    /// There are other sorts of enrolment configuration in Graph.
    fn take_type(&mut self, name: &str) -> Result<()> {
        if !is_type_of::<DeviceLimit>(name) {
            let message = format!(
                "`@odata.type` must be `#microsoft.graph.{TYPE}`: of the sorts of `{DECLARED}` there are limits and platform restrictions here, but it is `{name}`"
            );
            return Err(GraphError::invalid("@odata.type", message));
        }
        self.has_type = true;
        Ok(())
    }

    fn take(&mut self, name: &str, value: &Value) -> Result<bool> {
        let is_limit = "limit".eq_ignore_ascii_case(name);
        if is_limit {
            self.limit = Some(whole("limit", value)?);
        }
        Ok(is_limit)
    }

    fn type_name() -> &'static str {
        TYPE
    }

    /// The type is required: there are others.
    fn into_content(self) -> Result<DeviceLimit> {
        if !self.has_type {
            return Err(required("@odata.type"));
        }
        let devices = self.limit.ok_or_else(|| required("limit"))?;
        Ok(DeviceLimit { devices })
    }

    fn into_change(self, _: Option<RestrictedPlatform>) -> Result<Option<i64>> {
        Ok(self.limit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resources::enrolment_configurations::read::Body;

    fn read(body: &Value) -> Result<Body<DeviceLimit>> {
        Body::read(body.as_object().unwrap())
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
        assert_eq!(body.priority, Some(1));
        let new = body.into_new().unwrap();
        assert_eq!(
            (
                new.display_name.as_str(),
                new.description,
                new.content.devices,
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
