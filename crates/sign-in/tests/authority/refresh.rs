use mandate_engine::{Actor, NewRegistration, Permission};
use mandate_model::Timestamp;
use serde_json::Value;

use crate::house::{House, claims, refresh};

const GIVEN: [Permission; 2] = [Permission::UserReadWrite, Permission::GroupRead];

fn text<'a>(tokens: &'a Value, name: &str) -> &'a str {
    tokens[name].as_str().unwrap()
}

#[tokio::test]
async fn each_use_gives_a_successor_also_after_a_restart() {
    let house = House::open().await;
    let (app, ada) = (house.client(true, &GIVEN).await, house.person("ada").await);
    let cookie = house.browser(&ada).await;
    let mut tokens = house.tokens(&app, &cookie).await;
    for _ in 0..3 {
        house.advance(Timestamp::DAY);
        let house = house.beside().await;
        let before = text(&tokens, "refresh_token").to_owned();
        let form = refresh(&app, &before);
        tokens = house.token(&form).await.expect(200);
        assert_ne!(text(&tokens, "refresh_token"), before);
        assert!(house.takes(text(&tokens, "access_token")).await);
        assert!(tokens["id_token"].is_string());
    }
}

#[tokio::test]
async fn an_answer_that_was_lost_is_given_again_and_a_theft_ends_everything() {
    let house = House::open().await;
    let (app, ada) = (house.client(true, &GIVEN).await, house.person("ada").await);
    let cookie = house.browser(&ada).await;
    let first = house.tokens(&app, &cookie).await;
    let form = refresh(&app, text(&first, "refresh_token"));
    let second = house.token(&form).await.expect(200);
    house.advance(20 * Timestamp::SECOND);
    let again = house.token(&form).await.expect(200);
    assert_eq!(again["refresh_token"], second["refresh_token"]);
    // Once the successor is used, the one before is in the wrong hands.
    let form_of_second = refresh(&app, text(&second, "refresh_token"));
    let third = house.token(&form_of_second).await.expect(200);
    let stolen = house.token(&form).await.refusal(400);
    assert_eq!(stolen, ("invalid_grant".to_owned(), 54_005));
    let form_of_third = refresh(&app, text(&third, "refresh_token"));
    assert_eq!(
        house.token(&form_of_third).await.refusal(400).0,
        "invalid_grant"
    );
}

#[tokio::test]
async fn after_the_grace_a_second_use_ends_everything() {
    let house = House::open().await;
    let (app, ada) = (house.client(true, &GIVEN).await, house.person("ada").await);
    let cookie = house.browser(&ada).await;
    let first = house.tokens(&app, &cookie).await;
    let form = refresh(&app, text(&first, "refresh_token"));
    let second = house.token(&form).await.expect(200);
    house.advance(31 * Timestamp::SECOND);
    assert_eq!(house.token(&form).await.refusal(400).1, 54_005);
    let next = refresh(&app, text(&second, "refresh_token"));
    assert_eq!(house.token(&next).await.refusal(400).0, "invalid_grant");
}

#[tokio::test]
async fn a_token_is_of_one_client_and_never_gives_more() {
    let house = House::open().await;
    let (app, ada) = (house.client(true, &GIVEN).await, house.person("ada").await);
    let other = house.client(true, &GIVEN).await;
    let cookie = house.browser(&ada).await;
    let tokens = house.tokens(&app, &cookie).await;
    let token = text(&tokens, "refresh_token");
    let stolen = house.token(&refresh(&other, token)).await;
    assert_eq!(stolen.refusal(400), ("invalid_grant".to_owned(), 70_000));
    for more in ["Group.Read.All", "User.ReadWrite.All"] {
        let form = format!("{}&scope={more}", refresh(&app, token));
        let answer = house.token(&form).await;
        assert_eq!(
            answer.refusal(400),
            ("invalid_grant".to_owned(), 65_001),
            "{more}"
        );
        assert_eq!(answer.expect(400)["suberror"], "consent_required");
    }
    let form = format!(
        "{}&scope=https%3A%2F%2Fgraph.microsoft.com%2F.default",
        refresh(&app, token)
    );
    let all = house.token(&form).await.expect(200);
    assert_eq!(
        claims(text(&all, "access_token"))["scp"],
        "User.Read.All openid profile"
    );
    assert!(text(&all, "scope").contains("https://graph.microsoft.com/.default"));
}

