//! Who sees and changes what.

use super::{Portal, device_path, set_up};
use crate::house::Browser;

#[tokio::test]
async fn nobody_else_sees_or_changes_a_device() {
    let portal = Portal::open().await;
    let (safari, phone, _) = set_up(&portal).await;
    let path = device_path(&portal.get(&safari, "/portal/").await);
    portal.hire("bob").await;
    let bob = Browser::new();
    let start = portal.sign_in(&bob, "bob").await;
    let token = start.hidden("form_token");
    assert!(!start.body.contains("/portal/devices/"), "{}", start.body);
    for page in ["", "/live", "/name", "/retire", "/remove"] {
        let page = portal.get(&bob, &format!("{path}{page}")).await;
        assert_eq!(page.status, 404, "{}", page.url);
    }
    for form in ["/check", "/name", "/retire", "/remove"] {
        let url = format!("{}{path}{form}", portal.url);
        let fields = [("form_token", token.as_str()), ("name", "Bob’s")];
        assert_eq!(bob.post(&url, &fields).await.status, 404, "{form}");
    }
    assert!(phone.is_enrolled());
    let stranger = Browser::new();
    let page = stranger.get(&format!("{}{path}", portal.url)).await;
    assert_eq!(page.status, 303, "strangers sign in first");
}

#[tokio::test]
async fn every_path_asks_who_it_is_and_takes_no_form_of_others() {
    let portal = Portal::open().await;
    let stranger = Browser::new();
    let paths = mandate_portal::paths();
    assert!(paths.len() > 10, "{paths:?}");
    for path in paths {
        let path = path.replace("{id}", "00000000-0000-0000-0000-000000000007");
        let url = format!("{}{path}", portal.url);
        let page = stranger.get(&url).await;
        match page.status {
            303 => {
                let next = page.leads_to.unwrap();
                let is_asked = next.ends_with("/sign-in") || next.ends_with("/portal/");
                assert!(is_asked, "{path} leads to {next}");
            }
            // It only takes a form.
            status => assert_eq!(status, 405, "{path}: {}", page.body),
        }
        let forged = stranger.post(&url, &[("name", "x")]).await;
        assert_eq!(forged.status, 403, "{path}");
    }
}

#[tokio::test]
async fn every_page_wants_a_sign_in_and_every_form_its_token() {
    let portal = Portal::open().await;
    portal.hire("ada").await;
    let (browser, stranger) = (Browser::new(), Browser::new());
    portal.sign_in(&browser, "ada").await;
    for path in mandate_portal::paths() {
        let path = path.replace("{id}", "00000000-0000-0000-0000-00000000dead");
        let url = format!("{}{path}", portal.url);
        let shown = stranger.get(&url).await;
        assert!(
            matches!(shown.status, 303 | 405),
            "{path}: {}",
            shown.status
        );
        let forged = browser.post(&url, &[("form_token", "x")]).await;
        assert!(
            matches!(forged.status, 403 | 405),
            "{path}: {}",
            forged.status
        );
    }
}
