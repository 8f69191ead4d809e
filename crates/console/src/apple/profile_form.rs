//! The settings of a profile as fields of a form, and back.

use mandate_engine::{AdeForm, AdeSettings};
use mandate_model::Platform;
use mandate_pki::certificate::Certificate;
use mandate_web::{Fields, Page};
use serde_json::{Map, Value, json};

use crate::failure::Wrong;

/// Words of Intune for what another field here says already; they are off with it.
const OF_SIGN_IN: [&str; 2] = [
    "configurationWebUrl",
    "enableAuthenticationViaCompanyPortal",
];
const SIGN_IN: &str = "requiresUserAuthentication";
/// Another word of Intune for `waitForDeviceConfiguredConfirmation`.
const WAITS_AGAIN: &str = "awaitDeviceConfiguredConfirmation";

/// A setting of the form.
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) label: String,
    pub(super) kind: &'static str,
    /// Text of it, or empty.
    pub(super) value: String,
    pub(super) is_on: bool,
    /// Longest text.
    pub(super) most: usize,
    /// Choices: word, text, and whether it is the chosen one.
    pub(super) choices: Vec<(&'static str, String, bool)>,
    pub(super) wrong: String,
}

/// The fields of a platform's profiles: what is said of devices, and the panes that can be hidden.
pub(super) fn fields(
    page: &Page,
    platform: Platform,
    values: &Map<String, Value>,
    wrong: &mut Wrong,
) -> (Vec<Field>, Vec<Field>) {
    let shown = shown(platform).map(|(name, form)| {
        let value = values.get(name).unwrap_or(&Value::Null);
        let is_on = match name {
            "waitForDeviceConfiguredConfirmation" => {
                is_on(values, name) || is_on(values, WAITS_AGAIN)
            }
            _ => is_on(values, name),
        };
        Field {
            name,
            label: page.text(&label(name)),
            kind: kind(form),
            value: text(form, value),
            is_on,
            most: match form {
                AdeForm::Text(most) => most,
                _ => 0,
            },
            choices: choices(page, form, value),
            wrong: wrong.remove(name).unwrap_or_default(),
        }
    });
    shown.partition(|field| field.kind != "pane")
}

/// What a form says, as the engine takes it. What is no certificate is left to the engine to refuse.
pub(super) fn read(platform: Platform, fields: &Fields) -> Map<String, Value> {
    let mut said = Map::new();
    for (name, form) in shown(platform) {
        let text = fields.text(name).trim();
        let value = match form {
            AdeForm::Switch | AdeForm::Pane => json!(fields.has(name)),
            AdeForm::Text(_) if text.is_empty() => Value::Null,
            AdeForm::Text(_) | AdeForm::Pairing => json!(text),
            AdeForm::Keys => {
                let parts = text.split(|c: char| c.is_whitespace() || c == ',');
                json!(parts.filter(|part| !part.is_empty()).collect::<Vec<_>>())
            }
            AdeForm::Certificates => certificates(text),
        };
        said.insert(name.to_owned(), value);
    }
    if !fields.has(SIGN_IN) {
        for name in OF_SIGN_IN {
            said.insert(name.to_owned(), json!(false));
        }
    }
    if platform == Platform::Ios {
        said.insert(WAITS_AGAIN.to_owned(), json!(false));
    }
    said
}

/// What can be set by the form: of words that mean the same, one.
fn shown(platform: Platform) -> impl Iterator<Item = (&'static str, AdeForm)> {
    AdeSettings::forms(platform)
        .filter(|(name, _)| !OF_SIGN_IN.contains(name) && *name != WAITS_AGAIN)
}

/// Id of the name of a setting.
fn label(name: &str) -> String {
    format!("apple-set-{name}")
}

const fn kind(form: AdeForm) -> &'static str {
    match form {
        AdeForm::Switch => "switch",
        AdeForm::Pane => "pane",
        AdeForm::Text(_) => "text",
        AdeForm::Keys => "keys",
        AdeForm::Pairing => "pairing",
        AdeForm::Certificates => "certificates",
    }
}

fn is_on(values: &Map<String, Value>, name: &str) -> bool {
    values.get(name).and_then(Value::as_bool) == Some(true)
}

fn text(form: AdeForm, value: &Value) -> String {
    let items = || value.as_array().into_iter().flatten();
    match form {
        AdeForm::Switch | AdeForm::Pane | AdeForm::Pairing => String::new(),
        AdeForm::Text(_) => value.as_str().unwrap_or_default().to_owned(),
        AdeForm::Keys => {
            let keys: Vec<&str> = items().filter_map(Value::as_str).collect();
            keys.join(" ")
        }
        AdeForm::Certificates => items()
            .filter_map(|one| one["certificate"].as_str())
            .map(armoured)
            .collect(),
    }
}

