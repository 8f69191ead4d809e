//! Profiles: filled in step by step, planned, saved, compared and brought back.

use axum::http::header;
use mandate_engine::{
    Actor, DirectoryRole, NewGroup, NewProfile, NewUser, Page as Pages, ProfileChange, ProfileQuery,
};
use mandate_model::{Member, Profile, Target, catalogue};
use serde_json::json;

use crate::filled::{fields_of, with};
use crate::house::{Browser, House, Shown};

const LIST: &str = "/console/profiles";
const MAIL: &str = "iosEasEmailProfileConfiguration";

async fn administrator(house: &House) -> Browser {
    let role = Some(DirectoryRole::GlobalAdministrator);
    let mut browser = house.signed_in("ada", role).await;
    browser.get(LIST).await.expect(200);
    browser
}

/// Begins a draft; its path without the step.
async fn begin(browser: &mut Browser, kind: &str) -> String {
    browser.get("/console/profiles/new").await.expect(200);
    let chosen = "/console/profiles/new?platform=ios";
    let page = browser.get(chosen).await.expect(200);
    assert!(page.text().contains(&format!("value=\"{kind}\"")));
    let begun = browser
        .post("/console/profiles/new", &[("kind", kind)])
        .await
        .expect(303);
    let path = begun.header(header::LOCATION);
    path.strip_suffix("/basics").unwrap().to_owned()
}

/// Sends a step as it stands, with changes, and presses a button.
async fn send(
    browser: &mut Browser,
    draft: &str,
    step: &str,
    changes: &[(&str, &str)],
    button: &str,
) -> Shown {
    let path = format!("{draft}/{step}");
    let page = browser.get(&path).await.expect(200);
    let fields = fields_of(&page.text(), &path);
    let mut fields = with(&fields, changes);
    fields.push(("go", button));
    browser.post(&path, &fields).await
}

fn leads_to(shown: &Shown, path: &str) {
    assert_eq!(shown.status, 303, "{}", shown.text());
    assert_eq!(shown.header(header::LOCATION), path);
}

async fn profiles(house: &House) -> Vec<Profile> {
    let all = Pages::first(100);
    let found = house.engine.list_profiles(&Actor::system(), all).await;
    found.unwrap()
}

async fn made(house: &House) -> Profile {
    let body = json!({
        "hostName": "mail.example.com",
        "accountName": "Mail",
        "emailAddressSource": "primarySmtpAddress",
    });
    let new = NewProfile {
        kind: catalogue::kind(MAIL).unwrap(),
        display_name: "Mail".to_owned(),
        description: None,
        scope_tags: None,
        body: body.as_object().unwrap().clone(),
        references: std::collections::BTreeMap::new(),
    };
    let made = house.engine.create_profile(&Actor::system(), new).await;
    made.unwrap()
}

