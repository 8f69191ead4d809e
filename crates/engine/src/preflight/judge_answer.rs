//! What the answer to `OPTIONS` says: ActiveSync or not, which versions, and how people sign in.

use super::challenges::{Challenge, challenges};
use super::findings::quoted;
use super::report::Preflight;
use super::{MailAnswer, PreflightFinding, PreflightStep, PreflightVerdict, TlsSight};
use PreflightVerdict::{Failed, Noted, Passed, Warned};

/// What is known of a server for the question of whether a profile fits.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Offer {
    /// Schemes in lower case.
    pub(super) schemes: Vec<String>,
    /// Whether it told any: who is let in or refused without a challenge does not.
    pub(super) is_known: bool,
    /// Whether it asks for a certificate of the client.
    pub(super) asks_certificate: bool,
    /// Whether it talks to nobody without one.
    pub(super) demands_certificate: bool,
}

/// First version with what devices use for appointments today.
const MODERN: (u32, u32) = (16, 1);
/// Schemes and versions are told by servers, so they are bounded.
const LONGEST: usize = 200;
const MOST_VERSIONS: usize = 40;

/// Judges what a stranger was answered.
pub(super) fn judge(
    tls: Option<&TlsSight>,
    answer: &Result<MailAnswer, String>,
    report: &mut Preflight,
) -> Offer {
    let asks_certificate = tls.is_some_and(|tls| tls.asks_certificate);
    report.asks_client_certificate = asks_certificate;
    let answer = match answer {
        Ok(answer) => answer,
        Err(_) if asks_certificate => {
            let message = "the server talks to nobody without a certificate of the client, so it did not tell more";
            report.add(active_sync(Noted, "certificateDemanded", message));
            return Offer {
                asks_certificate,
                demands_certificate: true,
                ..Offer::default()
            };
        }
        Err(reason) => {
            let message = format!("the server does not answer by HTTP: {reason}");
            report.add(active_sync(Failed, "noAnswer", message).with("reason", reason));
            return Offer::default();
        }
    };
    judge_versions(answer, report);
    let offered = challenges(answer.header("www-authenticate"));
    let demands_certificate = asks_certificate && answer.status == 403;
    let offer = Offer {
        schemes: schemes(&offered),
        is_known: answer.status == 401,
        asks_certificate,
        demands_certificate,
    };
    judge_schemes(&offer, &offered, report);
    report.authentication.clone_from(&offer.schemes);
    offer
}

/// Judges what somebody was answered who signed in.
pub(super) fn judge_signed_in(answer: &Result<MailAnswer, String>, report: &mut Preflight) {
    let answer = match answer {
        Ok(answer) => answer,
        Err(reason) => {
            let message = format!("the server did not answer the sign-in: {reason}");
            report.add(authentication(Failed, "noAnswerToSignIn", message).with("reason", reason));
            return;
        }
    };
    match answer.status {
        200 => {
            report.add(authentication(
                Passed,
                "signedIn",
                "the account was let in with its password",
            ));
            report.findings.retain(|finding| finding.code != "versionsHidden");
            judge_versions(answer, report);
        }
        401 => report.add(authentication(
            Failed,
            "signInRefused",
            "the account was not let in: user name or password is wrong, or the server does not take passwords",
        )),
        status => {
            let message = format!("the account was not let in: HTTP {status}");
            report.add(authentication(Failed, "notLetIn", message).with("status", status));
        }
    }
}

fn judge_versions(answer: &MailAnswer, report: &mut Preflight) {
    let said: Vec<(u32, u32)> = versions(answer.header("ms-asprotocolversions"));
    let written = |version: &(u32, u32)| format!("{}.{}", version.0, version.1);
    report.protocol_versions = said.iter().map(written).collect();
    let Some(newest) = said.last() else {
        let finding = without_versions(answer);
        return report.add(finding);
    };
    let all = report.protocol_versions.join(", ");
    let newest_text = written(newest);
    let finding = if *newest >= MODERN {
        let message = format!("the server speaks ActiveSync up to {newest_text}");
        active_sync(Passed, "versions", message)
    } else {
        let message = format!(
            "the server speaks ActiveSync up to {newest_text} only; since 16.1 devices can search the whole mailbox and propose other \
             times for meetings"
        );
        active_sync(Noted, "versionsOld", message)
    };
    report.add(finding.with("versions", all).with("newest", newest_text));
}

