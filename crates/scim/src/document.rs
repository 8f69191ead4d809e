//! What a resource may hold (RFC 7643 §4), and what of it the directory takes.

use std::collections::BTreeSet;

use mandate_engine::{ProvisionWriting, ProvisionedKind, SourcedGroup, SourcedPerson};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::error::ScimError;

/// The schema of people.
pub(crate) const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
/// The schema of groups.
pub(crate) const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
/// What organisations say of people beside it.
pub(crate) const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// Characters of a text, and values of an attribute that has several.
const LONGEST_TEXT: usize = 1024;
const MOST_VALUES: usize = 100;
/// Members of a group that one document may name.
const MOST_MEMBERS: usize = 20_000;

/// A kind of resource.
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    pub(crate) path: &'static str,
    pub(crate) schema: &'static str,
    pub(crate) provisioned: ProvisionedKind,
    pub(crate) attributes: &'static [Attribute],
}

/// An attribute.
pub(crate) struct Attribute {
    pub(crate) name: &'static str,
    pub(crate) shape: Shape,
}

/// What its value is.
pub(crate) enum Shape {
    Text,
    Flag,
    /// An object.
    Complex(&'static [Attribute]),
    /// Several objects.
    Many(&'static [Attribute]),
}

const fn text(name: &'static str) -> Attribute {
    Attribute {
        name,
        shape: Shape::Text,
    }
}

const fn many(name: &'static str) -> Attribute {
    Attribute {
        name,
        shape: Shape::Many(PLURAL),
    }
}

/// What a value of several says (RFC 7643 §2.4).
const PLURAL: &[Attribute] = &[
    text("value"),
    text("display"),
    text("type"),
    Attribute {
        name: "primary",
        shape: Shape::Flag,
    },
];

/// People.
pub(crate) const USERS: Kind = Kind {
    name: "User",
    path: "Users",
    schema: USER,
    provisioned: ProvisionedKind::User,
    attributes: &[
        text("externalId"),
        text("userName"),
        Attribute {
            name: "name",
            shape: Shape::Complex(&[
                text("formatted"),
                text("familyName"),
                text("givenName"),
                text("middleName"),
                text("honorificPrefix"),
                text("honorificSuffix"),
            ]),
        },
        text("displayName"),
        text("nickName"),
        text("title"),
        text("userType"),
        text("preferredLanguage"),
        text("locale"),
        text("timezone"),
        Attribute {
            name: "active",
            shape: Shape::Flag,
        },
        many("emails"),
        many("phoneNumbers"),
        Attribute {
            name: "addresses",
            shape: Shape::Many(&[
                text("formatted"),
                text("streetAddress"),
                text("locality"),
                text("region"),
                text("postalCode"),
                text("country"),
                text("type"),
                Attribute {
                    name: "primary",
                    shape: Shape::Flag,
                },
            ]),
        },
        Attribute {
            name: ENTERPRISE,
            shape: Shape::Complex(&[
                text("employeeNumber"),
                text("costCenter"),
                text("organization"),
                text("division"),
                text("department"),
                Attribute {
                    name: "manager",
                    shape: Shape::Complex(&[text("value"), text("displayName")]),
                },
            ]),
        },
    ],
};

/// Groups.
pub(crate) const GROUPS: Kind = Kind {
    name: "Group",
    path: "Groups",
    schema: GROUP,
    provisioned: ProvisionedKind::Group,
    attributes: &[
        text("externalId"),
        text("displayName"),
        Attribute {
            name: "members",
            shape: Shape::Many(&[text("value"), text("display"), text("type")]),
        },
    ],
};

impl Kind {
    /// The schemas that a document is of.
    pub(crate) fn schemas_of(&self, document: &Map<String, Value>) -> Vec<&'static str> {
        let mut schemas = vec![self.schema];
        if document.contains_key(ENTERPRISE) {
            schemas.push(ENTERPRISE);
        }
        schemas
    }

    /// What of a body is known, in the spelling of the schema. Empty values are as good as none.
    pub(crate) fn known(&self, body: &Map<String, Value>) -> Result<Map<String, Value>, ScimError> {
        known(self.attributes, body, "")
    }
}

fn known(
    attributes: &[Attribute],
    body: &Map<String, Value>,
    place: &str,
) -> Result<Map<String, Value>, ScimError> {
    let mut document = Map::new();
    for attribute in attributes {
        let mut found = body
            .iter()
            .filter(|(name, _)| name.eq_ignore_ascii_case(attribute.name));
        let Some((_, value)) = found.next() else {
            continue;
        };
        let at = if place.is_empty() {
            attribute.name.to_owned()
        } else {
            format!("{place}.{}", attribute.name)
        };
        if found.next().is_some() {
            let detail = format!("`{at}` is there twice");
            return Err(ScimError::invalid_syntax(detail));
        }
        if let Some(value) = value_of(&attribute.shape, value, &at)? {
            document.insert(attribute.name.to_owned(), value);
        }
    }
    Ok(document)
}

fn value_of(shape: &Shape, value: &Value, at: &str) -> Result<Option<Value>, ScimError> {
    let wrong = |what: &str| ScimError::invalid_value(format!("`{at}` must be {what}"));
    if value.is_null() {
        return Ok(None);
    }
    Ok(match shape {
        Shape::Text => {
            let text = match value {
                Value::String(text) => text.trim().to_owned(),
                Value::Number(number) => number.to_string(),
                // Okta and others send lists of one.
                _ => return Err(wrong("a text")),
            };
            if text.chars().count() > LONGEST_TEXT {
                return Err(wrong(&format!(
                    "a text of at most {LONGEST_TEXT} characters"
                )));
            }
            if text
                .chars()
                .any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
            {
                return Err(wrong("a text without control characters"));
            }
            Some(text).filter(|text| !text.is_empty()).map(Value::from)
        }
        // Entra sends `"True"` and `"False"`.
        Shape::Flag => Some(match value {
            Value::Bool(is) => Value::Bool(*is),
            Value::String(text) if text.eq_ignore_ascii_case("true") => Value::Bool(true),
            Value::String(text) if text.eq_ignore_ascii_case("false") => Value::Bool(false),
            _ => return Err(wrong("`true` or `false`")),
        }),
        Shape::Complex(attributes) => {
            let object = match value {
                Value::Object(object) => known(attributes, object, at)?,
                // A manager is often only named.
                Value::String(_) => known(attributes, &only_value(value), at)?,
                _ => return Err(wrong("an object")),
            };
            Some(object)
                .filter(|object| !object.is_empty())
                .map(Value::Object)
        }
        Shape::Many(attributes) => {
            let items = match value {
                Value::Array(items) => items.iter().collect(),
                one => vec![one],
            };
            let most = if at == "members" {
                MOST_MEMBERS
            } else {
                MOST_VALUES
            };
            if items.len() > most {
                return Err(wrong(&format!("a list of at most {most}")));
            }
            let mut kept = Vec::with_capacity(items.len());
            for item in items {
                let object = match item {
                    Value::Object(object) => known(attributes, object, at)?,
                    Value::String(_) => known(attributes, &only_value(item), at)?,
                    _ => return Err(wrong("a list of objects")),
                };
                if !object.is_empty() {
                    kept.push(Value::Object(object));
                }
            }
            Some(kept).filter(|kept| !kept.is_empty()).map(Value::Array)
        }
    })
}

fn only_value(value: &Value) -> Map<String, Value> {
    Map::from_iter([("value".to_owned(), value.clone())])
}

/// A person in the words of the directory.
pub(crate) fn person_of(
    mut document: Map<String, Value>,
) -> Result<ProvisionWriting<SourcedPerson>, ScimError> {
    let name = of(&document, "userName").map(str::to_owned);
    let name = name.ok_or_else(|| ScimError::invalid_value("`userName` is required"))?;
    document.entry("active").or_insert(Value::Bool(true));
    let part = |name: &str| document.get("name").and_then(|names| in_value(names, name));
    let enterprise = |name: &str| document.get(ENTERPRISE).and_then(|all| in_value(all, name));
    let (given, family) = (part("givenName"), part("familyName"));
    let full = match (&given, &family) {
        (Some(given), Some(family)) => Some(format!("{given} {family}")),
        _ => None,
    };
    let display = of(&document, "displayName").map(str::to_owned);
    let phone = |kind: &str| one_of(&document, "phoneNumbers", &[kind]);
    let address = document.get("addresses").and_then(Value::as_array);
    let address =
        address.and_then(|all| all.iter().find(|one| is_type(one, "work")).or(all.first()));
    let in_address = |name: &str| address.and_then(|one| in_value(one, name));
    let other = [
        ("jobTitle", of(&document, "title").map(str::to_owned)),
        ("department", enterprise("department")),
        ("companyName", enterprise("organization")),
        ("employeeId", enterprise("employeeNumber")),
        ("mobilePhone", phone("mobile")),
        ("streetAddress", in_address("streetAddress")),
        ("city", in_address("locality")),
        ("state", in_address("region")),
        ("postalCode", in_address("postalCode")),
        ("country", in_address("country")),
    ];
    let other = other.into_iter().map(|(name, value)| {
        let value = value.map_or(Value::Null, Value::from);
        (name.to_owned(), value)
    });
    let sourced = SourcedPerson {
        user_principal_name: name.clone(),
        display_name: display.or_else(|| part("formatted")).or(full),
        given_name: given.clone(),
        surname: family.clone(),
        mail: one_of(&document, "emails", &["work"]),
        account_disabled: document.get("active") == Some(&Value::Bool(false)),
        other: other.collect(),
        ..SourcedPerson::default()
    };
    Ok(ProvisionWriting {
        name,
        external_id: of(&document, "externalId").map(str::to_owned),
        sourced,
        document,
    })
}

/// A group in the words of the directory, with the ids of who is in it.
pub(crate) fn group_of(
    mut document: Map<String, Value>,
) -> Result<(ProvisionWriting<SourcedGroup>, BTreeSet<Uuid>), ScimError> {
    let name = of(&document, "displayName").map(str::to_owned);
    let name = name.ok_or_else(|| ScimError::invalid_value("`displayName` is required"))?;
    let mut ids = BTreeSet::new();
    if let Some(Value::Array(members)) = document.get_mut("members") {
        let mut kept = Vec::with_capacity(members.len());
        for member in members.drain(..) {
            let value = in_value(&member, "value").unwrap_or_default();
            let id = Uuid::try_parse(&value).map_err(|_| {
                let shown: String = value.chars().take(64).collect();
                ScimError::invalid_value(format!("`members.value` is no id of ours: `{shown}`"))
            })?;
            if ids.insert(id) {
                kept.push(member);
            }
        }
        *members = kept;
    }
    let writing = ProvisionWriting {
        external_id: of(&document, "externalId").map(str::to_owned),
        sourced: SourcedGroup {
            display_name: name.clone(),
            ..SourcedGroup::default()
        },
        name,
        document,
    };
    Ok((writing, ids))
}

fn of<'a>(document: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    document.get(name).and_then(Value::as_str)
}

