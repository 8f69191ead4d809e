use mandate_apple::wire::{Authenticate, Channel, CheckIn, Message, TokenUpdate, WireError};
use mandate_model::{DeviceFacts, EnrolmentType};
use plist::Value;

use super::message;

const TOPIC: &str = "com.apple.mgmt.External.3d1c9a52-7e0b-4a4e-8a6c-2f5d7b90e1aa";
const UDID: &str = "00008120-000A1D3E0CE2201E";
const ENROLLMENT_ID: &str = "5B1F3E0A-7C44-4B0C-9E2B-9C0B5D0A6A11";

fn check_in(name: &str) -> CheckIn {
    CheckIn::parse(&message(name)).unwrap()
}

fn authenticate(name: &str) -> Authenticate {
    let Message::Authenticate(authenticate) = check_in(name).message else {
        panic!("no Authenticate")
    };
    authenticate
}

fn token_update(name: &str) -> TokenUpdate {
    let Message::TokenUpdate(update) = check_in(name).message else {
        panic!("no TokenUpdate")
    };
    update
}

#[test]
fn an_iphone_tells_all_of_itself_at_authenticate() {
    let told = authenticate("authenticate_iphone");
    assert_eq!(told.topic, TOPIC);
    let text = |text: &str| Some(text.to_owned());
    assert_eq!(
        told.facts,
        DeviceFacts {
            device_name: text("Ada’s iPhone & more"),
            model: text("iPhone"),
            product_name: text("iPhone15,4"),
            os_version: text("18.6.2"),
            build_version: text("22G100"),
            serial_number: text("F4GTK0ABCD"),
            imei: text("35 123456 789012 3"),
            meid: text("35123456789012"),
            ..DeviceFacts::default()
        }
    );
}

#[test]
fn a_second_authenticate_does_not_forget_what_was_known() {
    let mut facts = DeviceFacts {
        eas_device_identifier: Some("0A1B".to_owned()),
        ..DeviceFacts::default()
    };
    assert!(authenticate("authenticate_iphone").update_facts(&mut facts));
    assert!(authenticate("authenticate_bare").update_facts(&mut facts));
    assert_eq!(facts.serial_number.as_deref(), Some("0PBGQ3UU7R6A"));
    assert_eq!(facts.eas_device_identifier.as_deref(), Some("0A1B"));
    assert_eq!(facts.os_version.as_deref(), Some("18.6.2"));
}

#[test]
fn the_binary_form_says_the_same() {
    assert_eq!(
        check_in("authenticate_iphone"),
        check_in("authenticate_iphone_binary")
    );
}

#[test]
fn a_simulator_that_tells_next_to_nothing_is_welcome() {
    let told = authenticate("authenticate_bare");
    assert_eq!(told.facts.serial_number.as_deref(), Some("0PBGQ3UU7R6A"));
    assert_eq!(told.facts.os_version, None);
}

#[test]
fn a_user_enrolment_is_known_by_its_enrollment_id() {
    let check_in = check_in("authenticate_user_enrolment");
    assert_eq!(
        (check_in.device.kind, check_in.device.id.as_str()),
        (EnrolmentType::User, ENROLLMENT_ID)
    );
    assert_eq!(check_in.channel, Channel::Device);
}

#[test]
fn of_both_ids_the_udid_counts() {
    let check_in = check_in("token_update_both_ids");
    assert_eq!(
        (check_in.device.kind, check_in.device.id.as_str()),
        (EnrolmentType::Device, UDID)
    );
}

#[test]
fn a_token_update_carries_what_a_push_needs() {
    let update = token_update("token_update_iphone");
    assert_eq!(update.topic, TOPIC);
    assert_eq!(update.token, (0..32).collect::<Vec<u8>>());
    assert_eq!(update.push_magic, "7D9E5B1C-1B0F-4A6B-9C6E-0F9C6B1A2D3E");
    assert_eq!(update.unlock_token.unwrap().expose(), b"unlock".repeat(40));
    assert_eq!(update.awaiting_configuration, Some(false));
}

