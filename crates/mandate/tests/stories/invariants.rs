//! Whatever administrators do and whatever gets lost on the way: in the end each phone has what it should have.

use std::collections::{BTreeMap, BTreeSet};

use mandate_model::{Group, Member, Profile, State, Target, User};
use mandate_simulator::device::{Device, Faults};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::json;

use crate::house::{House, places};

const PEOPLE: usize = 3;
const GROUPS: usize = 3;
const PROFILES: usize = 4;

/// Something that happens. Numbers name people, groups, profiles and phones, modulo how many there are.
#[derive(Debug, Clone)]
enum Event {
    /// Groups included, groups excluded, and whether all devices are.
    Assign(usize, BTreeSet<usize>, BTreeSet<usize>, bool),
    Edit(usize, usize),
    Join(usize, usize),
    Leave(usize, usize),
    LoseAddress(usize),
    GetAddress(usize),
    Delete(usize),
    Sync(usize),
    CheckIn(usize),
    Hours(u8),
}

fn event() -> impl Strategy<Value = Event> {
    let groups = || proptest::collection::btree_set(0..GROUPS, 0..=2);
    prop_oneof![
        4 => (0..PROFILES, groups(), groups(), any::<bool>())
            .prop_map(|(profile, include, exclude, all)| Event::Assign(profile, include, exclude, all)),
        3 => (0..PROFILES, 0..DURATIONS.len()).prop_map(|(profile, days)| Event::Edit(profile, days)),
        3 => (0..GROUPS, 0..PEOPLE).prop_map(|(group, person)| Event::Join(group, person)),
        3 => (0..GROUPS, 0..PEOPLE).prop_map(|(group, person)| Event::Leave(group, person)),
        1 => (0..PEOPLE).prop_map(Event::LoseAddress),
        2 => (0..PEOPLE).prop_map(Event::GetAddress),
        1 => (0..PROFILES).prop_map(Event::Delete),
        1 => (0..=PEOPLE).prop_map(Event::Sync),
        24 => (0..=PEOPLE).prop_map(Event::CheckIn),
        2 => (1..30u8).prop_map(Event::Hours),
    ]
}

const DURATIONS: [(&str, i64); 4] = [
    ("oneDay", 1),
    ("threeDays", 3),
    ("oneWeek", 7),
    ("oneMonth", 31),
];

/// A company, and what a reader of its history expects of it.
struct World {
    house: House,
    people: Vec<User>,
    groups: Vec<Group>,
    profiles: Vec<Profile>,
    phones: Vec<Device>,
    expected: Expected,
}

#[derive(Default)]
struct Expected {
    targets: BTreeMap<usize, (BTreeSet<usize>, BTreeSet<usize>, bool)>,
    members: BTreeSet<(usize, usize)>,
    days: BTreeMap<usize, i64>,
    addressless: BTreeSet<usize>,
    deleted: BTreeSet<usize>,
}

impl Expected {
    /// Whether a phone should have a profile; phone `PEOPLE` has no user.
    fn wants(&self, profile: usize, phone: usize) -> bool {
        let Some((include, exclude, all)) = self.targets.get(&profile) else {
            return false;
        };
        let is_in = |groups: &BTreeSet<usize>| {
            groups
                .iter()
                .any(|group| self.members.contains(&(*group, phone)))
        };
        !self.deleted.contains(&profile) && (*all || is_in(include)) && !is_in(exclude)
    }

    /// Whether something can be made of it for that phone.
    fn can_have(&self, profile: usize, phone: usize) -> bool {
        profile == ROOT || (phone < PEOPLE && !self.addressless.contains(&phone))
    }
}

/// Number of the profile that is no mail profile.
const ROOT: usize = 0;

