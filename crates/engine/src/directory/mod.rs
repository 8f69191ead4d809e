//! People and groups.

mod groups;
mod owners;
mod users;

pub use groups::{NewGroup, Newcomers};
pub use users::NewUser;

use mandate_model::{Device, Group, User};
use uuid::Uuid;

use crate::{Actor, Engine, EngineError, Permission};

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
            actor.require(Permission::UserRead)?;
            return Ok(Some(Object::User(user)));
        }
        if let Some(group) = session.find_group(id.into()).await? {
            actor.require(Permission::GroupRead)?;
            return Ok(Some(Object::Group(group)));
        }
        // Whoever may see nothing learns nothing, not even what is missing.
        actor
            .require(Permission::DirectoryRead)
            .or_else(|_| actor.require(Permission::DevicesRead))
            .or_else(|error| {
                actor
                    .require(Permission::UserRead)
                    .or_else(|_| actor.require(Permission::GroupRead))
                    .map_err(|_| error)
            })?;
        let device = session
            .find_device(id.into())
            .await?
            .map(|record| Object::Device(record.device));
        if device.is_some() {
            actor
                .require(Permission::DirectoryRead)
                .or_else(|_| actor.require(Permission::DevicesRead))?;
        }
        Ok(device)
    }
}
