//! The audit in the background: tells the webhook, lets old entries go, and says in the log where the chain ends.

use std::time::Duration;

use mandate_engine::{AuditHead, Engine};
use tokio::sync::watch;

use crate::config::Config;
use crate::webhook::Webhook;

/// How often it is looked for what was not told yet.
const DELIVER: Duration = Duration::from_secs(2);
/// How often old entries are let go, and the end of the chain is logged.
const TIDY: Duration = Duration::from_hours(1);

/// Who is told, and how long entries are kept.
pub(crate) struct Auditing {
    retention_days: i64,
    webhook: Option<Webhook>,
}

impl Auditing {
    pub(crate) fn of(config: &Config) -> anyhow::Result<Self> {
        Ok(Self {
            retention_days: config.audit_retention_days,
            webhook: Webhook::of_audit(config)?,
        })
    }

    /// Works until told to stop. What is under way then is told again after the next start.
    pub(crate) async fn run(self, engine: Engine, stopping: watch::Receiver<bool>) {
        // One receiver that does not answer keeps nothing else waiting.
        let mut until = stopping.clone();
        tokio::select! {
            _ = until.wait_for(|stop| *stop) => {}
            ((), ()) = async { tokio::join!(self.tell(&engine), self.tidy(&engine)) } => {}
        }
    }

    async fn tell(&self, engine: &Engine) {
        let Some(webhook) = &self.webhook else { return };
        let mut rounds = tokio::time::interval(DELIVER);
        rounds.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            rounds.tick().await;
            loop {
                match engine.deliver_audit(webhook).await {
                    Ok(true) => {}
                    Ok(false) => break,
                    Err(error) => {
                        tracing::error!("the audit could not be delivered: {error}");
                        break;
                    }
                }
            }
        }
    }

    async fn tidy(&self, engine: &Engine) {
        let mut rounds = tokio::time::interval(TIDY);
        let mut logged = None;
        loop {
            rounds.tick().await;
            loop {
                match engine.trim_audit(self.retention_days).await {
                    // Each step is short, and others come between.
                    Ok(true) => tokio::task::yield_now().await,
                    Ok(false) => break,
                    Err(error) => {
                        tracing::error!("old audit entries could not be let go: {error}");
                        break;
                    }
                }
            }
            log_head(engine, &mut logged).await;
        }
    }
}

/// Says where the chain ends, if that is news: whoever keeps the log elsewhere can tell if the end is cut off.
async fn log_head(engine: &Engine, logged: &mut Option<AuditHead>) {
    match engine.audit_head().await {
        Ok(head) if head.is_some() && head != *logged => {
            if let Some(head) = &head {
                tracing::info!("the audit ends with entry {head}");
            }
            *logged = head;
        }
        Ok(Some(_)) => {}
        Ok(None) => tracing::error!("it is not written any more where the audit ends"),
        Err(error) => tracing::error!("the end of the audit could not be read: {error}"),
    }
}
