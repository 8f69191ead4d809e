//! The entity types that exist here, their properties and how they hang together.
//!
//! One table feeds `$metadata`, the check of property names in query options, the links of full metadata and the
//! difference between `v1.0` and `beta`. Profile kinds join it from the settings catalogue.

mod container;
mod csdl;
mod kinds;
mod operations;
mod probed;
mod table;

use std::collections::HashMap;
use std::sync::LazyLock;

pub(crate) use container::{sets, singletons};
pub(crate) use csdl::document;
use operations::{Operation, OperationKind};

/// A type of the model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Type {
    name: String,
    kind: TypeKind,
    base: Option<String>,
    is_abstract: bool,
    properties: Vec<Property>,
    navigations: Vec<Navigation>,
    actions: Vec<String>,
}

/// What sort of type it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TypeKind {
    /// Has an id and an address.
    Entity,
    /// A value with properties.
    Complex,
}

/// A property of a type.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an independent mark of the table"
)]
pub(crate) struct Property {
    name: String,
    /// `String`, `Boolean`… for Edm types, else a name of our namespace.
    type_name: String,
    collection: bool,
    nullable: bool,
    beta: bool,
    on_select: bool,
}

/// A navigation property of an entity type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Navigation {
    name: String,
    target: String,
    collection: bool,
    contained: bool,
    beta: bool,
}

/// An enum: members in order, and whether they are flags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Enumeration {
    name: String,
    members: Vec<String>,
    flags: bool,
}

struct Schema {
    types: Vec<Type>,
    by_name: HashMap<String, usize>,
    enumerations: Vec<Enumeration>,
    operations: Vec<Operation>,
}

static SCHEMA: LazyLock<Schema> = LazyLock::new(|| {
    let mut types: Vec<Type> = table::types().collect();
    let mut enumerations = table::enumerations();
    kinds::add(&mut types, &mut enumerations);
    probed::add(&mut types, crate::resources::root::EMPTY);
    let by_name = types
        .iter()
        .enumerate()
        .map(|(index, found)| (found.name.to_ascii_lowercase(), index))
        .collect();
    Schema {
        types,
        by_name,
        enumerations,
        operations: operations::operations(),
    }
});

/// The type of this name, in any letter case, without its namespace.
pub(crate) fn find(name: &str) -> Option<&'static Type> {
    SCHEMA
        .by_name
        .get(&name.to_ascii_lowercase())
        .map(|index| &SCHEMA.types[*index])
}

/// A name without `#` and namespace.
pub(crate) fn bare(name: &str) -> &str {
    name.rsplit(['.', '#']).next().unwrap_or(name)
}

/// Whether a type is another one or derives from it.
pub(crate) fn is_a(name: &str, ancestor: &str) -> bool {
    lineage(name).any(|found| found.name.eq_ignore_ascii_case(ancestor))
}

/// A property of a type or of one it derives from.
pub(crate) fn property(type_name: &str, name: &str) -> Option<&'static Property> {
    lineage(type_name)
        .flat_map(|found| &found.properties)
        .find(|found| found.name.eq_ignore_ascii_case(name))
}

/// All properties with those of the types it derives from.
pub(crate) fn properties(type_name: &str) -> impl Iterator<Item = &'static Property> {
    lineage(type_name).flat_map(|found| &found.properties)
}

/// Every property unset: `null`, or an empty collection.
pub(crate) fn blank(type_name: &str) -> serde_json::Map<String, serde_json::Value> {
    let unset = |found: &Property| {
        if found.collection {
            serde_json::Value::Array(Vec::new())
        } else {
            serde_json::Value::Null
        }
    };
    properties(type_name)
        .map(|found| (found.name.clone(), unset(found)))
        .collect()
}

/// What `v1.0` shows of a type when nothing is selected; everything if there is no list.
pub(crate) fn shown_by_default(type_name: &str) -> Option<&'static [&'static str]> {
    type_name
        .eq_ignore_ascii_case("user")
        .then_some(table::USER_DEFAULTS)
}

