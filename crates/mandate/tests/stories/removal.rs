//! What is taken away is gone from the phone in the end, and cannot be used any more.

use mandate_engine::{EngineError, WipeOptions};
use mandate_model::{DeviceState, EnrolmentType, Member, Profile, State, Target};
use mandate_simulator::device::{Device, Ending};

use crate::house::{House, places};

/// Ada's phone with mail by certificate, and her group.
async fn mail_by_certificate(house: &House) -> (Device, (Profile, Profile, Profile)) {
    let ada = house.hire("ada").await;
    let sales = house.group("Sales", vec![Member::User(ada.id)]).await;
    let chain = house.mail_with_certificate("Mail").await;
    house.assign_chain(&chain, &[sales.id]).await;
    let phone = house.enrol(house.phone(17, 5), Some(ada.id)).await;
    assert_eq!(phone.mail_accounts().len(), 1);
    (phone, chain)
}

/// Certificates of a device that still count, without its identity.
async fn valid_certificates(house: &House, phone: &Device) -> usize {
    let device = house.device_of(phone).await;
    let issued = house
        .engine
        .device_certificates(&house.admin, device)
        .await
        .unwrap();
    issued
        .iter()
        .filter(|issued| issued.profile_id.is_some() && issued.revoked_at.is_none())
        .count()
}

#[tokio::test]
async fn a_deleted_profile_goes_even_if_it_is_the_only_one() {
    for place in places().await {
        let house = House::open(place).await;
        let ada = house.hire("ada").await;
        let mail = house.mail_profile("Mail").await;
        house.target(mail.id, vec![Target::AllUsers]).await;
        let mut phone = house.enrol(house.phone(17, 5), Some(ada.id)).await;
        house.background().await;
        house.apns.forget_pushes();
        house
            .engine
            .delete_profile(&house.admin, mail.id)
            .await
            .unwrap();
        house.background().await;
        assert_eq!(house.pushes_to(&phone), 1);
        house.settle(&mut phone).await;
        assert!(!house.has(&phone, mail.id));
        assert!(phone.mail_accounts().is_empty());
        house.assert_nothing_left(&mut phone).await;
    }
}

#[tokio::test]
async fn leaving_the_group_takes_mail_and_certificates_and_revokes_them() {
    for place in places().await {
        let house = House::open(place).await;
        let (mut phone, _) = mail_by_certificate(&house).await;
        assert!(valid_certificates(&house, &phone).await > 0);
        let groups = house.engine.list_groups(
            &house.admin,
            mandate_engine::GroupFilter::default(),
            mandate_engine::Page::first(10),
        );
        let sales = groups.await.unwrap().remove(0);
        let ada = house
            .engine
            .find_user(&house.admin, "ada@contoso.com")
            .await
            .unwrap()
            .unwrap();
        house
            .engine
            .remove_member(&house.admin, sales.id, ada.id.0)
            .await
            .unwrap();
        house.settle(&mut phone).await;
        assert!(phone.mail_accounts().is_empty());
        assert_eq!(phone.profiles().len(), 1, "only the enrolment is left");
        assert_eq!(valid_certificates(&house, &phone).await, 0);
        house.assert_nothing_left(&mut phone).await;
    }
}

#[tokio::test]
async fn a_lost_acknowledgement_of_a_removal_converges() {
    for place in places().await {
        let house = House::open(place).await;
        let ada = house.hire("ada").await;
        let mail = house.mail_profile("Mail").await;
        house.target(mail.id, vec![Target::AllUsers]).await;
        let mut phone = house.enrol(house.phone(17, 5), Some(ada.id)).await;
        house.target(mail.id, vec![]).await;
        phone.faults.lost_acknowledgements = 1.0;
        assert_eq!(
            phone.check_in(&house.http).await.unwrap().ending,
            Ending::ReportLost
        );
        assert!(!house.has(&phone, mail.id));
        assert_eq!(
            house.state(mail.id, &phone).await,
            Some(State::Pending),
            "nothing proves it yet"
        );
        phone.faults.lost_acknowledgements = 0.0;
        house.settle(&mut phone).await;
        assert_eq!(house.state(mail.id, &phone).await, None);
        house.assert_nothing_left(&mut phone).await;
    }
}

