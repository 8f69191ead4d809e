//! Which service manages devices: nothing is enrolled before it is this one, and a change takes nothing away.

use mandate_engine::{
    Actor, AuthorityReset, DirectoryRole, EngineError, GroupFilter, ItemCode, ManagementAuthority,
    NewAuthorityReset, NewGroup, Options, Origin, ResetStage,
};
use mandate_model::{DeviceState, EnrolmentType, Member, Platform, Timestamp, UserId};

use crate::house::{House, PUSH_TOPIC, places};

use ManagementAuthority::{Coexistence, ConfigurationManager, Intune, Office365};

impl House {
    async fn set_authority(&self, to: ManagementAuthority) {
        let set = self.engine.set_management_authority(&self.admin, to, true);
        set.await.unwrap();
    }

    /// What keeps a new phone of somebody out; nothing if it is let in.
    async fn turned_away(&self, user: UserId) -> Option<String> {
        let link = self
            .link_for(Platform::Ios, Some(user), EnrolmentType::Device)
            .await;
        let mut phone = self.phone(17, 5);
        match phone.enrol(&self.http, &link).await {
            Ok(()) => None,
            Err(error) => Some(format!("{error:?}")),
        }
    }

    /// An administrator as they are when they ask for something now.
    async fn administrator(&self, name: &str, role: DirectoryRole) -> Actor {
        let principal_name = format!("{name}@contoso.com");
        let known = self.engine.find_user(&self.admin, &principal_name);
        let user = if let Some(user) = known.await.unwrap() {
            user
        } else {
            let user = self.hire(name).await;
            let member = Member::User(user.id);
            let added = self
                .engine
                .add_directory_role_member(&self.admin, role, member);
            added.await.unwrap();
            user
        };
        self.engine
            .person_actor(&user, None, None, Origin::default())
            .await
            .unwrap()
    }

    pub(crate) async fn request(&self, target: ManagementAuthority) -> AuthorityReset {
        let new = NewAuthorityReset {
            domain: "Contoso.com".to_owned(),
            target,
        };
        let made = self.engine.request_authority_reset(&self.admin, new);
        made.await.unwrap()
    }

    async fn attest(&self, reset: &AuthorityReset, item: ItemCode) {
        let by = Some("Ada Lovelace".to_owned());
        let attested = self
            .engine
            .attest_authority_reset(&self.admin, reset.id, item, by);
        attested.await.unwrap();
    }

    async fn stage(&self, reset: &AuthorityReset) -> ResetStage {
        let found = self.engine.find_authority_reset(&self.admin, reset.id);
        found.await.unwrap().unwrap().stage
    }

    async fn in_force(&self) -> ManagementAuthority {
        self.engine.management_authority().await.unwrap()
    }
}

async fn make_group(house: &House, actor: &Actor, name: &str) -> Result<(), EngineError> {
    let new = NewGroup {
        display_name: name.to_owned(),
        ..NewGroup::default()
    };
    let made = house.engine.create_group(actor, new, Vec::new()).await;
    made.map(drop)
}

/// MDA-3, MDA-1
#[tokio::test]
async fn nothing_is_enrolled_before_the_authority_is_set() {
    for place in places().await {
        let house = House::open_bare(place, Options::default()).await;
        house.store_push_certificate(PUSH_TOPIC).await.unwrap();
        let ada = house.hire("ada").await;
        assert_eq!(house.in_force().await, ManagementAuthority::Unknown);
        let why = house.turned_away(ada.id).await.unwrap();
        assert!(
            why.contains("has not set the management authority"),
            "{why}"
        );
        // Without the tick nothing happens.
        let set = house
            .engine
            .set_management_authority(&house.admin, Intune, false);
        assert!(matches!(set.await, Err(EngineError::Invalid(_))));
        assert_eq!(house.in_force().await, ManagementAuthority::Unknown);

        house.open_for_enrolment().await;
        assert_eq!(house.turned_away(ada.id).await, None);
        let unknown =
            house
                .engine
                .set_management_authority(&house.admin, ManagementAuthority::Unknown, true);
        assert!(matches!(unknown.await, Err(EngineError::Invalid(_))));
    }
}

