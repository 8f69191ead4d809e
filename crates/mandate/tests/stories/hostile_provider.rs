//! What an OpenID Connect provider, or somebody between it and us, may try.

use std::collections::BTreeMap;

use mandate_engine::{ProviderFault, ProviderReturn};
use mandate_model::Timestamp;
use mandate_simulator::identity_provider::{Answering, IdentityProvider, Manner, Signing};
use serde_json::{Value, json};

use crate::house::{CALLBACK, House, places};

const SECRET: &str = "the secret of our client";

/// A way to behave badly.
type Way = fn(&mut Manner);

/// A house with a provider that says what it is told to say.
struct Story {
    house: House,
    provider: IdentityProvider,
}

impl Story {
    async fn begin() -> Self {
        let house = House::open(places().await.remove(0)).await;
        let clock = house.clock.clone();
        let provider = IdentityProvider::start(move || clock.unix_seconds())
            .await
            .unwrap();
        let body = json!({
            "name": "sly", "kind": "oidc", "issuer": provider.issuer(),
            "clientId": "mandate", "clientSecret": SECRET,
        });
        house
            .engine
            .create_provider(&house.admin, body.as_object().cloned().unwrap())
            .await
            .unwrap();
        house.hire("ada").await;
        Self { house, provider }
    }

    /// Somebody is sent there; the sign-in and where they are sent.
    async fn leave(&self) -> (String, String) {
        let engine = &self.house.engine;
        let flow = engine.begin_flow("/account/", None, false).await.unwrap();
        let sent_to = engine.send_to_provider(&flow, "sly", CALLBACK).await;
        (flow, sent_to.unwrap())
    }

    /// Somebody goes there, consents and comes back.
    async fn sign_in(&self) -> Result<String, ProviderFault> {
        let (flow, sent_to) = self.leave().await;
        let back = returned(&self.provider.consent(&sent_to));
        self.house.engine.return_from_provider(&flow, &back).await
    }

    /// The same while it behaves in some way; then it behaves again.
    async fn while_it(&self, change: impl FnOnce(&mut Manner)) -> Result<String, ProviderFault> {
        self.provider.behave(change);
        let outcome = self.sign_in().await;
        self.provider.behave(|manner| *manner = Manner::default());
        outcome
    }
}

fn returned(fields: &BTreeMap<String, String>) -> ProviderReturn {
    let field = |name: &str| fields.get(name).cloned();
    ProviderReturn {
        state: field("state"),
        code: field("code"),
        iss: field("iss"),
        error: field("error"),
    }
}

fn is_untrusted(outcome: &Result<String, ProviderFault>, why: &str) {
    match outcome {
        Err(ProviderFault::Untrusted { reason, .. }) => {
            assert!(reason.contains(why), "{reason} is not about {why}");
        }
        other => panic!("{why}: {other:?}"),
    }
}

#[tokio::test]
async fn a_token_is_taken_only_if_everything_about_it_is_right() {
    let story = Story::begin().await;
    assert_eq!(story.sign_in().await.unwrap(), "sly");
    let now = story.house.clock.unix_seconds();
    let hour = 3600;
    let wrong: [(&str, Value, &str); 15] = [
        ("nonce", json!("of another request"), "`nonce`"),
        ("nonce", Value::Null, "`nonce`"),
        ("aud", json!("another client"), "`aud`"),
        ("aud", json!(["another client"]), "`aud`"),
        ("aud", Value::Null, "`aud`"),
        ("aud", json!(["mandate", "another client"]), "`azp`"),
        ("azp", json!("another client"), "`azp`"),
        ("iss", json!("https://evil.example"), "issuer"),
        ("iss", Value::Null, "issuer"),
        ("exp", json!(now - hour), "`exp`"),
        ("exp", Value::Null, "`exp`"),
        ("iat", json!(now + hour), "`iat`"),
        ("iat", json!(now - hour), "`iat`"),
        ("nbf", json!(now + hour), "`nbf`"),
        ("at_hash", json!("of another token"), "`at_hash`"),
    ];
    for (claim, value, why) in wrong {
        let claims = json!({ claim: value }).as_object().cloned().unwrap();
        let outcome = story.while_it(|manner| manner.claims = claims).await;
        is_untrusted(&outcome, why);
    }
    for subject in [Value::Null, json!(""), json!("x".repeat(256))] {
        let claims = json!({ "sub": subject }).as_object().cloned().unwrap();
        let outcome = story.while_it(|manner| manner.claims = claims).await;
        is_untrusted(&outcome, "`sub`");
    }
    // And what only looks odd is taken.
    let claims = json!({ "aud": ["mandate", "other"], "azp": "mandate" });
    let claims = claims.as_object().cloned().unwrap();
    let outcome = story.while_it(|manner| manner.claims = claims).await;
    assert!(outcome.is_ok(), "{outcome:?}");
}

