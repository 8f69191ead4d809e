//! A simulation as a page shows it.

use mandate_engine::{
    PayloadView, SimulatedCertificate, SimulatedOutcome, SimulatedProfile, Simulation,
};
use mandate_model::{Platform, Reason, catalogue};
use mandate_ui::date;
use mandate_web::Language;

use crate::reasons::{because_text, next_step, reason_text};

/// A simulation in the language of the page.
pub(super) struct Shown {
    /// Whose settings, on what.
    pub(super) title: String,
    /// Whether serial number and the like are examples.
    pub(super) is_imagined: bool,
    pub(super) is_disabled: bool,
    pub(super) groups: String,
    pub(super) accounts: Vec<Account>,
    /// Profiles that are given, or meant and refused.
    pub(super) profiles: Vec<Profile>,
    /// The others, with why not.
    pub(super) others: Vec<Other>,
}

/// A mail account.
pub(super) struct Account {
    pub(super) name: String,
    pub(super) address: String,
    pub(super) user_name: String,
    pub(super) host: String,
    pub(super) tls: String,
    pub(super) method: String,
    pub(super) profile: String,
}

/// A profile that is meant for the device.
pub(super) struct Profile {
    /// For links within the page.
    pub(super) anchor: String,
    pub(super) name: String,
    pub(super) kind: String,
    /// Class of the sign before the outcome.
    pub(super) class: &'static str,
    pub(super) outcome: String,
    pub(super) because: String,
    /// Why nothing can be made, and what to do then; empty for those that are given.
    pub(super) reason: String,
    pub(super) next_step: String,
    pub(super) warnings: Vec<String>,
    pub(super) skipped: Vec<String>,
    pub(super) certificates: Vec<Certificate>,
    pub(super) payloads: Vec<PayloadView>,
    pub(super) document: Option<String>,
}

/// A certificate that comes along.
pub(super) struct Certificate {
    pub(super) source: String,
    pub(super) profile: String,
    pub(super) subject: String,
    pub(super) names: String,
    pub(super) valid: String,
}

/// A profile that is not for the device.
pub(super) struct Other {
    pub(super) name: String,
    pub(super) kind: String,
    pub(super) because: String,
}

impl Shown {
    pub(super) fn of(simulation: &Simulation, language: Language) -> Self {
        let (others, profiles): (Vec<_>, Vec<_>) = simulation
            .profiles
            .iter()
            .partition(|profile| profile.outcome == SimulatedOutcome::NotAssigned);
        let groups = simulation.groups.iter();
        let groups: Vec<&str> = groups.map(|group| group.display_name.as_str()).collect();
        Self {
            title: title(simulation, language),
            is_imagined: simulation.device.is_imagined,
            is_disabled: simulation
                .user
                .as_ref()
                .is_some_and(|user| !user.account_enabled),
            groups: groups.join(", "),
            accounts: profiles
                .iter()
                .flat_map(|profile| accounts(profile, language))
                .collect(),
            profiles: profiles
                .iter()
                .map(|profile| Profile::of(profile, language))
                .collect(),
            others: others
                .iter()
                .map(|profile| Other {
                    name: profile.display_name.clone(),
                    kind: kind(profile.kind, language),
                    because: because_text(language, &profile.because),
                })
                .collect(),
        }
    }
}

fn title(simulation: &Simulation, language: Language) -> String {
    let device = &simulation.device;
    let platform = match device.platform {
        Platform::Ios => "iOS/iPadOS",
        Platform::MacOs => "macOS",
    };
    let version = match &device.os_version {
        Some(version) => version.clone(),
        None => language.text("simulation-newest"),
    };
    let place = match &device.display_name {
        Some(name) => format!("{name} ({platform} {version})"),
        None => format!("{platform} {version}"),
    };
    match &simulation.user {
        Some(user) => {
            let who = format!("{} ({})", user.display_name, user.user_principal_name);
            language.text_with("simulation-of", &[("who", &who), ("device", &place)])
        }
        None => language.text_with("simulation-of-nobody", &[("device", &place)]),
    }
}

fn accounts(profile: &SimulatedProfile, language: Language) -> Vec<Account> {
    let accounts = profile
        .payloads
        .iter()
        .filter_map(|payload| payload.account.as_ref());
    accounts
        .map(|account| Account {
            name: account.name.clone(),
            address: account.address.clone(),
            user_name: account.user_name.clone(),
            host: account.host_name.clone(),
            tls: language.text(if account.tls { "yes" } else { "no" }),
            method: language.text(if account.oauth {
                "simulation-by-oauth"
            } else if account.certificate {
                "simulation-by-certificate"
            } else {
                "simulation-by-password"
            }),
            profile: profile.display_name.clone(),
        })
        .collect()
}

impl Profile {
    fn of(profile: &SimulatedProfile, language: Language) -> Self {
        let (class, outcome) = match profile.outcome {
            SimulatedOutcome::Given => ("succeeded", "simulation-given"),
            SimulatedOutcome::Refused => ("error", "simulation-refused"),
            SimulatedOutcome::NotAssigned => ("not-applicable", "simulation-not-assigned"),
        };
        let of_reason = |text: fn(Language, &Reason) -> String| {
            let reason = profile.reason.as_ref();
            reason.map_or_else(String::new, |reason| text(language, reason))
        };
        Self {
            anchor: format!("profile-{}", profile.profile_id),
            name: profile.display_name.clone(),
            kind: kind(profile.kind, language),
            class,
            outcome: language.text(outcome),
            because: because_text(language, &profile.because),
            reason: of_reason(reason_text),
            next_step: of_reason(next_step),
            warnings: profile
                .warnings
                .iter()
                .map(|warning| language.phrase(&warning.message))
                .collect(),
            skipped: profile
                .skipped
                .iter()
                .map(|skipped| {
                    let setting = label(profile.kind, &skipped.setting, language);
                    let version = skipped.minimum_os.to_string();
                    language.text_with(
                        "simulation-skipped",
                        &[("setting", &setting), ("version", &version)],
                    )
                })
                .collect(),
            certificates: profile
                .certificates
                .iter()
                .map(|certificate| Certificate::of(certificate, language))
                .collect(),
            payloads: profile.payloads.clone(),
            document: profile.document.clone(),
        }
    }
}

impl Certificate {
    fn of(certificate: &SimulatedCertificate, language: Language) -> Self {
        let valid = match (certificate.validity_days, certificate.not_after_date_time) {
            (Some(days), _) => {
                language.text_with("simulation-days", &[("days", &days.to_string())])
            }
            (None, Some(end)) => language.text_with("simulation-until", &[("date", &date(end))]),
            (None, None) => String::new(),
        };
        let source = match certificate.source {
            "scep" => "simulation-scep",
            "pkcs" => "simulation-pkcs",
            _ => "simulation-imported",
        };
        Self {
            source: language.text(source),
            profile: certificate.profile.clone().unwrap_or_default(),
            subject: certificate
                .subject
                .clone()
                .unwrap_or_else(|| language.text("simulation-hidden")),
            names: certificate.alternative_names.join(", "),
            valid,
        }
    }
}

/// Label of a kind, by its Graph type.
fn kind(type_name: &str, language: Language) -> String {
    match catalogue::kind(type_name) {
        Some(kind) => language.phrase(kind.label),
        None => type_name.to_owned(),
    }
}

/// Label of a setting.
fn label(type_name: &str, property: &str, language: Language) -> String {
    let kind = catalogue::kind(type_name);
    match kind.and_then(|kind| kind.setting(property)) {
        Some(setting) => language.phrase(setting.label),
        None => property.to_owned(),
    }
}
