//! The text form: RFC 4514, and what RFC 2253 and Windows allow beyond it (quotes, `;`, spaces around separators).

use std::{fmt, fmt::Write};

use super::{Attribute, DistinguishedName};

/// What stands between two attributes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Separator {
    /// `+`: the next attribute belongs to the same relative name.
    Plus,
    /// `,` or `;`
    Comma,
    End,
}

pub(super) fn parse(text: &str) -> Result<DistinguishedName, &'static str> {
    if text.trim_matches(' ').is_empty() {
        return Ok(DistinguishedName::default());
    }
    let mut scanner = Scanner { rest: text };
    let mut relative_names = vec![Vec::new()];
    loop {
        let attribute = scanner.attribute()?;
        if let Some(current) = relative_names.last_mut() {
            current.push(attribute);
        }
        match scanner.separator()? {
            Separator::Plus => {}
            Separator::Comma => relative_names.push(Vec::new()),
            Separator::End => break,
        }
    }
    relative_names.reverse();
    Ok(DistinguishedName::from_relative_names(relative_names))
}

struct Scanner<'a> {
    rest: &'a str,
}

impl Scanner<'_> {
    fn attribute(&mut self) -> Result<Attribute, &'static str> {
        let (keyword, after) = self
            .rest
            .split_once('=')
            .ok_or("an attribute without `=`")?;
        let oid = Attribute::oid_of(keyword).ok_or("an unknown attribute")?;
        self.rest = after.trim_start_matches(' ');
        let value = if let Some(quoted) = self.rest.strip_prefix('"') {
            self.rest = quoted;
            self.quoted()?
        } else {
            self.plain()?
        };
        Ok(Attribute { oid, value })
    }

    fn next(&mut self) -> Option<char> {
        let character = self.rest.chars().next()?;
        self.rest = &self.rest[character.len_utf8()..];
        Some(character)
    }

    /// Up to the closing quote; everything but `\` stands for itself.
    fn quoted(&mut self) -> Result<String, &'static str> {
        let mut value = Vec::new();
        loop {
            match self.next().ok_or("a quote without its end")? {
                '"' => break,
                '\\' => self.escape(&mut value)?,
                character => push(&mut value, character),
            }
        }
        String::from_utf8(value).map_err(|_| "escaped bytes that are not UTF-8")
    }

    /// Up to the next separator, without the spaces around it that are not escaped.
    fn plain(&mut self) -> Result<String, &'static str> {
        let mut value = Vec::new();
        let mut kept = 0;
        while let Some(character) = self.rest.chars().next() {
            if matches!(character, ',' | ';' | '+') {
                break;
            }
            self.next();
            match character {
                '\\' => self.escape(&mut value)?,
                '"' => return Err("a quote within a value"),
                _ => push(&mut value, character),
            }
            if character != ' ' {
                kept = value.len();
            }
        }
        value.truncate(kept);
        String::from_utf8(value).map_err(|_| "escaped bytes that are not UTF-8")
    }

    /// After `\`: a character that stands for itself, or two hexadecimal digits for a byte of UTF-8.
    fn escape(&mut self, value: &mut Vec<u8>) -> Result<(), &'static str> {
        let hexadecimal = self
            .rest
            .get(..2)
            .filter(|two| two.bytes().all(|digit| digit.is_ascii_hexdigit()));
        if let Some(byte) = hexadecimal.and_then(|two| u8::from_str_radix(two, 16).ok()) {
            value.push(byte);
            self.rest = &self.rest[2..];
            return Ok(());
        }
        push(value, self.next().ok_or("a `\\` at the end")?);
        Ok(())
    }

    fn separator(&mut self) -> Result<Separator, &'static str> {
        self.rest = self.rest.trim_start_matches(' ');
        match self.next() {
            None => Ok(Separator::End),
            Some('+') => Ok(Separator::Plus),
            Some(',' | ';') => Ok(Separator::Comma),
            Some(_) => Err("something between a quoted value and the next attribute"),
        }
    }
}

fn push(value: &mut Vec<u8>, character: char) {
    value.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
}