/// A navigation property of a type or of one it derives from.
pub(crate) fn navigation(type_name: &str, name: &str) -> Option<&'static Navigation> {
    navigations(type_name).find(|found| found.name.eq_ignore_ascii_case(name))
}

/// All navigation properties with those of the types it derives from, with the type that declares each.
pub(crate) fn navigations(type_name: &str) -> impl Iterator<Item = &'static Navigation> {
    lineage(type_name).flat_map(|found| &found.navigations)
}

/// All bound actions of a type.
pub(crate) fn actions(type_name: &str) -> impl Iterator<Item = &'static str> {
    lineage(type_name)
        .flat_map(|found| &found.actions)
        .map(String::as_str)
}

/// A type below this one that has the property.
pub(crate) fn derived_with(type_name: &str, name: &str) -> Option<&'static str> {
    let has = |found: &&Type| {
        found
            .properties
            .iter()
            .any(|property| property.name.eq_ignore_ascii_case(name))
            || found
                .navigations
                .iter()
                .any(|navigation| navigation.name.eq_ignore_ascii_case(name))
    };
    let mut below = SCHEMA
        .types
        .iter()
        .filter(|found| is_a(&found.name, type_name));
    below.find(has).map(Type::name)
}

/// The type, then its base, and so on.
fn lineage(name: &str) -> impl Iterator<Item = &'static Type> {
    std::iter::successors(find(name), |found| found.base.as_deref().and_then(find))
}

impl Type {
    pub(crate) fn name(&self) -> &str {
        &self.name
    }
}

impl Property {
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn type_name(&self) -> &str {
        &self.type_name
    }

    /// Whether `v1.0` does not show it.
    pub(crate) fn is_beta(&self) -> bool {
        self.beta
    }

    /// Whether it is left out unless asked for by name.
    pub(crate) fn is_on_select(&self) -> bool {
        self.on_select
    }

    pub(crate) fn is_collection(&self) -> bool {
        self.collection
    }
}

impl Navigation {
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Type of what it leads to.
    pub(crate) fn target(&self) -> &str {
        &self.target
    }

    pub(crate) fn is_collection(&self) -> bool {
        self.collection
    }

    pub(crate) fn is_beta(&self) -> bool {
        self.beta
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRIMITIVES: [&str; 10] = [
        "String",
        "Boolean",
        "Byte",
        "Int32",
        "Int64",
        "Double",
        "Guid",
        "DateTimeOffset",
        "Binary",
        "Duration",
    ];

    #[test]
    fn every_name_in_the_table_leads_somewhere() {
        let known = |name: &str| {
            PRIMITIVES.contains(&name)
                || find(name).is_some()
                || SCHEMA.enumerations.iter().any(|found| found.name == name)
        };
        for found in &SCHEMA.types {
            assert!(
                found
                    .base
                    .as_deref()
                    .is_none_or(|base| find(base).is_some()),
                "{}",
                found.name
            );
            for property in &found.properties {
                assert!(
                    known(&property.type_name),
                    "{}.{}: {}",
                    found.name,
                    property.name,
                    property.type_name
                );
            }
            for navigation in &found.navigations {
                assert!(
                    find(&navigation.target).is_some(),
                    "{}.{}",
                    found.name,
                    navigation.name
                );
            }
        }
    }

    #[test]
    fn names_are_unique() {
        let mut names: Vec<&str> = SCHEMA.types.iter().map(Type::name).collect();
        names.extend(SCHEMA.enumerations.iter().map(|found| found.name.as_str()));
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }

    #[test]
    fn a_mail_profile_is_a_device_configuration() {
        assert!(is_a(
            "iosEasEmailProfileConfiguration",
            "deviceconfiguration"
        ));
        assert!(property("iosEasEmailProfileConfiguration", "displayName").is_some());
        assert!(property("deviceConfiguration", "hostName").is_none());
        assert_eq!(
            derived_with("deviceConfiguration", "hostName"),
            Some("iosEasEmailProfileConfiguration")
        );
        assert!(navigation("iosEasEmailProfileConfiguration", "identityCertificate").is_some());
    }
}
