//! People sign in at our pages with what they have elsewhere, as a browser sees it.

use mandate_engine::NewPassword;
use mandate_graph::Scheme;
use mandate_sign_in::{Door, router};
use serde_json::{Value, json};

use crate::house::{
    BASE, Browser, DIRECTORY_PASSWORD, House, OidcPeer, Page, SECRET, Slapd, places,
};

/// A house with its door for people.
struct Porch {
    house: House,
    url: String,
    task: tokio::task::JoinHandle<()>,
}

impl Porch {
    async fn open() -> Self {
        let house = House::open(places().await.remove(0)).await;
        house.come_to_the_present();
        house.hire("ada").await;
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let state = Door::new(house.engine.clone(), Scheme::Http, vec![host.clone()]);
        let task = tokio::spawn(async move { axum::serve(listener, router(state)).await.unwrap() });
        Self {
            house,
            url: format!("http://{host}"),
            task,
        }
    }

    async fn add_provider(&self, body: Value) {
        let (engine, admin) = (&self.house.engine, &self.house.admin);
        let body = body.as_object().cloned().unwrap();
        engine.create_provider(admin, body).await.unwrap();
    }

    /// A page, after whatever leads there within our own.
    async fn visit(&self, browser: &Browser, path: &str) -> Page {
        let mut page = browser.get(&format!("{}{path}", self.url)).await;
        for _ in 0..5 {
            match page.leads_to.clone() {
                Some(next) if next.starts_with(&self.url) => page = browser.get(&next).await,
                _ => break,
            }
        }
        page
    }

    /// Sends a form of a page, with what is hidden in it.
    async fn send(&self, browser: &Browser, page: &Page, path: &str, field: (&str, &str)) -> Page {
        let token = page.hidden("form_token");
        let fields = [("form_token", token.as_str()), field];
        let sent = browser.post(&format!("{}{path}", self.url), &fields).await;
        match sent.leads_to.clone() {
            Some(next) => browser.get(&next).await,
            None => sent,
        }
    }

    async fn who(&self, browser: &Browser) -> Option<String> {
        let cookie = browser.cookie("mandate-plain")?;
        let signed_in = self.house.engine.session_of(&cookie).await.unwrap();
        signed_in.map(|signed_in| signed_in.user.user_principal_name)
    }
}

impl Drop for Porch {
    fn drop(&mut self) {
        self.task.abort();
    }
}

#[tokio::test]
async fn a_button_leads_to_the_provider_and_back_and_out_again() {
    let door = Porch::open().await;
    let callback = format!("{}/sign-in/callback", door.url);
    let Some(peer) = OidcPeer::start_for(&callback, true) else {
        return;
    };
    let provider = json!({
        "name": "peer", "kind": "oidc", "displayName": "The Company", "issuer": peer.issuer,
        "clientId": "mandate", "clientSecret": SECRET,
    });
    door.add_provider(provider).await;
    let ada = json!({ "preferred_username": "ada@contoso.com" });
    peer.set("u1", &ada).await;
    let browser = Browser::new();
    let page = door.visit(&browser, "/sign-in").await;
    assert!(page.body.contains("The Company"), "{}", page.body);
    let button = format!("{}/sign-in/provider/peer", door.url);
    let sent_to = browser.get(&button).await.leads_to.unwrap();
    let back = peer.sign_in(&browser, &sent_to, "u1").await;
    // Somebody else is led to the address with which she comes back.
    let victim = Browser::new();
    let refused = victim.get(&back).await;
    assert_eq!(refused.status, 400);
    door.visit(&victim, "/sign-in").await;
    let refused = victim.get(&back).await;
    assert_eq!(refused.status, 400);
    assert_eq!(door.who(&victim).await, None);
    // That took the answer from her as well, so she does it again.
    let sent_to = browser.get(&button).await.leads_to.unwrap();
    let back = peer.sign_in(&browser, &sent_to, "u1").await;
    let done = browser.get(&back).await;
    assert_eq!(done.status, 200, "{}", done.body);
    assert_eq!(door.who(&browser).await.as_deref(), Some("ada@contoso.com"));
    let again = browser.get(&back).await;
    assert_eq!(again.status, 400);
    // Out, here and there.
    let account = door.visit(&browser, "/account/").await;
    let nothing = ("", "");
    let out = door.send(&browser, &account, "/sign-out", nothing).await;
    assert_eq!(door.who(&browser).await, None);
    assert!(out.body.contains("/session/end?"), "{}", out.body);
}

