//! Renewal by a certificate's own signature (RFC 8894 §2.3), for clients that no profile reaches.
//!
//! Devices get a new certificate with their profile, which keeps account of it; only what an administrator's own challenge
//! brought is renewed here. The certificate stands for a challenge that is used up by one renewal.

use mandate_model::Timestamp;
use mandate_pki::authority::CertificateRequest;
use mandate_pki::certificate::{Certificate, SubjectAltName, Validity};
use mandate_pki::scep::{FailInfo, Request};
use mandate_store::{CertificateRecord, ChallengeRecord, StoreError};
use uuid::Uuid;

use super::manual;
use super::scep::{Refused, or_refused, refuse};
use crate::instance::{own_record, serial};
use crate::{Engine, EngineError};

/// What the use of a certificate for its renewal is called in the list of challenges.
const PURPOSE: &str = "renewal";

impl Engine {
    /// The certificate that a request is to replace, if it was signed with one that may be replaced in this way.
    pub(super) async fn renewed(
        &self,
        request: &Request,
    ) -> Result<Option<CertificateRecord>, EngineError> {
        let authorities = self.authorities();
        let is_signed = authorities
            .all()
            .iter()
            .any(|one| request.renewed_certificate(&one.authority).is_some());
        if !is_signed {
            return Ok(None);
        }
        let record = self
            .store()
            .read()
            .await?
            .find_certificate(&request.signer.sha256())
            .await?;
        Ok(record.filter(|record| record.purpose == manual::PURPOSE))
    }

    /// Replaces a certificate by one that says the same; once. The key may stay, as certmonger leaves it by itself.
    pub(super) async fn renew(
        &self,
        request: &Request,
        before: &CertificateRecord,
    ) -> Result<Result<Certificate, Refused>, EngineError> {
        let id = renewal_id(&before.sha256);
        let mut session = self.store().read().await?;
        if let Some(use_of_it) = session.find_challenge(id).await? {
            return self.repeat(&mut session, &use_of_it, request).await;
        }
        drop(session);
        if let Err(cause) = self.may_renew(request, before) {
            return Ok(refuse(FailInfo::BadRequest, cause));
        }
        let made = self.issue_again(&request.signer, request.csr.public_key_info());
        let certificate = match or_refused(made)? {
            Ok(certificate) => certificate,
            Err(refused) => return Ok(Err(refused)),
        };
        let use_of_it = ChallengeRecord {
            id,
            purpose: PURPOSE.to_owned(),
            ticket_id: None,
            device_id: None,
            profile_id: None,
            spec: "{}".to_owned(),
            uses_left: 0,
            issued: Some(certificate.sha256().to_vec()),
            transaction_id: Some(request.transaction_id.clone()),
            // Kept for as long as the certificate could come again.
            expires_at: before.not_after,
        };
        let issuer = self.issuer_of(&certificate)?;
        let mut session = self.store().write().await?;
        match session.insert_challenge(&use_of_it).await {
            Ok(()) => {}
            Err(StoreError::Duplicate) => {
                return Ok(refuse(
                    FailInfo::BadRequest,
                    "the certificate was renewed at the same time",
                ));
            }
            Err(error) => return Err(error.into()),
        }
        let record = CertificateRecord {
            user_id: before.user_id,
            slot: before.slot.clone(),
            ..own_record(&certificate, issuer, manual::PURPOSE, self.now())
        };
        session.insert_certificate(&record).await?;
        session.commit().await?;
        Ok(Ok(certificate))
    }

    fn may_renew(&self, request: &Request, before: &CertificateRecord) -> Result<(), &'static str> {
        let signer = &request.signer;
        if before.revoked_at.is_some() {
            return Err("the certificate to be renewed was revoked");
        }
        if signer.validity_at(self.now().unix_seconds()) != Validity::Valid {
            return Err("the certificate to be renewed is not valid now");
        }
        let same_subject = match signer.subject_name() {
            Ok(subject) => request.csr.has_subject(&subject),
            Err(_) => false,
        };
        if !same_subject {
            return Err("the subject is not that of the certificate to be renewed");
        }
        let own = signer.subject_alt_names();
        let foreign = |name: &SubjectAltName| !own.contains(name);
        if request.csr.subject_alt_names().iter().any(foreign) {
            return Err("an alternative name is not one of the certificate to be renewed");
        }
        let bits = signer.public_key().map(|key| key.bits());
        if !request.csr.public_key().is_rsa() || bits != Ok(request.csr.key_bits()) {
            return Err("the key has not the size of that of the certificate to be renewed");
        }
        Ok(())
    }

    /// A certificate that says of a key what one of ours says of its own.
    fn issue_again(
        &self,
        before: &Certificate,
        public_key_info: &[u8],
    ) -> Result<Certificate, EngineError> {
        let mut request = CertificateRequest::new(
            public_key_info.to_vec(),
            before.subject_name()?,
            serial(self.chance()),
        );
        request.subject_alt_names = before.subject_alt_names();
        request.key_usages = before.key_usages().unwrap_or_default();
        request.extended_key_usages = before.extended_key_usages();
        let life = before.not_after() - before.not_before();
        self.sign(request, life.saturating_mul(Timestamp::SECOND))
    }
}

/// Names the use of a certificate for its renewal.
fn renewal_id(sha256: &[u8]) -> Uuid {
    Uuid::new_v5(&Uuid::NAMESPACE_OID, sha256)
}
