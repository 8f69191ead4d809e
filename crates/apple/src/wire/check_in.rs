//! Check-in messages: what a device puts to `CheckInURL`.

use std::fmt;

use mandate_model::DeviceFacts;
use plist::Dictionary;

use super::identity::{Channel, DeviceKey, EnrolmentIds};
use super::property_list::{self, Limits};
use super::{Secret, WireError, fields, report};

/// APNs tokens have 32 bytes today; Apple asks not to rely on that.
const TOKEN_LENGTH: usize = 512;
/// `Topic`, `PushMagic`, `Endpoint` and other short texts.
const TEXT_LENGTH: usize = 512;

/// A check-in message with its sender.
///
/// Of Apple's keys only `MessageType`, `Topic` and one id are counted on: the schema marks more as required, but
/// devices of other enrolment types, and simulators, leave them out.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckIn {
    /// The enrolment that speaks.
    pub device: DeviceKey,
    /// For itself, or for a person on it.
    pub channel: Channel,
    /// All identifiers as sent.
    pub ids: EnrolmentIds,
    /// What it says.
    pub message: Message,
}

/// What a check-in says.
#[derive(Debug, Clone, PartialEq)]
pub enum Message {
    /// Apple `Authenticate`: asks to be managed.
    Authenticate(Authenticate),
    /// Apple `TokenUpdate`: how to wake it. The first one completes the enrolment.
    TokenUpdate(TokenUpdate),
    /// Apple `CheckOut`: management was removed.
    CheckOut,
    /// Apple `UserAuthenticate`: a directory user logs in (macOS).
    UserAuthenticate(UserAuthenticate),
    /// Apple `SetBootstrapToken`.
    SetBootstrapToken(SetBootstrapToken),
    /// Apple `GetBootstrapToken`.
    GetBootstrapToken,
    /// Apple `GetToken`.
    GetToken(GetToken),
    /// Apple `DeclarativeManagement`.
    DeclarativeManagement(DeclarativeManagement),
    /// A message that this server does not know, by its `MessageType`.
    Other(String),
}

/// Apple `Authenticate`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authenticate {
    /// `Topic` of the enrolment profile.
    pub topic: String,
    /// Whatever it tells of itself, already in the house's words.
    pub facts: DeviceFacts,
}

/// Apple `TokenUpdate`.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenUpdate {
    /// `Topic` of the enrolment profile.
    pub topic: String,
    /// Push token, raw bytes. Not unique: simulators share one.
    pub token: Vec<u8>,
    /// What a push has to carry for the device to heed it.
    pub push_magic: String,
    /// Removes the passcode. Absent means unchanged, not gone.
    pub unlock_token: Option<Secret>,
    /// The Setup Assistant waits for `DeviceConfigured`. Absent means unchanged.
    pub awaiting_configuration: Option<bool>,
    /// The person is logged in but not in front of the screen (macOS user channel).
    pub not_on_console: Option<bool>,
}

/// Apple `UserAuthenticate`.
#[derive(Clone, PartialEq, Eq)]
pub struct UserAuthenticate {
    /// Answer to a challenge; absent in the first of the two messages.
    pub digest_response: Option<String>,
}

/// Apple `SetBootstrapToken`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetBootstrapToken {
    /// The token; `None` (missing or empty on the wire) asks to delete it.
    pub token: Option<Secret>,
    /// The Setup Assistant waits for `DeviceConfigured`.
    pub awaiting_configuration: Option<bool>,
}

/// Apple `GetToken`.
#[derive(Debug, Clone, PartialEq)]
pub struct GetToken {
    /// `com.apple.maid` or `com.apple.watch.pairing`.
    pub service_type: String,
    /// `TokenParameters` as sent.
    pub parameters: Dictionary,
}

/// Apple `DeclarativeManagement`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclarativeManagement {
    /// `tokens`, `declaration-items`, `declaration/…/…` or `status`.
    pub endpoint: String,
    /// JSON, with `status` only.
    pub data: Option<Vec<u8>>,
}

impl CheckIn {
    /// Reads a check-in, XML or binary.
    pub fn parse(body: &[u8]) -> Result<Self, WireError> {
        let message = property_list::read(body, Limits::CHECK_IN)?;
        Self::read(&message)
    }

    /// Reads a check-in from its dictionary.
    pub fn read(message: &Dictionary) -> Result<Self, WireError> {
        let ids = EnrolmentIds::read(message)?;
        Ok(Self {
            device: ids.device_key()?,
            channel: ids.channel()?,
            message: Message::read(message)?,
            ids,
        })
    }
}

impl Message {
    fn read(message: &Dictionary) -> Result<Self, WireError> {
        Ok(match fields::required_text(message, "MessageType")? {
            "Authenticate" => Self::Authenticate(Authenticate::read(message)?),
            "TokenUpdate" => Self::TokenUpdate(TokenUpdate::read(message)?),
            "CheckOut" => Self::CheckOut,
            "UserAuthenticate" => Self::UserAuthenticate(UserAuthenticate::read(message)?),
            "SetBootstrapToken" => Self::SetBootstrapToken(SetBootstrapToken::read(message)?),
            "GetBootstrapToken" => Self::GetBootstrapToken,
            "GetToken" => Self::GetToken(GetToken::read(message)?),
            "DeclarativeManagement" => {
                Self::DeclarativeManagement(DeclarativeManagement::read(message)?)
            }
            other => Self::Other(
                other
                    .chars()
                    .filter(|character| !character.is_control())
                    .take(64)
                    .collect(),
            ),
        })
    }

