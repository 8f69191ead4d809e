//! Links, limits of devices and enrolment managers, by links and forms alone.

use axum::http::header;
use mandate_engine::{Actor, DeviceLimit, DirectoryRole, NewGroup, Page};
use mandate_model::LinkId;

use crate::house::{Browser, House};

const PATH: &str = "/console/enrolment";
const LIMITS: &str = "/console/enrolment/limits";
const MANAGERS: &str = "/console/enrolment/managers";

async fn administrator(house: &House) -> Browser {
    let role = Some(DirectoryRole::GlobalAdministrator);
    let mut browser = house.signed_in("ada", role).await;
    browser.get(PATH).await.expect(200);
    browser
}

/// An instance that has a push certificate, as far as links ask for one.
async fn with_push(house: &House) {
    let mut session = house.engine.store().write().await.unwrap();
    session
        .set_setting("push.certificate", "there")
        .await
        .unwrap();
    session.commit().await.unwrap();
}

const FORM: [(&str, &str); 5] = [
    ("person", "ada@example.com"),
    ("platform", "ios"),
    ("kind", "device"),
    ("days", "7"),
    ("uses", "2"),
];

/// The form with another value.
fn with<'a>(name: &str, value: &'a str) -> Vec<(&'static str, &'a str)> {
    let other = |(field, usual)| (field, if field == name { value } else { usual });
    FORM.into_iter().map(other).collect()
}

#[tokio::test]
async fn a_link_is_made_shown_once_and_withdrawn() {
    let house = House::open().await;
    with_push(&house).await;
    let mut ada = administrator(&house).await;
    ada.get("/console/enrolment/new?person=ada@example.com")
        .await
        .expect(200);
    let made = ada.post("/console/enrolment/new", &FORM).await.expect(200);
    let text = made.text();
    let address = "https://mdm.example.com:8443/apple/enroll/";
    let token = text.split(address).nth(1).unwrap();
    let token = token.split('"').next().unwrap().to_owned();
    assert_eq!(token.len(), 43);
    assert!(text.contains("<svg class=\"qr\"") && text.contains("shows it"));
    assert!(house.engine.is_link_open(&token).await.unwrap());

    let list = ada.get(PATH).await.expect(200).text();
    assert!(list.contains("ada@example.com") && !list.contains(&token));
    let links = house
        .engine
        .list_enrolment_links(&Actor::system(), Page::<LinkId>::first(9))
        .await
        .unwrap();
    assert_eq!(links[0].uses_left, 2);
    let file = ada.get("/console/enrolment/export.csv").await.expect(200);
    assert!(file.header(header::CONTENT_TYPE).starts_with("text/csv"));
    assert!(file.text().contains("ada@example.com,iOS/iPadOS,2,"));

    let withdraw = format!("{PATH}/links/{}/withdraw", links[0].id);
    let asked = ada.get(&withdraw).await.expect(200).text();
    assert!(asked.contains("ada@example.com"));
    ada.post(&withdraw, &[]).await.expect(303);
    assert!(!house.engine.is_link_open(&token).await.unwrap());
    ada.get(&withdraw).await.expect(404);
    let empty = ada.get(PATH).await.expect(200).text();
    assert!(empty.contains("There are no links yet"));
}

