//! Looking for devices.

use mandate_engine::{
    Action, Actor, AfterDevice, DeviceSearch, DeviceWorry, EngineError, MailStanding,
};
use mandate_model::{DeviceState, Ownership, Reason, Target, Timestamp};

use crate::fleet::{
    House, MAIL, NOON, add_profile, add_row, add_user, houses, phone, row, somebody,
};

async fn names(house: &House, search: DeviceSearch) -> Vec<String> {
    let found = house
        .engine
        .search_devices(&Actor::system(), search, None, 100)
        .await
        .unwrap();
    assert_eq!(found.next, None);
    let names = found.devices.into_iter();
    names.map(|line| line.device.display_name()).collect()
}

fn text(text: &str) -> DeviceSearch {
    DeviceSearch {
        text: Some(text.to_owned()),
        ..DeviceSearch::default()
    }
}

async fn furnish(house: &House) {
    let mut session = house.engine.store().write().await.unwrap();
    let zoe = add_user(&mut session, 1, "Zoë Ångström").await;
    let bob = add_user(&mut session, 2, "Bob Baker").await;
    let mail = add_profile(&mut session, 1, ("Mail", MAIL), Some(Target::AllUsers)).await;
    let mut first = phone(1, "Älva", Some(zoe));
    first.device.ownership = Ownership::Personal;
    let second = phone(2, "100% iPad_A", Some(bob));
    let mut third = phone(3, "iPad XA", None);
    third.device.state = DeviceState::Wiping;
    let mut hidden = phone(4, "Not there yet", None);
    hidden.device.state = DeviceState::Enrolling;
    for record in [&first, &second, &third, &hidden] {
        session.insert_device(record).await.unwrap();
    }
    let there = row(first.device.id, mail, Reason::Present);
    add_row(&mut session, there, Some(MailStanding::Working)).await;
    let mut late = row(second.device.id, mail, Reason::Sent);
    late.deadline_at = Some(NOON.plus(Timestamp::DAY));
    add_row(&mut session, late, Some(MailStanding::Waiting)).await;
    let refused = row(third.device.id, mail, Reason::NotInInventory);
    add_row(&mut session, refused, Some(MailStanding::Blocked)).await;
    session.commit().await.unwrap();
}

#[tokio::test]
async fn devices_are_found_by_part_of_name_serial_number_and_owner() {
    for house in houses().await {
        furnish(&house).await;
        assert_eq!(names(&house, text("älv")).await, ["Älva"]);
        assert_eq!(names(&house, text("sn00000002")).await, ["100% iPad_A"]);
        assert_eq!(names(&house, text("ÅNGSTRÖM")).await, ["Älva"]);
        assert_eq!(names(&house, text("u2@contoso")).await, ["100% iPad_A"]);
        assert_eq!(names(&house, text("100%")).await, ["100% iPad_A"]);
        assert_eq!(names(&house, text("d_a")).await, ["100% iPad_A"]);
        assert_eq!(names(&house, text("not there")).await, [""; 0]);
        assert_eq!(names(&house, text("  ")).await.len(), 3);
        assert_eq!(names(&house, text("' OR 1=1 --")).await, [""; 0]);
    }
}

#[tokio::test]
async fn devices_are_narrowed_down_by_what_they_are_and_what_is_wrong() {
    for house in houses().await {
        furnish(&house).await;
        let search = DeviceSearch::default;
        let state = DeviceSearch {
            state: Some(DeviceState::Wiping),
            ..search()
        };
        assert_eq!(names(&house, state).await, ["iPad XA"]);
        let personal = DeviceSearch {
            ownership: Some(Ownership::Personal),
            ..search()
        };
        assert_eq!(names(&house, personal).await, ["Älva"]);
        let waiting = DeviceSearch {
            mail: Some(MailStanding::Waiting),
            ..search()
        };
        assert_eq!(names(&house, waiting).await, ["100% iPad_A"]);
        let trouble = DeviceSearch {
            worry: Some(DeviceWorry::Trouble {
                profile: crate::fleet::profile_id(1),
                cause: "notInInventory".to_owned(),
            }),
            ..search()
        };
        assert_eq!(names(&house, trouble).await, ["iPad XA"]);
        let late = DeviceSearch {
            worry: Some(DeviceWorry::Late {
                profile: crate::fleet::profile_id(1),
                now: NOON,
            }),
            ..search()
        };
        assert_eq!(names(&house, late.clone()).await, [""; 0]);
        house.clock.forward(2 * Timestamp::DAY);
        assert_eq!(names(&house, late).await, ["100% iPad_A"]);
        let any = DeviceSearch {
            worry: Some(DeviceWorry::Any),
            ..search()
        };
        assert_eq!(names(&house, any).await, ["iPad XA"]);
    }
}

#[tokio::test]
async fn a_list_goes_on_after_the_last_device_even_among_equal_names() {
    for house in houses().await {
        let mut session = house.engine.store().write().await.unwrap();
        for number in 0..7 {
            let record = phone(number, "iPhone", None);
            session.insert_device(&record).await.unwrap();
        }
        session.commit().await.unwrap();
        let mut after: Option<AfterDevice> = None;
        let mut seen = Vec::new();
        loop {
            let search = DeviceSearch::default();
            let system = Actor::system();
            let page = house
                .engine
                .search_devices(&system, search, after.as_ref(), 3)
                .await
                .unwrap();
            seen.extend(page.devices.iter().map(|line| line.device.id));
            match page.next {
                Some(next) => after = Some(next),
                None => break,
            }
        }
        let mut sorted = seen.clone();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!((seen.len(), seen), (7, sorted));
    }
}

#[tokio::test]
async fn what_is_wrong_is_a_report_and_needs_its_role() {
    let house = houses().await.remove(0);
    let reader = somebody(&[Action::DevicesRead], None);
    let search = DeviceSearch {
        worry: Some(DeviceWorry::Any),
        ..DeviceSearch::default()
    };
    let engine = &house.engine;
    let refused = engine.search_devices(&reader, search, None, 10).await;
    assert!(matches!(refused, Err(EngineError::NotAllowed { .. })));
    let plain = engine.search_devices(&reader, DeviceSearch::default(), None, 10);
    assert!(plain.await.is_ok());
}