#[tokio::test]
async fn the_first_mail_profile_is_made_by_forms_alone() {
    let house = House::open().await;
    let mut ada = administrator(&house).await;
    let new = NewGroup {
        display_name: "Mail users".to_owned(),
        ..NewGroup::default()
    };
    let ben = NewUser {
        user_principal_name: "ben@example.com".to_owned(),
        display_name: "Ben".to_owned(),
        ..NewUser::default()
    };
    let ben = house.engine.create_user(&Actor::system(), ben).await;
    let members = vec![Member::User(ben.unwrap().id)];
    let group = house
        .engine
        .create_group(&Actor::system(), new, members)
        .await;
    let group = group.unwrap().id;
    assert!(ada.get(LIST).await.text().contains("no profiles yet"));

    let draft = begin(&mut ada, MAIL).await;
    let nameless = send(&mut ada, &draft, "basics", &[], "next").await;
    assert!(nameless.expect(422).text().contains("displayName-wrong"));
    let name = [("displayName", "Mail for everybody")];
    let next = send(&mut ada, &draft, "basics", &name, "next").await;
    leads_to(&next, &format!("{draft}/settings"));

    let lacking = send(&mut ada, &draft, "settings", &[], "next").await;
    let text = lacking.expect(422).text();
    for field in ["hostName", "accountName", "emailAddressSource"] {
        assert!(text.contains(&format!("href=\"#{field}\"")), "{field}");
        assert!(text.contains(&format!("id=\"{field}-wrong\"")), "{field}");
    }
    let filled = [
        ("hostName", "mail.example.com"),
        ("accountName", "Work"),
        ("emailAddressSource", "primarySmtpAddress"),
        ("blockMovingMessagesToOtherEmailAccounts", "true"),
    ];
    let next = send(&mut ada, &draft, "settings", &filled, "next").await;
    leads_to(&next, &format!("{draft}/tags"));
    let next = send(&mut ada, &draft, "tags", &[], "next").await;
    leads_to(&next, &format!("{draft}/assignments"));

    let path = format!("{draft}/assignments");
    let page = ada.get(&format!("{path}?search=mail")).await.expect(200);
    let add = format!("include:{group}");
    assert!(page.text().contains(&add));
    let added = ada.post(&path, &[("add", &add)]).await;
    leads_to(&added, &path);
    let next = send(&mut ada, &draft, "assignments", &[], "next").await;
    leads_to(&next, &format!("{draft}/review"));

    let review = ada.get(&format!("{draft}/review")).await.expect(200).text();
    for shown in ["Mail for everybody", "mail.example.com", "Mail users"] {
        assert!(review.contains(shown), "{shown}");
    }
    // Ben has no address, and that is said before he goes without.
    for shown in ["One person this is for has no “mail”", "ben@example.com"] {
        assert!(review.contains(shown), "{shown}");
    }
    let path = format!("{draft}/review");
    let done = ada.post(&path, &[("go", "finish")]).await.expect(303);
    let made = profiles(&house).await;
    let [profile] = &made[..] else {
        panic!("there is one profile: {made:?}");
    };
    let page = format!("/console/profiles/{}", profile.id);
    leads_to(&done, &format!("{page}?done=made"));
    assert_eq!(profile.display_name, "Mail for everybody");
    assert_eq!(profile.settings["hostName"], "mail.example.com");
    assert_eq!(
        profile.settings["blockMovingMessagesToOtherEmailAccounts"],
        true
    );
    let assigned = house
        .engine
        .list_assignments(&Actor::system(), profile.id)
        .await;
    let assigned: Vec<Target> = assigned.unwrap().iter().map(|one| one.target).collect();
    assert_eq!(assigned, [Target::Group(group)]);

    // Pressing once more makes no second one.
    ada.post(&path, &[("go", "finish")]).await.expect(404);
    assert_eq!(profiles(&house).await.len(), 1);
    let list = ada.get(LIST).await.expect(200).text();
    assert!(list.contains(&format!("href=\"{page}\"")) && !list.contains("/drafts/"));
    let file = ada.get("/console/profiles/export.csv").await.expect(200);
    assert!(
        file.text()
            .contains("Mail for everybody,iOS/iPadOS,Email,Yes")
    );
}

