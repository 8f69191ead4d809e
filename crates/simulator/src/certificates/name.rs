//! Distinguished names.

use crate::asn1::{self, Node};

/// A distinguished name to be written: relative names in order, each with its attributes (type, value).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Name(pub Vec<Vec<(String, String)>>);

impl Name {
    /// `CN=text`.
    pub fn common(text: &str) -> Self {
        Self::default().with(asn1::oid::COMMON_NAME, text)
    }

    /// The name with one more relative name.
    #[must_use]
    pub fn with(mut self, kind: &str, value: &str) -> Self {
        self.0.push(vec![(kind.to_owned(), value.to_owned())]);
        self
    }

    /// DER. Attribute types are short names of RFC 4514 §3 or dotted.
    pub fn der(&self) -> Vec<u8> {
        let relative: Vec<Vec<u8>> = self
            .0
            .iter()
            .map(|attributes| {
                asn1::set_of(
                    attributes
                        .iter()
                        .map(|(kind, value)| attribute_der(kind, value))
                        .collect(),
                )
            })
            .collect();
        asn1::tlv(0x30, &relative.concat())
    }
}

fn attribute_der(kind: &str, value: &str) -> Vec<u8> {
    let dotted = dotted(kind);
    let value = match dotted {
        // X.520: country is a PrintableString, RFC 2985: emailAddress an IA5String.
        "2.5.4.6" => asn1::printable(value),
        "1.2.840.113549.1.9.1" | "0.9.2342.19200300.100.1.25" => asn1::ia5(value),
        _ => asn1::utf8(value),
    };
    asn1::sequence(&[&asn1::object_id(dotted), &value])
}

fn dotted(kind: &str) -> &str {
    match kind {
        "CN" => asn1::oid::COMMON_NAME,
        "SN" => "2.5.4.4",
        "SERIALNUMBER" => "2.5.4.5",
        "C" => "2.5.4.6",
        "L" => "2.5.4.7",
        "ST" => "2.5.4.8",
        "STREET" => "2.5.4.9",
        "O" => asn1::oid::ORGANIZATION,
        "OU" => "2.5.4.11",
        "T" => "2.5.4.12",
        "G" | "GN" => "2.5.4.42",
        "I" => "2.5.4.43",
        "E" | "emailAddress" => "1.2.840.113549.1.9.1",
        "DC" => "0.9.2342.19200300.100.1.25",
        "UID" => asn1::oid::USER_ID,
        other => other,
    }
}

/// A parsed name for people: short names where there are some.
pub(super) fn text(name: &Node<'_>) -> String {
    let mut parts = Vec::new();
    for relative in name.children().unwrap_or_default() {
        for attribute in relative.children().unwrap_or_default() {
            let fields = attribute.children().unwrap_or_default();
            if let [kind, value, ..] = fields.as_slice() {
                let kind = kind.object_id().unwrap_or_default();
                parts.push(format!("{}={}", short(&kind), value.text()));
            }
        }
    }
    parts.join(", ")
}

fn short(kind: &str) -> &str {
    const NAMES: [&str; 9] = ["CN", "C", "L", "ST", "O", "OU", "E", "DC", "UID"];
    NAMES
        .into_iter()
        .find(|name| dotted(name) == kind)
        .unwrap_or(kind)
}

/// The first attribute of a type in a parsed name.
pub(super) fn attribute(name: &Node<'_>, dotted: &str) -> Option<String> {
    for relative in name.children().ok()? {
        for attribute in relative.children().ok()? {
            let parts = attribute.children().ok()?;
            if parts.first()?.object_id().as_deref() == Some(dotted) {
                return Some(parts.get(1)?.text());
            }
        }
    }
    None
}