/// MDA-2, MDA-4
#[tokio::test]
async fn another_authority_keeps_new_devices_out_and_serves_those_that_are_here() {
    for place in places().await {
        let house = House::open(place).await;
        let ada = house.hire("ada").await;
        let mut phone = house.enrol(house.phone(17, 5), Some(ada.id)).await;
        // Two got their profiles in time, but come too late.
        let mut early = Vec::new();
        for _ in 0..2 {
            let link = house
                .link_for(Platform::Ios, Some(ada.id), EnrolmentType::Device)
                .await;
            early.push(house.http.fetch(&link).await.unwrap());
        }
        for (authority, words) in [
            (ConfigurationManager, "managed by Configuration Manager"),
            (Office365, "managed by Office 365"),
        ] {
            house.set_authority(authority).await;
            let why = house.turned_away(ada.id).await.unwrap();
            assert!(why.contains(words), "{why}");
            let mut late = house.phone(17, 5);
            let early = early.pop().unwrap();
            let refused = late.enrol_with_profile(&house.http, &early.body).await;
            let refused = format!("{:?}", refused.unwrap_err());
            assert!(refused.contains(words), "{refused}");
            // Whoever is here is asked and answers as before.
            let id = house.device_of(&phone).await;
            house.engine.sync_device(&house.admin, id).await.unwrap();
            assert!(!house.settle(&mut phone).await.is_empty());
            let device = house.engine.find_device(&house.admin, id).await.unwrap();
            assert_eq!(device.unwrap().device.state, DeviceState::Enrolled);
        }
        house.set_authority(Coexistence).await;
        assert_eq!(house.turned_away(ada.id).await, None);
        house.set_authority(Intune).await;
        assert_eq!(house.turned_away(ada.id).await, None);
    }
}

/// RBA-1
#[tokio::test]
async fn only_administrators_of_the_whole_change_the_authority() {
    for place in places().await {
        let house = House::open(place).await;
        for (name, role, may) in [
            ("gert", DirectoryRole::GlobalAdministrator, true),
            ("inge", DirectoryRole::IntuneAdministrator, true),
            ("rita", DirectoryRole::GlobalReader, false),
        ] {
            let actor = house.administrator(name, role).await;
            let set = house
                .engine
                .set_management_authority(&actor, Coexistence, true);
            assert_eq!(set.await.is_ok(), may, "{name}");
            let standing = house.engine.authority_standing(&actor).await.unwrap();
            assert_eq!(standing.authority, Coexistence);
        }
    }
}

/// MDA-5..9
#[tokio::test]
async fn a_reset_is_blocked_until_all_is_green_locks_and_is_done_in_its_time() {
    for place in places().await {
        let mut house = House::open(place).await;
        let ada = house.hire("ada").await;
        let mut phone = house.enrol(house.phone(17, 5), Some(ada.id)).await;
        let manager = house.hire("mia").await;
        let appointed = house
            .engine
            .appoint_enrolment_manager(&house.admin, manager.id);
        appointed.await.unwrap();
        let reset = house.request(ConfigurationManager).await;
        let left = |reset: &AuthorityReset| {
            let red = reset
                .checklist
                .iter()
                .filter(|item| !item.state.is_green())
                .map(|item| item.code);
            red.collect::<Vec<_>>()
        };
        assert_eq!(
            left(&reset),
            [
                ItemCode::DevicesRetired,
                ItemCode::EnrolmentManagersRemoved,
                ItemCode::PushCertificateRemoved
            ]
        );
        let start = house
            .engine
            .start_authority_reset(&house.admin, reset.id, true);
        let Err(EngineError::NotPossible { reason }) = start.await else {
            panic!("it began before it could");
        };
        assert!(reason.contains("`devicesRetired`"), "{reason}");
        // While it is prepared everything can still be done: how else would it become green?
        let inge = house
            .administrator("inge", DirectoryRole::IntuneAdministrator)
            .await;
        make_group(&house, &inge, "before").await.unwrap();
        // What the list says of devices is what keeps the push certificate.
        let early = house.engine.remove_push_certificate(&inge).await;
        assert!(matches!(early, Err(EngineError::InUse { .. })), "{early:?}");
        let id = house.device_of(&phone).await;
        house.engine.retire_device(&inge, id).await.unwrap();
        house.settle_until_gone(&mut phone).await;
        let dismissed = house.engine.dismiss_enrolment_manager(&inge, manager.id);
        dismissed.await.unwrap();
        house.engine.remove_push_certificate(&inge).await.unwrap();
        let found = house.engine.find_authority_reset(&inge, reset.id);
        assert!(left(&found.await.unwrap().unwrap()).is_empty());

        let started = house.engine.start_authority_reset(&inge, reset.id, true);
        let started = started.await.unwrap();
        assert_eq!(started.stage, ResetStage::Running);
        assert!(started.completes_at > started.started_at);
        let inge = house
            .administrator("inge", DirectoryRole::IntuneAdministrator)
            .await;
        let refused = make_group(&house, &inge, "during").await;
        assert!(
            matches!(refused, Err(EngineError::Locked { .. })),
            "{refused:?}"
        );
        let set = house
            .engine
            .set_management_authority(&inge, Office365, true);
        assert!(matches!(set.await, Err(EngineError::Locked { .. })));
        assert!(
            house
                .engine
                .list_groups(
                    &inge,
                    GroupFilter::default(),
                    mandate_engine::Page::first(9)
                )
                .await
                .is_ok()
        );

        // A power cut in the middle takes nothing back, and its time has not come.
        house.restart().await;
        house.background().await;
        assert_eq!(house.stage(&reset).await, ResetStage::Running);
        assert_eq!(house.in_force().await, Intune);
        house.clock.forward(3 * Timestamp::MINUTE);
        house.background().await;
        assert_eq!(house.stage(&reset).await, ResetStage::Done);
        assert_eq!(house.in_force().await, ConfigurationManager);
        let inge = house
            .administrator("inge", DirectoryRole::IntuneAdministrator)
            .await;
        make_group(&house, &inge, "after").await.unwrap();
    }
}