impl World {
    async fn new(house: House, rate: f64) -> Self {
        let mut people = Vec::new();
        for name in ["ada", "ben", "cyd"] {
            people.push(house.hire(name).await);
        }
        let mut groups = Vec::new();
        for name in ["Red", "Green", "Blue"] {
            groups.push(house.group(name, vec![]).await);
        }
        let (root, _, _) = house.mail_with_certificate("Unused").await;
        let mut profiles = vec![root];
        for number in 1..PROFILES {
            let mut settings = crate::house::mail_settings();
            settings["hostName"] = json!(format!("mail{number}.contoso.com"));
            let name = format!("Mail {number}");
            profiles.push(
                house
                    .profile("iosEasEmailProfileConfiguration", &name, settings, &[])
                    .await,
            );
        }
        let mut phones = Vec::new();
        for person in people.iter().map(Some).chain([None]) {
            phones.push(
                house
                    .enrol(house.phone(17, 5), person.map(|person| person.id))
                    .await,
            );
        }
        let expected = Expected {
            days: (1..PROFILES).map(|number| (number, 7)).collect(),
            ..Expected::default()
        };
        let mut world = Self {
            house,
            people,
            groups,
            profiles,
            phones,
            expected,
        };
        world.begins().await;
        for phone in &mut world.phones {
            phone.faults = Faults {
                not_now: rate,
                lost_answers: rate,
                lost_acknowledgements: rate,
                duplicate_reports: rate,
                dropped_connections: rate,
                lost_profiles: rate,
                ..Faults::default()
            };
        }
        world
    }

    /// Everybody has everything before things go wrong.
    async fn begins(&mut self) {
        for number in 0..PEOPLE {
            self.happens(Event::Join(number, number)).await;
        }
        for profile in 0..PROFILES {
            let everybody = (0..GROUPS).collect();
            self.happens(Event::Assign(profile, everybody, BTreeSet::new(), false))
                .await;
        }
        for phone in &mut self.phones {
            self.house.settle(phone).await;
        }
        for phone in &self.phones[..PEOPLE] {
            assert_eq!(phone.mail_accounts().len(), PROFILES - 1);
        }
    }

    async fn happens(&mut self, event: Event) {
        let (engine, admin) = (self.house.engine.clone(), self.house.admin.clone());
        match event {
            Event::Assign(profile, include, exclude, all) => {
                if self.expected.deleted.contains(&profile) {
                    return;
                }
                let include: BTreeSet<usize> = include.difference(&exclude).copied().collect();
                let group = |number: &usize| self.groups[*number].id;
                let mut targets: Vec<Target> =
                    include.iter().map(group).map(Target::Group).collect();
                targets.extend(exclude.iter().map(group).map(Target::Exclude));
                targets.extend(all.then_some(Target::AllDevices));
                self.house.target(self.profiles[profile].id, targets).await;
                self.expected
                    .targets
                    .insert(profile, (include, exclude, all));
            }
            Event::Edit(profile, days) => {
                if profile == ROOT || self.expected.deleted.contains(&profile) {
                    return;
                }
                let (duration, days) = DURATIONS[days];
                self.house
                    .edit(
                        self.profiles[profile].id,
                        json!({ "durationOfEmailToSync": duration }),
                    )
                    .await;
                self.expected.days.insert(profile, days);
            }
            Event::Join(group, person) => {
                if self.expected.members.insert((group, person)) {
                    let member = vec![Member::User(self.people[person].id)];
                    engine
                        .add_members(&admin, self.groups[group].id, member)
                        .await
                        .unwrap();
                }
            }
            Event::Leave(group, person) => {
                if self.expected.members.remove(&(group, person)) {
                    let member = self.people[person].id.0;
                    engine
                        .remove_member(&admin, self.groups[group].id, member)
                        .await
                        .unwrap();
                }
            }
            Event::LoseAddress(person) => {
                engine
                    .update_user(&admin, self.people[person].id, |user| user.mail = None)
                    .await
                    .unwrap();
                self.expected.addressless.insert(person);
            }
            Event::GetAddress(person) => {
                let address = Some(format!(
                    "{}@mail.contoso.com",
                    self.people[person].display_name
                ));
                engine
                    .update_user(&admin, self.people[person].id, |user| user.mail = address)
                    .await
                    .unwrap();
                self.expected.addressless.remove(&person);
            }
            Event::Delete(profile) => {
                // The root is used by another profile and stays.
                if profile != ROOT && self.expected.deleted.insert(profile) {
                    engine
                        .delete_profile(&admin, self.profiles[profile].id)
                        .await
                        .unwrap();
                }
            }
            Event::Sync(phone) => {
                let device = self.house.device_of(&self.phones[phone]).await;
                engine.sync_device(&admin, device).await.unwrap();
            }
            Event::CheckIn(phone) => {
                self.phones[phone].check_in(&self.house.http).await.unwrap();
            }
            Event::Hours(hours) => {
                self.house
                    .clock
                    .forward(i64::from(hours) * mandate_model::Timestamp::HOUR);
                self.house.background().await;
            }
        }
    }

