//! Looking through the chain.

use std::cmp::Ordering;

use super::chain::{BEGINNING, same};
use super::{AuditEntry, AuditMac, AuditMark};
use crate::{Session, StoreError};

/// Entries read at once.
const PAGE: u32 = 1000;
/// Faults that are named; the rest is counted.
const NAMED: usize = 100;

/// What is wrong with the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuditFault {
    /// Where the chain ends is not written any more.
    NoHead,
    /// Where the chain ends was written by somebody else.
    HeadAltered,
    /// Where the chain begins is not written any more.
    NoBase,
    /// Where the chain begins was written by somebody else.
    BaseAltered,
    /// Entries from one number to another are gone.
    Missing {
        /// First one.
        from: i64,
        /// Last one.
        to: i64,
    },
    /// An entry is not what was written, or not in its place.
    Altered(i64),
    /// When this entry was written, the end of the chain before it was not as it should be.
    Broken(i64),
    /// Entries stand outside of the chain: before its beginning or behind its end.
    Stray(i64),
    /// The chain ends in another entry than is written at its end.
    EndDiffers(i64),
    /// An entry whose MAC is known from elsewhere is another one now, or gone.
    NotAsExpected(i64),
}

/// What looking through the chain found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditVerification {
    /// How many entries were read.
    pub entries: u64,
    /// Number of the last entry that was let go; 0 if none was.
    pub base: i64,
    /// Number and MAC of the last entry: what to note elsewhere.
    pub head: Option<AuditMark>,
    /// Faults in the order of the chain, at most a hundred.
    pub faults: Vec<AuditFault>,
    /// How many more there are.
    pub further: u64,
}

impl AuditVerification {
    /// Whether nothing is wrong.
    pub fn is_whole(&self) -> bool {
        self.faults.is_empty()
    }

    fn fault(&mut self, fault: AuditFault) {
        if self.faults.len() < NAMED {
            self.faults.push(fault);
        } else {
            self.further += 1;
        }
    }
}

/// Where the look is.
struct Place {
    last: i64,
    /// MAC of the last entry; none behind a gap, where nothing can be said of the next one.
    link: Option<Vec<u8>>,
}

impl Session {
    /// Reads the whole chain. `expected` is number and MAC of an entry that were noted elsewhere: without it, a chain of
    /// which the newest entries were cut off and whose end was put back with them looks whole. `progress` hears how many
    /// entries were read. Entries may be added and let go meanwhile.
    pub async fn verify_audit_chain(
        &mut self,
        mac: &dyn AuditMac,
        expected: Option<(i64, Vec<u8>)>,
        progress: &mut (dyn FnMut(u64) + Send),
    ) -> Result<AuditVerification, StoreError> {
        let mut found = AuditVerification {
            entries: 0,
            base: 0,
            head: None,
            faults: Vec::new(),
            further: 0,
        };
        let mut place = self.beginning(mac, &mut found).await?;
        let mut expected = expected.filter(|(number, link)| {
            // What was let go cannot be looked at, but the last of it is known.
            let known = place.link.as_ref().filter(|_| *number == found.base);
            !known.is_some_and(|known| same(known, link)) && *number >= found.base
        });
        let mut read_after = i64::MIN;
        loop {
            let head = self.audit_head().await?;
            let page = self.list_audit_entries(read_after, PAGE).await?;
            let Some(last) = page.last() else {
                end(mac, head, &place, &mut found);
                break;
            };
            read_after = last.number;
            for entry in &page {
                self.look_at(mac, entry, &mut place, &mut found).await?;
                if expected
                    .as_ref()
                    .is_some_and(|(number, link)| *number == entry.number && same(link, &entry.mac))
                {
                    expected = None;
                }
            }
            progress(found.entries);
        }
        if let Some((number, _)) = expected {
            found.fault(AuditFault::NotAsExpected(number));
        }
        Ok(found)
    }

    async fn beginning(
        &mut self,
        mac: &dyn AuditMac,
        found: &mut AuditVerification,
    ) -> Result<Place, StoreError> {
        let Some(base) = self.audit_base().await? else {
            found.fault(AuditFault::NoBase);
            return Ok(Place {
                last: 0,
                link: None,
            });
        };
        if !base.is_base(mac) {
            found.fault(AuditFault::BaseAltered);
            return Ok(Place {
                last: base.number,
                link: None,
            });
        }
        found.base = base.number;
        Ok(Place {
            last: base.number,
            link: Some(base.link),
        })
    }

    async fn look_at(
        &mut self,
        mac: &dyn AuditMac,
        entry: &AuditEntry,
        place: &mut Place,
        found: &mut AuditVerification,
    ) -> Result<(), StoreError> {
        found.entries += 1;
        let number = entry.number;
        if number <= place.last {
            found.fault(AuditFault::Stray(number));
            return Ok(());
        }
        if number > place.last + 1 {
            // Perhaps they were let go while we read.
            let base = self.audit_base().await?.filter(|base| base.is_base(mac));
            let base = base.filter(|base| base.number > place.last);
            match base {
                Some(base) if base.number + 1 >= number => {
                    place.link = Some(base.link).filter(|_| base.number + 1 == number);
                }
                _ => {
                    found.fault(AuditFault::Missing {
                        from: place.last + 1,
                        to: number - 1,
                    });
                    place.link = None;
                }
            }
        }
        if let Some(fault) = fault_of(mac, entry, place) {
            found.fault(fault);
        }
        *place = Place {
            last: number,
            link: Some(entry.mac.clone()),
        };
        Ok(())
    }
}

fn fault_of(mac: &dyn AuditMac, entry: &AuditEntry, place: &Place) -> Option<AuditFault> {
    let AuditEntry {
        number,
        record,
        mac: found,
    } = entry;
    if same(found, &record.link_after_break(mac, *number)) {
        return Some(AuditFault::Broken(*number));
    }
    let link = place.link.as_ref()?;
    (!same(found, &record.link(mac, *number, link))).then_some(AuditFault::Altered(*number))
}

/// Whether the chain ends where it says.
fn end(mac: &dyn AuditMac, head: Option<AuditMark>, place: &Place, found: &mut AuditVerification) {
    let Some(head) = head else {
        found.fault(AuditFault::NoHead);
        return;
    };
    if !head.is_head(mac) {
        found.fault(AuditFault::HeadAltered);
        return;
    }
    let last = place.last;
    match head.number.cmp(&last) {
        Ordering::Greater => found.fault(AuditFault::Missing {
            from: last + 1,
            to: head.number,
        }),
        Ordering::Less => found.fault(AuditFault::Stray(head.number + 1)),
        Ordering::Equal => {
            let beginning = BEGINNING.to_vec();
            let link = match (&place.link, last) {
                (Some(link), _) => link,
                (None, 0) => &beginning,
                (None, _) => &head.link,
            };
            if !same(link, &head.link) {
                found.fault(AuditFault::EndDiffers(last));
            }
        }
    }
    found.head = Some(head);
}
