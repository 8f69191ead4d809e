//! Fields, and what is typed into them.

use mandate_engine::EngineError;
use mandate_web::{Fields, Upload};
use serde_json::{Map, Value};

use crate::administrator::Administrator;
use crate::failure::{Failure, Wrong};

/// A part of a form.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Part {
    /// Id of its heading.
    pub(crate) heading: &'static str,
    /// Whether it is closed unless something in it is wrong.
    pub(crate) is_folded: bool,
    /// Its fields.
    pub(crate) fields: &'static [Field],
}

impl Part {
    /// A part that is always open.
    pub(crate) const fn open(heading: &'static str, fields: &'static [Field]) -> Self {
        Self {
            heading,
            is_folded: false,
            fields,
        }
    }

    /// A part that is closed unless something in it is wrong.
    pub(crate) const fn folded(heading: &'static str, fields: &'static [Field]) -> Self {
        Self {
            heading,
            is_folded: true,
            fields,
        }
    }
}

/// A field; its label is the text `<prefix>-<name>`, its hint, if it has one, `<prefix>-<name>-hint`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Field {
    /// Name of the property.
    pub(crate) name: &'static str,
    /// What is typed.
    pub(crate) kind: Kind,
    /// Whether something must be typed.
    pub(crate) is_required: bool,
    /// Whether there is a hint.
    pub(crate) has_hint: bool,
}

/// What is typed into a field, and what it is in a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A text; `null` if it is empty.
    Text,
    /// A text, which may be empty.
    Plain,
    /// A text; absent if it is empty.
    Word,
    /// A secret, which is never shown; absent if it is empty.
    Secret,
    /// A whole number; absent if it is empty.
    Number,
    /// Yes or no.
    Tick,
    /// One of some words; their labels are `<prefix>-<name>-<word>`.
    Choice(&'static [&'static str]),
    /// A list of texts, one on each line.
    Lines,
    /// Names with values, `NAME=VALUE` on each line.
    Pairs,
    /// Certificates in PEM, typed or as a file `<name>File`.
    Pem,
}

/// A field with nothing special.
pub(crate) const fn field(name: &'static str, kind: Kind) -> Field {
    Field {
        name,
        kind,
        is_required: false,
        has_hint: false,
    }
}

impl Field {
    /// With a hint.
    pub(crate) const fn hinted(self) -> Self {
        Self {
            has_hint: true,
            ..self
        }
    }

    /// In which something must be typed.
    pub(crate) const fn needed(self) -> Self {
        Self {
            is_required: true,
            ..self
        }
    }

    /// What the field shows of a value.
    fn shown(&self, value: &Value) -> Option<String> {
        match (self.kind, value) {
            (Kind::Secret, _) | (_, Value::Null) => None,
            (Kind::Tick, value) => (value == &Value::Bool(true)).then(|| "on".to_owned()),
            (_, Value::Array(items)) => {
                let items: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
                Some(items.join("\n"))
            }
            (_, Value::Object(pairs)) => {
                let pairs = pairs.iter();
                let pairs: Vec<String> = pairs
                    .map(|(name, value)| format!("{name}={}", value.as_str().unwrap_or_default()))
                    .collect();
                Some(pairs.join("\n"))
            }
            (_, Value::String(text)) => Some(text.clone()),
            (_, other) => Some(other.to_string()),
        }
    }

    /// What was typed, as the body has it; `Ok(None)` if it is left out, and an error with the id of its text.
    fn value(&self, upload: &Upload) -> Result<Option<Value>, &'static str> {
        let typed = upload.fields.text(self.name);
        let text = typed.trim();
        Ok(match self.kind {
            Kind::Text | Kind::Pem if text.is_empty() => Some(Value::Null),
            Kind::Secret if typed.is_empty() => None,
            Kind::Secret => Some(typed.into()),
            Kind::Word | Kind::Number | Kind::Choice(_) if text.is_empty() => None,
            Kind::Text | Kind::Plain | Kind::Word | Kind::Pem | Kind::Choice(_) => {
                Some(text.into())
            }
            Kind::Number => match text.parse::<u32>() {
                Ok(number) => Some(number.into()),
                Err(_) => return Err("plain-number-wrong"),
            },
            Kind::Tick => Some(upload.fields.has(self.name).into()),
            Kind::Lines => Some(lines(text).map(Value::from).collect()),
            Kind::Pairs => {
                let pairs: Option<Map<String, Value>> = lines(text)
                    .map(|line| {
                        let (name, value) = line.split_once('=')?;
                        Some((name.trim().to_owned(), value.trim().into()))
                    })
                    .collect();
                Some(pairs.ok_or("plain-pairs-wrong")?.into())
            }
        })
    }
}

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty())
}