    /// Each phone loses a profile once more; then nothing gets lost, and the phones come when they are woken.
    async fn calms_down(&mut self) {
        for phone in &mut self.phones {
            phone.faults = Faults {
                lost_profiles: 1.0,
                ..Faults::default()
            };
            phone.check_in(&self.house.http).await.unwrap();
            phone.faults = Faults::default();
        }
        for _ in 0..3 {
            self.house.clock.forward_days(1);
            self.house.apns.forget_pushes();
            self.house.background().await;
            for phone in &mut self.phones {
                if self.house.pushes_to(phone) > 0 {
                    self.house.settle(phone).await;
                }
            }
        }
    }

    async fn assert_as_expected(&mut self) {
        for number in 0..self.phones.len() {
            let mut strangers = self.phones[number].profiles().len() - 1;
            for profile in 0..PROFILES {
                let (wanted, possible) = (
                    self.expected.wants(profile, number),
                    self.expected.can_have(profile, number),
                );
                let (phone, id) = (&self.phones[number], self.profiles[profile].id);
                let has = self.house.has(phone, id);
                strangers -= usize::from(has);
                let what = format!("phone {number}, profile {profile}");
                let state = self.house.state(id, phone).await;
                match (wanted, possible) {
                    (true, true) => {
                        assert!(has, "{what} is missing");
                        assert_eq!(state, Some(State::Succeeded), "{what}");
                        self.assert_settings(number, profile);
                    }
                    (true, false) => assert!(
                        matches!(state, Some(State::Error | State::NotApplicable)),
                        "{what}"
                    ),
                    (false, _) => {
                        assert!(!has, "{what} is there and should not be");
                        assert_eq!(state, None, "{what}");
                    }
                }
            }
            assert_eq!(
                strangers, 0,
                "phone {number} has profiles that nobody knows"
            );
            self.house
                .assert_nothing_left(&mut self.phones[number])
                .await;
        }
    }

    fn assert_settings(&self, phone: usize, profile: usize) {
        let identifier = self.house.identifier(self.profiles[profile].id);
        let of_profile =
            |account: &&mandate_simulator::device::MailAccount| account.profile == identifier;
        let accounts: Vec<_> = self.phones[phone]
            .mail_accounts()
            .iter()
            .filter(of_profile)
            .collect();
        assert_eq!(accounts.len(), usize::from(profile != ROOT));
        for account in accounts {
            let days = &account.settings.keys["MailNumberOfPastDaysToSync"];
            assert_eq!(
                days,
                &json!(self.expected.days[&profile]),
                "phone {phone}, profile {profile}"
            );
        }
    }
}

#[test]
fn in_the_end_each_phone_has_what_it_should_whatever_was_lost() {
    let config = Config {
        cases: 12,
        failure_persistence: None,
        ..Config::default()
    };
    let seed = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(config, seed);
    let histories = (proptest::collection::vec(event(), 40..120), 0.1..0.5);
    runner
        .run(&histories, |(events, rate)| {
            tokio::runtime::Runtime::new().unwrap().block_on(async {
                for place in places().await {
                    let mut world = World::new(House::open(place).await, rate).await;
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
