//! How much an answer says about itself.

use serde_json::{Map, Value, json};

use crate::entity::Entity;
use crate::path::Version;
use crate::schema;

/// The `odata.metadata` parameter of `Accept`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum MetadataLevel {
    /// Only counts and links to further pages.
    None,
    /// Types where they are not obvious, and the context.
    #[default]
    Minimal,
    /// Types, addresses, links and actions of everything.
    Full,
}

impl MetadataLevel {
    /// Reads an `Accept` header; whatever is not understood means minimal.
    pub(crate) fn from_accept(accept: &str) -> Self {
        let lower = accept.to_ascii_lowercase();
        let parameter = |name: &str| {
            let (_, rest) = lower.split_once(name)?;
            Some(
                rest.split([';', ',', ' '])
                    .next()
                    .unwrap_or_default()
                    .to_owned(),
            )
        };
        match parameter("odata.metadata=")
            .or_else(|| parameter("odata="))
            .as_deref()
        {
            Some("none" | "nometadata") => Self::None,
            Some("full" | "fullmetadata") => Self::Full,
            _ => Self::Minimal,
        }
    }

    /// The parameter of `Content-Type`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Minimal => "minimal",
            Self::Full => "full",
        }
    }
}

/// What an answer is written against.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Context<'a> {
    /// Scheme and host that the client called.
    pub(crate) base_url: &'a str,
    /// Version that it called.
    pub(crate) version: Version,
    /// How much it wants to know.
    pub(crate) level: MetadataLevel,
}

impl Context<'_> {
    /// An absolute address below the version.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}/{}/{path}", self.base_url, self.version.name())
    }

    /// The context address of an answer.
    pub(crate) fn metadata(&self, fragment: &str) -> String {
        self.url(&format!("$metadata#{fragment}"))
    }
}

/// The JSON of an entity with the annotations of the level. `declared` is the type of the place where it stands.
pub(crate) fn annotate(context: Context<'_>, entity: Entity, declared: &str) -> Map<String, Value> {
    let Entity {
        type_name,
        path,
        body,
        ..
    } = entity;
    match context.level {
        MetadataLevel::None => {
            let mut body = Value::Object(body);
            strip(&mut body);
            match body {
                Value::Object(body) => body,
                _ => Map::new(),
            }
        }
        MetadataLevel::Minimal => {
            let mut body = body;
            if !type_name.eq_ignore_ascii_case(declared) {
                body.insert(
                    "@odata.type".to_owned(),
                    json!(format!("#microsoft.graph.{type_name}")),
                );
            }
            body
        }
        MetadataLevel::Full => full(context, type_name, &path, declared, body),
    }
}

fn full(
    context: Context<'_>,
    type_name: &str,
    path: &str,
    declared: &str,
    mut body: Map<String, Value>,
) -> Map<String, Value> {
    let typed: Vec<(String, Value)> = body
        .keys()
        .filter_map(|name| {
            annotation_of(type_name, name).map(|kind| (format!("{name}@odata.type"), json!(kind)))
        })
        .collect();
    body.extend(typed);
    body.insert(
        "@odata.type".to_owned(),
        json!(format!("#microsoft.graph.{type_name}")),
    );
    if path.is_empty() {
        return body;
    }
    let address = context.url(path);
    let cast = if type_name.eq_ignore_ascii_case(declared) {
        address.clone()
    } else {
        format!("{address}/microsoft.graph.{type_name}")
    };
    body.insert("@odata.id".to_owned(), json!(address));
    body.insert("@odata.editLink".to_owned(), json!(cast));
    for navigation in schema::navigations(type_name) {
        if context.version == Version::V1
            && navigation.is_beta()
            && !navigation.target().starts_with("ios")
        {
            continue;
        }
        let name = navigation.name();
        body.insert(
            format!("{name}@odata.navigationLink"),
            json!(format!("{cast}/{name}")),
        );
        body.insert(
            format!("{name}@odata.associationLink"),
            json!(format!("{cast}/{name}/$ref")),
        );
    }
    for action in schema::actions(type_name) {
        let target = format!("{cast}/microsoft.graph.{action}");
        body.insert(
            format!("#microsoft.graph.{action}"),
            json!({ "title": action, "target": target }),
        );
    }
    body
}

/// The type annotation of a property whose JSON does not show its type.
fn annotation_of(type_name: &str, name: &str) -> Option<String> {
    let property = schema::property(type_name, name)?;
    let kind = property.type_name();
    let is_ours = kind.starts_with(|first: char| first.is_ascii_lowercase());
    let full = if is_ours {
        format!("microsoft.graph.{kind}")
    } else {
        kind.to_owned()
    };
    match kind {
        _ if property.is_collection() => Some(format!("#Collection({full})")),
        "String" | "Boolean" | "Int32" | "Double" => None,
        _ => Some(format!("#{full}")),
    }
}

/// Removes every annotation but counts and links to further pages.
pub(crate) fn strip(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.retain(|name, _| {
                !(name.contains("@odata.") || name.starts_with('#'))
                    || name.ends_with("@odata.count")
                    || name.ends_with("@odata.nextLink")
            });
            map.values_mut().for_each(strip);
        }
        Value::Array(items) => items.iter_mut().for_each(strip),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_level_is_read_from_accept() {
        for (accept, level) in [
            ("application/json;odata.metadata=full", MetadataLevel::Full),
            (
                "application/json; odata.metadata=none; charset=utf-8",
                MetadataLevel::None,
            ),
            ("application/json", MetadataLevel::Minimal),
            ("*/*", MetadataLevel::Minimal),
            (
                "text/plain, application/json;odata=fullmetadata",
                MetadataLevel::Full,
            ),
        ] {
            assert_eq!(MetadataLevel::from_accept(accept), level, "{accept}");
        }
    }

    fn annotated(level: MetadataLevel) -> Map<String, Value> {
        let context = Context {
            base_url: "https://h",
            version: Version::Beta,
            level,
        };
        let Value::Object(body) = json!({"id": "1", "roleScopeTagIds": ["0"], "createdDateTime": "x", "target": {"@odata.type": "#t"}})
        else {
            unreachable!()
        };
        let entity = Entity::new(
            "iosEasEmailProfileConfiguration",
            "deviceManagement/deviceConfigurations('1')".to_owned(),
            body,
        );
        annotate(context, entity, "deviceConfiguration")
    }

    #[test]
    fn full_metadata_has_links_and_actions() {
        let body = annotated(MetadataLevel::Full);
        let root = "https://h/beta/deviceManagement/deviceConfigurations('1')";
        assert_eq!(body["@odata.id"], root);
        assert_eq!(
            body["identityCertificate@odata.associationLink"],
            format!(
                "{root}/microsoft.graph.iosEasEmailProfileConfiguration/identityCertificate/$ref"
            )
        );
        assert!(body.contains_key("assignments@odata.navigationLink"));
        assert_eq!(body["roleScopeTagIds@odata.type"], "#Collection(String)");
        assert_eq!(body["createdDateTime@odata.type"], "#DateTimeOffset");
        assert!(body.contains_key("#microsoft.graph.assign"));
    }

    #[test]
    fn minimal_metadata_has_the_type_where_it_differs_and_none_has_nothing() {
        let body = annotated(MetadataLevel::Minimal);
        assert_eq!(
            body["@odata.type"],
            "#microsoft.graph.iosEasEmailProfileConfiguration"
        );
        assert!(!body.contains_key("@odata.id"));
        assert_eq!(
            Value::Object(annotated(MetadataLevel::None))["target"],
            json!({})
        );
    }
}
