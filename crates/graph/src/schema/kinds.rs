//! Profile kinds of the settings catalogue as types of the model.

use mandate_model::catalogue::{self, Choice, Kind, Reference, Setting, ValueType};

use super::{Enumeration, Navigation, Property, Type, TypeKind};

/// Adds a type for each kind, with the bases, enums and item types it needs that the table does not have.
pub(super) fn add(types: &mut Vec<Type>, enumerations: &mut Vec<Enumeration>) {
    for kind in catalogue::kinds() {
        add_bases(kind, types);
        for setting in kind.settings {
            add_value_types(setting, types, enumerations);
        }
        types.push(entity(kind));
    }
}

/// Bases between the kind and `deviceConfiguration`: abstract and without properties of their own, for the
/// catalogue lists all settings at the kind.
fn add_bases(kind: &Kind, types: &mut Vec<Type>) {
    for (index, name) in kind.base_types.iter().enumerate() {
        if types
            .iter()
            .any(|found| found.name.eq_ignore_ascii_case(name))
        {
            continue;
        }
        let base = kind
            .base_types
            .get(index + 1)
            .copied()
            .unwrap_or("deviceConfiguration");
        types.push(Type {
            name: (*name).to_owned(),
            kind: TypeKind::Entity,
            base: Some(base.to_owned()),
            is_abstract: true,
            properties: Vec::new(),
            navigations: Vec::new(),
            actions: Vec::new(),
        });
    }
}

fn entity(kind: &Kind) -> Type {
    let mut navigations: Vec<Navigation> = kind.references.iter().map(reference).collect();
    if kind.is_a("iosCertificateProfile") || kind.is_a("macOSCertificateProfileBase") {
        navigations.push(Navigation {
            name: "managedDeviceCertificateStates".to_owned(),
            target: "managedDeviceCertificateState".to_owned(),
            collection: true,
            contained: true,
            beta: true,
        });
    }
    Type {
        name: kind.type_name.to_owned(),
        kind: TypeKind::Entity,
        base: Some(
            kind.base_types
                .first()
                .copied()
                .unwrap_or("deviceConfiguration")
                .to_owned(),
        ),
        is_abstract: false,
        properties: kind.settings.iter().map(property).collect(),
        navigations,
        actions: Vec::new(),
    }
}

fn reference(reference: &Reference) -> Navigation {
    let target = match reference.targets {
        [single] => single,
        _ => "deviceConfiguration",
    };
    Navigation {
        name: reference.property.to_owned(),
        target: target.to_owned(),
        collection: false,
        contained: false,
        beta: true,
    }
}

/// Kinds exist in `beta` only, so that Graph's `v1.0` would show none of their properties; we show them in both.
fn property(setting: &Setting) -> Property {
    let (type_name, collection) = match setting.value {
        ValueType::Text { .. } => ("String".to_owned(), false),
        ValueType::Boolean => ("Boolean".to_owned(), false),
        ValueType::Integer { .. } => ("Int32".to_owned(), false),
        ValueType::Certificate => ("Binary".to_owned(), false),
        ValueType::TextList { .. } => ("String".to_owned(), true),
        ValueType::Enum(_) | ValueType::Flags(_) => (enumeration_name(setting), false),
        ValueType::ObjectList { type_name, .. } => (type_name.to_owned(), true),
    };
    Property {
        name: setting.property.to_owned(),
        type_name,
        collection,
        nullable: setting.nullable,
        beta: false,
        on_select: false,
    }
}

fn add_value_types(setting: &Setting, types: &mut Vec<Type>, enumerations: &mut Vec<Enumeration>) {
    match setting.value {
        ValueType::Enum(choices) => {
            add_enumeration(enumeration_name(setting), choices, false, enumerations);
        }
        ValueType::Flags(choices) => {
            add_enumeration(enumeration_name(setting), choices, true, enumerations);
        }
        ValueType::ObjectList {
            type_name, fields, ..
        } => {
            if types.iter().any(|found| found.name == type_name) {
                return;
            }
            let properties = fields.iter().map(|field| {
                let type_name = match field.value {
                    ValueType::Enum(choices) => {
                        let name = enumeration_of(field.property).to_owned();
                        add_enumeration(name.clone(), choices, false, enumerations);
                        name
                    }
                    _ => "String".to_owned(),
                };
                let name = field.property.to_owned();
                Property {
                    name,
                    type_name,
                    collection: false,
                    nullable: field.nullable,
                    beta: false,
                    on_select: false,
                }
            });
            types.push(Type {
                name: type_name.to_owned(),
                kind: TypeKind::Complex,
                base: None,
                is_abstract: false,
                properties: properties.collect(),
                navigations: Vec::new(),
                actions: Vec::new(),
            });
        }
        _ => {}
    }
}

fn add_enumeration(
    name: String,
    choices: &[Choice],
    flags: bool,
    enumerations: &mut Vec<Enumeration>,
) {
    if enumerations.iter().all(|found| found.name != name) {
        let members = choices
            .iter()
            .map(|choice| choice.value.to_owned())
            .collect();
        enumerations.push(Enumeration {
            name,
            members,
            flags,
        });
    }
}

fn enumeration_name(setting: &Setting) -> String {
    enumeration_of(setting.property).to_owned()
}

/// Graph's names of the enums whose property is called otherwise; the others are named like their property.
fn enumeration_of(property: &str) -> &str {
    match property {
        "authenticationMethod" => "easAuthenticationMethod",
        "durationOfEmailToSync" => "emailSyncDuration",
        "emailAddressSource" | "usernameSource" => "userEmailSource",
        "usernameAADSource" => "usernameSource",
        "userDomainNameSource" => "domainNameSource",
        "signingCertificateType" | "encryptionCertificateType" => "emailCertificateType",
        "subjectNameFormat" => "appleSubjectNameFormat",
        "keyUsage" => "keyUsages",
        "deploymentChannel" => "appleDeploymentChannel",
        "hashAlgorithm" => "hashAlgorithms",
        "sanType" => "subjectAlternativeNameType",
        other => other,
    }
}