#[tokio::test]
async fn a_retired_phone_keeps_nothing_and_its_certificates_are_revoked() {
    for place in places().await {
        let house = House::open(place).await;
        let (mut phone, _) = mail_by_certificate(&house).await;
        phone.add_user_account("mail.example.org", "ada@example.org");
        let device = house.device_of(&phone).await;
        house.background().await;
        house.apns.forget_pushes();
        house
            .engine
            .retire_device(&house.admin, device)
            .await
            .unwrap();
        house.background().await;
        assert_eq!(house.pushes_to(&phone), 1);
        let report = phone.check_in(&house.http).await.unwrap();
        assert_eq!(report.ending, Ending::Unenrolled);
        assert!(
            phone.profiles().is_empty()
                && phone.mail_accounts().is_empty()
                && phone.identities().is_empty()
        );
        assert_eq!(phone.state().user_accounts.len(), 1, "personal data stays");

        let view = house
            .engine
            .find_device(&house.admin, device)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(view.device.state, DeviceState::Retired);
        let issued = house
            .engine
            .device_certificates(&house.admin, device)
            .await
            .unwrap();
        assert!(
            issued.iter().all(|issued| issued.revoked_at.is_some()),
            "{issued:?}"
        );
        house.assert_nothing_left(&mut phone).await;
    }
}

#[tokio::test]
async fn a_wiped_phone_is_erased_and_forgotten_by_delivery() {
    for place in places().await {
        let house = House::open(place).await;
        let (mut phone, _) = mail_by_certificate(&house).await;
        let device = house.device_of(&phone).await;
        house
            .engine
            .wipe_device(
                &house.admin,
                device,
                WipeOptions {
                    keep_data_plan: true,
                },
            )
            .await
            .unwrap();
        let report = phone.check_in(&house.http).await.unwrap();
        assert_eq!(report.ending, Ending::Erased);
        let view = house
            .engine
            .find_device(&house.admin, device)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(view.device.state, DeviceState::Wiped);
        let issued = house
            .engine
            .device_certificates(&house.admin, device)
            .await
            .unwrap();
        assert!(
            issued.iter().all(|issued| issued.revoked_at.is_some()),
            "{issued:?}"
        );
        house.assert_nothing_left(&mut phone).await;
    }
}

#[tokio::test]
async fn a_persons_own_phone_cannot_be_wiped() {
    for place in places().await {
        let house = House::open(place).await;
        let ada = house.hire("ada").await;
        let mut phone = house.phone(17, 5);
        let link = house.link(Some(ada.id), EnrolmentType::User).await;
        phone.enrol(&house.http, &link).await.unwrap();
        house.settle(&mut phone).await;
        let device = house.device_of(&phone).await;
        let wipe = house.engine.wipe_device(
            &house.admin,
            device,
            WipeOptions {
                keep_data_plan: true,
            },
        );
        let error = wipe.await.unwrap_err();
        assert!(matches!(error, EngineError::NotPossible { .. }), "{error}");
        assert!(error.to_string().contains("retire"), "{error}");
        house.assert_nothing_left(&mut phone).await;

        house
            .engine
            .retire_device(&house.admin, device)
            .await
            .unwrap();
        assert_eq!(
            phone.check_in(&house.http).await.unwrap().ending,
            Ending::Unenrolled
        );
    }
}

#[tokio::test]
async fn a_user_who_removes_management_leaves_nothing_behind() {
    for place in places().await {
        let house = House::open(place).await;
        let (mut phone, chain) = mail_by_certificate(&house).await;
        let device = house.device_of(&phone).await;
        phone.remove_enrolment(&house.http).await.unwrap();
        let view = house
            .engine
            .find_device(&house.admin, device)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(view.device.state, DeviceState::Unenrolled);
        assert_eq!(house.state(chain.2.id, &phone).await, None);
        let issued = house
            .engine
            .device_certificates(&house.admin, device)
            .await
            .unwrap();
        assert!(
            issued.iter().all(|issued| issued.revoked_at.is_some()),
            "{issued:?}"
        );
        house.background().await;
        house.assert_nothing_left(&mut phone).await;
    }
}

