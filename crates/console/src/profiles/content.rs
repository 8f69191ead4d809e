//! What a draft says, in the words of the wizard.

use mandate_engine::ProfileDraft;
use mandate_model::{Profile, Target};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::forms::Input;

/// What was filled in so far.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Content {
    /// Name of the profile.
    pub(super) name: String,
    /// What it is for.
    pub(super) description: String,
    /// Scope tags; none where nobody looked at them yet.
    pub(super) tags: Option<Vec<String>>,
    /// Whom it is for.
    pub(super) targets: Vec<Target>,
    /// The fields of its settings.
    pub(super) settings: Map<String, Value>,
}

impl Content {
    /// Of a profile as it is.
    pub(super) fn of_profile(profile: &Profile, targets: Vec<Target>) -> Self {
        let input = Input::of_settings(profile.kind, &profile.settings, &profile.references);
        Self {
            name: profile.display_name.clone(),
            description: profile.description.clone().unwrap_or_default(),
            tags: Some(profile.scope_tags.clone()),
            targets,
            settings: object(input.to_json()),
        }
    }

    /// What a draft keeps. What cannot be read was not written by this release, and counts as empty.
    pub(super) fn of_draft(draft: &ProfileDraft) -> Self {
        serde_json::from_value(Value::Object(draft.content.clone())).unwrap_or_default()
    }

    /// As a draft keeps it.
    pub(super) fn to_json(&self) -> Map<String, Value> {
        object(serde_json::to_value(self).unwrap_or_default())
    }

    /// The description as the house takes it.
    pub(super) fn description(&self) -> Option<String> {
        let text = self.description.trim();
        (!text.is_empty()).then(|| text.to_owned())
    }
}

pub(super) fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(object) => object,
        _ => Map::new(),
    }
}

#[cfg(test)]
mod tests {
    use mandate_engine::DraftId;
    use mandate_model::{GroupId, Timestamp, catalogue};
    use serde_json::json;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_draft_says_what_was_written_into_it_whatever_that_was() {
        let written = Content {
            name: "Mail".to_owned(),
            tags: Some(vec!["0".to_owned()]),
            targets: vec![Target::AllUsers, Target::Exclude(GroupId(Uuid::nil()))],
            settings: object(json!({ "hostName": ["mail.example.org"] })),
            ..Content::default()
        };
        let draft = |content| ProfileDraft {
            id: DraftId(Uuid::nil()),
            kind: catalogue::kinds()[0],
            based_on: None,
            content,
            kept_at: Timestamp(0),
        };
        assert_eq!(Content::of_draft(&draft(written.to_json())), written);
        let other = object(json!({ "name": 7, "targets": "all" }));
        assert_eq!(Content::of_draft(&draft(other)), Content::default());
    }
}
