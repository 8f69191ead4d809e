//! What a client asks for, and what it gets of that.

use serde::{Deserialize, Serialize};

use super::GRAPH_URL;
use crate::{App, Permission};

/// Longest list of scopes, in octets.
const LONGEST: usize = 4096;

/// What a client asks for (RFC 6749 §3.3), as Entra writes it: `RESOURCE/.default`, single permissions with or without
/// their resource, and the words of `OpenID` Connect.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a word that is there or not, whatever the others are"
)]
pub struct AskedScope {
    /// The resource, as it was named; none if none was.
    pub resource: Option<String>,
    /// Whether all that the client has is asked for.
    pub is_default: bool,
    /// Single permissions.
    pub named: Vec<Permission>,
    /// Whether permissions were asked for that do not exist here.
    pub has_unknown: bool,
    /// An `id_token` is wanted.
    pub openid: bool,
    /// With the person's name.
    pub profile: bool,
    /// With their address.
    pub email: bool,
    /// A refresh token is wanted.
    pub offline: bool,
}

/// Why a scope is not understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScopeProblem {
    /// No scope was named.
    #[error("The request must contain the parameter 'scope'.")]
    Missing,
    /// For a resource that is not here.
    #[error("The resource '{0}' is not here.")]
    Resource(String),
    /// For several resources at once.
    #[error("The scopes are for more than one resource.")]
    Several,
    /// Not a scope.
    #[error("The scope '{0}' is not valid.")]
    Malformed(String),
    /// Nothing of it was given to the client by an administrator.
    #[error(
        "An administrator has not given the client any of the permissions that it asks for (`mandate app roles --delegated`)."
    )]
    Consent,
}

/// What a client got for a person.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a word that is there or not, whatever the others are"
)]
pub struct Scope {
    /// The resource that access tokens are for.
    pub audience: String,
    /// Whether permissions are written with their resource in answers, as they were asked for.
    #[serde(default)]
    pub is_prefixed: bool,
    /// Whether all was asked for.
    #[serde(default)]
    pub is_default: bool,
    /// Names of permissions.
    pub permissions: Vec<String>,
    /// An `id_token` comes with it.
    #[serde(default)]
    pub openid: bool,
    /// With the person's name.
    #[serde(default)]
    pub profile: bool,
    /// With their address.
    #[serde(default)]
    pub email: bool,
    /// A refresh token comes with it.
    #[serde(default)]
    pub offline: bool,
}

impl AskedScope {
    /// Reads a list of scopes; `is_ours` says whether a resource is this API.
    pub fn parse(text: &str, is_ours: impl Fn(&str) -> bool) -> Result<Self, ScopeProblem> {
        let malformed = |word: &str| ScopeProblem::Malformed(word.chars().take(200).collect());
        if text.len() > LONGEST {
            return Err(malformed(text));
        }
        let mut asked = Self::default();
        let mut is_empty = true;
        for word in text.split_whitespace() {
            is_empty = false;
            match word.to_ascii_lowercase().as_str() {
                "openid" => asked.openid = true,
                "profile" => asked.profile = true,
                "email" => asked.email = true,
                "offline_access" => asked.offline = true,
                _ => asked.add(word, &is_ours)?,
            }
        }
        if is_empty {
            return Err(ScopeProblem::Missing);
        }
        Ok(asked)
    }

    /// All that the client has at a resource, as version 1 asks for it.
    pub fn of_resource(
        resource: &str,
        is_ours: impl Fn(&str) -> bool,
    ) -> Result<Self, ScopeProblem> {
        if !is_ours(resource) {
            let named = resource.chars().take(200).collect();
            return Err(ScopeProblem::Resource(named));
        }
        Ok(Self {
            resource: Some(resource.to_owned()),
            is_default: true,
            openid: true,
            profile: true,
            offline: true,
            ..Self::default()
        })
    }

