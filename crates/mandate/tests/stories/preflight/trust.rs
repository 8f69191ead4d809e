//! Whether devices will trust the server.

use mandate_engine::PreflightStep::{Connection, Encryption, Name, Trust};
use mandate_engine::PreflightVerdict::{Failed, Passed, Warned};
use mandate_model::{Member, Target};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::{HOST, codes, value, verdict};
use crate::house::{House, places};

#[tokio::test]
async fn a_root_of_ones_own_counts_only_where_it_goes_with_the_mail() {
    for place in places().await {
        let house = House::open(place).await;
        let authority = house.foreign_authority();
        let plan = house.mail_server(&authority, HOST, (-1, 700));
        let _server = house.start_mail_server(plan).await;
        let mail = house.mail_profile("Mail").await;
        let staff = house.group("Staff", vec![]).await;
        house.assign(mail.id, &[staff.id]).await;

        let report = house.look_for(mail.id).await;
        assert_eq!(codes(&report, Name), ["nameFound"]);
        assert_eq!(codes(&report, Connection), ["connected"]);
        assert_eq!(codes(&report, Encryption), ["encrypted"]);
        assert_eq!(value(&report, "encrypted", "version"), "TLS 1.3");
        assert_eq!(codes(&report, Trust), ["issuerUnknown"]);
        assert_eq!(value(&report, "issuerUnknown", "issuer"), "CN=Mail CA");
        assert_eq!(report.verdict, Failed);
        assert_eq!(report.certificates[0].names, [HOST]);
        assert_eq!(report.port, 443);

        // The root is there, but goes to nobody.
        let root = house.root_of("Mail root", &authority).await;
        let report = house.look_for(mail.id).await;
        assert_eq!(codes(&report, Trust), ["rootNotAssigned"]);
        assert_eq!(value(&report, "rootNotAssigned", "profiles"), "Mail root");

        // It goes to others.
        let others = house.group("Others", vec![]).await;
        house.assign(root.id, &[others.id]).await;
        let report = house.look_for(mail.id).await;
        assert_eq!(codes(&report, Trust), ["rootNotAssigned"]);

        // It goes to all that the mail goes to, and to more.
        house.assign(root.id, &[others.id, staff.id]).await;
        let report = house.look_for(mail.id).await;
        assert_eq!(codes(&report, Trust), ["trustedByAssignment"]);

        // Some of them are left out.
        let some = vec![Target::Group(staff.id), Target::Exclude(others.id)];
        house.target(root.id, some).await;
        let report = house.look_for(mail.id).await;
        assert_eq!(codes(&report, Trust), ["rootNotAssigned"]);

        // Whoever names it says that it will go along.
        let mut request = super::of(mail.id);
        request.roots = vec![root.id];
        let report = house.look(request).await;
        assert_eq!(codes(&report, Trust), ["trustedByProfile"]);
        assert!(report.verdict < Failed, "{:#?}", report.findings);
    }
}

#[tokio::test]
async fn the_roots_behind_references_count() {
    for place in places().await {
        let house = House::open(place).await;
        let authority = house.foreign_authority();
        let plan = house.mail_server(&authority, HOST, (-1, 700));
        let _server = house.start_mail_server(plan).await;
        let root = house.root_of("Mail root", &authority).await;
        let identity = house
            .profile(
                "iosScepCertificateProfile",
                "Identity",
                json!({
                    "certificateStore": "user",
                    "subjectNameFormat": "custom",
                    "subjectNameFormatString": "CN={{UserName}}",
                    "certificateValidityPeriodScale": "years",
                    "certificateValidityPeriodValue": 1,
                    "renewalThresholdPercentage": 20,
                    "keySize": "size2048",
                    "keyUsage": "digitalSignature",
                    "extendedKeyUsages":
                        [{ "name": "Client", "objectIdentifier": "1.3.6.1.5.5.7.3.2" }],
                }),
                &[("rootCertificate", root.id)],
            )
            .await;
        let mut settings = crate::house::mail_settings();
        settings["authenticationMethod"] = json!("certificate");
        let kind = "iosEasEmailProfileConfiguration";
        let reference = [("identityCertificate", identity.id)];
        let mail = house.profile(kind, "Mail", settings, &reference).await;
        let report = house.look_for(mail.id).await;
        assert_eq!(codes(&report, Trust), ["trustedByProfile"]);
        assert_eq!(value(&report, "trustedByProfile", "profiles"), "Mail root");
    }
}

#[tokio::test]
async fn what_devices_refuse_is_named_although_the_root_is_known() {
    for place in places().await {
        let house = House::open(place).await;
        let authority = house.foreign_authority();
        let mail = house.mail_profile("Mail").await;
        let ada = house.hire("ada").await;
        let staff = house.group("Staff", vec![Member::User(ada.id)]).await;
        let root = house.root_of("Mail root", &authority).await;
        house.assign(mail.id, &[staff.id]).await;
        house.assign(root.id, &[staff.id]).await;
        for (host, days, code, expected) in [
            (
                "other.contoso.com",
                (-1, 700),
                "certificateForOtherName",
                Failed,
            ),
            (HOST, (-700, -1), "certificateExpired", Failed),
            (HOST, (1, 700), "certificateNotYetValid", Failed),
            (HOST, (-1, 825), "validForTooLong", Failed),
            (HOST, (-100, 20), "certificateEndsSoon", Warned),
            (HOST, (-1, 824), "trustedByAssignment", Passed),
        ] {
            let plan = house.mail_server(&authority, host, days);
            let _server = house.start_mail_server(plan).await;
            let report = house.look_for(mail.id).await;
            assert_eq!(verdict(&report, code), expected, "{host} {days:?}");
            assert_eq!(report.verdict == Failed, expected == Failed, "{code}");
        }
        let plan = house.mail_server(&authority, "other.contoso.com", (-1, 700));
        let _server = house.start_mail_server(plan).await;
        let report = house.look_for(mail.id).await;
        let names = value(&report, "certificateForOtherName", "names");
        assert_eq!(names, "other.contoso.com");
    }
}

/// A server with a certificate of the house's own authority.
async fn own_server(house: &House) -> std::net::SocketAddr {
    let names = [HOST.to_owned()];
    let identity = house.engine.server_identity(&names).await.unwrap();
    let chain = identity.chain.iter();
    let chain = chain.map(|one| CertificateDer::from(one.der().to_vec()));
    let key = PrivatePkcs8KeyDer::from(identity.key.to_pkcs8().to_vec());
    let config = rustls::ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(chain.collect(), PrivateKeyDer::Pkcs8(key))
        .unwrap();
    let acceptor = tokio_rustls::TlsAcceptor::from(std::sync::Arc::new(config));
    super::listen(move |stream| {
        let acceptor = acceptor.clone();
        async move {
            let mut stream = acceptor.accept(stream).await.unwrap();
            let mut asked = [0; 4096];
            drop(stream.read(&mut asked).await);
            let answer = "HTTP/1.1 401 No\r\nWWW-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n";
            drop(stream.write_all(answer.as_bytes()).await);
        }
    })
    .await
}

#[tokio::test]
async fn the_root_of_enrolment_counts_for_everybody() {
    for place in places().await {
        let house = House::open(place).await;
        let mail = house.mail_profile("Mail").await;
        let address = own_server(&house).await;
        house.mail_servers.name(HOST, &[address]);
        let report = house.look_for(mail.id).await;
        assert_eq!(codes(&report, Trust), ["trustedByEnrolment"]);
        assert_eq!(report.authentication, ["basic"]);
    }
}
