//! What a source says, and what becomes of it.

use mandate_store::{Session, SourceEntryRecord, SourceKind};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::{Actor, Engine, EngineError};

/// Where people and groups come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Its name among all sources, such as `directory/corp`.
    pub name: String,
    /// Whether it alone says what it tells: nobody changes that here.
    pub is_master: bool,
    /// Whether a person who has a role here may be taken for one of the same name there. Whoever gives names there could
    /// become an administrator here otherwise.
    pub trusts_names: bool,
}

impl Source {
    /// A source that alone says what it tells.
    pub fn master(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            is_master: true,
            trusts_names: false,
        }
    }
}

/// What a source says of a person.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SourcedPerson {
    /// What the source calls the person for good.
    pub external_id: String,
    /// How other entries of the source name the person, in any letter case.
    pub locator: Option<String>,
    /// Sign-in name, kept as it is.
    pub user_principal_name: String,
    /// Name for people; the sign-in name if there is none.
    pub display_name: Option<String>,
    /// First name.
    pub given_name: Option<String>,
    /// Last name.
    pub surname: Option<String>,
    /// Primary SMTP address.
    pub mail: Option<String>,
    /// `sAMAccountName`.
    pub on_premises_sam_account_name: Option<String>,
    /// Full DNS name of the domain.
    pub on_premises_domain_name: Option<String>,
    /// Short name of the domain.
    pub on_premises_net_bios_name: Option<String>,
    /// Distinguished name.
    pub on_premises_distinguished_name: Option<String>,
    /// SID.
    pub on_premises_security_identifier: Option<String>,
    /// Whether the account may not be used.
    pub account_disabled: bool,
    /// Further Graph properties; one that is `null` is taken away, and others that the person has are left alone.
    pub other: Map<String, Value>,
    /// What the source could not tell of it, where that keeps it from being taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unreadable: Option<SourceFault>,
}

/// What a source says of a group; who is in it is told by itself.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SourcedGroup {
    /// What the source calls the group for good.
    pub external_id: String,
    /// How other entries of the source name the group, in any letter case.
    pub locator: Option<String>,
    /// Name for people.
    pub display_name: String,
    /// What it is for.
    pub description: Option<String>,
    /// Alias.
    pub mail_nickname: Option<String>,
    /// Further Graph properties; one that is `null` is taken away, and others that the group has are left alone.
    pub other: Map<String, Value>,
    /// What the source could not tell of it, where that keeps it from being taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unreadable: Option<SourceFault>,
}

/// What became of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SourceOutcome {
    /// It is new here.
    Created(Uuid),
    /// It was here already and belongs to the source from now on.
    Adopted(Uuid),
    /// Something of it is different now.
    Changed(Uuid),
    /// It was gone, or its account not to be used, and is back.
    Restored(Uuid),
    /// Its account may not be used any more.
    Disabled(Uuid),
    /// It is as it was.
    Unchanged(Uuid),
    /// It was not taken, and what is here stays as it was.
    Refused(SourceFault),
}

impl SourceOutcome {
    /// The object here, unless the record was refused.
    pub fn object(&self) -> Option<Uuid> {
        match self {
            Self::Created(id)
            | Self::Adopted(id)
            | Self::Changed(id)
            | Self::Restored(id)
            | Self::Disabled(id)
            | Self::Unchanged(id) => Some(*id),
            Self::Refused(_) => None,
        }
    }
}

/// Why a record was not taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SourceFault {
    /// `PropertyConflict` for what somebody else has already, as Graph says, else `InvalidProperty` or `NotAllowed`.
    pub category: String,
    /// The property that is to blame.
    pub property: String,
    /// Its value, as far as it can be shown.
    pub value: Option<String>,
    /// What is wrong, in words.
    pub reason: String,
}

impl SourceFault {
    pub(crate) fn conflict(property: &str, value: &str, reason: &str) -> Self {
        Self::new("PropertyConflict", property, Some(value), reason)
    }

    pub(crate) fn invalid(property: &str, value: Option<&str>, reason: &str) -> Self {
        Self::new("InvalidProperty", property, value, reason)
    }

    pub(crate) fn not_allowed(property: &str, value: &str, reason: &str) -> Self {
        Self::new("NotAllowed", property, Some(value), reason)
    }

    fn new(category: &str, property: &str, value: Option<&str>, reason: &str) -> Self {
        Self {
            category: category.to_owned(),
            property: property.to_owned(),
            value: value.map(shown),
            reason: reason.to_owned(),
        }
    }
}

/// A text from outside, as far as it can stand on a page.
fn shown(text: &str) -> String {
    text.chars()
        .take(113)
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect()
}

/// What became of writing a record within a transaction.
pub(super) enum Written {
    /// It was taken.
    Done(SourceOutcome),
    /// Nothing was written.
    Not(SourceFault),
}

/// A record of either kind.
pub(super) trait Sourced: Serialize + Send + Sync {
    /// Which kind.
    const KIND: SourceKind;

    fn external_id(&self) -> &str;
    fn locator(&self) -> Option<&str>;

    /// Writes it, unless something is wrong with it. Access is held.
    fn write(
        &self,
        writing: &mut Writing<'_>,
        entry: Option<&SourceEntryRecord>,
    ) -> impl Future<Output = Result<Written, EngineError>> + Send;

    /// Shows on what is here already that the record could not be taken.
    fn blame(
        &self,
        writing: &mut Writing<'_>,
        object: Uuid,
        fault: &SourceFault,
    ) -> impl Future<Output = Result<(), EngineError>> + Send;

    /// What tells whether it is the same as before.
    fn digest(&self) -> Vec<u8> {
        let written = serde_json::to_vec(self).unwrap_or_default();
        mandate_pki::sha256(&written).to_vec()
    }

    /// The record as it is kept while it cannot be taken; none if it is too long for that, and then only the source
    /// can tell it again.
    fn kept(&self) -> Option<String> {
        serde_json::to_string(self)
            .ok()
            .filter(|text| text.len() <= MOST_KEPT)
    }
}

/// A transaction in which records are written, for whom.
pub(super) struct Writing<'a> {
    pub(super) engine: &'a Engine,
    pub(super) session: Session,
    pub(super) actor: &'a Actor,
    pub(super) source: &'a Source,
}

/// Octets of a record that is kept until it can be taken.
const MOST_KEPT: usize = 64 * 1024;
