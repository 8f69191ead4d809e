//! `com.apple.eas.account` (Apple's device-management schema, iOS 4 to 26).

use super::fields::{Field, Kind, check_types, optional_text, switch, text, unsupported_value};
use super::{ErrorChain, Payload, SmimeSwitches};
use plist::{Dictionary, Value};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Keys that refer to an identity of the same profile for S/MIME.
pub const SMIME_REFERENCES: [&str; 2] = [
    "SMIMESigningCertificateUUID",
    "SMIMEEncryptionCertificateUUID",
];

const AUTHENTICATION_REFERENCE: &str = "PayloadCertificateUUID";
const SERVICES: [&str; 5] = [
    "EnableMail",
    "EnableContacts",
    "EnableCalendars",
    "EnableReminders",
    "EnableNotes",
];
const LEGAL_DAYS: [i64; 6] = [0, 1, 3, 7, 14, 31];
const SERVICES_INTRODUCED: (u32, u32) = (13, 0);
const OAUTH_INTRODUCED: (u32, u32) = (12, 0);

const FIELDS: &[Field] = &[
    ("EmailAddress", Kind::Text, (4, 0)),
    ("Host", Kind::Text, (4, 0)),
    ("SSL", Kind::Switch, (4, 0)),
    ("UserName", Kind::Text, (4, 0)),
    ("Password", Kind::Text, (4, 0)),
    ("Certificate", Kind::Bytes, (7, 0)),
    ("CertificateName", Kind::Text, (7, 0)),
    ("CertificatePassword", Kind::Text, (4, 0)),
    ("PreventMove", Kind::Switch, (5, 0)),
    ("PreventAppSheet", Kind::Switch, (5, 0)),
    (AUTHENTICATION_REFERENCE, Kind::Text, (4, 0)),
    ("SMIMEEnabled", Kind::Switch, (5, 0)),
    ("SMIMESigningEnabled", Kind::Switch, (10, 3)),
    ("SMIMESigningCertificateUUID", Kind::Text, (5, 0)),
    ("SMIMEEncryptionEnabled", Kind::Switch, (10, 3)),
    ("SMIMEEncryptionCertificateUUID", Kind::Text, (5, 0)),
    ("SMIMEEnablePerMessageSwitch", Kind::Switch, (8, 0)),
    ("disableMailRecentsSyncing", Kind::Switch, (4, 0)),
    ("MailNumberOfPastDaysToSync", Kind::Number, (4, 0)),
    ("HeaderMagic", Kind::Text, (4, 0)),
    ("CommunicationServiceRules", Kind::Dictionary, (10, 0)),
    ("allowMailDrop", Kind::Switch, (9, 2)),
    ("OAuth", Kind::Switch, OAUTH_INTRODUCED),
    ("SMIMESigningUserOverrideable", Kind::Switch, (12, 0)),
    (
        "SMIMESigningCertificateUUIDUserOverrideable",
        Kind::Switch,
        (12, 0),
    ),
    ("SMIMEEncryptByDefault", Kind::Switch, (12, 0)),
    (
        "SMIMEEncryptByDefaultUserOverrideable",
        Kind::Switch,
        (12, 0),
    ),
    (
        "SMIMEEncryptionCertificateUUIDUserOverrideable",
        Kind::Switch,
        (12, 0),
    ),
    (
        "SMIMEEnableEncryptionPerMessageSwitch",
        Kind::Switch,
        (12, 0),
    ),
    ("EnableMail", Kind::Switch, SERVICES_INTRODUCED),
    ("EnableContacts", Kind::Switch, SERVICES_INTRODUCED),
    ("EnableCalendars", Kind::Switch, SERVICES_INTRODUCED),
    ("EnableReminders", Kind::Switch, SERVICES_INTRODUCED),
    ("EnableNotes", Kind::Switch, SERVICES_INTRODUCED),
    (
        "EnableMailUserOverridable",
        Kind::Switch,
        SERVICES_INTRODUCED,
    ),
    (
        "EnableContactsUserOverridable",
        Kind::Switch,
        SERVICES_INTRODUCED,
    ),
    (
        "EnableCalendarsUserOverridable",
        Kind::Switch,
        SERVICES_INTRODUCED,
    ),
    (
        "EnableRemindersUserOverridable",
        Kind::Switch,
        SERVICES_INTRODUCED,
    ),
    (
        "EnableNotesUserOverridable",
        Kind::Switch,
        SERVICES_INTRODUCED,
    ),
    ("OAuthSignInURL", Kind::Text, (13, 0)),
    ("OAuthTokenRequestURL", Kind::Text, (13, 0)),
    ("OverridePreviousPassword", Kind::Switch, (14, 0)),
    ("VPNUUID", Kind::Text, (14, 0)),
];

