//! The disk full, the database gone, in the middle of what a phone does: it is asked to come again, and nothing is lost.

use axum::http::Method;
use mandate_model::{State, Target, Timestamp};
use mandate_simulator::device::{Device, DeviceError, Ending};
use mandate_simulator::http::{Answer, Request};
use plist::{Dictionary, Value};
use serde_json::json;

use crate::house::{House, Place, Program, Wire, mail_settings, places, put, xml};

/// A server on a file whose room can be taken away, or a word why there is none.
async fn starvable() -> Option<Program> {
    if !Program::can_be_starved() {
        eprintln!("skipped: there is no `prlimit` to fill the disk of a process with");
        return None;
    }
    let directory = std::sync::Arc::new(tempfile::tempdir().unwrap());
    Some(Program::start(Place::Sqlite(directory)).await)
}

/// Says something about a command, or asks for one.
async fn say(program: &Program, phone: &Device, status: &str, command: Option<&str>) -> Answer {
    let mut message = Dictionary::new();
    message.insert("UDID".to_owned(), phone.enrolment_id().into());
    message.insert("Status".to_owned(), status.into());
    if let Some(command) = command {
        message.insert("CommandUUID".to_owned(), command.into());
    }
    let url = format!("{}/apple/mdm", program.url);
    let identity = phone.mdm_identity().unwrap();
    put(&program.http, &url, xml(message), Some(&identity)).await
}

/// Type and id of the command in an answer.
fn command(answer: &Answer) -> (String, String) {
    assert_eq!(answer.status, 200, "{}", answer.excerpt());
    let message = Value::from_reader_xml(&answer.body[..]).unwrap();
    let message = message.as_dictionary().unwrap();
    let body = message["Command"].as_dictionary().unwrap();
    let text = |value: &Value| value.as_string().unwrap().to_owned();
    (text(&body["RequestType"]), text(&message["CommandUUID"]))
}

fn assert_come_again(answer: &Answer) {
    assert_eq!(answer.status, 503, "{}", answer.excerpt());
    assert!(answer.retry_after.is_some());
}

/// A phone in the middle of an installation: the command was given and not yet reported on.
async fn phone_in_the_middle(program: &Program) -> (Device, String, String) {
    let ada = program.hire("ada").await;
    let phone = program.enrol(&ada).await;
    let mail = program
        .profile("iosEasEmailProfileConfiguration", "Mail", mail_settings())
        .await;
    program.assign_to_all(&mail).await;
    let (kind, uuid) = command(&say(program, &phone, "Idle", None).await);
    assert_eq!(kind, "InstallProfile");
    (phone, mail, uuid)
}

#[tokio::test]
async fn a_full_disk_in_the_middle_of_a_check_in_costs_time_and_nothing_else() {
    let Some(program) = starvable().await else {
        return;
    };
    let (mut phone, mail, uuid) = phone_in_the_middle(&program).await;
    let before = program.states(&mail).await;

    program.fill_disk();
    for _ in 0..3 {
        assert_come_again(&say(&program, &phone, "Acknowledged", Some(&uuid)).await);
    }
    let report = phone.check_in(&program.http).await.unwrap();
    assert_eq!(report.ending, Ending::Refused(503));
    assert!(phone.is_enrolled());
    let path = format!("/beta/deviceManagement/deviceConfigurations/{mail}");
    let change = Some(json!({ "hostName": "other.contoso.com" }));
    let (status, body) = program.call(Method::PATCH, &path, change).await;
    assert_eq!(
        (status, &body["error"]["code"]),
        (503, &json!("ServiceUnavailable"))
    );
    // What needs no room is answered as before.
    assert_eq!(program.states(&mail).await, before);
    assert_eq!(program.get(&path).await["hostName"], "mail.contoso.com");

    program.free_disk();
    let answer = say(&program, &phone, "Acknowledged", Some(&uuid)).await;
    assert_eq!(command(&answer).0, "ProfileList", "evidence is asked for");
    program.settle(&mut phone).await;
    assert_eq!(phone.mail_accounts().len(), 1);
    assert_eq!(program.states(&mail).await[0]["state"], "succeeded");
}

