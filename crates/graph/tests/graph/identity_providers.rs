use axum::http::Method;
use mandate_engine::Permission;
use serde_json::{Value, json};

use crate::house::House;

const PROVIDERS: &str = "/mandate/v1/identityProviders";

fn company() -> Value {
    json!({
        "name": "company", "kind": "oidc", "issuer": "https://id.contoso.com/",
        "clientId": "mandate", "clientSecret": "hush-hush",
    })
}

#[tokio::test]
async fn a_provider_is_added_changed_and_removed_and_its_secret_is_never_shown() {
    let house = House::open().await;
    let made = house.post(PROVIDERS, company()).await.expect(201);
    assert_eq!(
        (&made["name"], &made["hasSecret"], &made["scopes"]),
        (
            &json!("company"),
            &json!(true),
            &json!(["openid", "profile", "email"])
        )
    );
    let group = house.group("administrators").await;
    let path = format!("{PROVIDERS}/company");
    let change = json!({"displayName": "Contoso", "groups": {"Admins": group}});
    let changed = house.patch(&path, change).await.expect(200);
    assert_eq!(changed["groups"]["Admins"], json!(group));
    assert_eq!(changed["issuer"], "https://id.contoso.com/");
    let list = house.get(PROVIDERS).await.expect(200);
    let shown = house.get(&path).await.expect(200);
    assert_eq!(list["value"], json!([shown]));
    assert_eq!(shown, changed);
    for answer in [made, changed, list, shown] {
        assert!(!answer.to_string().contains("hush-hush"));
    }
    // A secret goes when it is told to.
    let without = house.patch(&path, json!({"clientSecret": null})).await;
    assert_eq!(without.expect(200)["hasSecret"], json!(false));
    house.post(PROVIDERS, company()).await.error(409);
    house.delete(&path).await.expect(204);
    house.delete(&path).await.error(404);
    house.get(&path).await.error(404);
}

#[tokio::test]
async fn what_is_wrong_is_named_and_nothing_of_it_is_taken() {
    let house = House::open().await;
    let with = |name: &str, value: Value| {
        let mut body = company();
        body[name] = value;
        body
    };
    for (name, value) in [
        ("name", json!("My Company")),
        ("kind", json!("saml")),
        ("issuer", json!("http://id.contoso.com")),
        ("clientId", json!("")),
        ("clientSecret", json!(7)),
        ("searchPassword", json!("of the other kind")),
        ("domains", json!(["a b"])),
        ("roots", json!("no certificate")),
        ("tenant", json!("common")),
    ] {
        let body = with(name, value.clone());
        let error = house.post(PROVIDERS, body).await.error(400);
        assert!(error.to_string().contains(name), "{name} {error}");
    }
    let unknown = with("groups", json!({"Admins": uuid::Uuid::from_u128(7)}));
    house.post(PROVIDERS, unknown).await.error(404);
    let list = house.get(PROVIDERS).await.expect(200);
    assert_eq!(list["value"], json!([]));
}

#[tokio::test]
async fn trying_a_provider_tells_each_step_and_no_step_is_taken_from_here() {
    let house = House::open().await;
    house.post(PROVIDERS, company()).await.expect(201);
    let path = format!("{PROVIDERS}/company/test");
    let tried = house.post(&path, json!({})).await.expect(200);
    assert_eq!(tried["value"][0]["step"], "name");
    assert_eq!(tried["value"][0]["good"], json!(false));
}

#[tokio::test]
async fn who_says_how_people_sign_in_must_be_able_to_give_every_role() {
    let house = House::open().await;
    let body = company();
    for permissions in [
        vec![Permission::DirectoryRead],
        vec![Permission::DirectoryReadWrite],
        vec![Permission::RoleManagementReadWrite],
    ] {
        let app = house.app(permissions).await;
        let bearer = format!("Bearer {}", house.sign_in(&app).await);
        let headers = [("authorization", bearer.as_str())];
        let refused = house
            .call(Method::POST, PROVIDERS, &headers, Some(body.clone()))
            .await;
        refused.error(403);
    }
}
