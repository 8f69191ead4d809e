//! The table of types, by subject.
//!
//! Properties are written `name:type`, with `[]` for a collection, `!` for never null, `~` for beta only and `^` for
//! returned only when selected. Navigation properties likewise, with `*` for contained.

mod devices;
mod directory;
mod enrolment;
mod enumerations;
mod management;
mod profiles;
mod roles;

pub(super) use enumerations::enumerations;

use super::{Navigation, Property, Type, TypeKind};

/// One type as the table has it.
struct Row {
    name: &'static str,
    base: &'static str,
    properties: &'static str,
    navigations: &'static str,
    actions: &'static str,
}

impl Row {
    /// `entity`, abstract or not, and complex types: a base that begins with `=` marks an abstract type, no base at
    /// all a complex one, and a base that begins with `+` a complex type that derives from another.
    fn read(&self) -> Type {
        let base = self.base.trim_start_matches(['=', '+']);
        Type {
            name: self.name.to_owned(),
            kind: if base.is_empty() || self.base.starts_with('+') {
                TypeKind::Complex
            } else {
                TypeKind::Entity
            },
            base: Some(base.to_owned()).filter(|base| !base.is_empty() && base != "-"),
            is_abstract: self.base.starts_with('='),
            properties: self.properties.split_whitespace().map(property).collect(),
            navigations: self
                .navigations
                .split_whitespace()
                .map(navigation)
                .collect(),
            actions: self.actions.split_whitespace().map(str::to_owned).collect(),
        }
    }
}

pub(super) fn property(text: &str) -> Property {
    let (name, rest) = text.split_once(':').unwrap_or((text, "String"));
    Property {
        name: name.to_owned(),
        type_name: rest.trim_end_matches(['[', ']', '!', '~', '^']).to_owned(),
        collection: rest.contains("[]"),
        nullable: !rest.contains('!'),
        beta: rest.contains('~'),
        on_select: rest.contains('^'),
    }
}

fn navigation(text: &str) -> Navigation {
    let (name, rest) = text.split_once(':').unwrap_or((text, "entity"));
    Navigation {
        name: name.to_owned(),
        target: rest.trim_end_matches(['[', ']', '*', '~']).to_owned(),
        collection: rest.contains("[]"),
        contained: rest.contains('*'),
        beta: rest.contains('~'),
    }
}

const fn row(name: &'static str, base: &'static str, properties: &'static str) -> Row {
    Row {
        name,
        base,
        properties,
        navigations: "",
        actions: "",
    }
}

impl Row {
    const fn navigations(mut self, navigations: &'static str) -> Self {
        self.navigations = navigations;
        self
    }

    const fn actions(mut self, actions: &'static str) -> Self {
        self.actions = actions;
        self
    }
}

/// All types but the profile kinds.
pub(super) fn types() -> impl Iterator<Item = Type> {
    let all = [
        directory::TYPES,
        roles::TYPES,
        enrolment::TYPES,
        devices::TYPES,
        profiles::TYPES,
        management::TYPES,
    ];
    all.into_iter().flatten().map(Row::read)
}

/// What Graph's `v1.0` shows of a user unless asked for more.
pub(super) const USER_DEFAULTS: &[&str] = &[
    "id",
    "businessPhones",
    "displayName",
    "givenName",
    "jobTitle",
    "mail",
    "mobilePhone",
    "officeLocation",
    "preferredLanguage",
    "surname",
    "userPrincipalName",
];
