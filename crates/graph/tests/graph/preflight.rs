use axum::http::Method;
use mandate_engine::Permission;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::house::House;

const PREFLIGHT: &str = "/mandate/v1/preflight";
const SIMULATE: &str = "/mandate/v1/simulate";

#[tokio::test]
async fn a_preflight_tells_each_finding_and_no_way_leads_from_here() {
    let house = House::open().await;
    let body = json!({"hostName": "mail.contoso.com", "useOAuth": true});
    let report = house.post(PREFLIGHT, body).await.expect(200);
    assert_eq!(report["hostName"], "mail.contoso.com");
    assert_eq!(
        (&report["port"], &report["verdict"]),
        (&json!(443), &json!("failed"))
    );
    let finding = &report["findings"][0];
    assert_eq!(finding["step"], "name");
    assert_eq!(finding["code"], "nameUnknown");
    assert_eq!(finding["values"]["host"], "mail.contoso.com");
    assert_eq!(report["profile"], Value::Null);
}

#[tokio::test]
async fn what_a_preflight_cannot_read_is_named_and_a_password_is_never_repeated() {
    let house = House::open().await;
    let with = |name: &str, value: Value| {
        let mut body = json!({"hostName": "mail.contoso.com"});
        body[name] = value;
        body
    };
    let id = Uuid::from_u128(7).to_string();
    for (name, value) in [
        ("profileId", json!("7")),
        ("profileId", json!(7)),
        ("hostName", json!(7)),
        ("hostName", json!("mail.contoso.com:25")),
        ("requireSsl", json!("yes")),
        ("useOAuth", json!(1)),
        ("allowLoopback", json!("no")),
        ("authenticationMethod", json!("carrierPigeon")),
        ("rootProfileIds", json!(id)),
        ("rootProfileIds", json!(["7"])),
        ("rootProfileIds", json!(vec![id.clone(); 101])),
        ("port", json!(25)),
    ] {
        let body = with(name, value.clone());
        let error = house.post(PREFLIGHT, body).await.error(400);
        assert!(error.to_string().contains(name), "{name}: {value}: {error}");
    }
    for body in [
        with("password", json!("hush-hush")),
        with("password", json!(["hush-hush"])),
        json!({"hostName": "h", "userName": "a:b", "password": "hush-hush"}),
        json!({"hostName": "h", "userName": 7, "password": "hush-hush"}),
        json!({"hostName": "h", "userName": "ada", "passwort": "hush-hush"}),
        json!({"hostName": "h", "userName": "ada", "password": "hush-hush\n"}),
    ] {
        let refused = house.post(PREFLIGHT, body).await;
        assert!(!refused.text.contains("hush-hush"), "{}", refused.text);
        refused.error(400);
    }
    let gone = json!({"profileId": id});
    house.post(PREFLIGHT, gone).await.error(404);
    let gone = with("rootProfileIds", json!([id]));
    house.post(PREFLIGHT, gone).await.error(404);
    house.post(PREFLIGHT, json!({})).await.error(400);
}

#[tokio::test]
async fn who_may_only_read_names_no_host() {
    let house = House::open().await;
    let app = house.app(vec![Permission::ConfigurationRead]).await;
    let bearer = format!("Bearer {}", house.sign_in(&app).await);
    let headers = [("authorization", bearer.as_str())];
    let body = json!({"hostName": "mail.contoso.com"});
    let refused = house.call(Method::POST, PREFLIGHT, &headers, Some(body));
    refused.await.error(403);
}

#[tokio::test]
async fn a_simulation_tells_why_each_profile_comes_or_not() {
    let house = House::open().await;
    let ada = house.user("ada").await;
    let body = json!({"user": ada, "platform": "ios", "osVersion": "17.4"});
    let told = house.post(SIMULATE, body).await.expect(200);
    assert_eq!(told["user"]["id"], json!(ada));
    assert_eq!(told["device"]["osVersion"], "17.4");
    assert_eq!(told["device"]["isImagined"], json!(true));
    assert_eq!(told["profiles"], json!([]));
    for (name, value) in [
        ("platform", json!("amiga")),
        ("osVersion", json!("new")),
        ("deviceId", json!("7")),
        ("user", json!(7)),
        ("version", json!("17")),
    ] {
        let mut body = json!({"user": ada});
        body[name] = value;
        let error = house.post(SIMULATE, body).await.error(400);
        assert!(error.to_string().contains(name), "{name}: {error}");
    }
    house.post(SIMULATE, json!({})).await.error(400);
    let nobody = json!({"user": "nobody@contoso.com"});
    house.post(SIMULATE, nobody).await.error(404);
}
