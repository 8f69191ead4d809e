//! Filling in what must be fresh or secret: challenges, keys, and the certificate to encrypt for.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use mandate_model::{
    CertificateSource, CertificateSpec, Compiled, Pkcs12Encoding, ProfileId, StoredIdentity,
    StoredKey, Timestamp,
};
use mandate_pki::pkcs12::{self, Chain, Pkcs12};
use zeroize::Zeroizing;

use super::Visit;
use crate::EngineError;
use crate::imported::open_key;
use crate::instance::hex;

/// A document ready to be sent.
pub(super) struct Rendered {
    /// The document, secrets included.
    pub(super) body: Zeroizing<Vec<u8>>,
    /// The certificate to encrypt it for, DER; present whenever a secret is inside, but for legacy clients.
    pub(super) recipient: Option<Vec<u8>>,
    /// When the first of the keys that the server made is to be replaced.
    pub(super) renew_at: Option<Timestamp>,
    /// SHA-256 of the certificates of these keys.
    pub(super) carries: BTreeSet<String>,
}

/// What comes of rendering.
pub(super) enum Rendering {
    /// It can be sent.
    Ready(Rendered),
    /// A key has to be made first.
    NeedsKey(Box<CertificateSpec>),
}

impl Visit<'_> {
    /// The document with its challenges and keys, and the certificate to encrypt it for if a secret is inside. Rendered
    /// when it is sent and not before, so that a device that sleeps for weeks gets a fresh challenge.
    pub(super) async fn render(
        &mut self,
        profile: ProfileId,
        compiled: &Compiled,
    ) -> Result<Rendering, EngineError> {
        let is_plain = compiled.certificates.is_empty() && compiled.identities.is_empty();
        if is_plain {
            return Ok(Rendering::Ready(Rendered {
                body: Zeroizing::new(compiled.body.clone()),
                recipient: None,
                renew_at: None,
                carries: BTreeSet::new(),
            }));
        }
        let mut body = String::from_utf8(compiled.body.clone())
            .map(Zeroizing::new)
            .map_err(|_| EngineError::Internal("a compiled profile is not UTF-8".to_owned()))?;
        let (mut renew_at, mut carries) = (None, BTreeSet::new());
        for identity in &compiled.identities {
            let (pkcs12, until) = match self.key(compiled, identity).await? {
                Ok(found) => found,
                Err(spec) => return Ok(Rendering::NeedsKey(spec)),
            };
            renew_at = [renew_at, until].into_iter().flatten().min();
            if matches!(identity.key, StoredKey::Issued(_)) {
                carries.insert(hex(&pkcs12.certificate.sha256()));
            }
            body = self.with_key(&body, identity, &pkcs12)?;
        }
        self.with_challenges(profile, compiled, &mut body).await?;
        Ok(Rendering::Ready(Rendered {
            recipient: self.recipient_for(compiled).await?,
            body: Zeroizing::new(body.as_bytes().to_vec()),
            renew_at,
            carries,
        }))
    }

    /// A fresh challenge for each certificate that the device will ask for.
    async fn with_challenges(
        &mut self,
        profile: ProfileId,
        compiled: &Compiled,
        body: &mut Zeroizing<String>,
    ) -> Result<(), EngineError> {
        let device = self.record.device.id;
        let user = self.device().user_id;
        self.session
            .delete_challenges_of_profile(device, profile)
            .await?;
        for certificate in &compiled.certificates {
            if certificate.source != CertificateSource::Scep {
                continue;
            }
            let certificate = self.for_whom(certificate).await?;
            let challenge = self
                .engine
                .mint_profile_challenge(&mut self.session, (device, user), profile, &certificate)
                .await?;
            let mark = Compiled::challenge_mark(&certificate.slot);
            *body = Zeroizing::new(body.replace(&mark, &challenge));
        }
        let mark = STANDARD.encode(Compiled::FINGERPRINT_MARK);
        let fingerprint = STANDARD.encode(self.engine.scep_fingerprint());
        *body = Zeroizing::new(body.replace(&mark, &fingerprint));
        Ok(())
    }

    /// A specification that says whom the certificate speaks for.
    async fn for_whom(&mut self, spec: &CertificateSpec) -> Result<CertificateSpec, EngineError> {
        let intent = self.intent().await?;
        let speaks_for_a_user = spec
            .slot
            .0
            .parse::<ProfileId>()
            .ok()
            .and_then(|id| intent.profiles.get(&id))
            .is_some_and(|profile| profile.kind.needs_user(&profile.settings));
        Ok(CertificateSpec {
            user: self.device().user_id.filter(|_| speaks_for_a_user),
            ..spec.clone()
        })
    }

    /// The key of an identity and when it is to be replaced, or what has to be made first.
    async fn key(
        &mut self,
        compiled: &Compiled,
        identity: &StoredIdentity,
    ) -> Result<Result<(Pkcs12, Option<Timestamp>), Box<CertificateSpec>>, EngineError> {
        let device = self.record.device.id;
        match &identity.key {
            StoredKey::Issued(slot) => {
                let spec = compiled
                    .certificates
                    .iter()
                    .find(|spec| spec.slot == *slot)
                    .ok_or_else(|| {
                        EngineError::Internal(format!("no specification for slot {}", slot.0))
                    })?;
                let spec = self.for_whom(spec).await?;
                let found = self
                    .engine
                    .issued_key(&mut self.session, device, &spec)
                    .await?;
                Ok(match found {
                    Some(pair) => Ok((pair.pkcs12, Some(pair.renew_at))),
                    None => Err(Box::new(spec)),
                })
            }
            StoredKey::Imported(sha256) => {
                let user = self.device().user_id.ok_or_else(|| {
                    EngineError::Internal("an imported key for a device without a user".to_owned())
                })?;
                let key = open_key(self.engine, &mut self.session, user, sha256).await?;
                Ok(Ok((key, None)))
            }
        }
    }

    /// The document with one key in it, under a password of this rendering.
    fn with_key(
        &self,
        body: &str,
        identity: &StoredIdentity,
        pkcs12: &Pkcs12,
    ) -> Result<Zeroizing<String>, EngineError> {
        let mut random = Zeroizing::new([0; 16]);
        self.engine.chance().fill(random.as_mut_slice());
        let password = Zeroizing::new(URL_SAFE_NO_PAD.encode(random.as_slice()));
        let encoding = match identity.encoding {
            Pkcs12Encoding::Modern => pkcs12::Encoding::Modern,
            Pkcs12Encoding::Legacy => pkcs12::Encoding::Legacy,
        };
        let file = pkcs12::write(pkcs12, &password, encoding, Chain::Included)?;
        let file = Zeroizing::new(STANDARD.encode(file.as_slice()));
        let place = format!(
            "<string>{}</string>",
            Compiled::identity_mark(&identity.key)
        );
        let data = Zeroizing::new(format!("<data>{}</data>", file.as_str()));
        let body = Zeroizing::new(body.replace(&place, &data));
        Ok(Zeroizing::new(body.replace(
            &Compiled::password_mark(&identity.key),
            &password,
        )))
    }

    /// Challenges go in clear to legacy clients, keys never go in clear to anybody.
    async fn recipient_for(&mut self, compiled: &Compiled) -> Result<Option<Vec<u8>>, EngineError> {
        let carries_keys = !compiled.identities.is_empty();
        if self.engine.options().legacy_clients && !carries_keys {
            return Ok(None);
        }
        let recipient = self.recipient().await?;
        if recipient.is_none() && carries_keys {
            return Err(EngineError::Internal(
                "a device without an identity cannot be sent a key".to_owned(),
            ));
        }
        Ok(recipient)
    }

    async fn recipient(&mut self) -> Result<Option<Vec<u8>>, EngineError> {
        let Ok(identity) = <[u8; 32]>::try_from(self.owner().identity.as_slice()) else {
            return Ok(None);
        };
        Ok(self
            .session
            .find_certificate(&identity)
            .await?
            .map(|certificate| certificate.der))
    }
}
