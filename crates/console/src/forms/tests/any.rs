//! Whatever settings a profile has, its form keeps them.

use std::collections::BTreeMap;

use mandate_model::Settings;
use mandate_model::catalogue::{Kind, Setting, ValueType, kinds};
use mandate_web::Language;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::shown::settle;
use super::super::{Input, Problems, Reading};
use super::{CERTIFICATE, form_of};

/// Any value that a setting may hold.
fn any_value(setting: &'static Setting) -> BoxedStrategy<Value> {
    let text = |texts: &'static [&'static str]| prop::sample::select(texts).prop_map(Value::from);
    let own: BoxedStrategy<Value> = match setting.value {
        ValueType::Text { .. } => match setting.property {
            "perAppVPNProfileId" => text(&["6f1c3f5e-8d5c-4b8c-9a57-2f0f3f0e9f10"]).boxed(),
            "subjectNameFormatString" => text(&["CN={{DeviceId}}", "O=\"a, b\",CN=x"]).boxed(),
            _ => text(&["contoso", "mail.example.org", "a-b.c1"]).boxed(),
        },
        ValueType::Boolean => any::<bool>().prop_map(Value::from).boxed(),
        ValueType::Enum(choices) => {
            let names: Vec<&str> = choices
                .iter()
                .filter(|choice| choice.unavailable.is_none())
                .map(|choice| choice.value)
                .collect();
            prop::sample::select(names).prop_map(Value::from).boxed()
        }
        ValueType::Flags(choices) => {
            let names: Vec<&str> = choices
                .iter()
                .filter(|choice| choice.unavailable.is_none() && choice.value != "none")
                .map(|choice| choice.value)
                .collect();
            let most = names.len();
            prop::sample::subsequence(names, 1..=most)
                .prop_map(|names| Value::from(names.join(",")))
                .boxed()
        }
        ValueType::Integer { minimum, maximum } => {
            (minimum..=maximum).prop_map(Value::from).boxed()
        }
        ValueType::Certificate => Just(json!(CERTIFICATE)).boxed(),
        ValueType::TextList { .. } => {
            prop::collection::vec(text(&["https://a.example", "http://b/c?d=e"]), 0..3)
                .prop_map(Value::from)
                .boxed()
        }
        ValueType::ObjectList { type_name, .. } => {
            let item = match type_name {
                "extendedKeyUsage" => prop::sample::select(vec![
                    json!({ "name": null, "objectIdentifier": "1.3.6.1.5.5.7.3.2" }),
                    json!({ "name": "Mail", "objectIdentifier": "1.3.6.1.5.5.7.3.4" }),
                ]),
                _ => prop::sample::select(vec![
                    json!({ "sanType": "domainNameService", "name": "{{DeviceName}}.example" }),
                    json!({ "sanType": "emailAddress", "name": "a@example.org" }),
                ]),
            };
            prop::collection::vec(item, 0..4)
                .prop_map(Value::from)
                .boxed()
        }
    };
    if setting.nullable {
        prop_oneof![1 => Just(Value::Null), 4 => own].boxed()
    } else {
        own
    }
}

/// Settings of any kind, children only with their parents; not all of them keep the rules over several settings.
fn any_settings() -> impl Strategy<Value = (&'static Kind, Settings)> {
    prop::sample::select(kinds().to_vec()).prop_flat_map(|kind| {
        let values: Vec<_> = kind.settings.iter().map(any_value).collect();
        values.prop_map(move |values| {
            let properties = kind.settings.iter().map(|one| one.property.to_owned());
            let mut settings: Settings = properties.zip(values).collect();
            settle(kind, &mut settings);
            (kind, settings)
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn whatever_a_profile_says_its_form_says_the_same((kind, settings) in any_settings()) {
        let read = kind.create(&settings);
        prop_assume!(read.is_ok());
        let settings = read.unwrap().settings;
        let none = BTreeMap::new();
        let input = Input::of_settings(kind, &settings, &none);
        let kept = Input::of_json(kind, input.to_json().as_object().unwrap());
        prop_assert_eq!(&kept, &input);
        let reading = Reading::of_change(kind, &kept, (&settings, &none));
        prop_assert_eq!(&reading.problems, &Problems::default());
        let updated = kind.update(&settings, &reading.body).unwrap().settings;
        prop_assert_eq!(&updated, &settings);
        // As a new profile it amounts to the same.
        let hidden = |setting: &&Setting| !setting.hidden;
        let reading = Reading::of_new(kind, &input);
        let made = kind.create(&reading.body).unwrap().settings;
        for setting in kind.settings.iter().filter(hidden) {
            let (before, after) = (&settings[setting.property], &made[setting.property]);
            let is_unset = before.is_null() && setting.null_means.to_json().is_null();
            if !is_unset {
                prop_assert_eq!(setting.effective(before), setting.effective(after), "{}", setting.property);
            }
        }
    }

    #[test]
    fn whatever_is_posted_is_read_and_shown(
        kind in prop::sample::select(kinds().to_vec()),
        posted in prop::collection::vec((0..40_usize, "\\PC{0,20}|[a-z{}0-9=.,\r\n]{0,30}", 0..1200_usize), 0..60),
    ) {
        let names: Vec<String> = posted
            .iter()
            .map(|(index, _, row)| {
                let setting = &kind.settings[index % kind.settings.len()];
                match setting.value {
                    ValueType::ObjectList { fields, .. } => {
                        format!("{}.{row}.{}", setting.property, fields[row % fields.len()].property)
                    }
                    _ => setting.property.to_owned(),
                }
            })
            .collect();
        let pairs = names.iter().zip(&posted).map(|(name, (_, value, _))| (name.as_str(), value.as_str()));
        let input = Input::posted(kind, pairs);
        let reading = Reading::of_new(kind, &input);
        let judged = kind.create(&reading.body);
        let form = form_of(kind, &input, false, Language::Swedish);
        prop_assert!(!form.sections.is_empty());
        // What the form finds no fault with, nobody does who reads the same words.
        if reading.problems.is_empty() && let Ok(made) = judged {
            let again = Input::of_settings(kind, &made.settings, &BTreeMap::new());
            prop_assert!(Reading::of_new(kind, &again).problems.is_empty());
        }
    }
}