#[tokio::test]
async fn nothing_is_lost_on_the_way() {
    let house = House::open().await;
    let mut ada = administrator(&house).await;
    let draft = begin(&mut ada, "iosScepCertificateProfile").await;
    let hostile = "\"><script>alert(1)</script>";
    let kept = [("displayName", hostile), ("description", "a\r\nb")];
    let elsewhere = send(&mut ada, &draft, "basics", &kept, "review").await;
    leads_to(&elsewhere, &format!("{draft}/review"));
    let review = ada.get(&format!("{draft}/review")).await;
    assert!(!review.text().contains("<script>alert"));

    let wrong = [
        ("subjectNameFormatString", "no subject"),
        ("scepServerUrls", "https://a.example/scep\r\nnonsense"),
        ("extendedKeyUsages.0.name", hostile),
        ("extendedKeyUsages.0.objectIdentifier", "x"),
        ("certificateValidityPeriodValue", "many"),
    ];
    // Going back is no question of right or wrong.
    let back = send(&mut ada, &draft, "settings", &wrong, "back").await;
    leads_to(&back, &format!("{draft}/basics"));
    let refused = send(&mut ada, &draft, "settings", &[], "next").await;
    let text = refused.expect(422).text();
    assert!(!text.contains("<script>alert"));
    let path = format!("{draft}/settings");
    let fields = fields_of(&text, &path);
    for (name, value) in wrong {
        let value = value.replace("\r\n", "\n");
        assert!(fields.contains(&(name.to_owned(), value)), "{name}");
    }
    assert!(text.contains("id=\"certificateValidityPeriodValue-wrong\""));
    let basics = ada.get(&format!("{draft}/basics")).await.text();
    let fields = fields_of(&basics, &format!("{draft}/basics"));
    assert!(fields.contains(&("displayName".to_owned(), hostile.to_owned())));
    assert!(fields.contains(&("description".to_owned(), "a\nb".to_owned())));

    // It waits in the list, for its author alone, until it is thrown away.
    assert!(
        ada.get(LIST)
            .await
            .text()
            .contains(&format!("{draft}/basics"))
    );
    let role = Some(DirectoryRole::GlobalAdministrator);
    let mut bob = house.signed_in("bob", role).await;
    assert!(!bob.get(LIST).await.text().contains(&draft));
    bob.get(&format!("{draft}/basics")).await.expect(404);
    bob.post(&draft, &[]).await.expect(404);
    ada.get(LIST).await;
    leads_to(&ada.post(&draft, &[]).await, LIST);
    ada.get(&format!("{draft}/basics")).await.expect(404);
}

#[tokio::test]
async fn an_edit_says_what_people_will_notice_and_can_be_taken_back() {
    let house = House::open().await;
    let mut ada = administrator(&house).await;
    let profile = made(&house).await;
    let page = format!("/console/profiles/{}", profile.id);
    ada.get(&page).await.expect(200);
    let path = format!("{page}/edit");
    let begun = ada.post(&path, &[("step", "settings")]).await.expect(303);
    let draft = begun.header(header::LOCATION).strip_suffix("/settings");
    let draft = draft.unwrap().to_owned();

    // As it stands nothing is changed.
    let next = send(&mut ada, &draft, "settings", &[], "next").await;
    leads_to(&next, &format!("{draft}/tags"));
    let review = ada.get(&format!("{draft}/review")).await.expect(200).text();
    assert!(review.contains("Nothing is changed."));
    assert!(!review.contains("value=\"finish\""));

    let host = [("hostName", "post.example.com")];
    send(&mut ada, &draft, "settings", &host, "review").await;
    let review = ada.get(&format!("{draft}/review")).await.expect(200).text();
    assert!(review.contains("<del>mail.example.com</del>"));
    assert!(review.contains("the account is removed and made anew"));
    let path = format!("{draft}/review");
    let saved = ada.post(&path, &[("go", "finish")]).await;
    leads_to(&saved, &format!("{page}?done=saved"));
    let now = &profiles(&house).await[0];
    assert_eq!(
        (now.version, &now.settings["hostName"]),
        (2, &json!("post.example.com"))
    );

    let version = format!("{page}/versions/1");
    let text = ada.get(&version).await.expect(200).text();
    assert!(text.contains("<ins>mail.example.com</ins>"));
    ada.get(&format!("{page}/versions")).await.expect(200);
    ada.get(&version).await;
    let back = ada.post(&version, &[]).await;
    leads_to(&back, &format!("{page}?done=restored"));
    let now = &profiles(&house).await[0];
    assert_eq!(
        (now.version, &now.settings["hostName"]),
        (3, &json!("mail.example.com"))
    );
}