#[tokio::test]
async fn what_is_wrong_with_a_link_stands_beside_its_field() {
    let house = House::open().await;
    let mut ada = administrator(&house).await;
    ada.get("/console/enrolment/new").await.expect(200);
    let refused = ada.post("/console/enrolment/new", &FORM).await.expect(400);
    assert!(refused.text().contains("push certificate"));
    with_push(&house).await;
    for (name, value) in [
        ("person", "nobody@example.com"),
        ("person", "<script>alert(1)</script>"),
        ("days", "0"),
        ("days", "366"),
        ("days", "many"),
        ("days", "99999999999999999999"),
        ("uses", "-1"),
        ("uses", ""),
    ] {
        let form = with(name, value);
        let page = ada.post("/console/enrolment/new", &form).await;
        let text = page.expect(400).text();
        assert!(
            text.contains(&format!("id=\"{name}-wrong\"")),
            "{name} {value}"
        );
        assert!(
            text.contains(&format!("href=\"#{name}\"")),
            "{name} {value}"
        );
        assert!(text.contains("aria-invalid=\"true\""));
        assert!(!text.contains("<script>alert"));
    }
    // A part of a device needs a person, and a Mac has none.
    let nobody = [
        ("person", ""),
        ("platform", "ios"),
        ("kind", "user"),
        ("days", "7"),
        ("uses", "1"),
    ];
    let mac = [
        ("person", "ada@example.com"),
        ("platform", "macos"),
        ("kind", "user"),
        ("days", "7"),
        ("uses", "1"),
    ];
    for form in [nobody, mac] {
        let text = ada
            .post("/console/enrolment/new", &form)
            .await
            .expect(400)
            .text();
        assert!(text.contains("id=\"kind-wrong\""));
    }
    let links = house
        .engine
        .list_enrolment_links(&Actor::system(), Page::<LinkId>::first(9))
        .await
        .unwrap();
    assert!(links.is_empty());
}

