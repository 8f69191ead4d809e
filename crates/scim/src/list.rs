//! Lists (RFC 7644 §3.4.2): by index, and filtered.

use axum::http::StatusCode;
use axum::response::Response;
use mandate_engine::{Provisioned, ProvisionedQuery};
use serde_json::{Value, json};

use crate::answer::{answer, resource};
use crate::asked::Asked;
use crate::document::Kind;
use crate::error::ScimError;
use crate::filter::{Filter, read_filter};
use crate::state::ScimState;

/// Resources of a page.
pub(crate) const LARGEST_PAGE: u32 = 200;
/// Resources that one filter looks at.
const MOST_SEEN: u32 = 20_000;

/// `GET /scim/v2/Users`, `GET /scim/v2/Groups`
pub(crate) async fn list(
    state: &ScimState,
    asked: &Asked,
    kind: &Kind,
) -> Result<Response, ScimError> {
    // What is less than one counts as one, and a count below zero as zero (RFC 7644 §3.4.2.4).
    let number = |name: &str, default: u32| match asked.query(name) {
        None | Some("") => Ok(default),
        Some(text) => text
            .parse::<i64>()
            .map(|number| u32::try_from(number.max(0)).unwrap_or(u32::MAX))
            .map_err(|_| ScimError::invalid_value(format!("`{name}` must be a whole number"))),
    };
    let offset = number("startIndex", 1)?.max(1) - 1;
    let limit = number("count", LARGEST_PAGE)?.min(LARGEST_PAGE);
    let filter = asked
        .query("filter")
        .filter(|filter| !filter.trim().is_empty())
        .map(read_filter)
        .transpose()?;
    let (found, total) = match filter {
        None => {
            page(
                state,
                asked,
                kind,
                (ProvisionedQuery::default(), offset, limit),
            )
            .await?
        }
        Some(filter) => match by_key(kind, &filter) {
            Some(query) => page(state, asked, kind, (query, offset, limit)).await?,
            None => seen(state, asked, kind, (&filter, offset, limit)).await?,
        },
    };
    let resources: Vec<Value> = found.iter().map(|one| resource(asked, kind, one)).collect();
    let body = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
        "totalResults": total,
        "startIndex": offset.saturating_add(1),
        "itemsPerPage": resources.len(),
        "Resources": resources,
    });
    Ok(answer(StatusCode::OK, &body))
}

/// What the database finds by itself.
fn by_key(kind: &Kind, filter: &Filter) -> Option<ProvisionedQuery> {
    let (attribute, value) = filter.equality()?;
    let name = if kind.name == "User" {
        "userName"
    } else {
        "displayName"
    };
    let mut query = ProvisionedQuery::default();
    if value.is_empty() {
        None
    } else if attribute.eq_ignore_ascii_case(name) {
        value.clone_into(&mut query.name);
        Some(query)
    } else if attribute.eq_ignore_ascii_case("externalId") {
        value.clone_into(&mut query.external_id);
        Some(query)
    } else {
        None
    }
}

async fn page(
    state: &ScimState,
    asked: &Asked,
    kind: &Kind,
    (query, offset, limit): (ProvisionedQuery, u32, u32),
) -> Result<(Vec<Provisioned>, i64), ScimError> {
    let query = ProvisionedQuery {
        offset,
        limit,
        ..query
    };
    let found = state
        .engine()
        .list_provisioned(&asked.actor, kind.provisioned, &query)
        .await?;
    Ok(found)
}

/// Any other filter is held against each of them.
async fn seen(
    state: &ScimState,
    asked: &Asked,
    kind: &Kind,
    (filter, offset, limit): (&Filter, u32, u32),
) -> Result<(Vec<Provisioned>, i64), ScimError> {
    let (mut found, mut total, mut at) = (Vec::new(), 0_u32, 0);
    loop {
        let slice = (ProvisionedQuery::default(), at, LARGEST_PAGE);
        let (some, all) = page(state, asked, kind, slice).await?;
        if all > i64::from(MOST_SEEN) {
            let detail = "there are too many for this filter; filter by `userName`, `displayName` or `externalId`";
            return Err(ScimError::too_many(detail));
        }
        let is_last = some.len() < usize::try_from(LARGEST_PAGE).unwrap_or(usize::MAX);
        at += LARGEST_PAGE;
        for one in some {
            let mut document = one.document.clone();
            document.insert("id".to_owned(), json!(one.id));
            let meta = json!({"created": one.created_at.to_string(), "lastModified": one.modified_at.to_string()});
            document.insert("meta".to_owned(), meta);
            if !filter.holds(&document) {
                continue;
            }
            if total >= offset && found.len() < usize::try_from(limit).unwrap_or(usize::MAX) {
                found.push(one);
            }
            total += 1;
        }
        if is_last {
            return Ok((found, i64::from(total)));
        }
    }
}
