//! Passkeys, right ones and wrong ones.

use mandate_engine::{Actor, AuditFilter, AuditOrder};
use mandate_simulator::authenticator::Authenticator;
use serde_json::Value;

use crate::house::{Browser, House, ORIGIN, PASSWORD, Shown};

fn options(page: &Shown) -> Value {
    let options = page.attribute("data-options").unwrap();
    serde_json::from_str(&options).unwrap()
}

/// Adds a passkey to the account that the browser is signed in to.
async fn add(browser: &mut Browser, authenticator: &mut Authenticator, origin: &str) -> Shown {
    let page = browser.get("/account/passkey").await.expect(200);
    let answer = authenticator.create(&options(&page), origin).unwrap();
    let fields = [
        ("credential", answer.to_string()),
        ("name", "Phone <b>".to_owned()),
    ];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (*n, v.as_str())).collect();
    browser.post("/account/passkeys", &fields).await
}

async fn use_on(
    browser: &mut Browser,
    page: &Shown,
    authenticator: &mut Authenticator,
    origin: &str,
) -> Shown {
    let answer = authenticator
        .get(&options(page), origin)
        .unwrap()
        .to_string();
    browser
        .post("/sign-in/passkey", &[("credential", &answer)])
        .await
}

#[tokio::test]
async fn a_passkey_alone_is_enough_and_is_a_second_factor_too() {
    let house = House::open().await;
    house.person("ada").await;
    let mut browser = house.signed_in("ada").await;
    let mut phone = Authenticator::new();
    let codes = add(&mut browser, &mut phone, ORIGIN).await.expect(200);
    assert_eq!(codes.between("<li>", "</li>").len(), 10);
    let page = browser.get("/account/").await.expect(200);
    assert!(page.text.contains("Phone &#60;b&#62;"), "{}", page.text);

    let mut other = house.browser("192.0.2.2");
    other.get("/sign-in").await;
    let page = other.get("/sign-in").await.expect(200);
    use_on(&mut other, &page, &mut phone, ORIGIN)
        .await
        .expect(200);
    other.get("/account/").await.expect(200);

    let mut third = house.browser("192.0.2.3");
    third.enter("ada", PASSWORD).await.expect(303);
    let page = third.get("/sign-in").await.expect(200);
    assert_eq!(third.session(), None);
    use_on(&mut third, &page, &mut phone, ORIGIN)
        .await
        .expect(200);
    third.get("/account/").await.expect(200);
}

#[tokio::test]
async fn a_passkey_passes_where_passwords_wait() {
    let house = House::open().await;
    house.person("ada").await;
    let mut browser = house.signed_in("ada").await;
    let mut phone = Authenticator::new();
    add(&mut browser, &mut phone, ORIGIN).await.expect(200);
    for number in 1..=8 {
        let mut stranger = house.browser(&format!("198.51.100.{number}"));
        stranger.enter("ada", "a wrong password").await;
    }
    let mut other = house.browser("192.0.2.77");
    other.enter("ada", PASSWORD).await.expect(429);
    let page = other.get("/sign-in").await.expect(200);
    use_on(&mut other, &page, &mut phone, ORIGIN)
        .await
        .expect(200);
}

#[tokio::test]
async fn answers_from_elsewhere_old_ones_and_unverified_ones_are_refused() {
    let house = House::open().await;
    house.person("ada").await;
    let mut browser = house.signed_in("ada").await;
    let mut phone = Authenticator::new();
    add(&mut browser, &mut phone, "https://evil.example")
        .await
        .expect(401);
    add(&mut browser, &mut phone, ORIGIN).await.expect(200);

    let mut other = house.browser("192.0.2.2");
    other.get("/sign-in").await;
    let page = other.get("/sign-in").await.expect(200);
    // Another origin.
    use_on(
        &mut other,
        &page,
        &mut phone,
        "https://mdm.example.com.evil.example",
    )
    .await
    .expect(401);
    // A challenge that was answered already.
    use_on(&mut other, &page, &mut phone, ORIGIN)
        .await
        .expect(401);
    // A challenge of another browser.
    let mut stranger = house.browser("192.0.2.3");
    stranger.get("/sign-in").await;
    let foreign = stranger.get("/sign-in").await.expect(200);
    other.get("/sign-in").await.expect(200);
    use_on(&mut other, &foreign, &mut phone, ORIGIN)
        .await
        .expect(401);
    // Nobody was verified.
    let page = other.get("/sign-in").await.expect(200);
    phone.verifies_user = false;
    use_on(&mut other, &page, &mut phone, ORIGIN)
        .await
        .expect(401);
    phone.verifies_user = true;
    let page = other.get("/sign-in").await.expect(200);
    use_on(&mut other, &page, &mut phone, ORIGIN)
        .await
        .expect(200);
    // A copy whose counter stands behind.
    phone.rewind();
    let mut thief = house.browser("192.0.2.4");
    thief.get("/sign-in").await;
    let page = thief.get("/sign-in").await.expect(200);
    use_on(&mut thief, &page, &mut phone, ORIGIN)
        .await
        .expect(401);
    assert_eq!(thief.session(), None);
}