/// What an answer without versions means.
fn without_versions(answer: &MailAnswer) -> PreflightFinding {
    let status = answer.status;
    let message;
    let (verdict, code) = match status {
        401 => {
            message =
                "the server tells its versions of ActiveSync only to those who sign in".to_owned();
            (Noted, "versionsHidden")
        }
        403 => {
            message = "the server refuses strangers (HTTP 403); it may want a certificate of the client, or not let ActiveSync in \
                       from here"
                .to_owned();
            (Warned, "forbidden")
        }
        300..=399 => {
            let place = answer.header("location").next().unwrap_or_default();
            let place: String = place.chars().take(LONGEST).collect();
            message = format!(
                "the server sends devices elsewhere (HTTP {status}, `{place}`), which was not followed; put the right host into the \
                 profile"
            );
            return active_sync(Warned, "sentElsewhere", message)
                .with("status", status)
                .with("place", place);
        }
        451 => {
            // [MS-ASHTTP] §3.1.5.2.2: another server is better; devices follow `X-MS-Location`.
            let place = answer.header("x-ms-location").next().unwrap_or_default();
            let place: String = place.chars().take(LONGEST).collect();
            message = format!("the mailbox is on another server, `{place}`, which devices follow");
            return active_sync(Noted, "mailboxElsewhere", message).with("place", place);
        }
        500..=599 => {
            message = format!("the server has trouble of its own (HTTP {status})");
            (Failed, "serverTrouble")
        }
        _ => {
            message = format!("there is no ActiveSync on this server (HTTP {status})");
            (Failed, "noActiveSync")
        }
    };
    active_sync(verdict, code, message).with("status", status)
}

/// Versions in ascending order, each once; what is no version is passed over.
fn versions<'a>(values: impl Iterator<Item = &'a str>) -> Vec<(u32, u32)> {
    let read = |text: &str| {
        let (major, minor) = text.trim().split_once('.')?;
        Some((major.parse().ok()?, minor.parse().ok()?))
    };
    let mut found: Vec<(u32, u32)> = values
        .flat_map(|value| value.split(','))
        .take(MOST_VERSIONS)
        .filter_map(read)
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// Schemes, each once, in the order of the server.
fn schemes(offered: &[Challenge]) -> Vec<String> {
    let mut schemes: Vec<String> = Vec::new();
    for challenge in offered {
        let scheme: String = challenge.scheme.chars().take(LONGEST).collect();
        if !schemes.contains(&scheme) {
            schemes.push(scheme);
        }
    }
    schemes
}

fn judge_schemes(offer: &Offer, offered: &[Challenge], report: &mut Preflight) {
    if offer.schemes.is_empty() {
        if offer.is_known {
            report.add(authentication(
                Warned,
                "nothingOffered",
                "the server wants people to sign in, but does not say how",
            ));
        }
    } else {
        let named = offer.schemes.iter().map(String::as_str);
        let message = format!("people can sign in by {}", quoted(named));
        let mut finding =
            authentication(Passed, "offered", message).with("schemes", offer.schemes.join(", "));
        let bearer = offered
            .iter()
            .find(|challenge| challenge.scheme == "bearer");
        if let Some(at) = bearer.and_then(|bearer| bearer.parameters.get("authorization_uri")) {
            finding = finding.with("at", at.chars().take(LONGEST).collect::<String>());
        }
        report.add(finding);
    }
    if offer.asks_certificate {
        report.add(authentication(
            Noted,
            "certificateAsked",
            "the server asks for a certificate of the client",
        ));
    }
}

fn active_sync(
    verdict: PreflightVerdict,
    code: &'static str,
    message: impl Into<String>,
) -> PreflightFinding {
    PreflightFinding::new(PreflightStep::ActiveSync, verdict, code, message)
}

fn authentication(
    verdict: PreflightVerdict,
    code: &'static str,
    message: impl Into<String>,
) -> PreflightFinding {
    PreflightFinding::new(PreflightStep::Authentication, verdict, code, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_numbers_and_not_texts() {
        let said = ["2.5,16.1, 14.0,16.0", "9.0,x,1,16.1"];
        let found = versions(said.into_iter());
        assert_eq!(found, [(2, 5), (9, 0), (14, 0), (16, 0), (16, 1)]);
        assert_eq!(versions([""].into_iter()), []);
        let endless = "1.0,".repeat(1000);
        assert_eq!(versions([endless.as_str()].into_iter()), [(1, 0)]);
    }

    #[test]
    fn each_answer_without_versions_has_its_own_meaning() {
        for (status, code, verdict) in [
            (401, "versionsHidden", Noted),
            (403, "forbidden", Warned),
            (302, "sentElsewhere", Warned),
            (451, "mailboxElsewhere", Noted),
            (503, "serverTrouble", Failed),
            (404, "noActiveSync", Failed),
            (200, "noActiveSync", Failed),
        ] {
            let answer = MailAnswer {
                status,
                headers: Vec::new(),
            };
            let finding = without_versions(&answer);
            assert_eq!((finding.code, finding.verdict), (code, verdict), "{status}");
        }
    }
}
