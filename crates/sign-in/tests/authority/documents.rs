use serde_json::Value;

use crate::house::{HOST, House, OVERRIDE};

#[tokio::test]
async fn every_address_is_made_of_the_name_that_was_called() {
    let house = House::open().await;
    for host in [HOST, OVERRIDE] {
        let path = "/common/v2.0/.well-known/openid-configuration";
        let document = house.get(path, &[("host", host)]).await.expect(200);
        let root = format!("https://{host}/{}", house.tenant());
        assert_eq!(document["issuer"], format!("{root}/v2.0"));
        for (name, value) in document.as_object().unwrap() {
            if let Some(address) = value.as_str().filter(|text| text.contains("://")) {
                assert!(address.starts_with(&format!("https://{host}/")), "{name}");
            }
        }
    }
}

#[tokio::test]
async fn a_name_that_is_not_ours_is_written_into_nothing() {
    let house = House::open().await;
    for host in ["evil.example", "mdm.example.com.evil.example", "a b"] {
        for path in [
            "/common/v2.0/.well-known/openid-configuration",
            "/common/discovery/v2.0/keys",
            "/common/discovery/instance?api-version=1.1",
        ] {
            let answer = house.get(path, &[("host", host)]).await;
            assert_eq!(answer.status, 400, "{host} {path}");
            assert!(!answer.text.contains("evil"), "{}", answer.text);
        }
    }
}

#[tokio::test]
async fn the_tenant_has_several_names_and_no_other() {
    let house = House::open().await;
    let id = house.tenant();
    for name in [
        id.as_str(),
        "example.com",
        "EXAMPLE.com",
        "common",
        "Organizations",
    ] {
        let path = format!("/{name}/discovery/v2.0/keys");
        house.get(&path, &[]).await.expect(200);
    }
    let other = "00000000-0000-0000-0000-000000000001";
    for name in ["other.example", other, "consumers"] {
        for path in [
            "v2.0/.well-known/openid-configuration",
            "discovery/v2.0/keys",
        ] {
            let answer = house.get(&format!("/{name}/{path}"), &[]).await;
            assert_eq!(answer.refusal(400), ("invalid_request".to_owned(), 90_002));
        }
        let answer = house
            .post(&format!("/{name}/oauth2/v2.0/token"), "a=b")
            .await;
        assert_eq!(answer.refusal(400).1, 90_002);
        let page = house
            .get(&format!("/{name}/oauth2/v2.0/authorize"), &[])
            .await;
        page.is_page(400);
    }
}

#[tokio::test]
async fn keys_are_complete_and_public() {
    let house = House::open().await;
    let keys = house
        .get("/common/discovery/v2.0/keys", &[])
        .await
        .expect(200);
    let key = keys["keys"][0].as_object().unwrap();
    for name in ["kty", "use", "alg", "kid", "x5t", "n", "e", "x5c"] {
        assert!(key.contains_key(name), "{name}");
    }
    for name in ["d", "p", "q", "dp", "dq", "qi"] {
        assert!(!key.contains_key(name), "{name}");
    }
}

#[tokio::test]
async fn documents_of_both_generations_are_there() {
    let house = House::open().await;
    let first = house
        .get("/common/.well-known/openid-configuration", &[])
        .await
        .expect(200);
    let token = first["token_endpoint"].as_str().unwrap();
    assert!(token.ends_with("/oauth2/token"), "{token}");
    for (version, said) in [("1.0", "1.0"), ("1.1", "1.1")] {
        let path =
            format!("/common/discovery/instance?api-version={version}&authorization_endpoint=x");
        let document = house.get(&path, &[]).await.expect(200);
        assert_eq!(document["api-version"], said);
        let aliases = document["metadata"][0]["aliases"].as_array().unwrap();
        assert!(aliases.contains(&Value::from(OVERRIDE)));
    }
    let realm = house
        .get("/common/userrealm/nobody@example.com?api-version=1.0", &[])
        .await
        .expect(200);
    assert_eq!(realm["account_type"], "Managed");
    let page = house.get("/common/oauth2/nativeclient?code=x", &[]).await;
    page.is_page(200);
    assert!(!page.text.contains("code=x"));
}

#[tokio::test]
async fn pages_of_registered_origins_may_read_and_others_may_not() {
    let house = House::open().await;
    house.client(true, &[]).await;
    let path = "/common/oauth2/v2.0/token";
    for (origin, is_allowed) in [
        ("https://page.example", true),
        ("https://app.example", false),
        ("https://page.example.evil.example", false),
        ("null", false),
    ] {
        let headers = [
            ("origin", origin),
            ("access-control-request-method", "POST"),
        ];
        let asked = house.send("OPTIONS", path, &headers, "").await;
        let answered = house.send("POST", path, &headers, "grant_type=x").await;
        for answer in [asked, answered] {
            let allowed = answer.headers.get("access-control-allow-origin");
            assert_eq!(allowed.is_some_and(|o| o == origin), is_allowed, "{origin}");
            assert!(
                !answer
                    .headers
                    .contains_key("access-control-allow-credentials")
            );
        }
    }
}
