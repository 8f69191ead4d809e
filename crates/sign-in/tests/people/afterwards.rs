//! What comes after a reset, a change of the rules or a long time: less than before, never more.

use mandate_engine::{
    Actor, AuditFilter, AuditOrder, DirectoryRole, Engine, NewPassword, SecondFactor,
    SignInProblem, SignInStep, Visit,
};
use mandate_model::{Member, User};
use mandate_simulator::authenticator::CodeApp;

use crate::house::{House, PASSWORD};

const OTHER: &str = "nine green bottles";

/// A sign-in in which the name was given.
async fn named(engine: &Engine, name: &str) -> String {
    let flow = engine.begin_flow("/account/", None, false).await.unwrap();
    let name = format!("{name}@example.com");
    engine.enter_name(&flow, &name).await.unwrap();
    flow
}

async fn reset(engine: &Engine, user: &User, must_change: bool) {
    let new = NewPassword {
        text: OTHER.to_owned().into(),
        must_change,
    };
    let system = Actor::system();
    engine.set_password(&system, user.id, &new).await.unwrap();
}

/// What the audit knows, the newest first.
async fn activities(house: &House) -> Vec<String> {
    let (filter, order) = (AuditFilter::default(), AuditOrder::NewestFirst(None));
    let system = Actor::system();
    let events = house.engine.list_audit_events(&system, filter, order, 100);
    let events = events.await.unwrap();
    events.into_iter().map(|event| event.activity).collect()
}

/// From where something was done last, for all that the audit knows.
async fn address_of(house: &House, activity: &str) -> Option<String> {
    let (filter, order) = (AuditFilter::default(), AuditOrder::NewestFirst(None));
    let system = Actor::system();
    let events = house.engine.list_audit_events(&system, filter, order, 100);
    let mut events = events.await.unwrap().into_iter();
    events.find(|event| event.activity == activity)?.ip_address
}

