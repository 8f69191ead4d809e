//! Whatever is put to the door for devices, the answer is never 401 and nothing changes.

use axum::http::Method;
use mandate_model::{EnrolmentType, State, Target};
use mandate_simulator::cms::Identity;
use mandate_simulator::device::{Device, Ending, Forgery};
use mandate_simulator::http::{Answer, Request};
use plist::{Dictionary, Value};

use crate::house::{House, places, put, xml};

/// A phone with work waiting for it.
async fn busy_phone(house: &House) -> Device {
    let ada = house.hire("ada").await;
    let phone = house.enrol(house.phone(17, 5), Some(ada.id)).await;
    let mail = house.mail_profile("Mail").await;
    house.target(mail.id, vec![Target::AllUsers]).await;
    phone
}

/// Everything the server knows of a phone.
async fn known(house: &House, phone: &Device) -> String {
    let id = house.device_of(phone).await;
    let mut session = house.engine.store().read().await.unwrap();
    let device = session.find_device(id).await.unwrap();
    let rows = session.profiles_of_device(id).await.unwrap();
    let actions = session.actions_of_device(id).await.unwrap();
    let certificates = session.certificates_of_device(id).await.unwrap();
    format!("{device:#?} {rows:#?} {actions:#?} {certificates:#?}")
}

fn idle(phone: &Device) -> Dictionary {
    let mut message = Dictionary::new();
    message.insert("UDID".to_owned(), phone.enrolment_id().into());
    message.insert("Status".to_owned(), "Idle".into());
    message
}

fn assert_refused(answer: &Answer, status: u16, what: &str) {
    assert_eq!(answer.status, status, "{what}: {}", answer.excerpt());
    assert_ne!(answer.status, 401, "{what} would unenrol a device");
}

