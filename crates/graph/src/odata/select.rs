//! `$select`.

use serde_json::{Map, Value};

use super::QueryError;

/// The properties that a client asked for; empty after `*`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Select {
    names: Vec<String>,
    everything: bool,
}

const MAX_NAMES: usize = 200;

impl Select {
    pub(super) fn parse(text: &str) -> Result<Self, QueryError> {
        let mut select = Self {
            names: Vec::new(),
            everything: false,
        };
        for item in text.split(',') {
            let name = item.trim();
            if name == "*" {
                select.everything = true;
                continue;
            }
            // A cast before the property, and a path into a complex value, both select the property itself.
            let name = name
                .split('/')
                .find(|part| !part.contains('.'))
                .unwrap_or_default();
            if name.is_empty()
                || !name
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
            {
                return Err(QueryError::new(
                    "$select",
                    format!("expected a property, found `{}`", item.trim()),
                ));
            }
            select.names.push(name.to_owned());
        }
        if select.names.len() > MAX_NAMES {
            return Err(QueryError::new(
                "$select",
                format!("more than {MAX_NAMES} properties"),
            ));
        }
        Ok(select)
    }

    /// The names as they came.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// Whether a property is asked for by name or by `*`.
    pub fn contains(&self, name: &str) -> bool {
        self.everything || self.is_named(name)
    }

    /// Whether a property is asked for by its own name.
    pub fn is_named(&self, wanted: &str) -> bool {
        self.names
            .iter()
            .any(|name| name.eq_ignore_ascii_case(wanted))
    }

    /// The list in the context address, `(id,displayName)`.
    pub(crate) fn context(&self) -> String {
        if self.everything {
            String::new()
        } else {
            format!("({})", self.names.join(","))
        }
    }

    /// Keeps what was asked for, and every annotation of the object itself.
    pub(crate) fn apply(&self, body: &mut Map<String, Value>) {
        if self.everything {
            return;
        }
        body.retain(|name, _| match name.split_once('@') {
            Some(("", _)) => true,
            Some((property, _)) => self.is_named(property),
            None => self.is_named(name),
        });
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_is_named_stays_and_annotations_of_the_object() {
        let select = Select::parse("ID, displayname,microsoft.graph.x/hostName").unwrap();
        let Value::Object(mut body) = json!({"@odata.type": "#t", "id": 1, "displayName": 2, "other": 3, "other@odata.type": "#x", "hostName": 4})
        else {
            unreachable!()
        };
        select.apply(&mut body);
        assert_eq!(
            Value::Object(body),
            json!({"@odata.type": "#t", "id": 1, "displayName": 2, "hostName": 4})
        );
    }

    #[test]
    fn an_empty_name_is_refused() {
        assert!(Select::parse("id,,x").is_err());
        assert!(Select::parse("").is_err());
        assert!(Select::parse("a b").is_err());
    }
}
