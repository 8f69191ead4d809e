//! The user channel of a Mac: what is one person's goes to that person's keychain, when that person is logged in.

use std::collections::BTreeSet;

use mandate_engine::{DeviceChange, WipeOptions};
use mandate_model::{GroupId, ImportPurpose, Member, Profile, Reason, State, Timestamp, User};
use mandate_simulator::certificates::Issuer;
use mandate_simulator::device::{Device, Ending};
use mandate_store::ChannelProfileRecord;
use serde_json::json;

use crate::house::{House, MailKey, Place, places};

const ADA: &str = "ada@mail.contoso.com";

/// Profiles for the user channel, of every kind that has one.
struct Kit {
    root: Profile,
    scep: Profile,
    pkcs: Profile,
    history: Profile,
}

impl Kit {
    async fn new(house: &House, group: GroupId) -> Self {
        let root = house.own_root("macOSTrustedRootCertificate", "Root").await;
        let scep = house
            .certificate_profile("macOSScepCertificateProfile", "SCEP", Some(root.id))
            .await;
        let pkcs = house
            .certificate_profile("macOSPkcsCertificateProfile", "PKCS", None)
            .await;
        let settings = json!({ "intendedPurpose": "smimeEncryption" });
        let history = house
            .profile(
                "macOSImportedPFXCertificateProfile",
                "History",
                settings,
                &[],
            )
            .await;
        let kit = Self {
            root,
            scep,
            pkcs,
            history,
        };
        for profile in kit.all() {
            house
                .edit(profile.id, json!({ "deploymentChannel": "userChannel" }))
                .await;
            house.assign(profile.id, &[group]).await;
        }
        kit
    }

    fn all(&self) -> [&Profile; 4] {
        [&self.root, &self.scep, &self.pkcs, &self.history]
    }

    async fn assert_delivered(&self, house: &House, mac: &Device, person: &str) {
        for profile in self.all() {
            let status = house.status(profile.id, mac).await.unwrap();
            let name = &profile.display_name;
            assert_eq!(status.state(), State::Succeeded, "{name}: {status:?}");
            assert!(status.evidence.is_some(), "{name}");
            assert!(has(house, mac, person, profile), "{name}");
            assert!(!house.has(mac, profile.id), "{name} is the Mac's");
        }
        house.assert_keys_agree(&[mac]).await;
        assert_eq!(house.good_certificates(mac).await.len(), 2);
    }
}

fn has(house: &House, mac: &Device, person: &str, profile: &Profile) -> bool {
    let person = mac.person(person).unwrap();
    person.has_profile(&house.identifier(profile.id))
}

/// A Mac with an account for Ada, its user, and one for Bob, who is nobody here; nobody has logged in.
struct Scene {
    house: House,
    kit: Kit,
    ada: User,
    staff: GroupId,
    mac: Device,
    key: MailKey,
}

impl Scene {
    async fn new(place: Place) -> Self {
        let house = House::open(place).await;
        let ada = house.hire("ada").await;
        let staff = house.group("Staff", vec![Member::User(ada.id)]).await.id;
        let key = imported(&house, &house.foreign_authority()).await;
        let kit = Kit::new(&house, staff).await;
        let mut mac = house.mac(14, 5);
        mac.add_person("ada", "Ada Lovelace", false);
        mac.add_person("bob", "Bob", true);
        let mac = house.enrol(mac, Some(ada.id)).await;
        Self {
            house,
            kit,
            ada,
            staff,
            mac,
            key,
        }
    }

    /// Ada is logged in and has everything.
    async fn equipped(place: Place) -> Self {
        let mut scene = Self::new(place).await;
        assert!(scene.log_in("ada").await);
        scene.settle("ada").await;
        scene.house.settle(&mut scene.mac).await;
        let (house, mac) = (&scene.house, &scene.mac);
        scene.kit.assert_delivered(house, mac, "ada").await;
        scene
    }

    async fn log_in(&mut self, person: &str) -> bool {
        self.mac.log_in(&self.house.http, person).await.unwrap()
    }

