//! Transactions that take turns.

use crate::db::arguments;
use crate::{Session, StoreError};

const LOCK: &str = "SELECT pg_advisory_xact_lock($1)";

impl Session {
    /// Waits until no other transaction has this lock, and keeps others waiting until the end of this one. What is read
    /// afterwards stays true until then.
    ///
    /// Locks are named by numbers of a PostgreSQL database. SQLite has one writer, which this transaction is already.
    pub(crate) async fn take_turn(&mut self, lock: i64) -> Result<(), StoreError> {
        if self.is_postgres() {
            self.execute(LOCK, arguments![lock]).await?;
        }
        Ok(())
    }
}
