//! How long the first page and the list of devices take with 100,000 devices and 200 profiles.
//!
//! `cargo bench -p mandate-engine --bench overview`; over PostgreSQL too where `MANDATE_TEST_POSTGRES` names one.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measurement is a test that prints"
)]

#[path = "../tests/overview/crowd.rs"]
mod crowd;
#[path = "../tests/overview/fleet.rs"]
mod fleet;
#[path = "../tests/instance/mod.rs"]
mod instance;

use std::time::{Duration, Instant};

use mandate_engine::{Action, Actor, DeviceSearch, DeviceWorry};
use mandate_model::{DeviceState, Timestamp};

use crowd::{DEVICES, furnish};
use fleet::{houses, profile_id, somebody};

/// What was promised for the first page.
const PROMISE: Duration = Duration::from_millis(100);

#[tokio::main]
async fn main() {
    for house in houses().await {
        furnish(&house).await;
        let kind = house.engine.store().kind();
        let system = Actor::system();
        let scoped = somebody(
            &[
                Action::DevicesRead,
                Action::ProfilesRead,
                Action::ProfilesViewReports,
            ],
            Some(&["0"]),
        );
        let first = best(|| async { drop(house.engine.home(&system).await.unwrap()) }).await;
        say(kind, "home", first);
        let part = best(|| async { drop(house.engine.home(&scoped).await.unwrap()) }).await;
        say(kind, "home, by scope tags", part);
        let live = best(|| async {
            house.clock.forward(2 * Timestamp::SECOND);
            drop(house.engine.rollouts(&system).await.unwrap());
        });
        say(kind, "rollouts", live.await);
        for (name, search) in searches() {
            let took = best(|| async {
                let found = house
                    .engine
                    .search_devices(&system, search.clone(), None, 50)
                    .await;
                drop(found.unwrap());
            });
            say(kind, &format!("devices: {name}"), took.await);
        }
        let home = house.engine.home(&system).await.unwrap();
        let mail = home.mail.unwrap();
        println!("{kind}: {mail:?}, {} worries", home.worries.unwrap().len());
        let leaving = DEVICES / 10_000;
        assert_eq!(mail.all, i64::try_from(DEVICES - leaving).unwrap());
        assert!(first < PROMISE, "{kind}: {first:?}");
    }
}

fn searches() -> Vec<(&'static str, DeviceSearch)> {
    let text = |text: &str| DeviceSearch {
        text: Some(text.to_owned()),
        ..DeviceSearch::default()
    };
    vec![
        ("first page", DeviceSearch::default()),
        ("a serial number", text("SN00099999")),
        ("an owner", text("u77777@")),
        ("nothing found", text("no such thing")),
        (
            "a rare state",
            DeviceSearch {
                state: Some(DeviceState::Wiping),
                ..DeviceSearch::default()
            },
        ),
        (
            "something wrong",
            DeviceSearch {
                worry: Some(DeviceWorry::Any),
                ..DeviceSearch::default()
            },
        ),
        (
            "one cause",
            DeviceSearch {
                worry: Some(DeviceWorry::Trouble {
                    profile: profile_id(0),
                    cause: "accountExists".to_owned(),
                }),
                ..DeviceSearch::default()
            },
        ),
    ]
}

/// The median of nine, after one that reads from the disk.
async fn best<F: Future<Output = ()>>(mut work: impl FnMut() -> F) -> Duration {
    work().await;
    let mut times = Vec::new();
    for _ in 0..9 {
        let begun = Instant::now();
        work().await;
        times.push(begun.elapsed());
    }
    times.sort_unstable();
    times[times.len() / 2]
}

fn say(kind: &str, what: &str, took: Duration) {
    println!("{kind}: {what}: {:.1} ms", took.as_secs_f64() * 1000.0);
}
