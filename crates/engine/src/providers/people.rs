//! Who an account of a provider is here, and in which groups.

use std::collections::{BTreeMap, BTreeSet};

use mandate_model::{Group, GroupId, Member, User};
use mandate_store::{IdentityLinkRecord, Session, StoreError};
use serde_json::json;

use super::ProviderFault;
use super::settings::{How, Provider};
use crate::audit::Change;
use crate::domains::{normalise, proved_names};
use crate::{Actor, Engine, EngineError, NewUser};

/// Most characters of what a provider calls an account (OpenID Connect Core §2, `sub`).
const LONGEST_SUBJECT: usize = 255;

/// What a provider vouches for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Vouched {
    /// What it calls the account, for good.
    pub(super) subject: String,
    /// The sign-in name.
    pub(super) name: Option<String>,
    pub(super) display_name: Option<String>,
    pub(super) given_name: Option<String>,
    pub(super) surname: Option<String>,
    /// A verified address.
    pub(super) mail: Option<String>,
    pub(super) groups: Theirs,
    /// How it was proved (RFC 8176), parted by blanks.
    pub(super) methods: String,
}

/// In which of its groups a provider says that somebody is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Theirs {
    /// In these.
    Known(BTreeSet<String>),
    /// It does not say.
    Unknown(&'static str),
}

impl Engine {
    /// Who somebody is here for whom a provider vouches. The first time they are matched by name, unless they have a role
    /// and names are not to be relied on, and known by their subject from then on; memberships in mapped groups become
    /// what the provider says.
    pub(super) async fn person_of(
        &self,
        provider: &Provider,
        vouched: Vouched,
    ) -> Result<User, ProviderFault> {
        let refused = |reason: &str| ProviderFault::NotHere {
            provider: provider.name.clone(),
            subject: vouched.subject.clone(),
            reason: reason.to_owned(),
        };
        if vouched.subject.is_empty() {
            return Err(refused("it is nobody"));
        }
        if let Some(name) = &vouched.name
            && !speaks_for(provider, name, &self.proved_domains().await?)
        {
            return Err(refused("the provider may not speak for that domain"));
        }
        let groups = match &vouched.groups {
            Theirs::Known(groups) => groups,
            // Nobody keeps or loses a role because something was not said.
            Theirs::Unknown(reason) if !provider.settings.groups.is_empty() => {
                return Err(refused(&format!("the groups are not known: {reason}")));
            }
            Theirs::Unknown(_) => &BTreeSet::new(),
        };
        let user = match self.linked(provider, &vouched.subject).await? {
            Some(user) => user,
            None => self.match_by_name(provider, &vouched).await?,
        };
        if !user.account_enabled {
            return Err(refused("the account here is disabled"));
        }
        self.match_groups(provider, &user, groups).await?;
        Ok(user)
    }

    /// The names of the organisation's proved domains.
    pub(super) async fn proved_domains(&self) -> Result<Vec<String>, EngineError> {
        proved_names(&mut self.store().read().await?).await
    }

    /// Who was matched with an account before.
    async fn linked(
        &self,
        provider: &Provider,
        subject: &str,
    ) -> Result<Option<User>, ProviderFault> {
        let mut session = self.store().read().await?;
        let link = session.find_identity_link(&provider.name, subject).await?;
        match link {
            Some(link) => Ok(session.find_user(link.user).await?),
            None => Ok(None),
        }
    }

