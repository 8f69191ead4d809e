//! What a push certificate has to be.

use mandate_model::Timestamp;
use mandate_pki::certificate::{Certificate, Validity};
use mandate_pki::keys::PrivateKey;
use mandate_pki::oid;
use thiserror::Error;

const TOPIC_PREFIX: &str = "com.apple.mgmt.";

/// A push certificate that has been found to be one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushCertificate {
    /// Attribute `UID` of its subject, to which every enrolment is bound for good.
    pub topic: String,
    /// Until when it is valid; Apple gives a year.
    pub expires_at: Timestamp,
}

/// Why an uploaded certificate cannot be used. The texts are for the administrator.
#[derive(Debug, Error)]
pub enum PushCertificateError {
    /// No certificate.
    #[error("this is no certificate in PEM form")]
    Unreadable(#[source] mandate_pki::Error),
    /// A certificate of another kind, such as one for apps.
    #[error(
        "this is no MDM push certificate: its subject has no UID that begins with `com.apple.mgmt.`"
    )]
    NoTopic,
    /// Made from another request than ours.
    #[error("the certificate does not belong to the key that the request was made with")]
    OtherKey,
    /// Not yet, or no longer, valid.
    #[error("the certificate is not valid now")]
    NotValidNow,
    /// A new entry in the portal instead of a renewal.
    #[error(
        "the topic would change from `{from}` to `{to}`, and every device would have to enrol again; renew the existing entry in the push certificate portal instead"
    )]
    TopicChanged {
        /// Topic of the certificate in use.
        from: String,
        /// Topic of the new one.
        to: String,
    },
}

impl PushCertificate {
    /// How long before its end people are to be warned.
    pub const WARN_BEFORE: i64 = 60 * Timestamp::DAY;

    /// Checks a certificate (PEM; the first one, if a chain follows) against the key of the request and the clock.
    pub fn check(
        pem: &str,
        key: &PrivateKey,
        now: Timestamp,
    ) -> Result<Self, PushCertificateError> {
        let certificate = Certificate::from_pem(pem).map_err(PushCertificateError::Unreadable)?;
        let topic = certificate
            .subject_attribute(&oid::USER_ID)
            .filter(|topic| topic.starts_with(TOPIC_PREFIX) && topic.len() > TOPIC_PREFIX.len())
            .ok_or(PushCertificateError::NoTopic)?;
        if certificate.public_key_info() != key.public_key_info() {
            return Err(PushCertificateError::OtherKey);
        }
        match certificate.validity_at(now.unix_seconds()) {
            Validity::Valid => {}
            Validity::NotYet | Validity::Expired => {
                return Err(PushCertificateError::NotValidNow);
            }
        }
        Ok(Self {
            topic,
            expires_at: Timestamp::from_unix_seconds(certificate.not_after()),
        })
    }

    /// Whether it may take the place of one with this topic.
    pub fn may_replace(&self, current_topic: &str) -> Result<(), PushCertificateError> {
        if self.topic == current_topic {
            return Ok(());
        }
        Err(PushCertificateError::TopicChanged {
            from: current_topic.to_owned(),
            to: self.topic.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OURS: &str = include_str!("../../tests/apns/push.pem");
    const OTHER_TOPIC: &str = include_str!("../../tests/apns/push_other_topic.pem");
    const FOR_AN_APP: &str = include_str!("../../tests/apns/push_for_an_app.pem");
    const TOPIC: &str = "com.apple.mgmt.External.3d1c9a52-7e0b-4a4e-8a6c-2f5d7b90e1aa";

    fn now() -> Timestamp {
        Timestamp::parse("2026-11-21T08:00:00Z").unwrap()
    }

    fn key(pem: &str) -> PrivateKey {
        PrivateKey::from_pem(&pem[pem.find("-----BEGIN PRIVATE KEY").unwrap()..]).unwrap()
    }

    #[test]
    fn the_topic_is_the_uid_of_the_subject() {
        let certificate = PushCertificate::check(OURS, &key(OURS), now()).unwrap();
        assert_eq!(certificate.topic, TOPIC);
        assert_eq!(
            certificate.expires_at,
            Timestamp::parse("2120-01-01T00:00:00Z").unwrap()
        );
    }

    #[test]
    fn a_renewal_keeps_the_topic() {
        let check = |pem| PushCertificate::check(pem, &key(pem), now()).unwrap();
        check(OURS).may_replace(TOPIC).unwrap();
        let refused = check(OTHER_TOPIC).may_replace(TOPIC).unwrap_err();
        assert!(matches!(refused, PushCertificateError::TopicChanged { .. }));
    }

    #[test]
    fn what_is_no_push_certificate_of_ours_is_refused() {
        let refused =
            |pem, key_of, now| PushCertificate::check(pem, &key(key_of), now).unwrap_err();
        assert!(matches!(
            refused("nothing", OURS, now()),
            PushCertificateError::Unreadable(_)
        ));
        assert!(matches!(
            refused(FOR_AN_APP, FOR_AN_APP, now()),
            PushCertificateError::NoTopic
        ));
        assert!(matches!(
            refused(OURS, FOR_AN_APP, now()),
            PushCertificateError::OtherKey
        ));
        let much_later = now().plus(100 * 365 * Timestamp::DAY);
        assert!(matches!(
            refused(OURS, OURS, much_later),
            PushCertificateError::NotValidNow
        ));
    }
}
