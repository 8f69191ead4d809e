//! Many devices, the push stand-in, and a fleet saved and resumed.

use crate::mini::Mini;
use crate::payloads::{eas_payload, profile};
use mandate_simulator::apns::{ApnsStandIn, PushAnswer};
use mandate_simulator::certificates::{Name, SigningRequest, hex};
use mandate_simulator::fleet::{Fleet, FleetPlan, Listening, Settle};
use mandate_simulator::http::Http;
use mandate_simulator::keys::{Digest, KeyPool};
use std::sync::Arc;
use std::time::Duration;

fn no_progress() -> mandate_simulator::fleet::Progress {
    Arc::new(|_, _| {})
}

async fn a_fleet(mini: &Mini, http: &Http, count: usize) -> Fleet {
    let mut fleet = Fleet::new(&FleetPlan::new(count, &KeyPool::shared()));
    let tally = fleet.enrol(http, &[mini.link()], no_progress()).await;
    assert_eq!(
        (tally.enrolled, tally.error_count()),
        (count as u64, 0),
        "{tally:?}"
    );
    fleet
}

fn quickly() -> Settle {
    Settle {
        max_rounds: 20,
        quiet_rounds: 1,
        pause: Duration::ZERO,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fleet_enrols_settles_and_resumes_from_its_file() {
    let (mini, http) = (Mini::start().await, Http::new());
    let mut fleet = a_fleet(&mini, &http, 12).await;
    let ids: std::collections::HashSet<_> = fleet
        .devices()
        .iter()
        .map(|device| device.udid().to_owned())
        .collect();
    assert_eq!(ids.len(), 12);
    mini.queue_profile(&profile(
        "com.example.mail",
        "MAIL-1",
        vec![eas_payload("A", &[])],
    ));
    let tally = fleet.settle(&http, &quickly(), no_progress()).await;
    assert!(tally.quiet, "{tally:?}");
    // The small server has one queue for all and offers a command until it is done.
    assert!(tally.commands["InstallProfile Acknowledged"] >= 1);

    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("fleet.json");
    fleet.save(&file).unwrap();
    let mut again = Fleet::load(&file).unwrap();
    assert_eq!(again.enrolled(), 12);
    assert!(again.round(&http, no_progress()).await.is_quiet());
    std::fs::write(&file, "{}").unwrap();
    assert!(
        Fleet::load(&file)
            .unwrap_err()
            .to_string()
            .contains("delete it to start afresh")
    );
}

/// Pushes as the server would, through the plain door.
async fn push(stand_in: &ApnsStandIn, token: &[u8], body: String, headers: &[(&str, &str)]) -> u16 {
    use http_body_util::Full;
    use hyper_util::rt::{TokioExecutor, TokioIo};
    let address = stand_in.plain_url().replace("http://", "");
    let tcp = tokio::net::TcpStream::connect(address).await.unwrap();
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(tcp))
            .await
            .unwrap();
    tokio::spawn(connection);
    let url = format!("{}/3/device/{}", stand_in.plain_url(), hex(token));
    let mut request = hyper::Request::post(url);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Full::new(bytes::Bytes::from(body))).unwrap();
    sender
        .send_request(request)
        .await
        .unwrap()
        .status()
        .as_u16()
}

