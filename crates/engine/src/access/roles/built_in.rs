//! Intune's built-in roles, as far as their actions exist here.

use std::collections::BTreeSet;

use uuid::{Uuid, uuid};

use crate::Action;

/// A role that every instance has. Ids are those that Intune gives them in every tenant, which clients know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BuiltIn {
    pub(crate) id: Uuid,
    pub(crate) name: &'static str,
    pub(crate) description: &'static str,
    actions: Allows,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Allows {
    /// Everything that only reads.
    Reading,
    /// These, and what everybody with a role may see.
    Some(&'static [Action]),
}

use Action::{
    AuditRead, ConnectorsRead, DevicesDelete, DevicesLock, DevicesRead, DevicesRetire,
    DevicesSetPrimaryUser, DevicesSync, DevicesUpdate, DevicesViewReports, DevicesWipe, GroupsRead,
    ImportsRead, OrganizationRead, ProfilesAssign, ProfilesCreate, ProfilesDelete, ProfilesRead,
    ProfilesUpdate, ProfilesViewReports, RolesAssign, RolesCreate, RolesDelete, RolesRead,
    RolesUpdate, TemplatesRead, UsersRead,
};

/// What every role sees: in Intune the directory shows people and groups to everybody who administers.
const COMMON: [Action; 3] = [OrganizationRead, UsersRead, GroupsRead];

impl BuiltIn {
    /// All of them.
    pub(crate) const ALL: [Self; 7] = [
        Self {
            id: uuid!("0bd113fe-6be5-400c-a28f-ae5553f9c0be"),
            name: "Policy and Profile Manager",
            description: "Makes, changes and assigns profiles, and sees what becomes of them.",
            actions: Allows::Some(&[
                ProfilesRead,
                ProfilesCreate,
                ProfilesUpdate,
                ProfilesDelete,
                ProfilesAssign,
                ProfilesViewReports,
                DevicesRead,
                DevicesViewReports,
                TemplatesRead,
                ConnectorsRead,
                ImportsRead,
                AuditRead,
                RolesRead,
            ]),
        },
        Self {
            id: uuid!("9e0cc482-82df-4ab2-a24c-0c23a3f52e1e"),
            name: "Help Desk Operator",
            description: "Sees profiles and devices, and synchronises, locks, retires and wipes devices.",
            actions: Allows::Some(&[
                ProfilesRead,
                ProfilesViewReports,
                DevicesRead,
                DevicesUpdate,
                DevicesSetPrimaryUser,
                DevicesViewReports,
                DevicesSync,
                DevicesLock,
                DevicesRetire,
                DevicesWipe,
                AuditRead,
                RolesRead,
            ]),
        },
        Self {
            id: uuid!("fa1d7878-e8cb-41a1-8254-0142355c9f84"),
            name: "Read Only Operator",
            description: "Sees everything and changes nothing.",
            actions: Allows::Reading,
        },
        Self {
            id: uuid!("c1d9fcbb-cba5-40b0-bf6b-527006585f4b"),
            name: "Application Manager",
            description: "Sees profiles and devices; there are no apps here yet.",
            actions: Allows::Some(&[ProfilesRead, DevicesRead, DevicesViewReports, RolesRead]),
        },
        Self {
            id: uuid!("2f9f4f7e-2d13-427b-adf2-361a1eef7ae8"),
            name: "School Administrator",
            description: "Looks after the profiles and devices of a school.",
            actions: Allows::Some(&[
                ProfilesRead,
                ProfilesCreate,
                ProfilesUpdate,
                ProfilesDelete,
                ProfilesAssign,
                ProfilesViewReports,
                DevicesRead,
                DevicesUpdate,
                DevicesDelete,
                DevicesSetPrimaryUser,
                DevicesViewReports,
                DevicesSync,
                DevicesLock,
                DevicesRetire,
                DevicesWipe,
                AuditRead,
            ]),
        },
        Self {
            id: uuid!("c56d53a2-73d0-4502-b6bd-4a9d3dba28d5"),
            name: "Endpoint Security Manager",
            description: "Sees profiles, and looks after devices without taking anything from them.",
            actions: Allows::Some(&[
                ProfilesRead,
                ProfilesViewReports,
                DevicesRead,
                DevicesUpdate,
                DevicesDelete,
                DevicesSetPrimaryUser,
                DevicesViewReports,
                DevicesSync,
                DevicesLock,
                AuditRead,
                RolesRead,
            ]),
        },
        Self {
            id: uuid!("fb2603eb-3c87-4be3-8b5b-d58a5b4a0bc0"),
            name: "Intune Role Administrator",
            description: "Makes and assigns roles; gives nobody what they themselves lack.",
            actions: Allows::Some(&[
                RolesRead,
                RolesCreate,
                RolesUpdate,
                RolesDelete,
                RolesAssign,
            ]),
        },
    ];

    /// The role with this id.
    pub(crate) fn of_id(id: Uuid) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.id == id)
    }

    /// What it allows.
    pub(crate) fn actions(self) -> BTreeSet<Action> {
        match self.actions {
            Allows::Reading => Action::ALL
                .into_iter()
                .filter(|action| action.only_reads())
                .collect(),
            Allows::Some(actions) => actions.iter().chain(&COMMON).copied().collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reading_role_reads_and_no_built_in_role_touches_the_instance() {
        for role in BuiltIn::ALL {
            assert_eq!(BuiltIn::of_id(role.id), Some(role));
            for action in [
                Action::AuthoritiesUpdate,
                Action::OrganizationUpdate,
                Action::DirectoryRolesAssign,
                Action::AppsUpdate,
                Action::SignInUpdate,
                Action::CredentialsReset,
            ] {
                assert!(
                    !role.actions().contains(&action),
                    "{} {action:?}",
                    role.name
                );
            }
        }
        let reader = BuiltIn::ALL[2].actions();
        assert!(reader.iter().all(|action| action.only_reads()));
        assert!(reader.len() > 15);
    }
}
