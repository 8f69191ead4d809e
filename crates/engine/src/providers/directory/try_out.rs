//! Trying a directory, step by step.

use super::check::{bind_account, search, server};
use super::person::{Names, vouched};
use crate::Engine;
use crate::providers::settings::{DirectorySettings, Provider};
use crate::providers::{DirectoryEntry, TryStep};

impl Engine {
    /// Connects, binds the account that searches, and looks for somebody.
    pub(in crate::providers) async fn try_directory(
        &self,
        provider: &Provider,
        settings: &DirectorySettings,
        secret: Option<&[u8]>,
        person: Option<&str>,
        steps: &mut Vec<TryStep>,
    ) {
        let server = server(provider, settings);
        let mut connection = match self.provider_gateway().connect(&server).await {
            Ok(connection) => connection,
            Err(reason) => return steps.push(TryStep::bad("TLS", reason)),
        };
        let is_plain = server.url.starts_with("ldap://") && !server.start_tls;
        let outcome = if is_plain {
            "none, as it is this machine itself"
        } else {
            "the certificate is trusted"
        };
        steps.push(TryStep::good("TLS", outcome));
        if settings.search_account.is_none() {
            let outcome = "none: people bind with their own names";
            return steps.push(TryStep::good("search account", outcome));
        }
        if let Err(reason) = bind_account(&mut *connection, settings, secret).await {
            return steps.push(TryStep::bad("search account", reason));
        }
        steps.push(TryStep::good("search account", "its password was taken"));
        let Some(person) = person else {
            return;
        };
        let names = Names::of(person, None);
        match search(&mut *connection, settings, &names).await {
            Ok(found) => match found.as_slice() {
                [] => steps.push(TryStep::bad(
                    "person",
                    format!("nobody was found with {}", names.filter(settings)),
                )),
                [one] => steps.push(person_step(provider, settings, &names, one)),
                _ => steps.push(TryStep::bad(
                    "person",
                    "several entries have that name".to_owned(),
                )),
            },
            Err(reason) => steps.push(TryStep::bad("person", reason)),
        }
    }
}

/// Whether an entry is that of the name, and what names it for good.
fn person_step(
    provider: &Provider,
    settings: &DirectorySettings,
    names: &Names,
    entry: &DirectoryEntry,
) -> TryStep {
    let dn = &entry.dn;
    match vouched(&provider.settings.domains, settings, names, entry) {
        None => TryStep::bad(
            "person",
            format!("{dn} has nothing that names it for good; `idAttribute` says what does"),
        ),
        Some(vouched) if vouched.name.is_none() => TryStep::bad(
            "person",
            format!("{dn} has another name as its `userPrincipalName` and `mail`"),
        ),
        Some(vouched) => TryStep::good("person", &format!("{dn}, {}", vouched.subject)),
    }
}
