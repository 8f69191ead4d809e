//! Taking in what another server knows: the messages with which its enrolments began.

use mandate_model::{
    Device, DeviceFacts, DeviceId, DeviceState, EnrolmentType, Ownership, Platform, Timestamp,
};
use mandate_store::{DeviceRecord, MigratedRecord, MigrationRecord, Session};
use serde_json::json;

use super::super::admission::Admission;
use super::super::check_in::merged;
use super::super::grounds::{Grounds, Way};
use super::super::identities::{identity_of, meet_identity};
use super::super::user_channel::{MOST_CHANNELS, channel_id};
use super::super::{Authentication, MacUser, TokenNews};
use super::change::{closed, held, require};
use super::{MigrationId, MigrationState};
use crate::audit::Change;
use crate::custody::unlock_token_context;
use crate::{Actor, Engine, EngineError};

/// A message that another server was sent by one of its devices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportMessage {
    /// UDID, or `EnrollmentID` in user enrolment.
    pub enrolment_id: String,
    /// Which of both.
    pub enrolment_type: EnrolmentType,
    /// What it says.
    pub content: ImportContent,
}

/// What such a message says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImportContent {
    /// `Authenticate`.
    Authenticate(Authentication),
    /// `TokenUpdate` of the device.
    Token(TokenNews),
    /// `TokenUpdate` of a person on it.
    UserToken(MacUser, TokenNews),
}

/// What became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportOutcome {
    /// Something is known that was not known before.
    Taken,
    /// It changes nothing: it was sent before, or the device itself has told better since.
    Known,
}

/// Why a message is not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImportRefusal {
    /// There is no push certificate yet, and so no topic to compare with.
    NoTopic,
    /// The enrolment has another topic: it can neither be woken nor replace its identity here.
    OtherTopic {
        /// The topic of the message.
        theirs: String,
        /// The topic of this server.
        ours: String,
    },
    /// Its `Authenticate` has to come first.
    NotIntroduced,
    /// A device with this id is enrolled here.
    EnrolledHere,
    /// It came by another migration.
    OtherMigration {
        /// Name of that.
        name: String,
    },
    /// It came, and has gone since.
    HasEnded,
    /// It says in one message that it is a whole device, and in another one that it is a managed part.
    OtherKind,
    /// It is neither iPhone, iPad nor Mac.
    UnknownPlatform {
        /// What it calls itself.
        product: String,
    },
    /// More people of one Mac than are remembered.
    TooManyPeople,
}

impl std::fmt::Display for ImportRefusal {
    /// For whoever sends it in; without a full stop.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NoTopic => f.write_str(
                "there is no push certificate here: import the one of the other server, with its key, first",
            ),
            Self::OtherTopic { theirs, ours } => write!(
                f,
                "its topic is `{theirs}`, and that of the push certificate here is `{ours}`: a device cannot follow to \
                 another topic"
            ),
            Self::NotIntroduced => f.write_str(
                "no `Authenticate` of this enrolment came before its `TokenUpdate`: send that first",
            ),
            Self::EnrolledHere => f.write_str("a device with this id is enrolled here already"),
            Self::OtherMigration { name } => write!(
                f,
                "this enrolment came by another migration, \u{201c}{name}\u{201d}"
            ),
            Self::HasEnded => f.write_str(
                "this enrolment was taken over and has ended since; delete its device to take it over once more",
            ),
            Self::OtherKind => f.write_str(
                "its `Authenticate` and this message are not of one kind: one names a `UDID`, one an `EnrollmentID`",
            ),
            Self::UnknownPlatform { product } => write!(
                f,
                "`{product}` is neither iPhone, iPad nor Mac, which are what is managed here"
            ),
            Self::TooManyPeople => f.write_str("no more people of one Mac are remembered"),
        }
    }
}

/// An enrolment that is taken in, on its way into the database.
struct Arrival<'a> {
    migration: &'a MigrationRecord,
    enrolment_id: &'a str,
    kind: EnrolmentType,
}