    /// Lets somebody's channel connect until it has nothing more to do. Returns the commands it got.
    async fn settle(&mut self, person: &str) -> Vec<String> {
        let mut commands = Vec::new();
        for _ in 0..30 {
            let report = self
                .mac
                .check_in_as(&self.house.http, person)
                .await
                .unwrap();
            commands.extend(report.commands.iter().map(|(name, _)| name.clone()));
            if report.is_quiet() && !report.comes_back() {
                return commands;
            }
        }
        panic!("the server does not stop: {commands:?}");
    }

    /// Rows of profiles on people's channels.
    async fn rows(&self) -> Vec<ChannelProfileRecord> {
        let device = self.house.device_of(&self.mac).await;
        let mut session = self.house.engine.store().read().await.unwrap();
        session.channel_profiles_of_device(device).await.unwrap()
    }

    /// Nothing is to be done over any channel, and nothing is pending.
    async fn assert_nothing_left(&mut self) {
        let people: Vec<String> = self
            .mac
            .state()
            .people
            .iter()
            .filter(|person| person.logged_in && person.push_token.is_some())
            .map(|person| person.short_name.clone())
            .collect();
        self.house.background().await;
        for person in people {
            assert_eq!(self.settle(&person).await, Vec::<String>::new(), "{person}");
        }
        self.house.assert_nothing_left(&mut self.mac).await;
    }
}

async fn imported(house: &House, authority: &Issuer) -> MailKey {
    let key = house.mail_key(authority, 31, ADA, (-1, 2));
    let purpose = ImportPurpose::SmimeEncryption;
    house.bring("ada@contoso.com", purpose, &key).await;
    key
}

#[tokio::test]
async fn what_is_for_the_user_waits_for_the_login_and_goes_to_the_users_keychain() {
    for place in places().await {
        let mut scene = Scene::new(place).await;
        for profile in scene.kit.all() {
            let status = scene.house.status(profile.id, &scene.mac).await.unwrap();
            let waiting = Reason::WaitingForLogin {
                user: scene.ada.user_principal_name.clone(),
            };
            assert_eq!(status.reason, waiting, "{}", profile.display_name);
            assert_eq!(status.state(), State::Pending);
            assert!(status.deadline.is_some(), "{}", profile.display_name);
            assert!(!scene.house.has(&scene.mac, profile.id));
        }
        assert!(scene.house.kept_keys().await.is_empty(), "nothing was made");

        assert!(scene.log_in("ada").await);
        scene.house.background().await;
        assert_eq!(scene.house.pushes_to_person(&scene.mac, "ada"), 1);
        scene.settle("ada").await;
        let (house, mac) = (&scene.house, &scene.mac);
        scene.kit.assert_delivered(house, mac, "ada").await;
        let ada = scene.mac.person("ada").unwrap();
        let keys = ada.identities().iter();
        let holds = |key: &MailKey| keys.clone().any(|held| held.certificate == key.certificate);
        assert!(holds(&scene.key));
        assert!(!scene.mac.holds_key_of(&scene.key.certificate));
        assert_eq!(scene.mac.received_in_clear(), []);
        scene.house.settle(&mut scene.mac).await;
        scene.assert_nothing_left().await;
    }
}

#[tokio::test]
async fn the_deadline_of_what_waits_for_a_login_does_not_move() {
    for place in places().await {
        let mut scene = Scene::new(place).await;
        let pkcs = scene.kit.pkcs.id;
        let first = scene.house.status(pkcs, &scene.mac).await.unwrap().deadline;
        for _ in 0..3 {
            scene.house.clock.forward_days(1);
            let other = scene.house.own_root("macOSTrustedRootCertificate", "Other");
            let other = other.await;
            scene.house.assign(other.id, &[scene.staff]).await;
            scene.house.settle(&mut scene.mac).await;
            let status = scene.house.status(pkcs, &scene.mac).await.unwrap();
            assert_eq!((status.state(), status.deadline), (State::Pending, first));
        }
        // It is nobody's fault, however long it takes.
        scene.house.clock.forward_days(30);
        scene.house.settle(&mut scene.mac).await;
        let status = scene.house.status(pkcs, &scene.mac).await.unwrap();
        assert_eq!((status.state(), status.deadline), (State::Pending, first));
        let (engine, admin) = (&scene.house.engine, &scene.house.admin);
        let overview = engine.status_overview(admin, pkcs).await.unwrap();
        assert_eq!((overview.devices.pending, overview.devices.error), (1, 0));
    }
}

