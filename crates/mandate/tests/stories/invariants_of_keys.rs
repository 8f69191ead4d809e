//! Whatever administrators and users do to keys, and whatever gets lost on the way: in the end each device has the keys
//! that it should have and no others, and no certificate is good that nobody has.

use std::collections::{BTreeMap, BTreeSet};

use mandate_engine::{ImportId, Options, ProfileChange};
use mandate_model::{Group, ImportPurpose, Member, Profile, Reason, State, Target, User};
use mandate_pki::certificate::Certificate;
use mandate_simulator::certificates::Certificate as Held;
use mandate_simulator::device::{Device, Faults, MailView, Secret};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::json;

use crate::house::{House, MailKey, mail_settings, places};

const PEOPLE: [&str; 2] = ["ada", "ben"];
/// Ada's phone, Ben's old phone, Ada's Mac.
const OWNERS: [usize; 3] = [0, 1, 0];
const MAC: usize = 2;
const GENERATIONS: usize = 3;

/// Numbers of the profiles.
const ROOT: usize = 0;
const SCEP: usize = 1;
const PKCS: usize = 2;
const HISTORY: usize = 3;
const MAIL: usize = 4;
const SIGNED_MAIL: usize = 5;
const MAC_PKCS: usize = 6;
const MAC_HISTORY: usize = 7;
const PROFILES: usize = 8;
const HOSTS: [&str; 2] = ["mail.contoso.com", "mail.fabrikam.com"];

/// Something that happens. Numbers name people, devices and profiles.
#[derive(Debug, Clone)]
enum Event {
    /// To whose groups a profile is assigned.
    Assign(usize, BTreeSet<usize>),
    /// Another subject for one of the certificate profiles.
    Rename(usize, usize),
    /// Another setting of a mail profile.
    Edit(usize, usize),
    /// Whether a mail profile signs in with its certificate.
    SignIn(usize, bool),
    Enable(usize, bool),
    Import(usize, usize),
    DeleteImported(usize, usize),
    /// The user deletes a certificate.
    DeleteByHand(usize, usize),
    /// Whether the user has an account by hand where a profile makes one.
    OwnAccount(usize, bool),
    CheckIn(usize),
    Hours(u8),
}

fn event() -> impl Strategy<Value = Event> {
    let person = || 0..PEOPLE.len();
    let device = || 0..OWNERS.len();
    let people = proptest::collection::btree_set(person(), 0..=2);
    let issued = prop_oneof![Just(SCEP), Just(PKCS), Just(MAC_PKCS)];
    prop_oneof![
        5 => (0..PROFILES, people).prop_map(|(profile, people)| Event::Assign(profile, people)),
        2 => (issued, 0..2usize).prop_map(|(profile, subject)| Event::Rename(profile, subject)),
        2 => (MAIL..=SIGNED_MAIL, 0..DURATIONS.len()).prop_map(|(mail, days)| Event::Edit(mail, days)),
        2 => (MAIL..=SIGNED_MAIL, any::<bool>()).prop_map(|(mail, on)| Event::SignIn(mail, on)),
        1 => (person(), any::<bool>()).prop_map(|(person, on)| Event::Enable(person, on)),
        2 => (person(), 0..GENERATIONS).prop_map(|(person, key)| Event::Import(person, key)),
        2 => (person(), 0..GENERATIONS).prop_map(|(person, key)| Event::DeleteImported(person, key)),
        2 => (device(), 0..8usize).prop_map(|(device, which)| Event::DeleteByHand(device, which)),
        1 => (0..2usize, any::<bool>()).prop_map(|(phone, on)| Event::OwnAccount(phone, on)),
        18 => device().prop_map(Event::CheckIn),
        2 => (1..30u8).prop_map(Event::Hours),
    ]
}

const DURATIONS: [(&str, i64); 2] = [("oneDay", 1), ("oneMonth", 31)];
const SUBJECTS: [&str; 2] = ["CN={{UserName}}", "CN={{UserName}},OU=Mail"];

/// A company, and what a reader of its history expects of it.
struct World {
    house: House,
    people: Vec<User>,
    groups: Vec<Group>,
    profiles: Vec<Profile>,
    devices: Vec<Device>,
    /// Keys for mail by person and generation; the last one is the newest.
    keys: Vec<Vec<MailKey>>,
    imported: BTreeMap<(usize, usize), ImportId>,
    targets: BTreeMap<usize, BTreeSet<usize>>,
    subjects: BTreeMap<usize, usize>,
    days: BTreeMap<usize, usize>,
    by_password: BTreeSet<usize>,
    disabled: BTreeSet<usize>,
    ever_disabled: BTreeSet<usize>,
}

