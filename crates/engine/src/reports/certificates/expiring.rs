//! Certificates that end soon, of everybody.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use mandate_model::{Timestamp, UserId};
use mandate_store::{AfterCertificate, ImportedEnd, IssuedRecord, Scope, Session};

use super::held::{DevicePresence, HeldCertificate, Presence};
use super::user::own_authorities;
use crate::access::scope::{people_reached, shows_device};
use crate::certificates::pkcs;
use crate::delivery::Detail;
use crate::reports::rows::DeviceRows;
use crate::{Action, Actor, Engine, EngineError};

/// A percentage that is not noted anywhere any more; what profiles have unless they say otherwise.
const USUAL_PERCENTAGE: i64 = 20;
/// The longest time that can be asked for, in days.
const MOST_DAYS: i64 = 730;

/// A page of certificates in the order of their ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpiringCertificates {
    /// The certificates, with the devices that they were issued to.
    pub certificates: Vec<HeldCertificate>,
    /// What to ask for the next page with; none if this is the last.
    pub next: Option<String>,
}

/// When a certificate was to be replaced, and when it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Renewal {
    pub(crate) at: Timestamp,
    pub(crate) until: Timestamp,
}

impl Renewal {
    /// Whether it was to be replaced for so long that something must be in the way: a day, or half of what was left.
    pub(crate) fn is_overdue(self, now: Timestamp) -> bool {
        let patience = Timestamp::DAY.min(self.until.since(self.at) / 2);
        now > self.at.plus(patience)
    }
}

impl Engine {
    /// Certificates that were issued or imported and end within `days` from now, a page at a time; `after` is the `next` of the
    /// page before.
    pub async fn expiring_certificates(
        &self,
        actor: &Actor,
        days: i64,
        after: Option<&str>,
        limit: u32,
    ) -> Result<ExpiringCertificates, EngineError> {
        actor.require(Action::ProfilesViewReports)?;
        actor.require(Action::DevicesRead)?;
        if !(1..=MOST_DAYS).contains(&days) {
            let rule = "must be a whole number from 1 to 730";
            return Err(EngineError::invalid("days", rule, Some(&days.to_string())));
        }
        let now = self.now();
        let until = now.plus(days * Timestamp::DAY);
        let place = match after {
            Some(text) => read_place(text).ok_or_else(|| {
                let rule = "must be one of ours; follow `nextLink` as it is";
                EngineError::invalid("after", rule, Some(text))
            })?,
            None => AfterCertificate::beginning(now),
        };
        let mut session = self.store().read().await?;
        let ours = own_authorities(&mut session).await?;
        let limit = limit.clamp(1, 1000);
        let viewer = Viewer {
            devices: actor.scope_for(Action::DevicesRead)?,
            people: people_reached(&mut session, actor).await?,
        };
        let (mut place, mut shown) = (place, Vec::new());
        // What the actor cannot see is passed over without ending the page early.
        loop {
            let ends = ends_after(&mut session, now, until, place, limit).await?;
            let is_last = ends.len() < limit as usize;
            for (at, end) in ends {
                place = at;
                if !viewer.sees(&mut session, &end).await? {
                    continue;
                }
                shown.extend(held(&mut session, &end, &ours).await?);
                if shown.len() == limit as usize {
                    return Ok(ExpiringCertificates {
                        certificates: shown,
                        next: Some(write_place(&at)),
                    });
                }
            }
            if is_last {
                return Ok(ExpiringCertificates {
                    certificates: shown,
                    next: None,
                });
            }
        }
    }
}

/// A certificate that ends.
enum Ending {
    Issued(IssuedRecord),
    Imported(ImportedEnd),
}

/// What somebody sees of certificates.
struct Viewer {
    devices: Scope,
    /// People whose imported certificates; `None` stands for all.
    people: Option<BTreeSet<UserId>>,
}

impl Viewer {
    async fn sees(&self, session: &mut Session, end: &Ending) -> Result<bool, EngineError> {
        match end {
            Ending::Issued(record) => match record.device_id {
                Some(device) => shows_device(session, &self.devices, device).await,
                None => Ok(self.devices.is_all()),
            },
            Ending::Imported(end) => Ok(self
                .people
                .as_ref()
                .is_none_or(|people| people.contains(&end.user_id))),
        }
    }
}

/// The next certificates in the order of their ends, whoever sees them.
async fn ends_after(
    session: &mut Session,
    now: Timestamp,
    until: Timestamp,
    place: AfterCertificate,
    limit: u32,
) -> Result<Vec<(AfterCertificate, Ending)>, EngineError> {
    let mut ends = Vec::new();
    for record in session.expiring_issued(now, until, place, limit).await? {
        let at = AfterCertificate {
            not_after: record.not_after,
            sha256: fingerprint(&record.sha256)?,
            user: None,
        };
        ends.push((at, Ending::Issued(record)));
    }
    for end in session.expiring_imported(now, until, place, limit).await? {
        let at = AfterCertificate {
            not_after: end.not_after,
            sha256: fingerprint(&end.sha256)?,
            user: Some(end.user_id),
        };
        ends.push((at, Ending::Imported(end)));
    }
    ends.sort_by_key(|(at, _)| *at);
    ends.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(ends)
}

