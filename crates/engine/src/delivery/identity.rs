//! The identity of a device: taking a new one, and letting go of the old.

use mandate_model::Timestamp;
use mandate_pki::authority::RevocationReason;
use mandate_pki::certificate::Certificate;

use super::Visit;
use super::actions::{ActionKind, ActionState};
use crate::EngineError;

/// When an identity that lasts until then is to be renewed: a third of its life before the end.
pub(crate) fn renew_at(now: Timestamp, until: Timestamp) -> Timestamp {
    until.plus(-(until.since(now).max(0) / 3))
}

impl Visit<'_> {
    /// The device completed an enrolment message with this certificate. A new one becomes its identity.
    pub(crate) fn take_identity(&mut self, certificate: &Certificate) {
        let sha256 = certificate.sha256();
        if self.record.identity == sha256 {
            return;
        }
        let until = Timestamp::from_unix_seconds(certificate.not_after());
        self.record.identity = sha256.to_vec();
        self.record.identity_until = until;
        self.record.identity_renew_at = renew_at(self.now, until);
        self.record.identity_changed = true;
        let now = self.now;
        let renewing = self
            .actions
            .iter_mut()
            .filter(|action| action.kind == ActionKind::RenewIdentity);
        for action in renewing.filter(|action| action.is_open()) {
            action.set(ActionState::Done, now);
        }
        self.device_changed();
    }

    /// The device spoke with this certificate: if it is its new identity, the old ones have served their time.
    pub(super) async fn confirm_identity(&mut self, sha256: &[u8; 32]) -> Result<(), EngineError> {
        if !self.record.identity_changed || self.record.identity != sha256 {
            return Ok(());
        }
        let reason = i64::from(RevocationReason::Superseded.code());
        self.session
            .revoke_other_identities(self.record.device.id, sha256, self.now, reason)
            .await?;
        self.session
            .note_migrated_renewed(self.record.device.id, self.now, sha256)
            .await?;
        self.record.identity_changed = false;
        self.device_changed();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identity_is_renewed_when_a_third_of_its_life_is_left() {
        let now = Timestamp(0);
        assert_eq!(renew_at(now, Timestamp(300)), Timestamp(200));
        assert_eq!(renew_at(Timestamp(400), Timestamp(300)), Timestamp(300));
    }
}
