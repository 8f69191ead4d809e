//! Whether what a profile says suits what a server offers.

use super::judge_answer::Offer;
use super::report::Preflight;
use super::subject::{Method, Subject};
use super::{PreflightFinding, PreflightStep, PreflightVerdict};
use PreflightVerdict::{Failed, Noted, Passed, Warned};

/// Adds what is to be said of the profile.
pub(super) fn judge(subject: &Subject, offer: &Offer, report: &mut Preflight) {
    match subject.method {
        Method::OAuth => oauth(offer, report),
        Method::Password => password(offer, report),
        Method::Certificate => certificate(offer, report),
    }
}

fn oauth(offer: &Offer, report: &mut Preflight) {
    let offers = |scheme: &str| offer.schemes.iter().any(|one| one == scheme);
    if offers("bearer") {
        report.add(finding(
            Passed,
            "oauthFits",
            "the profile signs in by OAuth, and the server takes that",
        ));
    } else if offer.is_known {
        report.add(finding(
            Warned,
            "oauthNotOffered",
            "the profile signs in by OAuth, but the server does not offer `Bearer`: `Re-enter password` on the device may do nothing; \
             switch on hybrid modern authentication at the server, or OAuth off in the profile",
        ));
    } else {
        report.add(finding(
            Noted,
            "oauthUnknown",
            "the profile signs in by OAuth, and the server did not tell whether it takes that",
        ));
    }
    report.add(finding(
        Noted,
        "oauthFindsHost",
        "with OAuth devices find the server by autodiscovery of the address, whatever host the profile names",
    ));
    report.add(finding(
        Noted,
        "oauthConsent",
        "where people may not consent to apps themselves, an administrator of the identity provider has to allow `iOS Accounts` first",
    ));
    demanded(offer, report);
}

fn password(offer: &Offer, report: &mut Preflight) {
    let offers = |scheme: &str| offer.schemes.iter().any(|one| one == scheme);
    if offers("basic") {
        report.add(finding(
            Passed,
            "passwordFits",
            "the profile signs in with user name and password, and the server takes them",
        ));
        report.add(finding(
            Noted,
            "noMultiFactorAuthentication",
            "user name and password cannot be joined with multi-factor authentication; OAuth can",
        ));
        if offers("bearer") {
            report.add(finding(
                Noted,
                "oauthPossible",
                "the server takes OAuth as well, which the profile could use",
            ));
        }
    } else if offers("bearer") {
        report.add(finding(
            Failed,
            "onlyOAuth",
            "the profile signs in with user name and password, but the server takes OAuth only; switch OAuth on in the profile",
        ));
    } else if offer.is_known {
        report.add(finding(
            Failed,
            "passwordNotOffered",
            "the profile signs in with user name and password, but the server does not offer `Basic`",
        ));
    }
    demanded(offer, report);
}

fn certificate(offer: &Offer, report: &mut Preflight) {
    let offers = |scheme: &str| offer.schemes.iter().any(|one| one == scheme);
    if offer.asks_certificate {
        report.add(finding(
            Passed,
            "certificateFits",
            "the profile signs in with a certificate, and the server asks for one",
        ));
    } else if offers("basic") || offers("bearer") {
        report.add(finding(
            Warned,
            "certificateNotAsked",
            "the profile signs in with a certificate, but the server asks strangers for a password; it may ask for the certificate \
             later, for the path of ActiveSync alone, which cannot be seen from here",
        ));
    } else {
        report.add(finding(
            Noted,
            "certificateUnknown",
            "the profile signs in with a certificate, and the server did not ask for one at once; it may later, for the path of \
             ActiveSync alone, which cannot be seen from here",
        ));
    }
}

fn demanded(offer: &Offer, report: &mut Preflight) {
    if offer.demands_certificate {
        report.add(finding(
            Failed,
            "certificateMissing",
            "the server lets in nobody without a certificate, and the profile does not bring one to sign in with",
        ));
    }
}

fn finding(
    verdict: PreflightVerdict,
    code: &'static str,
    message: impl Into<String>,
) -> PreflightFinding {
    PreflightFinding::new(PreflightStep::Profile, verdict, code, message)
}
