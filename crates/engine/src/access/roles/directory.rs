//! Directory roles: for the whole instance, without a scope.

use std::collections::BTreeSet;

use uuid::{Uuid, uuid};

use crate::Action;

/// A directory role. Ids are those of Microsoft's role templates, which clients know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DirectoryRole {
    /// Everything.
    GlobalAdministrator,
    /// Everything but who has directory roles, which clients are registered, which domains there are, and how people sign in.
    IntuneAdministrator,
    /// Sees everything, changes nothing.
    GlobalReader,
}

impl DirectoryRole {
    /// All of them.
    pub const ALL: [Self; 3] = [
        Self::GlobalAdministrator,
        Self::IntuneAdministrator,
        Self::GlobalReader,
    ];

    /// Id of Microsoft's role template, as in a token's `wids`.
    pub const fn id(self) -> Uuid {
        match self {
            Self::GlobalAdministrator => uuid!("62e90394-69f5-4237-9190-012177145e10"),
            Self::IntuneAdministrator => uuid!("3a2c62db-5318-420d-8d74-23affee5d9d5"),
            Self::GlobalReader => uuid!("f2ef992c-3afb-46b9-b7cf-a126ee74c451"),
        }
    }

    /// Microsoft's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::GlobalAdministrator => "Global Administrator",
            Self::IntuneAdministrator => "Intune Administrator",
            Self::GlobalReader => "Global Reader",
        }
    }

    /// What it is for.
    pub const fn description(self) -> &'static str {
        match self {
            Self::GlobalAdministrator => "May do everything.",
            Self::IntuneAdministrator => {
                "May do everything but give directory roles, register clients, and change domains and how people sign in."
            }
            Self::GlobalReader => "Sees everything and changes nothing.",
        }
    }

    /// The role with this id.
    pub fn of_id(id: Uuid) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.id() == id)
    }

    /// What it allows.
    pub fn actions(self) -> BTreeSet<Action> {
        Action::ALL
            .into_iter()
            .filter(|action| self.allows(*action))
            .collect()
    }

    fn allows(self, action: Action) -> bool {
        match self {
            Self::GlobalAdministrator => true,
            Self::IntuneAdministrator => !matches!(
                action,
                Action::AppsUpdate
                    | Action::DirectoryRolesAssign
                    | Action::DomainsUpdate
                    | Action::SignInUpdate
            ),
            Self::GlobalReader => action.only_reads(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_can_only_read_and_only_one_role_can_give_roles() {
        let reads = DirectoryRole::GlobalReader.actions();
        assert!(reads.contains(&Action::AuditRead) && reads.contains(&Action::ProfilesViewReports));
        assert!(!reads.contains(&Action::ProfilesUpdate) && !reads.contains(&Action::DevicesSync));
        let may_give =
            |role: &DirectoryRole| role.actions().contains(&Action::DirectoryRolesAssign);
        let found: Vec<_> = DirectoryRole::ALL.into_iter().filter(may_give).collect();
        assert_eq!(found, [DirectoryRole::GlobalAdministrator]);
        for role in DirectoryRole::ALL {
            assert_eq!(DirectoryRole::of_id(role.id()), Some(role));
        }
    }
}
