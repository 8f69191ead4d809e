use serde_json::json;

use crate::house::{House, all, id};

#[tokio::test]
async fn a_person_is_made_changed_found_and_removed() {
    let house = House::open().await;
    let ada = house.user("ada").await;
    house
        .patch(
            &format!("/v1.0/users/{ada}"),
            json!({"department": "Sales", "jobTitle": null, "onPremisesSamAccountName": "ada"}),
        )
        .await
        .expect(204);
    let person = house.get("/beta/users/ada@example.com").await.expect(200);
    assert_eq!(
        (&person["department"], &person["onPremisesSamAccountName"]),
        (&json!("Sales"), &json!("ada"))
    );
    assert_eq!(person["proxyAddresses"], json!(["SMTP:ada@example.com"]));
    for filter in [
        "userPrincipalName eq 'ADA@example.com'",
        "mail eq 'ada@example.com'",
        "startswith(displayName,'AD') and department eq 'sales'",
        "displayName in ('ada','nobody')",
        "not (department ne 'Sales')",
        "endsWith(mail,'@example.com') and displayName eq 'ada'",
    ] {
        let found = house
            .get(&format!(
                "/beta/users?$filter={}",
                filter.replace(' ', "%20")
            ))
            .await
            .expect(200);
        assert_eq!(all(&found, "id"), [ada.as_str()], "{filter}");
    }
    let found = house
        .get("/beta/users?$search=%22displayName:ada%22")
        .await
        .expect(200);
    assert_eq!(all(&found, "id"), [ada.as_str()]);
    house
        .delete(&format!("/v1.0/users/{ada}"))
        .await
        .expect(204);
    house.get(&format!("/v1.0/users/{ada}")).await.error(404);
    house.delete(&format!("/v1.0/users/{ada}")).await.error(404);
}

#[tokio::test]
async fn bad_people_are_refused_and_change_nothing() {
    let house = House::open().await;
    house.user("ada").await;
    let again = json!({"displayName": "Ada", "userPrincipalName": "ADA@example.com"});
    let error = house.post("/v1.0/users", again).await.error(409);
    assert_eq!(error["code"], "Request_MultipleObjectsWithSameKeyValue");
    for (body, target) in [
        (json!({"displayName": "x"}), "userPrincipalName"),
        (
            json!({"displayName": "x", "userPrincipalName": "a b@c"}),
            "userPrincipalName",
        ),
        (
            json!({"displayName": "x", "userPrincipalName": "x@example.com", "mail": "nonsense"}),
            "mail",
        ),
        (
            json!({"displayName": "x", "userPrincipalName": "x@example.com", "nickname": "y"}),
            "nickname",
        ),
        (
            json!({"displayName": 7, "userPrincipalName": "x@example.com"}),
            "displayName",
        ),
    ] {
        assert_eq!(
            house.post("/v1.0/users", body.clone()).await.error(400)["target"],
            target,
            "{body}"
        );
    }
    assert_eq!(house.get("/v1.0/users/$count").await.text, "2");
}

