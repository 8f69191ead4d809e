use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use mandate_engine::{Origin, Permission, TokenError, TokenRefusal};
use mandate_model::Timestamp;
use mandate_pki::keys::{KeyKind, PrivateKey};
use serde_json::{Value, json};

use crate::house::{HOST, House, claims};

async fn genuine(house: &House) -> String {
    let (app, ada) = (
        house.client(true, &[Permission::UserRead]).await,
        house.person("ada").await,
    );
    let cookie = house.browser(&ada).await;
    let tokens = house.tokens(&app, &cookie).await;
    tokens["access_token"].as_str().unwrap().to_owned()
}

fn header(token: &str) -> Value {
    let header = token.split('.').next().unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).unwrap()).unwrap()
}

fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

#[tokio::test]
async fn nobody_else_makes_a_token() {
    let house = House::open().await;
    let token = genuine(&house).await;
    assert!(house.takes(&token).await);
    let (head, said) = (header(&token), claims(&token));
    let kid = head["kid"].as_str().unwrap().to_owned();
    let signature = token.rsplit('.').next().unwrap();
    let keys = house.engine.tokens().key_set(house.engine.now());
    let stranger = PrivateKey::generate(KeyKind::Rsa2048).unwrap();
    let key = EncodingKey::from_rsa_der(&stranger.to_pkcs8()[26..]);
    let with = |kid: &str| Header {
        kid: Some(kid.to_owned()),
        ..Header::new(Algorithm::RS256)
    };
    let mut forged = vec![
        // Without a signature, in every spelling.
        format!(
            "{}.{}.",
            part(&json!({"alg": "none", "kid": kid})),
            part(&said)
        ),
        format!(
            "{}.{}.",
            part(&json!({"alg": "None", "kid": kid})),
            part(&said)
        ),
        format!(
            "{}.{}.{signature}",
            part(&json!({"alg": "none", "kid": kid})),
            part(&said)
        ),
        format!("{}.{}.", part(&head), part(&said)),
        // Signed by somebody else, under our key's name or one that leads elsewhere.
        encode(&with(&kid), &said, &key).unwrap(),
        encode(&with("other"), &said, &key).unwrap(),
        encode(&with("../../secret"), &said, &key).unwrap(),
        encode(&with("' OR 1=1 --"), &said, &key).unwrap(),
        encode(&with(""), &said, &key).unwrap(),
        encode(&Header::new(Algorithm::RS256), &said, &key).unwrap(),
        encode(
            &Header {
                alg: Algorithm::PS256,
                ..with(&kid)
            },
            &said,
            &key,
        )
        .unwrap(),
        // With the key in the header.
        encode(
            &Header {
                jwk: None,
                jku: Some("https://evil.example/keys".to_owned()),
                ..with(&kid)
            },
            &said,
            &key,
        )
        .unwrap(),
    ];
    // Our public key as if it were a shared one.
    for public in [
        keys["keys"][0]["n"].as_str().unwrap(),
        keys["keys"][0]["x5c"][0].as_str().unwrap(),
    ] {
        let symmetric = Header {
            alg: Algorithm::HS256,
            ..with(&kid)
        };
        forged.push(
            encode(
                &symmetric,
                &said,
                &EncodingKey::from_secret(public.as_bytes()),
            )
            .unwrap(),
        );
    }
    // The genuine signature over something else.
    for (name, value) in [
        ("oid", json!("00000000-0000-0000-0000-000000000001")),
        ("scp", json!("User.ReadWrite.All")),
        ("exp", json!(i64::MAX)),
    ] {
        let mut other = said.clone();
        other[name] = value;
        forged.push(format!("{}.{}.{signature}", part(&head), part(&other)));
    }
    for token in &forged {
        assert!(!house.takes(token).await, "{token}");
    }
}

#[tokio::test]
async fn a_token_of_ours_is_good_for_one_purpose_place_and_time() {
    let house = House::open().await;
    let token = genuine(&house).await;
    let engine = &house.engine;
    let (said, now) = (claims(&token), engine.now());
    let sign = |name: &str, value: Value| {
        let mut other = said.clone();
        other[name] = value;
        engine.tokens().sign(&other, now).unwrap()
    };
    for wrong in [
        sign("aud", json!("https://other.example")),
        sign("aud", json!("https://mdm.example.com.evil.example")),
        sign("aud", json!("")),
        sign(
            "iss",
            json!("https://mdm.example.com:8443/00000000-0000-0000-0000-000000000001/v2.0"),
        ),
        sign("iss", json!("https://evil.example")),
        sign("tid", json!("00000000-0000-0000-0000-000000000001")),
        sign("exp", json!(now.unix_seconds() - 3600)),
        sign("exp", json!(i64::MIN)),
        sign("nbf", json!(now.unix_seconds() + 3600)),
        sign("azp", json!("00000000-0000-0000-0000-000000000001")),
        sign("oid", json!("00000000-0000-0000-0000-000000000001")),
        sign("oid", json!("x")),
        sign("sid", json!("00000000-0000-0000-0000-000000000001")),
        sign("sid", json!("x")),
        sign("idtyp", json!("device")),
        sign("idtyp", Value::Null),
    ] {
        assert!(!house.takes(&wrong).await, "{:?}", claims(&wrong));
    }
    assert!(house.takes(&sign("x", json!("y"))).await);
    // At another host only with a resource that is meant for it.
    let local = sign("aud", json!("https://mdm.example.com"));
    assert!(house.takes(&local).await);
    let elsewhere = engine
        .actor_of_token(&local, "other.example", Origin::default())
        .await;
    assert!(matches!(
        elsewhere,
        Err(TokenRefusal::Token(TokenError::Audience(_)))
    ));
    house.advance(2 * Timestamp::HOUR);
    assert!(!house.takes(&token).await);
}

#[tokio::test]
async fn an_id_token_opens_nothing() {
    let house = House::open().await;
    let (app, ada) = (
        house.client(true, &[Permission::UserRead]).await,
        house.person("ada").await,
    );
    let cookie = house.browser(&ada).await;
    let tokens = house.tokens(&app, &cookie).await;
    assert!(!house.takes(tokens["id_token"].as_str().unwrap()).await);
    let header = format!("Bearer {}", tokens["id_token"].as_str().unwrap());
    let refused = house
        .get("/oidc/userinfo", &[("authorization", &header)])
        .await;
    assert_eq!(refused.status, 401);
    let other = house.get("/oidc/userinfo", &[]).await;
    assert_eq!(other.status, 401);
    let origin = Origin::default();
    let taken = house.engine.actor_of_token("", HOST, origin).await;
    assert!(taken.is_err());
}
