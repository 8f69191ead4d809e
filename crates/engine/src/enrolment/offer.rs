//! What goes into an enrolment profile.

use mandate_model::{EnrolmentType, Platform};
use mandate_store::{DeviceRecord, Session, TicketRecord};
use serde_json::Value;
use uuid::Uuid;

use super::admission::Applicant;
use super::grounds::Way;
use crate::certificates::identity_spec;
use crate::{Engine, EngineError};

/// Topic of devices that are enrolled without a push certificate, which has to be allowed. They cannot be woken, and
/// have to be enrolled again once there is one.
const NO_TOPIC: &str = "com.apple.mgmt.External.00000000-0000-0000-0000-000000000000";

/// Everything that an enrolment profile says.
#[derive(Clone, PartialEq, Eq)]
pub struct EnrolmentOffer {
    /// Common name of the identity, unique to this enrolment.
    pub common_name: String,
    /// One-time challenge for the identity.
    pub challenge: String,
    /// Address at which SCEP presents the authority of the fingerprint, also once another one issues.
    pub scep_url: String,
    /// SHA-1 of the certificate that SCEP presents there as the authority.
    pub scep_fingerprint: Vec<u8>,
    /// Push topic.
    pub topic: String,
    /// Whole device, or a managed part of it.
    pub enrolment_type: EnrolmentType,
    /// What the device runs.
    pub platform: Platform,
    /// Sign-in name of the person, for a managed part or what is enrolled by an account.
    pub account: Option<String>,
    /// Whether it is enrolled by an account that was typed into the device.
    pub account_driven: bool,
    /// Whether the profile is to be signed.
    pub signed: bool,
    /// What the profile of another server says that this one is to replace.
    pub elsewhere: Option<ElsewhereProfile>,
}

/// What may not change in the enrolment profile of another server when it is replaced by one of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ElsewhereProfile {
    /// `PayloadIdentifier`.
    pub identifier: String,
    /// `ServerURL`.
    pub server_url: String,
    /// `CheckInURL`, if it has one.
    pub check_in_url: Option<String>,
    /// `AccessRights`: some may go, none may come.
    pub access_rights: i64,
    /// Whether it promises channels for people.
    pub user_channels: bool,
}

impl std::fmt::Debug for EnrolmentOffer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EnrolmentOffer")
            .field("common_name", &self.common_name)
            .finish_non_exhaustive()
    }
}

impl Engine {
    /// Uses an enrolment link. `None` if there is no such link, or it has expired or been used up. Refused, without using
    /// it, if the device would be refused when it comes.
    pub async fn open_enrolment(&self, token: &str) -> Result<Option<EnrolmentOffer>, EngineError> {
        let now = self.now();
        let mut session = self.store().write().await?;
        let Some(link) = session
            .find_link(&mandate_pki::sha256(token.as_bytes()))
            .await?
        else {
            return Ok(None);
        };
        if !session.use_link(link.id, now).await? {
            return Ok(None);
        }
        let kind = spelt_type(&link.enrolment_type)?;
        let applicant = Applicant {
            user: link.user_id,
            kind,
            platform: spelt_platform(&link.platform),
            way: Way::Link,
            known: None,
            facts: None,
        };
        self.admit(&mut session, applicant)
            .await?
            .map_err(EngineError::NotAdmitted)?;
        let ticket = TicketRecord {
            id: self.chance().id(now),
            link_id: link.id,
            user_id: link.user_id,
            platform: link.platform,
            enrolment_type: link.enrolment_type,
            way: Way::Link.name().to_owned(),
            serial_number: None,
            ade_profile_id: None,
            device_id: None,
            created_at: now,
        };
        session.insert_ticket(&ticket).await?;
        let topic = self.topic(&mut session).await?;
        let offer = self.offer(&mut session, &ticket, None, topic).await?;
        session.commit().await?;
        Ok(Some(EnrolmentOffer {
            signed: link.signed,
            ..offer
        }))
    }

