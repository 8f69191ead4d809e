//! Who gets a profile, and why not.

use mandate_engine::{EngineError, PlanRequest};
use mandate_model::{Member, Reason, State, Target};

use crate::house::{House, places};

#[tokio::test]
async fn every_way_of_naming_people_and_devices_reaches_the_phone() {
    for place in places().await {
        let house = House::open(place).await;
        let ada = house.hire("ada").await;
        let people = house.group("People", vec![Member::User(ada.id)]).await;
        let mut phone = house.enrol(house.phone(17, 5), Some(ada.id)).await;
        let device = house.device_of(&phone).await;
        let devices = house.group("Devices", vec![Member::Device(device)]).await;
        let inner = house.group("Inner", vec![Member::Group(people.id)]).await;
        let outer = house.group("Outer", vec![Member::Group(inner.id)]).await;
        let others = house.group("Others", vec![]).await;
        let mail = house.mail_profile("Mail").await;
        let cases: [(&str, Vec<Target>, bool); 11] = [
            ("user group", vec![Target::Group(people.id)], true),
            ("device group", vec![Target::Group(devices.id)], true),
            ("nested group", vec![Target::Group(outer.id)], true),
            ("all users", vec![Target::AllUsers], true),
            ("all devices", vec![Target::AllDevices], true),
            ("another group", vec![Target::Group(others.id)], false),
            (
                "user excluded from all users",
                vec![Target::AllUsers, Target::Exclude(people.id)],
                false,
            ),
            (
                "device excluded from all users",
                vec![Target::AllUsers, Target::Exclude(devices.id)],
                false,
            ),
            (
                "user excluded from a device group",
                vec![Target::Group(devices.id), Target::Exclude(people.id)],
                false,
            ),
            (
                "nested exclusion",
                vec![Target::AllDevices, Target::Exclude(outer.id)],
                false,
            ),
            (
                "exclusion of others",
                vec![Target::AllDevices, Target::Exclude(others.id)],
                true,
            ),
        ];
        for (case, targets, wanted) in cases {
            house.target(mail.id, targets).await;
            house.settle(&mut phone).await;
            assert_eq!(house.has(&phone, mail.id), wanted, "{case}");
            let expected = wanted.then_some(State::Succeeded);
            assert_eq!(house.state(mail.id, &phone).await, expected, "{case}");
        }
        house.assert_nothing_left(&mut phone).await;
    }
}

#[tokio::test]
async fn a_device_without_a_user_is_told_apart_from_one_that_is_late() {
    for place in places().await {
        let house = House::open(place).await;
        let mut kiosk = house.enrol(house.phone(17, 5), None).await;
        let mail = house.mail_profile("Mail").await;
        house.target(mail.id, vec![Target::AllDevices]).await;
        assert_eq!(
            house.reason(mail.id, &kiosk).await,
            Some(Reason::NoUser),
            "before it came"
        );
        house.settle(&mut kiosk).await;
        assert_eq!(house.reason(mail.id, &kiosk).await, Some(Reason::NoUser));
        assert_eq!(
            house.state(mail.id, &kiosk).await,
            Some(State::NotApplicable)
        );
        house.assert_nothing_left(&mut kiosk).await;
    }
}

