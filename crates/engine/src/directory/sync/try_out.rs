//! Trying whether a directory can be read, step by step.

use super::manage::read_settings;
use super::reader::{Look, Reader, Which};
use super::settings::SyncSettings;
use crate::providers::TryStep;
use crate::{Action, Actor, Engine, EngineError};

impl Engine {
    /// Goes the way to a directory step by step; the last one is where it ends. Nothing is written, and nothing that the
    /// directory says is shown but counts and names of domains.
    pub async fn try_synced_directory(
        &self,
        actor: &Actor,
        name: &str,
    ) -> Result<Vec<TryStep>, EngineError> {
        actor.require(Action::SignInUpdate)?;
        let mut session = self.store().read().await?;
        let record = session
            .find_directory(name)
            .await?
            .ok_or_else(|| EngineError::not_found("directory", name))?;
        let password = self.directory_password(&mut session, name).await?;
        drop(session);
        let settings = read_settings(&record)?;
        let mut steps = Vec::new();
        if !self.try_to_reach(&settings.url, &mut steps).await {
            return Ok(steps);
        }
        let gateway = self.provider_gateway();
        let mut reader = match Reader::open(gateway, &settings, &password).await {
            Ok(reader) => reader,
            Err(stuck) => {
                if stuck.step != "TLS" {
                    steps.push(tls(&settings));
                }
                steps.push(TryStep::bad(stuck.step, stuck.reason));
                return Ok(steps);
            }
        };
        steps.push(tls(&settings));
        steps.push(TryStep::good("account", "its password was taken"));
        steps.push(TryStep::good("directory", &described(&reader.look)));
        for (which, step) in [(Which::People, "people"), (Which::Groups, "groups")] {
            if which == Which::Groups && !settings.sync_groups {
                continue;
            }
            match reader.page(which, None, &[]).await {
                Ok(page) if page.entries.is_empty() => {
                    let reason = "nothing was found: does the base exist, does the filter fit, may the account read it?";
                    steps.push(TryStep::bad(step, reason.to_owned()));
                    // Groups are not needed.
                    if which == Which::People {
                        return Ok(steps);
                    }
                }
                Ok(page) => {
                    let number = page.entries.len();
                    let more = if page.cookie.is_empty() {
                        ""
                    } else {
                        ", and there are more"
                    };
                    steps.push(TryStep::good(step, &format!("{number} found{more}")));
                }
                Err(reason) => {
                    steps.push(TryStep::bad(step, reason));
                    return Ok(steps);
                }
            }
        }
        if reader.look.naming_context.is_some() {
            let outcome = if reader.sees_tombstones().await {
                "the account may see them"
            } else {
                "the account may not see them: who is missing is found by reading all ids each time"
            };
            steps.push(TryStep::good("deleted objects", outcome));
        }
        Ok(steps)
    }
}

fn tls(settings: &SyncSettings) -> TryStep {
    let is_plain = settings.url.starts_with("ldap://") && !settings.start_tls;
    let outcome = if is_plain {
        "none: everything travels in clear"
    } else {
        "the certificate is trusted"
    };
    TryStep::good("TLS", outcome)
}

fn described(look: &Look) -> String {
    match (&look.domain.name, &look.domain.net_bios_name) {
        (Some(name), Some(short)) => format!("the domain {name} ({short})"),
        (Some(name), None) => format!("the domain {name}"),
        _ => "it answers".to_owned(),
    }
}
