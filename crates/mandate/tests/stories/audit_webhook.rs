//! Somebody else is told of each change, in order, whatever happens to him and to us.

use std::sync::Mutex;
use std::time::Duration;

use axum::http::Method;
use mandate_engine::{AuditBatch, AuditCourier, AuditDelivery, DeliveryOutcome};
use mandate_model::Timestamp;
use mandate_pki::hmac_sha256;
use mandate_simulator::certificates::hex;
use mandate_simulator::receiver::Receiver;
use serde_json::Value;

use crate::house::{House, Place, Program, places};

/// Writes down what it is told; each answer may be given beforehand.
#[derive(Default)]
struct Courier {
    told: Mutex<Vec<Value>>,
    answers: Mutex<Vec<DeliveryOutcome>>,
}

impl AuditCourier for Courier {
    fn deliver<'a>(&'a self, batch: &'a AuditBatch) -> AuditDelivery<'a> {
        let told = serde_json::from_str(&batch.body).unwrap();
        self.told.lock().unwrap().push(told);
        let taken = || DeliveryOutcome::Taken("HTTP 204".to_owned());
        let answer = self.answers.lock().unwrap().pop().unwrap_or_else(taken);
        Box::pin(std::future::ready(answer))
    }
}

impl Courier {
    fn will_say(&self, answer: DeliveryOutcome) {
        self.answers.lock().unwrap().push(answer);
    }

    /// Numbers of all entries told so far, forgetting them.
    fn numbers(&self) -> Vec<i64> {
        let told = std::mem::take(&mut *self.told.lock().unwrap());
        let events = told
            .iter()
            .flat_map(|batch| batch["events"].as_array().unwrap());
        events
            .map(|event| event["number"].as_i64().unwrap())
            .collect()
    }
}

/// Delivers until there is nothing more to do at once.
async fn deliver(house: &House, courier: &Courier) {
    while house.engine.deliver_audit(courier).await.unwrap() {}
}

async fn head(house: &House) -> i64 {
    house.engine.audit_head().await.unwrap().unwrap().number
}

fn unavailable() -> DeliveryOutcome {
    DeliveryOutcome::Unavailable("HTTP 500".to_owned())
}

/// How often a running server is asked for what is about to be so.
const LOOKS: u32 = 1000;

#[tokio::test]
async fn a_receiver_hears_everything_once_and_in_order_after_an_outage_and_a_restart() {
    for place in places().await {
        let mut house = House::open(place).await;
        let courier = Courier::default();
        deliver(&house, &courier).await;
        assert_eq!(
            courier.numbers(),
            (1..=head(&house).await).collect::<Vec<_>>()
        );
        deliver(&house, &courier).await;
        assert!(courier.numbers().is_empty(), "nothing is new");

        // Deliveries of one moment have no order.
        house.clock.forward(Timestamp::SECOND);
        let before = head(&house).await;
        for number in 0..3 {
            house.hire(&format!("u{number}")).await;
        }
        courier.will_say(unavailable());
        deliver(&house, &courier).await;
        assert_eq!(courier.numbers().len(), 3, "it was tried");
        deliver(&house, &courier).await;
        assert!(courier.numbers().is_empty(), "not again at once");
        let receiver = house
            .engine
            .audit_receiver(&house.admin)
            .await
            .unwrap()
            .unwrap();
        assert_eq!((receiver.told_until, receiver.attempts), (before, 1));

        house.hire("u3").await;
        house.restart().await;
        house.clock.forward(11 * Timestamp::SECOND);
        deliver(&house, &courier).await;
        assert_eq!(
            courier.numbers(),
            (before + 1..=before + 4).collect::<Vec<_>>()
        );
        let log = house
            .engine
            .list_audit_deliveries(&house.admin, None, 10)
            .await
            .unwrap();
        assert_eq!(log[0].outcome, "delivered: HTTP 204");
        assert!(
            log[1].outcome.contains("attempt 1: HTTP 500"),
            "{}",
            log[1].outcome
        );
        assert_eq!(
            (log[1].first_number, log[1].last_number),
            (before + 1, before + 3)
        );
    }
}