#[tokio::test]
async fn somebody_else_who_logs_in_gets_nothing() {
    for place in places().await {
        let mut scene = Scene::new(place).await;
        scene.log_in("bob").await;
        let commands = scene.settle("bob").await;
        assert_eq!(commands, Vec::<String>::new());
        let bob = scene.mac.person("bob").unwrap();
        assert!(bob.profiles().is_empty() && bob.identities().is_empty());
        scene.house.settle(&mut scene.mac).await;
        let reason = scene.house.reason(scene.kit.pkcs.id, &scene.mac).await;
        assert!(matches!(reason, Some(Reason::WaitingForLogin { .. })));
        assert!(scene.house.kept_keys().await.is_empty());

        // Both at once: each has what is his.
        assert!(scene.log_in("ada").await);
        scene.settle("bob").await;
        scene.settle("ada").await;
        let (house, mac) = (&scene.house, &scene.mac);
        scene.kit.assert_delivered(house, mac, "ada").await;
        assert!(scene.mac.person("bob").unwrap().profiles().is_empty());
        // Once known by name, a directory user who is nobody here is told so.
        scene.mac.log_out("bob");
        assert!(!scene.log_in("bob").await);
        scene.house.settle(&mut scene.mac).await;
        scene.assert_nothing_left().await;
    }
}

#[tokio::test]
async fn a_directory_user_who_is_the_macs_user_is_asked_no_password() {
    for place in places().await {
        let mut scene = Scene::new(place).await;
        scene
            .mac
            .remove_person(&scene.house.http, "ada")
            .await
            .unwrap();
        scene.mac.add_person("Ada", "Ada Lovelace", true);
        assert!(scene.log_in("Ada").await);
        scene.settle("Ada").await;
        let (house, mac) = (&scene.house, &scene.mac);
        scene.kit.assert_delivered(house, mac, "Ada").await;
    }
}

#[tokio::test]
async fn the_short_name_may_come_later_from_the_directory() {
    for place in places().await {
        let mut scene = Scene::new(place).await;
        scene.mac.add_person("countess", "Ada Lovelace", false);
        assert!(scene.log_in("countess").await);
        assert_eq!(scene.settle("countess").await, Vec::<String>::new());
        let (engine, admin) = (&scene.house.engine, &scene.house.admin);
        let changed = engine.update_user(admin, scene.ada.id, |user| {
            let name = json!("countess");
            user.other.insert("mailNickname".to_owned(), name);
        });
        changed.await.unwrap();
        scene.house.background().await;
        assert_eq!(scene.house.pushes_to_person(&scene.mac, "countess"), 1);
        scene.settle("countess").await;
        let (house, mac) = (&scene.house, &scene.mac);
        scene.kit.assert_delivered(house, mac, "countess").await;
    }
}

#[tokio::test]
async fn a_logout_in_the_middle_and_lost_words_are_made_good_at_the_next_login() {
    for place in places().await {
        let mut scene = Scene::new(place).await;
        assert!(scene.log_in("ada").await);
        scene.mac.faults.lost_acknowledgements = 1.0;
        let report = scene.mac.check_in_as(&scene.house.http, "ada").await;
        assert_eq!(report.unwrap().ending, Ending::ReportLost);
        scene.mac.faults.lost_acknowledgements = 0.0;
        scene.mac.log_out("ada");
        let absent = scene.mac.check_in_as(&scene.house.http, "ada").await;
        assert!(absent.is_err());
        // The Mac itself goes on meanwhile, and proves nothing of hers.
        scene.house.settle(&mut scene.mac).await;
        for profile in scene.kit.all() {
            let state = scene.house.state(profile.id, &scene.mac).await;
            assert_eq!(state, Some(State::Pending), "{}", profile.display_name);
        }
        scene.house.clock.forward_days(2);
        assert!(scene.log_in("ada").await);
        scene.settle("ada").await;
        scene.house.settle(&mut scene.mac).await;
        let (house, mac) = (&scene.house, &scene.mac);
        scene.kit.assert_delivered(house, mac, "ada").await;
        scene.assert_nothing_left().await;
    }
}

