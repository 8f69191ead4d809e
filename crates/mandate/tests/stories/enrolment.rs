//! How a phone comes under management, and how not.

use axum::http::Method;
use mandate_engine::{EngineError, NewLink, Options};
use mandate_model::{DeviceState, EnrolmentType, Member, Platform, State, Target, Timestamp};
use mandate_simulator::device::{Device, DeviceError, Ending};
use mandate_simulator::http::Request;

use crate::house::{House, PUSH_TOPIC, places};

fn a_link(house: &House) -> NewLink {
    let _ = house;
    NewLink {
        user: None,
        platform: Platform::Ios,
        enrolment_type: EnrolmentType::Device,
        lifetime_seconds: 3600,
        uses: 1,
        signed: true,
    }
}

async fn enrol_by(house: &House, link: NewLink) -> Device {
    let link = house
        .engine
        .create_enrolment_link(&house.admin, link)
        .await
        .unwrap();
    let mut phone = house.phone(17, 5);
    phone
        .enrol(&house.http, &format!("{}{}", house.url, link.path))
        .await
        .unwrap();
    phone
}

#[tokio::test]
async fn a_link_serves_as_often_and_as_long_as_it_was_made_for() {
    for place in places().await {
        let house = House::open(place).await;
        let refused = |error: DeviceError| matches!(error, DeviceError::Link { status: 404, .. });

        let once = house.link(None, EnrolmentType::Device).await;
        house.phone(17, 5).enrol(&house.http, &once).await.unwrap();
        assert!(
            refused(
                house
                    .phone(17, 5)
                    .enrol(&house.http, &once)
                    .await
                    .unwrap_err()
            ),
            "used up"
        );

        let late = house.link(None, EnrolmentType::Device).await;
        house.clock.forward(3601 * Timestamp::SECOND);
        assert!(
            refused(
                house
                    .phone(17, 5)
                    .enrol(&house.http, &late)
                    .await
                    .unwrap_err()
            ),
            "expired"
        );

        let unknown = format!("{}/apple/enroll/nobody-made-this", house.url);
        assert!(
            refused(
                house
                    .phone(17, 5)
                    .enrol(&house.http, &unknown)
                    .await
                    .unwrap_err()
            ),
            "unknown"
        );

        let twice = NewLink {
            uses: 2,
            ..a_link(&house)
        };
        let twice = house
            .engine
            .create_enrolment_link(&house.admin, twice)
            .await
            .unwrap();
        let twice = format!("{}{}", house.url, twice.path);
        for _ in 0..2 {
            house.phone(17, 5).enrol(&house.http, &twice).await.unwrap();
        }
        assert!(
            refused(
                house
                    .phone(17, 5)
                    .enrol(&house.http, &twice)
                    .await
                    .unwrap_err()
            ),
            "used twice"
        );
    }
}

#[tokio::test]
async fn looking_at_a_link_does_not_use_it() {
    for place in places().await {
        let house = House::open(place).await;
        let link = house.link(None, EnrolmentType::Device).await;
        for _ in 0..3 {
            let answer = house
                .http
                .send(&Request::new(Method::HEAD, &link))
                .await
                .unwrap();
            assert_eq!(answer.status, 200);
        }
        house.phone(17, 5).enrol(&house.http, &link).await.unwrap();
    }
}

#[tokio::test]
async fn the_enrolment_profile_is_signed_if_the_link_says_so() {
    for place in places().await {
        let house = House::open(place).await;
        for signed in [true, false] {
            let phone = enrol_by(
                &house,
                NewLink {
                    signed,
                    ..a_link(&house)
                },
            )
            .await;
            assert_eq!(!phone.profiles()[0].signers.is_empty(), signed);
        }
    }
}

#[tokio::test]
async fn a_persons_own_phone_gets_mail_and_tells_nothing_of_itself() {
    for place in places().await {
        let house = House::open(place).await;
        let ada = house.hire("ada").await;
        let sales = house.group("Sales", vec![Member::User(ada.id)]).await;
        let chain = house.mail_with_certificate("Mail").await;
        house.assign_chain(&chain, &[sales.id]).await;
        let link = NewLink {
            user: Some(ada.id),
            enrolment_type: EnrolmentType::User,
            ..a_link(&house)
        };
        let mut phone = enrol_by(&house, link).await;
        house.settle(&mut phone).await;
        assert_ne!(phone.enrolment_id(), phone.udid());
        assert_eq!(
            house.state(chain.2.id, &phone).await,
            Some(State::Succeeded)
        );
        assert_eq!(phone.mail_accounts().len(), 1);
        let device = house.device_of(&phone).await;
        let view = house
            .engine
            .find_device(&house.admin, device)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(view.device.enrolment_type, EnrolmentType::User);
        assert_eq!(view.device.facts.serial_number, None);
        house.assert_nothing_left(&mut phone).await;
    }
}

