//! What is different, property by property.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::redact;

/// Objects inside objects are gone through this deep; below, they are compared as a whole.
const DEPTH: usize = 4;
/// Properties of one entry; how many more there are is said in the last one.
const MOST: usize = 300;

/// The properties that differ, as `{"name", "before", "after"}`, without secrets and within bounds.
pub(super) fn between(before: &Value, after: &Value) -> Vec<Value> {
    let mut found = Found {
        changes: Vec::new(),
        further: 0,
    };
    found.compare("", before, after, DEPTH);
    let Found {
        mut changes,
        further,
        ..
    } = found;
    if further > 0 {
        changes.push(json!({ "name": "…", "before": null, "after": format!("{further} further properties") }));
    }
    changes
}

struct Found {
    changes: Vec<Value>,
    further: usize,
}

impl Found {
    fn compare(&mut self, path: &str, before: &Value, after: &Value, depth: usize) {
        if before == after {
            return;
        }
        let nothing = Map::new();
        let both = match (before, after) {
            (Value::Object(before), Value::Object(after)) => Some((before, after)),
            (Value::Object(before), Value::Null) => Some((before, &nothing)),
            (Value::Null, Value::Object(after)) => Some((&nothing, after)),
            _ => None,
        };
        match both {
            Some((before, after)) if depth > 0 => {
                let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
                for name in names {
                    let path = if path.is_empty() {
                        name.clone()
                    } else {
                        format!("{path}.{name}")
                    };
                    let of = |all: &Map<String, Value>| all.get(name).cloned().unwrap_or_default();
                    self.compare(&path, &of(before), &of(after), depth - 1);
                }
            }
            _ => self.note(path, before, after),
        }
    }

    fn note(&mut self, path: &str, before: &Value, after: &Value) {
        if self.changes.len() >= MOST {
            self.further += 1;
            return;
        }
        let name = if path.is_empty() { "value" } else { path };
        self.changes.push(json!({
            "name": redact::bounded(name),
            "before": redact::value(name, before),
            "after": redact::value(name, after),
        }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_noted() {
        let before = json!({ "a": 1, "b": { "c": "x", "d": "y" }, "e": [1], "gone": true });
        let after = json!({ "a": 1, "b": { "c": "x", "d": "z" }, "e": [1, 2], "new": false });
        assert_eq!(
            between(&before, &after),
            [
                json!({ "name": "b.d", "before": "y", "after": "z" }),
                json!({ "name": "e", "before": [1], "after": [1, 2] }),
                json!({ "name": "gone", "before": true, "after": null }),
                json!({ "name": "new", "before": null, "after": false }),
            ]
        );
        assert!(between(&before, &before).is_empty());
        assert!(between(&Value::Null, &json!({})).is_empty());
    }

    #[test]
    fn a_null_that_was_absent_is_no_difference() {
        assert!(between(&json!({}), &json!({ "a": null })).is_empty());
    }

    #[test]
    fn there_is_an_end_to_it() {
        let many: Map<String, Value> = (0..1000).map(|n| (format!("p{n:04}"), json!(n))).collect();
        let changes = between(&Value::Null, &Value::Object(many));
        assert_eq!(changes.len(), MOST + 1);
        assert_eq!(changes[MOST]["after"], "700 further properties");
    }
}
