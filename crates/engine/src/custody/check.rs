//! Whether every sealed value of a database opens.

use std::collections::BTreeMap;

use mandate_pki::seal::{SealKey, SealKeyId};
use mandate_store::{SealedKind, SealedRecord, Session, Store};
use serde::Serialize;

use super::context::context_of;
use crate::{Engine, EngineError};

/// Values read at once.
pub(super) const PAGE: u32 = 500;
/// Values that do not open and are named; the rest is only counted.
const NAMED: usize = 20;

/// Sealed values of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CustodyCount {
    /// What they are, for people.
    pub kind: &'static str,
    /// How many open.
    pub opened: u64,
    /// How many do not.
    pub closed: u64,
}

/// What opening every sealed value found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CustodyReport {
    /// By kind.
    pub counts: Vec<CustodyCount>,
    /// How many values open with which key, by the key's id in hexadecimal.
    pub by_key: BTreeMap<String, u64>,
    /// Names of values that do not open, at most twenty.
    pub closed: Vec<String>,
}

impl CustodyReport {
    /// Whether everything opens.
    pub fn is_whole(&self) -> bool {
        self.counts.iter().all(|count| count.closed == 0)
    }

    /// How many values open.
    pub fn opened(&self) -> u64 {
        self.counts.iter().map(|count| count.opened).sum()
    }

    /// Whether everything that opens, opens with this key.
    pub fn needs_only(&self, key: SealKeyId) -> bool {
        self.is_whole() && self.by_key.keys().all(|id| *id == key.to_string())
    }
}

impl Engine {
    /// Opens every sealed value of a database and says what opened. Nothing is changed, and nothing is kept in clear.
    pub async fn check_custody(
        store: &Store,
        seal: &SealKey,
    ) -> Result<CustodyReport, EngineError> {
        let mut session = store.read().await?;
        let mut report = CustodyReport::default();
        for kind in SealedKind::ALL {
            let mut count = CustodyCount {
                kind: kind.label(),
                opened: 0,
                closed: 0,
            };
            let mut after = None;
            loop {
                let page = session.sealed_values(kind, after.as_ref(), PAGE).await?;
                for record in &page {
                    let opens = report.look_at(seal, record);
                    *(if opens {
                        &mut count.opened
                    } else {
                        &mut count.closed
                    }) += 1;
                }
                match page.into_iter().last() {
                    Some(last) => after = Some(last.at),
                    None => break,
                }
            }
            report.counts.push(count);
        }
        Ok(report)
    }
}

impl CustodyReport {
    fn look_at(&mut self, seal: &SealKey, record: &SealedRecord) -> bool {
        let context = context_of(&record.at);
        let opens = seal.open(&context, &record.sealed).is_ok();
        if let Some(id) = SealKey::id_of(&record.sealed).filter(|_| opens) {
            *self.by_key.entry(id.to_string()).or_default() += 1;
        }
        if !opens && self.closed.len() < NAMED {
            self.closed.push(context);
        }
        opens
    }
}

/// Whether there is anything sealed at all: a database without an instance has nothing.
pub(super) async fn is_empty(session: &mut Session) -> Result<bool, EngineError> {
    Ok(session
        .sealed_values(SealedKind::Secret, None, 1)
        .await?
        .is_empty())
}
