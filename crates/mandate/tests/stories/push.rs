//! Waking phones: as seldom as possible, and again until they come.

use mandate_engine::{EngineError, PushStanding};
use mandate_model::{State, Target, Timestamp};
use mandate_simulator::apns::PushAnswer;
use mandate_simulator::device::Device;
use serde_json::json;

use crate::house::{House, PUSH_TOPIC, places};

/// A phone that has everything, and no push on record.
async fn quiet_phone(house: &House) -> Device {
    let ada = house.hire("ada").await;
    let mut phone = house.enrol(house.phone(17, 5), Some(ada.id)).await;
    house.assert_nothing_left(&mut phone).await;
    house.apns.forget_pushes();
    phone
}

fn token(phone: &Device) -> Vec<u8> {
    phone.push().unwrap().0.to_vec()
}

#[tokio::test]
async fn several_changes_are_one_push_in_the_form_that_apple_asks_for() {
    for place in places().await {
        let house = House::open(place).await;
        let mut phone = quiet_phone(&house).await;
        for name in ["First", "Second", "Third"] {
            let profile = house.mail_profile(name).await;
            house
                .edit(
                    profile.id,
                    json!({ "hostName": format!("{name}.contoso.com") }),
                )
                .await;
            house.target(profile.id, vec![Target::AllUsers]).await;
        }
        house.background().await;
        house.background().await;
        let pushes = house.apns.pushes();
        assert_eq!(pushes.len(), 1, "{pushes:?}");
        let push = &pushes[0];
        let topic = format!("com.apple.mgmt.External.{PUSH_TOPIC}");
        assert_eq!(
            (push.status, push.topic.as_deref()),
            (200, Some(topic.as_str()))
        );
        assert_eq!(push.certificate_topic.as_deref(), Some(topic.as_str()));
        assert_eq!(push.push_type.as_deref(), Some("mdm"));
        assert_eq!(push.priority.as_deref(), Some("10"));
        assert_eq!(push.magic.as_deref(), Some(phone.push().unwrap().1));
        let expires: i64 = push.expiration.as_deref().unwrap().parse().unwrap();
        assert!(expires > house.clock.unix_seconds());
        house.settle(&mut phone).await;
        assert_eq!(phone.mail_accounts().len(), 3);
        house.assert_nothing_left(&mut phone).await;
    }
}

#[tokio::test]
async fn a_phone_that_came_by_itself_is_not_woken() {
    for place in places().await {
        let house = House::open(place).await;
        let mut phone = quiet_phone(&house).await;
        let mail = house.mail_profile("Mail").await;
        house.target(mail.id, vec![Target::AllUsers]).await;
        house.settle(&mut phone).await;
        house.background().await;
        assert_eq!(house.pushes_to(&phone), 0);
        assert_eq!(house.state(mail.id, &phone).await, Some(State::Succeeded));
    }
}

#[tokio::test]
async fn a_phone_that_does_not_come_is_woken_again_after_an_hour_six_hours_and_a_day() {
    for place in places().await {
        let house = House::open(place).await;
        let mut phone = quiet_phone(&house).await;
        let mail = house.mail_profile("Mail").await;
        house.target(mail.id, vec![Target::AllUsers]).await;
        house.background().await;
        assert_eq!(house.pushes_to(&phone), 1);
        for (count, hours) in [(2, 1), (3, 6), (4, 24)] {
            house
                .clock
                .forward(hours * Timestamp::HOUR - Timestamp::MINUTE);
            house.background().await;
            assert_eq!(house.pushes_to(&phone), count - 1, "before {hours} hours");
            house.clock.forward(2 * Timestamp::MINUTE);
            house.background().await;
            assert_eq!(house.pushes_to(&phone), count, "after {hours} hours");
        }
        house.settle(&mut phone).await;
        house.assert_nothing_left(&mut phone).await;
    }
}

#[tokio::test]
async fn a_dead_token_is_left_alone_until_there_is_a_new_one() {
    for place in places().await {
        let house = House::open(place).await;
        let mut phone = quiet_phone(&house).await;
        house.clock.forward(Timestamp::MINUTE);
        house.apns.answer(
            &token(&phone),
            PushAnswer::Unregistered(house.clock.unix_seconds() * 1000),
        );
        let mail = house.mail_profile("Mail").await;
        house.target(mail.id, vec![Target::AllUsers]).await;
        house.background().await;
        assert_eq!(house.pushes_to(&phone), 1);
        for _ in 0..5 {
            house.clock.forward_days(1);
            house.background().await;
        }
        assert_eq!(house.pushes_to(&phone), 1, "pushed to a dead token");

        phone.update_token(&house.http, true).await.unwrap();
        house.background().await;
        assert_eq!(house.pushes_to(&phone), 1, "the new token");
        house.settle(&mut phone).await;
        assert_eq!(house.state(mail.id, &phone).await, Some(State::Succeeded));
        house.assert_nothing_left(&mut phone).await;
    }
}

