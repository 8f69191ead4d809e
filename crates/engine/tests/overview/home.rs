//! The first page: what it counts, and for whom.

use mandate_engine::{Action, Actor, EngineError, MailStanding, WorryKind};
use mandate_model::{AccountKey, DeviceId, DeviceState, Reason, State, Target, Timestamp};
use mandate_store::Session;

use crate::fleet::{
    MAIL, NOON, ROOT, add_profile, add_row, add_user, houses, phone, profile_id, row, somebody,
};

const SEEING: [Action; 3] = [
    Action::DevicesRead,
    Action::ProfilesRead,
    Action::ProfilesViewReports,
];

fn blocked() -> Reason {
    Reason::AccountExists {
        account: AccountKey {
            host: "mail.contoso.com".to_owned(),
            address: "u1@contoso.com".to_owned(),
        },
    }
}

fn without(attribute: &str) -> Reason {
    Reason::MissingAttribute {
        attribute: attribute.to_owned(),
        user: "u2@contoso.com".to_owned(),
    }
}

/// Ten phones of ten people with a mail profile: six have mail, two are blocked by hand-made accounts, one lacks an
/// attribute, one waits beyond its deadline. The first of the blocked ones has a second phone that works.
async fn ten_phones(session: &mut Session) -> Vec<DeviceId> {
    let mail = add_profile(session, 1, ("Mail", MAIL), Some(Target::AllUsers)).await;
    let mut phones = Vec::new();
    for number in 0..11 {
        let user = match number {
            10 => crate::fleet::user_id(6),
            _ => add_user(session, number, &format!("Person {number}")).await,
        };
        let record = phone(number, &format!("Phone {number}"), Some(user));
        session.insert_device(&record).await.unwrap();
        let (reason, standing) = match number {
            6 | 7 => (blocked(), MailStanding::Blocked),
            8 => (without("mail"), MailStanding::Blocked),
            9 => (Reason::NotNow, MailStanding::Waiting),
            _ => (Reason::Present, MailStanding::Working),
        };
        let mut found = row(record.device.id, mail, reason);
        if number == 7 {
            found.since = NOON.plus(-3 * Timestamp::DAY);
        }
        if number == 9 {
            found.deadline_at = Some(NOON.plus(-1));
        }
        add_row(session, found, Some(standing)).await;
        phones.push(record.device.id);
    }
    phones
}

#[tokio::test]
async fn home_counts_people_with_mail_and_names_the_biggest_cause_first() {
    for house in houses().await {
        let mut session = house.engine.store().write().await.unwrap();
        ten_phones(&mut session).await;
        session.raise_intent().await.unwrap();
        session.commit().await.unwrap();
        let home = house.engine.home(&Actor::system()).await.unwrap();
        let mail = home.mail.unwrap();
        assert_eq!(
            (mail.all, mail.working, mail.blocked, mail.waiting),
            (10, 7, 2, 1),
            "somebody with one phone that works has mail"
        );
        let worries = home.worries.unwrap();
        let said: Vec<(&str, State, i64, i64)> = worries
            .iter()
            .map(|worry| match &worry.what {
                WorryKind::Profile { cause, state, .. } => (
                    cause.as_str(),
                    *state,
                    worry.devices,
                    worry.since.unwrap().0,
                ),
                other => panic!("{other:?}"),
            })
            .collect();
        let days_ago = NOON.plus(-3 * Timestamp::DAY).0;
        assert_eq!(said[0], ("accountExists", State::Conflict, 2, days_ago));
        assert_eq!(said.len(), 3);
        assert!(said.contains(&("missingAttribute:mail", State::Error, 1, NOON.0)));
        assert!(said.contains(&("deadlinePassed", State::Error, 1, NOON.0)));
        assert_eq!(home.fleet.unwrap().enrolled, 11);
    }
}

