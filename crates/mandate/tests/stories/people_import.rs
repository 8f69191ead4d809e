//! People from a file: over the command line and the use case, over both databases.

use std::path::Path;

use mandate_engine::Page;
use mandate_engine::{
    Actor, KnownPeople, LicenceChange, LicenceHolder, Options, PeopleFile, PeopleImport,
    PeopleReport, PersonOutcome, UserFilter,
};
use mandate_model::{GroupId, Member};
use serde_json::Value;

use crate::house::{House, Program, places};

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
        let report = self.engine.import_people(&self.admin, &file, how).await;
        report.unwrap()
    }

    async fn everybody(&self) -> i64 {
        self.engine.count_users(&self.admin).await.unwrap()
    }

    async fn members(&self, group: GroupId) -> usize {
        let page = Page::first(1000);
        let listed = self.engine.list_members(&self.admin, group, false, page);
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
    for place in places().await {
        let house = House::open_bare(place, Options::default()).await;
        let sales = house.group("Sales", Vec::new()).await.id;
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
            .find_user(&house.admin, "ada@contoso.com")
            .await;
        let ada = ada.unwrap().unwrap();
        assert_eq!(ada.attribute("department"), Some("Law"));
        let licence = house.engine.user_licence(&house.admin, ada.id).await;
        assert_eq!(licence.unwrap().state, mandate_engine::Licensed::Yes);

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
    for place in places().await {
        let house = House::open_bare(place, Options::default()).await;
        house.hire("ada").await;
        house.group("Twice", Vec::new()).await;
        house.group("twice", Vec::new()).await;
        let held = house.hire("held").await;
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
        let address = house.engine.update_user(&house.admin, held.id, |user| {
            user.mail = Some("held@contoso.com".to_owned());
        });
        address.await.unwrap();
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
            .find_user(&house.admin, "fine1@contoso.com")
            .await;
        assert!(
            fine.unwrap()
                .unwrap()
                .display_name
                .starts_with("=HYPERLINK")
        );
        let two = house
            .engine
            .find_user(&house.admin, "fine2@contoso.com")
            .await;
        assert!(!two.unwrap().unwrap().account_enabled);
    }
}

#[tokio::test]
async fn whoever_gets_no_licence_any_more_is_not_taken_and_the_others_are() {
    for place in places().await {
        let house = House::open_bare(place, Options::default()).await;
        let nobody = LicenceChange {
            remove: [LicenceHolder::Everybody].into(),
            ..LicenceChange::default()
        };
        let engine = &house.engine;
        engine.change_licences(&house.admin, &nobody).await.unwrap();
        let two = LicenceChange {
            units: Some(Some(2)),
            ..LicenceChange::default()
        };
        engine.change_licences(&house.admin, &two).await.unwrap();
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
    for place in places().await {
        let house = House::open_bare(place, Options::default()).await;
        let source = mandate_engine::Source::master("directory/corp");
        let person = mandate_engine::SourcedPerson {
            external_id: "1".to_owned(),
            user_principal_name: "ada@contoso.com".to_owned(),
            ..mandate_engine::SourcedPerson::default()
        };
        let taken = house.engine.take_people(&house.admin, &source, &[person]);
        taken.await.unwrap();
        let text = "upn,name,usageLocation\nada@contoso.com,Other,NL\nbob@contoso.com,Bob,NL\n";
        let report = house.import(text, &update()).await;
        assert_eq!(blamed(&report), [(2, "displayName".to_owned())]);
        assert_eq!(report.created(), 1);
        let own = house.import("upn,usageLocation\nada@contoso.com,NL\n", &update());
        assert_eq!(own.await.changed(), 1);
    }
}

#[tokio::test]
async fn hundreds_come_in_pages() {
    for place in places().await {
        let house = House::open_bare(place, Options::default()).await;
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
            .list_users(&house.admin, filter, Page::first(10));
        assert_eq!(listed.await.unwrap().len(), 10);
    }
}

async fn import(program: &Program, file: &Path, more: &[&str]) -> (bool, Value) {
    let words = [
        &["people", "import", "--json"],
        more,
        &[file.to_str().unwrap()],
    ]
    .concat();
    let (went_well, said) = program.command(&words).await;
    let json = said
        .rsplit_once("error:")
        .map_or(said.as_str(), |(json, _)| json);
    (
        went_well,
        serde_json::from_str(json).unwrap_or(Value::from(said)),
    )
}

#[tokio::test]
async fn the_file_of_entra_is_imported_at_the_machine_while_the_server_runs() {
    for place in places().await {
        let program = Program::start(place).await;
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("people.csv");
        let text = "version:v1.0,,,\r\n\
            Name [displayName] Required,User name [userPrincipalName] Required,Initial password [passwordProfile] Required,Block sign in (Yes/No) [accountEnabled] Required\r\n\
            Example: Chris,chris@contoso.com,pa55word-of-chris,No\r\n\
            Ada Lovelace,ada@contoso.com,pa55word-of-ada,No\r\n\
            Bob,bob@contoso.com,pa55word-of-bob,Yes\r\n";
        std::fs::write(&file, text).unwrap();
        let (went_well, looked) = import(&program, &file, &["--dry-run"]).await;
        assert!(went_well, "{looked}");
        assert_eq!(
            (&looked["created"], &looked["dryRun"]),
            (&2.into(), &true.into())
        );
        assert!(!looked.to_string().contains("pa55word"), "{looked}");
        let (went_well, taken) = import(&program, &file, &[]).await;
        assert!(went_well && taken["created"] == 2, "{taken}");
        assert_eq!(taken["ignoredColumns"].as_array().unwrap().len(), 1);
        let (went_well, again) = import(&program, &file, &["--update", "--group", "Nowhere"]).await;
        assert!(
            !went_well && again.to_string().contains("there is no such group"),
            "{again}"
        );
        std::fs::write(&file, "upn,name\nbad name@x,X\n").unwrap();
        let (went_well, refused) = import(&program, &file, &[]).await;
        assert!(!went_well && refused["refused"] == 1, "{refused}");
    }
}

#[tokio::test]
async fn a_file_that_was_looked_at_is_kept_for_whoever_did() {
    for place in places().await {
        let house = House::open_bare(place, Options::default()).await;
        let ada = house.hire("ada").await;
        let engine = &house.engine;
        let role = mandate_engine::DirectoryRole::GlobalAdministrator;
        for user in [ada.id, house.hire("ben").await.id] {
            let added = engine.add_directory_role_member(&house.admin, role, Member::User(user));
            added.await.unwrap();
        }
        let ben = engine.find_user(&house.admin, "ben@contoso.com").await;
        let ben = ben.unwrap().unwrap();
        let actor = async |user: &mandate_model::User| -> Actor {
            let origin = mandate_engine::Origin::default();
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
        house.clock.forward_days(2);
        assert_eq!(engine.find_people_import(&ada, other).await.unwrap(), None);
        engine.forget_people_import(&ada).await.unwrap();
    }
}
