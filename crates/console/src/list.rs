//! Lists that are searched and turned page by page: what was asked for, and where the next page is.

use std::fmt::Display;

use mandate_engine::AfterName;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use uuid::Uuid;

/// Lines of a page.
pub(crate) const LINES: u32 = 50;
/// Lines that are read at once for a file.
pub(crate) const LINES_OF_FILE: u32 = 1000;

/// What a list by names was asked for.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct ByName {
    /// What is looked for.
    #[serde(default)]
    pub(crate) q: String,
    /// Id of the last line of the page before.
    after: Option<Uuid>,
    /// Its name.
    name: Option<String>,
}

impl ByName {
    /// What is looked for, if anything.
    pub(crate) fn text(&self) -> Option<&str> {
        Some(self.q.trim()).filter(|text| !text.is_empty())
    }

    /// Where the list goes on.
    pub(crate) fn after<Id: From<Uuid>>(&self) -> Option<AfterName<Id>> {
        Some(AfterName {
            id: self.after?.into(),
            name: self.name.clone()?,
        })
    }

    /// The first page, if this is another one.
    pub(crate) fn first(&self, path: &str) -> Option<String> {
        self.after.map(|_| link(path, &[("q", &self.q)]))
    }

    /// The page after a line.
    pub(crate) fn next(&self, path: &str, name: &str, id: impl Display) -> String {
        let id = id.to_string();
        link(path, &[("q", &self.q), ("after", &id), ("name", name)])
    }

    /// The same list as a file.
    pub(crate) fn file(&self, path: &str) -> String {
        link(path, &[("q", &self.q)])
    }
}

/// A path with a query, of which empty values are left out.
pub(crate) fn link(path: &str, values: &[(&str, &str)]) -> String {
    let mut link = path.to_owned();
    let mut sign = '?';
    for (name, value) in values {
        if !value.is_empty() {
            link.push(sign);
            link.push_str(name);
            link.push('=');
            link.extend(utf8_percent_encode(value, NON_ALPHANUMERIC));
            sign = '&';
        }
    }
    link
}

/// Takes the line too much off a page that asked for one more than it shows; whether there was one.
pub(crate) fn cut<T>(lines: &mut Vec<T>) -> bool {
    let is_more = lines.len() > LINES as usize;
    lines.truncate(LINES as usize);
    is_more
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_says_everything_and_nothing_empty() {
        assert_eq!(link("/a", &[("q", ""), ("b", "")]), "/a");
        assert_eq!(
            link("/a", &[("q", "x & é?"), ("b", ""), ("c", "1")]),
            "/a?q=x%20%26%20%C3%A9%3F&c=1"
        );
    }

    #[test]
    fn a_page_after_another_leads_back_to_the_first() {
        let first = ByName {
            q: "ada".to_owned(),
            ..ByName::default()
        };
        assert_eq!(first.first("/p"), None);
        let id = Uuid::from_u128(7);
        let next = first.next("/p", "Ada L", id);
        assert_eq!(
            next,
            format!("/p?q=ada&after={id}&name=Ada%20L").replace('-', "%2D")
        );
        let second = ByName {
            after: Some(id),
            name: Some("Ada L".to_owned()),
            ..first
        };
        assert_eq!(second.first("/p").as_deref(), Some("/p?q=ada"));
        assert_eq!(second.after::<Uuid>().unwrap().id, id);
    }
}
