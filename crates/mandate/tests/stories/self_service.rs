//! What people see of their own devices and do with them, without any role.

use mandate_engine::{
    AccountsPlace, AuditFilter, AuditOrder, Condition, Demand, DeviceChange, DeviceLimit,
    EnrolmentConfigurationChange, EnrolmentLimit, OwnDevice, OwnProblem, SignedIn, Subject, Visit,
    WipeOptions,
};
use mandate_model::{
    AccountKey, DeviceId, DeviceState, EnrolmentType, Member, Ownership, Platform, Profile, User,
};
use mandate_simulator::device::Device;

use crate::house::{House, places};

/// Somebody at a browser.
struct Person {
    of: SignedIn,
    visit: Visit,
}

impl Person {
    async fn hire(house: &House, name: &str) -> Self {
        Self::new(house, house.hire(name).await)
    }

    fn new(house: &House, user: User) -> Self {
        let now = mandate_engine::Clock::now(&*house.clock);
        Self {
            of: SignedIn {
                session: uuid::Uuid::nil(),
                user,
                methods: Vec::new(),
                provider: None,
                authenticated_at: now,
                issued_at: now,
                ends_at: now,
            },
            visit: Visit {
                address: Some("192.0.2.7".parse().unwrap()),
                ..Visit::default()
            },
        }
    }

    async fn devices(&self, house: &House) -> Vec<OwnDevice> {
        house.engine.own_devices(&self.of).await.unwrap()
    }

    /// The only device.
    async fn device(&self, house: &House) -> OwnDevice {
        let mut devices = self.devices(house).await;
        assert_eq!(devices.len(), 1, "{devices:?}");
        let device = devices.remove(0);
        let alone = house.engine.own_device(&self.of, device.id).await.unwrap();
        assert_eq!(alone.as_ref(), Some(&device));
        device
    }

    async fn check(&self, house: &House, id: DeviceId) -> Result<(), OwnProblem> {
        let engine = &house.engine;
        engine.check_own_device(&self.of, id, &self.visit).await
    }

    async fn rename(&self, house: &House, id: DeviceId, name: &str) -> Result<(), OwnProblem> {
        let engine = &house.engine;
        engine
            .rename_own_device(&self.of, (id, name), &self.visit)
            .await
    }

    async fn retire(&self, house: &House, id: DeviceId) -> Result<(), OwnProblem> {
        let engine = &house.engine;
        engine.retire_own_device(&self.of, id, &self.visit).await
    }

    async fn remove(&self, house: &House, id: DeviceId) -> Result<(), OwnProblem> {
        let engine = &house.engine;
        engine.remove_own_device(&self.of, id, &self.visit).await
    }

    async fn link(&self, house: &House, platform: Platform) -> Result<String, OwnProblem> {
        let engine = &house.engine;
        let link = engine
            .enrol_own_device(&self.of, platform, None, &self.visit)
            .await?;
        Ok(format!("{}{}", house.url, link.path))
    }

    async fn mail(&self, house: &House) -> Profile {
        let sales = house
            .group("Sales", vec![Member::User(self.of.user.id)])
            .await;
        let mail = house.mail_profile("Mail for Sales").await;
        house.assign(mail.id, &[sales.id]).await;
        mail
    }
}

async fn ada_with_a_phone(house: &House, version: u32) -> (Person, Device) {
    let ada = Person::hire(house, "ada").await;
    let phone = house
        .enrol(house.phone(version, 1), Some(ada.of.user.id))
        .await;
    (ada, phone)
}

/// The newest entries of the audit about a device, the newest first: who did what.
async fn audit_of(house: &House, id: &str) -> Vec<(String, String)> {
    let found = house.engine.list_audit_events(
        &house.admin,
        AuditFilter::default(),
        AuditOrder::NewestFirst(None),
        100,
    );
    let found = found.await.unwrap().into_iter();
    let about = found.filter(|event| event.resource.id == id);
    about
        .map(|event| (event.actor.name, event.activity))
        .collect()
}

