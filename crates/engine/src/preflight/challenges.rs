//! What a server offers for signing in: `WWW-Authenticate` (RFC 9110 §11.6.1).

use std::collections::BTreeMap;

/// One way to sign in that a server offers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Challenge {
    /// Its scheme in lower case: `basic`, `bearer`, `negotiate`, `ntlm`.
    pub(super) scheme: String,
    /// Parameters by name in lower case.
    pub(super) parameters: BTreeMap<String, String>,
}

/// Reads the values of all `WWW-Authenticate` headers. Several challenges may stand in one value, parted by commas as
/// their parameters are; what begins one is a word that no `=` follows. What cannot be read is passed over.
pub(super) fn challenges<'a>(values: impl Iterator<Item = &'a str>) -> Vec<Challenge> {
    let mut found: Vec<Challenge> = Vec::new();
    for part in values.take(MOST_VALUES).flat_map(parts) {
        let (word, rest) = part
            .split_once(|c: char| c.is_ascii_whitespace())
            .map_or((part, ""), |(word, rest)| (word, rest.trim()));
        let begins = is_token(word) && !rest.starts_with('=');
        let parameter = if begins {
            found.push(Challenge {
                scheme: word.to_ascii_lowercase(),
                ..Challenge::default()
            });
            rest
        } else {
            part
        };
        if let Some((name, value)) = parameter.split_once('=')
            && is_token(name.trim())
            && let Some(challenge) = found.last_mut()
        {
            let name = name.trim().to_ascii_lowercase();
            challenge.parameters.insert(name, unquoted(value.trim()));
        }
    }
    found.truncate(MOST_CHALLENGES);
    found
}

/// Splits at commas that are not within quotes.
fn parts(value: &str) -> Vec<&str> {
    let (mut parts, mut begin, mut quoted, mut escaped) = (Vec::new(), 0, false, false);
    for (at, character) in value.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            ',' if !quoted => {
                parts.push(value[begin..at].trim());
                begin = at + 1;
            }
            _ => {}
        }
    }
    parts.push(value[begin..].trim());
    parts.retain(|part| !part.is_empty());
    parts
}

/// RFC 9110 §5.6.2.
fn is_token(text: &str) -> bool {
    let is_token_character = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    !text.is_empty() && text.chars().all(is_token_character)
}

fn unquoted(text: &str) -> String {
    let inner = text
        .strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'));
    match inner {
        None => text.to_owned(),
        Some(inner) => {
            let mut plain = String::with_capacity(inner.len());
            let mut characters = inner.chars();
            while let Some(character) = characters.next() {
                plain.extend(match character {
                    '\\' => characters.next(),
                    other => Some(other),
                });
            }
            plain
        }
    }
}

const MOST_VALUES: usize = 16;
const MOST_CHALLENGES: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn schemes(values: &[&str]) -> Vec<String> {
        challenges(values.iter().copied())
            .into_iter()
            .map(|challenge| challenge.scheme)
            .collect()
    }

    #[test]
    fn each_challenge_is_found_however_they_are_written() {
        assert_eq!(schemes(&["Basic realm=\"mail\""]), ["basic"]);
        assert_eq!(
            schemes(&["Negotiate", "NTLM", "Basic realm=\"a, Bearer b\""]),
            ["negotiate", "ntlm", "basic"]
        );
        // RFC 9110 §11.6.1 has this example.
        let one = "Basic realm=\"simple\", Newauth realm=\"apps\", type=1, title=\"Login to \\\"apps\\\"\"";
        assert_eq!(schemes(&[one]), ["basic", "newauth"]);
        let found = challenges([one].into_iter());
        assert_eq!(found[1].parameters["title"], "Login to \"apps\"");
        assert_eq!(found[1].parameters["type"], "1");
    }

    #[test]
    fn a_bearer_challenge_tells_where_people_sign_in() {
        let found = challenges(
            ["Bearer client_id=\"00000002-0000-0ff1-ce00-000000000000\", authorization_uri=\"https://login.example/x\""]
                .into_iter(),
        );
        assert_eq!(found[0].scheme, "bearer");
        assert_eq!(
            found[0].parameters["authorization_uri"],
            "https://login.example/x"
        );
    }

    #[test]
    fn blanks_around_the_equals_sign_begin_nothing_new() {
        assert_eq!(
            schemes(&["Digest qop = \"auth\", nonce = \"x\""]),
            ["digest"]
        );
        assert_eq!(schemes(&["", " , ,", "=x"]), Vec::<String>::new());
    }

    proptest! {
        #[test]
        fn anything_is_read(value in "\\PC{0,200}") {
            prop_assert!(challenges([value.as_str()].into_iter()).len() <= MOST_CHALLENGES);
        }
    }
}