#[tokio::test]
async fn what_was_made_for_a_person_goes_with_the_person() {
    for place in places().await {
        let house = House::open(place).await;
        let (mut phone, chain) = mail_by_certificate(&house).await;
        let ada = house
            .engine
            .find_user(&house.admin, "ada@contoso.com")
            .await
            .unwrap()
            .unwrap();
        house.background().await;
        house.apns.forget_pushes();
        house
            .engine
            .delete_user(&house.admin, ada.id)
            .await
            .unwrap();
        house.background().await;
        assert_eq!(house.pushes_to(&phone), 1);
        house.settle(&mut phone).await;
        assert!(phone.is_enrolled());
        assert!(phone.mail_accounts().is_empty());
        assert!(!house.has(&phone, chain.1.id));
        assert_eq!(valid_certificates(&house, &phone).await, 0);
        house.assert_nothing_left(&mut phone).await;
    }
}

#[tokio::test]
async fn what_a_restored_backup_brought_back_is_removed() {
    for place in places().await {
        let house = House::open(place).await;
        let ada = house.hire("ada").await;
        let mail = house.mail_profile("Mail").await;
        house.target(mail.id, vec![Target::AllUsers]).await;
        let mut phone = house.enrol(house.phone(17, 5), Some(ada.id)).await;
        let backup = phone.clone();
        house.target(mail.id, vec![]).await;
        house.settle(&mut phone).await;
        assert!(!house.has(&phone, mail.id));

        let mut phone = backup;
        assert!(house.has(&phone, mail.id));
        house.clock.forward_days(1);
        house.background().await;
        let device = house.device_of(&phone).await;
        house
            .engine
            .sync_device(&house.admin, device)
            .await
            .unwrap();
        house.settle(&mut phone).await;
        assert!(!house.has(&phone, mail.id));
        house.assert_nothing_left(&mut phone).await;
    }
}

#[tokio::test]
async fn a_removal_that_is_taken_back_before_it_was_sent_leaves_the_profile_alone() {
    for place in places().await {
        let house = House::open(place).await;
        let ada = house.hire("ada").await;
        let mail = house.mail_profile("Mail").await;
        house.target(mail.id, vec![Target::AllUsers]).await;
        let mut phone = house.enrol(house.phone(17, 5), Some(ada.id)).await;
        house.target(mail.id, vec![]).await;
        house.target(mail.id, vec![Target::AllUsers]).await;
        assert_eq!(house.settle(&mut phone).await, Vec::<String>::new());
        assert_eq!(house.state(mail.id, &phone).await, Some(State::Succeeded));

        // Once the phone was told, it comes back.
        house.target(mail.id, vec![]).await;
        phone.faults.not_now = 1.0;
        phone.check_in(&house.http).await.unwrap();
        house.target(mail.id, vec![Target::AllUsers]).await;
        phone.faults.not_now = 0.0;
        house.settle(&mut phone).await;
        assert!(house.has(&phone, mail.id));
        assert_eq!(house.state(mail.id, &phone).await, Some(State::Succeeded));
        assert_eq!(
            phone.counters().password_prompts,
            1,
            "the account was never gone"
        );
        house.assert_nothing_left(&mut phone).await;
    }
}

#[tokio::test]
async fn what_was_made_for_a_person_goes_with_the_person_however_it_was_assigned() {
    for place in places().await {
        let house = House::open(place).await;
        let ada = house.hire("ada").await;
        let mail = house.mail_profile("Mail").await;
        house.target(mail.id, vec![Target::AllDevices]).await;
        let mut phone = house.enrol(house.phone(17, 5), Some(ada.id)).await;
        assert!(house.has(&phone, mail.id));

        house
            .engine
            .delete_user(&house.admin, ada.id)
            .await
            .unwrap();
        house.settle(&mut phone).await;
        assert!(!house.has(&phone, mail.id));
        assert_eq!(
            house.reason(mail.id, &phone).await,
            Some(mandate_model::Reason::NoUser)
        );
        house.assert_nothing_left(&mut phone).await;
    }
}
