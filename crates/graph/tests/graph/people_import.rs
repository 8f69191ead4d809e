//! People from a file, over `/mandate/v1`.

use serde_json::json;

use crate::house::House;

const PATH: &str = "/mandate/v1/users/import";

#[tokio::test]
async fn each_row_is_answered_with_its_line_and_what_became_of_it() {
    let house = House::open().await;
    let content =
        "userPrincipalName,displayName,mail\nx1@contoso.com,X,x1@contoso.com\nbad name,Y,\n";
    let body = json!({"content": content, "dryRun": true});
    let looked = house.post(PATH, body).await.expect(200);
    assert_eq!(
        (&looked["created"], &looked["refused"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(looked["rows"][0]["userId"], json!(null));
    let taken = house
        .post(PATH, json!({"content": content}))
        .await
        .expect(200);
    assert_eq!(taken["rows"][0]["outcome"], "created");
    let id = taken["rows"][0]["userId"].as_str().unwrap();
    let user = house.get(&format!("/v1.0/users/{id}")).await.expect(200);
    assert_eq!(user["mail"], "x1@contoso.com");
    let refused = &taken["rows"][1];
    assert_eq!(
        (&refused["line"], &refused["outcome"]),
        (&json!(3), &json!("refused"))
    );
    assert_eq!(refused["errors"][0]["property"], "userPrincipalName");
    let again = house.post(PATH, json!({"content": content, "known": "update"}));
    assert_eq!(again.await.expect(200)["unchanged"], json!(1));
}

#[tokio::test]
async fn a_body_that_cannot_be_meant_is_refused_by_its_property() {
    let house = House::open().await;
    for (body, named) in [
        (json!({}), "content"),
        (json!({"content": 1}), "content"),
        (json!({"content": "name\nX\n"}), "userPrincipalName"),
        (json!({"content": "upn\nx\n", "known": "maybe"}), "known"),
        (json!({"content": "upn\nx\n", "dryRun": "yes"}), "dryRun"),
        (
            json!({"content": "upn\nx\n", "groups": ["Nowhere"]}),
            "no such group",
        ),
        (json!({"content": "upn\nx\n", "shoe": 1}), "shoe"),
    ] {
        let error = house.post(PATH, body).await.error(400);
        assert!(error.to_string().contains(named), "{named}: {error}");
    }
}
