//! What a request says about a group.

use mandate_engine::NewGroup;
use mandate_model::{Group, GroupRule};
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
    /// Whether `groupTypes` names dynamic membership.
    is_dynamic: Option<bool>,
    rule: Option<Option<String>>,
    is_paused: Option<bool>,
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
                "grouptypes" => read.read_types(name, value)?,
                "membershiprule" => read.rule = Some(text(name, value)?),
                "membershipruleprocessingstate" => read.is_paused = paused(name, value)?,
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
        let has_rule = read.rule.iter().flatten().any(|rule| !rule.is_empty());
        if read.is_dynamic == Some(false) && has_rule {
            let message = "`membershipRule` needs `DynamicMembership` in `groupTypes`";
            return Err(GraphError::invalid("membershipRule", message));
        }
        Ok(read)
    }

    /// What the rest of the types says is carried.
    fn read_types(&mut self, name: &str, value: &Value) -> Result<()> {
        carried("group", name, value)?;
        let is_dynamic = |item: &Value| {
            item.as_str()
                .is_some_and(|text| text.eq_ignore_ascii_case("DynamicMembership"))
        };
        let mut types = value.as_array().cloned().unwrap_or_default();
        self.is_dynamic = Some(types.iter().any(is_dynamic));
        types.retain(|item| !is_dynamic(item));
        self.other
            .insert("groupTypes".to_owned(), Value::Array(types));
        Ok(())
    }

    /// The rule that a group has after this, if it had one before. A group that is to be dynamic without a rule gets an
    /// empty one, which the engine refuses by name.
    fn rule(&self, before: Option<GroupRule>) -> Option<GroupRule> {
        let was_paused = before.as_ref().is_some_and(|rule| rule.is_paused);
        let text = match (self.is_dynamic, &self.rule) {
            (Some(false), _) => None,
            (_, Some(Some(rule))) => Some(rule.clone()),
            (Some(true), Some(None)) => Some(String::new()),
            (Some(true), None) => Some(before.map(|rule| rule.text).unwrap_or_default()),
            (None, Some(None)) => before.map(|_| String::new()),
            (None, None) => before.map(|rule| rule.text),
        };
        text.map(|text| GroupRule {
            text,
            is_paused: self.is_paused.unwrap_or(was_paused),
        })
    }

    pub(super) fn take_members(&mut self) -> Vec<Reference> {
        std::mem::take(&mut self.members)
    }

    pub(super) fn take_owners(&mut self) -> Vec<Reference> {
        std::mem::take(&mut self.owners)
    }

    /// A new group, with nobody in it yet.
    pub(super) fn into_new(self) -> Result<NewGroup> {
        let rule = self.rule(None);
        let display_name = self.display_name.flatten();
        let display_name = display_name
            .ok_or_else(|| GraphError::invalid("displayName", "`displayName` is required"))?;
        Ok(NewGroup {
            display_name,
            description: self.description.flatten(),
            mail_nickname: self.mail_nickname.flatten(),
            rule,
            other: without_nulls(self.other),
            owners: Vec::new(),
        })
    }

    /// Changes what the body mentions and leaves the rest.
    pub(super) fn apply(self, group: &mut Group) {
        group.rule = self.rule(group.rule.take());
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

/// Whether the rule of a group is paused; `null` says nothing.
fn paused(name: &str, value: &Value) -> Result<Option<bool>> {
    match text(name, value)?.as_deref() {
        None => Ok(None),
        Some(state) if state.eq_ignore_ascii_case("On") => Ok(Some(false)),
        Some(state) if state.eq_ignore_ascii_case("Paused") => Ok(Some(true)),
        Some(other) => {
            let message = format!("`{name}` must be `On` or `Paused`, but is `{other}`");
            Err(GraphError::invalid(name, message))
        }
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
    fn a_rule_comes_goes_and_pauses() {
        let rule = |text: &str, is_paused| {
            Some(GroupRule {
                text: text.to_owned(),
                is_paused,
            })
        };
        let after = |body: Value, before: Option<GroupRule>| read(&body).unwrap().rule(before);
        let (dynamic, text) = (json!(["DynamicMembership"]), "user.city -eq null");
        for (body, before, wanted) in [
            (json!({}), None, None),
            (json!({}), rule("a", true), rule("a", true)),
            (
                json!({"groupTypes": dynamic, "membershipRule": text, "membershipRuleProcessingState": "On"}),
                None,
                rule(text, false),
            ),
            (json!({"groupTypes": dynamic}), None, rule("", false)),
            (
                json!({"groupTypes": dynamic}),
                rule("a", false),
                rule("a", false),
            ),
            (
                json!({"membershipRule": text}),
                rule("a", true),
                rule(text, true),
            ),
            (
                json!({"membershipRule": null}),
                rule("a", false),
                rule("", false),
            ),
            (json!({"membershipRule": null}), None, None),
            (
                json!({"groupTypes": [], "membershipRule": null}),
                rule("a", false),
                None,
            ),
            (
                json!({"membershipRuleProcessingState": "paused"}),
                rule("a", false),
                rule("a", true),
            ),
        ] {
            assert_eq!(after(body.clone(), before), wanted, "{body}");
        }
        // What else the types say stays in sight.
        let read = read(&json!({"groupTypes": ["Unified", "DynamicMembership"]})).unwrap();
        assert_eq!(read.other["groupTypes"], json!(["Unified"]));
    }

    #[test]
    fn what_cannot_be_is_refused_by_name() {
        for (body, target) in [
            (
                json!({"groupTypes": [], "membershipRule": "user.city -eq null"}),
                "membershipRule",
            ),
            (
                json!({"membershipRuleProcessingState": "Off"}),
                "membershipRuleProcessingState",
            ),
            (json!({"membershipRule": 7}), "membershipRule"),
        ] {
            assert_eq!(read(&body).unwrap_err().target.unwrap(), target);
        }
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
