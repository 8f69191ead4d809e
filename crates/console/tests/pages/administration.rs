//! Roles, registrations, certificates, the audit, settings.

use axum::http::header::LOCATION;
use mandate_engine::{Actor, DirectoryRole, NewGroup, Page, SecondFactor};

use crate::house::{Browser, House};

async fn administrator(house: &House) -> Browser {
    house
        .signed_in("root", Some(DirectoryRole::GlobalAdministrator))
        .await
}

#[tokio::test]
async fn a_role_is_made_assigned_changed_and_taken_away() {
    let house = House::open().await;
    let mut browser = administrator(&house).await;
    let system = Actor::system();
    for name in ["Help desk", "Sales"] {
        let new = NewGroup {
            display_name: name.to_owned(),
            ..NewGroup::default()
        };
        house
            .engine
            .create_group(&system, new, Vec::new())
            .await
            .unwrap();
    }
    browser
        .get("/console/roles/definitions/new")
        .await
        .expect(200);
    let fields = [
        ("displayName", "Lockers"),
        ("action", "Microsoft.Intune_ManagedDevices_Read"),
        ("action", "Microsoft.Intune_RemoteTasks_RemoteLock"),
    ];
    let made = browser
        .post("/console/roles/definitions/new", &fields)
        .await
        .expect(303);
    let role = made.header(LOCATION).to_owned();
    let page = browser.get(&role).await.expect(200).text();
    assert!(
        page.contains("Microsoft.Intune_RemoteTasks_RemoteLock"),
        "{page}"
    );

    let id = role.rsplit('/').next().unwrap().to_owned();
    let path = "/console/roles/assignments/new";
    browser.get(&format!("{path}?role={id}")).await.expect(200);
    let mut fields = vec![
        ("role", id.as_str()),
        ("displayName", "Lockers of Sales"),
        ("members", "Help desk\n"),
        ("scopeType", "resourceScope"),
        ("scopes", "Sails"),
    ];
    let page = browser.post(path, &fields).await.expect(400).text();
    assert!(
        page.contains("id=\"scopes-wrong\"") && page.contains("Lockers of Sales"),
        "{page}"
    );
    fields[4] = ("scopes", "Sales");
    for (more, place) in [
        (
            ("description", &*"x".repeat(5000)),
            "id=\"description-wrong\"",
        ),
        (("tag", "77"), "class=\"wrong\""),
    ] {
        let wrong = [&fields[..], &[more]].concat();
        let page = browser.post(path, &wrong).await.expect(400).text();
        assert!(page.contains(place), "{page}");
    }
    browser.post(path, &fields).await.expect(303);
    let all = house
        .engine
        .list_role_assignments(&system, None, Page::first(9));
    let all = all.await.unwrap();
    assert_eq!(all.len(), 1);
    assert_eq!((all[0].members.len(), all[0].scopes.len()), (1, 1));

    let edit = format!("/console/roles/assignments/{}", all[0].id);
    let page = browser.get(&edit).await.expect(200).text();
    assert!(page.contains(">Help desk\n"), "{page}");
    let fields = [
        ("displayName", "All"),
        ("members", "Help desk"),
        ("scopeType", "allDevices"),
    ];
    browser.post(&edit, &fields).await.expect(303);
    let changed = house.engine.find_role_assignment(&system, all[0].id).await;
    assert_eq!(changed.unwrap().unwrap().scopes, []);

    // A role that is assigned stays.
    let deletion = format!("{role}/delete");
    browser.get("/console/roles").await.expect(200);
    browser.post(&deletion, &[]).await.expect(400);
    browser
        .post(&format!("{edit}/delete"), &[])
        .await
        .expect(303);
    browser.post(&deletion, &[]).await.expect(303);
}

