//! The keychain: what profiles brought, each certificate once however many profiles carry it.

use super::Device;
use crate::certificates::Certificate;
use crate::cms::Identity;

/// A certificate in the keychain.
#[derive(Debug, Clone, PartialEq)]
pub struct KeychainItem<'a> {
    /// The certificate.
    pub certificate: &'a Certificate,
    /// Whether its private key is there too.
    pub is_identity: bool,
    /// Identifiers of the profiles that carry it. It goes with the last of them.
    pub profiles: Vec<&'a str>,
}

impl Device {
    /// Identities and certificates, each certificate once; `CertificateList` reports exactly this.
    pub fn keychain(&self) -> Vec<KeychainItem<'_>> {
        let identities = self
            .state
            .identities
            .iter()
            .map(|held| (&held.certificate, held.profile.as_str(), true));
        let certificates = self
            .state
            .certificates
            .iter()
            .map(|held| (&held.certificate, held.profile.as_str(), false));
        let mut items: Vec<KeychainItem<'_>> = Vec::new();
        for (certificate, profile, is_identity) in identities.chain(certificates) {
            match items
                .iter_mut()
                .find(|item| item.certificate == certificate)
            {
                // Identities come first, so that an item never becomes one later.
                Some(item) => {
                    if !item.profiles.contains(&profile) {
                        item.profiles.push(profile);
                    }
                }
                None => items.push(KeychainItem {
                    certificate,
                    is_identity,
                    profiles: vec![profile],
                }),
            }
        }
        items
    }

    /// Whether a certificate is in the keychain, with its key or without.
    pub fn holds(&self, certificate: &Certificate) -> bool {
        self.keychain()
            .iter()
            .any(|item| item.certificate == certificate)
    }

    /// Whether the private key of a certificate is in the keychain.
    pub fn holds_key_of(&self, certificate: &Certificate) -> bool {
        self.state
            .identities
            .iter()
            .any(|held| held.certificate == *certificate)
    }

    /// Every identity with its key, for decryption. Those whose key cannot be read are left out.
    pub(super) fn all_identities(&self) -> Vec<Identity> {
        let mut identities: Vec<Identity> = Vec::new();
        for held in &self.state.identities {
            if identities
                .iter()
                .all(|known| known.certificate != held.certificate)
            {
                identities.extend(self.identity_of(held));
            }
        }
        identities
    }

    /// Roots that profiles brought: authorities that signed themselves. Those that MDM installs are trusted without further ado.
    pub(super) fn trusted_roots(&self) -> Vec<&Certificate> {
        self.plain_certificates()
            .filter(|certificate| {
                certificate.is_self_issued() && certificate.is_signed_by(&certificate.public())
            })
            .collect()
    }

    /// Authorities between a certificate and its root, nearest first, as far as profiles brought them; the root is left out.
    pub(super) fn chain_of(&self, certificate: &Certificate) -> Vec<Certificate> {
        let mut chain: Vec<Certificate> = Vec::new();
        let mut current = certificate.clone();
        while !current.is_self_issued() {
            let issuer = self.plain_certificates().find(|candidate| {
                candidate.subject() == current.issuer()
                    && current.is_signed_by(&candidate.public())
                    && !chain.contains(candidate)
            });
            match issuer {
                Some(issuer) if !issuer.is_self_issued() => {
                    chain.push(issuer.clone());
                    current = issuer.clone();
                }
                Some(_) | None => break,
            }
        }
        chain
    }

    /// Authorities that are no roots, to complete the chains of others.
    pub(super) fn intermediates(&self) -> Vec<&Certificate> {
        self.plain_certificates()
            .filter(|certificate| certificate.is_authority() && !certificate.is_self_issued())
            .collect()
    }

    fn plain_certificates(&self) -> impl Iterator<Item = &Certificate> {
        self.state.certificates.iter().map(|held| &held.certificate)
    }
}
