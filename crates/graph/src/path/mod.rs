//! Graph's ways of writing a path, turned into one.
//!
//! `/col/ID`, `/col('ID')`, `/col(ID)`, `name()`, `name(arg='x')`, type casts, doubled and trailing slashes,
//! `myorganization` and `me-token-to-replace`: `IntuneManagement`, `IntuneCD`, the SDKs and `PFXImport` each use some.

mod parse;
mod template;

pub use parse::PathError;
pub(crate) use template::Template;

/// One step of a path, percent-decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Segment {
    /// A name, or a key written as a segment of its own: only the routes can tell.
    Name(String),
    /// A key in parentheses.
    Key(String),
    /// A function call with its arguments; without arguments it may also come as a [`Segment::Name`].
    Call {
        /// Name of the function.
        name: String,
        /// Arguments in order, quotes removed.
        arguments: Vec<(String, String)>,
    },
    /// A type cast (`microsoft.graph.user`, `graph.user`), without its namespace.
    Cast(String),
}

/// The version of the API that a request asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Version {
    /// `v1.0`
    V1,
    /// `beta`
    Beta,
}

impl Version {
    /// The path segment.
    pub const fn name(self) -> &'static str {
        match self {
            Self::V1 => "v1.0",
            Self::Beta => "beta",
        }
    }

    /// Reads the path segment in any letter case.
    pub fn parse(text: &str) -> Option<Self> {
        match text.to_ascii_lowercase().as_str() {
            "v1.0" => Some(Self::V1),
            "beta" => Some(Self::Beta),
            _ => None,
        }
    }
}

/// A path below the version segment.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Path {
    segments: Vec<Segment>,
}

impl Path {
    /// Reads an encoded path below the version segment, such as `/users('a')/memberOf/`.
    pub fn parse(encoded: &str) -> Result<Self, PathError> {
        parse::parse(encoded).map(|segments| Self { segments })
    }

    /// All segments, casts included.
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// The path without casts, and the casts with the index of the segment that they follow.
    pub(crate) fn without_casts(&self) -> (Vec<Segment>, Vec<(usize, String)>) {
        let mut plain = Vec::with_capacity(self.segments.len());
        let mut casts = Vec::new();
        for segment in &self.segments {
            match segment {
                Segment::Cast(name) if !plain.is_empty() => {
                    casts.push((plain.len() - 1, name.clone()));
                }
                other => plain.push(other.clone()),
            }
        }
        (plain, casts)
    }
}

impl Segment {
    /// The text that a literal of a route is compared with; a key never equals a literal.
    pub(crate) fn literal(&self) -> Option<&str> {
        match self {
            Self::Name(name) | Self::Call { name, .. } => Some(name),
            Self::Key(_) | Self::Cast(_) => None,
        }
    }

    /// The text as a key of a collection.
    pub(crate) fn key(&self) -> Option<&str> {
        match self {
            Self::Name(key) | Self::Key(key) => Some(key),
            Self::Call { .. } | Self::Cast(_) => None,
        }
    }
}
