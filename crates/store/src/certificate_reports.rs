//! Certificates as people ask about them: whose they are, where they are, and when they end.

use mandate_model::{DeviceId, ProfileId, Timestamp, UserId};
use sqlx::FromRow;
use uuid::Uuid;

use crate::db::arguments;
use crate::{Session, StoreError};

/// A certificate issued for a profile on a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssuedRecord {
    /// SHA-256 of the DER form.
    pub sha256: Vec<u8>,
    /// The certificate, DER.
    pub der: Vec<u8>,
    /// Key id of the authority of this instance that issued it, or the name of an external issuer.
    pub issuer: String,
    /// `profile` if the device made its key, `pkcs` if the server did.
    pub purpose: String,
    /// Place in its profile.
    pub slot: Option<String>,
    /// Device that it was issued to, over whichever of its channels.
    pub device_id: Option<DeviceId>,
    /// Primary user of that device, or the person that it speaks for.
    pub user_id: Option<UserId>,
    /// Profile that asked for it.
    pub profile_id: Option<ProfileId>,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// Valid until.
    pub not_after: Timestamp,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// When it is to be renewed, as is noted beside its profile; not noted while a renewal is under way.
    pub renew_at: Option<Timestamp>,
}

/// Where a list of certificates by their end goes on: after the one of this end and fingerprint, and of this owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct AfterCertificate {
    /// Its end.
    pub not_after: Timestamp,
    /// Its SHA-256.
    pub sha256: [u8; 32],
    /// Its owner, if it was imported; an issued one stands before all of these.
    pub user: Option<UserId>,
}

impl AfterCertificate {
    /// Before everything that ends after a moment.
    pub const fn beginning(now: Timestamp) -> Self {
        Self {
            not_after: now,
            sha256: [0xff; 32],
            user: None,
        }
    }
}

/// Names an imported certificate, in the order of their ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportedEnd {
    /// Its owner.
    pub user_id: UserId,
    /// Its thumbprint.
    pub thumbprint: String,
    /// Its SHA-256.
    pub sha256: Vec<u8>,
    /// Its end.
    pub not_after: Timestamp,
}

#[derive(FromRow)]
struct IssuedRow {
    sha256: Vec<u8>,
    der: Vec<u8>,
    issuer: String,
    purpose: String,
    slot: Option<String>,
    device_id: Option<Uuid>,
    user_id: Option<Uuid>,
    profile_id: Option<Uuid>,
    issued_at: i64,
    not_after: i64,
    revoked_at: Option<i64>,
    renew_at: Option<i64>,
}

impl From<IssuedRow> for IssuedRecord {
    fn from(row: IssuedRow) -> Self {
        Self {
            sha256: row.sha256,
            der: row.der,
            issuer: row.issuer,
            purpose: row.purpose,
            slot: row.slot,
            device_id: row.device_id.map(DeviceId),
            user_id: row.user_id.map(UserId),
            profile_id: row.profile_id.map(ProfileId),
            issued_at: Timestamp(row.issued_at),
            not_after: Timestamp(row.not_after),
            revoked_at: row.revoked_at.map(Timestamp),
            renew_at: row.renew_at.map(Timestamp),
        }
    }
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT c.sha256, c.der, c.issuer, c.purpose, c.slot, coalesce(d.parent_id, c.device_id) AS device_id,
                    coalesce(d.user_id, c.user_id) AS user_id, c.profile_id, c.issued_at, c.not_after, c.revoked_at, p.renew_at
             FROM certificate c
             LEFT JOIN device d ON d.id = c.device_id
             LEFT JOIN device_profile p ON p.device_id = c.device_id AND p.profile_id = c.profile_id ",
            $rest
        )
    };
}

// The devices first: both databases then find the certificates by their index.
const OF_DEVICES_OF_USER: &str = select!(
    "WHERE c.device_id IN (SELECT id FROM device WHERE user_id = $1) AND c.purpose IN ('profile', 'pkcs')
     ORDER BY c.not_after DESC, c.sha256 LIMIT $2"
);
const OF_USER: &str = select!(
    "WHERE c.user_id = $1 AND c.purpose IN ('profile', 'pkcs')
     ORDER BY c.not_after DESC, c.sha256 LIMIT $2"
);
// One that was replaced ends without anybody's harm, and so does one of a device that is gone.
const EXPIRING: &str = select!(
    "WHERE c.not_after > $1 AND c.not_after <= $2
       AND (c.not_after > $3 OR (c.not_after = $3 AND c.sha256 > $4))
       AND c.purpose IN ('profile', 'pkcs') AND c.revoked_at IS NULL AND d.state = 'enrolled'
       AND NOT EXISTS (
           SELECT 1 FROM certificate n
           WHERE n.device_id = c.device_id AND n.profile_id = c.profile_id AND n.slot = c.slot
             AND n.purpose = c.purpose AND n.revoked_at IS NULL AND n.issued_at > c.issued_at)
     ORDER BY c.not_after, c.sha256 LIMIT $5"
);
const EXPIRING_IMPORTED: &str = "
    SELECT user_id, thumbprint, sha256, not_after FROM imported_certificate
    WHERE not_after > $1 AND not_after <= $2
      AND (not_after > $3 OR (not_after = $3 AND (sha256 > $4 OR (sha256 = $4 AND user_id > $5))))
    ORDER BY not_after, sha256, user_id LIMIT $6";

impl Session {
    /// Certificates issued for profiles on the devices of a person, or in the person's name, the last to end first.
    pub async fn issued_of_user(
        &mut self,
        user: UserId,
        limit: u32,
    ) -> Result<Vec<IssuedRecord>, StoreError> {
        let mut found: Vec<IssuedRecord> = Vec::new();
        for sql in [OF_DEVICES_OF_USER, OF_USER] {
            let rows: Vec<IssuedRow> = self.all(sql, arguments![user, i64::from(limit)]).await?;
            for row in rows {
                if found.iter().all(|known| known.sha256 != row.sha256) {
                    found.push(row.into());
                }
            }
        }
        found.sort_by(|one, other| {
            (other.not_after, &one.sha256).cmp(&(one.not_after, &other.sha256))
        });
        found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(found)
    }

    /// Certificates of profiles on enrolled devices that end after `now` and by `until`, were neither revoked nor replaced, in
    /// the order of their ends.
    pub async fn expiring_issued(
        &mut self,
        now: Timestamp,
        until: Timestamp,
        after: AfterCertificate,
        limit: u32,
    ) -> Result<Vec<IssuedRecord>, StoreError> {
        let values = arguments![now, until, after.not_after, &after.sha256, i64::from(limit)];
        let rows: Vec<IssuedRow> = self.all(EXPIRING, values).await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// Imported certificates that end after `now` and by `until`, in the order of their ends.
    pub async fn expiring_imported(
        &mut self,
        now: Timestamp,
        until: Timestamp,
        after: AfterCertificate,
        limit: u32,
    ) -> Result<Vec<ImportedEnd>, StoreError> {
        let user = after.user.map_or(Uuid::nil(), |user| user.0);
        let values = arguments![
            now,
            until,
            after.not_after,
            &after.sha256,
            user,
            i64::from(limit)
        ];
        let rows: Vec<(Uuid, String, Vec<u8>, i64)> = self.all(EXPIRING_IMPORTED, values).await?;
        Ok(rows
            .into_iter()
            .map(|(user, thumbprint, sha256, not_after)| ImportedEnd {
                user_id: UserId(user),
                thumbprint,
                sha256,
                not_after: Timestamp(not_after),
            })
            .collect())
    }
}