#[tokio::test]
async fn pauses_grow_and_there_is_no_end_to_trying() {
    for place in places().await {
        let house = House::open(place).await;
        let courier = Courier::default();
        let mut pauses = Vec::new();
        for _ in 0..8 {
            courier.will_say(DeliveryOutcome::Refused("HTTP 410".to_owned()));
            deliver(&house, &courier).await;
            let receiver = house
                .engine
                .audit_receiver(&house.admin)
                .await
                .unwrap()
                .unwrap();
            let pause = receiver.due_at.since(house.engine.now());
            pauses.push((pause + Timestamp::SECOND / 2) / Timestamp::SECOND);
            house.clock.forward(pause + Timestamp::SECOND);
        }
        assert_eq!(pauses, [10, 30, 120, 300, 900, 3600, 3600, 3600]);
        courier.numbers();
        deliver(&house, &courier).await;
        assert_eq!(
            courier.numbers(),
            (1..=head(&house).await).collect::<Vec<_>>()
        );
    }
}

#[tokio::test]
async fn of_several_servers_one_tells() {
    for place in places().await {
        let house = House::open(place).await;
        let couriers: [Courier; 8] = Default::default();
        let told = couriers
            .iter()
            .map(|courier| house.engine.deliver_audit(courier));
        let told = futures_of(told).await;
        assert!(told.iter().filter(|told| **told).count() >= 1);
        let mut numbers: Vec<i64> = couriers.iter().flat_map(Courier::numbers).collect();
        numbers.sort_unstable();
        assert_eq!(numbers, (1..=head(&house).await).collect::<Vec<_>>());
    }
}