/// What is told of a certificate; nothing if it has gone in the meantime.
async fn held(
    session: &mut Session,
    end: &Ending,
    ours: &[String],
) -> Result<Option<HeldCertificate>, EngineError> {
    let end = match end {
        Ending::Issued(record) => return Ok(Some(issued(session, record, ours).await?)),
        Ending::Imported(end) => end,
    };
    let sha256 = crate::instance::hex(&end.sha256);
    let record = session.find_imported(end.user_id, &end.thumbprint).await?;
    let key = session.imported_key(end.user_id, &sha256).await?;
    match (record, key) {
        (Some(record), Some(key)) => Ok(Some(HeldCertificate::imported(&record, &key.der)?)),
        _ => Ok(None),
    }
}

async fn issued(
    session: &mut Session,
    record: &IssuedRecord,
    ours: &[String],
) -> Result<HeldCertificate, EngineError> {
    let user = match record.user_id {
        Some(id) => session.find_user(id).await?,
        None => None,
    };
    let mut held = HeldCertificate::issued(record, ours)?.belongs_to(user.as_ref());
    let Some(id) = record.device_id else {
        return Ok(held);
    };
    let seen = session.sightings_of_certificate(&record.sha256).await?;
    let seen = seen.iter().find(|sighting| sighting.device_id == id);
    if let Some(found) = session.find_device(id).await? {
        held.devices.push(DevicePresence {
            id,
            device_name: found.device.display_name(),
            state: if seen.is_some() {
                Presence::Confirmed
            } else {
                Presence::Expected
            },
            seen_date_time: seen.map(|sighting| sighting.seen_at),
        });
    }
    Ok(held)
}

/// When an issued certificate was to be renewed: as is noted, or while a renewal is under way, as what is kept of the profile on
/// the device says.
pub(crate) async fn renewal_of(
    session: &mut Session,
    record: &IssuedRecord,
) -> Result<Renewal, EngineError> {
    let until = record.not_after;
    if let Some(at) = record.renew_at {
        return Ok(Renewal { at, until });
    }
    let mut percentage = USUAL_PERCENTAGE;
    if let (Some(device), Some(profile)) = (record.device_id, record.profile_id) {
        let rows = DeviceRows::read(session, device).await?;
        let specs = rows
            .all()
            .filter(|row| row.profile_id == profile)
            .flat_map(|row| Detail::of(row).certificates);
        for spec in specs {
            if Some(&spec.slot.0) == record.slot.as_ref() {
                percentage = spec.renewal_threshold_percentage;
            }
        }
    }
    let at = pkcs::renew_at(record.issued_at, until, percentage);
    Ok(Renewal { at, until })
}

fn fingerprint(sha256: &[u8]) -> Result<[u8; 32], EngineError> {
    <[u8; 32]>::try_from(sha256)
        .map_err(|_| EngineError::Internal("a certificate has a damaged name".to_owned()))
}

/// End, fingerprint and, of an imported certificate, its owner.
fn write_place(place: &AfterCertificate) -> String {
    let mut bytes = place.not_after.0.to_be_bytes().to_vec();
    bytes.extend(place.sha256);
    bytes.extend(place.user.iter().flat_map(|user| *user.0.as_bytes()));
    URL_SAFE_NO_PAD.encode(bytes)
}

fn read_place(text: &str) -> Option<AfterCertificate> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let (not_after, rest) = bytes.split_first_chunk::<8>()?;
    let (sha256, user) = rest.split_first_chunk::<32>()?;
    let user = match user {
        [] => None,
        user => Some(UserId(uuid::Uuid::from_slice(user).ok()?)),
    };
    Some(AfterCertificate {
        not_after: Timestamp(i64::from_be_bytes(*not_after)),
        sha256: *sha256,
        user,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_renewal_is_overdue_after_a_day_or_half_of_what_was_left() {
        let renewal = |days| Renewal {
            at: Timestamp(0),
            until: Timestamp(days * Timestamp::DAY),
        };
        assert!(!renewal(73).is_overdue(Timestamp(Timestamp::DAY)));
        assert!(renewal(73).is_overdue(Timestamp(Timestamp::DAY + 1)));
        assert!(renewal(1).is_overdue(Timestamp(Timestamp::DAY / 2 + 1)));
    }

    proptest! {
        #[test]
        fn a_place_reads_back_and_nothing_makes_it_panic(end: i64, sha256: [u8; 32], user: Option<u128>, text: String) {
            let user = user.map(|user| UserId(uuid::Uuid::from_u128(user)));
            let place = AfterCertificate { not_after: Timestamp(end), sha256, user };
            prop_assert_eq!(read_place(&write_place(&place)), Some(place));
            let _ = read_place(&text);
        }
    }
}
