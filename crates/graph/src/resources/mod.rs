//! The resources: each handler turns a request into the house's words, makes one engine call, and turns the answer
//! into an entity.

pub(crate) mod ade;
pub(crate) mod audit_events;
pub(crate) mod body;
pub(crate) mod branding;
pub(crate) mod device_categories;
pub(crate) mod device_identities;
pub(crate) mod devices;
pub(crate) mod directory_roles;
pub(crate) mod enrolment;
pub(crate) mod enrolment_configurations;
pub(crate) mod groups;
pub(crate) mod licences;
pub(crate) mod managed_devices;
pub(crate) mod notifications;
pub(crate) mod own;
pub(crate) mod profiles;
pub(crate) mod roles;
pub(crate) mod root;
pub(crate) mod scope_tags;
pub(crate) mod terms;
pub(crate) mod user_pfx_certificates;
pub(crate) mod users;
pub(crate) mod words;

pub use user_pfx_certificates::read_user_pfx_certificate;

use mandate_engine::Page;
use uuid::Uuid;

use crate::error::{GraphError, Result};
use crate::odata::QueryError;

/// A page of the engine out of the place and size that a list asks for.
pub(crate) fn page<I: From<Uuid>>(after: Option<String>, limit: usize) -> Result<Page<I>> {
    let after = after.map(|key| Uuid::try_parse(&key)).transpose();
    let after = after.map_err(|_| {
        QueryError::new(
            "$skiptoken",
            "not one of ours; follow `@odata.nextLink` as it is",
        )
    })?;
    Ok(Page {
        after: after.map(I::from),
        limit: u32::try_from(limit).unwrap_or(u32::MAX),
    })
}

/// The answer when an object of a kind is not there.
pub(crate) fn found<T>(object: Option<T>, kind: &str, key: &str) -> Result<T> {
    object.ok_or_else(|| GraphError::no_such(kind, key))
}