#[test]
fn what_a_token_update_leaves_out_is_not_false_but_unknown() {
    let update = token_update("token_update_without_options");
    assert_eq!(
        (
            update.unlock_token,
            update.awaiting_configuration,
            update.not_on_console
        ),
        (None, None, None)
    );
}

#[test]
fn a_boolean_may_come_as_text() {
    assert_eq!(
        token_update("token_update_both_ids").not_on_console,
        Some(false)
    );
    assert_eq!(
        token_update("token_update_mac_user").not_on_console,
        Some(true)
    );
}

#[test]
fn people_on_a_device_speak_on_channels_of_their_own() {
    let person = |id: &str| Channel::User(id.to_owned());
    assert_eq!(
        check_in("token_update_mac_user").channel,
        person("0B1F3E0A-7C44-4B0C-9E2B-9C0B5D0A6A11")
    );
    assert_eq!(
        check_in("token_update_shared_ipad").channel,
        person("ada@school.example")
    );
    assert_eq!(check_in("token_update_iphone").channel, Channel::Device);
}

#[test]
fn an_empty_bootstrap_token_asks_to_delete_it() {
    let token = |name| match check_in(name).message {
        Message::SetBootstrapToken(set) => set.token.map(|token| token.expose().to_vec()),
        other => panic!("{other:?}"),
    };
    assert_eq!(token("set_bootstrap_token"), Some(b"bootstrap".to_vec()));
    assert_eq!(token("set_bootstrap_token_empty"), None);
}

#[test]
fn each_message_is_known_by_its_type() {
    for (name, message_type) in [
        ("check_out", "CheckOut"),
        ("user_authenticate", "UserAuthenticate"),
        ("get_bootstrap_token", "GetBootstrapToken"),
        ("get_token", "GetToken"),
        ("declarative_management_status", "DeclarativeManagement"),
        ("return_to_service", "ReturnToService"),
    ] {
        assert_eq!(check_in(name).message.message_type(), message_type);
    }
    let Message::Other(name) = check_in("return_to_service").message else {
        panic!("known after all")
    };
    assert_eq!(name, "ReturnToService");
}

#[test]
fn secrets_do_not_show_in_debug_output() {
    let shown = format!(
        "{:?} {:?}",
        check_in("token_update_iphone"),
        check_in("set_bootstrap_token")
    );
    assert!(
        !shown.contains("7D9E5B1C")
            && !shown.contains("117")
            && shown.contains("Secret(240 bytes)"),
        "{shown}"
    );
}

#[test]
fn a_message_without_meaning_is_refused_with_its_reason() {
    let mut whole =
        Value::from_reader(std::io::Cursor::new(message("token_update_iphone"))).unwrap();
    let whole = whole.as_dictionary_mut().unwrap();
    let broken = |key: &str, value: Option<Value>| {
        let mut message = whole.clone();
        match value {
            Some(value) => message.insert(key.to_owned(), value),
            None => message.remove(key),
        };
        CheckIn::read(&message).unwrap_err()
    };
    assert_eq!(
        broken("MessageType", None),
        WireError::Missing("MessageType")
    );
    assert_eq!(broken("Topic", None), WireError::Missing("Topic"));
    assert_eq!(broken("UDID", None), WireError::Missing("UDID"));
    assert_eq!(broken("Token", None), WireError::Missing("Token"));
    assert_eq!(
        broken("PushMagic", Some("".into())),
        WireError::BadIdentifier("PushMagic")
    );
    assert_eq!(
        broken("Token", Some("text".into())),
        WireError::WrongType {
            key: "Token",
            expected: "data"
        }
    );
    assert_eq!(
        broken("UDID", Some(7.into())),
        WireError::WrongType {
            key: "UDID",
            expected: "a string"
        }
    );
    for id in ["../../etc/passwd", "a b", "ünique", "x\n", &"9".repeat(65)] {
        assert_eq!(
            broken("UDID", Some(id.into())),
            WireError::BadIdentifier("UDID")
        );
    }
}
