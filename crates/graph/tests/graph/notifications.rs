//! Texts of mails to people, as `IntuneCD` and Terraform send and read them.

use serde_json::{Value, json};

use crate::house::{House, all, id};

const TEMPLATES: &str = "/beta/deviceManagement/notificationMessageTemplates";
const SETTINGS: &str = "/mandate/v1/notificationSettings";

fn template(name: &str) -> Value {
    json!({
        "@odata.type": "#microsoft.graph.notificationMessageTemplate",
        "displayName": name,
        "description": "",
        "defaultLocale": "en-us",
        "brandingOptions": "includeCompanyLogo,includeCompanyName,includeContactInformation",
        "roleScopeTagIds": ["0"],
    })
}

fn message(locale: &str, is_default: bool) -> Value {
    json!({"locale": locale, "subject": "S", "messageTemplate": "Hello {{UserName}}", "isDefault": is_default})
}

#[tokio::test]
async fn a_template_is_made_changed_and_deleted_with_the_codes_of_intune() {
    let house = House::open().await;
    let made = house.post(TEMPLATES, template("Blocked")).await.expect(200);
    assert_eq!(
        made["brandingOptions"],
        "includeCompanyLogo,includeCompanyName,includeContactInformation"
    );
    let address = format!("{TEMPLATES}/{}", id(&made));
    let messages = format!("{address}/localizedNotificationMessages");
    let english = house
        .post(&messages, message("en-us", true))
        .await
        .expect(200);
    assert_eq!(english["id"], format!("{}_en-us", id(&made)));
    house
        .post(&messages, message("nl-nl", true))
        .await
        .expect(200);

    let expanded = format!("{TEMPLATES}?$expand=localizedNotificationMessages");
    let list = house.get(&expanded).await.expect(200);
    let shown = &list["value"][0]["localizedNotificationMessages"];
    let defaults: Vec<_> = shown
        .as_array()
        .unwrap()
        .iter()
        .map(|message| {
            (
                message["locale"].as_str().unwrap(),
                message["isDefault"].as_bool().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        defaults,
        [("en-us", false), ("nl-nl", true)],
        "there is one default"
    );

    // What a client read can be sent back as it is.
    let mut read = house.get(&address).await.expect(200);
    read["displayName"] = json!("Blocked mail");
    let changed = house.patch(&address, read).await.expect(200);
    assert_eq!(changed["displayName"], "Blocked mail");
    let dutch = format!("{messages}/{}_nl-nl", id(&made));
    let changed = house
        .patch(&dutch, json!({"subject": "T"}))
        .await
        .expect(200);
    assert_eq!(
        (&changed["subject"], &changed["isDefault"]),
        (&json!("T"), &json!(true))
    );
    assert_eq!(
        house.get(&dutch).await.expect(200)["messageTemplate"],
        "Hello {{UserName}}"
    );

    assert_eq!(house.delete(&dutch).await.status, 200);
    house.get(&dutch).await.error(404);
    let left = house.get(&messages).await.expect(200);
    assert_eq!(all(&left, "locale"), ["en-us"]);
    assert_eq!(house.delete(&address).await.status, 200);
    house.get(&address).await.error(404);
}

#[tokio::test]
async fn what_is_wrong_with_a_template_is_named() {
    let house = House::open().await;
    let made = house.post(TEMPLATES, template("Blocked")).await.expect(200);
    let address = format!("{TEMPLATES}/{}", id(&made));
    let messages = format!("{address}/localizedNotificationMessages");
    house
        .post(&messages, message("nl", false))
        .await
        .expect(200);
    for (path, body, word) in [
        (TEMPLATES, json!({}), "displayName"),
        (TEMPLATES, json!({"displayName": " "}), "displayName"),
        (
            TEMPLATES,
            json!({"displayName": "x".repeat(201)}),
            "displayName",
        ),
        (
            TEMPLATES,
            json!({"displayName": "x", "defaultLocale": "Dutch!"}),
            "defaultLocale",
        ),
        (
            TEMPLATES,
            json!({"displayName": "x", "brandingOptions": "includeMoon"}),
            "brandingOptions",
        ),
        (
            TEMPLATES,
            json!({"displayName": "x", "roleScopeTagIds": ["77"]}),
            "roleScopeTagIds",
        ),
        (
            messages.as_str(),
            json!({"locale": "sv", "subject": "a\r\nBcc: b", "messageTemplate": "m"}),
            "subject",
        ),
        (
            messages.as_str(),
            json!({"locale": "sv", "subject": "", "messageTemplate": "m"}),
            "subject",
        ),
        (
            messages.as_str(),
            json!({"locale": "sv", "subject": "s", "messageTemplate": " "}),
            "messageTemplate",
        ),
        (
            messages.as_str(),
            json!({"locale": "sv_SE", "subject": "s", "messageTemplate": "m"}),
            "locale",
        ),
        (
            messages.as_str(),
            json!({"subject": "s", "messageTemplate": "m"}),
            "locale",
        ),
    ] {
        let error = house.post(path, body.clone()).await.error(400);
        assert!(
            error["message"].as_str().unwrap().contains(word),
            "{body}: {error}"
        );
    }
    let again = house.post(&messages, message("NL", false)).await;
    assert!(
        [400, 409].contains(&again.status.as_u16()),
        "{}",
        again.status
    );
    house
        .get(&format!("{messages}/{}_nl", "0".repeat(8)))
        .await
        .error(404);
    house.get(&format!("{TEMPLATES}/nothing")).await.error(404);
}

#[tokio::test]
async fn a_client_of_its_own_gets_no_test_message() {
    let house = House::open().await;
    let made = house.post(TEMPLATES, template("Blocked")).await.expect(200);
    let path = format!("{TEMPLATES}/{}/sendTestMessage", id(&made));
    let error = house.post(&path, json!({})).await.error(400);
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .contains("person who asks"),
        "{error}"
    );
}

#[tokio::test]
async fn settings_name_existing_templates_and_keep_them() {
    let house = House::open().await;
    let before = house.get(SETTINGS).await.expect(200);
    assert_eq!(
        before["accountBlocked"],
        json!({"isMailed": true, "templateId": null})
    );
    let made = house.post(TEMPLATES, template("Blocked")).await.expect(200);
    let body = json!({
        "accountBlocked": {"templateId": id(&made)},
        "passwordExpected": {"isMailed": false},
        "certificateDays": [3, 30, 3],
    });
    let after = house.patch(SETTINGS, body).await.expect(200);
    assert_eq!(
        after["accountBlocked"],
        json!({"isMailed": true, "templateId": id(&made)})
    );
    assert_eq!(after["certificateDays"], json!([30, 3]));
    assert_eq!(house.get(SETTINGS).await.expect(200), after);
    let address = format!("{TEMPLATES}/{}", id(&made));
    let used = house.delete(&address).await;
    assert!(
        [400, 409].contains(&used.status.as_u16()),
        "{}",
        used.status
    );
    for (body, word) in [
        (json!({"certificateDays": [0]}), "certificateDays"),
        (
            json!({"certificateDays": [1, 2, 3, 4, 5, 6]}),
            "certificateDays",
        ),
        (
            json!({"accountBlocked": {"templateId": "00000000-0000-0000-0000-000000000007"}}),
            "templateId",
        ),
        (json!({"moon": {}}), "moon"),
    ] {
        let error = house.patch(SETTINGS, body.clone()).await.error(400);
        assert!(
            error["message"].as_str().unwrap().contains(word),
            "{body}: {error}"
        );
    }
    assert_eq!(
        house.get(SETTINGS).await.expect(200),
        after,
        "nothing of it was taken"
    );
}

#[tokio::test]
async fn mails_are_listed_and_bad_questions_named() {
    let house = House::open().await;
    let list = house.get("/mandate/v1/notifications").await.expect(200);
    assert_eq!(list, json!({"value": []}));
    for (query, word) in [
        ("state=moon", "state"),
        ("before=x", "before"),
        ("limit=0", "limit"),
        ("x=1", "x"),
    ] {
        let error = house
            .get(&format!("/mandate/v1/notifications?{query}"))
            .await
            .error(400);
        assert!(
            error["message"].as_str().unwrap().contains(word),
            "{query}: {error}"
        );
    }
    let path = "/mandate/v1/notifications/00000000-0000-0000-0000-000000000007/sendAgain";
    house.post(path, json!({})).await.error(404);
}
