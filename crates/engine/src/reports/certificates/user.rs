//! The certificates of one person, and the devices that have them.

use std::collections::BTreeMap;

use mandate_model::{
    Device, DeviceId, ImportPurpose, ImportedCertificate, Reason, StoredKey, Timestamp, User,
};
use mandate_store::{DeviceFilter, Scope, Session};
use serde::Serialize;

use super::held::{DevicePresence, HeldCertificate, Presence};
use crate::access::scope::{people_reached, shows_device};
use crate::delivery::Detail;
use crate::reports::rows::DeviceRows;
use crate::{Action, Actor, Engine, EngineError};

/// More certificates of one person than this are not shown; the last to end come first.
const MOST: u32 = 1000;
const MOST_DEVICES: u32 = 1000;

/// What somebody has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UserCertificates {
    /// Sign-in name of the person.
    pub user_principal_name: String,
    /// The certificates, the last to end first.
    pub value: Vec<HeldCertificate>,
}

/// A device of the person, with the imported certificates that its documents carry, and the purposes that they lack one for.
struct Owned {
    device: Device,
    carried: Vec<String>,
    lacking: Vec<ImportPurpose>,
}

impl Owned {
    /// Whether a certificate is on its way there: a document carries it, or will at the next contact, because it waits for one of
    /// that purpose or carries one that this is the successor of.
    fn expects(&self, certificate: &ImportedCertificate, all: &[ImportedCertificate]) -> bool {
        let of_purpose = || {
            all.iter()
                .filter(|other| other.purpose == certificate.purpose)
        };
        let is_newest = of_purpose().all(|other| other.not_before <= certificate.not_before);
        let carries_others = || of_purpose().any(|other| self.carried.contains(&other.sha256));
        self.carried.contains(&certificate.sha256)
            || is_newest && (self.lacking.contains(&certificate.purpose) || carries_others())
    }
}

impl Engine {
    /// What was issued and imported for a person, named by id or sign-in name, and on which devices it is. `None` if there is no
    /// such person.
    pub async fn user_certificates(
        &self,
        actor: &Actor,
        key: &str,
    ) -> Result<Option<UserCertificates>, EngineError> {
        actor.require(Action::ProfilesViewReports)?;
        actor.require(Action::DevicesRead)?;
        let mut session = self.store().read().await?;
        let by_id = match key.parse() {
            Ok(id) => session.find_user(id).await?,
            Err(_) => None,
        };
        let found = match by_id {
            Some(user) => Some(user),
            None => session.find_user_by_name(key).await?,
        };
        let Some(user) = found else {
            return Ok(None);
        };
        let scope = actor.scope_for(Action::DevicesRead)?;
        let owned = owned(&mut session, &scope, &user).await?;
        let mut value = self.issued_to(&mut session, &scope, &user, &owned).await?;
        if shows_imported(&mut session, actor, &user).await? {
            value.extend(imported(&mut session, &scope, &user, &owned).await?);
        }
        value.sort_by(|one, other| {
            (other.not_after_date_time, &one.sha256).cmp(&(one.not_after_date_time, &other.sha256))
        });
        Ok(Some(UserCertificates {
            user_principal_name: user.user_principal_name,
            value,
        }))
    }

    async fn issued_to(
        &self,
        session: &mut Session,
        scope: &Scope,
        user: &User,
        owned: &BTreeMap<DeviceId, Owned>,
    ) -> Result<Vec<HeldCertificate>, EngineError> {
        let ours = own_authorities(session).await?;
        let now = self.now();
        let mut held = Vec::new();
        for record in session.issued_of_user(user.id, MOST).await? {
            let is_shown = match record.device_id {
                Some(device) => shows_device(session, scope, device).await?,
                None => scope.is_all(),
            };
            if !is_shown {
                continue;
            }
            let mut certificate = HeldCertificate::issued(&record, &ours)?.belongs_to(Some(user));
            let is_good = record.revoked_at.is_none() && record.not_after > now;
            let expects = |id: DeviceId, device: &Device| {
                is_good && record.device_id == Some(id) && device.state.is_managed()
            };
            let seen = seen(session, &record.sha256).await?;
            certificate.devices = presences(session, scope, owned, &seen, expects).await?;
            held.push(certificate);
        }
        Ok(held)
    }
}