impl Engine {
    /// Takes in a message that was sent with the key of a migration. Sending it again does no harm.
    pub async fn import_enrolment(
        &self,
        migration: MigrationId,
        message: ImportMessage,
    ) -> Result<Result<ImportOutcome, ImportRefusal>, EngineError> {
        let mut session = self.store().write().await?;
        let migration = held(&mut session, migration).await?;
        if migration.state == MigrationState::Closed.name() {
            return Err(closed(&migration));
        }
        let topic = match &message.content {
            ImportContent::Authenticate(news) => &news.topic,
            ImportContent::Token(news) | ImportContent::UserToken(_, news) => &news.topic,
        };
        let Some(ours) = session.find_setting("push.topic").await? else {
            return Ok(Err(ImportRefusal::NoTopic));
        };
        if *topic != ours {
            let theirs = topic.clone();
            return Ok(Err(ImportRefusal::OtherTopic { theirs, ours }));
        }
        let arrival = Arrival {
            migration: &migration,
            enrolment_id: &message.enrolment_id,
            kind: message.enrolment_type,
        };
        let known = match session
            .find_device_by_enrolment(arrival.enrolment_id)
            .await?
        {
            Some(found) => session.hold_device(found.device.id).await?,
            None => None,
        };
        let outcome = match message.content {
            ImportContent::Authenticate(news) => {
                self.import_device(&mut session, &arrival, known, news)
                    .await?
            }
            ImportContent::Token(news) => {
                self.import_token(&mut session, &arrival, known, news)
                    .await?
            }
            ImportContent::UserToken(user, news) => {
                self.import_user(&mut session, &arrival, known, (user, news))
                    .await?
            }
        };
        if outcome.is_ok() {
            session.commit().await?;
        }
        Ok(outcome)
    }

    /// The same for an administrator who has the messages in files.
    pub async fn import_enrolment_as(
        &self,
        actor: &Actor,
        migration: MigrationId,
        message: ImportMessage,
    ) -> Result<Result<ImportOutcome, ImportRefusal>, EngineError> {
        require(actor)?;
        self.import_enrolment(migration, message).await
    }

    async fn import_device(
        &self,
        session: &mut Session,
        arrival: &Arrival<'_>,
        known: Option<DeviceRecord>,
        news: Authentication,
    ) -> Result<Result<ImportOutcome, ImportRefusal>, EngineError> {
        let Some(platform) = platform_of(arrival.enrolment_id, &news.facts) else {
            let facts = news.facts;
            let product = facts.product_name.or(facts.model).unwrap_or_default();
            return Ok(Err(ImportRefusal::UnknownPlatform { product }));
        };
        if let Some(mut device) = known {
            match self.judge(session, arrival, &device).await? {
                Standing::Expected => {
                    let facts = merged(device.device.facts.clone(), news.facts);
                    if facts == device.device.facts {
                        return Ok(Ok(ImportOutcome::Known));
                    }
                    device.device.facts = facts;
                    session.update_device(&device).await?;
                    self.name_person(session, arrival.migration, device.device.id)
                        .await?;
                    return Ok(Ok(ImportOutcome::Taken));
                }
                Standing::Came => return Ok(Ok(ImportOutcome::Known)),
                Standing::Refused(refusal) => return Ok(Err(refusal)),
                Standing::LongGone => {
                    self.forget_enrolment(session, &device, Admission::default())
                        .await?;
                    self.arrive(session, arrival, (Some(device.device.id), platform), news)
                        .await?;
                    return Ok(Ok(ImportOutcome::Taken));
                }
            }
        }
        self.arrive(session, arrival, (None, platform), news)
            .await?;
        Ok(Ok(ImportOutcome::Taken))
    }

