//! Whether Windows finds this server by the domain of somebody's mail address.

use serde::Serialize;

use super::name::normalise;
use crate::{Action, Actor, Engine, EngineError};

/// The name that Windows asks for when somebody gives a mail address ([MS-MDE2] §3.1).
const LABEL: &str = "enterpriseenrollment";

/// What the name servers say of the name that Windows asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DiscoveryCheck {
    /// The name that Windows asks for.
    pub name: String,
    /// Where it is to lead.
    pub expected: String,
    /// Where it leads.
    pub found: Vec<String>,
    /// What that comes to.
    pub state: DiscoveryState,
    /// The same in a sentence, without a full stop.
    pub message: String,
}

/// What the check comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum DiscoveryState {
    /// It leads here.
    Right,
    /// There is no such name.
    Absent,
    /// It leads elsewhere.
    Elsewhere,
    /// The name servers give no answer.
    Unknown,
}

pub(super) fn label(domain: &str) -> String {
    format!("{LABEL}.{domain}")
}

impl Engine {
    /// Asks the name servers where the name leads that Windows asks for.
    pub async fn check_discovery(
        &self,
        actor: &Actor,
        name: &str,
    ) -> Result<DiscoveryCheck, EngineError> {
        actor.require(Action::DomainsUpdate)?;
        let domain = self.domain_for(actor, name).await?;
        let name = label(&domain.name);
        let answer = self.preflight_gateway().aliases(&name).await;
        Ok(judge(name, self.public_host(), answer))
    }
}

fn judge(name: String, expected: String, answer: Result<Vec<String>, String>) -> DiscoveryCheck {
    let (found, state, message) = match answer {
        Err(reason) => (
            Vec::new(),
            DiscoveryState::Unknown,
            format!("the name servers give no answer: {reason}"),
        ),
        Ok(found) if found.is_empty() => (
            found,
            DiscoveryState::Absent,
            format!("`{name}` is no CNAME; Windows asks people for the address of this server"),
        ),
        Ok(found) => {
            let is_here = |alias: &String| is_same(alias, &expected);
            if found.iter().any(is_here) {
                let message = format!("`{name}` leads to `{expected}`");
                (found, DiscoveryState::Right, message)
            } else {
                let message = format!(
                    "`{name}` leads to `{}` and not to `{expected}`",
                    found.join("`, `")
                );
                (found, DiscoveryState::Elsewhere, message)
            }
        }
    };
    DiscoveryCheck {
        name,
        expected,
        found,
        state,
        message,
    }
}

/// Whether an alias is this host, which need not be a domain: within an organisation it may have one label alone.
fn is_same(alias: &str, host: &str) -> bool {
    let plain = alias.strip_suffix('.').unwrap_or(alias);
    plain.eq_ignore_ascii_case(host) || normalise(alias).is_ok_and(|alias| alias == host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_leads_here_elsewhere_or_nowhere() {
        let check = |answer: Result<Vec<&str>, &str>| {
            let answer = answer.map(|names| names.into_iter().map(str::to_owned).collect());
            judge(
                label("contoso.com"),
                "mdm.contoso.com".to_owned(),
                answer.map_err(str::to_owned),
            )
        };
        assert_eq!(
            check(Ok(vec!["MDM.Contoso.com."])).state,
            DiscoveryState::Right
        );
        assert_eq!(check(Ok(vec![])).state, DiscoveryState::Absent);
        assert_eq!(check(Err("refused")).state, DiscoveryState::Unknown);
        let elsewhere = check(Ok(vec!["manage.example"]));
        assert_eq!(elsewhere.state, DiscoveryState::Elsewhere);
        assert!(elsewhere.message.contains("manage.example"));
        assert_eq!(elsewhere.name, "enterpriseenrollment.contoso.com");
        // A host within the organisation may have one label alone.
        assert!(is_same("MDM.", "mdm") && is_same("mdm", "mdm"));
        assert!(!is_same("mdm.contoso.com", "mdm") && !is_same("", "mdm"));
    }
}
