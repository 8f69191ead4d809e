//! The first administrator, set-up links, second factors.

use mandate_engine::{Actor, NewPassword, SecondFactor};
use mandate_simulator::authenticator::CodeApp;

use crate::house::{Browser, House, PASSWORD};

/// Sets up an app for codes on the page that is shown.
pub(crate) async fn set_up_codes(house: &House, browser: &mut Browser) -> (CodeApp, Vec<String>) {
    let page = browser.get("/sign-in").await.expect(200);
    let app = CodeApp::typed(&page.between("<code>", "</code>")[0]).unwrap();
    let code = app.code(house.clock.seconds()).unwrap();
    browser
        .post("/sign-in/set-up-totp", &[("code", &code)])
        .await
        .expect(303);
    let page = browser.get("/sign-in").await.expect(200);
    (app, page.between("<li>", "</li>"))
}

#[tokio::test]
async fn the_first_administrator_comes_with_a_link_and_needs_a_second_factor() {
    let house = House::open().await;
    let mut browser = house.browser("192.0.2.1");
    let shown = browser.get(&house.link).await.expect(303);
    assert_eq!(shown.location(), "/sign-in");
    let page = browser.get("/sign-in").await.expect(200);
    assert!(page.text.contains("admin@example.com"), "{}", page.text);
    let both = [("password", PASSWORD), ("again", PASSWORD)];
    browser
        .post("/sign-in/new-password", &both)
        .await
        .expect(303);
    assert_eq!(browser.session(), None);
    let (app, codes) = set_up_codes(&house, &mut browser).await;
    assert_eq!(codes.len(), 10);
    browser.post("/sign-in/codes", &[]).await.expect(200);
    let page = browser.get("/account/").await.expect(200);
    assert!(page.text.contains("10 are left"), "{}", page.text);

    // The link is used.
    let mut other = house.browser("192.0.2.2");
    other.get(&house.link).await.expect(410);

    // The next sign-in asks for a code, and takes none twice.
    house.clock.pass(60);
    let code = app.code(house.clock.seconds()).unwrap();
    other.enter("admin", PASSWORD).await.expect(303);
    assert_eq!(other.get("/account/").await.location(), "/sign-in");
    other.enter("admin", PASSWORD).await.expect(303);
    other.get("/sign-in").await.expect(200);
    other
        .post("/sign-in/code", &[("code", &code)])
        .await
        .expect(200);
    other.get("/account/").await.expect(200);
    let mut third = house.browser("192.0.2.3");
    third.enter("admin", PASSWORD).await.expect(303);
    third.get("/sign-in").await.expect(200);
    third
        .post("/sign-in/code", &[("code", &code)])
        .await
        .expect(401);

    // A recovery code counts once.
    third
        .post(
            "/sign-in/recovery",
            &[("recovery", &codes[0].to_lowercase())],
        )
        .await
        .expect(200);
    let mut fourth = house.browser("192.0.2.4");
    fourth.enter("admin", PASSWORD).await.expect(303);
    fourth.get("/sign-in").await.expect(200);
    fourth
        .post("/sign-in/recovery", &[("recovery", &codes[0])])
        .await
        .expect(401);
}

#[tokio::test]
async fn a_link_ends_after_three_days_and_with_a_newer_one() {
    let house = House::open().await;
    let admin = house.user("admin@example.com").await;
    let newer = house
        .engine
        .make_set_up_link(&Actor::system(), admin.id)
        .await
        .unwrap();
    let mut browser = house.browser("192.0.2.1");
    browser.get(&house.link).await.expect(410);
    browser.get(&newer.path).await.expect(303);
    house.clock.pass(72 * 3600);
    browser.get(&newer.path).await.expect(410);
}

#[tokio::test]
async fn a_link_that_two_follow_sets_one_password() {
    let house = House::open().await;
    let (mut one, mut other) = (house.browser("192.0.2.1"), house.browser("192.0.2.2"));
    for browser in [&mut one, &mut other] {
        browser.get(&house.link).await.expect(303);
        browser.get("/sign-in").await.expect(200);
    }
    let both = [("password", PASSWORD), ("again", PASSWORD)];
    one.post("/sign-in/new-password", &both).await.expect(303);
    other.post("/sign-in/new-password", &both).await.expect(410);
}

#[tokio::test]
async fn a_password_that_has_to_be_changed_is() {
    let house = House::open().await;
    let ada = house.person("ada").await;
    let new = NewPassword {
        text: PASSWORD.to_owned().into(),
        must_change: true,
    };
    house
        .engine
        .set_password(&Actor::system(), ada.id, &new)
        .await
        .unwrap();
    let mut browser = house.browser("192.0.2.1");
    browser.enter("ada", PASSWORD).await.expect(303);
    browser.get("/sign-in").await.expect(200);
    for (wrong, text) in [
        ("short", "At least 12 characters"),
        (PASSWORD, "another one than before"),
        ("ababababababab", "more different"),
        ("my example password", "must not contain"),
    ] {
        let both = [("password", wrong), ("again", wrong)];
        let page = browser
            .post("/sign-in/new-password", &both)
            .await
            .expect(400);
        assert!(page.text.contains(text), "{wrong}: {}", page.text);
    }
    let both = [
        ("password", "nine green bottles"),
        ("again", "nine green bottles"),
    ];
    browser
        .post("/sign-in/new-password", &both)
        .await
        .expect(200);
    browser.get("/account/").await.expect(200);
}

#[tokio::test]
async fn a_sign_in_goes_on_after_a_restart() {
    let mut house = House::open().await;
    house.person("ada").await;
    house.demand(SecondFactor::Everyone).await;
    let mut browser = house.browser("192.0.2.1");
    browser.enter("ada", PASSWORD).await.expect(303);
    house.restart().await;
    let mut after = house.browser("192.0.2.1");
    after.cookies = browser.cookies;
    set_up_codes(&house, &mut after).await;
    house.restart().await;
    let mut again = house.browser("192.0.2.1");
    (again.cookies, again.token) = (after.cookies, after.token);
    again.post("/sign-in/codes", &[]).await.expect(200);
    again.get("/account/").await.expect(200);
}

#[tokio::test]
async fn nobody_gets_past_the_second_factor_by_calling_another_step() {
    let house = House::open().await;
    house.person("ada").await;
    house.demand(SecondFactor::Everyone).await;
    let mut browser = house.browser("192.0.2.1");
    browser.enter("ada", PASSWORD).await.expect(303);
    browser.get("/sign-in").await.expect(200);
    for path in ["codes", "code", "recovery", "new-password", "back"] {
        let mut trial = browser.clone();
        let fields = [
            ("password", "nine green bottles"),
            ("again", "nine green bottles"),
            ("code", "1"),
        ];
        trial.post(&format!("/sign-in/{path}"), &fields).await;
        assert_eq!(trial.session(), None, "{path}");
        trial.get("/account/").await.expect(303);
    }
}
