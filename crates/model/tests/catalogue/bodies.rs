//! Arbitrary bodies and texts.

use mandate_model::catalogue::{self, ValueType};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::{ROOT, SCEP, create, with};

proptest! {
    #[test]
    fn no_body_panics_and_what_is_taken_is_stable(name in 0..9_usize, body in body()) {
        let kind = catalogue::kinds()[name];
        if let Ok(draft) = kind.create(&body) {
            prop_assert_eq!(kind.update(&draft.settings, &Map::new()).unwrap(), draft.clone());
            prop_assert_eq!(kind.create(&draft.settings).unwrap(), draft);
        }
    }

    #[test]
    fn no_text_panics(text in "\\PC{0,40}|[{}A-Z=,+\"\\\\ ]{0,30}") {
        let _ = catalogue::DistinguishedName::parse(&text);
        let _ = create(SCEP, json!({ "subjectNameFormatString": text, "scepServerUrls": [text] }));
        let _ = create(ROOT, json!({ "trustedRootCertificate": text }));
    }
}

/// Bodies with real properties and arbitrary values, half of them plausible.
fn body() -> impl Strategy<Value = Map<String, Value>> {
    let properties: Vec<_> = catalogue::kinds()
        .iter()
        .flat_map(|kind| kind.settings)
        .map(|setting| setting.property)
        .collect();
    let mut plausible = vec![
        json!(null),
        json!(true),
        json!(false),
        json!(1),
        json!([]),
        json!("mail.example.org"),
    ];
    for setting in catalogue::kinds().iter().flat_map(|kind| kind.settings) {
        if let ValueType::Enum(choices) | ValueType::Flags(choices) = setting.value {
            plausible.extend(choices.iter().map(|choice| json!(choice.value)));
        }
    }
    let value = prop_oneof![
        4 => proptest::sample::select(plausible),
        1 => any::<i64>().prop_map(Value::from),
        1 => "\\PC*".prop_map(Value::from),
        1 => proptest::collection::vec("[a-z.]{0,9}", 0..3).prop_map(|texts| json!([{ "name": texts }])),
    ];
    let entries = proptest::collection::vec((proptest::sample::select(properties), value), 0..30);
    (entries, any::<bool>()).prop_map(|(entries, complete)| {
        let base = if complete { with(json!({})) } else { json!({}) };
        let mut body = base.as_object().unwrap().clone();
        body.extend(
            entries
                .into_iter()
                .map(|(property, value)| (property.to_owned(), value)),
        );
        body
    })
}
