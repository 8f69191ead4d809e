//! How many devices a person may have enrolled, and who may enrol many.

use std::collections::BTreeSet;

use mandate_engine::{
    AllowanceSource, DeviceChange, DeviceLimit, EngineError, EnrolmentConfigurationChange,
    NewEnrolmentConfiguration, NewLink, Page, Store,
};
use mandate_model::{
    Because, DeviceState, EnrolmentConfigurationId, EnrolmentType, Member, Ownership, Platform,
    Reason, State, Target, Timestamp, UserId,
};
use mandate_simulator::device::DeviceError;
use uuid::Uuid;

use crate::house::{House, places};

const EVERYBODY: EnrolmentConfigurationId = EnrolmentConfigurationId(Uuid::nil());

impl House {
    /// A link for many devices of somebody.
    async fn many(&self, user: UserId) -> String {
        let new = NewLink {
            user: Some(user),
            platform: Platform::Ios,
            enrolment_type: EnrolmentType::Device,
            lifetime_seconds: 3600,
            uses: 100,
            signed: false,
        };
        let link = self
            .engine
            .create_enrolment_link(&self.admin, new)
            .await
            .unwrap();
        format!("{}{}", self.url, link.path)
    }

    async fn limit_everybody(&self, devices: i64) {
        let change = EnrolmentConfigurationChange {
            content: Some(devices),
            ..EnrolmentConfigurationChange::default()
        };
        self.engine
            .update_enrolment_configuration::<DeviceLimit>(&self.admin, EVERYBODY, change)
            .await
            .unwrap();
    }

    async fn limit(&self, name: &str, devices: i64) -> EnrolmentConfigurationId {
        let new = NewEnrolmentConfiguration {
            display_name: name.to_owned(),
            description: None,
            content: DeviceLimit { devices },
            priority: None,
        };
        self.engine
            .create_enrolment_configuration(&self.admin, new)
            .await
            .unwrap()
            .id
    }

    async fn room(&self, user: UserId) -> (i64, i64) {
        let allowance = self
            .engine
            .enrolment_allowance(&self.admin, user)
            .await
            .unwrap();
        (allowance.enrolled, allowance.most)
    }

    async fn source(&self, user: UserId) -> AllowanceSource {
        self.engine
            .enrolment_allowance(&self.admin, user)
            .await
            .unwrap()
            .source
    }
}

/// Whether the page of the link says that there are too many, with the number.
fn says_too_many(error: &DeviceError, most: i64) -> bool {
    let words = format!("the device limit is reached: this person has {most} enrolled devices");
    matches!(error, DeviceError::Link { status: 403, body } if body.contains(&words))
}

/// ENR-9
#[tokio::test]
async fn the_sixteenth_device_of_a_person_is_refused_and_told_why() {
    for place in places().await {
        let house = House::open(place).await;
        let ada = house.hire("ada").await;
        let link = house.many(ada.id).await;
        let mut phones = Vec::new();
        for _ in 0..15 {
            let mut phone = house.phone(17, 5);
            phone.enrol(&house.http, &link).await.unwrap();
            phones.push(phone);
        }
        assert_eq!(house.room(ada.id).await, (15, 15));
        let mut sixteenth = house.phone(17, 5);
        let error = sixteenth.enrol(&house.http, &link).await.unwrap_err();
        assert!(says_too_many(&error, 15), "{error}");
        assert!(!sixteenth.is_enrolled());
        // Somebody else is not concerned, and neither are devices without a user.
        let ben = house.hire("ben").await;
        house.enrol(house.phone(17, 5), Some(ben.id)).await;
        house.enrol(house.phone(17, 5), None).await;

        // What has left makes room.
        phones[0].remove_enrolment(&house.http).await.unwrap();
        assert_eq!(house.room(ada.id).await, (14, 15));
        sixteenth.enrol(&house.http, &link).await.unwrap();
        assert_eq!(house.room(ada.id).await, (15, 15));
    }
}

