//! Lists: what every collection does alike.

use std::collections::BTreeSet;

use uuid::Uuid;

use crate::error::{GraphError, Result};
use crate::odata::{Keyed, QueryError, QueryOptions, collect};
use crate::reply::{Paged, Reply};
use crate::request::GraphRequest;
use crate::schema;

/// A collection: what stands in it, where, and how large its pages are.
#[derive(Debug, Clone)]
pub(crate) struct Listing {
    /// Declared type of the items.
    pub(crate) declared: &'static str,
    /// Fragment of the context address.
    pub(crate) context: String,
    /// Items of a page when the client does not say.
    pub(crate) default: usize,
    /// Most items of a page.
    pub(crate) maximum: usize,
    /// Number of all items, if it is known without reading them.
    total: Option<usize>,
}

impl Listing {
    /// A collection of directory objects, with Graph's page sizes.
    pub(crate) fn directory(declared: &'static str, context: impl Into<String>) -> Self {
        Self {
            declared,
            context: context.into(),
            default: 100,
            maximum: 999,
            total: None,
        }
    }

    /// A collection of device management. Graph does not document its page sizes; clients ask for up to 1000.
    pub(crate) fn management(declared: &'static str, context: impl Into<String>) -> Self {
        Self {
            declared,
            context: context.into(),
            default: 1000,
            maximum: 1000,
            total: None,
        }
    }

    /// With the number of all items.
    pub(crate) fn of(mut self, total: Option<i64>) -> Self {
        self.total = total.and_then(|total| usize::try_from(total).ok());
        self
    }

    /// A page out of a source that is read by key.
    pub(crate) async fn page<P, F>(self, request: &GraphRequest, pull: P) -> Result<Reply>
    where
        P: FnMut(Option<String>, usize) -> F,
        F: Future<Output = Result<Vec<Keyed>>>,
    {
        // Behind a cast the properties of that type may be named.
        let cast = request
            .cast
            .as_deref()
            .filter(|cast| schema::find(cast).is_some());
        check(&request.query, cast.unwrap_or(self.declared))?;
        let size = request.query.top.unwrap_or(self.default).min(self.maximum);
        let collected = collect(&request.query, size, self.total, pull).await?;
        Ok(Reply::Page(Paged {
            collected,
            declared: self.declared,
            context: self.context,
        }))
    }

    /// A page out of a short list that is there as a whole, in the order of its keys.
    pub(crate) async fn page_of(
        self,
        request: &GraphRequest,
        mut rows: Vec<Keyed>,
    ) -> Result<Reply> {
        rows.sort_by(|left, right| left.key.cmp(&right.key));
        self.page(request, |after, limit| {
            let start = after.map_or(0, |after| rows.partition_point(|row| row.key <= after));
            let found: Vec<Keyed> = rows.iter().skip(start).take(limit).cloned().collect();
            std::future::ready(Ok(found))
        })
        .await
    }
}

/// Whether a count of everything is asked for.
pub(crate) fn counts_everything(query: &QueryOptions) -> bool {
    query.count && query.filter.is_none() && query.search.is_none()
}

/// The ids that a filter can mean, where it names them; nobody need look at anything else.
pub(crate) fn named_ids(query: &QueryOptions, property: &str) -> Option<BTreeSet<Uuid>> {
    let filter = query.filter.as_ref()?;
    let ids = filter
        .equality(property)
        .map(|id| vec![id])
        .or_else(|| filter.one_of(property))?;
    ids.iter().map(|id| Uuid::try_parse(id).ok()).collect()
}

/// Refuses names that the type does not have.
fn check(query: &QueryOptions, declared: &str) -> Result<()> {
    if let Some(filter) = &query.filter {
        filter.check(declared)?;
    }
    for item in &query.order_by {
        let name = item.path.first().map(String::as_str).unwrap_or_default();
        known("$orderby", declared, name)?;
    }
    check_select(query, declared)
}

/// Refuses selected names that neither the type nor one below it has.
pub(crate) fn check_select(query: &QueryOptions, declared: &str) -> Result<()> {
    for name in query.select.iter().flat_map(crate::odata::Select::names) {
        known("$select", declared, name)?;
    }
    for item in &query.expand {
        let is_known = schema::navigation(declared, &item.navigation).is_some()
            || schema::derived_with(declared, &item.navigation).is_some()
            || item.cast.is_some();
        if !is_known {
            return Err(unknown("$expand", declared, &item.navigation));
        }
    }
    Ok(())
}

fn known(option: &'static str, declared: &str, name: &str) -> Result<()> {
    let is_known = schema::property(declared, name).is_some()
        || schema::navigation(declared, name).is_some()
        || schema::derived_with(declared, name).is_some();
    if is_known {
        Ok(())
    } else {
        Err(unknown(option, declared, name))
    }
}

fn unknown(option: &'static str, declared: &str, name: &str) -> GraphError {
    QueryError::new(
        option,
        format!("`{name}` is not a property of `microsoft.graph.{declared}`"),
    )
    .into()
}