impl World {
    async fn new(house: House) -> Self {
        let (mut people, mut groups, mut keys) = (Vec::new(), Vec::new(), Vec::new());
        let authority = house.foreign_authority();
        for (number, name) in PEOPLE.into_iter().enumerate() {
            let person = house.hire(name).await;
            groups.push(house.group(name, vec![Member::User(person.id)]).await);
            people.push(person);
            let address = format!("{name}@mail.contoso.com");
            let key = |generation: usize| {
                let year = i64::try_from(generation).unwrap();
                let key = u32::try_from(40 + number * GENERATIONS + generation).unwrap();
                house.mail_key(&authority, key, &address, (year - 4, year + 1))
            };
            keys.push((0..GENERATIONS).map(key).collect());
        }
        let profiles = profiles(&house).await;
        let mut devices = Vec::new();
        for (number, owner) in OWNERS.into_iter().enumerate() {
            let device = match number {
                MAC => house.mac(14, 5),
                1 => house.phone(14, 8),
                _ => house.phone(17, 5),
            };
            devices.push(house.enrol(device, Some(people[owner].id)).await);
        }
        let mut world = Self {
            house,
            people,
            groups,
            profiles,
            devices,
            keys,
            imported: BTreeMap::new(),
            targets: BTreeMap::new(),
            subjects: [(SCEP, 0), (PKCS, 0), (MAC_PKCS, 0)].into(),
            days: [(MAIL, 0), (SIGNED_MAIL, 0)].into(),
            by_password: BTreeSet::new(),
            disabled: BTreeSet::new(),
            ever_disabled: BTreeSet::new(),
        };
        world.begins().await;
        world
    }

    /// Everybody has everything before things go wrong.
    async fn begins(&mut self) {
        for person in 0..PEOPLE.len() {
            self.happens(Event::Import(person, 0)).await;
        }
        for profile in 0..PROFILES {
            self.happens(Event::Assign(profile, [0, 1].into())).await;
        }
        for device in &mut self.devices {
            self.house.settle(device).await;
        }
        self.assert_as_expected().await;
    }

    fn lose(&mut self, rate: f64) {
        for device in &mut self.devices {
            device.faults = Faults {
                not_now: rate,
                lost_answers: rate,
                lost_acknowledgements: rate,
                duplicate_reports: rate,
                dropped_connections: rate,
                lost_profiles: rate,
                ..Faults::default()
            };
        }
    }

    async fn happens(&mut self, event: Event) {
        let (engine, admin) = (self.house.engine.clone(), self.house.admin.clone());
        match event {
            Event::Assign(profile, people) => {
                let groups = people.iter().map(|person| self.groups[*person].id);
                let targets = groups.map(Target::Group).collect();
                self.house.target(self.profiles[profile].id, targets).await;
                self.targets.insert(profile, people);
            }
            Event::Rename(profile, subject) => {
                let body = json!({ "subjectNameFormatString": SUBJECTS[subject] });
                self.house.edit(self.profiles[profile].id, body).await;
                self.subjects.insert(profile, subject);
            }
            Event::Edit(mail, days) => {
                let body = json!({ "durationOfEmailToSync": DURATIONS[days].0 });
                self.house.edit(self.profiles[mail].id, body).await;
                self.days.insert(mail, days);
            }
            Event::SignIn(mail, by_certificate) => {
                let (method, reference) = if by_certificate {
                    self.by_password.remove(&mail);
                    ("certificate", Some(self.profiles[sign_in_of(mail)].id))
                } else {
                    self.by_password.insert(mail);
                    ("usernameAndPassword", None)
                };
                let body = json!({ "authenticationMethod": method });
                let change = ProfileChange {
                    body: body.as_object().unwrap().clone(),
                    references: [("identityCertificate".to_owned(), reference)].into(),
                    ..ProfileChange::default()
                };
                let id = self.profiles[mail].id;
                engine.update_profile(&admin, id, change).await.unwrap();
            }
            Event::Enable(person, enabled) => {
                engine
                    .update_user(&admin, self.people[person].id, |user| {
                        user.account_enabled = enabled;
                    })
                    .await
                    .unwrap();
                if enabled {
                    self.disabled.remove(&person);
                } else {
                    self.disabled.insert(person);
                    self.ever_disabled.insert(person);
                }
            }
            Event::Import(person, generation) => {
                let name = &self.people[person].user_principal_name;
                let key = &self.keys[person][generation];
                let purpose = ImportPurpose::SmimeEncryption;
                let id = self.house.bring(name, purpose, key).await;
                self.imported.insert((person, generation), id);
            }
            Event::DeleteImported(person, generation) => {
                if let Some(id) = self.imported.remove(&(person, generation)) {
                    engine.delete_imported(&admin, &id).await.unwrap();
                }
            }
            Event::DeleteByHand(device, which) => self.delete_by_hand(device, which).await,
            Event::OwnAccount(phone, there) => {
                let address = format!("{}@mail.contoso.com", PEOPLE[OWNERS[phone]]);
                let is_there = !self.devices[phone].state().user_accounts.is_empty();
                let has_ours = self.devices[phone]
                    .mail_views()
                    .iter()
                    .any(|view| view.host == HOSTS[1]);
                if there && !is_there && !has_ours {
                    self.devices[phone].add_user_account(HOSTS[1], &address);
                } else if !there && is_there {
                    self.devices[phone].remove_user_account(HOSTS[1], &address);
                }
            }
            Event::CheckIn(device) => {
                self.devices[device]
                    .check_in(&self.house.http)
                    .await
                    .unwrap();
            }
            Event::Hours(hours) => {
                let hours = i64::from(hours) * mandate_model::Timestamp::HOUR;
                self.house.clock.forward(hours);
                self.house.background().await;
            }
        }
    }