#[tokio::test]
async fn a_missing_address_is_that_persons_error_until_it_is_filled_in() {
    for place in places().await {
        let house = House::open(place).await;
        let (ada, ben) = (house.hire("ada").await, house.hire("ben").await);
        house
            .engine
            .update_user(&house.admin, ada.id, |user| user.mail = None)
            .await
            .unwrap();
        let mail = house.mail_profile("Mail").await;
        house.target(mail.id, vec![Target::AllUsers]).await;
        let mut of_ada = house.enrol(house.phone(17, 5), Some(ada.id)).await;
        let mut of_ben = house.enrol(house.phone(17, 5), Some(ben.id)).await;
        let missing = Reason::MissingAttribute {
            attribute: "mail".to_owned(),
            user: "ada@contoso.com".to_owned(),
        };
        assert_eq!(house.reason(mail.id, &of_ada).await, Some(missing));
        assert_eq!(house.state(mail.id, &of_ada).await, Some(State::Error));
        assert_eq!(house.state(mail.id, &of_ben).await, Some(State::Succeeded));

        house.background().await;
        house.apns.forget_pushes();
        let address = Some("ada@mail.contoso.com".to_owned());
        house
            .engine
            .update_user(&house.admin, ada.id, |user| user.mail = address)
            .await
            .unwrap();
        house.background().await;
        assert_eq!((house.pushes_to(&of_ada), house.pushes_to(&of_ben)), (1, 0));
        house.settle(&mut of_ada).await;
        assert_eq!(house.state(mail.id, &of_ada).await, Some(State::Succeeded));
        assert_eq!(house.settle(&mut of_ben).await, Vec::<String>::new());
        house.assert_nothing_left(&mut of_ada).await;
        house.assert_nothing_left(&mut of_ben).await;
    }
}

#[tokio::test]
async fn a_changed_attribute_is_delivered_by_itself() {
    for place in places().await {
        let house = House::open(place).await;
        let ada = house.hire("ada").await;
        let mail = house.mail_profile("Mail").await;
        house.target(mail.id, vec![Target::AllUsers]).await;
        let mut phone = house.enrol(house.phone(17, 5), Some(ada.id)).await;
        let address = Some("lovelace@mail.contoso.com".to_owned());
        house
            .engine
            .update_user(&house.admin, ada.id, |user| user.mail = address)
            .await
            .unwrap();
        assert_eq!(house.state(mail.id, &phone).await, Some(State::Pending));
        house.settle(&mut phone).await;
        assert_eq!(phone.mail_accounts().len(), 1);
        assert_eq!(
            phone.mail_accounts()[0].settings.address,
            "lovelace@mail.contoso.com"
        );
        assert_eq!(house.state(mail.id, &phone).await, Some(State::Succeeded));

        let department = |user: &mut mandate_model::User| user.given_name = Some("Ada".to_owned());
        house
            .engine
            .update_user(&house.admin, ada.id, department)
            .await
            .unwrap();
        assert_eq!(
            house.settle(&mut phone).await,
            Vec::<String>::new(),
            "what no profile uses is no news"
        );
        house.assert_nothing_left(&mut phone).await;
    }
}

#[tokio::test]
async fn a_chain_that_does_not_reach_the_same_people_is_named_before_and_after() {
    for place in places().await {
        let house = House::open(place).await;
        let ada = house.hire("ada").await;
        let sales = house.group("Sales", vec![Member::User(ada.id)]).await;
        let mut phone = house.enrol(house.phone(17, 5), Some(ada.id)).await;
        let chain = house.mail_with_certificate("Mail").await;
        let (root, scep, mail) = &chain;

        let targets = Some(vec![Target::Group(sales.id)]);
        let request = PlanRequest {
            profile: mail.id,
            change: None,
            targets,
            sample: 10,
        };
        let plan = house.engine.plan(&house.admin, request).await.unwrap();
        let named: Vec<&str> = plan
            .warnings
            .iter()
            .flat_map(|warning| warning.profiles.iter().map(String::as_str))
            .collect();
        for name in ["Mail certificate", "Mail root"] {
            assert!(
                named.contains(&name),
                "the plan does not warn of `{name}`: {:?}",
                plan.warnings
            );
        }

        house.assign(mail.id, &[sales.id]).await;
        house.settle(&mut phone).await;
        let reason = house.reason(mail.id, &phone).await.unwrap();
        let Reason::DependencyNotAssigned { profiles } = &reason else {
            panic!("{reason:?}")
        };
        assert!(
            profiles.contains(&"Mail certificate".to_owned()),
            "{profiles:?}"
        );
        assert_eq!(house.state(mail.id, &phone).await, Some(State::Error));
        assert!(phone.mail_accounts().is_empty());

        house.assign(scep.id, &[sales.id]).await;
        house.settle(&mut phone).await;
        let reason = house.reason(mail.id, &phone).await.unwrap();
        assert_eq!(
            reason,
            Reason::DependencyNotAssigned {
                profiles: vec!["Mail root".to_owned()]
            }
        );

        house.assign(root.id, &[sales.id]).await;
        house.settle(&mut phone).await;
        for profile in [root, scep, mail] {
            assert_eq!(
                house.state(profile.id, &phone).await,
                Some(State::Succeeded),
                "{}",
                profile.display_name
            );
        }
        house.assert_nothing_left(&mut phone).await;
    }
}

