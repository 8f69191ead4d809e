//! The user channel of a Mac: what is one person's goes to that person's keychain, when that person is logged in.

mod any_order;
mod delivery;
mod life;
mod people;

use mandate_model::{GroupId, ImportPurpose, Member, Profile, State, User};
use mandate_simulator::certificates::Issuer;
use mandate_simulator::device::Device;
use mandate_store::ChannelProfileRecord;
use serde_json::json;

use crate::house::{House, MailKey, Place};

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
