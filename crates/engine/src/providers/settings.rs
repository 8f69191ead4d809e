//! What there is to say about a provider.

use std::collections::BTreeMap;
use std::net::IpAddr;

use mandate_model::{GroupId, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::EngineError;

/// A provider: where else people prove who they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provider {
    /// Its name, as in addresses.
    pub name: String,
    /// How it is asked, and what follows.
    pub settings: ProviderSettings,
    /// Whether it has a secret: that of the client, or the password of the account that searches.
    pub has_secret: bool,
    /// When it was added.
    pub created_at: Timestamp,
}

/// How a provider is asked, and what follows from its answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProviderSettings {
    /// Name for people, as on its button.
    #[serde(default)]
    pub display_name: String,
    /// Domains of the people that it may speak for; none for those of the organisation.
    #[serde(default)]
    pub domains: Vec<String>,
    /// Groups there, and the group here that each stands for.
    #[serde(default)]
    pub groups: BTreeMap<String, GroupId>,
    /// Whether people unknown here are added when they first sign in.
    #[serde(default)]
    pub creates_people: bool,
    /// Whether people who have a role here are matched by name too when they first sign in: names there are given by the
    /// organisation, and nobody chooses their own. Without it an administrator links them.
    #[serde(default)]
    pub trusts_names: bool,
    /// Roots (PEM) of its certificate, instead of those of this machine.
    #[serde(default)]
    pub roots: Option<String>,
    /// How it is asked.
    #[serde(flatten)]
    pub how: How,
}

/// How a provider is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum How {
    /// OpenID Connect.
    Oidc(OidcSettings),
    /// A bind to a directory with the password that somebody typed.
    Ldap(DirectorySettings),
}

/// OpenID Connect (authorization code with PKCE).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OidcSettings {
    /// The issuer, exactly as it names itself.
    pub issuer: String,
    /// As which client we are known there.
    pub client_id: String,
    /// What is asked for.
    #[serde(default = "usual_scopes")]
    pub scopes: Vec<String>,
    /// The claim with the sign-in name; without it `preferred_username`, and else a verified `email`.
    #[serde(default)]
    pub name_claim: Option<String>,
    /// The claim with the groups.
    #[serde(default = "usual_group_claim")]
    pub group_claim: String,
    /// Values of `amr` (RFC 8176) any of which counts as a second factor.
    #[serde(default)]
    pub second_factor_methods: Vec<String>,
    /// Values of `acr` any of which counts as a second factor.
    #[serde(default)]
    pub second_factor_contexts: Vec<String>,
}

/// A directory that is asked by LDAP.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DirectorySettings {
    /// `ldaps://HOST[:PORT]`, or `ldap://HOST[:PORT]`.
    pub url: String,
    /// Begin TLS on the plain connection of `ldap://`.
    #[serde(default)]
    pub start_tls: bool,
    /// Name with which a person binds, such as `{name}@corp.example.com`, `CORP\{name}` or
    /// `uid={name},ou=people,dc=example,dc=org`; `{upn}` is the whole sign-in name. Without it the person is searched for.
    #[serde(default)]
    pub bind_name: Option<String>,
    /// Where people are searched for.
    #[serde(default)]
    pub base: Option<String>,
    /// The account that searches; its password is the provider's secret.
    #[serde(default)]
    pub search_account: Option<String>,
    /// The attribute with the name that people type.
    #[serde(default = "usual_name_attribute")]
    pub name_attribute: String,
    /// The attribute that names an entry for good; without it `objectGUID` or `entryUUID`.
    #[serde(default)]
    pub id_attribute: Option<String>,
    /// The attribute with the groups.
    #[serde(default = "usual_group_attribute")]
    pub group_attribute: String,
    /// Whether the directory is asked even for people who have a password here.
    #[serde(default)]
    pub comes_first: bool,
}

fn usual_scopes() -> Vec<String> {
    ["openid", "profile", "email"].map(str::to_owned).to_vec()
}

fn usual_group_claim() -> String {
    "groups".to_owned()
}

fn usual_name_attribute() -> String {
    "userPrincipalName".to_owned()
}

fn usual_group_attribute() -> String {
    "memberOf".to_owned()
}

