//! People.

use mandate_model::{Group, Member, User, UserId};
use mandate_pki::authority::RevocationReason;
use mandate_store::{AfterName, Session, StoreError, UserFilter};
use serde_json::{Map, Value, json};

use super::source::{require_own_user, require_unsourced};
use crate::access::Somebody;
use crate::access::growth::Before;
use crate::access::scope::{require_newcomer, require_person, shows_device};
use crate::audit::Change;
use crate::{Action, Actor, Engine, EngineError, NewPassword, Page};

/// A person to be added.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NewUser {
    /// Sign-in name, bare or with its domain.
    pub user_principal_name: String,
    /// Name for people.
    pub display_name: String,
    /// First name.
    pub given_name: Option<String>,
    /// Last name.
    pub surname: Option<String>,
    /// Primary SMTP address.
    pub mail: Option<String>,
    /// `sAMAccountName`.
    pub on_premises_sam_account_name: Option<String>,
    /// Full DNS name of the on-premises domain.
    pub on_premises_domain_name: Option<String>,
    /// Short name of the on-premises domain.
    pub on_premises_net_bios_name: Option<String>,
    /// Distinguished name in the on-premises directory.
    pub on_premises_distinguished_name: Option<String>,
    /// SID in the on-premises directory.
    pub on_premises_security_identifier: Option<String>,
    /// Whether the account may not be used.
    pub account_disabled: bool,
    /// First password.
    pub password: Option<NewPassword>,
    /// Further Graph properties.
    pub other: Map<String, Value>,
}

impl Engine {
    /// People by id.
    pub async fn list_users(
        &self,
        actor: &Actor,
        filter: UserFilter,
        page: Page<UserId>,
    ) -> Result<Vec<User>, EngineError> {
        actor.require(Action::UsersRead)?;
        Ok(self
            .store()
            .read()
            .await?
            .list_users(&filter, page.after, page.limit)
            .await?)
    }

    /// People in the order of their names, whose name, sign-in name or mail address contains a text.
    pub async fn search_users(
        &self,
        actor: &Actor,
        text: Option<&str>,
        (after, limit): (Option<&AfterName<UserId>>, u32),
    ) -> Result<Vec<User>, EngineError> {
        actor.require(Action::UsersRead)?;
        let mut session = self.store().read().await?;
        Ok(session.search_users(text, after, limit).await?)
    }

    /// A person by id or sign-in name.
    pub async fn find_user(&self, actor: &Actor, key: &str) -> Result<Option<User>, EngineError> {
        let mut session = self.store().read().await?;
        // Everybody may know who they are.
        if let Some(id) = actor.user()
            && key.parse() == Ok(id)
        {
            return Ok(session.find_user(id).await?);
        }
        actor.require(Action::UsersRead)?;
        if let Ok(id) = key.parse()
            && let Some(user) = session.find_user(id).await?
        {
            return Ok(Some(user));
        }
        Ok(session.find_user_by_name(key).await?)
    }

    /// How many people there are.
    pub async fn count_users(&self, actor: &Actor) -> Result<i64, EngineError> {
        actor.require(Action::UsersRead)?;
        Ok(self.store().read().await?.count_users().await?)
    }

    /// Adds a person.
    pub async fn create_user(&self, actor: &Actor, new: NewUser) -> Result<User, EngineError> {
        actor.require(Action::UsersUpdate)?;
        if new.password.is_some() {
            actor.require(Action::CredentialsReset)?;
        }
        let now = self.now();
        let user = User {
            id: UserId(self.chance().id(now)),
            user_principal_name: new.user_principal_name,
            display_name: new.display_name,
            given_name: new.given_name,
            surname: new.surname,
            mail: new.mail,
            on_premises_sam_account_name: new.on_premises_sam_account_name,
            on_premises_domain_name: new.on_premises_domain_name,
            on_premises_net_bios_name: new.on_premises_net_bios_name,
            on_premises_distinguished_name: new.on_premises_distinguished_name,
            on_premises_security_identifier: new.on_premises_security_identifier,
            account_enabled: !new.account_disabled,
            other: new.other,
            created_at: now,
        };
        let user = checked(user)?;
        let password = match &new.password {
            Some(new) => Some((self.hash_new_password(&user, new).await?, new.must_change)),
            None => None,
        };
        let mut session = self.store().write().await?;
        session.hold_access().await?;
        require_newcomer(actor, Action::UsersUpdate)?;
        if password.is_some() {
            require_newcomer(actor, Action::CredentialsReset)?;
        }
        self.put_newcomer(&mut session, actor, &user).await?;
        if let Some(password) = password {
            self.put_password(&mut session, actor, &user, password)
                .await?;
        }
        session.commit().await?;
        Ok(user)
    }

