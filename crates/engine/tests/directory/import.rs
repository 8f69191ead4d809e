//! People from a file: what becomes of each row, over both databases.

use mandate_engine::{
    Actor, DirectoryRole, KnownPeople, LicenceChange, LicenceHolder, Licensed, NewGroup, NewUser,
    Origin, Page, PeopleFile, PeopleImport, PeopleReport, PersonOutcome, Source, SourcedPerson,
    UserFilter,
};
use mandate_model::{GroupId, Member, Timestamp, User};

use crate::house::{House, houses};

const LOOK: PeopleImport = PeopleImport {
    is_dry_run: true,
    known: KnownPeople::Skip,
    licence: false,
    groups: Vec::new(),
};

fn update() -> PeopleImport {
    PeopleImport {
        known: KnownPeople::Update,
        ..PeopleImport::default()
    }
}

impl House {
    async fn import(&self, text: &str, how: &PeopleImport) -> PeopleReport {
        let file = PeopleFile::read(text.as_bytes()).unwrap();
        let actor = Actor::system();
        let report = self.engine.import_people(&actor, &file, how).await;
        report.unwrap()
    }

    async fn everybody(&self) -> i64 {
        self.engine.count_users(&Actor::system()).await.unwrap()
    }

    async fn add(&self, name: &str) -> User {
        let new = NewUser {
            user_principal_name: format!("{name}@contoso.com"),
            display_name: name.to_owned(),
            ..NewUser::default()
        };
        let made = self.engine.create_user(&Actor::system(), new).await;
        made.unwrap()
    }

    async fn group(&self, name: &str) -> GroupId {
        let new = NewGroup {
            display_name: name.to_owned(),
            ..NewGroup::default()
        };
        let actor = Actor::system();
        let made = self.engine.create_group(&actor, new, Vec::new()).await;
        made.unwrap().id
    }

    async fn members(&self, group: GroupId) -> usize {
        let (actor, page) = (Actor::system(), Page::first(1000));
        let listed = self.engine.list_members(&actor, group, false, page);
        listed.await.unwrap().len()
    }
}

/// What stands in the way of each row that was refused: its line and the property.
fn blamed(report: &PeopleReport) -> Vec<(u32, String)> {
    let people = report.people.iter();
    people
        .filter_map(|person| match &person.outcome {
            PersonOutcome::Refused(faults) => Some((person.line, faults[0].property.clone())),
            _ => None,
        })
        .collect()
}

#[tokio::test]
async fn a_file_is_looked_at_taken_and_taken_again() {
    for house in houses().await {
        let sales = house.group("Sales").await;
        let before = house.everybody().await;
        let text = "\u{feff}userPrincipalName;displayName;mail;department;groups;licence\r\n\
            ada@contoso.com;Ada;ada@contoso.com;Law;Sales;yes\r\n\
            bob@contoso.com;Bob;bob@contoso.com;;sales;no\r\n\
            eve@fabrikam.com;Eve;;Law;;\r\n";
        let looked = house.import(text, &LOOK).await;
        assert_eq!((looked.created(), looked.refused()), (3, 0));
        assert!(looked.is_dry_run && looked.people.iter().all(|person| person.user.is_none()));
        assert_eq!(house.everybody().await, before, "nothing was written");
        assert_eq!(house.members(sales).await, 0);
        let domains = looked.readiness.suffixes.iter();
        let unproved: Vec<_> = domains
            .filter(|suffix| !suffix.is_verified)
            .map(|suffix| (suffix.domain.as_str(), suffix.people))
            .collect();
        assert!(unproved.contains(&("fabrikam.com", 1)), "{unproved:?}");

        let taken = house.import(text, &PeopleImport::default()).await;
        assert_eq!(taken.created(), 3);
        assert_eq!(house.everybody().await, before + 3);
        assert_eq!(house.members(sales).await, 2);
        let ada = house
            .engine
            .find_user(&Actor::system(), "ada@contoso.com")
            .await;
        let ada = ada.unwrap().unwrap();
        assert_eq!(ada.attribute("department"), Some("Law"));
        let licence = house.engine.user_licence(&Actor::system(), ada.id).await;
        assert_eq!(licence.unwrap().state, Licensed::Yes);

        // As after a server that stopped in the middle: what is there already is nothing to do.
        let again = house.import(text, &PeopleImport::default()).await;
        assert_eq!((again.created(), again.skipped()), (0, 3));
        let again = house.import(text, &update()).await;
        assert_eq!((again.changed(), again.unchanged()), (0, 3), "{again:?}");
        let other = text
            .replace("Ada;", "Ada L;")
            .replace("Law;;", "Tax;Sales;");
        let changed = house.import(&other, &update()).await;
        let told: Vec<_> = changed
            .people
            .iter()
            .filter_map(|person| match &person.outcome {
                PersonOutcome::Changed(properties) => Some(properties.clone()),
                _ => None,
            })
            .collect();
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(told[0].contains("displayName") && told[1].contains("groups"));
        assert_eq!(house.members(sales).await, 3);
    }
}

