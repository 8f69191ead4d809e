//! Who is speaking: which enrolment, on which channel.

use std::fmt;

use mandate_model::EnrolmentType;
use plist::Dictionary;

use super::{WireError, fields};

/// `UserID` of every user channel of a Shared iPad, where the short name tells people apart.
const SHARED_IPAD_USER: &str = "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF";
/// A UDID has 25, 36 or 40 characters, an `EnrollmentID` 36.
const ID_LENGTH: usize = 64;
/// A Managed Apple Account, which is a mail address.
const USER_LENGTH: usize = 255;

/// The identifiers of a message as the device sent them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EnrolmentIds {
    /// `UDID`; absent in user enrolment.
    pub udid: Option<String>,
    /// `EnrollmentID`; new at each user enrolment.
    pub enrollment_id: Option<String>,
    /// `UserID`: a person's GUID on macOS, all F on Shared iPad.
    pub user_id: Option<String>,
    /// `EnrollmentUserID`: the user channel of a user enrolment.
    pub enrollment_user_id: Option<String>,
    /// `UserShortName`: display data, but on Shared iPad the Managed Apple Account.
    pub user_short_name: Option<String>,
    /// `UserLongName`: display data.
    pub user_long_name: Option<String>,
}

/// Names an enrolment: the key under which everything about it is kept.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct DeviceKey {
    /// Which kind of id it is.
    pub kind: EnrolmentType,
    /// UDID or `EnrollmentID`, letter case as the device sends it: up to 64 of `A-Z a-z 0-9 - _ .`
    pub id: String,
}

/// On whose behalf the device speaks.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Channel {
    /// The device itself.
    Device,
    /// A person on it (macOS, Shared iPad); has a push token and a queue of its own.
    User(String),
}

impl EnrolmentIds {
    pub(super) fn read(message: &Dictionary) -> Result<Self, WireError> {
        Ok(Self {
            udid: identifier(message, "UDID")?,
            enrollment_id: identifier(message, "EnrollmentID")?,
            user_id: user(message, "UserID")?,
            enrollment_user_id: user(message, "EnrollmentUserID")?,
            user_short_name: user(message, "UserShortName")?,
            user_long_name: fields::fact(message, "UserLongName"),
        })
    }

    /// The enrolment. With both ids the UDID counts: Apple forbids it in user enrolment (`Authenticate`), so its
    /// presence means a device enrolment, and a client that adds an `EnrollmentID` (Fleet's does) still is the device
    /// that its UDID names. Taking the other one would split one device in two when it leaves the id out next time.
    pub fn device_key(&self) -> Result<DeviceKey, WireError> {
        match (&self.udid, &self.enrollment_id) {
            (Some(id), _) => Ok(DeviceKey {
                kind: EnrolmentType::Device,
                id: id.clone(),
            }),
            (None, Some(id)) => Ok(DeviceKey {
                kind: EnrolmentType::User,
                id: id.clone(),
            }),
            (None, None) => Err(WireError::Missing("UDID")),
        }
    }

    /// The channel: a short name alone does not make a user channel, as macOS sends it for display.
    pub fn channel(&self) -> Result<Channel, WireError> {
        let user = match (&self.udid, &self.user_id) {
            (Some(_), Some(user)) if user == SHARED_IPAD_USER => Some(
                self.user_short_name
                    .as_ref()
                    .ok_or(WireError::Missing("UserShortName"))?,
            ),
            (Some(_), Some(user)) => Some(user),
            _ => self.enrollment_user_id.as_ref(),
        };
        Ok(user.map_or(Channel::Device, |user| Channel::User(user.clone())))
    }
}

impl fmt::Debug for DeviceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}:{}", self.kind, self.id)
    }
}

/// An empty id is taken as absent: simulators send the keys that they do not use.
fn identifier(message: &Dictionary, key: &'static str) -> Result<Option<String>, WireError> {
    let plain = |id: &str| {
        id.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
    };
    match fields::text(message, key)? {
        None | Some("") => Ok(None),
        Some(id) if id.len() <= ID_LENGTH && plain(id) => Ok(Some(id.to_owned())),
        Some(_) => Err(WireError::BadIdentifier(key)),
    }
}

fn user(message: &Dictionary, key: &'static str) -> Result<Option<String>, WireError> {
    match fields::text(message, key)? {
        None | Some("") => Ok(None),
        Some(id) if id.len() <= USER_LENGTH && !id.chars().any(char::is_control) => {
            Ok(Some(id.to_owned()))
        }
        Some(_) => Err(WireError::BadIdentifier(key)),
    }
}
