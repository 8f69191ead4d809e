//! The way itself.

use std::net::SocketAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mandate_pki::sha256;
use zeroize::Zeroizing;

use super::judge_answer::{judge, judge_signed_in};
use super::judge_chain::Judge;
use super::places::{Forbidden, permit};
use super::report::Preflight;
use super::subject::Subject;
use super::{
    MailCredentials, MailLook, MailSight, MailSignIn, PreflightFinding, PreflightRequest,
    PreflightStep, PreflightVerdict, TlsSight, fit,
};
use crate::{Actor, Engine, EngineError};
use PreflightStep::{Connection, Encryption, Name};
use PreflightVerdict::{Failed, Noted, Passed, Warned};

/// No more addresses of a host are tried.
const MOST_ADDRESSES: usize = 3;

impl Engine {
    /// Looks at the mail server of a profile, or at one that is named, as a device would that has the profile. Changes
    /// nothing here and leaves nothing there, but that a sign-in may be noted.
    pub async fn preflight(
        &self,
        actor: &Actor,
        request: PreflightRequest,
    ) -> Result<Preflight, EngineError> {
        let subject = Subject::read(self, actor, request).await?;
        let mut report = Preflight {
            host_name: subject.host.clone(),
            port: subject.port,
            profile: subject.profile.clone(),
            date_time: self.now(),
            verdict: Passed,
            findings: Vec::new(),
            certificates: Vec::new(),
            protocol_versions: Vec::new(),
            authentication: Vec::new(),
            asks_client_certificate: false,
        };
        self.walk(&subject, &mut report).await;
        report.conclude();
        Ok(report)
    }

    /// Goes the way as far as it leads.
    async fn walk(&self, subject: &Subject, report: &mut Preflight) {
        let addresses = self.addresses_of(subject, report).await;
        let Some((address, sight)) = self.first_sight(subject, &addresses, report).await else {
            return;
        };
        let Some(shown) = self.judge_tls(subject, &sight, report) else {
            return;
        };
        let offer = judge(sight.tls.as_ref(), &sight.answer, report);
        if let Some(sign_in) = &subject.sign_in {
            self.sign_in_there(subject, address, (sign_in, shown), report)
                .await;
        }
        fit::judge(subject, &offer, report);
    }

    /// Signs in, if the server proved who it is.
    async fn sign_in_there(
        &self,
        subject: &Subject,
        address: SocketAddr,
        (sign_in, shown): (&MailSignIn, Shown),
        report: &mut Preflight,
    ) {
        let Some(certificate) = shown.trusted else {
            return report.add(PreflightFinding::new(
                PreflightStep::Authentication,
                Warned,
                "passwordNotSent",
                "the password was not sent, as the server does not prove who it is",
            ));
        };
        let look = MailLook {
            credentials: Some(credentials(sign_in, certificate)),
            ..plain_look(subject, address)
        };
        let seen = self.preflight_gateway().look(look).await;
        judge_signed_in(&seen.and_then(|sight| sight.answer), report);
    }

    /// The network addresses of the host that may be looked at.
    async fn addresses_of(&self, subject: &Subject, report: &mut Preflight) -> Vec<SocketAddr> {
        let host = &subject.host;
        let found = match self.preflight_gateway().resolve(host, subject.port).await {
            Ok(found) => found,
            Err(reason) => {
                let message = format!("the name `{host}` leads nowhere: {reason}");
                report.add(
                    PreflightFinding::new(Name, Failed, "nameUnknown", message)
                        .with("host", host)
                        .with("reason", reason),
                );
                return Vec::new();
            }
        };
        let listed: Vec<String> = found.iter().map(|one| one.ip().to_string()).collect();
        let listed = listed.join(", ");
        let (mut allowed, mut forbidden) = (Vec::new(), None);
        for address in found {
            match permit(address.ip(), subject.allow_loopback) {
                Ok(()) => allowed.push(address),
                Err(why) => forbidden = Some(why),
            }
        }
        let finding = match forbidden.filter(|_| allowed.is_empty()) {
            Some(Forbidden::Loopback) => {
                let message = format!(
                    "`{host}` is {listed}, this machine itself as seen from here, which is looked at only when that is asked for"
                );
                PreflightFinding::new(Name, Failed, "nameIsLoopback", message)
            }
            Some(Forbidden::NoHost) => {
                let message = format!(
                    "`{host}` is {listed}, which is no address of a mail server and is never looked at"
                );
                PreflightFinding::new(Name, Failed, "nameIsNoHost", message)
            }
            None if allowed.is_empty() => {
                let message = format!("the name `{host}` has no address");
                PreflightFinding::new(Name, Failed, "nameEmpty", message)
            }
            None => {
                let message = format!("`{host}` is {listed}");
                PreflightFinding::new(Name, Passed, "nameFound", message)
            }
        };
        report.add(finding.with("host", host).with("addresses", listed));
        allowed.truncate(MOST_ADDRESSES);
        allowed
    }

