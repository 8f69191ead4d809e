//! What was pushed and what is answered.

use serde::{Deserialize, Serialize};

/// One request as it came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Push {
    /// Token, lower-case hex.
    pub token: String,
    /// `apns-topic`.
    pub topic: Option<String>,
    /// `apns-push-type`.
    pub push_type: Option<String>,
    /// `apns-priority`.
    pub priority: Option<String>,
    /// `apns-expiration`, seconds since 1970.
    pub expiration: Option<String>,
    /// `mdm` of the body.
    pub magic: Option<String>,
    /// Topic of the client certificate, when there was one.
    pub certificate_topic: Option<String>,
    /// HTTP status of the answer.
    pub status: u16,
    /// `reason` of the answer; empty with 200.
    pub reason: String,
}

/// Answers of Apple's push service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum PushAnswer {
    /// 200.
    #[default]
    Accepted,
    /// 400 `BadDeviceToken`.
    BadDeviceToken,
    /// 400 `DeviceTokenNotForTopic`.
    DeviceTokenNotForTopic,
    /// 403 `BadCertificate`.
    BadCertificate,
    /// 410 `Unregistered`, with the time since when in milliseconds since 1970.
    Unregistered(i64),
    /// 429 `TooManyRequests`.
    TooManyRequests,
    /// 500 `InternalServerError`.
    InternalServerError,
    /// 503 `ServiceUnavailable`.
    ServiceUnavailable,
}

impl PushAnswer {
    /// Status and reason.
    pub fn parts(self) -> (u16, &'static str) {
        match self {
            Self::Accepted => (200, ""),
            Self::BadDeviceToken => (400, "BadDeviceToken"),
            Self::DeviceTokenNotForTopic => (400, "DeviceTokenNotForTopic"),
            Self::BadCertificate => (403, "BadCertificate"),
            Self::Unregistered(_) => (410, "Unregistered"),
            Self::TooManyRequests => (429, "TooManyRequests"),
            Self::InternalServerError => (500, "InternalServerError"),
            Self::ServiceUnavailable => (503, "ServiceUnavailable"),
        }
    }
}