fn choices(page: &Page, form: AdeForm, value: &Value) -> Vec<(&'static str, String, bool)> {
    if form != AdeForm::Pairing {
        return Vec::new();
    }
    let chosen = value.as_str().unwrap_or("allow");
    let choice = |word: &'static str| {
        let text = page.text(&format!("apple-pairing-{word}"));
        (word, text, word == chosen)
    };
    AdeSettings::PAIRING.into_iter().map(choice).collect()
}

/// Certificates in PEM, as the engine takes them.
fn certificates(text: &str) -> Value {
    if text.is_empty() {
        return json!([]);
    }
    let Ok(all) = Certificate::all_from_pem(text) else {
        return json!([{ "certificate": "" }]);
    };
    let bare = |certificate: &Certificate| {
        let pem = certificate.to_pem();
        let lines: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
        json!({ "certificate": lines })
    };
    if all.is_empty() {
        return json!([{ "certificate": "" }]);
    }
    all.iter().map(bare).collect()
}

/// A certificate in base64 as PEM; what the engine stored is one.
fn armoured(base64: &str) -> String {
    let mut text = String::from("-----BEGIN CERTIFICATE-----\n");
    for (index, letter) in base64.chars().enumerate() {
        if index > 0 && index % 64 == 0 {
            text.push('\n');
        }
        text.push(letter);
    }
    text.push_str("\n-----END CERTIFICATE-----\n");
    text
}

#[cfg(test)]
mod tests {
    use mandate_web::Language;

    use super::*;

    const PLATFORMS: [Platform; 2] = [Platform::Ios, Platform::MacOs];

    #[test]
    fn every_setting_has_a_name_in_every_language() {
        for language in Language::ALL {
            let page = Page::new(language, "Contoso");
            for platform in PLATFORMS {
                let (settings, panes) = fields(&page, platform, &Map::new(), &mut Wrong::new());
                for field in settings.iter().chain(&panes) {
                    assert!(
                        !field.label.starts_with("apple-"),
                        "{language:?} {}",
                        field.name
                    );
                    for (word, text, _) in &field.choices {
                        assert!(!text.starts_with("apple-"), "{language:?} {word}");
                    }
                }
                assert!(!panes.is_empty());
            }
        }
    }

    #[test]
    fn an_empty_form_turns_everything_off_and_the_engine_takes_it() {
        for platform in PLATFORMS {
            let said = read(platform, &Fields::default());
            assert_eq!(said["siriDisabled"], false);
            assert_eq!(said["configurationWebUrl"], false);
            let (settings, _) = fields(&Page::default(), platform, &said, &mut Wrong::new());
            assert!(settings.iter().all(|field| !field.is_on));
        }
    }

    #[test]
    fn what_was_typed_is_what_is_said() {
        let typed = [
            ("siriDisabled", "yes"),
            ("enabledSkipKeys", "Intelligence, Welcome\nKeyboard"),
            ("supportDepartment", " IT "),
            ("iTunesPairingMode", "disallow"),
            ("managementCertificates", "nonsense"),
            ("requiresUserAuthentication", "yes"),
        ];
        let typed = typed.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let said = read(Platform::Ios, &typed.into_iter().collect());
        assert_eq!(said["siriDisabled"], true);
        assert_eq!(
            said["enabledSkipKeys"],
            json!(["Intelligence", "Welcome", "Keyboard"])
        );
        assert_eq!(said["supportDepartment"], "IT");
        assert_eq!(said["supportPhoneNumber"], Value::Null);
        assert_eq!(said["managementCertificates"], json!([{"certificate": ""}]));
        assert!(!said.contains_key("configurationWebUrl"));
        let (settings, panes) = fields(&Page::default(), Platform::Ios, &said, &mut Wrong::new());
        let of = |name: &str| {
            settings
                .iter()
                .chain(&panes)
                .find(|field| field.name == name)
        };
        assert_eq!(
            of("enabledSkipKeys").unwrap().value,
            "Intelligence Welcome Keyboard"
        );
        assert!(of("siriDisabled").unwrap().is_on);
        let pairing = &of("iTunesPairingMode").unwrap().choices;
        assert!(
            pairing
                .iter()
                .any(|(word, _, chosen)| *word == "disallow" && *chosen)
        );
    }
}
