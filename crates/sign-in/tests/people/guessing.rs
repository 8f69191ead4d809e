//! Guessing names, passwords and codes.

use mandate_engine::Actor;

use crate::first::set_up_codes;
use crate::house::{House, PASSWORD};

#[tokio::test]
async fn nobody_learns_whether_there_is_an_account() {
    let house = House::open().await;
    house.person("ada").await;
    let disabled = house.person("bob").await;
    house
        .engine
        .update_user(&Actor::system(), disabled.id, |user| {
            user.account_enabled = false;
        })
        .await
        .unwrap();
    // Has an account, but no password.
    let mut texts = Vec::new();
    for (name, password) in [
        ("ada", "a wrong password"),
        ("nobody", "a wrong password"),
        ("admin", "a wrong password"),
        ("bob", PASSWORD),
    ] {
        let mut browser = house.browser("192.0.2.1");
        let before = house.engine.password_hashes();
        let shown = browser.enter(name, password).await.expect(401);
        let work = house.engine.password_hashes() - before;
        assert_eq!(work, 1, "{name}");
        let challenge = shown.attribute("data-options").unwrap_or_default();
        let text = shown.text.replace(name, "").replace(&browser.token, "");
        let escaped = challenge.replace('"', "&#34;");
        texts.push(text.replace(&escaped, "").replace(&challenge, ""));
    }
    assert!(
        texts[0].contains("The name or the password is wrong."),
        "{}",
        texts[0]
    );
    for text in &texts[1..] {
        assert_eq!(text, &texts[0]);
    }
}

#[tokio::test]
async fn an_account_that_is_guessed_at_waits_but_its_person_does_not() {
    let house = House::open().await;
    house.person("ada").await;
    let mut own = house.signed_in("ada").await;
    // From a new address each, so that it is the account that waits.
    let mut waits = 0;
    for number in 1..=12 {
        let mut stranger = house.browser(&format!("198.51.100.{number}"));
        let status = stranger
            .enter("ada", "a wrong password")
            .await
            .status
            .as_u16();
        waits += usize::from(status == 429);
        assert!(matches!(status, 401 | 429), "{status}");
    }
    assert!(waits >= 6, "only {waits} had to wait");
    let before = house.engine.password_hashes();
    let mut stranger = house.browser("203.0.113.1");
    let shown = stranger.enter("ada", PASSWORD).await.expect(429);
    assert!(shown.text.contains("Too many tries"), "{}", shown.text);
    assert_eq!(
        house.engine.password_hashes(),
        before,
        "a hash was computed"
    );
    // Where she signed in before she is let in.
    own.cookies.remove("__Host-mandate");
    own.enter("ada", PASSWORD).await.expect(200);
    // And everywhere once it is over.
    house.clock.pass(16 * 60);
    stranger.enter("ada", PASSWORD).await.expect(200);
}

#[tokio::test]
async fn an_unknown_name_waits_as_well() {
    let house = House::open().await;
    let mut last = 0;
    for number in 1..=7 {
        let mut stranger = house.browser(&format!("198.51.100.{number}"));
        last = stranger
            .enter("nobody", "a wrong password")
            .await
            .status
            .as_u16();
    }
    assert_eq!(last, 429);
}

#[tokio::test]
async fn spraying_is_stopped_by_the_address_it_comes_from() {
    let house = House::open().await;
    house.person("ada").await;
    let mut browser = house.browser("198.51.100.7");
    let mut statuses = Vec::new();
    for number in 0..34 {
        browser = house.browser("198.51.100.7");
        let shown = browser
            .enter(&format!("user{number}"), "Winter 2026 is cold")
            .await;
        statuses.push(shown.status.as_u16());
    }
    assert_eq!(statuses[..30], [401; 30]);
    assert_eq!(statuses[33], 429);
    let path = "/sign-in/password";
    let token = browser.token.clone();
    let fields = [("form_token", token.as_str()), ("password", "x")];
    let forged = [("x-forwarded-for", "192.0.2.200")];
    browser.get("/sign-in").await;
    let shown = browser.send("POST", path, &fields, &forged).await;
    assert_eq!(shown.status.as_u16(), 429);
    // Others are not concerned.
    let mut other = house.browser("198.51.100.8");
    other.enter("ada", PASSWORD).await.expect(200);
}

#[tokio::test]
async fn an_account_of_ones_own_frees_no_guesses() {
    let house = House::open().await;
    house.person("eve").await;
    let mut statuses = Vec::new();
    for number in 0..40 {
        let mut browser = house.browser("198.51.100.7");
        let shown = browser
            .enter(&format!("user{number}"), "Winter 2026 is cold")
            .await;
        statuses.push(shown.status.as_u16());
        if number % 10 == 9 {
            house.browser("198.51.100.7").enter("eve", PASSWORD).await;
        }
    }
    assert!(statuses.contains(&429), "{statuses:?}");
}

#[tokio::test]
async fn many_at_once_gain_nothing() {
    let house = House::open().await;
    house.person("ada").await;
    let mut browsers = Vec::new();
    for number in 1..=20 {
        let mut browser = house.browser(&format!("198.51.100.{number}"));
        browser.get("/sign-in").await;
        browser.get("/sign-in").await;
        browser
            .post("/sign-in/name", &[("name", "ada@example.com")])
            .await;
        browser.get("/sign-in").await;
        browsers.push(browser);
    }
    let before = house.engine.password_hashes();
    let tries: Vec<_> = browsers
        .into_iter()
        .map(|mut browser| {
            tokio::spawn(async move {
                browser
                    .post("/sign-in/password", &[("password", "a wrong one")])
                    .await
                    .status
            })
        })
        .collect();
    for one in tries {
        one.await.unwrap();
    }
    let looked_at = house.engine.password_hashes() - before;
    assert_eq!(looked_at, 5);
}

#[tokio::test]
async fn codes_are_not_guessed() {
    let house = House::open().await;
    let mut browser = house.browser("192.0.2.1");
    browser.get(&house.link).await.expect(303);
    browser.get("/sign-in").await;
    let both = [("password", PASSWORD), ("again", PASSWORD)];
    browser
        .post("/sign-in/new-password", &both)
        .await
        .expect(303);
    let (app, _) = set_up_codes(&house, &mut browser).await;
    let mut thief = house.browser("198.51.100.1");
    thief.enter("admin", PASSWORD).await.expect(303);
    thief.get("/sign-in").await.expect(200);
    let right = app.code(house.clock.seconds() + 300).unwrap();
    let wrong = if right == "000000" {
        "111111"
    } else {
        "000000"
    };
    let mut statuses = Vec::new();
    for _ in 0..7 {
        let shown = thief.post("/sign-in/code", &[("code", wrong)]).await;
        statuses.push(shown.status.as_u16());
    }
    assert_eq!(statuses, [401, 401, 401, 401, 401, 429, 429]);
}
