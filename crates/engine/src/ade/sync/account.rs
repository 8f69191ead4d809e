//! What Apple says of the server that a token is of.

use mandate_store::AdeTokenRecord;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::super::client::Client;
use super::{AT_ONCE, Step, Sync, picked};
use crate::EngineError;

impl Sync<'_> {
    /// What Apple says of the server, once for each token.
    pub(super) async fn fetch_account(&self, client: &Client<'_>) -> Result<Step, EngineError> {
        let Some(token) = self.record().await? else {
            return Ok(Step::Overtaken);
        };
        if token.account.is_some() {
            return Ok(Step::Done);
        }
        let answer = match client.ask("GET", "/account", None).await {
            Ok(answer) => answer,
            Err(fault) => return Ok(Step::Fault(fault)),
        };
        let mut account = picked(
            &answer,
            &[
                "server_name",
                "server_uuid",
                "org_name",
                "org_id",
                "org_type",
            ],
        );
        account.insert("limits".to_owned(), limits(&answer));
        let mut session = self.engine.store().write().await?;
        // Another server than before knows nothing of what was defined there.
        let known = token_setting(self.token);
        let uuid = account
            .get("server_uuid")
            .and_then(Value::as_str)
            .unwrap_or_default();
        if session
            .find_setting(&known)
            .await?
            .is_some_and(|before| before != uuid)
        {
            session.undefine_ade_profiles(self.token).await?;
        }
        session.set_setting(&known, uuid).await?;
        let token = AdeTokenRecord {
            account: Some(Value::Object(account).to_string()),
            ..token
        };
        if !self.note(&mut session, &token).await? {
            return Ok(Step::Overtaken);
        }
        session.commit().await?;
        Ok(Step::Done)
    }
}

/// Which server at Apple a token was of last.
pub(in crate::ade) fn token_setting(token: Uuid) -> String {
    format!("ade.server.{token}")
}

/// The most devices for each address, as Apple says.
fn limits(answer: &Value) -> Value {
    let urls = answer["urls"].as_array().into_iter().flatten();
    urls.filter_map(|url| {
        let most = url["limit"]["maximum"].as_u64()?;
        Some((url["uri"].as_str()?.to_owned(), json!(most)))
    })
    .take(50)
    .collect::<Map<_, _>>()
    .into()
}

/// How many devices Apple takes at once.
pub(super) fn at_once(token: &AdeTokenRecord) -> u32 {
    let account = token.account.as_deref().unwrap_or_default();
    let account: Value = serde_json::from_str(account).unwrap_or_default();
    let limit = account["limits"]["/profile/devices"].as_u64();
    let limit = limit.and_then(|limit| u32::try_from(limit).ok());
    limit.unwrap_or(AT_ONCE).clamp(1, AT_ONCE)
}
