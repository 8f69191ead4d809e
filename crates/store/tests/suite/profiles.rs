//! Profiles, their editors, and what is done after a change.

use mandate_model::{Assignment, AssignmentId, DeviceId, Profile, Target, Timestamp};
use mandate_store::{WakeScope, WakeUpRecord};
use uuid::Uuid;

use crate::place::places;
use crate::samples::profile;

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
