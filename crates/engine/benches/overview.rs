//! How long the first page and the list of devices take with 100,000 devices and 200 profiles.
//!
//! `cargo bench -p mandate-engine --bench overview`; over PostgreSQL too where `MANDATE_TEST_POSTGRES` names one.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measurement is a test that prints"
)]

#[path = "../tests/overview/fleet.rs"]
mod fleet;

use std::time::{Duration, Instant};

use mandate_engine::{Action, Actor, DeviceSearch, DeviceWorry, MailStanding};
use mandate_model::{AccountKey, DeviceState, Reason, Target, Timestamp};

use fleet::{
    House, MAIL, NOON, ROOT, add_profile, add_row, add_user, device_id, houses, phone, profile_id,
    row, somebody,
};

const DEVICES: u128 = 100_000;
const PROFILES: u128 = 200;
/// Profiles that each device has: two for all, the rest for some.
const EACH: u128 = 10;
const AT_ONCE: u128 = 5_000;
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

async fn furnish(house: &House) {
    let store = house.engine.store();
    let mut session = store.write_recoverable().await.unwrap();
    for number in 0..PROFILES {
        let kind = if number == 0 { MAIL } else { ROOT };
        let name = format!("Profile {number}");
        let target = Some(Target::AllUsers);
        add_profile(&mut session, number, (&name, kind), target).await;
    }
    let intent = session.raise_intent().await.unwrap();
    // Two are on their way, the others were changed long ago.
    for number in 0..2 {
        let changed = session.mark_profile_changed(profile_id(number), intent, NOON);
        changed.await.unwrap();
    }
    session.commit().await.unwrap();
    for first in (0..DEVICES).step_by(AT_ONCE as usize) {
        let mut session = store.write_recoverable().await.unwrap();
        for number in first..first + AT_ONCE {
            let user = add_user(&mut session, number, &format!("Person {number}")).await;
            let mut record = phone(number, &format!("iPhone of {number}"), Some(user));
            record.reconciled_in = intent;
            if number % 10_000 == 9_999 {
                record.device.state = DeviceState::Wiping;
            }
            session.insert_device(&record).await.unwrap();
            for step in 0..EACH {
                let profile = if step < 2 {
                    step
                } else {
                    2 + (number + step) % (PROFILES - 2)
                };
                let reason = reason(number, step);
                let mail = (step == 0).then_some(match &reason {
                    Reason::Present => MailStanding::Working,
                    Reason::Sent => MailStanding::Waiting,
                    _ => MailStanding::Blocked,
                });
                let mut found = row(device_id(number), profile_id(profile), reason);
                found.deadline_at = (step < 2).then(|| NOON.plus(Timestamp::DAY));
                add_row(&mut session, found, mail).await;
            }
        }
        session.commit().await.unwrap();
    }
}

/// Of 100 rows 92 are as they should be, 3 wait, and 5 are wrong for four causes.
fn reason(device: u128, step: u128) -> Reason {
    match (device * 7 + step * 13) % 100 {
        0..3 => Reason::Sent,
        3..5 => Reason::AccountExists {
            account: AccountKey {
                host: "mail.contoso.com".to_owned(),
                address: format!("u{device}@contoso.com"),
            },
        },
        5 => Reason::MissingAttribute {
            attribute: "mail".to_owned(),
            user: format!("u{device}@contoso.com"),
        },
        6 => Reason::NotInInventory,
        7 => Reason::DeviceError {
            domain: "MCInstallationErrorDomain".to_owned(),
            number: 4001,
            text: "The profile could not be installed.".to_owned(),
        },
        _ => Reason::Present,
    }
}
