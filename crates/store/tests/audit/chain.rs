//! Adding, reading and letting go.

use std::collections::BTreeSet;

use mandate_model::Timestamp;
use mandate_store::{AuditFilter, AuditOrder};
use uuid::Uuid;

use crate::place::{places, record};

#[tokio::test]
async fn an_entry_reads_back_as_written() {
    for place in places().await {
        let mut anonymous = record(2);
        (anonymous.actor_id, anonymous.app_id) = (None, None);
        (anonymous.app_name, anonymous.address, anonymous.request) = (None, None, None);
        place.note([record(1), anonymous.clone()]).await;
        let mut session = place.store.read().await.unwrap();
        let entries = session.list_audit_entries(0, 10).await.unwrap();
        assert_eq!(entries[0].record, record(1));
        assert_eq!(entries[1].record, anonymous);
        let found = session.find_audit_entry(record(1).id).await.unwrap();
        assert_eq!(found.as_ref(), entries.first());
        let found = session.audit_entry_at(2).await.unwrap();
        assert_eq!(found.as_ref(), entries.last());
        assert!(place.verified().await.is_whole());
    }
}

#[tokio::test]
async fn a_chain_without_entries_is_whole() {
    for place in places().await {
        let found = place.verified().await;
        assert!(found.is_whole());
        assert_eq!((found.entries, found.head.unwrap().number), (0, 0));
    }
}

#[tokio::test]
async fn what_is_undone_leaves_no_gap() {
    for place in places().await {
        place.note([record(1)]).await;
        let mut session = place.store.write().await.unwrap();
        session.note_audit_event(record(2), &place.mac);
        drop(session);
        let mut session = place.store.write().await.unwrap();
        session.note_audit_event(record(3), &place.mac);
        // The same id twice: the commit itself fails.
        session.note_audit_event(record(3), &place.mac);
        assert!(session.commit().await.is_err());
        place.note([record(4), record(5)]).await;
        assert_eq!(place.numbers().await, [1, 2, 3]);
        assert!(place.verified().await.is_whole());
    }
}

#[tokio::test]
async fn many_who_write_at_once_make_one_chain() {
    const WRITERS: u128 = 64;
    const EACH: u128 = 6;
    for place in places().await {
        let mut tasks = Vec::new();
        for writer in 0..WRITERS {
            let (store, mac) = (place.store.clone(), place.mac.clone());
            tasks.push(tokio::spawn(async move {
                for turn in 0..EACH {
                    let id = 1 + writer * EACH + turn;
                    let mut session = store.write().await.unwrap();
                    // Each has a row of its own locked before, and some change their mind.
                    session
                        .set_setting(&format!("writer {writer}"), "at work")
                        .await
                        .unwrap();
                    session.note_audit_event(record(id), &mac);
                    if turn % 3 == 2 {
                        drop(session);
                    } else {
                        session.commit().await.unwrap();
                    }
                }
            }));
        }
        for task in tasks {
            task.await.unwrap();
        }
        let numbers = place.numbers().await;
        let expected = i64::try_from(WRITERS * EACH * 2 / 3).unwrap();
        assert_eq!(numbers, (1..=expected).collect::<Vec<_>>());
        let found = place.verified().await;
        assert!(found.is_whole(), "{:?}", found.faults);
    }
}

#[tokio::test]
async fn pages_by_time_are_everything_once_in_both_directions() {
    for place in places().await {
        place.note((1..=10).map(record)).await;
        // Two of one moment, and one that was noted late.
        let (mut same, mut late) = (record(11), record(12));
        (same.at, late.at) = (record(10).at, record(5).at);
        place.note([same, late]).await;
        let mut session = place.store.read().await.unwrap();
        for newest_first in [true, false] {
            let (mut seen, mut place) = (Vec::new(), None);
            loop {
                let order = if newest_first {
                    AuditOrder::NewestFirst(place)
                } else {
                    AuditOrder::OldestFirst(place)
                };
                let page = session
                    .find_audit_entries(&AuditFilter::default(), order, 3)
                    .await
                    .unwrap();
                let Some(last) = page.last() else { break };
                place = Some((last.record.at, last.number));
                seen.extend(page.iter().map(|entry| entry.number));
            }
            let mut expected = [1, 2, 3, 4, 5, 12, 6, 7, 8, 9, 10, 11];
            if newest_first {
                expected.reverse();
            }
            assert_eq!(seen, expected);
        }
    }
}

#[tokio::test]
async fn entries_are_found_by_time_actor_and_resource() {
    for place in places().await {
        place.note((1..=9).map(record)).await;
        let mut other = record(10);
        other.actor_id = Some(Uuid::from_u128(70));
        place.note([other]).await;
        let mut session = place.store.read().await.unwrap();
        let mut find = async |filter: AuditFilter| -> BTreeSet<i64> {
            let order = AuditOrder::OldestFirst(None);
            let found = session.find_audit_entries(&filter, order, 100).await;
            found.unwrap().iter().map(|entry| entry.number).collect()
        };
        let between = AuditFilter {
            from: Some(Timestamp(3000)),
            until: Some(Timestamp(5000)),
            ..AuditFilter::default()
        };
        assert_eq!(find(between.clone()).await, BTreeSet::from([3, 4, 5]));
        let actor = Some(Uuid::from_u128(70));
        let by = AuditFilter {
            actor,
            ..AuditFilter::default()
        };
        assert_eq!(find(by).await, BTreeSet::from([10]));
        let resource = Some("resource 1".to_owned());
        let about = AuditFilter {
            resource: resource.clone(),
            ..between
        };
        assert_eq!(find(about).await, BTreeSet::from([4]));
        let both = AuditFilter {
            actor,
            resource,
            ..AuditFilter::default()
        };
        assert_eq!(find(both).await, BTreeSet::from([10]));
    }
}

#[tokio::test]
async fn letting_go_keeps_the_rest_provable() {
    for place in places().await {
        place.note((1..=20).map(record)).await;
        assert_eq!(place.trim(11_000, 4).await.unwrap(), 4);
        assert!(place.verified().await.is_whole());
        while place.trim(11_000, 4).await.unwrap() > 0 {}
        assert_eq!(place.numbers().await, (11..=20).collect::<Vec<_>>());
        let found = place.verified().await;
        assert!(found.is_whole(), "{:?}", found.faults);
        assert_eq!(found.base, 10);
        // Everything may go; the next entry is linked to what went.
        place.trim(i64::MAX, 100).await.unwrap();
        assert!(place.numbers().await.is_empty());
        place.note([record(21)]).await;
        assert_eq!(place.numbers().await, [21]);
        assert!(place.verified().await.is_whole());
    }
}

#[tokio::test]
async fn what_was_noted_of_a_thing_lately_is_known() {
    for place in places().await {
        place.note([record(5)]).await;
        let mut session = place.store.read().await.unwrap();
        let mut is_known = async |activity: &str, since: i64| {
            let since = Timestamp(since);
            session
                .is_audited_since("resource 2", activity, since)
                .await
                .unwrap()
        };
        assert!(is_known("update", 5000).await);
        assert!(!is_known("update", 5001).await);
        assert!(!is_known("create", 0).await);
    }
}
