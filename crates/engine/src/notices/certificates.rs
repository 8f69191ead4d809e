//! Certificates of people that end, and that nothing has replaced.

use std::collections::BTreeSet;

use mandate_model::{DeviceId, ProfileId, Timestamp, UserId};
use mandate_pki::certificate::Certificate;
use mandate_store::{AfterCertificate, IssuedRecord, Session};

use super::event::EndingCertificate;
use super::matters::{ending, noted};
use super::{Facts, NoticeEvent, settings};
use crate::instance::hex;
use crate::reports::renewal_of;
use crate::{Engine, EngineError};

/// Certificates read at once.
const PAGE: u32 = 500;
/// More certificates of one person are not looked at; the last to end come first.
const MOST: u32 = 200;
/// What ended longer ago is forgotten.
const MOURNED: i64 = 30 * Timestamp::DAY;
/// Matters are kept for longer than a certificate is spoken of.
const KEPT_DAYS: i64 = 180;
const TRIMMED_AT_ONCE: u32 = 1000;
/// What was being sent when the server stopped.
const LAPSED: &str = "the server stopped while it was being sent";

/// A certificate that ends, and where it is.
pub(super) struct Ending {
    pub(super) certificate: EndingCertificate,
    pub(super) device: Option<DeviceId>,
    pub(super) profile: Option<ProfileId>,
}

impl Engine {
    /// Looks for certificates of people that have come within one of the thresholds of their end, and forgets what was told
    /// long ago. How many matters were new.
    pub async fn watch_notices(&self) -> Result<u64, EngineError> {
        let now = self.now();
        let days = {
            let mut session = self.store().read().await?;
            settings::read(&mut session).await?.certificate_days
        };
        let mut new = 0;
        if let Some(most) = days.iter().max() {
            let until = now.plus(most * Timestamp::DAY);
            for user in self.people_with_endings(now, until).await? {
                new += self.note_endings(user, now, &days).await?;
            }
        }
        let before = self.chance().id(now.plus(-KEPT_DAYS * Timestamp::DAY));
        loop {
            let mut session = self.store().write().await?;
            let trimmed = session.trim_notices(before, TRIMMED_AT_ONCE).await?;
            session.commit().await?;
            if trimmed < u64::from(TRIMMED_AT_ONCE) {
                break;
            }
        }
        let mut session = self.store().write().await?;
        if session.lapse_notices(now, LAPSED).await? > 0 {
            tracing::warn!(
                "nobody knows whether some mails were sent: the server stopped meanwhile"
            );
        }
        session.commit().await?;
        Ok(new)
    }

