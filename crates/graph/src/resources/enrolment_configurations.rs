//! Enrolment configurations (`deviceEnrollmentConfigurations`): limits of devices, and restrictions. The ending of an id says
//! which of them it is.

use crate::error::Result;
use crate::odata::Keyed;
use crate::page::Listing;
use crate::reply::Reply;
use crate::request::GraphRequest;
use crate::resources::{enrolment_limits as limits, enrolment_restrictions as restrictions};
use crate::state::GraphState;

/// Where enrolment configurations are.
pub(crate) const COLLECTION: &str = "deviceManagement/deviceEnrollmentConfigurations";
pub(crate) const DECLARED: &str = "deviceEnrollmentConfiguration";
pub(crate) const WHAT: &str = "enrolment configuration";

/// `GET deviceManagement/deviceEnrollmentConfigurations`: limits as they count, then restrictions.
pub(crate) async fn list_all(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let mut rows: Vec<Keyed> = limits::rows(state, request).await?;
    rows.extend(restrictions::rows(state, request).await?);
    Listing::management(DECLARED, COLLECTION)
        .page_of(request, rows)
        .await
}

/// `GET deviceManagement/deviceEnrollmentConfigurations/{id}`
pub(crate) async fn show_one(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    if restrictions::is_key(request.key(0)) {
        restrictions::show_restriction(state, request).await
    } else {
        limits::show_limit(state, request).await
    }
}

/// `POST deviceManagement/deviceEnrollmentConfigurations`: 201.
pub(crate) async fn create_one(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    if restrictions::is_body(request.object()?) {
        restrictions::create_restriction(state, request).await
    } else {
        limits::create_limit(state, request).await
    }
}

/// `PATCH deviceManagement/deviceEnrollmentConfigurations/{id}`: 200 with what there is now, as `IntuneCD` insists.
pub(crate) async fn update_one(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    if restrictions::is_key(request.key(0)) {
        restrictions::update_restriction(state, request).await
    } else {
        limits::update_limit(state, request).await
    }
}

/// `DELETE deviceManagement/deviceEnrollmentConfigurations/{id}`: 200, as `IntuneCD` insists.
pub(crate) async fn delete_one(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    if restrictions::is_key(request.key(0)) {
        restrictions::delete_restriction(state, request).await
    } else {
        limits::delete_limit(state, request).await
    }
}

/// `GET deviceManagement/deviceEnrollmentConfigurations/{id}/assignments`
pub(crate) async fn list_assignments(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    if restrictions::is_key(request.key(0)) {
        restrictions::list_assignments(state, request).await
    } else {
        limits::list_assignments(state, request).await
    }
}

/// `POST deviceManagement/deviceEnrollmentConfigurations/{id}/assign`: replaces the whole set; 200 without a body.
pub(crate) async fn assign_one(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    if restrictions::is_key(request.key(0)) {
        restrictions::assign_restriction(state, request).await
    } else {
        limits::assign_limit(state, request).await
    }
}

/// `POST deviceManagement/deviceEnrollmentConfigurations/{id}/setPriority`: 200 without a body.
pub(crate) async fn prioritise_one(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    if restrictions::is_key(request.key(0)) {
        restrictions::prioritise_restriction(state, request).await
    } else {
        limits::prioritise_limit(state, request).await
    }
}
