//! `$metadata`, read by a parser that knows nothing of ours.

use std::collections::{BTreeMap, BTreeSet};

use mandate_graph::{Endpoint, endpoints};
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use crate::house::House;

/// The model as the document describes it.
#[derive(Debug, Default)]
struct Model {
    types: BTreeMap<String, Described>,
    enumerations: BTreeSet<String>,
    /// Kind, type of the binding parameter, name.
    operations: BTreeSet<(String, String, String)>,
    /// What stands at the root, with its type and whether it is a collection.
    roots: BTreeMap<String, (String, bool)>,
    /// Every type that anything names.
    named: BTreeSet<String>,
}

#[derive(Debug, Default)]
struct Described {
    is_entity: bool,
    base: Option<String>,
    properties: BTreeMap<String, String>,
    navigations: BTreeMap<String, String>,
}

fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = element.try_get_attribute(name).unwrap()?;
    Some(found.value.into_owned())
}

/// The name without namespace or alias; primitives keep theirs.
fn bare(name: &str) -> String {
    let name = name.strip_prefix("microsoft.graph.").unwrap_or(name);
    name.strip_prefix("graph.").unwrap_or(name).to_owned()
}

/// The item type of a type, and whether it is a collection.
fn item(type_name: &str) -> (String, bool) {
    match type_name
        .strip_prefix("Collection(")
        .and_then(|rest| rest.strip_suffix(')'))
    {
        Some(inner) => (bare(inner), true),
        None => (bare(type_name), false),
    }
}

impl Model {
    fn read(xml: &str) -> Self {
        let mut model = Self::default();
        let mut reader = Reader::from_str(xml);
        reader.config_mut().check_end_names = true;
        let (mut depth, mut current, mut operation) = (0_usize, None::<String>, None);
        loop {
            match reader.read_event().unwrap() {
                Event::Eof => break,
                Event::End(_) => depth -= 1,
                Event::Start(element) => {
                    depth += 1;
                    model.element(&element, &mut current, &mut operation);
                }
                Event::Empty(element) => model.element(&element, &mut current, &mut operation),
                _ => {}
            }
        }
        assert_eq!(depth, 0);
        model
    }

    fn element(
        &mut self,
        element: &BytesStart<'_>,
        current: &mut Option<String>,
        operation: &mut Option<(String, String)>,
    ) {
        let kind = element.name().as_ref().to_owned();
        let name = attribute(element, "Name").unwrap_or_default();
        if let Some(named) = attribute(element, "Type") {
            self.named.insert(item(&named).0);
        }
        match kind.as_str() {
            "EntityType" | "ComplexType" => {
                let described = Described {
                    is_entity: kind == "EntityType",
                    base: attribute(element, "BaseType").map(|base| bare(&base)),
                    ..Described::default()
                };
                let twice = self.types.insert(name.clone(), described);
                assert!(twice.is_none(), "`{name}` is described twice");
                *current = Some(name);
            }
            "EnumType" => drop(self.enumerations.insert(name)),
            "Property" | "NavigationProperty" => {
                let owner = current.as_ref().unwrap();
                let type_name = attribute(element, "Type").unwrap();
                let described = self.types.get_mut(owner).unwrap();
                let list = if kind == "Property" {
                    &mut described.properties
                } else {
                    &mut described.navigations
                };
                let twice = list.insert(name.clone(), type_name);
                assert!(twice.is_none(), "{owner}.{name}");
            }
            "Action" | "Function" => *operation = Some((kind, name)),
            "Parameter" if name == "bindingParameter" => {
                let (kind, operation) = operation.clone().unwrap();
                let bound = attribute(element, "Type").unwrap();
                self.operations.insert((kind, bound, operation));
            }
            "EntitySet" => {
                let own = bare(&attribute(element, "EntityType").unwrap());
                self.roots.insert(name, (own, true));
            }
            "Singleton" => {
                let own = bare(&attribute(element, "Type").unwrap());
                self.roots.insert(name, (own, false));
            }
            _ => {}
        }
    }

    fn lineage(&self, name: &str) -> Vec<String> {
        let mut names = vec![name.to_owned()];
        while let Some(base) = self.types[names.last().unwrap()].base.clone() {
            assert!(!names.contains(&base), "`{name}` derives from itself");
            names.push(base);
        }
        names
    }

    /// Where a navigation property of a type, or of one below it, leads.
    fn navigation(&self, type_name: &str, name: &str) -> Option<(String, bool)> {
        let own = self.lineage(type_name);
        let below = self
            .types
            .keys()
            .filter(|found| self.lineage(found).contains(&type_name.to_owned()));
        let mut owners = own.iter().chain(below);
        owners.find_map(|owner| {
            self.types[owner]
                .navigations
                .get(name)
                .map(|target| item(target))
        })
    }

    fn is_bound(&self, kind: &str, type_name: &str, of_collection: bool, name: &str) -> bool {
        self.lineage(type_name).iter().any(|bound| {
            let bound = if of_collection {
                format!("Collection(graph.{bound})")
            } else {
                format!("graph.{bound}")
            };
            self.operations
                .contains(&(kind.to_owned(), bound, name.to_owned()))
        })
    }

