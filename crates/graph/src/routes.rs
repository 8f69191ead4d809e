//! Which handler answers what.

use std::sync::LazyLock;

use axum::http::Method;

use crate::dispatch::Boxed;
use crate::error::{GraphError, Result};
use crate::path::{Segment, Template};
use crate::reply::Reply;
use crate::request::GraphRequest;
use crate::resources::{
    ade, audit_events, branding, device_categories, device_identities, devices, directory_roles,
    enrolment, enrolment_configurations, groups, licences, managed_devices, notifications,
    profiles, roles, root, scope_tags, terms, user_pfx_certificates, users,
};
use crate::state::GraphState;

/// A handler: one engine call between a request and a reply.
pub(crate) type Handler = for<'a> fn(&'a GraphState, &'a GraphRequest) -> Boxed<'a, Result<Reply>>;

/// A route that fits.
pub(crate) struct Match {
    pub(crate) handler: Handler,
    pub(crate) keys: Vec<String>,
    pub(crate) arguments: Vec<(String, String)>,
}

struct Route {
    method: Method,
    template: Template,
    handler: Handler,
}

static ROUTES: LazyLock<Vec<Route>> = LazyLock::new(|| {
    let mut routes: Vec<Route> = TABLE
        .iter()
        .map(|(method, text, handler)| Route {
            method: method.clone(),
            template: Template::new(text),
            handler: *handler,
        })
        .collect();
    let empty = root::EMPTY.iter().map(|path| Route {
        method: Method::GET,
        template: Template::new(path),
        handler: |state, request| Box::pin(root::list_nothing(state, request)),
    });
    routes.extend(empty);
    routes.sort_by_key(|route| route.template.rank());
    routes
});

/// The handler for a method and path; nothing if no route has the path.
pub(crate) fn find(method: &Method, segments: &[Segment]) -> Result<Option<Match>> {
    let mut allowed: Vec<&str> = Vec::new();
    for route in ROUTES.iter() {
        let Some(keys) = route.template.matches(segments) else {
            continue;
        };
        if route.method == *method {
            let arguments = segments.iter().rev().find_map(|segment| match segment {
                Segment::Call { arguments, .. } => Some(arguments.clone()),
                _ => None,
            });
            return Ok(Some(Match {
                handler: route.handler,
                keys,
                arguments: arguments.unwrap_or_default(),
            }));
        }
        if !allowed.contains(&route.method.as_str()) {
            allowed.push(route.method.as_str());
        }
    }
    if allowed.is_empty() {
        Ok(None)
    } else {
        Err(GraphError::method_not_allowed(method.as_str(), &allowed))
    }
}

/// Method and template of all routes, in the order of the table.
pub(crate) fn all() -> impl Iterator<Item = (Method, &'static str)> {
    let table = TABLE
        .iter()
        .map(|(method, text, _)| (method.clone(), *text));
    table.chain(root::EMPTY.iter().map(|path| (Method::GET, *path)))
}

/// Whether a name is a fixed part of some route.
pub(crate) fn is_literal(name: &str) -> bool {
    ROUTES.iter().any(|route| route.template.has_literal(name))
}

macro_rules! table {
    ($($method:ident $template:literal => $handler:path,)*) => {
        &[$((Method::$method, $template, |state, request| Box::pin($handler(state, request)))),*]
    };
}