#[tokio::test]
async fn a_blocked_account_is_named_with_its_place_until_the_phone_has_the_right_one() {
    for (version, place_of_accounts) in [
        (13, AccountsPlace::SettingsPasswords),
        (17, AccountsPlace::SettingsMail),
        (18, AccountsPlace::SettingsApps),
    ] {
        for place in places().await {
            let house = House::open(place).await;
            let (ada, mut phone) = ada_with_a_phone(&house, version).await;
            assert_eq!(ada.device(&house).await.condition, Condition::Ready);
            phone.add_user_account("mail.contoso.com", "ada@mail.contoso.com");
            ada.mail(&house).await;
            assert_eq!(ada.device(&house).await.condition, Condition::Working);

            house.settle(&mut phone).await;
            let device = ada.device(&house).await;
            assert_eq!(device.condition, Condition::NeedsYou);
            let account = AccountKey {
                host: "mail.contoso.com".to_owned(),
                address: "ada@mail.contoso.com".to_owned(),
            };
            assert_eq!(device.demand(), Some(&Demand::RemoveAccount { account }));
            assert_eq!(device.accounts_place, place_of_accounts);
            assert_eq!(device.items[0].subject, Subject::Mail);

            phone.remove_user_account("mail.contoso.com", "ada@mail.contoso.com");
            house.background().await;
            house.apns.forget_pushes();
            ada.check(&house, device.id).await.unwrap();
            house.background().await;
            assert_eq!(house.pushes_to(&phone), 1, "nobody wakes the phone");
            house.settle(&mut phone).await;
            let device = ada.device(&house).await;
            assert_eq!(device.condition, Condition::Ready);
            assert!(device.items[0].asks_password, "{device:?}");
            house.assert_nothing_left(&mut phone).await;
        }
    }
}

#[tokio::test]
async fn what_is_somebody_elses_is_not_there() {
    for place in places().await {
        let house = House::open(place).await;
        let (ada, phone) = ada_with_a_phone(&house, 18).await;
        let bob = Person::hire(&house, "bob").await;
        let id = house.device_of(&phone).await;
        assert!(bob.devices(&house).await.is_empty());
        let seen = house.engine.own_device(&bob.of, id).await.unwrap();
        assert_eq!(seen, None);
        let nobody = DeviceId(uuid::Uuid::from_u128(7));
        for id in [id, nobody] {
            for refused in [
                bob.check(&house, id).await,
                bob.rename(&house, id, "Mine").await,
                bob.retire(&house, id).await,
                bob.remove(&house, id).await,
            ] {
                assert!(matches!(refused, Err(OwnProblem::NotYours)), "{refused:?}");
            }
        }
        let device = ada.device(&house).await;
        assert!(!device.is_renamed);
        assert_eq!(device.state, DeviceState::Enrolled);

        // It becomes his, and is hers no more.
        let change = DeviceChange {
            user: Some(Some(bob.of.user.id)),
            ..DeviceChange::default()
        };
        let engine = &house.engine;
        engine
            .update_device(&house.admin, id, change)
            .await
            .unwrap();
        assert!(ada.devices(&house).await.is_empty());
        assert_eq!(bob.device(&house).await.id, id);
        let refused = ada.retire(&house, id).await;
        assert!(matches!(refused, Err(OwnProblem::NotYours)), "{refused:?}");
    }
}

