//! Profiles and whom they are for: the administrator's intent.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::catalogue::Kind;
use crate::{AssignmentId, GroupId, ProfileId, Timestamp};

/// Settings of a profile by their Graph property, normalised by the catalogue: every setting of the kind is there,
/// unset ones as `null`, enums in Graph's spelling, flags in canonical order.
pub type Settings = Map<String, Value>;

/// A configuration profile.
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    /// Object id.
    pub id: ProfileId,
    /// What kind of profile it is; decides which settings it has.
    pub kind: &'static Kind,
    /// Name for administrators.
    pub display_name: String,
    /// What it is for.
    pub description: Option<String>,
    /// Scope tags; `0` is the built-in default.
    pub scope_tags: Vec<String>,
    /// Grows by one with each change.
    pub version: i64,
    /// What it sets.
    pub settings: Settings,
    /// Other profiles that it refers to, by navigation property (`identityCertificate`).
    pub references: BTreeMap<String, ProfileId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub modified_at: Timestamp,
}

impl Profile {
    /// Whether it is for the user channel of a Mac (`deploymentChannel`) and not for the Mac as a whole.
    pub fn is_for_user_channel(&self) -> bool {
        self.settings
            .get("deploymentChannel")
            .is_some_and(|channel| channel == "userChannel")
    }
}

/// Whom an assignment includes or excludes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "kind", content = "group")]
pub enum Target {
    /// Every person (`allLicensedUsersAssignmentTarget`), hence every device that has a user.
    AllUsers,
    /// Every device (`allDevicesAssignmentTarget`).
    AllDevices,
    /// Members of a group (`groupAssignmentTarget`).
    Group(GroupId),
    /// Not the members of a group (`exclusionGroupAssignmentTarget`); beats every inclusion.
    Exclude(GroupId),
}

/// One target of one profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Assignment {
    /// Id of the row; on the wire Graph's composite id is used instead.
    pub id: AssignmentId,
    /// The profile that is assigned.
    pub profile_id: ProfileId,
    /// Whom it includes or excludes.
    pub target: Target,
}
