//! Corporate identifiers and terms.

use serde_json::json;

use super::Scope::{Free, Whole};
use super::{Row, delete, described, fresh, get, patch, post};
use crate::access::world::target;

pub(super) const ROWS: &[Row] = &[
    get("deviceManagement/importedDeviceIdentities", "", "CorporateDeviceIdentifiers_Read", Free),
    post("deviceManagement/importedDeviceIdentities", "", "CorporateDeviceIdentifiers_Create", Whole)
        .body(|_, _| json!({"importedDeviceIdentityType": "serialNumber", "importedDeviceIdentifier": fresh()})),
    post(
        "deviceManagement/importedDeviceIdentities/importDeviceIdentityList",
        "",
        "CorporateDeviceIdentifiers_Create CorporateDeviceIdentifiers_Update",
        Whole,
    )
    .body(|_, _| {
        json!({"overwriteImportedDeviceIdentities": true, "importedDeviceIdentities": [
            {"importedDeviceIdentityType": "serialNumber", "importedDeviceIdentifier": fresh()}]})
    }),
    post(
        "deviceManagement/importedDeviceIdentities/searchExistingIdentities",
        "",
        "CorporateDeviceIdentifiers_Read",
        Free,
    )
    .body(|_, _| {
        json!({"importedDeviceIdentities": [
            {"importedDeviceIdentityType": "imei", "importedDeviceIdentifier": "351451208401216"}]})
    }),
    get("deviceManagement/importedDeviceIdentities/{id}", "identity", "CorporateDeviceIdentifiers_Read", Free),
    patch("deviceManagement/importedDeviceIdentities/{id}", "identity", "CorporateDeviceIdentifiers_Update", Whole)
        .body(described),
    delete("deviceManagement/importedDeviceIdentities/{id}", "identity", "CorporateDeviceIdentifiers_Delete", Whole),
    get("deviceManagement/termsAndConditions", "", "TermsAndConditions_Read", Free),
    post("deviceManagement/termsAndConditions", "", "TermsAndConditions_Create", Whole)
        .body(|_, _| json!({"displayName": "Made", "bodyText": "Text"})),
    get("deviceManagement/termsAndConditions/{id}", "terms", "TermsAndConditions_Read", Free),
    patch("deviceManagement/termsAndConditions/{id}", "terms", "TermsAndConditions_Update", Whole).body(described),
    delete("deviceManagement/termsAndConditions/{id}", "terms", "TermsAndConditions_Delete", Whole),
    get("deviceManagement/termsAndConditions/{id}/assignments", "terms", "TermsAndConditions_Read", Free),
    post(
        "deviceManagement/termsAndConditions/{id}/assignments",
        "terms",
        "TermsAndConditions_Read TermsAndConditions_Assign",
        Whole,
    )
    .body(|world, _| target(&world.nowhere)),
    get(
        "deviceManagement/termsAndConditions/{id}/assignments/{assignment}",
        "terms termsassignment",
        "TermsAndConditions_Read",
        Free,
    ),
    delete(
        "deviceManagement/termsAndConditions/{id}/assignments/{assignment}",
        "terms termsassignment",
        "TermsAndConditions_Read TermsAndConditions_Assign",
        Whole,
    ),
    get("deviceManagement/termsAndConditions/{id}/groupAssignments", "terms", "TermsAndConditions_Read", Free),
    post(
        "deviceManagement/termsAndConditions/{id}/groupAssignments",
        "terms",
        "TermsAndConditions_Read TermsAndConditions_Assign",
        Whole,
    )
    .body(|world, _| json!({"targetGroupId": world.nowhere})),
    get("deviceManagement/termsAndConditions/{id}/acceptanceStatuses", "terms", "TermsAndConditions_Read", Free),
];
