use mandate_engine::Permission;
use serde_json::{Value, json};

use crate::house::{House, all, id};

const PROFILES: &str = "/beta/deviceManagement/deviceConfigurations";
const DELETED: &str = "/mandate/v1/deletedProfiles";

fn versions(id: &str) -> String {
    format!("/mandate/v1/profiles/{id}/versions")
}

async fn edit(house: &House, id: &str, change: Value) {
    let mut body = json!({ "@odata.type": "#microsoft.graph.iosEasEmailProfileConfiguration" });
    for (name, value) in change.as_object().unwrap() {
        body[name] = value.clone();
    }
    house
        .patch(&format!("{PROFILES}/{id}"), body)
        .await
        .expect(204);
}

fn numbers(list: &Value) -> Vec<i64> {
    let items = list["value"].as_array().unwrap();
    items
        .iter()
        .map(|item| item["version"].as_i64().unwrap())
        .collect()
}

#[tokio::test]
async fn each_version_is_kept_compared_and_brought_back() {
    let house = House::open().await;
    let mail = house.mail_profile("Mail").await;
    let was = house.get(&format!("{PROFILES}/{mail}")).await.expect(200);
    edit(&house, &mail, json!({ "hostName": "new.example.com" })).await;
    edit(
        &house,
        &mail,
        json!({ "displayName": "Post", "requireSsl": false }),
    )
    .await;

    let list = house.get(&versions(&mail)).await.expect(200);
    assert_eq!(numbers(&list), [3, 2, 1]);
    assert_eq!(list["value"][0]["isCurrent"], json!(true));
    assert_eq!(list["value"][2]["displayName"], json!("Mail"));
    let author = list["value"][0]["createdBy"].as_str().unwrap();
    assert!(author.starts_with("app test ("), "{author}");

    let first = house
        .get(&format!("{}/1", versions(&mail)))
        .await
        .expect(200);
    for property in ["@odata.type", "hostName", "displayName", "requireSsl", "id"] {
        let expected = if property == "@odata.type" {
            &json!("#microsoft.graph.iosEasEmailProfileConfiguration")
        } else {
            &was[property]
        };
        assert_eq!(&first["profile"][property], expected, "{property}");
    }

    let differences = house
        .get(&format!("{}/3/differences", versions(&mail)))
        .await
        .expect(200);
    assert_eq!(all(&differences, "property"), ["displayName", "requireSsl"]);
    let whole = house
        .get(&format!("{}/3/differences?from=1", versions(&mail)))
        .await
        .expect(200);
    assert_eq!(
        all(&whole, "property"),
        ["displayName", "hostName", "requireSsl"]
    );
    let host = &whole["value"][1];
    assert_eq!(
        (&host["before"], &host["after"]),
        (&was["hostName"], &json!("new.example.com"))
    );
    assert_eq!(host["impact"], json!("replacesAccount"));

    let restored = house
        .post(&format!("{}/1/restore", versions(&mail)), json!({}))
        .await
        .expect(200);
    assert_eq!(restored["version"], json!(4));
    let now = house.get(&format!("{PROFILES}/{mail}")).await.expect(200);
    for (name, value) in was.as_object().unwrap() {
        if !["version", "lastModifiedDateTime"].contains(&name.as_str()) {
            assert_eq!(&now[name], value, "{name}");
        }
    }
    // Once more changes nothing.
    let again = house
        .post(&format!("{}/1/restore", versions(&mail)), json!({}))
        .await
        .expect(200);
    assert_eq!(again["version"], json!(4));
}

#[tokio::test]
async fn versions_come_in_pages() {
    let house = House::open().await;
    let mail = house.mail_profile("Mail").await;
    for host in ["a.example.com", "b.example.com", "c.example.com"] {
        edit(&house, &mail, json!({ "hostName": host })).await;
    }
    let first = house
        .get(&format!("{}?limit=3", versions(&mail)))
        .await
        .expect(200);
    assert_eq!(numbers(&first), [4, 3, 2]);
    let next = first["nextLink"].as_str().unwrap();
    let next = next.strip_prefix("https://mdm.example.com:8443").unwrap();
    let second = house.get(next).await.expect(200);
    assert_eq!(numbers(&second), [1]);
    assert!(second.get("nextLink").is_none());
}

