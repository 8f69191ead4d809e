//! The requests of the import module, and those of other clients of Graph.

use axum::http::Method;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mandate_engine::{Actor, NewConnectorKey, Permission};
use serde_json::{Value, json};

use super::{ADA, PATH, connector, module_body, open, pfx, thumbprint};
use crate::house::{all, id};

#[tokio::test]
async fn the_import_module_creates_finds_updates_and_removes() {
    let (house, ada, key) = open().await;
    let file = pfx(ADA, 1, (-1, 2));
    // The module asks for the owner first.
    let found = house
        .get("/beta/users?$filter=userPrincipalName%20eq%20'ada@example.com'")
        .await
        .expect(200);
    let owner = all(&found, "id")[0].replace('-', "");
    assert_eq!(owner, ada.replace('-', ""));

    let body = module_body(&key, &file, "ADA@example.com", "SmimeEncryption");
    let made = house.post(PATH, body.clone()).await.expect(201);
    let expected = format!("{owner}-{}", thumbprint(&file));
    assert_eq!(id(&made), expected);
    assert_eq!(made["intendedPurpose"], "smimeEncryption");
    assert_eq!(made["userPrincipalName"], ADA);
    assert_eq!(made["paddingScheme"], "oaepSha512");
    assert_eq!(made["keyName"], "mandate-connector");
    assert_eq!(made["encryptedPfxBlob"], Value::Null);
    assert_eq!(made["encryptedPfxPassword"], Value::Null);
    assert_eq!(made["@mandate.warnings"], Value::Null);
    assert_eq!(
        house.post(PATH, body.clone()).await.error(409)["code"],
        "Conflict"
    );

    let filter = format!(
        "{PATH}?$filter=tolower(userPrincipalName)%20eq%20'ada@example.com'%20and%20tolower(thumbprint)%20eq%20'{}'",
        thumbprint(&file)
    );
    let list = house.get(&filter).await.expect(200);
    assert_eq!(all(&list, "id"), [expected.as_str()]);
    assert!(!list.to_string().contains(&STANDARD.encode(&file.file)));
    for path in [
        format!("{PATH}/{expected}"),
        format!("{PATH}('{expected}')"),
        format!("{PATH}({expected})"),
        format!(
            "/beta/devicemanagement/userpfxcertificates({})/",
            expected.to_uppercase()
        ),
    ] {
        assert_eq!(id(&house.get(&path).await.expect(200)), expected, "{path}");
    }

    let mut update = module_body(&key, &file, ADA, "SmimeSigning");
    update["id"] = Value::Null;
    house.advance(1_000_000);
    let changed = house
        .patch(&format!("{PATH}({expected})"), update)
        .await
        .expect(200);
    assert_eq!(changed["intendedPurpose"], "smimeSigning");
    assert_ne!(changed["lastModifiedDateTime"], changed["createdDateTime"]);

    house
        .delete(&format!("{PATH}/{expected}"))
        .await
        .expect(204);
    house.delete(&format!("{PATH}/{expected}")).await.error(404);
    assert_eq!(all(&house.get(PATH).await.expect(200), "id"), [""; 0]);
}

#[tokio::test]
async fn an_object_that_was_read_can_be_sent_back() {
    let (house, _, key) = open().await;
    let file = pfx(ADA, 1, (-1, 2));
    let made = house
        .post(PATH, module_body(&key, &file, ADA, "Unassigned"))
        .await
        .expect(201);
    let item = format!("{PATH}('{}')", id(&made));
    let mut read = house.get(&item).await.expect(200);
    read["intendedPurpose"] = json!("wifi");
    assert_eq!(
        house.patch(&item, read).await.expect(200)["intendedPurpose"],
        "wifi"
    );

    // The key may be gone: what was imported does not need it.
    house
        .engine
        .remove_connector_key(&Actor::system(), &key.name)
        .await
        .unwrap();
    house
        .patch(&item, json!({"intendedPurpose": "Vpn"}))
        .await
        .expect(200);
    for (body, target) in [
        (
            json!({"userPrincipalName": "admin@example.com"}),
            "userPrincipalName",
        ),
        (json!({"keyName": "other"}), "keyName"),
        (json!({"thumbprint": "00"}), "thumbprint"),
        (
            json!({"expirationDateTime": "2050-01-01T00:00:00Z"}),
            "expirationDateTime",
        ),
        (json!({"encryptedPfxBlob": "AQID"}), "encryptedPfxPassword"),
        (module_body(&key, &file, ADA, "Unassigned"), "keyName"),
    ] {
        assert_eq!(
            house.patch(&item, body.clone()).await.error(400)["target"],
            target,
            "{body}"
        );
    }
    let other = pfx(ADA, 2, (-1, 2));
    let key = connector(&house).await;
    let foreign = module_body(&key, &other, ADA, "Unassigned");
    assert_eq!(
        house.patch(&item, foreign).await.error(400)["target"],
        "thumbprint"
    );
}

