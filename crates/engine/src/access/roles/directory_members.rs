//! Who has directory roles.

use mandate_model::Member;
use mandate_store::{DirectoryRoleMember, Session};
use serde_json::json;
use uuid::Uuid;

use super::super::escalation::require_actions;
use super::super::scope::out_of_scope;
use super::DirectoryRole;
use crate::audit::Change;
use crate::{Action, Actor, Engine, EngineError, Page, Powers};

impl Engine {
    /// The directory roles.
    pub fn list_directory_roles(
        &self,
        actor: &Actor,
    ) -> Result<&'static [DirectoryRole], EngineError> {
        actor.require(Action::DirectoryRolesRead)?;
        Ok(&DirectoryRole::ALL)
    }

    /// Who was given a directory role, by id: people, and groups whose people have it.
    pub async fn list_directory_role_members(
        &self,
        actor: &Actor,
        role: DirectoryRole,
        page: Page<Uuid>,
    ) -> Result<Vec<Member>, EngineError> {
        actor.require(Action::DirectoryRolesRead)?;
        let mut session = self.store().read().await?;
        let members = session
            .list_directory_role_members(role.id(), page.after, page.limit)
            .await?;
        Ok(members.into_iter().map(|member| member.member).collect())
    }

    /// Gives a directory role to a person, or to the people of a group.
    pub async fn add_directory_role_member(
        &self,
        actor: &Actor,
        role: DirectoryRole,
        member: Member,
    ) -> Result<(), EngineError> {
        require_giver(actor, role)?;
        let mut session = self.store().write().await?;
        session.hold_access().await?;
        let name = name_of(&mut session, member).await?;
        let record = DirectoryRoleMember {
            role_id: role.id(),
            member,
            created_at: self.now(),
        };
        if !session.insert_directory_role_member(&record).await? {
            return Err(EngineError::AlreadyExists {
                what: "member",
                property: "members",
                value: member.id().to_string(),
            });
        }
        let after = json!({ "members": [member.id()], "name": name });
        let change = Change::action("addMember", "directoryRole", role.id(), role.name(), after);
        self.audit(&mut session, actor, change).await?;
        Ok(session.commit().await?)
    }

    /// Takes a directory role. The last Global Administrator keeps it: nobody could give it again.
    pub async fn remove_directory_role_member(
        &self,
        actor: &Actor,
        role: DirectoryRole,
        member: Uuid,
    ) -> Result<(), EngineError> {
        require_giver(actor, role)?;
        let mut session = self.store().write().await?;
        session.hold_access().await?;
        let somebody = Somebody::before(&mut session).await?;
        if !session
            .delete_directory_role_member(role.id(), member)
            .await?
        {
            return Err(EngineError::not_found("member", member));
        }
        somebody.require_still(&mut session).await?;
        let after = json!({ "members": [member] });
        let change = Change::action(
            "removeMember",
            "directoryRole",
            role.id(),
            role.name(),
            after,
        );
        self.audit(&mut session, actor, change).await?;
        Ok(session.commit().await?)
    }
}

/// Whether somebody is a Global Administrator, themselves or by a group, and may sign in: looked at before a change that
/// could take the last one away. The session must hold access.
pub(crate) struct Somebody {
    was_there: bool,
}

impl Somebody {
    /// Looks before the change.
    pub(crate) async fn before(session: &mut Session) -> Result<Self, EngineError> {
        let was_there = Self::is_there(session).await?;
        Ok(Self { was_there })
    }

    /// Refuses the change, which has been made in this transaction, if it leaves nobody who can give roles.
    pub(crate) async fn require_still(self, session: &mut Session) -> Result<(), EngineError> {
        if !self.was_there || Self::is_there(session).await? {
            return Ok(());
        }
        let reason = "this is the last Global Administrator: make another one first".to_owned();
        Err(EngineError::NotPossible { reason })
    }

    async fn is_there(session: &mut Session) -> Result<bool, EngineError> {
        let role = DirectoryRole::GlobalAdministrator.id();
        Ok(session.count_able_holders(role).await? > 0)
    }
}

fn require_giver(actor: &Actor, role: DirectoryRole) -> Result<(), EngineError> {
    let action = Action::DirectoryRolesAssign;
    actor.require_everywhere(action)?;
    require_actions(actor, &role.actions())?;
    match actor.powers() {
        Powers::Everything => Ok(()),
        // Parts of a directory role may come from assignments with a scope; the role itself has none.
        Powers::Granted(own) => {
            let has = |wanted: &Action| {
                own.iter()
                    .any(|grant| grant.actions.contains(wanted) && grant.is_everywhere())
            };
            if role.actions().iter().all(has) {
                Ok(())
            } else {
                Err(out_of_scope(action))
            }
        }
    }
}

async fn name_of(session: &mut Session, member: Member) -> Result<String, EngineError> {
    let name = match member {
        Member::User(id) => session.find_user(id).await?.map(|user| user.display_name),
        Member::Group(id) => session
            .find_group(id)
            .await?
            .map(|group| group.display_name),
        Member::Device(_) => None,
    };
    name.ok_or_else(|| EngineError::not_found("directory object", member.id()))
}
