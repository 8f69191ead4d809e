//! Earlier versions of a profile come back on the phone.

use mandate_model::{Member, State};
use serde_json::json;

use crate::house::{House, places};

#[tokio::test]
async fn a_version_that_is_restored_is_what_the_phone_has_again() {
    for place in places().await {
        let house = House::open(place).await;
        let ada = house.hire("ada").await;
        let sales = house.group("Sales", vec![Member::User(ada.id)]).await;
        let mail = house.mail_profile("Mail").await;
        house.assign(mail.id, &[sales.id]).await;
        let mut phone = house.enrol(house.phone(17, 5), Some(ada.id)).await;
        let before = phone.mail_accounts()[0].settings.keys.clone();
        house
            .edit(mail.id, json!({ "durationOfEmailToSync": "oneMonth" }))
            .await;
        house.settle(&mut phone).await;
        assert_ne!(phone.mail_accounts()[0].settings.keys, before);
        let restored = house
            .engine
            .restore_profile_version(&house.admin, mail.id, mail.version)
            .await
            .unwrap();
        assert_eq!(restored.version, mail.version + 2);
        assert_eq!(house.state(mail.id, &phone).await, Some(State::Pending));
        house.settle(&mut phone).await;
        assert_eq!(house.state(mail.id, &phone).await, Some(State::Succeeded));
        assert_eq!(phone.mail_accounts()[0].settings.keys, before);
        assert_eq!(phone.counters().password_prompts, 1);
        house.assert_nothing_left(&mut phone).await;
    }
}

#[tokio::test]
async fn a_deleted_profile_that_is_restored_comes_to_those_it_was_for() {
    for place in places().await {
        let mut house = House::open(place).await;
        let ada = house.hire("ada").await;
        let sales = house.group("Sales", vec![Member::User(ada.id)]).await;
        let mail = house.mail_profile("Mail").await;
        house.assign(mail.id, &[sales.id]).await;
        let mut phone = house.enrol(house.phone(17, 5), Some(ada.id)).await;
        assert_eq!(phone.mail_accounts().len(), 1);
        house
            .engine
            .delete_profile(&house.admin, mail.id)
            .await
            .unwrap();
        house.settle(&mut phone).await;
        assert_eq!(phone.mail_accounts().len(), 0);

        house.restart().await;
        let restored = house
            .engine
            .restore_deleted_profile(&house.admin, mail.id)
            .await
            .unwrap();
        house.settle(&mut phone).await;
        assert_eq!(phone.mail_accounts().len(), 0, "it is for nobody yet");
        house
            .engine
            .assign_profile(&house.admin, mail.id, restored.targets)
            .await
            .unwrap();
        house.settle(&mut phone).await;
        assert_eq!(house.state(mail.id, &phone).await, Some(State::Succeeded));
        assert_eq!(phone.mail_accounts().len(), 1);
        house.assert_nothing_left(&mut phone).await;
    }
}

#[tokio::test]
async fn a_phone_that_slept_through_deletion_and_return_notices_nothing() {
    for place in places().await {
        let house = House::open(place).await;
        let ada = house.hire("ada").await;
        let sales = house.group("Sales", vec![Member::User(ada.id)]).await;
        let mail = house.mail_profile("Mail").await;
        house.assign(mail.id, &[sales.id]).await;
        let mut phone = house.enrol(house.phone(17, 5), Some(ada.id)).await;
        house
            .engine
            .delete_profile(&house.admin, mail.id)
            .await
            .unwrap();
        let restored = house
            .engine
            .restore_deleted_profile(&house.admin, mail.id)
            .await
            .unwrap();
        house
            .engine
            .assign_profile(&house.admin, mail.id, restored.targets)
            .await
            .unwrap();
        house.settle(&mut phone).await;
        assert_eq!(house.state(mail.id, &phone).await, Some(State::Succeeded));
        assert_eq!(phone.counters().password_prompts, 1);
        assert_eq!(phone.mail_accounts()[0].applied, 1);
        house.assert_nothing_left(&mut phone).await;
    }
}
