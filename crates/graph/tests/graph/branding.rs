//! The branding, which Graph has twice: what one says, the other says.

use std::io::Cursor;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use image::{ImageFormat, Rgba, RgbaImage};
use mandate_engine::{Actor, Permission};
use serde_json::{Value, json};

use crate::house::House;

const ROOT: &str = "/v1.0/deviceManagement";
const PROFILES: &str = "/beta/deviceManagement/intuneBrandingProfiles";

async fn default_profile(house: &House) -> String {
    let found = house
        .get(&format!("{PROFILES}?$filter=isDefaultProfile%20eq%20true"))
        .await
        .expect(200);
    assert_eq!(found["value"].as_array().unwrap().len(), 1);
    format!("{PROFILES}/{}", found["value"][0]["id"].as_str().unwrap())
}

fn png(width: u32, height: u32) -> Vec<u8> {
    let dots = RgbaImage::from_pixel(width, height, Rgba([10, 200, 30, 128]));
    let mut content = Cursor::new(Vec::new());
    dots.write_to(&mut content, ImageFormat::Png).unwrap();
    content.into_inner()
}

fn mime(kind: &str, content: &[u8]) -> Value {
    json!({"type": kind, "value": STANDARD.encode(content)})
}

#[tokio::test]
async fn both_ways_to_the_branding_lead_to_the_same() {
    let house = House::open().await;
    let profile = default_profile(&house).await;
    let said = json!({
        "displayName": "Ünï Works 2", "contactITName": "Help desk", "contactITPhoneNumber": "+46 8 123 456",
        "contactITEmailAddress": "it@example.com", "contactITNotes": "Mon to Fri\r\n8 to 17",
        "privacyUrl": "https://example.com/privacy", "onlineSupportSiteUrl": "https://help.example.com",
        "onlineSupportSiteName": "Help", "themeColor": {"r": 0, "g": 114, "b": 198},
        "showLogo": true, "showDisplayNameNextToLogo": false,
    });
    house.patch(&profile, said.clone()).await.expect(204);
    let brand = house.get(&format!("{ROOT}/intuneBrand")).await.expect(200);
    let shown = house.get(&profile).await.expect(200);
    for (name, value) in said.as_object().unwrap() {
        let value = match name.as_str() {
            "contactITNotes" => &json!("Mon to Fri\n8 to 17"),
            _ => value,
        };
        assert_eq!(&shown[name], value, "{name}");
        assert_eq!(&brand[name], value, "{name}");
    }
    assert_eq!(brand["showNameNextToLogo"], false);
    assert_eq!(shown["isDefaultProfile"], true);

    let other = json!({"intuneBrand": {"contactITName": null, "themeColor": null, "showNameNextToLogo": true}});
    house.patch(ROOT, other).await.expect(204);
    let shown = house.get(&profile).await.expect(200);
    assert_eq!(shown["contactITName"], Value::Null);
    assert_eq!(shown["themeColor"], Value::Null);
    assert_eq!(shown["showDisplayNameNextToLogo"], true);
    assert_eq!(shown["onlineSupportSiteName"], "Help");
}

#[tokio::test]
async fn an_error_names_the_field_and_nothing_is_taken() {
    let house = House::open().await;
    let profile = default_profile(&house).await;
    for (name, value) in [
        ("displayName", "A & B".to_owned()),
        ("displayName", "x".repeat(41)),
        ("contactITName", "x".repeat(41)),
        ("contactITPhoneNumber", "1".repeat(21)),
        ("contactITEmailAddress", "nobody".to_owned()),
        ("contactITNotes", "x".repeat(121)),
        ("privacyUrl", "http://example.com".to_owned()),
        (
            "privacyUrl",
            format!("https://example.com/{}", "x".repeat(60)),
        ),
        ("onlineSupportSiteUrl", "javascript:alert(1)".to_owned()),
        ("onlineSupportSiteName", "x".repeat(41)),
    ] {
        let body = json!({name: value, "showLogo": true});
        let error = house.patch(&profile, body.clone()).await.error(400);
        assert_eq!(error["target"], name, "{error}");
        let body = json!({"settings": {"secureByDefault": true}, "intuneBrand": body});
        let error = house.patch(ROOT, body).await.error(400);
        let target = format!("intuneBrand/{name}");
        assert_eq!(error["target"], target, "{error}");
        let message = error["message"].as_str().unwrap();
        assert!(message.contains(&format!("`{target}`")), "{message}");
    }
    let whole = house.get(ROOT).await.expect(200);
    assert_eq!(whole["intuneBrand"]["showLogo"], false);
    assert_eq!(whole["settings"]["secureByDefault"], false);
    // Every field that is wrong is named.
    let body = json!({"displayName": "&", "contactITPhoneNumber": "1".repeat(21)});
    let error = house.patch(&profile, body).await.error(400);
    let targets: Vec<&str> = error["details"]
        .as_array()
        .unwrap()
        .iter()
        .map(|detail| detail["target"].as_str().unwrap())
        .collect();
    assert_eq!(targets, ["displayName", "contactITPhoneNumber"]);
}

