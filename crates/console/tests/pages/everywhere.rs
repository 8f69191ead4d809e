//! What holds for every page of the admin centre.

use axum::http::header::{CONTENT_SECURITY_POLICY, LOCATION};
use mandate_engine::DirectoryRole;

use crate::house::House;

/// Every path, with an id that nobody has in the place of each parameter.
fn paths() -> Vec<String> {
    mandate_console::paths()
        .into_iter()
        .map(|path| {
            let parts = path.split('/').map(|part| {
                if part.starts_with('{') {
                    "00000000-0000-0000-0000-00000000dead"
                } else {
                    part
                }
            });
            parts.collect::<Vec<_>>().join("/")
        })
        .collect()
}

#[tokio::test]
async fn nobody_sees_a_page_without_signing_in() {
    let house = House::open().await;
    for path in paths() {
        let shown = house.browser().get(&path).await;
        if shown.status == 405 {
            continue;
        }
        assert_eq!(shown.status, 303, "{path}");
        let to = shown.header(LOCATION);
        assert!(
            ["/sign-in", "/console/", "/portal/"].contains(&to),
            "{path}: {to}"
        );
    }
}

#[tokio::test]
async fn whoever_has_no_role_is_shown_to_the_portal() {
    let house = House::open().await;
    let mut browser = house.signed_in("ada", None).await;
    for path in paths() {
        let shown = browser.get(&path).await;
        if matches!(shown.status, 405 | 303) {
            continue;
        }
        assert_eq!(shown.status, 403, "{path}");
        assert!(shown.text().contains("href=\"/portal/\""), "{path}");
    }
}

#[tokio::test]
async fn a_form_without_its_token_changes_nothing() {
    let house = House::open().await;
    let mut browser = house
        .signed_in("root", Some(DirectoryRole::GlobalAdministrator))
        .await;
    browser.token = "of somebody else".to_owned();
    for path in paths() {
        let shown = browser.post(&path, &[]).await;
        assert!(
            matches!(shown.status, 403 | 405),
            "{path}: {}",
            shown.status
        );
        browser.token = "of somebody else".to_owned();
    }
}

#[tokio::test]
async fn no_page_fails_or_has_a_script_or_style_of_its_own() {
    let house = House::open().await;
    let mut browser = house
        .signed_in("root", Some(DirectoryRole::GlobalAdministrator))
        .await;
    for path in paths().into_iter().filter(|path| !path.ends_with("/live")) {
        let shown = browser.get(&path).await;
        assert!(
            matches!(shown.status, 200 | 303 | 400 | 404 | 405),
            "{path}: {} {}",
            shown.status,
            shown.text()
        );
        if shown.status == 405 || shown.status == 303 {
            continue;
        }
        let policy = shown.header(CONTENT_SECURITY_POLICY);
        assert!(policy.starts_with("default-src 'none'"), "{path}: {policy}");
        let text = shown.text();
        for forbidden in [
            " style=\"",
            "<style",
            " onclick=",
            " onload=",
            "javascript:",
        ] {
            assert!(!text.contains(forbidden), "{path} has {forbidden}");
        }
        assert!(!text.contains("<script>"), "{path}");
        if text.starts_with("<!doctype html>") {
            assert_eq!(text.matches("<h1").count(), 1, "{path}");
        }
    }
}

#[tokio::test]
async fn a_scoped_administrator_sees_only_the_areas_of_his_roles() {
    let house = House::open().await;
    let mut reader = house
        .signed_in("reader", Some(DirectoryRole::GlobalReader))
        .await;
    let page = reader.get("/console/users").await.expect(200).text();
    assert!(page.contains("/console/audit"), "{page}");
    assert!(!page.contains("/console/users/new"), "{page}");
    reader.get("/console/users/new").await.expect(403);
    reader.get("/console/apps/new").await.expect(403);
}
