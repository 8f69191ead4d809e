//! An acknowledgement is a hint, the inventory is the proof.

use mandate_model::{Member, Profile, Reason, State, Timestamp};
use mandate_simulator::device::{Device, Ending, Faults, Outcome};
use plist::Dictionary;

use crate::house::{House, error_chain, places, profile_list};

/// Ada's phone, enrolled and settled, and a mail profile just assigned to her.
async fn mail_on_its_way(house: &House) -> (Device, Profile) {
    let ada = house.hire("ada").await;
    let sales = house.group("Sales", vec![Member::User(ada.id)]).await;
    let phone = house.enrol(house.phone(17, 5), Some(ada.id)).await;
    let mail = house.mail_profile("Mail").await;
    house.assign(mail.id, &[sales.id]).await;
    (phone, mail)
}

#[tokio::test]
async fn a_lost_acknowledgement_converges_without_a_second_account() {
    for place in places().await {
        let house = House::open(place).await;
        let (mut phone, mail) = mail_on_its_way(&house).await;
        phone.faults.lost_acknowledgements = 1.0;
        let report = phone.check_in(&house.http).await.unwrap();
        assert_eq!(report.ending, Ending::ReportLost);
        assert!(house.has(&phone, mail.id));
        assert_eq!(house.state(mail.id, &phone).await, Some(State::Pending));

        phone.faults = Faults::default();
        house.settle(&mut phone).await;
        assert_eq!(house.state(mail.id, &phone).await, Some(State::Succeeded));
        assert_eq!(phone.counters().password_prompts, 1);
        assert_eq!(phone.mail_accounts().len(), 1);
        house.assert_nothing_left(&mut phone).await;
    }
}

#[tokio::test]
async fn a_lost_acknowledgement_does_not_cost_a_second_certificate() {
    for place in places().await {
        let house = House::open(place).await;
        let ada = house.hire("ada").await;
        let sales = house.group("Sales", vec![Member::User(ada.id)]).await;
        let chain = house.mail_with_certificate("Mail").await;
        let undisturbed = {
            house.assign_chain(&chain, &[sales.id]).await;
            let twin = house.enrol(house.phone(17, 5), Some(ada.id)).await;
            twin.counters().certificates_enrolled
        };
        let mut phone = house.phone(17, 5);
        let link = house
            .link(Some(ada.id), mandate_model::EnrolmentType::Device)
            .await;
        phone.enrol(&house.http, &link).await.unwrap();
        phone.faults.lost_acknowledgements = 1.0;
        let mut losses = 0;
        while house.state(chain.2.id, &phone).await != Some(State::Succeeded) {
            phone.faults.lost_acknowledgements = if losses % 2 == 0 { 1.0 } else { 0.0 };
            phone.check_in(&house.http).await.unwrap();
            losses += 1;
            assert!(losses < 60, "does not converge");
        }
        phone.faults = Faults::default();
        house.settle(&mut phone).await;
        assert_eq!(
            phone.counters().certificates_enrolled,
            undisturbed,
            "certificates were made twice"
        );
        house.assert_nothing_left(&mut phone).await;
    }
}

#[tokio::test]
async fn a_lost_answer_is_given_again() {
    for place in places().await {
        let house = House::open(place).await;
        let (mut phone, mail) = mail_on_its_way(&house).await;
        phone.faults.lost_answers = 1.0;
        let report = phone.check_in(&house.http).await.unwrap();
        assert_eq!(report.ending, Ending::AnswerLost);
        assert!(!house.has(&phone, mail.id));

        phone.faults = Faults::default();
        house.settle(&mut phone).await;
        assert_eq!(house.state(mail.id, &phone).await, Some(State::Succeeded));
        assert_eq!(phone.mail_accounts()[0].applied, 1);
        house.assert_nothing_left(&mut phone).await;
    }
}

#[tokio::test]
async fn a_report_that_comes_twice_is_heard_once() {
    for place in places().await {
        let house = House::open(place).await;
        let (mut phone, mail) = mail_on_its_way(&house).await;
        phone.faults.duplicate_reports = 1.0;
        house.settle(&mut phone).await;
        assert_eq!(house.state(mail.id, &phone).await, Some(State::Succeeded));
        assert_eq!(phone.mail_accounts()[0].applied, 1);
        phone.faults = Faults::default();
        house.assert_nothing_left(&mut phone).await;
    }
}