#[tokio::test]
async fn an_empty_instance_has_nothing_but_its_keys() {
    for house in houses().await {
        let home = house.engine.home(&Actor::system()).await.unwrap();
        assert_eq!(home.mail.unwrap().all, 0);
        assert_eq!(home.worries.unwrap(), []);
        assert_eq!(home.fleet.unwrap().enrolled, 0);
        assert_eq!(home.ending_certificates, Some(0));
        assert!(
            house
                .engine
                .rollouts(&Actor::system())
                .await
                .unwrap()
                .is_empty()
        );
        let keys = home.keys.unwrap();
        assert!(keys.len() >= 2, "root and issuing authority: {keys:?}");
        assert!(keys.is_sorted_by_key(|key| key.not_after));
    }
}

#[tokio::test]
async fn what_was_said_of_a_version_before_is_no_worry_any_more() {
    for house in houses().await {
        let mut session = house.engine.store().write().await.unwrap();
        ten_phones(&mut session).await;
        let mut profile = session.find_profile(profile_id(1)).await.unwrap().unwrap();
        profile.version = 2;
        session.update_profile(&profile).await.unwrap();
        session.raise_intent().await.unwrap();
        session.commit().await.unwrap();
        let home = house.engine.home(&Actor::system()).await.unwrap();
        assert_eq!(home.worries.unwrap(), []);
        assert_eq!(
            home.mail.unwrap().working,
            7,
            "the accounts of the version before are still there"
        );
    }
}

#[tokio::test]
async fn devices_that_do_not_come_and_such_as_cannot_be_called_are_worries() {
    for house in houses().await {
        let mut session = house.engine.store().write().await.unwrap();
        let mut silent = phone(1, "Silent", None);
        silent.wake_attempts = 4;
        silent.device.last_seen_at = NOON.plus(-9 * Timestamp::DAY);
        let mut deaf = phone(2, "Deaf", None);
        "dead".clone_into(&mut deaf.push_state);
        let mut gone = phone(3, "Gone", None);
        gone.wake_attempts = 9;
        gone.device.state = DeviceState::Retired;
        for record in [&silent, &deaf, &gone] {
            session.insert_device(record).await.unwrap();
        }
        session.commit().await.unwrap();
        let home = house.engine.home(&Actor::system()).await.unwrap();
        let worries = home.worries.unwrap();
        let since = |kind: &WorryKind| {
            let worry = worries.iter().find(|worry| worry.what == *kind).unwrap();
            assert_eq!(worry.devices, 1);
            worry.since.unwrap()
        };
        assert_eq!(since(&WorryKind::Silent), silent.device.last_seen_at);
        assert_eq!(since(&WorryKind::Deaf), NOON);
        let fleet = home.fleet.unwrap();
        assert_eq!((fleet.enrolled, fleet.gone), (2, 1));
    }
}

#[tokio::test]
async fn whoever_sees_some_devices_sees_only_what_is_wrong_with_those() {
    for house in houses().await {
        let mut session = house.engine.store().write().await.unwrap();
        let phones = ten_phones(&mut session).await;
        let tag = mandate_store::ScopeTagRecord {
            id: session.next_scope_tag().await.unwrap(),
            name: "North".to_owned(),
            description: None,
            created_at: NOON,
        };
        session.insert_scope_tag(&tag).await.unwrap();
        let north = [(tag.id, false)].into_iter().collect();
        for number in [0, 6] {
            session
                .set_scope_tags_of_device(phones[number], &north)
                .await
                .unwrap();
        }
        session.raise_intent().await.unwrap();
        session.commit().await.unwrap();
        let name = tag.id.to_string();
        let north = somebody(&SEEING, Some(&[&name, "0"]));
        let only_north = Actor::person(
            north.user().unwrap(),
            "ada@contoso.com",
            None,
            None,
            match north.powers() {
                mandate_engine::Powers::Granted(grants) => {
                    let mut grants = grants.clone();
                    grants[0].tags = Some([name.clone()].into());
                    mandate_engine::Powers::Granted(grants)
                }
                mandate_engine::Powers::Everything => unreachable!("it was given grants"),
            },
        );
        let home = house.engine.home(&only_north).await.unwrap();
        assert_eq!(home.fleet.unwrap().enrolled, 2);
        let mail = home.mail.unwrap();
        assert_eq!((mail.all, mail.working, mail.blocked), (2, 1, 1));
        assert_eq!(
            home.worries.unwrap(),
            [],
            "the profile has the default tag, which they do not see"
        );
        assert_eq!(home.keys, None);
        assert_eq!(home.ending_certificates, None);
        let home = house.engine.home(&north).await.unwrap();
        assert_eq!(home.fleet.unwrap().enrolled, 11);
        assert_eq!(home.worries.unwrap()[0].devices, 2);
    }
}

