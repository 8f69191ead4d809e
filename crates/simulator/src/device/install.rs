//! `InstallProfile`: all payloads or none.

use super::{Device, HeldCertificate, HeldIdentity, InstalledProfile, PayloadHead};
use crate::http::Http;
use crate::profiles::{ErrorChain, Profile, kind, open};

impl Device {
    /// Installs or replaces a profile that MDM sent.
    pub(super) async fn install(&mut self, http: &Http, bytes: &[u8]) -> Result<(), ErrorChain> {
        let identities: Vec<_> = self.mdm_identity().into_iter().collect();
        let profile = open(bytes, &identities, self.state.os.pair())?;
        let enrolment_profile = self
            .state
            .enrolment
            .as_ref()
            .map(|enrolment| enrolment.profile.clone());
        if profile.payload(kind::MDM).is_some()
            || enrolment_profile.as_deref() == Some(&profile.identifier)
        {
            return Box::pin(self.renew(http, &profile))
                .await
                .map_err(|chain| chain.installing(&profile.display_name));
        }
        self.check_mailboxes(&profile)
            .map_err(|chain| chain.installing(&profile.display_name))?;
        let made = self
            .make_identities(http, &profile)
            .await
            .map_err(|chain| chain.installing(&profile.display_name))?;
        self.commit(&profile, made);
        Ok(())
    }

    /// The user installs a profile by hand; MDM sees it in `ProfileList` as not managed.
    pub async fn install_by_hand(&mut self, http: &Http, bytes: &[u8]) -> Result<(), ErrorChain> {
        self.install(http, bytes).await?;
        if let Some(profile) = self.state.profiles.last_mut() {
            profile.managed = false;
        }
        Ok(())
    }

    /// Puts a checked profile in the place of its predecessor.
    pub(super) fn commit(&mut self, profile: &Profile, identities: Vec<HeldIdentity>) {
        self.apply_accounts(profile);
        self.state
            .identities
            .retain(|held| held.profile != profile.identifier);
        self.state.identities.extend(identities);
        self.state
            .certificates
            .retain(|held| held.profile != profile.identifier);
        for payload in profile
            .payloads
            .iter()
            .filter(|payload| payload.is_certificate())
        {
            if let Ok(certificate) = payload.certificate() {
                self.state.certificates.push(HeldCertificate {
                    profile: profile.identifier.clone(),
                    payload_uuid: payload.uuid.clone(),
                    certificate,
                });
            }
        }
        self.state
            .profiles
            .retain(|installed| installed.identifier != profile.identifier);
        self.state.profiles.push(InstalledProfile {
            identifier: profile.identifier.clone(),
            uuid: profile.uuid.clone(),
            version: profile.version,
            display_name: profile.display_name.clone(),
            organization: profile.organization.clone(),
            description: profile.description.clone(),
            removal_disallowed: profile.removal_disallowed,
            encrypted: profile.encrypted,
            managed: true,
            signers: profile.signers.clone(),
            payloads: profile
                .payloads
                .iter()
                .map(|payload| PayloadHead {
                    kind: payload.kind.clone(),
                    identifier: payload.identifier.clone(),
                    uuid: payload.uuid.clone(),
                    version: payload.version,
                    display_name: payload.display_name.clone(),
                })
                .collect(),
        });
    }
}