#[tokio::test]
async fn the_channel_of_a_person_on_a_mac_is_no_device_of_theirs() {
    for place in places().await {
        let house = House::open(place).await;
        let ada = Person::hire(&house, "ada").await;
        let mut mac = house.mac(14, 4);
        mac.add_person("ada", "Ada", true);
        let mut mac = house.enrol(mac, Some(ada.of.user.id)).await;
        assert!(mac.log_in(&house.http, "ada").await.unwrap());
        let device = ada.device(&house).await;
        assert_eq!(device.platform, Platform::MacOs);
        let mut session = house.engine.store().read().await.unwrap();
        let channel = format!("{}:{}", mac.udid(), mac.person("ada").unwrap().id);
        let channel = session.find_device_by_enrolment(&channel).await.unwrap();
        let channel = channel.expect("the Mac has opened it").device.id;
        drop(session);
        assert_ne!(channel, device.id);
        let refused = ada.retire(&house, channel).await;
        assert!(matches!(refused, Err(OwnProblem::NotYours)), "{refused:?}");
        let seen = house.engine.own_device(&ada.of, channel).await.unwrap();
        assert_eq!(seen, None);
    }
}

#[tokio::test]
async fn a_device_is_called_as_its_person_likes() {
    for place in places().await {
        let house = House::open(place).await;
        let (ada, phone) = ada_with_a_phone(&house, 18).await;
        let id = house.device_of(&phone).await;
        let own = ada.device(&house).await.name;
        ada.rename(&house, id, "  Ada’s\u{7} phone ").await.unwrap();
        let device = ada.device(&house).await;
        assert_eq!(device.name, "Ada’s phone");
        assert!(device.is_renamed);
        let ada_did = |what: &str| ("ada@contoso.com".to_owned(), what.to_owned());
        let audit = audit_of(&house, &id.to_string()).await;
        assert_eq!(audit[0], ada_did("update"), "{audit:?}");

        let longest = "é".repeat(64);
        ada.rename(&house, id, &longest).await.unwrap();
        let refused = ada.rename(&house, id, &"é".repeat(65)).await;
        assert!(
            matches!(refused, Err(OwnProblem::NameTooLong(64))),
            "{refused:?}"
        );
        assert_eq!(ada.device(&house).await.name, longest);
        ada.rename(&house, id, " ").await.unwrap();
        assert_eq!(ada.device(&house).await.name, own);
    }
}

#[tokio::test]
async fn a_device_is_retired_and_then_removed_by_its_person() {
    for place in places().await {
        let house = House::open(place).await;
        let (ada, mut phone) = ada_with_a_phone(&house, 18).await;
        let mail = ada.mail(&house).await;
        house.settle(&mut phone).await;
        assert!(house.has(&phone, mail.id));
        let id = house.device_of(&phone).await;
        let refused = ada.remove(&house, id).await;
        assert!(
            matches!(refused, Err(OwnProblem::StillManaged)),
            "{refused:?}"
        );

        ada.retire(&house, id).await.unwrap();
        assert_eq!(ada.device(&house).await.condition, Condition::Leaving);
        let again = ada.retire(&house, id).await;
        assert!(matches!(again, Err(OwnProblem::BeingRetired)), "{again:?}");
        let early = ada.remove(&house, id).await;
        assert!(matches!(early, Err(OwnProblem::BeingRetired)), "{early:?}");

        house.settle_until_gone(&mut phone).await;
        assert!(!house.has(&phone, mail.id));
        let device = ada.device(&house).await;
        assert_eq!(device.condition, Condition::Gone);
        assert!(device.can_remove() && !device.can_retire());
        let late = ada.check(&house, id).await;
        assert!(matches!(late, Err(OwnProblem::HasGone)), "{late:?}");
        ada.remove(&house, id).await.unwrap();
        assert!(ada.devices(&house).await.is_empty());
        let audit = audit_of(&house, &id.to_string()).await;
        let by_ada: Vec<&str> = audit
            .iter()
            .filter(|(who, _)| who == "ada@contoso.com")
            .map(|(_, what)| what.as_str())
            .collect();
        assert_eq!(by_ada, ["delete", "retire"]);
    }
}

