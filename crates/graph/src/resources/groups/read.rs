//! What a request says about a group.

use mandate_engine::NewGroup;
use mandate_model::Group;
use serde_json::{Map, Value};

use crate::error::{GraphError, Result};
use crate::reference::Reference;
use crate::resources::body::{carried, text};
use crate::resources::users::read::without_nulls;

/// The properties of a group that a body mentions; the inner `Option` is `null`.
#[derive(Debug, Default)]
#[expect(clippy::option_option, reason = "absent, `null`, or a text")]
pub(super) struct GroupBody {
    display_name: Option<Option<String>>,
    description: Option<Option<String>>,
    mail_nickname: Option<Option<String>>,
    other: Map<String, Value>,
    members: Vec<Reference>,
    owners: Vec<Reference>,
}

const MEMBERS: &str = "members@odata.bind";
const OWNERS: &str = "owners@odata.bind";
/// Members, and owners, that one request may add, as in Graph.
const MAX_REFERENCES: usize = 20;
/// Written by the server.
const PASSED_OVER: [&str; 8] = [
    "id",
    "assignedLicenses",
    "createdDateTime",
    "deletedDateTime",
    "renewedDateTime",
    "onPremisesLastSyncDateTime",
    "onPremisesProvisioningErrors",
    "onPremisesSyncEnabled",
];

impl GroupBody {
    pub(super) fn read(body: &Map<String, Value>) -> Result<Self> {
        let mut read = Self::default();
        for (name, value) in body {
            match name.to_ascii_lowercase().as_str() {
                "displayname" => read.display_name = Some(text(name, value)?),
                "description" => read.description = Some(text(name, value)?),
                "mailnickname" => read.mail_nickname = Some(text(name, value)?),
                "grouptypes" => read.check_types(name, value)?,
                MEMBERS => read.members = references(MEMBERS, value)?,
                OWNERS => read.owners = references(OWNERS, value)?,
                lower if lower.contains('@') => {}
                lower
                    if PASSED_OVER
                        .iter()
                        .any(|known| known.eq_ignore_ascii_case(lower)) => {}
                _ => {
                    let name = carried("group", name, value)?;
                    read.other.insert(name.to_owned(), value.clone());
                }
            }
        }
        Ok(read)
    }

    /// A rule would never be evaluated, and a group that stays empty without a word is worse than a refusal.
    fn check_types(&mut self, name: &str, value: &Value) -> Result<()> {
        carried("group", name, value)?;
        let is_dynamic = |item: &Value| {
            item.as_str()
                .is_some_and(|text| text.eq_ignore_ascii_case("DynamicMembership"))
        };
        if value
            .as_array()
            .is_some_and(|items| items.iter().any(is_dynamic))
        {
            let message =
                "`groupTypes`: dynamic membership is not supported yet; add members by name";
            return Err(GraphError::invalid("groupTypes", message));
        }
        self.other.insert("groupTypes".to_owned(), value.clone());
        Ok(())
    }

    pub(super) fn take_members(&mut self) -> Vec<Reference> {
        std::mem::take(&mut self.members)
    }

    pub(super) fn take_owners(&mut self) -> Vec<Reference> {
        std::mem::take(&mut self.owners)
    }

    /// A new group, with nobody in it yet.
    pub(super) fn into_new(self) -> Result<NewGroup> {
        let display_name = self.display_name.flatten();
        let display_name = display_name
            .ok_or_else(|| GraphError::invalid("displayName", "`displayName` is required"))?;
        Ok(NewGroup {
            display_name,
            description: self.description.flatten(),
            mail_nickname: self.mail_nickname.flatten(),
            other: without_nulls(self.other),
            owners: Vec::new(),
        })
    }

    /// Changes what the body mentions and leaves the rest.
    pub(super) fn apply(self, group: &mut Group) {
        if let Some(name) = self.display_name {
            // The engine refuses an empty name.
            group.display_name = name.unwrap_or_default();
        }
        if let Some(description) = self.description {
            group.description = description;
        }
        if let Some(nickname) = self.mail_nickname {
            group.mail_nickname = nickname;
        }
        group.other.extend(self.other);
        group.other = without_nulls(std::mem::take(&mut group.other));
    }
}

fn references(property: &'static str, value: &Value) -> Result<Vec<Reference>> {
    let items = value.as_array().ok_or_else(|| {
        GraphError::invalid(
            property,
            format!("`{property}` must be a list of addresses, but is `{value}`"),
        )
    })?;
    if items.len() > MAX_REFERENCES {
        let message = format!(
            "`{property}` may have {MAX_REFERENCES} items, but has {}",
            items.len()
        );
        return Err(GraphError::invalid(property, message));
    }
    items
        .iter()
        .map(|item| Reference::read(property, item))
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(body: &Value) -> Result<GroupBody> {
        GroupBody::read(body.as_object().unwrap())
    }

    #[test]
    fn a_body_as_intune_cd_sends_it_is_read() {
        let body = read(&json!({
            "displayName": "Sales", "mailEnabled": false, "mailNickname": "sales", "securityEnabled": true,
            "groupTypes": [],
            "members@odata.bind": ["https://graph.microsoft.com/v1.0/directoryObjects/7"],
        }));
        let mut body = body.unwrap();
        assert_eq!(body.take_members()[0].key, "7");
        assert_eq!(body.into_new().unwrap().display_name, "Sales");
    }

    #[test]
    fn what_cannot_be_is_refused_by_name() {
        assert_eq!(
            read(&json!({"groupTypes": ["DynamicMembership"]}))
                .unwrap_err()
                .target
                .unwrap(),
            "groupTypes"
        );
        assert_eq!(
            read(&json!({"members@odata.bind": "x"}))
                .unwrap_err()
                .target
                .unwrap(),
            MEMBERS
        );
        let many: Vec<String> = (0..21).map(|n| format!("users/{n}")).collect();
        assert_eq!(
            read(&json!({"members@odata.bind": many}))
                .unwrap_err()
                .target
                .unwrap(),
            MEMBERS
        );
        assert_eq!(
            read(&json!({}))
                .unwrap()
                .into_new()
                .unwrap_err()
                .target
                .unwrap(),
            "displayName"
        );
    }
}