    /// Why an end point is not described; nothing if it is.
    fn lacks(&self, endpoint: &Endpoint) -> Option<String> {
        let mut steps = endpoint.template.split('/');
        let first = steps.next()?;
        if first.is_empty() || first == "$metadata" {
            return None;
        }
        let Some((mut at, mut is_many)) = self.roots.get(first).cloned() else {
            return Some(format!("nothing at the root is called `{first}`"));
        };
        for step in steps {
            if step == "$ref" || step == "$value" {
                return None;
            }
            if step.starts_with('{') && is_many {
                is_many = false;
                continue;
            }
            if step == "{navigation}" {
                return None;
            }
            if let Some(found) = self.navigation(&at, step).filter(|_| !is_many) {
                (at, is_many) = found;
                continue;
            }
            let kind = match endpoint.method.as_str() {
                "GET" => "Function",
                _ => "Action",
            };
            if self.is_bound(kind, &at, is_many, step) {
                return None;
            }
            let of = if is_many { "a collection of " } else { "" };
            return Some(format!("{of}`{at}` has no `{step}`"));
        }
        None
    }
}

#[tokio::test]
async fn every_end_point_is_described() {
    let house = House::open().await;
    let model = Model::read(&house.get("/beta/$metadata").await.text);
    let lacking: Vec<String> = endpoints()
        .iter()
        .filter_map(|endpoint| {
            let why = model.lacks(endpoint)?;
            Some(format!("{} {}: {why}", endpoint.method, endpoint.template))
        })
        .collect();
    assert!(lacking.is_empty(), "{}", lacking.join("\n"));
    let unknown = Endpoint {
        method: axum::http::Method::GET,
        template: "deviceManagement/roleScopeTags/{id}/owners",
    };
    assert!(model.lacks(&unknown).is_some());
}

#[tokio::test]
async fn every_name_in_the_document_leads_somewhere() {
    let house = House::open().await;
    for version in ["v1.0", "beta"] {
        let answer = house.get(&format!("/{version}/$metadata")).await;
        let content_type = answer.headers["content-type"].to_str().unwrap();
        assert!(
            content_type.starts_with("application/xml"),
            "{content_type}"
        );
        let model = Model::read(&answer.text);
        for name in &model.named {
            let known = name.starts_with("Edm.")
                || model.types.contains_key(name)
                || model.enumerations.contains(name);
            assert!(known, "{version}: `{name}`");
        }
        for (name, described) in &model.types {
            for ancestor in model.lineage(name).iter().skip(1) {
                assert_eq!(
                    model.types[ancestor].is_entity, described.is_entity,
                    "{name}"
                );
                let inherited = &model.types[ancestor];
                let again = described
                    .properties
                    .keys()
                    .find(|property| inherited.properties.contains_key(*property));
                assert_eq!(again, None, "{name} has a property of {ancestor} again");
            }
        }
        for (own, _) in model.roots.values() {
            assert!(model.types[own].is_entity, "{own}");
        }
    }
}

/// What an answer says must be in the model: clients make classes from it.
#[tokio::test]
async fn what_is_answered_is_described() {
    let house = House::open().await;
    house
        .post(
            "/beta/deviceManagement/roleScopeTags",
            serde_json::json!({"displayName": "North"}),
        )
        .await
        .expect(200);
    let user = house.user("ada").await;
    house.phone("one", Some(&user)).await;
    house.group("all").await;
    house.mail_profile("Mail").await;
    let model = Model::read(&house.get("/beta/$metadata").await.text);
    for endpoint in endpoints() {
        let is_plain = endpoint.method == "GET" && !endpoint.template.contains(['{', '$']);
        if !is_plain || endpoint.template.is_empty() || endpoint.template == "me" {
            continue;
        }
        let headers = [("accept", "application/json;odata.metadata=full")];
        let answer = house
            .get_with(&format!("/beta/{}", endpoint.template), &headers)
            .await;
        let Some(items) = serde_json::from_str::<serde_json::Value>(&answer.text)
            .ok()
            .and_then(|body| body["value"].as_array().cloned())
        else {
            continue;
        };
        for item in items {
            let Some(own) = item["@odata.type"].as_str() else {
                continue;
            };
            let own = bare(own.trim_start_matches('#'));
            let known: BTreeSet<String> = model
                .lineage(&own)
                .iter()
                .flat_map(|name| model.types[name].properties.keys().cloned())
                .collect();
            for property in item.as_object().unwrap().keys() {
                let is_known = property.contains(['@', '#']) || known.contains(property);
                assert!(is_known, "{}: {own}.{property}", endpoint.template);
            }
        }
    }
}

#[test]
fn every_collection_that_is_always_empty_is_in_the_manual() {
    let manual = include_str!("../../../../docs/api.md");
    let (_, list) = manual
        .split_once("### Collections that are always empty")
        .unwrap();
    let list = list.split("\n## ").next().unwrap();
    let named: BTreeSet<String> = list
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.split_once(" | "))
        .flat_map(|(below, names)| {
            let below = below.trim_matches('`');
            let prefix = match below {
                "the root" => String::new(),
                below => format!("{below}/"),
            };
            let names = names.split('`').skip(1).step_by(2);
            names
                .map(|name| format!("{prefix}{name}"))
                .collect::<Vec<_>>()
        })
        .collect();
    let there: BTreeSet<String> = mandate_graph::empty_collections()
        .iter()
        .map(|path| (*path).to_owned())
        .collect();
    assert_eq!(named, there, "left is in docs/api.md, right is there");
}