#[tokio::test]
async fn the_limit_holds_for_a_profile_that_was_downloaded_before() {
    for place in places().await {
        let house = House::open(place).await;
        house.limit_everybody(1).await;
        let ada = house.hire("ada").await;
        let link = house.many(ada.id).await;
        let early = house.http.fetch(&link).await.unwrap();
        assert_eq!(early.status, 200);
        let mut first = house.enrol(house.phone(17, 5), Some(ada.id)).await;

        let mut second = house.phone(17, 5);
        let error = second
            .enrol_with_profile(&house.http, &early.body)
            .await
            .unwrap_err();
        let DeviceError::Refused {
            message,
            status,
            body,
        } = error
        else {
            panic!("{error}");
        };
        assert_eq!((message, status), ("Authenticate", 403));
        assert!(body.contains("the device limit is reached"), "{body}");
        assert_eq!(house.room(ada.id).await, (1, 1));

        // The device that is here already does not count against itself: its profile of before brings it back.
        assert_eq!(house.http.fetch(&link).await.unwrap().status, 403);
        let again = house.downloaded_at_another_limit(&link).await;
        first.enrol_with_profile(&house.http, &again).await.unwrap();
        assert_eq!(house.room(ada.id).await, (1, 1));
    }
}

impl House {
    /// An enrolment profile downloaded while there was room for two, and then there is room for one.
    async fn downloaded_at_another_limit(&self, link: &str) -> Vec<u8> {
        self.limit_everybody(2).await;
        let answer = self.http.fetch(link).await.unwrap();
        assert_eq!(answer.status, 200);
        self.limit_everybody(1).await;
        answer.body.to_vec()
    }
}

#[tokio::test]
async fn what_began_to_enrol_and_never_went_on_counts_for_a_day() {
    for place in places().await {
        let house = House::open(place).await;
        house.limit_everybody(1).await;
        let ada = house.hire("ada").await;
        let phone = house.enrol(house.phone(17, 5), Some(ada.id)).await;
        let id = house.device_of(&phone).await;
        set_state(house.engine.store(), id, DeviceState::Enrolling).await;
        assert_eq!(house.room(ada.id).await, (1, 1));
        house.clock.forward(Timestamp::DAY + 1);
        assert_eq!(house.room(ada.id).await, (0, 1));
        // Nor does what is to leave: it may never be seen again.
        for state in [
            DeviceState::Retiring,
            DeviceState::Wiping,
            DeviceState::Unenrolled,
        ] {
            set_state(house.engine.store(), id, state).await;
            assert_eq!(house.room(ada.id).await, (0, 1), "{state:?}");
        }
        set_state(house.engine.store(), id, DeviceState::Enrolled).await;
        assert_eq!(house.room(ada.id).await, (1, 1));
    }
}

async fn set_state(store: &Store, id: mandate_model::DeviceId, state: DeviceState) {
    let mut session = store.write().await.unwrap();
    let mut record = session.find_device(id).await.unwrap().unwrap();
    record.device.state = state;
    session.update_device(&record).await.unwrap();
    session.commit().await.unwrap();
}

