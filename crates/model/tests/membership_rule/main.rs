//! The language of rules that say who is in a group.

mod errors;
mod hostile;
mod properties;
mod table;

use mandate_model::membership_rule::{MembershipRule, RuleDevice, RuleSubject};
use mandate_model::{
    Device, DeviceFacts, DeviceId, DeviceState, EnrolmentType, Ownership, Platform, Timestamp,
    User, UserId,
};
use serde_json::json;
use uuid::Uuid;

/// Ada of Sales in Utrecht, with what rules can ask about a person.
fn ada() -> User {
    let other = json!({
        "department": "Sales",
        "jobTitle": "Account \"Executive\"",
        "city": "Utrecht",
        "country": "Netherlands",
        "companyName": "Example's Best",
        "mobilePhone": "+31 6 1234",
        "businessPhones": ["+31 30 1", "+31 30 2"],
        "officeLocation": "Building 4",
        "postalCode": "3511 AB",
        "usageLocation": "NL",
        "userType": "Member",
        "employeeId": "00421",
        "employeeHireDate": "2024-03-01T00:00:00Z",
        "onPremisesSyncEnabled": true,
        "otherMails": ["ada@home.example"],
        "proxyAddresses": ["SMTP:ada@example.com", "smtp:a.lovelace@example.com"],
        "onPremisesExtensionAttributes": { "extensionAttribute4": "Z1", "extensionAttribute15": "Marketing" },
        "extension_0a1b_costCentre": "42-17",
    });
    User {
        id: UserId(Uuid::from_u128(0xada)),
        user_principal_name: "ada@example.com".to_owned(),
        display_name: "Ada Lovelace".to_owned(),
        given_name: Some("Ada".to_owned()),
        surname: Some("Lovelace".to_owned()),
        mail: Some("Ada@Example.com".to_owned()),
        on_premises_sam_account_name: Some("ada".to_owned()),
        on_premises_domain_name: Some("corp.example.com".to_owned()),
        on_premises_net_bios_name: None,
        on_premises_distinguished_name: Some("CN=Ada,OU=Sales,DC=corp,DC=example".to_owned()),
        on_premises_security_identifier: Some("S-1-5-21-1-2-3-1104".to_owned()),
        account_enabled: true,
        other: other.as_object().cloned().expect("it is an object"),
        created_at: Timestamp(0),
    }
}

/// An iPad of the organisation.
fn ipad() -> Device {
    Device {
        id: DeviceId(Uuid::from_u128(0x1bad)),
        platform: Platform::Ios,
        enrolment_type: EnrolmentType::Device,
        enrolment_id: "00008101-1".to_owned(),
        state: DeviceState::Enrolled,
        user_id: None,
        manager_id: None,
        ownership: Ownership::Company,
        facts: DeviceFacts {
            device_name: Some("Till 3".to_owned()),
            model: Some("iPad".to_owned()),
            os_version: Some("17.10.1".to_owned()),
            ..DeviceFacts::default()
        },
        enrolled_at: Timestamp(0),
        last_seen_at: Timestamp(0),
    }
}

/// Whether a rule is true of Ada, or of her iPad, whichever it asks about.
fn holds(rule: &str) -> bool {
    let rule = MembershipRule::parse(rule).unwrap_or_else(|error| panic!("{rule}: {error}"));
    let (ada, ipad) = (ada(), ipad());
    let device = RuleDevice {
        device: &ipad,
        category: Some("Point of sale"),
        enrolment_profile: Some("Shops ADE"),
    };
    let answers = [
        rule.matches(&RuleSubject::User(&ada)),
        rule.matches(&RuleSubject::Device(device)),
    ];
    answers.contains(&true)
}
