//! Subject names of certificates, as administrators write them.

use super::Template;

/// A subject such as `CN={{UserName}},O="Example, Inc."`, taken apart but not filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DistinguishedName {
    /// Relative names in the order written; several attributes in one where `+` joins them.
    pub names: Vec<Vec<Attribute>>,
}

/// One attribute of a subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    /// `CN`, `C`, `L`, `ST`, `O` or `OU`, for which Apple has short names; a dotted OID for everything else.
    pub name: String,
    /// Its value.
    pub value: Template,
}

impl DistinguishedName {
    /// Takes a subject apart; the error is a rule, as "must …". RFC 4514 in the order written, with Windows' short
    /// names; values may stand in quotes, in which `,` `+` `=` mean nothing.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut names = vec![Vec::new()];
        for (separator, piece) in split(text)? {
            let (word, value) = piece.split_once('=').ok_or_else(|| {
                format!(
                    "must consist of `ATTRIBUTE=value` separated by commas; `{}` is none",
                    piece.trim()
                )
            })?;
            let attribute = Attribute {
                name: attribute_name(word.trim())?,
                value: Template::parse(&unquote(value)?)?,
            };
            if attribute.value.parts.is_empty() {
                return Err(format!("must give `{}` a value", word.trim()));
            }
            match (separator, names.last_mut()) {
                (Separator::SameName, Some(name)) => name.push(attribute),
                _ => names.push(vec![attribute]),
            }
        }
        names.retain(|name| !name.is_empty());
        Ok(Self { names })
    }

    /// Names of the variables as written.
    pub fn variables(&self) -> impl Iterator<Item = &str> {
        self.names
            .iter()
            .flatten()
            .flat_map(|attribute| attribute.value.variables())
    }
}

#[derive(Clone, Copy)]
enum Separator {
    NextName,
    SameName,
}

/// Cuts at `,` and `+` outside quotes, escapes and braces.
fn split(text: &str) -> Result<Vec<(Separator, &str)>, String> {
    let mut pieces = Vec::new();
    let (mut start, mut separator) = (0, Separator::NextName);
    let (mut quoted, mut escaped) = (false, false);
    for (at, character) in text.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => quoted = !quoted,
            ',' | '+' if !quoted => {
                pieces.push((separator, &text[start..at]));
                separator = if character == ',' {
                    Separator::NextName
                } else {
                    Separator::SameName
                };
                start = at + 1;
            }
            _ => {}
        }
    }
    if quoted || escaped {
        return Err("must close its quotes and not end in `\\`".to_owned());
    }
    pieces.push((separator, &text[start..]));
    Ok(pieces)
}

/// Takes quotes and backslashes away. A doubled quote inside quotes is one quote, as Windows has it.
fn unquote(value: &str) -> Result<String, String> {
    let value = value.trim();
    let inner = match value.strip_prefix('"') {
        Some(rest) => rest
            .strip_suffix('"')
            .ok_or("must have nothing behind a closing quote but a comma")?,
        None => value,
    };
    let mut text = String::new();
    let mut characters = inner.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\\' => text.extend(characters.next()),
            '"' if characters.next_if_eq(&'"').is_some() => text.push('"'),
            '"' => return Err("must have quotes around a whole value only".to_owned()),
            other => text.push(other),
        }
    }
    Ok(text)
}

fn attribute_name(word: &str) -> Result<String, String> {
    let known = ATTRIBUTES
        .iter()
        .find(|(short, _)| short.eq_ignore_ascii_case(word));
    match known {
        Some((_, name)) => Ok((*name).to_owned()),
        None if is_oid(word) => Ok(word.to_owned()),
        None => Err(format!(
            "must use known attributes or dotted OIDs; `{word}` is none"
        )),
    }
}

/// Whether a text is a dotted object identifier: at least two numbers without leading zeros, the first at most 2.
pub(super) fn is_oid(text: &str) -> bool {
    let numbers: Vec<_> = text.split('.').collect();
    let number = |arc: &&str| {
        arc.parse::<u64>()
            .is_ok_and(|value| value.to_string() == **arc)
    };
    let arc = |at: usize| numbers.get(at).and_then(|arc| arc.parse::<u64>().ok());
    let root_allows = match (arc(0), arc(1)) {
        (Some(0 | 1), Some(second)) => second < 40,
        (Some(2), Some(_)) => true,
        _ => false,
    };
    root_allows && numbers.iter().all(number)
}

/// Apple documents short names for six attributes only (`com.apple.security.scep`, `Subject`).
const ATTRIBUTES: &[(&str, &str)] = &[
    ("CN", "CN"),
    ("commonName", "CN"),
    ("C", "C"),
    ("L", "L"),
    ("ST", "ST"),
    ("S", "ST"),
    ("O", "O"),
    ("OU", "OU"),
    ("E", "1.2.840.113549.1.9.1"),
    ("Email", "1.2.840.113549.1.9.1"),
    ("emailAddress", "1.2.840.113549.1.9.1"),
    ("SERIALNUMBER", "2.5.4.5"),
    ("SN", "2.5.4.4"),
    ("surname", "2.5.4.4"),
    ("G", "2.5.4.42"),
    ("GN", "2.5.4.42"),
    ("givenName", "2.5.4.42"),
    ("I", "2.5.4.43"),
    ("initials", "2.5.4.43"),
    ("T", "2.5.4.12"),
    ("title", "2.5.4.12"),
    ("STREET", "2.5.4.9"),
    ("postalCode", "2.5.4.17"),
    ("DC", "0.9.2342.19200300.100.1.25"),
    ("UID", "0.9.2342.19200300.100.1.1"),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Vec<Vec<(String, String)>> {
        let name = DistinguishedName::parse(text).unwrap();
        let fill = |a: Attribute| {
            (
                a.name,
                a.value.fill(|v| Ok::<_, ()>(format!("<{v}>"))).unwrap(),
            )
        };
        name.names
            .into_iter()
            .map(|one| one.into_iter().map(fill).collect())
            .collect()
    }

    #[test]
    fn names_are_split_at_commas_and_joined_by_plus() {
        assert_eq!(
            parsed("CN={{UserName}}+E={{EmailAddress}}, o = Example ,1.2.3=x"),
            [
                vec![
                    ("CN".into(), "<UserName>".into()),
                    ("1.2.840.113549.1.9.1".into(), "<EmailAddress>".into())
                ],
                vec![("O".into(), "Example".into())],
                vec![("1.2.3".into(), "x".into())],
            ]
        );
    }

    #[test]
    fn quotes_and_backslashes_protect() {
        assert_eq!(parsed(r#"CN="a,b=c+""d""",O=x\,y"#)[0][0].1, r#"a,b=c+"d""#);
        assert_eq!(parsed(r#"CN="a,b",O=x\,y"#)[1][0].1, "x,y");
    }

    #[test]
    fn what_is_no_subject_is_refused() {
        let wrong = [
            "",
            "CN",
            "CN=",
            "XX=a",
            "CN=a,",
            "CN=\"a",
            "CN=a\\",
            "CN=\"a\"b",
            "CN={{UserName",
            "3.1=a",
            "2.5.04=a",
        ];
        for text in wrong {
            assert!(DistinguishedName::parse(text).is_err(), "{text}");
        }
    }
}
