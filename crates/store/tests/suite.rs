//! The store over both databases: what the rest of the house relies on.
//!
//! PostgreSQL is used when `MANDATE_TEST_POSTGRES` names one; otherwise its half is skipped, aloud.

use std::collections::BTreeSet;

use mandate_model::{
    Assignment, AssignmentId, DeviceId, Group, GroupId, ImportPurpose, ImportedCertificate, Member,
    Profile, ProfileId, Target, Timestamp, User, UserId, catalogue,
};
use mandate_store::{
    AfterName, AuthorityRecord, AuthorityState, BrandPictureRecord, CertificateRecord,
    ChallengeRecord, ErrandRecord, ExternalIssuerRecord, ExternalRevocationRecord, GroupFilter,
    IdentityLinkRecord, IdentityProviderRecord, ImportedKeyRecord, ImportedRecord, MessageRecord,
    NoticeRecord, NoticeState, RemarkRecord, Scope, Store, StoreError, TemplateRecord, UserFilter,
    WakeScope, WakeUpRecord,
};
use serde_json::{Map, json};
use tempfile::TempDir;
use uuid::Uuid;

/// A store with what it stands on.
struct Place {
    store: Store,
    _directory: TempDir,
}

async fn places() -> Vec<Place> {
    let directory = tempfile::tempdir().expect("a directory");
    let store = Store::open_sqlite(&directory.path().join("s.db"))
        .await
        .expect("SQLite opens");
    let mut places = vec![Place {
        store,
        _directory: directory,
    }];
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place where these tests read it"
    )]
    let url = std::env::var("MANDATE_TEST_POSTGRES");
    let Ok(url) = url else {
        eprintln!("skipped over PostgreSQL: MANDATE_TEST_POSTGRES is not set");
        return places;
    };
    let directory = tempfile::tempdir().expect("a directory");
    let name: String = directory
        .path()
        .file_name()
        .expect("a name")
        .to_string_lossy()
        .to_lowercase();
    let name = format!(
        "store_{}",
        name.replace(|c: char| !c.is_ascii_alphanumeric(), "_")
    );
    Store::create_postgres_database(&url, &name)
        .await
        .expect("a database");
    let (server, _) = url.rsplit_once('/').expect("an address with a database");
    let store = Store::open_postgres(&format!("{server}/{name}"))
        .await
        .expect("PostgreSQL opens");
    places.push(Place {
        store,
        _directory: directory,
    });
    places
}

fn user(number: u128, name: &str) -> User {
    User {
        id: UserId(Uuid::from_u128(number)),
        user_principal_name: name.to_owned(),
        display_name: name.to_owned(),
        given_name: Some("Given".to_owned()),
        surname: None,
        mail: Some(format!("{name}@example.com")),
        on_premises_sam_account_name: None,
        on_premises_domain_name: Some("corp.example.com".to_owned()),
        on_premises_net_bios_name: None,
        on_premises_distinguished_name: None,
        on_premises_security_identifier: None,
        account_enabled: true,
        other: Map::from_iter([("department".to_owned(), json!("Sales"))]),
        created_at: Timestamp(7),
    }
}

fn group(number: u128) -> Group {
    Group {
        id: GroupId(Uuid::from_u128(number)),
        display_name: format!("Group {number}"),
        description: None,
        mail_nickname: None,
        rule: None,
        other: Map::new(),
        created_at: Timestamp(7),
    }
}

fn profile(number: u128) -> Profile {
    let kind = catalogue::kind("iosTrustedRootCertificate").expect("the catalogue has it");
    Profile {
        id: ProfileId(Uuid::from_u128(number)),
        kind,
        display_name: "Root".to_owned(),
        description: None,
        scope_tags: vec!["0".to_owned()],
        version: 1,
        settings: Map::new(),
        references: std::collections::BTreeMap::new(),
        created_at: Timestamp(1),
        modified_at: Timestamp(1),
    }
}

#[tokio::test]
async fn a_user_reads_back_as_written_and_is_found_without_regard_to_case() {
    for place in places().await {
        let mut session = place.store.write().await.unwrap();
        let zoe = user(1, "ZOË.Ångström");
        session.insert_user(&zoe).await.unwrap();
        assert_eq!(session.find_user(zoe.id).await.unwrap(), Some(zoe.clone()));
        assert_eq!(
            session.find_user_by_name("zoë.ångSTRÖM").await.unwrap(),
            Some(zoe.clone())
        );
        let prefix = UserFilter {
            name_prefix: Some("zOË".to_owned()),
            ..UserFilter::default()
        };
        assert_eq!(
            session.list_users(&prefix, None, 10).await.unwrap(),
            std::slice::from_ref(&zoe)
        );
        let duplicate = session.insert_user(&user(2, "zoë.ångström")).await;
        assert!(
            matches!(duplicate, Err(StoreError::Duplicate)),
            "{duplicate:?}"
        );
    }
}

