//! Somebody types their account into the settings of their phone, signs in, and it enrols.

use mandate_engine::{AccountMode, NewPassword, Options};
use mandate_model::{EnrolmentType, Timestamp};
use mandate_simulator::apple_service::AppleService;
use mandate_simulator::cms::Identity;
use mandate_simulator::device::{Device, DeviceError};
use mandate_simulator::keys::KeyPool;
use serde_json::Value;

use crate::house::{Browser, House, Place, places};

const PASSWORD: &str = "correct horse battery";

async fn open(place: Place, mode: AccountMode) -> House {
    let options = Options {
        account_driven: Some(mode),
        ..Options::default()
    };
    House::open_with(place, options).await
}

async fn hire(house: &House, name: &str) -> mandate_model::UserId {
    let user = house.hire(name).await;
    let password = NewPassword {
        text: PASSWORD.to_owned().into(),
        must_change: false,
    };
    house
        .engine
        .set_password(&house.admin, user.id, &password)
        .await
        .unwrap();
    user.id
}

async fn factory(phone: &Device) -> Identity {
    let apple = AppleService::start(&KeyPool::shared(), || 1_795_248_000).await;
    apple.unwrap().device_identity(phone.udid()).unwrap()
}

/// What the domain says of an account; `None` if nothing.
async fn discover(house: &House, account: &str, family: &str) -> Option<Value> {
    let url = format!(
        "{}/.well-known/com.apple.remotemanagement?user-identifier={account}&model-family={family}",
        house.url
    );
    let answer = house.http.fetch(&url).await.unwrap();
    (answer.status == 200).then(|| serde_json::from_slice(&answer.body).unwrap())
}

/// Signs in where the phone was sent, and what the phone gets of it; `None` if nothing.
async fn sign_in(url: &str, account: &str, name: &str) -> Option<String> {
    let browser = Browser::new();
    let wanted = format!("{url}?user-identifier={account}");
    let name = format!("{name}@contoso.com");
    let page = browser.sign_in(&wanted, (&name, PASSWORD)).await;
    let place = page.leads_to?;
    assert_eq!(page.status, 308);
    let token = place
        .strip_prefix("apple-remotemanagement-user-login://authentication-results?access-token=")
        .unwrap();
    Some(token.to_owned())
}

#[tokio::test]
async fn a_part_of_somebodys_own_phone_enrols_by_their_account() {
    for place in places().await {
        let house = open(place, AccountMode::Byod).await;
        let ada = hire(&house, "ada").await;
        let mut phone = house.phone(18, 1);
        let factory = factory(&phone).await;
        let found = discover(&house, "ada@contoso.com", "iPhone").await.unwrap();
        assert_eq!(found["Servers"][0]["Version"], "mdm-byod");
        let server = found["Servers"][0]["BaseURL"].as_str().unwrap();
        let place = phone
            .ask_where_to_sign_in(&house.http, server, &factory)
            .await
            .unwrap();
        let token = sign_in(&place, "ada@contoso.com", "ada").await.unwrap();
        phone
            .enrol_with_sign_in(&house.http, server, (&factory, &token))
            .await
            .unwrap();
        house.settle(&mut phone).await;
        let enrolment = phone.state().enrolment.clone().unwrap();
        assert_eq!(enrolment.mode.as_deref(), Some("BYOD"));
        let id = house.device_of(&phone).await;
        let device = house
            .engine
            .find_device(&house.admin, id)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(device.device.user_id, Some(ada));
        assert_eq!(device.device.enrolment_type, EnrolmentType::User);
    }
}

#[tokio::test]
async fn a_whole_phone_enrols_by_an_account() {
    for place in places().await {
        let house = open(place, AccountMode::Adde).await;
        let ada = hire(&house, "ada").await;
        let mut phone = house.phone(18, 1);
        let factory = factory(&phone).await;
        let server = format!("{}/apple/account/adde", house.url);
        let place = phone
            .ask_where_to_sign_in(&house.http, &server, &factory)
            .await
            .unwrap();
        let token = sign_in(&place, "ada@contoso.com", "ada").await.unwrap();
        phone
            .enrol_with_sign_in(&house.http, &server, (&factory, &token))
            .await
            .unwrap();
        house.settle(&mut phone).await;
        let enrolment = phone.state().enrolment.clone().unwrap();
        assert_eq!(enrolment.mode.as_deref(), Some("ADDE"));
        assert_ne!(enrolment.access_rights, 0);
        let id = house.device_of(&phone).await;
        let device = house
            .engine
            .find_device(&house.admin, id)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(device.device.user_id, Some(ada));
    }
}

#[tokio::test]
async fn an_account_enrols_only_where_it_is_offered_and_for_whose_it_is() {
    for place in places().await {
        let house = open(place, AccountMode::Byod).await;
        hire(&house, "ada").await;
        hire(&house, "bob").await;
        assert!(
            discover(&house, "ada@elsewhere.com", "iPhone")
                .await
                .is_none()
        );
        assert!(discover(&house, "nobody", "iPhone").await.is_none());
        assert!(
            discover(&house, "ada@contoso.com", "AppleTV")
                .await
                .is_none()
        );
        let mac = discover(&house, "ada@contoso.com", "Mac").await.unwrap();
        assert_eq!(mac["Servers"][0]["Version"], "mdm-adde");

        let mut phone = house.phone(18, 1);
        let factory = factory(&phone).await;
        let server = format!("{}/apple/account/byod", house.url);
        let place = phone
            .ask_where_to_sign_in(&house.http, &server, &factory)
            .await
            .unwrap();
        // Bob signs in for the account of Ada.
        assert_eq!(sign_in(&place, "ada@contoso.com", "bob").await, None);
        let token = sign_in(&place, "ada@contoso.com", "ada").await.unwrap();
        // It is for this way of enrolling alone.
        let whole = format!("{}/apple/account/adde", house.url);
        let error = phone
            .enrol_with_sign_in(&house.http, &whole, (&factory, &token))
            .await
            .unwrap_err();
        assert!(
            matches!(error, DeviceError::Link { status: 403, .. }),
            "{error}"
        );
        // Later it is over, and the phone is sent to sign in again.
        house.clock.forward(16 * Timestamp::MINUTE);
        for token in [token.as_str(), "moon"] {
            let error = phone
                .enrol_with_sign_in(&house.http, &server, (&factory, token))
                .await
                .unwrap_err();
            assert!(
                matches!(error, DeviceError::Link { status: 401, .. }),
                "{error}"
            );
        }

        let closed = House::open(places().await.remove(0)).await;
        assert!(
            discover(&closed, "ada@contoso.com", "iPhone")
                .await
                .is_none()
        );
    }
}
