//! Clients that are older, or simpler, or real.

use axum::http::Method;
use mandate_engine::{NewLink, Options};
use mandate_model::{EnrolmentType, Platform, State, Target};
use mandate_simulator::device::{DeviceError, SignatureForm};
use mandate_simulator::scep::ScepMode;

use crate::house::{House, places};

fn legacy() -> Options {
    Options {
        legacy_clients: true,
        ..Options::default()
    }
}

async fn plain_link(house: &House) -> String {
    let user = house.hire("ada").await;
    let link = NewLink {
        user: Some(user.id),
        platform: Platform::Ios,
        enrolment_type: EnrolmentType::Device,
        lifetime_seconds: 3600,
        uses: 1,
        signed: false,
    };
    format!(
        "{}{}",
        house.url,
        house
            .engine
            .create_enrolment_link(&house.admin, link)
            .await
            .unwrap()
            .path
    )
}

#[tokio::test]
async fn a_client_like_mdmb_is_served_only_where_old_clients_are_allowed() {
    for place in places().await {
        let house = House::open(place).await;
        let link = plain_link(&house).await;
        let mut client = house.phone(17, 5);
        client.scep = ScepMode::Mdmb;
        let error = client.enrol(&house.http, &link).await.unwrap_err();
        assert!(matches!(error, DeviceError::Profile(_)), "{error}");
        assert!(!client.is_enrolled());
    }
    for place in places().await {
        let house = House::open_with(place, legacy()).await;
        let mail = house.mail_profile("Mail").await;
        house.target(mail.id, vec![Target::AllUsers]).await;
        let link = plain_link(&house).await;
        let mut client = house.phone(17, 5);
        client.scep = ScepMode::Mdmb;
        client.enrol(&house.http, &link).await.unwrap();
        house.settle(&mut client).await;
        assert_eq!(house.state(mail.id, &client).await, Some(State::Succeeded));
        house.assert_nothing_left(&mut client).await;
    }
}

#[tokio::test]
async fn a_certificate_may_be_asked_for_in_the_address() {
    for (mode, options, served) in [
        (ScepMode::Modern, Options::default(), true),
        (ScepMode::TripleDes, Options::default(), true),
        (ScepMode::Mdmb, Options::default(), false),
        (ScepMode::Mdmb, legacy(), true),
    ] {
        for place in places().await {
            let house = House::open_with(place, options.clone()).await;
            let ada = house.hire("ada").await;
            let phone = house.enrol(house.phone(17, 5), Some(ada.id)).await;
            let chain = house.mail_with_certificate("Mail").await;
            for profile in [&chain.0, &chain.1, &chain.2] {
                house.target(profile.id, vec![Target::AllUsers]).await;
            }
            let offer = house.offered_certificate(&phone).await;
            let applicant = house.applicant(offer);
            let answer = applicant.ask_as(mode, Method::GET).await;
            assert_eq!(answer.is_ok(), served, "{mode:?}: {answer:?}");
        }
    }
}

#[tokio::test]
async fn signatures_as_real_devices_and_other_clients_make_them_are_understood() {
    for form in [
        SignatureForm::Clean,
        SignatureForm::Device,
        SignatureForm::Attached,
    ] {
        for place in places().await {
            let house = House::open(place).await;
            let ada = house.hire("ada").await;
            let mail = house.mail_profile("Mail").await;
            house.target(mail.id, vec![Target::AllUsers]).await;
            let mut phone = house.phone(17, 5);
            phone.signature = form;
            let mut phone = house.enrol(phone, Some(ada.id)).await;
            assert_eq!(
                house.state(mail.id, &phone).await,
                Some(State::Succeeded),
                "{form:?}"
            );
            house.assert_nothing_left(&mut phone).await;
        }
    }
}

#[tokio::test]
async fn every_generation_from_11_to_26_is_served() {
    for place in places().await {
        let house = House::open(place).await;
        let sales = house.group("Sales", vec![]).await;
        let chain = house.mail_with_certificate("Mail").await;
        house.assign_chain(&chain, &[sales.id]).await;
        for major in [11, 12, 13, 14, 15, 16, 17, 18, 26] {
            let user = house.hire(&format!("user{major}")).await;
            let member = vec![mandate_model::Member::User(user.id)];
            house
                .engine
                .add_members(&house.admin, sales.id, member)
                .await
                .unwrap();
            let mut phone = house.phone(major, 0);
            if major < 13 {
                phone.scep = ScepMode::TripleDes;
            }
            let mut phone = house.enrol(phone, Some(user.id)).await;
            assert_eq!(
                house.state(chain.2.id, &phone).await,
                Some(State::Succeeded),
                "iOS {major}"
            );
            assert_eq!(phone.counters().password_prompts, 0, "iOS {major}");
            house.assert_nothing_left(&mut phone).await;
        }
    }
}