#[tokio::test]
async fn a_profile_stays_until_the_last_including_group_is_left() {
    for place in places().await {
        let house = House::open(place).await;
        let ada = house.hire("ada").await;
        let sales = house.group("Sales", vec![Member::User(ada.id)]).await;
        let berlin = house.group("Berlin", vec![Member::User(ada.id)]).await;
        let mail = house.mail_profile("Mail").await;
        house.assign(mail.id, &[sales.id, berlin.id]).await;
        let mut phone = house.enrol(house.phone(17, 5), Some(ada.id)).await;

        house
            .engine
            .remove_member(&house.admin, sales.id, ada.id.0)
            .await
            .unwrap();
        assert_eq!(house.settle(&mut phone).await, Vec::<String>::new());
        assert!(house.has(&phone, mail.id));
        house
            .engine
            .remove_member(&house.admin, berlin.id, ada.id.0)
            .await
            .unwrap();
        house.settle(&mut phone).await;
        assert!(!house.has(&phone, mail.id));
        assert_eq!(house.state(mail.id, &phone).await, None);
        house.assert_nothing_left(&mut phone).await;
    }
}

#[tokio::test]
async fn moving_a_person_between_groups_with_the_same_profile_sends_nothing() {
    for place in places().await {
        let house = House::open(place).await;
        let ada = house.hire("ada").await;
        let sales = house.group("Sales", vec![Member::User(ada.id)]).await;
        let berlin = house.group("Berlin", vec![]).await;
        let chain = house.mail_with_certificate("Mail").await;
        house.assign_chain(&chain, &[sales.id, berlin.id]).await;
        let mut phone = house.enrol(house.phone(17, 5), Some(ada.id)).await;
        house
            .engine
            .remove_member(&house.admin, sales.id, ada.id.0)
            .await
            .unwrap();
        house
            .engine
            .add_members(&house.admin, berlin.id, vec![Member::User(ada.id)])
            .await
            .unwrap();
        assert_eq!(house.settle(&mut phone).await, Vec::<String>::new());
        assert_eq!(
            house.state(chain.2.id, &phone).await,
            Some(State::Succeeded)
        );
        house.assert_nothing_left(&mut phone).await;
    }
}

#[tokio::test]
async fn a_group_that_a_profile_is_assigned_to_cannot_be_deleted() {
    for place in places().await {
        let house = House::open(place).await;
        let ada = house.hire("ada").await;
        let sales = house.group("Sales", vec![Member::User(ada.id)]).await;
        let mail = house.mail_profile("Mail").await;
        house.assign(mail.id, &[sales.id]).await;
        let mut phone = house.enrol(house.phone(17, 5), Some(ada.id)).await;
        let error = house
            .engine
            .delete_group(&house.admin, sales.id)
            .await
            .unwrap_err();
        let EngineError::InUse { by, .. } = &error else {
            panic!("{error}")
        };
        assert!(by.iter().any(|user| user.contains("Mail")), "{error}");
        assert_eq!(house.settle(&mut phone).await, Vec::<String>::new());
        assert!(house.has(&phone, mail.id));
    }
}
