use axum::body::Body;
use axum::http::{Method, Request};
use mandate_engine::Permission;
use mandate_model::Timestamp;
use serde_json::json;

use crate::house::{House, token_form};

#[tokio::test]
async fn without_a_token_in_force_nothing_is_answered() {
    let house = House::open().await;
    for token in ["", "Basic YTpi", "Bearer nonsense", "Bearer a.b.c"] {
        let answer = house
            .get_with("/v1.0/users", &[("authorization", token)])
            .await;
        assert_eq!(answer.error(401)["code"], "InvalidAuthenticationToken");
        let challenge = answer.headers["www-authenticate"].to_str().unwrap();
        assert!(
            challenge.starts_with("Bearer ") && challenge.contains("authorization_uri="),
            "{challenge}"
        );
    }
    house.get("/v1.0/users").await.expect(200);
    house.advance(2 * Timestamp::HOUR);
    house.get("/v1.0/users").await.expect(401);
}

#[tokio::test]
async fn without_the_permission_nothing_is_done() {
    let house = House::open().await;
    let app = house.app(vec![Permission::UserRead]).await;
    let token = format!("Bearer {}", house.sign_in(&app).await);
    let headers = [("authorization", token.as_str())];
    house.get_with("/v1.0/users", &headers).await.expect(200);
    let body = json!({"displayName": "x", "userPrincipalName": "x@example.com"});
    let answer = house
        .call(Method::POST, "/v1.0/users", &headers, Some(body))
        .await;
    let error = answer.error(403);
    assert_eq!(error["code"], "Authorization_RequestDenied");
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .contains("User.ReadWrite.All")
    );
    let answer = house
        .get_with("/beta/deviceManagement/deviceConfigurations", &headers)
        .await;
    assert_eq!(answer.error(403)["code"], "Forbidden");
}

#[tokio::test]
async fn a_token_comes_for_the_tenant_by_id_domain_or_common_name() {
    let house = House::open().await;
    let app = house.app(Vec::new()).await;
    let tenant = house.engine.tenant().id.to_string();
    for name in [
        tenant.as_str(),
        "example.com",
        "EXAMPLE.com",
        "common",
        "organizations",
    ] {
        let answer = house.ask_token(name, &token_form(&app)).await.expect(200);
        assert_eq!(answer["token_type"], "Bearer");
        assert_eq!(answer["expires_in"], 3600);
    }
    assert_eq!(
        house
            .ask_token("other.com", &token_form(&app))
            .await
            .expect(400)["error"],
        "invalid_request"
    );
}

#[tokio::test]
async fn each_wrong_token_request_has_its_error() {
    let house = House::open().await;
    let app = house.app(Vec::new()).await;
    let form = token_form(&app);
    for (form, status, error) in [
        (form.replace(&app.secret, "wrong"), 401, "invalid_client"),
        (
            form.replace(
                &app.app.id.to_string(),
                "00000000-0000-0000-0000-000000000001",
            ),
            401,
            "invalid_client",
        ),
        (
            form.replace("client_credentials", "password"),
            400,
            "unsupported_grant_type",
        ),
        (
            form.replace("graph.microsoft.com", "evil.example"),
            400,
            "invalid_scope",
        ),
        (String::new(), 400, "invalid_request"),
    ] {
        let answer = house.ask_token("common", &form).await.expect(status);
        assert_eq!(answer["error"], error);
        assert!(
            answer["error_description"]
                .as_str()
                .unwrap()
                .starts_with("AADSTS")
        );
        assert!(answer["error_codes"][0].is_number() && answer["trace_id"].is_string());
    }
    let large = "x".repeat(100_000);
    assert_eq!(
        house.ask_token("common", &large).await.expect(413)["error"],
        "invalid_request"
    );
}

#[tokio::test]
async fn libraries_find_their_way() {
    let house = House::open().await;
    let anonymous = async |path: &str| {
        let request = Request::get(path)
            .header("host", "mdm.example.com:8443")
            .body(Body::empty())
            .unwrap();
        house.send(request).await.expect(200)
    };
    let tenant = house.engine.tenant().id.to_string();
    let configuration = anonymous("/common/v2.0/.well-known/openid-configuration").await;
    assert_eq!(
        configuration["issuer"],
        format!("https://mdm.example.com:8443/{tenant}/v2.0")
    );
    let keys = anonymous(&format!("/{tenant}/discovery/v2.0/keys")).await;
    assert_eq!(keys["keys"][0]["kty"], "RSA");
    anonymous("/common/discovery/v2.0/keys").await;
    let instance =
        anonymous("/common/discovery/instance?api-version=1.1&authorization_endpoint=x").await;
    assert_eq!(
        instance["metadata"][0]["preferred_network"],
        "mdm.example.com:8443"
    );
}