#[tokio::test]
async fn lists_are_filtered_sorted_counted_and_paged() {
    let (house, _, key) = open().await;
    house.user("bob").await;
    for (serial, person) in [(1, "ada"), (2, "ada"), (3, "bob"), (4, "bob"), (5, "bob")] {
        let upn = format!("{person}@example.com");
        let file = pfx(&upn, serial, (i64::from(serial) - 6, 9));
        house
            .post(PATH, module_body(&key, &file, &upn, "SmimeEncryption"))
            .await
            .expect(201);
    }
    assert_eq!(house.get(&format!("{PATH}/$count")).await.text, "5");
    let filter = |text: &str| format!("{PATH}?$filter={}", text.replace(' ', "%20"));
    for (text, count) in [
        ("tolower(userPrincipalName) eq 'bob@example.com'", 3),
        (
            "userPrincipalName eq 'BOB@example.com' and intendedPurpose eq 'smimeEncryption'",
            3,
        ),
        (
            "userPrincipalName eq 'bob@example.com' and intendedPurpose eq 'wifi'",
            0,
        ),
        ("userPrincipalName eq 'nobody@example.com'", 0),
        ("intendedPurpose eq 'smimeencryption'", 5),
        (
            "userPrincipalName eq 'ada@example.com' or userPrincipalName eq 'bob@example.com'",
            5,
        ),
        ("startDateTime lt 2000-01-01T00:00:00Z", 0),
    ] {
        let list = house.get(&filter(text)).await.expect(200);
        assert_eq!(all(&list, "id").len(), count, "{text}");
    }
    let sorted = house
        .get(&format!(
            "{PATH}?$orderby=startDateTime%20desc&$select=thumbprint&$top=2&$count=true"
        ))
        .await
        .expect(200);
    assert_eq!(sorted["@odata.count"], 5);
    assert_eq!(sorted["value"].as_array().unwrap().len(), 2);
    assert_eq!(sorted["value"][0].as_object().unwrap().len(), 1);
    for options in [
        "$top=2",
        "$top=2&$orderby=startDateTime",
        "$top=1&$filter=intendedPurpose%20eq%20'smimeEncryption'",
    ] {
        let (mut next, mut seen) = (format!("{PATH}?{options}"), Vec::new());
        loop {
            let page = house.get(&next).await.expect(200);
            seen.extend(all(&page, "id").into_iter().map(str::to_owned));
            let Some(link) = page["@odata.nextLink"].as_str() else {
                break;
            };
            next = link.replace("https://mdm.example.com:8443", "");
        }
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), 5, "{options}");
    }
    let skipped = house.get(&format!("{PATH}?$skip=4")).await.expect(200);
    assert_eq!(all(&skipped, "id").len(), 1);
    for bad in [
        "$filter=nickname%20eq%20'x'",
        "$select=nickname",
        "$skiptoken=eHl6",
    ] {
        house.get(&format!("{PATH}?{bad}")).await.error(400);
    }
}

