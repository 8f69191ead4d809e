//! Apple's own description of payloads, and a check of payloads against it.

use std::path::Path;

use mandate_model::{OsVersion, Platform};
use plist::{Dictionary, Value};
use serde_json::Value as Json;

/// The schema files that we need.
pub(crate) struct Schema {
    top: Json,
    common: Json,
    payloads: Vec<Json>,
}

impl Schema {
    /// Reads the folder, if it is there.
    pub(crate) fn load(folder: &Path) -> Option<Self> {
        let read = |name: &str| {
            let text = std::fs::read_to_string(folder.join(format!("{name}.yaml"))).ok()?;
            Some(serde_yaml_ng::from_str::<Json>(&text).unwrap())
        };
        let types = [
            "com.apple.eas.account",
            "com.apple.security.scep",
            "com.apple.security.pkcs12",
            "com.apple.security.root",
        ];
        Some(Self {
            top: read("TopLevel")?,
            common: read("CommonPayloadKeys")?,
            payloads: types.into_iter().map(read).collect::<Option<_>>()?,
        })
    }

    /// Everything that is wrong with a document for a device of this platform and version.
    pub(crate) fn check(
        &self,
        document: &Dictionary,
        platform: Platform,
        os: OsVersion,
    ) -> Vec<String> {
        let mut check = Check {
            platform: match platform {
                Platform::Ios => "iOS",
                Platform::MacOs => "macOS",
            },
            os,
            errors: Vec::new(),
        };
        check.dictionary("profile", &keys(&self.top), document);
        for payload in document
            .get("PayloadContent")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            let payload = payload.as_dictionary().unwrap();
            let name = payload
                .get("PayloadType")
                .and_then(Value::as_string)
                .unwrap();
            match self
                .payloads
                .iter()
                .find(|schema| schema["payload"]["payloadtype"] == name)
            {
                Some(schema) => {
                    check.version(name, &schema["payload"]);
                    check.dictionary(name, &[keys(schema), keys(&self.common)].concat(), payload);
                }
                None => check.errors.push(format!("{name}: not in the schema")),
            }
        }
        check.errors
    }
}

struct Check {
    platform: &'static str,
    os: OsVersion,
    errors: Vec<String>,
}

impl Check {
    fn dictionary(&mut self, path: &str, keys: &[&Json], dictionary: &Dictionary) {
        for (name, value) in dictionary {
            match keys.iter().find(|key| key["key"] == *name) {
                Some(key) => self.value(&format!("{path}.{name}"), key, value),
                None => self.errors.push(format!("{path}.{name}: no such key")),
            }
        }
        for key in keys.iter().filter(|key| key["presence"] == "required") {
            let name = key["key"].as_str().unwrap();
            if !dictionary.contains_key(name) {
                self.errors.push(format!("{path}.{name}: required"));
            }
        }
    }

    fn value(&mut self, path: &str, key: &Json, value: &Value) {
        self.version(path, key);
        let subkeys: Vec<&Json> = key["subkeys"].as_array().into_iter().flatten().collect();
        match (key["type"].as_str().unwrap(), value) {
            ("<string>", Value::String(text)) => self.text(path, key, text),
            // Errata: these may be arrays of texts although they are described as texts.
            ("<string>", Value::Array(items))
                if path.contains(".SubjectAltName.") && !path.ends_with("PrincipalName") =>
            {
                for item in items {
                    self.value(path, key, item);
                }
            }
            ("<integer>", Value::Integer(number)) => {
                self.listed(path, key, &Json::from(number.as_signed()));
            }
            ("<boolean>", Value::Boolean(_)) | ("<data>", Value::Data(_)) => {}
            // A key of the server's: the mark becomes data when the document is rendered.
            ("<data>", Value::String(mark)) if mark.starts_with("@@mandate-identity:") => {}
            ("<dictionary>", Value::Dictionary(_)) if key["key"] == "PayloadContentItem" => {}
            ("<dictionary>", Value::Dictionary(inner)) => self.dictionary(path, &subkeys, inner),
            ("<array>", Value::Array(items)) => {
                let repetition = &subkeys[0]["repetition"];
                let within = |bound: &str, fits: fn(u64, u64) -> bool| {
                    repetition[bound]
                        .as_u64()
                        .is_none_or(|bound| fits(items.len() as u64, bound))
                };
                if !within("min", |count, bound| count >= bound)
                    || !within("max", |count, bound| count <= bound)
                {
                    self.errors.push(format!("{path}: {} items", items.len()));
                }
                for item in items {
                    self.value(&format!("{path}[]"), subkeys[0], item);
                }
            }
            (expected, _) => self
                .errors
                .push(format!("{path}: not {expected}: {value:?}")),
        }
    }

    fn text(&mut self, path: &str, key: &Json, text: &str) {
        self.listed(path, key, &Json::from(text));
        if let Some(format) = key["format"].as_str() {
            assert!(
                format.starts_with("^[0-9A-Za-z]{8}-"),
                "the only format in use is that of UUIDs"
            );
            let groups: Vec<_> = text.split('-').map(str::len).collect();
            if groups != [8, 4, 4, 4, 12]
                || !text.chars().all(|c| c == '-' || c.is_ascii_alphanumeric())
            {
                self.errors.push(format!("{path}: `{text}` is no UUID"));
            }
        }
    }

    fn listed(&mut self, path: &str, key: &Json, value: &Json) {
        let listed = key["rangelist"]
            .as_array()
            .is_none_or(|list| list.contains(value));
        let number = value.as_i64().unwrap_or_default();
        let least = key["range"]["min"]
            .as_i64()
            .is_none_or(|least| number >= least);
        let most = key["range"]["max"]
            .as_i64()
            .is_none_or(|most| number <= most);
        if !(listed && least && most) {
            self.errors.push(format!("{path}: {value} is out of range"));
        }
    }

    /// A key without a version of its own has that of its payload, which is checked once.
    fn version(&mut self, path: &str, described: &Json) {
        let supported = &described["supportedOS"][self.platform];
        let version = |key: &str| supported[key].as_str().map(OsVersion::parse);
        match version("introduced") {
            Some(None) => self
                .errors
                .push(format!("{path}: never on {}", self.platform)),
            Some(Some(since)) if self.os < since => {
                self.errors.push(format!("{path}: since {since} only"));
            }
            _ => {}
        }
        for end in ["deprecated", "removed"] {
            if version(end).flatten().is_some_and(|end| self.os >= end) {
                self.errors.push(format!("{path}: {end}"));
            }
        }
    }
}

fn keys(schema: &Json) -> Vec<&Json> {
    schema["payloadkeys"].as_array().unwrap().iter().collect()
}