impl ProviderSettings {
    /// Reads settings as they are written in the management API. Secrets are not among them.
    pub(super) fn read(mut body: Map<String, Value>) -> Result<Self, EngineError> {
        if let Some(Value::String(kind)) = body.get_mut("kind") {
            kind.make_ascii_lowercase();
        }
        let kind = body.get("kind").and_then(Value::as_str).unwrap_or_default();
        if !["oidc", "ldap"].contains(&kind) {
            let rule = "must be `oidc` or `ldap`";
            return Err(EngineError::invalid("kind", rule, Some(kind)));
        }
        let given: Vec<String> = body.keys().cloned().collect();
        let settings: Self = serde_json::from_value(Value::Object(body))
            .map_err(|error| EngineError::invalid("settings", &error.to_string(), None))?;
        let known = settings.to_map();
        if let Some(unknown) = given.iter().find(|name| !known.contains_key(*name)) {
            let rule = "is no property of such a provider";
            return Err(EngineError::invalid(unknown, rule, None));
        }
        settings.checked()
    }

    /// The settings as they are written in the management API.
    pub fn to_map(&self) -> Map<String, Value> {
        match serde_json::to_value(self) {
            Ok(Value::Object(map)) => map,
            _ => Map::new(),
        }
    }

    /// `oidc` or `ldap`.
    pub const fn kind(&self) -> &'static str {
        match self.how {
            How::Oidc(_) => "oidc",
            How::Ldap(_) => "ldap",
        }
    }

    /// What the secret of such a provider is called in the management API.
    pub const fn secret_property(&self) -> &'static str {
        match self.how {
            How::Oidc(_) => "clientSecret",
            How::Ldap(_) => "searchPassword",
        }
    }

    fn checked(mut self) -> Result<Self, EngineError> {
        trim(&mut self.display_name);
        if self.display_name.chars().count() > 64 {
            let rule = "must have at most 64 characters";
            return Err(EngineError::invalid("displayName", rule, None));
        }
        for domain in &mut self.domains {
            *domain = domain.trim().trim_start_matches('@').to_ascii_lowercase();
            let is_plain = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
            if domain.is_empty() || !domain.chars().all(is_plain) {
                let rule = "must be domains such as `example.com`";
                return Err(EngineError::invalid("domains", rule, Some(domain)));
            }
        }
        if self.groups.len() > 1000 || self.groups.keys().any(|name| name.trim().is_empty()) {
            let rule = "must name at most 1,000 groups, each by its name or id there";
            return Err(EngineError::invalid("groups", rule, None));
        }
        if let Some(roots) = &self.roots {
            let read = mandate_pki::certificate::Certificate::all_from_pem(roots);
            if !read.is_ok_and(|roots| !roots.is_empty()) {
                let rule = "must be certificates in PEM";
                return Err(EngineError::invalid("roots", rule, None));
            }
        }
        match &mut self.how {
            How::Oidc(oidc) => {
                oidc.check()?;
                // OpenID Connect Core §5.7: `preferred_username` is nothing to rely on unless it is known to be.
                if self.trusts_names && oidc.name_claim.is_none() {
                    let rule =
                        "is needed with `trustsNames`: the claim that the organisation gives";
                    return Err(EngineError::invalid("nameClaim", rule, None));
                }
            }
            How::Ldap(directory) => directory.check()?,
        }
        Ok(self)
    }
}

impl OidcSettings {
    fn check(&mut self) -> Result<(), EngineError> {
        trim(&mut self.issuer);
        trim(&mut self.client_id);
        if !is_safe_address(&self.issuer) || self.issuer.contains(['?', '#']) {
            let rule =
                "must be the address of the issuer, beginning with `https://`, without `?` and `#`";
            return Err(EngineError::invalid("issuer", rule, Some(&self.issuer)));
        }
        if self.client_id.is_empty() || self.client_id.len() > 256 {
            let rule = "must have 1 to 256 characters";
            return Err(EngineError::invalid("clientId", rule, None));
        }
        if !self.scopes.iter().any(|scope| scope == "openid") {
            self.scopes.insert(0, "openid".to_owned());
        }
        // RFC 6749 §3.3
        let is_scope = |c: char| c.is_ascii_graphic() && c != '"' && c != '\\';
        let wrong = |scope: &&String| scope.is_empty() || !scope.chars().all(is_scope);
        if let Some(wrong) = self.scopes.iter().find(wrong) {
            let rule = "must be names without blanks";
            return Err(EngineError::invalid("scopes", rule, Some(wrong)));
        }
        self.name_claim = filled(self.name_claim.take());
        if self.group_claim.trim().is_empty() {
            self.group_claim = usual_group_claim();
        }
        Ok(())
    }
}