#[tokio::test]
async fn what_is_the_organisations_or_is_to_be_erased_stays() {
    for place in places().await {
        let house = House::open(place).await;
        let (ada, phone) = ada_with_a_phone(&house, 18).await;
        let id = house.device_of(&phone).await;
        let change = DeviceChange {
            ownership: Some(Ownership::Company),
            ..DeviceChange::default()
        };
        let engine = &house.engine;
        engine
            .update_device(&house.admin, id, change)
            .await
            .unwrap();
        assert!(!ada.device(&house).await.can_retire());
        let refused = ada.retire(&house, id).await;
        assert!(matches!(refused, Err(OwnProblem::OfCompany)), "{refused:?}");

        let whole = WipeOptions {
            keep_data_plan: false,
        };
        engine.wipe_device(&house.admin, id, whole).await.unwrap();
        for refused in [
            ada.retire(&house, id).await,
            ada.remove(&house, id).await,
            ada.check(&house, id).await,
        ] {
            let is_refused = matches!(refused, Err(OwnProblem::BeingErased));
            assert!(is_refused, "{refused:?}");
        }
        assert_eq!(ada.device(&house).await.state, DeviceState::Wiping);
    }
}

#[tokio::test]
async fn a_phone_comes_by_the_link_of_its_person_once() {
    for place in places().await {
        let house = House::open(place).await;
        let ada = Person::hire(&house, "ada").await;
        let link = ada.link(&house, Platform::Ios).await.unwrap();
        let mut phone = house.phone(18, 1);
        phone.enrol(&house.http, &link).await.unwrap();
        house.settle(&mut phone).await;
        let device = ada.device(&house).await;
        assert_eq!(device.enrolment_type, EnrolmentType::Device);
        assert_eq!(device.condition, Condition::Ready);
        let mut second = house.phone(18, 1);
        assert!(second.enrol(&house.http, &link).await.is_err());

        let late = ada.link(&house, Platform::Ios).await.unwrap();
        house.clock.forward(31 * mandate_model::Timestamp::MINUTE);
        assert!(second.enrol(&house.http, &late).await.is_err());
        assert_eq!(ada.devices(&house).await.len(), 1);
    }
}

#[tokio::test]
async fn nobody_piles_up_links_and_none_is_made_before_there_is_a_push_certificate() {
    for place in places().await {
        let options = mandate_engine::Options::default();
        let house = House::open_without_push(place, options).await;
        let ada = Person::hire(&house, "ada").await;
        let refused = ada.link(&house, Platform::Ios).await;
        assert!(matches!(refused, Err(OwnProblem::NotSetUp)), "{refused:?}");

        let uuid = crate::house::PUSH_TOPIC;
        house.store_push_certificate(uuid).await.unwrap();
        for _ in 0..20 {
            ada.link(&house, Platform::MacOs).await.unwrap();
        }
        let refused = ada.link(&house, Platform::Ios).await;
        let is_refused = matches!(refused, Err(OwnProblem::TooManyLinks));
        assert!(is_refused, "{refused:?}");
        let bob = Person::hire(&house, "bob").await;
        bob.link(&house, Platform::Ios).await.unwrap();
        house.clock.forward(31 * mandate_model::Timestamp::MINUTE);
        ada.link(&house, Platform::Ios).await.unwrap();
    }
}

#[tokio::test]
async fn who_has_as_many_devices_as_allowed_gets_no_link() {
    for place in places().await {
        let house = House::open(place).await;
        let (ada, mut phone) = ada_with_a_phone(&house, 18).await;
        let one = EnrolmentConfigurationChange {
            content: Some(1),
            ..EnrolmentConfigurationChange::default()
        };
        let engine = &house.engine;
        let everybody = EnrolmentLimit::OF_EVERYBODY;
        engine
            .update_enrolment_configuration::<DeviceLimit>(&house.admin, everybody, one)
            .await
            .unwrap();
        let refused = ada.link(&house, Platform::Ios).await;
        let is_refused = matches!(refused, Err(OwnProblem::TooManyDevices(1)));
        assert!(is_refused, "{refused:?}");
        let id = house.device_of(&phone).await;
        ada.retire(&house, id).await.unwrap();
        house.settle_until_gone(&mut phone).await;
        ada.link(&house, Platform::Ios).await.unwrap();
    }
}
