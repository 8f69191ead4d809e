use mandate_engine::{Actor, Permission};
use mandate_model::Timestamp;

use crate::house::{CHALLENGE, House, VERIFIER, claims, escaped, exchange};

const GIVEN: [Permission; 2] = [Permission::UserReadWrite, Permission::GroupRead];
const LOCAL: &str = "http://localhost:53412";

#[tokio::test]
async fn a_person_lets_a_client_have_complete_tokens() {
    let house = House::open().await;
    let (app, ada) = (house.client(true, &GIVEN).await, house.person("ada").await);
    let cookie = house.browser(&ada).await;
    let sent = house
        .browse(&cookie, &house.authorize(&app, LOCAL, ""))
        .await;
    assert!(sent.location().starts_with("http://localhost:53412?code="));
    assert_eq!(sent.sent("state").as_deref(), Some("xyz"));
    // A restart loses nothing.
    let house = house.beside().await;
    let answer = house.token(&exchange(&app, LOCAL, &sent.code())).await;
    assert_eq!(answer.headers["cache-control"], "no-store");
    let tokens = answer.expect(200);
    assert_eq!(tokens["token_type"], "Bearer");
    assert_eq!(
        tokens["scope"],
        "User.Read.All openid profile offline_access"
    );
    let access = claims(tokens["access_token"].as_str().unwrap());
    let id = ada.id.to_string();
    for (name, value) in [
        ("aud", "https://graph.microsoft.com"),
        ("idtyp", "user"),
        ("scp", "User.Read.All openid profile"),
        ("oid", id.as_str()),
        ("upn", "ada@example.com"),
        ("app_displayname", "Tool"),
        ("acr", "1"),
    ] {
        assert_eq!(access[name], value, "{name}");
    }
    assert_eq!(access["tid"], house.tenant());
    assert!(access["roles"].is_null() && access["wids"].is_array());
    assert_eq!(access["amr"], serde_json::json!(["pwd", "otp", "mfa"]));
    let own = claims(tokens["id_token"].as_str().unwrap());
    assert_eq!(
        (own["nonce"].as_str(), own["ver"].as_str()),
        (Some("n1"), Some("2.0"))
    );
    assert_eq!(own["aud"], app.id.to_string());
    assert_eq!(
        own["iss"],
        format!("https://mdm.example.com:8443/{}/v2.0", house.tenant())
    );
    let info = claims(&format!(".{}.", tokens["client_info"].as_str().unwrap()));
    assert_eq!(info["uid"], id);
    assert_eq!(info["utid"], house.tenant());
    assert!(house.takes(tokens["access_token"].as_str().unwrap()).await);
    let header = format!("Bearer {}", tokens["access_token"].as_str().unwrap());
    let person = house
        .get("/oidc/userinfo", &[("authorization", &header)])
        .await
        .expect(200);
    assert_eq!(person["preferred_username"], "ada@example.com");
}

#[tokio::test]
async fn whoever_is_not_signed_in_is_sent_to_do_so_and_back() {
    let house = House::open().await;
    let app = house.client(true, &GIVEN).await;
    let answer = house.get(&house.authorize(&app, LOCAL, ""), &[]).await;
    assert_eq!(
        (answer.status.as_u16(), answer.location()),
        (303, "/sign-in")
    );
    let silent = house
        .get(&house.authorize(&app, LOCAL, "&prompt=none"), &[])
        .await;
    assert_eq!(silent.sent("error").as_deref(), Some("login_required"));
    assert_eq!(silent.sent("state").as_deref(), Some("xyz"));
}

