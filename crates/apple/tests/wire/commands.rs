use std::io::Cursor;

use mandate_apple::wire::{AccessRights, Command, DeviceQuery};
use mandate_model::EnrolmentType;
use plist::{Dictionary, Value};

/// One of each, with everything that can be set.
pub(super) fn one_of_each() -> Vec<Command> {
    vec![
        Command::InstallProfile(b"<profile> & more".to_vec()),
        Command::RemoveProfile("com.example.a&b".to_owned()),
        Command::ProfileList { managed_only: true },
        Command::CertificateList {
            managed_only: false,
        },
        Command::device_information(EnrolmentType::Device),
        Command::SecurityInfo,
        Command::DeviceLock {
            message: Some("Lost <3".to_owned()),
            phone_number: Some("+49 30 1".to_owned()),
        },
        Command::EraseDevice {
            preserve_data_plan: true,
            disallow_proximity_setup: false,
        },
    ]
}

pub(super) fn written(command: &Command) -> Dictionary {
    let document = command.to_plist("an-id");
    Value::from_reader_xml(Cursor::new(document))
        .unwrap()
        .into_dictionary()
        .unwrap()
}

#[test]
fn a_command_reads_back_with_its_id_and_type() {
    for command in one_of_each() {
        let request = written(&command);
        assert_eq!(
            request.keys().collect::<Vec<_>>(),
            ["Command", "CommandUUID"]
        );
        assert_eq!(request["CommandUUID"].as_string(), Some("an-id"));
        let inner = request["Command"].as_dictionary().unwrap();
        assert_eq!(
            inner["RequestType"].as_string(),
            Some(command.request_type())
        );
    }
}

#[test]
fn arguments_survive_the_way_through_xml() {
    let inner = |command: &Command| written(command)["Command"].as_dictionary().unwrap().clone();
    let [install, remove, .., lock, erase] = &one_of_each()[..] else {
        panic!("too few")
    };
    assert_eq!(
        inner(install)["Payload"].as_data(),
        Some(b"<profile> & more".as_slice())
    );
    assert_eq!(
        inner(remove)["Identifier"].as_string(),
        Some("com.example.a&b")
    );
    assert_eq!(inner(lock)["Message"].as_string(), Some("Lost <3"));
    assert_eq!(inner(erase)["PreserveDataPlan"].as_boolean(), Some(true));
    assert!(
        !inner(&Command::DeviceLock {
            message: None,
            phone_number: None
        })
        .contains_key("Message")
    );
}

#[test]
fn our_rights_are_enough_for_our_commands_and_without_surplus() {
    let needed = one_of_each()
        .iter()
        .fold(AccessRights::NONE, |all, command| {
            all | command.access_right()
        });
    assert!(AccessRights::OURS.contains(needed));
    let queried = AccessRights::DEVICE_INFORMATION | AccessRights::NETWORK_INFORMATION;
    assert_eq!(needed | queried, AccessRights::OURS);
    assert_eq!(AccessRights::OURS.bits(), 1087);
}

#[test]
fn a_person_is_not_asked_for_what_names_their_device() {
    let Command::DeviceInformation(queries) = Command::device_information(EnrolmentType::User)
    else {
        panic!()
    };
    assert!(
        queries.contains(&DeviceQuery::EasDeviceIdentifier)
            && !queries.contains(&DeviceQuery::SerialNumber)
    );
}

#[test]
fn an_erasure_says_only_what_is_wanted() {
    let command = Command::EraseDevice {
        preserve_data_plan: false,
        disallow_proximity_setup: false,
    };
    let keys = |command| {
        written(command)["Command"]
            .as_dictionary()
            .unwrap()
            .keys()
            .cloned()
            .collect::<Vec<_>>()
    };
    assert_eq!(keys(&command), ["RequestType"]);
}