/// Goes on when one more password is being compared.
async fn until_compared(engine: &Engine, before: u64) {
    while engine.password_hashes() == before {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_that_was_compared_before_a_reset_lets_nobody_in_after_it() {
    let house = House::open().await;
    let ada = house.person("ada").await;
    let flow = named(&house.engine, "ada").await;
    let before = house.engine.password_hashes();
    let (engine, token) = (house.engine.clone(), flow.clone());
    let entering = tokio::spawn(async move {
        let visit = Visit::default();
        engine.enter_password(&token, PASSWORD, &visit).await
    });
    until_compared(&house.engine, before).await;
    let system = Actor::system();
    house
        .engine
        .reset_credentials(&system, ada.id)
        .await
        .unwrap();
    // Whichever came first, it lets nobody in now.
    let _ = entering.await.unwrap();
    house.clock.pass(1);
    let finished = house.engine.finish_flow(&flow, &Visit::default()).await;
    assert!(!matches!(finished, Ok(Some(_))), "{finished:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_whose_change_began_before_a_reset_is_not_set_after_it() {
    let house = House::open().await;
    let ada = house.person("ada").await;
    let browser = house.signed_in("ada").await;
    let cookie = browser.session().unwrap().clone();
    let of = house.engine.session_of(&cookie).await.unwrap().unwrap();
    let before = house.engine.password_hashes();
    let engine = house.engine.clone();
    let changing = tokio::spawn(async move {
        let visit = Visit {
            session: Some(cookie),
            ..Visit::default()
        };
        let pair = (PASSWORD, "seven red apples");
        engine.change_own_password(&of, pair, &visit).await
    });
    until_compared(&house.engine, before).await;
    let system = Actor::system();
    house
        .engine
        .reset_credentials(&system, ada.id)
        .await
        .unwrap();
    if let Ok(Ok(cookie)) = changing.await.unwrap() {
        assert!(house.engine.session_of(&cookie).await.unwrap().is_none());
    }
    let mut other = house.browser("192.0.2.9");
    other.enter("ada", "seven red apples").await.expect(401);
}

#[tokio::test]
async fn a_session_that_has_ended_changes_nothing() {
    let house = House::open().await;
    house.person("ada").await;
    let browser = house.signed_in("ada").await;
    let cookie = browser.session().unwrap().clone();
    let of = house.engine.session_of(&cookie).await.unwrap().unwrap();
    let visit = Visit::default();
    house.engine.sign_out(&cookie, &visit).await.unwrap();
    let visit = Visit::default();
    let engine = &house.engine;
    let changed = engine.change_own_password(&of, (PASSWORD, OTHER), &visit);
    assert!(matches!(changed.await, Err(SignInProblem::Ended)));
    let replaced = engine.remove_own_totp(&of, &visit).await;
    assert!(matches!(replaced, Err(SignInProblem::Ended)));
    let mut other = house.browser("192.0.2.9");
    other.enter("ada", PASSWORD).await.expect(200);
}

#[tokio::test]
async fn a_session_is_as_old_as_its_proof() {
    let house = House::open().await;
    house.person("ada").await;
    let flow = named(&house.engine, "ada").await;
    let proved = mandate_engine::Clock::now(&*house.clock);
    let visit = Visit::default();
    house
        .engine
        .enter_password(&flow, PASSWORD, &visit)
        .await
        .unwrap();
    house.clock.pass(30 * 60);
    let begun = house
        .engine
        .finish_flow(&flow, &visit)
        .await
        .unwrap()
        .unwrap();
    let of = house
        .engine
        .session_of(&begun.cookie)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(of.authenticated_at, proved);
    assert!(!of.is_recent(mandate_engine::Clock::now(&*house.clock)));
}

#[tokio::test]
async fn another_password_makes_a_session_neither_fresher_nor_longer() {
    let house = House::open().await;
    house.person("ada").await;
    let mut browser = house.signed_in("ada").await;
    let old = browser.session().unwrap().clone();
    let of = house.engine.session_of(&old).await.unwrap().unwrap();
    house.clock.pass(11 * 60);
    browser.get("/account/password").await.expect(200);
    let fields = [("before", PASSWORD), ("password", OTHER), ("again", OTHER)];
    browser.post("/account/password", &fields).await.expect(303);
    browser.get("/account/").await.expect(200);
    browser.get("/account/totp").await.expect(303);
    let new = browser.session().unwrap();
    assert_ne!(new, &old);
    let after = house.engine.session_of(new).await.unwrap().unwrap();
    assert_eq!(after.authenticated_at, of.authenticated_at);
    assert_eq!(after.ends_at, of.ends_at);
}

#[tokio::test]
async fn whoever_gets_a_role_proves_a_second_thing_before_it_counts() {
    let house = House::open().await;
    let ada = house.person("ada").await;
    let mut browser = house.signed_in("ada").await;
    let (system, role) = (Actor::system(), DirectoryRole::GlobalReader);
    let member = Member::User(ada.id);
    let given = house
        .engine
        .add_directory_role_member(&system, role, member);
    given.await.unwrap();
    browser.get("/account/").await.expect(303);
    let shown = browser.enter("ada", PASSWORD).await.expect(303);
    assert_eq!(shown.location(), "/sign-in");
    browser.get("/account/").await.expect(303);
}

#[tokio::test]
async fn a_secret_for_codes_is_of_one_sign_in() {
    let house = House::open().await;
    house.person("ada").await;
    house.demand(SecondFactor::Everyone).await;
    let (engine, visit) = (&house.engine, Visit::default());
    let (one, other) = (named(engine, "ada").await, named(engine, "ada").await);
    for flow in [&one, &other] {
        engine.enter_password(flow, PASSWORD, &visit).await.unwrap();
    }
    let first = engine.offer_totp(&one).await.unwrap();
    assert_ne!(
        first.secret,
        engine.offer_totp(&other).await.unwrap().secret
    );
    assert_eq!(first.secret, engine.offer_totp(&one).await.unwrap().secret);
    let shown = format!("{first:?}");
    assert!(!shown.contains(first.secret.as_str()), "{shown}");
}

#[tokio::test]
async fn a_password_that_has_to_be_changed_is_changed_first() {
    let house = House::open().await;
    let ada = house.person("ada").await;
    house.demand(SecondFactor::Everyone).await;
    reset(&house.engine, &ada, true).await;
    let (engine, visit) = (&house.engine, Visit::default());
    let flow = named(engine, "ada").await;
    engine.enter_password(&flow, OTHER, &visit).await.unwrap();
    let step = engine.look_at_flow(&flow).await.unwrap().step;
    assert_eq!(step, SignInStep::NewPassword { by_link: false });
    assert!(engine.offer_totp(&flow).await.is_err());
    let set = engine.enter_new_password(&flow, "seven red apples", &visit);
    set.await.unwrap().unwrap();
    let step = engine.look_at_flow(&flow).await.unwrap().step;
    assert_eq!(step, SignInStep::SetUpFactor);
}

#[tokio::test]
async fn a_browser_is_known_until_a_reset_and_for_half_a_year() {
    for what in ["nothing", "reset", "age"] {
        let house = House::open().await;
        let ada = house.person("ada").await;
        let mut browser = house.signed_in("ada").await;
        match what {
            "reset" => {
                house.clock.pass(1);
                reset(&house.engine, &ada, false).await;
            }
            "age" => house.clock.pass(181 * 24 * 3600),
            _ => {}
        }
        // Strangers make the account wait.
        let mut stranger = house.browser("198.51.100.1");
        for _ in 0..8 {
            stranger.enter("ada", "wrong").await;
        }
        let password = if what == "reset" { OTHER } else { PASSWORD };
        let shown = browser.enter("ada", password).await;
        let expected = if what == "nothing" { 200 } else { 429 };
        assert_eq!(shown.status.as_u16(), expected, "{what}");
    }
}

#[tokio::test]
async fn the_end_of_sessions_and_wrong_passwords_of_ones_own_are_in_the_audit() {
    let house = House::open().await;
    house.person("ada").await;
    let mut browser = house.signed_in("ada").await;
    browser.get("/account/password").await.expect(200);
    let wrong = [("before", "not it"), ("password", OTHER), ("again", OTHER)];
    browser.post("/account/password", &wrong).await.expect(401);
    let (other, here) = (house.signed_in("ada").await, &house.engine);
    let other = here.session_of(other.session().unwrap()).await.unwrap();
    let end = format!("/account/sessions/{}/end", other.unwrap().session);
    browser.get("/account/").await.expect(200);
    browser.post(&end, &[]).await.expect(303);
    browser.post("/sign-out", &[]).await.expect(200);
    for activity in ["signIn", "signInFailed", "endSession", "signOut"] {
        let address = address_of(&house, activity).await;
        assert_eq!(address.as_deref(), Some("192.0.2.1"), "{activity}");
    }
    let seen = activities(&house).await;
    for activity in ["signIn", "signInFailed", "signOut"] {
        assert!(
            seen.iter().any(|known| known == activity),
            "{activity}: {seen:?}"
        );
    }
}

#[tokio::test]
async fn who_knows_the_password_keeps_nobody_from_codes_in_a_known_browser() {
    let house = House::open().await;
    house.person("ada").await;
    let (engine, mut visit) = (&house.engine, Visit::default());
    house.demand(SecondFactor::Everyone).await;
    let flow = named(engine, "ada").await;
    engine
        .enter_password(&flow, PASSWORD, &visit)
        .await
        .unwrap();
    let secret = engine.offer_totp(&flow).await.unwrap().secret;
    let app = CodeApp::typed(&secret).unwrap();
    let code = app.code(house.clock.seconds()).unwrap();
    engine.confirm_totp(&flow, &code, &visit).await.unwrap();
    engine.keep_codes(&flow).await.unwrap();
    let begun = engine.finish_flow(&flow, &visit).await.unwrap().unwrap();

    let stranger = named(engine, "ada").await;
    engine
        .enter_password(&stranger, PASSWORD, &visit)
        .await
        .unwrap();
    for _ in 0..6 {
        assert!(
            engine
                .enter_code(&stranger, "000000", &visit)
                .await
                .is_err()
        );
    }
    let kept_out = engine.enter_code(&stranger, "000000", &visit).await;
    assert!(matches!(kept_out, Err(SignInProblem::Throttled { .. })));
    visit.known = Some(begun.known);
    let flow = named(engine, "ada").await;
    engine
        .enter_password(&flow, PASSWORD, &visit)
        .await
        .unwrap();
    let wrong = engine.enter_code(&flow, "000000", &visit).await;
    assert!(matches!(wrong, Err(SignInProblem::WrongCode)), "{wrong:?}");
}

#[test]
fn what_a_browser_brings_is_not_shown() {
    let visit = Visit {
        session: Some("hush".to_owned()),
        known: Some("hush".to_owned()),
        ..Visit::default()
    };
    let codes = SignInStep::RecoveryCodes(vec!["hush".to_owned()]);
    let name = SignInStep::Password {
        name: "hush".to_owned(),
    };
    let shown = format!("{visit:?} {codes:?} {name:?}");
    assert!(!shown.contains("hush"), "{shown}");
}