#[tokio::test]
async fn what_a_client_says_of_the_person_is_obeyed() {
    let house = House::open().await;
    let (app, ada) = (house.client(true, &GIVEN).await, house.person("ada").await);
    let cookie = house.browser(&ada).await;
    let ask = async |more: &str| {
        house
            .browse(&cookie, &house.authorize(&app, LOCAL, more))
            .await
    };
    ask("&prompt=none&login_hint=ADA%40example.com")
        .await
        .code();
    for more in [
        "&prompt=login",
        "&login_hint=bob%40example.com",
        "&max_age=0",
    ] {
        house.advance(Timestamp::MINUTE);
        assert_eq!(ask(more).await.location(), "/sign-in", "{more}");
        let silent = ask(&format!(
            "{}&prompt=none",
            more.replace("prompt=login", "x=y")
        ))
        .await;
        if !more.contains("prompt") {
            assert_eq!(
                silent.sent("error").as_deref(),
                Some("login_required"),
                "{more}"
            );
        }
    }
    assert_eq!(
        ask("&prompt=none+login").await.sent("error").as_deref(),
        Some("invalid_request")
    );
    for more in ["&prompt=select_account", "&prompt=consent"] {
        let page = ask(more).await;
        page.is_page(200);
        assert!(page.text.contains("Tool") && page.text.contains("ada@example.com"));
        let path = house
            .authorize(&app, LOCAL, "")
            .replace("/authorize", "/confirm");
        let forged = house.send("POST", &path, &[], "decision=allow").await;
        assert_eq!(forged.status, 403);
        let allowed = house.submit(&cookie, &path, "decision=allow").await;
        assert!(
            allowed.text.contains("http://localhost:53412?code="),
            "{}",
            allowed.text
        );
        let declined = house.submit(&cookie, &path, "decision=deny").await;
        assert!(declined.text.contains("error=access_denied"));
    }
}

#[tokio::test]
async fn an_answer_goes_to_registered_addresses_and_nowhere_else() {
    let house = House::open().await;
    let (app, ada) = (house.client(true, &GIVEN).await, house.person("ada").await);
    let cookie = house.browser(&ada).await;
    for address in [
        "https://evil.example/",
        "https://app.example/back/",
        "https://app.example/back.evil.example",
        "https://app.example.evil.example/back",
        "https://app.example@evil.example/back",
        "https://evil.example/?https://app.example/back",
        "https://APP.example/back",
        "https://app.example:444/back",
        "http://app.example/back",
        "http://localhost.evil.example",
        "http://localhost:53412@evil.example",
        "http://127.0.0.1:53412",
        "//evil.example",
        "javascript:alert(1)",
        "",
    ] {
        let page = house
            .browse(&cookie, &house.authorize(&app, address, ""))
            .await;
        page.is_page(400);
    }
    // Neither for a client that does not exist.
    let path = house
        .authorize(&app, LOCAL, "")
        .replace(&app.id.to_string(), "00000000-0000-0000-0000-000000000001");
    house.browse(&cookie, &path).await.is_page(400);
    // Nor twice.
    let twice = house.authorize(&app, LOCAL, "&redirect_uri=https%3A%2F%2Fevil.example");
    house.browse(&cookie, &twice).await.is_page(400);
    let nul = house.authorize(&app, LOCAL, "&x=%00");
    house.browse(&cookie, &nul).await.is_page(400);
}

#[tokio::test]
async fn each_wrong_request_has_its_error_and_the_state() {
    let house = House::open().await;
    let (app, ada) = (house.client(true, &GIVEN).await, house.person("ada").await);
    let cookie = house.browser(&ada).await;
    let good = house.authorize(&app, LOCAL, "");
    for (wrong, right, error) in [
        (
            "response_type=token",
            "response_type=code",
            "unsupported_response_type",
        ),
        (
            "response_type=code+id_token",
            "response_type=code",
            "unsupported_response_type",
        ),
        (
            "scope=https%3A%2F%2Fevil.example%2F.default",
            "scope=User.Read.All+openid+profile+offline_access",
            "invalid_scope",
        ),
        (
            "scope=Directory.ReadWrite.All",
            "scope=User.Read.All+openid+profile+offline_access",
            "access_denied",
        ),
        (
            "code_challenge_method=plain",
            "code_challenge_method=S256",
            "invalid_request",
        ),
        ("x=y", "code_challenge_method=S256", "invalid_request"),
        (
            "code_challenge=short",
            &format!("code_challenge={CHALLENGE}"),
            "invalid_request",
        ),
        (
            "x=y",
            &format!("code_challenge={CHALLENGE}&code_challenge_method=S256"),
            "invalid_request",
        ),
        ("request=x", "client_info=1", "request_not_supported"),
        (
            "request_uri=https%3A%2F%2Fx",
            "client_info=1",
            "request_uri_not_supported",
        ),
        ("response_mode=web", "client_info=1", "invalid_request"),
        ("claims=x", "client_info=1", "invalid_request"),
    ] {
        let answer = house.browse(&cookie, &good.replace(right, wrong)).await;
        assert_eq!(answer.sent("error").as_deref(), Some(error), "{wrong}");
        assert_eq!(answer.sent("state").as_deref(), Some("xyz"), "{wrong}");
        assert_eq!(answer.sent("code"), None);
    }
}

