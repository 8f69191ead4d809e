use mandate_engine::{Actor, App, AuditFilter, AuditOrder, Permission};
use mandate_model::Timestamp;
use serde_json::Value;

use crate::house::{House, claims};

const GIVEN: [Permission; 1] = [Permission::UserRead];

async fn begin(house: &House, app: &App) -> Value {
    let form = format!(
        "client_id={}&scope=User.Read.All+openid+offline_access",
        app.id
    );
    house
        .post("/common/oauth2/v2.0/devicecode", &form)
        .await
        .expect(200)
}

fn poll(app: &App, code: &Value, grant: &str) -> String {
    let code = code["device_code"].as_str().unwrap();
    format!(
        "grant_type={grant}&client_id={}&device_code={code}&code={code}",
        app.id
    )
}

const LONG: &str = "urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code";

async fn decide(house: &House, cookie: &str, app: &App, code: &Value, decision: &str) -> String {
    let code = code["user_code"].as_str().unwrap().to_lowercase();
    let page = house
        .submit(cookie, "/device", &format!("code={code}"))
        .await;
    page.is_page(200);
    assert!(page.text.contains("Tool") && page.text.contains("User.Read.All"));
    let fields = format!("code={code}&client={}&decision={decision}", app.id);
    let done = house.submit(cookie, "/device/decide", &fields).await;
    assert_eq!(done.status, 200, "{}", done.text);
    done.text
}

#[tokio::test]
async fn somebody_signs_in_for_a_client_that_waits() {
    let house = House::open().await;
    let (app, ada) = (house.client(true, &GIVEN).await, house.person("ada").await);
    let cookie = house.browser(&ada).await;
    for grant in [LONG, "device_code"] {
        let code = begin(&house, &app).await;
        assert_eq!(
            code["verification_uri"],
            "https://mdm.example.com:8443/device"
        );
        assert!(
            code["message"]
                .as_str()
                .unwrap()
                .contains(code["user_code"].as_str().unwrap())
        );
        let form = poll(&app, &code, grant);
        let waiting = house.token(&form).await.refusal(400);
        assert_eq!(waiting, ("authorization_pending".to_owned(), 70_016));
        // A restart in the middle loses nothing.
        let house = house.beside().await;
        decide(&house, &cookie, &app, &code, "allow").await;
        house.advance(5 * Timestamp::SECOND);
        let tokens = house.token(&form).await.expect(200);
        let access = tokens["access_token"].as_str().unwrap();
        assert_eq!(claims(access)["upn"], "ada@example.com");
        assert!(house.takes(access).await && tokens["refresh_token"].is_string());
        assert_eq!(house.token(&form).await.refusal(400).0, "invalid_grant");
    }
}

#[tokio::test]
async fn a_client_that_hurries_is_slowed_down() {
    let house = House::open().await;
    let app = house.client(true, &GIVEN).await;
    let code = begin(&house, &app).await;
    let form = poll(&app, &code, "device_code");
    let mut said = Vec::new();
    for seconds in [0, 1, 5, 15] {
        house.advance(seconds * Timestamp::SECOND);
        said.push(house.token(&form).await.refusal(400).0);
    }
    assert_eq!(
        said,
        [
            "authorization_pending",
            "slow_down",
            "slow_down",
            "authorization_pending"
        ]
    );
}

