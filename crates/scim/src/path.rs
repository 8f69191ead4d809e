//! Paths of attributes (RFC 7644 §3.5.2), as clients write them: with or without the schema before them, in any letter case.

use crate::error::ScimError;
use crate::filter::{Filter, read_filter};

/// Characters of a path at most.
const LONGEST: usize = 512;

/// A path: `name.givenName`, `emails[type eq "work"].value`, `urn:…:User:department`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct AttributePath {
    /// The schema that stands before it, as it was written.
    pub(crate) schema: Option<String>,
    pub(crate) attribute: String,
    /// Which values of several.
    pub(crate) filter: Option<Filter>,
    pub(crate) sub: Option<String>,
}

impl AttributePath {
    pub(crate) fn parse(text: &str) -> Result<Self, ScimError> {
        let wrong = || {
            let shown: String = text.chars().take(80).collect();
            ScimError::invalid_path(format!("`{shown}` is no path of an attribute"))
        };
        let text = text.trim();
        if text.is_empty() || text.len() > LONGEST {
            return Err(wrong());
        }
        // A schema's name has dots and colons of its own: the attribute begins after its last colon before any bracket.
        let head = text.split('[').next().unwrap_or(text);
        let (schema, rest) = if head.to_lowercase().starts_with("urn:") {
            let at = head.rfind(':').ok_or_else(wrong)?;
            let (schema, rest) = text.split_at(at);
            (Some(schema.to_owned()), &rest[1..])
        } else {
            (None, text)
        };
        let (attribute, filter, after) = match rest.split_once('[') {
            Some((attribute, rest)) => {
                let (inner, after) = rest.rsplit_once(']').ok_or_else(wrong)?;
                (attribute, Some(read_filter(inner)?), after)
            }
            None => match rest.split_once('.') {
                Some((attribute, _)) => (attribute, None, &rest[attribute.len()..]),
                None => (rest, None, ""),
            },
        };
        let sub = match after {
            "" => None,
            after => Some(after.strip_prefix('.').ok_or_else(wrong)?.to_owned()),
        };
        if !is_name(attribute) || sub.as_deref().is_some_and(|sub| !is_name(sub)) {
            return Err(wrong());
        }
        Ok(Self {
            schema,
            attribute: attribute.to_owned(),
            filter,
            sub,
        })
    }
}

/// A name of an attribute (RFC 7643 §2.1).
pub(crate) fn is_name(text: &str) -> bool {
    let begins = text
        .as_bytes()
        .first()
        .is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'$');
    begins
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_$".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_read_as_clients_write_them() {
        let parts = |text: &str| {
            let path = AttributePath::parse(text).unwrap();
            let sub = path.sub.unwrap_or_default();
            (
                path.schema.is_some(),
                path.attribute,
                path.filter.is_some(),
                sub,
            )
        };
        let of = |schema, attribute: &str, filter, sub: &str| {
            (schema, attribute.to_owned(), filter, sub.to_owned())
        };
        assert_eq!(parts("active"), of(false, "active", false, ""));
        assert_eq!(
            parts("name.givenName"),
            of(false, "name", false, "givenName")
        );
        assert_eq!(
            parts("emails[type eq \"work\"].value"),
            of(false, "emails", true, "value")
        );
        assert_eq!(
            parts("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department"),
            of(true, "department", false, "")
        );
        assert_eq!(
            parts("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value"),
            of(true, "manager", false, "value")
        );
        assert_eq!(
            parts("members[value eq \"a]b\"]"),
            of(false, "members", true, "")
        );
        for wrong in [
            "",
            " ",
            ".",
            "a.",
            "a..b",
            "a[",
            "a]",
            "a[type eq]",
            "a b",
            "1a",
            "a[b eq 1]x",
            "urn:",
            "a\0",
            "ä",
            &"a".repeat(513),
        ] {
            assert!(AttributePath::parse(wrong).is_err(), "{wrong}");
        }
    }
}