#[tokio::test]
async fn whoever_was_slower_is_told() {
    let house = House::open().await;
    let mut ada = administrator(&house).await;
    let profile = made(&house).await;
    let page = format!("/console/profiles/{}", profile.id);
    ada.get(&page).await;
    let begun = ada.post(&format!("{page}/edit"), &[]).await.expect(303);
    let draft = begun.header(header::LOCATION).strip_suffix("/basics");
    let draft = draft.unwrap().to_owned();
    let name = [("displayName", "Ada's")];
    send(&mut ada, &draft, "basics", &name, "review").await;
    let change = ProfileChange {
        display_name: Some("Somebody else's".to_owned()),
        ..ProfileChange::default()
    };
    let system = Actor::system();
    let changed = house.engine.update_profile(&system, profile.id, change);
    changed.await.unwrap();
    let path = format!("{draft}/review");
    let review = ada.get(&path).await.expect(200).text();
    assert!(review.contains("Somebody else has changed this profile"));
    ada.post(&path, &[("go", "finish")]).await.expect(409);
    assert_eq!(profiles(&house).await[0].display_name, "Somebody else's");
}

#[tokio::test]
async fn a_deleted_profile_can_come_back() {
    let house = House::open().await;
    let mut ada = administrator(&house).await;
    let profile = made(&house).await;
    let page = format!("/console/profiles/{}", profile.id);
    let path = format!("{page}/delete");
    let text = ada.get(&path).await.expect(200).text();
    assert!(text.contains("Delete Mail?"));
    leads_to(&ada.post(&path, &[]).await, "/console/profiles/deleted");
    assert!(profiles(&house).await.is_empty());
    ada.get(&page).await.expect(404);
    ada.get("/console/profiles/deleted").await.expect(200);
    let restore = format!("/console/profiles/deleted/{}/restore", profile.id);
    let back = ada.post(&restore, &[]).await;
    leads_to(&back, &format!("{page}?done=made"));
    assert_eq!(profiles(&house).await.len(), 1);
}

#[tokio::test]
async fn lists_are_searched_sorted_and_shown_page_by_page() {
    let house = House::open().await;
    let mut ada = administrator(&house).await;
    let first = made(&house).await;
    let system = Actor::system();
    for number in 0..60 {
        let root = NewProfile {
            kind: catalogue::kind("macOSPkcsCertificateProfile").unwrap(),
            display_name: format!("Certificate {number:02}"),
            description: Some("for Ünï tests".to_owned()),
            scope_tags: None,
            body: serde_json::Map::new(),
            references: std::collections::BTreeMap::new(),
        };
        house.engine.create_profile(&system, root).await.unwrap();
    }
    let page = ada.get("/console/profiles?sort=-name").await.expect(200);
    assert!(
        page.text()
            .contains(&format!("/console/profiles/{}\"", first.id))
    );
    let page = ada
        .get("/console/profiles?search=%C3%BCN%C3%8F")
        .await
        .text();
    assert!(page.contains("60 profiles") && page.contains("Certificate 49"));
    assert!(!page.contains("Certificate 50"));
    let next = page.split("rel=\"next\" href=\"").nth(1).unwrap();
    let next = next.split('"').next().unwrap().replace("&#38;", "&");
    let page = ada.get(&next).await.expect(200).text();
    assert!(page.contains("Certificate 50") && !page.contains("Certificate 49"));
    assert!(!page.contains("rel=\"next\""));
    let page = ada.get("/console/profiles?search=nothing").await.text();
    assert!(page.contains("No profile is like that."));
    for path in [
        "?platform=ios",
        "?assigned=no",
        "?sort=kind",
        "?sort=nonsense",
    ] {
        ada.get(&format!("{LIST}{path}")).await.expect(200);
    }
    let query = ProfileQuery {
        platform: Some(mandate_model::Platform::Ios),
        limit: 10,
        ..ProfileQuery::default()
    };
    let found = house.engine.find_profiles(&system, &query).await.unwrap();
    assert_eq!((found.total, found.has_more), (1, false));
}

