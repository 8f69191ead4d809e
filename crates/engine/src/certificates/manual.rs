//! Challenges for clients that no profile reaches: a server, a router, somebody's own SCEP client.

use mandate_model::{
    AlternativeNameForm, CertificateSource, CertificateSpec, CertificateTemplate, KeySpec, SanSpec,
    Slot, Timestamp,
};
use mandate_pki::csr::CertificateSigningRequest;
use mandate_pki::name::DistinguishedName;
use serde::Serialize;
use serde_json::json;

use super::issue::{extended_key_usages, subject};
use super::templates::services;
use crate::audit::Change;
use crate::{Action, Actor, Engine, EngineError};

/// What these challenges and their certificates are called in the database.
pub(super) const PURPOSE: &str = "manual";

/// A challenge waits for a month at most.
const LONGEST: i64 = 30 * Timestamp::DAY;
const DEFAULT_VALIDITY_DAYS: i64 = 365;

/// What may be asked for with a challenge that an administrator gives out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewChallenge {
    /// Subject as text, such as `CN=printer,O=Contoso`, in any of its two orders.
    pub subject: String,
    /// Alternative names; a request may leave some out.
    pub alternative_names: Vec<SanSpec>,
    /// Template that says what the certificate is good for.
    pub template: String,
    /// RSA modulus in bits, if not the template's.
    pub key_bits: Option<u32>,
    /// Validity of the certificate in days, if not a year or the template's longest.
    pub validity_days: Option<i64>,
    /// How long the challenge may be used, in microseconds.
    pub lifetime: i64,
}

/// A challenge to be handed over.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ManualChallenge {
    /// The challenge password; good for one request.
    pub challenge: String,
    /// Subject that has to be asked for, as RFC 4514 text.
    pub subject: String,
    /// RSA modulus in bits.
    pub key_bits: u32,
    /// Until when it may be used, RFC 3339.
    pub expires_at: String,
}

impl std::fmt::Debug for ManualChallenge {
    /// Without the challenge.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ManualChallenge")
            .field("subject", &self.subject)
            .finish_non_exhaustive()
    }
}

impl Engine {
    /// A one-time challenge for exactly one certificate.
    pub async fn mint_manual_challenge(
        &self,
        actor: &Actor,
        new: NewChallenge,
    ) -> Result<ManualChallenge, EngineError> {
        actor.require(Action::AuthoritiesUpdate)?;
        if !(Timestamp::MINUTE..=LONGEST).contains(&new.lifetime) {
            let rule = "must lie between a minute and 30 days";
            return Err(EngineError::invalid("valid", rule, None));
        }
        let subject = DistinguishedName::parse(&new.subject)
            .map_err(|error| EngineError::invalid("subject", &error.to_string(), None))?;
        if subject.is_empty() {
            return Err(EngineError::invalid("subject", "must not be empty", None));
        }
        let mut session = self.store().write().await?;
        let templates = services(&mut session).await?.templates;
        let template = templates.get(&new.template).ok_or_else(|| {
            let names: Vec<&str> = templates.keys().map(String::as_str).collect();
            let rule = format!("must be one of {}", names.join(", "));
            EngineError::invalid("template", &rule, Some(&new.template))
        })?;
        let spec = specify(&new, &subject, template)?;
        let record = mandate_store::ChallengeRecord {
            expires_at: self.now().plus(new.lifetime),
            ..self.challenge_record(PURPOSE, &spec)?
        };
        session.insert_challenge(&record).await?;
        let subject = subject.to_string();
        let after = json!({
            "subject": subject,
            "template": new.template,
            "alternativeNames": spec.subject_alt_names,
            "expirationDateTime": record.expires_at.to_string(),
        });
        let change = Change::create("challenge", record.id, &subject, after);
        self.audit(&mut session, actor, change).await?;
        session.commit().await?;
        Ok(ManualChallenge {
            challenge: self.challenge_text(record.id),
            subject,
            key_bits: spec.key.bits,
            expires_at: record.expires_at.to_string(),
        })
    }
}

fn specify(
    new: &NewChallenge,
    subject: &DistinguishedName,
    template: &CertificateTemplate,
) -> Result<CertificateSpec, EngineError> {
    for name in &new.alternative_names {
        if !template.alternative_names.contains(&form_of(name)) {
            let rule = format!(
                "must have the forms that the template `{}` allows",
                template.name
            );
            return Err(EngineError::invalid("san", &rule, None));
        }
    }
    let longest = template.maximum_validity_days;
    let validity_days = new
        .validity_days
        .unwrap_or(DEFAULT_VALIDITY_DAYS.min(longest));
    if !(1..=longest).contains(&validity_days) {
        let rule = format!("must lie between 1 and {longest}, the longest of the template");
        return Err(EngineError::invalid("days", &rule, None));
    }
    let relative_names = subject.relative_names().iter();
    let spec = CertificateSpec {
        slot: Slot(PURPOSE.to_owned()),
        source: CertificateSource::Scep,
        issuer: None,
        user: None,
        subject: relative_names
            .map(|attributes| {
                let pair =
                    |one: &mandate_pki::name::Attribute| (one.oid.to_string(), one.value.clone());
                attributes.iter().map(pair).collect()
            })
            .collect(),
        subject_alt_names: new.alternative_names.clone(),
        key: KeySpec {
            bits: new.key_bits.unwrap_or(template.key_bits),
            digital_signature: template.digital_signature,
            key_encipherment: template.key_encipherment,
            non_repudiation: template.non_repudiation,
        },
        extended_key_usages: template.extended_key_usages.clone(),
        validity_days,
        renewal_threshold_percentage: 20,
    };
    // Refused now rather than when it is redeemed.
    extended_key_usages(&spec)?;
    Ok(spec)
}

/// The specification with its subject in the order in which a client encodes it: people write names in both orders, and
/// nobody else asks with this challenge.
pub(super) fn in_order_of(
    csr: &CertificateSigningRequest,
    spec: CertificateSpec,
) -> Result<CertificateSpec, EngineError> {
    let mut reversed = spec.clone();
    reversed.subject.reverse();
    if csr.has_subject(&subject(&reversed)?) {
        return Ok(reversed);
    }
    Ok(spec)
}

const fn form_of(name: &SanSpec) -> AlternativeNameForm {
    match name {
        SanSpec::Email(_) => AlternativeNameForm::EmailAddress,
        SanSpec::UserPrincipalName(_) => AlternativeNameForm::UserPrincipalName,
        SanSpec::Dns(_) => AlternativeNameForm::DomainNameService,
        SanSpec::Uri(_) => AlternativeNameForm::UniformResourceIdentifier,
    }
}
