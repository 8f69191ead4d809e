//! What nobody should send.

use axum::http::Method;
use mandate_engine::{Actor, NewUser};
use serde_json::json;

use crate::house::{House, id};

#[tokio::test]
async fn nothing_is_told_without_a_token_that_is_good() {
    let house = House::open().await;
    let bearer = format!("Bearer {}", house.token);
    let basic = format!("Basic {}", house.token);
    let longer = format!("{bearer}x");
    for path in mandate_scim::paths() {
        let path = path.trim_start_matches("/scim/v2");
        let path = path.replace("{id}", "7").replace("{*rest}", "x");
        for headers in [
            vec![],
            vec![("authorization", "Bearer")],
            vec![("authorization", "Bearer nothing")],
            vec![("authorization", basic.as_str())],
            vec![("authorization", longer.as_str())],
        ] {
            for method in [Method::GET, Method::POST] {
                let sent = (headers.as_slice(), b"{}".to_vec());
                let answer = house.send(method, &path, sent).await;
                // Where a method is not known there is nothing to protect.
                if answer.status != 405 {
                    assert_eq!(answer.headers["www-authenticate"], "Bearer realm=\"scim\"");
                    answer.error(401);
                }
            }
        }
    }
    house.get("/Users").await.expect(200);
    house.forward_days(31);
    house.get("/Users").await.error(401);
}

#[tokio::test]
async fn a_token_that_is_deleted_is_good_for_nothing() {
    let house = House::open().await;
    let system = Actor::system();
    let second = house.engine.create_scim_token(&system, "Okta", 30).await;
    let tokens = house.engine.list_scim_tokens(&system).await.unwrap();
    assert_eq!(tokens.len(), 2);
    let shown = format!("{tokens:?} {:?}", second.unwrap());
    assert!(!shown.contains(&house.token), "{shown}");
    let first = tokens.iter().find(|token| token.name == "Entra").unwrap();
    house
        .engine
        .delete_scim_token(&system, first.id)
        .await
        .unwrap();
    house.get("/Users").await.error(401);
    for (name, days) in [("", 30), ("x", 0), ("x", 731), ("a\nb", 30)] {
        let made = house.engine.create_scim_token(&system, name, days).await;
        assert!(made.is_err(), "{name} {days}");
    }
}

#[tokio::test]
async fn bodies_are_bounded_and_must_be_what_they_should() {
    let house = House::open().await;
    let bearer = format!("Bearer {}", house.token);
    let headers = [("authorization", bearer.as_str())];
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let nested = format!(
        "{{\"userName\":{}1{}}}",
        "{\"a\":".repeat(5000),
        "}".repeat(5000)
    );
    let large = format!("{{\"userName\":\"{}\"}}", "x".repeat(1024 * 1024));
    for (body, status) in [
        (String::new(), 400),
        ("{".to_owned(), 400),
        ("[]".to_owned(), 400),
        ("\"x\"".to_owned(), 400),
        ("{\"userName\":\"\u{0}\"}".to_owned(), 400),
        ("{\"userName\":\"a\\u0000b\"}".to_owned(), 400),
        ("{}".to_owned(), 400),
        ("{\"userName\":\"  \"}".to_owned(), 400),
        ("{\"userName\":\"a b@example.com\"}".to_owned(), 400),
        (deep, 400),
        (nested, 400),
        (large, 413),
    ] {
        let sent = (headers.as_slice(), body.clone().into_bytes());
        let answer = house.send(Method::POST, "/Users", sent).await;
        let shown: String = body.chars().take(60).collect();
        assert_eq!(answer.status.as_u16(), status, "{shown}: {}", answer.body);
        answer.error(status);
    }
    let sent = (headers.as_slice(), b"{\"userName\":\"\xff\"}".to_vec());
    house.send(Method::POST, "/Users", sent).await.error(400);
    assert_eq!(house.get("/Users").await.expect(200)["totalResults"], 0);
    for query in [
        format!("filter={}userName%20pr{}", "(".repeat(300), ")".repeat(300)),
        format!("filter={}", "a%20pr%20or%20".repeat(100)),
        "filter=userName%20eq%20%22%ff%22".to_owned(),
        "filter=password%20eq".to_owned(),
    ] {
        house.get(&format!("/Users?{query}")).await.error(400);
    }
    let long = format!("/Users?filter={}", "a".repeat(9000));
    house.get(&long).await.error(414);
    for wrong in ["7", "00000000-0000-0000-0000-000000000000", "%00", "..%2f"] {
        house.get(&format!("/Users/{wrong}")).await.error(404);
    }
}

#[tokio::test]
async fn names_that_look_like_others_are_refused() {
    let house = House::open().await;
    house.bring("ada@example.com").await;
    for name in [
        "\u{430}da@example.com",
        "ada\u{200b}@example.com",
        "ad\u{ff41}@example.com",
    ] {
        let body = json!({ "userName": name });
        assert_eq!(
            house.post("/Users", body).await.error(400),
            "invalidValue",
            "{name}"
        );
        let found = house.get("/Users").await.expect(200);
        assert_eq!(found["totalResults"], 1, "{name}");
    }
}

#[tokio::test]
async fn what_is_refused_leaves_all_as_it_was() {
    let house = House::open().await;
    let system = Actor::system();
    let ada = house.bring("ada@example.com").await;
    let new = NewUser {
        user_principal_name: "ben@example.com".to_owned(),
        display_name: "Ben".to_owned(),
        mail: Some("ben@mail.example.com".to_owned()),
        ..NewUser::default()
    };
    house.engine.create_user(&system, new).await.unwrap();
    let path = format!("/Users/{ada}");
    let before = house.get(&path).await.expect(200);
    for operations in [
        json!([{"op": "replace", "path": "userName", "value": "ben@example.com"}]),
        json!([{"op": "replace", "path": "emails", "value": [{"value": "ben@mail.example.com"}]}]),
    ] {
        assert_eq!(
            house.patch(&path, operations).await.error(409),
            "uniqueness"
        );
        let after = house.get(&path).await.expect(200);
        assert_eq!(after["userName"], before["userName"]);
        assert_eq!(after["emails"], before["emails"]);
    }
    let person = house.person("ada@example.com").await.unwrap();
    assert_eq!(person.mail.as_deref(), Some("ada@example.com"));
    // And then what is right is taken.
    let right = json!([{"op": "replace", "path": "displayName", "value": "Ada"}]);
    let done = house.patch(&path, right).await.expect(200);
    assert_eq!(id(&done), ada);
    let person = house.person("ada@example.com").await.unwrap();
    assert_eq!(person.display_name, "Ada");
}
