//! One's own account, and the end of sessions.

use mandate_engine::Actor;
use mandate_simulator::authenticator::CodeApp;

use crate::house::{House, PASSWORD};

#[tokio::test]
async fn sessions_end_by_idleness_and_by_age() {
    let house = House::open().await;
    house.person("ada").await;
    let mut browser = house.signed_in("ada").await;
    for _ in 0..22 {
        house.clock.pass(30 * 60);
        browser.get("/account/").await.expect(200);
    }
    house.clock.pass(61 * 60);
    browser.get("/account/").await.expect(303);
    let mut browser = house.signed_in("ada").await;
    for _ in 0..23 {
        house.clock.pass(30 * 60);
        browser.get("/account/").await.expect(200);
    }
    house.clock.pass(30 * 60);
    browser.get("/account/").await.expect(303);
}

#[tokio::test]
async fn another_password_ends_other_sessions() {
    let house = House::open().await;
    house.person("ada").await;
    let mut elsewhere = house.signed_in("ada").await;
    let mut browser = house.signed_in("ada").await;
    let cookie = browser.session().unwrap().clone();
    browser.get("/account/password").await.expect(200);
    let wrong = [
        ("before", "not it at all"),
        ("password", "nine green bottles"),
        ("again", "nine green bottles"),
    ];
    browser.post("/account/password", &wrong).await.expect(401);
    let right = [
        ("before", PASSWORD),
        ("password", "nine green bottles"),
        ("again", "nine green bottles"),
    ];
    browser.post("/account/password", &right).await.expect(303);
    assert_ne!(browser.session().unwrap(), &cookie);
    browser.get("/account/").await.expect(200);
    elsewhere.get("/account/").await.expect(303);
    let mut other = house.browser("192.0.2.2");
    other.enter("ada", PASSWORD).await.expect(401);
    other.enter("ada", "nine green bottles").await.expect(200);
}

#[tokio::test]
async fn signing_out_everywhere_does() {
    let house = House::open().await;
    house.person("ada").await;
    let mut elsewhere = house.signed_in("ada").await;
    let mut browser = house.signed_in("ada").await;
    let page = browser.get("/account/").await.expect(200);
    let ends = page.between("/account/sessions/", "/end");
    assert_eq!(ends.len(), 2);
    browser
        .post("/account/sign-out-everywhere", &[])
        .await
        .expect(200);
    browser.get("/account/").await.expect(303);
    elsewhere.get("/account/").await.expect(303);
}

#[tokio::test]
async fn one_session_ends_alone_and_nobody_ends_those_of_others() {
    let house = House::open().await;
    house.person("ada").await;
    house.person("eve").await;
    let mut elsewhere = house.signed_in("ada").await;
    // Sessions of one moment are in no order.
    house.clock.pass(1);
    let mut browser = house.signed_in("ada").await;
    let page = browser.get("/account/").await.expect(200);
    // The newest first: this one, then the other.
    let ends = page.between("/account/sessions/", "/end");
    let path = format!("/account/sessions/{}/end", ends[1]);
    let mut eve = house.signed_in("eve").await;
    eve.post(&path, &[]).await.expect(404);
    elsewhere.get("/account/").await.expect(200);
    browser.post(&path, &[]).await.expect(303);
    elsewhere.get("/account/").await.expect(303);
    browser.get("/account/").await.expect(200);
    browser.post("/sign-out", &[]).await.expect(200);
    browser.get("/account/").await.expect(303);
}

#[tokio::test]
async fn who_is_disabled_deleted_or_reset_is_out_at_once() {
    let house = House::open().await;
    let system = Actor::system();
    for (number, name) in ["ada", "bob", "cyd", "dan"].into_iter().enumerate() {
        let user = house.person(name).await;
        let mut browser = house.signed_in(name).await;
        let engine = &house.engine;
        match number {
            0 => drop(
                engine
                    .update_user(&system, user.id, |user| user.account_enabled = false)
                    .await
                    .unwrap(),
            ),
            1 => engine.delete_user(&system, user.id).await.unwrap(),
            2 => drop(engine.reset_credentials(&system, user.id).await.unwrap()),
            _ => engine
                .revoke_sign_in_sessions(&system, user.id)
                .await
                .unwrap(),
        }
        browser.get("/account/").await.expect(303);
    }
}

#[tokio::test]
async fn factors_change_only_after_a_fresh_proof() {
    let house = House::open().await;
    house.person("ada").await;
    let mut browser = house.signed_in("ada").await;
    let mut elsewhere = house.signed_in("ada").await;
    house.clock.pass(11 * 60);
    browser.get("/account/").await.expect(200);
    browser.get("/account/totp").await.expect(303);
    browser.get("/sign-in").await.expect(200);
    let shown = browser
        .post("/sign-in/password", &[("password", PASSWORD)])
        .await
        .expect(200);
    assert!(shown.text.contains("url=/account/totp"), "{}", shown.text);
    let page = browser.get("/account/totp").await.expect(200);
    let app = CodeApp::typed(&page.between("<code>", "</code>")[0]).unwrap();
    browser
        .post("/account/totp", &[("code", "12345")])
        .await
        .expect(401);
    let code = app.code(house.clock.seconds()).unwrap();
    let codes = browser
        .post("/account/totp", &[("code", &code)])
        .await
        .expect(200);
    assert_eq!(codes.between("<li>", "</li>").len(), 10);
    elsewhere.get("/account/").await.expect(303);
    browser.get("/account/").await.expect(200);
    browser
        .post("/account/recovery-codes", &[])
        .await
        .expect(200);
    browser.get("/account/").await.expect(200);
    browser.post("/account/totp/remove", &[]).await.expect(303);
    let page = browser.get("/account/?done").await.expect(200);
    assert!(page.text.contains("Not set up"), "{}", page.text);
}
