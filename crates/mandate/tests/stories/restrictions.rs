//! Which devices may be enrolled, which belong to the organisation, and terms that are accepted first.

use std::collections::BTreeSet;

use mandate_engine::{
    EngineError, EnrolmentConfigurationChange, EnrolmentRestriction, IdentityKind, IdentityOutcome,
    IdentityStanding, NewDeviceIdentity, NewEnrolmentConfiguration, NewLink, Page,
    PlatformRestrictions, PlatformRule, PlatformRules, RestrictedPlatform,
};
use mandate_model::{EnrolmentType, Member, Ownership, Platform, UserId};
use mandate_simulator::device::{Device, DeviceError};

use crate::house::{House, places};

impl House {
    /// A rule for everybody's iPhones and iPads.
    async fn restrict_all(&self, rule: PlatformRule) {
        let change = EnrolmentConfigurationChange {
            content: PlatformRules::from([(RestrictedPlatform::Ios, rule)]),
            ..EnrolmentConfigurationChange::default()
        };
        let id = EnrolmentRestriction::OF_EVERYBODY;
        self.engine
            .update_enrolment_configuration::<PlatformRestrictions>(&self.admin, id, change)
            .await
            .unwrap();
    }

    async fn restriction(&self, name: &str, rule: PlatformRule) -> EnrolmentRestriction {
        let new = NewEnrolmentConfiguration {
            display_name: name.to_owned(),
            description: None,
            content: PlatformRestrictions::single(RestrictedPlatform::Ios, rule),
            priority: None,
        };
        self.engine
            .create_enrolment_configuration(&self.admin, new)
            .await
            .unwrap()
    }

    async fn own(&self, kind: IdentityKind, identifier: &str) -> IdentityOutcome {
        let row = NewDeviceIdentity {
            kind,
            identifier: identifier.to_owned(),
            platform: "ios".to_owned(),
            description: None,
        };
        let results = self
            .engine
            .import_device_identities(&self.admin, vec![row], false)
            .await
            .unwrap();
        results.into_iter().next().unwrap().outcome
    }

    /// What somebody's phone is told who tries to enrol it; nothing if it is let in.
    async fn told(&self, phone: &mut Device, user: Option<UserId>) -> String {
        let new = NewLink {
            user,
            platform: Platform::Ios,
            enrolment_type: EnrolmentType::Device,
            lifetime_seconds: 3600,
            uses: 1,
            signed: true,
        };
        let link = self
            .engine
            .create_enrolment_link(&self.admin, new)
            .await
            .unwrap();
        let link = format!("{}{}", self.url, link.path);
        match phone.enrol(&self.http, &link).await {
            Ok(()) => String::new(),
            Err(DeviceError::Link { status: 403, body }) => format!("link: {body}"),
            Err(DeviceError::Refused {
                status: 403, body, ..
            }) => format!("device: {body}"),
            Err(other) => panic!("{other}"),
        }
    }
}

fn blocked() -> PlatformRule {
    PlatformRule {
        platform_blocked: true,
        ..PlatformRule::default()
    }
}

fn company_only() -> PlatformRule {
    PlatformRule {
        personal_device_enrollment_blocked: true,
        ..PlatformRule::default()
    }
}

fn versions(least: Option<&str>, most: Option<&str>) -> PlatformRule {
    PlatformRule {
        os_minimum_version: least.map(str::to_owned),
        os_maximum_version: most.map(str::to_owned),
        ..PlatformRule::default()
    }
}

#[tokio::test]
async fn a_blocked_platform_is_refused_at_the_link_and_others_are_let_in() {
    for place in places().await {
        let house = House::open(place).await;
        let ada = house.hire("ada").await;
        house.restrict_all(blocked()).await;
        let mut phone = house.phone(17, 5);
        let told = house.told(&mut phone, Some(ada.id)).await;
        assert!(told.starts_with("link: "), "{told}");
        assert!(told.contains("iOS or iPadOS"), "{told}");
        // A device without a user is held to the rule of everybody too.
        let told = house.told(&mut house.phone(17, 5), None).await;
        assert!(told.contains("iOS or iPadOS"), "{told}");
        // A Mac is another platform.
        let mac = house.enrol(house.mac(14, 5), Some(ada.id)).await;
        assert!(mac.is_enrolled());
        house.restrict_all(PlatformRule::default()).await;
        assert_eq!(house.told(&mut phone, Some(ada.id)).await, "");
        // Who is in is not put out by a later rule, and may renew.
        house.restrict_all(blocked()).await;
        house.settle(&mut phone).await;
        assert!(phone.is_enrolled());
    }
}

