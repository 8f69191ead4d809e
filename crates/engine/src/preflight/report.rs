//! What a preflight tells.

use mandate_model::{ProfileId, Timestamp};
use mandate_pki::certificate::{Certificate, SubjectAltName};
use serde::Serialize;

use super::{PreflightFinding, PreflightStep, PreflightVerdict};
use crate::instance::hex;

/// What was found of a mail server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Preflight {
    /// The host that was looked at.
    pub host_name: String,
    /// The port.
    pub port: u16,
    /// The profile that it was held against, if one was named.
    pub profile: Option<PreflightProfile>,
    /// When.
    pub date_time: Timestamp,
    /// The worst of all findings.
    pub verdict: PreflightVerdict,
    /// All findings, in the order of the way.
    pub findings: Vec<PreflightFinding>,
    /// Certificates that the server showed, its own first.
    pub certificates: Vec<PreflightCertificate>,
    /// Versions of ActiveSync, the oldest first, as the server says them.
    pub protocol_versions: Vec<String>,
    /// Schemes for signing in, in lower case.
    pub authentication: Vec<String>,
    /// Whether the server asks for a certificate of the client.
    pub asks_client_certificate: bool,
}

/// A profile by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PreflightProfile {
    /// Its id.
    pub id: ProfileId,
    /// Its name.
    pub display_name: String,
}

/// A certificate of a server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PreflightCertificate {
    /// Subject as RFC 4514 text.
    pub subject: String,
    /// Issuer as RFC 4514 text.
    pub issuer: String,
    /// SHA-256 in lower-case hexadecimal.
    pub sha256: String,
    /// Host names and addresses that it is for.
    pub names: Vec<String>,
    /// Valid from.
    pub not_before_date_time: Timestamp,
    /// Valid until.
    pub not_after_date_time: Timestamp,
}

impl PreflightCertificate {
    pub(super) fn of(certificate: &Certificate) -> Self {
        Self {
            subject: certificate.subject(),
            issuer: certificate.issuer(),
            sha256: hex(&certificate.sha256()),
            names: names(certificate),
            not_before_date_time: Timestamp::from_unix_seconds(certificate.not_before()),
            not_after_date_time: Timestamp::from_unix_seconds(certificate.not_after()),
        }
    }
}

/// The host names and addresses that a certificate is for.
pub(crate) fn names(certificate: &Certificate) -> Vec<String> {
    let names = certificate.subject_alt_names().into_iter();
    names
        .filter_map(|name| match name {
            SubjectAltName::Dns(name) => Some(name),
            SubjectAltName::Ip(address) => Some(address.to_string()),
            SubjectAltName::Email(_) | SubjectAltName::Uri(_) | SubjectAltName::Upn(_) => None,
        })
        .collect()
}

impl Preflight {
    pub(super) fn add(&mut self, finding: PreflightFinding) {
        self.findings.push(finding);
    }

    /// Puts the findings in order, and says what the worst is.
    pub(super) fn conclude(&mut self) {
        self.findings.sort_by_key(|finding| finding.step);
        let verdicts = self.findings.iter().map(|finding| finding.verdict);
        self.verdict = verdicts.max().unwrap_or(PreflightVerdict::Passed);
    }

    /// The worst finding of a step; `None` if the way ended before.
    pub fn verdict_of(&self, step: PreflightStep) -> Option<PreflightVerdict> {
        let of_step = self.findings.iter().filter(|finding| finding.step == step);
        of_step.map(|finding| finding.verdict).max()
    }
}