#[tokio::test]
async fn every_word_may_get_lost() {
    for place in places().await {
        let mut scene = Scene::new(place).await;
        assert!(scene.log_in("ada").await);
        scene.mac.faults.lost_acknowledgements = 0.4;
        scene.mac.faults.lost_answers = 0.2;
        scene.mac.faults.duplicate_reports = 0.3;
        scene.mac.faults.not_now = 0.3;
        for _ in 0..40 {
            scene
                .mac
                .check_in_as(&scene.house.http, "ada")
                .await
                .unwrap();
            scene.house.clock.forward(30 * Timestamp::MINUTE);
        }
        scene.mac.faults = mandate_simulator::device::Faults::default();
        scene.house.clock.forward_days(1);
        scene.settle("ada").await;
        scene.house.settle(&mut scene.mac).await;
        let (house, mac) = (&scene.house, &scene.mac);
        scene.kit.assert_delivered(house, mac, "ada").await;
    }
}

#[tokio::test]
async fn a_restart_in_the_middle_loses_nothing() {
    for place in places().await {
        let mut scene = Scene::new(place).await;
        assert!(scene.log_in("ada").await);
        scene.mac.faults.lost_answers = 1.0;
        let report = scene.mac.check_in_as(&scene.house.http, "ada").await;
        assert_eq!(report.unwrap().ending, Ending::AnswerLost);
        scene.mac.faults.lost_answers = 0.0;
        scene.house.restart().await;
        scene.settle("ada").await;
        scene.house.settle(&mut scene.mac).await;
        let (house, mac) = (&scene.house, &scene.mac);
        scene.kit.assert_delivered(house, mac, "ada").await;
        scene.assert_nothing_left().await;
    }
}

#[tokio::test]
async fn a_profile_that_changes_its_channel_leaves_the_one_and_comes_to_the_other() {
    for place in places().await {
        let mut scene = Scene::equipped(place).await;
        let before = scene.house.good_certificates(&scene.mac).await;
        for profile in scene.kit.all() {
            let settings = json!({ "deploymentChannel": "deviceChannel" });
            scene.house.edit(profile.id, settings).await;
        }
        scene.settle("ada").await;
        assert!(scene.mac.person("ada").unwrap().profiles().is_empty());
        assert!(scene.mac.person("ada").unwrap().identities().is_empty());
        scene.house.settle(&mut scene.mac).await;
        for profile in scene.kit.all() {
            let state = scene.house.state(profile.id, &scene.mac).await;
            assert_eq!(state, Some(State::Succeeded), "{}", profile.display_name);
            assert!(scene.house.has(&scene.mac, profile.id));
        }
        scene.house.assert_keys_agree(&[&scene.mac]).await;
        let between = scene.house.good_certificates(&scene.mac).await;
        assert_eq!(before.intersection(&between).count(), 0, "keys move");
        scene.assert_nothing_left().await;

        for profile in scene.kit.all() {
            let settings = json!({ "deploymentChannel": "userChannel" });
            scene.house.edit(profile.id, settings).await;
        }
        scene.house.settle(&mut scene.mac).await;
        for profile in scene.kit.all() {
            assert!(!scene.house.has(&scene.mac, profile.id));
        }
        scene.settle("ada").await;
        scene.house.settle(&mut scene.mac).await;
        let (house, mac) = (&scene.house, &scene.mac);
        scene.kit.assert_delivered(house, mac, "ada").await;
        let after = scene.house.good_certificates(&scene.mac).await;
        assert_eq!(between.intersection(&after).count(), 0, "keys move");
        scene.assert_nothing_left().await;
    }
}

#[tokio::test]
async fn edits_wake_the_channel_that_they_are_for() {
    for place in places().await {
        let scene = Scene::equipped(place).await;
        scene.house.background().await;
        scene.house.apns.forget_pushes();
        let settings = json!({ "renewalThresholdPercentage": 30 });
        scene.house.edit(scene.kit.pkcs.id, settings).await;
        scene.house.background().await;
        assert_eq!(scene.house.pushes_to_person(&scene.mac, "ada"), 1);

        scene.house.apns.forget_pushes();
        let root = scene
            .house
            .own_root("macOSTrustedRootCertificate", "For all")
            .await;
        scene.house.assign(root.id, &[scene.staff]).await;
        scene.house.background().await;
        assert_eq!(scene.house.pushes_to_person(&scene.mac, "ada"), 0);
        assert_eq!(scene.house.pushes_to(&scene.mac), 1);
    }
}