/// What there is, as the fields of the form show it.
pub(crate) fn fields_of(parts: &[Part], body: &Map<String, Value>) -> Fields {
    parts
        .iter()
        .flat_map(|part| part.fields)
        .filter_map(|field| {
            let shown = field.shown(body.get(field.name)?)?;
            Some((field.name.to_owned(), shown))
        })
        .collect()
}

/// What was typed, as a body of the management API; what cannot be one stands in `Wrong` with the id of its text.
fn body_of(parts: &[Part], upload: &Upload) -> Result<Map<String, Value>, Wrong> {
    let (mut body, mut wrong) = (Map::new(), Wrong::new());
    for field in parts.iter().flat_map(|part| part.fields) {
        let value = match file_of(field, upload) {
            Some(text) => text.map(|text| Some(text.into())),
            None => field.value(upload),
        };
        match value {
            Ok(Some(value)) => {
                body.insert(field.name.to_owned(), value);
            }
            Ok(None) => {}
            Err(text) => {
                wrong.insert(field.name.to_owned(), text.to_owned());
            }
        }
    }
    if wrong.is_empty() {
        Ok(body)
    } else {
        Err(wrong)
    }
}

/// Does what a form asks for, with the body that was typed; or what is wrong with it.
pub(crate) async fn submit<T>(
    administrator: &Administrator,
    (parts, upload): (&[Part], &Upload),
    act: impl AsyncFnOnce(Map<String, Value>) -> Result<T, EngineError>,
) -> Result<Result<T, Wrong>, Failure> {
    let body = match body_of(parts, upload) {
        Ok(body) => body,
        Err(wrong) => return Ok(Err(wrong)),
    };
    match act(body).await {
        Ok(done) => Ok(Ok(done)),
        Err(error) => Ok(Err(administrator.beside(error).map_err(Failure)?)),
    }
}

/// The text of a file that was chosen for a field.
fn file_of(field: &Field, upload: &Upload) -> Option<Result<String, &'static str>> {
    if field.kind != Kind::Pem {
        return None;
    }
    let file = upload.file(&format!("{}File", field.name))?;
    let text = std::str::from_utf8(&file.content).ok();
    let text = text.filter(|text| text.len() <= LARGEST_PEM);
    Some(text.map(str::to_owned).ok_or("plain-pem-wrong"))
}

/// Octets of a file with certificates.
const LARGEST_PEM: usize = 256 * 1024;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const PARTS: &[Part] = &[Part {
        heading: "h",
        is_folded: false,
        fields: &[
            field("url", Kind::Word).needed(),
            field("filter", Kind::Text),
            field("password", Kind::Secret).hinted(),
            field("minutes", Kind::Number),
            field("isPaused", Kind::Tick),
            field("required", Kind::Lines),
            field("attributes", Kind::Pairs),
        ],
    }];

    fn upload(fields: &[(&str, &str)]) -> Upload {
        let mut upload = Upload::default();
        upload.fields = fields
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        upload
    }

    #[test]
    fn what_is_typed_becomes_a_body_and_back() {
        let typed = upload(&[
            ("url", " ldaps://x "),
            ("filter", ""),
            ("password", " p "),
            ("minutes", "30"),
            ("required", "mail\r\n\r\nsurname"),
            ("attributes", "mail=other\nuserPrincipalName = uid"),
        ]);
        let body = body_of(PARTS, &typed).unwrap();
        let expected = json!({
            "url": "ldaps://x", "filter": null, "password": " p ", "minutes": 30, "isPaused": false,
            "required": ["mail", "surname"], "attributes": {"mail": "other", "userPrincipalName": "uid"},
        });
        assert_eq!(Value::Object(body.clone()), expected);
        let fields = fields_of(PARTS, &body);
        assert_eq!(fields.text("required"), "mail\nsurname");
        assert_eq!(
            fields.text("attributes"),
            "mail=other\nuserPrincipalName=uid"
        );
        assert_eq!(fields.text("minutes"), "30");
        assert!(!fields.has("password") && !fields.has("isPaused"));
    }

    #[test]
    fn what_cannot_be_meant_is_named() {
        let wrong = body_of(PARTS, &upload(&[("minutes", "-1"), ("attributes", "mail")]));
        let wrong = wrong.unwrap_err();
        assert_eq!(wrong["minutes"], "plain-number-wrong");
        assert_eq!(wrong["attributes"], "plain-pairs-wrong");
        let body = body_of(PARTS, &upload(&[])).unwrap();
        assert!(!body.contains_key("url") && !body.contains_key("password"));
    }
}
