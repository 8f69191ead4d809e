//! Who may do what: the one permission check.

mod app;
mod permission;
mod role;

pub use app::{App, NewApp};
pub use permission::Permission;
pub use role::Role;

use std::collections::BTreeSet;

use mandate_model::AppId;

use crate::EngineError;

/// Who asks for something to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    name: String,
    grants: Grants,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Grants {
    Everything,
    These(BTreeSet<Permission>),
}

impl Actor {
    /// A client of the management API, with what its token grants.
    pub fn app(
        id: AppId,
        name: impl Into<String>,
        permissions: impl IntoIterator<Item = Permission>,
    ) -> Self {
        let name = format!("app {} ({id})", name.into());
        Self {
            name,
            grants: Grants::These(permissions.into_iter().collect()),
        }
    }

    /// The server itself and the command line of its machine.
    pub fn system() -> Self {
        Self {
            name: "system".to_owned(),
            grants: Grants::Everything,
        }
    }

    /// How the audit names the actor.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Refuses unless the actor has a permission, or one that includes it.
    pub(crate) fn require(&self, permission: Permission) -> Result<(), EngineError> {
        let granted = match &self.grants {
            Grants::Everything => true,
            Grants::These(permissions) => permissions.iter().any(|held| held.includes(permission)),
        };
        if granted {
            Ok(())
        } else {
            Err(EngineError::NotAllowed { permission })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writing_includes_reading_but_not_the_other_way_round() {
        let id = AppId(uuid::Uuid::nil());
        let writer = Actor::app(id, "w", [Permission::ConfigurationReadWrite]);
        assert!(writer.require(Permission::ConfigurationRead).is_ok());
        let reader = Actor::app(id, "r", [Permission::ConfigurationRead]);
        assert!(matches!(
            reader.require(Permission::ConfigurationReadWrite),
            Err(EngineError::NotAllowed {
                permission: Permission::ConfigurationReadWrite
            })
        ));
        assert!(reader.require(Permission::UserRead).is_err());
    }
}
