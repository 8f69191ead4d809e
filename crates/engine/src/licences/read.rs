//! Who has a licence, and by what.

use mandate_model::{Group, Timestamp, User, UserId};
use mandate_store::{LicenceHolder, LicenceRecord, Session};

use super::seats::licensed;
use super::{LicenceLoss, Licensed, Rules};
use crate::{Action, Actor, Engine, EngineError, Page};

/// Licences in numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LicenceSummary {
    /// How many there are; `None` for as many as are wanted.
    pub units: Option<i64>,
    /// How many people have one.
    pub consumed: i64,
    /// How many people are given one and wait for it, because all are taken.
    pub waiting: i64,
    /// How many people there are.
    pub people: i64,
    /// Whether everybody is given one.
    pub everybody: bool,
    /// How many people are given one by name.
    pub by_name: i64,
    /// What becomes of the devices of those who lose theirs.
    pub on_loss: LicenceLoss,
}

/// By what somebody is given a licence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LicenceSource {
    /// To whom it was given.
    pub holder: LicenceHolder,
    /// The name of the group, if it is one.
    pub group: Option<String>,
    /// When it was given.
    pub since: Timestamp,
}

/// The licence of one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserLicence {
    /// Whether they have one.
    pub state: Licensed,
    /// By what; a person may be given it in several ways.
    pub sources: Vec<LicenceSource>,
}

/// Somebody who is given a licence.
#[derive(Debug, Clone, PartialEq)]
pub struct LicensedPerson {
    /// Who.
    pub user: User,
    /// Their licence.
    pub licence: UserLicence,
}

/// Groups that are looked at at once.
const GROUPS: u32 = 1000;

impl Engine {
    /// Licences in numbers.
    pub async fn licence_summary(&self, actor: &Actor) -> Result<LicenceSummary, EngineError> {
        actor.require(Action::UsersRead)?;
        let mut session = self.store().read().await?;
        let rules = Rules::read(&mut session).await?;
        let given = session.count_people_with_licence().await?;
        let consumed = match rules.units {
            None => given,
            Some(_) => session.count_people_with_seat().await?,
        };
        Ok(LicenceSummary {
            units: rules.units,
            consumed,
            waiting: given - consumed,
            people: session.count_users().await?,
            everybody: session.is_licence_holder(LicenceHolder::Everybody).await?,
            by_name: session.count_licensed_directly().await?,
            on_loss: rules.on_loss,
        })
    }

    /// The licence of a person. Everybody may know it of themselves.
    pub async fn user_licence(
        &self,
        actor: &Actor,
        user: UserId,
    ) -> Result<UserLicence, EngineError> {
        if actor.user() != Some(user) {
            actor.require(Action::UsersRead)?;
        }
        let mut session = self.store().read().await?;
        if session.find_user(user).await?.is_none() {
            return Err(EngineError::not_found("user", user));
        }
        licence_of(&mut session, user).await
    }

    /// Licences of these people, in their order.
    pub async fn licences_of_users(
        &self,
        actor: &Actor,
        users: &[UserId],
    ) -> Result<Vec<UserLicence>, EngineError> {
        actor.require(Action::UsersRead)?;
        let mut session = self.store().read().await?;
        let mut found = Vec::with_capacity(users.len());
        for user in users {
            found.push(licence_of(&mut session, *user).await?);
        }
        Ok(found)
    }

    /// People who are given a licence, by id.
    pub async fn list_licensed(
        &self,
        actor: &Actor,
        page: Page<UserId>,
    ) -> Result<Vec<LicensedPerson>, EngineError> {
        actor.require(Action::UsersRead)?;
        let mut session = self.store().read().await?;
        let ids = session
            .list_people_with_licence(page.after, page.limit)
            .await?;
        let mut people = Vec::with_capacity(ids.len());
        for id in ids {
            if let Some(user) = session.find_user(id).await? {
                let licence = licence_of(&mut session, id).await?;
                people.push(LicensedPerson { user, licence });
            }
        }
        Ok(people)
    }

    /// Groups whose people are given a licence.
    pub async fn list_licensed_groups(&self, actor: &Actor) -> Result<Vec<Group>, EngineError> {
        actor.require(Action::UsersRead)?;
        let mut session = self.store().read().await?;
        let mut groups = Vec::new();
        for id in session.list_licensed_groups(None, GROUPS).await? {
            groups.extend(session.find_group(id).await?);
        }
        groups.sort_by_key(|group| group.display_name.to_lowercase());
        Ok(groups)
    }
}

async fn licence_of(session: &mut Session, user: UserId) -> Result<UserLicence, EngineError> {
    let rules = Rules::read(session).await?;
    let state = licensed(session, rules, user).await?;
    let mut sources = Vec::new();
    for LicenceRecord { holder, created_at } in session.licences_of(user).await? {
        let group = match holder {
            LicenceHolder::Group(id) => session.find_group(id).await?.map(|one| one.display_name),
            LicenceHolder::Everybody | LicenceHolder::User(_) => None,
        };
        sources.push(LicenceSource {
            holder,
            group,
            since: created_at,
        });
    }
    Ok(UserLicence { state, sources })
}