    /// Apple's `MessageType`.
    pub fn message_type(&self) -> &str {
        match self {
            Self::Authenticate(_) => "Authenticate",
            Self::TokenUpdate(_) => "TokenUpdate",
            Self::CheckOut => "CheckOut",
            Self::UserAuthenticate(_) => "UserAuthenticate",
            Self::SetBootstrapToken(_) => "SetBootstrapToken",
            Self::GetBootstrapToken => "GetBootstrapToken",
            Self::GetToken(_) => "GetToken",
            Self::DeclarativeManagement(_) => "DeclarativeManagement",
            Self::Other(name) => name,
        }
    }
}

impl Authenticate {
    fn read(message: &Dictionary) -> Result<Self, WireError> {
        let fact = |key| fields::fact(message, key);
        Ok(Self {
            topic: topic(message)?,
            facts: DeviceFacts {
                device_name: fact("DeviceName"),
                model: fact("ModelName").or_else(|| fact("Model")),
                product_name: fact("ProductName"),
                os_version: fact("OSVersion"),
                build_version: fact("BuildVersion"),
                serial_number: fact("SerialNumber"),
                imei: fact("IMEI"),
                meid: fact("MEID"),
                ..DeviceFacts::default()
            },
        })
    }

    /// Takes over what it tells of itself; what it does not tell stays. Answers whether anything is new.
    pub fn update_facts(&self, facts: &mut DeviceFacts) -> bool {
        report::take_over(facts, self.facts.clone())
    }
}

impl TokenUpdate {
    fn read(message: &Dictionary) -> Result<Self, WireError> {
        let token = fields::data(message, "Token")?.ok_or(WireError::Missing("Token"))?;
        if token.is_empty() || token.len() > TOKEN_LENGTH {
            return Err(WireError::BadIdentifier("Token"));
        }
        let push_magic = fields::required_text(message, "PushMagic")?;
        if push_magic.is_empty() || push_magic.len() > TEXT_LENGTH {
            return Err(WireError::BadIdentifier("PushMagic"));
        }
        Ok(Self {
            topic: topic(message)?,
            token,
            push_magic: push_magic.to_owned(),
            unlock_token: secret(message, "UnlockToken")?,
            awaiting_configuration: fields::boolean(message, "AwaitingConfiguration"),
            not_on_console: fields::boolean(message, "NotOnConsole"),
        })
    }
}

impl fmt::Debug for TokenUpdate {
    /// Without the token and the magic: with both one could wake the device.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenUpdate")
            .field("topic", &self.topic)
            .field("unlock_token", &self.unlock_token)
            .field("awaiting_configuration", &self.awaiting_configuration)
            .field("not_on_console", &self.not_on_console)
            .finish_non_exhaustive()
    }
}

impl UserAuthenticate {
    fn read(message: &Dictionary) -> Result<Self, WireError> {
        let digest_response = fields::bounded_text(message, "DigestResponse", 4 * TEXT_LENGTH)?;
        Ok(Self {
            digest_response: digest_response.filter(|response| !response.is_empty()),
        })
    }
}

impl fmt::Debug for UserAuthenticate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UserAuthenticate").finish_non_exhaustive()
    }
}

impl SetBootstrapToken {
    fn read(message: &Dictionary) -> Result<Self, WireError> {
        Ok(Self {
            token: secret(message, "BootstrapToken")?,
            awaiting_configuration: fields::boolean(message, "AwaitingConfiguration"),
        })
    }
}

impl GetToken {
    fn read(message: &Dictionary) -> Result<Self, WireError> {
        let parameters = message
            .get("TokenParameters")
            .and_then(plist::Value::as_dictionary);
        Ok(Self {
            service_type: fields::bounded_text(message, "TokenServiceType", TEXT_LENGTH)?
                .ok_or(WireError::Missing("TokenServiceType"))?,
            parameters: parameters.cloned().unwrap_or_default(),
        })
    }
}

impl DeclarativeManagement {
    fn read(message: &Dictionary) -> Result<Self, WireError> {
        Ok(Self {
            endpoint: fields::bounded_text(message, "Endpoint", TEXT_LENGTH)?
                .ok_or(WireError::Missing("Endpoint"))?,
            data: fields::data(message, "Data")?,
        })
    }
}

fn topic(message: &Dictionary) -> Result<String, WireError> {
    let topic = fields::required_text(message, "Topic")?;
    if topic.is_empty()
        || topic.len() > TEXT_LENGTH
        || !topic.bytes().all(|byte| byte.is_ascii_graphic())
    {
        return Err(WireError::BadIdentifier("Topic"));
    }
    Ok(topic.to_owned())
}

/// An empty secret is none.
fn secret(message: &Dictionary, key: &'static str) -> Result<Option<Secret>, WireError> {
    Ok(fields::data(message, key)?
        .filter(|bytes| !bytes.is_empty())
        .map(Secret::new))
}
