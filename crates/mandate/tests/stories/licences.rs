//! Licences: who has none enrols nothing, and whoever loses theirs loses nothing that was not said before.

use std::collections::BTreeSet;

use mandate_engine::{
    EngineError, LicenceChange, LicenceHolder, LicenceLoss, Licensed, ManagementAuthority, Options,
};
use mandate_model::{EnrolmentType, Member, Platform, Reason, Target, UserId};

use crate::house::{House, PUSH_TOPIC, places};

impl House {
    /// A house with an authority and without licences.
    async fn open_unlicensed(place: crate::house::Place) -> Self {
        let house = Self::open_bare(place, Options::default()).await;
        house.store_push_certificate(PUSH_TOPIC).await.unwrap();
        let intune = ManagementAuthority::Intune;
        let set = house
            .engine
            .set_management_authority(&house.admin, intune, true);
        set.await.unwrap();
        house
    }

    async fn license(&self, holder: LicenceHolder) -> Result<(), EngineError> {
        let change = LicenceChange {
            add: BTreeSet::from([holder]),
            ..LicenceChange::default()
        };
        self.engine.change_licences(&self.admin, &change).await
    }

    async fn unlicense(&self, holder: LicenceHolder) {
        let change = LicenceChange {
            remove: BTreeSet::from([holder]),
            ..LicenceChange::default()
        };
        let changed = self.engine.change_licences(&self.admin, &change).await;
        changed.unwrap();
    }

    async fn limit_licences(&self, units: i64) {
        let change = LicenceChange {
            units: Some(Some(units)),
            ..LicenceChange::default()
        };
        let changed = self.engine.change_licences(&self.admin, &change).await;
        changed.unwrap();
    }

    async fn refused(&self, user: UserId) -> Option<String> {
        let link = self
            .link_for(Platform::Ios, Some(user), EnrolmentType::Device)
            .await;
        let mut phone = self.phone(17, 5);
        match phone.enrol(&self.http, &link).await {
            Ok(()) => None,
            Err(error) => Some(format!("{error:?}")),
        }
    }

    async fn licence(&self, user: UserId) -> Licensed {
        let licence = self.engine.user_licence(&self.admin, user).await;
        licence.unwrap().state
    }
}

/// LIC-1, LIC-2
#[tokio::test]
async fn only_people_with_a_licence_enrol() {
    for place in places().await {
        let house = House::open_unlicensed(place).await;
        let (ada, ben, cyd) = (
            house.hire("ada").await,
            house.hire("ben").await,
            house.hire("cyd").await,
        );
        let why = house.refused(ada.id).await.unwrap();
        assert!(why.contains("has no licence"), "{why}");
        // A device that is nobody's needs none.
        house.enrol(house.phone(17, 5), None).await;

        house.license(LicenceHolder::User(ada.id)).await.unwrap();
        assert_eq!(house.refused(ada.id).await, None);
        assert!(house.refused(ben.id).await.is_some());
        let inner = house.group("Inner", vec![Member::User(ben.id)]).await.id;
        let outer = house.group("Outer", vec![Member::Group(inner)]).await.id;
        house.license(LicenceHolder::Group(outer)).await.unwrap();
        assert_eq!(house.refused(ben.id).await, None);
        assert!(house.refused(cyd.id).await.is_some());
        house.license(LicenceHolder::Everybody).await.unwrap();
        let dan = house.hire("dan").await;
        for person in [&cyd, &dan] {
            assert_eq!(house.refused(person.id).await, None);
        }
    }
}

