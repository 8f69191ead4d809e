//! `mandate scim`: tokens of services that bring people and groups.

use clap::{Args, Subcommand};
use mandate_engine::{Actor, ScimToken};
use serde_json::{Value, json};
use uuid::Uuid;

use super::place::Place;
use crate::output;

/// Look after the tokens of services that bring people and groups (SCIM)
#[derive(Debug, Args)]
pub(crate) struct Scim {
    #[command(subcommand)]
    command: ScimCommand,
}

#[derive(Debug, Subcommand)]
enum ScimCommand {
    /// Make a token and print it, once; those there are stay good
    Create(Create),
    /// List tokens, the newest last
    List(Place),
    /// Delete a token: what was brought with it stays
    Delete(Delete),
}

#[derive(Debug, Args)]
struct Create {
    #[command(flatten)]
    place: Place,
    /// Name of the service; the audit names what it brings so
    name: String,
    /// Days that the token is good for, up to 730
    #[arg(long, default_value_t = 365)]
    days: i64,
}

#[derive(Debug, Args)]
struct Delete {
    #[command(flatten)]
    place: Place,
    /// Id of the token
    id: Uuid,
}

impl Scim {
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        match self.command {
            ScimCommand::Create(create) => create.run().await,
            ScimCommand::List(place) => list(&place).await,
            ScimCommand::Delete(delete) => delete.run().await,
        }
    }
}

impl Create {
    async fn run(self) -> anyhow::Result<()> {
        let engine = self.place.engine().await?;
        let made = engine
            .create_scim_token(&Actor::system(), &self.name, self.days)
            .await;
        engine.store().close().await;
        let made = made?;
        if self.place.json {
            let mut body = shown(&made.known);
            body["token"] = json!(*made.token);
            output::json(&body);
            return Ok(());
        }
        output::line(&made.token);
        let until = made.known.expires_at.to_string();
        output::note(&format!(
            "this is the only time that it is shown; it is good until {until}"
        ));
        output::note("services find people and groups at `/scim/v2` of this server");
        Ok(())
    }
}

async fn list(place: &Place) -> anyhow::Result<()> {
    let engine = place.engine().await?;
    let tokens = engine.list_scim_tokens(&Actor::system()).await;
    engine.store().close().await;
    let tokens = tokens?;
    if place.json {
        output::json(&tokens.iter().map(shown).collect::<Vec<_>>());
        return Ok(());
    }
    for token in &tokens {
        let until = token.expires_at.to_string();
        let day = until.get(..10).unwrap_or(&until);
        output::line(&format!(
            "{}  {}…  until {day}  {}",
            token.id, token.hint, token.name
        ));
    }
    if tokens.is_empty() {
        output::note("there is no token yet; `mandate scim create NAME` makes one");
    }
    Ok(())
}

impl Delete {
    async fn run(self) -> anyhow::Result<()> {
        let engine = self.place.engine().await?;
        let deleted = engine.delete_scim_token(&Actor::system(), self.id).await;
        engine.store().close().await;
        deleted?;
        output::note("deleted the token; whoever has it brings nothing any more");
        Ok(())
    }
}

/// A token as JSON; never what opens the door.
fn shown(token: &ScimToken) -> Value {
    json!({
        "id": token.id,
        "displayName": token.name,
        "hint": token.hint,
        "createdDateTime": token.created_at.to_string(),
        "expirationDateTime": token.expires_at.to_string(),
    })
}
