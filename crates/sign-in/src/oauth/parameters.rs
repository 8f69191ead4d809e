//! Parameters of a request: of its query, or of its form.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;

use super::{Fault, FaultKind};

/// Longest name that is repeated in an answer.
const SHOWN: usize = 100;
/// How many there may be: clients send some thirty.
const MOST: usize = 100;

/// Parameters by name, each once (RFC 6749 §3.1). Those that mean nothing here are there too, and hurt nobody.
#[derive(Clone, Default)]
pub(super) struct Parameters(Vec<(String, String)>);

impl std::fmt::Debug for Parameters {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<&str> = self.0.iter().map(|(name, _)| name.as_str()).collect();
        f.debug_tuple("Parameters").field(&names).finish()
    }
}

impl Parameters {
    /// Reads `application/x-www-form-urlencoded` octets, at most 100 parameters.
    pub(super) fn parse(octets: &[u8]) -> Result<Self, Fault> {
        let wrong = |text: &str| Fault::new(FaultKind::InvalidRequest, text);
        let text = std::str::from_utf8(octets).map_err(|_| wrong("The request is not UTF-8."))?;
        let mut pairs: Vec<(String, String)> = Vec::new();
        for pair in text.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let decoded = decode(name).zip(decode(value));
            let (name, value) =
                decoded.ok_or_else(|| wrong("The request is not a form in UTF-8."))?;
            if pairs.len() == MOST {
                return Err(wrong("The request has too many parameters."));
            }
            if name.contains('\0') || value.contains('\0') {
                return Err(wrong("The request contains the character U+0000."));
            }
            if pairs.iter().any(|(known, _)| *known == name) {
                let shown: String = name.chars().take(SHOWN).collect();
                let text = format!("The parameter '{shown}' is there twice.");
                return Err(Fault::new(FaultKind::Duplicate, text));
            }
            pairs.push((name, value));
        }
        Ok(Self(pairs))
    }

    /// The value of a parameter; one without a value counts as left out (RFC 6749 §3.1).
    pub(super) fn get(&self, wanted: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(name, _)| name == wanted)
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }

    /// The value of a parameter that must be there.
    pub(super) fn need(&self, wanted: &str) -> Result<&str, Fault> {
        self.get(wanted).ok_or_else(|| {
            Fault::new(
                FaultKind::Missing,
                format!("The request must contain the parameter '{wanted}'."),
            )
        })
    }

    /// The same without some, and with one more, as a query.
    pub(super) fn query_with(&self, without: &[&str], more: &[(&str, &str)]) -> String {
        let kept = self
            .0
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .filter(|(name, _)| !without.contains(name) && more.iter().all(|(m, _)| m != name));
        encode(kept.chain(more.iter().copied()))
    }
}

/// A query or form body of these pairs.
pub(super) fn encode<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let pairs = pairs
        .into_iter()
        .map(|(name, value)| format!("{}={}", escape(name), escape(value)));
    pairs.collect::<Vec<_>>().join("&")
}

/// All but what is never special in an address (RFC 3986 §2.3).
fn escape(text: &str) -> impl std::fmt::Display + '_ {
    const PLAIN: percent_encoding::AsciiSet = percent_encoding::NON_ALPHANUMERIC
        .remove(b'-')
        .remove(b'.')
        .remove(b'_')
        .remove(b'~');
    percent_encoding::utf8_percent_encode(text, &PLAIN)
}

/// RFC 6749 §2.3.1: id and secret are form-encoded before they are joined.
pub(super) fn basic(header: &str) -> Option<(String, String)> {
    let (scheme, encoded) = header.trim().split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (id, secret) = text.split_once(':')?;
    Some((decode(id)?, decode(secret)?))
}

fn decode(text: &str) -> Option<String> {
    let spaced = text.replace('+', " ");
    percent_decode_str(&spaced)
        .decode_utf8()
        .ok()
        .map(std::borrow::Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_form_is_read_and_nothing_in_it_twice() {
        let read = Parameters::parse(b"a=x%2Bb+c&b=&c").unwrap();
        assert_eq!(
            (read.get("a"), read.get("b"), read.get("c")),
            (Some("x+b c"), None, None)
        );
        assert_eq!(
            read.query_with(&["b", "c"], &[("d", "&/")]),
            "a=x%2Bb%20c&d=%26%2F"
        );
        for bad in [
            &b"a=1&a=2"[..],
            b"a=1&%61=1",
            b"a=%00",
            b"%00=a",
            b"a=%ff",
            b"\xff",
        ] {
            assert!(Parameters::parse(bad).is_err(), "{bad:?}");
        }
        assert!(!format!("{:?}", Parameters::parse(b"p=secret").unwrap()).contains("secret"));
    }

    #[test]
    fn too_many_parameters_are_not_looked_at() {
        let form = |count: usize| {
            let pairs: Vec<String> = (0..count).map(|n| format!("p{n}=1")).collect();
            pairs.join("&") + "&"
        };
        assert!(Parameters::parse(form(MOST).as_bytes()).is_ok());
        assert!(Parameters::parse(form(MOST + 1).as_bytes()).is_err());
    }

    #[test]
    fn basic_authentication_is_read() {
        let header = format!("Basic {}", STANDARD.encode("id:s%3Aecret"));
        assert_eq!(
            basic(&header),
            Some(("id".to_owned(), "s:ecret".to_owned()))
        );
        assert_eq!(basic("Bearer x"), None);
        assert_eq!(basic("Basic ###"), None);
    }

    proptest! {
        #[test]
        fn no_input_panics(body in proptest::collection::vec(any::<u8>(), 0..80), header in "\\PC{0,40}") {
            if let Ok(read) = Parameters::parse(&body) {
                let _ = read.query_with(&["a"], &[("b", "c")]);
            }
            let _ = basic(&header);
        }

        #[test]
        fn what_is_written_is_read_again(name in "[a-z]{1,5}", value in "[^\0]{1,30}") {
            let text = encode([(name.as_str(), value.as_str())]);
            let read = Parameters::parse(text.as_bytes()).unwrap();
            prop_assert_eq!(read.get(&name), Some(value.as_str()));
        }
    }
}
