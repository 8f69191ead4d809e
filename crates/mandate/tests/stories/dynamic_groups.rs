//! Groups whose rule says who is in them.

use mandate_engine::{
    DeviceCategoryChange, EngineError, NewGroup, NewUser, Newcomers, Page, RuleSource, SignedIn,
    Visit,
};
use mandate_model::{Group, GroupId, GroupRule, Member, Platform, UserId};
use serde_json::json;
use uuid::Uuid;

use crate::house::{House, places};

#[expect(clippy::unnecessary_wraps, reason = "groups may have none")]
fn rule(text: &str) -> Option<GroupRule> {
    Some(GroupRule {
        text: text.to_owned(),
        is_paused: false,
    })
}

impl House {
    async fn dynamic(&self, name: &str, text: &str) -> Group {
        let new = NewGroup {
            display_name: name.to_owned(),
            rule: rule(text),
            ..NewGroup::default()
        };
        let made = self.engine.create_group(&self.admin, new, Vec::new());
        made.await.unwrap()
    }

    async fn give_rule(&self, id: GroupId, rule: Option<GroupRule>) -> Result<Group, EngineError> {
        self.engine
            .update_group(&self.admin, id, Newcomers::default(), |group| {
                group.rule = rule;
            })
            .await
    }

    async fn moves_to(&self, user: UserId, department: Option<&str>) {
        let change = |user: &mut mandate_model::User| {
            match department {
                Some(name) => user.other.insert("department".to_owned(), json!(name)),
                None => user.other.remove("department"),
            };
        };
        let changed = self.engine.update_user(&self.admin, user, change);
        changed.await.unwrap();
    }

    async fn members(&self, id: GroupId) -> Vec<Member> {
        let page = Page::first(10_000);
        let found = self.engine.list_members(&self.admin, id, false, page);
        found.await.unwrap()
    }
}