    async fn delete_by_hand(&mut self, device: usize, which: usize) {
        let id = self.house.device_of(&self.devices[device]).await;
        let mut session = self.house.engine.store().read().await.unwrap();
        let seen = session.sightings_of_device(id).await.unwrap();
        drop(session);
        let own = self.devices[device].mdm_identity().unwrap().certificate;
        // What no list ever showed is not missed either.
        let deletable: Vec<String> = self.devices[device]
            .keychain()
            .iter()
            .filter(|item| item.is_identity && *item.certificate != own)
            .map(|item| item.certificate)
            .filter(|held| seen.contains(mandate_pki::sha256(held.der()).as_slice()))
            .map(Held::fingerprint)
            .collect();
        if let Some(fingerprint) = deletable.get(which) {
            assert!(self.devices[device].delete_certificate(fingerprint));
            self.house
                .engine
                .sync_device(&self.house.admin, id)
                .await
                .unwrap();
        }
    }

    /// Each device loses a profile once more; then nothing gets lost, and devices come when they are woken.
    async fn calms_down(&mut self) {
        for phone in 0..MAC {
            self.happens(Event::OwnAccount(phone, false)).await;
        }
        for device in &mut self.devices {
            device.faults = Faults {
                lost_profiles: 1.0,
                ..Faults::default()
            };
            device.check_in(&self.house.http).await.unwrap();
            device.faults = Faults::default();
        }
        for _ in 0..4 {
            self.house.clock.forward_days(1);
            self.house.apns.forget_pushes();
            self.house.background().await;
            for device in &mut self.devices {
                if self.house.pushes_to(device) > 0 {
                    self.house.settle(device).await;
                }
            }
        }
    }

    /// Whether a profile is meant for a device, its platform and its user.
    fn is_meant_for(&self, profile: usize, device: usize) -> bool {
        let for_macs = profile >= MAC_PKCS;
        let owner = OWNERS[device];
        for_macs == (device == MAC)
            && self
                .targets
                .get(&profile)
                .is_some_and(|people| people.contains(&owner))
    }

    /// What a profile refers to.
    fn needs(&self, profile: usize) -> Vec<usize> {
        let sign_in = || (!self.by_password.contains(&profile)).then(|| sign_in_of(profile));
        match profile {
            SCEP => vec![ROOT],
            MAIL => sign_in()
                .into_iter()
                .flat_map(|one| [one, ROOT])
                .chain([HISTORY])
                .collect(),
            SIGNED_MAIL => vec![PKCS],
            _ => Vec::new(),
        }
    }

    fn has_imported(&self, person: usize) -> bool {
        (0..GENERATIONS).any(|generation| self.imported.contains_key(&(person, generation)))
    }