#[tokio::test]
async fn of_several_limits_the_first_by_priority_counts() {
    for place in places().await {
        let house = House::open(place).await;
        let (ada, ben) = (house.hire("ada").await, house.hire("ben").await);
        let inner = house.group("Inner", vec![Member::User(ada.id)]).await;
        let outer = house.group("Outer", vec![Member::Group(inner.id)]).await;
        let few = house.limit("Few", 2).await;
        let many = house.limit("Many", 30).await;
        assert_eq!(house.room(ada.id).await.1, 15, "nothing is assigned yet");
        for (limit, group) in [(few, inner.id), (many, outer.id)] {
            house
                .engine
                .assign_enrolment_configuration::<DeviceLimit>(
                    &house.admin,
                    limit,
                    BTreeSet::from([group]),
                )
                .await
                .unwrap();
        }
        assert_eq!(house.room(ada.id).await.1, 2);
        assert_eq!(house.room(ben.id).await.1, 15);
        let moved = house
            .engine
            .prioritise_enrolment_configuration::<DeviceLimit>(&house.admin, many, 1)
            .await
            .unwrap();
        assert_eq!(moved.priority, 1);
        assert_eq!(
            house.source(ada.id).await,
            AllowanceSource::Assigned {
                id: many,
                name: "Many".to_owned()
            }
        );
        assert_eq!(house.room(ada.id).await.1, 30);
        let order = house
            .engine
            .list_enrolment_configurations::<DeviceLimit>(&house.admin)
            .await;
        let order: Vec<(String, i64)> = order
            .unwrap()
            .into_iter()
            .map(|limit| (limit.display_name, limit.priority))
            .collect();
        let expected = [("Many", 1), ("Few", 2), ("All users", 0)];
        assert_eq!(order, expected.map(|(name, at)| (name.to_owned(), at)));

        // A group that a limit needs stays.
        let error = house
            .engine
            .delete_group(&house.admin, inner.id)
            .await
            .unwrap_err();
        assert!(
            error.to_string().contains("enrolment limit `Few`"),
            "{error}"
        );
        house
            .engine
            .delete_enrolment_configuration::<DeviceLimit>(&house.admin, many)
            .await
            .unwrap();
        assert_eq!(house.room(ada.id).await.1, 2);
        let limits = house
            .engine
            .list_enrolment_configurations::<DeviceLimit>(&house.admin)
            .await;
        assert_eq!(limits.unwrap()[0].priority, 1, "there is no gap");
    }
}

#[tokio::test]
async fn a_group_is_not_deleted_while_a_limit_is_given_to_it() {
    for place in places().await {
        let house = House::open(place).await;
        let (engine, admin) = (&house.engine, &house.admin);
        let limit = house.limit("Few", 2).await;
        for number in 0..8 {
            let group = house.group(&format!("Group {number}"), Vec::new()).await.id;
            let (given, deleted) = tokio::join!(
                engine.assign_enrolment_configuration::<DeviceLimit>(
                    admin,
                    limit,
                    BTreeSet::from([group])
                ),
                engine.delete_group(admin, group),
            );
            // Whoever comes second is told of the first.
            assert_ne!(given.is_ok(), deleted.is_ok(), "{given:?}, {deleted:?}");
            let limits = engine
                .list_enrolment_configurations::<DeviceLimit>(admin)
                .await;
            for group in &limits.unwrap()[0].groups {
                let found = engine.find_group(admin, *group).await.unwrap();
                assert!(found.is_some(), "the limit is for a group that is gone");
            }
        }
    }
}

