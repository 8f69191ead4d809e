//! People of a source.

use mandate_model::{User, UserId};
use mandate_store::{Session, SourceEntryRecord, SourceKind};
use uuid::Uuid;

use super::apply::{blame, entry_of, stamp};
use super::record::{Source, SourceFault, SourceOutcome, Sourced, SourcedPerson, Writing, Written};
use super::take::fault_of;
use crate::access::scope::require_newcomer;
use crate::directory::users::checked;
use crate::{Action, Actor, Engine, EngineError};

/// Characters of a sign-in name.
const LONGEST_NAME: usize = 113;

impl Engine {
    /// Takes a page of people, some hundreds at most; what became of each, in their order. People are known by what the
    /// source calls them for good; somebody new is taken for the person of the same sign-in name who is here already, if
    /// there is one who comes from nowhere else.
    pub async fn take_people(
        &self,
        actor: &Actor,
        source: &Source,
        people: &[SourcedPerson],
    ) -> Result<Vec<SourceOutcome>, EngineError> {
        actor.require(Action::UsersUpdate)?;
        require_newcomer(actor, Action::UsersUpdate)?;
        self.take(actor, source, people).await
    }
}

impl Sourced for SourcedPerson {
    const KIND: SourceKind = SourceKind::User;

    fn external_id(&self) -> &str {
        &self.external_id
    }

    fn locator(&self) -> Option<&str> {
        self.locator.as_deref()
    }

    async fn write(
        &self,
        writing: &mut Writing<'_>,
        entry: Option<&SourceEntryRecord>,
    ) -> Result<Written, EngineError> {
        if let Some(fault) = self.fault() {
            return Ok(Written::Not(fault));
        }
        let known = entry.and_then(|entry| entry.object);
        let mut before = match known {
            Some(id) => writing.session.find_user(UserId(id)).await?,
            None => None,
        };
        let mut is_adopted = false;
        match self.namesake(writing, before.as_ref()).await? {
            Namesake::None => {}
            Namesake::Same(person) => {
                before = Some(*person);
                is_adopted = true;
            }
            Namesake::Other(fault) => return Ok(Written::Not(fault)),
        }
        if let Some(fault) = self.shared_address(writing, before.as_ref()).await? {
            return Ok(Written::Not(fault));
        }
        let (engine, source, now) = (writing.engine, writing.source, writing.engine.now());
        let user = match &before {
            Some(before) => self.onto(source, before),
            None => self.newcomer(source, UserId(engine.chance().id(now)), now),
        };
        let mut user = match checked(user) {
            Ok(user) => user,
            Err(error) => return Ok(Written::Not(fault_of(&error))),
        };
        let was_gone = entry.is_some_and(|entry| entry.gone_at.is_some());
        let id = user.id.0;
        let outcome = match &before {
            None => SourceOutcome::Created(id),
            Some(_) if is_adopted => SourceOutcome::Adopted(id),
            Some(before) if before.account_enabled && !user.account_enabled => {
                SourceOutcome::Disabled(id)
            }
            Some(before) if was_gone || (!before.account_enabled && user.account_enabled) => {
                SourceOutcome::Restored(id)
            }
            Some(before) if *before == user => SourceOutcome::Unchanged(id),
            Some(_) => SourceOutcome::Changed(id),
        };
        let (session, actor) = (&mut writing.session, writing.actor);
        match before {
            None => {
                stamp(source, &mut user.other, now);
                engine.put_newcomer(session, actor, &user).await?;
            }
            Some(before) if before != user => {
                engine
                    .require_change_of_user(session, actor, user.id)
                    .await?;
                stamp(source, &mut user.other, now);
                engine.put_changed(session, actor, &before, &user).await?;
            }
            Some(_) => {}
        }
        session
            .put_source_entry(&entry_of(source, self, id, now))
            .await?;
        Ok(Written::Done(outcome))
    }

    async fn blame(
        &self,
        writing: &mut Writing<'_>,
        object: Uuid,
        fault: &SourceFault,
    ) -> Result<(), EngineError> {
        let Some(before) = writing.session.find_user(UserId(object)).await? else {
            return Ok(());
        };
        let mut user = before.clone();
        blame(&mut user.other, fault, writing.engine.now());
        if user == before {
            return Ok(());
        }
        let (engine, actor) = (writing.engine, writing.actor);
        engine
            .put_changed(&mut writing.session, actor, &before, &user)
            .await
    }
}

