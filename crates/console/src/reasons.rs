//! Reasons of states in the language of whoever reads them.

use mandate_model::{Because, ImportPurpose, Reason};
use mandate_web::Language;

/// Why a profile stands as it stands: one sentence.
pub(crate) fn reason_text(language: Language, reason: &Reason) -> String {
    let say = |id: &str, values: &[(&str, &str)]| language.text_with(id, values);
    match reason {
        Reason::Present => say("reason-present", &[]),
        Reason::WaitingForCheckIn => say("reason-waiting-for-check-in", &[]),
        Reason::Sent => say("reason-sent", &[]),
        Reason::Acknowledged => say("reason-acknowledged", &[]),
        Reason::NotNow => say("reason-not-now", &[]),
        Reason::Removing => say("reason-removing", &[]),
        Reason::WaitingForLogin { user } => say("reason-waiting-for-login", &[("user", user)]),
        Reason::NoUser => say("reason-no-user", &[]),
        Reason::EnrolledByManager => say("reason-enrolled-by-manager", &[]),
        Reason::MissingAttribute { attribute, user } => say(
            "reason-missing-attribute",
            &[("attribute", attribute), ("user", user)],
        ),
        Reason::MissingDeviceAttribute { attribute } => say(
            "reason-missing-device-attribute",
            &[("attribute", attribute)],
        ),
        Reason::OsTooOld { minimum, actual } => say(
            "reason-os-too-old",
            &[("minimum", &minimum.to_string()), ("actual", actual)],
        ),
        Reason::OtherPlatform => say("reason-other-platform", &[]),
        Reason::UnknownVariable { variable, profile } => say(
            "reason-unknown-variable",
            &[("variable", variable), ("profile", profile)],
        ),
        Reason::UserDisabled { user } => say("reason-user-disabled", &[("user", user)]),
        Reason::NoLicence { user } => say("reason-no-licence", &[("user", user)]),
        Reason::IssuerFailed { issuer, text } => say(
            "reason-issuer-failed",
            &[("issuer", issuer), ("text", text)],
        ),
        Reason::NoImportedCertificate { purpose, user } => say(
            "reason-no-imported-certificate",
            &[("purpose", purpose_text(*purpose)), ("user", user)],
        ),
        Reason::UnknownTemplate { template, profile } => say(
            "reason-unknown-template",
            &[("template", template), ("profile", profile)],
        ),
        Reason::DependencyNotAssigned { profiles } => say(
            "reason-dependency-not-assigned",
            &[("profiles", &quoted(profiles))],
        ),
        Reason::MissingReference { reference } => {
            say("reason-missing-reference", &[("reference", reference)])
        }
        Reason::Unsupported { reason } => say("reason-unsupported", &[("text", reason)]),
        Reason::AccountExists { account } => say(
            "reason-account-exists",
            &[("address", &account.address), ("host", &account.host)],
        ),
        Reason::SameAccount { profiles, account } => say(
            "reason-same-account",
            &[
                ("profiles", &quoted(profiles)),
                ("address", &account.address),
                ("host", &account.host),
            ],
        ),
        Reason::DeviceError {
            domain,
            number,
            text,
        } => say(
            "reason-device-error",
            &[
                ("domain", domain),
                ("number", &number.to_string()),
                ("text", text),
            ],
        ),
        Reason::NotInInventory => say("reason-not-in-inventory", &[]),
        Reason::DeadlinePassed => say("reason-deadline-passed", &[]),
    }
}

/// What happens next, or what somebody has to do.
pub(crate) fn next_step(language: Language, reason: &Reason) -> String {
    let id = match reason {
        Reason::Present | Reason::OtherPlatform => "next-none",
        Reason::WaitingForCheckIn | Reason::Sent | Reason::NotNow => "next-woken",
        Reason::Acknowledged => "next-listed",
        Reason::Removing => "next-removed",
        Reason::WaitingForLogin { .. } => "next-login",
        Reason::NoUser => "next-user",
        Reason::EnrolledByManager => "next-manager",
        Reason::MissingAttribute { .. } => "next-attribute",
        Reason::MissingDeviceAttribute { .. } => "next-reported",
        Reason::OsTooOld { .. } => "next-update",
        Reason::UnknownVariable { .. } => "next-variable",
        Reason::UserDisabled { .. } => "next-enable",
        Reason::NoLicence { .. } => "next-licence",
        Reason::IssuerFailed { .. } => "next-issuer",
        Reason::NoImportedCertificate { .. } => "next-import",
        Reason::UnknownTemplate { .. } => "next-template",
        Reason::DependencyNotAssigned { .. } => "next-assign",
        Reason::MissingReference { .. } => "next-reference",
        Reason::Unsupported { .. } => "next-setting",
        Reason::AccountExists { .. } => "next-account",
        Reason::SameAccount { .. } => "next-one-account",
        Reason::DeviceError { .. } => "next-retried",
        Reason::NotInInventory | Reason::DeadlinePassed => "next-check-in",
    };
    language.text(id)
}

