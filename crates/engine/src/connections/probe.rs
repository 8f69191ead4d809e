//! One connection, tried step by step.

use std::net::SocketAddr;

use mandate_model::Timestamp;
use mandate_pki::certificate::Certificate;
use serde::{Deserialize, Serialize};

use super::Connection;
use crate::preflight::{Forbidden, TlsSight, permit};
use crate::{Anchors, Distrust, Engine, PreflightFinding, PreflightStep, PreflightVerdict, Touch};
use PreflightStep::{Connection as Connecting, Encryption, Name, Trust};
use PreflightVerdict::{Failed, Noted, Passed, Warned};

/// No more addresses of a host are tried.
const MOST_ADDRESSES: usize = 3;
/// An end within this many days deserves a word.
const SOON_DAYS: i64 = 30;

/// What became of one connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConnectionResult {
    /// Which connection.
    pub id: String,
    /// Host that was tried.
    pub host: String,
    /// Whether it can be used: of several ports one is enough.
    pub is_good: bool,
    /// Each port.
    pub ports: Vec<PortResult>,
}

/// What became of one port.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PortResult {
    /// Its number.
    pub port: u16,
    /// Whether it can be used.
    pub is_good: bool,
    /// Each step of the way that was gone.
    pub steps: Vec<StepResult>,
}

/// A step of the way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StepResult {
    /// `name`, `connection`, `encryption` or `trust`.
    pub step: String,
    /// `passed`, `noted`, `warned` or `failed`.
    pub verdict: String,
    /// What kind of finding, for programs and for the languages of pages.
    pub code: String,
    /// What was found, for people, without a full stop.
    pub message: String,
    /// What the message names.
    pub values: std::collections::BTreeMap<String, String>,
}

impl From<PreflightFinding> for StepResult {
    fn from(finding: PreflightFinding) -> Self {
        let word = |value: serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        let values = finding.values.into_iter();
        Self {
            step: word(serde_json::json!(finding.step)),
            verdict: word(serde_json::json!(finding.verdict)),
            code: finding.code.to_owned(),
            message: cut(finding.message),
            values: values
                .map(|(name, value)| (name.to_owned(), cut(value)))
                .collect(),
        }
    }
}

/// What others say is shown, but not at any length.
fn cut(text: String) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text,
    }
}

const LONGEST: usize = 300;

/// Tries all ports of a connection.
pub(super) async fn probe(engine: &Engine, connection: &Connection) -> ConnectionResult {
    let mut ports = Vec::new();
    for port in &connection.ports {
        let findings = probe_port(engine, connection, *port).await;
        ports.push(PortResult {
            port: *port,
            is_good: findings.iter().all(|finding| finding.verdict < Failed),
            steps: findings.into_iter().map(Into::into).collect(),
        });
    }
    ConnectionResult {
        id: connection.id.clone(),
        host: connection.host.clone(),
        is_good: ports.iter().any(|port| port.is_good),
        ports,
    }
}

async fn probe_port(engine: &Engine, connection: &Connection, port: u16) -> Vec<PreflightFinding> {
    let mut findings = Vec::new();
    let addresses = addresses(engine, connection, port, &mut findings).await;
    let mut silent = Vec::new();
    for address in addresses {
        let touch = Touch {
            address,
            host: connection.host.clone(),
            tls: connection.tls,
        };
        match engine.preflight_gateway().touch(touch).await {
            Ok(touched) => {
                let message = format!("{address} takes connections");
                findings.push(
                    finding(Connecting, Passed, "connected", message).with("address", address),
                );
                if connection.tls {
                    judge_tls(engine, connection, touched, &mut findings);
                }
                return findings;
            }
            Err(reason) => silent.push(format!("{address}: {reason}")),
        }
    }
    if !silent.is_empty() {
        let reason = silent.join("; ");
        let message = format!("nobody takes connections there: {reason}");
        findings.push(finding(Connecting, Failed, "notConnected", message).with("reason", reason));
    }
    findings
}

/// The addresses of the host that may be tried. This machine itself only where the configuration leads there.
async fn addresses(
    engine: &Engine,
    connection: &Connection,
    port: u16,
    findings: &mut Vec<PreflightFinding>,
) -> Vec<SocketAddr> {
    let host = &connection.host;
    let found = match engine.preflight_gateway().resolve(host, port).await {
        Ok(found) => found,
        Err(reason) => {
            let message = format!("the name `{host}` leads nowhere: {reason}");
            let finding = finding(Name, Failed, "nameUnknown", message);
            findings.push(finding.with("host", host).with("reason", reason));
            return Vec::new();
        }
    };
    let listed: Vec<String> = found.iter().map(|one| one.ip().to_string()).collect();
    let listed = listed.join(", ");
    let (mut allowed, mut forbidden) = (Vec::new(), None);
    for address in found {
        match permit(address.ip(), connection.is_configured) {
            Ok(()) => allowed.push(address),
            Err(why) => forbidden = Some(why),
        }
    }
    let finding = match forbidden.filter(|_| allowed.is_empty()) {
        Some(Forbidden::Loopback) => {
            let message = format!("`{host}` is {listed}, this machine itself as seen from here");
            finding(Name, Failed, "nameIsLoopback", message)
        }
        Some(Forbidden::NoHost) => {
            let message = format!("`{host}` is {listed}, which is no address of a server");
            finding(Name, Failed, "nameIsNoHost", message)
        }
        None if allowed.is_empty() => {
            let message = format!("the name `{host}` has no address");
            finding(Name, Failed, "nameEmpty", message)
        }
        None => finding(Name, Passed, "nameFound", format!("`{host}` is {listed}")),
    };
    findings.push(finding.with("host", host).with("addresses", listed));
    allowed.truncate(MOST_ADDRESSES);
    allowed
}