    /// Changes a person's record. Devices get what follows from it at their next check-in.
    pub async fn update_user(
        &self,
        actor: &Actor,
        id: UserId,
        change_user: impl FnOnce(&mut User) + Send,
    ) -> Result<User, EngineError> {
        actor.require(Action::UsersUpdate)?;
        let mut session = self.store().write().await?;
        session.hold_access().await?;
        let before = session
            .find_user(id)
            .await?
            .ok_or_else(|| EngineError::not_found("user", id))?;
        self.require_change_of_user(&mut session, actor, id).await?;
        let mut user = before.clone();
        change_user(&mut user);
        let user = checked(User {
            id,
            created_at: before.created_at,
            ..user
        })?;
        if user == before {
            return Ok(user);
        }
        require_own_user(&mut session, &before, &user).await?;
        self.put_changed(&mut session, actor, &before, &user)
            .await?;
        session.commit().await?;
        Ok(user)
    }

    /// Writes a new person, who has been checked. Access is held.
    pub(super) async fn put_newcomer(
        &self,
        session: &mut Session,
        actor: &Actor,
        user: &User,
    ) -> Result<(), EngineError> {
        session
            .insert_user(user)
            .await
            .map_err(|error| taken(error, user))?;
        let change = Change::create(KIND, user.id, &user.display_name, properties(user));
        self.audit(session, actor, change).await?;
        self.follow_rules(session, actor, Member::User(user.id))
            .await?;
        Ok(())
    }

    /// Writes a person's new record, which has been checked, and what follows from it. Access is held.
    pub(super) async fn put_changed(
        &self,
        session: &mut Session,
        actor: &Actor,
        before: &User,
        user: &User,
    ) -> Result<(), EngineError> {
        let id = user.id;
        let is_disabled = before.account_enabled && !user.account_enabled;
        let somebody = if is_disabled {
            Some(Somebody::before(session).await?)
        } else {
            None
        };
        session
            .update_user(user)
            .await
            .map_err(|error| taken(error, user))?;
        if let Some(somebody) = somebody {
            somebody.require_still(session).await?;
        }
        // The devices first, as whoever serves one of them begins with it.
        session.mark_stale_of_user(id, self.now()).await?;
        self.follow_rules(session, actor, Member::User(id)).await?;
        if is_disabled {
            self.end_speaking_for(session, id).await?;
            self.end_access(session, id).await?;
        }
        let (old, new) = (properties(before), properties(user));
        let change = Change::update(KIND, id, &user.display_name, &old, &new);
        self.audit(session, actor, change).await
    }

    /// Removes a person. Devices stay enrolled, without a user; what was made for the person is taken away. Imported
    /// certificates go with their keys, and nobody is asked to revoke them.
    pub async fn delete_user(&self, actor: &Actor, id: UserId) -> Result<(), EngineError> {
        actor.require(Action::UsersUpdate)?;
        let mut session = self.store().write().await?;
        session.hold_access().await?;
        let user = session
            .find_user(id)
            .await?
            .ok_or_else(|| EngineError::not_found("user", id))?;
        self.require_change_of_user(&mut session, actor, id).await?;
        require_unsourced(&mut session, KIND, id.0, &user.display_name).await?;
        let before = Before::look(&mut session, actor, Member::User(id)).await?;
        session.mark_stale_of_user(id, self.now()).await?;
        self.end_speaking_for(&mut session, id).await?;
        let somebody = Somebody::before(&mut session).await?;
        session.delete_directory_role_memberships(id.0).await?;
        session.delete_ownerships(id).await?;
        session.delete_imported_of_user(id).await?;
        session.delete_notices_of_user(id).await?;
        session.delete_profile_drafts_of_user(id).await?;
        session.delete_people_import(id).await?;
        session.delete_identity_links_of_user(id).await?;
        session.delete_enrolment_manager(id).await?;
        session.delete_acceptances_of_user(id).await?;
        self.forget_credentials(&mut session, id).await?;
        session.delete_source_entry_of(id.0).await?;
        session.delete_user(id).await?;
        somebody.require_still(&mut session).await?;
        for device in before.devices() {
            session.retag_device(device, None).await?;
        }
        before.require_no_more(&mut session, actor).await?;
        let change = Change::delete(KIND, id, &user.display_name, properties(&user));
        self.audit(&mut session, actor, change).await?;
        Ok(session.commit().await?)
    }