#[tokio::test]
async fn the_death_of_an_older_token_does_not_silence_the_new_one() {
    for place in places().await {
        let house = House::open(place).await;
        let mut phone = quiet_phone(&house).await;
        let long_ago = (house.clock.unix_seconds() - 86_400) * 1000;
        house
            .apns
            .answer(&token(&phone), PushAnswer::Unregistered(long_ago));
        let mail = house.mail_profile("Mail").await;
        house.target(mail.id, vec![Target::AllUsers]).await;
        house.background().await;
        let tried = house.pushes_to(&phone);
        assert!((1..=2).contains(&tried), "{tried} pushes at once");
        house.clock.forward_days(1);
        house.background().await;
        assert!(
            house.pushes_to(&phone) > tried,
            "a push that contradicts the token is tried again later"
        );
        house.settle(&mut phone).await;
        house.assert_nothing_left(&mut phone).await;
    }
}

#[tokio::test]
async fn too_many_requests_make_the_pauses_longer() {
    for place in places().await {
        let house = House::open(place).await;
        let mut phone = quiet_phone(&house).await;
        house
            .apns
            .answer(&token(&phone), PushAnswer::TooManyRequests);
        let mail = house.mail_profile("Mail").await;
        house.target(mail.id, vec![Target::AllUsers]).await;
        house.background().await;
        assert_eq!(house.pushes_to(&phone), 1);
        let mut gaps = Vec::new();
        let (mut minutes, mut count) = (0, 1);
        while gaps.len() < 3 && minutes < 24 * 60 {
            house.clock.forward(Timestamp::MINUTE);
            minutes += 1;
            house.background().await;
            if house.pushes_to(&phone) > count {
                count = house.pushes_to(&phone);
                gaps.push(minutes);
                minutes = 0;
            }
        }
        assert_eq!(gaps.len(), 3, "never tried again");
        assert!(gaps[0] < gaps[1] && gaps[1] < gaps[2], "{gaps:?}");

        house.apns.answer(&token(&phone), PushAnswer::Accepted);
        house.settle(&mut phone).await;
        house.assert_nothing_left(&mut phone).await;
    }
}

#[tokio::test]
async fn a_refused_certificate_stops_all_pushes_but_one_now_and_then() {
    for place in places().await {
        let house = House::open(place).await;
        let mut phone = quiet_phone(&house).await;
        let ben = house.hire("ben").await;
        let mut other = house.enrol(house.phone(17, 5), Some(ben.id)).await;
        house.assert_nothing_left(&mut other).await;
        house.apns.forget_pushes();
        house.apns.answer_all(PushAnswer::BadCertificate);
        let mail = house.mail_profile("Mail").await;
        house.target(mail.id, vec![Target::AllUsers]).await;
        house.background().await;
        let tried = house.apns.pushes().len();
        assert!(tried <= 2);
        let problem = house.engine.push_problem().expect("the problem is shown");
        assert!(problem.contains("BadCertificate"), "{problem}");
        let trouble = house.engine.push_trouble().unwrap();
        // An hour, two, four… and at last a day: a single push each time.
        for (pushes, hours) in (1..).zip([1, 2, 4, 8, 16, 24, 24]) {
            house
                .clock
                .forward(hours * Timestamp::HOUR - Timestamp::MINUTE);
            house.background().await;
            let so_far = house.apns.pushes().len();
            assert_eq!(so_far, tried + pushes - 1, "before {hours} hours");
            house.clock.forward(2 * Timestamp::MINUTE);
            house.background().await;
            let so_far = house.apns.pushes().len();
            assert_eq!(so_far, tried + pushes, "after {hours} hours");
        }
        let later = house.engine.push_trouble().unwrap();
        assert_eq!(later.since, trouble.since, "it has lasted since then");
        assert!(later.next_try > trouble.next_try);

        house.apns.answer_all(PushAnswer::Accepted);
        house.apns.forget_pushes();
        house.store_push_certificate(PUSH_TOPIC).await.unwrap();
        assert_eq!(house.engine.push_problem(), None);
        house.background().await;
        assert_eq!((house.pushes_to(&phone), house.pushes_to(&other)), (1, 1));
        for phone in [&mut phone, &mut other] {
            house.settle(phone).await;
            house.assert_nothing_left(phone).await;
        }
    }
}

#[tokio::test]
async fn a_certificate_that_was_refused_by_mistake_works_again_by_itself() {
    for place in places().await {
        let house = House::open(place).await;
        let mut phone = quiet_phone(&house).await;
        house.apns.answer_all(PushAnswer::BadCertificate);
        let mail = house.mail_profile("Mail").await;
        house.target(mail.id, vec![Target::AllUsers]).await;
        house.background().await;
        assert!(house.engine.push_trouble().is_some());
        house.apns.answer_all(PushAnswer::Accepted);
        house.apns.forget_pushes();
        house.clock.forward(Timestamp::HOUR + Timestamp::MINUTE);
        house.background().await;
        assert_eq!(house.pushes_to(&phone), 1);
        assert_eq!(house.engine.push_trouble(), None);
        house.settle(&mut phone).await;
        house.assert_nothing_left(&mut phone).await;
    }
}