    fn assert_settled(&self, device: usize, profile: usize, (has, reason): (bool, Option<Reason>)) {
        let what = format!("{} on device {device}", self.profiles[profile].display_name);
        let owner = OWNERS[device];
        if !self.is_meant_for(profile, device) {
            assert!(!has && reason.is_none(), "{what} is there: {reason:?}");
            return;
        }
        if profile != ROOT && self.disabled.contains(&owner) {
            let is_said = matches!(reason, Some(Reason::UserDisabled { .. }));
            assert!(!has && is_said, "{what}: {reason:?}");
            return;
        }
        let is_reached = self
            .needs(profile)
            .iter()
            .all(|needed| self.is_meant_for(*needed, device));
        let lacks_keys =
            [HISTORY, MAC_HISTORY, MAIL].contains(&profile) && !self.has_imported(owner);
        if is_reached && !lacks_keys {
            assert!(has, "{what} is missing: {reason:?}");
            assert_eq!(reason, Some(Reason::Present), "{what}");
            return;
        }
        // What was there before may stay, but an account's history goes with the last key of it.
        let said = reason.map(|reason| reason.state());
        assert_eq!(said, Some(State::Error), "{what}");
        let is_history = [HISTORY, MAC_HISTORY].contains(&profile);
        assert!(!(is_history && has), "{what} has nothing to carry");
    }

    async fn assert_as_expected(&mut self) {
        for device in 0..OWNERS.len() {
            let mut strangers = self.devices[device].profiles().len() - 1;
            for profile in 0..PROFILES {
                let (it, id) = (&self.devices[device], self.profiles[profile].id);
                let has = self.house.has(it, id);
                strangers -= usize::from(has);
                let status = self.house.status(id, it).await;
                let state = status.as_ref().map(mandate_model::Status::state);
                self.assert_settled(device, profile, (has, status.map(|status| status.reason)));
                if state == Some(State::Succeeded) {
                    self.assert_version(device, profile).await;
                    self.assert_content(device, profile);
                }
            }
            assert_eq!(strangers, 0, "device {device} has profiles nobody knows");
            self.assert_imported_keys(device);
            assert_eq!(self.devices[device].received_in_clear(), []);
            self.house
                .assert_nothing_left(&mut self.devices[device])
                .await;
        }
        for device in 0..OWNERS.len() {
            self.assert_certificates(device).await;
        }
        let devices: Vec<&Device> = self.devices.iter().collect();
        self.house.assert_no_idle_keys(&devices).await;
    }

    /// Each good certificate is there, and each that is there is good. A document that cannot be made at present stays
    /// as it is, even if what it carries was deleted, or ended with the account of its user: another is not to be had.
    async fn assert_certificates(&self, device: usize) {
        let it = &self.devices[device];
        let (lost, left) = self.house.stray_certificates(it).await;
        let mut stays = BTreeSet::new();
        for (number, profile) in self.profiles.iter().enumerate() {
            if self.house.state(profile.id, it).await == Some(State::Error) {
                stays.insert(self.house.identifier(profile.id));
                let needed = self.needs(number).into_iter();
                stays.extend(needed.map(|one| self.house.identifier(self.profiles[one].id)));
            }
        }
        for issued in self.house.issued_to(it).await {
            if lost.contains(&issued.sha256) {
                let profile = self.house.identifier(issued.profile_id.unwrap());
                assert!(stays.contains(&profile), "device {device} lacks {issued:?}");
            }
        }
        for item in it.keychain() {
            if left.contains(mandate_pki::sha256(item.certificate.der()).as_slice()) {
                let excused = item.profiles.iter().all(|profile| stays.contains(*profile));
                let was_disabled = self.ever_disabled.contains(&OWNERS[device]);
                assert!(
                    excused && was_disabled,
                    "device {device}: {item:?} is not good"
                );
            }
        }
    }

    /// The version on the device is the one that is wanted.
    async fn assert_version(&self, device: usize, profile: usize) {
        let (it, id) = (&self.devices[device], self.profiles[profile].id);
        let device_id = self.house.device_of(it).await;
        let mut session = self.house.engine.store().read().await.unwrap();
        let rows = session.profiles_of_device(device_id).await.unwrap();
        let row = rows.iter().find(|row| row.profile_id == id).unwrap();
        let installed = it.profile(&self.house.identifier(id)).unwrap();
        let wanted = row.wanted_uuid.unwrap().to_string();
        assert!(
            installed.uuid.eq_ignore_ascii_case(&wanted),
            "device {device} has another version of {}",
            self.profiles[profile].display_name
        );
    }