#[tokio::test]
async fn the_last_global_administrator_stays() {
    let house = House::open().await;
    let mut browser = administrator(&house).await;
    let page = browser.get("/console/roles").await.expect(200);
    let role = DirectoryRole::GlobalAdministrator.id();
    let removals = page.paths(&format!("/console/roles/directory/{role}/"));
    let mut refused = 0;
    for path in &removals {
        let status = browser.post(path, &[]).await.status;
        refused += usize::from(status != 303);
    }
    assert!(refused >= 1, "{removals:?}");
    let system = Actor::system();
    let role = DirectoryRole::GlobalAdministrator;
    let left = house
        .engine
        .list_directory_role_members(&system, role, Page::first(9));
    assert_eq!(left.await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_scope_tag_goes_to_the_devices_of_groups() {
    let house = House::open().await;
    let mut browser = administrator(&house).await;
    browser.get("/console/roles/tags/new").await.expect(200);
    let path = "/console/roles/tags/new";
    let fields = [("displayName", "North"), ("groups", "Nobody")];
    browser.post(path, &fields).await.expect(400);
    browser
        .post(path, &[("displayName", "North")])
        .await
        .expect(303);
    browser.get(path).await;
    let page = browser
        .post(path, &[("displayName", "north")])
        .await
        .expect(400);
    assert!(page.text().contains("id=\"name-wrong\""), "{}", page.text());
    browser.get("/console/roles/tags/1").await.expect(200);
    let too_long = "x".repeat(5000);
    let fields = [("displayName", "North"), ("description", too_long.as_str())];
    let page = browser
        .post("/console/roles/tags/1", &fields)
        .await
        .expect(400);
    assert!(
        page.text().contains("id=\"description-wrong\""),
        "{}",
        page.text()
    );
    assert!(page.text().contains(&too_long), "it was lost");
    browser
        .post("/console/roles/tags/1/delete", &[])
        .await
        .expect(303);
    browser.get("/console/roles/tags/1").await.expect(404);
}

#[tokio::test]
async fn a_secret_is_shown_once() {
    let house = House::open().await;
    let mut browser = administrator(&house).await;
    browser.get("/console/apps/new").await.expect(200);
    let wrong = [("name", "Backup"), ("redirects", "https://a.example/")];
    let page = browser
        .post("/console/apps/new", &wrong)
        .await
        .expect(400)
        .text();
    assert!(
        page.contains("value=\"Backup\"") && page.contains("https://a.example/"),
        "{page}"
    );
    let fields = [
        ("name", "Backup"),
        ("permission", "DeviceManagementConfiguration.Read.All"),
        ("redirects", "web https://a.example/back"),
    ];
    let made = browser.post("/console/apps/new", &fields).await.expect(303);
    let app = made.header(LOCATION).to_owned();
    browser.get(&app).await.expect(200);
    let secrets = format!("{app}/secrets");
    let too_long = "night ".repeat(20);
    let page = browser
        .post(&secrets, &[("name", &too_long)])
        .await
        .expect(400);
    let page = page.text();
    assert!(
        page.contains("id=\"name-wrong\"") && page.contains(too_long.trim()),
        "{page}"
    );
    let page = browser
        .post(&secrets, &[("name", "night")])
        .await
        .expect(200)
        .text();
    let (_, rest) = page.split_once("role=\"status\"").unwrap();
    let (_, rest) = rest.split_once("<code>").unwrap();
    let secret = rest.split_once('<').unwrap().0.to_owned();
    assert!(secret.len() > 20, "{secret}");
    let again = browser.get(&app).await.expect(200).text();
    assert!(!again.contains(&secret) && again.contains("night"));
    let id = app.rsplit('/').next().unwrap().parse().unwrap();
    house.engine.authenticate_app(id, &secret).await.unwrap();

    let removal = browser.get(&app).await.paths(&format!("{secrets}/"));
    browser.post(&removal[0], &[]).await.expect(303);
    house
        .engine
        .authenticate_app(id, &secret)
        .await
        .unwrap_err();
    browser.get(&format!("{app}/delete")).await.expect(200);
    browser
        .post(&format!("{app}/delete"), &[])
        .await
        .expect(303);
    browser.get(&app).await.expect(404);
}

#[tokio::test]
async fn the_audit_shows_what_was_done_and_what_is_different() {
    let house = House::open().await;
    let mut browser = administrator(&house).await;
    browser.get("/console/groups/new").await;
    let made = browser
        .post("/console/groups/new", &[("displayName", "A & B")])
        .await
        .expect(303);
    let id = made.header(LOCATION).rsplit('/').next().unwrap().to_owned();
    let list = browser
        .get(&format!("/console/audit?resource={id}"))
        .await
        .expect(200);
    let entries = list.paths("/console/audit/");
    let entry = entries
        .iter()
        .find(|path| !path.contains("export"))
        .unwrap();
    let page = browser.get(entry).await.expect(200).text();
    assert!(
        page.contains("root@example.com") && page.contains("A &#38; B"),
        "{page}"
    );

    let page = browser
        .get("/console/audit?from=yesterday")
        .await
        .expect(200)
        .text();
    assert!(page.contains("id=\"from-wrong\""), "{page}");
    let file = browser
        .get("/console/audit/export.csv")
        .await
        .expect(200)
        .text();
    assert!(file.contains("A & B"), "{file}");
    browser.get("/console/audit/nothing").await.expect(404);
}

#[tokio::test]
async fn settings_say_who_needs_a_second_step_and_refuse_what_is_no_certificate() {
    let house = House::open().await;
    let mut browser = administrator(&house).await;
    browser.get("/console/settings").await.expect(200);
    let path = "/console/settings/second-factor";
    browser
        .post(path, &[("secondFactor", "cats")])
        .await
        .expect(400);
    browser.get("/console/settings").await.expect(200);
    let request = browser
        .post("/console/settings/push/request", &[])
        .await
        .expect(200);
    assert!(
        request
            .text()
            .starts_with("-----BEGIN CERTIFICATE REQUEST-----")
    );
    let wrong = [
        ("certificate", "no certificate"),
        ("appleId", "it@example.com"),
    ];
    let page = browser
        .post("/console/settings/push", &wrong)
        .await
        .expect(400)
        .text();
    assert!(
        page.contains("id=\"certificate-wrong\"") && page.contains("no certificate"),
        "{page}"
    );
    browser
        .get("/console/settings/push/remove")
        .await
        .expect(404);
    browser.get("/console/settings").await;
    browser
        .post(path, &[("secondFactor", "everyone")])
        .await
        .expect(303);
    let now = house.engine.second_factor(&Actor::system()).await.unwrap();
    assert_eq!(now, SecondFactor::Everyone);
}

#[tokio::test]
async fn certificates_name_the_authority_that_issues() {
    let house = House::open().await;
    let mut browser = administrator(&house).await;
    let page = browser
        .get("/console/certificates?days=365")
        .await
        .expect(200)
        .text();
    assert!(page.contains("Issuing CA"), "{page}");
    browser
        .get("/console/certificates/export.csv")
        .await
        .expect(200);
}

const PROVIDERS: &str = "/console/settings/providers";

#[tokio::test]
async fn providers_of_both_kinds_are_added_tried_changed_and_removed() {
    let house = House::open().await;
    let mut browser = administrator(&house).await;
    let settings = browser.get("/console/settings").await.expect(200).text();
    assert!(settings.contains(PROVIDERS), "{settings}");
    let new = format!("{PROVIDERS}/_new");
    let oidc = [
        ("name", "id"),
        ("displayName", "Our <id>"),
        ("issuer", "https://id.example.com"),
        ("clientId", "mandate"),
        ("clientSecret", "very-hush"),
        ("scopes", "openid\r\nprofile"),
        ("domains", "example.com"),
        ("createsPeople", "on"),
    ];
    browser.get(&format!("{new}?kind=oidc")).await.expect(200);
    let made = browser
        .upload(&format!("{new}?kind=oidc"), &oidc, &[])
        .await
        .expect(303);
    let path = made.header(LOCATION).to_owned();
    assert_eq!(path, format!("{PROVIDERS}/id"));
    let shown = browser.get(&path).await.expect(200).text();
    assert!(
        shown.contains("/sign-in/callback") && !shown.contains("very-hush"),
        "{shown}"
    );
    let tried = browser.post(&format!("{path}/test"), &[]).await;
    let tried = tried.expect(200).text();
    assert!(
        tried.contains("ends here"),
        "nobody is asked from this house: {tried}"
    );

    let edit = format!("{path}/edit");
    let form = browser.get(&edit).await.expect(200).text();
    assert!(
        !form.contains("very-hush") && form.contains("https://id.example.com"),
        "{form}"
    );
    let typed = [
        ("issuer", "https://id.example.com"),
        ("clientId", "other"),
        ("trustsNames", "on"),
    ];
    let shown = browser.upload(&edit, &typed, &[]).await.expect(400).text();
    assert!(
        shown.contains("id=\"nameClaim-wrong\"") && shown.contains("<details open"),
        "{shown}"
    );
    browser.upload(&edit, &typed[..2], &[]).await.expect(303);
    let system = Actor::system();
    let found = house.engine.find_provider(&system, "id").await.unwrap();
    let found = found.unwrap();
    assert!(
        found.has_secret && !found.settings.creates_people,
        "{found:?}"
    );

    let ldap = [
        ("name", "corp"),
        ("url", "ldaps://dc1.example.com"),
        ("bindName", "{upn}"),
        ("base", "DC=example,DC=com"),
        ("groups", "Sales=00000000-0000-0000-0000-00000000dead"),
    ];
    let add = format!("{new}?kind=ldap");
    browser.get(&add).await.expect(200);
    let shown = browser.upload(&add, &ldap, &[]).await.expect(400).text();
    assert!(shown.contains("id=\"groups-wrong\""), "{shown}");
    browser.upload(&add, &ldap[..4], &[]).await.expect(303);
    let list = browser.get(PROVIDERS).await.expect(200).text();
    assert!(
        list.contains("LDAP") && list.contains("OpenID Connect"),
        "{list}"
    );
    browser.get(&format!("{path}/remove")).await.expect(200);
    browser
        .post(&format!("{path}/remove"), &[])
        .await
        .expect(303);
    browser.get(&path).await.expect(404);

    let mut intune = house
        .signed_in("intune", Some(DirectoryRole::IntuneAdministrator))
        .await;
    for path in [&add, &format!("{PROVIDERS}/corp/edit")] {
        intune.get(path).await.expect(403);
    }
}

#[tokio::test]
async fn an_authority_that_does_not_answer_is_blamed_beside_its_address() {
    let house = House::open().await;
    let mut browser = administrator(&house).await;
    let path = "/console/certificates/issuers/new";
    let list = browser
        .get("/console/certificates")
        .await
        .expect(200)
        .text();
    assert!(list.contains(path), "{list}");
    browser.get(path).await.expect(200);
    let typed = [
        ("name", "Other"),
        ("url", "http://ca.example.com/scep"),
        ("challenge", "very-hush"),
    ];
    let shown = browser.upload(path, &typed, &[]).await.expect(400).text();
    assert!(
        shown.contains("id=\"url-wrong\"") && !shown.contains("very-hush"),
        "{shown}"
    );
    assert!(shown.contains("value=\"Other\""), "{shown}");
    let typed = [
        ("name", "Other"),
        ("url", "ldap://x"),
        ("fingerprint", "ab"),
    ];
    let shown = browser.upload(path, &typed, &[]).await.expect(400).text();
    assert!(shown.contains("id=\"url-wrong\""), "{shown}");
    browser
        .get("/console/certificates/issuers/Other/remove")
        .await
        .expect(404);
}