async fn imported(
    session: &mut Session,
    scope: &Scope,
    user: &User,
    owned: &BTreeMap<DeviceId, Owned>,
) -> Result<Vec<HeldCertificate>, EngineError> {
    let mut held = Vec::new();
    let all = session.imported_of_user(user.id).await?;
    for record in session.list_imported_of_user(user.id).await? {
        let sha256 = &record.certificate.sha256;
        let Some(key) = session.imported_key(user.id, sha256).await? else {
            continue;
        };
        let mut certificate = HeldCertificate::imported(&record, &key.der)?;
        let expects = |id: DeviceId, _: &Device| {
            owned
                .get(&id)
                .is_some_and(|owned| owned.expects(&record.certificate, &all))
        };
        let seen = seen(session, &mandate_pki::sha256(&key.der)).await?;
        certificate.devices = presences(session, scope, owned, &seen, expects).await?;
        held.push(certificate);
    }
    Ok(held)
}

/// Whether the actor sees what was imported for a person.
pub(in crate::reports) async fn shows_imported(
    session: &mut Session,
    actor: &Actor,
    user: &User,
) -> Result<bool, EngineError> {
    let people = people_reached(session, actor).await?;
    Ok(people.is_none_or(|people| people.contains(&user.id)))
}

/// What the database calls the authorities of this instance; what any other issued came from outside.
pub(super) async fn own_authorities(session: &mut Session) -> Result<Vec<String>, EngineError> {
    let authorities = session.list_authorities().await?;
    Ok(authorities.into_iter().map(|one| one.key_id).collect())
}

async fn owned(
    session: &mut Session,
    scope: &Scope,
    user: &User,
) -> Result<BTreeMap<DeviceId, Owned>, EngineError> {
    let filter = DeviceFilter {
        user: Some(user.id),
        ..DeviceFilter::default()
    };
    let mut owned = BTreeMap::new();
    for record in session
        .list_devices(&filter, scope, None, MOST_DEVICES)
        .await?
    {
        let device = record.device;
        let rows = DeviceRows::read(session, device.id).await?;
        let carried = rows
            .all()
            .filter(|row| row.wanted && row.wanted_uuid.is_some())
            .flat_map(|row| Detail::of(row).identities)
            .filter_map(|identity| match identity.key {
                StoredKey::Imported(sha256) => Some(sha256),
                StoredKey::Issued(_) => None,
            })
            .collect();
        let lacking = rows.all().filter_map(|row| match &row.reason {
            Reason::NoImportedCertificate { purpose, .. } if row.wanted => Some(*purpose),
            _ => None,
        });
        let lacking = lacking.collect();
        let owning = Owned {
            device,
            carried,
            lacking,
        };
        owned.insert(owning.device.id, owning);
    }
    Ok(owned)
}

/// The devices whose lists show a certificate, and when each was read.
async fn seen(
    session: &mut Session,
    sha256: &[u8],
) -> Result<BTreeMap<DeviceId, Timestamp>, EngineError> {
    let sightings = session.sightings_of_certificate(sha256).await?;
    Ok(sightings
        .into_iter()
        .map(|sighting| (sighting.device_id, sighting.seen_at))
        .collect())
}

/// The devices that have a certificate or should have it. Of devices of other people no name is told.
async fn presences(
    session: &mut Session,
    scope: &Scope,
    owned: &BTreeMap<DeviceId, Owned>,
    seen: &BTreeMap<DeviceId, Timestamp>,
    expects: impl Fn(DeviceId, &Device) -> bool,
) -> Result<Vec<DevicePresence>, EngineError> {
    let mut presences = Vec::new();
    for (id, owned) in owned {
        let (is_expected, at) = (expects(*id, &owned.device), seen.get(id).copied());
        let state = match (is_expected, at) {
            (true, Some(_)) => Presence::Confirmed,
            (true, None) => Presence::Expected,
            (false, Some(_)) => Presence::NotExpected,
            (false, None) => continue,
        };
        presences.push(DevicePresence {
            id: *id,
            device_name: owned.device.display_name(),
            state,
            seen_date_time: at,
        });
    }
    for (id, at) in seen.iter().filter(|(id, _)| !owned.contains_key(id)) {
        let Some(found) = session.find_device(*id).await? else {
            continue;
        };
        // Somebody who has the same key may have it with good reason; that is shown with that person.
        if found.device.user_id.is_none() && shows_device(session, scope, *id).await? {
            presences.push(DevicePresence {
                id: *id,
                device_name: found.device.display_name(),
                state: Presence::NotExpected,
                seen_date_time: Some(*at),
            });
        }
    }
    Ok(presences)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn presence_is_written_in_words() {
        let presence = DevicePresence {
            id: DeviceId(uuid::Uuid::nil()),
            device_name: "phone".to_owned(),
            state: Presence::NotExpected,
            seen_date_time: None,
        };
        let text = serde_json::to_value(&presence).unwrap();
        assert_eq!(text["state"], "notExpected");
        assert_eq!(text["seenDateTime"], serde_json::Value::Null);
    }
}