#[tokio::test]
async fn a_power_cut_while_the_disk_is_full_loses_nothing_either() {
    let Some(mut program) = starvable().await else {
        return;
    };
    let (mut phone, mail, uuid) = phone_in_the_middle(&program).await;
    program.fill_disk();
    assert_come_again(&say(&program, &phone, "Acknowledged", Some(&uuid)).await);
    program.restart().await;
    let answer = say(&program, &phone, "Acknowledged", Some(&uuid)).await;
    assert_eq!(command(&answer).0, "ProfileList", "evidence is asked for");
    program.settle(&mut phone).await;
    assert_eq!(phone.mail_accounts().len(), 1);
    assert_eq!(program.states(&mail).await[0]["state"], "succeeded");
}

#[tokio::test]
async fn an_enrolment_that_meets_a_full_disk_can_be_begun_again_with_the_same_link() {
    let Some(program) = starvable().await else {
        return;
    };
    let ada = program.hire("ada").await;
    let link = program.link(&ada, true).await;
    let mut phone = program.phone();
    program.fill_disk();
    match phone.enrol(&program.http, &link).await {
        Err(DeviceError::Link { status: 503, .. }) => {}
        other => panic!("{other:?}"),
    }
    program.free_disk();
    phone.enrol(&program.http, &link).await.unwrap();
    program.settle(&mut phone).await;

    // The one use of the link was not lost, and there is no second one.
    let answer = program.http.send(&Request::new(Method::GET, &link)).await;
    assert_eq!(answer.unwrap().status, 404);
}

/// Lets the server find out which of its connections are lost.
async fn reconnect(house: &House) {
    let mut good = 0;
    for _ in 0..200 {
        good = match house.engine.ready().await {
            Ok(()) => good + 1,
            Err(_) => 0,
        };
        // More often than there are connections, and they take turns.
        if good > 40 {
            return;
        }
    }
    panic!("the server does not find its database again");
}

#[tokio::test]
async fn a_database_that_goes_at_any_moment_of_a_session_costs_time_and_nothing_else() {
    for place in places().await {
        let Some((wire, place)) = Wire::to(&place).await else {
            continue;
        };
        let house = House::open(place).await;
        let ada = house.hire("ada").await;
        let mut phone = house.enrol(house.phone(17, 5), Some(ada.id)).await;
        let mail = house.mail_profile("Mail").await;
        house.target(mail.id, vec![Target::AllUsers]).await;
        house.settle(&mut phone).await;
        let mut refused = 0;
        for moment in 0..40 {
            let name = format!("Mail {moment}");
            house.edit(mail.id, json!({ "accountName": name })).await;
            wire.cut_after(moment);
            let report = phone.check_in(&house.http).await.unwrap();
            match report.ending {
                Ending::Refused(503) => refused += 1,
                Ending::Empty => {}
                other => panic!("after {moment} words: {other:?}"),
            }
            assert!(phone.is_enrolled());
            wire.mend();
            reconnect(&house).await;

            house.settle(&mut phone).await;
            let state = house.state(mail.id, &phone).await;
            assert_eq!(state, Some(State::Succeeded), "after {moment} words");
            assert_eq!(phone.mail_accounts().len(), 1);
        }
        assert!(refused > 10, "only {refused} sessions met the cut");
        house.assert_nothing_left(&mut phone).await;
    }
}

#[tokio::test]
async fn a_background_that_has_stopped_is_noticed() {
    for place in places().await {
        let house = House::open(place).await;
        assert_eq!(house.engine.background_silence(), None, "it has not begun");
        house.background().await;
        house.clock.forward(4 * Timestamp::MINUTE);
        assert_eq!(house.engine.background_silence(), None, "it may be busy");
        house.clock.forward(2 * Timestamp::MINUTE);
        let silence = house.engine.background_silence();
        assert_eq!(silence, Some(6 * 60));
        house.background().await;
        assert_eq!(house.engine.background_silence(), None);
    }
}