#[tokio::test]
async fn versions_are_asked_when_the_device_comes_and_named() {
    for place in places().await {
        let house = House::open(place).await;
        let ada = house.hire("ada").await;
        house
            .restrict_all(versions(Some("17.0"), Some("17.9")))
            .await;
        let told = house.told(&mut house.phone(16, 7), Some(ada.id)).await;
        assert!(
            told.contains("runs version 16.7, and 17.0 is the oldest"),
            "{told}"
        );
        let told = house.told(&mut house.phone(18, 1), Some(ada.id)).await;
        assert!(
            told.contains("runs version 18.1, and 17.9 is the newest"),
            "{told}"
        );
        assert_eq!(house.told(&mut house.phone(17, 5), Some(ada.id)).await, "");
    }
}

#[tokio::test]
async fn the_first_restriction_of_a_persons_groups_counts_and_else_that_of_everybody() {
    for place in places().await {
        let house = House::open(place).await;
        let (ada, ben) = (house.hire("ada").await, house.hire("ben").await);
        let group = house.group("Sales", vec![Member::User(ada.id)]).await;
        // Ada is in it through a group within it.
        let around = house.group("All", vec![Member::Group(group.id)]).await;
        house.restrict_all(blocked()).await;
        let open = house.restriction("Open", PlatformRule::default()).await;
        let shut = house.restriction("Shut", versions(Some("30"), None)).await;
        assert_eq!((open.priority, shut.priority), (1, 2));
        let (engine, admin) = (&house.engine, &house.admin);
        // Unassigned, they mean nobody.
        let told = house.told(&mut house.phone(17, 5), Some(ada.id)).await;
        assert!(told.starts_with("link: "), "{told}");
        for (id, group) in [(open.id, group.id), (shut.id, around.id)] {
            engine
                .assign_enrolment_configuration::<PlatformRestrictions>(
                    admin,
                    id,
                    BTreeSet::from([group]),
                )
                .await
                .unwrap();
        }
        assert_eq!(house.told(&mut house.phone(17, 5), Some(ada.id)).await, "");
        let told = house.told(&mut house.phone(17, 5), Some(ben.id)).await;
        assert!(told.starts_with("link: "), "{told}");
        engine
            .prioritise_enrolment_configuration::<PlatformRestrictions>(admin, shut.id, 1)
            .await
            .unwrap();
        let told = house.told(&mut house.phone(17, 5), Some(ada.id)).await;
        assert!(told.contains("30.0 is the oldest"), "{told}");
        let order: Vec<_> = engine
            .list_enrolment_configurations::<PlatformRestrictions>(admin)
            .await
            .unwrap()
            .into_iter()
            .map(|one| (one.display_name, one.priority))
            .collect();
        let named = |name: &str, priority| (name.to_owned(), priority);
        assert_eq!(
            order,
            [named("Shut", 1), named("Open", 2), named("All users", 0)]
        );
        // A group that a restriction is for is in use.
        let error = engine.delete_group(admin, group.id).await.unwrap_err();
        assert!(
            matches!(&error, EngineError::InUse { by, .. } if by.iter().any(|by| by.contains("Open"))),
            "{error}"
        );
        engine
            .delete_enrolment_configuration::<PlatformRestrictions>(admin, shut.id)
            .await
            .unwrap();
        let open = engine
            .find_enrolment_configuration::<PlatformRestrictions>(admin, open.id)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(open.priority, 1);
        assert_eq!(house.told(&mut house.phone(17, 5), Some(ada.id)).await, "");
    }
}

