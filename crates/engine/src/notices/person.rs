//! What one person is told, derived when asked.

use mandate_model::{Device, DeviceId, OsVersion, Platform, Reason, Timestamp, UserId};
use mandate_store::{NoticeRecord, Session};
use serde::Serialize;

use super::certificates::endings_of;
use super::{Facts, NoticeEvent, settings};
use crate::reports::DeviceRows;
use crate::{Engine, EngineError};

/// More devices and matters of one person are not looked at.
const MOST: u32 = 200;

/// Something that a person should know of one of their devices or certificates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonNotice {
    /// What it is about.
    pub matter: NoticeMatter,
    /// The device, if it is about one.
    pub device: Option<NoticeDevice>,
    /// Since when.
    pub since: Timestamp,
}

/// A device that a notice is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticeDevice {
    /// Object id.
    pub id: DeviceId,
    /// A name that people recognise.
    pub name: String,
    /// What it runs.
    pub platform: Platform,
    /// Version of the operating system, for steps that differ.
    pub os_version: Option<OsVersion>,
}

/// What a notice is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase", tag = "event")]
pub enum NoticeMatter {
    /// An account that the person made by hand has to be removed before ours can come.
    AccountBlocked {
        /// Mail address of both.
        address: String,
        /// Mail server of both.
        host: String,
        /// Name of the profile that brings ours.
        profile: String,
    },
    /// A certificate ends, and nothing has replaced it.
    CertificateEnding {
        /// Whom it names, as RFC 4514 text.
        subject: String,
        /// Whether somebody has to provide another one; otherwise its device renews it as soon as it checks in.
        is_imported: bool,
        /// Its end; it may have passed.
        not_after: Timestamp,
    },
    /// The device asks for the password of the mailbox, or for a sign-in.
    PasswordExpected {
        /// Mail address.
        address: String,
        /// Mail server.
        host: String,
    },
    /// The device may ask whether new mail settings are wanted.
    ApprovalExpected {
        /// Mail address.
        address: String,
        /// Mail server.
        host: String,
    },
}

impl NoticeMatter {
    /// The event that it comes from.
    pub const fn event(&self) -> NoticeEvent {
        match self {
            Self::AccountBlocked { .. } => NoticeEvent::AccountBlocked,
            Self::CertificateEnding { .. } => NoticeEvent::CertificateEnding,
            Self::PasswordExpected { .. } => NoticeEvent::PasswordExpected,
            Self::ApprovalExpected { .. } => NoticeEvent::ApprovalExpected,
        }
    }
}

impl Engine {
    /// What a person should know now, what keeps mail from them first. Asked for by the person themselves: whoever calls
    /// this has made sure of that.
    pub async fn notices_of(&self, user: UserId) -> Result<Vec<PersonNotice>, EngineError> {
        let now = self.now();
        let mut session = self.store().read().await?;
        let devices = devices_of(&mut session, user).await?;
        let mut notices = Vec::new();
        for device in &devices {
            notices.extend(self.blocked_on(&mut session, device).await?);
        }
        for record in session.open_notices_of_user(user, MOST).await? {
            notices.extend(asked(&record, &devices, now));
        }
        let days = settings::read(&mut session).await?.certificate_days;
        let most = days.into_iter().max().unwrap_or_default();
        for ending in endings_of(&mut session, user, now, most).await? {
            let device = devices.iter().find(|one| Some(one.id) == ending.device);
            let certificate = ending.certificate;
            let not_after = Timestamp(certificate.not_after);
            notices.push(PersonNotice {
                matter: NoticeMatter::CertificateEnding {
                    subject: certificate.subject,
                    is_imported: certificate.is_imported,
                    not_after,
                },
                device: device.map(NoticeDevice::of),
                since: not_after.plus(-most * Timestamp::DAY),
            });
        }
        Ok(notices)
    }

    /// Accounts made by hand on a device.
    async fn blocked_on(
        &self,
        session: &mut Session,
        device: &Device,
    ) -> Result<Vec<PersonNotice>, EngineError> {
        let rows = DeviceRows::read(session, device.id).await?;
        let mut found = Vec::new();
        for row in rows.all().filter(|row| row.wanted) {
            let Reason::AccountExists { account } = &row.reason else {
                continue;
            };
            let Some(profile) = session.find_profile(row.profile_id).await? else {
                continue;
            };
            found.push(PersonNotice {
                matter: NoticeMatter::AccountBlocked {
                    address: account.address.clone(),
                    host: account.host.clone(),
                    profile: profile.display_name,
                },
                device: Some(NoticeDevice::of(device)),
                since: row.since,
            });
        }
        Ok(found)
    }
}

impl NoticeDevice {
    fn of(device: &Device) -> Self {
        Self {
            id: device.id,
            name: device.display_name(),
            platform: device.platform,
            os_version: device.os_version(),
        }
    }
}

/// The person's devices that are managed.
async fn devices_of(session: &mut Session, user: UserId) -> Result<Vec<Device>, EngineError> {
    let records = session.devices_of_user(user, MOST).await?;
    let devices = records.into_iter().map(|record| record.device);
    Ok(devices.filter(|device| device.state.is_managed()).collect())
}

/// What a device asks its user: nobody reports the answer, so that it is shown for some days.
fn asked(record: &NoticeRecord, devices: &[Device], now: Timestamp) -> Option<PersonNotice> {
    let event = NoticeEvent::parse(&record.event)?;
    let device = devices
        .iter()
        .find(|device| Some(device.id) == record.device_id)?;
    let facts = Facts::of(&record.facts);
    let (address, host) = (facts.address?, facts.host?);
    let matter = match event {
        NoticeEvent::PasswordExpected => NoticeMatter::PasswordExpected { address, host },
        NoticeEvent::ApprovalExpected => NoticeMatter::ApprovalExpected { address, host },
        NoticeEvent::AccountBlocked | NoticeEvent::CertificateEnding => return None,
    };
    (now.since(record.created_at) < event.patience()).then(|| PersonNotice {
        matter,
        device: Some(NoticeDevice::of(device)),
        since: record.created_at,
    })
}
