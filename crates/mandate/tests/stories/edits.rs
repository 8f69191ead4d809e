//! What an edit means on the phone.

use mandate_engine::ProfileChange;
use mandate_model::{Member, Profile, State};
use mandate_simulator::device::Device;
use serde_json::json;

use crate::house::{House, mail_settings, places};

/// Ada's phone with a mail account on it.
async fn mail_on_a_phone(house: &House) -> (Device, Profile) {
    let ada = house.hire("ada").await;
    let sales = house.group("Sales", vec![Member::User(ada.id)]).await;
    let mail = house.mail_profile("Mail").await;
    house.assign(mail.id, &[sales.id]).await;
    let phone = house.enrol(house.phone(17, 5), Some(ada.id)).await;
    assert_eq!(phone.counters().password_prompts, 1);
    (phone, mail)
}

#[tokio::test]
async fn an_edit_that_changes_nothing_makes_no_version_and_sends_nothing() {
    for place in places().await {
        let house = House::open(place).await;
        let (mut phone, mail) = mail_on_a_phone(&house).await;
        let after = house.edit(mail.id, mail_settings()).await;
        assert_eq!(after.version, mail.version);
        house.background().await;
        house.apns.forget_pushes();
        assert_eq!(house.settle(&mut phone).await, Vec::<String>::new());
        house.background().await;
        assert_eq!(house.pushes_to(&phone), 0);
        house.assert_nothing_left(&mut phone).await;
    }
}

#[tokio::test]
async fn a_silent_edit_changes_the_account_in_place() {
    for place in places().await {
        let house = House::open(place).await;
        let (mut phone, mail) = mail_on_a_phone(&house).await;
        let account = phone.mail_accounts()[0].payload_uuid.clone();
        let after = house
            .edit(mail.id, json!({ "durationOfEmailToSync": "oneMonth" }))
            .await;
        assert_eq!(after.version, mail.version + 1);
        assert_eq!(house.state(mail.id, &phone).await, Some(State::Pending));
        house.settle(&mut phone).await;
        assert_eq!(house.state(mail.id, &phone).await, Some(State::Succeeded));
        let now = &phone.mail_accounts()[0];
        assert_eq!(now.settings.keys["MailNumberOfPastDaysToSync"], json!(31));
        assert_eq!((&now.payload_uuid, now.applied), (&account, 2));
        assert_eq!(
            (
                phone.counters().password_prompts,
                phone.counters().accounts_recreated
            ),
            (1, 0)
        );
        house.assert_nothing_left(&mut phone).await;
    }
}

#[tokio::test]
async fn an_edit_of_the_services_asks_for_the_password_once() {
    for place in places().await {
        let house = House::open(place).await;
        let (mut phone, mail) = mail_on_a_phone(&house).await;
        let change = json!({ "easServices": "email,contacts" });
        let impact = impact(&house, &mail, change.clone()).await;
        assert_eq!(
            impact,
            [(
                "easServices",
                mandate_model::catalogue::Impact::AsksPassword
            )]
        );
        house.edit(mail.id, change).await;
        house.settle(&mut phone).await;
        assert_eq!(house.state(mail.id, &phone).await, Some(State::Succeeded));
        assert_eq!(phone.counters().password_prompts, 2);
        assert_eq!(phone.mail_accounts().len(), 1);
        assert_eq!(
            phone.mail_accounts()[0].settings.keys["EnableCalendars"],
            json!(false)
        );
        house.assert_nothing_left(&mut phone).await;
    }
}

#[tokio::test]
async fn turning_modern_sign_in_on_and_off_asks_for_the_password_at_most_once() {
    for place in places().await {
        let house = House::open(place).await;
        let (mut phone, mail) = mail_on_a_phone(&house).await;
        house.edit(mail.id, json!({ "useOAuth": true })).await;
        house.settle(&mut phone).await;
        assert_eq!(phone.mail_accounts()[0].settings.keys["OAuth"], json!(true));
        assert_eq!(
            phone.counters().password_prompts,
            1,
            "modern sign-in asks on its own page"
        );
        house.edit(mail.id, json!({ "useOAuth": false })).await;
        house.settle(&mut phone).await;
        assert_eq!(phone.counters().password_prompts, 2);
        assert_eq!(phone.mail_accounts().len(), 1);
        house.assert_nothing_left(&mut phone).await;
    }
}

