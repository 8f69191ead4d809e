//! Letting old entries go.

use mandate_model::Timestamp;

use super::chain::BASE;
use super::{AuditMac, AuditMark};
use crate::db::arguments;
use crate::{Session, StoreError};

const LOCK_BASE_POSTGRES: &str =
    "SELECT number, link, mac FROM audit_chain WHERE name = 'base' FOR UPDATE";
const LOCK_BASE_SQLITE: &str = "SELECT number, link, mac FROM audit_chain WHERE name = 'base'";
const OLDEST: &str = "
    SELECT number, at, mac FROM audit_event WHERE number > $1 ORDER BY number LIMIT $2";
const DELETE: &str = "DELETE FROM audit_event WHERE number > $1 AND number <= $2";

impl Session {
    /// Lets go of the oldest entries, at most `limit` of them and none from `before` or later, and moves the base behind
    /// them; how many. A base that somebody altered stays, and so does everything: nothing is covered up.
    pub async fn trim_audit_events(
        &mut self,
        before: Timestamp,
        limit: u32,
        mac: &dyn AuditMac,
    ) -> Result<u64, StoreError> {
        let sql = self.either(LOCK_BASE_SQLITE, LOCK_BASE_POSTGRES);
        let found: Option<(i64, Vec<u8>, Vec<u8>)> = self.one(sql, &[]).await?;
        let Some((number, link, sealed)) = found else {
            return Ok(0);
        };
        let base = AuditMark {
            number,
            link,
            mac: sealed,
        };
        if !base.is_base(mac) {
            return Ok(0);
        }
        let rows: Vec<(i64, i64, Vec<u8>)> = self
            .all(OLDEST, arguments![base.number, i64::from(limit)])
            .await?;
        let mut last = None;
        for (expected, (number, at, link)) in (base.number + 1..).zip(rows) {
            // Behind a gap nothing is let go: it is to be found.
            if at >= before.0 || number != expected {
                break;
            }
            last = Some((number, link));
        }
        let Some((number, link)) = last else {
            return Ok(0);
        };
        let gone = self
            .execute(DELETE, arguments![base.number, number])
            .await?;
        let base = AuditMark::sealed(mac, BASE, number, &link);
        self.set_mark(BASE, &base).await?;
        Ok(gone)
    }
}