#[tokio::test]
async fn every_page_is_there_in_every_language_and_shows_no_ids() {
    let house = House::open().await;
    let mut ada = administrator(&house).await;
    let profile = made(&house).await;
    let draft = begin(&mut ada, MAIL).await;
    let page = format!("/console/profiles/{}", profile.id);
    let mut paths = vec![
        LIST.to_owned(),
        "/console/profiles/new".to_owned(),
        "/console/profiles/new?platform=macos".to_owned(),
        "/console/profiles/deleted".to_owned(),
        format!("{page}/versions/1"),
        format!("{page}/delete"),
    ];
    for end in [
        "",
        "/devices",
        "/devices?state=error",
        "/users",
        "/users?state=not-applicable",
        "/settings",
        "/properties",
        "/versions",
    ] {
        paths.push(format!("{page}{end}"));
    }
    for step in ["basics", "settings", "tags", "assignments"] {
        paths.push(format!("{draft}/{step}"));
    }
    for language in ["en", "nl", "sv"] {
        ada.get(LIST).await;
        ada.post("/language", &[("language", language)]).await;
        for path in &paths {
            let text = ada.get(path).await.expect(200).text();
            assert!(
                text.contains(&format!("<html lang=\"{language}\"")),
                "{path}"
            );
            for id in [">profiles-", "\"profiles-", ">phrase-", " profiles-title"] {
                assert!(!text.contains(id), "{language} {path}: {id}");
            }
            assert_eq!(text.matches("<h1").count(), 1, "{path}");
        }
    }
}

#[tokio::test]
async fn who_may_only_look_is_offered_nothing_else() {
    let house = House::open().await;
    let profile = made(&house).await;
    let role = Some(DirectoryRole::GlobalReader);
    let mut carl = house.signed_in("carl", role).await;
    let page = format!("/console/profiles/{}", profile.id);
    let list = carl.get(LIST).await.expect(200).text();
    assert!(!list.contains("/console/profiles/new"));
    let text = carl.get(&page).await.expect(200).text();
    assert!(!text.contains("/edit\"") && !text.contains("/delete\""));
    carl.get("/console/profiles/new").await.expect(403);
    let begun = carl.post("/console/profiles/new", &[("kind", MAIL)]).await;
    begun.expect(403);
    carl.post(&format!("{page}/delete"), &[]).await.expect(403);
    let mut nobody = house.signed_in("eve", None).await;
    nobody.get(LIST).await.expect(403);
}

#[tokio::test]
async fn lists_of_a_profile_are_narrowed_to_a_state_and_its_server_can_be_asked() {
    let house = House::open().await;
    let mut ada = administrator(&house).await;
    let page = format!("/console/profiles/{}", made(&house).await.id);
    let text = ada.get(&page).await.expect(200).text();
    let preflight = format!("/console/preflight?profile={}", &page[18..]).replace('-', "%2D");
    assert!(text.contains(&preflight), "{text}");
    let asked = ada.get(&preflight).await.expect(200).text();
    assert!(asked.contains("selected"), "{asked}");
    for list in ["devices", "users"] {
        let path = format!("{page}/{list}?state=error");
        let shown = ada.get(&path).await.expect(200);
        let states = shown.paths(&format!("{page}/{list}?state="));
        assert_eq!(states.len(), 5, "{}", shown.text());
        let text = shown.text();
        let chosen = format!("{list}?state=error\" aria-current=\"true\"");
        assert!(text.contains(&chosen), "{text}");
        let file = format!("{page}/{list}.csv?state=error");
        ada.get(&file).await.expect(200);
        // What is no state asks for all of them.
        ada.get(&format!("{page}/{list}?state=odd"))
            .await
            .expect(200);
    }
}

#[tokio::test]
async fn the_review_says_which_certificates_are_still_missing() {
    let house = House::open().await;
    let mut ada = administrator(&house).await;
    let draft = begin(&mut ada, "iosScepCertificateProfile").await;
    let name = [("displayName", "Certificates")];
    send(&mut ada, &draft, "basics", &name, "next").await;
    let page = ada.get(&format!("{draft}/review")).await;
    let text = page.text();
    assert!(
        text.contains("Nothing will be delivered until this is chosen"),
        "{text}"
    );
}