    /// Refuses to change people outside of the actor's scope, and those who have roles of which the actor lacks anything.
    pub(super) async fn require_change_of_user(
        &self,
        session: &mut Session,
        actor: &Actor,
        id: UserId,
    ) -> Result<(), EngineError> {
        require_person(session, actor, Action::UsersUpdate, id).await?;
        self.require_power_over(session, actor, Member::User(id))
            .await
    }

    /// Nothing speaks for a person any more who may not: not even on devices that do not come for weeks.
    async fn end_speaking_for(&self, session: &mut Session, id: UserId) -> Result<(), EngineError> {
        // First: who is redeeming one at this moment is waited for, and what was issued is revoked below.
        session.delete_open_challenges_of_user(id).await?;
        let reason = i64::from(RevocationReason::PrivilegeWithdrawn.code());
        session
            .revoke_certificates_of_user(id, self.now(), reason)
            .await?;
        Ok(())
    }

    /// Groups that contain an object.
    pub async fn groups_of(
        &self,
        actor: &Actor,
        member: Member,
        transitive: bool,
    ) -> Result<Vec<Group>, EngineError> {
        actor.require(Action::GroupsRead)?;
        let mut session = self.store().read().await?;
        if let Member::Device(id) = member {
            actor.require_role(Action::DevicesRead)?;
            if !shows_device(&mut session, &actor.scope_of_members(), id).await? {
                return Err(EngineError::not_found("device", id));
            }
        }
        let mut groups = Vec::new();
        for id in session.groups_of(member.id(), transitive).await? {
            groups.extend(session.find_group(id).await?);
        }
        Ok(groups)
    }
}

/// A record that keeps the rules: texts are trimmed, empty ones absent.
pub(super) fn checked(mut user: User) -> Result<User, EngineError> {
    for text in [
        &mut user.given_name,
        &mut user.surname,
        &mut user.mail,
        &mut user.on_premises_sam_account_name,
        &mut user.on_premises_domain_name,
        &mut user.on_premises_net_bios_name,
        &mut user.on_premises_distinguished_name,
        &mut user.on_premises_security_identifier,
    ] {
        *text = text
            .take()
            .map(|text| text.trim().to_owned())
            .filter(|text| !text.is_empty());
    }
    let name = &user.user_principal_name;
    let is_wrong =
        |c: char| c.is_whitespace() || c.is_control() || "\\%&*+/=?{}|<>();:,[]\"".contains(c);
    if name.is_empty() || name.chars().count() > 113 || name.chars().any(is_wrong) {
        let rule = "must have 1 to 113 characters without blanks and without \\ % & * + / = ? { } | < > ( ) ; : , [ ] \"";
        return Err(EngineError::invalid("userPrincipalName", rule, Some(name)));
    }
    if user.display_name.trim().is_empty() || user.display_name.chars().count() > 256 {
        return Err(EngineError::invalid(
            "displayName",
            "must have 1 to 256 characters",
            Some(&user.display_name),
        ));
    }
    if let Some(mail) = &user.mail
        && (mail.len() > 320
            || mail.split('@').count() != 2
            || mail.starts_with('@')
            || mail.ends_with('@'))
    {
        return Err(EngineError::invalid(
            "mail",
            "must be an address such as `ada@example.com`",
            Some(mail),
        ));
    }
    Ok(user)
}

fn taken(error: StoreError, user: &User) -> EngineError {
    match error {
        StoreError::Duplicate => EngineError::AlreadyExists {
            what: "user",
            property: "userPrincipalName",
            value: user.user_principal_name.clone(),
        },
        other => other.into(),
    }
}

/// What the audit says of a person, in Graph's words.
pub(super) fn properties(user: &User) -> Value {
    let mut properties = user.other.clone();
    let known = json!({
        "userPrincipalName": user.user_principal_name,
        "displayName": user.display_name,
        "givenName": user.given_name,
        "surname": user.surname,
        "mail": user.mail,
        "onPremisesSamAccountName": user.on_premises_sam_account_name,
        "onPremisesDomainName": user.on_premises_domain_name,
        "onPremisesNetBiosName": user.on_premises_net_bios_name,
        "onPremisesDistinguishedName": user.on_premises_distinguished_name,
        "onPremisesSecurityIdentifier": user.on_premises_security_identifier,
        "accountEnabled": user.account_enabled,
    });
    if let Value::Object(known) = known {
        properties.extend(known);
    }
    Value::Object(properties)
}

/// What the audit calls people.
const KIND: &str = "user";
