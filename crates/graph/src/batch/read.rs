//! Reading a batch, its items in an order in which they can run.

use axum::http::Method;
use serde_json::{Map, Value};

use crate::error::{GraphError, Result};

/// One request of a batch.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Item {
    pub(super) id: String,
    pub(super) method: Method,
    pub(super) url: String,
    pub(super) headers: Map<String, Value>,
    pub(super) body: Option<Value>,
    pub(super) depends_on: Vec<String>,
}

const MAX_ITEMS: usize = 20;

impl Item {
    /// A header in any letter case.
    pub(super) fn header(&self, wanted: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(wanted))
            .and_then(|(_, value)| value.as_str())
    }

    fn read(index: usize, value: &Value) -> Result<Self> {
        let place = format!("requests[{index}]");
        let wrong = |what: &str| {
            GraphError::invalid(
                format!("{place}.{what}"),
                format!("`{place}.{what}` is missing or wrong"),
            )
        };
        let text = |name: &str| value.get(name).and_then(Value::as_str);
        let id = value
            .get("id")
            .and_then(id_text)
            .ok_or_else(|| wrong("id"))?;
        let method = text("method")
            .ok_or_else(|| wrong("method"))?
            .to_ascii_uppercase();
        let method = match method.as_str() {
            "GET" => Method::GET,
            "POST" => Method::POST,
            "PUT" => Method::PUT,
            "PATCH" => Method::PATCH,
            "DELETE" => Method::DELETE,
            _ => return Err(wrong("method")),
        };
        let url = text("url")
            .filter(|url| !url.contains("://"))
            .ok_or_else(|| wrong("url"))?;
        let headers = match value.get("headers") {
            None | Some(Value::Null) => Map::new(),
            Some(Value::Object(headers)) => headers.clone(),
            Some(_) => return Err(wrong("headers")),
        };
        let depends_on = match value.get("dependsOn") {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::Array(ids)) => ids
                .iter()
                .map(|id| id_text(id).ok_or_else(|| wrong("dependsOn")))
                .collect::<Result<_>>()?,
            Some(_) => return Err(wrong("dependsOn")),
        };
        let body = value.get("body").filter(|body| !body.is_null()).cloned();
        Ok(Self {
            id,
            method,
            url: url.trim_start_matches('/').to_owned(),
            headers,
            body,
            depends_on,
        })
    }
}

/// Ids are texts in the specification; `IntuneCD` and `IntuneManagement` send numbers.
fn id_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The items, each after those that it depends on.
pub(super) fn read(body: Option<&Value>) -> Result<Vec<Item>> {
    let requests = body
        .and_then(|body| body.get("requests"))
        .and_then(Value::as_array);
    let requests =
        requests.ok_or_else(|| GraphError::invalid("requests", "`requests` must be a list"))?;
    if requests.len() > MAX_ITEMS {
        let message = format!(
            "`requests` may have {MAX_ITEMS} items, but has {}",
            requests.len()
        );
        return Err(GraphError::invalid("requests", message));
    }
    let items: Vec<Item> = requests
        .iter()
        .enumerate()
        .map(|(index, value)| Item::read(index, value))
        .collect::<Result<_>>()?;
    for (index, item) in items.iter().enumerate() {
        if items[..index].iter().any(|other| other.id == item.id) {
            return Err(GraphError::invalid(
                "requests",
                format!("the id `{}` is there twice", item.id),
            ));
        }
        if let Some(unknown) = item
            .depends_on
            .iter()
            .find(|id| items.iter().all(|other| other.id != **id))
        {
            let message = format!(
                "request `{}` depends on `{unknown}`, which is not there",
                item.id
            );
            return Err(GraphError::invalid("requests", message));
        }
    }
    in_order(items)
}

fn in_order(mut waiting: Vec<Item>) -> Result<Vec<Item>> {
    let mut ordered: Vec<Item> = Vec::with_capacity(waiting.len());
    while !waiting.is_empty() {
        let is_ready = |item: &Item| {
            item.depends_on
                .iter()
                .all(|id| ordered.iter().any(|done| done.id == *id))
        };
        let Some(next) = waiting.iter().position(is_ready) else {
            return Err(GraphError::invalid(
                "requests",
                "requests depend on one another in a circle",
            ));
        };
        let item = waiting.remove(next);
        ordered.push(item);
    }
    Ok(ordered)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn ids(requests: &Value) -> Result<Vec<String>> {
        let items = read(Some(&json!({ "requests": requests })))?;
        Ok(items.into_iter().map(|item| item.id).collect())
    }

    fn get(id: &Value, depends_on: &Value) -> Value {
        json!({ "id": id, "method": "get", "url": "/users", "dependsOn": depends_on })
    }

    #[test]
    fn items_run_after_those_they_depend_on() {
        let requests = json!([
            get(&json!(1), &json!(["3"])),
            get(&json!("2"), &json!(null)),
            get(&json!(3), &json!([2]))
        ]);
        assert_eq!(ids(&requests).unwrap(), ["2", "3", "1"]);
    }

    #[test]
    fn a_batch_that_cannot_run_is_refused_as_a_whole() {
        for requests in [
            json!("x"),
            json!([{}]),
            json!([get(&json!(1), &json!(null)), get(&json!("1"), &json!(null))]),
            json!([get(&json!(1), &json!(["9"]))]),
            json!([get(&json!(1), &json!(["2"])), get(&json!(2), &json!(["1"]))]),
            json!([{ "id": "1", "method": "TRACE", "url": "x" }]),
            json!([{ "id": "1", "method": "GET", "url": "https://evil/x" }]),
            Value::Array((0..21).map(|n| get(&json!(n), &json!(null))).collect()),
        ] {
            assert!(ids(&requests).is_err(), "{requests}");
        }
        assert!(read(None).is_err());
    }

    proptest! {
        #[test]
        fn an_order_is_found_whenever_there_is_one(edges in prop::collection::vec((0_usize..8, 0_usize..8), 0..12)) {
            let requests: Vec<Value> = (0..8).map(|n| {
                let on: Vec<String> =
                    edges.iter().filter(|(from, to)| *from == n && to < from).map(|(_, to)| to.to_string()).collect();
                get(&json!(n), &json!(on))
            }).collect();
            prop_assert_eq!(ids(&json!(requests)).unwrap().len(), 8);
        }
    }
}
