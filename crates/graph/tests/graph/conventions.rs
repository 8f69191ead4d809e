use axum::body::Body;
use axum::http::{Method, Request};
use serde_json::json;

use crate::house::{House, all, id};

#[tokio::test]
async fn every_way_of_writing_a_path_leads_to_the_object() {
    let house = House::open().await;
    let ada = house.user("ada").await;
    for path in [
        format!("/v1.0/users/{ada}"),
        format!("/beta/USERS('{ada}')"),
        format!("/v1.0/users({ada})/"),
        format!("/beta//users//{ada}"),
        format!("/v1.0/myorganization/users/{ada}"),
        "/v1.0/users/ada@example.com".to_owned(),
        "/v1.0/users/ADA%40example.com".to_owned(),
        format!("/v1.0/directoryObjects/{ada}"),
        format!("/v1.0/directoryObjects/{ada}/microsoft.graph.user"),
    ] {
        assert_eq!(id(&house.get(&path).await.expect(200)), ada, "{path}");
    }
    house
        .get(&format!(
            "/v1.0/directoryObjects/{ada}/microsoft.graph.group"
        ))
        .await
        .error(404);
}

#[tokio::test]
async fn pages_follow_their_links_to_the_end() {
    let house = House::open().await;
    for number in 0..12 {
        house.user(&format!("u{number}")).await;
    }
    for options in [
        "$top=5",
        "top=5&$orderby=displayName",
        "$top=5&$select=id,displayName",
        "$filter=startsWith(displayName,'u')&$top=5",
    ] {
        let (mut next, mut seen) = (format!("/beta/users?{options}&$count=true"), Vec::new());
        loop {
            let page = house.get(&next).await.expect(200);
            seen.extend(all(&page, "displayName").into_iter().map(str::to_owned));
            let Some(link) = page["@odata.nextLink"].as_str() else {
                break;
            };
            assert!(
                link.starts_with("https://mdm.example.com:8443/beta/users?"),
                "{link}"
            );
            next = link
                .strip_prefix("https://mdm.example.com:8443")
                .unwrap()
                .to_owned();
        }
        seen.sort();
        seen.dedup();
        assert!(seen.len() >= 12, "{options}: {seen:?}");
    }
    let page = house
        .get("/beta/users?$count=true&$top=1")
        .await
        .expect(200);
    assert_eq!(page["@odata.count"], 13);
    let admin = house.get("/beta/users/admin@example.com").await.expect(200);
    let named = format!(
        "/beta/users?$filter=id%20in%20(%27{}%27,%2700000000-0000-0000-0000-000000000009%27)",
        id(&admin)
    );
    assert_eq!(
        all(&house.get(&named).await.expect(200), "id"),
        [id(&admin)]
    );
    assert_eq!(house.get("/beta/users/$count").await.text, "13");
    assert_eq!(
        house
            .get("/beta/users/$count?$filter=startswith(displayName,'u1')")
            .await
            .text,
        "3"
    );
}

#[tokio::test]
async fn wrong_options_are_refused_with_option_and_place() {
    let house = House::open().await;
    for (query, target, part) in [
        ("$filter=displayName eq", "$filter", "position 15"),
        ("$filter=displayNam eq 'x'", "$filter", "displayNam"),
        ("$filter=foo(displayName)", "$filter", "foo"),
        ("$select=nonsense", "$select", "nonsense"),
        ("$orderby=nonsense", "$orderby", "nonsense"),
        ("$expand=nonsense", "$expand", "nonsense"),
        ("$top=-5", "$top", "-5"),
        ("$skiptoken=abc", "$skiptoken", "nextLink"),
    ] {
        let error = house
            .get(&format!("/v1.0/users?{}", query.replace(' ', "%20")))
            .await
            .error(400);
        assert_eq!(error["code"], "Request_BadRequest");
        assert_eq!(error["target"], target, "{error}");
        assert!(error["message"].as_str().unwrap().contains(part), "{error}");
    }
}

#[tokio::test]
async fn errors_carry_both_ids_and_the_right_headers() {
    let house = House::open().await;
    let client = "8b8f4c7e-0000-0000-0000-000000000001";
    let answer = house
        .get_with(
            "/v1.0/users/nobody@example.com",
            &[("client-request-id", client)],
        )
        .await;
    let error = answer.error(404);
    assert_eq!(error["code"], "Request_ResourceNotFound");
    assert_eq!(error["innerError"]["client-request-id"], client);
    assert_eq!(answer.headers["client-request-id"], client);
    assert_eq!(
        error["innerError"]["request-id"],
        answer.headers["request-id"].to_str().unwrap()
    );
    assert_eq!(error["innerError"]["date"], "2026-09-21T14:13:20");
    assert_eq!(answer.headers["odata-version"], "4.0");
    assert!(
        answer.headers["content-type"]
            .to_str()
            .unwrap()
            .contains("odata.metadata=minimal")
    );
    let answer = house.get("/beta/deviceManagement/nothing").await;
    assert_eq!(answer.error(404)["code"], "ResourceNotFound");
    let answer = house.delete("/v1.0/organization").await;
    assert_eq!(answer.error(405)["code"], "MethodNotAllowed");
    assert_eq!(answer.headers["allow"], "GET");
    assert_eq!(
        house.get("/v1.0/me").await.error(400)["code"],
        "Request_BadRequest"
    );
}

