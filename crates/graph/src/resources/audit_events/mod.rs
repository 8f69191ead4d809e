//! Who changed what.

mod pushed_down;
mod view;

use mandate_engine::{AuditEvent, AuditFilter, AuditOrder};
use mandate_model::Timestamp;
use serde_json::{Value, json};

use self::pushed_down::pushed_down;
use self::view::event_entity;
use super::found;
use crate::error::{GraphError, Result};
use crate::odata::{Keyed, QueryError};
use crate::page::{Listing, check_select, counts_everything};
use crate::reply::Reply;
use crate::request::GraphRequest;
use crate::state::GraphState;

const COLLECTION: &str = "deviceManagement/auditEvents";
const DECLARED: &str = "auditEvent";

/// `GET deviceManagement/auditEvents`: newest first unless asked otherwise.
pub(crate) async fn list_events(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let mut request = request.clone();
    let newest_first = takes_over_order(&mut request);
    let filter = request.query.filter.as_ref();
    let filter = filter.map_or_else(AuditFilter::default, pushed_down);
    let total = if counts_everything(&request.query) {
        state.engine().count_audit_events(&request.actor).await?
    } else {
        None
    };
    let (actor, filter) = (&request.actor, &filter);
    let pull = |after: Option<String>, limit: usize| async move {
        let place = after.as_deref().map(place).transpose()?;
        let order = if newest_first {
            AuditOrder::NewestFirst(place)
        } else {
            AuditOrder::OldestFirst(place)
        };
        let limit = u32::try_from(limit).unwrap_or(u32::MAX);
        let events = state
            .engine()
            .list_audit_events(actor, filter.clone(), order, limit)
            .await?;
        Ok(events.iter().map(row).collect())
    };
    Listing::management(DECLARED, COLLECTION)
        .of(total)
        .page(&request, pull)
        .await
}

/// `GET deviceManagement/auditEvents/{id}`
pub(crate) async fn show_event(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    check_select(&request.query, DECLARED)?;
    let id = request.id(0, "audit event")?;
    let event = state.engine().find_audit_event(&request.actor, id).await?;
    let event = found(event, "audit event", request.key(0))?;
    Ok(Reply::entity(event_entity(&event), DECLARED, COLLECTION))
}

/// `GET deviceManagement/auditEvents/getAuditCategories()`
pub(crate) async fn list_categories(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let categories = state.engine().audit_categories(&request.actor)?;
    Ok(texts(json!(categories)))
}

/// `GET deviceManagement/auditEvents/getAuditActivityTypes(category='…')`: those that occurred.
pub(crate) async fn list_activity_types(
    state: &GraphState,
    request: &GraphRequest,
) -> Result<Reply> {
    let argument = request
        .arguments
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case("category"));
    let (_, category) = argument.ok_or_else(|| {
        GraphError::bad_request("`getAuditActivityTypes` needs an argument: `category='…'`")
    })?;
    let types = state
        .engine()
        .audit_activity_types(&request.actor, category)
        .await?;
    Ok(texts(json!(types)))
}

fn texts(value: Value) -> Reply {
    Reply::Value {
        context: "Collection(Edm.String)".to_owned(),
        value,
    }
}

fn row(event: &AuditEvent) -> Keyed {
    Keyed {
        key: format!("{}:{}", event.at.0, event.number),
        entity: event_entity(event),
    }
}

/// The place of a row, as its key says it.
fn place(key: &str) -> Result<(Timestamp, i64)> {
    let wrong = || {
        QueryError::new(
            "$skiptoken",
            "not one of ours; follow `@odata.nextLink` as it is",
        )
    };
    let (at, number) = key.split_once(':').ok_or_else(wrong)?;
    let at = at.parse().map_err(|_| wrong())?;
    Ok((Timestamp(at), number.parse().map_err(|_| wrong())?))
}

/// Sorting by time is left to the store, which has an order by it; whether newest first.
fn takes_over_order(request: &mut GraphRequest) -> bool {
    let query = &mut request.query;
    let Some(descending) = (match query.order_by.as_slice() {
        [] => Some(true),
        [one] if one.path.len() == 1 && one.path[0].eq_ignore_ascii_case("activityDateTime") => {
            Some(one.descending)
        }
        _ => None,
    }) else {
        return true;
    };
    query.order_by.clear();
    descending
}
