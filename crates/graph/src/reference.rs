//! Addresses in bodies: `@odata.id`, `@odata.bind`.

use serde_json::Value;
use uuid::Uuid;

use crate::error::{GraphError, Result};
use crate::path::{Path, Segment, Version};

/// What an address names: the last collection and the key in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reference {
    /// Name of the collection in lower case.
    pub(crate) collection: String,
    /// Key, as it came.
    pub(crate) key: String,
}

impl Reference {
    /// Reads an absolute or relative address. Scheme and host are not looked at: clients have them hard-coded.
    pub(crate) fn parse(url: &str) -> Option<Self> {
        let path = match url.split_once("://") {
            Some((_, rest)) => rest.split_once('/')?.1,
            None => url,
        };
        let path = path.split('?').next()?.trim_matches('/');
        let (first, rest) = path.split_once('/').unwrap_or((path, ""));
        let path = if Version::parse(first).is_some() {
            rest
        } else {
            path
        };
        let path = Path::parse(path).ok()?;
        match path.without_casts().0.as_slice() {
            [
                ..,
                Segment::Name(collection),
                Segment::Name(key) | Segment::Key(key),
            ] => Some(Self {
                collection: collection.to_ascii_lowercase(),
                key: key.clone(),
            }),
            _ => None,
        }
    }

    /// Reads an address out of a property of a body.
    pub(crate) fn read(property: &str, value: &Value) -> Result<Self> {
        let text = value.as_str().ok_or_else(|| {
            GraphError::invalid(
                property,
                format!("`{property}` must be an address, but is `{value}`"),
            )
        })?;
        Self::parse(text).ok_or_else(|| {
            let message = format!("`{property}` must be the address of an object, but is `{text}`");
            GraphError::invalid(property, message)
        })
    }

    /// The key as an id.
    pub(crate) fn id(&self, property: &str) -> Result<Uuid> {
        Uuid::try_parse(&self.key).map_err(|_| {
            GraphError::invalid(
                property,
                format!("`{property}` must name an id, but names `{}`", self.key),
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_and_versions_do_not_matter() {
        let expected = Reference {
            collection: "deviceconfigurations".to_owned(),
            key: "A-1".to_owned(),
        };
        for url in [
            "https://graph.microsoft.com/beta/deviceManagement/deviceConfigurations('A-1')",
            "https://graph.microsoft.com/beta//deviceManagement/deviceConfigurations/A-1",
            "/v1.0/deviceManagement/deviceConfigurations/A-1/",
            "deviceManagement/deviceConfigurations('A-1')/microsoft.graph.iosScepCertificateProfile",
        ] {
            assert_eq!(Reference::parse(url), Some(expected.clone()), "{url}");
        }
        for url in [
            "",
            "https://host",
            "x",
            "https://host/beta/users",
            "users('a",
        ] {
            assert_eq!(Reference::parse(url), None, "{url}");
        }
    }
}
