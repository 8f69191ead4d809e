use mandate_engine::{Actor, Permission};
use mandate_model::Timestamp;
use serde_json::Value;

use crate::house::{House, refresh};

async fn ids(house: &House) -> Vec<String> {
    let keys = house
        .get("/common/discovery/v2.0/keys", &[])
        .await
        .expect(200);
    let keys = keys["keys"].as_array().unwrap();
    keys.iter()
        .map(|key| key["kid"].as_str().unwrap().to_owned())
        .collect()
}

async fn token(house: &House) -> (mandate_engine::App, Value) {
    let app = house.client(true, &[Permission::UserRead]).await;
    let name = house.engine.request_id().simple().to_string();
    let person = house.person(&name).await;
    let cookie = house.browser(&person).await;
    let tokens = house.tokens(&app, &cookie).await;
    (app, tokens)
}

#[tokio::test]
async fn a_new_key_signs_nobody_out() {
    let house = House::open().await;
    let beside = house.beside().await;
    let old = ids(&house).await;
    let (app, tokens) = token(&house).await;
    let system = Actor::system();
    let new = house.engine.rotate_token_key(&system, false).await.unwrap();
    assert!(!new.signs_now);
    // Published at once; the other server learns of it with its next round.
    assert!(ids(&house).await.contains(&new.id));
    assert!(beside.engine.refresh_token_keys().await.unwrap());
    assert!(ids(&beside).await.contains(&new.id));
    let access = tokens["access_token"].as_str().unwrap();
    assert!(house.takes(access).await && beside.takes(access).await);
    house.advance(25 * Timestamp::HOUR);
    let again = house
        .token(&refresh(&app, tokens["refresh_token"].as_str().unwrap()))
        .await
        .expect(200);
    let header = again["access_token"]
        .as_str()
        .unwrap()
        .split('.')
        .next()
        .unwrap()
        .to_owned();
    let header =
        base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, header).unwrap();
    assert!(String::from_utf8(header).unwrap().contains(&new.id));
    assert!(beside.takes(again["access_token"].as_str().unwrap()).await);
    house.advance(2 * Timestamp::HOUR);
    house.engine.tidy().await.unwrap();
    assert_eq!(ids(&house).await, [new.id]);
    assert!(!old.is_empty());
}

#[tokio::test]
async fn a_key_that_signs_at_once_is_found_by_a_server_that_has_not_heard_of_it() {
    let house = House::open().await;
    let beside = house.beside().await;
    let (_, before) = token(&house).await;
    house
        .engine
        .rotate_token_key(&Actor::system(), true)
        .await
        .unwrap();
    let (_, after) = token(&house).await;
    for tokens in [before, after] {
        assert!(beside.takes(tokens["access_token"].as_str().unwrap()).await);
    }
}

#[tokio::test]
async fn a_key_that_is_old_is_replaced_by_itself_and_once() {
    let house = House::open().await;
    let beside = house.beside().await;
    house.advance(181 * Timestamp::DAY);
    house.engine.tidy().await.unwrap();
    beside.engine.tidy().await.unwrap();
    let keys = house
        .engine
        .list_token_keys(&Actor::system())
        .await
        .unwrap();
    assert_eq!(keys.len(), 2);
    assert!(
        keys[0].signs_now && keys[0].verifies_until.is_some() && keys[1].verifies_until.is_none()
    );
}