    async fn match_by_name(
        &self,
        provider: &Provider,
        vouched: &Vouched,
    ) -> Result<User, ProviderFault> {
        let refused = |reason: &str| ProviderFault::NotHere {
            provider: provider.name.clone(),
            subject: vouched.subject.clone(),
            reason: reason.to_owned(),
        };
        let Some(name) = &vouched.name else {
            return Err(refused("the provider gives no sign-in name"));
        };
        let mut session = self.store().read().await?;
        let known = session.find_user_by_name(name).await?;
        drop(session);
        let user = match known {
            Some(user) => user,
            None if provider.settings.creates_people => {
                match self.add_person(name, vouched).await {
                    Ok(user) => user,
                    Err(EngineError::Invalid(_)) => {
                        return Err(refused("nobody can have such a name here"));
                    }
                    Err(error) => return Err(error.into()),
                }
            }
            None => return Err(refused("nobody of that name is known here")),
        };
        let record = IdentityLinkRecord {
            provider: provider.name.clone(),
            subject: vouched.subject.clone(),
            user: user.id,
            created_at: self.now(),
        };
        let mut session = self.store().write().await?;
        // A name may be one that its bearer chose (OpenID Connect Core §5.7), so that none opens what a role gives.
        if !provider.settings.trusts_names && session.has_any_role(user.id).await? {
            return Err(refused(&format!(
                "{name} has a role here, and is not matched by name; `mandate provider link {} PERSON SUBJECT` links them",
                provider.name
            )));
        }
        match session.insert_identity_link(&record).await {
            Ok(()) => {}
            Err(StoreError::Duplicate) => {
                drop(session);
                // Somebody who is impatient comes twice at once.
                if let Some(linked) = self.linked(provider, &vouched.subject).await?
                    && linked.id == user.id
                {
                    return Ok(linked);
                }
                // Names are given away again when people leave: whoever comes with an old name is somebody else.
                return Err(refused(
                    "the person of that name is another account there; if it is the same person, remove the link first",
                ));
            }
            Err(error) => return Err(error.into()),
        }
        self.audit(&mut session, &Actor::system(), linking(&record, &user))
            .await?;
        session.commit().await?;
        Ok(user)
    }

    async fn add_person(&self, name: &str, vouched: &Vouched) -> Result<User, EngineError> {
        let new = NewUser {
            user_principal_name: name.to_owned(),
            display_name: vouched
                .display_name
                .clone()
                .unwrap_or_else(|| name.to_owned()),
            given_name: vouched.given_name.clone(),
            surname: vouched.surname.clone(),
            mail: vouched.mail.clone(),
            ..NewUser::default()
        };
        self.create_user(&Actor::system(), new).await
    }

    /// Makes a person's memberships in mapped groups what the provider says, and touches no others.
    async fn match_groups(
        &self,
        provider: &Provider,
        user: &User,
        theirs: &BTreeSet<String>,
    ) -> Result<(), EngineError> {
        let alike = match provider.settings.how {
            How::Oidc(_) => exactly,
            How::Ldap(_) => folded,
        };
        let wanted = wanted(&provider.settings.groups, theirs, alike);
        if wanted.is_empty() {
            return Ok(());
        }
        let mut session = self.store().write().await?;
        session.hold_access().await?;
        let mut changed = false;
        for (id, is_wanted) in wanted {
            let Some(group) = session.find_group(id).await? else {
                tracing::warn!(group.id = %id, "the provider {} maps to the group {id}, which is gone", provider.name);
                continue;
            };
            if group.rule.is_some() {
                tracing::warn!(group.id = %id, "the provider {} maps to the group {id}, whose rule says who is in it", provider.name);
                continue;
            }
            let is_member = session.find_member(id, user.id.0).await?.is_some();
            if is_member != is_wanted {
                self.set_membership(&mut session, provider, &group, user, is_wanted)
                    .await?;
                changed = true;
            }
        }
        if changed {
            session.commit().await?;
        }
        Ok(())
    }

    async fn set_membership(
        &self,
        session: &mut Session,
        provider: &Provider,
        group: &Group,
        user: &User,
        is_wanted: bool,
    ) -> Result<(), EngineError> {
        let activity = if is_wanted {
            session
                .insert_member(group.id, Member::User(user.id))
                .await?;
            "addMember"
        } else {
            session.delete_member(group.id, user.id.0).await?;
            "removeMember"
        };
        session.retag_devices_of_user(user.id).await?;
        session.mark_stale_of_user(user.id, self.now()).await?;
        let change = Change::action(
            activity,
            "group",
            group.id,
            &group.display_name,
            json!({ "members": [user.id], "identityProvider": provider.name }),
        );
        self.audit(session, &Actor::system(), change).await
    }

    /// Says which account of a provider somebody is; `subject` is what it calls the account for good.
    pub async fn link_to_provider(
        &self,
        actor: &Actor,
        provider: &str,
        person: &str,
        subject: &str,
    ) -> Result<(), EngineError> {
        Self::require_power_over_sign_in(actor)?;
        if subject.is_empty() || subject.len() > LONGEST_SUBJECT {
            let rule = "must have 1 to 255 characters";
            return Err(EngineError::invalid("subject", rule, None));
        }
        let user = self
            .find_user(&Actor::system(), person)
            .await?
            .ok_or_else(|| EngineError::not_found("user", person))?;
        let record = IdentityLinkRecord {
            provider: provider.to_owned(),
            subject: subject.to_owned(),
            user: user.id,
            created_at: self.now(),
        };
        let mut session = self.store().write().await?;
        if session.find_identity_provider(provider).await?.is_none() {
            return Err(EngineError::not_found("identity provider", provider));
        }
        let inserted = session.insert_identity_link(&record).await;
        inserted.map_err(|error| match error {
            StoreError::Duplicate => EngineError::AlreadyExists {
                what: "link",
                property: "person or subject",
                value: format!("{person}, {subject}"),
            },
            other => other.into(),
        })?;
        self.audit(&mut session, actor, linking(&record, &user))
            .await?;
        Ok(session.commit().await?)
    }

