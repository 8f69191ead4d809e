//! The organisation's own steps for removing an account that was made by hand.

use mandate_engine::{AccountStepsChange, AccountsPlace, Actor};
use serde_json::{Map, Value, json};

use crate::error::{GraphError, Result};
use crate::state::GraphState;

/// `GET accountSteps`: by place and language; where there are none, the portal has its own.
pub(crate) async fn show_account_steps(state: &GraphState, actor: &Actor) -> Result<Value> {
    Ok(json!(state.engine().account_steps_for(actor).await?))
}

/// `PATCH accountSteps`: what is absent stays, `null` takes away.
pub(crate) async fn update_account_steps(
    state: &GraphState,
    actor: &Actor,
    body: &Map<String, Value>,
) -> Result<Value> {
    let mut changes = Vec::new();
    for (name, languages) in body {
        let place = AccountsPlace::parse(name).ok_or_else(|| {
            let places = AccountsPlace::ALL.map(AccountsPlace::name).join("`, `");
            GraphError::invalid(name, format!("`{name}` must be one of `{places}`"))
        })?;
        let languages = languages.as_object().ok_or_else(|| {
            let message =
                format!("`{name}` must be an object with languages, but is `{languages}`");
            GraphError::invalid(name, message)
        })?;
        for (language, steps) in languages {
            changes.push(AccountStepsChange {
                place,
                language: language.clone(),
                steps: read_steps(&format!("{name}/{language}"), steps)?,
            });
        }
    }
    let steps = state.engine().update_account_steps(actor, changes).await?;
    Ok(json!(steps))
}

fn read_steps(property: &str, value: &Value) -> Result<Option<Vec<String>>> {
    let texts = |items: &Vec<Value>| {
        let texts = items.iter().map(|item| item.as_str().map(str::to_owned));
        texts.collect::<Option<Vec<String>>>()
    };
    let steps = match value {
        Value::Null => return Ok(None),
        Value::Array(items) => texts(items),
        _ => None,
    };
    match steps {
        Some(steps) => Ok(Some(steps)),
        None => Err(GraphError::invalid(
            property,
            format!("`{property}` must be a list of texts or null, but is `{value}`"),
        )),
    }
}