#[tokio::test]
async fn home_is_refused_to_those_who_may_see_none_of_it() {
    let house = houses().await.remove(0);
    let nobody = somebody(&[Action::UsersRead], None);
    let refused = house.engine.home(&nobody).await;
    assert!(matches!(
        refused,
        Err(EngineError::NotAllowed {
            action: Action::DevicesRead,
            ..
        })
    ));
    assert!(house.engine.rollouts(&nobody).await.is_err());
    let clerk = somebody(&[Action::OrganizationRead], None);
    let home = house.engine.home(&clerk).await.unwrap();
    assert!(home.keys.is_some());
    assert_eq!((home.fleet, home.mail, home.worries), (None, None, None));
}

#[tokio::test]
async fn a_rollout_counts_devices_that_have_not_heard_of_it() {
    for house in houses().await {
        let mut session = house.engine.store().write().await.unwrap();
        let root = add_profile(&mut session, 2, ("Root", ROOT), Some(Target::AllDevices)).await;
        let intent = session.raise_intent().await.unwrap();
        session
            .mark_profile_changed(root, intent, NOON)
            .await
            .unwrap();
        for number in 0..5 {
            let record = phone(number, &format!("Phone {number}"), None);
            session.insert_device(&record).await.unwrap();
            let id = record.device.id;
            match number {
                0 => add_row(&mut session, row(id, root, Reason::Present), None).await,
                1 => add_row(&mut session, row(id, root, Reason::Sent), None).await,
                2 => add_row(&mut session, row(id, root, Reason::NotInInventory), None).await,
                _ => {}
            }
        }
        session.commit().await.unwrap();
        let system = Actor::system();
        let rollouts = house.engine.rollouts(&system).await.unwrap();
        let rollout = &rollouts[0];
        assert_eq!((rollout.name.as_str(), rollout.devices()), ("Root", 5));
        let counts = rollout.counts;
        assert_eq!((counts.succeeded, counts.error, counts.pending), (1, 1, 3));
        house.clock.forward(8 * Timestamp::DAY);
        assert!(
            house.engine.rollouts(&system).await.unwrap().is_empty(),
            "what was not taken in a week is no rollout any more but a worry"
        );
    }
}

#[tokio::test]
async fn a_rollout_to_a_group_looks_at_those_who_have_not_been_here() {
    for house in houses().await {
        let mut session = house.engine.store().write().await.unwrap();
        let group = mandate_model::Group {
            id: mandate_model::GroupId(uuid::Uuid::from_u128(77)),
            display_name: "Sales".to_owned(),
            description: None,
            mail_nickname: None,
            rule: None,
            other: serde_json::Map::new(),
            created_at: NOON,
        };
        session.insert_group(&group).await.unwrap();
        let target = Some(Target::Group(group.id));
        let root = add_profile(&mut session, 2, ("Root", ROOT), target).await;
        let intent = session.raise_intent().await.unwrap();
        session
            .mark_profile_changed(root, intent, NOON)
            .await
            .unwrap();
        for number in 0..4 {
            let user = add_user(&mut session, number, "Somebody").await;
            if number < 2 {
                let member = mandate_model::Member::User(user);
                session.insert_member(group.id, member).await.unwrap();
            }
            let record = phone(number, "Phone", Some(user));
            session.insert_device(&record).await.unwrap();
        }
        session.commit().await.unwrap();
        let rollouts = house.engine.rollouts(&Actor::system()).await.unwrap();
        assert_eq!(
            (rollouts[0].counts.pending, rollouts[0].unheard),
            (2, 0),
            "the two whose users are in the group"
        );
    }
}