/// MDA-7, MDA-8, MDA-10
#[tokio::test]
async fn what_happens_elsewhere_is_attested_and_a_reset_can_be_given_up() {
    for place in places().await {
        let house = House::open(place).await;
        let ada = house.hire("ada").await;
        house.set_authority(ConfigurationManager).await;
        let reset = house.request(Intune).await;
        for item in &reset.checklist {
            assert!(item.code.is_attested());
            house.attest(&reset, item.code).await;
        }
        let start = house
            .engine
            .start_authority_reset(&house.admin, reset.id, true);
        start.await.unwrap();
        // Given up while it runs: nothing has changed, and nothing is locked any more.
        let cancelled = house.engine.cancel_authority_reset(&house.admin, reset.id);
        assert_eq!(cancelled.await.unwrap().stage, ResetStage::Cancelled);
        house.clock.forward(3 * Timestamp::MINUTE);
        house.background().await;
        assert_eq!(house.in_force().await, ConfigurationManager);
        let inge = house
            .administrator("inge", DirectoryRole::IntuneAdministrator)
            .await;
        make_group(&house, &inge, "after").await.unwrap();

        let again = house.request(Intune).await;
        assert!(
            !again.is_green(),
            "what was attested counts for one request"
        );
        for item in &again.checklist {
            house.attest(&again, item.code).await;
        }
        let start = house
            .engine
            .start_authority_reset(&house.admin, again.id, true);
        start.await.unwrap();
        let why = house.turned_away(ada.id).await.unwrap();
        assert!(why.contains("is being reset"), "{why}");
        house.clock.forward(3 * Timestamp::MINUTE);
        house.background().await;
        assert_eq!(house.in_force().await, Intune);
        assert_eq!(house.turned_away(ada.id).await, None);
    }
}

#[tokio::test]
async fn a_reset_that_finds_something_left_at_its_end_is_given_back() {
    for place in places().await {
        let house = House::open_bare(place, Options::default()).await;
        house.set_authority(Intune).await;
        let reset = house.request(Office365).await;
        assert!(reset.is_green(), "{:?}", reset.checklist);
        let start = house
            .engine
            .start_authority_reset(&house.admin, reset.id, true);
        start.await.unwrap();
        // The machine's own command line is not held by the lock.
        house.store_push_certificate(PUSH_TOPIC).await.unwrap();
        house.clock.forward(3 * Timestamp::MINUTE);
        house.background().await;
        assert_eq!(house.stage(&reset).await, ResetStage::Preparing);
        assert_eq!(house.in_force().await, Intune);
    }
}
