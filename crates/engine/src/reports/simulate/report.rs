//! What a simulation tells.

use mandate_model::{
    Because, Device, DeviceId, GroupId, Platform, Profile, ProfileId, Reason, SkippedSetting,
    Timestamp, User, UserId,
};
use serde::Serialize;

use crate::PayloadView;

/// What a person would get on a device, and why.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Simulation {
    /// The person; none for a device without a user.
    pub user: Option<SimulatedUser>,
    /// The device.
    pub device: SimulatedDevice,
    /// Groups that contain the person or the device, directly or through others.
    pub groups: Vec<SimulatedGroup>,
    /// All profiles of the platform: those that are given, those that are meant but cannot be made, all others.
    pub profiles: Vec<SimulatedProfile>,
}

/// The person of a simulation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SimulatedUser {
    /// Id.
    pub id: UserId,
    /// Sign-in name.
    pub user_principal_name: String,
    /// Name for people.
    pub display_name: String,
    /// Whether the account may be used.
    pub account_enabled: bool,
}

/// The device of a simulation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SimulatedDevice {
    /// Id, if it is there.
    pub id: Option<DeviceId>,
    /// Its name, if it is there.
    pub display_name: Option<String>,
    /// What it runs.
    pub platform: Platform,
    /// Version; none stands for one that is new enough for everything.
    pub os_version: Option<String>,
    /// Whether it is made up: serial number and the like are then examples.
    pub is_imagined: bool,
}

/// A group by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SimulatedGroup {
    /// Id.
    pub id: GroupId,
    /// Name.
    pub display_name: String,
}

/// What becomes of a profile; in this order they are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum SimulatedOutcome {
    /// The device gets it.
    Given,
    /// It is meant for the device, but nothing can be made.
    Refused,
    /// It is not for the device.
    NotAssigned,
}

/// One profile.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SimulatedProfile {
    /// Id.
    pub profile_id: ProfileId,
    /// Name.
    pub display_name: String,
    /// Kind, by its Graph type.
    pub kind: &'static str,
    /// What becomes of it.
    pub outcome: SimulatedOutcome,
    /// Why it is meant, or not.
    pub because: Because,
    /// The same in words.
    pub because_message: String,
    /// Why nothing can be made.
    pub reason: Option<Reason>,
    /// The same in words.
    pub message: Option<String>,
    /// What somebody has to do then.
    pub next_step: Option<&'static str>,
    /// What deserves a word.
    pub warnings: Vec<SimulatedWarning>,
    /// Settings that the device is too old for.
    pub skipped: Vec<SkippedSetting>,
    /// Certificates that come with it.
    pub certificates: Vec<SimulatedCertificate>,
    /// What is in its document.
    pub payloads: Vec<PayloadView>,
    /// The document as the device would read it, with words in square brackets where secrets belong.
    pub document: Option<String>,
}

/// Something that deserves a word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SimulatedWarning {
    /// What kind of thing, for programs.
    pub code: String,
    /// What it is, for people.
    pub message: String,
}

/// A certificate that a device would get.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SimulatedCertificate {
    /// `scep`, `pkcs` or `imported`.
    pub source: &'static str,
    /// The certificate profile that it is made from; absent for imported ones.
    pub profile: Option<String>,
    /// Subject as text; absent if whoever asks may not see it.
    pub subject: Option<String>,
    /// Alternative names, with their kind: `email:ada@contoso.com`.
    pub alternative_names: Vec<String>,
    /// The authority that issues it; absent for this instance's own, and for imported ones.
    pub issuer: Option<String>,
    /// How long it would be valid, in days; absent for imported ones.
    pub validity_days: Option<i64>,
    /// When it ends; for imported ones only.
    pub not_after_date_time: Option<Timestamp>,
}

impl SimulatedUser {
    pub(super) fn of(user: &User) -> Self {
        Self {
            id: user.id,
            user_principal_name: user.user_principal_name.clone(),
            display_name: user.display_name.clone(),
            account_enabled: user.account_enabled,
        }
    }
}

impl SimulatedDevice {
    pub(super) fn of(device: &Device, is_imagined: bool) -> Self {
        Self {
            id: (!is_imagined).then_some(device.id),
            display_name: (!is_imagined).then(|| device.display_name()),
            platform: device.platform,
            os_version: device.facts.os_version.clone(),
            is_imagined,
        }
    }
}

impl SimulatedProfile {
    pub(super) fn not_assigned(profile: &Profile, because: Because) -> Self {
        Self {
            profile_id: profile.id,
            display_name: profile.display_name.clone(),
            kind: profile.kind.type_name,
            outcome: SimulatedOutcome::NotAssigned,
            because_message: because.message(),
            because,
            reason: None,
            message: None,
            next_step: None,
            warnings: Vec::new(),
            skipped: Vec::new(),
            certificates: Vec::new(),
            payloads: Vec::new(),
            document: None,
        }
    }

    pub(super) fn refuse(&mut self, reason: Reason) {
        self.outcome = SimulatedOutcome::Refused;
        self.message = Some(reason.message());
        self.next_step = Some(reason.next_step());
        self.reason = Some(reason);
    }
}