#[tokio::test]
async fn another_host_replaces_the_account() {
    for place in places().await {
        let house = House::open(place).await;
        let (mut phone, mail) = mail_on_a_phone(&house).await;
        let account = phone.mail_accounts()[0].payload_uuid.clone();
        house
            .edit(mail.id, json!({ "hostName": "outlook.contoso.com" }))
            .await;
        house.settle(&mut phone).await;
        assert_eq!(house.state(mail.id, &phone).await, Some(State::Succeeded));
        let accounts = phone.mail_accounts();
        assert_eq!(accounts.len(), 1);
        assert_eq!(accounts[0].settings.host, "outlook.contoso.com");
        assert_ne!(accounts[0].payload_uuid, account);
        assert_eq!(phone.counters().password_prompts, 2);
        house.assert_nothing_left(&mut phone).await;
    }
}

#[tokio::test]
async fn a_new_name_for_administrators_disturbs_no_user() {
    for place in places().await {
        let house = House::open(place).await;
        let (mut phone, mail) = mail_on_a_phone(&house).await;
        let change = ProfileChange {
            display_name: Some("Mail for all".to_owned()),
            ..ProfileChange::default()
        };
        let after = house
            .engine
            .update_profile(&house.admin, mail.id, change)
            .await
            .unwrap();
        assert_eq!(after.display_name, "Mail for all");
        house.settle(&mut phone).await;
        assert_eq!(house.state(mail.id, &phone).await, Some(State::Succeeded));
        assert_eq!(
            (
                phone.counters().password_prompts,
                phone.counters().accounts_recreated
            ),
            (1, 0)
        );
        house.assert_nothing_left(&mut phone).await;
    }
}

#[tokio::test]
async fn an_edit_before_the_phone_came_is_delivered_once_in_its_last_form() {
    for place in places().await {
        let house = House::open(place).await;
        let (mut phone, mail) = mail_on_a_phone(&house).await;
        for duration in ["oneDay", "threeDays", "twoWeeks"] {
            house
                .edit(mail.id, json!({ "durationOfEmailToSync": duration }))
                .await;
        }
        let commands = house.settle(&mut phone).await;
        assert_eq!(
            commands
                .iter()
                .filter(|kind| *kind == "InstallProfile")
                .count(),
            1,
            "{commands:?}"
        );
        assert_eq!(
            phone.mail_accounts()[0].settings.keys["MailNumberOfPastDaysToSync"],
            json!(14)
        );
        house.assert_nothing_left(&mut phone).await;
    }
}

#[tokio::test]
async fn an_edit_that_is_taken_back_before_the_phone_came_sends_nothing() {
    for place in places().await {
        let house = House::open(place).await;
        let (mut phone, mail) = mail_on_a_phone(&house).await;
        house
            .edit(mail.id, json!({ "durationOfEmailToSync": "oneDay" }))
            .await;
        house
            .edit(mail.id, json!({ "durationOfEmailToSync": "oneWeek" }))
            .await;
        assert_eq!(house.settle(&mut phone).await, Vec::<String>::new());
        assert_eq!(house.state(mail.id, &phone).await, Some(State::Succeeded));
        house.assert_nothing_left(&mut phone).await;
    }
}

async fn impact(
    house: &House,
    profile: &Profile,
    settings: serde_json::Value,
) -> Vec<(&'static str, mandate_model::catalogue::Impact)> {
    let body = settings.as_object().unwrap().clone();
    let change = ProfileChange {
        body,
        ..ProfileChange::default()
    };
    let changes = house
        .engine
        .impact_of(&house.admin, profile.id, change)
        .await
        .unwrap();
    changes
        .into_iter()
        .map(|change| (change.property, change.impact))
        .collect()
}
