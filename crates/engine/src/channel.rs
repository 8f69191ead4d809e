//! What a channel does for the engine.

use mandate_model::{CompileInput, Compiled, Platform, Refusal};
use serde::Serialize;

/// Turns intent into what one platform takes.
pub trait Channel: Send + Sync + std::fmt::Debug {
    /// The platform it serves.
    fn platform(&self) -> Platform;

    /// What a device is to receive for a profile. Pure: the same input gives the same bytes.
    fn compile(&self, input: &CompileInput<'_>) -> Result<Compiled, Refusal>;

    /// What a document of this channel says, part by part, for people. Nothing if it cannot be read.
    fn explain(&self, document: &[u8]) -> Vec<PayloadView>;
}

/// One part of a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PayloadView {
    /// What kind of part, in the platform's words: `com.apple.eas.account`.
    pub payload_type: String,
    /// Its name.
    pub display_name: String,
    /// The mail account that it makes, if it makes one.
    pub account: Option<AccountView>,
    /// What it says, in the platform's words and order.
    pub keys: Vec<PayloadKey>,
}

/// A mail account as a device would have it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AccountView {
    /// Name of the account.
    pub name: String,
    /// Mail address.
    pub address: String,
    /// User name; may have a domain before it.
    pub user_name: String,
    /// Host of the server.
    pub host_name: String,
    /// Whether it speaks TLS.
    pub tls: bool,
    /// Whether people sign in by OAuth.
    pub oauth: bool,
    /// Whether a certificate signs in.
    pub certificate: bool,
}

/// One key of a part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PayloadKey {
    /// Its name; keys within keys are parted by a full stop.
    pub name: String,
    /// Its value as text; of octets, how many there are.
    pub value: String,
}