#[tokio::test]
async fn logos_are_given_and_taken() {
    let house = House::open().await;
    let profile = default_profile(&house).await;
    let body = json!({
        "lightBackgroundLogo": mime("image/png", &png(400, 100)),
        "themeColorLogo": mime("image/png", &png(20, 10)),
        "landingPageCustomizedImage": mime("image/png", &png(600, 300)),
    });
    house.patch(&profile, body).await.expect(204);
    let light = house
        .get(&format!("{profile}/lightBackgroundLogo"))
        .await
        .expect(200);
    assert_eq!(light["type"], "image/png");
    let content = STANDARD.decode(light["value"].as_str().unwrap()).unwrap();
    let dots = image::load_from_memory_with_format(&content, ImageFormat::Png).unwrap();
    assert_eq!((dots.width(), dots.height()), (400, 100));
    let background = house
        .get(&format!("{profile}/landingPageCustomizedImage"))
        .await
        .expect(200);
    assert_eq!(background["type"], "image/jpeg");

    // A list is short unless somebody asks.
    let list = house.get(PROFILES).await.expect(200);
    assert_eq!(list["value"][0].get("lightBackgroundLogo"), None);
    let asked = format!("{PROFILES}?$select=themeColorLogo");
    let list = house.get(&asked).await.expect(200);
    let theme = list["value"][0]["themeColorLogo"].clone();
    assert_eq!(theme["type"], "image/png");

    let brand = house.get(&format!("{ROOT}/intuneBrand")).await.expect(200);
    assert_eq!(brand["darkBackgroundLogo"], theme);
    assert_eq!(brand["lightBackgroundLogo"]["value"], light["value"]);

    // As a backup tool sends it back: nothing is encoded anew, and nothing is different.
    let before = house.get(&profile).await.expect(200);
    let back =
        json!({"landingPageCustomizedImage": {"type": "image/jpeg", "value": background["value"]}});
    house.patch(&profile, back).await.expect(204);
    house
        .patch(ROOT, json!({"intuneBrand": brand.clone()}))
        .await
        .expect(204);
    let after = house.get(&profile).await.expect(200);
    assert_eq!(
        after["lastModifiedDateTime"],
        before["lastModifiedDateTime"]
    );
    let same = house
        .get(&format!("{profile}/landingPageCustomizedImage"))
        .await
        .expect(200);
    assert_eq!(same["value"], background["value"]);

    let body = json!({"intuneBrand": {"darkBackgroundLogo": null}});
    house.patch(ROOT, body).await.expect(204);
    let gone = house.get(&format!("{profile}/themeColorLogo")).await;
    assert_eq!(gone.status.as_u16(), 204);
}

#[tokio::test]
async fn a_file_that_is_no_such_picture_is_refused_by_name() {
    let house = House::open().await;
    let profile = default_profile(&house).await;
    let large = vec![b'x'; 751_000];
    let polyglot = [png(4, 4), b"<script>alert(1)</script>".to_vec()].concat();
    for (picture, rule) in [
        (mime("image/png", &png(401, 100)), "400 × 100"),
        (mime("image/png", &png(400, 101)), "400 × 100"),
        (mime("image/png", &large), "750 kB"),
        (
            mime("image/gif", b"GIF89a\x01\0\x01\0\0\0\0;"),
            "PNG or JPEG",
        ),
        (mime("image/jpeg", &png(4, 4)), "image/png"),
        (mime("image/png", &polyglot), "nothing else"),
    ] {
        let body = json!({"themeColorLogo": picture.clone(), "showLogo": true});
        let error = house.patch(&profile, body).await.error(400);
        assert_eq!(error["target"], "themeColorLogo");
        assert!(error["message"].as_str().unwrap().contains(rule), "{error}");
        let body = json!({"intuneBrand": {"darkBackgroundLogo": picture}});
        let error = house.patch(ROOT, body).await.error(400);
        assert_eq!(error["target"], "intuneBrand/darkBackgroundLogo");
    }
    let shown = house.get(&profile).await.expect(200);
    assert_eq!(shown["showLogo"], false);
}

