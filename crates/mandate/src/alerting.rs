//! Alerts in the background: looks for certificates near their end, and tells the webhook.

use std::time::Duration;

use anyhow::Context as _;
use mandate_engine::{Engine, ExpiryWatch, WatchedCertificate};
use mandate_pki::certificate::Certificate;
use tokio::sync::watch;

use crate::config::Config;
use crate::webhook::Webhook;

/// How often is looked.
const WATCH: Duration = Duration::from_hours(1);
/// How often it is tried to tell what was not heard yet.
const DELIVER: Duration = Duration::from_secs(15);

/// What is watched, and who is told.
pub(crate) struct Alerting {
    days: Vec<i64>,
    tls_certificate: Option<String>,
    webhook: Option<Webhook>,
}

impl Alerting {
    pub(crate) fn of(config: &Config) -> anyhow::Result<Self> {
        Ok(Self {
            days: config.expiry_alert_days.clone(),
            tls_certificate: config.tls_certificate.clone(),
            webhook: Webhook::of_alerts(config)?,
        })
    }

    /// Works until told to stop. What is under way then is told again after the next start.
    pub(crate) async fn run(self, engine: Engine, mut stopping: watch::Receiver<bool>) {
        let mut watching = tokio::time::interval(WATCH);
        let mut delivering = tokio::time::interval(DELIVER);
        delivering.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let work = async {
            loop {
                tokio::select! {
                    _ = watching.tick() => self.watch(&engine).await,
                    _ = delivering.tick() => self.deliver(&engine).await,
                }
            }
        };
        tokio::select! {
            _ = stopping.wait_for(|stop| *stop) => {}
            () = work => {}
        }
    }

    async fn watch(&self, engine: &Engine) {
        let further = self.tls_file().unwrap_or_else(|error| {
            tracing::error!("the end of the TLS certificate is not watched: {error:#}");
            None
        });
        let watch = ExpiryWatch {
            days: self.days.clone(),
            further: further.into_iter().collect(),
            tells_somebody: self.webhook.is_some(),
        };
        if let Err(error) = engine.watch_expiry(&watch).await {
            tracing::error!("certificates near their end could not be looked for: {error}");
        }
    }

    async fn deliver(&self, engine: &Engine) {
        let Some(webhook) = &self.webhook else { return };
        loop {
            match engine.deliver_alerts(webhook).await {
                Ok(true) => {}
                Ok(false) => return,
                Err(error) => {
                    tracing::error!("alerts could not be delivered: {error}");
                    return;
                }
            }
        }
    }

    /// The certificate of TLS that was given as a file; one of the instance's own authority is renewed by itself.
    fn tls_file(&self) -> anyhow::Result<Option<WatchedCertificate>> {
        let Some(path) = &self.tls_certificate else {
            return Ok(None);
        };
        let text =
            std::fs::read_to_string(path).with_context(|| format!("cannot read `{path}`"))?;
        let leaf = Certificate::all_from_pem(&text)?.into_iter().next();
        Ok(leaf.map(|certificate| WatchedCertificate {
            source: "serverTls",
            certificate,
            advice: "put a renewed certificate into `tls_certificate`; it is read again within the hour",
        }))
    }
}
