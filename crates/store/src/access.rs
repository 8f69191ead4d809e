//! Changes of who may do what take turns.

use uuid::Uuid;

use crate::db::arguments;
use crate::{Session, StoreError};

/// Names the lock among the advisory locks of a PostgreSQL database: `access` in ASCII.
const LOCK: i64 = 0x61_63_63_65_73_73;
// Downwards from whom a role was given to, through groups, to people whose account may be used.
const ABLE_HOLDERS: &str = "
    WITH RECURSIVE inside (id) AS (
        SELECT principal_id FROM directory_role_member WHERE role_id = $1
        UNION
        SELECT m.member_id FROM inside i JOIN team_member m ON m.team_id = i.id
    )
    SELECT count(*) FROM person p WHERE p.enabled = 1 AND p.id IN (SELECT id FROM inside)";

impl Session {
    /// Waits until nobody else is changing roles, their assignments, memberships, scope tags, or what names these, and
    /// keeps others waiting until the end of this transaction. What is read afterwards stays true until then. Before
    /// rows are held, so that no two wait for one another.
    pub async fn hold_access(&mut self) -> Result<(), StoreError> {
        self.take_turn(LOCK).await
    }

    /// How many people have a directory role, themselves or by their groups, and an account that may be used.
    pub async fn count_able_holders(&mut self, directory_role: Uuid) -> Result<i64, StoreError> {
        self.number(ABLE_HOLDERS, arguments![directory_role]).await
    }
}
