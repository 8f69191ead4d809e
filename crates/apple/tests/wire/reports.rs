use mandate_apple::wire::{Failure, FailureKind, Report, ReportStatus, WireError};
use mandate_model::{DeviceFacts, EnrolmentType};

use super::message;

const COMMAND: &str = "0190f5fe-0000-7000-8000-00000000002a";

fn report(name: &str) -> Report {
    Report::parse(&message(name)).unwrap()
}

#[test]
fn an_idle_device_asks_for_work() {
    for (name, kind) in [
        ("idle", EnrolmentType::Device),
        ("idle_binary", EnrolmentType::Device),
        ("idle_user_enrolment", EnrolmentType::User),
    ] {
        let report = report(name);
        assert_eq!(
            (report.status, report.command_uuid, report.device.kind),
            (ReportStatus::Idle, None, kind)
        );
    }
}

#[test]
fn each_status_is_read_with_its_command() {
    for (name, status, is_final) in [
        ("acknowledged", ReportStatus::Acknowledged, true),
        ("not_now", ReportStatus::NotNow, false),
        ("error_unsupported", ReportStatus::Error, true),
        (
            "command_format_error",
            ReportStatus::CommandFormatError,
            true,
        ),
    ] {
        let report = report(name);
        assert_eq!(
            (report.status, report.status.is_final()),
            (status, is_final)
        );
        assert_eq!(report.command_uuid.as_deref(), Some(COMMAND));
    }
}

#[test]
fn an_unknown_status_is_refused() {
    let body = String::from_utf8(message("acknowledged"))
        .unwrap()
        .replace("Acknowledged", "Perhaps");
    assert_eq!(
        Report::parse(body.as_bytes()).unwrap_err(),
        WireError::UnknownStatus
    );
}

#[test]
fn a_chain_of_errors_is_judged_by_its_last_element() {
    let report = report("error_account_exists");
    assert_eq!(report.errors.len(), 3);
    assert_eq!(
        report.errors[0].localized.as_deref(),
        Some("Profil konnte nicht installiert werden")
    );
    let failure = Failure::classify(&report.errors);
    assert_eq!(
        (failure.kind, failure.domain.as_str(), failure.code),
        (FailureKind::AccountExists, "MCEASErrorDomain", 21005)
    );
    assert_eq!(
        failure.text,
        "An account with this host and user name is there already."
    );
}

#[test]
fn a_device_that_knows_no_english_is_quoted_in_its_own_words() {
    let failure = Failure::classify(&report("error_unsupported").errors);
    assert_eq!(
        (failure.kind, failure.text.as_str()),
        (FailureKind::Unsupported, "Unknown request type")
    );
}

#[test]
fn the_profile_list_shows_ours_encrypted_ones_and_foreign_ones() {
    let profiles = report("profile_list").profiles().unwrap();
    let seen: Vec<_> = profiles
        .iter()
        .map(|p| (p.identifier.as_str(), p.is_managed, p.is_encrypted))
        .collect();
    assert_eq!(
        seen,
        [
            ("com.example.mandate.enrolment", Some(true), false),
            ("com.example.mandate.profile.mail", Some(true), true),
            ("net.elsewhere.vpn", None, false),
        ]
    );
    let types = |index: usize| {
        profiles[index]
            .payloads
            .iter()
            .map(|p| p.payload_type.as_str())
            .collect::<Vec<_>>()
    };
    assert_eq!(types(0), ["com.apple.security.scep", "com.apple.mdm"]);
    assert_eq!(types(2), ["com.apple.vpn.managed"]);
    assert_eq!(profiles[0].uuid, "6C1F0A3E-0001-4000-8000-000000000001");
}

#[test]
fn the_certificate_list_gives_certificates_to_compare() {
    let certificates = report("certificate_list").certificates().unwrap();
    assert_eq!(certificates.len(), 2);
    assert_eq!(certificates[1].common_name.as_deref(), Some("Ada Lovelace"));
    assert!(certificates[1].is_identity && !certificates[0].is_identity);
    assert_eq!(certificates[1].der, [0x30, 3, 2, 1, 2]);
}

#[test]
fn a_report_about_something_else_has_no_inventory() {
    assert_eq!(
        (report("idle").profiles(), report("idle").certificates()),
        (None, None)
    );
    assert_eq!(report("idle").security_info(), None);
}

#[test]
fn device_information_adds_to_what_is_known() {
    let mut facts = DeviceFacts {
        os_version: Some("18.6.2".to_owned()),
        ..DeviceFacts::default()
    };
    assert!(report("device_information").update_facts(&mut facts));
    assert_eq!(facts.os_version.as_deref(), Some("26.1"));
    assert_eq!(
        facts.eas_device_identifier.as_deref(),
        Some("0A1B2C3D4E5F60718293A4B5C6")
    );
    assert_eq!(
        facts.imei.as_deref(),
        Some("35 123456 789012 3"),
        "the line preferred for data"
    );
    assert_eq!(facts.is_supervised, Some(false));
    assert!(
        !report("device_information").update_facts(&mut facts),
        "told twice is nothing new"
    );
}

#[test]
fn security_info_tells_passcode_and_encryption() {
    let mut facts = DeviceFacts::default();
    assert!(report("security_info").update_facts(&mut facts));
    assert_eq!(
        (facts.passcode_present, facts.is_encrypted),
        (Some(true), Some(true))
    );
    assert!(!report("idle").update_facts(&mut facts));
    assert_eq!(facts.passcode_present, Some(true));
}