#[tokio::test]
async fn what_is_acknowledged_and_never_listed_becomes_an_error_after_bounded_tries() {
    for place in places().await {
        let house = House::open(place).await;
        let (phone, mail) = mail_on_its_way(&house).await;
        let mut puppet = house.puppet(&phone);
        for _ in 0..20 {
            puppet
                .session(|command| match command.kind.as_str() {
                    "ProfileList" => ("Acknowledged", profile_list(&phone)),
                    _ => ("Acknowledged", Dictionary::new()),
                })
                .await;
        }
        assert_eq!(
            house.reason(mail.id, &phone).await,
            Some(Reason::NotInInventory)
        );
        assert_eq!(house.state(mail.id, &phone).await, Some(State::Error));
        let installs = puppet
            .commands
            .iter()
            .filter(|kind| *kind == "InstallProfile")
            .count();
        assert!((2..=10).contains(&installs), "installed {installs} times");
    }
}

#[tokio::test]
async fn a_profile_that_vanished_silently_is_found_within_a_day_and_comes_back() {
    for place in places().await {
        let house = House::open(place).await;
        let (mut phone, mail) = mail_on_its_way(&house).await;
        house.settle(&mut phone).await;
        house.background().await;
        house.apns.forget_pushes();
        assert!(phone.lose_profile(&house.identifier(mail.id)));

        house.clock.forward_days(1);
        house.background().await;
        assert_eq!(
            house.pushes_to(&phone),
            1,
            "nobody asks the phone what it has"
        );
        house.settle(&mut phone).await;
        assert!(house.has(&phone, mail.id));
        assert_eq!(house.state(mail.id, &phone).await, Some(State::Succeeded));
        house.assert_nothing_left(&mut phone).await;
    }
}

#[tokio::test]
async fn not_now_is_kept_and_not_offered_again_in_the_same_session() {
    for place in places().await {
        let house = House::open(place).await;
        let (mut phone, mail) = mail_on_its_way(&house).await;
        phone.faults.not_now = 1.0;
        let report = phone.check_in(&house.http).await.unwrap();
        let offers = report
            .commands
            .iter()
            .filter(|(kind, _)| kind == "InstallProfile")
            .count();
        assert_eq!(offers, 1, "{report:?}");
        assert_eq!(house.reason(mail.id, &phone).await, Some(Reason::NotNow));

        phone.faults = Faults::default();
        let report = phone.check_in(&house.http).await.unwrap();
        assert!(
            report
                .commands
                .contains(&("InstallProfile".to_owned(), Outcome::Acknowledged)),
            "{report:?}"
        );
        house.settle(&mut phone).await;
        assert_eq!(house.state(mail.id, &phone).await, Some(State::Succeeded));
        house.assert_nothing_left(&mut phone).await;
    }
}

#[tokio::test]
async fn after_not_now_the_phone_is_pushed_with_pauses_that_double() {
    for place in places().await {
        let house = House::open(place).await;
        let (mut phone, mail) = mail_on_its_way(&house).await;
        house.background().await;
        phone.faults.not_now = 1.0;
        let mut pause = 15 * 60;
        for _ in 0..5 {
            phone.check_in(&house.http).await.unwrap();
            house.background().await;
            house.apns.forget_pushes();
            house.clock.forward((pause - 5) * Timestamp::SECOND);
            house.background().await;
            assert_eq!(
                house.pushes_to(&phone),
                0,
                "pushed before {pause} s were over"
            );
            house.clock.forward(10 * Timestamp::SECOND);
            house.background().await;
            assert_eq!(house.pushes_to(&phone), 1, "not pushed after {pause} s");
            pause *= 2;
        }
        phone.faults = Faults::default();
        house.settle(&mut phone).await;
        assert_eq!(house.state(mail.id, &phone).await, Some(State::Succeeded));
        house.assert_nothing_left(&mut phone).await;
    }
}