#[tokio::test]
async fn a_broken_body_is_refused_with_line_and_column() {
    let house = House::open().await;
    let token = house
        .sign_in(&house.app(mandate_engine::Permission::ALL.to_vec()).await)
        .await;
    let send = async |body: Vec<u8>, headers: &[(&str, &str)]| {
        let mut request = Request::post("/v1.0/groups")
            .header("host", "mdm.example.com:8443")
            .header("authorization", format!("Bearer {token}"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        house.send(request.body(Body::from(body)).unwrap()).await
    };
    let error = send(b"{\n \"displayName\": oops}".to_vec(), &[])
        .await
        .error(400);
    assert!(
        error["message"].as_str().unwrap().contains("line 2"),
        "{error}"
    );
    send(b"[1]".to_vec(), &[]).await.error(400);
    send(Vec::new(), &[]).await.error(400);
    send(vec![b' '; 5_000_000], &[]).await.error(413);
    send(b"{}".to_vec(), &[("content-encoding", "br")])
        .await
        .error(415);
    assert_eq!(house.get("/v1.0/groups/$count").await.text, "0");
}

#[tokio::test]
async fn the_three_metadata_levels_differ() {
    let house = House::open().await;
    let profile = house.mail_profile("Mail").await;
    let path = format!("/beta/deviceManagement/deviceConfigurations/{profile}");
    let at = async |level: &str| {
        let accept = format!("application/json;odata.metadata={level}");
        house.get_with(&path, &[("accept", &accept)]).await
    };
    let minimal = at("minimal").await.expect(200);
    let root = "https://mdm.example.com:8443/beta";
    assert_eq!(
        minimal["@odata.context"],
        format!("{root}/$metadata#deviceManagement/deviceConfigurations/$entity")
    );
    assert_eq!(
        minimal["@odata.type"],
        "#microsoft.graph.iosEasEmailProfileConfiguration"
    );
    assert!(minimal.get("@odata.id").is_none());
    let full = at("full").await;
    assert!(
        full.headers["content-type"]
            .to_str()
            .unwrap()
            .contains("odata.metadata=full")
    );
    let full = full.expect(200);
    let cast = format!(
        "{root}/deviceManagement/deviceConfigurations('{profile}')/microsoft.graph.iosEasEmailProfileConfiguration"
    );
    assert_eq!(
        full["assignments@odata.navigationLink"],
        format!("{cast}/assignments")
    );
    assert_eq!(
        full["identityCertificate@odata.associationLink"],
        format!("{cast}/identityCertificate/$ref")
    );
    assert!(full["#microsoft.graph.assign"].is_object());
    let none = at("none").await.expect(200);
    assert!(
        none.as_object()
            .unwrap()
            .keys()
            .all(|name| !name.contains("@odata")),
        "{none}"
    );
}

#[tokio::test]
async fn the_model_can_be_read_without_a_token() {
    let house = House::open().await;
    for version in ["v1.0", "beta"] {
        let request =
            Request::get(format!("/{version}/$metadata")).header("host", "graph.microsoft.com");
        let answer = house.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status.as_u16(), 200);
        assert!(answer.text.contains("iosEasEmailProfileConfiguration"));
        assert_eq!(
            answer.headers["content-type"],
            "application/xml;charset=utf-8"
        );
    }
}

#[tokio::test]
async fn addresses_have_the_host_that_the_client_called() {
    let house = House::open().await;
    let token = house
        .sign_in(&house.app(mandate_engine::Permission::ALL.to_vec()).await)
        .await;
    let ask = async |host: &str| {
        let request = Request::get("/v1.0/organization")
            .header("host", host)
            .header("authorization", format!("Bearer {token}"));
        house.send(request.body(Body::empty()).unwrap()).await
    };
    let answer = ask("graph.microsoft.com").await.expect(200);
    assert_eq!(
        answer["@odata.context"],
        "https://graph.microsoft.com/v1.0/$metadata#organization"
    );
    assert_eq!(answer["value"][0]["displayName"], "Example");
    for other in [
        "evil\"host",
        "evil.example",
        "graph.microsoft.com.evil.example",
    ] {
        ask(other).await.error(400);
    }
}

#[tokio::test]
async fn what_v1_does_not_have_it_does_not_show() {
    let house = House::open().await;
    let ada = house.user("ada").await;
    let brief = house.get(&format!("/v1.0/users/{ada}")).await.expect(200);
    assert!(
        brief.get("department").is_none() && brief["mail"] == "ada@example.com",
        "{brief}"
    );
    let asked = house
        .get(&format!(
            "/v1.0/users/{ada}?$select=department,accountEnabled"
        ))
        .await
        .expect(200);
    assert_eq!(
        asked["@odata.context"],
        "https://mdm.example.com:8443/v1.0/$metadata#users(department,accountEnabled)/$entity"
    );
    assert_eq!(
        (&asked["department"], &asked["accountEnabled"]),
        (&json!(null), &json!(true))
    );
    let profile = house.mail_profile("Mail").await;
    let path = format!("deviceManagement/deviceConfigurations/{profile}");
    assert!(
        house
            .get(&format!("/v1.0/{path}"))
            .await
            .expect(200)
            .get("roleScopeTagIds")
            .is_none()
    );
    assert_eq!(
        house.get(&format!("/beta/{path}")).await.expect(200)["roleScopeTagIds"],
        json!(["0"])
    );
}

#[tokio::test]
async fn collections_that_are_not_there_are_empty_for_a_backup() {
    let house = House::open().await;
    for path in [
        "deviceCompliancePolicies",
        "roleDefinitions?$filter=isBuiltIn%20eq%20false",
        "notificationMessageTemplates?$expand=localizedNotificationMessages",
    ] {
        let answer = house
            .get(&format!("/beta/deviceManagement/{path}"))
            .await
            .expect(200);
        assert_eq!(answer["value"], json!([]));
    }
    let settings = house
        .get("/beta/deviceManagement/settings")
        .await
        .expect(200);
    assert_eq!(
        settings["@odata.context"],
        "https://mdm.example.com:8443/beta/$metadata#deviceManagement/settings"
    );
    assert_eq!(settings["isScheduledActionEnabled"], true);
    assert_eq!(
        house
            .get("/v1.0/deviceManagement/intuneBrand")
            .await
            .expect(200)["displayName"],
        "Example"
    );
    let head = house
        .call(Method::HEAD, "/v1.0/deviceManagement", &[], None)
        .await;
    assert_eq!(head.status.as_u16(), 200);
}

#[tokio::test]
async fn an_item_of_any_collection_has_an_address() {
    let house = House::open().await;
    let (ada, sales) = (house.user("ada").await, house.group("sales").await);
    let member = json!({"@odata.id": format!("directoryObjects/{ada}")});
    house
        .post(&format!("/v1.0/groups/{sales}/members/$ref"), member)
        .await
        .expect(204);
    assert_eq!(
        id(&house
            .get(&format!("/v1.0/groups/{sales}/members/{ada}"))
            .await
            .expect(200)),
        ada
    );
    house
        .get(&format!("/v1.0/groups/{sales}/members/{sales}"))
        .await
        .error(404);
    let cast =
        format!("/v1.0/groups/{sales}/members/microsoft.graph.user?$filter=department%20eq%20null");
    assert_eq!(
        all(&house.get(&cast).await.expect(200), "id"),
        [ada.as_str()]
    );
    let wrong =
        format!("/v1.0/groups/{sales}/members/microsoft.graph.user?$filter=groupTypes/any()");
    house.get(&wrong).await.error(400);
    let profile = house.mail_profile("Mail").await;
    house.phone("phone", Some(&ada)).await;
    let path = format!("/beta/deviceManagement/deviceConfigurations/{profile}");
    let everybody = json!({"assignments": [{"target": {"@odata.type": "#microsoft.graph.allLicensedUsersAssignmentTarget"}}]});
    house
        .post(&format!("{path}/assign"), everybody)
        .await
        .expect(200);
    let statuses = house
        .get(&format!("{path}/deviceStatuses"))
        .await
        .expect(200);
    let status = all(&statuses, "id")[0];
    assert_eq!(
        id(&house
            .get(&format!("{path}/deviceStatuses('{status}')"))
            .await
            .expect(200)),
        status
    );
}

#[tokio::test]
async fn what_is_expanded_is_bounded() {
    let house = House::open().await;
    let group = house.group("all").await;
    for number in 0..28 {
        let user = house.user(&format!("u{number}")).await;
        let member = json!({"@odata.id": format!("users/{user}")});
        house
            .post(&format!("/v1.0/groups/{group}/members/$ref"), member)
            .await
            .expect(204);
    }
    let once = "/v1.0/users?$expand=memberOf($expand=members($select=id))";
    assert_eq!(house.get(once).await.status.as_u16(), 200);
    let deep = "/v1.0/users?$expand=memberOf($expand=members($expand=memberOf($expand=members($select=id))))";
    assert_eq!(house.get(deep).await.status.as_u16(), 400);
}