const TABLE: &[(Method, &str, Handler)] = table! {
    GET "" => root::show_service,
    GET "$metadata" => root::show_metadata,
    GET "organization" => root::list_organizations,
    GET "organization/{id}" => root::show_organization,
    POST "organization/{id}/setMobileDeviceManagementAuthority" => root::set_authority,
    GET "domains" => root::list_domains,
    POST "domains" => root::create_domain,
    GET "domains/{id}" => root::show_domain,
    PATCH "domains/{id}" => root::update_domain,
    DELETE "domains/{id}" => root::delete_domain,
    POST "domains/{id}/verify" => root::verify_domain,
    POST "domains/{id}/forceDelete" => root::force_delete_domain,
    GET "domains/{id}/verificationDnsRecords" => root::list_verification_records,
    GET "domains/{id}/serviceConfigurationRecords" => root::list_service_records,
    GET "subscribedSkus" => root::list_licences,
    GET "subscribedSkus/{id}" => root::show_licence,
    GET "deviceManagement" => root::show_device_management,
    PATCH "deviceManagement" => root::update_device_management,
    GET "deviceManagement/deviceConfigurationDeviceStateSummaries" => profiles::summarise_states,

    GET "users" => users::list_users,
    POST "users" => users::create_user,
    GET "users/{id}" => users::show_user,
    PATCH "users/{id}" => users::update_user,
    DELETE "users/{id}" => users::delete_user,
    GET "users/{id}/memberOf" => users::list_groups,
    GET "users/{id}/transitiveMemberOf" => users::list_all_groups,
    GET "users/{id}/managedDevices" => users::list_managed_devices,
    GET "users/{id}/ownedDevices" => users::list_devices,
    GET "users/{id}/registeredDevices" => users::list_devices,
    GET "users/{id}/licenseDetails" => licences::list_details,
    POST "users/{id}/assignLicense" => licences::assign_to_user,
    POST "users/{id}/reprocessLicenseAssignment" => licences::reprocess,
    POST "users/{id}/revokeSignInSessions" => users::revoke_sessions,
    POST "users/{id}/changePassword" => users::change_password,
    GET "users/{id}/photo" => users::refuse_photo,
    GET "users/{id}/photo/$value" => users::refuse_photo,
    GET "users/{id}/photos/{size}/$value" => users::refuse_photo,
    POST "users/{id}/getMemberGroups" => users::name_groups,
    POST "users/{id}/getMemberObjects" => users::name_groups,
    POST "users/{id}/checkMemberGroups" => users::check_groups,

    GET "groups" => groups::list_groups,
    POST "groups" => groups::create_group,
    GET "groups/{id}" => groups::show_group,
    PATCH "groups/{id}" => groups::update_group,
    DELETE "groups/{id}" => groups::delete_group,
    GET "groups/{id}/members" => groups::list_members,
    POST "groups/{id}/members/$ref" => groups::add_member,
    DELETE "groups/{id}/members/$ref" => groups::remove_named_member,
    DELETE "groups/{id}/members/{member}/$ref" => groups::remove_member,
    GET "groups/{id}/transitiveMembers" => groups::list_all_members,
    GET "groups/{id}/memberOf" => groups::list_groups_around,
    GET "groups/{id}/transitiveMemberOf" => groups::list_all_groups_around,
    GET "groups/{id}/owners" => groups::list_owners,
    POST "groups/{id}/owners/$ref" => groups::add_owner,
    DELETE "groups/{id}/owners/$ref" => groups::remove_named_owner,
    DELETE "groups/{id}/owners/{owner}/$ref" => groups::remove_owner,
    POST "groups/{id}/assignLicense" => licences::assign_to_group,
    POST "groups/{id}/getMemberGroups" => groups::name_groups,
    POST "groups/{id}/getMemberObjects" => groups::name_groups,
    POST "groups/{id}/checkMemberGroups" => groups::check_groups,
    POST "groups/{id}/evaluateDynamicMembership" => groups::evaluate_membership,
    POST "groups/evaluateDynamicMembership" => groups::evaluate_rule,

    GET "devices" => devices::list_devices,
    GET "devices/{id}" => devices::show_device,
    GET "devices/{id}/memberOf" => devices::list_groups,
    GET "devices/{id}/transitiveMemberOf" => devices::list_all_groups,
    GET "devices/{id}/registeredOwners" => devices::list_users,
    GET "devices/{id}/registeredUsers" => devices::list_users,
    POST "devices/{id}/getMemberGroups" => devices::name_groups,
    POST "devices/{id}/getMemberObjects" => devices::name_groups,
    POST "devices/{id}/checkMemberGroups" => devices::check_groups,
    GET "directoryObjects/{id}" => devices::show_object,
    POST "directoryObjects/getByIds" => devices::find_objects,
    POST "users/getByIds" => devices::find_objects,
    POST "groups/getByIds" => devices::find_objects,

    GET "deviceManagement/deviceConfigurations" => profiles::list_profiles,
    POST "deviceManagement/deviceConfigurations" => profiles::create_profile,
    POST "deviceManagement/deviceConfigurations/getTargetedUsersAndDevices" => profiles::list_targeted,
    GET "deviceManagement/deviceConfigurations/{id}" => profiles::show_profile,
    PATCH "deviceManagement/deviceConfigurations/{id}" => profiles::update_profile,
    DELETE "deviceManagement/deviceConfigurations/{id}" => profiles::delete_profile,
    POST "deviceManagement/deviceConfigurations/{id}/assign" => profiles::assign_profile,
    GET "deviceManagement/deviceConfigurations/{id}/assignments" => profiles::list_assignments,
    POST "deviceManagement/deviceConfigurations/{id}/assignments" => profiles::add_assignment,
    GET "deviceManagement/deviceConfigurations/{id}/assignments/{assignment}" => profiles::show_assignment,
    DELETE "deviceManagement/deviceConfigurations/{id}/assignments/{assignment}" => profiles::remove_assignment,
    GET "deviceManagement/deviceConfigurations/{id}/groupAssignments" => profiles::list_group_assignments,
    POST "deviceManagement/deviceConfigurations/{id}/groupAssignments" => profiles::add_group_assignment,
    GET "deviceManagement/deviceConfigurations/{id}/deviceStatuses" => profiles::list_device_statuses,
    GET "deviceManagement/deviceConfigurations/{id}/userStatuses" => profiles::list_user_statuses,
    GET "deviceManagement/deviceConfigurations/{id}/deviceStatusOverview" => profiles::show_device_overview,
    GET "deviceManagement/deviceConfigurations/{id}/userStatusOverview" => profiles::show_user_overview,
    GET "deviceManagement/deviceConfigurations/{id}/deviceSettingStateSummaries" => profiles::list_setting_states,
    GET "deviceManagement/deviceConfigurations/{id}/managedDeviceCertificateStates" => profiles::list_certificate_states,
    GET "deviceManagement/deviceConfigurations/{id}/{navigation}" => profiles::show_reference,
    PUT "deviceManagement/deviceConfigurations/{id}/{navigation}/$ref" => profiles::put_reference,
    DELETE "deviceManagement/deviceConfigurations/{id}/{navigation}/$ref" => profiles::remove_reference,

    GET "deviceManagement/managedDevices" => managed_devices::list_devices,
    GET "deviceManagement/managedDevices/{id}" => managed_devices::show_device,
    PATCH "deviceManagement/managedDevices/{id}" => managed_devices::update_device,
    DELETE "deviceManagement/managedDevices/{id}" => managed_devices::delete_device,
    POST "deviceManagement/managedDevices/{id}/syncDevice" => managed_devices::sync_device,
    POST "deviceManagement/managedDevices/{id}/retire" => managed_devices::retire_device,
    POST "deviceManagement/managedDevices/{id}/wipe" => managed_devices::wipe_device,
    POST "deviceManagement/managedDevices/{id}/remoteLock" => managed_devices::lock_device,
    GET "deviceManagement/managedDevices/{id}/deviceConfigurationStates" => managed_devices::list_profile_states,
    GET "deviceManagement/managedDevices/{id}/deviceCompliancePolicyStates" => managed_devices::list_no_states,
    GET "deviceManagement/managedDevices/{id}/users" => managed_devices::list_users,
    POST "deviceManagement/managedDevices/{id}/users/$ref" => managed_devices::put_user,
    PUT "deviceManagement/managedDevices/{id}/users/$ref" => managed_devices::put_user,
    DELETE "deviceManagement/managedDevices/{id}/users/$ref" => managed_devices::remove_user,
    DELETE "deviceManagement/managedDevices/{id}/users/{user}/$ref" => managed_devices::remove_user,
    GET "deviceManagement/managedDevices/{id}/deviceCategory" => device_categories::show_category_of,
    PUT "deviceManagement/managedDevices/{id}/deviceCategory/$ref" => device_categories::put_category_of,
    DELETE "deviceManagement/managedDevices/{id}/deviceCategory/$ref" => device_categories::remove_category_of,
    GET "deviceManagement/managedDeviceOverview" => managed_devices::show_overview,
    GET "deviceManagement/deviceCategories" => device_categories::list_categories,
    POST "deviceManagement/deviceCategories" => device_categories::create_category,
    GET "deviceManagement/deviceCategories/{id}" => device_categories::show_category,
    PATCH "deviceManagement/deviceCategories/{id}" => device_categories::update_category,
    DELETE "deviceManagement/deviceCategories/{id}" => device_categories::delete_category,

    GET "deviceManagement/userPfxCertificates" => user_pfx_certificates::list_certificates,
    POST "deviceManagement/userPfxCertificates" => user_pfx_certificates::create_certificate,
    GET "deviceManagement/userPfxCertificates/{id}" => user_pfx_certificates::show_certificate,
    PATCH "deviceManagement/userPfxCertificates/{id}" => user_pfx_certificates::update_certificate,
    DELETE "deviceManagement/userPfxCertificates/{id}" => user_pfx_certificates::delete_certificate,
    GET "deviceManagement/auditEvents" => audit_events::list_events,
    GET "deviceManagement/auditEvents/getAuditCategories" => audit_events::list_categories,
    GET "deviceManagement/auditEvents/getAuditActivityTypes" => audit_events::list_activity_types,
    GET "deviceManagement/auditEvents/{id}" => audit_events::show_event,

    GET "deviceManagement/intuneBrandingProfiles" => branding::list_branding_profiles,
    POST "deviceManagement/intuneBrandingProfiles" => branding::create_branding_profile,
    GET "deviceManagement/intuneBrandingProfiles/{id}" => branding::show_branding_profile,
    PATCH "deviceManagement/intuneBrandingProfiles/{id}" => branding::update_branding_profile,
    DELETE "deviceManagement/intuneBrandingProfiles/{id}" => branding::delete_branding_profile,
    POST "deviceManagement/intuneBrandingProfiles/{id}/assign" => branding::assign_branding_profile,
    GET "deviceManagement/intuneBrandingProfiles/{id}/assignments" => branding::list_branding_assignments,

    GET "deviceManagement/ndesConnectors" => user_pfx_certificates::list_connectors,
    GET "deviceManagement/certificateConnectorDetails" => user_pfx_certificates::list_connector_details,

    GET "deviceManagement/androidManagedStoreAccountEnterpriseSettings" => enrolment::show_google_play,
    GET "deviceManagement/roleDefinitions" => roles::list_definitions,
    POST "deviceManagement/roleDefinitions" => roles::create_definition,
    GET "deviceManagement/roleDefinitions/{id}" => roles::show_definition,
    PATCH "deviceManagement/roleDefinitions/{id}" => roles::update_definition,
    DELETE "deviceManagement/roleDefinitions/{id}" => roles::delete_definition,
    GET "deviceManagement/roleDefinitions/{id}/roleAssignments" => roles::list_assignments_of,
    POST "deviceManagement/roleDefinitions/{id}/roleAssignments" => roles::create_assignment_of,
    GET "deviceManagement/roleAssignments" => roles::list_assignments,
    POST "deviceManagement/roleAssignments" => roles::create_assignment,
    GET "deviceManagement/roleAssignments/{id}" => roles::show_assignment,
    PATCH "deviceManagement/roleAssignments/{id}" => roles::update_assignment,
    DELETE "deviceManagement/roleAssignments/{id}" => roles::delete_assignment,
    GET "deviceManagement/roleAssignments/{id}/roleDefinition" => roles::show_definition_of,
    GET "deviceManagement/roleAssignments/{id}/roleScopeTags" => roles::list_scope_tags,
    POST "deviceManagement/roleAssignments/{id}/roleScopeTags/$ref" => roles::add_scope_tag,
    DELETE "deviceManagement/roleAssignments/{id}/roleScopeTags/{tag}/$ref" => roles::remove_scope_tag,
    GET "deviceManagement/notificationMessageTemplates" => notifications::list_templates,
    POST "deviceManagement/notificationMessageTemplates" => notifications::create_template,
    GET "deviceManagement/notificationMessageTemplates/{id}" => notifications::show_template,
    PATCH "deviceManagement/notificationMessageTemplates/{id}" => notifications::update_template,
    DELETE "deviceManagement/notificationMessageTemplates/{id}" => notifications::delete_template,
    POST "deviceManagement/notificationMessageTemplates/{id}/sendTestMessage" => notifications::send_test_message,
    GET "deviceManagement/notificationMessageTemplates/{id}/localizedNotificationMessages" => notifications::list_messages,
    POST "deviceManagement/notificationMessageTemplates/{id}/localizedNotificationMessages" => notifications::create_message,
    GET "deviceManagement/notificationMessageTemplates/{id}/localizedNotificationMessages/{message}" => notifications::show_message,
    PATCH "deviceManagement/notificationMessageTemplates/{id}/localizedNotificationMessages/{message}" => notifications::update_message,
    DELETE "deviceManagement/notificationMessageTemplates/{id}/localizedNotificationMessages/{message}" => notifications::delete_message,
    GET "deviceManagement/roleScopeTags" => scope_tags::list_tags,
    POST "deviceManagement/roleScopeTags" => scope_tags::create_tag,
    POST "deviceManagement/roleScopeTags/getRoleScopeTagsById" => scope_tags::find_tags,
    GET "deviceManagement/roleScopeTags/hasCustomRoleScopeTag" => scope_tags::say_whether_any,
    GET "deviceManagement/roleScopeTags/{id}" => scope_tags::show_tag,
    PATCH "deviceManagement/roleScopeTags/{id}" => scope_tags::update_tag,
    DELETE "deviceManagement/roleScopeTags/{id}" => scope_tags::delete_tag,
    GET "deviceManagement/roleScopeTags/{id}/assignments" => scope_tags::list_assignments,
    POST "deviceManagement/roleScopeTags/{id}/assign" => scope_tags::assign_tag,
    GET "deviceManagement/importedDeviceIdentities" => device_identities::list_identities,
    POST "deviceManagement/importedDeviceIdentities" => device_identities::create_identity,
    POST "deviceManagement/importedDeviceIdentities/importDeviceIdentityList" => device_identities::import_identities,
    POST "deviceManagement/importedDeviceIdentities/searchExistingIdentities" => device_identities::search_identities,
    GET "deviceManagement/importedDeviceIdentities/{id}" => device_identities::show_identity,
    PATCH "deviceManagement/importedDeviceIdentities/{id}" => device_identities::update_identity,
    DELETE "deviceManagement/importedDeviceIdentities/{id}" => device_identities::delete_identity,
    GET "deviceManagement/termsAndConditions" => terms::list_terms,
    POST "deviceManagement/termsAndConditions" => terms::create_terms,
    GET "deviceManagement/termsAndConditions/{id}" => terms::show_terms,
    PATCH "deviceManagement/termsAndConditions/{id}" => terms::update_terms,
    DELETE "deviceManagement/termsAndConditions/{id}" => terms::delete_terms,
    GET "deviceManagement/termsAndConditions/{id}/assignments" => terms::list_assignments,
    POST "deviceManagement/termsAndConditions/{id}/assignments" => terms::create_assignment,
    GET "deviceManagement/termsAndConditions/{id}/assignments/{assignment}" => terms::show_assignment,
    DELETE "deviceManagement/termsAndConditions/{id}/assignments/{assignment}" => terms::delete_assignment,
    GET "deviceManagement/termsAndConditions/{id}/groupAssignments" => terms::list_group_assignments,
    POST "deviceManagement/termsAndConditions/{id}/groupAssignments" => terms::create_group_assignment,
    GET "deviceManagement/termsAndConditions/{id}/acceptanceStatuses" => terms::list_acceptances,
    GET "deviceManagement/deviceEnrollmentConfigurations" => enrolment_configurations::list_all,
    POST "deviceManagement/deviceEnrollmentConfigurations" => enrolment_configurations::create_one,
    GET "deviceManagement/deviceEnrollmentConfigurations/{id}" => enrolment_configurations::show_one,
    PATCH "deviceManagement/deviceEnrollmentConfigurations/{id}" => enrolment_configurations::update_one,
    DELETE "deviceManagement/deviceEnrollmentConfigurations/{id}" => enrolment_configurations::delete_one,
    GET "deviceManagement/deviceEnrollmentConfigurations/{id}/assignments" => enrolment_configurations::list_assignments,
    POST "deviceManagement/deviceEnrollmentConfigurations/{id}/assign" => enrolment_configurations::assign_one,
    POST "deviceManagement/deviceEnrollmentConfigurations/{id}/setPriority" => enrolment_configurations::prioritise_one,

    GET "deviceManagement/resourceOperations" => roles::list_operations,
    GET "deviceManagement/resourceOperations/{id}" => roles::show_operation,
    GET "deviceManagement/getEffectivePermissions" => roles::list_effective_permissions,
    GET "deviceManagement/getAssignedRoleDetails" => roles::show_assigned_roles,
    GET "deviceManagement/scopedForResource" => roles::say_whether_scoped,

    GET "directoryRoles" => directory_roles::list_roles,
    GET "directoryRoles/{id}" => directory_roles::show_role,
    GET "directoryRoles/{id}/members" => directory_roles::list_members,
    POST "directoryRoles/{id}/members/$ref" => directory_roles::add_member,
    DELETE "directoryRoles/{id}/members/$ref" => directory_roles::remove_named_member,
    DELETE "directoryRoles/{id}/members/{member}/$ref" => directory_roles::remove_member,
    GET "directoryRoleTemplates" => directory_roles::list_templates,
    GET "directoryRoleTemplates/{id}" => directory_roles::show_template,
    GET "roleManagement/directory/roleDefinitions" => directory_roles::list_definitions,
    GET "roleManagement/directory/roleDefinitions/{id}" => directory_roles::show_definition,
    GET "roleManagement/directory/roleAssignments" => directory_roles::list_assignments,
    POST "roleManagement/directory/roleAssignments" => directory_roles::create_assignment,
    GET "roleManagement/directory/roleAssignments/{id}" => directory_roles::show_assignment,
    DELETE "roleManagement/directory/roleAssignments/{id}" => directory_roles::delete_assignment,
    GET "roleManagement/directory/roleAssignments/{id}/principal" => directory_roles::show_principal,
    GET "roleManagement/directory/roleAssignments/{id}/roleDefinition" => directory_roles::show_definition_of,

    GET "deviceManagement/depOnboardingSettings" => ade::list_tokens,
    POST "deviceManagement/depOnboardingSettings" => ade::create_token,
    GET "deviceManagement/depOnboardingSettings/{id}" => ade::show_token,
    PATCH "deviceManagement/depOnboardingSettings/{id}" => ade::update_token,
    DELETE "deviceManagement/depOnboardingSettings/{id}" => ade::delete_token,
    POST "deviceManagement/depOnboardingSettings/{id}/generateEncryptionPublicKey" => ade::make_certificate,
    GET "deviceManagement/depOnboardingSettings/{id}/getEncryptionPublicKey" => ade::show_certificate,
    POST "deviceManagement/depOnboardingSettings/{id}/uploadDepToken" => ade::upload_token,
    POST "deviceManagement/depOnboardingSettings/{id}/syncWithAppleDeviceEnrollmentProgram" => ade::sync_token,
    POST "deviceManagement/depOnboardingSettings/{id}/releaseAppleDevices" => ade::release_devices,
    POST "deviceManagement/depOnboardingSettings/{id}/importedAppleDeviceIdentities/importAppleDeviceIdentityList" =>
        ade::import_devices,
    GET "deviceManagement/depOnboardingSettings/{id}/importedAppleDeviceIdentities" => ade::list_devices,
    GET "deviceManagement/depOnboardingSettings/{id}/importedAppleDeviceIdentities/{device}" => ade::show_device,
    DELETE "deviceManagement/depOnboardingSettings/{id}/importedAppleDeviceIdentities/{device}" => ade::delete_device,
    GET "deviceManagement/depOnboardingSettings/{id}/enrollmentProfiles" => ade::list_profiles,
    POST "deviceManagement/depOnboardingSettings/{id}/enrollmentProfiles" => ade::create_profile,
    GET "deviceManagement/depOnboardingSettings/{id}/enrollmentProfiles/{profile}" => ade::show_profile,
    PATCH "deviceManagement/depOnboardingSettings/{id}/enrollmentProfiles/{profile}" => ade::update_profile,
    DELETE "deviceManagement/depOnboardingSettings/{id}/enrollmentProfiles/{profile}" => ade::delete_profile,
    POST "deviceManagement/depOnboardingSettings/{id}/enrollmentProfiles/{profile}/setDefaultProfile" => ade::set_default_profile,
    POST "deviceManagement/depOnboardingSettings/{id}/enrollmentProfiles/{profile}/updateDeviceProfileAssignment" => ade::assign_profile,

    GET "deviceManagement/applePushNotificationCertificate" => enrolment::show_push_certificate,
    PATCH "deviceManagement/applePushNotificationCertificate" => enrolment::store_push_certificate,
    DELETE "deviceManagement/applePushNotificationCertificate" => enrolment::remove_push_certificate,
    GET "deviceManagement/applePushNotificationCertificate/downloadApplePushNotificationCertificateSigningRequest" =>
        enrolment::show_push_request,
    POST "deviceManagement/applePushNotificationCertificate/generateApplePushNotificationCertificateSigningRequest" =>
        enrolment::show_push_request,
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::path::Path;

    fn keys(method: &Method, path: &str) -> Option<Vec<String>> {
        let path = Path::parse(path).unwrap();
        find(method, path.segments())
            .unwrap()
            .map(|found| found.keys)
    }

    #[test]
    fn exact_names_win_over_keys() {
        assert_eq!(
            keys(&Method::POST, "/users/getByIds").unwrap(),
            Vec::<String>::new()
        );
        assert_eq!(keys(&Method::GET, "/USERS('a@b')").unwrap(), ["a@b"]);
        assert!(keys(&Method::GET, "/nothing/here").is_none());
    }

    #[test]
    fn a_wrong_method_names_the_right_ones() {
        let path = Path::parse("/organization").unwrap();
        let error = find(&Method::PUT, path.segments()).err().unwrap();
        assert_eq!(error.status, axum::http::StatusCode::METHOD_NOT_ALLOWED);
        assert!(error.message.contains("GET"));
    }

    #[test]
    fn every_navigation_property_has_a_route() {
        use crate::schema;
        for (type_name, collection) in [
            ("user", "users/1"),
            ("group", "groups/1"),
            ("device", "devices/1"),
            ("managedDevice", "deviceManagement/managedDevices/1"),
            ("deviceManagement", "deviceManagement"),
            ("roleDefinition", "deviceManagement/roleDefinitions/1"),
            (
                "deviceAndAppManagementRoleAssignment",
                "deviceManagement/roleAssignments/1",
            ),
            ("roleScopeTag", "deviceManagement/roleScopeTags/1"),
            (
                "notificationMessageTemplate",
                "deviceManagement/notificationMessageTemplates/1",
            ),
            (
                "deviceEnrollmentLimitConfiguration",
                "deviceManagement/deviceEnrollmentConfigurations/1",
            ),
            (
                "depOnboardingSetting",
                "deviceManagement/depOnboardingSettings/1",
            ),
            (
                "intuneBrandingProfile",
                "deviceManagement/intuneBrandingProfiles/1",
            ),
            ("directoryRole", "directoryRoles/1"),
            ("domain", "domains/1"),
            ("rbacApplication", "roleManagement/directory"),
            (
                "unifiedRoleAssignment",
                "roleManagement/directory/roleAssignments/1",
            ),
            (
                "iosEasEmailProfileConfiguration",
                "deviceManagement/deviceConfigurations/1",
            ),
            (
                "iosScepCertificateProfile",
                "deviceManagement/deviceConfigurations/1",
            ),
        ] {
            for navigation in schema::navigations(type_name) {
                let path = format!("{collection}/{}", navigation.name());
                // Nobody has a manager or photos here, which is a 404 in Graph too.
                let is_nowhere = path.ends_with("/manager") || path.ends_with("/photos");
                assert!(keys(&Method::GET, &path).is_some() || is_nowhere, "{path}");
            }
        }
    }

    #[test]
    fn every_bound_action_has_a_route() {
        use crate::schema;
        for (type_name, collection) in [
            ("user", "users/1"),
            ("managedDevice", "deviceManagement/managedDevices/1"),
            ("domain", "domains/1"),
            ("roleScopeTag", "deviceManagement/roleScopeTags/1"),
            (
                "deviceEnrollmentLimitConfiguration",
                "deviceManagement/deviceEnrollmentConfigurations/1",
            ),
            (
                "intuneBrandingProfile",
                "deviceManagement/intuneBrandingProfiles/1",
            ),
            (
                "deviceConfiguration",
                "deviceManagement/deviceConfigurations/1",
            ),
        ] {
            for action in schema::actions(type_name) {
                assert!(
                    keys(&Method::POST, &format!("{collection}/{action}")).is_some(),
                    "{action}"
                );
            }
        }
    }
}