#[tokio::test]
async fn certificates_on_the_user_channel_are_renewed_and_what_is_deleted_comes_again() {
    for place in places().await {
        let mut scene = Scene::equipped(place).await;
        let before = scene.house.good_certificates(&scene.mac).await;
        scene.house.clock.forward_days(294);
        scene.house.background().await;
        scene.house.settle(&mut scene.mac).await;
        scene.settle("ada").await;
        let (house, mac) = (&scene.house, &scene.mac);
        scene.kit.assert_delivered(house, mac, "ada").await;
        let after = scene.house.good_certificates(&scene.mac).await;
        assert_eq!(after.intersection(&before).count(), 0);
        assert_eq!(scene.house.kept_keys().await.len(), 1);

        let identifier = scene.house.identifier(scene.kit.history.id);
        assert!(scene.mac.lose_profile_of("ada", &identifier));
        scene.house.clock.forward_days(1);
        scene.house.background().await;
        scene.settle("ada").await;
        scene.house.settle(&mut scene.mac).await;
        let (house, mac) = (&scene.house, &scene.mac);
        scene.kit.assert_delivered(house, mac, "ada").await;
    }
}

#[tokio::test]
async fn what_is_no_longer_assigned_leaves_the_user_and_is_revoked() {
    for place in places().await {
        let mut scene = Scene::equipped(place).await;
        for profile in scene.kit.all() {
            scene.house.target(profile.id, Vec::new()).await;
        }
        scene.house.background().await;
        scene.settle("ada").await;
        assert!(scene.mac.person("ada").unwrap().profiles().is_empty());
        assert!(scene.rows().await.is_empty());
        assert_eq!(
            scene.house.good_certificates(&scene.mac).await,
            BTreeSet::new()
        );
        assert!(scene.house.kept_keys().await.is_empty());
        scene.house.settle(&mut scene.mac).await;
        scene.assert_nothing_left().await;
    }
}

#[tokio::test]
async fn another_primary_user_gets_his_and_the_old_one_keeps_nothing() {
    for place in places().await {
        let mut scene = Scene::equipped(place).await;
        let bob = scene.house.hire("bob").await;
        let device = scene.house.device_of(&scene.mac).await;
        let change = DeviceChange {
            user: Some(Some(bob.id)),
            ..DeviceChange::default()
        };
        let admin = &scene.house.admin;
        let changed = scene.house.engine.update_device(admin, device, change);
        changed.await.unwrap();
        scene.settle("ada").await;
        let ada = scene.mac.person("ada").unwrap();
        assert!(ada.profiles().is_empty() && ada.identities().is_empty());
        assert_eq!(
            scene.house.good_certificates(&scene.mac).await,
            BTreeSet::new()
        );
        scene
            .house
            .target(scene.kit.pkcs.id, vec![mandate_model::Target::AllUsers])
            .await;
        scene.log_in("bob").await;
        scene.settle("bob").await;
        let pkcs = &scene.kit.pkcs;
        assert!(has(&scene.house, &scene.mac, "bob", pkcs));
        assert!(!has(&scene.house, &scene.mac, "ada", pkcs));
        scene.house.settle(&mut scene.mac).await;
        scene.house.assert_keys_agree(&[&scene.mac]).await;
    }
}

#[tokio::test]
async fn retirement_and_wiping_end_the_user_channel_too() {
    for wipes in [false, true] {
        for place in places().await {
            let mut scene = Scene::equipped(place).await;
            let device = scene.house.device_of(&scene.mac).await;
            let (engine, admin) = (&scene.house.engine, &scene.house.admin);
            if wipes {
                let options = WipeOptions {
                    keep_data_plan: false,
                };
                engine.wipe_device(admin, device, options).await.unwrap();
            } else {
                engine.retire_device(admin, device).await.unwrap();
            }
            assert_eq!(scene.settle("ada").await, Vec::<String>::new());
            scene.house.settle_until_gone(&mut scene.mac).await;
            for person in &scene.mac.state().people {
                assert!(person.profiles().is_empty() && person.identities().is_empty());
            }
            assert_eq!(
                scene.house.good_certificates(&scene.mac).await,
                BTreeSet::new()
            );
            assert!(scene.house.kept_keys().await.is_empty());
            assert!(scene.rows().await.is_empty());
            scene.house.assert_nothing_left(&mut scene.mac).await;
        }
    }
}