#[tokio::test]
async fn a_passkey_that_is_refused_is_noted_for_whom_it_belongs_to() {
    let house = House::open().await;
    house.person("ada").await;
    let mut browser = house.signed_in("ada").await;
    let mut phone = Authenticator::new();
    add(&mut browser, &mut phone, ORIGIN).await.expect(200);
    let failures = async || {
        let (filter, order) = (AuditFilter::default(), AuditOrder::NewestFirst(None));
        let system = Actor::system();
        let events = house.engine.list_audit_events(&system, filter, order, 100);
        let events = events.await.unwrap().into_iter();
        let failed = events.filter(|event| event.activity == "signInFailed");
        failed.map(|event| event.ip_address).collect::<Vec<_>>()
    };
    // Nobody has said who they are, and the signature is for another page.
    let mut other = house.browser("192.0.2.2");
    other.get("/sign-in").await;
    let page = other.get("/sign-in").await.expect(200);
    use_on(&mut other, &page, &mut phone, "https://elsewhere.example")
        .await
        .expect(401);
    assert_eq!(failures().await, [Some("192.0.2.2".to_owned())]);
    // Of a passkey that nobody here has, strangers could leave as many as they like.
    let page = other.get("/sign-in").await.expect(200);
    let mut answer = phone.get(&options(&page), ORIGIN).unwrap();
    (answer["id"], answer["rawId"]) = ("AAAA".into(), "AAAA".into());
    other
        .post("/sign-in/passkey", &[("credential", &answer.to_string())])
        .await
        .expect(401);
    assert_eq!(failures().await.len(), 1);
    // Nor do notes of one that is known go on for ever.
    for _ in 0..40 {
        let page = other.get("/sign-in").await.expect(200);
        use_on(&mut other, &page, &mut phone, "https://elsewhere.example")
            .await
            .expect(401);
    }
    let noted = failures().await.len();
    assert!((20..40).contains(&noted), "{noted}");
    let page = other.get("/sign-in").await.expect(200);
    use_on(&mut other, &page, &mut phone, ORIGIN)
        .await
        .expect(200);
}

#[tokio::test]
async fn the_passkey_of_one_is_no_second_factor_of_another() {
    let house = House::open().await;
    house.person("ada").await;
    house.person("eve").await;
    let (mut hers, mut eves) = (Authenticator::new(), Authenticator::new());
    let mut browser = house.signed_in("ada").await;
    add(&mut browser, &mut hers, ORIGIN).await.expect(200);
    let mut browser = house.signed_in("eve").await;
    add(&mut browser, &mut eves, ORIGIN).await.expect(200);

    let mut thief = house.browser("192.0.2.2");
    thief.enter("ada", PASSWORD).await.expect(303);
    let page = thief.get("/sign-in").await.expect(200);
    let mut asked = options(&page);
    // As a page of the thief's own would ask.
    asked["allowCredentials"] = Value::Null;
    let answer = eves.get(&asked, ORIGIN).unwrap().to_string();
    thief
        .post("/sign-in/passkey", &[("credential", &answer)])
        .await
        .expect(401);
    assert_eq!(thief.session(), None);

    // Nor does it help to claim that it is hers.
    let page = thief.get("/sign-in").await.expect(200);
    let mut asked = options(&page);
    asked["allowCredentials"] = Value::Null;
    let mut answer = eves.get(&asked, ORIGIN).unwrap();
    let real = hers.get(&options(&page), ORIGIN).unwrap();
    answer["response"]["userHandle"] = real["response"]["userHandle"].clone();
    let answer = answer.to_string();
    thief
        .post("/sign-in/passkey", &[("credential", &answer)])
        .await
        .expect(401);
}
