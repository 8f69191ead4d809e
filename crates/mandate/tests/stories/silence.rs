//! Phones that do not come for long: what is pending has an end, and is made good when they return.

use mandate_model::{Member, Reason, State};

use crate::house::{House, places};

/// How long a pending state may last, in days.
const PATIENCE: i64 = 7;

#[tokio::test]
async fn a_new_member_with_a_silent_phone_is_pending_until_the_deadline_and_then_an_error() {
    for place in places().await {
        let house = House::open(place).await;
        let ada = house.hire("ada").await;
        let mut phone = house.enrol(house.phone(17, 5), Some(ada.id)).await;
        let sales = house.group("Sales", vec![]).await;
        let mail = house.mail_profile("Mail").await;
        house.assign(mail.id, &[sales.id]).await;
        house.settle(&mut phone).await;
        assert_eq!(house.status(mail.id, &phone).await, None);

        house.clock.forward_days(60);
        let changed_at = house.engine.now();
        let add = vec![Member::User(ada.id)];
        house
            .engine
            .add_members(&house.admin, sales.id, add)
            .await
            .unwrap();
        let status = house.status(mail.id, &phone).await.unwrap();
        assert_eq!(
            (status.state(), &status.reason),
            (State::Pending, &Reason::WaitingForCheckIn)
        );
        assert!(status.since >= changed_at, "{status:?}");
        let deadline = status.deadline.expect("pending has an end");
        assert_eq!(
            deadline,
            status.since.plus(PATIENCE * mandate_model::Timestamp::DAY)
        );

        house.clock.forward_days(PATIENCE - 1);
        assert_eq!(house.state(mail.id, &phone).await, Some(State::Pending));
        house.clock.forward_days(2);
        let status = house.status(mail.id, &phone).await.unwrap();
        assert_eq!(
            (status.state(), &status.reason),
            (State::Error, &Reason::DeadlinePassed)
        );
        assert!(!status.reason.message().is_empty());
        assert!(!status.reason.next_step().is_empty());

        // It is never given up: the phone is woken for it, and gets it as soon as it comes.
        house.apns.forget_pushes();
        house.clock.forward_days(30);
        house.background().await;
        assert!(house.pushes_to(&phone) >= 1);
        house.settle(&mut phone).await;
        assert_eq!(house.state(mail.id, &phone).await, Some(State::Succeeded));
        assert!(house.has(&phone, mail.id));
        house.assert_nothing_left(&mut phone).await;
    }
}

#[tokio::test]
async fn a_member_who_left_with_a_silent_phone_is_a_removal_with_a_deadline() {
    for place in places().await {
        let house = House::open(place).await;
        let ada = house.hire("ada").await;
        let mut phone = house.enrol(house.phone(17, 5), Some(ada.id)).await;
        let sales = house.group("Sales", vec![Member::User(ada.id)]).await;
        let mail = house.mail_profile("Mail").await;
        house.assign(mail.id, &[sales.id]).await;
        house.settle(&mut phone).await;
        assert!(house.has(&phone, mail.id));

        house.clock.forward_days(60);
        house
            .engine
            .remove_member(&house.admin, sales.id, ada.id.0)
            .await
            .unwrap();
        let status = house.status(mail.id, &phone).await.unwrap();
        assert_eq!(
            (status.state(), &status.reason),
            (State::Pending, &Reason::Removing)
        );
        let deadline = status.deadline.expect("pending has an end");
        house.clock.forward(deadline.0 - house.engine.now().0 + 1);
        let status = house.status(mail.id, &phone).await.unwrap();
        assert_eq!(
            (status.state(), &status.reason),
            (State::Error, &Reason::DeadlinePassed)
        );
        assert!(house.has(&phone, mail.id), "nobody has told the phone");

        house.settle(&mut phone).await;
        assert!(!house.has(&phone, mail.id));
        assert_eq!(house.status(mail.id, &phone).await, None);
        house.assert_nothing_left(&mut phone).await;
    }
}

#[tokio::test]
async fn a_membership_that_came_and_went_in_silence_leaves_no_trace() {
    for place in places().await {
        let house = House::open(place).await;
        let ada = house.hire("ada").await;
        let mut phone = house.enrol(house.phone(17, 5), Some(ada.id)).await;
        let sales = house.group("Sales", vec![]).await;
        let mail = house.mail_profile("Mail").await;
        house.assign(mail.id, &[sales.id]).await;
        house.settle(&mut phone).await;
        house.clock.forward_days(30);
        house
            .engine
            .add_members(&house.admin, sales.id, vec![Member::User(ada.id)])
            .await
            .unwrap();
        house.clock.forward_days(30);
        assert_eq!(house.state(mail.id, &phone).await, Some(State::Error));
        house
            .engine
            .remove_member(&house.admin, sales.id, ada.id.0)
            .await
            .unwrap();
        assert_eq!(house.status(mail.id, &phone).await, None);
        let commands = house.settle(&mut phone).await;
        assert!(
            !commands.contains(&"InstallProfile".to_owned()),
            "{commands:?}"
        );
        house.assert_nothing_left(&mut phone).await;
    }
}