#[tokio::test]
async fn a_deleted_account_loses_its_certificates_and_waits_for_the_next_login() {
    for place in places().await {
        let mut scene = Scene::equipped(place).await;
        scene
            .mac
            .remove_person(&scene.house.http, "ada")
            .await
            .unwrap();
        assert_eq!(
            scene.house.good_certificates(&scene.mac).await,
            BTreeSet::new()
        );
        assert!(scene.house.kept_keys().await.is_empty());
        scene.house.settle(&mut scene.mac).await;
        let reason = scene.house.reason(scene.kit.scep.id, &scene.mac).await;
        assert!(
            matches!(reason, Some(Reason::WaitingForLogin { .. })),
            "{reason:?}"
        );
        scene.mac.add_person("ada", "Ada Lovelace", false);
        assert!(scene.log_in("ada").await);
        scene.settle("ada").await;
        scene.house.settle(&mut scene.mac).await;
        let (house, mac) = (&scene.house, &scene.mac);
        scene.kit.assert_delivered(house, mac, "ada").await;
        scene.assert_nothing_left().await;
    }
}

#[tokio::test]
async fn who_may_not_use_the_account_any_more_loses_the_certificates_at_once() {
    for place in places().await {
        let mut scene = Scene::equipped(place).await;
        scene.mac.log_out("ada");
        let (engine, admin) = (&scene.house.engine, &scene.house.admin);
        let change = engine.update_user(admin, scene.ada.id, |user| user.account_enabled = false);
        change.await.unwrap();
        let good = scene.house.good_certificates(&scene.mac).await;
        assert_eq!(good, BTreeSet::new());
        assert!(scene.log_in("ada").await);
        scene.settle("ada").await;
        let ada = scene.mac.person("ada").unwrap();
        assert!(ada.identities().is_empty());
        scene.house.settle(&mut scene.mac).await;
        let (engine, admin) = (&scene.house.engine, &scene.house.admin);
        let change = engine.update_user(admin, scene.ada.id, |user| user.account_enabled = true);
        change.await.unwrap();
        scene.settle("ada").await;
        scene.house.settle(&mut scene.mac).await;
        let (house, mac) = (&scene.house, &scene.mac);
        scene.kit.assert_delivered(house, mac, "ada").await;
    }
}

#[tokio::test]
async fn reports_speak_of_the_mac_and_not_of_its_channels() {
    for place in places().await {
        let scene = Scene::equipped(place).await;
        let (engine, admin) = (&scene.house.engine, &scene.house.admin);
        let page = mandate_engine::Page::first(10);
        let device = scene.house.device_of(&scene.mac).await;
        let filter = mandate_store::DeviceFilter::default();
        let devices = engine.list_devices(admin, filter, page).await.unwrap();
        assert_eq!(devices.len(), 1);
        assert_eq!(engine.count_devices(admin).await.unwrap(), 1);
        for profile in scene.kit.all() {
            let page = mandate_engine::Page::first(10);
            let statuses = engine.device_statuses(admin, profile.id, page).await;
            let statuses = statuses.unwrap();
            assert_eq!(statuses.len(), 1, "{}", profile.display_name);
            assert_eq!(statuses[0].device.id, device);
            assert_eq!(statuses[0].status.state(), State::Succeeded);
            let overview = engine.status_overview(admin, profile.id).await.unwrap();
            assert_eq!(
                (overview.devices.succeeded, overview.users.succeeded),
                (1, 1)
            );
        }
        let of_profile = engine
            .profile_certificates(admin, scene.kit.scep.id, &[], 10)
            .await
            .unwrap();
        assert_eq!(of_profile.len(), 1);
        assert_eq!(of_profile[0].1.device.id, device);
        let session = &mut scene.house.engine.store().read().await.unwrap();
        let key = mandate_pki::certificate::Certificate::from_der(scene.key.certificate.der());
        let seen = session
            .sightings_of_certificate(&key.unwrap().sha256())
            .await;
        let seen = seen.unwrap();
        assert_eq!(seen.len(), 1);
        assert_eq!(seen[0].device_id, device);
        let channels = session.channels_of_device(device).await.unwrap();
        assert_eq!(channels.len(), 1);
        let found = session.find_device(channels[0].device.id).await.unwrap();
        assert_eq!(found, None, "a channel is no device");
    }
}

