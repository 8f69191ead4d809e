//! Whether devices will trust the certificate of a server.

use mandate_model::Timestamp;
use mandate_pki::certificate::Certificate;
use mandate_pki::oid;

use super::findings::quoted;
use super::report::{Preflight, PreflightCertificate, names};
use super::roots::Root;
use super::subject::Subject;
use super::{
    Anchors, Distrust, PreflightFinding, PreflightGateway, PreflightStep, PreflightVerdict,
};
use PreflightVerdict::{Failed, Passed, Warned};

/// What a chain is judged by.
pub(super) struct Judge<'a> {
    pub(super) gateway: &'a dyn PreflightGateway,
    pub(super) subject: &'a Subject,
    pub(super) now: Timestamp,
}

/// An end within this many days deserves a word.
const SOON_DAYS: i64 = 30;
/// Apple's devices refuse certificates of servers that are valid for longer, whoever issued them, if they were issued since
/// July 2019 (Apple, "Requirements for trusted certificates in iOS 13 and macOS 10.15").
const LONGEST_DAYS: i64 = 825;
/// The same source.
const LONGEST_SINCE: Timestamp = Timestamp::from_unix_seconds(1_561_939_200);
/// The same source.
const SHORTEST_RSA: usize = 2048;

impl Judge<'_> {
    /// Judges the chain. True if the account may be signed in to over it.
    pub(super) fn judge(&self, chain: &[Vec<u8>], report: &mut Preflight) -> bool {
        let certificates: Vec<Certificate> = chain
            .iter()
            .filter_map(|der| Certificate::from_der(der).ok())
            .collect();
        report.certificates = certificates.iter().map(PreflightCertificate::of).collect();
        let finding = self.trusted(chain, certificates.first());
        let is_trusted = finding.verdict < Failed;
        report.add(finding);
        if let Some(own) = certificates.first() {
            for finding in self.requirements(own) {
                report.add(finding);
            }
        }
        is_trusted
    }

    fn trusted(&self, chain: &[Vec<u8>], own: Option<&Certificate>) -> PreflightFinding {
        let roots = &self.subject.roots;
        let led = self.leading(chain, &roots.brought);
        if !led.is_empty() {
            let message = format!(
                "the certificate is trusted by the root in {}, which goes along with the profile",
                quoted(led.iter().copied())
            );
            return finding(Passed, "trustedByProfile", message).with("profiles", led.join(", "));
        }
        let public = self.check(chain, Anchors::Public);
        let Err(mut why) = public else {
            let message = "the certificate is trusted by a public root";
            return finding(Passed, "trustedByPublicRoot", message);
        };
        let enrolled = [roots.of_enrolment.clone()];
        if self.check(chain, Anchors::These(&enrolled)).is_ok() {
            let message =
                "the certificate is trusted by the root that devices get when they are enrolled";
            return finding(Passed, "trustedByEnrolment", message);
        }
        let led = self.leading(chain, &roots.along);
        if !led.is_empty() {
            let message = format!(
                "the certificate is trusted by the root in {}, which is assigned to the same people",
                quoted(led.iter().copied())
            );
            return finding(Passed, "trustedByAssignment", message)
                .with("profiles", led.join(", "));
        }
        let led = self.leading(chain, &roots.elsewhere);
        if !led.is_empty() {
            let message = format!(
                "devices would trust the certificate by the root in {}, but that profile is not assigned to whom this one is \
                 assigned to",
                quoted(led.iter().copied())
            );
            return finding(Failed, "rootNotAssigned", message).with("profiles", led.join(", "));
        }
        // One of our own roots may lead to it, and tells more than that no public one does.
        if why == Distrust::UnknownIssuer {
            let all = roots
                .brought
                .iter()
                .chain(&roots.along)
                .chain(&roots.elsewhere);
            let all: Vec<Vec<u8>> = all.map(|root| root.der.clone()).collect();
            if let Err(other) = self.check(chain, Anchors::These(&all)) {
                why = other;
            }
        }
        self.distrusted(why, own)
    }

    /// Names of the roots that the chain leads to.
    fn leading<'r>(&self, chain: &[Vec<u8>], roots: &'r [Root]) -> Vec<&'r str> {
        let leads = |root: &&Root| {
            let anchors = [root.der.clone()];
            self.check(chain, Anchors::These(&anchors)).is_ok()
        };
        let leading = roots.iter().filter(leads);
        leading.map(|root| root.name.as_str()).collect()
    }

    fn check(&self, chain: &[Vec<u8>], anchors: Anchors<'_>) -> Result<(), Distrust> {
        self.gateway
            .trust(chain, &self.subject.host, anchors, self.now)
    }

    fn distrusted(&self, why: Distrust, own: Option<&Certificate>) -> PreflightFinding {
        let host = &self.subject.host;
        match why {
            Distrust::Expired => finding(
                Failed,
                "certificateExpired",
                "a certificate of the server has ended",
            ),
            Distrust::NotYetValid => finding(
                Failed,
                "certificateNotYetValid",
                "a certificate of the server is not valid yet",
            ),
            Distrust::OtherName => {
                let names = own.map(names).unwrap_or_default().join(", ");
                let message = if names.is_empty() {
                    format!("the certificate names no host at all, so not `{host}` either")
                } else {
                    format!("the certificate is for {names} and not for `{host}`")
                };
                finding(Failed, "certificateForOtherName", message)
                    .with("names", names)
                    .with("host", host)
            }
            Distrust::UnknownIssuer => {
                let issuer = own.map(Certificate::issuer).unwrap_or_default();
                let message = format!(
                    "devices do not know the issuer of the certificate, `{issuer}`; deliver its root with a trusted certificate \
                     profile, or let the server send the certificates between"
                );
                finding(Failed, "issuerUnknown", message).with("issuer", issuer)
            }
            Distrust::Other(reason) => {
                let message = format!("the certificate cannot be trusted: {reason}");
                finding(Failed, "certificateUnfit", message).with("reason", reason)
            }
        }
    }

    /// What Apple's devices demand of certificates of servers beside a chain.
    fn requirements(&self, own: &Certificate) -> Vec<PreflightFinding> {
        let mut findings = Vec::new();
        let (begin, end) = (
            Timestamp::from_unix_seconds(own.not_before()),
            Timestamp::from_unix_seconds(own.not_after()),
        );
        let days = end.since(begin) / Timestamp::DAY;
        if days > LONGEST_DAYS && begin >= LONGEST_SINCE {
            let message = format!(
                "the certificate is valid for {days} days; devices refuse those of servers that are valid for more than \
                 {LONGEST_DAYS}"
            );
            findings.push(finding(Failed, "validForTooLong", message).with("days", days));
        }
        if let Ok(key) = own.public_key()
            && key.is_rsa()
            && key.bits() < SHORTEST_RSA
        {
            let bits = key.bits();
            let message =
                format!("the key has {bits} bits; devices refuse RSA keys below {SHORTEST_RSA}");
            findings.push(finding(Failed, "keyTooShort", message).with("bits", bits));
        }
        let usages = own.extended_key_usages();
        if !usages.contains(&oid::SERVER_AUTH) {
            let message = "the certificate does not say that it is for servers (`serverAuth`)";
            findings.push(finding(Failed, "notForServers", message));
        }
        let left = end.since(self.now);
        if left > 0 && left < SOON_DAYS * Timestamp::DAY {
            let days = left / Timestamp::DAY;
            let message = format!("the certificate ends within {} days", days + 1);
            findings.push(finding(Warned, "certificateEndsSoon", message).with("days", days + 1));
        }
        findings
    }
}

fn finding(
    verdict: PreflightVerdict,
    code: &'static str,
    message: impl Into<String>,
) -> PreflightFinding {
    PreflightFinding::new(PreflightStep::Trust, verdict, code, message)
}