#[tokio::test]
async fn members_come_and_go_by_reference() {
    let house = House::open().await;
    let (ada, bob) = (house.user("ada").await, house.user("bob").await);
    let (sales, all_staff) = (house.group("sales").await, house.group("staff").await);
    let member = |id: &str| json!({"@odata.id": format!("https://graph.microsoft.com/v1.0/directoryObjects/{id}")});
    let path = format!("/v1.0/groups/{sales}/members/$ref");
    house.post(&path, member(&ada)).await.expect(204);
    let error = house.post(&path, member(&ada)).await.error(400);
    assert!(error["message"].as_str().unwrap().contains("already exist"));
    house
        .post(&path, member("00000000-0000-0000-0000-00000000beef"))
        .await
        .error(404);
    house
        .post(&path, json!({"@odata.id": "nonsense"}))
        .await
        .error(400);
    let bind =
        json!({"members@odata.bind": [format!("https://graph.microsoft.com/v1.0/users/{bob}")]});
    house
        .patch(&format!("/v1.0/groups/{sales}"), bind)
        .await
        .expect(204);
    house
        .post(
            &format!("/v1.0/groups/{all_staff}/members/$ref"),
            member(&sales),
        )
        .await
        .expect(204);

    let members = house
        .get(&format!("/v1.0/groups/{sales}/members"))
        .await
        .expect(200);
    let mut ids = all(&members, "id");
    ids.sort_unstable();
    let mut expected = [ada.as_str(), bob.as_str()];
    expected.sort_unstable();
    assert_eq!(ids, expected);
    assert_eq!(members["value"][0]["@odata.type"], "#microsoft.graph.user");
    let path =
        format!("/beta/groups/{all_staff}/transitiveMembers/microsoft.graph.user?$select=id");
    assert_eq!(all(&house.get(&path).await.expect(200), "id").len(), 2);
    assert_eq!(
        house
            .get(&format!("/v1.0/groups/{sales}/members/$count"))
            .await
            .text,
        "2"
    );
    let expanded = house
        .get(&format!("/v1.0/groups/{sales}?$expand=members($select=id)"))
        .await
        .expect(200);
    assert_eq!(expanded["members"].as_array().unwrap().len(), 2);
    let references = house
        .get(&format!("/v1.0/groups/{sales}/members/$ref"))
        .await
        .expect(200);
    assert!(all(&references, "@odata.id")[0].contains("/v1.0/users('"));

    let around = house
        .get(&format!("/v1.0/users/{ada}/transitiveMemberOf"))
        .await
        .expect(200);
    assert_eq!(around["value"].as_array().unwrap().len(), 2);
    assert_eq!(
        all(
            &house
                .get(&format!("/v1.0/users/{ada}/memberOf"))
                .await
                .expect(200),
            "displayName"
        ),
        ["sales"]
    );
    let groups = house
        .post(
            &format!("/v1.0/users/{ada}/getMemberGroups"),
            json!({"securityEnabledOnly": true}),
        )
        .await;
    assert_eq!(groups.expect(200)["value"].as_array().unwrap().len(), 2);

    house
        .delete(&format!("/v1.0/groups/{sales}/members/{ada}/$ref"))
        .await
        .expect(204);
    house
        .delete(&format!("/v1.0/groups/{sales}/members/{ada}/$ref"))
        .await
        .error(404);
    assert_eq!(
        all(
            &house
                .get(&format!("/v1.0/groups/{sales}/members"))
                .await
                .expect(200),
            "id"
        ),
        [bob.as_str()]
    );
}

#[tokio::test]
async fn a_group_is_made_with_members_and_found_by_name() {
    let house = House::open().await;
    let ada = house.user("ada").await;
    let body = json!({
        "displayName": "Sales", "mailEnabled": false, "mailNickname": "sales", "securityEnabled": true,
        "description": "sells", "members@odata.bind": [format!("https://graph.microsoft.com/v1.0/users/{ada}")],
    });
    let made = house.post("/v1.0/groups", body).await;
    let sales = id(&made.expect(201));
    assert_eq!(
        made.headers["location"],
        format!("https://mdm.example.com:8443/v1.0/groups('{sales}')")
    );
    assert_eq!(
        house
            .get(&format!("/v1.0/groups/{sales}/members/$count"))
            .await
            .text,
        "1"
    );
    let found = house
        .get("/v1.0/groups?$filter=displayName%20eq%20'sales'&$select=id,displayName")
        .await
        .expect(200);
    assert_eq!(
        found["value"],
        json!([{"id": sales, "displayName": "Sales"}])
    );
    assert_eq!(
        found["@odata.context"],
        "https://mdm.example.com:8443/v1.0/$metadata#groups(id,displayName)"
    );
    let dynamic =
        json!({"displayName": "d", "groupTypes": ["DynamicMembership"], "membershipRule": "x"});
    assert_eq!(
        house.post("/v1.0/groups", dynamic).await.error(400)["target"],
        "membershipRule"
    );
    house
        .patch(
            &format!("/v1.0/groups/{sales}"),
            json!({"description": null}),
        )
        .await
        .expect(204);
    assert_eq!(
        house
            .get(&format!("/v1.0/groups/{sales}"))
            .await
            .expect(200)["description"],
        json!(null)
    );
}

