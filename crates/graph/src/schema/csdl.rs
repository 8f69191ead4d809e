//! The model as a CSDL document (`$metadata`).
//!
//! `IntuneManagement` reads entity types, their bases, navigation properties and containment from it.

use std::fmt::Write;

use super::{
    Navigation, Operation, OperationKind, Property, SCHEMA, Type, TypeKind, is_a, sets, singletons,
};
use crate::path::Version;

/// The document for a version of the API.
pub(crate) fn document(version: Version) -> String {
    let mut xml = String::from(HEAD);
    for found in &SCHEMA.enumerations {
        let flags = if found.flags { " IsFlags=\"true\"" } else { "" };
        let _ = write!(xml, "<EnumType Name=\"{}\"{flags}>", found.name);
        for (index, member) in found.members.iter().enumerate() {
            // `none` is no flag.
            let has_none = found.members.first().is_some_and(|first| first == "none");
            let value = match index.checked_sub(usize::from(has_none)) {
                _ if !found.flags => index as u64,
                Some(place) => 1_u64 << place.min(62),
                None => 0,
            };
            let _ = write!(xml, "<Member Name=\"{member}\" Value=\"{value}\"/>");
        }
        xml.push_str("</EnumType>");
    }
    for found in &SCHEMA.types {
        write_type(&mut xml, found, version);
    }
    for found in &SCHEMA.operations {
        if version == Version::Beta || !found.beta {
            write_operation(&mut xml, found);
        }
    }
    write_actions(&mut xml);
    write_container(&mut xml);
    xml.push_str(TAIL);
    xml
}

fn write_type(xml: &mut String, found: &Type, version: Version) {
    let element = match found.kind {
        TypeKind::Entity => "EntityType",
        TypeKind::Complex => "ComplexType",
    };
    let _ = write!(xml, "<{element} Name=\"{}\"", found.name);
    if let Some(base) = &found.base {
        let _ = write!(xml, " BaseType=\"graph.{base}\"");
    }
    if found.is_abstract {
        xml.push_str(" Abstract=\"true\"");
    }
    xml.push('>');
    if found.name == "entity" {
        xml.push_str("<Key><PropertyRef Name=\"id\"/></Key>");
    }
    for property in found
        .properties
        .iter()
        .filter(|property| version == Version::Beta || !property.beta)
    {
        write_property(xml, property);
    }
    for navigation in found
        .navigations
        .iter()
        .filter(|navigation| version == Version::Beta || !navigation.beta)
    {
        write_navigation(xml, navigation);
    }
    let _ = write!(xml, "</{element}>");
}

fn write_property(xml: &mut String, property: &Property) {
    let _ = write!(
        xml,
        "<Property Name=\"{}\" {}/>",
        property.name,
        type_of(property)
    );
}

fn write_navigation(xml: &mut String, navigation: &Navigation) {
    let type_name = qualified(&navigation.target, navigation.collection);
    let contained = if navigation.contained {
        " ContainsTarget=\"true\""
    } else {
        ""
    };
    let _ = write!(
        xml,
        "<NavigationProperty Name=\"{}\" Type=\"{type_name}\"{contained}/>",
        navigation.name
    );
}

fn write_operation(xml: &mut String, found: &Operation) {
    let element = match found.kind {
        OperationKind::Action => "Action",
        OperationKind::Function => "Function",
    };
    let bound_to = qualified(&found.bound_to, found.of_collection);
    let _ = write!(
        xml,
        "<{element} Name=\"{}\" IsBound=\"true\"><Parameter Name=\"bindingParameter\" Type=\"{bound_to}\"/>",
        found.name
    );
    for parameter in &found.parameters {
        let _ = write!(
            xml,
            "<Parameter Name=\"{}\" {}/>",
            parameter.name,
            type_of(parameter)
        );
    }
    if let Some(given) = &found.returns {
        let _ = write!(xml, "<ReturnType {}/>", type_of(given));
    }
    let _ = write!(xml, "</{element}>");
}

