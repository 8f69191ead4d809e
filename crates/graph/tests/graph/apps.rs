use mandate_engine::{
    Actor, EngineError, NewApp, NewRegistration, Permission, Redirect, RedirectKind,
    RegistrationChange, SecretLife,
};
use mandate_model::{AppId, Timestamp};

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
async fn a_secret_opens_until_it_is_removed_or_expires() {
    let house = House::open().await;
    let (engine, system) = (&house.engine, Actor::system());
    let app = house.app(vec![Permission::UserRead]).await;
    let id = app.app.id;
    let until = engine.now().plus(Timestamp::HOUR);
    let new = engine
        .add_app_secret(&system, id, "next", SecretLife::Until(until))
        .await
        .unwrap();
    assert!(!format!("{new:?}").contains(&new.secret));
    assert_eq!(&new.secret[..3], new.credential.hint);
    house.sign_in(&app).await;
    let renewed = NewApp {
        app: app.app.clone(),
        secret: new.secret,
    };
    house.sign_in(&renewed).await;
    let registration = engine.find_registration(&system, id).await.unwrap();
    let secrets = registration.unwrap().secrets;
    let first = secrets
        .iter()
        .find(|secret| secret.name.is_empty())
        .unwrap()
        .id;
    engine.remove_app_secret(&system, id, first).await.unwrap();
    let old = house.ask_token("example.com", &token_form(&app)).await;
    assert_eq!(old.status, 401);
    house.sign_in(&renewed).await;
    house.advance(2 * Timestamp::HOUR);
    let late = house.ask_token("example.com", &token_form(&renewed)).await;
    assert_eq!(late.status, 401);
}

#[tokio::test]
async fn a_client_has_ten_secrets_at_most_and_none_from_the_past() {
    let house = House::open().await;
    let (engine, system) = (&house.engine, Actor::system());
    let app = house.app(Vec::new()).await;
    let past = SecretLife::Until(engine.now());
    let id = app.app.id;
    assert!(engine.add_app_secret(&system, id, "", past).await.is_err());
    for _ in 0..9 {
        let life = SecretLife::Usual;
        engine.add_app_secret(&system, id, "", life).await.unwrap();
    }
    let eleventh = engine.add_app_secret(&system, id, "", SecretLife::Usual);
    assert!(matches!(
        eleventh.await,
        Err(EngineError::NotPossible { .. })
    ));
}

#[tokio::test]
async fn a_client_that_registers_clients_gives_none_what_it_lacks() {
    let house = House::open().await;
    let engine = &house.engine;
    let of = |permissions: &[Permission]| {
        let id = AppId(uuid::Uuid::from_u128(7));
        Actor::app(id, "registrar", permissions.iter().copied())
    };
    let registrar = of(&[Permission::ApplicationReadWrite, Permission::UserRead]);
    let give = |permissions: &[Permission]| NewRegistration {
        name: "made".to_owned(),
        permissions: permissions.to_vec(),
        ..NewRegistration::default()
    };
    let made = engine
        .register_app(&registrar, give(&[Permission::UserRead]))
        .await
        .unwrap();
    for more in [
        Permission::UserReadWrite,
        Permission::DevicesPrivileged,
        Permission::RoleManagementReadWrite,
    ] {
        let refused = engine.register_app(&registrar, give(&[more])).await;
        assert!(
            matches!(refused, Err(EngineError::NotAllowed { .. })),
            "{more:?}"
        );
        let change = RegistrationChange {
            delegated: Some(vec![more]),
            ..RegistrationChange::default()
        };
        assert!(
            engine
                .change_app(&registrar, made.id, change)
                .await
                .is_err()
        );
    }
    // Nor does it take over one that has more.
    let strong = house.app(Permission::ALL.to_vec()).await.app.id;
    let life = SecretLife::Usual;
    assert!(
        engine
            .add_app_secret(&registrar, strong, "", life)
            .await
            .is_err()
    );
    let change = RegistrationChange {
        redirects: Some(vec![Redirect {
            kind: RedirectKind::Web,
            address: "https://evil.example/".to_owned(),
        }]),
        ..RegistrationChange::default()
    };
    assert!(engine.change_app(&registrar, strong, change).await.is_err());
    // Not even if it may give directory roles: it could not give itself the one that may do everything.
    let steward = of(&[
        Permission::ApplicationReadWrite,
        Permission::RoleManagementReadWrite,
    ]);
    let refused = engine.register_app(&steward, give(&Permission::ALL)).await;
    assert!(matches!(refused, Err(EngineError::NotAllowed { .. })));
    engine
        .register_app(&of(&Permission::ALL), give(&Permission::ALL))
        .await
        .unwrap();
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
    let life = SecretLife::Usual;
    assert!(
        engine
            .add_app_secret(&actor, app.id, "", life)
            .await
            .is_err()
    );
    assert!(
        engine
            .set_app_permissions(&actor, app.id, Permission::ALL.to_vec())
            .await
            .is_err()
    );
    assert_eq!(engine.list_apps(&Actor::system()).await.unwrap(), before);
}