#[tokio::test]
async fn a_token_ends_when_it_is_not_used_and_in_the_end_anyway() {
    let house = House::open().await;
    let (app, ada) = (house.client(true, &GIVEN).await, house.person("ada").await);
    let cookie = house.browser(&ada).await;
    let mut tokens = house.tokens(&app, &cookie).await;
    let mut days = 0;
    let refused = loop {
        house.advance(13 * Timestamp::DAY);
        days += 13;
        house.engine.tidy().await.unwrap();
        let answer = house
            .token(&refresh(&app, text(&tokens, "refresh_token")))
            .await;
        if answer.status != 200 {
            break answer;
        }
        tokens = answer.expect(200);
    };
    assert_eq!(refused.refusal(400).0, "invalid_grant");
    assert_eq!(days, 91);
    let cookie = house.browser(&ada).await;
    let tokens = house.tokens(&app, &cookie).await;
    house.advance(14 * Timestamp::DAY);
    let late = house
        .token(&refresh(&app, text(&tokens, "refresh_token")))
        .await;
    assert_eq!(late.refusal(400).1, 70_008);
}

#[tokio::test]
async fn what_ends_a_session_ends_its_tokens() {
    let house = House::open().await;
    let (app, ada) = (house.client(true, &GIVEN).await, house.person("ada").await);
    let cookie = house.browser(&ada).await;
    let tokens = house.tokens(&app, &cookie).await;
    let visit = mandate_engine::Visit::default();
    house.engine.sign_out(&cookie, &visit).await.unwrap();
    let form = refresh(&app, text(&tokens, "refresh_token"));
    assert_eq!(house.token(&form).await.refusal(400).0, "invalid_grant");
    assert!(!house.takes(text(&tokens, "access_token")).await);
    // A client that is removed takes everything along.
    let cookie = house.browser(&ada).await;
    let tokens = house.tokens(&app, &cookie).await;
    house
        .engine
        .delete_app(&Actor::system(), app.id)
        .await
        .unwrap();
    assert!(!house.takes(text(&tokens, "access_token")).await);
    let form = refresh(&app, text(&tokens, "refresh_token"));
    assert_eq!(
        house.token(&form).await.refusal(400),
        ("unauthorized_client".to_owned(), 700_016)
    );
    // Also when another has come with its id.
    house.advance(Timestamp::SECOND);
    let again = NewRegistration {
        id: Some(app.id),
        name: "Again".to_owned(),
        delegated: GIVEN.to_vec(),
        is_public: true,
        ..NewRegistration::default()
    };
    house
        .engine
        .register_app(&Actor::system(), again)
        .await
        .unwrap();
    assert!(!house.takes(text(&tokens, "access_token")).await);
    assert_eq!(house.token(&form).await.refusal(400).0, "invalid_grant");
}

#[tokio::test]
async fn a_browser_that_is_merely_closed_ends_nothing() {
    let house = House::open().await;
    let (app, ada) = (house.client(true, &GIVEN).await, house.person("ada").await);
    let cookie = house.browser(&ada).await;
    let tokens = house.tokens(&app, &cookie).await;
    house.advance(2 * Timestamp::DAY);
    house.engine.tidy().await.unwrap();
    let form = refresh(&app, text(&tokens, "refresh_token"));
    let tokens = house.token(&form).await.expect(200);
    assert!(house.takes(text(&tokens, "access_token")).await);
}