/// LIC-3
#[tokio::test]
async fn whoever_loses_the_licence_keeps_everything_unless_the_rule_says_otherwise() {
    for place in places().await {
        let house = House::open_unlicensed(place).await;
        let ada = house.hire("ada").await;
        house.license(LicenceHolder::User(ada.id)).await.unwrap();
        let mut phone = house.enrol(house.phone(17, 5), Some(ada.id)).await;
        let profile = house.mail_profile("Mail").await.id;
        house.target(profile, vec![Target::AllUsers]).await;
        house.settle(&mut phone).await;
        let has = |phone: &mandate_simulator::device::Device| phone.state().accounts.len();
        let before = has(&phone);
        assert_eq!(before, 1);

        house.unlicense(LicenceHolder::User(ada.id)).await;
        assert!(house.refused(ada.id).await.is_some());
        house.clock.forward_days(2);
        house.settle(&mut phone).await;
        assert_eq!(has(&phone), before, "it keeps what it has");

        // The rule is changed, and what follows is said before.
        let remove = LicenceChange {
            on_loss: Some(LicenceLoss::Remove),
            ..LicenceChange::default()
        };
        let plan = house.engine.plan_licences(&house.admin, &remove).await;
        let plan = plan.unwrap();
        assert_eq!((plan.losing, plan.stripped, plan.devices), (0, 1, 1));
        assert!(plan.profiles >= 1 && plan.people[0].user.id == ada.id);
        house.settle(&mut phone).await;
        assert_eq!(has(&phone), before, "a preview does nothing");
        let changed = house.engine.change_licences(&house.admin, &remove).await;
        changed.unwrap();
        house.settle(&mut phone).await;
        assert_eq!(has(&phone), 0, "what was delivered is gone");
        let reason = house.reason(profile, &phone).await;
        assert!(
            matches!(reason, Some(Reason::NoLicence { .. })),
            "{reason:?}"
        );

        // A licence brings everything back.
        house.license(LicenceHolder::User(ada.id)).await.unwrap();
        house.settle(&mut phone).await;
        assert_eq!(has(&phone), before);
    }
}

#[tokio::test]
async fn two_at_once_do_not_exceed_the_number_of_licences() {
    for place in places().await {
        let house = House::open_unlicensed(place).await;
        let (ada, ben) = (house.hire("ada").await, house.hire("ben").await);
        house.limit_licences(1).await;
        let (one, other) = tokio::join!(
            house.license(LicenceHolder::User(ada.id)),
            house.license(LicenceHolder::User(ben.id))
        );
        assert_eq!(u8::from(one.is_ok()) + u8::from(other.is_ok()), 1);
        let summary = house.engine.licence_summary(&house.admin).await.unwrap();
        assert_eq!((summary.consumed, summary.units), (1, Some(1)));
    }
}

#[tokio::test]
async fn who_waits_for_a_licence_takes_the_first_that_is_free() {
    for place in places().await {
        let house = House::open_unlicensed(place).await;
        let (ada, ben, cyd) = (
            house.hire("ada").await,
            house.hire("ben").await,
            house.hire("cyd").await,
        );
        let staff = house.group("Staff", vec![Member::User(cyd.id)]).await.id;
        house.license(LicenceHolder::Group(staff)).await.unwrap();
        house.limit_licences(1).await;
        for late in [&ada, &ben] {
            let members = vec![Member::User(late.id)];
            let added = house.engine.add_members(&house.admin, staff, members);
            added.await.unwrap();
        }
        // Whoever was first keeps it, whatever the order of names and ids.
        house.engine.settle_licences().await.unwrap();
        assert_eq!(house.licence(cyd.id).await, Licensed::Yes);
        assert_eq!(house.licence(ada.id).await, Licensed::AllTaken);
        let why = house.refused(ada.id).await.unwrap();
        assert!(why.contains("all licences"), "{why}");
        let left = house
            .engine
            .remove_member(&house.admin, staff, cyd.id.0)
            .await;
        left.unwrap();
        // Whoever comes takes it, before anybody tidied up.
        assert_eq!(house.refused(ben.id).await, None);
        assert_eq!(house.licence(ben.id).await, Licensed::Yes);
        house.engine.settle_licences().await.unwrap();
        assert_eq!(house.licence(ada.id).await, Licensed::AllTaken);
        assert_eq!(house.licence(cyd.id).await, Licensed::No);
    }
}