impl DirectorySettings {
    fn check(&mut self) -> Result<(), EngineError> {
        trim(&mut self.url);
        self.url.truncate(self.url.trim_end_matches('/').len());
        let rest = ["ldaps://", "ldap://"]
            .iter()
            .find_map(|scheme| self.url.strip_prefix(scheme));
        if rest.is_none_or(|host| host.is_empty() || host.contains(['/', '?', '#', '@', ' '])) {
            let rule = "must be an address such as `ldaps://dc1.example.com` or `ldap://dc1.example.com:389`";
            return Err(EngineError::invalid("url", rule, Some(&self.url)));
        }
        let plain = self.url.starts_with("ldap://") && !self.start_tls;
        if plain && !is_loopback(host_of(&self.url)) {
            let rule = "must be `true` with `ldap://`, or passwords would travel in clear";
            return Err(EngineError::invalid("startTls", rule, None));
        }
        self.bind_name = filled(self.bind_name.take());
        self.base = filled(self.base.take());
        self.search_account = filled(self.search_account.take());
        self.id_attribute = filled(self.id_attribute.take());
        if let Some(bind_name) = &self.bind_name {
            if !bind_name.contains("{name}") && !bind_name.contains("{upn}") {
                let rule = "must hold `{name}` or `{upn}`, or everybody would be one";
                return Err(EngineError::invalid("bindName", rule, Some(bind_name)));
            }
            if !bind_name.contains(['=', '@', '\\']) && !bind_name.contains("{upn}") {
                let rule =
                    "must be a distinguished name, `{upn}`, `{name}@DOMAIN` or `DOMAIN\\{name}`";
                return Err(EngineError::invalid("bindName", rule, Some(bind_name)));
            }
            if !bind_name.contains('=') && self.base.is_none() {
                let rule = "is needed: the entry of whoever signs in is looked for there";
                return Err(EngineError::invalid("base", rule, None));
            }
        } else if self.search_account.is_none() || self.base.is_none() {
            let rule = "is needed, or `searchAccount` and `base` to search with";
            return Err(EngineError::invalid("bindName", rule, None));
        }
        let attributes = [
            ("nameAttribute", Some(&self.name_attribute)),
            ("groupAttribute", Some(&self.group_attribute)),
            ("idAttribute", self.id_attribute.as_ref()),
        ];
        for (property, attribute) in attributes {
            // RFC 4512 §2.5, without options.
            let is_plain = |c: char| c.is_ascii_alphanumeric() || "-.".contains(c);
            if attribute.is_some_and(|name| name.is_empty() || !name.chars().all(is_plain)) {
                let rule = "must be the name of an attribute";
                return Err(EngineError::invalid(property, rule, None));
            }
        }
        Ok(())
    }
}

fn trim(text: &mut String) {
    *text = text.trim().to_owned();
}

fn filled(text: Option<String>) -> Option<String> {
    text.map(|text| text.trim().to_owned())
        .filter(|text| !text.is_empty())
}

/// Whether an address keeps what is sent there from the eyes of others: HTTPS, or HTTP of this machine itself.
pub(super) fn is_safe_address(url: &str) -> bool {
    let is_clean = url.is_ascii() && !url.contains(char::is_whitespace) && !url.contains('@');
    let host = host_of(url);
    let safe = url.starts_with("https://") || (url.starts_with("http://") && is_loopback(host));
    is_clean && safe && !host.is_empty()
}

/// The host of an address, without its port.
pub(crate) fn host_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    }
}

