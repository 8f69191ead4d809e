//! Where the people of the story come from: a domain controller, or OpenLDAP.

use ldap3::Mod;
use serde_json::{Value, json};

use crate::house::{BASE, DIRECTORY_PASSWORD, Slapd};

/// A directory with `ada` and `bob`, who are in `Sales`, and `eve`, who is not.
pub(super) struct Source {
    /// How people and groups are read: `POST /mandate/v1/directories`.
    pub(super) directory: Value,
    /// How people sign in: `POST /mandate/v1/identityProviders`.
    pub(super) provider: Value,
    /// The domain of sign-in names.
    pub(super) suffix: &'static str,
    /// The short name of the Windows domain.
    pub(super) net_bios: &'static str,
    password: fn(&str) -> String,
    /// Ends when the story does.
    _slapd: Option<Slapd>,
}

impl Source {
    /// The domain controller that `.ci/samba` runs beside a command; `None`, and a word about it, without one.
    pub(super) fn samba() -> Option<Self> {
        #[expect(clippy::disallowed_methods, reason = "the script says where it is")]
        let Ok(place) = std::env::var("MANDATE_TEST_SAMBA") else {
            eprintln!(
                "SKIPPED: MANDATE_TEST_SAMBA is not set; `.ci/samba COMMAND` runs a command beside a domain controller"
            );
            return None;
        };
        let roots = std::fs::read_to_string(format!("{place}/ca.pem")).unwrap();
        let base = "DC=mandate,DC=test";
        let way = json!({
            "name": "corp", "url": "ldap://127.0.0.1", "startTls": true, "roots": roots, "base": base,
        });
        Some(Self {
            directory: with(
                &way,
                &json!({
                    "kind": "activeDirectory", "account": "Administrator@mandate.test", "password": "Passw0rd!x",
                }),
            ),
            provider: with(
                &way,
                &json!({"kind": "ldap", "bindName": "{upn}", "displayName": "Corp"}),
            ),
            suffix: "mandate.test",
            net_bios: "MANDATE",
            password: |name| format!("Lovelace1!{name}"),
            _slapd: None,
        })
    }

    /// OpenLDAP; `None`, and a word about it, on a machine without it.
    pub(super) async fn openldap() -> Option<Self> {
        let slapd = Slapd::start().await?;
        slapd.add_person("people", "eve", "Eve's own").await;
        let people = |name: &str| format!("uid={name},ou=people,{BASE}");
        for (name, own) in [("ada", "Ada"), ("bob", "Bob"), ("eve", "Eve")] {
            let own = [own].into();
            slapd
                .modify(&people(name), vec![Mod::Replace("givenName", own)])
                .await;
        }
        let (ada, bob) = (people("ada"), people("bob"));
        let sales: [(&str, &[&str]); 3] = [
            ("objectClass", &["groupOfNames"]),
            ("cn", &["Sales"]),
            ("member", &[&ada, &bob]),
        ];
        slapd
            .add(&format!("cn=Sales,ou=groups,{BASE}"), &sales)
            .await;
        let way = json!({
            "name": "corp", "kind": "ldap", "url": format!("ldaps://127.0.0.1:{}", slapd.tls_port),
            "roots": slapd.root(), "base": BASE,
        });
        Some(Self {
            directory: with(
                &way,
                &json!({
                    "account": format!("cn=admin,{BASE}"), "password": DIRECTORY_PASSWORD,
                    "attributes": {"userPrincipalName": "mail"},
                    "domainName": "corp.contoso.com", "netBiosName": "CONTOSO",
                }),
            ),
            provider: with(
                &way,
                &json!({"bindName": format!("uid={{name}},ou=people,{BASE}"), "displayName": "Corp"}),
            ),
            suffix: "contoso.com",
            net_bios: "CONTOSO",
            password: |name| format!("{}{}'s own", name[..1].to_uppercase(), &name[1..]),
            _slapd: Some(slapd),
        })
    }

    /// Somebody's sign-in name.
    pub(super) fn upn(&self, name: &str) -> String {
        format!("{name}@{}", self.suffix)
    }

    /// Somebody's password in the directory.
    pub(super) fn password_of(&self, name: &str) -> String {
        (self.password)(name)
    }
}

fn with(way: &Value, more: &Value) -> Value {
    let mut all = way.as_object().cloned().unwrap();
    all.extend(more.as_object().cloned().unwrap());
    Value::Object(all)
}
