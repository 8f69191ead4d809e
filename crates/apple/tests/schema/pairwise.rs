//! Rows of settings in which every allowed pair of values occurs at least once.

use std::collections::BTreeSet;

use mandate_model::Settings;
use mandate_model::catalogue::{Condition, Kind, ValueType, Violation};
use serde_json::{Map, Value, json};

/// A property with the values to try.
pub(crate) struct Parameter {
    pub(crate) property: &'static str,
    pub(crate) values: Vec<Value>,
}

/// Values of every setting of a kind: all of booleans and enums, examples of the rest.
pub(crate) fn parameters(kind: &'static Kind, examples: &[(&str, Vec<Value>)]) -> Vec<Parameter> {
    let parameters = kind.settings.iter().map(|setting| {
        let given = examples
            .iter()
            .find(|(property, _)| *property == setting.property);
        let mut values = match (given, setting.value) {
            (Some((_, values)), _) => values.clone(),
            (None, ValueType::Boolean) => vec![json!(true), json!(false)],
            (None, ValueType::Enum(choices) | ValueType::Flags(choices)) => {
                let free = choices.iter().filter(|choice| choice.unavailable.is_none());
                free.map(|choice| json!(choice.value)).collect()
            }
            (None, _) => panic!("`{}` needs examples", setting.property),
        };
        if setting.nullable {
            values.push(Value::Null);
        }
        Parameter {
            property: setting.property,
            values,
        }
    });
    parameters.collect()
}

/// Settings that cover every pair that the catalogue allows, and the number of pairs that it refuses.
pub(crate) fn cover(kind: &'static Kind, parameters: &[Parameter]) -> (Vec<Settings>, usize) {
    let mut open = all_pairs(parameters);
    let (mut rows, mut refused) = (Vec::new(), 0);
    while let Some(pair) = open.first().copied() {
        let row = complete(parameters, pair, &open);
        if let Some(settings) = accepted(kind, parameters, pair, row) {
            open.retain(|pair| !covers(parameters, &settings, *pair));
            rows.push(settings);
        } else {
            refused += 1;
        }
        open.remove(&pair);
    }
    (rows, refused)
}

/// Two parameters, each with the index of a value.
type Pair = ((usize, usize), (usize, usize));

fn all_pairs(parameters: &[Parameter]) -> BTreeSet<Pair> {
    let mut pairs = BTreeSet::new();
    for (first, left) in parameters.iter().enumerate() {
        for (second, right) in parameters.iter().enumerate().skip(first + 1) {
            for a in 0..left.values.len() {
                pairs.extend((0..right.values.len()).map(|b| ((first, a), (second, b))));
            }
        }
    }
    pairs
}

/// Fills the row around a pair, each time with the value that covers most.
fn complete(parameters: &[Parameter], pair: Pair, open: &BTreeSet<Pair>) -> Vec<usize> {
    let mut row: Vec<Option<usize>> = vec![None; parameters.len()];
    row[pair.0.0] = Some(pair.0.1);
    row[pair.1.0] = Some(pair.1.1);
    for (at, parameter) in parameters.iter().enumerate() {
        let gain = |value: usize| {
            let known = row
                .iter()
                .enumerate()
                .filter_map(|(other, chosen)| Some((other, (*chosen)?)));
            known
                .filter(|other| open.contains(&ordered(*other, (at, value))))
                .count()
        };
        let best = (0..parameter.values.len())
            .rev()
            .max_by_key(|value| gain(*value));
        row[at] = row[at].or(best);
    }
    row.into_iter().map(Option::unwrap_or_default).collect()
}

fn ordered(a: (usize, usize), b: (usize, usize)) -> Pair {
    if a < b { (a, b) } else { (b, a) }
}

/// Makes the row one that the catalogue takes without giving up the pair; `None` if the pair itself is refused.
fn accepted(
    kind: &'static Kind,
    parameters: &[Parameter],
    pair: Pair,
    row: Vec<usize>,
) -> Option<Settings> {
    let kept = [parameters[pair.0.0].property, parameters[pair.1.0].property];
    let chosen = parameters
        .iter()
        .zip(row)
        .map(|(p, value)| (p.property.to_owned(), p.values[value].clone()));
    let mut body: Map<_, _> = chosen.collect();
    for attempt in 0..ATTEMPTS {
        let violations = match kind.create(&body) {
            Ok(draft) => {
                return covers(parameters, &draft.settings, pair).then_some(draft.settings);
            }
            Err(violations) => violations,
        };
        for violation in violations {
            let at = parameters
                .iter()
                .position(|parameter| parameter.property == property(&violation))?;
            let parameter = &parameters[at];
            if kept.contains(&parameter.property) {
                if let Some(condition) = kind.setting(parameter.property)?.shown_when {
                    make_hold(&condition, &mut body, &kept);
                }
                relax(&mut body, &kept, attempt);
            } else {
                let value = parameter.values[attempt % parameter.values.len()].clone();
                body.insert(parameter.property.to_owned(), value);
            }
        }
    }
    None
}

/// Sets what a condition asks for, unless that is half of the pair.
fn make_hold(condition: &Condition, body: &mut Map<String, Value>, kept: &[&str]) {
    let mut set = |property: &str, value: Value| {
        if !kept.contains(&property) {
            body.insert(property.to_owned(), value);
        }
    };
    match condition {
        Condition::True(property) | Condition::NotFalse(property) => set(property, json!(true)),
        Condition::Is(property, value) => set(property, json!(value)),
        Condition::ContainsOrUnset(property, _) => set(property, Value::Null),
        Condition::All(conditions) | Condition::Any(conditions) => {
            conditions
                .iter()
                .for_each(|condition| make_hold(condition, body, kept));
        }
    }
}

/// The property of a violation; of an item of a list the list.
fn property(violation: &Violation) -> &str {
    violation.property.split('[').next().unwrap_or_default()
}

/// Rules over several settings: allow the user a certificate, have one domain only, another unit of time.
fn relax(body: &mut Map<String, Value>, kept: &[&str], attempt: usize) {
    let ways = [
        ("smimeEncryptionCertificateUserOverrideEnabled", json!(true)),
        ("encryptionCertificateType", json!("certificate")),
        ("userDomainNameSource", Value::Null),
        (
            "certificateValidityPeriodScale",
            json!(["days", "months", "years"][attempt % 3]),
        ),
        ("certificateStore", json!("user")),
    ];
    for (property, value) in ways {
        if body.contains_key(property) && !kept.contains(&property) {
            body.insert(property.to_owned(), value);
        }
    }
}

fn covers(parameters: &[Parameter], settings: &Settings, pair: Pair) -> bool {
    let has = |(at, value): (usize, usize)| {
        settings.get(parameters[at].property) == Some(&parameters[at].values[value])
    };
    has(pair.0) && has(pair.1)
}

const ATTEMPTS: usize = 20;