fn judge_tls(
    engine: &Engine,
    connection: &Connection,
    touched: Result<TlsSight, String>,
    findings: &mut Vec<PreflightFinding>,
) {
    let sight = match touched {
        Ok(sight) if !sight.chain.is_empty() => sight,
        Ok(_) => return findings.push(no_handshake("it showed no certificate")),
        Err(reason) => return findings.push(no_handshake(&reason)),
    };
    findings.push(match &sight.version {
        Some(version) => {
            let version = version.replace('_', ".").replace("TLSv", "TLS ");
            let message = format!("the server speaks {version}");
            finding(Encryption, Passed, "encrypted", message).with("version", version)
        }
        None if sight.asks_certificate => finding(
            Encryption,
            Noted,
            "handshakeNeedsCertificate",
            "the server breaks the handshake off without a certificate of the client",
        ),
        None => no_handshake("the handshake was broken off"),
    });
    let own = sight.chain.first();
    let own = own.and_then(|der| Certificate::from_der(der).ok());
    findings.push(trusted(engine, connection, &sight, own.as_ref()));
    if let Some(own) = own {
        let left = Timestamp::from_unix_seconds(own.not_after()).since(engine.now());
        if left > 0 && left < SOON_DAYS * Timestamp::DAY {
            let days = left / Timestamp::DAY + 1;
            let message = format!("the certificate ends within {days} days");
            findings
                .push(finding(Trust, Warned, "certificateEndsSoon", message).with("days", days));
        }
    }
}

fn trusted(
    engine: &Engine,
    connection: &Connection,
    sight: &TlsSight,
    own: Option<&Certificate>,
) -> PreflightFinding {
    let check = |anchors: Anchors<'_>| {
        let gateway = engine.preflight_gateway();
        gateway.trust(&sight.chain, &connection.host, anchors, engine.now())
    };
    let given = !connection.roots.is_empty();
    if given && check(Anchors::These(&connection.roots)).is_ok() {
        let message = "the certificate is trusted by the root that was given for it";
        return finding(Trust, Passed, "trustedByGivenRoot", message);
    }
    let mut why = match check(Anchors::Public) {
        Ok(()) => {
            let message = "the certificate is trusted by a public root";
            return finding(Trust, Passed, "trustedByPublicRoot", message);
        }
        Err(why) => why,
    };
    if connection.purpose == super::ConnectionPurpose::OwnName {
        let root = [engine.root().der().to_vec()];
        match check(Anchors::These(&root)) {
            Ok(()) => {
                let message = "the certificate is trusted by the root that devices get when they are enrolled";
                return finding(Trust, Passed, "trustedByEnrolment", message);
            }
            // Our own root may lead to it, and tells more than that no public one does.
            Err(other) if why == Distrust::UnknownIssuer => why = other,
            Err(_) => {}
        }
    }
    let host = &connection.host;
    match why {
        Distrust::Expired => finding(
            Trust,
            Failed,
            "certificateExpired",
            "a certificate of the server has ended",
        ),
        Distrust::NotYetValid => finding(
            Trust,
            Failed,
            "certificateNotYetValid",
            "a certificate of the server is not valid yet",
        ),
        Distrust::OtherName => {
            let names = own.map(crate::preflight::names_of).unwrap_or_default();
            let names = names.join(", ");
            let message = format!("the certificate is for {names} and not for `{host}`");
            finding(Trust, Failed, "certificateForOtherName", message)
                .with("names", names)
                .with("host", host)
        }
        Distrust::UnknownIssuer => {
            let issuer = own.map(Certificate::issuer).unwrap_or_default();
            let message = format!(
                "the issuer of the certificate, `{issuer}`, is not trusted from here; something between may be opening the \
                 connection"
            );
            finding(Trust, Failed, "issuerUnknownHere", message).with("issuer", issuer)
        }
        Distrust::Other(reason) => {
            let message = format!("the certificate cannot be trusted: {reason}");
            finding(Trust, Failed, "certificateUnfit", message).with("reason", reason)
        }
    }
}

fn no_handshake(reason: &str) -> PreflightFinding {
    let message = format!("no encrypted connection comes about: {reason}");
    finding(Encryption, Failed, "noHandshake", message).with("reason", reason)
}

fn finding(
    step: PreflightStep,
    verdict: PreflightVerdict,
    code: &'static str,
    message: impl Into<String>,
) -> PreflightFinding {
    PreflightFinding::new(step, verdict, code, message)
}