#[tokio::test]
async fn what_the_phone_refuses_is_shown_with_domain_code_and_text() {
    for place in places().await {
        let house = House::open(place).await;
        let (mut phone, mail) = mail_on_its_way(&house).await;
        let mut puppet = house.puppet(&phone);
        puppet
            .session(|command| match command.kind.as_str() {
                "InstallProfile" => (
                    "Error",
                    error_chain("MCPayloadErrorDomain", 2003, "The field “Host” is invalid."),
                ),
                "ProfileList" => ("Acknowledged", profile_list(&phone)),
                _ => ("Acknowledged", Dictionary::new()),
            })
            .await;
        let expected = Reason::DeviceError {
            domain: "MCPayloadErrorDomain".to_owned(),
            number: 2003,
            text: "The field “Host” is invalid.".to_owned(),
        };
        assert_eq!(house.reason(mail.id, &phone).await, Some(expected));
        assert_eq!(house.state(mail.id, &phone).await, Some(State::Error));
        let installs = puppet
            .commands
            .iter()
            .filter(|kind| *kind == "InstallProfile")
            .count();
        assert_eq!(
            installs, 1,
            "a refused profile is not offered again in the same session"
        );

        // Nothing was wrong with the phone itself: an administrator has it try again.
        let device = house.device_of(&phone).await;
        house
            .engine
            .sync_device(&house.admin, device)
            .await
            .unwrap();
        house.settle(&mut phone).await;
        assert_eq!(house.state(mail.id, &phone).await, Some(State::Succeeded));
        house.assert_nothing_left(&mut phone).await;
    }
}

#[tokio::test]
async fn a_deadline_that_passes_is_an_error_until_the_phone_comes() {
    for place in places().await {
        let house = House::open(place).await;
        let (mut phone, mail) = mail_on_its_way(&house).await;
        let status = house.status(mail.id, &phone).await.unwrap();
        let deadline = status
            .deadline
            .expect("what waits for a check-in has a deadline");
        house
            .clock
            .forward(deadline.since(house.engine.now()) + Timestamp::SECOND);
        house.background().await;
        assert_eq!(
            house.reason(mail.id, &phone).await,
            Some(Reason::DeadlinePassed)
        );
        assert_eq!(house.state(mail.id, &phone).await, Some(State::Error));

        house.settle(&mut phone).await;
        assert_eq!(house.state(mail.id, &phone).await, Some(State::Succeeded));
        house.assert_nothing_left(&mut phone).await;
    }
}

#[tokio::test]
async fn every_pending_state_has_a_deadline() {
    for place in places().await {
        let house = House::open(place).await;
        let (mut phone, mail) = mail_on_its_way(&house).await;
        let mut seen = Vec::new();
        let mut look = async |phone: &Device, wanted: Reason| {
            let status = house
                .status(mail.id, phone)
                .await
                .expect("the profile concerns the phone");
            assert_eq!(status.reason, wanted);
            assert!(
                status.deadline.is_some(),
                "{:?} may last for ever",
                status.reason
            );
            seen.push(wanted);
        };
        look(&phone, Reason::WaitingForCheckIn).await;

        phone.faults.not_now = 1.0;
        phone.check_in(&house.http).await.unwrap();
        look(&phone, Reason::NotNow).await;
        phone.faults = Faults::default();

        let mut puppet = house.puppet(&phone);
        let mut command = puppet.ask().await.unwrap();
        while command.kind != "InstallProfile" {
            command = puppet
                .reply(&command, "Acknowledged", Dictionary::new())
                .await
                .unwrap();
        }
        look(&phone, Reason::Sent).await;
        puppet
            .reply(&command, "Acknowledged", Dictionary::new())
            .await
            .unwrap();
        look(&phone, Reason::Acknowledged).await;

        house.settle(&mut phone).await;
        house.assign(mail.id, &[]).await;
        look(&phone, Reason::Removing).await;
        phone.faults.not_now = 1.0;
        phone.check_in(&house.http).await.unwrap();
        let status = house.status(mail.id, &phone).await.unwrap();
        assert_eq!(status.state(), State::Pending);
        assert!(status.deadline.is_some());
        phone.faults = Faults::default();
        house.settle(&mut phone).await;
        house.assert_nothing_left(&mut phone).await;
    }
}
