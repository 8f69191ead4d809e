//! What is looked at, and whether whoever asks may.

use mandate_model::catalogue::TextRule;
use mandate_model::{Profile, ProfileId};
use serde_json::Value;
use zeroize::Zeroizing;

use super::report::PreflightProfile;
use super::roots::Roots;
use crate::reports::reported;
use crate::{Action, Actor, Engine, EngineError};

/// What is to be looked at. What is given beside a profile takes the place of what stands in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PreflightRequest {
    /// A mail profile.
    pub profile: Option<ProfileId>,
    /// A host name or IPv4 address, by those who may change profiles.
    pub host: Option<String>,
    /// Whether the account is to speak TLS (`requireSsl`).
    pub tls: Option<bool>,
    /// Whether people are to sign in by OAuth (`useOAuth`).
    pub oauth: Option<bool>,
    /// How they sign in otherwise (`authenticationMethod`).
    pub authentication_method: Option<String>,
    /// Trusted root profiles that are to go along, beside those that the profile refers to.
    pub roots: Vec<ProfileId>,
    /// An account to sign in with, by those who may change profiles: most servers tell their versions to nobody else.
    pub sign_in: Option<MailSignIn>,
    /// Look also if the host is this machine itself.
    pub allow_loopback: bool,
}

/// An account on a mail server. Used once and never kept.
#[derive(Clone, PartialEq, Eq)]
pub struct MailSignIn {
    /// User name as the server wants it.
    pub user_name: String,
    /// Its password.
    pub password: Zeroizing<String>,
}

impl std::fmt::Debug for MailSignIn {
    /// Without the password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MailSignIn")
            .field("user_name", &self.user_name)
            .finish_non_exhaustive()
    }
}

/// How an account signs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Method {
    /// On the page of an identity provider.
    OAuth,
    /// With user name and password.
    Password,
    /// With a certificate in TLS.
    Certificate,
}

/// What is looked at, and what it is held against.
#[derive(Debug)]
pub(super) struct Subject {
    pub(super) profile: Option<PreflightProfile>,
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) tls: bool,
    pub(super) method: Method,
    pub(super) roots: Roots,
    pub(super) sign_in: Option<MailSignIn>,
    pub(super) allow_loopback: bool,
}

/// Devices take the usual ports of HTTP; a profile cannot name another.
const HTTPS: u16 = 443;
const HTTP: u16 = 80;

impl Subject {
    /// Reads what is needed. Refuses whoever may not have it looked at.
    pub(super) async fn read(
        engine: &Engine,
        actor: &Actor,
        request: PreflightRequest,
    ) -> Result<Self, EngineError> {
        actor.require(Action::ProfilesViewReports)?;
        let mut session = engine.store().read().await?;
        let asked = request.profile.into_iter().chain(request.roots.clone());
        let intent = engine.intent_about(&mut session, asked).await?;
        let profile = match request.profile {
            Some(id) => Some(mail_profile(reported(actor, &intent, id)?)?),
            None => None,
        };
        let own = profile.and_then(|profile| text(profile, "hostName"));
        let host = match (request.host, own) {
            (Some(host), own) if Some(host.as_str()) != own => {
                actor.require(Action::ProfilesUpdate)?;
                checked_host(host)?
            }
            (_, Some(host)) => host.to_owned(),
            _ => {
                let rule = "must be given if no profile is";
                return Err(EngineError::invalid("hostName", rule, None));
            }
        };
        if let Some(sign_in) = &request.sign_in {
            actor.require(Action::ProfilesUpdate)?;
            check_sign_in(sign_in)?;
        }
        let flag = |given: Option<bool>, property: &str, otherwise: bool| {
            let own = profile.and_then(|profile| profile.settings.get(property)?.as_bool());
            given.or(own).unwrap_or(otherwise)
        };
        let tls = flag(request.tls, "requireSsl", true);
        let given = request.authentication_method.as_deref();
        let own = profile.and_then(|profile| text(profile, "authenticationMethod"));
        let method = match given.or(own) {
            _ if flag(request.oauth, "useOAuth", false) => Method::OAuth,
            Some("certificate") => Method::Certificate,
            None | Some("usernameAndPassword" | "derivedCredential") => Method::Password,
            Some(other) => {
                let rule = "must be `usernameAndPassword` or `certificate`";
                let property = "authenticationMethod";
                return Err(EngineError::invalid(property, rule, Some(other)));
            }
        };
        Ok(Self {
            roots: Roots::of(
                engine.root().der().to_vec(),
                (actor, &intent),
                profile,
                &request.roots,
            )?,
            profile: profile.map(|profile| PreflightProfile {
                id: profile.id,
                display_name: profile.display_name.clone(),
            }),
            host,
            port: if tls { HTTPS } else { HTTP },
            tls,
            method,
            sign_in: request.sign_in,
            allow_loopback: request.allow_loopback,
        })
    }
}

fn mail_profile(profile: &Profile) -> Result<&Profile, EngineError> {
    if profile.kind.setting("hostName").is_some() {
        return Ok(profile);
    }
    let id = profile.id.to_string();
    let rule = "must be the id of a mail profile";
    Err(EngineError::invalid("profileId", rule, Some(&id)))
}

fn checked_host(host: String) -> Result<String, EngineError> {
    match TextRule::HostName.check(&host) {
        Ok(()) => Ok(host),
        Err(rule) => Err(EngineError::invalid("hostName", &rule, Some(&host))),
    }
}

/// RFC 7617 §2: a colon ends the name.
fn check_sign_in(sign_in: &MailSignIn) -> Result<(), EngineError> {
    let name = sign_in.user_name.as_str();
    if name.is_empty() || name.contains(':') || name.chars().any(char::is_control) {
        let rule = "must be a name without colons and control characters";
        return Err(EngineError::invalid("userName", rule, Some(name)));
    }
    if sign_in.password.is_empty() || sign_in.password.chars().any(char::is_control) {
        let rule = "must be given together with `userName`, without control characters";
        return Err(EngineError::invalid("password", rule, None));
    }
    Ok(())
}

fn text<'a>(profile: &'a Profile, property: &str) -> Option<&'a str> {
    profile.settings.get(property).and_then(Value::as_str)
}