#[tokio::test]
async fn who_is_unknown_reads_no_more_than_that_they_have_no_access() {
    let door = Porch::open().await;
    let callback = format!("{}/sign-in/callback", door.url);
    let Some(peer) = OidcPeer::start_for(&callback, false) else {
        return;
    };
    let provider = json!({
        "name": "peer", "kind": "oidc", "issuer": peer.issuer, "clientId": "public",
    });
    door.add_provider(provider).await;
    peer.set("u2", &json!({ "preferred_username": "eve@contoso.com" }))
        .await;
    let browser = Browser::new();
    door.visit(&browser, "/sign-in").await;
    let button = format!("{}/sign-in/provider/peer", door.url);
    let sent_to = browser.get(&button).await.leads_to.unwrap();
    let back = peer.sign_in(&browser, &sent_to, "u2").await;
    let refused = browser.get(&back).await;
    assert_eq!(refused.status, 403, "{}", refused.body);
    assert!(!refused.body.contains("eve"), "{}", refused.body);
    let nobody = browser
        .get(&format!("{}/sign-in/provider/none", door.url))
        .await;
    assert_eq!(nobody.status, 404);
    // Whoever cancels there comes back without a code.
    let sent_to = browser.get(&button).await.leads_to.unwrap();
    let state = sent_to.split("state=").nth(1).unwrap();
    let state = state.split('&').next().unwrap();
    let cancelled = format!(
        "{callback}?error=access_denied&state={state}&iss={}",
        peer.issuer
    );
    let refused = browser.get(&cancelled).await;
    assert_eq!(refused.status, 403, "{}", refused.body);
    assert_eq!(door.who(&browser).await, None);
}

#[tokio::test]
async fn the_form_for_passwords_takes_that_of_the_directory() {
    let Some(slapd) = Slapd::start().await else {
        return;
    };
    let door = Porch::open().await;
    let provider = json!({
        "name": "directory", "kind": "ldap", "roots": slapd.root(),
        "url": format!("ldaps://127.0.0.1:{}", slapd.tls_port),
        "base": format!("ou=people,{BASE}"), "nameAttribute": "uid",
        "searchAccount": format!("cn=admin,{BASE}"), "searchPassword": DIRECTORY_PASSWORD,
    });
    door.add_provider(provider).await;
    for (password, who) in [("wrong", None), ("Ada's own", Some("ada@contoso.com"))] {
        let browser = Browser::new();
        let page = door.visit(&browser, "/sign-in").await;
        let name = ("name", "ada@contoso.com");
        let page = door.send(&browser, &page, "/sign-in/name", name).await;
        let typed = ("password", password);
        let page = door.send(&browser, &page, "/sign-in/password", typed).await;
        assert_eq!(door.who(&browser).await.as_deref(), who, "{}", page.body);
    }
}

#[tokio::test]
async fn who_has_a_password_here_uses_it_alone_unless_the_directory_comes_first() {
    let Some(slapd) = Slapd::start().await else {
        return;
    };
    let door = Porch::open().await;
    let provider = json!({
        "name": "directory", "kind": "ldap", "roots": slapd.root(),
        "url": format!("ldaps://127.0.0.1:{}", slapd.tls_port),
        "base": format!("ou=people,{BASE}"), "nameAttribute": "uid",
        "searchAccount": format!("cn=admin,{BASE}"), "searchPassword": DIRECTORY_PASSWORD,
    });
    door.add_provider(provider).await;
    let (engine, admin) = (&door.house.engine, &door.house.admin);
    let ada = engine.find_user(admin, "ada@contoso.com").await.unwrap();
    let here = NewPassword {
        text: "correct horse battery".to_owned().into(),
        must_change: false,
    };
    let ada = ada.unwrap();
    engine.set_password(admin, ada.id, &here).await.unwrap();
    for (comes_first, password, who) in [
        (false, "Ada's own", None),
        (false, "correct horse battery", Some("ada@contoso.com")),
        (true, "Ada's own", Some("ada@contoso.com")),
    ] {
        let change = json!({ "comesFirst": comes_first });
        let change = change.as_object().cloned().unwrap();
        engine
            .update_provider(admin, "directory", change)
            .await
            .unwrap();
        let browser = Browser::new();
        let page = door.visit(&browser, "/sign-in").await;
        let name = ("name", "ada@contoso.com");
        let page = door.send(&browser, &page, "/sign-in/name", name).await;
        let typed = ("password", password);
        let page = door.send(&browser, &page, "/sign-in/password", typed).await;
        let signed_in = door.who(&browser).await;
        assert_eq!(signed_in.as_deref(), who, "{password} {}", page.body);
    }
}
