//! The top: service document, model, organisation, domains, licences, the root of device management.

mod authority;
mod domains;
mod licences;
mod settings;
mod synchronization;

pub(crate) use self::authority::set_authority;
pub(crate) use self::domains::{
    create_domain, delete_domain, force_delete_domain, list_domains, list_service_records,
    list_verification_records, show_domain, update_domain, verify_domain,
};
pub(crate) use self::licences::{list_licences, show_licence};
pub(crate) use self::settings::{show_device_management, update_device_management};

use serde_json::json;

use super::found;
use crate::entity::Entity;
use crate::error::Result;
use crate::odata::Keyed;
use crate::page::{Listing, check_select};
use crate::reply::Reply;
use crate::request::GraphRequest;
use crate::schema;
use crate::state::GraphState;

/// Collections that clients read and that are always empty here: a backup goes on where a 404 would stop it.
pub(crate) const EMPTY: &[&str] = &[
    "deviceManagement/androidDeviceOwnerEnrollmentProfiles",
    "deviceManagement/appleUserInitiatedEnrollmentProfiles",
    "deviceManagement/assignmentFilters",
    "deviceManagement/compliancePolicies",
    "deviceManagement/complianceManagementPartners",
    "deviceManagement/configurationPolicies",
    "deviceManagement/configurationPolicyTemplates",
    "deviceManagement/deviceCompliancePolicies",
    "deviceManagement/deviceComplianceScripts",
    "deviceManagement/deviceCustomAttributeShellScripts",
    "deviceManagement/deviceHealthScripts",
    "deviceManagement/deviceManagementPartners",
    "deviceManagement/deviceManagementScripts",
    "deviceManagement/deviceShellScripts",
    "deviceManagement/groupPolicyCategories",
    "deviceManagement/groupPolicyConfigurations",
    "deviceManagement/groupPolicyUploadedDefinitionFiles",
    "deviceManagement/hardwareConfigurations",
    "deviceManagement/intents",
    "deviceManagement/inventoryPolicies",
    "deviceManagement/notificationMessageTemplates",
    "deviceManagement/remoteAssistancePartners",
    "deviceManagement/reusablePolicySettings",
    "deviceManagement/templates",
    "deviceManagement/windowsAutopilotDeploymentProfiles",
    "deviceManagement/windowsAutopilotDeviceIdentities",
    "deviceManagement/windowsDriverUpdateProfiles",
    "deviceManagement/windowsFeatureUpdateProfiles",
    "deviceManagement/windowsQualityUpdateProfiles",
    "deviceAppManagement/managedAppPolicies",
    "deviceAppManagement/mobileAppConfigurations",
    "deviceAppManagement/mobileApps",
    "deviceAppManagement/policySets",
    "deviceAppManagement/vppTokens",
    "identity/conditionalAccess/policies",
    "servicePrincipals",
];

/// `GET /`
pub(crate) async fn show_service(_state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let entry = |name: &str, kind: &str| json!({ "name": name, "kind": kind, "url": name });
    let sets = schema::sets().map(|(name, _)| entry(name, "EntitySet"));
    let singletons = schema::singletons().map(|(name, _)| entry(name, "Singleton"));
    let value: Vec<_> = sets.chain(singletons).collect();
    Ok(Reply::Json(
        json!({ "@odata.context": request.context().url("$metadata"), "value": value }),
    ))
}

/// `GET $metadata`
pub(crate) async fn show_metadata(_state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    Ok(Reply::Xml(schema::document(request.version)))
}

/// `GET organization`
pub(crate) async fn list_organizations(
    state: &GraphState,
    request: &GraphRequest,
) -> Result<Reply> {
    let entity = organization(state).await?;
    let entity = synchronization::with_synchronization(state, entity).await?;
    let rows = vec![Keyed {
        key: state.engine().tenant().id.to_string(),
        entity,
    }];
    Listing::directory("organization", "organization")
        .page_of(request, rows)
        .await
}

/// `GET organization/{id}`
pub(crate) async fn show_organization(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    check_select(&request.query, "organization")?;
    let is_ours = request
        .key(0)
        .eq_ignore_ascii_case(&state.engine().tenant().id.to_string());
    found(is_ours.then_some(()), "organization", request.key(0))?;
    let entity = organization(state).await?;
    let entity = synchronization::with_synchronization(state, entity).await?;
    Ok(Reply::entity(entity, "organization", "organization"))
}

/// `GET` of a collection that is always empty.
pub(crate) async fn list_nothing(_state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let mut quiet = request.clone();
    // Nothing is known of the type, so no name can be refused.
    quiet.query.filter = None;
    quiet.query.select = None;
    quiet.query.order_by.clear();
    quiet.query.expand.clear();
    Listing::management("entity", request.path.clone())
        .page_of(&quiet, Vec::new())
        .await
}

async fn organization(state: &GraphState) -> Result<Entity> {
    let authority = state.engine().management_authority().await?;
    let tenant = state.engine().tenant();
    let domains = state.engine().domains().await?;
    let verified = domains.iter().filter(|domain| domain.is_verified());
    let domains = verified.map(|domain| {
        json!({
            "name": domain.name,
            "isDefault": domain.is_default,
            "isInitial": domain.is_initial,
            "type": "Managed",
            "capabilities": "Email",
        })
    });
    let mut body = schema::blank("organization");
    for (name, value) in [
        ("id", json!(tenant.id)),
        ("displayName", json!(tenant.company)),
        ("createdDateTime", json!(tenant.created_at.to_string())),
        (
            "mobileDeviceManagementAuthority",
            json!(authority.graph_name()),
        ),
        ("tenantType", json!("AAD")),
        ("verifiedDomains", domains.collect()),
    ] {
        body.insert(name.to_owned(), value);
    }
    let path = format!("organization('{}')", tenant.id);
    Ok(Entity::new("organization", path, body))
}