    fn add(&mut self, word: &str, is_ours: &impl Fn(&str) -> bool) -> Result<(), ScopeProblem> {
        let malformed = || ScopeProblem::Malformed(word.chars().take(200).collect());
        let name = match word.rsplit_once('/') {
            None => word,
            Some((resource, name)) => {
                // `https://HOST//.default` names a resource that ends with a slash.
                let resource = resource.trim_end_matches('/');
                if !is_ours(resource) {
                    let named = resource.chars().take(200).collect();
                    return Err(ScopeProblem::Resource(named));
                }
                let known = self.resource.get_or_insert_with(|| resource.to_owned());
                if !known.eq_ignore_ascii_case(resource) {
                    return Err(ScopeProblem::Several);
                }
                name
            }
        };
        let is_name = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        if name.is_empty() || !name.chars().all(is_name) {
            return Err(malformed());
        }
        if name.eq_ignore_ascii_case(".default") {
            // Without a resource it would be anybody's guess whose.
            if !word.contains('/') {
                return Err(malformed());
            }
            self.is_default = true;
        } else {
            match Permission::parse(name) {
                Some(permission) if self.named.contains(&permission) => {}
                Some(permission) => self.named.push(permission),
                None => self.has_unknown = true,
            }
        }
        Ok(())
    }

    /// What the client gets of it for a person: of what it asks for, what it was given. Refused if that is nothing.
    pub fn granted_to(&self, app: &App) -> Result<Scope, ScopeProblem> {
        let permissions: Vec<Permission> = if self.is_default {
            app.delegated.clone()
        } else {
            let was_given = |asked: &Permission| app.delegated.iter().any(|d| d.includes(*asked));
            self.named.iter().copied().filter(was_given).collect()
        };
        let asks = self.is_default || self.has_unknown || !self.named.is_empty();
        if asks && permissions.is_empty() {
            return Err(ScopeProblem::Consent);
        }
        Ok(Scope {
            audience: self.audience(),
            is_prefixed: self.resource.is_some(),
            is_default: self.is_default,
            permissions: permissions.iter().map(|p| p.name().to_owned()).collect(),
            openid: self.openid,
            profile: self.profile,
            email: self.email,
            offline: self.offline,
        })
    }

    /// The resource of access tokens.
    pub fn audience(&self) -> String {
        self.resource
            .clone()
            .unwrap_or_else(|| GRAPH_URL.to_owned())
    }
}

impl Scope {
    /// The part of this that is asked for later: never more than was given in the beginning.
    pub(super) fn narrowed(&self, asked: &AskedScope) -> Result<Self, ScopeProblem> {
        let was_given = |asked: &Permission| {
            self.permissions
                .iter()
                .filter_map(|name| Permission::parse(name))
                .any(|given| given.includes(*asked))
        };
        if !asked.named.iter().all(was_given) {
            return Err(ScopeProblem::Consent);
        }
        let permissions = if asked.is_default || asked.named.is_empty() {
            self.permissions.clone()
        } else {
            asked.named.iter().map(|p| p.name().to_owned()).collect()
        };
        Ok(Self {
            audience: asked
                .resource
                .clone()
                .unwrap_or_else(|| self.audience.clone()),
            is_prefixed: asked.resource.is_some(),
            is_default: asked.is_default,
            permissions,
            ..self.clone()
        })
    }

    /// Permissions as the claim `scp` holds them.
    pub(super) fn claim(&self) -> String {
        let mut words: Vec<&str> = self.permissions.iter().map(String::as_str).collect();
        for (is_there, word) in [
            (self.openid, "openid"),
            (self.profile, "profile"),
            (self.email, "email"),
        ] {
            if is_there {
                words.push(word);
            }
        }
        words.join(" ")
    }

    /// The scope of a token answer, in the form in which it was asked for: clients look tokens up by it.
    pub fn answer(&self) -> String {
        let resource = self.audience.trim_end_matches('/');
        let mut words: Vec<String> = self
            .permissions
            .iter()
            .map(|name| {
                if self.is_prefixed {
                    format!("{resource}/{name}")
                } else {
                    name.clone()
                }
            })
            .collect();
        if self.is_default {
            words.push(format!("{resource}/.default"));
        }
        for (is_there, word) in [
            (self.openid, "openid"),
            (self.profile, "profile"),
            (self.email, "email"),
            (self.offline, "offline_access"),
        ] {
            if is_there {
                words.push(word.to_owned());
            }
        }
        words.join(" ")
    }
}

