//! The database itself: transactions, and opening it.

use mandate_store::Store;

use crate::place::places;
use crate::samples::user;

#[tokio::test]
async fn what_is_not_committed_never_was() {
    for place in places().await {
        let mut session = place.store.write().await.unwrap();
        session.insert_user(&user(1, "ada")).await.unwrap();
        drop(session);
        assert_eq!(
            place
                .store
                .read()
                .await
                .unwrap()
                .count_users()
                .await
                .unwrap(),
            0
        );
    }
}

#[tokio::test]
async fn a_database_opens_again_and_keeps_what_it_has() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("s.db");
    let store = Store::open_sqlite(&path).await.unwrap();
    let mut session = store.write().await.unwrap();
    session.set_setting("name", "value").await.unwrap();
    session.commit().await.unwrap();
    store.close().await;
    let store = Store::open_sqlite(&path).await.unwrap();
    let value = store
        .read()
        .await
        .unwrap()
        .find_setting("name")
        .await
        .unwrap();
    assert_eq!(value.as_deref(), Some("value"));
}

#[tokio::test]
async fn an_address_that_is_none_is_refused_without_its_password() {
    let error = Store::open_postgres("mysql://root:secret@nowhere/x")
        .await
        .unwrap_err();
    assert!(!format!("{error:?}").contains("secret"), "{error:?}");
}
