//! People, groups and profiles as these tests need them.

use mandate_model::{Group, GroupId, Profile, ProfileId, Timestamp, User, UserId, catalogue};
use serde_json::{Map, json};
use uuid::Uuid;

/// A person of a name.
pub(crate) fn user(number: u128, name: &str) -> User {
    User {
        id: UserId(Uuid::from_u128(number)),
        user_principal_name: name.to_owned(),
        display_name: name.to_owned(),
        given_name: Some("Given".to_owned()),
        surname: None,
        mail: Some(format!("{name}@example.com")),
        on_premises_sam_account_name: None,
        on_premises_domain_name: Some("corp.example.com".to_owned()),
        on_premises_net_bios_name: None,
        on_premises_distinguished_name: None,
        on_premises_security_identifier: None,
        account_enabled: true,
        other: Map::from_iter([("department".to_owned(), json!("Sales"))]),
        created_at: Timestamp(7),
    }
}

/// A group.
pub(crate) fn group(number: u128) -> Group {
    Group {
        id: GroupId(Uuid::from_u128(number)),
        display_name: format!("Group {number}"),
        description: None,
        mail_nickname: None,
        rule: None,
        other: Map::new(),
        created_at: Timestamp(7),
    }
}

/// A profile.
pub(crate) fn profile(number: u128) -> Profile {
    let kind = catalogue::kind("iosTrustedRootCertificate").expect("the catalogue has it");
    Profile {
        id: ProfileId(Uuid::from_u128(number)),
        kind,
        display_name: "Root".to_owned(),
        description: None,
        scope_tags: vec!["0".to_owned()],
        version: 1,
        settings: Map::new(),
        references: std::collections::BTreeMap::new(),
        created_at: Timestamp(1),
        modified_at: Timestamp(1),
    }
}
