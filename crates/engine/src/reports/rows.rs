//! Rows of profiles on devices, whichever of a device's channels they are on.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use mandate_model::{DeviceId, Platform, Profile, ProfileId};
use mandate_store::{
    ChannelProfileRecord, DeviceProfileRecord, ProfileCounts, Session, TargetDevice,
};

use super::statuses::SCAN;
use crate::EngineError;

/// One profile on devices.
#[derive(Default)]
pub(super) struct Rows {
    own: BTreeMap<DeviceId, DeviceProfileRecord>,
    of_people: BTreeMap<DeviceId, Vec<ChannelProfileRecord>>,
}

impl Rows {
    /// For devices after one and up to another, of which there are no more than a scan has.
    pub(super) async fn between(
        session: &mut Session,
        profile: &Profile,
        after: Option<DeviceId>,
        last: Option<DeviceId>,
    ) -> Result<Self, EngineError> {
        let mut rows = Self::default();
        for row in session.devices_of_profile(profile.id, after, SCAN).await? {
            if Some(row.device_id) <= last {
                rows.own.insert(row.device_id, row);
            }
        }
        if let Some(last) = last.filter(|_| profile.kind.platform == Platform::MacOs) {
            let found = session
                .channel_profiles_between(profile.id, after, last)
                .await?;
            for row in found {
                rows.of_people.entry(row.parent).or_default().push(row);
            }
        }
        Ok(rows)
    }

    /// The row that says how a profile stands on a device, and the device as far as the channel of that row goes: what
    /// it was reconciled with, and when its list was read.
    pub(super) fn of<'a>(
        &'a self,
        profile: &Profile,
        device: &'a TargetDevice,
    ) -> (Cow<'a, TargetDevice>, Option<&'a DeviceProfileRecord>) {
        let own = self.own.get(&device.id);
        let of_people = self
            .of_people
            .get(&device.id)
            .map_or(&[][..], Vec::as_slice);
        pick(profile, device, own, of_people)
    }
}

/// All profiles on one device.
pub(crate) struct DeviceRows {
    own: BTreeMap<ProfileId, DeviceProfileRecord>,
    of_people: BTreeMap<ProfileId, Vec<ChannelProfileRecord>>,
}

impl DeviceRows {
    pub(crate) async fn read(session: &mut Session, device: DeviceId) -> Result<Self, EngineError> {
        let own = session.profiles_of_device(device).await?;
        let mut of_people: BTreeMap<ProfileId, Vec<ChannelProfileRecord>> = BTreeMap::new();
        for row in session.channel_profiles_of_device(device).await? {
            of_people.entry(row.row.profile_id).or_default().push(row);
        }
        Ok(Self {
            own: own.into_iter().map(|row| (row.profile_id, row)).collect(),
            of_people,
        })
    }

    /// As [`Rows::of`].
    pub(super) fn of<'a>(
        &'a self,
        profile: &Profile,
        device: &'a TargetDevice,
    ) -> (Cow<'a, TargetDevice>, Option<&'a DeviceProfileRecord>) {
        let own = self.own.get(&profile.id);
        let of_people = self.of_people.get(&profile.id);
        pick(
            profile,
            device,
            own,
            of_people.map_or(&[][..], Vec::as_slice),
        )
    }

    /// All of them, over whichever channel.
    pub(crate) fn all(&self) -> impl Iterator<Item = &DeviceProfileRecord> {
        let of_people = self.of_people.values().flatten().map(|found| &found.row);
        self.own.values().chain(of_people)
    }
}

fn pick<'a>(
    profile: &Profile,
    device: &'a TargetDevice,
    own: Option<&'a DeviceProfileRecord>,
    of_people: &'a [ChannelProfileRecord],
) -> (Cow<'a, TargetDevice>, Option<&'a DeviceProfileRecord>) {
    let wanted = of_people
        .iter()
        .find(|found| found.row.wanted && profile.is_for_user_channel());
    let found = match (wanted, own) {
        (Some(wanted), _) => Some(wanted),
        (None, Some(own)) => return (Cow::Borrowed(device), Some(own)),
        (None, None) => of_people.first(),
    };
    let Some(found) = found else {
        return (Cow::Borrowed(device), None);
    };
    let device = TargetDevice {
        reconciled_in: found.reconciled_in,
        inventory_at: found.inventory_at,
        ..device.clone()
    };
    (Cow::Owned(device), Some(&found.row))
}

/// States of one profile on all devices, over whichever channel, with the intent that a person's channel was reconciled
/// with where the state is from one.
pub(super) async fn counts(
    session: &mut Session,
    profile: &Profile,
) -> Result<HashMap<DeviceId, (ProfileCounts, Option<i64>)>, EngineError> {
    let own = session.profile_counts(profile.id).await?.into_iter();
    let mut counts: HashMap<DeviceId, (ProfileCounts, Option<i64>)> =
        own.map(|row| (row.device_id, (row, None))).collect();
    if profile.kind.platform == Platform::MacOs {
        for (row, reconciled_in) in session.channel_profile_counts(profile.id).await? {
            let id = row.device_id;
            let counts_more = match counts.get(&id) {
                None => true,
                Some((_, None)) => row.wanted && profile.is_for_user_channel(),
                Some((before, Some(_))) => row.wanted && !before.wanted,
            };
            if counts_more {
                counts.insert(id, (row, Some(reconciled_in)));
            }
        }
    }
    Ok(counts)
}
