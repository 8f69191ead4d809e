//! The test of all connections of the server.

use mandate_model::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::task::JoinSet;

use super::probe::{ConnectionResult, probe};
use super::stored::{last_test, store_test};
use super::{Connection, ConnectionFrom};
use crate::audit::Change;
use crate::{Action, Actor, Engine, EngineError};

/// Connections that are tried at a time.
const AT_ONCE: usize = 8;
/// More connections than this are not tried: nobody has as many authorities and directories.
const MOST: usize = 64;

/// What was found when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConnectionTest {
    /// When the last of them was tried.
    pub date_time: Timestamp,
    /// Each connection that was tried and is still in the list.
    pub results: Vec<ConnectionResult>,
}

impl ConnectionTest {
    /// Connections that cannot be used.
    pub fn failed(&self) -> impl Iterator<Item = &ConnectionResult> {
        self.results.iter().filter(|result| !result.is_good)
    }
}

impl Engine {
    /// Tries connections of the server: those that are named, or all. Refused while another test is under way. What is tried
    /// is only what stands in the list.
    pub async fn test_connections(
        &self,
        actor: &Actor,
        ids: Option<Vec<String>>,
    ) -> Result<ConnectionTest, EngineError> {
        actor.require(Action::ConnectionsTest)?;
        let list = self.list_connections().await?;
        let chosen = choose(&list, ids)?;
        let Ok(_turn) = self.cache().testing.try_lock() else {
            let reason = "a test of the connections is under way already; wait for it".to_owned();
            return Err(EngineError::NotPossible { reason });
        };
        let results = self.probe_all(chosen).await?;
        self.keep_results(actor, &list, results).await
    }

    async fn probe_all(
        &self,
        chosen: Vec<Connection>,
    ) -> Result<Vec<ConnectionResult>, EngineError> {
        let mut waiting = chosen.into_iter();
        let (mut under_way, mut results) = (JoinSet::new(), Vec::new());
        loop {
            while under_way.len() < AT_ONCE
                && let Some(connection) = waiting.next()
            {
                let engine = self.clone();
                under_way.spawn(async move { probe(&engine, &connection).await });
            }
            match under_way.join_next().await {
                Some(Ok(result)) => results.push(result),
                Some(Err(error)) => return Err(EngineError::Internal(error.to_string())),
                None => return Ok(results),
            }
        }
    }

    /// Notes what was found beside what was found earlier of other connections.
    async fn keep_results(
        &self,
        actor: &Actor,
        list: &[Connection],
        new: Vec<ConnectionResult>,
    ) -> Result<ConnectionTest, EngineError> {
        let mut session = self.store().write().await?;
        let before = last_test(&mut session).await?;
        let mut known = before.map(|test| test.results).unwrap_or_default();
        let (tried, failed) = (new.len(), new.iter().filter(|one| !one.is_good).count());
        for result in new {
            known.retain(|one| one.id != result.id);
            known.push(result);
        }
        let mut results = Vec::new();
        for connection in list {
            let found = known.iter().find(|one| one.id == connection.id);
            results.extend(found.filter(|one| one.host == connection.host).cloned());
        }
        let test = ConnectionTest {
            date_time: self.now(),
            results,
        };
        store_test(&mut session, &test).await?;
        let tenant = self.tenant();
        let after = json!({ "tested": tried, "failed": failed });
        let change = Change::action(
            "testConnections",
            "organization",
            tenant.id,
            &tenant.company,
            after,
        );
        self.audit(&mut session, actor, change).await?;
        session.commit().await?;
        Ok(test)
    }
}

fn choose(list: &[Connection], ids: Option<Vec<String>>) -> Result<Vec<Connection>, EngineError> {
    let testable = |one: &&Connection| one.is_testable && one.from == ConnectionFrom::Server;
    let Some(ids) = ids else {
        return Ok(list.iter().filter(testable).take(MOST).cloned().collect());
    };
    if ids.is_empty() || ids.len() > MOST {
        let rule = format!("must name 1 to {MOST} connections of the list");
        return Err(EngineError::invalid("ids", &rule, None));
    }
    let mut chosen: Vec<Connection> = Vec::new();
    for id in &ids {
        let found = list.iter().filter(testable).find(|one| one.id == *id);
        let found = found.ok_or_else(|| {
            let shown: String = id.chars().take(80).collect();
            let rule = "must be ids of connections in the list that this server can test";
            EngineError::invalid("ids", rule, Some(&shown))
        })?;
        if !chosen.iter().any(|one| one.id == found.id) {
            chosen.push(found.clone());
        }
    }
    Ok(chosen)
}
