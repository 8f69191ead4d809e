//! What a device is, in words.

use mandate_engine::MailStanding;
use mandate_model::{DeviceState, EnrolmentType, Ownership, Platform};

/// The name of a platform, the same in all languages.
pub(crate) const fn platform(platform: Platform) -> &'static str {
    match platform {
        Platform::Ios => "iOS/iPadOS",
        Platform::MacOs => "macOS",
    }
}

/// Class, and id of the text, of where a device stands.
pub(super) const fn state(state: DeviceState) -> (&'static str, &'static str) {
    match state {
        DeviceState::Enrolling => ("pending", "devices-state-enrolling"),
        DeviceState::Imported => ("pending", "devices-state-imported"),
        DeviceState::Enrolled => ("succeeded", "devices-state-enrolled"),
        DeviceState::Retiring => ("pending", "devices-state-retiring"),
        DeviceState::Wiping => ("pending", "devices-state-wiping"),
        DeviceState::Retired => ("not-applicable", "devices-state-retired"),
        DeviceState::Wiped => ("not-applicable", "devices-state-wiped"),
        DeviceState::Unenrolled => ("not-applicable", "devices-state-unenrolled"),
    }
}

/// The same of mail.
pub(super) const fn mail(standing: MailStanding) -> (&'static str, &'static str) {
    match standing {
        MailStanding::None => ("not-applicable", "devices-mail-none"),
        MailStanding::Waiting => ("pending", "devices-mail-waiting"),
        MailStanding::Blocked => ("error", "devices-mail-blocked"),
        MailStanding::Working => ("succeeded", "devices-mail-working"),
    }
}

/// Id of the text that says whose it is.
pub(super) const fn ownership(ownership: Ownership) -> &'static str {
    match ownership {
        Ownership::Unknown => "devices-owner-unknown",
        Ownership::Company => "devices-owner-company",
        Ownership::Personal => "devices-owner-personal",
    }
}

/// Id of the text that says how it came.
pub(super) const fn enrolment(kind: EnrolmentType) -> &'static str {
    match kind {
        EnrolmentType::Device => "devices-enrolled-device",
        EnrolmentType::User => "devices-enrolled-user",
    }
}