    /// Everybody who has a certificate that ends by a moment.
    async fn people_with_endings(
        &self,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<BTreeSet<UserId>, EngineError> {
        let mut people = BTreeSet::new();
        let mut place = AfterCertificate::beginning(now);
        loop {
            let mut session = self.store().read().await?;
            let page = session.expiring_issued(now, until, place, PAGE).await?;
            people.extend(page.iter().filter_map(|record| record.user_id));
            let Some(next) = page
                .last()
                .and_then(|record| after(record.not_after, &record.sha256, None))
            else {
                break;
            };
            place = next;
        }
        let mut place = AfterCertificate::beginning(now);
        loop {
            let mut session = self.store().read().await?;
            let page = session.expiring_imported(now, until, place, PAGE).await?;
            people.extend(page.iter().map(|end| end.user_id));
            let Some(next) = page
                .last()
                .and_then(|end| after(end.not_after, &end.sha256, Some(end.user_id)))
            else {
                break;
            };
            place = next;
        }
        Ok(people)
    }

    async fn note_endings(
        &self,
        user: UserId,
        now: Timestamp,
        days: &[i64],
    ) -> Result<u64, EngineError> {
        let most = days.iter().max().copied().unwrap_or_default();
        let endings = {
            let mut session = self.store().read().await?;
            endings_of(&mut session, user, now, most).await?
        };
        let mut new = 0;
        let mut session = self.store().write().await?;
        for ending in endings {
            let left = Timestamp(ending.certificate.not_after).since(now);
            let Some(threshold) = threshold(days, left) else {
                continue;
            };
            let matter = self::ending(&ending.certificate.sha256, user, threshold);
            let about = (ending.device, ending.profile);
            let facts = Facts {
                certificate: Some(ending.certificate),
                ..Facts::default()
            };
            let event = NoticeEvent::CertificateEnding.name();
            let record = noted(
                (self.chance().id(now), now),
                (matter, event),
                user,
                about,
                &facts,
            );
            new += u64::from(session.raise_notice(&record, now).await?);
        }
        session.commit().await?;
        Ok(new)
    }
}

/// A person's certificates that end within `days` or have just ended, that nothing has replaced, and that are not about to be
/// renewed by themselves. The first to end comes first.
pub(super) async fn endings_of(
    session: &mut Session,
    user: UserId,
    now: Timestamp,
    days: i64,
) -> Result<Vec<Ending>, EngineError> {
    let (from, until) = (now.plus(-MOURNED), now.plus(days * Timestamp::DAY));
    let ends_now = |at: Timestamp| from < at && at <= until;
    let mut found = Vec::new();
    let imported = session.imported_of_user(user).await?;
    for certificate in imported.iter().filter(|one| ends_now(one.not_after)) {
        // A newer one for the same purpose has taken its place; this one only opens old mail.
        let is_replaced = imported.iter().any(|other| {
            other.purpose == certificate.purpose
                && other.not_before > certificate.not_before
                && other.not_after > certificate.not_after
        });
        if !is_replaced {
            found.push(Ending {
                certificate: EndingCertificate {
                    sha256: certificate.sha256.clone(),
                    subject: certificate.subject.clone(),
                    is_imported: true,
                    not_after: certificate.not_after.0,
                },
                device: None,
                profile: None,
            });
        }
    }
    let issued = session.issued_of_user(user, MOST).await?;
    for record in issued
        .iter()
        .filter(|one| one.revoked_at.is_none() && ends_now(one.not_after))
    {
        let is_replaced = issued.iter().any(|other| replaces(other, record));
        if is_replaced || !is_managed(session, record).await? {
            continue;
        }
        if !renewal_of(session, record).await?.is_overdue(now) {
            continue;
        }
        found.push(Ending {
            certificate: EndingCertificate {
                sha256: hex(&record.sha256),
                subject: Certificate::from_der(&record.der)?
                    .subject_name()?
                    .to_string(),
                is_imported: false,
                not_after: record.not_after.0,
            },
            device: record.device_id,
            profile: record.profile_id,
        });
    }
    found.sort_by_key(|ending| ending.certificate.not_after);
    Ok(found)
}

/// Whether a certificate was issued in the place of another.
fn replaces(other: &IssuedRecord, record: &IssuedRecord) -> bool {
    other.revoked_at.is_none()
        && other.issued_at > record.issued_at
        && (other.device_id, other.profile_id) == (record.device_id, record.profile_id)
        && (&other.slot, &other.purpose) == (&record.slot, &record.purpose)
}

async fn is_managed(session: &mut Session, record: &IssuedRecord) -> Result<bool, EngineError> {
    let Some(device) = record.device_id else {
        return Ok(false);
    };
    let found = session.find_device(device).await?;
    Ok(found.is_some_and(|found| found.device.state.is_managed()))
}

fn after(not_after: Timestamp, sha256: &[u8], user: Option<UserId>) -> Option<AfterCertificate> {
    Some(AfterCertificate {
        not_after,
        sha256: sha256.try_into().ok()?,
        user,
    })
}

/// The narrowest of the thresholds, in days, that something with so much left (in microseconds) has come within.
fn threshold(days: &[i64], left: i64) -> Option<i64> {
    let within = |day: &&i64| left <= **day * Timestamp::DAY;
    days.iter()
        .filter(within)
        .min()
        .copied()
        .filter(|_| left > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_narrowest_threshold_counts_and_what_has_ended_has_none() {
        let at = |days: i64| threshold(&[14, 3], days * Timestamp::DAY);
        assert_eq!(
            [at(15), at(14), at(4), at(3), at(1)],
            [None, Some(14), Some(14), Some(3), Some(3)]
        );
        assert_eq!(threshold(&[14, 3], 0), None);
        assert_eq!(threshold(&[], 1), None);
    }
}
