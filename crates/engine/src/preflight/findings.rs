//! What was found, step by step.

use std::collections::BTreeMap;

use serde::Serialize;

/// A step of the way to a mailbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum PreflightStep {
    /// The name is resolved.
    Name,
    /// The server takes connections.
    Connection,
    /// TLS.
    Encryption,
    /// The server proves that it has the name.
    Trust,
    /// It speaks ActiveSync, in which versions.
    ActiveSync,
    /// How people sign in.
    Authentication,
    /// Whether what the profile says suits all this.
    Profile,
}

impl PreflightStep {
    /// All, in order.
    pub const ALL: [Self; 7] = [
        Self::Name,
        Self::Connection,
        Self::Encryption,
        Self::Trust,
        Self::ActiveSync,
        Self::Authentication,
        Self::Profile,
    ];
}

/// What a finding means for the account; the worst is the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum PreflightVerdict {
    /// Good.
    Passed,
    /// Good to know.
    Noted,
    /// May give trouble.
    Warned,
    /// The account will not work.
    Failed,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PreflightFinding {
    /// Where on the way.
    pub step: PreflightStep,
    /// What it means.
    pub verdict: PreflightVerdict,
    /// What kind of finding, for programs and for the languages of pages.
    pub code: &'static str,
    /// What it is, for people, without a full stop.
    pub message: String,
    /// What the message names.
    pub values: BTreeMap<&'static str, String>,
}

impl PreflightFinding {
    /// All codes, for those who have texts for them.
    pub const CODES: [&'static str; 60] = [
        "nameFound",
        "nameUnknown",
        "nameEmpty",
        "nameIsLoopback",
        "nameIsNoHost",
        "connected",
        "othersSilent",
        "notConnected",
        "encrypted",
        "noEncryption",
        "noHandshake",
        "handshakeNeedsCertificate",
        "trustedByProfile",
        "trustedByPublicRoot",
        "trustedByEnrolment",
        "trustedByAssignment",
        "trustedByGivenRoot",
        "rootNotAssigned",
        "issuerUnknown",
        "issuerUnknownHere",
        "certificateExpired",
        "certificateNotYetValid",
        "certificateForOtherName",
        "certificateUnfit",
        "validForTooLong",
        "keyTooShort",
        "notForServers",
        "certificateEndsSoon",
        "versions",
        "versionsOld",
        "versionsHidden",
        "certificateDemanded",
        "noAnswer",
        "forbidden",
        "sentElsewhere",
        "mailboxElsewhere",
        "serverTrouble",
        "noActiveSync",
        "offered",
        "nothingOffered",
        "certificateAsked",
        "signedIn",
        "signInRefused",
        "notLetIn",
        "noAnswerToSignIn",
        "passwordNotSent",
        "oauthFits",
        "oauthNotOffered",
        "oauthUnknown",
        "oauthFindsHost",
        "oauthConsent",
        "oauthPossible",
        "passwordFits",
        "passwordNotOffered",
        "onlyOAuth",
        "noMultiFactorAuthentication",
        "certificateFits",
        "certificateNotAsked",
        "certificateUnknown",
        "certificateMissing",
    ];

    pub(crate) fn new(
        step: PreflightStep,
        verdict: PreflightVerdict,
        code: &'static str,
        message: impl Into<String>,
    ) -> Self {
        debug_assert!(Self::CODES.contains(&code), "`{code}` is not listed");
        Self {
            step,
            verdict,
            code,
            message: message.into(),
            values: BTreeMap::new(),
        }
    }

    #[must_use]
    pub(crate) fn with(mut self, name: &'static str, value: impl std::fmt::Display) -> Self {
        self.values.insert(name, value.to_string());
        self
    }
}

/// Names in backticks, parted by commas.
pub(super) fn quoted<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let names: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}
