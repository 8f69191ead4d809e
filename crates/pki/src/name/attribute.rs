use crate::{
    Error, Oid, Result,
    asn1::{Element, Reader, oid, tag, writer},
};

/// One attribute of a distinguished name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// Which, such as [`oid::COMMON_NAME`]
    pub oid: Oid,
    /// Its value as plain text, without any escape
    pub value: String,
}

/// Keywords of the text form, the one we write first. Those of RFC 4514 §3, of Windows (`E`, `G`, `I`, `S`, `T`) and of OpenSSL.
const KEYWORDS: [(&str, Oid); 26] = [
    ("CN", oid::COMMON_NAME),
    ("E", oid::EMAIL_ADDRESS),
    ("emailAddress", oid::EMAIL_ADDRESS),
    ("OU", oid::ORGANISATIONAL_UNIT),
    ("O", oid::ORGANISATION),
    ("C", oid::COUNTRY),
    ("L", oid::LOCALITY),
    ("ST", oid::STATE),
    ("S", oid::STATE),
    ("STREET", oid::STREET),
    ("T", oid::TITLE),
    ("title", oid::TITLE),
    ("G", oid::GIVEN_NAME),
    ("GN", oid::GIVEN_NAME),
    ("givenName", oid::GIVEN_NAME),
    ("SN", oid::SURNAME),
    ("surname", oid::SURNAME),
    ("I", oid::INITIALS),
    ("initials", oid::INITIALS),
    ("SERIALNUMBER", oid::SERIAL_NUMBER),
    ("DC", oid::DOMAIN_COMPONENT),
    ("UID", oid::USER_ID),
    ("userId", oid::USER_ID),
    ("dnQualifier", oid::DN_QUALIFIER),
    ("commonName", oid::COMMON_NAME),
    ("organizationName", oid::ORGANISATION),
];

impl Attribute {
    /// The keyword or dotted number of the text form.
    pub fn keyword(&self) -> String {
        KEYWORDS
            .iter()
            .find(|(_, oid)| *oid == self.oid)
            .map_or_else(
                || self.oid.to_string(),
                |(keyword, _)| (*keyword).to_owned(),
            )
    }

    /// The attribute that a keyword or dotted number names; any letter case.
    pub fn oid_of(keyword: &str) -> Option<Oid> {
        let keyword = keyword.trim();
        let known = KEYWORDS
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(keyword))
            .map(|(_, oid)| *oid);
        let dotted = keyword
            .strip_prefix("OID.")
            .or_else(|| keyword.strip_prefix("oid."))
            .unwrap_or(keyword);
        known.or_else(|| Oid::new(dotted).ok())
    }

    /// Strings are `UTF8String`, except where RFC 5280 Appendix A fixes another type and the value fits it.
    pub(super) fn to_der(&self) -> Vec<u8> {
        let tag = match self.oid {
            oid::COUNTRY | oid::SERIAL_NUMBER | oid::DN_QUALIFIER if is_printable(&self.value) => {
                tag::PRINTABLE_STRING
            }
            oid::EMAIL_ADDRESS | oid::DOMAIN_COMPONENT if self.value.is_ascii() => tag::IA5_STRING,
            _ => tag::UTF8_STRING,
        };
        writer::sequence([
            &writer::oid(&self.oid),
            &writer::element(tag, self.value.as_bytes()),
        ])
    }

    pub(super) fn read(mut fields: Reader<'_>) -> Result<Self> {
        let oid = Oid::from_bytes(fields.oid()?.content)
            .map_err(|_| Error::Unsupported("object identifier"))?;
        let value = string(&fields.element()?)?;
        fields.finish()?;
        Ok(Self { oid, value })
    }
}

/// The text of any of ASN.1's string types that names use.
pub(crate) fn string(element: &Element<'_>) -> Result<String> {
    let malformed = || Error::Malformed("string");
    match element.tag {
        tag::UTF8_STRING | tag::PRINTABLE_STRING | tag::IA5_STRING | tag::NUMERIC_STRING => {
            std::str::from_utf8(element.content)
                .map(str::to_owned)
                .map_err(|_| malformed())
        }
        // Nobody writes real T.61; it is Latin-1 in the wild.
        tag::TELETEX_STRING => Ok(element.content.iter().copied().map(char::from).collect()),
        tag::BMP_STRING => {
            let units = element
                .content
                .chunks_exact(2)
                .map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
            let whole = element.content.len().is_multiple_of(2);
            let text: Result<String, _> = char::decode_utf16(units).collect();
            text.ok().filter(|_| whole).ok_or_else(malformed)
        }
        tag::UNIVERSAL_STRING => {
            let number = |four: &[u8]| {
                four.try_into()
                    .ok()
                    .map(u32::from_be_bytes)
                    .and_then(char::from_u32)
            };
            element
                .content
                .chunks(4)
                .map(number)
                .collect::<Option<_>>()
                .ok_or_else(malformed)
        }
        _ => Err(Error::Unsupported("string type")),
    }
}

/// The alphabet of `PrintableString` (X.680 §41.4).
pub(crate) fn is_printable(text: &str) -> bool {
    text.bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b" '()+,-./:=?".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(tag: u8, content: &[u8]) -> Result<String> {
        let der = writer::element(tag, content);
        string(&Element::only(&der).unwrap())
    }

    #[test]
    fn every_string_type_is_read() {
        assert_eq!(text(tag::BMP_STRING, &[0, b'A', 0, 0xe9]).unwrap(), "Aé");
        assert_eq!(text(tag::UNIVERSAL_STRING, &[0, 0, 0, b'A']).unwrap(), "A");
        assert_eq!(text(tag::TELETEX_STRING, &[0xe9]).unwrap(), "é");
        assert!(text(tag::BMP_STRING, &[0]).is_err());
        assert!(text(tag::UNIVERSAL_STRING, &[0, 0, 0]).is_err());
        assert!(text(tag::UTF8_STRING, &[0xff]).is_err());
        assert!(text(tag::INTEGER, &[1]).is_err());
    }

    #[test]
    fn the_string_type_follows_the_attribute() {
        let tag_of = |oid, value: &str| {
            let der = Attribute {
                oid,
                value: value.to_owned(),
            }
            .to_der();
            let mut fields = Element::only(&der).unwrap().reader();
            fields.oid().unwrap();
            fields.element().unwrap().tag
        };
        assert_eq!(tag_of(oid::COUNTRY, "FR"), tag::PRINTABLE_STRING);
        assert_eq!(
            tag_of(oid::EMAIL_ADDRESS, "ada@example.org"),
            tag::IA5_STRING
        );
        assert_eq!(
            tag_of(oid::EMAIL_ADDRESS, "àda@example.org"),
            tag::UTF8_STRING
        );
        assert_eq!(tag_of(oid::COMMON_NAME, "Ada"), tag::UTF8_STRING);
    }
}
