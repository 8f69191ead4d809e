//! What a request says about an enrolment configuration.

use mandate_engine::{
    EnrolmentConfiguration, EnrolmentConfigurationChange, EnrolmentContent,
    NewEnrolmentConfiguration, RestrictedPlatform,
};
use serde_json::{Map, Value, json};

use super::Sort;
use crate::error::{GraphError, Result};
use crate::resources::body::text;

/// Written by the server: a client that sends an object back as it read it is not refused.
const PASSED_OVER: [&str; 5] = [
    "id",
    "createdDateTime",
    "lastModifiedDateTime",
    "version",
    "deviceEnrollmentConfigurationType",
];

/// What a request says of one sort alone.
pub(super) trait Own: Default {
    /// What it is said of.
    type Content: EnrolmentContent;

    /// Takes the type; the error says which there are.
    fn take_type(&mut self, name: &str) -> Result<()>;

    /// Takes a property, if it is one of the sort.
    fn take(&mut self, name: &str, value: &Value) -> Result<bool>;

    /// The name of the type in errors.
    fn type_name() -> &'static str;

    /// What a new one says.
    fn into_content(self) -> Result<Self::Content>;

    /// What is to change; for one of a platform, or of all.
    fn into_change(
        self,
        platform: Option<RestrictedPlatform>,
    ) -> Result<<Self::Content as EnrolmentContent>::Change>;
}

/// The properties of an enrolment configuration that a body mentions.
#[derive(Debug, PartialEq, Eq)]
#[expect(clippy::option_option, reason = "not mentioned is not null")]
pub(super) struct Body<S: Sort> {
    display_name: Option<String>,
    description: Option<Option<String>>,
    pub(super) priority: Option<i64>,
    pub(super) own: S::Own,
}

impl<S: Sort> Body<S> {
    pub(super) fn read(body: &Map<String, Value>) -> Result<Self> {
        let mut read = Self {
            display_name: None,
            description: None,
            priority: None,
            own: S::Own::default(),
        };
        for (name, value) in body {
            let is = |known: &str| known.eq_ignore_ascii_case(name);
            if name == "@odata.type" {
                read.own.take_type(value.as_str().unwrap_or_default())?;
            } else if name.contains('@') || PASSED_OVER.into_iter().any(is) {
            } else if is("displayName") {
                read.display_name = Some(text("displayName", value)?.unwrap_or_default());
            } else if is("description") {
                read.description = Some(text("description", value)?);
            } else if is("priority") {
                read.priority = Some(whole("priority", value)?);
            } else if is("roleScopeTagIds") {
                require_default_tag(value)?;
            } else if is("assignments") {
                require_none(value)?;
            } else if !read.own.take(name, value)? {
                let kind = S::Own::type_name();
                let message = format!("`{name}` is not a property of `microsoft.graph.{kind}`");
                return Err(GraphError::invalid(name, message));
            }
        }
        Ok(read)
    }

    /// A new one. Its place is after all others unless the body says another.
    pub(super) fn into_new(self) -> Result<NewEnrolmentConfiguration<S>> {
        Ok(NewEnrolmentConfiguration {
            display_name: self.display_name.ok_or_else(|| required("displayName"))?,
            description: self.description.flatten(),
            content: self.own.into_content()?,
            priority: self.priority.filter(|priority| *priority != 0),
        })
    }

    /// A change of one there is, which is known as far as it had to be looked at.
    pub(super) fn into_change(
        self,
        known: Option<&EnrolmentConfiguration<S>>,
    ) -> Result<EnrolmentConfigurationChange<S::Change>> {
        let present = known.map(|one| one.priority);
        if self.priority.is_some() && self.priority != present {
            let message = "`priority` is changed by the action `setPriority`";
            return Err(GraphError::invalid("priority", message));
        }
        let platform = known.and_then(|one| one.content.platform());
        Ok(EnrolmentConfigurationChange {
            display_name: self.display_name,
            description: self.description,
            content: self.own.into_change(platform)?,
        })
    }
}

/// The error for a property that is not there.
pub(super) fn required(name: &str) -> GraphError {
    GraphError::model_validation(format!("`{name}` is required")).at(name)
}

/// A whole number.
pub(in crate::resources) fn whole(name: &str, value: &Value) -> Result<i64> {
    value.as_i64().ok_or_else(|| {
        let message = format!("`{name}` must be a whole number, but is `{value}`");
        GraphError::invalid(name, message)
    })
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

/// Assignments are not given with an object, but to its action.
pub(in crate::resources) fn require_none(value: &Value) -> Result<()> {
    if value.as_array().is_none_or(Vec::is_empty) {
        return Ok(());
    }
    let message = "`assignments` cannot be given here; send them to its `assign`";
    Err(GraphError::invalid("assignments", message))
}
