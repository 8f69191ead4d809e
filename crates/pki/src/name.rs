//! Distinguished names: as DER, and as the text people write into a profile.

mod attribute;
mod text;

use std::fmt;

pub use attribute::Attribute;
pub(crate) use attribute::{is_printable, string as attribute_string};

use crate::{
    Error, Oid, Result,
    asn1::{Reader, writer},
};

/// A distinguished name: relative names in the order of the encoding, which is the reverse of the text form (RFC 4514 §2.1),
/// each of one or more attributes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DistinguishedName {
    relative_names: Vec<Vec<Attribute>>,
}

impl DistinguishedName {
    /// A name of single attributes in the order of the encoding, such as country, organisation, common name.
    pub fn new<V: Into<String>>(attributes: impl IntoIterator<Item = (Oid, V)>) -> Self {
        let single = |(oid, value): (Oid, V)| {
            vec![Attribute {
                oid,
                value: value.into(),
            }]
        };
        Self {
            relative_names: attributes.into_iter().map(single).collect(),
        }
    }

    /// A name of nothing but `CN`.
    pub fn common_name(value: impl Into<String>) -> Self {
        Self::new([(crate::oid::COMMON_NAME, value)])
    }

    /// A name of relative names in the order of the encoding; empty ones are left out.
    pub fn from_relative_names(relative_names: Vec<Vec<Attribute>>) -> Self {
        let relative_names = relative_names
            .into_iter()
            .filter(|attributes| !attributes.is_empty())
            .collect();
        Self { relative_names }
    }

    /// Reads the text form, such as `CN={{UserName}},E={{EmailAddress}}` or `CN="Lovelace, Ada"+UID=ada,O=Analytical`.
    ///
    /// Variables are ordinary characters of a value here. Fill them in by [`Self::map_values`] afterwards, so that no value
    /// can add an attribute.
    pub fn parse(text: &str) -> Result<Self> {
        text::parse(text).map_err(|reason| Error::Name {
            text: text.to_owned(),
            reason,
        })
    }

    /// Reads DER. Only values of string types are understood.
    pub fn from_der(der: &[u8]) -> Result<Self> {
        let mut names = Reader::sequence_only(der)?;
        let mut relative_names = Vec::new();
        while !names.is_empty() {
            let mut attributes = names.set()?;
            relative_names.push(read_attributes(&mut attributes)?);
        }
        Ok(Self { relative_names })
    }

    /// The name in DER.
    pub fn to_der(&self) -> Vec<u8> {
        let relative = |attributes: &Vec<Attribute>| {
            writer::set_of(attributes.iter().map(Attribute::to_der).collect())
        };
        writer::sequence_of(&self.relative_names.iter().map(relative).collect::<Vec<_>>())
    }

    /// Replaces every value by what `change` makes of it, such as the text with its variables filled in. The structure stays.
    pub fn map_values<E>(
        mut self,
        mut change: impl FnMut(&str) -> Result<String, E>,
    ) -> Result<Self, E> {
        for attribute in self.relative_names.iter_mut().flatten() {
            attribute.value = change(&attribute.value)?;
        }
        Ok(self)
    }

    /// The name without attributes that have no value, as variables without one leave behind.
    #[must_use]
    pub fn without_empty_values(mut self) -> Self {
        for attributes in &mut self.relative_names {
            attributes.retain(|attribute| !attribute.value.is_empty());
        }
        Self::from_relative_names(self.relative_names)
    }

    /// The relative names in the order of the encoding.
    pub fn relative_names(&self) -> &[Vec<Attribute>] {
        &self.relative_names
    }

    /// All attributes in the order of the encoding.
    pub fn attributes(&self) -> impl DoubleEndedIterator<Item = &Attribute> {
        self.relative_names.iter().flatten()
    }

    /// The value of an attribute; of several the most specific, which stands last in the encoding.
    pub fn attribute(&self, oid: &Oid) -> Option<&str> {
        self.attributes()
            .rev()
            .find(|attribute| attribute.oid == *oid)
            .map(|attribute| attribute.value.as_str())
    }

    /// Whether there is no attribute at all.
    pub fn is_empty(&self) -> bool {
        self.relative_names.is_empty()
    }

    /// Whether both name the same by the rules of RFC 5280 §7.1: letter case, string type and repeated spaces do not count.
    pub fn matches(&self, other: &Self) -> bool {
        self.folded() == other.folded()
    }

    fn folded(&self) -> Vec<Vec<(Oid, String)>> {
        let fold = |attribute: &Attribute| {
            let words: Vec<_> = attribute
                .value
                .split_whitespace()
                .map(str::to_lowercase)
                .collect();
            (attribute.oid, words.join(" "))
        };
        let relative = |attributes: &Vec<Attribute>| {
            let mut folded: Vec<_> = attributes.iter().map(fold).collect();
            folded.sort();
            folded
        };
        self.relative_names.iter().map(relative).collect()
    }
}

/// The text form of RFC 4514, the most specific relative name first.
impl fmt::Display for DistinguishedName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        text::write(self, formatter)
    }
}

fn read_attributes(attributes: &mut Reader<'_>) -> Result<Vec<Attribute>> {
    let mut read = Vec::new();
    while !attributes.is_empty() {
        read.push(Attribute::read(attributes.sequence()?)?);
    }
    Ok(read)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oid;

    #[test]
    fn a_value_never_becomes_structure() {
        let template = DistinguishedName::parse("CN={{UserName}},OU=staff").unwrap();
        let name = template
            .map_values::<Error>(|value| Ok(value.replace("{{UserName}}", "x,O=evil+C=\\\"; ")))
            .unwrap();
        assert_eq!(name.relative_names().len(), 2);
        let again = DistinguishedName::from_der(&name.to_der()).unwrap();
        assert_eq!(
            again.attribute(&oid::COMMON_NAME),
            Some("x,O=evil+C=\\\"; ")
        );
        assert_eq!(again.attribute(&oid::ORGANISATION), None);
        assert_eq!(DistinguishedName::parse(&again.to_string()).unwrap(), name);
    }

    #[test]
    fn names_match_without_regard_to_case_and_space() {
        let left = DistinguishedName::parse("CN=Ada  Lovelace+UID=ada,O=Analytical").unwrap();
        let right = DistinguishedName::parse("uid=ADA+cn=ada lovelace, o=analytical").unwrap();
        assert!(left.matches(&right));
        assert!(!left.matches(&DistinguishedName::common_name("Ada Lovelace")));
    }

    #[test]
    fn empty_values_can_be_dropped() {
        let name = DistinguishedName::parse("CN=Ada,E=")
            .unwrap()
            .without_empty_values();
        assert_eq!(name.to_string(), "CN=Ada");
    }
}
