//! Making an instance: tenant, certificate authority, keys.

use mandate_model::{Member, TenantId, Timestamp, User, UserId};
use mandate_pki::authority::{self, AuthorityRequest};
use mandate_pki::keys::KeyKind;
use mandate_pki::seal::SealKey;
use mandate_store::{DirectoryRoleMember, LinkMaker, Session, Store};
use serde_json::json;
use zeroize::Zeroizing;

use super::{NewAuthority, Tenant, serial};
use crate::audit::{self, Change};
use crate::domains::{initial, normalise};
use crate::sign_in::new_link;
use crate::tokens::keep_new_key;
use crate::{Chance, Clock, DirectoryRole, Engine, EngineError, SetUpLink};

/// What an administrator says of a new instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InitRequest {
    /// Name of the organisation.
    pub company: String,
    /// Its first domain.
    pub domain: String,
    /// Sign-in name of the first administrator.
    pub admin_upn: String,
    /// Kinds of the keys of its certificate authority.
    pub keys: AuthorityKeys,
}

/// Kinds of the keys of a certificate authority.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuthorityKeys {
    /// Of the root.
    pub root: KeyKind,
    /// Of the issuing authority.
    pub issuing: KeyKind,
}

impl Default for AuthorityKeys {
    /// What every client understands.
    fn default() -> Self {
        Self {
            root: KeyKind::Rsa3072,
            issuing: KeyKind::Rsa2048,
        }
    }
}

/// An instance just made.
#[derive(Debug, Clone)]
pub struct Initialised {
    /// The tenant.
    pub tenant: Tenant,
    /// The root certificate that devices and clients have to trust, PEM.
    pub root_pem: String,
    /// With which the first administrator sets a password.
    pub link: SetUpLink,
}

impl Engine {
    /// Makes an instance in an empty database. Refuses if there is one already.
    pub async fn initialise(
        store: &Store,
        seal: &SealKey,
        clock: &dyn Clock,
        chance: &dyn Chance,
        request: &InitRequest,
    ) -> Result<Initialised, EngineError> {
        let domain = request.check()?;
        let now = clock.now();
        let tenant = Tenant {
            id: TenantId(chance.id(now)),
            company: request.company.trim().to_owned(),
            domains: vec![domain.clone()],
            admin_upn: request.admin_upn.clone(),
            created_at: now,
        };
        let mut wanted = AuthorityRequest::new(
            tenant.company.clone(),
            now.unix_seconds(),
            [serial(chance), serial(chance)],
        );
        (wanted.root_kind, wanted.issuing_kind) = (request.keys.root, request.keys.issuing);
        let ca = authority::create(&wanted)?;
        let mut session = store.write().await?;
        if session.find_setting("tenant").await?.is_some() {
            return Err(EngineError::NotPossible {
                reason: "there is an instance here already".to_owned(),
            });
        }
        let mut new = NewInstance {
            session: &mut session,
            seal,
            now,
        };
        new.keep("challenge.key", &chance.key()).await?;
        let audit_key = Zeroizing::new(chance.key().to_vec());
        new.keep(audit::KEY_NAME, &audit_key).await?;
        keep_new_key(&mut session, seal, chance, now, now).await?;
        session.set_setting("ca.root", &ca.root.to_pem()).await?;
        let mut new = NewAuthority {
            session: &mut session,
            seal,
            chance,
            now,
        };
        new.keep_root_key(&ca.root_key).await?;
        new.keep(ca.authority()?, "built-in").await?;
        session
            .insert_domain(&initial(&domain, chance, now))
            .await?;
        let administrator = administrator(&tenant, UserId(chance.id(now)));
        session.insert_user(&administrator).await?;
        session
            .insert_directory_role_member(&DirectoryRoleMember {
                role_id: DirectoryRole::GlobalAdministrator.id(),
                member: Member::User(administrator.id),
                created_at: now,
            })
            .await?;
        let (link, record) = new_link(chance, now, administrator.id, LinkMaker::System);
        session.insert_set_up_link(&record).await?;
        let text = serde_json::to_string(&tenant)
            .map_err(|error| EngineError::Internal(error.to_string()))?;
        session.set_setting("tenant", &text).await?;
        let making = Change::create(
            "organization",
            tenant.id,
            &tenant.company,
            json!({ "displayName": tenant.company, "verifiedDomains": tenant.domains }),
        );
        audit::begin(&mut session, audit_key, chance.id(now), now, making).await?;
        session.commit().await?;
        Ok(Initialised {
            tenant,
            root_pem: ca.root.to_pem(),
            link,
        })
    }
}

impl Engine {
    /// Whether a database holds an instance whose secrets this key opens.
    pub async fn is_initialised_with(store: &Store, seal: &SealKey) -> Result<bool, EngineError> {
        let sealed = store.read().await?.find_secret("challenge.key").await?;
        Ok(sealed.is_some_and(|sealed| seal.open("challenge.key", &sealed).is_ok()))
    }
}

impl InitRequest {
    /// Refuses what breaks rules; the domain as it is written here.
    fn check(&self) -> Result<String, EngineError> {
        let company = self.company.trim();
        if company.is_empty() || company.chars().count() > 64 {
            return Err(EngineError::invalid(
                "company",
                "must have 1 to 64 characters",
                Some(company),
            ));
        }
        let domain = normalise(&self.domain)
            .map_err(|rule| EngineError::invalid("domain", &rule, Some(&self.domain)))?;
        let parts: Vec<&str> = self.admin_upn.split('@').collect();
        if parts.len() != 2
            || parts.iter().any(|part| part.is_empty())
            || self.admin_upn.len() > 113
        {
            let rule = "must be a sign-in name such as `admin@example.com`";
            return Err(EngineError::invalid("admin", rule, Some(&self.admin_upn)));
        }
        Ok(domain)
    }
}

struct NewInstance<'a> {
    session: &'a mut Session,
    seal: &'a SealKey,
    now: Timestamp,
}

impl NewInstance<'_> {
    async fn keep(&mut self, name: &str, secret: &[u8]) -> Result<(), EngineError> {
        let sealed = self.seal.seal(name, secret)?;
        Ok(self.session.set_secret(name, &sealed, self.now).await?)
    }
}

fn administrator(tenant: &Tenant, id: UserId) -> User {
    let name = tenant.admin_upn.split('@').next().unwrap_or_default();
    User {
        id,
        user_principal_name: tenant.admin_upn.clone(),
        display_name: name.to_owned(),
        given_name: None,
        surname: None,
        mail: Some(tenant.admin_upn.clone()),
        on_premises_sam_account_name: None,
        on_premises_domain_name: None,
        on_premises_net_bios_name: None,
        on_premises_distinguished_name: None,
        on_premises_security_identifier: None,
        account_enabled: true,
        other: serde_json::Map::new(),
        created_at: tenant.created_at,
    }
}
