//! People: made, found, changed and taken out.

use axum::http::Method;
use mandate_engine::{Actor, NewUser};
use serde_json::json;

use crate::house::{House, USER, id};

#[tokio::test]
async fn a_person_is_made_as_entra_does_and_read_back() {
    let house = House::open().await;
    // Entra tries the connection with a name that nobody has.
    let none = house.get("/Users?filter=userName+eq+%22nobody%22").await;
    let none = none.expect(200);
    assert_eq!(
        (&none["totalResults"], &none["Resources"]),
        (&json!(0), &json!([]))
    );
    let body = json!({
        "schemas": [USER, "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],
        "externalId": "0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef",
        "userName": "Ada@example.com", "active": true, "displayName": "Ada Lovelace",
        "emails": [{"primary": true, "type": "work", "value": "ada@example.com"}],
        "meta": {"resourceType": "User"},
        "name": {"formatted": "Ada Lovelace", "familyName": "Lovelace", "givenName": "Ada"},
        "roles": [], "title": "Countess",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"department": "Engines"},
    });
    let made = house.post("/Users", body.clone()).await;
    assert_eq!(made.headers["etag"], "W/\"1\"");
    let location = made.headers["location"].to_str().unwrap().to_owned();
    let made = made.expect(201);
    assert_eq!(
        location,
        format!("https://mdm.example.com/scim/v2/Users/{}", id(&made))
    );
    assert_eq!(made["meta"]["location"], location);
    assert_eq!(made["meta"]["resourceType"], "User");
    assert_eq!(made["userName"], "Ada@example.com");
    assert!(made.get("roles").is_none() && made.get("password").is_none());
    let ada = house.person("ada@example.com").await.unwrap();
    assert_eq!(ada.display_name, "Ada Lovelace");
    assert_eq!(ada.mail.as_deref(), Some("ada@example.com"));
    assert_eq!(ada.attribute("department"), Some("Engines"));
    assert_eq!(ada.attribute("jobTitle"), Some("Countess"));

    // By name in any letter case, by its own id, and both lists and one are the same.
    for filter in [
        "userName eq \"ADA@example.com\"",
        "externalId eq \"0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef\"",
        "emails[type eq \"work\"].value eq \"ada@example.com\"",
        "name.familyName sw \"love\"",
    ] {
        let query = filter.replace(' ', "%20").replace('"', "%22");
        let found = house
            .get(&format!("/Users?filter={query}"))
            .await
            .expect(200);
        assert_eq!(found["totalResults"], 1, "{filter}");
        assert_eq!(found["Resources"][0], made, "{filter}");
    }
    // Twice is a conflict, also in other letters.
    let mut again = body;
    again["userName"] = json!("ADA@EXAMPLE.COM");
    assert_eq!(house.post("/Users", again).await.error(409), "uniqueness");
}

#[tokio::test]
async fn a_person_is_changed_in_part_switched_off_and_on_again() {
    let house = House::open().await;
    let ada = house.bring("ada@example.com").await;
    let path = format!("/Users/{ada}");
    let off = json!([{"op": "Replace", "path": "active", "value": "False"}]);
    let done = house.patch(&path, off).await;
    assert_eq!(done.headers["etag"], "W/\"2\"");
    assert_eq!(done.expect(200)["active"], false);
    let person = house.person("ada@example.com").await.unwrap();
    assert!(!person.account_enabled);
    let on = json!([{"op": "replace", "value": {"active": true, "name.givenName": "Ada"}}]);
    house.patch(&path, on).await.expect(200);
    let person = house.person("ada@example.com").await.unwrap();
    assert!(person.account_enabled);
    assert_eq!(person.given_name.as_deref(), Some("Ada"));
    // Renamed, the person is the same.
    let renamed = json!([{"op": "Replace", "path": "userName", "value": "ada.l@example.com"}]);
    house.patch(&path, renamed).await.expect(200);
    let moved = house.person("ada.l@example.com").await.unwrap();
    assert_eq!(moved.id, person.id);
    // All of it anew: what is not said is gone.
    let body = json!({"schemas": [USER], "userName": "ada.l@example.com", "externalId": "x", "title": "Countess"});
    let done = house.put(&path, body).await.expect(200);
    assert!(done.get("emails").is_none());
    let person = house.person("ada.l@example.com").await.unwrap();
    assert_eq!(person.mail, None);
    // The same again is no change.
    let before = house.get(&path).await.expect(200)["meta"]["version"].clone();
    let body = json!({"schemas": [USER], "userName": "ada.l@example.com", "externalId": "x", "title": "Countess"});
    let after = house.put(&path, body).await.expect(200)["meta"]["version"].clone();
    assert_eq!(before, after);
}

