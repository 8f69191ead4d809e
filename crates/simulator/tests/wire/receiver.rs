//! The receiver of webhooks and revocations.

use mandate_simulator::http::{Http, Request};
use mandate_simulator::receiver::Receiver;
use serde_json::json;
use std::time::Duration;

async fn post(http: &Http, url: &str, body: &str) -> (u16, String) {
    let request = Request::new(hyper::Method::POST, url)
        .body("application/json", body.to_owned())
        .unwrap();
    let answer = http.send(&request).await.unwrap();
    (answer.status, answer.excerpt())
}

#[tokio::test]
async fn requests_are_recorded_and_fail_as_often_as_told() {
    let receiver = Receiver::start().await.unwrap();
    let http = Http::new();
    let url = format!("{}hooks/expiry?x=1", receiver.url());
    receiver.fail_next(2, 503);
    receiver.answer(202, &json!({ "taken": true }));
    for (number, status) in [503, 503, 202].into_iter().enumerate() {
        let body = json!({ "number": number }).to_string();
        assert_eq!(post(&http, &url, &body).await.0, status);
    }
    let requests = receiver.wait_for(3, Duration::from_secs(5)).await.unwrap();
    let answered: Vec<u16> = requests.iter().map(|one| one.answered).collect();
    assert_eq!(answered, [503, 503, 202]);
    assert_eq!(requests[2].json().unwrap(), json!({ "number": 2 }));
    assert_eq!(
        (
            requests[2].method.as_str(),
            requests[2].path.as_str(),
            requests[2].header("content-type")
        ),
        ("POST", "/hooks/expiry?x=1", "application/json")
    );
    assert_eq!(post(&http, &url, "no JSON").await.1, r#"{"taken":true}"#);
    assert_eq!(receiver.received()[3].json(), None);
}

#[tokio::test]
async fn waiting_wakes_with_the_last_request_and_gives_up_without_it() {
    let receiver = Receiver::start().await.unwrap();
    let url = receiver.url();
    assert!(receiver.wait_for(1, Duration::ZERO).await.is_none());
    let sender = tokio::spawn(async move {
        let http = Http::new();
        post(&http, &url, "{}").await;
        post(&http, &url, "{}").await;
    });
    let requests = receiver.wait_for(2, Duration::from_secs(30)).await.unwrap();
    assert_eq!(requests.len(), 2);
    sender.await.unwrap();
    receiver.forget();
    assert!(receiver.received().is_empty());
}