#[tokio::test]
async fn permissions_and_versions_are_kept() {
    let (house, _, key) = open().await;
    let file = pfx(ADA, 1, (-1, 2));
    let body = module_body(&key, &file, ADA, "SmimeSigning");
    let reader = house.app(vec![Permission::ConfigurationRead]).await;
    let reader = format!("Bearer {}", house.sign_in(&reader).await);
    let stranger = house.app(vec![Permission::DirectoryReadWrite]).await;
    let stranger = format!("Bearer {}", house.sign_in(&stranger).await);
    let made = id(&house.post(PATH, body.clone()).await.expect(201));
    let item = format!("{PATH}/{made}");
    for (who, sees) in [(&reader, true), (&stranger, false)] {
        let headers = [("authorization", who.as_str())];
        let status = if sees { 200 } else { 403 };
        for path in [PATH, &item, "/beta/deviceManagement/ndesConnectors"] {
            assert_eq!(
                house.get_with(path, &headers).await.status.as_u16(),
                status,
                "{path}"
            );
        }
        let change = Some(json!({"intendedPurpose": "wifi"}));
        house
            .call(Method::POST, PATH, &headers, Some(body.clone()))
            .await
            .error(403);
        house
            .call(Method::PATCH, &item, &headers, change)
            .await
            .error(403);
        house
            .call(Method::DELETE, &item, &headers, None)
            .await
            .error(403);
    }
    house
        .get_with(PATH, &[("authorization", "")])
        .await
        .error(401);
    house
        .get("/v1.0/deviceManagement/userPfxCertificates")
        .await
        .error(404);
    house
        .post("/v1.0/deviceManagement/userPfxCertificates", body)
        .await
        .error(404);
    house.get(&format!("{PATH}/nonsense")).await.error(404);
    house.call(Method::PUT, PATH, &[], None).await.error(405);
}

#[tokio::test]
async fn batches_metadata_and_the_connector_know_of_it() {
    let (house, _, key) = open().await;
    let file = pfx(ADA, 1, (-1, 2));
    let batch = json!({"requests": [
        {"id": 1, "method": "POST", "url": "deviceManagement/userPfxCertificates",
            "headers": {"Content-Type": "application/json"}, "body": module_body(&key, &file, ADA, "SmimeSigning")},
        {"id": 2, "method": "GET", "url": "deviceManagement/userPfxCertificates", "dependsOn": ["1"]},
    ]});
    let answer = house.post("/beta/$batch", batch).await.expect(200);
    let items = answer["responses"].as_array().unwrap();
    assert!(items.iter().any(|item| item["status"] == 201));
    assert!(
        items
            .iter()
            .any(|item| item["body"]["value"][0]["thumbprint"] == thumbprint(&file))
    );

    let full = house
        .get_with(PATH, &[("accept", "application/json;odata.metadata=full")])
        .await
        .expect(200);
    assert_eq!(
        full["value"][0]["@odata.type"],
        "#microsoft.graph.userPFXCertificate"
    );
    let model = house.get("/beta/$metadata").await.text;
    assert!(model.contains("<EntityType Name=\"userPFXCertificate\" BaseType=\"graph.entity\">"));
    assert!(model.contains("<Property Name=\"encryptedPfxBlob\" Type=\"Edm.Binary\"/>"));
    let v1 = house.get("/v1.0/$metadata").await.text;
    assert!(!v1.contains("Name=\"userPfxCertificates\""));

    let connectors = house
        .get("/beta/deviceManagement/ndesConnectors")
        .await
        .expect(200);
    assert_eq!(connectors["value"][0]["state"], "active");
    assert_eq!(connectors["value"].as_array().unwrap().len(), 1);
    let details = house
        .get("/beta/deviceManagement/certificateConnectorDetails")
        .await
        .expect(200);
    assert_eq!(details["value"][0]["machineName"], "mdm.example.com");
}

#[tokio::test]
async fn several_connector_keys_are_good_until_they_are_removed() {
    let (house, _, first) = open().await;
    let new = NewConnectorKey {
        name: "second".to_owned(),
        bits: 2048,
        ..NewConnectorKey::default()
    };
    let admin = Actor::system();
    let second = house
        .engine
        .create_connector_key(&admin, new.clone())
        .await
        .unwrap();
    house
        .engine
        .create_connector_key(&admin, new)
        .await
        .unwrap_err();
    assert_eq!(
        connector(&house).await,
        second,
        "the newest is the one to use"
    );
    for (serial, key) in [(1, &first), (2, &second)] {
        let file = pfx(ADA, serial, (-1, 2));
        house
            .post(PATH, module_body(key, &file, ADA, "SmimeEncryption"))
            .await
            .expect(201);
    }
    // Nothing else tells which key is meant.
    let mut body = module_body(&second, &pfx(ADA, 3, (-1, 2)), ADA, "SmimeEncryption");
    body["keyName"] = json!("");
    body["providerName"] = json!("");
    let error = house.post(PATH, body.clone()).await.error(400);
    assert_eq!(error["target"], "keyName");
    house
        .engine
        .remove_connector_key(&admin, "mandate-connector")
        .await
        .unwrap();
    house.post(PATH, body).await.expect(201);
}
