//! Which matters there are, and when one comes up.

use mandate_model::{AccountKey, DeviceId, Profile, ProfileId, Timestamp, UserId};
use mandate_store::{NoticeRecord, NoticeState};
use serde_json::Value;
use uuid::Uuid;

use super::{Facts, NoticeEvent};

/// Event of a text that is only tried out.
pub(crate) const TEST: &str = "test";

/// The matter that an account made by hand keeps a profile from a device.
pub(crate) fn blocked(device: DeviceId, profile: ProfileId) -> String {
    format!("blocked:{device}:{profile}")
}

/// The matter that a device asks its user something because of a profile.
pub(crate) fn asks(device: DeviceId, profile: ProfileId) -> String {
    format!("asks:{device}:{profile}")
}

/// The matter that a certificate of a person ends within so many days.
pub(crate) fn ending(sha256: &str, user: UserId, days: i64) -> String {
    format!("ending:{sha256}:{user}:{days}")
}

/// A new matter, to be told at once.
pub(crate) fn noted(
    (id, now): (Uuid, Timestamp),
    (matter, event): (String, &str),
    user: UserId,
    about: (Option<DeviceId>, Option<ProfileId>),
    facts: &Facts,
) -> NoticeRecord {
    NoticeRecord {
        id,
        matter,
        event: event.to_owned(),
        user_id: user,
        device_id: about.0,
        profile_id: about.1,
        facts: facts.to_value(),
        state: NoticeState::Due,
        attempts: 0,
        due_at: Some(now),
        result: None,
        created_at: now,
        told_at: None,
        ended_at: None,
    }
}

/// What is kept of an account that a profile makes.
pub(crate) fn account_facts(profile: &Profile, account: &AccountKey) -> Facts {
    Facts {
        profile: Some(profile.display_name.clone()),
        version: Some(profile.version),
        address: Some(account.address.clone()),
        host: Some(account.host.clone()),
        ..Facts::default()
    }
}

/// Whether a device that gets a mail profile asks its user for a password or a sign-in: unless a certificate proves who it is.
pub(crate) fn expects_password(profile: &Profile) -> bool {
    let setting = |name: &str| profile.settings.get(name);
    let uses_oauth = setting("useOAuth").and_then(Value::as_bool) == Some(true);
    let method = setting("authenticationMethod").and_then(Value::as_str);
    uses_oauth || method != Some("certificate")
}

/// What a device asks its user after a new version of a profile, `grave` being the gravest that its changes mean.
pub(crate) fn asked_by_change(
    profile: &Profile,
    grave: mandate_model::catalogue::Impact,
) -> Option<NoticeEvent> {
    use mandate_model::catalogue::Impact;
    match grave {
        Impact::Silent => None,
        Impact::AsksPassword | Impact::ReplacesAccount if expects_password(profile) => {
            Some(NoticeEvent::PasswordExpected)
        }
        Impact::AsksApproval | Impact::AsksPassword | Impact::ReplacesAccount => {
            Some(NoticeEvent::ApprovalExpected)
        }
    }
}
