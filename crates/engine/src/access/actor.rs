//! Who asks, and the one check of what they may do.

use std::collections::BTreeSet;
use std::net::IpAddr;

use mandate_model::{AppId, GroupId, UserId};

use super::{Action, Permission};
use crate::EngineError;
use crate::management_authority::Lock;

/// Who asks for something to be done, from where, and what they may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    who: Who,
    origin: Origin,
    /// What the token carries; `None` where there is no token, as in a page of ours.
    carried: Option<BTreeSet<Permission>>,
    powers: Powers,
    /// That nothing can be configured now.
    lock: Option<Lock>,
}

/// Who somebody is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    /// The server itself and the command line of its machine.
    System,
    /// A client of its own.
    App {
        /// Client id.
        id: AppId,
        /// Its name.
        name: String,
    },
    /// A person, through one of our pages or through a client.
    Person {
        /// Their id.
        id: UserId,
        /// Their sign-in name.
        principal_name: String,
        /// The client they use, with its name; none for our own pages.
        app: Option<(AppId, String)>,
    },
}

/// Where a request came from; for the audit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origin {
    /// Network address of the caller.
    pub address: Option<IpAddr>,
    /// Id of the request, as in its answer.
    pub request: Option<String>,
}

/// What somebody may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Powers {
    /// Everything, everywhere.
    Everything,
    /// What roles allow, each within its own scope.
    Granted(Vec<Grant>),
}

/// What one role assignment allows, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// What.
    pub actions: BTreeSet<Action>,
    /// On objects with which scope tags; `None` for all.
    pub tags: Option<BTreeSet<String>>,
    /// For which people and devices.
    pub people: Reach,
}

/// Which people and devices a grant concerns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// All.
    All,
    /// These kinds and groups; a group stands for everything in it, nested groups included.
    Some {
        /// All people.
        all_users: bool,
        /// All devices.
        all_devices: bool,
        /// Groups.
        groups: BTreeSet<GroupId>,
    },
}

/// What an actor lacks for an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lacking {
    /// The token does not carry the permission.
    Permission,
    /// No role allows it.
    Role,
    /// A role allows it, but not for this object.
    Scope,
}

impl Actor {
    /// The server itself and the command line of its machine.
    pub fn system() -> Self {
        Self {
            who: Who::System,
            origin: Origin::default(),
            carried: None,
            powers: Powers::Everything,
            lock: None,
        }
    }

    /// A client of its own, with what its token grants. Clients have no scope: they reach everything.
    pub fn app(
        id: AppId,
        name: impl Into<String>,
        permissions: impl IntoIterator<Item = Permission>,
    ) -> Self {
        Self {
            who: Who::App {
                id,
                name: name.into(),
            },
            origin: Origin::default(),
            carried: Some(permissions.into_iter().collect()),
            powers: Powers::Everything,
            lock: None,
        }
    }

    /// A person with what their roles allow. `carried` is what the token of the client that they use carries; none for
    /// our own pages.
    pub fn person(
        id: UserId,
        principal_name: impl Into<String>,
        app: Option<(AppId, String)>,
        carried: Option<BTreeSet<Permission>>,
        powers: Powers,
    ) -> Self {
        Self {
            who: Who::Person {
                id,
                principal_name: principal_name.into(),
                app,
            },
            origin: Origin::default(),
            carried,
            powers,
            lock: None,
        }
    }

    /// The same actor, from somewhere.
    #[must_use]
    pub fn from(self, origin: Origin) -> Self {
        Self { origin, ..self }
    }

    /// The same actor, while the configuration is locked or not.
    #[must_use]
    pub(crate) fn under(self, lock: Option<Lock>) -> Self {
        Self { lock, ..self }
    }

    /// Who it is.
    pub fn who(&self) -> &Who {
        &self.who
    }

    /// Where the request came from.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The person, if it is one.
    pub fn user(&self) -> Option<UserId> {
        match &self.who {
            Who::Person { id, .. } => Some(*id),
            Who::System | Who::App { .. } => None,
        }
    }

    /// How people name the actor: the sign-in name of a person, `app NAME (ID)`, or `system`.
    pub fn name(&self) -> String {
        match &self.who {
            Who::System => "system".to_owned(),
            Who::App { id, name } => format!("app {name} ({id})"),
            Who::Person { principal_name, .. } => principal_name.clone(),
        }
    }

    /// What roles allow the actor.
    pub fn powers(&self) -> &Powers {
        &self.powers
    }

    /// Refuses unless the actor may do this, be it only within a scope; what the instance has once is for those without one.
    /// Whoever asks for one object, or gives a list,
    /// looks at the scope as well. While the configuration is locked, whoever may configure is told so here, and only here.
    pub fn require(&self, action: Action) -> Result<(), EngineError> {
        self.require_power(action)?;
        match self.lock {
            Some(lock) if action.configures() => Err(EngineError::Locked {
                reason: lock.reason(),
            }),
            _ => Ok(()),
        }
    }

    /// The same, whether the configuration is locked or not.
    fn require_power(&self, action: Action) -> Result<(), EngineError> {
        if !self.carries(action.permission()) {
            return Err(lacks(action, Lacking::Permission));
        }
        let Powers::Granted(grants) = &self.powers else {
            return Ok(());
        };
        let mut allowing = grants
            .iter()
            .filter(|grant| grant.actions.contains(&action))
            .peekable();
        if allowing.peek().is_none() {
            return Err(lacks(action, Lacking::Role));
        }
        if action.is_for_the_instance() && !allowing.any(Grant::is_everywhere) {
            return Err(lacks(action, Lacking::Scope));
        }
        Ok(())
    }

