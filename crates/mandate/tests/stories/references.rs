//! Profiles that others refer to.

use axum::http::Method;
use base64::Engine as _;
use serde_json::{Value, json};

use crate::house::{Program, mail_settings, places};

const PROFILES: &str = "/beta/deviceManagement/deviceConfigurations";

/// Root, certificate and mail that refer to one another.
async fn chain(program: &Program) -> [String; 3] {
    let answer = program
        .http
        .fetch(&format!("{}/pki/root.crt", program.url))
        .await
        .unwrap();
    let der = base64::engine::general_purpose::STANDARD.encode(&answer.body);
    let settings = json!({ "trustedRootCertificate": der, "certFileName": "root.cer" });
    let root = program
        .profile("iosTrustedRootCertificate", "Company root", settings)
        .await;
    let bind = |id: &str| json!(format!("{}{PROFILES}('{id}')", program.url));
    let settings = json!({
        "subjectNameFormat": "custom",
        "subjectNameFormatString": "CN={{UserName}},E={{EmailAddress}}",
        "keySize": "size2048",
        "keyUsage": "digitalSignature,keyEncipherment",
        "certificateValidityPeriodScale": "years",
        "certificateValidityPeriodValue": 1,
        "renewalThresholdPercentage": 20,
        "certificateStore": "user",
        "customSubjectAlternativeNames":
            [{ "sanType": "userPrincipalName", "name": "{{UserPrincipalName}}" }],
        "extendedKeyUsages": [{ "name": "Client", "objectIdentifier": "1.3.6.1.5.5.7.3.2" }],
        "rootCertificate@odata.bind": bind(&root),
    });
    let certificate = program
        .profile("iosScepCertificateProfile", "Sign-in certificate", settings)
        .await;
    let mut settings = mail_settings();
    settings["authenticationMethod"] = json!("certificate");
    settings["identityCertificate@odata.bind"] = bind(&certificate);
    let mail = program
        .profile("iosEasEmailProfileConfiguration", "Mail", settings)
        .await;
    [root, certificate, mail]
}

/// Everything that could have changed.
async fn everything(program: &Program, chain: &[String; 3]) -> Vec<Value> {
    let mut all = Vec::new();
    for id in chain {
        all.push(program.get(&format!("{PROFILES}/{id}")).await);
        all.push(program.get(&format!("{PROFILES}/{id}/assignments")).await);
        let states = program.states(id).await;
        assert_eq!(states[0]["state"], "succeeded", "{states:?}");
    }
    all
}

#[tokio::test]
async fn a_profile_that_others_refer_to_is_not_deleted_and_they_are_named() {
    for place in places().await {
        let program = Program::start(place).await;
        let ada = program.hire("ada").await;
        let mut phone = program.enrol(&ada).await;
        let chain = chain(&program).await;
        for id in &chain {
            program.assign_to_all(id).await;
        }
        program.settle(&mut phone).await;
        let before = everything(&program, &chain).await;
        let [root, certificate, mail] = &chain;
        for (id, message) in [
            (
                root,
                "profile `Company root` is used by profile `Sign-in certificate`",
            ),
            (
                certificate,
                "profile `Sign-in certificate` is used by profile `Mail`",
            ),
        ] {
            let path = format!("{PROFILES}/{id}");
            let (status, body) = program.call(Method::DELETE, &path, None).await;
            assert_eq!((status, &body["error"]["message"]), (409, &json!(message)));
            assert_eq!(body["error"]["code"], "Conflict");
        }
        assert_eq!(everything(&program, &chain).await, before);
        assert_eq!(program.settle(&mut phone).await, Vec::<String>::new());
        assert_eq!(phone.mail_accounts().len(), 1);

        // From the one that refers to the one referred to, they go.
        for id in [mail, certificate, root] {
            let (status, body) = program
                .call(Method::DELETE, &format!("{PROFILES}/{id}"), None)
                .await;
            assert_eq!(status, 200, "{body}");
        }
        program.settle(&mut phone).await;
        assert_eq!(phone.mail_accounts().len(), 0);
        let left: Vec<_> = phone
            .profiles()
            .iter()
            .filter(|profile| profile.identifier.contains(".profile."))
            .collect();
        assert!(left.is_empty(), "{left:?}");
    }
}

#[tokio::test]
async fn a_reference_that_is_cut_sets_the_profile_free() {
    for place in places().await {
        let program = Program::start(place).await;
        let [root, certificate, _] = chain(&program).await;
        let reference = format!("{PROFILES}/{certificate}/rootCertificate/$ref");
        let (status, body) = program.call(Method::DELETE, &reference, None).await;
        assert_eq!(status, 204, "{body}");
        let (status, body) = program
            .call(Method::DELETE, &format!("{PROFILES}/{root}"), None)
            .await;
        assert_eq!(status, 200, "{body}");
    }
}