#[cfg(test)]
mod tests {
    use mandate_model::{AppId, Timestamp};
    use proptest::prelude::*;

    use super::*;

    fn ours(resource: &str) -> bool {
        crate::is_graph(resource, "mdm.example:8443")
    }

    fn app(delegated: &[Permission]) -> App {
        App {
            id: AppId(uuid::Uuid::nil()),
            name: "a".to_owned(),
            permissions: Vec::new(),
            delegated: delegated.to_vec(),
            is_public: true,
            created_at: Timestamp(0),
        }
    }

    #[test]
    fn scopes_are_read_in_every_form_that_clients_write() {
        for text in [
            "https://graph.microsoft.com/.default",
            "https://graph.microsoft.com//.default",
            "https://mdm.example/.default openid",
            "https://MDM.example:8443/.default",
            "00000003-0000-0000-c000-000000000000/.default",
        ] {
            assert!(AskedScope::parse(text, ours).unwrap().is_default, "{text}");
        }
        let asked = AskedScope::parse("user.read Mail.Send OPENID offline_access", ours).unwrap();
        assert_eq!(asked.named, [Permission::UserReadSelf]);
        assert!(asked.openid && asked.offline && asked.has_unknown && !asked.is_default);
        for (text, problem) in [
            ("", ScopeProblem::Missing),
            (".default", ScopeProblem::Malformed(".default".to_owned())),
            (
                "https://evil.example/.default",
                ScopeProblem::Resource("https://evil.example".to_owned()),
            ),
            (
                "https://mdm.example/.default https://graph.microsoft.com/User.Read",
                ScopeProblem::Several,
            ),
            ("a\0b", ScopeProblem::Malformed("a\0b".to_owned())),
        ] {
            assert_eq!(AskedScope::parse(text, ours), Err(problem), "{text}");
        }
    }

    #[test]
    fn a_client_gets_what_it_asks_for_and_was_given() {
        let app = app(&[Permission::UserReadWrite, Permission::GroupRead]);
        let get = |text: &str| AskedScope::parse(text, ours).unwrap().granted_to(&app);
        assert_eq!(
            get("User.Read.All DeviceManagementConfiguration.Read.All")
                .unwrap()
                .permissions,
            ["User.Read.All"]
        );
        let all = get("https://mdm.example/.default openid").unwrap();
        assert_eq!(
            all.answer(),
            "https://mdm.example/User.ReadWrite.All https://mdm.example/Group.Read.All https://mdm.example/.default openid"
        );
        assert_eq!(all.claim(), "User.ReadWrite.All Group.Read.All openid");
        assert_eq!(get("Directory.Read.All"), Err(ScopeProblem::Consent));
        assert_eq!(get("Mail.Send"), Err(ScopeProblem::Consent));
        assert!(get("openid profile").unwrap().permissions.is_empty());
    }

    #[test]
    fn later_it_is_never_more() {
        let app = app(&[Permission::UserReadWrite, Permission::GroupRead]);
        let asked = |text: &str| AskedScope::parse(text, ours).unwrap();
        let first = asked("User.Read.All offline_access")
            .granted_to(&app)
            .unwrap();
        let all = first
            .narrowed(&asked("https://graph.microsoft.com/.default"))
            .unwrap();
        assert_eq!(all.permissions, ["User.Read.All"]);
        let own = first.narrowed(&asked("User.Read")).unwrap();
        assert_eq!(own.permissions, ["User.Read"]);
        for more in ["User.ReadWrite.All", "Group.Read.All"] {
            assert_eq!(first.narrowed(&asked(more)), Err(ScopeProblem::Consent));
        }
    }

    proptest! {
        #[test]
        fn no_input_panics(text in "\\PC{0,60}") {
            let app = app(&Permission::ALL);
            if let Ok(asked) = AskedScope::parse(&text, ours)
                && let Ok(scope) = asked.granted_to(&app)
            {
                let _ = (scope.answer(), scope.claim());
            }
        }
    }
}