    /// Whether the actor may do this, be it only within a scope: for pages, which leave out what would be refused. That the
    /// configuration is locked for a while is no reason to leave anything out.
    pub fn may(&self, action: Action) -> bool {
        self.require_power(action).is_ok()
    }

    /// Whether the actor may do this on an object with these scope tags.
    pub fn reaches(&self, action: Action, tags: &[String]) -> bool {
        self.carries(action.permission())
            && match &self.powers {
                Powers::Everything => true,
                Powers::Granted(grants) => grants
                    .iter()
                    .any(|grant| grant.actions.contains(&action) && grant.covers(tags)),
            }
    }

    /// Refuses unless the actor may do this on an object with these scope tags.
    pub fn require_on(&self, action: Action, tags: &[String]) -> Result<(), EngineError> {
        self.require(action)?;
        if self.reaches(action, tags) {
            Ok(())
        } else {
            Err(lacks(action, Lacking::Scope))
        }
    }

    /// The scope tags of which an object must have one to be seen; `None` where all are. Refuses if the actor may not do
    /// this at all.
    pub fn tags_for(&self, action: Action) -> Result<Option<BTreeSet<String>>, EngineError> {
        self.require(action)?;
        let Powers::Granted(grants) = &self.powers else {
            return Ok(None);
        };
        let mut tags = BTreeSet::new();
        for grant in grants
            .iter()
            .filter(|grant| grant.actions.contains(&action))
        {
            match &grant.tags {
                None => return Ok(None),
                Some(some) => tags.extend(some.iter().cloned()),
            }
        }
        Ok(Some(tags))
    }

    pub(crate) fn carries(&self, wanted: Permission) -> bool {
        self.carried
            .as_ref()
            .is_none_or(|carried| carried.iter().any(|held| held.includes(wanted)))
    }
}

impl Grant {
    /// Whether it has no limit of scope, as those of directory roles.
    pub fn is_everywhere(&self) -> bool {
        self.tags.is_none() && self.people == Reach::All
    }

    /// Whether an object with these tags is within the grant.
    pub fn covers(&self, tags: &[String]) -> bool {
        self.tags
            .as_ref()
            .is_none_or(|own| tags.iter().any(|tag| own.contains(tag)))
    }
}

fn lacks(action: Action, lacking: Lacking) -> EngineError {
    EngineError::NotAllowed { action, lacking }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(actions: &[Action], tags: Option<&[&str]>, carried: Option<Permission>) -> Actor {
        let grant = Grant {
            actions: actions.iter().copied().collect(),
            tags: tags.map(|tags| tags.iter().map(|tag| (*tag).to_owned()).collect()),
            people: Reach::All,
        };
        Actor::person(
            UserId(uuid::Uuid::nil()),
            "ada@contoso.com",
            None,
            carried.map(|one| BTreeSet::from([one])),
            Powers::Granted(vec![grant]),
        )
    }

    #[test]
    fn writing_includes_reading_but_not_the_other_way_round() {
        let id = AppId(uuid::Uuid::nil());
        let writer = Actor::app(id, "w", [Permission::ConfigurationReadWrite]);
        assert!(writer.require(Action::ProfilesRead).is_ok());
        let reader = Actor::app(id, "r", [Permission::ConfigurationRead]);
        assert!(matches!(
            reader.require(Action::ProfilesUpdate),
            Err(EngineError::NotAllowed {
                action: Action::ProfilesUpdate,
                lacking: Lacking::Permission
            })
        ));
        assert!(reader.require(Action::UsersRead).is_err());
    }

    #[test]
    fn a_person_needs_both_the_role_and_the_permission_of_the_client() {
        let both = person(
            &[Action::ProfilesRead],
            None,
            Some(Permission::ConfigurationRead),
        );
        assert!(both.require(Action::ProfilesRead).is_ok());
        let client_lacks = person(&[Action::ProfilesRead], None, Some(Permission::UserRead));
        assert!(client_lacks.require(Action::ProfilesRead).is_err());
        let role_lacks = person(
            &[Action::DevicesRead],
            None,
            Some(Permission::ConfigurationRead),
        );
        assert!(role_lacks.require(Action::ProfilesRead).is_err());
        let own_page = person(&[Action::ProfilesRead], None, None);
        assert!(own_page.require(Action::ProfilesRead).is_ok());
    }

    #[test]
    fn a_scope_tag_in_common_is_enough_and_none_is_not() {
        let tags = |names: &[&str]| {
            names
                .iter()
                .map(|name| (*name).to_owned())
                .collect::<Vec<_>>()
        };
        let scoped = person(&[Action::ProfilesRead], Some(&["1", "2"]), None);
        assert!(scoped.reaches(Action::ProfilesRead, &tags(&["0", "2"])));
        assert!(matches!(
            scoped.require_on(Action::ProfilesRead, &tags(&["0"])),
            Err(EngineError::NotAllowed {
                lacking: Lacking::Scope,
                ..
            })
        ));
        assert_eq!(
            scoped.tags_for(Action::ProfilesRead).unwrap(),
            Some(BTreeSet::from(["1".to_owned(), "2".to_owned()]))
        );
        assert!(scoped.tags_for(Action::DevicesRead).is_err());
        assert_eq!(Actor::system().tags_for(Action::DevicesRead).unwrap(), None);
    }
}