    /// The enrolment profile again, with a new challenge: everything else has to stay as it was.
    pub(crate) async fn renewal_offer(
        &self,
        session: &mut Session,
        record: &DeviceRecord,
    ) -> Result<EnrolmentOffer, EngineError> {
        let ticket = session
            .find_ticket(record.identity_ticket)
            .await?
            .ok_or_else(|| {
                EngineError::Internal(format!(
                    "the enrolment of device {} is not remembered",
                    record.device.id
                ))
            })?;
        let offer = self
            .offer(session, &ticket, Some(record), record.topic.clone())
            .await?;
        if Way::of(&ticket) != Way::Migrated {
            return Ok(offer);
        }
        let migrated = session.find_migrated(record.device.id).await?;
        let user = match record.device.user_id {
            Some(user) => session.find_user(user).await?,
            None => None,
        };
        Ok(EnrolmentOffer {
            // Whose managed part it is, nobody has told but those who know the device.
            account: user.map(|user| user.user_principal_name),
            elsewhere: migrated.and_then(|migrated| {
                Some(ElsewhereProfile {
                    identifier: migrated.profile_identifier?,
                    server_url: migrated.server_url,
                    check_in_url: migrated.check_in_url,
                    access_rights: migrated.access_rights,
                    user_channels: migrated.user_channels,
                })
            }),
            ..offer
        })
    }

    pub(super) async fn offer(
        &self,
        session: &mut Session,
        ticket: &TicketRecord,
        known: Option<&DeviceRecord>,
        topic: String,
    ) -> Result<EnrolmentOffer, EngineError> {
        let common_name = ticket.id.to_string();
        let spec = identity_spec(
            &common_name,
            &self.tenant().company,
            self.options().identity_validity_days,
        );
        let device = known.map(|record| record.device.id);
        let challenge = self
            .mint_identity_challenge(session, ticket.id, device, &spec)
            .await?;
        let user = match ticket.user_id {
            Some(user) => session.find_user(user).await?,
            None => None,
        };
        Ok(EnrolmentOffer {
            common_name,
            challenge,
            scep_url: format!("{}/{}", self.endpoints().scep_url, self.issuer_id()),
            scep_fingerprint: self.scep_fingerprint(),
            topic,
            enrolment_type: enrolment_type(ticket)?,
            platform: platform_of(ticket),
            account: user.map(|user| user.user_principal_name),
            account_driven: Way::of(ticket) == Way::Account,
            signed: false,
            elsewhere: None,
        })
    }

    pub(super) async fn topic(&self, session: &mut Session) -> Result<String, EngineError> {
        let certified = session.find_setting("push.certificate").await?.is_some();
        match session
            .find_setting("push.topic")
            .await?
            .filter(|_| certified)
        {
            Some(topic) => Ok(topic),
            None if self.options().enrolment_without_push => Ok(NO_TOPIC.to_owned()),
            None => Err(EngineError::NotPossible {
                reason: "iOS devices cannot be enrolled: there is no push certificate".to_owned(),
            }),
        }
    }
}

pub(super) fn enrolment_type(ticket: &TicketRecord) -> Result<EnrolmentType, EngineError> {
    spelt_type(&ticket.enrolment_type)
}

/// What the device of a ticket runs.
pub(super) fn platform_of(ticket: &TicketRecord) -> Platform {
    spelt_platform(&ticket.platform)
}

fn spelt_platform(word: &str) -> Platform {
    Platform::parse(word).unwrap_or(Platform::Ios)
}

fn spelt_type(word: &str) -> Result<EnrolmentType, EngineError> {
    serde_json::from_value(Value::from(word))
        .map_err(|error| EngineError::Internal(format!("enrolment type `{word}`: {error}")))
}

/// The ticket that an identity was issued for, found again.
pub(super) async fn ticket_of(
    session: &mut Session,
    id: Option<Uuid>,
) -> Result<Option<TicketRecord>, EngineError> {
    match id {
        Some(id) => Ok(session.find_ticket(id).await?),
        None => Ok(None),
    }
}
