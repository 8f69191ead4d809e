//! What people do with their own devices, without any role: look how they stand, bring one in, have one looked at again,
//! call it otherwise, take the organisation's things off it, and take one that has gone out of their list.
//!
//! Whose a device is, is its primary user. The channel of a person on a Mac is no device, so nobody finds it here.

mod act;
mod demand;
mod enrol;
mod steps;

use mandate_model::{
    DeviceId, DeviceState, EnrolmentType, Ownership, Platform, Profile, Timestamp, UserId,
};
use mandate_store::{DeviceRecord, Session};
use thiserror::Error;

pub use demand::{AccountsPlace, Condition, Demand, Subject};
use demand::{Need, condition, need_of};
pub use steps::{AccountSteps, AccountStepsChange};

use crate::{Actor, Barrier, Engine, EngineError, ProfileState, SignedIn};

/// Devices of one person that are shown. More than this nobody carries.
const MOST_SHOWN: u32 = 100;

/// A device as its person sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct OwnDevice {
    /// Its id.
    pub id: DeviceId,
    /// What it is called: the name given here, else its own.
    pub name: String,
    /// Whether that name was given here.
    pub is_renamed: bool,
    /// Model for people, such as `iPhone`.
    pub model: Option<String>,
    /// What it runs.
    pub platform: Platform,
    /// Version of that, as the device said it.
    pub os_version: Option<String>,
    /// Serial number, if the device says it.
    pub serial_number: Option<String>,
    /// Whole device, or a managed part of it.
    pub enrolment_type: EnrolmentType,
    /// Whose it is.
    pub ownership: Ownership,
    /// Where it stands.
    pub state: DeviceState,
    /// When it was enrolled.
    pub enrolled_at: Timestamp,
    /// When it was last heard of.
    pub last_seen_at: Timestamp,
    /// All in one word.
    pub condition: Condition,
    /// Where the system of this device lists mail accounts.
    pub accounts_place: AccountsPlace,
    /// What it should have: what wants something of the person first.
    pub items: Vec<OwnItem>,
}

/// One thing that a device should have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnItem {
    /// What it is.
    pub subject: Subject,
    /// Its name: of an account as the device shows it, else of the profile.
    pub name: String,
    /// What it wants; nothing once it is there.
    pub demand: Option<Demand>,
    /// Since when.
    pub since: Timestamp,
    /// Whether the device asks for a password before it works.
    pub asks_password: bool,
}

impl OwnDevice {
    /// The most urgent thing that is wanted.
    pub fn demand(&self) -> Option<&Demand> {
        self.items.first().and_then(|item| item.demand.as_ref())
    }

    /// Whether its person may take the organisation's things off it: not of a device that is the organisation's.
    pub fn can_retire(&self) -> bool {
        self.state == DeviceState::Enrolled && self.ownership != Ownership::Company
    }

    /// Whether it has gone, so that its person may take it out of the list.
    pub fn can_remove(&self) -> bool {
        has_gone(self.state)
    }

    /// Whether it can be asked to look again.
    pub fn can_check(&self) -> bool {
        self.state == DeviceState::Enrolled
    }
}

/// Why something cannot be done with one's own device.
#[derive(Debug, Error)]
pub enum OwnProblem {
    /// The person has no such device.
    #[error("there is no such device of yours")]
    NotYours,
    /// It is the organisation's, so only an administrator takes it out of management.
    #[error("the device belongs to the organisation")]
    OfCompany,
    /// It is being erased.
    #[error("the device is being erased")]
    BeingErased,
    /// The organisation's things are being taken off it already.
    #[error("the device is being retired")]
    BeingRetired,
    /// It is not under management any more.
    #[error("the device has gone")]
    HasGone,
    /// It is still under management.
    #[error("the device is still managed")]
    StillManaged,
    /// The name has too many characters.
    #[error("the name must have at most {0} characters")]
    NameTooLong(usize),
    /// Nobody can enrol yet: something is not set up.
    #[error("devices cannot be enrolled yet")]
    NotSetUp,
    /// The person has no licence.
    #[error("a licence is needed to enrol devices")]
    NoLicence,
    /// The person has as many devices as they may have.
    #[error("there are {0} devices already, and no more are allowed")]
    TooManyDevices(i64),
    /// There are enough open links for this person.
    #[error("there are enough links that have not been used")]
    TooManyLinks,
    /// The device would be refused when it comes.
    #[error("{0}")]
    NotAdmitted(Barrier),
    /// Something else.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

impl From<mandate_store::StoreError> for OwnProblem {
    fn from(error: mandate_store::StoreError) -> Self {
        Self::Engine(error.into())
    }
}

impl Engine {
    /// One's own devices: those that want something first, then the one heard of last; those that have gone at the end.
    pub async fn own_devices(&self, of: &SignedIn) -> Result<Vec<OwnDevice>, EngineError> {
        let records = {
            let mut session = self.store().read().await?;
            session.devices_of_user(of.user.id, MOST_SHOWN).await?
        };
        let mut devices = Vec::with_capacity(records.len());
        for record in records {
            devices.push(self.own_view(record).await?);
        }
        devices.sort_by_key(|device| (device.condition.rank(), -device.last_seen_at.0));
        Ok(devices)
    }