#[tokio::test]
async fn a_person_who_gets_a_department_gets_its_profile_at_the_next_contact() {
    for place in places().await {
        let house = House::open(place).await;
        let sales = house
            .dynamic("Sales", r#"user.department -eq "Sales""#)
            .await;
        let outer = house.group("Outer", vec![Member::Group(sales.id)]).await;
        let mail = house.mail_profile("Mail").await;
        house.assign(mail.id, &[outer.id]).await;
        let ada = house.hire("ada").await;
        let mut phone = house.enrol(house.phone(17, 5), Some(ada.id)).await;
        assert!(!house.has(&phone, mail.id));
        house.background().await;
        house.apns.forget_pushes();

        house.moves_to(ada.id, Some("sales")).await;
        assert_eq!(house.members(sales.id).await, [Member::User(ada.id)]);
        house.background().await;
        assert_eq!(house.pushes_to(&phone), 1);
        house.settle(&mut phone).await;
        assert!(house.has(&phone, mail.id));

        house.moves_to(ada.id, None).await;
        assert_eq!(house.members(sales.id).await, []);
        house.settle(&mut phone).await;
        assert!(!house.has(&phone, mail.id));
        house.assert_nothing_left(&mut phone).await;
    }
}

#[tokio::test]
async fn a_new_device_is_in_its_groups_before_its_first_profile() {
    for place in places().await {
        let house = House::open(place).await;
        let phones = house
            .dynamic(
                "Phones",
                r#"device.deviceOSType -eq "iPhone" -and device.deviceOSVersion -ge "17""#,
            )
            .await;
        let mail = house.mail_profile("Mail").await;
        house.assign(mail.id, &[phones.id]).await;
        let ada = house.hire("ada").await;
        house.background().await;
        // Nothing runs in between: what the phone gets in its first sessions follows from its enrolment alone.
        let phone = house.enrol(house.phone(17, 5), Some(ada.id)).await;
        assert!(house.has(&phone, mail.id));
        let old = house.enrol(house.phone(16, 5), Some(ada.id)).await;
        assert!(!house.has(&old, mail.id));
        let device = house.device_of(&phone).await;
        assert_eq!(house.members(phones.id).await, [Member::Device(device)]);
    }
}

#[tokio::test]
async fn a_rule_that_comes_to_the_same_sends_nothing() {
    for place in places().await {
        let house = House::open(place).await;
        let sales = house
            .dynamic("Sales", r#"user.department -eq "Sales""#)
            .await;
        let mail = house.mail_profile("Mail").await;
        house.assign(mail.id, &[sales.id]).await;
        let ada = house.hire("ada").await;
        house.moves_to(ada.id, Some("Sales")).await;
        let mut phone = house.enrol(house.phone(17, 5), Some(ada.id)).await;
        assert!(house.has(&phone, mail.id));
        house.background().await;
        house.apns.forget_pushes();
        for text in [
            r#"(USER.Department eq "SALES")"#,
            r#"user.department -startsWith "Sal""#,
            r#"user.department -in ["Sales", "Marketing"]"#,
        ] {
            house.give_rule(sales.id, rule(text)).await.unwrap();
            house.background().await;
            assert_eq!(house.pushes_to(&phone), 0, "{text}");
            assert_eq!(
                house.settle(&mut phone).await,
                Vec::<String>::new(),
                "{text}"
            );
        }
        // Back to named members: they stay, and nothing is sent either.
        house.give_rule(sales.id, None).await.unwrap();
        house.background().await;
        assert_eq!(house.members(sales.id).await, [Member::User(ada.id)]);
        assert_eq!(house.settle(&mut phone).await, Vec::<String>::new());
    }
}

#[tokio::test]
async fn a_changed_rule_is_asked_about_everybody_in_pages_and_goes_on_after_a_restart() {
    for place in places().await {
        let mut house = House::open(place).await;
        let mut people = Vec::new();
        for number in 0..1100 {
            let new = NewUser {
                user_principal_name: format!("p{number}@contoso.com"),
                display_name: format!("Person {number}"),
                other: serde_json::Map::from_iter([(
                    "city".to_owned(),
                    json!(["Utrecht", "Lund"][number % 2]),
                )]),
                ..NewUser::default()
            };
            let made = house.engine.create_user(&house.admin, new).await.unwrap();
            people.push(made.id);
        }
        let city = house.group("City", vec![Member::User(people[1])]).await;
        let stranger = house.enrol(house.phone(17, 5), None).await;
        let device = Member::Device(house.device_of(&stranger).await);
        house
            .engine
            .add_members(&house.admin, city.id, vec![device])
            .await
            .unwrap();
        house
            .give_rule(city.id, rule(r#"user.city -eq "Utrecht""#))
            .await
            .unwrap();
        // Nobody leaves before the rule has been asked about them.
        assert_eq!(house.members(city.id).await.len(), 2);
        assert!(house.engine.round().await.unwrap());
        assert!(house.engine.round().await.unwrap());
        let halfway = house.members(city.id).await.len();
        assert!((1..550).contains(&halfway), "{halfway}");
        house.restart().await;
        house.background().await;
        let mut members = house.members(city.id).await;
        members.sort_unstable();
        let mut wanted: Vec<Member> = people
            .iter()
            .step_by(2)
            .copied()
            .map(Member::User)
            .collect();
        wanted.sort_unstable();
        assert_eq!(members, wanted);
        let state = house.engine.membership_rule_state(&house.admin, city.id);
        let state = state.await.unwrap();
        assert!(
            state.evaluated_at.is_some() && state.running_since.is_none(),
            "{state:?}"
        );
    }
}

#[tokio::test]
async fn a_paused_rule_moves_nobody_until_it_goes_on() {
    for place in places().await {
        let house = House::open(place).await;
        let sales = house
            .dynamic("Sales", r#"user.department -eq "Sales""#)
            .await;
        let (ada, ben) = (house.hire("ada").await, house.hire("ben").await);
        house.moves_to(ada.id, Some("Sales")).await;
        let paused = sales.rule.clone().map(|rule| GroupRule {
            is_paused: true,
            ..rule
        });
        house.give_rule(sales.id, paused).await.unwrap();
        house.moves_to(ada.id, None).await;
        house.moves_to(ben.id, Some("Sales")).await;
        house.background().await;
        assert_eq!(house.members(sales.id).await, [Member::User(ada.id)]);
        house.give_rule(sales.id, sales.rule).await.unwrap();
        house.background().await;
        assert_eq!(house.members(sales.id).await, [Member::User(ben.id)]);
    }
}

#[tokio::test]
async fn members_of_a_dynamic_group_are_not_named_by_hand() {
    for place in places().await {
        let house = House::open(place).await;
        let (engine, admin) = (&house.engine, &house.admin);
        let sales = house
            .dynamic("Sales", r#"user.department -eq "Sales""#)
            .await;
        let ada = house.hire("ada").await;
        let (somebody, id) = (Member::User(ada.id), sales.id);
        let added = engine.add_members(admin, id, vec![somebody]).await;
        assert!(
            matches!(added, Err(EngineError::NotPossible { .. })),
            "{added:?}"
        );
        house.moves_to(ada.id, Some("Sales")).await;
        let removed = engine.remove_member(admin, id, ada.id.0).await;
        assert!(
            matches!(removed, Err(EngineError::NotPossible { .. })),
            "{removed:?}"
        );
        let new = NewGroup {
            display_name: "Both".to_owned(),
            rule: rule("user.objectId -ne null"),
            ..NewGroup::default()
        };
        let both = engine.create_group(admin, new, vec![somebody]).await;
        assert!(
            matches!(both, Err(EngineError::NotPossible { .. })),
            "{both:?}"
        );
        // A rule with an error is refused, with its place, and a group around others gets none.
        let wrong = house.give_rule(id, rule("user.department -eq")).await;
        let message = wrong.unwrap_err().to_string();
        assert!(message.contains("line 1, column 20"), "{message}");
        let outer = house.group("Outer", vec![Member::Group(id)]).await;
        let refused = house
            .give_rule(outer.id, rule("user.objectId -ne null"))
            .await;
        assert!(
            matches!(refused, Err(EngineError::NotPossible { .. })),
            "{refused:?}"
        );
        assert_eq!(house.members(id).await, [somebody]);
    }
}

#[tokio::test]
async fn a_preview_says_who_would_come_and_go_and_changes_nothing() {
    for place in places().await {
        let house = House::open(place).await;
        let (ada, ben) = (house.hire("ada").await, house.hire("ben").await);
        let team = house.group("Team", vec![Member::User(ben.id)]).await;
        let mail = house.mail_profile("Mail").await;
        house.assign(mail.id, &[team.id]).await;
        house.moves_to(ada.id, Some("Sales")).await;
        let text = r#"user.department -eq "Sales""#;
        let (engine, admin) = (&house.engine, &house.admin);
        let preview = engine.preview_membership_rule(admin, Some(team.id), text);
        let preview = preview.await.unwrap();
        assert_eq!(preview.joining.names, ["ada"]);
        assert_eq!(preview.leaving.names, ["ben"]);
        assert_eq!((preview.members.count, preview.profiles.len()), (1, 1));
        assert_eq!(preview.profiles[0].name, "Mail");
        assert_eq!(house.members(team.id).await, [Member::User(ben.id)]);
        let source = RuleSource::Text(text.to_owned());
        let said = engine.evaluate_membership(admin, source, ben.id.0).await;
        let said = said.unwrap().explanation;
        assert!(!said.holds);
        assert_eq!(said.property, Some(("user.department".to_owned(), None)));
        let nobody = RuleSource::Text(text.to_owned());
        let missing = engine.evaluate_membership(admin, nobody, Uuid::nil()).await;
        assert!(
            matches!(missing, Err(EngineError::NotFound { .. })),
            "{missing:?}"
        );
    }
}

#[tokio::test]
async fn a_category_chosen_in_the_portal_brings_its_group_and_profile() {
    for place in places().await {
        let house = House::open(place).await;
        let (engine, admin) = (&house.engine, &house.admin);
        let till = DeviceCategoryChange {
            display_name: Some("Till".to_owned()),
            description: None,
        };
        let till = engine.create_device_category(admin, till).await.unwrap();
        let tills = house
            .dynamic("Tills", r#"device.deviceCategory -eq "till""#)
            .await;
        let mail = house.mail_profile("Mail").await;
        house.assign(mail.id, &[tills.id]).await;
        let ada = house.hire("ada").await;
        let now = mandate_engine::Clock::now(&*house.clock);
        let of = SignedIn {
            session: Uuid::nil(),
            user: ada,
            methods: Vec::new(),
            provider: None,
            authenticated_at: now,
            issued_at: now,
            ends_at: now,
        };
        let enrol = async || {
            let visit = Visit::default();
            let link = engine.enrol_own_device(&of, Platform::Ios, Some(till.id), &visit);
            let link = format!("{}{}", house.url, link.await.unwrap().path);
            let mut phone = house.phone(17, 5);
            phone.enrol(&house.http, &link).await.unwrap();
            house.settle(&mut phone).await;
            phone
        };
        // As long as it is not asked for, nobody chooses.
        assert_eq!(engine.categories_to_choose(&of).await.unwrap(), []);
        assert!(!house.has(&enrol().await, mail.id));
        engine
            .set_chooses_category_at_enrolment(admin, true)
            .await
            .unwrap();
        assert_eq!(engine.categories_to_choose(&of).await.unwrap().len(), 1);
        let mut phone = enrol().await;
        assert!(house.has(&phone, mail.id));

        // Another name is another category for rules, and a category in use stays.
        let renamed = DeviceCategoryChange {
            display_name: Some("Kitchen".to_owned()),
            description: None,
        };
        let refused = engine.delete_device_category(admin, till.id).await;
        assert!(
            matches!(refused, Err(EngineError::InUse { .. })),
            "{refused:?}"
        );
        engine
            .update_device_category(admin, till.id, renamed)
            .await
            .unwrap();
        house.background().await;
        house.settle(&mut phone).await;
        assert!(!house.has(&phone, mail.id));
        let device = house.device_of(&phone).await;
        engine.categorise_device(admin, device, None).await.unwrap();
        engine.delete_device_category(admin, till.id).await.unwrap();
    }
}
