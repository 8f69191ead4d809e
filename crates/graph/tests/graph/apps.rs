use mandate_engine::{Actor, EngineError, NewApp, Permission};
use mandate_model::AppId;

use crate::house::{House, token_form};

const USERS: &str = "/v1.0/users";

async fn may_list_users(house: &House, token: &str) -> u16 {
    let authorization = format!("Bearer {token}");
    let headers = [("authorization", authorization.as_str())];
    house.get_with(USERS, &headers).await.status.as_u16()
}

#[tokio::test]
async fn a_client_that_was_removed_is_refused_at_once() {
    let house = House::open().await;
    let app = house.app(vec![Permission::UserRead]).await;
    let token = house.sign_in(&app).await;
    assert_eq!(may_list_users(&house, &token).await, 200);
    let removed = house.engine.delete_app(&Actor::system(), app.app.id).await;
    assert_eq!(removed.unwrap(), app.app);
    assert_eq!(may_list_users(&house, &token).await, 401);
    let answer = house.ask_token("example.com", &token_form(&app)).await;
    assert_eq!(answer.status, 401);
    let again = house.engine.delete_app(&Actor::system(), app.app.id).await;
    assert!(matches!(
        again,
        Err(EngineError::NotFound { what: "app", .. })
    ));
}

#[tokio::test]
async fn what_a_client_may_no_longer_do_counts_at_once() {
    let house = House::open().await;
    let (engine, system) = (&house.engine, Actor::system());
    let app = house.app(vec![Permission::UserRead]).await;
    let token = house.sign_in(&app).await;
    let less = vec![Permission::GroupRead];
    let changed = engine
        .set_app_permissions(&system, app.app.id, less.clone())
        .await
        .unwrap();
    assert_eq!(changed.permissions, less);
    assert_eq!(may_list_users(&house, &token).await, 403);
    let more = vec![Permission::UserRead, Permission::GroupRead];
    engine
        .set_app_permissions(&system, app.app.id, more)
        .await
        .unwrap();
    let token = house.sign_in(&app).await;
    assert_eq!(may_list_users(&house, &token).await, 200);
}

#[tokio::test]
async fn a_new_secret_replaces_the_one_before() {
    let house = House::open().await;
    let system = Actor::system();
    let app = house.app(vec![Permission::UserRead]).await;
    let new = house
        .engine
        .replace_app_secret(&system, app.app.id)
        .await
        .unwrap();
    assert_eq!(new.app, app.app);
    assert_ne!(new.secret, app.secret);
    let old = house.ask_token("example.com", &token_form(&app)).await;
    assert_eq!(old.status, 401);
    house.sign_in(&new).await;
    let apps = house.engine.list_apps(&system).await.unwrap();
    assert!(apps.contains(&app.app));
    assert!(!format!("{new:?}").contains(&new.secret));
}

#[tokio::test]
async fn clients_are_managed_with_the_permission_for_it_only() {
    let house = House::open().await;
    let NewApp { app, .. } = house.app(vec![Permission::UserRead]).await;
    let actor = Actor::app(
        AppId(uuid::Uuid::nil()),
        "other",
        [Permission::UserReadWrite],
    );
    let engine = &house.engine;
    let before = engine.list_apps(&Actor::system()).await.unwrap();
    assert!(engine.list_apps(&actor).await.is_err());
    assert!(engine.delete_app(&actor, app.id).await.is_err());
    assert!(engine.replace_app_secret(&actor, app.id).await.is_err());
    assert!(
        engine
            .set_app_permissions(&actor, app.id, Permission::ALL.to_vec())
            .await
            .is_err()
    );
    assert_eq!(engine.list_apps(&Actor::system()).await.unwrap(), before);
}