#[tokio::test]
async fn limits_are_made_given_groups_put_in_order_and_deleted() {
    let house = House::open().await;
    let system = Actor::system();
    let mut ada = administrator(&house).await;
    for name in ["Sales & <b>more</b>", "Others"] {
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
    ada.get("/console/enrolment/limits/new").await.expect(200);
    for (name, devices) in [("Few", "3"), ("Many", "40")] {
        let form = [
            ("displayName", name),
            ("description", ""),
            ("limit", devices),
        ];
        ada.post("/console/enrolment/limits/new", &form)
            .await
            .expect(303);
    }
    let limits = house
        .engine
        .list_enrolment_configurations::<DeviceLimit>(&system)
        .await
        .unwrap();
    let (few, many) = (limits[0].id, limits[1].id);
    let groups = format!("{LIMITS}/{few}/groups");
    let page = ada
        .get(&format!("{groups}?q=sales"))
        .await
        .expect(200)
        .text();
    assert!(page.contains("Sales &#38; &#60;b&#62;more") && !page.contains("Others"));
    let group = page.split("name=\"add\" value=\"").nth(1).unwrap()[..36].to_owned();
    ada.post(&groups, &[("add", &group)]).await.expect(303);
    let chosen = house
        .engine
        .find_enrolment_configuration::<DeviceLimit>(&system, few)
        .await
        .unwrap();
    assert_eq!(chosen.unwrap().groups.len(), 1);
    let list = ada.get(LIMITS).await.expect(200).text();
    assert!(list.contains("1 group") && list.contains("for nobody yet"));
    ada.post(&groups, &[("remove", &group)]).await.expect(303);
    let chosen = house
        .engine
        .find_enrolment_configuration::<DeviceLimit>(&system, few)
        .await
        .unwrap();
    assert!(chosen.unwrap().groups.is_empty());

    // Pressed twice, it is still the first.
    for _ in 0..2 {
        ada.post(&format!("{LIMITS}/{many}/up"), &[])
            .await
            .expect(303);
    }
    let first = &house
        .engine
        .list_enrolment_configurations::<DeviceLimit>(&system)
        .await
        .unwrap()[0];
    assert_eq!((first.id, first.priority), (many, 1));

    let wrong = [
        ("displayName", " "),
        ("description", "x"),
        ("limit", "1001"),
    ];
    let page = ada
        .post(&format!("{LIMITS}/{few}"), &wrong)
        .await
        .expect(400)
        .text();
    assert!(page.contains("id=\"displayName-wrong\"") || page.contains("id=\"limit-wrong\""));
    let right = [
        ("displayName", "Fewer"),
        ("description", "x"),
        ("limit", "2"),
    ];
    ada.post(&format!("{LIMITS}/{few}"), &right)
        .await
        .expect(303);
    // Of the limit of everybody only the number is asked.
    let everybody = format!("{LIMITS}/00000000-0000-0000-0000-000000000000");
    let page = ada.get(&everybody).await.expect(200).text();
    assert!(page.contains("name=\"limit\"") && !page.contains("name=\"displayName\""));
    ada.post(&everybody, &[("limit", "5")]).await.expect(303);
    let limits = house
        .engine
        .list_enrolment_configurations::<DeviceLimit>(&system)
        .await
        .unwrap();
    assert_eq!(limits.last().unwrap().content.devices, 5);

    ada.get(&format!("{LIMITS}/{few}/delete")).await.expect(200);
    ada.post(&format!("{LIMITS}/{few}/delete"), &[])
        .await
        .expect(303);
    ada.get(&format!("{LIMITS}/{few}")).await.expect(404);
}

#[tokio::test]
async fn terms_with_a_version_that_is_none_are_refused() {
    let house = House::open().await;
    let system = Actor::system();
    let mut ada = administrator(&house).await;
    let terms = [
        ("displayName", "Phones"),
        ("title", "Phones"),
        ("bodyText", "Take care."),
        ("acceptanceStatement", "I take care."),
    ];
    ada.post("/console/enrolment/terms/new", &terms)
        .await
        .expect(303);
    let made = house.engine.list_terms(&system).await.unwrap().remove(0);
    let path = format!("/console/enrolment/terms/{}", made.id);
    let highest = i64::MAX.to_string();
    for (version, status) in [(highest.as_str(), 400), ("x", 303), ("", 303)] {
        let form = [&terms[..], &[("asksAnew", "yes"), ("version", version)]].concat();
        ada.post(&path, &form).await.expect(status);
        let kept = house.engine.find_terms(&system, made.id).await.unwrap();
        assert_eq!(kept.unwrap().version, 1, "{version}");
    }
}

#[tokio::test]
async fn managers_are_added_by_name_and_removed() {
    let house = House::open().await;
    let system = Actor::system();
    let mut ada = administrator(&house).await;
    ada.get(MANAGERS).await.expect(200);
    for nobody in ["", "nobody@example.com"] {
        let page = ada
            .post(MANAGERS, &[("person", nobody)])
            .await
            .expect(400)
            .text();
        assert!(page.contains("id=\"person-wrong\""));
    }
    ada.post(MANAGERS, &[("person", "ada@example.com")])
        .await
        .expect(303);
    let managers = house
        .engine
        .list_enrolment_managers(&system, Page::first(9))
        .await
        .unwrap();
    let dismiss = format!("{MANAGERS}/{}/dismiss", managers[0].user.id);
    let list = ada.get(MANAGERS).await.expect(200).text();
    assert!(list.contains("ada@example.com") && list.contains(&dismiss));
    ada.get(&dismiss).await.expect(200);
    ada.post(&dismiss, &[]).await.expect(303);
    ada.get(&dismiss).await.expect(404);
}

#[tokio::test]
async fn whoever_may_only_look_changes_nothing() {
    let house = House::open().await;
    let mut ben = house
        .signed_in("ben", Some(DirectoryRole::GlobalReader))
        .await;
    for path in [PATH, LIMITS, MANAGERS] {
        let text = ben.get(path).await.expect(200).text();
        assert!(
            !text.contains("/new\"") && !text.contains("/delete"),
            "{path}"
        );
    }
    for path in [
        "/console/enrolment/new".to_owned(),
        "/console/enrolment/limits/new".to_owned(),
    ] {
        ben.get(&path).await.expect(403);
        ben.post(&path, &FORM).await.expect(403);
    }
    let person = [("person", "ben@example.com")];
    ben.post(MANAGERS, &person).await.expect(403);
    let everybody = format!("{LIMITS}/00000000-0000-0000-0000-000000000000");
    ben.post(&everybody, &[("limit", "5")]).await.expect(403);
}