#[tokio::test]
async fn objects_are_found_by_their_ids() {
    let house = House::open().await;
    let (ada, sales) = (house.user("ada").await, house.group("sales").await);
    let unknown = "00000000-0000-0000-0000-00000000beef";
    let body = json!({"ids": [ada, sales, unknown]});
    let found = house
        .post(
            "/beta/directoryObjects/getByIds?$select=displayName,id",
            body,
        )
        .await
        .expect(200);
    assert_eq!(all(&found, "displayName"), ["ada", "sales"]);
    assert_eq!(found["value"][1]["@odata.type"], "#microsoft.graph.group");
    let body = json!({"ids": [ada, sales], "types": ["group"]});
    assert_eq!(
        all(
            &house
                .post("/beta/directoryObjects/getByIds", body)
                .await
                .expect(200),
            "displayName"
        ),
        ["sales"]
    );
}

#[tokio::test]
async fn owners_come_and_go_by_reference_and_are_no_members() {
    let house = House::open().await;
    let (ada, ben) = (house.user("ada").await, house.user("ben").await);
    let user = |id: &str| format!("https://graph.microsoft.com/v1.0/users/{id}");
    let body = json!({
        "displayName": "Sales", "mailEnabled": false, "mailNickname": "sales", "securityEnabled": true,
        "owners@odata.bind": [user(&ada)],
    });
    let sales = id(&house.post("/v1.0/groups", body).await.expect(201));
    let owners = format!("/v1.0/groups/{sales}/owners");
    let found = house.get(&owners).await.expect(200);
    assert_eq!(all(&found, "id"), [ada.as_str()]);
    assert_eq!(found["value"][0]["@odata.type"], "#microsoft.graph.user");

    let reference = json!({ "@odata.id": user("ben@example.com") });
    let path = format!("{owners}/$ref");
    house.post(&path, reference.clone()).await.expect(204);
    let error = house.post(&path, reference).await.error(400);
    assert!(error["message"].as_str().unwrap().contains("already exist"));
    assert_eq!(house.get(&format!("{owners}/$count")).await.text, "2");
    assert_eq!(
        house
            .get(&format!("/v1.0/groups/{sales}/members/$count"))
            .await
            .text,
        "0"
    );
    let expanded = house
        .get(&format!("/v1.0/groups/{sales}?$expand=owners($select=id)"))
        .await
        .expect(200);
    assert_eq!(expanded["owners"].as_array().unwrap().len(), 2);

    house
        .delete(&format!("{owners}/{ada}/$ref"))
        .await
        .expect(204);
    house
        .delete(&format!("{owners}/{ada}/$ref"))
        .await
        .error(404);
    house
        .delete(&format!("{owners}/$ref?@id={}", user(&ben)))
        .await
        .expect(204);
    let found = house.get(&owners).await.expect(200);
    assert!(all(&found, "id").is_empty());
}

#[tokio::test]
async fn only_people_own_and_an_owner_who_leaves_leaves_the_group() {
    let house = House::open().await;
    let ada = house.user("ada").await;
    let (sales, staff) = (house.group("sales").await, house.group("staff").await);
    let path = format!("/v1.0/groups/{sales}/owners/$ref");
    let reference = |id: &str| json!({"@odata.id": format!("https://graph.microsoft.com/v1.0/directoryObjects/{id}")});
    let error = house.post(&path, reference(&staff)).await.error(400);
    assert_eq!(error["target"], "owners");
    let nobody = uuid::Uuid::nil().to_string();
    house.post(&path, reference(&nobody)).await.error(404);
    house.post(&path, reference(&ada)).await.expect(204);
    house
        .delete(&format!("/v1.0/users/{ada}"))
        .await
        .expect(204);
    let owners = house.get(&format!("/v1.0/groups/{sales}/owners")).await;
    assert!(all(&owners.expect(200), "id").is_empty());
}

