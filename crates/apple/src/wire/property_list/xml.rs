//! The XML form. Apple's DTD `PropertyList-1.0`: a dozen elements, attributes on `plist` alone.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use plist::{Date, Dictionary, Integer, Value};

use super::{Limits, WireError};

pub(super) fn read(bytes: &[u8], limits: Limits) -> Result<Value, WireError> {
    let text = std::str::from_utf8(bytes).map_err(|_| WireError::Malformed("not UTF-8"))?;
    // No XML document has a NUL, and no database takes one.
    if bytes.contains(&0) {
        return Err(WireError::Malformed("a NUL character"));
    }
    let mut reader = Reader {
        rest: text.trim_start_matches('\u{feff}'),
        depth_left: limits.depth,
        budget: limits.bytes,
        limits,
    };
    reader.document()
}

struct Reader<'a> {
    rest: &'a str,
    depth_left: usize,
    /// Bytes that values may still take: `<true/>` is seven bytes here and several dozen in memory.
    budget: usize,
    limits: Limits,
}

#[derive(Clone, Copy)]
enum Tag<'a> {
    Open(&'a str),
    Empty(&'a str),
    Close(&'a str),
}

impl<'a> Reader<'a> {
    fn document(&mut self) -> Result<Value, WireError> {
        let Tag::Open("plist") = self.prologue()? else {
            return Err(WireError::Malformed("no `plist` element"));
        };
        let tag = self.tag()?;
        let root = self.value(tag)?;
        match self.tag()? {
            Tag::Close("plist") if self.rest.trim_ascii().is_empty() => Ok(root),
            _ => Err(WireError::Malformed("more than one root")),
        }
    }

    /// The XML declaration and the document type, both optional. A document type of its own making could declare
    /// entities, so it is refused.
    fn prologue(&mut self) -> Result<Tag<'a>, WireError> {
        self.skip_to_markup()?;
        if let Some(rest) = self.rest.strip_prefix("<!DOCTYPE") {
            let (declaration, rest) = split(rest, ">")?;
            if declaration.contains('[') {
                return Err(WireError::Malformed("an internal document type"));
            }
            self.rest = rest;
        }
        self.tag()
    }

    fn value(&mut self, tag: Tag<'a>) -> Result<Value, WireError> {
        self.budget = self
            .budget
            .checked_sub(size_of::<Value>())
            .ok_or(WireError::TooLarge {
                limit: self.limits.bytes,
            })?;
        match tag {
            Tag::Open("dict") => self.nested(Self::dictionary),
            Tag::Open("array") => self.nested(Self::array),
            Tag::Empty("dict") => Ok(Value::Dictionary(Dictionary::new())),
            Tag::Empty("array") => Ok(Value::Array(Vec::new())),
            Tag::Empty("true") => Ok(Value::Boolean(true)),
            Tag::Empty("false") => Ok(Value::Boolean(false)),
            Tag::Empty("string") => Ok(Value::String(String::new())),
            Tag::Empty("data") => Ok(Value::Data(Vec::new())),
            Tag::Open(name) => {
                let text = self.text(name)?;
                scalar(name, text)
            }
            Tag::Empty(_) | Tag::Close(_) => Err(WireError::Malformed("an element out of place")),
        }
    }

    fn nested(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<Value, WireError>,
    ) -> Result<Value, WireError> {
        self.depth_left = self.depth_left.checked_sub(1).ok_or(WireError::TooDeep {
            limit: self.limits.depth,
        })?;
        let value = read(self)?;
        self.depth_left += 1;
        Ok(value)
    }

    fn dictionary(&mut self) -> Result<Value, WireError> {
        let mut dictionary = Dictionary::new();
        loop {
            let key = match self.tag()? {
                Tag::Close("dict") => return Ok(Value::Dictionary(dictionary)),
                Tag::Open("key") => self.text("key")?.into_owned(),
                Tag::Empty("key") => String::new(),
                _ => return Err(WireError::Malformed("a dictionary without a key")),
            };
            let tag = self.tag()?;
            let value = self.value(tag)?;
            dictionary.insert(key, value);
        }
    }

    fn array(&mut self) -> Result<Value, WireError> {
        let mut items = Vec::new();
        loop {
            match self.tag()? {
                Tag::Close("array") => return Ok(Value::Array(items)),
                tag => items.push(self.value(tag)?),
            }
        }
    }

    /// The next tag; what stands between tags may only be white space and comments.
    fn tag(&mut self) -> Result<Tag<'a>, WireError> {
        self.skip_to_markup()?;
        let inside = self
            .rest
            .strip_prefix('<')
            .ok_or(WireError::Malformed("text between elements"))?;
        let (inside, rest) = split(inside, ">")?;
        self.rest = rest;
        if let Some(name) = inside.strip_prefix('/') {
            return Ok(Tag::Close(name.trim_ascii_end()));
        }
        if let Some(name) = inside.strip_suffix('/') {
            return Ok(Tag::Empty(name.trim_ascii_end()));
        }
        // `<plist version="1.0">`; on any other element an attribute makes a name that nobody knows.
        match inside.strip_prefix("plist") {
            Some(attributes) if attributes.starts_with(|c: char| c.is_ascii_whitespace()) => {
                Ok(Tag::Open("plist"))
            }
            _ => Ok(Tag::Open(inside.trim_ascii_end())),
        }
    }

    fn skip_to_markup(&mut self) -> Result<(), WireError> {
        loop {
            self.rest = self.rest.trim_ascii_start();
            if let Some(comment) = self.rest.strip_prefix("<!--") {
                self.rest = split(comment, "-->")?.1;
            } else if let Some(instruction) = self.rest.strip_prefix("<?") {
                self.rest = split(instruction, "?>")?.1;
            } else {
                return Ok(());
            }
        }
    }

    /// Text up to the end of the element, with its references resolved.
    fn text(&mut self, name: &str) -> Result<Cow<'a, str>, WireError> {
        let mut text = Cow::Borrowed("");
        loop {
            let end = self
                .rest
                .find('<')
                .ok_or(WireError::Malformed("an element without end"))?;
            let (piece, rest) = self.rest.split_at(end);
            append(&mut text, resolve_references(piece)?);
            if let Some(closing) = rest.strip_prefix("</") {
                let (closed, rest) = split(closing, ">")?;
                self.rest = rest;
                return if closed.trim_ascii_end() == name {
                    Ok(text)
                } else {
                    Err(WireError::Malformed("elements that overlap"))
                };
            } else if let Some(comment) = rest.strip_prefix("<!--") {
                self.rest = split(comment, "-->")?.1;
            } else if let Some(raw) = rest.strip_prefix("<![CDATA[") {
                let (raw, rest) = split(raw, "]]>")?;
                append(&mut text, Cow::Borrowed(raw));
                self.rest = rest;
            } else {
                return Err(WireError::Malformed("an element within text"));
            }
        }
    }
}

