//! Mail comes to the phone, stays right, and goes again: over the wire, over both databases.

use crate::house::{House, places};
use mandate_model::{Member, State};

#[tokio::test]
async fn a_member_of_the_group_gets_the_mail_account_and_loses_it_with_the_assignment() {
    for place in places().await {
        let house = House::open(place).await;
        let ada = house.hire("ada").await;
        let sales = house.group("Sales", vec![Member::User(ada.id)]).await;
        let mut phone = house.enrol(house.phone(17, 5), Some(ada.id)).await;
        let mail = house.mail_profile("Mail").await;
        house.assign(mail.id, &[sales.id]).await;
        assert_eq!(house.state(mail.id, &phone).await, Some(State::Pending));

        house.settle(&mut phone).await;
        assert!(house.has(&phone, mail.id));
        assert_eq!(house.state(mail.id, &phone).await, Some(State::Succeeded));
        let accounts = phone.mail_accounts();
        assert_eq!(accounts.len(), 1);
        assert_eq!(accounts[0].settings.host, "mail.contoso.com");
        assert_eq!(accounts[0].settings.address, "ada@mail.contoso.com");

        house.assign(mail.id, &[]).await;
        house.settle(&mut phone).await;
        assert!(!house.has(&phone, mail.id));
        assert_eq!(house.state(mail.id, &phone).await, None);
    }
}

#[tokio::test]
async fn mail_with_a_certificate_brings_root_identity_and_account() {
    for place in places().await {
        let house = House::open(place).await;
        let ada = house.hire("ada").await;
        let sales = house.group("Sales", vec![Member::User(ada.id)]).await;
        let (root, scep, mail) = house.mail_with_certificate("Mail").await;
        for profile in [&root, &scep, &mail] {
            house.assign(profile.id, &[sales.id]).await;
        }
        let phone = house.enrol(house.phone(17, 5), Some(ada.id)).await;
        for profile in [&root, &scep, &mail] {
            assert_eq!(
                house.state(profile.id, &phone).await,
                Some(State::Succeeded),
                "{}",
                profile.display_name
            );
        }
        assert_eq!(phone.mail_accounts().len(), 1);
        assert_eq!(phone.counters().password_prompts, 0);
    }
}
