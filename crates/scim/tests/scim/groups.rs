//! Groups, who is in them, and what the server says of itself.

use mandate_engine::{Actor, Page};
use mandate_model::{GroupId, Member};
use serde_json::{Value, json};

use crate::house::{GROUP, House, id};

impl House {
    /// Ids of the people in the group of a name, here.
    async fn in_group(&self, name: &str) -> Vec<uuid::Uuid> {
        let system = Actor::system();
        let found = self
            .engine
            .search_groups(&system, Some(name), (None, 10))
            .await
            .unwrap();
        let group: GroupId = found.first().unwrap().id;
        let members = self
            .engine
            .list_members(&system, group, false, Page::first(100))
            .await
            .unwrap();
        members.into_iter().map(Member::id).collect()
    }
}

#[tokio::test]
async fn groups_are_made_filled_and_emptied_as_entra_does() {
    let house = House::open().await;
    let (ada, ben) = (
        house.bring("ada@example.com").await,
        house.bring("ben@example.com").await,
    );
    let ada_here = house.person("ada@example.com").await.unwrap().id.0;
    let ben_here = house.person("ben@example.com").await.unwrap().id.0;
    let body = json!({"schemas": [GROUP], "externalId": "8aa1a0c0", "displayName": "Sales",
        "meta": {"resourceType": "Group"}});
    let made = house.post("/Groups", body).await.expect(201);
    let path = format!("/Groups/{}", id(&made));
    let quiet = "/Groups?excludedAttributes=members&filter=displayName+eq+%22sales%22";
    let found = house.get(quiet).await.expect(200);
    assert_eq!(found["totalResults"], 1);

    let add = |id: &str| json!([{"op": "Add", "path": "members", "value": [{"value": id}]}]);
    for who in [&ada, &ben, &ben] {
        let done = house.patch(&path, add(who)).await;
        assert_eq!((done.status.as_u16(), done.body), (204, Value::Null));
    }
    let mut inside = house.in_group("Sales").await;
    inside.sort();
    let mut both = vec![ada_here, ben_here];
    both.sort();
    assert_eq!(inside, both);
    let shown = house.get(&path).await.expect(200);
    assert_eq!(shown["members"].as_array().unwrap().len(), 2);
    let shown = house
        .get(&format!("{path}?excludedAttributes=members"))
        .await;
    assert!(shown.expect(200).get("members").is_none());
    let query = format!("/Groups?filter=members%20eq%20%22{ada}%22");
    assert_eq!(house.get(&query).await.expect(200)["totalResults"], 1);

    let remove = json!([{"op": "Remove", "path": "members", "value": [{"value": ada}]}]);
    house.patch(&path, remove).await.expect(204);
    assert_eq!(house.in_group("Sales").await, [ben_here]);
    // Who is taken out is in no group when they come back.
    house.delete(&format!("/Users/{ben}")).await.expect(204);
    assert!(house.in_group("Sales").await.is_empty());
    assert_eq!(house.bring("ben@example.com").await, ben);
    assert!(house.in_group("Sales").await.is_empty());
    assert!(house.get(&path).await.expect(200).get("members").is_none());

    let all = json!({"schemas": [GROUP], "displayName": "Sales", "members": [{"value": ada}, {"value": ben}]});
    house.put(&path, all).await.expect(200);
    assert_eq!(house.in_group("Sales").await.len(), 2);
    house.delete(&path).await.expect(204);
    house.get(&path).await.error(404);
    assert!(house.in_group("Sales").await.is_empty());
}

#[tokio::test]
async fn the_server_says_what_it_does() {
    let house = House::open().await;
    let configuration = house.get("/ServiceProviderConfig").await.expect(200);
    for (feature, is) in [
        ("patch", true),
        ("filter", true),
        ("etag", true),
        ("bulk", false),
        ("sort", false),
        ("changePassword", false),
    ] {
        assert_eq!(configuration[feature]["supported"], is, "{feature}");
    }
    let types = house.get("/ResourceTypes").await.expect(200);
    assert_eq!(types["totalResults"], 2);
    assert_eq!(
        house.get("/ResourceTypes/User").await.expect(200)["endpoint"],
        "/Users"
    );
    house.get("/ResourceTypes/Device").await.error(404);
    let schemas = house.get("/Schemas").await.expect(200);
    assert_eq!(schemas["totalResults"], 3);
    for schema in schemas["Resources"].as_array().unwrap() {
        let one = house
            .get(&format!("/Schemas/{}", id(schema)))
            .await
            .expect(200);
        assert_eq!(&one, schema);
    }
    house
        .post("/Bulk", json!({"Operations": []}))
        .await
        .error(501);
    house.get("/Me").await.error(501);
    house.get("/Elsewhere").await.error(404);
}
