//! Forms of others, headers, cookies, addresses to come back to.

use axum::http::header;
use proptest::prelude::*;

use crate::house::{House, ORIGIN, PASSWORD};

/// A path with something in the place of each parameter.
fn filled(path: &str) -> String {
    let parts = path
        .split('/')
        .map(|part| if part.starts_with('{') { "x" } else { part });
    parts.collect::<Vec<_>>().join("/")
}

#[tokio::test]
async fn no_page_for_people_takes_a_form_without_its_token() {
    let house = House::open().await;
    house.person("ada").await;
    let browser = house.signed_in("ada").await;
    let mut seen = 0;
    for path in mandate_sign_in::paths() {
        // Clients call these, not pages; they prove themselves otherwise, and look at no cookie.
        let is_for_clients = ["token", "devicecode", "authorize", "userinfo"]
            .iter()
            .any(|end| path.ends_with(end));
        if is_for_clients {
            continue;
        }
        let path = filled(path);
        let fields = [("name", "x"), ("password", "x"), ("code", "x")];
        let mut trial = browser.clone();
        let without = trial.send("POST", &path, &fields, &[]).await;
        let token = browser.token.as_str();
        let with = [("form_token", token), ("name", "x")];
        let foreign = [("origin", "https://evil.example")];
        let foreign = trial.send("POST", &path, &with, &foreign).await;
        let cross = [("sec-fetch-site", "cross-site")];
        let cross = trial.send("POST", &path, &with, &cross).await;
        let mut stranger = house.browser("192.0.2.9");
        let borrowed = stranger.send("POST", &path, &with, &[]).await;
        for shown in [without, foreign, cross, borrowed] {
            let status = shown.status.as_u16();
            assert!(matches!(status, 403 | 405), "{path} answered {status}");
            seen += usize::from(status == 403);
        }
    }
    assert!(seen > 60, "only {seen} forms were tried");
    let mut browser = browser;
    browser.get("/account/").await.expect(200);
}

#[tokio::test]
async fn pages_keep_to_themselves() {
    let house = House::open().await;
    let mut browser = house.browser("192.0.2.1");
    browser.get("/sign-in").await;
    let page = browser.get("/sign-in").await.expect(200);
    let policy = page.headers[header::CONTENT_SECURITY_POLICY]
        .to_str()
        .unwrap();
    for rule in [
        "default-src 'none'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "form-action 'self'",
    ] {
        assert!(policy.contains(rule), "{policy}");
    }
    assert!(!policy.contains("unsafe"));
    for (name, value) in [
        ("x-frame-options", "DENY"),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "same-origin"),
        ("cache-control", "no-store"),
        ("strict-transport-security", "max-age=31536000"),
    ] {
        assert_eq!(page.headers[name], value, "{name}");
    }
    assert!(!page.text.contains("<style") && !page.text.contains(" style="));
    for script in page.between("<script", "</script>") {
        assert!(
            script.starts_with(" src=\"/assets/") && script.ends_with('>'),
            "{script}"
        );
    }
    let style = page.between("<link rel=\"stylesheet\" href=\"", "\"");
    let style = browser.get(&style[0]).await.expect(200);
    assert!(
        style.headers["cache-control"]
            .to_str()
            .unwrap()
            .contains("immutable")
    );
}

#[tokio::test]
async fn a_session_is_a_new_cookie_that_no_script_and_no_other_host_sees() {
    let house = House::open().await;
    house.person("ada").await;
    let mut browser = house.browser("192.0.2.1");
    // What somebody planted counts for nothing.
    browser
        .cookies
        .insert("__Host-mandate".to_owned(), "planted".to_owned());
    let shown = browser.enter("ada", PASSWORD).await.expect(200);
    let set = shown.set_cookies();
    let session = set
        .iter()
        .find(|cookie| cookie.starts_with("__Host-mandate="))
        .unwrap();
    for attribute in ["; Path=/", "; SameSite=Lax", "; HttpOnly", "; Secure"] {
        assert!(session.contains(attribute), "{session}");
    }
    assert!(!session.contains("Domain") && !session.contains("Max-Age"));
    let first = browser.session().unwrap().clone();
    assert_ne!(first, "planted");
    // Signing in again ends the cookie before.
    browser.enter("ada", PASSWORD).await.expect(200);
    assert_ne!(browser.session().unwrap(), &first);
    let mut before = house.browser("192.0.2.1");
    before.cookies.insert("__Host-mandate".to_owned(), first);
    before.get("/account/").await.expect(303);
}

#[tokio::test]
async fn nobody_is_sent_elsewhere() {
    let house = House::open().await;
    house.person("ada").await;
    for bad in [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
    ] {
        let flow = house.engine.begin_flow(bad, None, false).await.unwrap();
        let mut browser = house.browser("192.0.2.1");
        browser
            .cookies
            .insert("__Host-mandate-flow".to_owned(), flow);
        let shown = browser.enter("ada", PASSWORD).await.expect(200);
        assert!(
            shown.text.contains("content=\"0;url=/account/\""),
            "{}",
            shown.text
        );
        assert!(!shown.text.contains("evil"), "{bad}");
    }
    let mut browser = house.signed_in("ada").await;
    let token = browser.token.clone();
    let fields = [("form_token", token.as_str()), ("language", "sv")];
    let from = [
        ("origin", ORIGIN),
        ("referer", "https://evil.example/sign-in/x"),
    ];
    let shown = browser.send("POST", "/language", &fields, &from).await;
    assert!(
        shown.location().starts_with("/sign-in"),
        "{}",
        shown.location()
    );
    let page = browser.get("/account/").await.expect(200);
    assert!(page.text.contains("<html lang=\"sv\">") && page.text.contains("Logga ut"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn whatever_is_typed_no_page_breaks(
        name in "\\PC{0,300}",
        password in any::<String>(),
        code in any::<String>(),
        path in "[ -~]{0,40}",
    ) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let house = House::open().await;
            house.person("ada").await;
            let mut browser = house.browser("192.0.2.1");
            browser.get("/sign-in").await;
            browser.get("/sign-in").await;
            let mut statuses = vec![browser.post("/sign-in/name", &[("name", &name)]).await.status];
            browser.get("/sign-in").await;
            statuses.push(browser.post("/sign-in/password", &[("password", &password)]).await.status);
            for (path, field) in [("code", "code"), ("recovery", "recovery"), ("passkey", "credential")] {
                let path = format!("/sign-in/{path}");
                statuses.push(browser.post(&path, &[(field, &code)]).await.status);
            }
            let link = format!("/sign-in/link/{}", path.replace(|c: char| !c.is_ascii_alphanumeric(), "~"));
            statuses.push(browser.get(&link).await.status);
            let mut signed_in = house.signed_in("ada").await;
            for path in ["/account/password", "/account/totp", "/account/passkeys"] {
                let fields = [("before", password.as_str()), ("password", &code), ("again", &code), ("code", &code), ("credential", &code), ("name", &name)];
                statuses.push(signed_in.post(path, &fields).await.status);
            }
            let page = signed_in.get("/account/").await;
            assert!(!page.text.contains("<script>"));
            for status in statuses {
                assert!(!status.is_server_error(), "{status}");
            }
        });
    }
}
