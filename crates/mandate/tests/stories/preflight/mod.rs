//! Preflight: real servers on loopback, looked at over real TLS.

mod hostile;
mod sign_in;
mod trust;
mod who_may;

use std::sync::Arc;

use mandate_engine::{Preflight, PreflightRequest, PreflightStep, PreflightVerdict};
use mandate_model::{Profile, ProfileId};
use mandate_simulator::certificates::{Certificate, Issuer};
use mandate_simulator::mail_server::{MailServer, MailServerPlan, Open, server_identity};
use serde_json::{Value, json};

use crate::house::{House, mail_settings};

const HOST: &str = "mail.contoso.com";
const DAY: i64 = 86_400;

impl House {
    /// A mail server on this machine under an authority, valid for so many days around now.
    fn mail_server(&self, authority: &Issuer, host: &str, days: (i64, i64)) -> MailServerPlan {
        let now = self.clock.unix_seconds();
        let validity = (now + days.0 * DAY, now + days.1 * DAY);
        let identity = server_identity(authority, self.key(35), host, validity).unwrap();
        let own = self.engine.authority();
        let root = Certificate::from_der(own.root().der()).unwrap();
        let mut plan = MailServerPlan::new(HOST, identity, root);
        plan.intermediates = vec![Certificate::from_der(own.issuing().der()).unwrap()];
        plan.open = Some(Open::with_passwords(&[("CONTOSO\\ada", "sesame")]));
        plan
    }

    /// Starts it, and lets the name of the host lead to it.
    async fn start_mail_server(&self, plan: MailServerPlan) -> MailServer {
        let server = MailServer::start(&self.http, plan).await.unwrap();
        self.mail_servers.name(HOST, &[server.address()]);
        server
    }

    /// A trusted root profile with the certificate of an authority.
    async fn root_of(&self, name: &str, authority: &Issuer) -> Profile {
        let der = authority.certificate.as_ref().unwrap().der();
        let text = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, der);
        let body = json!({ "trustedRootCertificate": text, "certFileName": "root.cer" });
        self.profile("iosTrustedRootCertificate", name, body, &[])
            .await
    }

    /// A mail profile with settings of its own beside the usual.
    async fn mail_with(&self, settings: Value) -> Profile {
        let mut all = mail_settings();
        for (name, value) in settings.as_object().unwrap() {
            all[name] = value.clone();
        }
        self.profile("iosEasEmailProfileConfiguration", "Mail", all, &[])
            .await
    }

    /// Looks as an administrator who says that loopback is meant.
    async fn look(&self, request: PreflightRequest) -> Preflight {
        let request = PreflightRequest {
            allow_loopback: true,
            ..request
        };
        self.engine.preflight(&self.admin, request).await.unwrap()
    }

    /// The same at the server of a profile.
    async fn look_for(&self, profile: ProfileId) -> Preflight {
        self.look(of(profile)).await
    }
}

/// A request about a profile.
fn of(profile: ProfileId) -> PreflightRequest {
    PreflightRequest {
        profile: Some(profile),
        ..PreflightRequest::default()
    }
}

/// Codes of the findings of a step.
fn codes(report: &Preflight, step: PreflightStep) -> Vec<&'static str> {
    let findings = report.findings.iter();
    findings
        .filter(|finding| finding.step == step)
        .map(|finding| finding.code)
        .collect()
}

/// The verdict of the finding of a code.
#[track_caller]
fn verdict(report: &Preflight, code: &str) -> PreflightVerdict {
    let mut findings = report.findings.iter();
    let found = findings.find(|finding| finding.code == code);
    found
        .unwrap_or_else(|| panic!("no `{code}` in {:#?}", report.findings))
        .verdict
}

/// The value that a finding names.
#[track_caller]
fn value<'a>(report: &'a Preflight, code: &str, name: &str) -> &'a str {
    let mut findings = report.findings.iter();
    let found = findings.find(|finding| finding.code == code);
    let found = found.unwrap_or_else(|| panic!("no `{code}` in {:#?}", report.findings));
    &found.values[name]
}

/// Something that listens on loopback and does as it is told with each connection.
async fn listen<F, W>(serve: F) -> std::net::SocketAddr
where
    F: Fn(tokio::net::TcpStream) -> W + Send + Sync + 'static,
    W: Future<Output = ()> + Send + 'static,
{
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let serve = Arc::new(serve);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream));
        }
    });
    address
}
