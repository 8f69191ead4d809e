//! What comes after a long time, a role or a theft, and what the audit says of it.

use mandate_engine::{Actor, AuditFilter, AuditOrder, DirectoryRole, Permission, Visit};
use mandate_model::{Member, Timestamp, User};

use crate::house::{House, escaped, exchange, refresh};

/// The cookie of somebody who has proved one thing only.
async fn with_a_password(house: &House, user: &User) -> String {
    let engine = &house.engine;
    let flow = engine.begin_flow("/", None, false).await.unwrap();
    let proved = engine.finish_first_factor(&flow, user.id, "pwd", None);
    proved.await.unwrap();
    let session = engine.finish_flow(&flow, &Visit::default()).await;
    session.unwrap().unwrap().cookie.to_string()
}

async fn knows(house: &House, activity: &str) -> bool {
    let (filter, order) = (AuditFilter::default(), AuditOrder::NewestFirst(None));
    let system = Actor::system();
    let events = house.engine.list_audit_events(&system, filter, order, 100);
    let events = events.await.unwrap();
    events.iter().any(|event| event.activity == activity)
}

#[tokio::test]
async fn whoever_gets_a_role_proves_a_second_thing_before_a_client_has_it() {
    let house = House::open().await;
    let app = house.client(true, &[Permission::UserRead]).await;
    let ada = house.person("ada").await;
    let cookie = with_a_password(&house, &ada).await;
    let tokens = house.tokens(&app, &cookie).await;
    let access = tokens["access_token"].as_str().unwrap();
    assert!(house.takes(access).await);
    let (system, role) = (Actor::system(), DirectoryRole::GlobalReader);
    let member = Member::User(ada.id);
    let given = house
        .engine
        .add_directory_role_member(&system, role, member);
    given.await.unwrap();
    assert!(!house.takes(access).await);
    let form = refresh(&app, tokens["refresh_token"].as_str().unwrap());
    assert_eq!(house.token(&form).await.refusal(400).0, "invalid_grant");
    // With the second factor all is well.
    let cookie = house.browser(&ada).await;
    let tokens = house.tokens(&app, &cookie).await;
    assert!(house.takes(tokens["access_token"].as_str().unwrap()).await);
}

#[tokio::test]
async fn signing_out_after_a_long_time_ends_what_a_client_has() {
    let house = House::open().await;
    let app = house.client(true, &[Permission::UserRead]).await;
    let ada = house.person("ada").await;
    for with_hint in [true, false] {
        let cookie = house.browser(&ada).await;
        let tokens = house.tokens(&app, &cookie).await;
        house.advance(2 * Timestamp::HOUR);
        assert!(house.engine.session_of(&cookie).await.unwrap().is_none());
        let path = "/common/oauth2/v2.0/logout";
        if with_hint {
            let hint = tokens["id_token"].as_str().unwrap();
            let path = format!("{path}?id_token_hint={hint}");
            house.browse(&cookie, &path).await.is_page(200);
        } else {
            // A link alone ends nothing.
            house.browse(&cookie, path).await.is_page(200);
            let form = refresh(&app, tokens["refresh_token"].as_str().unwrap());
            house.token(&form).await.expect(200);
            let done = house.submit(&cookie, path, "x=y").await;
            assert_eq!(done.status, 200, "{}", done.text);
        }
        let form = refresh(&app, tokens["refresh_token"].as_str().unwrap());
        let refused = house.token(&form).await.refusal(400);
        assert_eq!(refused.0, "invalid_grant", "{with_hint}");
        assert!(knows(&house, "signOut").await);
    }
}

#[tokio::test]
async fn what_is_used_twice_is_in_the_audit() {
    let house = House::open().await;
    let app = house.client(true, &[Permission::UserRead]).await;
    let ada = house.person("ada").await;
    let cookie = house.browser(&ada).await;
    let tokens = house.tokens(&app, &cookie).await;
    let form = refresh(&app, tokens["refresh_token"].as_str().unwrap());
    house.token(&form).await.expect(200);
    assert!(!knows(&house, "endStolenGrant").await);
    house.advance(Timestamp::MINUTE);
    house.token(&form).await.refusal(400);
    assert!(knows(&house, "endStolenGrant").await);
}

#[tokio::test]
async fn a_code_that_is_used_twice_is_in_the_audit() {
    let house = House::open().await;
    let app = house.client(true, &[Permission::UserRead]).await;
    let ada = house.person("ada").await;
    let cookie = house.browser(&ada).await;
    let redirect = "http://localhost:53412";
    let path = house.authorize(&app, redirect, "");
    let code = house.browse(&cookie, &path).await.code();
    let form = exchange(&app, redirect, &code);
    house.token(&form).await.expect(200);
    house.token(&form).await.refusal(400);
    assert!(knows(&house, "endStolenGrant").await);
}

#[tokio::test]
async fn a_device_code_that_somebody_decides_is_in_the_audit() {
    let house = House::open().await;
    let app = house.client(true, &[Permission::UserRead]).await;
    let ada = house.person("ada").await;
    let cookie = house.browser(&ada).await;
    for (decision, activity) in [
        ("allow", "approveDeviceCode"),
        ("deny", "declineDeviceCode"),
    ] {
        let form = format!("client_id={}&scope=User.Read.All", app.id);
        let path = "/common/oauth2/v2.0/devicecode";
        let begun = house.post(path, &form).await.expect(200);
        let code = begun["user_code"].as_str().unwrap();
        let fields = format!("code={code}&client={}&decision={decision}", app.id);
        let done = house.submit(&cookie, "/device/decide", &fields).await;
        assert_eq!(done.status, 200, "{}", done.text);
        assert!(knows(&house, activity).await, "{activity}");
    }
}

#[tokio::test]
async fn userinfo_tells_what_was_granted() {
    let house = House::open().await;
    let app = house.client(true, &[Permission::UserRead]).await;
    let ada = house.person("ada").await;
    let cookie = house.browser(&ada).await;
    let redirect = "http://localhost:53412";
    for (scope, name, mail) in [
        ("User.Read.All openid", false, false),
        ("User.Read.All openid profile", true, false),
        ("User.Read.All openid email", false, true),
    ] {
        let path = house.authorize(&app, redirect, "");
        let asked = "scope=User.Read.All+openid+profile+offline_access";
        assert!(path.contains(asked));
        let path = path.replace(asked, &format!("scope={}", escaped(scope)));
        let code = house.browse(&cookie, &path).await.code();
        let tokens = house.token(&exchange(&app, redirect, &code)).await;
        let tokens = tokens.expect(200);
        let bearer = format!("Bearer {}", tokens["access_token"].as_str().unwrap());
        let headers = [("authorization", bearer.as_str())];
        let said = house.get("/oidc/userinfo", &headers).await.expect(200);
        assert_eq!(said["sub"], ada.id.to_string());
        assert_eq!(said["name"].is_string(), name, "{scope}");
        assert_eq!(said["email"].is_string(), mail, "{scope}");
    }
}