#[tokio::test]
async fn an_answer_travels_as_the_client_asks() {
    let house = House::open().await;
    let (app, ada) = (house.client(true, &GIVEN).await, house.person("ada").await);
    let cookie = house.browser(&ada).await;
    let path = house.authorize(&app, LOCAL, "&response_mode=fragment");
    let answer = house.browse(&cookie, &path).await;
    assert!(
        answer
            .location()
            .starts_with("http://localhost:53412#code=")
    );
    let path = house.authorize(&app, "https://app.example/back", "&response_mode=form_post");
    let page = house.browse(&cookie, &path).await;
    page.is_page(200);
    assert!(
        page.text.contains("action=\"https://app.example/back\""),
        "{}",
        page.text
    );
    assert!(page.text.contains("name=\"code\"") && page.text.contains("<button>"));
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("form-action https://app.example") && policy.contains("'sha256-"));
    assert!(!policy.contains("unsafe"));
    let digest = base64::Engine::encode(
        &base64::engine::general_purpose::STANDARD,
        mandate_pki::sha256(b"document.forms[0].submit()"),
    );
    assert!(
        policy.contains(&digest)
            && page
                .text
                .contains("<script>document.forms[0].submit()</script>")
    );
    // What the client gives back to itself does not become part of our page.
    let path = path.replace(
        "state=xyz",
        "state=%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E",
    );
    let page = house.browse(&cookie, &path).await;
    assert!(!page.text.contains("<script>alert"), "{}", page.text);
}

#[tokio::test]
async fn a_code_is_good_once_and_its_second_use_ends_what_came_of_it() {
    let house = House::open().await;
    let (app, ada) = (house.client(true, &GIVEN).await, house.person("ada").await);
    let cookie = house.browser(&ada).await;
    let code = house
        .browse(&cookie, &house.authorize(&app, LOCAL, ""))
        .await
        .code();
    let form = exchange(&app, LOCAL, &code);
    let tokens = house.token(&form).await.expect(200);
    assert_eq!(
        house.token(&form).await.refusal(400),
        ("invalid_grant".to_owned(), 54_005)
    );
    let refresh = crate::house::refresh(&app, tokens["refresh_token"].as_str().unwrap());
    assert_eq!(house.token(&refresh).await.refusal(400).0, "invalid_grant");
}

#[tokio::test]
async fn a_code_is_exchanged_only_as_it_was_asked_for() {
    let house = House::open().await;
    let (app, ada) = (house.client(true, &GIVEN).await, house.person("ada").await);
    let other = house.client(true, &GIVEN).await;
    let cookie = house.browser(&ada).await;
    let verifier = format!("&code_verifier={VERIFIER}");
    for (change, code) in [
        (verifier.as_str(), 50_148),
        (VERIFIER, 50_148),
        ("localhost%3A53412", 500_112),
    ] {
        let issued = house
            .browse(&cookie, &house.authorize(&app, LOCAL, ""))
            .await
            .code();
        let form = exchange(&app, LOCAL, &issued);
        let replaced = match change {
            VERIFIER => form.replace(VERIFIER, CHALLENGE),
            "localhost%3A53412" => form.replace(change, "localhost%3A1"),
            whole => form.replace(whole, ""),
        };
        assert_ne!(form, replaced, "{change}");
        assert_eq!(
            house.token(&replaced).await.refusal(400),
            ("invalid_grant".to_owned(), code)
        );
        // The try has used it up.
        assert_eq!(house.token(&form).await.refusal(400).0, "invalid_grant");
    }
    let issued = house
        .browse(&cookie, &house.authorize(&app, LOCAL, ""))
        .await
        .code();
    let stolen = exchange(&other, LOCAL, &issued);
    assert_eq!(house.token(&stolen).await.refusal(400).0, "invalid_grant");
    house.advance(11 * Timestamp::MINUTE);
    let late = exchange(&app, LOCAL, &issued);
    assert_eq!(
        house.token(&late).await.refusal(400),
        ("invalid_grant".to_owned(), 70_008)
    );
}