#[tokio::test]
async fn a_row_that_is_wrong_keeps_no_other_out() {
    for house in houses().await {
        house.add("ada").await;
        house.group("Twice").await;
        house.group("twice").await;
        let held = house.add("held").await;
        let mut text = "userPrincipalName,displayName,mail,accountEnabled,groups\n".to_owned();
        for row in [
            "fine1@contoso.com,\"=HYPERLINK(\"\"http://evil\"\",\"\"x\"\")\",,yes,",
            "\u{430}da@contoso.com,Looks like Ada,,,",
            "bad name@contoso.com,Blank,,,",
            "mail@contoso.com,Mail,not an address,,",
            "enabled@contoso.com,Enabled,,perhaps,",
            ",Nobody,,,",
            "none@contoso.com,,,,",
            "group@contoso.com,Group,,,Nowhere",
            "twice@contoso.com,Twice,,,TWICE",
            "FINE1@contoso.com,Again,,,",
            "same@contoso.com,Same,held@contoso.com,,",
            "fine2@contoso.com,Fine,,no,",
            "more@contoso.com,More,,,,,,cell",
        ] {
            text.push_str(row);
            text.push('\n');
        }
        house
            .engine
            .update_user(&Actor::system(), held.id, |user| {
                user.mail = Some("held@contoso.com".to_owned());
            })
            .await
            .unwrap();
        for how in [&LOOK, &PeopleImport::default()] {
            let report = house.import(&text, how).await;
            assert_eq!(report.created(), 2, "{report:?}");
            let expected = [
                (3, "userPrincipalName"),
                (4, "userPrincipalName"),
                (5, "mail"),
                (6, "accountEnabled"),
                (7, "userPrincipalName"),
                (8, "displayName"),
                (9, "groups"),
                (10, "groups"),
                (11, "userPrincipalName"),
                (12, "mail"),
                (14, ""),
            ];
            let blamed = blamed(&report);
            let blamed: Vec<_> = blamed
                .iter()
                .map(|(line, property)| (*line, property.as_str()))
                .collect();
            assert_eq!(blamed, expected);
        }
        // A formula is a text here, and stays one.
        let fine = house
            .engine
            .find_user(&Actor::system(), "fine1@contoso.com")
            .await;
        assert!(
            fine.unwrap()
                .unwrap()
                .display_name
                .starts_with("=HYPERLINK")
        );
        let two = house
            .engine
            .find_user(&Actor::system(), "fine2@contoso.com")
            .await;
        assert!(!two.unwrap().unwrap().account_enabled);
    }
}

