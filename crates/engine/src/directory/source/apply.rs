//! A record, put onto what is here.

use mandate_model::{Group, GroupId, Timestamp, User, UserId};
use mandate_store::SourceEntryRecord;
use serde_json::{Map, Value, json};

use super::record::{Source, SourceFault, Sourced, SourcedGroup, SourcedPerson};

/// That a source says it, and when it last did, in Graph's words.
pub(super) const SYNC_ENABLED: &str = "onPremisesSyncEnabled";
const LAST_SYNC: &str = "onPremisesLastSyncDateTime";
const ERRORS: &str = "onPremisesProvisioningErrors";

impl SourcedPerson {
    /// A person who was not here before.
    pub(in crate::directory) fn newcomer(
        &self,
        source: &Source,
        id: UserId,
        now: Timestamp,
    ) -> User {
        let blank = User {
            id,
            user_principal_name: String::new(),
            display_name: String::new(),
            given_name: None,
            surname: None,
            mail: None,
            on_premises_sam_account_name: None,
            on_premises_domain_name: None,
            on_premises_net_bios_name: None,
            on_premises_distinguished_name: None,
            on_premises_security_identifier: None,
            account_enabled: true,
            other: Map::new(),
            created_at: now,
        };
        self.onto(source, &blank)
    }

    /// The person as the record says.
    pub(super) fn onto(&self, source: &Source, before: &User) -> User {
        let mut other = before.other.clone();
        put(&mut other, &self.other);
        mark(source, &mut other);
        let name = &self.user_principal_name;
        User {
            id: before.id,
            user_principal_name: name.clone(),
            display_name: filled(self.display_name.as_ref()).unwrap_or_else(|| name.clone()),
            given_name: filled(self.given_name.as_ref()),
            surname: filled(self.surname.as_ref()),
            mail: filled(self.mail.as_ref()),
            on_premises_sam_account_name: filled(self.on_premises_sam_account_name.as_ref()),
            on_premises_domain_name: filled(self.on_premises_domain_name.as_ref()),
            on_premises_net_bios_name: filled(self.on_premises_net_bios_name.as_ref()),
            on_premises_distinguished_name: filled(self.on_premises_distinguished_name.as_ref()),
            on_premises_security_identifier: filled(self.on_premises_security_identifier.as_ref()),
            account_enabled: !self.account_disabled,
            other,
            created_at: before.created_at,
        }
    }
}

impl SourcedGroup {
    /// A group that was not here before.
    pub(super) fn newcomer(&self, source: &Source, id: GroupId, now: Timestamp) -> Group {
        let blank = Group {
            id,
            display_name: String::new(),
            description: None,
            mail_nickname: None,
            rule: None,
            other: Map::new(),
            created_at: now,
        };
        self.onto(source, &blank)
    }

    /// The group as the record says.
    pub(super) fn onto(&self, source: &Source, before: &Group) -> Group {
        let mut other = before.other.clone();
        put(&mut other, &self.other);
        mark(source, &mut other);
        Group {
            id: before.id,
            display_name: self.display_name.trim().to_owned(),
            description: filled(self.description.as_ref()),
            mail_nickname: filled(self.mail_nickname.as_ref()),
            rule: before.rule.clone(),
            other,
            created_at: before.created_at,
        }
    }
}

/// Notes when something was last taken; it is no difference by itself.
pub(super) fn stamp(source: &Source, other: &mut Map<String, Value>, now: Timestamp) {
    if source.is_master {
        other.insert(LAST_SYNC.to_owned(), now.to_string().into());
    }
}

/// What Graph shows of a record that could not be taken.
pub(super) fn blame(other: &mut Map<String, Value>, fault: &SourceFault, now: Timestamp) {
    let is_same = |error: &Value| {
        error["category"] == fault.category
            && error["propertyCausingError"] == fault.property
            && error["value"] == json!(fault.value)
    };
    let known = other.get(ERRORS).and_then(Value::as_array);
    if known.is_some_and(|errors| errors.iter().any(is_same)) {
        return;
    }
    let error = json!({
        "category": fault.category,
        "occurredDateTime": now.to_string(),
        "propertyCausingError": fault.property,
        "value": fault.value,
    });
    other.insert(ERRORS.to_owned(), json!([error]));
}

/// The entry of a record that was taken.
pub(super) fn entry_of<R: Sourced>(
    source: &Source,
    record: &R,
    object: uuid::Uuid,
    now: Timestamp,
) -> SourceEntryRecord {
    SourceEntryRecord {
        source: source.name.clone(),
        external_id: record.external_id().to_owned(),
        kind: R::KIND,
        object: Some(object),
        locator: record.locator().map(folded),
        digest: Some(record.digest()),
        refused: None,
        fault: None,
        is_master: source.is_master,
        gone_at: None,
        synced_at: now,
    }
}

/// A name by which entries name one another, without regard to case.
pub(crate) fn folded(locator: &str) -> String {
    locator.to_lowercase()
}

fn put(other: &mut Map<String, Value>, given: &Map<String, Value>) {
    for (name, value) in given {
        if value.is_null() {
            other.remove(name);
        } else {
            other.insert(name.clone(), value.clone());
        }
    }
}

fn mark(source: &Source, other: &mut Map<String, Value>) {
    other.remove(ERRORS);
    if source.is_master {
        other.insert(SYNC_ENABLED.to_owned(), true.into());
    }
}

fn filled(text: Option<&String>) -> Option<String> {
    text.map(|text| text.trim().to_owned())
        .filter(|text| !text.is_empty())
}