#[tokio::test]
async fn a_code_ends_by_time_or_because_somebody_declines() {
    let house = House::open().await;
    let (app, ada) = (house.client(true, &GIVEN).await, house.person("ada").await);
    let cookie = house.browser(&ada).await;
    let code = begin(&house, &app).await;
    decide(&house, &cookie, &app, &code, "deny").await;
    let form = poll(&app, &code, "device_code");
    assert_eq!(house.token(&form).await.refusal(400).0, "access_denied");
    let (filter, order) = (AuditFilter::default(), AuditOrder::NewestFirst(None));
    let system = Actor::system();
    let noted = house.engine.list_audit_events(&system, filter, order, 1);
    let noted = noted.await.unwrap().remove(0);
    assert_eq!(noted.activity, "declineDeviceCode");
    assert!(noted.ip_address.is_some());
    let code = begin(&house, &app).await;
    house.advance(16 * Timestamp::MINUTE);
    let form = poll(&app, &code, "device_code");
    assert_eq!(house.token(&form).await.refusal(400).0, "expired_token");
    let other = house.client(true, &GIVEN).await;
    let code = begin(&house, &app).await;
    let stolen = house.token(&poll(&other, &code, "device_code")).await;
    assert_eq!(stolen.refusal(400).0, "invalid_grant");
}

#[tokio::test]
async fn codes_cannot_be_guessed() {
    let house = House::open().await;
    let (app, ada) = (house.client(true, &GIVEN).await, house.person("ada").await);
    let cookie = house.browser(&ada).await;
    let code = begin(&house, &app).await;
    for _ in 0..5 {
        let page = house.submit(&cookie, "/device", "code=BBBB-BBBB").await;
        page.is_page(400);
    }
    // From here on not even the right one is looked up.
    let right = format!("code={}", code["user_code"].as_str().unwrap());
    house.submit(&cookie, "/device", &right).await.is_page(400);
    house.advance(11 * Timestamp::MINUTE);
    house.submit(&cookie, "/device", &right).await.is_page(200);
}

#[tokio::test]
async fn nobody_approves_without_having_looked() {
    let house = House::open().await;
    let (app, ada) = (house.client(true, &GIVEN).await, house.person("ada").await);
    let cookie = house.browser(&ada).await;
    let code = begin(&house, &app).await;
    let typed = code["user_code"].as_str().unwrap();
    // A link fills the code in and no more.
    let page = house
        .browse(&cookie, &format!("/device?user_code={typed}"))
        .await;
    page.is_page(200);
    assert!(page.text.contains(typed));
    // A form of another site, with the cookie of the browser but not our token.
    let header = format!("__Host-mandate={cookie}");
    let fields = format!("code={typed}&client={}&decision=allow", app.id);
    for headers in [
        vec![("cookie", header.as_str())],
        vec![
            ("cookie", header.as_str()),
            ("origin", "https://evil.example"),
        ],
    ] {
        let forged = house
            .send("POST", "/device/decide", &headers, &fields)
            .await;
        assert_eq!(forged.status, 403);
    }
    // A client that was not the one shown.
    let other = house.client(true, &GIVEN).await;
    let fields = format!("code={typed}&client={}&decision=allow", other.id);
    house
        .submit(&cookie, "/device/decide", &fields)
        .await
        .is_page(400);
    let form = poll(&app, &code, "device_code");
    assert_eq!(
        house.token(&form).await.refusal(400).0,
        "authorization_pending"
    );
    // Without being signed in there is nothing to see.
    let stranger = house.get("/device", &[]).await;
    assert_eq!(stranger.location(), "/sign-in");
    assert_eq!(
        house.get("/common/oauth2/deviceauth", &[]).await.location(),
        "/device"
    );
}

#[tokio::test]
async fn only_a_public_client_waits_without_proof() {
    let house = House::open().await;
    let app = house.client(false, &GIVEN).await;
    let form = format!("client_id={}&scope=User.Read.All", app.id);
    let refused = house.post("/common/oauth2/v2.0/devicecode", &form).await;
    assert_eq!(refused.refusal(401).1, 7_000_218);
    let form = format!("{form}&client_secret={}", house.secret(&app).await);
    house
        .post("/common/oauth2/v2.0/devicecode", &form)
        .await
        .expect(200);
    let first = format!(
        "client_id={}&resource=https%3A%2F%2Fgraph.microsoft.com",
        house.client(true, &GIVEN).await.id
    );
    let code = house
        .post("/common/oauth2/devicecode", &first)
        .await
        .expect(200);
    assert!(code["verification_url"].is_string() && code["interval"].is_string());
}