#[tokio::test]
async fn a_deleted_profile_comes_back_with_its_history_and_says_whom_it_was_for() {
    let house = House::open().await;
    let group = house.group("Sales").await;
    let mail = house.mail_profile("Mail").await;
    let body = json!({ "assignments": [{ "target": {
        "@odata.type": "#microsoft.graph.groupAssignmentTarget", "groupId": group,
    } }] });
    house
        .post(&format!("{PROFILES}/{mail}/assign"), body)
        .await
        .expect(200);
    let was = house.get(&format!("{PROFILES}/{mail}")).await.expect(200);
    house
        .delete(&format!("{PROFILES}/{mail}"))
        .await
        .expect(200);
    house.get(&versions(&mail)).await.error(404);

    let gone = house.get(DELETED).await.expect(200);
    let entry = &gone["value"][0];
    assert_eq!(
        (&entry["id"], &entry["displayName"]),
        (&json!(mail), &json!("Mail"))
    );
    assert_eq!(entry["assignments"][0]["target"]["groupId"], json!(group));

    let path = format!("{DELETED}/{mail}/restore");
    let restored = house.post(&path, json!({})).await.expect(200);
    let now = house.get(&format!("{PROFILES}/{mail}")).await.expect(200);
    for (name, value) in was.as_object().unwrap() {
        if !["version", "lastModifiedDateTime"].contains(&name.as_str()) {
            assert_eq!(&now[name], value, "{name}");
        }
    }
    let assignments = house
        .get(&format!("{PROFILES}/{mail}/assignments"))
        .await
        .expect(200);
    assert_eq!(assignments["value"], json!([]));
    // What it says can be given to `assign` as it is.
    let body = json!({ "assignments": restored["assignments"] });
    house
        .post(&format!("{PROFILES}/{mail}/assign"), body)
        .await
        .expect(200);

    let list = house.get(&versions(&mail)).await.expect(200);
    assert_eq!(numbers(&list), [3, 2, 1]);
    assert_eq!(list["value"][1]["isDeletion"], json!(true));
    house.post(&path, json!({})).await.error(404);
    assert_eq!(house.get(DELETED).await.expect(200)["value"], json!([]));
}

#[tokio::test]
async fn a_profile_does_not_come_back_to_what_is_gone() {
    let house = House::open().await;
    let root = house.root_profile("Root").await;
    let body = json!({
        "@odata.type": "#microsoft.graph.iosPkcsCertificateProfile",
        "displayName": "Sign",
        "certificateTemplateName": "signing",
        "subjectNameFormat": "custom",
        "subjectNameFormatString": "CN={{UserName}}",
        "subjectAlternativeNameType": "emailAddress",
        "certificateValidityPeriodScale": "years",
        "certificateValidityPeriodValue": 1,
        "renewalThresholdPercentage": 20,
        "certificationAuthority": "mandate",
        "certificationAuthorityName": "mandate",
    });
    let pkcs = id(&house.post(PROFILES, body).await.expect(201));
    let mail = house.mail_profile("Mail").await;
    let reference =
        json!({ "@odata.id": format!("https://graph.microsoft.com{PROFILES}('{pkcs}')") });
    house
        .call(
            axum::http::Method::PUT,
            &format!("{PROFILES}/{mail}/smimeSigningCertificate/$ref"),
            &[],
            Some(reference),
        )
        .await
        .expect(204);
    house
        .delete(&format!("{PROFILES}/{mail}"))
        .await
        .expect(200);
    house
        .delete(&format!("{PROFILES}/{pkcs}"))
        .await
        .expect(200);
    let refused = house
        .post(&format!("{DELETED}/{mail}/restore"), json!({}))
        .await;
    let error = refused.error(400);
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .contains("smimeSigningCertificate"),
        "{error}"
    );
    // First the one, then the other.
    for profile in [&pkcs, &mail] {
        house
            .post(&format!("{DELETED}/{profile}/restore"), json!({}))
            .await
            .expect(200);
    }
    drop(root);
}

#[tokio::test]
async fn what_is_not_there_or_not_allowed_is_refused() {
    let house = House::open().await;
    let mail = house.mail_profile("Mail").await;
    for path in [
        format!("{}/9", versions(&mail)),
        format!("{}/x", versions(&mail)),
        format!("{}/1/differences?from=9", versions(&mail)),
        versions("00000000-0000-0000-0000-000000000009"),
        versions("x"),
    ] {
        house.get(&path).await.error(404);
    }
    for path in [
        format!("{}?limit=0", versions(&mail)),
        format!("{}?$top=1", versions(&mail)),
        format!("{}/1/differences?from=x", versions(&mail)),
        format!("{DELETED}?after=1&limit=x"),
    ] {
        house.get(&path).await.error(400);
    }
    edit(&house, &mail, json!({ "hostName": "b.example.com" })).await;
    let reader = house.app(vec![Permission::ConfigurationRead]).await;
    let token = format!("Bearer {}", house.sign_in(&reader).await);
    let header = [("authorization", token.as_str())];
    house.get_with(&versions(&mail), &header).await.expect(200);
    let restore = format!("{}/1/restore", versions(&mail));
    house
        .call(axum::http::Method::POST, &restore, &header, Some(json!({})))
        .await
        .error(403);
    let other = house.app(vec![Permission::DirectoryReadWrite]).await;
    let token = format!("Bearer {}", house.sign_in(&other).await);
    house
        .get_with(&versions(&mail), &[("authorization", token.as_str())])
        .await
        .error(403);
}
