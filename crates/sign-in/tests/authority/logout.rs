use mandate_engine::Permission;

use crate::house::{House, escaped};

#[tokio::test]
async fn a_link_signs_nobody_out() {
    let house = House::open().await;
    let (app, ada) = (
        house.client(true, &[Permission::UserRead]).await,
        house.person("ada").await,
    );
    let cookie = house.browser(&ada).await;
    let path = format!(
        "/common/oauth2/v2.0/logout?client_id={}&post_logout_redirect_uri={}",
        app.id,
        escaped("https://app.example/back")
    );
    let page = house.browse(&cookie, &path).await;
    page.is_page(200);
    assert!(house.engine.session_of(&cookie).await.unwrap().is_some());
    let header = format!("__Host-mandate={cookie}");
    let forged = house
        .send("POST", &path, &[("cookie", &header)], "x=y")
        .await;
    assert_eq!(forged.status, 403);
    assert!(house.engine.session_of(&cookie).await.unwrap().is_some());
    let done = house.submit(&cookie, &path, "x=y").await;
    assert!(
        done.text.contains("https://app.example/back"),
        "{}",
        done.text
    );
    assert!(house.engine.session_of(&cookie).await.unwrap().is_none());
}

#[tokio::test]
async fn a_client_that_shows_whose_session_it_was_ends_it_at_once() {
    let house = House::open().await;
    let app = house.client(true, &[Permission::UserRead]).await;
    let (ada, bob) = (house.person("ada").await, house.person("bob").await);
    let (hers, his) = (house.browser(&ada).await, house.browser(&bob).await);
    let tokens = house.tokens(&app, &hers).await;
    let hint = tokens["id_token"].as_str().unwrap();
    let path = format!(
        "/common/oauth2/v2.0/logout?id_token_hint={hint}&post_logout_redirect_uri={}&state=s",
        escaped("https://app.example/back")
    );
    house.browse(&his, &path).await.is_page(200);
    assert!(house.engine.session_of(&his).await.unwrap().is_some());
    let done = house.browse(&hers, &path).await;
    assert_eq!(done.location(), "https://app.example/back?state=s");
    assert!(house.engine.session_of(&hers).await.unwrap().is_none());
    let access = tokens["access_token"].as_str().unwrap();
    assert!(!house.takes(access).await);
}

#[tokio::test]
async fn afterwards_nobody_is_sent_to_strangers() {
    let house = House::open().await;
    let (app, ada) = (
        house.client(true, &[Permission::UserRead]).await,
        house.person("ada").await,
    );
    for address in [
        "https://evil.example/",
        "//evil.example",
        "https://app.example/back@evil.example",
        "javascript:alert(1)",
    ] {
        let cookie = house.browser(&ada).await;
        let tokens = house.tokens(&app, &cookie).await;
        let hint = tokens["id_token"].as_str().unwrap();
        for hint in [
            format!("id_token_hint={hint}"),
            format!("client_id={}", app.id),
            "x=y".to_owned(),
        ] {
            let path = format!(
                "/common/oauth2/v2.0/logout?{hint}&post_logout_redirect_uri={}",
                escaped(address)
            );
            let answer = house.browse(&cookie, &path).await;
            answer.is_page(200);
        }
    }
}
