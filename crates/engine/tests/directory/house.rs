//! What the tests of directories ask of an instance.

use mandate_engine::{Actor, AuditFilter, AuditOrder, Clock};
use mandate_model::{Timestamp, User, UserId};
use uuid::Uuid;

pub(crate) use crate::instance::{House, houses, houses_with};

impl House {
    /// What time it is.
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The person of a sign-in name.
    pub(crate) async fn person(&self, name: &str) -> Option<User> {
        self.engine.find_user(&Actor::system(), name).await.unwrap()
    }

    /// The person of an id.
    pub(crate) async fn user(&self, id: Uuid) -> User {
        let mut session = self.engine.store().read().await.unwrap();
        session.find_user(UserId(id)).await.unwrap().unwrap()
    }

    /// The number of intent, and how much the audit says: what moves when anything is written.
    pub(crate) async fn traces(&self) -> (i64, usize) {
        let mut session = self.engine.store().read().await.unwrap();
        let (intent, picture) = session.intent_and_picture().await.unwrap();
        let events = self
            .engine
            .list_audit_events(
                &Actor::system(),
                AuditFilter::default(),
                AuditOrder::NewestFirst(None),
                5000,
            )
            .await
            .unwrap();
        (intent + picture, events.len())
    }
}