    /// What the device made of a profile is what the profile says now.
    fn assert_content(&self, device: usize, profile: usize) {
        let (it, owner) = (&self.devices[device], OWNERS[device]);
        let identifier = self.house.identifier(self.profiles[profile].id);
        match profile {
            ROOT => assert!(
                it.certificates()
                    .iter()
                    .any(|held| held.profile == identifier)
            ),
            SCEP | PKCS | MAC_PKCS => {
                let held = it.identities().iter();
                let held: Vec<_> = held.filter(|held| held.profile == identifier).collect();
                assert_eq!(held.len(), 1, "{identifier} on device {device}");
                self.assert_subject(&held[0].certificate, profile, owner);
            }
            HISTORY | MAC_HISTORY => {
                let held: BTreeSet<String> = it
                    .identities()
                    .iter()
                    .filter(|held| held.profile == identifier)
                    .map(|held| held.certificate.fingerprint())
                    .collect();
                let expected = self.keys_of(owner).into_iter();
                assert_eq!(held, expected.map(Held::fingerprint).collect());
            }
            _ => self.assert_account(it, profile, owner),
        }
    }

    fn assert_account(&self, it: &Device, profile: usize, owner: usize) {
        let identifier = self.house.identifier(self.profiles[profile].id);
        let views: Vec<MailView> = it.mail_views();
        let view = views
            .iter()
            .find(|view| view.profile == identifier)
            .unwrap();
        let accounts = it.mail_accounts().iter();
        let mut accounts = accounts.filter(|account| account.profile == identifier);
        let days = &accounts.next().unwrap().settings.keys["MailNumberOfPastDaysToSync"];
        assert_eq!(*days, json!(DURATIONS[self.days[&profile]].1));
        match &view.identity {
            Some(identity) => {
                assert!(!self.by_password.contains(&profile));
                self.assert_subject(identity, sign_in_of(profile), owner);
            }
            None => assert!(self.by_password.contains(&profile)),
        }
        if profile == MAIL {
            let newest = self.keys_of(owner).pop().unwrap();
            assert_eq!(view.encryption.as_ref(), Some(newest));
        } else {
            self.assert_subject(view.signing.as_ref().unwrap(), PKCS, owner);
        }
    }

    fn assert_subject(&self, certificate: &Held, profile: usize, owner: usize) {
        let certificate = Certificate::from_der(certificate.der()).unwrap();
        assert_eq!(certificate.common_name().as_deref(), Some(PEOPLE[owner]));
        let has_unit = certificate.subject().contains("OU=Mail");
        assert_eq!(has_unit, self.subjects[&profile] == 1);
    }

    /// What was imported for a person and not deleted, the newest last.
    fn keys_of(&self, person: usize) -> Vec<&Held> {
        (0..GENERATIONS)
            .filter(|generation| self.imported.contains_key(&(person, *generation)))
            .map(|generation| &self.keys[person][generation].certificate)
            .collect()
    }

    /// Nobody has somebody else's keys.
    fn assert_imported_keys(&self, device: usize) {
        for (person, keys) in self.keys.iter().enumerate() {
            if person != OWNERS[device] {
                assert!(
                    !keys
                        .iter()
                        .any(|key| self.devices[device].holds(&key.certificate))
                );
            }
        }
    }

    /// Edits that say what is so already send nothing and issue nothing.
    async fn assert_edits_without_effect(&mut self) {
        let mut issued = Vec::new();
        for device in &self.devices {
            issued.push(self.house.issued_to(device).await.len());
        }
        for (profile, subject) in self.subjects.clone() {
            self.happens(Event::Rename(profile, 1 - subject)).await;
            self.happens(Event::Rename(profile, subject)).await;
        }
        for (mail, days) in self.days.clone() {
            self.happens(Event::Edit(mail, days)).await;
            let by_certificate = !self.by_password.contains(&mail);
            self.happens(Event::SignIn(mail, by_certificate)).await;
        }
        for (profile, people) in self.targets.clone() {
            self.happens(Event::Assign(profile, people)).await;
        }
        for (person, generation) in self.imported.keys().copied().collect::<Vec<_>>() {
            self.happens(Event::Import(person, generation)).await;
        }
        self.house.background().await;
        for (device, before) in self.devices.iter_mut().zip(issued) {
            assert_eq!(self.house.settle(device).await, Vec::<String>::new());
            assert_eq!(self.house.issued_to(device).await.len(), before);
        }
    }
}

