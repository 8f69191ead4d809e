//! The push certificate over Graph: it stays while devices depend on it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mandate_model::Timestamp;
use mandate_pki::authority::{CertificateRequest, SerialNumber};
use mandate_pki::csr::CertificateSigningRequest;
use mandate_pki::keys::{KeyKind, PrivateKey};
use mandate_pki::name::DistinguishedName;
use serde_json::{Value, json};

use crate::house::House;

const PATH: &str = "/v1.0/deviceManagement/applePushNotificationCertificate";
const TOPIC: &str = "com.apple.mgmt.External.0a0b0c0d-0000-4000-8000-000000000001";

/// What Apple would make of the request of a house: PEM.
async fn certificate(house: &House, topic: &str) -> String {
    let path = format!("{PATH}/downloadApplePushNotificationCertificateSigningRequest()");
    let request = house.get(&path).await.expect(200);
    let request = STANDARD.decode(request["value"].as_str().unwrap()).unwrap();
    let request = CertificateSigningRequest::from_der(&request).unwrap();
    let subject = DistinguishedName::parse(&format!("CN=Push,UID={topic}")).unwrap();
    let key = request.public_key_info().to_vec();
    let mut certificate = CertificateRequest::new(key, subject, SerialNumber::from_random([7; 16]));
    let now = house.engine.now();
    certificate.not_before = now.plus(-Timestamp::HOUR).unix_seconds();
    certificate.not_after = now.plus(365 * Timestamp::DAY).unix_seconds();
    let apple = PrivateKey::generate(KeyKind::P256).unwrap();
    certificate.self_sign(&apple).unwrap().to_pem()
}

#[tokio::test]
async fn the_push_certificate_is_removed_only_when_no_device_needs_it() {
    let house = House::open().await;
    house.delete(PATH).await.error(404);
    let long = json!({"certificate": certificate(&house, TOPIC).await, "appleIdentifier": "x".repeat(257)});
    house.patch(PATH, long).await.error(400);
    let body = json!({"certificate": certificate(&house, TOPIC).await, "appleIdentifier": "it@contoso.com"});
    let stored = house.patch(PATH, body).await.expect(200);
    assert_eq!(stored["topicIdentifier"], TOPIC);
    house.phone("one", None).await;
    let refused = house.delete(PATH).await.error(409);
    let message = refused["message"].as_str().unwrap_or_default();
    assert!(
        message.contains(TOPIC) && message.contains("one managed device"),
        "{refused}"
    );
    assert_eq!(house.get(PATH).await.expect(200)["topicIdentifier"], TOPIC);

    let stray = certificate(&house, &TOPIC.replace("0a0b", "ffff")).await;
    let refused = house.patch(PATH, json!({"certificate": stray})).await;
    let refused: Value = refused.error(400);
    assert!(refused.to_string().contains("topic"), "{refused}");
}
