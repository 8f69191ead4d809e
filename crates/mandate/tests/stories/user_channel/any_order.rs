//! Whatever happens to profiles and people, and whatever gets lost on the way: in the end everything is on the channel where
//! it belongs and nowhere else.

use std::collections::BTreeSet;

use mandate_engine::DeviceChange;
use mandate_model::{Profile, ProfileId, State, Target, User};
use mandate_simulator::device::{Device, Faults};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::json;

use crate::house::{House, Place, places};

const PEOPLE: [&str; 2] = ["ada", "bob"];
/// Root, SCEP, PKCS.
const PROFILES: usize = 3;

/// Something that happens. Numbers name people and profiles.
#[derive(Debug, Clone)]
enum Event {
    LogIn(usize),
    LogOut(usize),
    /// Somebody's channel connects, if the person is logged in.
    CheckInAs(usize),
    CheckIn,
    /// Whether a profile is for the user channel.
    Channel(usize, bool),
    /// Whether a profile is assigned; the root always is.
    Assign(usize, bool),
    /// Whose Mac it is.
    Owner(usize),
    Synchronise,
    Hours(u8),
}

fn event() -> impl Strategy<Value = Event> {
    let person = || 0..PEOPLE.len();
    prop_oneof![
        3 => person().prop_map(Event::LogIn),
        1 => person().prop_map(Event::LogOut),
        12 => person().prop_map(Event::CheckInAs),
        8 => Just(Event::CheckIn),
        4 => (0..PROFILES, any::<bool>()).prop_map(|(profile, user)| Event::Channel(profile, user)),
        3 => (1..PROFILES, any::<bool>()).prop_map(|(profile, on)| Event::Assign(profile, on)),
        1 => person().prop_map(Event::Owner),
        1 => Just(Event::Synchronise),
        2 => (1..30u8).prop_map(Event::Hours),
    ]
}

struct World {
    house: House,
    people: Vec<User>,
    profiles: Vec<Profile>,
    mac: Device,
    owner: usize,
    assigned: BTreeSet<ProfileId>,
    for_user: BTreeSet<ProfileId>,
}

impl World {
    async fn new(place: Place) -> Self {
        let house = House::open(place).await;
        let mut people = Vec::new();
        for name in PEOPLE {
            people.push(house.hire(name).await);
        }
        let root = house.own_root("macOSTrustedRootCertificate", "Root").await;
        let scep = house
            .certificate_profile("macOSScepCertificateProfile", "SCEP", Some(root.id))
            .await;
        let pkcs = house
            .certificate_profile("macOSPkcsCertificateProfile", "PKCS", None)
            .await;
        let profiles = vec![root, scep, pkcs];
        for profile in &profiles {
            house.target(profile.id, vec![Target::AllUsers]).await;
        }
        let mut mac = house.mac(14, 5);
        mac.add_person("ada", "Ada", false);
        mac.add_person("bob", "Bob", true);
        let mac = house.enrol(mac, Some(people[0].id)).await;
        let assigned = profiles.iter().map(|profile| profile.id).collect();
        Self {
            house,
            people,
            profiles,
            mac,
            owner: 0,
            assigned,
            for_user: BTreeSet::new(),
        }
    }

