//! Adding to the chain.

use std::sync::Arc;

use super::chain::{BASE, BEGINNING, BREAK, HEAD};
use super::{AuditMac, AuditMark, AuditRecord, Link};
use crate::db::arguments;
use crate::{Session, StoreError};

/// What was noted in a transaction and is to be written at its end.
#[derive(Debug)]
pub(crate) struct Pending {
    mac: Arc<dyn AuditMac>,
    records: Vec<AuditRecord>,
}

// The newest number is looked at as well: an old head put back would otherwise lead to a number that is taken. PostgreSQL
// may tell an older one after it waited for the lock, never a newer one.
const LOCK_HEAD_POSTGRES: &str = "
    SELECT number, link, mac, (SELECT max(number) FROM audit_event)
    FROM audit_chain WHERE name = 'head' FOR UPDATE";
const LOCK_HEAD_SQLITE: &str = "
    SELECT number, link, mac, (SELECT max(number) FROM audit_event)
    FROM audit_chain WHERE name = 'head'";
const SET_MARK: &str = "
    INSERT INTO audit_chain (name, number, link, mac) VALUES ($1, $2, $3, $4)
    ON CONFLICT (name) DO UPDATE SET number = excluded.number, link = excluded.link, mac = excluded.mac";
const FIND_MARK: &str = "SELECT number, link, mac FROM audit_chain WHERE name = $1";
const NEWEST: &str = "SELECT CAST(coalesce(max(number), 0) AS BIGINT) FROM audit_event";
const INSERT: &str = "
    INSERT INTO audit_event (
        number, id, at, actor_kind, actor_id, actor, app_id, app_name, address, request, activity, operation,
        resource_kind, resource_id, resource_name, changes, mac)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)";

impl Session {
    /// Begins the chain of a new instance.
    pub async fn begin_audit_chain(&mut self, mac: &dyn AuditMac) -> Result<(), StoreError> {
        for name in [BASE, HEAD] {
            let mark = AuditMark::sealed(mac, name, 0, &BEGINNING);
            self.set_mark(name, &mark).await?;
        }
        Ok(())
    }

    /// Notes a change. It is written when the session is committed, and lost with it otherwise.
    pub fn note_audit_event(&mut self, record: AuditRecord, mac: &Arc<dyn AuditMac>) {
        let pending = self.pending.get_or_insert_with(|| {
            Box::new(Pending {
                mac: Arc::clone(mac),
                records: Vec::new(),
            })
        });
        pending.records.push(record);
    }

    /// Where the chain ends.
    pub async fn audit_head(&mut self) -> Result<Option<AuditMark>, StoreError> {
        self.find_mark(HEAD).await
    }

    /// Where the chain begins: the last entry that was let go.
    pub async fn audit_base(&mut self) -> Result<Option<AuditMark>, StoreError> {
        self.find_mark(BASE).await
    }

    /// Writes what was noted; the last thing before a commit.
    pub(crate) async fn append_pending(&mut self) -> Result<(), StoreError> {
        let Some(pending) = self.pending.take() else {
            return Ok(());
        };
        let mac = &*pending.mac;
        let end = self.lock_head(mac).await?;
        let (mut number, mut link) = (end.number, end.link);
        for record in &pending.records {
            number += 1;
            let next = record.link(mac, number, &link);
            self.insert_entry(number, record, &next).await?;
            link = next;
        }
        let head = AuditMark::sealed(mac, HEAD, number, &link);
        self.set_mark(HEAD, &head).await
    }

    /// The end of the chain, held until the transaction ends. Where it is not what was written there, the next entry says
    /// so by what it is linked to, and changes go on: a damaged row must not stop a house.
    async fn lock_head(&mut self, mac: &dyn AuditMac) -> Result<End, StoreError> {
        let sql = self.either(LOCK_HEAD_SQLITE, LOCK_HEAD_POSTGRES);
        let found: Option<HeadRow> = self.one(sql, &[]).await?;
        let Some((number, link, sealed, newest)) = found else {
            let number = self.number(NEWEST, &[]).await?;
            return Ok(End {
                number,
                link: BREAK,
            });
        };
        let newest = newest.unwrap_or(0);
        let mark = AuditMark {
            number,
            link,
            mac: sealed,
        };
        let link = Link::try_from(mark.link.as_slice()).ok();
        Ok(match link {
            Some(link) if mark.is_head(mac) && newest <= number => End { number, link },
            _ => End {
                number: number.max(newest),
                link: BREAK,
            },
        })
    }

    async fn insert_entry(
        &mut self,
        number: i64,
        record: &AuditRecord,
        mac: &Link,
    ) -> Result<(), StoreError> {
        let values = arguments![
            number,
            record.id,
            record.at,
            &record.actor_kind,
            record.actor_id,
            &record.actor,
            record.app_id,
            record.app_name.clone(),
            record.address.clone(),
            record.request.clone(),
            &record.activity,
            &record.operation,
            &record.resource_kind,
            &record.resource_id,
            &record.resource_name,
            &record.changes,
            mac,
        ];
        self.execute(INSERT, values).await.map(drop)
    }

    pub(super) async fn set_mark(
        &mut self,
        name: &'static str,
        mark: &AuditMark,
    ) -> Result<(), StoreError> {
        let values = arguments![name, mark.number, mark.link.clone(), mark.mac.clone()];
        self.execute(SET_MARK, values).await.map(drop)
    }

    async fn find_mark(&mut self, name: &'static str) -> Result<Option<AuditMark>, StoreError> {
        let row: Option<(i64, Vec<u8>, Vec<u8>)> = self.one(FIND_MARK, arguments![name]).await?;
        Ok(row.map(|(number, link, mac)| AuditMark { number, link, mac }))
    }
}

/// Number, link and MAC of the head, and the newest number there is.
type HeadRow = (i64, Vec<u8>, Vec<u8>, Option<i64>);

/// What the next entry is linked to.
struct End {
    number: i64,
    link: Link,
}
