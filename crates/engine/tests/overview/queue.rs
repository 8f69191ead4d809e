//! What a device waits for.

use mandate_engine::{Action, Actor, LockOptions, PushResult, PushToken, QueueStage, QueueTask};
use mandate_model::{Reason, Target, Timestamp};
use mandate_store::Phase;

use crate::fleet::{
    MAIL, NOON, ROOT, add_profile, add_row, device_id, houses, phone, profile_id, row, somebody,
};

#[tokio::test]
async fn a_queue_says_in_order_what_waits_and_why() {
    for house in houses().await {
        let engine = &house.engine;
        let mut session = engine.store().write().await.unwrap();
        let mut record = phone(1, "Phone", None);
        record.wake_attempts = 2;
        record.wake_at = Some(NOON.plus(Timestamp::HOUR));
        session.insert_device(&record).await.unwrap();
        let id = record.device.id;
        let mail = add_profile(&mut session, 1, ("Mail", MAIL), Some(Target::AllUsers)).await;
        let root = add_profile(&mut session, 2, ("Root", ROOT), None).await;
        let mut later = row(id, mail, Reason::NotNow);
        later.phase = Phase::InstallLater;
        later.attempts = 3;
        add_row(&mut session, later, None).await;
        let mut removal = row(id, root, Reason::Removing);
        removal.wanted = false;
        removal.phase = Phase::Remove;
        removal.due_at = Some(NOON.plus(Timestamp::MINUTE));
        add_row(&mut session, removal, None).await;
        add_row(&mut session, row(id, profile_id(3), Reason::Present), None).await;
        session
            .note_push(id, NOON.plus(-5), "throttled")
            .await
            .unwrap();
        session.raise_intent().await.unwrap();
        session.commit().await.unwrap();
        let system = Actor::system();
        let queue = engine.device_queue(&system, id).await.unwrap();
        assert_eq!(queue.calls.token, PushToken::Good);
        assert_eq!(
            queue.calls.last,
            Some((NOON.plus(-5), PushResult::Throttled))
        );
        assert_eq!(queue.calls.attempts, 2);
        let said: Vec<(&QueueTask, QueueStage, i64)> = queue
            .items
            .iter()
            .map(|item| (&item.task, item.stage, item.attempts))
            .collect();
        let remove = QueueTask::Remove {
            profile: root,
            name: Some("Root".to_owned()),
        };
        let install = QueueTask::Install {
            profile: mail,
            name: Some("Mail".to_owned()),
        };
        assert_eq!(
            said,
            [
                (&remove, QueueStage::Paused, 1),
                (&install, QueueStage::NotNow, 3)
            ]
        );
        engine
            .lock_device(&system, id, LockOptions::default())
            .await
            .unwrap();
        let queue = engine.device_queue(&system, id).await.unwrap();
        assert_eq!(queue.items[0].task, QueueTask::Lock);
        assert_eq!(
            queue.items[0].expires_at,
            Some(NOON.plus(7 * Timestamp::DAY))
        );
        assert_eq!(queue.items[0].requested_by, None, "the system asked");
        let reader = somebody(&[Action::DevicesRead, Action::ProfilesRead], Some(&["9"]));
        let hidden = engine.device_queue(&reader, id).await;
        assert!(hidden.is_err(), "out of their tags it is not there");
        assert!(engine.device_queue(&system, device_id(9)).await.is_err());
    }
}
