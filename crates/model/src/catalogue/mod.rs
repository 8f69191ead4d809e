//! The settings catalogue: every profile kind, defined once.
//!
//! A kind is one file in `kinds/` with a `KIND`; the build lists the folder. From that definition come reading and
//! checking of Graph bodies, forms, the effect of an edit and the reference pages.
//!
//! ```text
//! Graph body ──► create / update ──► Settings (normalised) ──► compilers, to_graph, impact, warnings
//!                      └─► [Violation]
//! ```

mod certificates;
mod change;
mod condition;
mod distinguished_name;
mod docs;
mod reading;
mod reference;
mod schema;
mod setting;
mod template;
mod text_rule;
mod value;
mod variable;
mod violation;

use std::collections::BTreeMap;

use serde_json::{Map, Value};

pub use certificates::{directory_attribute, wants_sha1_only};
pub use change::SettingChange;
pub use condition::Condition;
pub use distinguished_name::{Attribute, DistinguishedName};
pub use reading::Draft;
pub use reference::{Reference, UseOfCertificate};
pub use setting::{Choice, Constant, Field, Impact, Setting, ValueType};
pub use template::{Part, Template};
pub use text_rule::TextRule;
pub use variable::Variable;
pub use violation::{Violation, Warning};

use crate::{OsVersion, Platform, ProfileId, Settings};

include!(concat!(env!("OUT_DIR"), "/kinds.rs"));

/// The kind of this Graph type, in any letter case; with or without `#` and `microsoft.graph.`.
pub fn kind(type_name: &str) -> Option<&'static Kind> {
    let name = without_namespace(type_name);
    KINDS
        .iter()
        .copied()
        .find(|kind| kind.type_name.eq_ignore_ascii_case(name))
}

/// All kinds, by type name.
pub fn kinds() -> &'static [&'static Kind] {
    KINDS
}

/// A profile kind.
#[derive(Clone, Copy)]
pub struct Kind {
    /// Graph type name without its namespace.
    pub type_name: &'static str,
    /// Graph types that it derives from, the nearest first, without namespace.
    pub base_types: &'static [&'static str],
    /// What it is for.
    pub platform: Platform,
    /// First version of the platform that can take it.
    pub minimum_os: OsVersion,
    /// Name for people.
    pub label: &'static str,
    /// What it does, one or two sentences.
    pub help: &'static str,
    /// What it sets; a setting stands behind those that its condition asks for.
    pub settings: &'static [Setting],
    /// Which other profiles it may name.
    pub references: &'static [Reference],
    /// Rules over several settings.
    pub check: fn(&Settings) -> Vec<Violation>,
    /// What is allowed but probably not meant.
    pub warn: fn(&Settings, &BTreeMap<String, ProfileId>) -> Vec<Warning>,
    /// Whether a device without a user cannot have it.
    pub needs_user: fn(&Settings) -> bool,
}

impl Kind {
    /// Whether it is of this Graph type or derives from it (`isof`, type casts); any letter case.
    pub fn is_a(&self, type_name: &str) -> bool {
        let name = without_namespace(type_name);
        std::iter::once(&self.type_name)
            .chain(self.base_types)
            .any(|own| own.eq_ignore_ascii_case(name))
    }

    /// Whether it makes a mail account: Graph names all kinds alike that do.
    pub fn makes_mail_account(&self) -> bool {
        self.type_name.contains("EmailProfile")
    }

    /// The type as responses name it, `#microsoft.graph.…`.
    pub fn odata_type(&self) -> String {
        format!("#microsoft.graph.{}", self.type_name)
    }

    /// The setting of this property, spelt exactly.
    pub fn setting(&self, property: &str) -> Option<&'static Setting> {
        self.settings
            .iter()
            .find(|setting| setting.property == property)
    }

    /// The reference of this navigation property, spelt exactly.
    pub fn reference(&self, property: &str) -> Option<&'static Reference> {
        self.references
            .iter()
            .find(|reference| reference.property == property)
    }

    /// The settings as Graph shows them: every property of the kind, unset ones as `null`, nothing else.
    pub fn to_graph(&self, settings: &Settings) -> Map<String, Value> {
        let pairs = self.settings.iter().map(|setting| {
            let value = settings
                .get(setting.property)
                .cloned()
                .unwrap_or(Value::Null);
            (setting.property.to_owned(), value)
        });
        pairs.collect()
    }

    /// References that the settings demand and that are not there. A profile may be made first and its references
    /// put afterwards, so this is no violation; nothing can be delivered until the list is empty.
    pub fn missing_references(
        &self,
        settings: &Settings,
        references: &BTreeMap<String, ProfileId>,
    ) -> Vec<&'static Reference> {
        let missing = self.references.iter().filter(|reference| {
            let required = reference
                .required_when
                .is_none_or(|condition| condition.holds(settings));
            required && !references.contains_key(reference.property)
        });
        missing.collect()
    }

    /// References that are there and mean something under these settings, in the order of the kind.
    pub fn active_references(
        &self,
        settings: &Settings,
        references: &BTreeMap<String, ProfileId>,
    ) -> Vec<(&'static Reference, ProfileId)> {
        let active = self.references.iter().filter_map(|reference| {
            let active = reference
                .required_when
                .is_none_or(|condition| condition.holds(settings));
            let id = references.get(reference.property)?;
            active.then_some((reference, *id))
        });
        active.collect()
    }

    /// What is allowed but probably not meant.
    pub fn warnings(
        &self,
        settings: &Settings,
        references: &BTreeMap<String, ProfileId>,
    ) -> Vec<Warning> {
        (self.warn)(settings, references)
    }

    /// Whether a device without a user cannot have a profile with these settings.
    pub fn needs_user(&self, settings: &Settings) -> bool {
        (self.needs_user)(settings)
    }
}

impl PartialEq for Kind {
    fn eq(&self, other: &Self) -> bool {
        self.type_name == other.type_name
    }
}

impl Eq for Kind {}

impl std::fmt::Debug for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Kind({})", self.type_name)
    }
}

fn without_namespace(type_name: &str) -> &str {
    let name = type_name.strip_prefix('#').unwrap_or(type_name);
    match name.get(..NAMESPACE.len()) {
        Some(prefix) if prefix.eq_ignore_ascii_case(NAMESPACE) => &name[NAMESPACE.len()..],
        _ => name,
    }
}

const NAMESPACE: &str = "microsoft.graph.";
