//! Which certificates of ours, or imported ones, a device's own list showed last.

use std::collections::BTreeSet;

use mandate_model::{DeviceId, Timestamp};
use uuid::Uuid;

use crate::db::arguments;
use crate::{Session, StoreError};

/// A device that showed a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SightingRecord {
    /// SHA-256 of the certificate.
    pub sha256: Vec<u8>,
    /// The device.
    pub device_id: DeviceId,
    /// When its list was last read.
    pub seen_at: Timestamp,
}

const OF_DEVICE: &str = "SELECT sha256 FROM certificate_sighting WHERE device_id = $1";
// What the channel of a person shows, its device shows.
const OF_CERTIFICATE: &str = "
    SELECT s.sha256, coalesce(d.parent_id, d.id), max(s.seen_at)
    FROM certificate_sighting s JOIN device d ON d.id = s.device_id
    WHERE s.sha256 = $1 GROUP BY s.sha256, coalesce(d.parent_id, d.id) ORDER BY 2";
// What else is on a device is its owner's business.
const INSERT_KNOWN: &str = "
    INSERT INTO certificate_sighting (device_id, sha256, seen_at)
    SELECT $1, $2, $3
    WHERE EXISTS (SELECT 1 FROM certificate WHERE sha256 = $2)
       OR EXISTS (SELECT 1 FROM imported_certificate WHERE sha256 = $2)";
const TOUCH: &str = "UPDATE certificate_sighting SET seen_at = $2 WHERE device_id = $1";
const DELETE: &str = "DELETE FROM certificate_sighting WHERE device_id = $1 AND sha256 = $2";
const DELETE_ALL: &str = "DELETE FROM certificate_sighting WHERE device_id = $1";

impl Session {
    /// Notes what a device's certificate list shows (SHA-256 of each); what is neither issued here nor imported is passed
    /// over.
    pub async fn replace_sightings(
        &mut self,
        device: DeviceId,
        present: &[[u8; 32]],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let rows: Vec<(Vec<u8>,)> = self.all(OF_DEVICE, arguments![device]).await?;
        let before: BTreeSet<Vec<u8>> = rows.into_iter().map(|(sha256,)| sha256).collect();
        let present: BTreeSet<Vec<u8>> = present.iter().map(|sha256| sha256.to_vec()).collect();
        for gone in before.difference(&present) {
            self.execute(DELETE, arguments![device, gone.as_slice()])
                .await?;
        }
        if !before.is_disjoint(&present) {
            self.execute(TOUCH, arguments![device, now]).await?;
        }
        for new in present.difference(&before) {
            self.execute(INSERT_KNOWN, arguments![device, new.as_slice(), now])
                .await?;
        }
        Ok(())
    }

    /// Forgets what a device showed; it is no longer managed.
    pub async fn delete_sightings_of_device(&mut self, device: DeviceId) -> Result<(), StoreError> {
        self.execute(DELETE_ALL, arguments![device]).await.map(drop)
    }

    /// What a device's list showed last.
    pub async fn sightings_of_device(
        &mut self,
        device: DeviceId,
    ) -> Result<BTreeSet<Vec<u8>>, StoreError> {
        let rows: Vec<(Vec<u8>,)> = self.all(OF_DEVICE, arguments![device]).await?;
        Ok(rows.into_iter().map(|(sha256,)| sha256).collect())
    }

    /// The devices whose lists show a certificate.
    pub async fn sightings_of_certificate(
        &mut self,
        sha256: &[u8],
    ) -> Result<Vec<SightingRecord>, StoreError> {
        let rows: Vec<(Vec<u8>, Uuid, i64)> = self.all(OF_CERTIFICATE, arguments![sha256]).await?;
        Ok(rows
            .into_iter()
            .map(|(sha256, device, seen_at)| SightingRecord {
                sha256,
                device_id: DeviceId(device),
                seen_at: Timestamp(seen_at),
            })
            .collect())
    }
}
