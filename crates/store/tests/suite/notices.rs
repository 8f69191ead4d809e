//! What people are told, and the texts of it.

use std::collections::BTreeSet;

use mandate_model::{DeviceId, Timestamp, UserId};
use mandate_store::{
    BrandPictureRecord, MessageRecord, NoticeRecord, NoticeState, Scope, TemplateRecord,
};
use serde_json::json;
use uuid::Uuid;

use crate::place::places;

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
