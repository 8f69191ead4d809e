//! Certificates that are given out here, and by issuers of others.

use mandate_model::Timestamp;
use mandate_store::{
    AuthorityRecord, AuthorityState, CertificateRecord, ChallengeRecord, ExternalIssuerRecord,
    ExternalRevocationRecord, StoreError,
};
use uuid::Uuid;

use crate::place::places;

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