#[tokio::test]
async fn a_certificate_of_another_topic_is_refused_once_there_are_devices() {
    for place in places().await {
        let house = House::open(place).await;
        let other = "0a0b0c0d-0000-4000-8000-000000000001";
        house.store_push_certificate(other).await.unwrap();
        house.store_push_certificate(PUSH_TOPIC).await.unwrap();
        let mut phone = quiet_phone(&house).await;
        let error = house
            .store_push_certificate(other)
            .await
            .unwrap_err()
            .to_string();
        assert!(error.contains("topic") && error.contains(other), "{error}");

        let before = house
            .engine
            .push_certificate(&house.admin)
            .await
            .unwrap()
            .unwrap();
        house.clock.forward_days(1);
        house.store_push_certificate(PUSH_TOPIC).await.unwrap();
        let after = house
            .engine
            .push_certificate(&house.admin)
            .await
            .unwrap()
            .unwrap();
        assert_ne!(before.serial, after.serial);
        house.settle(&mut phone).await;
        house.apns.forget_pushes();
        let mail = house.mail_profile("Mail").await;
        house.target(mail.id, vec![Target::AllUsers]).await;
        house.background().await;
        assert_eq!(
            house.pushes_to(&phone),
            1,
            "the renewed certificate is used without a restart"
        );
        house.settle(&mut phone).await;
        house.assert_nothing_left(&mut phone).await;
    }
}

#[tokio::test]
async fn what_was_to_be_woken_is_woken_after_a_restart() {
    for place in places().await {
        let mut house = House::open(place).await;
        let mut phone = quiet_phone(&house).await;
        let mail = house.mail_profile("Mail").await;
        house.target(mail.id, vec![Target::AllUsers]).await;
        house.restart().await;
        house.background().await;
        assert_eq!(house.pushes_to(&phone), 1);
        house.settle(&mut phone).await;
        assert_eq!(house.state(mail.id, &phone).await, Some(State::Succeeded));
        house.assert_nothing_left(&mut phone).await;
    }
}

#[tokio::test]
async fn the_push_certificate_stays_while_a_device_depends_on_it() {
    for place in places().await {
        let house = House::open(place).await;
        let (engine, admin) = (&house.engine, &house.admin);
        let mut phone = quiet_phone(&house).await;
        let refused = || async {
            let error = engine.remove_push_certificate(admin).await.unwrap_err();
            assert!(matches!(error, EngineError::InUse { .. }), "{error}");
            let text = error.to_string();
            assert!(text.contains("one managed device"), "{text}");
            assert_eq!(engine.devices_on_push_certificate(admin).await.unwrap(), 1);
            assert!(engine.push_certificate(admin).await.unwrap().is_some());
        };
        refused().await;
        let id = house.device_of(&phone).await;
        engine.retire_device(admin, id).await.unwrap();
        // It is still to be woken, to be told.
        refused().await;
        house.settle_until_gone(&mut phone).await;
        engine.remove_push_certificate(admin).await.unwrap();
        assert_eq!(engine.push_certificate(admin).await.unwrap(), None);
        // Nobody is bound to the topic any more.
        let other = "0a0b0c0d-0000-4000-8000-000000000001";
        let stored = house.store_push_certificate(other).await.unwrap();
        assert!(stored.topic.ends_with(other), "{}", stored.topic);
    }
}

/// ENR-6
#[tokio::test]
async fn a_push_certificate_that_has_ended_is_renewed_under_its_topic() {
    for place in places().await {
        let house = House::open(place).await;
        quiet_phone(&house).await;
        let found = house.engine.push_certificate(&house.admin).await.unwrap();
        let certificate = found.unwrap();
        let go = |days_before: i64| {
            let at = certificate.not_after.plus(-days_before * Timestamp::DAY);
            house.clock.forward(at.since(house.engine.now()));
            certificate.standing(house.engine.now())
        };
        assert_eq!(go(61), PushStanding::Good(61));
        for days in [60, 30, 7, 1] {
            assert_eq!(go(days), PushStanding::EndsSoon(days));
        }
        assert_eq!(go(0), PushStanding::Grace(30));
        assert_eq!(go(-29), PushStanding::Grace(1));
        let other = "0a0b0c0d-0000-4000-8000-000000000001";
        house.store_push_certificate(other).await.unwrap_err();
        let renewed = house.store_push_certificate(PUSH_TOPIC).await.unwrap();
        assert_eq!(renewed.topic, certificate.topic);
        let standing = renewed.standing(house.engine.now());
        assert!(matches!(standing, PushStanding::Good(_)), "{standing:?}");
        assert_eq!(renewed.apple_id.as_deref(), Some("it@contoso.com"));
    }
}