#[tokio::test]
async fn where_peoples_own_devices_are_blocked_those_of_the_organisation_are_let_in() {
    for place in places().await {
        let house = House::open(place).await;
        let ada = house.hire("ada").await;
        house.restrict_all(company_only()).await;
        let mut phone = house.phone(17, 5);
        // Whose it is, is known when it comes.
        let told = house.told(&mut phone, Some(ada.id)).await;
        assert!(told.starts_with("device: "), "{told}");
        assert!(told.contains("only devices of the organisation"), "{told}");
        // A managed part is always a person's own, which is known before.
        let link = house.link(Some(ada.id), EnrolmentType::User).await;
        let mut own = house.phone(17, 5);
        let error = own.enrol(&house.http, &link).await.unwrap_err();
        assert!(
            matches!(&error, DeviceError::Link { status: 403, .. }),
            "{error}"
        );

        let serial = phone.state().serial.to_lowercase();
        let added = house.own(IdentityKind::SerialNumber, &serial).await;
        assert_eq!(added, IdentityOutcome::Added);
        assert_eq!(house.told(&mut phone, Some(ada.id)).await, "");
        let id = house.device_of(&phone).await;
        let device = house.engine.find_device(&house.admin, id).await.unwrap();
        assert_eq!(device.unwrap().device.ownership, Ownership::Company);
        let known = house
            .engine
            .list_device_identities(&house.admin, "", Page::first(10))
            .await
            .unwrap();
        assert_eq!(known[0].standing, IdentityStanding::Enrolled);
        assert_eq!(known[0].device, Some(id));

        // Who enrols for others, and devices of nobody, are no people's own.
        let ben = house.hire("ben").await;
        house
            .engine
            .appoint_enrolment_manager(&house.admin, ben.id)
            .await
            .unwrap();
        assert_eq!(house.told(&mut house.phone(17, 5), Some(ben.id)).await, "");
        assert_eq!(house.told(&mut house.phone(17, 5), None).await, "");
    }
}

#[tokio::test]
async fn an_identifier_makes_a_device_the_organisations_also_where_nothing_is_blocked() {
    for place in places().await {
        let house = House::open(place).await;
        let ada = house.hire("ada").await;
        let phone = house.phone(17, 5);
        let serial = phone.state().serial.clone();
        assert_eq!(
            house.own(IdentityKind::SerialNumber, &serial).await,
            IdentityOutcome::Added
        );
        let phone = house.enrol(phone, Some(ada.id)).await;
        let other = house.enrol(house.phone(17, 5), Some(ada.id)).await;
        let mut found = Vec::new();
        for phone in [&phone, &other] {
            let id = house.device_of(phone).await;
            let view = house.engine.find_device(&house.admin, id).await.unwrap();
            found.push(view.unwrap().device.ownership);
        }
        assert_eq!(found, [Ownership::Company, Ownership::Unknown]);
    }
}

#[tokio::test]
async fn an_import_says_of_each_row_what_became_of_it() {
    for place in places().await {
        let house = House::open(place).await;
        let row = |identifier: &str, details: &str| NewDeviceIdentity {
            kind: IdentityKind::SerialNumber,
            identifier: identifier.to_owned(),
            platform: "unknown".to_owned(),
            description: Some(details.to_owned()),
        };
        let (engine, admin) = (&house.engine, &house.admin);
        let rows = vec![
            row("C02A", "one"),
            row("c02a ", "again"),
            row("=HYPERLINK(\"http://x\")", "bad"),
            row("C02B", "two\nlines"),
            row("C02C", "=1+1"),
        ];
        let results = engine
            .import_device_identities(admin, rows, false)
            .await
            .unwrap();
        let outcomes: Vec<_> = results.into_iter().map(|result| result.outcome).collect();
        assert_eq!(outcomes[0], IdentityOutcome::Added);
        assert_eq!(outcomes[1], IdentityOutcome::Repeated);
        assert!(matches!(outcomes[2], IdentityOutcome::Wrong(_)));
        assert!(matches!(outcomes[3], IdentityOutcome::Wrong(_)));
        assert_eq!(outcomes[4], IdentityOutcome::Added);
        let mut second = Vec::new();
        for overwrite in [false, true, true] {
            let rows = vec![row("C02A", "other"), row("C02C", "=1+1")];
            let results = engine
                .import_device_identities(admin, rows, overwrite)
                .await
                .unwrap();
            second.extend(results.into_iter().map(|result| result.outcome));
        }
        assert_eq!(
            second,
            [
                IdentityOutcome::Kept,
                IdentityOutcome::Same,
                IdentityOutcome::Replaced,
                IdentityOutcome::Same,
                IdentityOutcome::Same,
                IdentityOutcome::Same
            ]
        );
        let found = engine
            .list_device_identities(admin, "02c", Page::first(10))
            .await
            .unwrap();
        assert_eq!(found.len(), 1);
        let all = engine
            .list_device_identities(admin, "%", Page::first(10))
            .await
            .unwrap();
        assert_eq!(all.len(), 0, "what is looked for is no pattern");
        let many = vec![row("C02D", ""); 5001];
        let error = engine
            .import_device_identities(admin, many, false)
            .await
            .unwrap_err();
        assert!(matches!(error, EngineError::Invalid(_)), "{error}");
        engine
            .delete_device_identity(admin, found[0].id)
            .await
            .unwrap();
        assert!(
            engine
                .find_device_identity(admin, found[0].id)
                .await
                .unwrap()
                .is_none()
        );
    }
}