#[tokio::test]
async fn people_and_groups_are_found_by_a_part_of_a_name_and_paged_in_its_order() {
    for place in places().await {
        let mut session = place.store.write().await.unwrap();
        for (number, name) in [(3, "Émile"), (1, "zoë"), (2, "Ada_1"), (4, "ada")] {
            session.insert_user(&user(number, name)).await.unwrap();
            let named = Group {
                display_name: name.to_owned(),
                ..group(number)
            };
            session.insert_group(&named).await.unwrap();
        }
        let mut after = None;
        let mut names = Vec::new();
        loop {
            let page = session.search_users(None, after.as_ref(), 3).await.unwrap();
            let Some(last) = page.last() else { break };
            after = Some(AfterName {
                name: last.display_name.clone(),
                id: last.id,
            });
            names.extend(page.into_iter().map(|user| user.display_name));
        }
        assert_eq!(names.len(), 4);
        assert_eq!(&names[..2], ["ada", "Ada_1"]);
        for (text, found) in [
            ("DA_", 1),
            ("éMI", 1),
            ("da", 2),
            ("%", 0),
            ("@example.com", 4),
        ] {
            let people = session.search_users(Some(text), None, 9).await.unwrap();
            assert_eq!(people.len(), found, "{text}");
        }
        let groups = session.search_groups(Some("A_1"), None, 9).await.unwrap();
        assert_eq!(groups.len(), 1);
        let last = AfterName {
            name: "Ada_1".to_owned(),
            id: GroupId(Uuid::from_u128(2)),
        };
        let rest = session.search_groups(None, Some(&last), 9).await.unwrap();
        assert_eq!(rest.len(), 2);
    }
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one story")]
async fn a_matter_is_noted_once_claimed_once_and_comes_up_anew_only_after_it_ended() {
    for place in places().await {
        let notice = |number: u128, at: i64| NoticeRecord {
            id: Uuid::from_u128(number),
            matter: "blocked".to_owned(),
            event: "accountBlocked".to_owned(),
            user_id: UserId(Uuid::from_u128(7)),
            device_id: Some(DeviceId(Uuid::from_u128(8))),
            profile_id: None,
            facts: json!({"host": "mail"}),
            state: NoticeState::Due,
            attempts: 0,
            due_at: Some(Timestamp(at)),
            result: None,
            created_at: Timestamp(at),
            told_at: None,
            ended_at: None,
        };
        let mut session = place.store.write().await.unwrap();
        let first = notice(1, 10);
        assert!(session.raise_notice(&first, Timestamp(0)).await.unwrap());
        assert!(
            !session
                .raise_notice(&notice(2, 11), Timestamp(20))
                .await
                .unwrap()
        );
        assert_eq!(session.due_notice(Timestamp(9)).await.unwrap(), None);
        assert_eq!(
            session.due_notice(Timestamp(10)).await.unwrap(),
            Some(first.clone())
        );
        let (now, until) = (Timestamp(10), Timestamp(99));
        assert!(session.claim_notice(first.id, now, until).await.unwrap());
        assert!(!session.claim_notice(first.id, now, until).await.unwrap());
        assert_eq!(session.due_notice(Timestamp(98)).await.unwrap(), None);
        let end = (NoticeState::Sent, None);
        let told = Some(Timestamp(12));
        session
            .settle_notice(first.id, end, "250", told)
            .await
            .unwrap();
        assert_eq!(session.lapse_notices(Timestamp(99), "x").await.unwrap(), 0);

        // It ended, and was told lately; then long ago.
        session.end_notice("blocked", Timestamp(13)).await.unwrap();
        assert!(
            !session
                .raise_notice(&notice(3, 14), Timestamp(12))
                .await
                .unwrap()
        );
        assert!(
            session
                .raise_notice(&notice(4, 15), Timestamp(13))
                .await
                .unwrap()
        );
        let found = session.find_notice_of("blocked").await.unwrap().unwrap();
        assert_eq!(
            (found.id, found.ended_at, found.told_at),
            (Uuid::from_u128(4), None, None)
        );
        let open = session
            .open_notices_of_user(found.user_id, 9)
            .await
            .unwrap();
        assert_eq!(open, std::slice::from_ref(&found));

        // The device goes: what was not sent is not.
        session
            .end_notices_of_device(DeviceId(Uuid::from_u128(8)), Timestamp(16))
            .await
            .unwrap();
        let gone = session.find_notice(found.id).await.unwrap().unwrap();
        assert_eq!((gone.state, gone.due_at), (NoticeState::Withdrawn, None));
        let again = Uuid::from_u128(5);
        assert!(
            session
                .send_notice_again(found.id, again, Timestamp(17))
                .await
                .unwrap()
        );
        assert!(
            !session
                .send_notice_again(again, found.id, Timestamp(17))
                .await
                .unwrap()
        );
        assert!(
            session
                .claim_notice(again, Timestamp(17), until)
                .await
                .unwrap()
        );
        assert_eq!(session.lapse_notices(Timestamp(99), "x").await.unwrap(), 1);
        let list = session
            .list_notices(Some(NoticeState::Unknown), None, 9)
            .await
            .unwrap();
        assert_eq!(list.iter().map(|one| one.id).collect::<Vec<_>>(), [again]);
        assert_eq!(
            session.list_notices(None, Some(again), 9).await.unwrap(),
            []
        );
        assert_eq!(
            session.trim_notices(again, 9).await.unwrap(),
            0,
            "it is not older"
        );
        assert_eq!(session.trim_notices(Uuid::max(), 9).await.unwrap(), 1);
        session
            .raise_notice(&notice(6, 18), Timestamp(0))
            .await
            .unwrap();
        session
            .delete_notices_of_user(UserId(Uuid::from_u128(7)))
            .await
            .unwrap();
        assert_eq!(session.list_notices(None, None, 9).await.unwrap(), []);
    }
}

#[tokio::test]
async fn texts_of_mails_are_seen_by_tags_and_keep_their_languages() {
    for place in places().await {
        let template = |number: u128, tag: &str| TemplateRecord {
            id: Uuid::from_u128(number),
            display_name: format!("T{number}"),
            description: None,
            default_locale: Some("nl".to_owned()),
            branding: "none".to_owned(),
            scope_tags: vec![tag.to_owned()],
            created_at: Timestamp(1),
            modified_at: Timestamp(1),
        };
        let mut session = place.store.write().await.unwrap();
        for record in [template(1, "0"), template(2, "7")] {
            session.insert_notification_template(&record).await.unwrap();
        }
        let all = session
            .list_notification_templates(&Scope::all(), None, 9)
            .await
            .unwrap();
        assert_eq!(all, [template(1, "0"), template(2, "7")]);
        let default = Scope::new(Some(BTreeSet::from(["0".to_owned()])));
        let seen = session
            .list_notification_templates(&default, None, 9)
            .await
            .unwrap();
        assert_eq!(seen, [template(1, "0")]);
        let changed = TemplateRecord {
            description: Some("d".to_owned()),
            ..template(1, "0")
        };
        assert!(
            session
                .update_notification_template(&changed)
                .await
                .unwrap()
        );
        assert_eq!(
            session
                .find_notification_template(changed.id)
                .await
                .unwrap(),
            Some(changed)
        );
        let message = |locale: &str, subject: &str| MessageRecord {
            template_id: Uuid::from_u128(1),
            locale: locale.to_owned(),
            subject: subject.to_owned(),
            body: "b".to_owned(),
            is_default: locale == "nl",
            modified_at: Timestamp(2),
        };
        for record in [message("sv", "a"), message("nl", "a"), message("sv", "b")] {
            session.set_notification_message(&record).await.unwrap();
        }
        let found = session
            .notification_messages(Uuid::from_u128(1))
            .await
            .unwrap();
        assert_eq!(found, [message("nl", "a"), message("sv", "b")]);
        assert!(
            session
                .delete_notification_message(Uuid::from_u128(1), "nl")
                .await
                .unwrap()
        );
        assert!(
            !session
                .delete_notification_message(Uuid::from_u128(1), "nl")
                .await
                .unwrap()
        );
        assert!(
            session
                .delete_notification_template(Uuid::from_u128(1))
                .await
                .unwrap()
        );
        assert!(
            !session
                .delete_notification_template(Uuid::from_u128(1))
                .await
                .unwrap()
        );
        assert_eq!(
            session
                .notification_messages(Uuid::from_u128(1))
                .await
                .unwrap(),
            []
        );
    }
}

#[tokio::test]
async fn what_is_not_committed_never_was() {
    for place in places().await {
        let mut session = place.store.write().await.unwrap();
        session.insert_user(&user(1, "ada")).await.unwrap();
        drop(session);
        assert_eq!(
            place
                .store
                .read()
                .await
                .unwrap()
                .count_users()
                .await
                .unwrap(),
            0
        );
    }
}

#[tokio::test]
async fn lists_are_paged_by_key_without_gaps() {
    for place in places().await {
        let mut session = place.store.write().await.unwrap();
        for number in 1..=7 {
            session.insert_group(&group(number)).await.unwrap();
        }
        let mut seen = Vec::new();
        let mut after = None;
        loop {
            let page = session
                .list_groups(&GroupFilter::default(), after, 3)
                .await
                .unwrap();
            let Some(last) = page.last() else { break };
            after = Some(last.id);
            seen.extend(page.iter().map(|group| group.id.0.as_u128()));
        }
        assert_eq!(seen, (1..=7).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn membership_goes_through_nested_groups_even_in_a_ring() {
    for place in places().await {
        let mut session = place.store.write().await.unwrap();
        for number in 1..=3 {
            session.insert_group(&group(number)).await.unwrap();
        }
        let ada = user(9, "ada");
        session.insert_user(&ada).await.unwrap();
        let id = |number| GroupId(Uuid::from_u128(number));
        session
            .insert_member(id(1), Member::Group(id(2)))
            .await
            .unwrap();
        session
            .insert_member(id(2), Member::Group(id(3)))
            .await
            .unwrap();
        session
            .insert_member(id(3), Member::Group(id(1)))
            .await
            .unwrap();
        assert!(
            session
                .insert_member(id(3), Member::User(ada.id))
                .await
                .unwrap()
        );
        assert!(
            !session
                .insert_member(id(3), Member::User(ada.id))
                .await
                .unwrap()
        );
        let all: BTreeSet<GroupId> = (1..=3).map(id).collect();
        assert_eq!(session.groups_of(ada.id.0, true).await.unwrap(), all);
        assert_eq!(
            session.groups_of(ada.id.0, false).await.unwrap(),
            BTreeSet::from([id(3)])
        );
        let members = session
            .list_members(id(1), true, &Scope::all(), None, 100)
            .await
            .unwrap();
        assert!(members.contains(&Member::User(ada.id)));
    }
}

#[tokio::test]
async fn owners_are_not_members_and_go_with_their_group_or_themselves() {
    for place in places().await {
        let mut session = place.store.write().await.unwrap();
        let (ada, ben) = (user(1, "ada"), user(2, "ben"));
        let (sales, staff) = (group(10), group(11));
        for user in [&ada, &ben] {
            session.insert_user(user).await.unwrap();
        }
        for group in [&sales, &staff] {
            session.insert_group(group).await.unwrap();
            assert!(session.insert_owner(group.id, ben.id).await.unwrap());
        }
        assert!(session.insert_owner(sales.id, ada.id).await.unwrap());
        assert!(!session.insert_owner(sales.id, ada.id).await.unwrap());
        let owners = session.list_owners(sales.id, None, 10).await.unwrap();
        assert_eq!(owners, [ada.id, ben.id]);
        let rest = session.list_owners(sales.id, Some(ada.id), 10).await;
        assert_eq!(rest.unwrap(), [ben.id]);
        assert!(session.memberships().await.unwrap().is_empty());

        session.delete_ownerships(ada.id).await.unwrap();
        assert!(!session.delete_owner(sales.id, ada.id).await.unwrap());
        assert!(session.delete_group(sales.id).await.unwrap());
        let owners = session.list_owners(sales.id, None, 10).await.unwrap();
        assert!(owners.is_empty());
        let owners = session.list_owners(staff.id, None, 10).await.unwrap();
        assert_eq!(owners, [ben.id]);
        session.commit().await.unwrap();
    }
}

#[tokio::test]
async fn a_place_has_one_picture() {
    for place in places().await {
        let mut session = place.store.write().await.unwrap();
        let picture = |hash: &str, content: &[u8]| BrandPictureRecord {
            slot: "themeColorLogo".to_owned(),
            hash: hash.to_owned(),
            content: content.to_vec(),
        };
        for (hash, content) in [("one", &b"\x89PNG\0"[..]), ("two", &vec![0xff; 70_000][..])] {
            let picture = picture(hash, content);
            session.set_brand_picture(&picture).await.unwrap();
            let found = session.find_brand_picture("themeColorLogo").await.unwrap();
            assert_eq!(found, Some(picture));
        }
        let other = session.find_brand_picture("lightBackgroundLogo").await;
        assert_eq!(other.unwrap(), None);
        session
            .delete_brand_picture("themeColorLogo")
            .await
            .unwrap();
        let gone = session.find_brand_picture("themeColorLogo").await.unwrap();
        assert_eq!(gone, None);
    }
}

#[tokio::test]
async fn remarks_of_a_page_of_devices_are_found_together() {
    for place in places().await {
        let mut session = place.store.write().await.unwrap();
        let device = |number| DeviceId(Uuid::from_u128(number));
        let remark = |number, name: &str| RemarkRecord {
            device_id: device(number),
            name: Some(name.to_owned()),
            notes: None,
        };
        for number in [1, 3, 5] {
            session.set_remark(&remark(number, "first")).await.unwrap();
        }
        session.set_remark(&remark(3, "second")).await.unwrap();
        let found = session.list_remarks(device(2), device(5)).await.unwrap();
        assert_eq!(found, [remark(3, "second"), remark(5, "first")]);
        session.delete_remark(device(5)).await.unwrap();
        let found = session.list_remarks(device(4), device(9)).await.unwrap();
        assert!(found.is_empty());
        session.commit().await.unwrap();
    }
}

#[tokio::test]
async fn of_two_editors_of_one_version_the_second_is_told() {
    for place in places().await {
        let mut session = place.store.write().await.unwrap();
        let first = profile(1);
        session.insert_profile(&first).await.unwrap();
        let second = Profile {
            version: 2,
            display_name: "Two".to_owned(),
            ..first.clone()
        };
        assert!(session.update_profile(&second).await.unwrap());
        let late = Profile {
            version: 2,
            display_name: "Late".to_owned(),
            ..first
        };
        assert!(!session.update_profile(&late).await.unwrap());
        assert_eq!(session.find_profile(late.id).await.unwrap(), Some(second));
    }
}

#[tokio::test]
async fn a_deleted_profile_keeps_its_name_and_loses_its_targets() {
    for place in places().await {
        let mut session = place.store.write().await.unwrap();
        let root = profile(1);
        session.insert_profile(&root).await.unwrap();
        let all = Assignment {
            id: AssignmentId(Uuid::from_u128(5)),
            profile_id: root.id,
            target: Target::AllDevices,
        };
        session.replace_assignments(root.id, &[all]).await.unwrap();
        assert_eq!(session.list_assignments().await.unwrap(), [all]);
        assert!(session.delete_profile(root.id, Timestamp(9)).await.unwrap());
        assert!(!session.delete_profile(root.id, Timestamp(9)).await.unwrap());
        assert_eq!(session.find_profile(root.id).await.unwrap(), None);
        assert_eq!(session.list_assignments().await.unwrap(), []);
        assert_eq!(
            session.profile_name(root.id).await.unwrap().as_deref(),
            Some("Root")
        );
    }
}

#[tokio::test]
async fn a_challenge_is_used_once_however_many_ask_at_the_same_time() {
    for place in places().await {
        let id = Uuid::from_u128(1);
        let challenge = ChallengeRecord {
            id,
            purpose: "identity".to_owned(),
            ticket_id: None,
            device_id: None,
            profile_id: None,
            spec: "{}".to_owned(),
            uses_left: 1,
            issued: None,
            transaction_id: None,
            expires_at: Timestamp(100),
        };
        let mut session = place.store.write().await.unwrap();
        session.insert_challenge(&challenge).await.unwrap();
        session.commit().await.unwrap();
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..8 {
            let store = place.store.clone();
            tasks.spawn(async move {
                let mut session = store.write().await.unwrap();
                let used = session
                    .use_challenge(id, b"certificate", "transaction")
                    .await
                    .unwrap();
                session.commit().await.unwrap();
                used
            });
        }
        let used = tasks
            .join_all()
            .await
            .into_iter()
            .filter(|used| *used)
            .count();
        assert_eq!(used, 1, "{}", place.store.kind());
    }
}

#[tokio::test]
async fn equal_changes_wait_as_one() {
    for place in places().await {
        let mut session = place.store.write().await.unwrap();
        let change = |number| WakeUpRecord {
            id: Uuid::from_u128(number),
            scope: WakeScope::Profile,
            scope_id: Uuid::from_u128(77),
            intent: 1,
            after_device: None,
            created_at: Timestamp(1),
        };
        session.insert_wake_up(&change(1)).await.unwrap();
        session.insert_wake_up(&change(2)).await.unwrap();
        assert_eq!(session.list_wake_ups(10).await.unwrap().len(), 1);
        session
            .advance_wake_up(Uuid::from_u128(1), DeviceId(Uuid::from_u128(5)))
            .await
            .unwrap();
        session.insert_wake_up(&change(2)).await.unwrap();
        assert_eq!(
            session.list_wake_ups(10).await.unwrap().len(),
            2,
            "one that has begun covers nothing new"
        );
    }
}

#[tokio::test]
async fn the_number_of_the_intent_grows_by_one() {
    for place in places().await {
        let mut session = place.store.write().await.unwrap();
        let before = session.intent().await.unwrap();
        assert_eq!(session.raise_intent().await.unwrap(), before + 1);
        assert_eq!(session.intent().await.unwrap(), before + 1);
    }
}

#[tokio::test]
async fn a_database_opens_again_and_keeps_what_it_has() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("s.db");
    let store = Store::open_sqlite(&path).await.unwrap();
    let mut session = store.write().await.unwrap();
    session.set_setting("name", "value").await.unwrap();
    session.commit().await.unwrap();
    store.close().await;
    let store = Store::open_sqlite(&path).await.unwrap();
    let value = store
        .read()
        .await
        .unwrap()
        .find_setting("name")
        .await
        .unwrap();
    assert_eq!(value.as_deref(), Some("value"));
}

#[tokio::test]
async fn an_address_that_is_none_is_refused_without_its_password() {
    let error = Store::open_postgres("mysql://root:secret@nowhere/x")
        .await
        .unwrap_err();
    assert!(!format!("{error:?}").contains("secret"), "{error:?}");
}

/// A certificate of somebody's, valid from a moment on.
fn imported(user: &User, number: u8, from: i64) -> (ImportedRecord, ImportedKeyRecord) {
    let record = ImportedRecord {
        user_id: user.id,
        user_principal_name: user.user_principal_name.clone(),
        certificate: ImportedCertificate {
            sha256: format!("{number:02x}").repeat(32),
            thumbprint: format!("{number:02x}").repeat(20),
            purpose: ImportPurpose::SmimeEncryption,
            subject: "CN=Ådå".to_owned(),
            addresses: vec!["ada@example.com".to_owned()],
            not_before: Timestamp(from),
            not_after: Timestamp(from + 10),
        },
        provider_name: "KSP".to_owned(),
        key_name: "key".to_owned(),
        padding_scheme: "oaepSha512".to_owned(),
        created_at: Timestamp(1),
        modified_at: Timestamp(1),
    };
    let key = ImportedKeyRecord {
        der: vec![number],
        chain: String::new(),
        sealed: vec![number, 255],
    };
    (record, key)
}

#[tokio::test]
async fn imported_certificates_are_found_by_owner_thumbprint_and_fingerprint() {
    for place in places().await {
        let mut session = place.store.write().await.unwrap();
        let (ada, ben) = (user(1, "ada@example.com"), user(2, "ben@example.com"));
        for person in [&ada, &ben] {
            session.insert_user(person).await.unwrap();
        }
        // The newest start comes first, whatever the order of import and of thumbprints.
        let kept = [
            imported(&ada, 0xaa, 5),
            imported(&ada, 0xcc, 9),
            imported(&ada, 0xbb, 7),
            imported(&ben, 0xaa, 5),
        ];
        for (record, key) in &kept {
            session.insert_imported(record, key).await.unwrap();
        }
        let newest_first = session.imported_of_user(ada.id).await.unwrap();
        let starts: Vec<i64> = newest_first.iter().map(|each| each.not_before.0).collect();
        assert_eq!(starts, [9, 7, 5]);
        let found = session
            .find_imported(ada.id, &"AA".repeat(20))
            .await
            .unwrap();
        assert_eq!(found.as_ref(), Some(&kept[0].0));
        let shared = session
            .list_imported_with_thumbprint(&"aa".repeat(20))
            .await
            .unwrap();
        assert_eq!(shared, [kept[0].0.clone(), kept[3].0.clone()]);
        let key = session
            .imported_key(ada.id, &"cc".repeat(32))
            .await
            .unwrap();
        assert_eq!(key, Some(kept[1].1.clone()));
        for sha256 in ["cc", "no digits", ""] {
            assert_eq!(session.imported_key(ada.id, sha256).await.unwrap(), None);
        }
        assert_eq!(
            session
                .imported_key(ben.id, &"cc".repeat(32))
                .await
                .unwrap(),
            None,
            "it is Ada's"
        );

        // Pages of one, over the border between two people.
        let (mut after, mut seen) = (None::<(UserId, String)>, Vec::new());
        loop {
            let from = after
                .as_ref()
                .map(|(user, thumbprint)| (*user, thumbprint.as_str()));
            let page = session.list_imported(from, 1).await.unwrap();
            let Some(record) = page.into_iter().next() else {
                break;
            };
            after = Some((record.user_id, record.certificate.thumbprint.clone()));
            seen.push(record.certificate.thumbprint[..2].to_owned());
        }
        assert_eq!(seen, ["aa", "bb", "cc", "aa"]);
        assert_eq!(session.count_imported().await.unwrap(), 4);

        let mut changed = kept[2].0.clone();
        changed.certificate.purpose = ImportPurpose::SmimeSigning;
        changed.modified_at = Timestamp(2);
        assert!(session.update_imported(&changed, None).await.unwrap());
        let new_key = ImportedKeyRecord {
            sealed: vec![7],
            ..kept[2].1.clone()
        };
        session
            .update_imported(&changed, Some(&new_key))
            .await
            .unwrap();
        let found = session
            .find_imported(ada.id, &"bb".repeat(20))
            .await
            .unwrap();
        assert_eq!(found, Some(changed));
        let key = session
            .imported_key(ada.id, &"bb".repeat(32))
            .await
            .unwrap();
        assert_eq!(key.unwrap().sealed, [7]);

        assert!(
            session
                .delete_imported(ada.id, &"BB".repeat(20))
                .await
                .unwrap()
        );
        assert!(
            !session
                .delete_imported(ada.id, &"bb".repeat(20))
                .await
                .unwrap()
        );
        assert_eq!(session.delete_imported_of_user(ada.id).await.unwrap(), 2);
        assert!(session.delete_user(ada.id).await.unwrap());
        assert_eq!(session.count_imported().await.unwrap(), 1);
    }
}

#[tokio::test]
async fn nobody_has_a_certificate_twice_and_a_locked_setting_keeps_its_value() {
    for place in places().await {
        let mut session = place.store.write().await.unwrap();
        let ada = user(1, "ada@example.com");
        session.insert_user(&ada).await.unwrap();
        assert_eq!(session.lock_setting("list", "[]").await.unwrap(), "[]");
        session.set_setting("list", "[1]").await.unwrap();
        assert_eq!(session.lock_setting("list", "[]").await.unwrap(), "[1]");
        let (record, key) = imported(&ada, 0xaa, 5);
        session.insert_imported(&record, &key).await.unwrap();
        let again = session.insert_imported(&record, &key).await;
        assert!(matches!(again, Err(StoreError::Duplicate)), "{again:?}");
    }
}

fn authority(key_id: &str, created_at: i64) -> AuthorityRecord {
    AuthorityRecord {
        key_id: key_id.to_owned(),
        state: AuthorityState::Current,
        certificate: key_id.as_bytes().to_vec(),
        chain: "PEM".to_owned(),
        registration: None,
        origin: "built-in".to_owned(),
        created_at: Timestamp(created_at),
        not_after: Timestamp(created_at + 1000),
    }
}

#[tokio::test]
async fn of_several_authorities_one_is_current_and_a_number_tells_of_each_change() {
    for place in places().await {
        let mut session = place.store.write().await.unwrap();
        let before = session.authority_number().await.unwrap();
        for (number, key_id) in [(1, "aa"), (2, "bb"), (3, "aa")] {
            let record = authority(key_id, number);
            session.set_current_authority(&record).await.unwrap();
            assert_eq!(session.authority_number().await.unwrap(), before + number);
        }
        let all = session.list_authorities().await.unwrap();
        let states: Vec<_> = all
            .iter()
            .map(|one| (one.key_id.as_str(), one.state, one.created_at.0))
            .collect();
        // One that comes again keeps its beginning and gets its new certificates.
        assert_eq!(
            states,
            [
                ("aa", AuthorityState::Current, 1),
                ("bb", AuthorityState::Retired, 2)
            ]
        );
        assert_eq!(all[0].not_after, Timestamp(1003));
        session.commit().await.unwrap();
    }
}

/// A certificate that an issuer gave out.
fn certificate(number: u8, issuer: &str) -> CertificateRecord {
    CertificateRecord {
        sha256: vec![number; 32],
        serial: format!("{number:02x}"),
        issuer: issuer.to_owned(),
        der: vec![number],
        subject: "CN=x".to_owned(),
        purpose: "profile".to_owned(),
        ticket_id: None,
        device_id: None,
        user_id: None,
        profile_id: None,
        slot: None,
        not_before: Timestamp(0),
        not_after: Timestamp(1000),
        issued_at: Timestamp(1),
        revoked_at: None,
        revocation_reason: None,
    }
}

#[tokio::test]
async fn what_became_of_a_certificate_is_told_by_issuer_and_serial_number() {
    for place in places().await {
        let mut session = place.store.write().await.unwrap();
        let twin = CertificateRecord {
            sha256: vec![9; 32],
            ..certificate(1, "bb")
        };
        for record in [certificate(1, "aa"), certificate(2, "aa"), twin] {
            session.insert_certificate(&record).await.unwrap();
        }
        assert!(
            session
                .revoke_certificate(&[1; 32], Timestamp(50), 4)
                .await
                .unwrap()
        );
        let revoked = session.certificate_status("aa", "01").await.unwrap();
        assert_eq!(revoked.unwrap().revoked, Some((Timestamp(50), 4)));
        let twin = session.certificate_status("bb", "01").await.unwrap();
        assert_eq!(twin.unwrap().revoked, None);
        assert!(
            session
                .certificate_status("cc", "01")
                .await
                .unwrap()
                .is_none()
        );
        assert_eq!(session.certificates_of_serial("01").await.unwrap().len(), 2);
        for (since, count) in [(50, 1), (51, 0)] {
            let found = session.count_revoked_since("aa", Timestamp(since)).await;
            assert_eq!(found.unwrap(), count);
        }
        let counts = session.count_certificates("aa", Timestamp(10)).await;
        assert_eq!(counts.unwrap(), (2, 1));
        session.commit().await.unwrap();
    }
}

#[tokio::test]
async fn an_issuer_of_others_is_told_of_each_revocation_once() {
    for place in places().await {
        let mut session = place.store.write().await.unwrap();
        session
            .set_current_authority(&authority("aa", 1))
            .await
            .unwrap();
        for record in [
            certificate(1, "aa"),
            certificate(2, "Fabrikam"),
            certificate(3, "Fabrikam"),
        ] {
            session.insert_certificate(&record).await.unwrap();
        }
        for number in [1, 2] {
            session
                .revoke_certificate(&[number; 32], Timestamp(50), 5)
                .await
                .unwrap();
        }
        let untold = session
            .untold_revocations(Timestamp(0), Timestamp(60), 10)
            .await
            .unwrap();
        assert_eq!(untold.len(), 1);
        assert_eq!((untold[0].serial.as_str(), untold[0].reason), ("02", 5));
        for (since, now) in [(51, 60), (0, 1000)] {
            let none = session.untold_revocations(Timestamp(since), Timestamp(now), 10);
            assert_eq!(none.await.unwrap(), []);
        }

        let mut record = ExternalRevocationRecord {
            id: Uuid::from_u128(1),
            issuer: "Fabrikam".to_owned(),
            sha256: vec![2; 32],
            serial: "02".to_owned(),
            reason: 5,
            state: "queued".to_owned(),
            attempts: 0,
            due_at: Some(Timestamp(70)),
            result: None,
            created_at: Timestamp(60),
            updated_at: Timestamp(60),
        };
        session.insert_external_revocation(&record).await.unwrap();
        let twice = ExternalRevocationRecord {
            id: Uuid::from_u128(2),
            ..record.clone()
        };
        session.insert_external_revocation(&twice).await.unwrap();
        let untold = session.untold_revocations(Timestamp(0), Timestamp(60), 10);
        assert_eq!(untold.await.unwrap(), []);
        let all = session.list_external_revocations().await.unwrap();
        assert_eq!(all, [record.clone()]);
        for (now, count) in [(69, 0), (70, 1)] {
            let due = session.due_external_revocations(Timestamp(now), 10).await;
            assert_eq!(due.unwrap().len(), count);
        }
        "done".clone_into(&mut record.state);
        record.due_at = None;
        assert!(session.update_external_revocation(&record).await.unwrap());
        assert!(
            !session.update_external_revocation(&record).await.unwrap(),
            "what is done stays done"
        );
        let found = session.find_external_revocation(record.id).await.unwrap();
        assert_eq!(found, Some(record));
        session.commit().await.unwrap();
    }
}

#[tokio::test]
async fn issuers_of_others_and_templates_have_names_of_their_own() {
    for place in places().await {
        let issuer = ExternalIssuerRecord {
            name: "Fabrikam".to_owned(),
            url: "http://ca/scep".to_owned(),
            settings: "{}".to_owned(),
            certificate: vec![1],
            created_at: Timestamp(1),
        };
        let mut session = place.store.write().await.unwrap();
        session.insert_external_issuer(&issuer).await.unwrap();
        session
            .insert_certificate_template("guests", "{}")
            .await
            .unwrap();
        session.commit().await.unwrap();
        let mut session = place.store.write().await.unwrap();
        let twice = session.insert_external_issuer(&issuer).await;
        assert!(matches!(twice, Err(StoreError::Duplicate)));
        drop(session);
        let mut session = place.store.write().await.unwrap();
        let twice = session.insert_certificate_template("guests", "").await;
        assert!(matches!(twice, Err(StoreError::Duplicate)));
        drop(session);
        let mut session = place.store.write().await.unwrap();
        let found = session.find_external_issuer("Fabrikam").await.unwrap();
        assert_eq!(found.as_ref(), Some(&issuer));
        assert_eq!(session.list_external_issuers().await.unwrap(), [issuer]);
        assert_eq!(session.list_certificate_templates().await.unwrap(), ["{}"]);
        for expected in [true, false] {
            let gone = session.delete_external_issuer("Fabrikam").await.unwrap();
            let too = session.delete_certificate_template("guests").await.unwrap();
            assert_eq!((gone, too), (expected, expected));
        }
        session.commit().await.unwrap();
    }
}

#[tokio::test]
async fn an_account_elsewhere_is_one_person_and_an_errand_is_taken_once() {
    for place in places().await {
        let (ada, bob) = (user(1, "ada"), user(2, "bob"));
        let now = Timestamp(1_000_000);
        let provider = IdentityProviderRecord {
            name: "company".to_owned(),
            kind: "oidc".to_owned(),
            settings: "{}".to_owned(),
            created_at: now,
        };
        let link = |subject: &str, user: &User| IdentityLinkRecord {
            provider: "company".to_owned(),
            subject: subject.to_owned(),
            user: user.id,
            created_at: now,
        };
        let errand = ErrandRecord {
            hash: vec![1; 32],
            provider: "company".to_owned(),
            flow_hash: vec![2; 32],
            redirect_uri: "https://x/y".to_owned(),
            fresh: true,
            created_at: now,
        };
        let mut session = place.store.write().await.unwrap();
        session.insert_user(&ada).await.unwrap();
        session.insert_user(&bob).await.unwrap();
        session.insert_identity_provider(&provider).await.unwrap();
        session
            .insert_identity_link(&link("u1", &ada))
            .await
            .unwrap();
        session.insert_errand(&errand).await.unwrap();
        session.commit().await.unwrap();
        // Neither the account nor the person has another one there.
        for taken in [link("u1", &bob), link("u2", &ada)] {
            let mut session = place.store.write().await.unwrap();
            let outcome = session.insert_identity_link(&taken).await;
            assert!(matches!(outcome, Err(StoreError::Duplicate)));
        }
        let mut session = place.store.write().await.unwrap();
        let outcome = session.insert_identity_provider(&provider).await;
        assert!(matches!(outcome, Err(StoreError::Duplicate)));
        drop(session);
        let mut session = place.store.write().await.unwrap();
        session
            .insert_identity_link(&link("u2", &bob))
            .await
            .unwrap();
        let found = session.find_identity_link("company", "u2").await.unwrap();
        assert_eq!(found, Some(link("u2", &bob)));
        let found = session.find_identity_link_of("company", ada.id).await;
        assert_eq!(found.unwrap(), Some(link("u1", &ada)));
        let page = session.list_identity_links("company", "u1", 10).await;
        assert_eq!(page.unwrap(), [link("u2", &bob)]);
        assert!(
            session
                .delete_identity_link("company", bob.id)
                .await
                .unwrap()
        );
        session.delete_identity_links_of_user(ada.id).await.unwrap();
        let page = session.list_identity_links("company", "", 10).await;
        assert!(page.unwrap().is_empty());
        let taken = session.take_errand(&errand.hash).await.unwrap();
        assert_eq!(taken, Some(errand.clone()));
        assert_eq!(session.take_errand(&errand.hash).await.unwrap(), None);
        session.insert_errand(&errand).await.unwrap();
        assert_eq!(session.delete_errands_before(now).await.unwrap(), 0);
        let later = now.plus(1);
        assert_eq!(session.delete_errands_before(later).await.unwrap(), 1);
        assert!(
            session
                .update_identity_provider("company", "{\"a\":1}")
                .await
                .unwrap()
        );
        let listed = session.list_identity_providers().await.unwrap();
        assert_eq!(listed[0].settings, "{\"a\":1}");
        session.insert_errand(&errand).await.unwrap();
        session
            .insert_identity_link(&link("u3", &ada))
            .await
            .unwrap();
        assert!(session.delete_identity_provider("company").await.unwrap());
        assert!(!session.delete_identity_provider("company").await.unwrap());
        let found = session.find_identity_link("company", "u3").await.unwrap();
        assert_eq!(found, None);
        assert_eq!(session.take_errand(&errand.hash).await.unwrap(), None);
    }
}

#[tokio::test]
async fn rules_of_groups_read_back_and_a_run_goes_on_where_it_was() {
    for place in places().await {
        let mut session = place.store.write().await.unwrap();
        let before = session.hold_rules().await.unwrap();
        let rule = mandate_model::GroupRule {
            text: "user.city -eq \"Lund\"".to_owned(),
            is_paused: true,
        };
        let dynamic = Group {
            rule: Some(rule.clone()),
            ..group(1)
        };
        session.insert_group(&dynamic).await.unwrap();
        session.insert_group(&group(2)).await.unwrap();
        session.raise_rules().await.unwrap();
        assert_eq!(session.rules_number().await.unwrap(), before + 1);
        let id = dynamic.id;
        assert_eq!(session.find_group(id).await.unwrap(), Some(dynamic));
        let rules = session.list_rules().await.unwrap();
        assert_eq!(rules.len(), 1);
        assert_eq!((&rules[0].text, rules[0].is_paused), (&rule.text, true));
        assert_eq!(session.count_rules().await.unwrap(), 1);

        session.start_rule_run(id, Timestamp(5)).await.unwrap();
        let after = Uuid::from_u128(3);
        session.advance_rule_run(id, after).await.unwrap();
        let run = session.oldest_rule_run().await.unwrap().unwrap();
        assert_eq!((run.group, run.after), (id, Some(after)));
        // Another change begins anew.
        session.start_rule_run(id, Timestamp(6)).await.unwrap();
        let run = session.oldest_rule_run().await.unwrap().unwrap();
        assert_eq!((run.after, run.started_at), (None, Timestamp(6)));
        let state = session.rule_state(id).await.unwrap();
        assert_eq!(state.running_since, Some(Timestamp(6)));
        session.set_rule_problem(id, "stopped").await.unwrap();
        session.delete_rule_run(id).await.unwrap();
        assert_eq!(session.oldest_rule_run().await.unwrap(), None);
        let state = session.rule_state(id).await.unwrap();
        assert_eq!(state.problem.as_deref(), Some("stopped"));
        session
            .set_rule_evaluated(id, Some(Timestamp(7)))
            .await
            .unwrap();
        let state = session.rule_state(id).await.unwrap();
        assert_eq!(
            (state.evaluated_at, state.problem),
            (Some(Timestamp(7)), None)
        );

        let people: Vec<Member> = (10..14)
            .map(|number| Member::User(UserId(Uuid::from_u128(number))))
            .collect();
        let stranger = Member::Group(GroupId(Uuid::from_u128(2)));
        for member in people.iter().chain([&stranger]) {
            session.insert_member(id, *member).await.unwrap();
        }
        let (first, last) = (people[0].id(), people[2].id());
        let between = session.members_between(id, Some(first), last);
        assert_eq!(between.await.unwrap(), people[1..3]);
        let others = session.members_of_other_kind(id, mandate_model::MemberKind::User, 9);
        assert_eq!(others.await.unwrap(), [stranger]);
        session.start_rule_run(id, Timestamp(8)).await.unwrap();
        assert!(session.delete_group(id).await.unwrap());
        assert_eq!(session.oldest_rule_run().await.unwrap(), None);
    }
}

#[tokio::test]
async fn categories_have_one_name_each_and_labels_keep_their_other_half() {
    for place in places().await {
        let mut session = place.store.write().await.unwrap();
        let till = mandate_store::DeviceCategoryRecord {
            id: mandate_model::DeviceCategoryId(Uuid::from_u128(1)),
            display_name: "Till".to_owned(),
            description: None,
            created_at: Timestamp(1),
        };
        session.insert_device_category(&till).await.unwrap();
        let (device, link) = (
            DeviceId(Uuid::from_u128(9)),
            mandate_model::LinkId(Uuid::from_u128(8)),
        );
        session
            .set_enrolment_profile_name(device, Some("Shops"))
            .await
            .unwrap();
        session
            .set_device_category(device, Some(till.id))
            .await
            .unwrap();
        session.set_category_of_link(link, till.id).await.unwrap();
        assert_eq!(session.category_of_link(link).await.unwrap(), Some(till.id));
        let labels = session.list_device_labels(device, device).await.unwrap();
        assert_eq!(labels[0].category_name.as_deref(), Some("Till"));
        assert_eq!(labels[0].enrolment_profile.as_deref(), Some("Shops"));
        assert_eq!(session.count_devices_of_category(till.id).await.unwrap(), 1);
        session.set_device_category(device, None).await.unwrap();
        let labels = session.list_device_labels(device, device).await.unwrap();
        assert_eq!(labels[0].enrolment_profile.as_deref(), Some("Shops"));
        session.delete_device_label(device).await.unwrap();
        assert!(session.delete_device_category(till.id).await.unwrap());
        assert_eq!(session.category_of_link(link).await.unwrap(), None);
        session.insert_device_category(&till).await.unwrap();
        let again = mandate_store::DeviceCategoryRecord {
            id: mandate_model::DeviceCategoryId(Uuid::from_u128(2)),
            display_name: "TILL".to_owned(),
            ..till
        };
        let refused = session.insert_device_category(&again).await;
        assert!(matches!(refused, Err(StoreError::Duplicate)), "{refused:?}");
    }
}
