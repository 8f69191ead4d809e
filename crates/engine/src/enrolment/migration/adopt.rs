//! The first time that a device of another server comes here.
//!
//! Its identity was issued elsewhere, and nothing that was sent in says which certificate is whose. The first one that proves
//! itself under the enrolment's id is bound to it, and no other one ever is but one of ours that replaces it.

use mandate_model::{DeviceState, Timestamp};
use mandate_store::{MigratedRecord, Session, StoreError};
use serde_json::json;

use super::super::admission::authority_barrier;
use super::super::{Caller, Refused};
use crate::audit::Change;
use crate::delivery::Visit;
use crate::instance::{authority_id, hex, own_record};
use crate::{Actor, Engine, EngineError};

impl Engine {
    /// Meets somebody whose certificate nobody here has seen: a device that comes from another server with the identity that
    /// it has from there, or somebody who pretends to be one.
    pub(in crate::enrolment) async fn meet_migrated(
        &self,
        caller: &Caller<'_>,
    ) -> Result<Result<(), Refused>, EngineError> {
        let elsewhere = self.elsewhere().await?;
        let open = elsewhere.open_to(caller.certificate);
        if open.is_empty() {
            return Ok(Err(Refused::Foreign));
        }
        let mut session = self.store().write().await?;
        let known = session
            .find_device_by_enrolment(caller.enrolment_id)
            .await?
            .filter(|known| known.channel.is_none());
        let Some(known) = known else {
            return Ok(Err(Refused::Foreign));
        };
        let id = known.device.id;
        let Some(device) = session.hold_device(id).await? else {
            return Ok(Err(Refused::Foreign));
        };
        let Some(mut migrated) = session.find_migrated(id).await? else {
            return Ok(Err(Refused::Foreign));
        };
        let from = open.iter().find(|(from, _)| *from == migrated.migration_id);
        let Some((from, issuer)) = from.filter(|_| device.identity_ticket == migrated.ticket_id)
        else {
            return Ok(Err(Refused::Foreign));
        };
        if !device.device.state.is_connected() {
            return Ok(Err(Refused::Gone));
        }
        let sha256 = caller.certificate.sha256();
        if let Some(bound) = &migrated.certificate {
            if bound.as_slice() == sha256 {
                // It was bound a moment ago, by another message of the same device.
                return Ok(Ok(()));
            }
            let problem = format!(
                "another certificate, {}, was presented for it and refused",
                hex(&sha256)
            );
            self.note_stranger(session, migrated, problem).await?;
            return Ok(Err(Refused::OtherDevice));
        }
        if device.device.state != DeviceState::Imported {
            return Ok(Err(Refused::Foreign));
        }
        if let Some(barrier) = authority_barrier(&mut session).await? {
            self.note_stranger(session, migrated, barrier.to_string())
                .await?;
            return Ok(Err(Refused::NotAdmitted(barrier)));
        }
        let now = self.now();
        let mut certificate = own_record(caller.certificate, authority_id(issuer), "identity", now);
        certificate.ticket_id = Some(migrated.ticket_id);
        certificate.device_id = Some(id);
        certificate.user_id = device.device.user_id;
        match session.insert_certificate(&certificate).await {
            Ok(()) => {}
            // Somebody was quicker with the same certificate: whoever looks again finds whose it is.
            Err(StoreError::Duplicate) => return Ok(Ok(())),
            Err(error) => return Err(error.into()),
        }
        migrated.certificate = Some(sha256.to_vec());
        migrated.seen_at = Some(now);
        migrated.problem.clear();
        migrated.problem_at = None;
        session.set_migrated(&migrated).await?;
        let name = session.find_migration(*from).await?.map(|from| from.name);
        self.take_over(
            session,
            &device.device,
            (&certificate, &name.unwrap_or_default()),
        )
        .await?;
        Ok(Ok(()))
    }

    /// The device is one like all others from now on, but for its identity, which is to be replaced as soon as it can be.
    async fn take_over(
        &self,
        session: Session,
        device: &mandate_model::Device,
        (certificate, from): (&mandate_store::CertificateRecord, &str),
    ) -> Result<(), EngineError> {
        let now = self.now();
        let mut visit = Visit::continuing(self, session, device.id).await?;
        let record = &mut visit.record;
        record.identity.clone_from(&certificate.sha256);
        record.identity_until = certificate.not_after;
        record.identity_renew_at = now;
        record.identity_changed = false;
        record.reconciled_in = 0;
        record.device.state = DeviceState::Enrolled;
        record.device.enrolled_at = now;
        record.device.last_seen_at = now;
        visit.device_changed();
        visit.enqueue_inventory();
        visit.follow_rules().await?;
        visit.remember("came from another server", from).await?;
        let mut session = visit.end_and_wake_after(RESUMED_BY_ITSELF).await?;
        let after = json!({ "migration": from, "certificate": hex(&certificate.sha256) });
        let name = device.display_name();
        let change = Change::action("adopt", "device", device.id, &name, after);
        self.audit(&mut session, &Actor::system(), change).await?;
        Ok(session.commit().await?)
    }

    /// Remembers why somebody was turned away. Said once: whoever comes again with the same adds nothing to the audit.
    async fn note_stranger(
        &self,
        mut session: Session,
        mut migrated: MigratedRecord,
        problem: String,
    ) -> Result<(), EngineError> {
        if migrated.problem == problem {
            return Ok(());
        }
        let device = session.find_device(migrated.device_id).await?;
        let name = device.map_or_else(String::new, |device| device.device.display_name());
        let id = migrated.device_id;
        migrated.problem = problem;
        migrated.problem_at = Some(self.now());
        session.set_migrated(&migrated).await?;
        let after = json!({ "reason": migrated.problem });
        let change = Change::action("refuse", "device", id, &name, after);
        self.audit(&mut session, &Actor::system(), change).await?;
        Ok(session.commit().await?)
    }
}

/// It is here already: a push is only needed if it breaks off.
const RESUMED_BY_ITSELF: i64 = 15 * Timestamp::MINUTE;