const HEADERS: [(&str, &str); 4] = [
    ("apns-topic", "com.apple.mgmt.External.test"),
    ("apns-push-type", "mdm"),
    ("apns-priority", "10"),
    ("apns-expiration", "1800000000"),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_push_wakes_the_right_device() {
    let (mini, http) = (Mini::start().await, Http::new());
    let mut fleet = a_fleet(&mini, &http, 3).await;
    let stand_in = ApnsStandIn::start(&KeyPool::shared(), http.now())
        .await
        .unwrap();
    let mut pushes = stand_in.subscribe();
    let (token, magic) = fleet.devices()[1]
        .push()
        .map(|(token, magic)| (token.to_vec(), magic.to_owned()))
        .unwrap();
    mini.queue("DeviceLock", &[]);
    let wrong = push(
        &stand_in,
        &token,
        r#"{"mdm":"another magic"}"#.to_owned(),
        &HEADERS,
    )
    .await;
    let right = push(
        &stand_in,
        &token,
        format!(r#"{{"mdm":"{magic}"}}"#),
        &HEADERS,
    )
    .await;
    assert_eq!((wrong, right), (200, 200));
    let how = Listening {
        quiet: Duration::from_millis(200),
        ..Listening::default()
    };
    let tally = fleet.listen(&http, &mut pushes, how).await;
    assert_eq!(tally.sessions, 1);
    assert!(fleet.devices()[1].state().locked);
    assert!(!fleet.devices()[0].state().locked);
}

#[tokio::test]
async fn the_stand_in_checks_as_apple_does_and_answers_as_told() {
    let stand_in = ApnsStandIn::start(&KeyPool::shared(), 1_750_000_000)
        .await
        .unwrap();
    let good = r#"{"mdm":"magic"}"#.to_owned();
    assert_eq!(push(&stand_in, &[1, 2], good.clone(), &HEADERS).await, 200);
    assert_eq!(
        push(&stand_in, &[1, 2], good.clone(), &HEADERS[1..]).await,
        400
    );
    assert_eq!(
        push(&stand_in, &[1, 2], good.clone(), &HEADERS[..1]).await,
        400
    );
    assert_eq!(
        push(
            &stand_in,
            &[1, 2],
            r#"{"aps":{},"mdm":"magic"}"#.to_owned(),
            &HEADERS
        )
        .await,
        400
    );
    stand_in.answer(&[1, 2], PushAnswer::Unregistered(1_750_000_000_000));
    assert_eq!(push(&stand_in, &[1, 2], good.clone(), &HEADERS).await, 410);
    assert_eq!(push(&stand_in, &[3], good.clone(), &HEADERS).await, 200);
    stand_in.answer_all(PushAnswer::TooManyRequests);
    assert_eq!(push(&stand_in, &[3], good, &HEADERS).await, 429);
    let reasons: Vec<String> = stand_in
        .pushes()
        .into_iter()
        .map(|push| push.reason)
        .collect();
    let expected = [
        "",
        "MissingTopic",
        "InvalidPushType",
        "PayloadEmpty",
        "Unregistered",
        "",
        "TooManyRequests",
    ];
    assert_eq!(reasons, expected);
}

#[tokio::test]
async fn the_stand_in_issues_push_certificates_with_a_topic() {
    use mandate_simulator::asn1::oid;
    use mandate_simulator::certificates::Certificate;
    let keys = KeyPool::shared();
    let stand_in = ApnsStandIn::start(&keys, 1_750_000_000).await.unwrap();
    let request = SigningRequest::create(
        &keys.key(4),
        Digest::Sha256,
        &Name::common("MDM").der(),
        None,
        &[],
    )
    .unwrap();
    let validity = (1_750_000_000, 1_780_000_000);
    let pem = stand_in
        .authority()
        .push_certificate(&request, "abc", validity)
        .unwrap();
    let certificate = Certificate::from_der_or_pem(pem.as_bytes()).unwrap();
    assert_eq!(
        certificate.subject_attribute(oid::USER_ID).unwrap(),
        "com.apple.mgmt.External.abc"
    );
    assert_eq!(certificate.validity(), Some(validity));
    assert_eq!(certificate.public(), keys.key(4).public());
    let root = Certificate::from_der_or_pem(stand_in.root_pem().as_bytes()).unwrap();
    assert!(certificate.is_signed_by(&root.public()));
    assert!(
        stand_in
            .authority()
            .push_certificate(b"no request", "abc", validity)
            .is_err()
    );
}

/// Pushes over TLS, as the server does in production; `None` when the handshake fails.
async fn push_over_tls(
    stand_in: &ApnsStandIn,
    identity: Option<(&str, &[u8])>,
    topic: &str,
) -> Option<u16> {
    use http_body_util::Full;
    use hyper_util::rt::{TokioExecutor, TokioIo};
    use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName};
    let der = |pem: &str| {
        CertificateDer::from(mandate_simulator::certificates::from_pem(pem.as_bytes()).unwrap())
    };
    let mut roots = rustls::RootCertStore::empty();
    roots.add(der(&stand_in.root_pem())).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap();
    let builder = builder.with_root_certificates(roots);
    let mut config = match identity {
        None => builder.with_no_client_auth(),
        Some((pem, pkcs8)) => {
            let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(pkcs8.to_vec()));
            builder.with_client_auth_cert(vec![der(pem)], key).unwrap()
        }
    };
    config.alpn_protocols = vec![b"h2".to_vec()];
    let address = stand_in.url().replace("https://localhost", "127.0.0.1");
    let tcp = tokio::net::TcpStream::connect(address).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    let tls = tokio_rustls::TlsConnector::from(Arc::new(config))
        .connect(name, tcp)
        .await
        .ok()?;
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(tls))
            .await
            .ok()?;
    tokio::spawn(connection);
    let request = hyper::Request::post(format!("{}/3/device/0102", stand_in.url()))
        .header("apns-topic", topic)
        .header("apns-push-type", "mdm")
        .body(Full::new(bytes::Bytes::from(r#"{"mdm":"magic"}"#)))
        .unwrap();
    Some(sender.send_request(request).await.ok()?.status().as_u16())
}

#[tokio::test]
async fn over_tls_the_certificate_decides_the_topic() {
    let (keys, now) = (KeyPool::shared(), Http::new().now());
    let stand_in = ApnsStandIn::start(&keys, now).await.unwrap();
    let key = keys.key(5);
    let request =
        SigningRequest::create(&key, Digest::Sha256, &Name::common("MDM").der(), None, &[])
            .unwrap();
    let issue = |from, to| {
        stand_in
            .authority()
            .push_certificate(&request, "abc", (now + from, now + to))
            .unwrap()
    };
    let (valid, expired) = (issue(-60, 86_400), issue(-120, -60));
    let topic = "com.apple.mgmt.External.abc";
    assert_eq!(
        push_over_tls(&stand_in, Some((&valid, key.pkcs8())), topic).await,
        Some(200)
    );
    let other = "com.apple.mgmt.External.other";
    assert_eq!(
        push_over_tls(&stand_in, Some((&valid, key.pkcs8())), other).await,
        Some(400)
    );
    assert_eq!(push_over_tls(&stand_in, None, topic).await, Some(403));
    assert_eq!(
        push_over_tls(&stand_in, Some((&expired, key.pkcs8())), topic).await,
        None
    );
}
