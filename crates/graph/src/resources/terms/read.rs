//! What a request says about terms.

use mandate_engine::{NewTerms, TermsChange};
use serde_json::{Map, Value};

use super::DECLARED;
use crate::error::{GraphError, Result};
use crate::resources::body::text;
use crate::resources::enrolment_configurations::{require_default_tag, require_none, whole};

/// Written by the server: a client that sends an object back as it read it is not refused.
const PASSED_OVER: [&str; 4] = [
    "id",
    "createdDateTime",
    "modifiedDateTime",
    "lastModifiedDateTime",
];

/// The properties of terms that a body mentions.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct TermsBody(TermsChange);

impl TermsBody {
    pub(super) fn read(body: &Map<String, Value>) -> Result<Self> {
        let mut read = TermsChange::default();
        for (name, value) in body {
            let is = |known: &str| known.eq_ignore_ascii_case(name);
            if name.contains('@') || PASSED_OVER.into_iter().any(is) {
            } else if is("displayName") {
                read.display_name = Some(text("displayName", value)?.unwrap_or_default());
            } else if is("description") {
                read.description = Some(text("description", value)?);
            } else if is("title") {
                read.title = Some(text("title", value)?.unwrap_or_default());
            } else if is("bodyText") {
                read.body = Some(text("bodyText", value)?.unwrap_or_default());
            } else if is("acceptanceStatement") {
                read.statement = Some(text("acceptanceStatement", value)?.unwrap_or_default());
            } else if is("version") {
                read.version = Some(whole("version", value)?);
            } else if is("roleScopeTagIds") {
                require_default_tag(value)?;
            } else if ["assignments", "groupAssignments", "acceptanceStatuses"]
                .into_iter()
                .any(is)
            {
                require_none(value)?;
            } else {
                let message = format!("`{name}` is not a property of `microsoft.graph.{DECLARED}`");
                return Err(GraphError::invalid(name, message));
            }
        }
        Ok(Self(read))
    }

    pub(super) fn into_change(self) -> TermsChange {
        self.0
    }

    /// New terms: their name and text are required.
    pub(super) fn into_new(self) -> Result<NewTerms> {
        let required =
            |name: &str| GraphError::model_validation(format!("`{name}` is required")).at(name);
        let change = self.0;
        Ok(NewTerms {
            display_name: change.display_name.ok_or_else(|| required("displayName"))?,
            description: change.description.flatten(),
            title: change.title.unwrap_or_default(),
            body: change.body.ok_or_else(|| required("bodyText"))?,
            statement: change.statement.unwrap_or_default(),
            version: change.version.filter(|version| *version != 0),
        })
    }
}