#[tokio::test]
async fn wrong_limits_are_refused_by_name() {
    for place in places().await {
        let house = House::open(place).await;
        let named = |error: EngineError, property: &str| {
            let EngineError::Invalid(violations) = &error else {
                panic!("{error}");
            };
            assert_eq!(violations[0].property, property, "{error}");
        };
        for devices in [0, -1, 1001, i64::MAX] {
            let new = NewEnrolmentConfiguration {
                display_name: "X".to_owned(),
                description: None,
                content: DeviceLimit { devices },
                priority: None,
            };
            let error = house
                .engine
                .create_enrolment_configuration(&house.admin, new)
                .await;
            named(error.unwrap_err(), "limit");
        }
        for name in ["", "  ", &"x".repeat(257)] {
            let new = NewEnrolmentConfiguration {
                display_name: name.to_owned(),
                description: None,
                content: DeviceLimit { devices: 1 },
                priority: None,
            };
            let error = house
                .engine
                .create_enrolment_configuration(&house.admin, new)
                .await;
            named(error.unwrap_err(), "displayName");
        }
        let limit = house.limit("Few", 2).await;
        for priority in [0, 2, -1, i64::MIN] {
            let error = house
                .engine
                .prioritise_enrolment_configuration::<DeviceLimit>(&house.admin, limit, priority)
                .await;
            named(error.unwrap_err(), "priority");
        }
        let nobody = BTreeSet::from([mandate_model::GroupId(Uuid::from_u128(1))]);
        let error = house
            .engine
            .assign_enrolment_configuration::<DeviceLimit>(&house.admin, limit, nobody)
            .await;
        named(error.unwrap_err(), "enrollmentConfigurationAssignments");
        let renamed = EnrolmentConfigurationChange {
            display_name: Some("Other".to_owned()),
            ..EnrolmentConfigurationChange::default()
        };
        let engine = &house.engine;
        let built_in = [
            engine
                .update_enrolment_configuration::<DeviceLimit>(&house.admin, EVERYBODY, renamed)
                .await
                .map(drop),
            engine
                .delete_enrolment_configuration::<DeviceLimit>(&house.admin, EVERYBODY)
                .await,
            engine
                .assign_enrolment_configuration::<DeviceLimit>(
                    &house.admin,
                    EVERYBODY,
                    BTreeSet::new(),
                )
                .await
                .map(drop),
            engine
                .prioritise_enrolment_configuration::<DeviceLimit>(&house.admin, EVERYBODY, 1)
                .await
                .map(drop),
        ];
        for refused in built_in {
            assert!(matches!(refused, Err(EngineError::NotPossible { .. })));
        }
    }
}

/// ENR-9
#[tokio::test]
async fn an_enrolment_manager_enrols_more_and_the_devices_belong_to_nobody() {
    for place in places().await {
        let house = House::open(place).await;
        let dee = house.hire("dee").await;
        let group = house.group("Staff", vec![Member::User(dee.id)]).await;
        let mail = house.mail_profile("Mail").await;
        house.target(mail.id, vec![Target::Group(group.id)]).await;
        house.limit_everybody(1).await;
        let mut own = house.enrol(house.phone(17, 5), Some(dee.id)).await;
        assert_eq!(house.state(mail.id, &own).await, Some(State::Succeeded));

        house
            .engine
            .appoint_enrolment_manager(&house.admin, dee.id)
            .await
            .unwrap();
        assert_eq!(house.room(dee.id).await, (1, 1000));
        let mut kiosk = house.enrol(house.phone(17, 5), Some(dee.id)).await;
        house.enrol(house.phone(17, 5), Some(dee.id)).await;
        assert_eq!(house.room(dee.id).await, (3, 1000));

        let id = house.device_of(&kiosk).await;
        let view = house.engine.find_device(&house.admin, id).await.unwrap();
        let device = view.unwrap().device;
        assert_eq!((device.user_id, device.manager_id), (None, Some(dee.id)));
        assert_eq!(device.ownership, Ownership::Company);
        // What is meant for the manager is told as not applicable, and is not there.
        assert!(!house.has(&kiosk, mail.id));
        let status = house.status(mail.id, &kiosk).await.unwrap();
        assert_eq!(status.reason, Reason::EnrolledByManager);
        assert_eq!(status.state(), State::NotApplicable);
        let statuses = house
            .engine
            .device_statuses(&house.admin, mail.id, Page::first(10))
            .await
            .unwrap();
        let of_kiosk = statuses
            .iter()
            .find(|status| status.device.id == id)
            .unwrap();
        assert!(matches!(of_kiosk.because, Because::UserInGroup { .. }));
        // The manager's own device has what it had.
        house.settle(&mut own).await;
        assert_eq!(house.state(mail.id, &own).await, Some(State::Succeeded));

        // Somebody who leaves the group leaves no trace on the devices.
        house
            .engine
            .remove_member(&house.admin, group.id, dee.id.0)
            .await
            .unwrap();
        house.settle(&mut kiosk).await;
        assert_eq!(house.reason(mail.id, &kiosk).await, None);

        // Who gets the device gets what is theirs.
        let ben = house.hire("ben").await;
        house.target(mail.id, vec![Target::AllUsers]).await;
        let change = DeviceChange {
            user: Some(Some(ben.id)),
            ..DeviceChange::default()
        };
        house
            .engine
            .update_device(&house.admin, id, change)
            .await
            .unwrap();
        house.settle(&mut kiosk).await;
        assert_eq!(house.state(mail.id, &kiosk).await, Some(State::Succeeded));
        assert_eq!(house.room(dee.id).await, (2, 1000));
        assert_eq!(house.room(ben.id).await, (1, 1));
    }
}