    /// The first address that takes a connection, and what was seen there.
    async fn first_sight(
        &self,
        subject: &Subject,
        addresses: &[SocketAddr],
        report: &mut Preflight,
    ) -> Option<(SocketAddr, MailSight)> {
        let mut silent: Vec<String> = Vec::new();
        for address in addresses {
            let look = plain_look(subject, *address);
            match self.preflight_gateway().look(look).await {
                Ok(sight) => {
                    let message = format!("{address} takes connections");
                    report.add(
                        PreflightFinding::new(Connection, Passed, "connected", message)
                            .with("address", address),
                    );
                    if !silent.is_empty() {
                        let others = silent.join("; ");
                        let message =
                            format!("devices may try in vain first, for minutes perhaps: {others}");
                        report.add(
                            PreflightFinding::new(Connection, Warned, "othersSilent", message)
                                .with("reason", others),
                        );
                    }
                    return Some((*address, sight));
                }
                Err(reason) => silent.push(format!("{address}: {reason}")),
            }
        }
        if !silent.is_empty() {
            let reason = silent.join("; ");
            let message = format!("nobody takes connections there: {reason}");
            report.add(
                PreflightFinding::new(Connection, Failed, "notConnected", message)
                    .with("reason", reason),
            );
        }
        None
    }

    /// Judges TLS; `None` if the way ends there.
    fn judge_tls(
        &self,
        subject: &Subject,
        sight: &MailSight,
        report: &mut Preflight,
    ) -> Option<Shown> {
        if !subject.tls {
            report.add(PreflightFinding::new(
                Encryption,
                Warned,
                "noEncryption",
                "the profile switches SSL off: passwords and mail travel readable",
            ));
            return Some(Shown { trusted: None });
        }
        let Some(tls) = sight.tls.as_ref().filter(|tls| !tls.chain.is_empty()) else {
            let reason = match &sight.answer {
                Err(reason) => reason.clone(),
                Ok(_) => "it showed no certificate".to_owned(),
            };
            let message = format!("no encrypted connection comes about: {reason}");
            report.add(
                PreflightFinding::new(Encryption, Failed, "noHandshake", message)
                    .with("reason", reason),
            );
            return None;
        };
        report.add(encryption(tls, &sight.answer));
        let judge = Judge {
            gateway: self.preflight_gateway(),
            subject,
            now: self.now(),
        };
        let is_trusted = judge.judge(&tls.chain, report);
        Some(Shown {
            trusted: is_trusted.then(|| sha256(&tls.chain[0])),
        })
    }
}

/// What a server proved.
struct Shown {
    /// SHA-256 of its certificate, if it is trusted.
    trusted: Option<[u8; 32]>,
}

fn encryption(tls: &TlsSight, answer: &Result<super::MailAnswer, String>) -> PreflightFinding {
    match (&tls.version, answer) {
        (Some(version), _) => {
            let version = version.replace('_', ".").replace("TLSv", "TLS ");
            let message = format!("the server speaks {version}");
            PreflightFinding::new(Encryption, Passed, "encrypted", message).with("version", version)
        }
        (None, Err(_)) if tls.asks_certificate => PreflightFinding::new(
            Encryption,
            Noted,
            "handshakeNeedsCertificate",
            "the server breaks the handshake off without a certificate of the client",
        ),
        (None, answer) => {
            let reason = answer.as_ref().err().cloned().unwrap_or_default();
            let message = format!("no encrypted connection comes about: {reason}");
            PreflightFinding::new(Encryption, Failed, "noHandshake", message).with("reason", reason)
        }
    }
}

fn plain_look(subject: &Subject, address: SocketAddr) -> MailLook {
    MailLook {
        address,
        host: subject.host.clone(),
        tls: subject.tls,
        credentials: None,
    }
}

/// RFC 7617 §2.
fn credentials(sign_in: &MailSignIn, certificate: [u8; 32]) -> MailCredentials {
    let MailSignIn {
        user_name,
        password,
    } = sign_in;
    let pair = Zeroizing::new(format!("{user_name}:{}", password.as_str()));
    let encoded = Zeroizing::new(STANDARD.encode(pair.as_bytes()));
    MailCredentials {
        authorization: Zeroizing::new(format!("Basic {}", encoded.as_str())),
        certificate,
    }
}
