//! `mandate provider add`.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use mandate_engine::Actor;
use serde_json::{Map, Value, json};

use super::{Place, print, read_secret};
use crate::output;

#[derive(Debug, Args)]
pub(super) struct Add {
    #[command(subcommand)]
    kind: Kind,
}

#[derive(Debug, Subcommand)]
enum Kind {
    /// An OpenID Connect provider, such as Entra ID, Keycloak, AD FS or Google
    Oidc(Box<Oidc>),
    /// A directory that is asked by LDAP, such as Active Directory or OpenLDAP
    Ldap(Box<Ldap>),
}

/// What there is to say of every provider.
#[derive(Debug, Args)]
struct Common {
    #[command(flatten)]
    place: Place,
    /// Name, as in addresses: lower-case letters, digits and `-`
    name: String,
    /// Name for people, as on its button
    #[arg(long, value_name = "TEXT")]
    display_name: Option<String>,
    /// Domain of people that it may speak for; may be given several times [default: those of the organisation]
    #[arg(long = "domain", value_name = "DOMAIN")]
    domains: Vec<String>,
    /// Group there and the id of the group here that it stands for; may be given several times
    #[arg(long = "group", value_name = "THEIRS=ID")]
    groups: Vec<String>,
    /// Add people who are unknown here when they first sign in
    #[arg(long)]
    create_people: bool,
    /// Match people who have a role by name too: nobody there chooses their own name (OpenID Connect: needs --name-claim)
    #[arg(long)]
    trust_names: bool,
    /// Roots (PEM) of its certificate, instead of those of this machine
    #[arg(long, value_name = "FILE")]
    roots: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct Oidc {
    #[command(flatten)]
    common: Common,
    /// The issuer, exactly as it names itself
    #[arg(long, value_name = "URL")]
    issuer: String,
    /// As which client we are known there
    #[arg(long, value_name = "ID")]
    client_id: String,
    /// File with the secret of that client; without it the client is public
    #[arg(long, value_name = "FILE")]
    client_secret_file: Option<PathBuf>,
    /// What is asked for; may be given several times [default: openid profile email]
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Vec<String>,
    /// Claim with the sign-in name [default: `preferred_username`, else a verified email]
    #[arg(long, value_name = "CLAIM")]
    name_claim: Option<String>,
    /// Claim with the groups [default: groups]
    #[arg(long, value_name = "CLAIM")]
    group_claim: Option<String>,
    /// Value of `amr` that counts as a second factor, such as `mfa`; may be given several times
    #[arg(long = "second-factor-method", value_name = "AMR")]
    second_factor_methods: Vec<String>,
    /// Value of `acr` that counts as a second factor; may be given several times
    #[arg(long = "second-factor-context", value_name = "ACR")]
    second_factor_contexts: Vec<String>,
}

#[derive(Debug, Args)]
struct Ldap {
    #[command(flatten)]
    common: Common,
    /// `ldaps://HOST[:PORT]`, or `ldap://HOST[:PORT]` with --start-tls
    #[arg(long, value_name = "URL")]
    url: String,
    /// Begin TLS on the plain connection
    #[arg(long)]
    start_tls: bool,
    /// Name that people bind with, such as `{name}@corp.example.com` or `CORP\{name}`
    #[arg(long, value_name = "TEMPLATE")]
    bind_name: Option<String>,
    /// Where people are searched for
    #[arg(long, value_name = "DN")]
    base: Option<String>,
    /// Account that searches
    #[arg(long, value_name = "DN", requires = "search_password_file")]
    search_account: Option<String>,
    /// File with its password
    #[arg(long, value_name = "FILE", requires = "search_account")]
    search_password_file: Option<PathBuf>,
    /// Attribute with the name that people type [default: userPrincipalName]
    #[arg(long, value_name = "NAME")]
    name_attribute: Option<String>,
    /// Attribute that names an entry for good [default: objectGUID or entryUUID]
    #[arg(long, value_name = "NAME")]
    id_attribute: Option<String>,
    /// Attribute with the groups [default: memberOf]
    #[arg(long, value_name = "NAME")]
    group_attribute: Option<String>,
    /// Ask the directory even for people who have a password here
    #[arg(long)]
    comes_first: bool,
}

impl Add {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let (common, body) = match &self.kind {
            Kind::Oidc(oidc) => (&oidc.common, oidc.body()?),
            Kind::Ldap(ldap) => (&ldap.common, ldap.body()?),
        };
        let engine = common.place.engine().await?;
        let added = engine.create_provider(&Actor::system(), body).await;
        engine.store().close().await;
        let provider = added?;
        print(&provider, common.place.json);
        if !common.place.json {
            output::note(&format!(
                "added the provider `{0}`; `mandate provider test {0}` tries it",
                provider.name
            ));
        }
        Ok(())
    }
}

impl Common {
    fn body(&self, kind: &str) -> anyhow::Result<Map<String, Value>> {
        let mut groups = Map::new();
        for pair in &self.groups {
            // Distinguished names hold `=` themselves.
            let (theirs, ours) = pair.rsplit_once('=').with_context(|| {
                format!("`{pair}` must be a group there, `=`, and the id of a group here")
            })?;
            groups.insert(theirs.trim().to_owned(), json!(ours.trim()));
        }
        let mut body = Map::new();
        let mut put = |name: &str, value: Value| body.insert(name.to_owned(), value);
        put("name", json!(self.name));
        put("kind", json!(kind));
        put(
            "displayName",
            json!(self.display_name.clone().unwrap_or_default()),
        );
        put("domains", json!(self.domains));
        put("groups", Value::Object(groups));
        put("createsPeople", json!(self.create_people));
        put("trustsNames", json!(self.trust_names));
        if let Some(path) = &self.roots {
            let roots = std::fs::read_to_string(path)
                .with_context(|| format!("cannot read `{}`", path.display()))?;
            put("roots", json!(roots));
        }
        Ok(body)
    }
}

impl Oidc {
    fn body(&self) -> anyhow::Result<Map<String, Value>> {
        let mut body = self.common.body("oidc")?;
        let mut put = |name: &str, value: Value| body.insert(name.to_owned(), value);
        put("issuer", json!(self.issuer));
        put("clientId", json!(self.client_id));
        if let Some(path) = &self.client_secret_file {
            put("clientSecret", read_secret(path)?);
        }
        if !self.scopes.is_empty() {
            put("scopes", json!(self.scopes));
        }
        put("nameClaim", json!(self.name_claim));
        if let Some(claim) = &self.group_claim {
            put("groupClaim", json!(claim));
        }
        put("secondFactorMethods", json!(self.second_factor_methods));
        put("secondFactorContexts", json!(self.second_factor_contexts));
        Ok(body)
    }
}

impl Ldap {
    fn body(&self) -> anyhow::Result<Map<String, Value>> {
        let mut body = self.common.body("ldap")?;
        let mut put = |name: &str, value: Value| body.insert(name.to_owned(), value);
        put("url", json!(self.url));
        put("startTls", json!(self.start_tls));
        put("bindName", json!(self.bind_name));
        put("base", json!(self.base));
        put("searchAccount", json!(self.search_account));
        if let Some(path) = &self.search_password_file {
            put("searchPassword", read_secret(path)?);
        }
        put("idAttribute", json!(self.id_attribute));
        put("comesFirst", json!(self.comes_first));
        for (name, value) in [
            ("nameAttribute", &self.name_attribute),
            ("groupAttribute", &self.group_attribute),
        ] {
            if let Some(value) = value {
                put(name, json!(value));
            }
        }
        Ok(body)
    }
}
