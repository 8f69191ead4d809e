//! The push client against a push service of our own: HTTP/2 over TLS, with answers by token.

#![expect(clippy::unwrap_used, reason = "a test says by panicking")]

#[path = "apns/service.rs"]
mod service;

use std::sync::Arc;
use std::time::Duration;

use mandate_apple::apns::{Apns, ApnsError, ApnsSettings, PushOutcome};
use service::{Answer, PushService};

const TOPIC: &str = "com.apple.mgmt.External.3d1c9a52-7e0b-4a4e-8a6c-2f5d7b90e1aa";
const ROOT: &str = include_str!("apns/root.pem");
/// Made for these tests by a throw-away authority whose key is gone.
const PUSH: &str = include_str!("apns/push.pem");

fn settings(endpoint: String) -> ApnsSettings {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    ApnsSettings {
        endpoint,
        roots: ROOT.to_owned(),
        ..ApnsSettings::new(PUSH.to_owned(), TOPIC.to_owned())
    }
}

async fn start(answer: fn(&str, usize) -> Answer) -> (PushService, Apns) {
    let service = PushService::start(answer).await;
    let apns = Apns::new(&settings(service.endpoint())).unwrap();
    (service, apns)
}

#[tokio::test]
async fn a_push_says_what_apns_wants_to_hear() {
    let (service, apns) = start(|_, _| Answer::Status(200, "")).await;
    assert_eq!(
        apns.push(&[0x0a, 0xff], "magic \"1\"", 1_800_000_000).await,
        PushOutcome::Delivered
    );
    let seen = service.pushes();
    assert_eq!(seen.len(), 1);
    let (head, body) = &seen[0];
    assert_eq!(
        (head.method.as_str(), head.uri.path()),
        ("POST", "/3/device/0aff")
    );
    for (name, value) in [
        ("apns-topic", TOPIC),
        ("apns-push-type", "mdm"),
        ("apns-priority", "10"),
        ("apns-expiration", "1800000000"),
    ] {
        assert_eq!(head.headers[name], value, "{name}");
    }
    assert_eq!(body, r#"{"mdm":"magic \"1\""}"#);
    assert_eq!(
        service.client_certificates(),
        1,
        "the push certificate is shown"
    );
}

#[tokio::test]
async fn an_answer_other_than_yes_is_told_apart() {
    let (_service, apns) = start(|token, _| match token {
        "01" => Answer::Status(
            410,
            r#"{"reason":"Unregistered","timestamp":1700000000000}"#,
        ),
        "02" => Answer::RetryAfter(429, "120"),
        "03" => Answer::Status(403, r#"{"reason":"BadCertificate"}"#),
        "04" => Answer::Status(503, "no JSON at all"),
        _ => Answer::Status(400, r#"{"reason":"BadDeviceToken"}"#),
    })
    .await;
    let dead = |since_ms, reason: &str| PushOutcome::TokenDead {
        since_ms,
        reason: reason.to_owned(),
    };
    assert_eq!(
        apns.push(&[1], "m", 0).await,
        dead(Some(1_700_000_000_000), "Unregistered")
    );
    assert_eq!(
        apns.push(&[2], "m", 0).await,
        PushOutcome::Throttled {
            retry_after: Some(120)
        }
    );
    assert_eq!(
        apns.push(&[3], "m", 0).await,
        PushOutcome::CertificateProblem("BadCertificate".to_owned())
    );
    assert_eq!(
        apns.push(&[4], "m", 0).await,
        PushOutcome::Unavailable("status 503".to_owned())
    );
    assert_eq!(apns.push(&[5], "m", 0).await, dead(None, "BadDeviceToken"));
}

#[tokio::test]
async fn a_thousand_pushes_share_one_connection() {
    let (service, apns) = start(|_, _| Answer::Status(200, "")).await;
    assert_eq!(apns.push(&[9], "m", 0).await, PushOutcome::Delivered);
    push_all(apns, 1000).await;
    assert_eq!((service.connections(), service.pushes().len()), (1, 1001));
}

#[tokio::test]
async fn no_push_is_lost_when_a_busy_connection_says_goodbye() {
    let (service, apns) = start(|_, count| {
        if count == 100 {
            Answer::Goodbye
        } else {
            Answer::Status(200, "")
        }
    })
    .await;
    push_all(apns, 400).await;
    assert!(service.pushes().len() >= 400);
}

#[tokio::test]
async fn no_push_is_lost_when_a_busy_connection_breaks() {
    let (service, apns) = start(|_, count| {
        if count == 100 {
            Answer::Drop
        } else {
            Answer::Status(200, "")
        }
    })
    .await;
    push_all(apns, 400).await;
    assert!(service.connections() >= 2);
}

/// So many at once, to as many devices, each of which has to be delivered.
async fn push_all(apns: Apns, count: u16) {
    let apns = Arc::new(apns);
    let mut pushes = tokio::task::JoinSet::new();
    for number in 0..count {
        let apns = apns.clone();
        pushes.spawn(async move { apns.push(&number.to_be_bytes(), "m", 0).await });
    }
    while let Some(outcome) = pushes.join_next().await {
        assert_eq!(outcome.unwrap(), PushOutcome::Delivered);
    }
}

#[tokio::test]
async fn a_connection_that_says_goodbye_is_replaced() {
    let (service, apns) = start(|_, count| {
        if count == 2 {
            Answer::Goodbye
        } else {
            Answer::Status(200, "")
        }
    })
    .await;
    for _ in 0..5 {
        assert_eq!(apns.push(&[1], "m", 0).await, PushOutcome::Delivered);
    }
    assert!(service.connections() >= 2);
}

#[tokio::test]
async fn a_push_lost_with_its_connection_is_sent_once_more() {
    let (service, apns) = start(|_, count| {
        if count == 2 {
            Answer::Drop
        } else {
            Answer::Status(200, "")
        }
    })
    .await;
    for _ in 0..3 {
        assert_eq!(apns.push(&[1], "m", 0).await, PushOutcome::Delivered);
    }
    assert_eq!((service.connections(), service.pushes().len()), (2, 4));
}

#[tokio::test]
async fn a_service_that_always_hangs_up_is_unavailable_after_two_attempts() {
    let (service, apns) = start(|_, _| Answer::Drop).await;
    let outcome = apns.push(&[1], "m", 0).await;
    assert!(
        matches!(outcome, PushOutcome::Unavailable(_)),
        "{outcome:?}"
    );
    assert_eq!(service.pushes().len(), 2);
}

#[tokio::test]
async fn nobody_there_is_unavailable_and_does_not_name_the_token() {
    let apns = Apns::new(&settings("https://localhost:1".to_owned())).unwrap();
    let outcome = tokio::time::timeout(Duration::from_secs(20), apns.push(&[0xab, 0xcd], "m", 0))
        .await
        .unwrap();
    let PushOutcome::Unavailable(reason) = outcome else {
        panic!("{outcome:?}")
    };
    assert!(!reason.contains("abcd"), "{reason}");
}

#[tokio::test]
async fn what_cannot_work_is_found_at_the_start() {
    let plain = settings("http://localhost".to_owned());
    assert!(matches!(Apns::new(&plain), Err(ApnsError::Endpoint(_))));
    let without_key = ApnsSettings {
        identity: ROOT.to_owned(),
        ..settings("https://localhost".to_owned())
    };
    assert!(matches!(
        Apns::new(&without_key),
        Err(ApnsError::Identity(_))
    ));
}