fn scalar(name: &str, text: Cow<'_, str>) -> Result<Value, WireError> {
    match name {
        "string" => Ok(Value::String(text.into_owned())),
        "integer" => integer(text.trim_ascii())
            .map(Value::Integer)
            .ok_or(WireError::Malformed("no integer")),
        "data" => data(&text).map(Value::Data),
        "true" if text.trim_ascii().is_empty() => Ok(Value::Boolean(true)),
        "false" if text.trim_ascii().is_empty() => Ok(Value::Boolean(false)),
        "real" => text
            .trim_ascii()
            .parse()
            .map(Value::Real)
            .map_err(|_| WireError::Malformed("no real number")),
        "date" => Date::from_xml_format(text.trim_ascii())
            .map(Value::Date)
            .map_err(|_| WireError::Malformed("no date")),
        _ => Err(WireError::Malformed("an element that property lists lack")),
    }
}

fn integer(text: &str) -> Option<Integer> {
    if let Some(digits) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        return u64::from_str_radix(digits, 16).ok().map(Integer::from);
    }
    text.parse::<i64>()
        .map(Integer::from)
        .or_else(|_| text.parse::<u64>().map(Integer::from))
        .ok()
}

fn data(text: &str) -> Result<Vec<u8>, WireError> {
    let encoded: Vec<u8> = text
        .bytes()
        .filter(|byte| !byte.is_ascii_whitespace())
        .collect();
    STANDARD
        .decode(encoded)
        .map_err(|_| WireError::Malformed("no base64"))
}

/// The five entities of XML and character references; a document has no others without a document type of its own.
fn resolve_references(text: &str) -> Result<Cow<'_, str>, WireError> {
    let Some(first) = text.find('&') else {
        return Ok(Cow::Borrowed(text));
    };
    let (before, mut rest) = text.split_at(first);
    let mut resolved = String::with_capacity(text.len());
    resolved.push_str(before);
    while let Some(reference) = rest.strip_prefix('&') {
        let (reference, after) = split(reference, ";")?;
        resolved.push(character(reference).ok_or(WireError::Malformed("an unknown reference"))?);
        let next = after.find('&').unwrap_or(after.len());
        resolved.push_str(&after[..next]);
        rest = &after[next..];
    }
    Ok(Cow::Owned(resolved))
}

fn character(reference: &str) -> Option<char> {
    match reference {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let number = reference.strip_prefix('#')?;
            let code = match number.strip_prefix('x') {
                Some(digits) => u32::from_str_radix(digits, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code).filter(|character| *character != '\0')
        }
    }
}

fn append<'a>(text: &mut Cow<'a, str>, piece: Cow<'a, str>) {
    if text.is_empty() {
        *text = piece;
    } else if !piece.is_empty() {
        text.to_mut().push_str(&piece);
    }
}

fn split<'a>(text: &'a str, end: &str) -> Result<(&'a str, &'a str), WireError> {
    text.split_once(end)
        .ok_or(WireError::Malformed("markup without end"))
}