#[tokio::test]
async fn whoever_gets_no_licence_any_more_is_not_taken_and_the_others_are() {
    for house in houses().await {
        let nobody = LicenceChange {
            remove: [LicenceHolder::Everybody].into(),
            ..LicenceChange::default()
        };
        let engine = &house.engine;
        engine
            .change_licences(&Actor::system(), &nobody)
            .await
            .unwrap();
        let two = LicenceChange {
            units: Some(Some(2)),
            ..LicenceChange::default()
        };
        engine
            .change_licences(&Actor::system(), &two)
            .await
            .unwrap();
        let text = "upn,name\na@contoso.com,A\nb@contoso.com,B\nc@contoso.com,C\n";
        let how = PeopleImport {
            licence: true,
            ..PeopleImport::default()
        };
        let before = house.everybody().await;
        let dry = PeopleImport {
            is_dry_run: true,
            ..how.clone()
        };
        let looked = house.import(text, &dry).await;
        assert_eq!(looked.notes.len(), 1, "{looked:?}");
        let taken = house.import(text, &how).await;
        assert_eq!((taken.created(), taken.refused()), (2, 1), "{taken:?}");
        assert_eq!(house.everybody().await, before + 2);
    }
}

#[tokio::test]
async fn what_comes_from_a_directory_is_not_changed_by_a_file() {
    for house in houses().await {
        let source = Source::master("directory/corp");
        let person = SourcedPerson {
            external_id: "1".to_owned(),
            user_principal_name: "ada@contoso.com".to_owned(),
            ..SourcedPerson::default()
        };
        house
            .engine
            .take_people(&Actor::system(), &source, &[person])
            .await
            .unwrap();
        let text = "upn,name,usageLocation\nada@contoso.com,Other,NL\nbob@contoso.com,Bob,NL\n";
        let report = house.import(text, &update()).await;
        assert_eq!(blamed(&report), [(2, "displayName".to_owned())]);
        assert_eq!(report.created(), 1);
        let text = "upn,usageLocation\nada@contoso.com,NL\n";
        let own = house.import(text, &update()).await;
        assert_eq!(own.changed(), 1);
    }
}

#[tokio::test]
async fn hundreds_come_in_pages() {
    for house in houses().await {
        let before = house.everybody().await;
        let mut text = "upn,name\n".to_owned();
        for number in 0..450 {
            let name = if number == 210 {
                "no name".to_owned()
            } else {
                format!("p{number}")
            };
            text.push_str(&format!("{name}@contoso.com,P\n"));
        }
        let report = house.import(&text, &PeopleImport::default()).await;
        assert_eq!((report.created(), report.refused()), (449, 1));
        assert_eq!(house.everybody().await, before + 449);
        let filter = UserFilter::default();
        let listed = house
            .engine
            .list_users(&Actor::system(), filter, Page::first(10))
            .await;
        assert_eq!(listed.unwrap().len(), 10);
    }
}

#[tokio::test]
async fn a_file_that_was_looked_at_is_kept_for_whoever_did() {
    for house in houses().await {
        let ada = house.add("ada").await;
        let engine = &house.engine;
        let role = DirectoryRole::GlobalAdministrator;
        for user in [ada.id, house.add("ben").await.id] {
            let added = engine
                .add_directory_role_member(&Actor::system(), role, Member::User(user))
                .await;
            added.unwrap();
        }
        let ben = engine.find_user(&Actor::system(), "ben@contoso.com").await;
        let ben = ben.unwrap().unwrap();
        let actor = async |user: &User| -> Actor {
            let origin = Origin::default();
            let actor = engine.person_actor(user, None, None, origin).await;
            actor.unwrap()
        };
        let (ada, ben) = (actor(&ada).await, actor(&ben).await);
        let file = PeopleFile::read(b"upn,name\nx@contoso.com,X\n").unwrap();
        let kept = engine
            .keep_people_import(&ada, file.clone(), update())
            .await;
        let id = kept.unwrap();
        let found = engine.find_people_import(&ada, id).await.unwrap();
        assert_eq!(found, Some((file.clone(), update())));
        assert_eq!(engine.find_people_import(&ben, id).await.unwrap(), None);
        let other = engine.keep_people_import(&ada, file, LOOK).await.unwrap();
        assert_eq!(engine.find_people_import(&ada, id).await.unwrap(), None);
        house.clock.forward(2 * Timestamp::DAY);
        assert_eq!(engine.find_people_import(&ada, other).await.unwrap(), None);
        engine.forget_people_import(&ada).await.unwrap();
    }
}