#[tokio::test]
async fn a_manager_enrols_whole_devices_only_and_may_be_dismissed() {
    for place in places().await {
        let house = House::open(place).await;
        let dee = house.hire("dee").await;
        house
            .engine
            .appoint_enrolment_manager(&house.admin, dee.id)
            .await
            .unwrap();
        // Once more is no more.
        house
            .engine
            .appoint_enrolment_manager(&house.admin, dee.id)
            .await
            .unwrap();
        let link = house.link(Some(dee.id), EnrolmentType::User).await;
        let error = house.phone(17, 5).enrol(&house.http, &link).await;
        let DeviceError::Link { status, body } = error.unwrap_err() else {
            panic!("it was let in");
        };
        assert_eq!(status, 403);
        assert!(body.contains("can enrol whole devices only"), "{body}");

        for _ in 0..2 {
            house.enrol(house.phone(17, 5), Some(dee.id)).await;
        }
        house.limit_everybody(2).await;
        house
            .engine
            .dismiss_enrolment_manager(&house.admin, dee.id)
            .await
            .unwrap();
        let managers = house
            .engine
            .list_enrolment_managers(&house.admin, Page::first(10))
            .await
            .unwrap();
        assert!(managers.is_empty());
        // What was enrolled stays, and counts.
        assert_eq!(house.room(dee.id).await, (2, 2));
        let link = house.many(dee.id).await;
        let error = house.phone(17, 5).enrol(&house.http, &link).await;
        assert!(says_too_many(&error.unwrap_err(), 2));
        let again = house
            .engine
            .dismiss_enrolment_manager(&house.admin, dee.id)
            .await;
        assert!(matches!(again, Err(EngineError::NotFound { .. })));
    }
}

#[tokio::test]
async fn there_are_at_most_150_managers() {
    for place in places().await {
        let house = House::open(place).await;
        for number in 0..150 {
            let user = house.hire(&format!("m{number}")).await;
            house
                .engine
                .appoint_enrolment_manager(&house.admin, user.id)
                .await
                .unwrap();
        }
        let one_more = house.hire("one-more").await;
        let appoint = || {
            house
                .engine
                .appoint_enrolment_manager(&house.admin, one_more.id)
        };
        assert!(matches!(
            appoint().await,
            Err(EngineError::NotPossible { .. })
        ));
        // Who is deleted is none any more.
        let first = house
            .engine
            .list_enrolment_managers(&house.admin, Page::first(1))
            .await
            .unwrap();
        house
            .engine
            .delete_user(&house.admin, first[0].user.id)
            .await
            .unwrap();
        appoint().await.unwrap();
    }
}

/// Two devices that enrol at the same moment do not both take the last place.
#[tokio::test]
async fn the_last_place_is_taken_once() {
    for place in places().await {
        let house = House::open(place).await;
        house.limit_everybody(1).await;
        let ada = house.hire("ada").await;
        let link = house.many(ada.id).await;
        let mut phones = [(); 3].map(|()| house.phone(17, 5));
        let [one, two, three] = &mut phones;
        let (one, two, three) = tokio::join!(
            one.enrol(&house.http, &link),
            two.enrol(&house.http, &link),
            three.enrol(&house.http, &link)
        );
        let outcomes = [one, two, three];
        let enrolled = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
        assert_eq!(enrolled, 1, "{outcomes:?}");
        assert_eq!(house.room(ada.id).await, (1, 1));
    }
}