#[tokio::test]
async fn a_signature_is_by_the_key_of_the_provider_and_by_no_other_way() {
    let story = Story::begin().await;
    let ways = [
        (Signing::Nobody, "`none`"),
        (Signing::Secret(SECRET.to_owned()), "`HS256`"),
        (Signing::PublicKeyAsSecret, "`HS256`"),
        (Signing::SomebodyElse, "signature"),
    ];
    for (signing, why) in ways {
        let outcome = story.while_it(|manner| manner.signing = signing).await;
        is_untrusted(&outcome, why);
    }
    // Without a name the only key is meant.
    let outcome = story
        .while_it(|manner| manner.key_id = Some(String::new()))
        .await;
    assert!(outcome.is_ok(), "{outcome:?}");
}

#[tokio::test]
async fn new_keys_are_found_and_unknown_ones_do_not_make_us_ask_without_end() {
    let story = Story::begin().await;
    story.sign_in().await.unwrap();
    assert_eq!(story.provider.times_asked("/keys"), 1);
    story.house.clock.forward(2 * Timestamp::MINUTE);
    story.provider.rotate_key().unwrap();
    story.sign_in().await.unwrap();
    assert_eq!(story.provider.times_asked("/keys"), 2);
    for _ in 0..5 {
        let outcome = story
            .while_it(|manner| manner.key_id = Some("unknown".to_owned()))
            .await;
        is_untrusted(&outcome, "unknown key");
    }
    assert_eq!(story.provider.times_asked("/keys"), 2);
    story.house.clock.forward(2 * Timestamp::MINUTE);
    let outcome = story
        .while_it(|manner| manner.key_id = Some("unknown".to_owned()))
        .await;
    is_untrusted(&outcome, "unknown key");
    assert_eq!(story.provider.times_asked("/keys"), 3);
    // What it says of itself is asked for once an hour.
    let metadata = "/.well-known/openid-configuration";
    assert_eq!(story.provider.times_asked(metadata), 1);
    story.house.clock.forward(Timestamp::HOUR);
    story.sign_in().await.unwrap();
    assert_eq!(story.provider.times_asked(metadata), 2);
}

#[tokio::test]
async fn an_answer_is_of_the_provider_that_was_asked_and_comes_once() {
    let story = Story::begin().await;
    let engine = &story.house.engine;
    let (flow, sent_to) = story.leave().await;
    let fields = story.provider.consent(&sent_to);
    let mixed_up = ProviderReturn {
        iss: Some("https://evil.example".to_owned()),
        ..returned(&fields)
    };
    let outcome = engine.return_from_provider(&flow, &mixed_up).await;
    is_untrusted(&outcome, "`iss`");
    // It was taken, wrong as it was.
    let outcome = engine.return_from_provider(&flow, &returned(&fields)).await;
    assert!(matches!(outcome, Err(ProviderFault::Stray)), "{outcome:?}");
    // Whoever says that they say who they are must.
    story.house.clock.forward(2 * Timestamp::HOUR);
    story.provider.behave(|manner| {
        let says_so = "authorization_response_iss_parameter_supported";
        manner.metadata.insert(says_so.to_owned(), json!(true));
    });
    let (flow, sent_to) = story.leave().await;
    let silent = ProviderReturn {
        iss: None,
        ..returned(&story.provider.consent(&sent_to))
    };
    let outcome = engine.return_from_provider(&flow, &silent).await;
    is_untrusted(&outcome, "`iss`");
    assert!(story.sign_in().await.is_ok());
    // Nobody comes back after hours, without a state, or with one that nobody was given.
    let (flow, sent_to) = story.leave().await;
    let late = returned(&story.provider.consent(&sent_to));
    story.house.clock.forward(61 * Timestamp::MINUTE);
    let made_up = ProviderReturn {
        state: Some("made up".to_owned()),
        ..late.clone()
    };
    for back in [late, made_up, ProviderReturn::default()] {
        let outcome = engine.return_from_provider(&flow, &back).await;
        assert!(matches!(outcome, Err(ProviderFault::Stray)), "{outcome:?}");
    }
}