/// Who has the sign-in name already.
enum Namesake {
    /// Nobody else.
    None,
    /// Somebody who is the same person.
    Same(Box<User>),
    /// Somebody else.
    Other(SourceFault),
}

impl SourcedPerson {
    async fn namesake(
        &self,
        writing: &mut Writing<'_>,
        before: Option<&User>,
    ) -> Result<Namesake, EngineError> {
        let name = &self.user_principal_name;
        if before
            .is_some_and(|before| before.user_principal_name.to_lowercase() == name.to_lowercase())
        {
            return Ok(Namesake::None);
        }
        let property = "userPrincipalName";
        let Some(other) = writing.session.find_user_by_name(name).await? else {
            return Ok(Namesake::None);
        };
        match writing.session.find_source_entry_of(other.id.0).await? {
            Some(entry) if entry.gone_at.is_some() => {
                // Names are given away again when people leave: whoever has it now is somebody else.
                give_name_up(writing, &other, entry).await?;
                Ok(Namesake::None)
            }
            Some(entry) => {
                let reason = format!("an entry of `{}` has it already", entry.source);
                Ok(Namesake::Other(SourceFault::conflict(
                    property, name, &reason,
                )))
            }
            None if before.is_some() => {
                let reason = "somebody else here has it already";
                Ok(Namesake::Other(SourceFault::conflict(
                    property, name, reason,
                )))
            }
            None if !writing.source.trusts_names
                && writing.session.has_any_role(other.id).await? =>
            {
                let reason = "the person of that name has a role here and is not matched by name";
                Ok(Namesake::Other(SourceFault::not_allowed(
                    property, name, reason,
                )))
            }
            None => Ok(Namesake::Same(Box::new(other))),
        }
    }

    /// An address that somebody else has.
    async fn shared_address(
        &self,
        writing: &mut Writing<'_>,
        before: Option<&User>,
    ) -> Result<Option<SourceFault>, EngineError> {
        let Some(mail) = self
            .mail
            .as_deref()
            .map(str::trim)
            .filter(|mail| !mail.is_empty())
        else {
            return Ok(None);
        };
        let had = before.and_then(|before| before.mail.as_deref());
        if had.is_some_and(|had| had.to_lowercase() == mail.to_lowercase()) {
            return Ok(None);
        }
        let before = before.map(|before| before.id);
        if has_other_with_mail(&mut writing.session, mail, before).await? {
            let reason = "somebody else has this address already";
            return Ok(Some(SourceFault::conflict("mail", mail, reason)));
        }
        Ok(None)
    }
}

/// Whether somebody else has an address who has not left.
pub(in crate::directory) async fn has_other_with_mail(
    session: &mut Session,
    mail: &str,
    person: Option<UserId>,
) -> Result<bool, EngineError> {
    for other in session.ids_by_mail(mail, 10).await? {
        if person != Some(other) && !is_gone(session, other.0).await? {
            return Ok(true);
        }
    }
    Ok(false)
}

async fn is_gone(session: &mut Session, object: Uuid) -> Result<bool, EngineError> {
    let entry = session.find_source_entry_of(object).await?;
    Ok(entry.is_some_and(|entry| entry.gone_at.is_some()))
}

/// Gives the name of somebody who is gone free for others, by putting their id before it.
async fn give_name_up(
    writing: &mut Writing<'_>,
    person: &User,
    entry: SourceEntryRecord,
) -> Result<(), EngineError> {
    let id = person.id.0.simple();
    let name = format!("{id}{}", person.user_principal_name);
    let renamed = User {
        user_principal_name: name.chars().take(LONGEST_NAME).collect(),
        ..person.clone()
    };
    let (engine, actor) = (writing.engine, writing.actor);
    engine
        .put_changed(&mut writing.session, actor, person, &renamed)
        .await?;
    // If they come back, it is not as they were.
    let entry = SourceEntryRecord {
        digest: None,
        ..entry
    };
    Ok(writing.session.put_source_entry(&entry).await?)
}