    async fn happens(&mut self, event: Event) {
        let http = &self.house.http;
        match event {
            // A server that is away, or an answer that is lost, is found out by the next event.
            Event::LogIn(person) => drop(self.mac.log_in(http, PEOPLE[person]).await),
            Event::LogOut(person) => self.mac.log_out(PEOPLE[person]),
            Event::CheckInAs(person) => {
                drop(self.mac.check_in_as(http, PEOPLE[person]).await);
            }
            Event::CheckIn => drop(self.mac.check_in(http).await.unwrap()),
            Event::Channel(number, user) => {
                let id = self.profiles[number].id;
                let channel = if user { "userChannel" } else { "deviceChannel" };
                let settings = json!({ "deploymentChannel": channel });
                self.house.edit(id, settings).await;
                if user {
                    self.for_user.insert(id);
                } else {
                    self.for_user.remove(&id);
                }
            }
            Event::Assign(number, on) => {
                let id = self.profiles[number].id;
                let targets = if on {
                    vec![Target::AllUsers]
                } else {
                    Vec::new()
                };
                self.house.target(id, targets).await;
                if on {
                    self.assigned.insert(id);
                } else {
                    self.assigned.remove(&id);
                }
            }
            Event::Owner(person) => {
                self.owner = person;
                let change = DeviceChange {
                    user: Some(Some(self.people[person].id)),
                    ..DeviceChange::default()
                };
                let device = self.house.device_of(&self.mac).await;
                let (engine, admin) = (&self.house.engine, &self.house.admin);
                engine.update_device(admin, device, change).await.unwrap();
            }
            Event::Synchronise => {
                let device = self.house.device_of(&self.mac).await;
                let (engine, admin) = (&self.house.engine, &self.house.admin);
                engine.sync_device(admin, device).await.unwrap();
            }
            Event::Hours(hours) => {
                let hour = mandate_model::Timestamp::HOUR;
                self.house.clock.forward(i64::from(hours) * hour);
                self.house.background().await;
            }
        }
    }

    /// Nothing gets lost any more, and everybody is there.
    async fn calms_down(&mut self) {
        self.mac.faults = Faults::default();
        for person in PEOPLE {
            let opened = self.mac.log_in(&self.house.http, person).await.unwrap();
            let is_owner = person == PEOPLE[self.owner];
            assert!(opened || !is_owner, "{person} has no channel");
        }
        for _ in 0..3 {
            self.house.clock.forward_days(2);
            self.house.background().await;
            self.house.settle(&mut self.mac).await;
            for person in PEOPLE {
                for _ in 0..10 {
                    // Who is told not to be managed has no channel to connect by.
                    let report = self.mac.check_in_as(&self.house.http, person).await;
                    if report.is_ok_and(|report| report.is_quiet()) {
                        break;
                    }
                }
            }
        }
    }

    async fn assert_as_expected(&self) {
        for profile in &self.profiles {
            let (id, name) = (profile.id, &profile.display_name);
            let wanted = self.assigned.contains(&id);
            let for_user = self.for_user.contains(&id);
            let identifier = self.house.identifier(id);
            assert_eq!(
                self.house.has(&self.mac, id),
                wanted && !for_user,
                "{name} on the Mac"
            );
            for (number, person) in PEOPLE.into_iter().enumerate() {
                let has = self.mac.person(person).unwrap().has_profile(&identifier);
                let expected = wanted && for_user && number == self.owner;
                assert_eq!(has, expected, "{name} with {person}");
            }
            let state = self.house.state(id, &self.mac).await;
            let expected = wanted.then_some(State::Succeeded);
            assert_eq!(state, expected, "{name}");
        }
        self.house.assert_keys_agree(&[&self.mac]).await;
    }
}

#[test]
fn in_the_end_everything_is_on_the_channel_where_it_belongs_whatever_was_lost() {
    let config = Config {
        cases: 8,
        failure_persistence: None,
        max_shrink_iters: 0,
        ..Config::default()
    };
    let seed = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(config, seed);
    let histories = (proptest::collection::vec(event(), 40..80), 0.0..0.4);
    runner
        .run(&histories, |(events, rate)| {
            tokio::runtime::Runtime::new().unwrap().block_on(async {
                for place in places().await {
                    let mut world = World::new(place).await;
                    world.mac.faults = Faults {
                        not_now: rate,
                        lost_answers: rate / 2.0,
                        lost_acknowledgements: rate,
                        duplicate_reports: rate,
                        dropped_connections: rate / 2.0,
                        ..Faults::default()
                    };
                    for event in events.clone() {
                        world.happens(event).await;
                    }
                    world.calms_down().await;
                    world.assert_as_expected().await;
                }
            });
            Ok(())
        })
        .unwrap();
}