fn in_value(value: &Value, name: &str) -> Option<String> {
    value.get(name).and_then(Value::as_str).map(str::to_owned)
}

fn is_type(value: &Value, wanted: &str) -> bool {
    let kind = value.get("type").and_then(Value::as_str);
    kind.is_some_and(|kind| kind.eq_ignore_ascii_case(wanted))
}

/// The value of several that counts: the primary one, else the first of a type, and for addresses of mail any.
fn one_of(document: &Map<String, Value>, name: &str, types: &[&str]) -> Option<String> {
    let all = document.get(name)?.as_array()?;
    let is_primary = |one: &&Value| one.get("primary") == Some(&Value::Bool(true));
    let of_type = || {
        all.iter()
            .find(|one| types.iter().any(|kind| is_type(one, kind)))
    };
    let found = if name == "emails" {
        all.iter().find(is_primary).or_else(of_type).or(all.first())
    } else {
        of_type()
    };
    in_value(found?, "value")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn known(body: &Value) -> Result<Map<String, Value>, ScimError> {
        USERS.known(body.as_object().unwrap())
    }

    #[test]
    fn what_is_known_is_kept_in_the_spelling_of_the_schema() {
        let body = json!({"USERNAME": " ada ", "colour": "red", "title": "", "active": "False", "password": "secret",
            "Emails": [{"Value": "a@b.c", "primary": "true", "x": 1}], "urn:IETF:params:scim:schemas:extension:enterprise:2.0:user":
            {"department": "Sales", "manager": "7"}});
        let document = known(&body).unwrap();
        assert_eq!(
            Value::Object(document),
            json!({"userName": "ada", "active": false, "emails": [{"value": "a@b.c", "primary": true}],
                ENTERPRISE: {"department": "Sales", "manager": {"value": "7"}}})
        );
    }

    #[test]
    fn a_person_is_told_in_the_words_of_the_directory() {
        let body = json!({"userName": "ada@contoso.com", "name": {"givenName": "Ada", "familyName": "Lovelace"},
            "emails": [{"value": "home@x.y", "type": "home"}, {"value": "ada@contoso.com", "type": "work"}],
            "title": "Countess", "phoneNumbers": [{"type": "mobile", "value": "+44 1"}]});
        let person = person_of(known(&body).unwrap()).unwrap();
        let sourced = person.sourced;
        assert_eq!(sourced.display_name.as_deref(), Some("Ada Lovelace"));
        assert_eq!(sourced.mail.as_deref(), Some("ada@contoso.com"));
        assert_eq!(sourced.other["jobTitle"], "Countess");
        assert_eq!(sourced.other["mobilePhone"], "+44 1");
        assert_eq!(sourced.other["department"], Value::Null);
        assert!(!sourced.account_disabled);
    }

    #[test]
    fn what_is_wrong_is_refused() {
        for body in [
            json!({"userName": ["a"]}),
            json!({"userName": {"a": 1}}),
            json!({"userName": "a\u{0}b"}),
            json!({"userName": "x".repeat(1025)}),
            json!({"userName": "a", "username": "b"}),
            json!({"active": "perhaps"}),
            json!({"active": 1}),
            json!({"name": [1]}),
            json!({"emails": [[["a"]]]}),
            json!({"emails": vec![json!({"value": "a"}); 101]}),
        ] {
            assert!(known(&body).is_err(), "{body}");
        }
        assert!(person_of(Map::new()).is_err());
        let group = json!({"displayName": "A", "members": [{"value": "ada"}]});
        let group = GROUPS.known(group.as_object().unwrap()).unwrap();
        assert!(group_of(group).is_err());
    }
}