pub(super) fn write(name: &DistinguishedName, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
    for (index, attributes) in name.relative_names().iter().rev().enumerate() {
        if index > 0 {
            formatter.write_char(',')?;
        }
        for (index, attribute) in attributes.iter().enumerate() {
            if index > 0 {
                formatter.write_char('+')?;
            }
            write!(
                formatter,
                "{}={}",
                attribute.keyword(),
                escaped(&attribute.value)
            )?;
        }
    }
    Ok(())
}

/// RFC 4514 §2.4, and control characters as bytes so that a name stays one line.
fn escaped(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    let last = value.chars().count().saturating_sub(1);
    for (index, character) in value.chars().enumerate() {
        match character {
            ',' | '+' | '"' | '\\' | '<' | '>' | ';' | '=' => text.extend(['\\', character]),
            ' ' if index == 0 || index == last => text.push_str("\\ "),
            '#' if index == 0 => text.push_str("\\#"),
            _ if character.is_control() => {
                for byte in character.encode_utf8(&mut [0; 4]).bytes() {
                    // Writing to a string cannot fail.
                    let _ = write!(text, "\\{byte:02X}");
                }
            }
            _ => text.push(character),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oid;
    use proptest::prelude::*;

    fn written(text: &str) -> String {
        parse(text).unwrap().to_string()
    }

    #[test]
    fn forms_of_the_wild_are_read() {
        assert_eq!(
            written("CN={{UserName}},E={{EmailAddress}}"),
            "CN={{UserName}},E={{EmailAddress}}"
        );
        assert_eq!(written(r#"CN="a, b",OU=x"#), r"CN=a\, b,OU=x");
        assert_eq!(written(r"cn = a\, b ; ou = x "), r"CN=a\, b,OU=x");
        assert_eq!(
            written(r"S=Bavaria, G=Ada + SN=Lovelace"),
            "ST=Bavaria,G=Ada+SN=Lovelace"
        );
        assert_eq!(written(r"CN=\C3\A9\20,2.5.4.65=x"), "CN=é\\ ,2.5.4.65=x");
        assert_eq!(written(r"CN=\#1\+1\=2"), r"CN=\#1\+1\=2");
        assert_eq!(written("  "), "");
        assert_eq!(written("OID.2.5.4.3=x"), "CN=x");
    }

    #[test]
    fn the_first_in_text_is_the_last_in_the_encoding() {
        let name = parse("CN=x,O=y,C=FR").unwrap();
        let order: Vec<_> = name.attributes().map(|attribute| attribute.oid).collect();
        assert_eq!(order, [oid::COUNTRY, oid::ORGANISATION, oid::COMMON_NAME]);
    }

    #[test]
    fn faults_are_named() {
        assert_eq!(parse("CN").unwrap_err(), "an attribute without `=`");
        assert_eq!(parse("CN=a,,O=b").unwrap_err(), "an unknown attribute");
        assert_eq!(parse("XY=a").unwrap_err(), "an unknown attribute");
        assert_eq!(parse("CN=\"a").unwrap_err(), "a quote without its end");
        assert_eq!(
            parse("CN=\"a\"b").unwrap_err(),
            "something between a quoted value and the next attribute"
        );
        assert_eq!(parse("CN=a\\").unwrap_err(), "a `\\` at the end");
        assert_eq!(
            parse("CN=\\ff").unwrap_err(),
            "escaped bytes that are not UTF-8"
        );
    }

    proptest! {
        #[test]
        fn any_value_comes_back(values in proptest::collection::vec(any::<String>(), 1..4)) {
            let name = DistinguishedName::new(values.into_iter().map(|value| (oid::COMMON_NAME, value)));
            prop_assert_eq!(&parse(&name.to_string()).unwrap(), &name);
            prop_assert_eq!(DistinguishedName::from_der(&name.to_der()).unwrap(), name);
        }

        #[test]
        fn any_text_is_read_or_refused(text: String) {
            let _ = parse(&text);
            let _ = parse(&format!("CN={text}"));
        }
    }
}