/// Actions of which no more is known than the name.
fn write_actions(xml: &mut String) {
    for found in &SCHEMA.types {
        for action in &found.actions {
            let is_written = SCHEMA.operations.iter().any(|operation| {
                operation.name == *action
                    && !operation.of_collection
                    && is_a(&found.name, &operation.bound_to)
            });
            if !is_written {
                let _ = write!(
                    xml,
                    "<Action Name=\"{action}\" IsBound=\"true\"><Parameter Name=\"bindingParameter\" Type=\"graph.{}\"/></Action>",
                    found.name
                );
            }
        }
    }
}

fn write_container(xml: &mut String) {
    xml.push_str("<EntityContainer Name=\"GraphService\">");
    for (name, item) in sets() {
        let _ = write!(
            xml,
            "<EntitySet Name=\"{name}\" EntityType=\"microsoft.graph.{item}\"/>"
        );
    }
    for (name, own) in singletons() {
        let _ = write!(
            xml,
            "<Singleton Name=\"{name}\" Type=\"microsoft.graph.{own}\"/>"
        );
    }
    xml.push_str("</EntityContainer>");
}

fn type_of(property: &Property) -> String {
    let type_name = qualified(&property.type_name, property.collection);
    let nullable = if property.nullable {
        ""
    } else {
        " Nullable=\"false\""
    };
    format!("Type=\"{type_name}\"{nullable}")
}

fn qualified(name: &str, collection: bool) -> String {
    let is_ours = name.starts_with(|first: char| first.is_ascii_lowercase());
    let full = if is_ours {
        format!("graph.{name}")
    } else {
        format!("Edm.{name}")
    };
    if collection {
        format!("Collection({full})")
    } else {
        full
    }
}

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\
    <edmx:Edmx Version=\"4.0\" xmlns:edmx=\"http://docs.oasis-open.org/odata/ns/edmx\"><edmx:DataServices>\
    <Schema Namespace=\"microsoft.graph\" Alias=\"graph\" xmlns=\"http://docs.oasis-open.org/odata/ns/edm\">";

const TAIL: &str = "</Schema></edmx:DataServices></edmx:Edmx>";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_flag_is_none() {
        let document = document(Version::V1);
        for (name, value) in [
            ("none", 0),
            ("includeCompanyLogo", 1),
            ("includeDeviceDetails", 16),
        ] {
            let member = format!("<Member Name=\"{name}\" Value=\"{value}\"/>");
            let (_, options) = document
                .split_once("notificationTemplateBrandingOptions\" IsFlags")
                .unwrap();
            let (options, _) = options.split_once("</EnumType>").unwrap();
            assert!(options.contains(&member), "{member} in {options}");
        }
    }

    #[test]
    fn the_document_says_what_intune_management_reads() {
        let xml = document(Version::Beta);
        assert!(xml.contains("Namespace=\"microsoft.graph\" Alias=\"graph\""));
        assert!(xml.contains(
            "<EntityType Name=\"deviceConfiguration\" BaseType=\"graph.entity\" Abstract=\"true\">"
        ));
        assert!(xml.contains(
            "<NavigationProperty Name=\"assignments\" \
             Type=\"Collection(graph.deviceConfigurationAssignment)\" ContainsTarget=\"true\"/>"
        ));
        assert!(xml.contains("<EntityType Name=\"iosEasEmailProfileConfiguration\""));
        assert!(xml.contains("<NavigationProperty Name=\"identityCertificate\" Type="));
    }

    #[test]
    fn every_element_that_opens_closes() {
        for version in [Version::V1, Version::Beta] {
            let xml = document(version);
            let mut open: Vec<&str> = Vec::new();
            for tag in xml.split('<').skip(2) {
                let name = tag
                    .split(['>', ' ', '/'])
                    .find(|part| !part.is_empty())
                    .unwrap();
                let element = tag.split('>').next().unwrap();
                if tag.starts_with('/') {
                    assert_eq!(open.pop(), Some(name));
                } else if !element.ends_with('/') {
                    open.push(name);
                }
            }
            assert!(open.is_empty(), "{open:?}");
        }
    }

    #[test]
    fn v1_does_not_show_what_is_beta_only() {
        assert!(!document(Version::V1).contains("\"intuneBrandingProfiles\""));
        assert!(document(Version::Beta).contains("\"intuneBrandingProfiles\""));
    }
}