#[tokio::test]
async fn messages_of_strangers_and_of_shared_ipads_open_no_channel() {
    for place in places().await {
        let house = House::open(place).await;
        let ada = house.hire("ada").await;
        let phone = house.enrol(house.phone(17, 5), Some(ada.id)).await;
        let all = "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF";
        let url = format!("{}/apple/checkin", house.url);
        for (kind, status) in [
            ("UserAuthenticate", 410),
            ("TokenUpdate", 200),
            ("CheckOut", 200),
        ] {
            let mut message = plist::Dictionary::new();
            for (key, value) in [
                ("MessageType", kind),
                ("UDID", phone.udid()),
                ("UserID", all),
                ("UserShortName", "ada"),
                ("Topic", "com.apple.mgmt.x"),
                ("PushMagic", "magic"),
            ] {
                message.insert(key.to_owned(), value.into());
            }
            message.insert("Token".to_owned(), plist::Value::Data(vec![1; 32]));
            let body = crate::house::xml(message);
            let unsigned = crate::house::put(&house.http, &url, body.clone(), None).await;
            assert!((400..500).contains(&unsigned.status), "{kind}");
            let identity = phone.mdm_identity().unwrap();
            let answer = crate::house::put(&house.http, &url, body, Some(&identity)).await;
            assert_eq!(answer.status, status, "{kind}");
        }
        let device = house.device_of(&phone).await;
        let mut session = house.engine.store().read().await.unwrap();
        assert_eq!(session.channels_of_device(device).await.unwrap(), vec![]);
    }
}

#[tokio::test]
async fn a_mac_that_makes_up_people_is_remembered_for_a_few() {
    for place in places().await {
        let mut scene = Scene::new(place).await;
        for number in 0..30 {
            let name = format!("stranger{number}");
            scene.mac.add_person(&name, "A stranger", false);
            scene.log_in(&name).await;
        }
        assert!(scene.log_in("ada").await);
        scene.settle("ada").await;
        let (house, mac) = (&scene.house, &scene.mac);
        scene.kit.assert_delivered(house, mac, "ada").await;
        let device = house.device_of(mac).await;
        let mut session = house.engine.store().read().await.unwrap();
        let channels = session.channels_of_device(device).await.unwrap();
        assert_eq!(channels.len(), 17, "Ada and sixteen others");
    }
}

#[tokio::test]
async fn enrolling_again_begins_the_user_channel_anew() {
    for place in places().await {
        let mut scene = Scene::equipped(place).await;
        scene.mac.remove_enrolment(&scene.house.http).await.unwrap();
        assert_eq!(
            scene.house.good_certificates(&scene.mac).await,
            BTreeSet::new()
        );
        let mac = std::mem::replace(&mut scene.mac, scene.house.mac(14, 5));
        scene.mac = scene.house.enrol(mac, Some(scene.ada.id)).await;
        assert!(scene.log_in("ada").await);
        scene.settle("ada").await;
        scene.house.settle(&mut scene.mac).await;
        let (house, mac) = (&scene.house, &scene.mac);
        scene.kit.assert_delivered(house, mac, "ada").await;
        scene.assert_nothing_left().await;
    }
}

#[tokio::test]
async fn somebody_behind_another_is_served_but_not_hurried() {
    for place in places().await {
        let mut scene = Scene::new(place).await;
        assert!(scene.log_in("ada").await);
        scene.house.background().await;
        scene.settle("ada").await;
        scene.house.apns.forget_pushes();
        let background = scene.mac.send_to_background(&scene.house.http, "ada", true);
        background.await.unwrap();
        scene.house.background().await;
        assert_eq!(scene.house.pushes_to_person(&scene.mac, "ada"), 0);
        scene.house.clock.forward(16 * Timestamp::MINUTE);
        scene.house.background().await;
        assert_eq!(scene.house.pushes_to_person(&scene.mac, "ada"), 1);
        scene.settle("ada").await;
        scene.house.settle(&mut scene.mac).await;
        let (house, mac) = (&scene.house, &scene.mac);
        scene.kit.assert_delivered(house, mac, "ada").await;
    }
}