    /// Makes the device, of which nothing but what the message says is known.
    async fn arrive(
        &self,
        session: &mut Session,
        arrival: &Arrival<'_>,
        (known, platform): (Option<DeviceId>, Platform),
        news: Authentication,
    ) -> Result<(), EngineError> {
        let now = self.now();
        let id = known.unwrap_or_else(|| DeviceId(self.chance().id(now)));
        let grounds = Grounds {
            way: Way::Migrated,
            user: None,
            platform,
            kind: arrival.kind,
            serial_number: None,
            ade_profile: None,
        };
        let mut ticket = self.ticket_on(grounds);
        ticket.device_id = Some(id);
        session.insert_ticket(&ticket).await?;
        let ownership = match arrival.kind {
            EnrolmentType::User => Ownership::Personal,
            EnrolmentType::Device => match identity_of(session, &news.facts).await? {
                Some(_) => Ownership::Company,
                None => Ownership::Unknown,
            },
        };
        meet_identity(session, &news.facts, id, now).await?;
        let record = DeviceRecord {
            device: Device {
                id,
                platform,
                enrolment_type: arrival.kind,
                enrolment_id: arrival.enrolment_id.to_owned(),
                state: DeviceState::Enrolling,
                user_id: None,
                manager_id: None,
                ownership,
                facts: news.facts,
                enrolled_at: now,
                last_seen_at: now,
            },
            reconciled_in: 0,
            stale_at: now,
            inventory_at: None,
            attention_at: None,
            wake_at: None,
            wake_attempts: 0,
            topic: news.topic,
            push_token: None,
            push_magic: None,
            push_state: "none".to_owned(),
            push_token_at: now,
            unlock_token: None,
            identity: Vec::new(),
            identity_until: now,
            identity_renew_at: now,
            identity_changed: false,
            identity_ticket: ticket.id,
            channel: None,
        };
        if known.is_some() {
            session.update_device(&record).await?;
        } else {
            session.insert_device(&record).await?;
        }
        let migration = arrival.migration;
        let migrated = MigratedRecord {
            device_id: id,
            migration_id: migration.id,
            ticket_id: ticket.id,
            server_url: migration.server_url.clone(),
            check_in_url: migration.check_in_url.clone(),
            profile_identifier: migration.profile_identifier.clone(),
            access_rights: migration.access_rights,
            user_channels: migration.user_channels,
            certificate: None,
            seen_at: None,
            renewed_at: None,
            problem: String::new(),
            problem_at: None,
            foreign_profiles: "[]".to_owned(),
            imported_at: now,
        };
        session.set_migrated(&migrated).await?;
        session
            .set_enrolment_profile_name(id, Some(migration.name.as_str()))
            .await?;
        self.follow_rules_of_device(session, record.device.clone())
            .await?;
        session.retag_device(id, None).await?;
        self.name_person(session, migration, id).await?;
        let name = record.device.display_name();
        let after = json!({
            "migration": migration.name,
            "enrollmentId": arrival.enrolment_id,
            "serialNumber": record.device.facts.serial_number,
        });
        let change = Change::action("import", "device", id, &name, after);
        self.audit(session, &Actor::system(), change).await
    }

    async fn import_token(
        &self,
        session: &mut Session,
        arrival: &Arrival<'_>,
        known: Option<DeviceRecord>,
        news: TokenNews,
    ) -> Result<Result<ImportOutcome, ImportRefusal>, EngineError> {
        let Some(mut device) = known else {
            return Ok(Err(ImportRefusal::NotIntroduced));
        };
        match self.judge(session, arrival, &device).await? {
            Standing::Expected => {}
            Standing::Came => return Ok(Ok(ImportOutcome::Known)),
            Standing::LongGone => return Ok(Err(ImportRefusal::NotIntroduced)),
            Standing::Refused(refusal) => return Ok(Err(refusal)),
        }
        let is_same = device.push_token.as_ref() == Some(&news.token)
            && device.push_magic.as_ref() == Some(&news.magic)
            && (news.unlock_token.is_none() || device.unlock_token.is_some());
        if is_same {
            return Ok(Ok(ImportOutcome::Known));
        }
        let now = self.now();
        if let Some(token) = &news.unlock_token {
            let context = unlock_token_context(device.device.id);
            device.unlock_token = Some(self.seal().seal(&context, token)?);
        }
        device.push_token = Some(news.token);
        device.push_magic = Some(news.magic);
        "ok".clone_into(&mut device.push_state);
        device.push_token_at = now;
        device.device.state = DeviceState::Imported;
        device.wake_attempts = 0;
        device.wake_at = wake_at(arrival.migration, now);
        session.update_device(&device).await?;
        Ok(Ok(ImportOutcome::Taken))
    }

    /// The channel of somebody on a Mac. The Mac itself has to be known.
    async fn import_user(
        &self,
        session: &mut Session,
        arrival: &Arrival<'_>,
        known: Option<DeviceRecord>,
        (user, news): (MacUser, TokenNews),
    ) -> Result<Result<ImportOutcome, ImportRefusal>, EngineError> {
        let Some(device) = known else {
            return Ok(Err(ImportRefusal::NotIntroduced));
        };
        match self.judge(session, arrival, &device).await? {
            Standing::Expected | Standing::Came => {}
            Standing::LongGone => return Ok(Err(ImportRefusal::NotIntroduced)),
            Standing::Refused(refusal) => return Ok(Err(refusal)),
        }
        // People on an iPad that is shared are not managed here; what was sent of them harms nobody.
        if device.device.platform != Platform::MacOs {
            return Ok(Ok(ImportOutcome::Known));
        }
        let id = channel_id(arrival.enrolment_id, &user.id);
        if session.find_device_by_enrolment(&id).await?.is_some() {
            return Ok(Ok(ImportOutcome::Known));
        }
        let others = session.channels_of_device(device.device.id).await?;
        if others.len() >= MOST_CHANNELS {
            return Ok(Err(ImportRefusal::TooManyPeople));
        }
        let (mut channel, _) = self.opened(&device, None, &user, news);
        channel.attention_at = Some(self.now());
        session.insert_device(&channel).await?;
        Ok(Ok(ImportOutcome::Taken))
    }