#[tokio::test]
async fn the_provider_may_refuse_and_says_no_more_than_a_word() {
    let story = Story::begin().await;
    let (flow, sent_to) = story.leave().await;
    let mut fields = story.provider.consent(&sent_to);
    fields.remove("code");
    let error = "access_denied\r\n<script>".to_owned();
    fields.insert("error".to_owned(), error);
    let outcome = story
        .house
        .engine
        .return_from_provider(&flow, &returned(&fields))
        .await;
    match outcome {
        Err(ProviderFault::Refused { reason, .. }) => {
            assert_eq!(reason, "access_denied<script>");
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_provider_that_does_not_answer_well_is_unavailable_and_nobody_comes_in() {
    let ways: [(&str, Way); 6] = [
        ("longer than", |manner| manner.keys = Answering::WithoutEnd),
        ("307", |manner| manner.keys = Answering::Elsewhere),
        ("500", |manner| manner.keys = Answering::Failing),
        ("/keys", |manner| manner.keys = Answering::Never),
        ("another.example", |manner| {
            let issuer = json!("https://another.example");
            manner.metadata.insert("issuer".to_owned(), issuer);
        }),
        ("not HTTPS", |manner| {
            let address = json!("http://another.example/token");
            manner.metadata.insert("token_endpoint".to_owned(), address);
        }),
    ];
    for (why, change) in ways {
        // Nothing may be known of it yet.
        let story = Story::begin().await;
        story.provider.behave(change);
        let engine = &story.house.engine;
        let flow = engine.begin_flow("/account/", None, false).await.unwrap();
        let outcome = engine.send_to_provider(&flow, "sly", CALLBACK).await;
        match outcome {
            Err(ProviderFault::Unavailable { reason, .. }) => {
                assert!(reason.contains(why), "{reason} is not about {why}");
            }
            other => panic!("{why}: {other:?}"),
        }
        let steps = engine
            .try_provider(&story.house.admin, "sly", None)
            .await
            .unwrap();
        assert!(steps.iter().any(|step| !step.good), "{why}: {steps:?}");
    }
    let story = Story::begin().await;
    for tokens in [
        Answering::WithoutEnd,
        Answering::Elsewhere,
        Answering::Failing,
    ] {
        let outcome = story.while_it(|manner| manner.tokens = tokens).await;
        let is_unavailable = matches!(outcome, Err(ProviderFault::Unavailable { .. }));
        assert!(is_unavailable, "{tokens:?} {outcome:?}");
    }
    assert!(story.sign_in().await.is_ok());
}

#[tokio::test]
async fn a_provider_that_is_down_is_left_alone_for_a_while_and_asked_again_afterwards() {
    const DOCUMENT: &str = "/.well-known/openid-configuration";
    let story = Story::begin().await;
    let (engine, provider) = (&story.house.engine, &story.provider);
    provider.behave(|manner| manner.keys = Answering::Failing);
    let flow = engine.begin_flow("/account/", None, false).await.unwrap();
    let mut reasons = Vec::new();
    for _ in 0..5 {
        match engine.send_to_provider(&flow, "sly", CALLBACK).await {
            Err(ProviderFault::Unavailable { reason, .. }) => reasons.push(reason),
            other => panic!("{other:?}"),
        }
    }
    reasons.dedup();
    assert_eq!(reasons.len(), 1, "{reasons:?}");
    assert_eq!(provider.times_asked(DOCUMENT), 1);
    // An administrator who tries it out, or changes it, does not have to wait.
    let admin = &story.house.admin;
    engine.try_provider(admin, "sly", None).await.unwrap();
    assert_eq!(provider.times_asked(DOCUMENT), 2);
    provider.behave(|manner| manner.keys = Answering::Well);
    let again = engine.send_to_provider(&flow, "sly", CALLBACK).await;
    assert!(again.is_err());
    story.house.clock.forward(15 * Timestamp::SECOND);
    engine
        .send_to_provider(&flow, "sly", CALLBACK)
        .await
        .unwrap();
    assert_eq!(provider.times_asked(DOCUMENT), 3);
}

#[tokio::test]
async fn user_information_is_about_the_person_of_the_token() {
    let story = Story::begin().await;
    let nameless = |manner: &mut Manner, info: Value| {
        let name = "preferred_username".to_owned();
        manner.claims.insert(name, Value::Null);
        manner.user_info = info.as_object().cloned();
    };
    let other = json!({ "sub": "u2", "preferred_username": "ada@contoso.com" });
    story.provider.behave(|manner| nameless(manner, other));
    is_untrusted(&story.sign_in().await, "somebody else");
    let hers = json!({ "sub": "u1", "preferred_username": "ada@contoso.com", "iss": "x" });
    story.provider.behave(|manner| nameless(manner, hers));
    assert!(story.sign_in().await.is_ok());
}

#[tokio::test]
async fn a_second_factor_of_the_provider_counts_only_if_an_administrator_says_so() {
    let story = Story::begin().await;
    let claims = json!({ "amr": ["pwd", "mfa"], "acr": "strong" });
    let claims = claims.as_object().cloned().unwrap();
    story.provider.behave(|manner| manner.claims = claims);
    let engine = &story.house.engine;
    for (change, methods) in [
        (json!({}), vec!["fed", "pwd"]),
        (
            json!({ "secondFactorMethods": ["otp"] }),
            vec!["fed", "pwd"],
        ),
        (
            json!({ "secondFactorMethods": ["mfa"] }),
            vec!["fed", "pwd", "mfa"],
        ),
        (
            json!({ "secondFactorMethods": [], "secondFactorContexts": ["strong"] }),
            vec!["fed", "pwd", "mfa"],
        ),
    ] {
        let change = change.as_object().cloned().unwrap();
        engine
            .update_provider(&story.house.admin, "sly", change)
            .await
            .unwrap();
        let (flow, sent_to) = story.leave().await;
        let back = returned(&story.provider.consent(&sent_to));
        engine.return_from_provider(&flow, &back).await.unwrap();
        let visit = mandate_engine::Visit::default();
        let session = engine.finish_flow(&flow, &visit).await.unwrap().unwrap();
        let signed_in = engine.session_of(&session.cookie).await.unwrap().unwrap();
        assert_eq!(signed_in.methods, methods);
    }
}

#[tokio::test]
async fn a_provider_is_managed_by_those_who_could_be_anybody_and_its_secret_stays_here() {
    let story = Story::begin().await;
    let (engine, admin) = (&story.house.engine, &story.house.admin);
    let shown = engine.find_provider(admin, "sly").await.unwrap().unwrap();
    assert!(shown.has_secret);
    assert!(!json!(shown.to_map()).to_string().contains(SECRET));
    // A secret is not sent to somebody else than it was given for.
    let elsewhere = json!({ "issuer": "https://evil.example" });
    let elsewhere = elsewhere.as_object().cloned().unwrap();
    let outcome = engine.update_provider(admin, "sly", elsewhere).await;
    assert!(outcome.is_err(), "{outcome:?}");
    // An application that may change the directory, but give no roles.
    let app = mandate_engine::Actor::app(
        mandate_model::AppId(uuid::Uuid::nil()),
        "tool",
        [mandate_engine::Permission::DirectoryReadWrite],
    );
    let body = json!({
        "name": "own", "kind": "oidc", "issuer": "https://evil.example", "clientId": "x",
    });
    let body = body.as_object().cloned().unwrap();
    assert!(engine.create_provider(&app, body.clone()).await.is_err());
    assert!(engine.delete_provider(&app, "sly").await.is_err());
    assert!(engine.list_providers(&app).await.is_ok());
    // A group that is not there cannot be mapped.
    let mut mapped = body;
    let groups = json!({ "theirs": uuid::Uuid::from_u128(7) });
    mapped.insert("groups".to_owned(), groups);
    assert!(engine.create_provider(admin, mapped).await.is_err());
    story.sign_in().await.unwrap();
    engine.delete_provider(admin, "sly").await.unwrap();
    assert!(engine.list_providers(admin).await.unwrap().is_empty());
    let flow = engine.begin_flow("/account/", None, false).await.unwrap();
    let outcome = engine.send_to_provider(&flow, "sly", CALLBACK).await;
    assert!(matches!(outcome, Err(ProviderFault::NoProvider(_))));
}
