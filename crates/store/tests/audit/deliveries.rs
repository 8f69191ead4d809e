//! How far receivers have been told.

use mandate_model::Timestamp;
use mandate_store::{AuditDeliveryRecord, AuditReceiverRecord};
use uuid::Uuid;

use crate::place::places;

#[tokio::test]
async fn a_receiver_is_claimed_by_one_and_settled_by_the_same() {
    for place in places().await {
        let mut session = place.store.write().await.unwrap();
        session
            .add_audit_receiver("w", 5, Timestamp(10))
            .await
            .unwrap();
        // A second start does not begin again.
        session
            .add_audit_receiver("w", 0, Timestamp(99))
            .await
            .unwrap();
        let receiver = session.find_audit_receiver("w").await.unwrap().unwrap();
        let expected = AuditReceiverRecord {
            name: "w".to_owned(),
            told_until: 5,
            attempts: 0,
            due_at: Timestamp(10),
        };
        assert_eq!(receiver, expected);
        let mut claim = async |until| {
            session
                .claim_audit_receiver(&receiver, Timestamp(until))
                .await
                .unwrap()
        };
        assert!(claim(60).await);
        assert!(!claim(61).await);
        let told = AuditReceiverRecord {
            told_until: 8,
            due_at: Timestamp(20),
            ..receiver
        };
        assert!(
            !session
                .settle_audit_receiver(&told, Timestamp(61))
                .await
                .unwrap()
        );
        assert!(
            session
                .settle_audit_receiver(&told, Timestamp(60))
                .await
                .unwrap()
        );
        assert_eq!(session.find_audit_receiver("w").await.unwrap(), Some(told));
        session.commit().await.unwrap();
    }
}

#[tokio::test]
async fn deliveries_are_listed_newest_first_and_trimmed() {
    for place in places().await {
        let mut session = place.store.write().await.unwrap();
        for number in 1..=5 {
            let record = AuditDeliveryRecord {
                id: Uuid::from_u128(number),
                receiver: "w".to_owned(),
                first_number: 1,
                last_number: 2,
                outcome: "delivered: HTTP 204".to_owned(),
                at: Timestamp(i64::try_from(number).unwrap()),
            };
            session.insert_audit_delivery(&record).await.unwrap();
        }
        assert_eq!(
            session.trim_audit_deliveries(Timestamp(2)).await.unwrap(),
            1
        );
        let page = session.list_audit_deliveries(None, 3).await.unwrap();
        let ids: Vec<u128> = page.iter().map(|one| one.id.as_u128()).collect();
        assert_eq!(ids, [5, 4, 3]);
        let rest = session
            .list_audit_deliveries(Some(page[2].id), 3)
            .await
            .unwrap();
        let ids: Vec<u128> = rest.iter().map(|one| one.id.as_u128()).collect();
        assert_eq!(ids, [2]);
        session.commit().await.unwrap();
    }
}
