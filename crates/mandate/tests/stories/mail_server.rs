//! The end of it all: a mail server that asks for client certificates, and a phone that has only its profiles.

use mandate_model::{Member, Profile, State};
use mandate_simulator::certificates::{Certificate, Issuer};
use mandate_simulator::device::MailFailure;
use mandate_simulator::mail_server::{MailServer, MailServerPlan, server_identity};
use serde_json::{Value, json};

use crate::house::{House, mail_settings, places};

const ADA: &str = "ada@mail.contoso.com";

/// A mail server under an authority of its own, which lets in whom the house certified.
async fn mail_server(house: &House, authority: &Issuer) -> MailServer {
    let now = house.clock.unix_seconds();
    let validity = (now - 86_400, now + 700 * 86_400);
    let identity = server_identity(authority, house.key(35), "mail.contoso.com", validity).unwrap();
    let own = house.engine.authority();
    let certificate = |der: &[u8]| Certificate::from_der(der).unwrap();
    let mut plan = MailServerPlan::new("mail.contoso.com", identity, certificate(own.root().der()));
    plan.intermediates = vec![certificate(own.issuing().der())];
    plan.revocation_lists = vec![house.engine.revocation_list().await.unwrap()];
    MailServer::start(&house.http, plan).await.unwrap()
}

fn base64(bytes: &[u8]) -> String {
    base64::Engine::encode(&base64::engine::general_purpose::STANDARD, bytes)
}

async fn root(house: &House, name: &str, der: &[u8]) -> Profile {
    let body = json!({ "trustedRootCertificate": base64(der), "certFileName": "root.cer" });
    house
        .profile("iosTrustedRootCertificate", name, body, &[])
        .await
}

fn certificate_settings(kind: &str) -> Value {
    let mut settings = json!({
        "certificateStore": "user",
        "subjectNameFormat": "custom",
        "subjectNameFormatString": "CN={{UserName}}",
        "certificateValidityPeriodScale": "years",
        "certificateValidityPeriodValue": 1,
        "renewalThresholdPercentage": 20,
        "customSubjectAlternativeNames":
            [{ "sanType": "userPrincipalName", "name": "{{UserPrincipalName}}" }],
    });
    if kind == "iosPkcsCertificateProfile" {
        settings["certificateTemplateName"] = json!("clientAuthentication");
    } else {
        settings["keySize"] = json!("size2048");
        settings["keyUsage"] = json!("digitalSignature,keyEncipherment");
        settings["extendedKeyUsages"] =
            json!([{ "name": "Client", "objectIdentifier": "1.3.6.1.5.5.7.3.2" }]);
    }
    settings
}

#[tokio::test]
async fn a_delivered_identity_opens_the_mailbox_until_it_is_revoked() {
    for kind in ["iosScepCertificateProfile", "iosPkcsCertificateProfile"] {
        for place in places().await {
            let house = House::open(place).await;
            let authority = house.foreign_authority();
            let server = mail_server(&house, &authority).await;
            let ada = house.hire("ada").await;
            let staff = house.group("Staff", vec![Member::User(ada.id)]).await;
            let own = house.engine.authority().root().der().to_vec();
            let own = root(&house, "Own root", &own).await;
            let servers = authority.certificate.as_ref().unwrap().der();
            let servers = root(&house, "Mail server's root", servers).await;
            let reference: &[(&str, _)] = if kind == "iosScepCertificateProfile" {
                &[("rootCertificate", own.id)]
            } else {
                &[]
            };
            let identity = house
                .profile(kind, "Identity", certificate_settings(kind), reference)
                .await;
            let mut settings = mail_settings();
            settings["authenticationMethod"] = json!("certificate");
            let reference = [("identityCertificate", identity.id)];
            let mail = house
                .profile(
                    "iosEasEmailProfileConfiguration",
                    "Mail",
                    settings,
                    &reference,
                )
                .await;
            for profile in [&own, &servers, &identity, &mail] {
                house.assign(profile.id, &[staff.id]).await;
            }
            let mut phone = house.enrol(house.phone(17, 5), Some(ada.id)).await;
            assert_eq!(house.state(mail.id, &phone).await, Some(State::Succeeded));

            let answer = phone.connect_mail(&house.http, ADA).await.unwrap();
            assert_eq!(answer.status, 200);
            assert!(answer.protocol_versions().contains("16.1"), "{kind}");
            let sign_ins = server.sign_ins();
            assert_eq!(
                sign_ins[0].principal_name.as_deref(),
                Some("ada@contoso.com")
            );

            // Ada leaves. Her phone lies in a drawer and still has everything, and it is of no use.
            house
                .engine
                .update_user(&house.admin, ada.id, |user| user.account_enabled = false)
                .await
                .unwrap();
            let list = house.engine.revocation_list().await.unwrap();
            server.set_revocation_lists(vec![list]).unwrap();
            let refused = phone.connect_mail(&house.http, ADA).await.unwrap_err();
            assert_eq!(
                refused,
                MailFailure::Refused {
                    alert: "CertificateRevoked".to_owned()
                }
            );
            house.settle(&mut phone).await;
            assert!(!house.has(&phone, mail.id), "the account is taken away");

            // She comes back, and gets a certificate that was never revoked.
            house
                .engine
                .update_user(&house.admin, ada.id, |user| user.account_enabled = true)
                .await
                .unwrap();
            house.settle(&mut phone).await;
            assert_eq!(house.state(mail.id, &phone).await, Some(State::Succeeded));
            let list = house.engine.revocation_list().await.unwrap();
            server.set_revocation_lists(vec![list]).unwrap();
            let answer = phone.connect_mail(&house.http, ADA).await.unwrap();
            assert_eq!(answer.status, 200, "{kind}");
        }
    }
}
