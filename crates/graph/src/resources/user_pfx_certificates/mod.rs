//! Certificates imported for people (`userPfxCertificates`), as Intune's import module for PowerShell uses them, and the
//! connector that opens them, which is the server itself.
//!
//! In Graph all of this exists in `beta` alone.

mod connector;
mod read;
mod view;

use axum::http::StatusCode;
use mandate_engine::{ImportId, Imported, ImportedRecord};

pub(crate) use self::connector::{list_connector_details, list_connectors};
pub use self::read::read_user_pfx_certificate;
use self::read::{read_change, read_new};
use self::view::{imported_entity, record_entity};
use super::found;
use crate::error::{GraphError, Result};
use crate::odata::{Keyed, QueryError};
use crate::page::{Listing, check_select, counts_everything};
use crate::path::Version;
use crate::reply::Reply;
use crate::request::GraphRequest;
use crate::state::GraphState;

const COLLECTION: &str = "deviceManagement/userPfxCertificates";
const DECLARED: &str = "userPFXCertificate";

/// `GET deviceManagement/userPfxCertificates`
pub(crate) async fn list_certificates(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    beta_only(request)?;
    let listing = Listing::management(DECLARED, COLLECTION);
    if let Some(narrow) = Narrow::of(request) {
        let records = narrow.search(state, request).await?;
        return listing
            .page_of(request, records.iter().map(row).collect())
            .await;
    }
    let pull = |after: Option<String>, limit: usize| async move {
        let after = after.map(|key| key.parse::<ImportId>()).transpose();
        let after = after.map_err(|_| {
            QueryError::new(
                "$skiptoken",
                "not one of ours; follow `@odata.nextLink` as it is",
            )
        })?;
        let limit = u32::try_from(limit).unwrap_or(u32::MAX);
        let records = state
            .engine()
            .list_imported(&request.actor, after.as_ref(), limit)
            .await?;
        Ok(records.iter().map(row).collect())
    };
    let total = if counts_everything(&request.query) {
        Some(state.engine().count_imported(&request.actor).await?)
    } else {
        None
    };
    listing.of(total).page(request, pull).await
}

/// `GET deviceManagement/userPfxCertificates/{id}`
pub(crate) async fn show_certificate(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    beta_only(request)?;
    check_select(&request.query, DECLARED)?;
    let record = state
        .engine()
        .find_imported(&request.actor, &named(request)?)
        .await?;
    let record = found(record, "imported certificate", request.key(0))?;
    Ok(Reply::entity(record_entity(&record), DECLARED, COLLECTION))
}

/// `POST deviceManagement/userPfxCertificates`: 201.
pub(crate) async fn create_certificate(
    state: &GraphState,
    request: &GraphRequest,
) -> Result<Reply> {
    beta_only(request)?;
    let new = read_new(request.object()?)?;
    let imported = state.engine().create_imported(&request.actor, new).await?;
    Ok(Reply::created(
        imported_entity(&imported),
        DECLARED,
        COLLECTION,
    ))
}

/// `PATCH deviceManagement/userPfxCertificates/{id}`: 200 with the certificate.
pub(crate) async fn update_certificate(
    state: &GraphState,
    request: &GraphRequest,
) -> Result<Reply> {
    beta_only(request)?;
    let change = read_change(request.object()?)?;
    let imported: Imported = state
        .engine()
        .update_imported(&request.actor, &named(request)?, change)
        .await?;
    Ok(Reply::entity(
        imported_entity(&imported),
        DECLARED,
        COLLECTION,
    ))
}

/// `DELETE deviceManagement/userPfxCertificates/{id}`: 204, which the import module insists on.
pub(crate) async fn delete_certificate(
    state: &GraphState,
    request: &GraphRequest,
) -> Result<Reply> {
    beta_only(request)?;
    state
        .engine()
        .delete_imported(&request.actor, &named(request)?)
        .await?;
    Ok(Reply::Empty(StatusCode::NO_CONTENT))
}

/// What a filter leaves, where it names an owner or a thumbprint: nobody need look at anything else.
struct Narrow {
    principal_name: Option<String>,
    thumbprint: Option<String>,
}

impl Narrow {
    fn of(request: &GraphRequest) -> Option<Self> {
        let filter = request.query.filter.as_ref()?;
        let narrow = Self {
            principal_name: filter.equality("userPrincipalName"),
            thumbprint: filter.equality("thumbprint"),
        };
        let is_narrow = narrow.principal_name.is_some() || narrow.thumbprint.is_some();
        is_narrow.then_some(narrow)
    }

    async fn search(
        &self,
        state: &GraphState,
        request: &GraphRequest,
    ) -> Result<Vec<ImportedRecord>> {
        let (name, thumbprint) = (self.principal_name.as_deref(), self.thumbprint.as_deref());
        Ok(state
            .engine()
            .search_imported(&request.actor, name, thumbprint)
            .await?)
    }
}

fn row(record: &ImportedRecord) -> Keyed {
    Keyed {
        key: ImportId::of(record).to_string(),
        entity: record_entity(record),
    }
}

/// The certificate that the path names; what is no id names nothing.
fn named(request: &GraphRequest) -> Result<ImportId> {
    let key = request.key(0);
    key.parse()
        .map_err(|_| GraphError::no_such("imported certificate", key))
}

fn beta_only(request: &GraphRequest) -> Result<()> {
    match request.version {
        Version::Beta => Ok(()),
        Version::V1 => Err(GraphError::not_found(format!(
            "`{}` exists in `beta` only",
            request.path
        ))),
    }
}
