//! A report as a page shows it.

use mandate_engine::{Preflight, PreflightFinding, PreflightStep, PreflightVerdict};
use mandate_ui::{date, moment};
use mandate_web::Language;

/// A report in the language of the page.
pub(super) struct Shown {
    /// What was looked at, and when.
    pub(super) title: String,
    /// The same moment for machines.
    pub(super) at: String,
    /// The same moment for people.
    pub(super) moment: String,
    /// What it comes to.
    pub(super) conclusion: String,
    /// Class of the note around it.
    pub(super) conclusion_class: &'static str,
    pub(super) steps: Vec<Step>,
    pub(super) certificates: Vec<Certificate>,
}

/// A step of the way.
pub(super) struct Step {
    pub(super) name: String,
    pub(super) findings: Vec<Finding>,
    /// Said of a step that the way did not lead to.
    pub(super) not_reached: String,
}

/// One finding.
pub(super) struct Finding {
    /// Class of the sign before it.
    pub(super) class: &'static str,
    /// The verdict in a word.
    pub(super) verdict: String,
    pub(super) text: String,
}

/// A certificate of the server.
pub(super) struct Certificate {
    pub(super) subject: String,
    pub(super) names: String,
    pub(super) issuer: String,
    pub(super) until: String,
    pub(super) until_at: String,
    pub(super) sha256: String,
}

impl Shown {
    pub(super) fn of(report: &Preflight, language: Language) -> Self {
        let (conclusion, conclusion_class) = match report.verdict {
            PreflightVerdict::Passed | PreflightVerdict::Noted => ("preflight-good", "good"),
            PreflightVerdict::Warned => ("preflight-doubtful", "warn"),
            PreflightVerdict::Failed => ("preflight-bad", "bad"),
        };
        let place = format!("{}:{}", report.host_name, report.port);
        let title = match &report.profile {
            Some(profile) => language.text_with(
                "preflight-report-of",
                &[("place", &place), ("profile", &profile.display_name)],
            ),
            None => language.text_with("preflight-report", &[("place", &place)]),
        };
        Self {
            title,
            at: report.date_time.to_string(),
            moment: moment(report.date_time),
            conclusion: language.text(conclusion),
            conclusion_class,
            steps: PreflightStep::ALL
                .into_iter()
                .map(|step| Step::of(step, report, language))
                .collect(),
            certificates: report
                .certificates
                .iter()
                .map(|certificate| Certificate {
                    subject: certificate.subject.clone(),
                    names: certificate.names.join(", "),
                    issuer: certificate.issuer.clone(),
                    until: date(certificate.not_after_date_time),
                    until_at: certificate.not_after_date_time.to_string(),
                    sha256: certificate.sha256.clone(),
                })
                .collect(),
        }
    }
}

impl Step {
    fn of(step: PreflightStep, report: &Preflight, language: Language) -> Self {
        let findings = report.findings.iter();
        Self {
            name: language.text(step_name(step)),
            findings: findings
                .filter(|finding| finding.step == step)
                .map(|finding| Finding::of(finding, language))
                .collect(),
            not_reached: language.text("preflight-not-reached"),
        }
    }
}

impl Finding {
    fn of(finding: &PreflightFinding, language: Language) -> Self {
        let (class, verdict) = match finding.verdict {
            PreflightVerdict::Passed => ("succeeded", "preflight-passed"),
            PreflightVerdict::Noted => ("noted", "preflight-noted"),
            PreflightVerdict::Warned => ("warned", "preflight-warned"),
            PreflightVerdict::Failed => ("error", "preflight-failed"),
        };
        Self {
            class,
            verdict: language.text(verdict),
            text: words(finding, language),
        }
    }
}

/// What a finding says; in the engine's own words if the catalogues do not know it.
fn words(finding: &PreflightFinding, language: Language) -> String {
    let id = text_id(finding.code);
    let values: Vec<(&str, &str)> = finding
        .values
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let text = language.text_with(&id, &values);
    if text == id {
        finding.message.clone()
    } else {
        text
    }
}

/// Id of the text of a finding: `preflight-name-found` for `nameFound`.
pub(crate) fn text_id(code: &str) -> String {
    let mut id = "preflight-found-".to_owned();
    for character in code.chars() {
        if character.is_ascii_uppercase() {
            id.push('-');
        }
        id.push(character.to_ascii_lowercase());
    }
    id
}

fn step_name(step: PreflightStep) -> &'static str {
    match step {
        PreflightStep::Name => "preflight-step-name",
        PreflightStep::Connection => "preflight-step-connection",
        PreflightStep::Encryption => "preflight-step-encryption",
        PreflightStep::Trust => "preflight-step-trust",
        PreflightStep::ActiveSync => "preflight-step-active-sync",
        PreflightStep::Authentication => "preflight-step-authentication",
        PreflightStep::Profile => "preflight-step-profile",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_finding_has_a_text_in_every_language() {
        for code in PreflightFinding::CODES {
            for language in Language::ALL {
                let id = text_id(code);
                assert_ne!(language.text(&id), id, "{language:?}");
            }
        }
    }
}