#[tokio::test]
async fn versions_are_held_to() {
    let house = House::open().await;
    let ada = house.bring("ada@example.com").await;
    let path = format!("/Users/{ada}");
    let token = format!("Bearer {}", house.token);
    let body = json!({"userName": "ada@example.com", "title": "x"}).to_string();
    let with = |name, value| [("authorization", token.clone()), (name, value)];
    for (tag, status) in [
        ("W/\"7\"", 412),
        ("W/\"1\"", 200),
        ("\"2\"", 200),
        ("*", 200),
    ] {
        let headers = with("if-match", tag.to_owned());
        let headers: Vec<_> = headers.iter().map(|(n, v)| (*n, v.as_str())).collect();
        let sent = (headers.as_slice(), body.clone().into_bytes());
        let answer = house.send(Method::PUT, &path, sent).await;
        assert_eq!(answer.status.as_u16(), status, "{tag}");
    }
    let tag = house.get(&path).await.headers["etag"]
        .to_str()
        .unwrap()
        .to_owned();
    let headers = with("if-none-match", tag);
    let headers: Vec<_> = headers.iter().map(|(n, v)| (*n, v.as_str())).collect();
    let answer = house.send(Method::GET, &path, (&headers, Vec::new())).await;
    assert_eq!(answer.status, 304);
}

#[tokio::test]
async fn who_is_taken_out_is_switched_off_and_may_come_back() {
    let house = House::open().await;
    let ada = house.bring("ada@example.com").await;
    let person = house.person("ada@example.com").await.unwrap();
    let path = format!("/Users/{ada}");
    assert_eq!(house.delete(&path).await.status, 204);
    house.get(&path).await.error(404);
    house.delete(&path).await.error(404);
    assert_eq!(house.get("/Users").await.expect(200)["totalResults"], 0);
    let gone = house.person("ada@example.com").await.unwrap();
    assert!(!gone.account_enabled);
    // The same one comes back as who they were; somebody else of that name is somebody else.
    assert_eq!(house.bring("ada@example.com").await, ada);
    let back = house.person("ada@example.com").await.unwrap();
    assert_eq!((back.id, back.account_enabled), (person.id, true));
    house.delete(&path).await.expect(204);
    let other = json!({"userName": "ada@example.com", "externalId": "another"});
    let other = house.post("/Users", other).await.expect(201);
    assert_ne!(id(&other), ada);
    let somebody = house.person("ada@example.com").await.unwrap();
    assert_ne!(somebody.id, person.id);
}

#[tokio::test]
async fn who_is_here_already_is_taken_over_unless_they_have_a_role() {
    let house = House::open().await;
    let system = Actor::system();
    let new = NewUser {
        user_principal_name: "ben@example.com".to_owned(),
        display_name: "Ben".to_owned(),
        ..NewUser::default()
    };
    let ben = house.engine.create_user(&system, new).await.unwrap();
    house.bring("Ben@Example.com").await;
    let taken = house.person("ben@example.com").await.unwrap();
    assert_eq!(taken.id, ben.id);
    // An administrator is not.
    let new = NewUser {
        user_principal_name: "root@example.com".to_owned(),
        display_name: "Root".to_owned(),
        ..NewUser::default()
    };
    let root = house.engine.create_user(&system, new).await.unwrap();
    house
        .engine
        .add_directory_role_member(
            &system,
            mandate_engine::DirectoryRole::GlobalAdministrator,
            mandate_model::Member::User(root.id),
        )
        .await
        .unwrap();
    let body = json!({"userName": "root@example.com", "active": false});
    house.post("/Users", body).await.error(403);
    let kept = house.person("root@example.com").await.unwrap();
    assert_eq!((kept.id, kept.account_enabled), (root.id, true));
    let none = house
        .get("/Users?filter=userName%20eq%20%22root@example.com%22")
        .await;
    assert_eq!(none.expect(200)["totalResults"], 0);
}

#[tokio::test]
async fn lists_are_turned_by_index() {
    let house = House::open().await;
    for number in 1..=5 {
        house.bring(&format!("user{number}@example.com")).await;
    }
    let mut met = std::collections::BTreeSet::new();
    for (start, expected) in [(1, 2), (3, 2), (5, 1), (7, 0)] {
        let page = house
            .get(&format!("/Users?startIndex={start}&count=2"))
            .await;
        let page = page.expect(200);
        assert_eq!(
            (&page["totalResults"], &page["startIndex"]),
            (&json!(5), &json!(start))
        );
        assert_eq!(page["itemsPerPage"], expected);
        for one in page["Resources"].as_array().unwrap() {
            met.insert(id(one));
        }
    }
    assert_eq!(met.len(), 5);
    let counted = house.get("/Users?count=0").await.expect(200);
    assert_eq!(
        (&counted["totalResults"], &counted["Resources"]),
        (&json!(5), &json!([]))
    );
    let negative = house.get("/Users?startIndex=-3&count=-1").await.expect(200);
    assert_eq!(
        (&negative["startIndex"], &negative["itemsPerPage"]),
        (&json!(1), &json!(0))
    );
    house.get("/Users?count=many").await.error(400);
    let some = house
        .get("/Users?attributes=userName&count=1")
        .await
        .expect(200);
    let one = some["Resources"][0].as_object().unwrap();
    assert!(one.contains_key("userName") && !one.contains_key("emails"));
    let filtered = house
        .get("/Users?filter=userName%20co%20%22user%22&startIndex=4&count=10")
        .await;
    let filtered = filtered.expect(200);
    assert_eq!(
        (&filtered["totalResults"], &filtered["itemsPerPage"]),
        (&json!(5), &json!(2))
    );
}
