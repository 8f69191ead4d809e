//! Automated enrolment over Graph: tokens, profiles and devices, as clients of Intune use them.

use mandate_pki::certificate::Certificate;
use mandate_pki::cms::{self, ContentCipher};
use serde_json::{Value, json};

use crate::house::{House, all, id};

const TOKENS: &str = "/beta/deviceManagement/depOnboardingSettings";
const IOS: &str = "#microsoft.graph.depIOSEnrollmentProfile";

async fn token(house: &House) -> String {
    let body = json!({"tokenName": "Business Manager", "appleIdentifier": "it@contoso.com"});
    id(&house.post(TOKENS, body).await.expect(201))
}

/// A token as Apple would make it for a certificate.
fn file(certificate: &Value, until: &str) -> String {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    let certificate = Certificate::from_pem(certificate.as_str().unwrap()).unwrap();
    let said = json!({"consumer_key": "CK", "consumer_secret": "CS", "access_token": "AT", "access_secret": "AS",
        "access_token_expiry": until});
    let inner = format!("-----BEGIN MESSAGE-----\n{said}\n-----END MESSAGE-----\n");
    let envelope =
        cms::encrypt(&[certificate], inner.as_bytes(), ContentCipher::Aes256Cbc).unwrap();
    format!(
        "Content-Type: application/pkcs7-mime\r\nContent-Transfer-Encoding: base64\r\n\r\n{}\r\n",
        STANDARD.encode(envelope)
    )
}

#[tokio::test]
async fn a_token_is_made_and_uploaded_in_intunes_steps() {
    let house = House::open().await;
    let id = token(&house).await;
    let path = format!("{TOKENS}/{id}");
    let shown = house.get(&path).await.expect(200);
    assert_eq!(shown["tokenType"], "none");
    assert_eq!(shown["tokenExpirationDateTime"], "0001-01-01T00:00:00Z");
    assert_eq!(shown["syncedDeviceCount"], 0);
    house
        .post(
            &format!("{path}/syncWithAppleDeviceEnrollmentProgram"),
            json!({}),
        )
        .await
        .error(400);
    assert_eq!(
        house
            .get(&format!("{path}/getEncryptionPublicKey()"))
            .await
            .status,
        400
    );
    let made = house
        .post(&format!("{path}/generateEncryptionPublicKey"), json!({}))
        .await
        .expect(200);
    let again = house
        .get(&format!("{path}/getEncryptionPublicKey()"))
        .await
        .expect(200);
    assert_eq!(made["value"], again["value"]);

    let upload = format!("{path}/uploadDepToken");
    house
        .post(&upload, json!({"depToken": "moon"}))
        .await
        .error(400);
    house.post(&upload, json!({})).await.error(400);
    let late = json!({"depToken": file(&made["value"], "2020-01-01T00:00:00Z")});
    house.post(&upload, late).await.error(400);
    let good = json!({"appleId": "boss@contoso.com", "depToken": file(&made["value"], "2099-01-01T00:00:00Z")});
    assert_eq!(house.post(&upload, good).await.status, 204);
    let shown = house.get(&path).await.expect(200);
    assert_eq!(shown["tokenType"], "dep");
    assert_eq!(shown["appleIdentifier"], "boss@contoso.com");
    assert_eq!(shown["tokenExpirationDateTime"], "2099-01-01T00:00:00Z");
    assert!(!shown.to_string().contains("CS"), "{shown}");
    let sync = format!("{path}/syncWithAppleDeviceEnrollmentProgram");
    assert_eq!(house.post(&sync, json!({})).await.status, 204);

    let changed = house
        .patch(&path, json!({"tokenName": "Ours"}))
        .await
        .expect(200);
    assert_eq!(changed["tokenName"], "Ours");
    house.patch(&path, json!({"moon": 1})).await.error(400);
    assert_eq!(
        all(&house.get(TOKENS).await.expect(200), "tokenName"),
        ["Ours"]
    );
    house
        .get("/v1.0/deviceManagement/depOnboardingSettings")
        .await
        .error(404);
    assert_eq!(house.delete(&path).await.status, 204);
    house.get(&path).await.error(404);
}

#[tokio::test]
async fn profiles_keep_what_is_said_and_refuse_what_nothing_is_done_about() {
    let house = House::open().await;
    let token = token(&house).await;
    let profiles = format!("{TOKENS}/{token}/enrollmentProfiles");
    let body = json!({"@odata.type": IOS, "displayName": "iPhones", "supervisedModeEnabled": true,
        "profileRemovalDisabled": true, "siriDisabled": true, "enabledSkipKeys": ["Intelligence"]});
    let made = house.post(&profiles, body).await.expect(201);
    let key = id(&made);
    assert!(key.starts_with(&format!("{token}_")), "{key}");
    assert_eq!(made["@odata.type"], IOS);
    assert_eq!(made["iTunesPairingMode"], "allow");
    let url = made["configurationEndpointUrl"].as_str().unwrap();
    assert!(url.contains("/apple/ade/"), "{url}");
    for wrong in [
        json!({"displayName": "No type"}),
        json!({"@odata.type": "#microsoft.graph.depTvOSEnrollmentProfile", "displayName": "TV"}),
        json!({"@odata.type": IOS}),
        json!({"@odata.type": IOS, "displayName": "X", "enableSharedIPad": true}),
        json!({"@odata.type": IOS, "displayName": "X", "profileRemovalDisabled": true}),
        json!({"@odata.type": IOS, "displayName": "X", "siriDisabled": "yes"}),
        json!({"@odata.type": IOS, "displayName": "X", "moon": 1}),
    ] {
        house.post(&profiles, wrong).await.error(400);
    }
    // What was read is sent back as it was, with one thing different.
    let path = format!("{profiles}/{key}");
    let mut body = house.get(&path).await.expect(200);
    body["siriDisabled"] = json!(false);
    assert_eq!(house.patch(&path, body).await.status, 204);
    let shown = house.get(&path).await.expect(200);
    assert_eq!(shown["siriDisabled"], false);
    assert_eq!(shown["supervisedModeEnabled"], true);
    let assign = format!("{path}/updateDeviceProfileAssignment");
    house
        .post(&assign, json!({"deviceIds": ["UNKNOWN"]}))
        .await
        .error(400);
    house
        .post(&assign, json!({"deviceIds": []}))
        .await
        .error(400);
    assert_eq!(
        house
            .post(&format!("{path}/setDefaultProfile"), json!({}))
            .await
            .status,
        204
    );
    assert_eq!(house.get(&path).await.expect(200)["isDefault"], true);
    // The default one is not deleted.
    assert!(house.delete(&path).await.status.is_client_error());
    let devices = format!("{TOKENS}/{token}/importedAppleDeviceIdentities");
    let filter =
        "?$filter=discoverySource eq 'deviceEnrollmentProgram' and contains(serialNumber,'C0')";
    let filter = filter.replace(' ', "%20");
    assert_eq!(
        house.get(&format!("{devices}{filter}")).await.expect(200)["value"],
        json!([])
    );
    house
        .get(&format!("{devices}/{token}_C02"))
        .await
        .error(404);
}
