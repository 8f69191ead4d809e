use std::net::IpAddr;

use crate::{
    Error, Result,
    asn1::{Element, oid, tag, writer},
    name::attribute_string,
};

/// An alternative name of a certificate's subject (RFC 5280 §4.2.1.6).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum SubjectAltName {
    /// A mail address
    Email(String),
    /// A host name
    Dns(String),
    /// A URI
    Uri(String),
    /// A Windows user principal name, such as `ada@example.org`
    Upn(String),
    /// An address
    Ip(IpAddr),
}

impl SubjectAltName {
    pub(crate) fn to_der(&self) -> Result<Vec<u8>> {
        let ascii = |number, text: &str| {
            if text.is_ascii() {
                Ok(writer::context_primitive(number, text.as_bytes()))
            } else {
                Err(Error::Unsupported("alternative name beyond ASCII"))
            }
        };
        match self {
            Self::Email(address) => ascii(1, address),
            Self::Dns(name) => ascii(2, name),
            Self::Uri(uri) => ascii(6, uri),
            Self::Upn(name) => {
                let value = writer::context(0, &writer::element(tag::UTF8_STRING, name.as_bytes()));
                Ok(writer::context(
                    0,
                    &[writer::oid(&oid::USER_PRINCIPAL_NAME), value].concat(),
                ))
            }
            Self::Ip(IpAddr::V4(address)) => Ok(writer::context_primitive(7, &address.octets())),
            Self::Ip(IpAddr::V6(address)) => Ok(writer::context_primitive(7, &address.octets())),
        }
    }

    /// Reads a `GeneralName`; `None` for kinds we do not know.
    pub(super) fn read(name: &Element<'_>) -> Option<Self> {
        const OTHER_NAME: u8 = tag::context_constructed(0);
        const EMAIL: u8 = tag::context(1);
        const DNS: u8 = tag::context(2);
        const URI: u8 = tag::context(6);
        const IP: u8 = tag::context(7);
        let text = || std::str::from_utf8(name.content).ok().map(str::to_owned);
        match name.tag {
            EMAIL => text().map(Self::Email),
            DNS => text().map(Self::Dns),
            URI => text().map(Self::Uri),
            IP => match name.content.len() {
                4 => <[u8; 4]>::try_from(name.content)
                    .ok()
                    .map(|octets| Self::Ip(octets.into())),
                16 => <[u8; 16]>::try_from(name.content)
                    .ok()
                    .map(|octets| Self::Ip(octets.into())),
                _ => None,
            },
            OTHER_NAME => {
                let mut fields = name.reader();
                fields
                    .oid()
                    .ok()
                    .filter(|id| id.is_oid(&oid::USER_PRINCIPAL_NAME))?;
                let value = fields.expect(tag::context_constructed(0)).ok()?;
                attribute_string(&Element::only(value.content).ok()?)
                    .ok()
                    .map(Self::Upn)
            }
            _ => None,
        }
    }
}