#[tokio::test]
async fn a_change_of_a_group_is_done_as_a_whole_or_not_at_all() {
    let house = House::open().await;
    let (ada, ben) = (house.user("ada").await, house.user("ben").await);
    let sales = house.group("sales").await;
    let user = |id: &str| format!("https://graph.microsoft.com/v1.0/users/{id}");
    let path = format!("/v1.0/groups/{sales}");
    let add = json!({ "members@odata.bind": [user(&ada)] });
    house.patch(&path, add).await.expect(204);
    for (body, status) in [
        // Ada is a member already.
        (
            json!({"description": "x", "members@odata.bind": [user(&ben), user(&ada)]}),
            400,
        ),
        (
            json!({"description": "x", "members@odata.bind": [user(&ben), user("nobody@example.com")]}),
            404,
        ),
        // A name that breaks a rule, with a member that does not.
        (
            json!({"displayName": "", "members@odata.bind": [user(&ben)]}),
            400,
        ),
        (json!({"owners@odata.bind": [user(&ben), user(&ben)]}), 400),
    ] {
        house.patch(&path, body).await.error(status);
        let group = house.get(&path).await.expect(200);
        assert_eq!(
            (&group["displayName"], &group["description"]),
            (&json!("sales"), &json!(null))
        );
        let members = house.get(&format!("{path}/members")).await.expect(200);
        assert_eq!(all(&members, "id"), [ada.as_str()]);
        let owners = house.get(&format!("{path}/owners")).await.expect(200);
        assert!(all(&owners, "id").is_empty());
    }
    let body = json!({
        "description": "sells", "members@odata.bind": [user(&ben)], "owners@odata.bind": [user(&ada)],
    });
    house.patch(&path, body).await.expect(204);
    assert_eq!(house.get(&path).await.expect(200)["description"], "sells");
    assert_eq!(house.get(&format!("{path}/members/$count")).await.text, "2");
    assert_eq!(house.get(&format!("{path}/owners/$count")).await.text, "1");
}

#[tokio::test]
async fn a_member_is_removed_by_either_name_of_the_option() {
    let house = House::open().await;
    let sales = house.group("sales").await;
    let path = format!("/v1.0/groups/{sales}/members/$ref");
    for option in ["@id", "$id", "%24id"] {
        let ada = house.user(&format!("ada{}", option.len())).await;
        let address = format!("https://graph.microsoft.com/v1.0/directoryObjects/{ada}");
        house
            .post(&path, json!({ "@odata.id": address }))
            .await
            .expect(204);
        house
            .delete(&format!("{path}?{option}={address}"))
            .await
            .expect(204);
        house
            .delete(&format!("/v1.0/users/{ada}"))
            .await
            .expect(204);
    }
    let path = format!("/v1.0/groups/{sales}/members/$count");
    assert_eq!(house.get(&path).await.text, "0");
}

#[tokio::test]
async fn the_domains_of_the_organisation_are_shown() {
    let house = House::open().await;
    let domains = house.get("/v1.0/domains").await.expect(200);
    assert_eq!(all(&domains, "id"), ["example.com"]);
    let domain = house.get("/beta/domains('EXAMPLE.com')").await.expect(200);
    assert_eq!(
        (&domain["isDefault"], &domain["isVerified"]),
        (&json!(true), &json!(true))
    );
    house.get("/v1.0/domains/example.org").await.error(404);
    let error = house.get("/v1.0/domains?$select=colour").await.error(400);
    assert!(error["message"].as_str().unwrap().contains("colour"));
}

#[tokio::test]
async fn there_is_one_licence_with_intune_in_it() {
    let house = House::open().await;
    let licences = house.get("/v1.0/subscribedSkus").await.expect(200);
    let licence = &licences["value"][0];
    assert_eq!(licence["capabilityStatus"], "Enabled");
    assert_eq!(
        (
            &licence["servicePlans"][0]["servicePlanName"],
            &licence["servicePlans"][0]["servicePlanId"]
        ),
        (
            &json!("INTUNE_A"),
            &json!("c1ec4a95-1f05-45b3-a911-aa3fa01094f5")
        )
    );
    let before = licence["consumedUnits"].as_i64().unwrap();
    house.user("ada").await;
    let path = format!("/v1.0/subscribedSkus/{}", id(licence));
    let licence = house.get(&path).await.expect(200);
    assert_eq!(licence["consumedUnits"], before + 1);
    house.get("/v1.0/subscribedSkus/other").await.error(404);
}
