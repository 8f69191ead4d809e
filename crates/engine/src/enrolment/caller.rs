//! Knowing a device by its certificate.

use mandate_model::{DeviceId, DeviceState};
use mandate_pki::certificate::Certificate;
use mandate_store::Seen;

use super::Barrier;
use crate::{Answer, Engine, EngineError, Work};

/// Somebody who proved that he holds the key of a certificate.
#[derive(Debug, Clone)]
pub struct Caller<'a> {
    /// The certificate.
    pub certificate: &'a Certificate,
    /// The id under which the message was sent.
    pub enrolment_id: &'a str,
}

/// What becomes of a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Met {
    /// The device is known; here is its work, if there is any.
    Work(Option<Work>),
    /// It is not served.
    Refused(Refused),
}

/// Why somebody is not served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// The certificate is not from this server, or nobody remembers it.
    Foreign,
    /// The certificate was revoked, and the device is still thought to be here: it may not be what it says.
    Revoked,
    /// The certificate belongs to another device.
    OtherDevice,
    /// The device was retired, wiped or has left: it may forget us.
    Gone,
    /// It may not be enrolled.
    NotAdmitted(Barrier),
}

impl std::fmt::Display for Refused {
    /// For whoever holds the device, and for logs; without a full stop.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Foreign => f.write_str("unknown certificate"),
            Self::Revoked => f.write_str("revoked certificate"),
            Self::OtherDevice => f.write_str("the certificate belongs to another device"),
            Self::Gone => f.write_str("the device is no longer managed here"),
            Self::NotAdmitted(barrier) => barrier.fmt(f),
        }
    }
}

/// More certificates than this are not remembered as verified.
const REMEMBERED: usize = 200_000;

impl Engine {
    /// Serves a device that asks for work or reports on it. A device with nothing to do costs one query.
    pub async fn meet(&self, caller: &Caller<'_>, answer: Answer) -> Result<Met, EngineError> {
        let seen = match self.look_up(caller).await? {
            Ok(seen) => seen,
            Err(refused) => return Ok(Met::Refused(refused)),
        };
        let Some(device) = &seen.device else {
            return Ok(Met::Refused(Refused::Foreign));
        };
        self.cache().meter.check_ins.add();
        if answer == Answer::Idle && self.has_nothing_to_do(&seen) {
            self.note_seen(device.id);
            return Ok(Met::Work(None));
        }
        Ok(Met::Work(
            self.exchange(device.id, &caller.certificate.sha256(), answer)
                .await?,
        ))
    }

    fn has_nothing_to_do(&self, seen: &Seen) -> bool {
        seen.device.as_ref().is_some_and(|device| {
            device.state == DeviceState::Enrolled
                && device.reconciled_in == seen.intent
                && device.attention_at.is_none_or(|at| at > self.now())
        })
    }

    /// Whether somebody may speak at all, for messages that need no more.
    pub async fn recognise(&self, caller: &Caller<'_>) -> Result<Result<(), Refused>, EngineError> {
        Ok(self.look_up(caller).await?.map(drop))
    }

    /// Judges a caller: the chain of the certificate, whether it was revoked, and whose it is. That it has expired is
    /// no reason: a device that slept too long would be lost, and its key is still its own.
    pub(super) async fn look_up(
        &self,
        caller: &Caller<'_>,
    ) -> Result<Result<Seen, Refused>, EngineError> {
        self.look_up_on(caller, None).await
    }

    /// The same with the channel of a person, by its id in the database.
    pub(super) async fn look_up_on(
        &self,
        caller: &Caller<'_>,
        channel: Option<&str>,
    ) -> Result<Result<Seen, Refused>, EngineError> {
        let sha256 = caller.certificate.sha256();
        if !self.is_vouched_for(caller.certificate, &sha256).await? {
            return Ok(Err(Refused::Foreign));
        }
        let mut seen = self.find_seen(&sha256, channel).await?;
        if seen.is_none() {
            // Nobody here issued it: it may be that of a device which comes from another server.
            if let Err(refused) = self.meet_migrated(caller).await? {
                return Ok(Err(refused));
            }
            seen = self.find_seen(&sha256, channel).await?;
        }
        let Some(seen) = seen else {
            return Ok(Err(Refused::Foreign));
        };
        let is_gone = seen
            .device
            .as_ref()
            .is_some_and(|device| !device.state.is_connected());
        if seen.revoked_at.is_some() {
            return Ok(Err(if is_gone {
                Refused::Gone
            } else {
                Refused::Revoked
            }));
        }
        match &seen.device {
            Some(device) if device.enrolment_id != caller.enrolment_id => {
                Ok(Err(Refused::OtherDevice))
            }
            _ => Ok(Ok(seen)),
        }
    }

    async fn find_seen(
        &self,
        sha256: &[u8; 32],
        channel: Option<&str>,
    ) -> Result<Option<Seen>, EngineError> {
        let mut session = self.store().glance().await?;
        Ok(match channel {
            None => session.find_seen(sha256).await?,
            Some(channel) => session.find_seen_on_channel(sha256, channel).await?,
        })
    }

    /// Whether a certificate was issued by an authority of this instance, or by one that devices come from.
    async fn is_vouched_for(
        &self,
        certificate: &Certificate,
        sha256: &[u8; 32],
    ) -> Result<bool, EngineError> {
        let verified = &self.cache().verified;
        if verified
            .lock()
            .expect("nobody panics while holding it")
            .contains(sha256)
        {
            return Ok(true);
        }
        let is_ours = self.authorities().issuer_of(certificate).is_some();
        if !is_ours && !self.elsewhere().await?.vouches_for(certificate) {
            return Ok(false);
        }
        let mut verified = verified.lock().expect("nobody panics while holding it");
        if verified.len() >= REMEMBERED {
            verified.clear();
        }
        verified.insert(*sha256);
        Ok(true)
    }

    /// Remembers that a device was here; written with others at the next flush.
    pub(super) fn note_seen(&self, id: DeviceId) {
        let now = self.now();
        self.cache()
            .seen
            .lock()
            .expect("nobody panics while holding it")
            .insert(id, now);
    }
}
