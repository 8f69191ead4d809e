//! People and groups.

mod groups;
mod import;
mod members;
mod owners;
mod provisioning;
mod rules;
mod source;
mod sync;
mod users;

pub use groups::NewGroup;
pub use import::{
    ImportedPerson, KnownPeople, MOST_PEOPLE, MOST_PEOPLE_BYTES, PeopleFile, PeopleImport,
    PeopleReport, PersonOutcome,
};
pub use members::Newcomers;
pub use provisioning::{
    NewScimToken, ProvisionFault, ProvisionWriting, Provisioned, ProvisionedKind, ProvisionedQuery,
    ScimToken,
};
pub(crate) use rules::Rules;
pub use rules::{
    CountedMembers, MOST_RULES, MemberEvaluation, PreviewedProfile, RulePreview, RuleProblem,
    RuleSource,
};
pub use source::{MembersMoved, Source, SourceFault, SourceOutcome, SourcedGroup, SourcedPerson};
pub use sync::{
    DirectoryKind, DirectoryWorry, LackingProperty, Readiness, Suffix, SyncCounts, SyncEnd,
    SyncExample, SyncForecast, SyncReport, SyncSettings, SyncedDirectory,
};
pub use users::NewUser;

use mandate_model::{Device, Group, User};
use uuid::Uuid;

use crate::access::scope::shows_device;
use crate::{Action, Actor, Engine, EngineError};

/// Something in the directory.
#[derive(Debug, Clone, PartialEq)]
pub enum Object {
    /// A person.
    User(User),
    /// A group.
    Group(Group),
    /// A device.
    Device(Device),
}

impl Engine {
    /// Whatever has this id.
    pub async fn find_object(
        &self,
        actor: &Actor,
        id: Uuid,
    ) -> Result<Option<Object>, EngineError> {
        let mut session = self.store().read().await?;
        if let Some(user) = session.find_user(id.into()).await? {
            actor.require(Action::UsersRead)?;
            return Ok(Some(Object::User(user)));
        }
        if let Some(group) = session.find_group(id.into()).await? {
            actor.require(Action::GroupsRead)?;
            return Ok(Some(Object::Group(group)));
        }
        // Whoever may see nothing learns nothing, not even what is missing.
        actor.require(Action::DevicesRead).or_else(|error| {
            actor
                .require(Action::UsersRead)
                .or_else(|_| actor.require(Action::GroupsRead))
                .map_err(|_| error)
        })?;
        let devices = actor.scope_of_members();
        let device = match session.find_device(id.into()).await? {
            Some(record) if shows_device(&mut session, &devices, record.device.id).await? => {
                Some(Object::Device(record.device))
            }
            _ => None,
        };
        if device.is_some() {
            actor.require(Action::DevicesRead)?;
        }
        Ok(device)
    }
}
