//! `InstallProfile`: all payloads or none.

use super::{
    Device, HeldCertificate, HeldIdentity, InstalledProfile, PayloadHead, ReceivedInClear,
};
use crate::http::Http;
use crate::profiles::{ErrorChain, Profile, kind, read};

impl Device {
    /// Installs or replaces a profile that MDM sent.
    pub(super) async fn install(&mut self, http: &Http, bytes: &[u8]) -> Result<(), ErrorChain> {
        let profile = self.read_profile(bytes)?;
        self.note_secrets_in_clear(&profile);
        self.install_read(http, profile).await
    }

    /// The user installs a profile by hand; MDM sees it in `ProfileList` as not managed.
    pub async fn install_by_hand(&mut self, http: &Http, bytes: &[u8]) -> Result<(), ErrorChain> {
        let profile = self.read_profile(bytes)?;
        self.install_read(http, profile).await?;
        if let Some(profile) = self.state.profiles.last_mut() {
            profile.managed = false;
        }
        Ok(())
    }

    /// The user deletes a certificate by hand, and its key with it; the profile stays. True when it was there.
    ///
    /// `fingerprint` is that of [`Certificate::fingerprint`](crate::certificates::Certificate::fingerprint).
    pub fn delete_certificate(&mut self, fingerprint: &str) -> bool {
        let (identities, certificates) = (&mut self.state.identities, &mut self.state.certificates);
        let before = identities.len() + certificates.len();
        identities.retain(|held| held.certificate.fingerprint() != fingerprint);
        certificates.retain(|held| held.certificate.fingerprint() != fingerprint);
        before != identities.len() + certificates.len()
    }

    fn read_profile(&self, bytes: &[u8]) -> Result<Profile, ErrorChain> {
        let identities: Vec<_> = self.mdm_identity().into_iter().collect();
        read(bytes, &identities)
    }

    /// Remembers what anybody on the way could have read, whether the profile is installed or not.
    fn note_secrets_in_clear(&mut self, profile: &Profile) {
        if profile.encrypted {
            return;
        }
        for payload in &profile.payloads {
            let Some(secret) = payload.secret() else {
                continue;
            };
            let noted = ReceivedInClear {
                profile: profile.identifier.clone(),
                payload_uuid: payload.uuid.clone(),
                secret,
            };
            if !self.state.received_in_clear.contains(&noted) {
                self.state.received_in_clear.push(noted);
            }
        }
    }

    async fn install_read(&mut self, http: &Http, profile: Profile) -> Result<(), ErrorChain> {
        profile.validate(self.state.system())?;
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