/// What the device takes from the payload.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MailSettings {
    /// `Host`, lower-case; empty when the service is found by sign-in.
    pub host: String,
    /// `EmailAddress`.
    pub address: String,
    /// `UserName`.
    pub user_name: String,
    /// `PayloadUUID` of the identity used to sign in.
    pub identity: Option<String>,
    /// `PayloadUUID` of the identity that signs mail.
    #[serde(default)]
    pub signing: Option<String>,
    /// `PayloadUUID` of the identity that mail is encrypted to.
    #[serde(default)]
    pub encryption: Option<String>,
    /// `SSL`; off unless the payload says otherwise.
    #[serde(default)]
    pub tls: bool,
    /// Signing and encryption of mail.
    #[serde(default)]
    pub smime: SmimeSwitches,
    /// Whether the user will be asked for a password.
    pub asks_password: bool,
    /// Every key that this release reads, as JSON (data as base64 is left out).
    pub keys: BTreeMap<String, serde_json::Value>,
}

impl MailSettings {
    /// Takes over the keys that the release knows.
    pub fn read(content: &Dictionary, os: (u32, u32)) -> Self {
        let known = known_keys(content, os);
        let reference = |key: &str| known.get(key).and_then(Value::as_string).map(str::to_owned);
        let identity = reference(AUTHENTICATION_REFERENCE);
        let modern_sign_in = switch(&known, "OAuth", false);
        let asks_password =
            identity.is_none() && !modern_sign_in && !known.contains_key("Password");
        let keys = known
            .iter()
            .filter_map(|(key, value)| Some((key.clone(), to_json(value)?)))
            .filter(|(key, _)| key != "Password" && key != "CertificatePassword")
            .collect();
        Self {
            host: optional_text(&known, "Host").to_lowercase(),
            address: optional_text(&known, "EmailAddress"),
            user_name: optional_text(&known, "UserName"),
            identity,
            signing: reference(SMIME_REFERENCES[0]),
            encryption: reference(SMIME_REFERENCES[1]),
            tls: switch(&known, "SSL", false),
            smime: SmimeSwitches::read(&known),
            asks_password,
            keys,
        }
    }

    /// Whether both are the same mailbox to iOS.
    pub fn is_mailbox(&self, host: &str, address: &str) -> bool {
        self.host.eq_ignore_ascii_case(host) && self.address.eq_ignore_ascii_case(address)
    }
}

/// Refuses what iOS refuses when the payload comes by MDM, where nobody can be asked.
pub(super) fn validate(
    content: &Dictionary,
    siblings: &[Payload],
    os: (u32, u32),
) -> Result<(), ErrorChain> {
    check_types(content, FIELDS, os)?;
    let known = known_keys(content, os);
    text(&known, "UserName")?;

    let modern_sign_in = switch(&known, "OAuth", false);
    let host_needed = !modern_sign_in || known.contains_key("OAuthSignInURL");
    if host_needed && optional_text(&known, "Host").trim().is_empty() {
        return Err(eas(21003, "No host is specified for the Exchange account."));
    }
    if os >= SERVICES_INTRODUCED && !SERVICES.iter().any(|service| switch(&known, service, true)) {
        return Err(eas(
            21009,
            "The Exchange account does not enable any service.",
        ));
    }
    if let Some(days) = known
        .get("MailNumberOfPastDaysToSync")
        .and_then(Value::as_signed_integer)
        && !LEGAL_DAYS.contains(&days)
    {
        return Err(unsupported_value("MailNumberOfPastDaysToSync"));
    }
    for key in [
        AUTHENTICATION_REFERENCE,
        SMIME_REFERENCES[0],
        SMIME_REFERENCES[1],
    ] {
        if let Some(uuid) = known.get(key).and_then(Value::as_string) {
            check_reference(key, uuid, siblings)?;
        }
    }
    Ok(())
}

/// A reference has to meet an identity in the same profile.
fn check_reference(key: &str, uuid: &str, siblings: &[Payload]) -> Result<(), ErrorChain> {
    match siblings
        .iter()
        .find(|payload| payload.uuid.eq_ignore_ascii_case(uuid))
    {
        Some(payload) if payload.is_identity() => Ok(()),
        Some(_) => Err(ErrorChain::single(
            "MCCertificateErrorDomain",
            9006,
            format!("“{key}” does not name an identity."),
        )),
        None => Err(ErrorChain::single(
            "MCEmailErrorDomain",
            7003,
            format!("The certificate of “{key}” could not be found."),
        )),
    }
}

fn known_keys(content: &Dictionary, os: (u32, u32)) -> Dictionary {
    FIELDS
        .iter()
        .filter(|(_, _, introduced)| os >= *introduced)
        .filter_map(|(key, _, _)| Some(((*key).to_owned(), content.get(key)?.clone())))
        .collect()
}

fn to_json(value: &Value) -> Option<serde_json::Value> {
    match value {
        Value::String(text) => Some(text.as_str().into()),
        Value::Boolean(switch) => Some((*switch).into()),
        Value::Integer(number) => number.as_signed().map(Into::into),
        Value::Dictionary(inner) => Some(
            inner
                .iter()
                .filter_map(|(key, value)| Some((key.clone(), to_json(value)?)))
                .collect(),
        ),
        _ => None,
    }
}

fn eas(code: i64, description: &str) -> ErrorChain {
    ErrorChain::single("MCEASErrorDomain", code, description)
}