#[tokio::test]
async fn what_mandate_has_not_is_refused_and_the_default_stays() {
    let house = House::open().await;
    let profile = default_profile(&house).await;
    for body in [
        json!({"isRemoveDeviceDisabled": true}),
        json!({"showOfficeWebApps": true}),
        json!({"roleScopeTagIds": ["1"]}),
        json!({"companyPortalBlockedActions": [{"platform": "iOS", "ownerType": "personal", "action": "remove"}]}),
    ] {
        let name = body.as_object().unwrap().keys().next().unwrap().clone();
        assert_eq!(
            house.patch(&profile, body).await.error(400)["target"],
            json!(name)
        );
    }
    // As a client sends back what it read.
    let whole = house.get(&profile).await.expect(200);
    house.patch(&profile, whole.clone()).await.expect(204);
    assert_eq!(house.get(&profile).await.expect(200), whole);

    house
        .post(PROFILES, json!({"profileName": "Sales"}))
        .await
        .error(501);
    house.delete(&profile).await.error(400);
    let assign = format!("{profile}/assign");
    let target = json!({"@odata.type": "#microsoft.graph.allLicensedUsersAssignmentTarget"});
    let body = json!({"assignments": [{"target": target}]});
    assert_eq!(
        house.post(&assign, body).await.error(400)["target"],
        "assignments"
    );
    house
        .post(&assign, json!({"assignments": []}))
        .await
        .expect(204);
    let none = house.get(&format!("{profile}/assignments")).await;
    assert_eq!(none.expect(200)["value"], json!([]));
    let other = format!("{PROFILES}/00000000-0000-0000-0000-000000000001");
    house.get(&other).await.error(404);
    house.patch(&other, json!({})).await.error(404);
}

#[tokio::test]
async fn a_company_whose_name_has_other_characters_can_send_it_back() {
    let house = House::open().await;
    let profile = default_profile(&house).await;
    let company = house.engine.tenant().company.clone();
    let own = json!({"displayName": "Other"});
    house.patch(&profile, own).await.expect(204);
    let back = json!({"displayName": company});
    house.patch(&profile, back).await.expect(204);
    assert_eq!(
        house.engine.branding().await.unwrap().details.display_name,
        None
    );
}

#[tokio::test]
async fn a_change_is_in_the_audit_and_a_repetition_is_not() {
    let house = House::open().await;
    let profile = default_profile(&house).await;
    let body = json!({
        "contactITName": "Help desk",
        "lightBackgroundLogo": mime("image/png", &png(8, 8)),
    });
    for _ in 0..2 {
        house.patch(&profile, body.clone()).await.expect(204);
    }
    let events = house
        .engine
        .audit_events_after(&Actor::system(), 0, 1000)
        .await
        .unwrap();
    let ours: Vec<_> = events
        .iter()
        .filter(|event| event.resource.kind == "intuneBrand")
        .collect();
    assert_eq!(ours.len(), 1, "{ours:#?}");
    let text = format!("{:?}", ours[0].changes);
    assert!(text.contains("Help desk") && text.contains("lightBackgroundLogo"));
    assert!(text.len() < 1000, "pictures are noted by their hash alone");
}

#[tokio::test]
async fn whoever_may_only_look_changes_nothing() {
    let house = House::open().await;
    let profile = default_profile(&house).await;
    let app = house.app(vec![Permission::ServiceConfigRead]).await;
    let token = format!("Bearer {}", house.sign_in(&app).await);
    let headers = [("authorization", token.as_str())];
    let body = Some(json!({"displayName": "Mine"}));
    let answer = house
        .call(axum::http::Method::PATCH, &profile, &headers, body)
        .await;
    assert_eq!(answer.status.as_u16(), 403);
    assert_eq!(
        house.get_with(&profile, &headers).await.expect(200)["displayName"],
        "Example"
    );
}