    /// How a device that is known stands to a message about it.
    async fn judge(
        &self,
        session: &mut Session,
        arrival: &Arrival<'_>,
        device: &DeviceRecord,
    ) -> Result<Standing, EngineError> {
        if device.channel.is_some() {
            return Ok(Standing::Refused(ImportRefusal::OtherKind));
        }
        let is_connected = device.device.state.is_connected();
        let migrated = session.find_migrated(device.device.id).await?;
        let migrated = migrated.filter(|migrated| migrated.ticket_id == device.identity_ticket);
        let Some(migrated) = migrated else {
            return Ok(if is_connected {
                Standing::Refused(ImportRefusal::EnrolledHere)
            } else {
                Standing::LongGone
            });
        };
        if device.device.enrolment_type != arrival.kind {
            return Ok(Standing::Refused(ImportRefusal::OtherKind));
        }
        if migrated.migration_id != arrival.migration.id {
            let other = session.find_migration(migrated.migration_id).await?;
            let name = other.map_or_else(String::new, |other| other.name);
            return Ok(Standing::Refused(ImportRefusal::OtherMigration { name }));
        }
        Ok(match device.device.state {
            DeviceState::Enrolling | DeviceState::Imported => Standing::Expected,
            DeviceState::Enrolled | DeviceState::Retiring | DeviceState::Wiping => Standing::Came,
            DeviceState::Retired | DeviceState::Wiped | DeviceState::Unenrolled => {
                Standing::Refused(ImportRefusal::HasEnded)
            }
        })
    }
}

/// How a device stands to a message about it.
enum Standing {
    /// It has not come yet: what is said of it is taken.
    Expected,
    /// It came, and speaks for itself.
    Came,
    /// It was here by itself, and left.
    LongGone,
    /// The message is not taken.
    Refused(ImportRefusal),
}

/// Before devices are sent here, nobody is woken: they would only go where they are at home.
fn wake_at(migration: &MigrationRecord, now: Timestamp) -> Option<Timestamp> {
    (migration.state == MigrationState::Moved.name()).then_some(now)
}

/// What a device runs, as far as it says so. Where it tells no product, the form of its id does: Macs have a UUID in upper
/// case as their UDID, which iPhones and iPads never had.
fn platform_of(enrolment_id: &str, facts: &DeviceFacts) -> Option<Platform> {
    let told = facts.product_name.as_deref().or(facts.model.as_deref());
    let Some(told) = told else {
        return Some(if enrolment_id.len() == 36 {
            Platform::MacOs
        } else {
            Platform::Ios
        });
    };
    let told = told.to_lowercase();
    if ["iphone", "ipad", "ipod"]
        .iter()
        .any(|one| told.starts_with(one))
    {
        return Some(Platform::Ios);
    }
    // MacBookPro18,3, iMac21,1, Macmini9,1, VirtualMac2,1, Mac14,2.
    told.contains("mac").then_some(Platform::MacOs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_device_runs_is_told_by_its_product() {
        let of = |product: Option<&str>, id: &str| {
            let facts = DeviceFacts {
                product_name: product.map(str::to_owned),
                ..DeviceFacts::default()
            };
            platform_of(id, &facts)
        };
        let phone = "00008030-001A2D4E0C12802E";
        for (product, platform) in [
            ("iPhone14,7", Some(Platform::Ios)),
            ("iPad12,1", Some(Platform::Ios)),
            ("MacBookPro18,3", Some(Platform::MacOs)),
            ("iMac21,1", Some(Platform::MacOs)),
            ("VirtualMac2,1", Some(Platform::MacOs)),
            ("AppleTV11,1", None),
        ] {
            assert_eq!(of(Some(product), phone), platform, "{product}");
        }
        assert_eq!(of(None, phone), Some(Platform::Ios));
        let mac = "470E005B-17C1-4537-BBB3-0EBC340D432A";
        assert_eq!(of(None, mac), Some(Platform::MacOs));
    }
}
