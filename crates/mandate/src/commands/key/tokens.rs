//! `mandate key tokens`.

use clap::{Args, Subcommand};
use mandate_engine::{Actor, TokenKeyView};
use serde_json::{Value, json};

use crate::commands::place::Place;
use crate::output;

/// The keys that sign tokens
#[derive(Debug, Args)]
pub(super) struct Tokens {
    #[command(subcommand)]
    command: TokensCommand,
}

#[derive(Debug, Subcommand)]
enum TokensCommand {
    /// List the keys
    List(List),
    /// Make a new key; it signs after a day, and nobody is signed out
    Rotate(Rotate),
}

#[derive(Debug, Args)]
struct List {
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, Args)]
struct Rotate {
    #[command(flatten)]
    place: Place,
    /// Sign with it at once, and not after a day in which everybody can learn of it
    #[arg(long)]
    now: bool,
}

impl Tokens {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let place = match &self.command {
            TokensCommand::List(list) => &list.place,
            TokensCommand::Rotate(rotate) => &rotate.place,
        };
        let engine = place.engine().await?;
        if let TokensCommand::Rotate(rotate) = &self.command {
            engine
                .rotate_token_key(&Actor::system(), rotate.now)
                .await?;
        }
        let keys = engine.list_token_keys(&Actor::system()).await?;
        engine.store().close().await;
        if place.json {
            let keys: Vec<Value> = keys.iter().map(shown).collect();
            output::json(&keys);
            return Ok(());
        }
        for key in &keys {
            let until = key
                .verifies_until
                .map(|until| format!(", verifies until {until}"));
            let now = if key.signs_now { "  (signs now)" } else { "" };
            output::line(&format!(
                "{}  signs from {}{}{now}",
                key.id,
                key.signs_from,
                until.unwrap_or_default()
            ));
        }
        Ok(())
    }
}

fn shown(key: &TokenKeyView) -> Value {
    json!({
        "id": key.id,
        "created": key.created_at.to_string(),
        "signsFrom": key.signs_from.to_string(),
        "verifiesUntil": key.verifies_until.map(|until| until.to_string()),
        "signsNow": key.signs_now,
    })
}
