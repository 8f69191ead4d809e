//! Whatever arrives, reading it ends with a value or an error.

use std::io::Cursor;

use mandate_apple::wire::property_list::{Limits, read};
use mandate_apple::wire::{CheckIn, Report, WireError};
use plist::Value;
use proptest::prelude::*;

use super::all_messages;

#[test]
fn every_message_says_the_same_in_both_forms_and_as_the_crate_reads_it() {
    for bytes in all_messages() {
        let ours = read(&bytes, Limits::REPORT).unwrap();
        let theirs = Value::from_reader(Cursor::new(&bytes)).unwrap();
        assert_eq!(Some(&ours), theirs.as_dictionary());
        let (mut xml, mut binary) = (Vec::new(), Vec::new());
        theirs.to_writer_xml(&mut xml).unwrap();
        theirs.to_writer_binary(&mut binary).unwrap();
        assert_eq!(read(&xml, Limits::REPORT).unwrap(), ours);
        assert_eq!(read(&binary, Limits::REPORT).unwrap(), ours);
    }
}

fn damaged_message() -> impl Strategy<Value = Vec<u8>> {
    let message = proptest::sample::select(all_messages());
    let damage =
        proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..4u8), 1..12);
    (message, damage).prop_map(|(mut message, damage)| {
        for (place, byte, kind) in damage {
            message.push(byte);
            let at = place.index(message.len());
            match kind {
                0 => message[at] = byte,
                1 => message.insert(at, byte),
                2 => drop(message.remove(at)),
                _ => message.truncate(at),
            }
        }
        message
    })
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(Value::Boolean),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        (-1e9..1e9f64).prop_map(Value::Real),
        proptest::collection::vec(any::<u8>(), 0..40).prop_map(Value::Data),
        "[^\\x00-\\x1f\\x7f\u{fffe}\u{ffff}]{0,20}".prop_map(Value::String),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..20).prop_map(Value::Array),
            proptest::collection::btree_map("[a-zA-Z<&>]{1,8}", inner, 0..20)
                .prop_map(|map| Value::Dictionary(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = CheckIn::parse(&bytes);
        let _ = Report::parse(&[b"bplist00", bytes.as_slice()].concat());
        let _ = Report::parse(&[b"<plist><dict>", bytes.as_slice()].concat());
    }

    #[test]
    fn no_damage_makes_it_panic(bytes in damaged_message()) {
        let _ = CheckIn::parse(&bytes);
        if let Ok(report) = Report::parse(&bytes) {
            let _ = (report.profiles(), report.certificates(), report.security_info());
            report.update_facts(&mut mandate_model::DeviceFacts::default());
        }
    }

    #[test]
    fn what_the_crate_writes_is_read_alike(value in value()) {
        let root = Value::Dictionary([("root", value)].into_iter().collect());
        let (mut xml, mut binary) = (Vec::new(), Vec::new());
        root.to_writer_xml(&mut xml).unwrap();
        root.to_writer_binary(&mut binary).unwrap();
        let root = root.into_dictionary().unwrap();
        prop_assert_eq!(read(&xml, Limits::REPORT).unwrap(), root.clone());
        prop_assert_eq!(read(&binary, Limits::REPORT).unwrap(), root);
    }
}

#[test]
fn a_tower_of_arrays_is_refused_before_it_can_fall() {
    let tower = format!("<plist><dict><key>a</key>{}", "<array>".repeat(100_000));
    assert_eq!(
        read(tower.as_bytes(), Limits::REPORT),
        Err(WireError::TooDeep { limit: 32 })
    );
}

#[test]
fn a_large_body_is_refused_unread() {
    let body = vec![b' '; Limits::CHECK_IN.bytes + 1];
    assert_eq!(
        CheckIn::parse(&body),
        Err(WireError::TooLarge {
            limit: Limits::CHECK_IN.bytes
        })
    );
}
