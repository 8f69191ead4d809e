//! Certificates that somebody else made, with their keys.

use mandate_model::{ImportPurpose, ImportedCertificate, Timestamp, User, UserId};
use mandate_store::{ImportedKeyRecord, ImportedRecord, StoreError};

use crate::place::places;
use crate::samples::user;

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
