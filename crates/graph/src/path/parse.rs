//! Encoded text to segments.

use percent_encoding::percent_decode_str;

use super::Segment;

const MAX_LENGTH: usize = 8 * 1024;
const MAX_SEGMENTS: usize = 24;

/// Why a path cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// Longer than anything meaningful.
    #[error("the path is longer than {MAX_LENGTH} bytes or has more than {MAX_SEGMENTS} segments")]
    TooLong,
    /// Percent-decoding gave something that is not UTF-8.
    #[error("path segment {0} is not UTF-8")]
    NotUtf8(usize),
    /// Parentheses or quotes do not match.
    #[error("path segment `{0}`: {1}")]
    Malformed(String, &'static str),
}

/// Reads a path below the version segment.
pub(super) fn parse(encoded: &str) -> Result<Vec<Segment>, PathError> {
    if encoded.len() > MAX_LENGTH {
        return Err(PathError::TooLong);
    }
    let mut segments = Vec::new();
    for (index, raw) in split(encoded)
        .into_iter()
        .filter(|raw| !raw.is_empty())
        .enumerate()
    {
        let text = percent_decode_str(raw)
            .decode_utf8()
            .map_err(|_| PathError::NotUtf8(index + 1))?;
        push(&mut segments, &text)?;
    }
    if segments.len() > MAX_SEGMENTS {
        return Err(PathError::TooLong);
    }
    Ok(rewrite(segments))
}

/// Splits at slashes, except inside a quoted key: a distinguished name may contain them.
fn split(encoded: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut start, mut quoted, mut depth) = (0, false, 0_usize);
    for (at, byte) in encoded.bytes().enumerate() {
        match byte {
            b'(' if !quoted => depth += 1,
            b')' if !quoted => depth = depth.saturating_sub(1),
            b'\'' if depth > 0 => quoted = !quoted,
            b'/' if !quoted => {
                parts.push(&encoded[start..at]);
                start = at + 1;
                depth = 0;
            }
            _ => {}
        }
    }
    parts.push(&encoded[start..]);
    parts
}

fn push(segments: &mut Vec<Segment>, text: &str) -> Result<(), PathError> {
    let malformed = |why| PathError::Malformed(text.to_owned(), why);
    let Some(open) = text.find('(') else {
        segments.push(bare(text));
        return Ok(());
    };
    let (name, rest) = text.split_at(open);
    let Some(inner) = rest[1..].strip_suffix(')') else {
        return Err(malformed("the opening parenthesis is not closed"));
    };
    if name.is_empty() {
        return Err(malformed("a name belongs before the parenthesis"));
    }
    let inner = inner.trim();
    if inner.is_empty() {
        segments.push(Segment::Call {
            name: unqualified(name).to_owned(),
            arguments: Vec::new(),
        });
    } else if is_argument_list(inner) {
        let arguments =
            arguments(inner).ok_or_else(|| malformed("arguments have the form name=value"))?;
        segments.push(Segment::Call {
            name: unqualified(name).to_owned(),
            arguments,
        });
    } else {
        let key =
            unquote(inner).ok_or_else(|| malformed("the quotes around the key do not match"))?;
        segments.push(bare(name));
        segments.push(Segment::Key(key));
    }
    Ok(())
}

fn bare(text: &str) -> Segment {
    let name = unqualified(text);
    if name.len() == text.len() {
        Segment::Name(text.to_owned())
    } else {
        Segment::Cast(name.to_owned())
    }
}

/// The name without `microsoft.graph.` or `graph.`; only if what follows is an identifier, for a sign-in name
/// may begin with `graph.` too.
fn unqualified(text: &str) -> &str {
    for prefix in ["microsoft.graph.", "graph."] {
        let Some(head) = text.get(..prefix.len()) else {
            continue;
        };
        let tail = &text[prefix.len()..];
        if head.eq_ignore_ascii_case(prefix) && is_identifier(tail) {
            return tail;
        }
    }
    text
}