#[tokio::test]
async fn a_verifier_without_a_challenge_is_a_downgrade() {
    let house = House::open().await;
    let (app, ada) = (house.client(false, &GIVEN).await, house.person("ada").await);
    let secret = house.secret(&app).await;
    let cookie = house.browser(&ada).await;
    let back = "https://app.example/back";
    let path = house.authorize(&app, back, "");
    let bare = path.replace(
        &format!("&code_challenge={CHALLENGE}&code_challenge_method=S256"),
        "",
    );
    let code = house.browse(&cookie, &bare).await.code();
    let form = format!("{}&client_secret={secret}", exchange(&app, back, &code));
    assert_eq!(house.token(&form).await.refusal(400).1, 50_148);
    let code = house.browse(&cookie, &bare).await.code();
    let form = format!("{}&client_secret={secret}", exchange(&app, back, &code));
    let form = form.replace(&format!("&code_verifier={VERIFIER}"), "");
    house.token(&form).await.expect(200);
}

#[tokio::test]
async fn each_kind_of_client_proves_what_it_can() {
    let house = House::open().await;
    let (app, ada) = (house.client(true, &GIVEN).await, house.person("ada").await);
    let cookie = house.browser(&ada).await;
    // A program on a server has a secret.
    let back = "https://app.example/back";
    let code = house
        .browse(&cookie, &house.authorize(&app, back, ""))
        .await
        .code();
    let form = exchange(&app, back, &code);
    assert_eq!(
        house.token(&form).await.refusal(401),
        ("invalid_client".to_owned(), 7_000_218)
    );
    // A page asks from its own origin.
    let page = "https://page.example/spa";
    let path = house.authorize(&app, page, "");
    for origin in [
        None,
        Some("https://evil.example"),
        Some("https://page.example"),
    ] {
        let code = house.browse(&cookie, &path).await.code();
        let form = exchange(&app, page, &code);
        let headers: Vec<_> = origin.iter().map(|origin| ("origin", *origin)).collect();
        let answer = house
            .send("POST", "/common/oauth2/v2.0/token", &headers, &form)
            .await;
        if origin == Some("https://page.example") {
            answer.expect(200);
        } else {
            assert_eq!(answer.refusal(400).1, 9_002_327);
        }
    }
}

#[tokio::test]
async fn a_session_that_ended_or_an_account_that_is_disabled_gets_nothing_more() {
    let house = House::open().await;
    let (app, ada) = (house.client(true, &GIVEN).await, house.person("ada").await);
    let cookie = house.browser(&ada).await;
    let before = house.tokens(&app, &cookie).await;
    let access = before["access_token"].as_str().unwrap();
    let code = house
        .browse(&cookie, &house.authorize(&app, LOCAL, ""))
        .await
        .code();
    let visit = mandate_engine::Visit::default();
    house.engine.sign_out(&cookie, &visit).await.unwrap();
    let late = house.token(&exchange(&app, LOCAL, &code)).await;
    assert_eq!(late.refusal(400).0, "invalid_grant");
    assert!(!house.takes(access).await);
    let cookie = house.browser(&ada).await;
    let tokens = house.tokens(&app, &cookie).await;
    let access = tokens["access_token"].as_str().unwrap();
    assert!(house.takes(access).await);
    house
        .engine
        .update_user(&Actor::system(), ada.id, |user| {
            user.account_enabled = false;
        })
        .await
        .unwrap();
    assert!(!house.takes(access).await);
    let refresh = crate::house::refresh(&app, tokens["refresh_token"].as_str().unwrap());
    assert_eq!(house.token(&refresh).await.refusal(400).0, "invalid_grant");
}

#[tokio::test]
async fn a_client_that_takes_claims_says_so_in_its_tokens() {
    let house = House::open().await;
    let (app, ada) = (house.client(true, &GIVEN).await, house.person("ada").await);
    let cookie = house.browser(&ada).await;
    let claims_asked = escaped(r#"{"access_token":{"xms_cc":{"values":["CP1"]}}}"#);
    let path = house.authorize(&app, LOCAL, &format!("&claims={claims_asked}"));
    let code = house.browse(&cookie, &path).await.code();
    let tokens = house.token(&exchange(&app, LOCAL, &code)).await.expect(200);
    let access = tokens["access_token"].as_str().unwrap();
    assert_eq!(claims(access)["xms_cc"], serde_json::json!(["CP1"]));
    let visit = mandate_engine::Visit::default();
    house.engine.sign_out(&cookie, &visit).await.unwrap();
    let origin = mandate_engine::Origin::default();
    let refused = house
        .engine
        .actor_of_token(access, "mdm.example.com", origin)
        .await;
    assert!(matches!(
        refused,
        Err(mandate_engine::TokenRefusal::SessionEnded {
            takes_claims: true,
            ..
        })
    ));
}
