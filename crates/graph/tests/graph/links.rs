use axum::http::Method;
use mandate_engine::Permission;
use serde_json::json;

use crate::house::{House, all, id};

const LINKS: &str = "/mandate/v1/enrollmentLinks";

#[tokio::test]
async fn links_are_listed_without_their_secret_and_withdrawn() {
    let house = House::open().await;
    let ada = house.user("ada").await;
    let made = house
        .post(LINKS, json!({"userId": ada, "uses": 2}))
        .await
        .expect(201);
    let token = made["url"].as_str().unwrap().rsplit('/').next().unwrap();
    assert!(house.engine.is_link_open(token).await.unwrap());

    let list = house.get(LINKS).await.expect(200);
    let link = &list["value"][0];
    assert_eq!(
        (
            &link["id"],
            &link["userId"],
            &link["usesLeft"],
            &link["state"]
        ),
        (&made["id"], &json!(ada), &json!(2), &json!("open"))
    );
    assert!(!list.to_string().contains(token));
    assert!(list.get("nextLink").is_none());

    let path = format!("{LINKS}/{}", id(&made));
    let gone = house.delete(&path).await;
    assert_eq!((gone.expect(204), gone.text.as_str()), (json!(null), ""));
    assert!(!house.engine.is_link_open(token).await.unwrap());
    assert_eq!(house.engine.open_enrolment(token).await.unwrap(), None);
    house.delete(&path).await.error(404);
    house.delete(&format!("{LINKS}/x")).await.error(404);
    let list = house.get(LINKS).await.expect(200);
    assert!(all(&list, "id").is_empty());
}

#[tokio::test]
async fn a_link_says_whether_it_still_works() {
    let house = House::open().await;
    let states = async || {
        let list = house.get(LINKS).await.expect(200);
        let states = all(&list, "state").into_iter().map(str::to_owned);
        states.collect::<Vec<_>>()
    };
    let made = house
        .post(LINKS, json!({"lifetimeSeconds": 60, "uses": 1}))
        .await
        .expect(201);
    let token = made["url"].as_str().unwrap().rsplit('/').next().unwrap();
    assert!(house.engine.open_enrolment(token).await.unwrap().is_some());
    assert_eq!(states().await, ["used"]);
    house.advance(1_000_000);
    house
        .post(LINKS, json!({"lifetimeSeconds": 60}))
        .await
        .expect(201);
    assert_eq!(states().await, ["used", "open"]);
    house.advance(61_000_000);
    assert_eq!(states().await, ["used", "expired"]);
}

#[tokio::test]
async fn many_links_come_in_pages() {
    let house = House::open().await;
    let mut made = Vec::new();
    for _ in 0..5 {
        made.push(id(&house.post(LINKS, json!({})).await.expect(201)));
        house.advance(1_000_000);
    }
    let (mut found, mut address) = (Vec::new(), format!("{LINKS}?limit=2"));
    loop {
        let page = house.get(&address).await.expect(200);
        found.extend(all(&page, "id").into_iter().map(str::to_owned));
        let Some(next) = page["nextLink"].as_str() else {
            break;
        };
        address = next
            .strip_prefix("https://mdm.example.com:8443")
            .expect("the host that was called")
            .to_owned();
    }
    assert_eq!(found, made);
    let error = house.get(&format!("{LINKS}?limit=0")).await.error(400);
    assert_eq!(error["target"], "limit");
}

#[tokio::test]
async fn links_are_seen_and_withdrawn_with_the_permission_for_it_only() {
    let house = House::open().await;
    let made = house.post(LINKS, json!({})).await.expect(201);
    let path = format!("{LINKS}/{}", id(&made));
    for (permission, listed) in [
        (Permission::UserReadWrite, 403),
        (Permission::ServiceConfigRead, 200),
    ] {
        let app = house.app(vec![permission]).await;
        let token = format!("Bearer {}", house.sign_in(&app).await);
        let headers = [("authorization", token.as_str())];
        house.get_with(LINKS, &headers).await.expect(listed);
        let withdrawn = house.call(Method::DELETE, &path, &headers, None).await;
        withdrawn.error(403);
        let body = Some(json!({"settings": {"secureByDefault": true}}));
        let changed = house.call(Method::PATCH, "/v1.0/deviceManagement", &headers, body);
        changed.await.error(403);
    }
    house.delete(&path).await.expect(204);
}
