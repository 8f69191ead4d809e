//! An account that the user made by hand is in the way, and what follows.

use mandate_model::{AccountKey, Member, Reason, State, Timestamp};

use crate::house::{House, places};

#[tokio::test]
async fn an_account_made_by_the_user_blocks_by_name_until_it_is_gone() {
    for place in places().await {
        let house = House::open(place).await;
        let ada = house.hire("ada").await;
        let sales = house.group("Sales", vec![Member::User(ada.id)]).await;
        let mut phone = house.enrol(house.phone(17, 5), Some(ada.id)).await;
        phone.add_user_account("mail.contoso.com", "ada@mail.contoso.com");
        let mail = house.mail_profile("Mail").await;
        house.assign(mail.id, &[sales.id]).await;
        house.settle(&mut phone).await;

        let status = house.status(mail.id, &phone).await.unwrap();
        let account = AccountKey {
            host: "mail.contoso.com".to_owned(),
            address: "ada@mail.contoso.com".to_owned(),
        };
        assert_eq!(status.reason, Reason::AccountExists { account });
        assert_eq!(status.state(), State::Conflict);
        let message = status.reason.message();
        assert!(
            message.contains("mail.contoso.com") && message.contains("ada@mail.contoso.com"),
            "{message}"
        );

        assert!(phone.remove_user_account("mail.contoso.com", "ada@mail.contoso.com"));
        phone.check_in(&house.http).await.unwrap();
        assert!(
            house.has(&phone, mail.id),
            "delivery goes on at the next contact, whoever began it"
        );
        assert_eq!(house.state(mail.id, &phone).await, Some(State::Succeeded));
        house.assert_nothing_left(&mut phone).await;
    }
}

#[tokio::test]
async fn a_blocked_phone_is_asked_once_per_session_and_woken_now_and_then() {
    for place in places().await {
        let house = House::open(place).await;
        let ada = house.hire("ada").await;
        let sales = house.group("Sales", vec![Member::User(ada.id)]).await;
        let mut phone = house.enrol(house.phone(17, 5), Some(ada.id)).await;
        phone.add_user_account("mail.contoso.com", "ada@mail.contoso.com");
        let mail = house.mail_profile("Mail").await;
        house.assign(mail.id, &[sales.id]).await;
        let report = phone.check_in(&house.http).await.unwrap();
        let offers = report
            .commands
            .iter()
            .filter(|(kind, _)| kind == "InstallProfile")
            .count();
        assert_eq!(offers, 1, "{report:?}");

        house.background().await;
        house.apns.forget_pushes();
        phone.remove_user_account("mail.contoso.com", "ada@mail.contoso.com");
        for _ in 0..24 {
            house.clock.forward(Timestamp::HOUR);
            house.background().await;
            if house.pushes_to(&phone) > 0 {
                break;
            }
        }
        assert_eq!(house.pushes_to(&phone), 1, "nobody asks the phone again");
        house.settle(&mut phone).await;
        assert_eq!(house.state(mail.id, &phone).await, Some(State::Succeeded));
        house.assert_nothing_left(&mut phone).await;
    }
}

#[tokio::test]
async fn two_profiles_for_one_mailbox_conflict_by_name_and_what_is_there_stays() {
    for place in places().await {
        let house = House::open(place).await;
        let ada = house.hire("ada").await;
        let sales = house.group("Sales", vec![Member::User(ada.id)]).await;
        let mut phone = house.enrol(house.phone(17, 5), Some(ada.id)).await;
        let first = house.mail_profile("First").await;
        house.assign(first.id, &[sales.id]).await;
        house.settle(&mut phone).await;
        let second = house.mail_profile("Second").await;
        house.assign(second.id, &[sales.id]).await;
        house.settle(&mut phone).await;

        for profile in [&first, &second] {
            let reason = house.reason(profile.id, &phone).await.unwrap();
            let Reason::SameAccount {
                mut profiles,
                account,
            } = reason
            else {
                panic!("{reason:?}")
            };
            profiles.sort();
            assert_eq!(profiles, ["First", "Second"]);
            assert_eq!(account.host, "mail.contoso.com");
            assert_eq!(house.state(profile.id, &phone).await, Some(State::Conflict));
        }
        assert!(house.has(&phone, first.id), "what is there stays");
        assert!(!house.has(&phone, second.id));
        house.assert_nothing_left(&mut phone).await;

        house.assign(second.id, &[]).await;
        let commands = house.settle(&mut phone).await;
        assert!(
            !commands.contains(&"InstallProfile".to_owned()),
            "it was there all the time: {commands:?}"
        );
        assert_eq!(house.state(first.id, &phone).await, Some(State::Succeeded));
        assert_eq!(house.state(second.id, &phone).await, None);
        assert_eq!(phone.counters().password_prompts, 1);
        house.assert_nothing_left(&mut phone).await;
    }
}
