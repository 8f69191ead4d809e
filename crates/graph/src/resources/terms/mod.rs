//! Terms that people accept before they enrol (`termsAndConditions`).

mod assignments;
mod read;
mod view;

pub(crate) use self::assignments::{
    create_assignment, create_group_assignment, delete_assignment, list_assignments,
    list_group_assignments, show_assignment,
};

use mandate_engine::{Terms, TermsAcceptance};
use mandate_model::UserId;

use self::read::TermsBody;
use self::view::{acceptance_entity, terms_entity};
use super::{found, page};
use crate::error::Result;
use crate::odata::Keyed;
use crate::page::{Listing, check_select};
use crate::reply::Reply;
use crate::request::GraphRequest;
use crate::state::GraphState;

const COLLECTION: &str = "deviceManagement/termsAndConditions";
const DECLARED: &str = "termsAndConditions";
const WHAT: &str = "terms";

/// `GET deviceManagement/termsAndConditions`
pub(crate) async fn list_terms(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let all = state.engine().list_terms(&request.actor).await?;
    let row = |terms: &Terms| Keyed {
        key: terms.id.to_string(),
        entity: terms_entity(terms),
    };
    Listing::management(DECLARED, COLLECTION)
        .page_of(request, all.iter().map(row).collect())
        .await
}

/// `GET deviceManagement/termsAndConditions/{id}`
pub(crate) async fn show_terms(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    check_select(&request.query, DECLARED)?;
    Ok(shown(&named(state, request).await?))
}

/// `POST deviceManagement/termsAndConditions`: 201.
pub(crate) async fn create_terms(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let new = TermsBody::read(request.object()?)?.into_new()?;
    let terms = state.engine().create_terms(&request.actor, new).await?;
    Ok(Reply::created(terms_entity(&terms), DECLARED, COLLECTION))
}

/// `PATCH deviceManagement/termsAndConditions/{id}`: 200. A higher `version` asks everybody anew.
pub(crate) async fn update_terms(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let change = TermsBody::read(request.object()?)?.into_change();
    let id = request.id(0, WHAT)?;
    let terms = state
        .engine()
        .update_terms(&request.actor, id, change)
        .await?;
    Ok(shown(&terms))
}

/// `DELETE deviceManagement/termsAndConditions/{id}`: 204.
pub(crate) async fn delete_terms(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let id = request.id(0, WHAT)?;
    state.engine().delete_terms(&request.actor, id).await?;
    Ok(Reply::no_content())
}

/// `GET deviceManagement/termsAndConditions/{id}/acceptanceStatuses`: who accepted which version last.
pub(crate) async fn list_acceptances(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let id: mandate_model::TermsId = request.id(0, WHAT)?;
    let pull = |after: Option<String>, limit: usize| async move {
        let page: mandate_engine::Page<UserId> = page(after, limit)?;
        let found = state
            .engine()
            .list_terms_acceptances(&request.actor, id, page)
            .await?;
        let row = |one: &TermsAcceptance| Keyed {
            key: one.user.to_string(),
            entity: acceptance_entity(id, one),
        };
        Ok(found.iter().map(row).collect())
    };
    let context = format!("{COLLECTION}('{id}')/acceptanceStatuses");
    Listing::management("termsAndConditionsAcceptanceStatus", context)
        .page(request, pull)
        .await
}

fn shown(terms: &Terms) -> Reply {
    Reply::entity(terms_entity(terms), DECLARED, COLLECTION)
}

/// The terms that the path names.
async fn named(state: &GraphState, request: &GraphRequest) -> Result<Terms> {
    let id = request.id(0, WHAT)?;
    let terms = state.engine().find_terms(&request.actor, id).await?;
    found(terms, WHAT, request.key(0))
}
