//! Filling in what must be fresh: challenges, and the certificate to encrypt for.

use mandate_model::{Compiled, ProfileId};

use super::Visit;
use crate::EngineError;

impl Visit<'_> {
    /// The document with its challenges, and the certificate to encrypt it for if a secret is inside. Rendered when
    /// it is sent and not before, so that a device that sleeps for weeks gets a fresh challenge.
    pub(super) async fn render(
        &mut self,
        profile: ProfileId,
        compiled: &Compiled,
    ) -> Result<(Vec<u8>, Option<Vec<u8>>), EngineError> {
        if compiled.certificates.is_empty() {
            return Ok((compiled.body.clone(), None));
        }
        let device = self.record.device.id;
        let user = self.record.device.user_id;
        self.session
            .delete_challenges_of_profile(device, profile)
            .await?;
        let mut body = String::from_utf8(compiled.body.clone())
            .map_err(|_| EngineError::Internal("a compiled profile is not UTF-8".to_owned()))?;
        for certificate in &compiled.certificates {
            let challenge = self
                .engine
                .mint_profile_challenge(&mut self.session, (device, user), profile, certificate)
                .await?;
            body = body.replace(&Compiled::challenge_mark(&certificate.slot), &challenge);
        }
        let recipient = if self.engine.options().legacy_clients {
            None
        } else {
            self.recipient().await?
        };
        Ok((body.into_bytes(), recipient))
    }

    async fn recipient(&mut self) -> Result<Option<Vec<u8>>, EngineError> {
        let Ok(identity) = <[u8; 32]>::try_from(self.record.identity.as_slice()) else {
            return Ok(None);
        };
        Ok(self
            .session
            .find_certificate(&identity)
            .await?
            .map(|certificate| certificate.der))
    }
}