/// Runs all at once.
async fn futures_of<F>(all: impl Iterator<Item = F>) -> Vec<bool>
where
    F: Future<Output = Result<bool, mandate_engine::EngineError>>,
{
    let mut all: Vec<_> = all.map(Box::pin).collect();
    let mut done: Vec<Option<bool>> = vec![None; all.len()];
    std::future::poll_fn(|context| {
        for (future, done) in all.iter_mut().zip(&mut done) {
            if done.is_none()
                && let std::task::Poll::Ready(told) = future.as_mut().poll(context)
            {
                *done = Some(told.unwrap());
            }
        }
        if done.iter().all(Option::is_some) {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
    done.into_iter().flatten().collect()
}

#[tokio::test]
async fn the_end_of_the_chain_that_was_cut_off_is_missed_by_who_was_told() {
    for place in places().await {
        let house = House::open(place).await;
        let courier = Courier::default();
        // What somebody would do who keeps a copy of the database and puts it back.
        let Place::Sqlite(directory) = &house.place else {
            continue;
        };
        let file = directory.path().join("mandate.db");
        deliver(&house, &courier).await;
        let kept = head(&house).await;
        let saved = file.with_extension("saved");
        let mut house = house;
        house.engine.store().close().await;
        std::fs::copy(&file, &saved).unwrap();
        house.restart().await;
        house.hire("ada").await;
        deliver(&house, &courier).await;
        let told = house
            .engine
            .audit_receiver(&house.admin)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(told.told_until, kept + 1);
        courier.numbers();
        // The receiver's place is put back as it was told, for otherwise he would be told the same numbers twice and
        // notice by that.
        house.engine.store().close().await;
        std::fs::copy(&saved, &file).unwrap();
        house.restart().await;
        let mut session = house.engine.store().write().await.unwrap();
        let place = session
            .find_audit_receiver("webhook")
            .await
            .unwrap()
            .unwrap();
        let claimed = place.due_at;
        let forward = mandate_store::AuditReceiverRecord {
            told_until: kept + 1,
            ..place
        };
        assert!(
            session
                .settle_audit_receiver(&forward, claimed)
                .await
                .unwrap()
        );
        session.commit().await.unwrap();
        deliver(&house, &courier).await;
        house.hire("eve").await;
        deliver(&house, &courier).await;
        assert_eq!(courier.numbers(), [kept + 1]);
        let log = house
            .engine
            .list_audit_deliveries(&house.admin, None, 10)
            .await
            .unwrap();
        assert!(
            log.iter()
                .any(|one| one.outcome.contains("gone from the chain")),
            "{log:?}"
        );
    }
}

#[tokio::test]
async fn the_webhook_is_told_over_http_with_a_signature_and_a_time() {
    let receiver = Receiver::start().await.unwrap();
    for place in places().await {
        let Place::Sqlite(directory) = &place else {
            continue;
        };
        let secret = directory.path().join("audit.secret");
        std::fs::write(&secret, "a secret of the audit\n").unwrap();
        let settings = format!(
            "audit_webhook_url = \"{}audit?token=t\"\naudit_webhook_secret_file = \"{}\"\n",
            receiver.url(),
            secret.display()
        );
        std::fs::write(directory.path().join("mandate.toml"), settings).unwrap();
        // A redirect is not followed: whoever is to be told is said in the configuration.
        receiver.fail_next(1, 302);
        let program = Program::start(place.clone()).await;
        let ada = program.hire("ada").await;
        let requests = receiver.wait_for(2, Duration::from_mins(1)).await.unwrap();
        assert_eq!((requests[0].answered, requests[1].answered), (302, 200));
        assert_eq!(requests[1].method, Method::POST.as_str());
        assert_eq!(requests[1].path, "/audit?token=t");
        let seconds = requests[1].header("x-mandate-timestamp");
        let signed = [seconds.as_bytes(), b".", &requests[1].body].concat();
        let mac = hmac_sha256(b"a secret of the audit", &signed);
        let signature = format!("sha256={}", hex(&mac));
        assert_eq!(requests[1].header("x-mandate-signature"), signature);
        let body = requests[1].json().unwrap();
        assert_eq!(body["type"], "auditEvents");
        assert_eq!(body["id"], requests[1].header("x-mandate-delivery-id"));
        assert_eq!(body["firstNumber"], 1);

        // Ada's entry comes with this delivery or the next one, and says what Graph says.
        let told = async || -> Vec<Value> {
            let told = receiver.received();
            let good = told.iter().filter(|one| one.answered == 200);
            let bodies = good.map(|one| one.json().unwrap());
            bodies
                .flat_map(|body| body["events"].as_array().unwrap().clone())
                .collect()
        };
        let mut events = told().await;
        let mut count = 2;
        while !events.iter().any(|event| event["resource"]["id"] == *ada) {
            count += 1;
            receiver
                .wait_for(count, Duration::from_mins(1))
                .await
                .unwrap();
            events = told().await;
        }
        let numbers: Vec<i64> = events
            .iter()
            .map(|event| event["number"].as_i64().unwrap())
            .collect();
        assert_eq!(
            numbers,
            (1..=i64::try_from(numbers.len()).unwrap()).collect::<Vec<_>>()
        );
        // The receiver knows a moment earlier than the server that it was heard.
        let mut log = program.get("/mandate/v1/auditDeliveries?limit=1").await;
        for _ in 0..LOOKS {
            if log["receiver"]["attempts"] == 0 {
                break;
            }
            log = program.get("/mandate/v1/auditDeliveries?limit=1").await;
        }
        assert!(
            log["value"][0]["outcome"]
                .as_str()
                .unwrap()
                .contains("HTTP"),
            "{log}"
        );
        assert_eq!(log["receiver"]["attempts"], 0);
        let (status, refused) = program
            .call(Method::GET, "/mandate/v1/auditDeliveries?limit=0", None)
            .await;
        assert_eq!(status, 400, "{refused}");
        let (_, said) = program.command(&["config"]).await;
        assert!(!said.contains("token=t"), "{said}");
    }
}
