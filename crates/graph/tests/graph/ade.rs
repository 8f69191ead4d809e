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

#[tokio::test]
async fn serial_numbers_are_imported_one_by_one_and_taken_off_the_list_again() {
    let house = House::open().await;
    let token = token(&house).await;
    let path = format!("{TOKENS}/{token}");
    let body = json!({"@odata.type": IOS, "displayName": "iPhones", "supervisedModeEnabled": true});
    let profiles = format!("{path}/enrollmentProfiles");
    let profile = id(&house.post(&profiles, body).await.expect(201));
    let devices = format!("{path}/importedAppleDeviceIdentities");
    let import = format!("{devices}/importAppleDeviceIdentityList");
    for wrong in [
        json!({}),
        json!({"importedAppleDeviceIdentities": []}),
        json!({"importedAppleDeviceIdentities": ["C1"]}),
        json!({"importedAppleDeviceIdentities": [{"serialNumber": "C1", "platform": "windows"}]}),
        json!({"importedAppleDeviceIdentities": [{"serialNumber": "C1", "requestedEnrollmentProfileId": "moon"}]}),
        json!({"importedAppleDeviceIdentities": [], "overwriteImportedDeviceIdentities": "yes"}),
    ] {
        house.post(&import, wrong).await.error(400);
    }
    let said = json!({"importedAppleDeviceIdentities": [
        {"serialNumber": "c02xy1", "requestedEnrollmentProfileId": profile, "description": "Till 7"},
        {"serialNumber": "C02XY2", "platform": "macOS"},
        {"serialNumber": "C02XY3"},
        {"serialNumber": "C02/XY"},
        {"serialNumber": "C02XY4", "platform": "macOS", "requestedEnrollmentProfileId": profile},
    ]});
    let shown = house.post(&import, said.clone()).await.expect(200);
    let status: Vec<&Value> = shown["value"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["status"])
        .collect();
    assert_eq!(status, [true, true, false, false, false], "{shown}");
    let first = &shown["value"][0];
    assert_eq!(first["serialNumber"], "C02XY1");
    assert_eq!(first["discoverySource"], "adminImport");
    assert_eq!(first["isSupervised"], true);
    assert_eq!(first["requestedEnrollmentProfileId"], json!(profile));
    assert!(
        shown["value"][2]["@mandate.status"]["message"]
            .as_str()
            .unwrap()
            .contains("platform"),
        "{shown}"
    );
    // What Apple does not say is not counted as synchronised.
    assert_eq!(house.get(&path).await.expect(200)["syncedDeviceCount"], 0);
    // What is there stays, unless it is to be overwritten.
    let again = json!({"importedAppleDeviceIdentities": [{"serialNumber": "C02XY1", "description": "Till 8"}]});
    let shown = house.post(&import, again.clone()).await.expect(200);
    assert_eq!(shown["value"][0]["status"], false);
    assert_eq!(shown["value"][0]["description"], "Till 7");
    let mut over = again;
    over["overwriteImportedDeviceIdentities"] = json!(true);
    let shown = house.post(&import, over).await.expect(200);
    assert_eq!(shown["value"][0]["status"], true);
    assert_eq!(shown["value"][0]["description"], "Till 8");

    let list = house.get(&devices).await.expect(200);
    assert_eq!(all(&list, "serialNumber"), ["C02XY1", "C02XY2"]);
    let one = format!("{devices}/{token}_C02XY1");
    assert_eq!(house.delete(&one).await.status, 204);
    house.get(&one).await.error(404);
    house.delete(&one).await.error(404);
}

#[tokio::test]
async fn devices_are_released_only_with_a_token_that_apple_takes() {
    let house = House::open().await;
    let token = token(&house).await;
    let path = format!("{TOKENS}/{token}");
    let release = format!("{path}/releaseAppleDevices");
    let said = json!({"deviceSerialNumbers": ["C1"]});
    // There is no token yet.
    house.post(&release, said.clone()).await.error(400);
    let made = house
        .post(&format!("{path}/generateEncryptionPublicKey"), json!({}))
        .await
        .expect(200);
    let good = json!({"depToken": file(&made["value"], "2099-01-01T00:00:00Z")});
    let upload = format!("{path}/uploadDepToken");
    assert_eq!(house.post(&upload, good).await.status, 204);
    for wrong in [
        said,
        json!({}),
        json!({"deviceSerialNumbers": []}),
        json!({"deviceSerialNumbers": "C1"}),
        json!({"deviceSerialNumbers": ["C1"], "depToken": "another"}),
        json!({"deviceSerialNumbers": vec!["C1"; 1_001]}),
    ] {
        house.post(&release, wrong).await.error(400);
    }
    // What was imported here is nothing that Apple could be told of.
    let import = format!("{path}/importedAppleDeviceIdentities/importAppleDeviceIdentityList");
    let body =
        json!({"importedAppleDeviceIdentities": [{"serialNumber": "C1", "platform": "ios"}]});
    house.post(&import, body).await.expect(200);
    house
        .post(
            &release,
            json!({"deviceSerialNumbers": ["C1"], "depToken": token}),
        )
        .await
        .error(400);
}