    /// One of one's own devices; none if it is not there or somebody else's.
    pub async fn own_device(
        &self,
        of: &SignedIn,
        id: DeviceId,
    ) -> Result<Option<OwnDevice>, EngineError> {
        let record = {
            let mut session = self.store().read().await?;
            find_own(&mut session, of.user.id, id).await?
        };
        match record {
            Some(record) => Ok(Some(self.own_view(record).await?)),
            None => Ok(None),
        }
    }

    async fn own_view(&self, record: DeviceRecord) -> Result<OwnDevice, EngineError> {
        let device = record.device;
        let mut session = self.store().read().await?;
        let remarks = session.list_remarks(device.id, device.id).await?;
        drop(session);
        let given = remarks.into_iter().next().and_then(|remark| remark.name);
        // Whoever asks is its user, and learns only what their own device has; no role comes into it.
        let states = if device.state == DeviceState::Enrolled {
            self.profile_states(&Actor::system(), device.id).await
        } else {
            Ok(Vec::new())
        };
        let states = match states {
            // It was taken out of the list meanwhile.
            Err(EngineError::NotFound { .. }) => Vec::new(),
            other => other?,
        };
        let mut items: Vec<OwnItem> = states.iter().filter_map(item).collect();
        items.sort_by(|a, b| (&b.demand, a.subject, &a.name).cmp(&(&a.demand, b.subject, &b.name)));
        let most = items.first().and_then(|item| item.demand.as_ref());
        Ok(OwnDevice {
            id: device.id,
            is_renamed: given.is_some(),
            name: given.unwrap_or_else(|| device.display_name()),
            condition: condition(device.state, most),
            accounts_place: AccountsPlace::of(device.platform, device.os_version()),
            model: device.facts.model,
            platform: device.platform,
            os_version: device.facts.os_version,
            serial_number: device.facts.serial_number,
            enrolment_type: device.enrolment_type,
            ownership: device.ownership,
            state: device.state,
            enrolled_at: device.enrolled_at,
            last_seen_at: device.last_seen_at,
            items,
        })
    }
}

/// A device of a person by id.
async fn find_own(
    session: &mut Session,
    user: UserId,
    id: DeviceId,
) -> Result<Option<DeviceRecord>, EngineError> {
    let record = session.find_device(id).await?;
    Ok(record.filter(|record| record.device.user_id == Some(user)))
}

fn item(state: &ProfileState) -> Option<OwnItem> {
    let demand = match need_of(&state.status.reason) {
        Need::NotForIt => return None,
        Need::Nothing => None,
        Need::Demand(demand) => Some(demand),
    };
    let profile = &state.profile;
    Some(OwnItem {
        subject: Subject::of(profile.kind),
        name: name(profile),
        asks_password: asks_password(profile),
        demand,
        since: state.status.since,
    })
}

/// What people know it by.
fn name(profile: &Profile) -> String {
    let text = |property| {
        profile
            .settings
            .get(property)
            .and_then(|value| value.as_str())
    };
    text("accountName")
        .unwrap_or(&profile.display_name)
        .to_owned()
}

/// Whether a device that has got it asks for a password, as for an account that no certificate proves.
fn asks_password(profile: &Profile) -> bool {
    let Some(setting) = profile.kind.setting("authenticationMethod") else {
        return false;
    };
    let method = profile.settings.get(setting.property);
    let is_password =
        method.is_none_or(|method| method.is_null() || method == "usernameAndPassword");
    let uses_oauth = profile
        .settings
        .get("useOAuth")
        .is_some_and(|value| value == true);
    is_password && !uses_oauth
}

const fn has_gone(state: DeviceState) -> bool {
    matches!(
        state,
        DeviceState::Retired | DeviceState::Wiped | DeviceState::Unenrolled
    )
}
