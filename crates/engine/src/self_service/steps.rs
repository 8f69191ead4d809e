//! Steps of the organisation's own for removing an account that was made by hand: systems change faster than programs.

use std::collections::BTreeMap;

use mandate_store::Session;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::AccountsPlace;
use crate::audit::Change;
use crate::{Action, Actor, Engine, EngineError};

/// Name of the setting in the store.
const NAME: &str = "accountSteps";
/// Languages of the portal, by ISO 639-1.
const LANGUAGES: [&str; 3] = ["en", "nl", "sv"];
const MOST_STEPS: usize = 10;
/// Characters of a step.
const LONGEST: usize = 300;

/// The steps by place and language; where there are none, those of the program count.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AccountSteps(BTreeMap<AccountsPlace, BTreeMap<String, Vec<String>>>);

/// Steps to be set for a place and a language; none takes those of the organisation away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountStepsChange {
    /// For which systems.
    pub place: AccountsPlace,
    /// In which language: `en`, `nl` or `sv`.
    pub language: String,
    /// One to ten of them, each with at most 300 characters; `{address}` in them stands for the address of the account.
    pub steps: Option<Vec<String>>,
}

impl AccountSteps {
    /// The organisation's own steps for a place, in a language, if it has some.
    pub fn of(&self, place: AccountsPlace, language: &str) -> Option<&[String]> {
        Some(self.0.get(&place)?.get(language)?.as_slice())
    }

    fn apply(&mut self, change: AccountStepsChange) -> Result<(), EngineError> {
        let AccountStepsChange {
            place,
            language,
            steps,
        } = change;
        let property = format!("{}/{language}", place.name());
        if !LANGUAGES.contains(&language.as_str()) {
            let rule = "is not a language of the portal: `en`, `nl`, `sv`";
            return Err(EngineError::invalid(&property, rule, None));
        }
        let languages = self.0.entry(place).or_default();
        match steps {
            Some(steps) => {
                let steps: Vec<String> = steps.iter().map(|step| step.trim().to_owned()).collect();
                if let Err(rule) = check(&steps) {
                    return Err(EngineError::invalid(&property, rule, None));
                }
                languages.insert(language, steps);
            }
            None => drop(languages.remove(&language)),
        }
        self.0.retain(|_, languages| !languages.is_empty());
        Ok(())
    }
}

fn check(steps: &[String]) -> Result<(), &'static str> {
    if !(1..=MOST_STEPS).contains(&steps.len()) {
        return Err("must be a list of 1 to 10 steps");
    }
    let is_long = |step: &String| step.chars().count() > LONGEST;
    if steps.iter().any(|step| step.is_empty() || is_long(step)) {
        return Err("must be steps of 1 to 300 characters");
    }
    if steps.iter().any(|step| step.contains(char::is_control)) {
        return Err("must be steps of one line each");
    }
    Ok(())
}

impl Engine {
    /// The organisation's own steps. Whoever has a blocked account reads them, so everybody may.
    pub async fn account_steps(&self) -> Result<AccountSteps, EngineError> {
        read(&mut self.store().read().await?).await
    }

    /// The same for whoever looks after them.
    pub async fn account_steps_for(&self, actor: &Actor) -> Result<AccountSteps, EngineError> {
        actor.require(Action::OrganizationRead)?;
        self.account_steps().await
    }

    /// Sets steps, or takes them away; all of the changes are made or none.
    pub async fn update_account_steps(
        &self,
        actor: &Actor,
        changes: Vec<AccountStepsChange>,
    ) -> Result<AccountSteps, EngineError> {
        actor.require(Action::OrganizationUpdate)?;
        let mut session = self.store().write().await?;
        let before = read(&mut session).await?;
        let mut steps = before.clone();
        for change in changes {
            steps.apply(change)?;
        }
        if steps == before {
            return Ok(steps);
        }
        let text = serde_json::to_string(&steps).expect("texts by names");
        session.set_setting(NAME, &text).await?;
        let tenant = self.tenant();
        let (old, new) = (
            json!({ "accountSteps": before }),
            json!({ "accountSteps": steps }),
        );
        let change = Change::update("deviceManagement", tenant.id, &tenant.company, &old, &new);
        self.audit(&mut session, actor, change).await?;
        session.commit().await?;
        Ok(steps)
    }
}

async fn read(session: &mut Session) -> Result<AccountSteps, EngineError> {
    match session.find_setting(NAME).await? {
        None => Ok(AccountSteps::default()),
        Some(text) => serde_json::from_str(&text).map_err(|error| {
            EngineError::Internal(format!("setting `{NAME}` cannot be read: {error}"))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(language: &str, steps: Option<&[&str]>) -> AccountStepsChange {
        let owned = |steps: &[&str]| steps.iter().map(|step| (*step).to_owned()).collect();
        AccountStepsChange {
            place: AccountsPlace::SettingsApps,
            language: language.to_owned(),
            steps: steps.map(owned),
        }
    }

    #[test]
    fn steps_are_set_read_back_and_taken_away() {
        let mut steps = AccountSteps::default();
        steps
            .apply(change("nl", Some(&["  Open Instellingen. "])))
            .unwrap();
        let text = serde_json::to_string(&steps).unwrap();
        assert_eq!(text, r#"{"settingsApps":{"nl":["Open Instellingen."]}}"#);
        let again: AccountSteps = serde_json::from_str(&text).unwrap();
        let own = again.of(AccountsPlace::SettingsApps, "nl").unwrap();
        assert_eq!(own, ["Open Instellingen."]);
        assert_eq!(again.of(AccountsPlace::SettingsApps, "sv"), None);
        assert_eq!(again.of(AccountsPlace::SettingsMail, "nl"), None);
        steps.apply(change("nl", None)).unwrap();
        assert_eq!(steps, AccountSteps::default());
    }

    #[test]
    fn what_cannot_be_shown_is_refused() {
        let mut steps = AccountSteps::default();
        let long = "é".repeat(301);
        let eleven = ["x"; 11];
        for refused in [
            change("de", Some(&["Los"])),
            change("en", Some(&[])),
            change("en", Some(&eleven)),
            change("en", Some(&["One", " "])),
            change("en", Some(&[&long])),
            change("en", Some(&["two\nlines"])),
        ] {
            let answer = steps.apply(refused.clone());
            assert!(
                matches!(answer, Err(EngineError::Invalid(_))),
                "{refused:?}"
            );
        }
        let longest = "é".repeat(300);
        steps
            .apply(change("en", Some(&[longest.as_str(); 10])))
            .unwrap();
    }
}