#[tokio::test]
async fn a_body_that_is_no_message_is_refused_precisely_and_changes_nothing() {
    for place in places().await {
        let house = House::open(place).await;
        let phone = busy_phone(&house).await;
        let (identity, before) = (phone.mdm_identity().unwrap(), known(&house, &phone).await);
        let nested = format!(
            "<plist>{}{}</plist>",
            "<array>".repeat(5000),
            "</array>".repeat(5000)
        );
        let bodies: [(&str, Vec<u8>); 8] = [
            ("nothing", Vec::new()),
            ("no plist", b"{\"Status\":\"Idle\"}".to_vec()),
            ("half a plist", xml(idle(&phone))[..100].to_vec()),
            (
                "an array",
                b"<plist version=\"1.0\"><array/></plist>".to_vec(),
            ),
            ("deep nesting", nested.into_bytes()),
            (
                "no id",
                xml(Dictionary::from_iter([(
                    "Status".to_owned(),
                    Value::from("Idle"),
                )])),
            ),
            ("unknown status", {
                let mut message = idle(&phone);
                message.insert("Status".to_owned(), "Perhaps".into());
                xml(message)
            }),
            (
                "broken binary plist",
                b"bplist00\xff\xff\xff\xff\xff\xff\xff\xff".to_vec(),
            ),
        ];
        for path in ["/apple/mdm", "/apple/checkin"] {
            for (what, body) in &bodies {
                let answer = put(
                    &house.http,
                    &format!("{}{path}", house.url),
                    body.clone(),
                    Some(&identity),
                )
                .await;
                assert_refused(&answer, 400, &format!("{what} to {path}"));
            }
        }
        assert_eq!(known(&house, &phone).await, before);
    }
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_refused() {
    for place in places().await {
        let house = House::open(place).await;
        let phone = busy_phone(&house).await;
        let (identity, before) = (phone.mdm_identity().unwrap(), known(&house, &phone).await);
        let mut message = idle(&phone);
        message.insert("Padding".to_owned(), "x".repeat(9 * 1024 * 1024).into());
        let body = xml(message);
        for path in ["/apple/mdm", "/apple/checkin"] {
            let mut request = Request::new(Method::PUT, "");
            let url = format!("{}{path}", house.url);
            request.url = &url;
            let request = request
                .body("application/x-apple-aspen-mdm", body.clone())
                .unwrap();
            // The server may hang up while the rest of the body is on its way.
            if let Ok(answer) = house.http.send(&request).await {
                assert!(
                    [400, 403, 413].contains(&answer.status),
                    "{path}: {}",
                    answer.status
                );
            }
        }
        drop(identity);
        assert_eq!(known(&house, &phone).await, before);
    }
}

#[tokio::test]
async fn a_wrong_proof_is_refused_and_the_phone_keeps_its_enrolment() {
    for place in places().await {
        let house = House::open(place).await;
        let mut phone = busy_phone(&house).await;
        let before = known(&house, &phone).await;
        for forgery in [
            Forgery::OtherBody,
            Forgery::ForeignCertificate,
            Forgery::ExpiredCertificate,
            Forgery::Missing,
        ] {
            phone.faults.forgery = forgery;
            let report = phone.check_in(&house.http).await.unwrap();
            assert_eq!(report.ending, Ending::Refused(403), "{forgery:?}");
            assert!(phone.is_enrolled());
            assert_eq!(known(&house, &phone).await, before, "{forgery:?}");
        }
        phone.faults.forgery = Forgery::None;
        house.settle(&mut phone).await;
        house.assert_nothing_left(&mut phone).await;
    }
}

#[tokio::test]
async fn a_certificate_speaks_for_its_own_device_only() {
    for place in places().await {
        let house = House::open(place).await;
        let phone = busy_phone(&house).await;
        let ben = house.hire("ben").await;
        let mut other = house.enrol(house.phone(17, 5), Some(ben.id)).await;
        let before = known(&house, &phone).await;
        let url = format!("{}/apple/mdm", house.url);
        let foreign = other.mdm_identity().unwrap();
        let answer = put(&house.http, &url, xml(idle(&phone)), Some(&foreign)).await;
        assert_refused(&answer, 403, "the certificate of another device");
        let mut message = Dictionary::new();
        for (key, value) in [
            ("MessageType", "CheckOut"),
            ("UDID", phone.enrolment_id()),
            ("Topic", "any"),
        ] {
            message.insert(key.to_owned(), value.into());
        }
        let url = format!("{}/apple/checkin", house.url);
        let answer = put(&house.http, &url, xml(message), Some(&foreign)).await;
        assert_refused(&answer, 403, "the certificate of another device");
        assert_eq!(known(&house, &phone).await, before);
        house.assert_nothing_left(&mut other).await;
    }
}

#[tokio::test]
async fn a_report_about_another_devices_command_changes_nothing() {
    for place in places().await {
        let house = House::open(place).await;
        let mut phone = busy_phone(&house).await;
        let ben = house.hire("ben").await;
        let mut other = house.enrol(house.phone(17, 5), Some(ben.id)).await;
        house.settle(&mut other).await;
        let command = house.puppet(&phone).ask().await.unwrap();
        let before = known(&house, &phone).await;
        let stranger = house.puppet(&other);
        for status in ["Acknowledged", "Error", "NotNow", "CommandFormatError"] {
            let answer = stranger
                .say(status, Some(&command.uuid), Dictionary::new())
                .await;
            assert_eq!((answer.status, answer.body.len()), (200, 0), "{status}");
        }
        for uuid in ["not a uuid", "00000000-0000-0000-0000-000000000000"] {
            assert_eq!(
                stranger
                    .say("Acknowledged", Some(uuid), Dictionary::new())
                    .await
                    .status,
                200
            );
        }
        assert_eq!(known(&house, &phone).await, before);
        house.assert_nothing_left(&mut other).await;
        house.settle(&mut phone).await;
        house.assert_nothing_left(&mut phone).await;
    }
}

#[tokio::test]
async fn a_revoked_certificate_is_refused_while_the_device_is_here() {
    for place in places().await {
        let house = House::open(place).await;
        let ada = house.hire("ada").await;
        let mut phone = house.enrol(house.phone(16, 0), Some(ada.id)).await;
        let stolen: Identity = phone.mdm_identity().unwrap();
        let link = house.link(Some(ada.id), EnrolmentType::Device).await;
        phone.enrol(&house.http, &link).await.unwrap();
        house.settle(&mut phone).await;
        let before = known(&house, &phone).await;
        let url = format!("{}/apple/mdm", house.url);
        let answer = put(&house.http, &url, xml(idle(&phone)), Some(&stolen)).await;
        assert_refused(&answer, 403, "the identity of an earlier enrolment");
        assert_eq!(known(&house, &phone).await, before);
    }
}

#[tokio::test]
async fn an_identity_that_expired_is_still_known() {
    for place in places().await {
        let house = House::open(place).await;
        let mut phone = busy_phone(&house).await;
        house.clock.forward_days(366);
        let report = phone.check_in(&house.http).await.unwrap();
        assert!(!report.commands.is_empty(), "{report:?}");
        assert!(phone.is_enrolled());
    }
}

#[tokio::test]
async fn other_methods_are_refused_and_binary_plists_are_read() {
    for place in places().await {
        let house = House::open(place).await;
        let phone = busy_phone(&house).await;
        for path in ["/apple/mdm", "/apple/checkin"] {
            for method in [Method::GET, Method::DELETE] {
                let url = format!("{}{path}", house.url);
                let answer = house.http.send(&Request::new(method, &url)).await.unwrap();
                assert_refused(&answer, 405, path);
            }
        }
        let mut body = Vec::new();
        Value::Dictionary(idle(&phone))
            .to_writer_binary(&mut body)
            .unwrap();
        let url = format!("{}/apple/mdm", house.url);
        let answer = put(
            &house.http,
            &url,
            body,
            Some(&phone.mdm_identity().unwrap()),
        )
        .await;
        assert_eq!(answer.status, 200);
        assert!(!answer.body.is_empty(), "there was work");
    }
}

#[tokio::test]
async fn without_its_database_the_server_asks_to_come_again_and_loses_nothing() {
    for place in places().await {
        let mut house = House::open(place).await;
        let mut phone = busy_phone(&house).await;
        let mail = house
            .engine
            .list_profiles(&house.admin, mandate_engine::Page::first(1))
            .await
            .unwrap()
            .remove(0);
        let mut puppet = house.puppet(&phone);
        let command = puppet.ask().await.unwrap();
        house.engine.store().close().await;
        let answer = puppet
            .say("Acknowledged", Some(&command.uuid), Dictionary::new())
            .await;
        assert_eq!(answer.status, 503);
        assert!(answer.retry_after.is_some());
        let report = phone.check_in(&house.http).await.unwrap();
        assert_eq!(report.ending, Ending::Refused(503));
        assert!(phone.is_enrolled());
        drop(puppet);

        house.restart().await;
        house.settle(&mut phone).await;
        assert_eq!(house.state(mail.id, &phone).await, Some(State::Succeeded));
        house.assert_nothing_left(&mut phone).await;
    }
}