#[tokio::test]
async fn enrolling_again_begins_anew_for_the_same_device() {
    for place in places().await {
        let house = House::open(place).await;
        let ada = house.hire("ada").await;
        let mail = house.mail_profile("Mail").await;
        house.target(mail.id, vec![Target::AllUsers]).await;
        let mut phone = house.enrol(house.phone(17, 5), Some(ada.id)).await;
        let (device, before) = (house.device_of(&phone).await, phone.mdm_identity().unwrap());
        let link = house.link(Some(ada.id), EnrolmentType::Device).await;
        phone.enrol(&house.http, &link).await.unwrap();
        assert!(
            !house.has(&phone, mail.id),
            "iOS took everything that the old enrolment brought"
        );
        house.settle(&mut phone).await;
        assert_eq!(house.device_of(&phone).await, device);
        assert!(house.has(&phone, mail.id));
        assert_eq!(house.state(mail.id, &phone).await, Some(State::Succeeded));
        assert_ne!(
            phone.mdm_identity().unwrap().certificate.fingerprint(),
            before.certificate.fingerprint()
        );
        let issued = house
            .engine
            .device_certificates(&house.admin, device)
            .await
            .unwrap();
        assert_eq!(
            issued
                .iter()
                .filter(|issued| issued.revoked_at.is_none())
                .count(),
            1
        );
        assert_eq!(house.engine.count_devices(&house.admin).await.unwrap(), 1);
        house.assert_nothing_left(&mut phone).await;
    }
}

#[tokio::test]
async fn a_phone_that_was_erased_or_left_can_come_back() {
    for place in places().await {
        let house = House::open(place).await;
        let ada = house.hire("ada").await;
        let mail = house.mail_profile("Mail").await;
        house.target(mail.id, vec![Target::AllUsers]).await;
        let mut phone = house.enrol(house.phone(17, 5), Some(ada.id)).await;
        let device = house.device_of(&phone).await;
        let wipe = mandate_engine::WipeOptions {
            keep_data_plan: false,
        };
        house
            .engine
            .wipe_device(&house.admin, device, wipe)
            .await
            .unwrap();
        house.settle_until_gone(&mut phone).await;
        for _ in 0..2 {
            let link = house.link(Some(ada.id), EnrolmentType::Device).await;
            phone.enrol(&house.http, &link).await.unwrap();
            house.settle(&mut phone).await;
            assert_eq!(house.state(mail.id, &phone).await, Some(State::Succeeded));
            house.assert_nothing_left(&mut phone).await;
            phone.remove_enrolment(&house.http).await.unwrap();
        }
        let view = house
            .engine
            .find_device(&house.admin, device)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(view.device.state, DeviceState::Unenrolled);
    }
}

#[tokio::test]
async fn one_certificate_serves_one_device() {
    for place in places().await {
        let house = House::open(place).await;
        let ada = house.hire("ada").await;
        let mut phone = house.enrol(house.phone(17, 5), Some(ada.id)).await;
        let mut state = phone.state().clone();
        state.udid = "00008110-00000000DEADBEEF".to_owned();
        let mut copy = Device::from_state(state, &house.keys);
        assert_eq!(
            copy.check_in(&house.http).await.unwrap().ending,
            Ending::Refused(403)
        );
        assert!(copy.update_token(&house.http, false).await.is_err());
        assert_eq!(house.engine.count_devices(&house.admin).await.unwrap(), 1);
        house.assert_nothing_left(&mut phone).await;
    }
}

#[tokio::test]
async fn another_persons_enrolment_makes_the_device_that_persons() {
    for place in places().await {
        let house = House::open(place).await;
        let (ada, ben) = (house.hire("ada").await, house.hire("ben").await);
        let mail = house.mail_profile("Mail").await;
        house.target(mail.id, vec![Target::AllUsers]).await;
        let mut phone = house.enrol(house.phone(17, 5), Some(ada.id)).await;
        assert_eq!(
            phone.mail_accounts()[0].settings.address,
            "ada@mail.contoso.com"
        );
        let link = house.link(Some(ben.id), EnrolmentType::Device).await;
        phone.enrol(&house.http, &link).await.unwrap();
        house.settle(&mut phone).await;
        assert_eq!(
            phone.mail_accounts()[0].settings.address,
            "ben@mail.contoso.com"
        );
        let device = house.device_of(&phone).await;
        let view = house
            .engine
            .find_device(&house.admin, device)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(view.user.map(|user| user.id), Some(ben.id));
        house.assert_nothing_left(&mut phone).await;
    }
}

#[tokio::test]
async fn without_a_push_certificate_there_is_no_link_unless_it_is_allowed() {
    for place in places().await {
        let house = House::open_without_push(place, Options::default()).await;
        let error = house
            .engine
            .create_enrolment_link(&house.admin, a_link(&house))
            .await
            .unwrap_err();
        assert!(
            matches!(&error, EngineError::NotAdmitted(barrier) if barrier.code() == "noPushCertificate"),
            "{error}"
        );
        house.store_push_certificate(PUSH_TOPIC).await.unwrap();
        enrol_by(&house, a_link(&house)).await;
    }
    for place in places().await {
        let options = Options {
            enrolment_without_push: true,
            ..Options::default()
        };
        let house = House::open_without_push(place, options).await;
        let ada = house.hire("ada").await;
        let mail = house.mail_profile("Mail").await;
        house.target(mail.id, vec![Target::AllUsers]).await;
        let mut phone = house.enrol(house.phone(17, 5), Some(ada.id)).await;
        assert_eq!(house.state(mail.id, &phone).await, Some(State::Succeeded));
        house.assert_nothing_left(&mut phone).await;
    }
}

#[tokio::test]
async fn an_enrolment_without_a_token_is_not_complete() {
    for place in places().await {
        let house = House::open(place).await;
        let link = house.link(None, EnrolmentType::Device).await;
        house.apns.forget_pushes();
        let fetched = house.http.fetch(&link).await.unwrap();
        assert_eq!(fetched.status, 200);
        assert_eq!(
            house.engine.count_devices(&house.admin).await.unwrap(),
            0,
            "a download is no device"
        );
        house.background().await;
        assert!(house.apns.pushes().is_empty());
    }
}
