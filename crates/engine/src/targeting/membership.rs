//! All memberships at once, for questions about all devices.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use mandate_model::{DeviceId, GroupId, Member, Target, UserId};
use mandate_store::{Session, TargetDevice};

use crate::EngineError;

/// For each person and device, which of the groups asked about contain them, nested groups included.
#[derive(Debug, Clone, Default)]
pub(crate) struct Membership {
    users: HashMap<UserId, BTreeSet<GroupId>>,
    devices: HashMap<DeviceId, BTreeSet<GroupId>>,
    nobody: BTreeSet<GroupId>,
}

impl Membership {
    /// Reads who is in the groups that these targets name.
    pub(crate) async fn of_targets(
        session: &mut Session,
        targets: &[Target],
    ) -> Result<Self, EngineError> {
        let groups: BTreeSet<GroupId> = targets
            .iter()
            .filter_map(|target| match target {
                Target::Group(group) | Target::Exclude(group) => Some(*group),
                Target::AllUsers | Target::AllDevices => None,
            })
            .collect();
        if groups.is_empty() {
            return Ok(Self::default());
        }
        let mut direct: BTreeMap<GroupId, Vec<Member>> = BTreeMap::new();
        for (group, member) in session.memberships().await? {
            direct.entry(group).or_default().push(member);
        }
        let mut membership = Self::default();
        for group in groups {
            membership.add(group, &direct);
        }
        Ok(membership)
    }

    /// All groups around one device and its user, or if it has none the manager who enrolled it.
    pub(crate) async fn of_one(
        session: &mut Session,
        device: &TargetDevice,
    ) -> Result<Self, EngineError> {
        let mut membership = Self::default();
        membership
            .devices
            .insert(device.id, session.groups_of(device.id.0, true).await?);
        if let Some(user) = device.user_id.or(device.manager_id) {
            membership
                .users
                .insert(user, session.groups_of(user.0, true).await?);
        }
        Ok(membership)
    }

    fn add(&mut self, group: GroupId, direct: &BTreeMap<GroupId, Vec<Member>>) {
        let mut visited = BTreeSet::from([group]);
        let mut open = vec![group];
        while let Some(next) = open.pop() {
            for member in direct.get(&next).into_iter().flatten() {
                match *member {
                    Member::User(user) => {
                        self.users.entry(user).or_default().insert(group);
                    }
                    Member::Device(device) => {
                        self.devices.entry(device).or_default().insert(group);
                    }
                    Member::Group(inner) if visited.insert(inner) => open.push(inner),
                    Member::Group(_) => {}
                }
            }
        }
    }

    pub(crate) fn of_user(&self, user: UserId) -> &BTreeSet<GroupId> {
        self.users.get(&user).unwrap_or(&self.nobody)
    }

    pub(crate) fn of_device(&self, device: DeviceId) -> &BTreeSet<GroupId> {
        self.devices.get(&device).unwrap_or(&self.nobody)
    }
}