    /// Forgets which account of a provider somebody is; the next one of their name is taken for them if they have no role.
    pub async fn unlink_from_provider(
        &self,
        actor: &Actor,
        provider: &str,
        person: &str,
    ) -> Result<(), EngineError> {
        Self::require_power_over_sign_in(actor)?;
        let user = self
            .find_user(&Actor::system(), person)
            .await?
            .ok_or_else(|| EngineError::not_found("user", person))?;
        let mut session = self.store().write().await?;
        let link = session.find_identity_link_of(provider, user.id).await?;
        let link = link.ok_or_else(|| EngineError::not_found("link", person))?;
        session.delete_identity_link(provider, user.id).await?;
        let before = json!({ "identityProvider": provider, "subject": link.subject });
        let change = Change::delete("identityLink", user.id, &user.display_name, before);
        self.audit(&mut session, actor, change).await?;
        Ok(session.commit().await?)
    }
}

/// That an account of a provider is a person from now on.
fn linking<'a>(link: &IdentityLinkRecord, user: &'a User) -> Change<'a> {
    Change::action(
        "link",
        "user",
        user.id,
        &user.display_name,
        json!({ "identityProvider": link.provider, "subject": link.subject }),
    )
}

/// Which mapped groups somebody is to be in, and which not.
fn wanted(
    mapping: &BTreeMap<String, GroupId>,
    theirs: &BTreeSet<String>,
    alike: fn(&str) -> String,
) -> BTreeMap<GroupId, bool> {
    let theirs: BTreeSet<String> = theirs.iter().map(|name| alike(name)).collect();
    let mut wanted = BTreeMap::new();
    for (name, id) in mapping {
        *wanted.entry(*id).or_insert(false) |= theirs.contains(&alike(name));
    }
    wanted
}

/// In a claim another letter case may be another group.
fn exactly(name: &str) -> String {
    name.to_owned()
}

/// Distinguished names, without regard to letter case and to blanks after commas.
fn folded(name: &str) -> String {
    let parts: Vec<&str> = name.split(',').map(str::trim).collect();
    parts.join(",").to_lowercase()
}

/// Whether a provider may speak for somebody of this name; `proved` are the organisation's domains.
pub(super) fn speaks_for(provider: &Provider, name: &str, proved: &[String]) -> bool {
    let own = &provider.settings.domains;
    let Some((_, domain)) = name.rsplit_once('@') else {
        // A bare name is one of the organisation's.
        return own.is_empty();
    };
    let domains = if own.is_empty() { proved } else { own };
    let written = normalise(domain).unwrap_or_else(|_| domain.to_owned());
    let is_it = |own: &String| own.eq_ignore_ascii_case(domain) || *own == written;
    domains.iter().any(is_it)
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn only_mapped_groups_are_touched_and_several_may_lead_to_one() {
        let (one, two) = (GroupId(Uuid::from_u128(1)), GroupId(Uuid::from_u128(2)));
        let mapping = BTreeMap::from([
            ("CN=Admins, DC=x".to_owned(), one),
            ("cn=more,dc=x".to_owned(), one),
            ("helpdesk".to_owned(), two),
        ]);
        let theirs = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        assert_eq!(
            wanted(&mapping, &theirs(&["cn=admins,dc=x", "everybody"]), folded),
            BTreeMap::from([(one, true), (two, false)])
        );
        assert_eq!(
            wanted(&mapping, &theirs(&["HelpDesk"]), folded),
            BTreeMap::from([(one, false), (two, true)])
        );
        for others in [theirs(&[]), theirs(&["HELPDESK"])] {
            assert_eq!(
                wanted(&mapping, &others, exactly),
                BTreeMap::from([(one, false), (two, false)])
            );
        }
    }
}
