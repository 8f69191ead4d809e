//! Route templates: `deviceManagement/deviceConfigurations/{id}/assign`.

use super::Segment;

/// A parsed template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Template {
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    /// Compared without regard to letter case. Sorts before a key, so that the more exact route wins.
    Literal(String),
    Key,
}

impl Template {
    /// Reads a template; a part in braces stands for a key.
    pub(crate) fn new(text: &str) -> Self {
        let parts = text.split('/').filter(|part| !part.is_empty());
        let parts = parts.map(|part| {
            if part.starts_with('{') {
                Part::Key
            } else {
                Part::Literal(part.to_ascii_lowercase())
            }
        });
        Self {
            parts: parts.collect(),
        }
    }

    /// The keys, if the segments fit.
    pub(crate) fn matches(&self, segments: &[Segment]) -> Option<Vec<String>> {
        if segments.len() != self.parts.len() {
            return None;
        }
        let mut keys = Vec::new();
        for (part, segment) in self.parts.iter().zip(segments) {
            match part {
                Part::Literal(literal) if segment.literal()?.eq_ignore_ascii_case(literal) => {}
                Part::Literal(_) => return None,
                Part::Key => keys.push(segment.key()?.to_owned()),
            }
        }
        Some(keys)
    }

    /// Whether a fixed part is this name.
    pub(crate) fn has_literal(&self, name: &str) -> bool {
        self.parts.iter().any(
            |part| matches!(part, Part::Literal(literal) if literal.eq_ignore_ascii_case(name)),
        )
    }

    /// Order of trial: literals before keys, part by part.
    pub(crate) fn rank(&self) -> Vec<bool> {
        self.parts.iter().map(|part| *part == Part::Key).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::path::Path;

    fn keys(template: &str, path: &str) -> Option<Vec<String>> {
        Template::new(template).matches(Path::parse(path).unwrap().segments())
    }

    #[test]
    fn names_match_in_any_case_and_keys_are_kept() {
        assert_eq!(
            keys("users/{id}/memberOf", "/USERS('A')/memberof").unwrap(),
            ["A"]
        );
        assert_eq!(keys("users/{id}", "/users").as_deref(), None);
        assert_eq!(keys("users/$count", "/users('$count')").as_deref(), None);
    }
}