fn is_identifier(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

fn is_argument_list(inner: &str) -> bool {
    inner
        .split_once('=')
        .is_some_and(|(name, _)| is_identifier(name.trim()))
}

fn arguments(inner: &str) -> Option<Vec<(String, String)>> {
    let mut found = Vec::new();
    for part in split_arguments(inner) {
        let (name, value) = part.split_once('=')?;
        if !is_identifier(name.trim()) {
            return None;
        }
        found.push((name.trim().to_owned(), unquote(value.trim())?));
    }
    Some(found)
}

fn split_arguments(inner: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut start, mut quoted) = (0, false);
    for (at, byte) in inner.bytes().enumerate() {
        match byte {
            b'\'' => quoted = !quoted,
            b',' if !quoted => {
                parts.push(&inner[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&inner[start..]);
    parts
}

/// `'it''s'` is `it's`; text without quotes stays as it is.
fn unquote(text: &str) -> Option<String> {
    if !text.contains('\'') {
        return Some(text.to_owned());
    }
    let inner = text.strip_prefix('\'')?.strip_suffix('\'')?;
    let single = inner.replace("''", "\0");
    (!single.contains('\'')).then(|| single.replace('\0', "'"))
}

/// `myorganization` is nothing, the SDKs' placeholder for the signed-in user is `me`, and a collection at the root with
/// one argument is one with another key, `directoryRoles(roleTemplateId='…')`: the key is then `roleTemplateId=…`.
fn rewrite(mut segments: Vec<Segment>) -> Vec<Segment> {
    let is = |segment: Option<&Segment>, text: &str| {
        segment
            .and_then(Segment::key)
            .is_some_and(|name| name.eq_ignore_ascii_case(text))
    };
    if is(segments.first(), "myorganization") {
        segments.remove(0);
    }
    if is(segments.first(), "users") && is(segments.get(1), "me-token-to-replace") {
        segments.splice(0..2, [Segment::Name("me".to_owned())]);
    }
    if let Some((name, key)) = segments.first().and_then(alternate_key) {
        segments.splice(0..1, [Segment::Name(name), Segment::Key(key)]);
    }
    segments
}

fn alternate_key(first: &Segment) -> Option<(String, String)> {
    match first {
        Segment::Call { name, arguments } => match arguments.as_slice() {
            [(key, value)] => Some((name.clone(), format!("{key}={value}"))),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn name(text: &str) -> Segment {
        Segment::Name(text.to_owned())
    }

    fn key(text: &str) -> Segment {
        Segment::Key(text.to_owned())
    }

    #[test]
    fn the_three_key_forms_mean_the_same() {
        assert_eq!(
            parse("/users/a%40b.c").unwrap(),
            [name("users"), name("a@b.c")]
        );
        assert_eq!(
            parse("users('a@b.c')").unwrap(),
            [name("users"), key("a@b.c")]
        );
        assert_eq!(
            parse("/users(%27a@b.c%27)/").unwrap(),
            [name("users"), key("a@b.c")]
        );
        assert_eq!(
            parse("userPfxCertificates(1-2)").unwrap(),
            [name("userPfxCertificates"), key("1-2")]
        );
    }

    #[test]
    fn doubled_quotes_in_a_key_are_one() {
        assert_eq!(parse("users('o''neil/x@y')").unwrap()[1], key("o'neil/x@y"));
        assert!(parse("users('o'neil')").is_err());
    }

    #[test]
    fn repeated_and_trailing_slashes_mean_nothing() {
        assert_eq!(
            parse("//deviceManagement///x/").unwrap(),
            [name("deviceManagement"), name("x")]
        );
        assert_eq!(parse("/").unwrap(), []);
    }

    #[test]
    fn functions_may_come_with_parentheses_and_arguments() {
        let call = |arguments: Vec<(String, String)>| Segment::Call {
            name: "f".to_owned(),
            arguments,
        };
        assert_eq!(parse("f()").unwrap(), [call(vec![])]);
        assert_eq!(
            parse("x/f(a='y')").unwrap(),
            [name("x"), call(vec![("a".to_owned(), "y".to_owned())])]
        );
        assert_eq!(
            parse("microsoft.graph.f(a='x,y=z',b=1)").unwrap(),
            [call(vec![
                ("a".to_owned(), "x,y=z".to_owned()),
                ("b".to_owned(), "1".to_owned())
            ])]
        );
        assert!(parse("f(a='x',2)").is_err());
    }

    #[test]
    fn a_cast_is_told_from_a_sign_in_name() {
        assert_eq!(
            parse("Microsoft.Graph.user").unwrap(),
            [Segment::Cast("user".to_owned())]
        );
        assert_eq!(
            parse("graph.user").unwrap(),
            [Segment::Cast("user".to_owned())]
        );
        assert_eq!(
            parse("users/graph.admin@x.y").unwrap()[1],
            name("graph.admin@x.y")
        );
    }

    #[test]
    fn aliases_are_rewritten() {
        assert_eq!(parse("/myorganization/groups").unwrap(), [name("groups")]);
        assert_eq!(
            parse("/users/me-token-to-replace/memberOf").unwrap(),
            [name("me"), name("memberOf")]
        );
    }

    #[test]
    fn another_key_of_a_collection_is_a_key() {
        assert_eq!(
            parse("directoryRoles(roleTemplateId='62e9')/members").unwrap(),
            [
                name("directoryRoles"),
                key("roleTemplateId=62e9"),
                name("members")
            ]
        );
    }

    #[test]
    fn an_unclosed_parenthesis_is_refused() {
        assert!(matches!(parse("users('a'"), Err(PathError::Malformed(..))));
        assert!(matches!(parse("('a')"), Err(PathError::Malformed(..))));
    }

    proptest! {
        #[test]
        fn no_input_panics(text in "\\PC{0,80}") {
            let _ = parse(&text);
        }

        #[test]
        fn a_quoted_key_reads_back(text in "[a-zA-Z0-9@.' ,=/()-]{1,30}") {
            let encoded = format!("users('{}')", text.replace('\'', "''").replace('/', "%2F"));
            prop_assume!(!text.contains(['(', ')']));
            prop_assert_eq!(&parse(&encoded).unwrap()[1], &key(&text));
        }
    }
}
