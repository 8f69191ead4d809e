//! `OData` as Graph speaks it: query options, and what they do to an answer.

mod expand;
pub mod filter;
mod metadata;
mod order;
mod page;
mod query;
mod search;
mod select;

pub use expand::Expand;
pub use filter::Filter;
pub(crate) use metadata::{Context, MetadataLevel, annotate, strip};
pub use order::OrderBy;
pub(crate) use page::{Collected, Keyed, MAX_SCAN, collect};
pub use query::QueryOptions;
pub use search::Search;
pub use select::Select;

use crate::error::GraphError;

/// A query option that cannot be understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{option}`{}: {message}", .position.map(|at| format!(", position {at}")).unwrap_or_default())]
pub struct QueryError {
    /// The option, with its `$`.
    pub option: &'static str,
    /// Character at which it goes wrong, counted from 1.
    pub position: Option<usize>,
    /// What was found, and what was expected.
    pub message: String,
}

impl QueryError {
    pub(crate) fn new(option: &'static str, message: impl Into<String>) -> Self {
        Self {
            option,
            position: None,
            message: message.into(),
        }
    }

    pub(crate) fn at(option: &'static str, position: usize, message: impl Into<String>) -> Self {
        Self {
            option,
            position: Some(position),
            message: message.into(),
        }
    }
}

impl From<QueryError> for GraphError {
    fn from(error: QueryError) -> Self {
        Self::invalid(error.option, error.to_string())
    }
}