/// Host and port of an address; the port of the scheme unless it names one.
pub(crate) fn place_of(url: &str) -> (String, u16) {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let usual = match scheme {
        "http" => 80,
        "ldap" => 389,
        "ldaps" => 636,
        _ => 443,
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let after_host = authority.rsplit(']').next().unwrap_or_default();
    let port = after_host.rsplit_once(':');
    let port = port
        .and_then(|(_, port)| port.parse().ok())
        .unwrap_or(usual);
    (host_of(url).to_owned(), port)
}

pub(crate) fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host
            .parse()
            .is_ok_and(|address: IpAddr| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(body: Value) -> Result<ProviderSettings, String> {
        let Value::Object(body) = body else {
            panic!("a body is an object");
        };
        ProviderSettings::read(body).map_err(|error| error.to_string())
    }

    #[test]
    fn what_is_not_said_is_as_usual_and_reads_back() {
        let settings =
            read(json!({"kind": "OIDC", "issuer": "https://id.example.com", "clientId": "m"}))
                .unwrap();
        let How::Oidc(oidc) = &settings.how else {
            panic!("not OpenID Connect")
        };
        assert_eq!(oidc.scopes, ["openid", "profile", "email"]);
        assert!(oidc.second_factor_methods.is_empty() && !settings.creates_people);
        assert_eq!(ProviderSettings::read(settings.to_map()).unwrap(), settings);
    }

    #[test]
    fn names_are_trusted_only_if_it_is_said_which() {
        let oidc = |more: Value| {
            let mut body = json!({"kind": "oidc", "issuer": "https://i", "clientId": "m"});
            let map = body.as_object_mut().unwrap();
            map.extend(more.as_object().unwrap().clone());
            read(body)
        };
        assert!(!oidc(json!({})).unwrap().trusts_names);
        let unsaid = oidc(json!({"trustsNames": true})).unwrap_err();
        assert!(unsaid.contains("nameClaim"), "{unsaid}");
        assert!(oidc(json!({"trustsNames": true, "nameClaim": "upn"})).is_ok());
    }

    #[test]
    fn an_unknown_property_is_named() {
        let wrong = json!({"kind": "oidc", "issuer": "https://i", "clientId": "m", "tenant": "x"});
        assert!(read(wrong).unwrap_err().contains("tenant"));
    }

    #[test]
    fn nothing_travels_in_clear_but_within_this_machine() {
        let oidc = |issuer: &str| read(json!({"kind": "oidc", "issuer": issuer, "clientId": "m"}));
        assert!(oidc("https://id.example.com/realms/one").is_ok());
        assert!(oidc("http://127.0.0.1:3000").is_ok() && oidc("http://[::1]:3000").is_ok());
        for bad in [
            "http://id.example.com",
            "http://localhost.example.com",
            "http://127.0.0.1@evil.example.com",
            "https://",
            "https://a?b",
            "ftp://a",
        ] {
            assert!(oidc(bad).is_err(), "{bad}");
        }
        let ldap = |url: &str, start_tls: bool| {
            read(
                json!({"kind": "ldap", "url": url, "startTls": start_tls, "bindName": "{upn}", "base": "dc=x"}),
            )
        };
        assert!(ldap("ldaps://dc", false).is_ok() && ldap("ldap://dc", true).is_ok());
        assert!(ldap("ldap://127.0.0.1:389/", false).is_ok());
        assert!(ldap("ldap://dc", false).unwrap_err().contains("clear"));
        assert!(ldap("ldaps://dc/?x", false).is_err());
    }

    #[test]
    fn an_address_is_a_host_and_a_port() {
        for (url, host, port) in [
            ("https://id.example.com/realms/a:b", "id.example.com", 443),
            ("http://127.0.0.1:3000", "127.0.0.1", 3000),
            ("ldaps://dc1.example.com", "dc1.example.com", 636),
            ("ldap://[::1]:1389", "::1", 1389),
            ("ldap://[::1]", "::1", 389),
        ] {
            assert_eq!(place_of(url), (host.to_owned(), port));
        }
    }

    #[test]
    fn a_directory_needs_a_way_to_find_people() {
        let ldap = |more: Value| {
            let mut body = json!({"kind": "ldap", "url": "ldaps://dc"});
            let (body_map, more) = (body.as_object_mut().unwrap(), more);
            body_map.extend(more.as_object().unwrap().clone());
            read(body)
        };
        assert!(ldap(json!({})).is_err());
        assert!(ldap(json!({"bindName": "admin"})).is_err());
        assert!(ldap(json!({"bindName": "uid={name},dc=x"})).is_ok());
        // Who was bound is found by the name that was bound, somewhere.
        for bind_name in ["{upn}", "{name}@corp", "CORP\\{name}"] {
            assert!(ldap(json!({"bindName": bind_name})).is_err());
            assert!(ldap(json!({"bindName": bind_name, "base": "dc=x"})).is_ok());
        }
        assert!(ldap(json!({"bindName": "{name}", "base": "dc=x"})).is_err());
        assert!(ldap(json!({"searchAccount": "cn=s", "base": "dc=x"})).is_ok());
        assert!(ldap(json!({"bindName": "{upn}", "nameAttribute": "a)(b"})).is_err());
    }
}