/// The certificate profile that a mail profile signs in with.
const fn sign_in_of(mail: usize) -> usize {
    if mail == MAIL { SCEP } else { PKCS }
}

async fn profiles(house: &House) -> Vec<Profile> {
    let root = house.own_root("iosTrustedRootCertificate", "Root").await;
    let scep = house
        .certificate_profile("iosScepCertificateProfile", "SCEP", Some(root.id))
        .await;
    let pkcs = house
        .certificate_profile("iosPkcsCertificateProfile", "PKCS", None)
        .await;
    let purpose = json!({ "intendedPurpose": "smimeEncryption" });
    let history = "iosImportedPFXCertificateProfile";
    let history = house
        .profile(history, "History", purpose.clone(), &[])
        .await;
    let mut settings = mail_settings();
    settings["authenticationMethod"] = json!("certificate");
    settings["durationOfEmailToSync"] = json!(DURATIONS[0].0);
    settings["requireSmime"] = json!(true);
    settings["hostName"] = json!(HOSTS[0]);
    settings["encryptionCertificateType"] = json!("certificate");
    let references = [
        ("identityCertificate", scep.id),
        ("smimeEncryptionCertificate", history.id),
    ];
    let mail = "iosEasEmailProfileConfiguration";
    let encrypted = house
        .profile(mail, "Mail", settings.clone(), &references)
        .await;
    settings["hostName"] = json!(HOSTS[1]);
    settings["encryptionCertificateType"] = json!("none");
    settings["smimeSigningEnabled"] = json!(true);
    settings["signingCertificateType"] = json!("certificate");
    let references = [
        ("identityCertificate", pkcs.id),
        ("smimeSigningCertificate", pkcs.id),
    ];
    let signed = house
        .profile(mail, "Signed mail", settings, &references)
        .await;
    let mac_pkcs = house
        .certificate_profile("macOSPkcsCertificateProfile", "PKCS of Macs", None)
        .await;
    let mac_history = "macOSImportedPFXCertificateProfile";
    let mac_history = house
        .profile(mac_history, "History of Macs", purpose, &[])
        .await;
    vec![
        root,
        scep,
        pkcs,
        history,
        encrypted,
        signed,
        mac_pkcs,
        mac_history,
    ]
}

#[test]
fn in_the_end_each_device_has_its_keys_and_no_others_whatever_was_lost() {
    let config = Config {
        cases: 6,
        failure_persistence: None,
        max_shrink_iters: 0,
        ..Config::default()
    };
    let seed = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(config, seed);
    let histories = (proptest::collection::vec(event(), 40..80), 0.1..0.4);
    runner
        .run(&histories, |(events, rate)| {
            tokio::runtime::Runtime::new().unwrap().block_on(async {
                for place in places().await {
                    let mut world = Box::pin(World::new(House::open(place).await)).await;
                    world.lose(rate);
                    for event in events.clone() {
                        world.happens(event).await;
                    }
                    world.calms_down().await;
                    world.assert_as_expected().await;
                    world.assert_edits_without_effect().await;
                }
            });
            Ok(())
        })
        .unwrap();
}

#[tokio::test]
async fn old_clients_may_get_challenges_in_clear_but_never_keys() {
    for place in places().await {
        let options = Options {
            legacy_clients: true,
            ..Options::default()
        };
        let house = House::open_with(place, options).await;
        let ada = house.hire("ada").await;
        let authority = house.foreign_authority();
        let key = house.mail_key(&authority, 40, "ada@mail.contoso.com", (-1, 1));
        house
            .bring("ada@contoso.com", ImportPurpose::SmimeEncryption, &key)
            .await;
        let profiles = profiles(&house).await;
        for profile in &profiles {
            house.target(profile.id, vec![Target::AllUsers]).await;
        }
        let phone = house.enrol(house.phone(17, 5), Some(ada.id)).await;
        let mac = house.enrol(house.mac(14, 5), Some(ada.id)).await;
        for (number, profile) in profiles.iter().enumerate() {
            let device = if number < MAC_PKCS { &phone } else { &mac };
            assert!(house.has(device, profile.id), "{}", profile.display_name);
        }
        let secrets: Vec<&Secret> = [&phone, &mac]
            .into_iter()
            .flat_map(Device::received_in_clear)
            .map(|received| &received.secret)
            .collect();
        assert!(!secrets.is_empty(), "challenges are not encrypted");
        assert!(
            secrets.iter().all(|secret| **secret == Secret::Challenge),
            "{secrets:?}"
        );
    }
}