/// Why a profile is wanted on a device, or not.
pub(crate) fn because_text(language: Language, because: &Because) -> String {
    let of = |id: &str, name: &str| language.text_with(id, &[("group", name)]);
    match because {
        Because::UserInGroup { name, .. } => of("because-user-in-group", name),
        Because::DeviceInGroup { name, .. } => of("because-device-in-group", name),
        Because::AllUsers => language.text("because-all-users"),
        Because::AllDevices => language.text("because-all-devices"),
        Because::UserExcluded { name, .. } => of("because-user-excluded", name),
        Because::DeviceExcluded { name, .. } => of("because-device-excluded", name),
        Because::NotIncluded => language.text("because-not-included"),
    }
}

/// What many devices have in common: the code of a reason and, after a colon, what it is about.
pub(crate) fn cause_text(language: Language, cause: &str) -> String {
    let (code, about) = cause.split_once(':').unwrap_or((cause, ""));
    let id = CAUSES
        .iter()
        .find(|(known, _)| *known == code)
        .map(|(_, id)| *id);
    match id {
        Some(id) => language.text_with(id, &[("about", about)]),
        // A reason of a later release.
        None => language.text_with("cause-other", &[("about", cause)]),
    }
}

const CAUSES: [(&str, &str); 15] = [
    ("accountExists", "cause-account-exists"),
    ("sameAccount", "cause-same-account"),
    ("missingAttribute", "cause-missing-attribute"),
    ("missingDeviceAttribute", "cause-missing-device-attribute"),
    ("unknownVariable", "cause-unknown-variable"),
    ("issuerFailed", "cause-issuer-failed"),
    ("noImportedCertificate", "cause-no-imported-certificate"),
    ("unknownTemplate", "cause-unknown-template"),
    ("dependencyNotAssigned", "cause-dependency-not-assigned"),
    ("missingReference", "cause-missing-reference"),
    ("unsupported", "cause-unsupported"),
    ("deviceError", "cause-device-error"),
    ("notInInventory", "cause-not-in-inventory"),
    ("deadlinePassed", "cause-deadline-passed"),
    ("removing", "cause-removing"),
];

fn quoted(names: &[String]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("“{name}”")).collect();
    names.join(", ")
}

const fn purpose_text(purpose: ImportPurpose) -> &'static str {
    match purpose {
        ImportPurpose::Unassigned => "–",
        ImportPurpose::SmimeEncryption => "S/MIME (encryption)",
        ImportPurpose::SmimeSigning => "S/MIME (signing)",
        ImportPurpose::Vpn => "VPN",
        ImportPurpose::Wifi => "Wi-Fi",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cause_has_a_text_that_says_what_it_is_about() {
        for language in Language::ALL {
            for (code, id) in CAUSES {
                assert_ne!(language.text(id), id, "{language:?}");
                assert!(!cause_text(language, code).starts_with("cause-"));
            }
            let attribute = cause_text(language, "missingAttribute:mail");
            assert!(attribute.contains("mail"), "{attribute}");
            assert!(cause_text(language, "aLaterOne:7").contains("aLaterOne:7"));
        }
    }

    #[test]
    fn a_reason_says_whom_and_what_it_is_about() {
        let reason = Reason::MissingAttribute {
            attribute: "mail".to_owned(),
            user: "ada@contoso.com".to_owned(),
        };
        for language in Language::ALL {
            let text = reason_text(language, &reason);
            assert!(text.contains("ada@contoso.com") && text.contains("mail"));
            assert_ne!(next_step(language, &reason), "next-attribute");
        }
    }
}
