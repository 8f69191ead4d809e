//! A running server: database, engine, doors, listeners and the background, wired together.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Extension, Router};
use axum_server::tls_rustls::RustlsConfig;
use mandate_apple::{ApnsGateway, AppleChannel, AppleState, GatewaySettings};
use mandate_engine::{Addresses, AdeOptions, Engine, Options, Parts, SystemChance, SystemClock};
use mandate_graph::{GraphState, Scheme};
use mandate_pki::certificate::Certificate;
use mandate_scim::ScimState;
use mandate_ui::Door;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::alerting::Alerting;
use crate::auditing::Auditing;
use crate::commands::hold;
use crate::config::Config;
use crate::configured;
use crate::data_directory::{DataDirectory, Lock};
use crate::issuer_gateway::HttpIssuers;
use crate::listen::{self, Listening, Material, server_config};
use crate::mailing::Mailing;
use crate::metrics;
use crate::preflight_gateway::MailServers;
use crate::provider_gateway::NetworkProviders;

/// Pause between rounds of the background; pushes for one device are collected meanwhile.
const ROUND: Duration = Duration::from_secs(1);
/// How often old things are forgotten and our certificate is looked at.
const TIDY: Duration = Duration::from_hours(1);
/// How often it is looked whether a token of automated enrolment is due.
const SYNCHRONISE: Duration = Duration::from_secs(5);
/// How often is looked which directories are due.
const READ: Duration = Duration::from_secs(10);
/// How often authorities of others are told what was revoked of theirs.
const TELL: Duration = Duration::from_secs(10);

/// A running server.
pub(crate) struct Server {
    pub(crate) engine: Engine,
    pub(crate) http: String,
    pub(crate) https: String,
    pub(crate) device_https: String,
    listeners: Vec<Listening>,
    background: JoinHandle<()>,
    alerting: JoinHandle<()>,
    telling: JoinHandle<()>,
    synchronising: JoinHandle<()>,
    auditing: JoinHandle<()>,
    mailing: JoinHandle<()>,
    reading: JoinHandle<()>,
    stop: watch::Sender<bool>,
    _lock: Lock,
}

impl Server {
    /// Starts everything, or nothing.
    #[expect(
        clippy::too_many_lines,
        reason = "one part after the other, in their order"
    )]
    pub(crate) async fn start(directory: &DataDirectory, config: &Config) -> anyhow::Result<Self> {
        directory.key()?;
        let lock = directory.lock()?;
        let plain = listen::bind(&config.http, "http")?;
        let tls = listen::bind(&config.https, "https")?;
        let devices = listen::bind(&config.device_https, "device-https")?;
        let host = &config.hosts[0];
        let https = format!("https://{host}:{}", tls.local_addr()?.port());
        let device_https = format!("https://{host}:{}", devices.local_addr()?.port());
        let http = format!("http://{}", plain.local_addr()?);
        let store = directory.store(config.database.as_deref()).await?;
        hold(&store).await?;
        // Read only now: a rotation may just have ended.
        let seal = directory.key()?;
        let engine = Engine::open(Parts {
            store,
            seal,
            clock: Arc::new(SystemClock),
            chance: Arc::new(SystemChance),
            channels: AppleChannel::all(),
            gateway: Arc::new(push_gateway(config)?),
            issuers: Arc::new(HttpIssuers),
            providers: Arc::new(NetworkProviders),
            mail_servers: Arc::new(MailServers {
                name_server: config.dns_server,
            }),
            addresses: Addresses {
                device_base_url: config.device_url.clone().unwrap_or_else(|| https.clone()),
                device_tls_base_url: Some(device_https.clone()),
            },
            options: Options {
                connections: configured::connections(config)?,
                ..options(config)?
            },
        })
        .await?;
        let material = Material::load(config, &engine).await?;
        directory.write_root(&engine.root().to_pem())?;
        let roots = vec![engine.root().der().to_vec()];
        let apple = mandate_apple::router(AppleState::new(
            engine.clone(),
            Some(material.identity.clone()),
            roots,
        ));
        // As clients write them: the usual port is left out.
        let hosts = |port: u16| {
            config
                .hosts
                .iter()
                .map(|host| match port {
                    443 => host.clone(),
                    _ => format!("{host}:{port}"),
                })
                .collect::<Vec<_>>()
        };
        let router = |scheme, port| -> anyhow::Result<Router> {
            let door = Door::new(engine.clone(), scheme, hosts(port));
            let graph =
                GraphState::new(engine.clone(), Arc::new(SystemChance), scheme, hosts(port));
            let scim = ScimState::new(engine.clone(), scheme, hosts(port));
            Ok(health(engine.clone())
                .merge(mandate_portal::explain_refusals(
                    door.clone(),
                    apple.clone(),
                ))
                .merge(mandate_sign_in::router(door.clone()))
                .merge(mandate_console::router(door.clone()))
                .merge(mandate_portal::router(door))
                .merge(mandate_graph::router(graph))
                .merge(mandate_scim::router(scim))
                .layer(Extension(config.trusted_proxies.clone())))
        };
        let over_tls = listen::reloadable(server_config(&material.identity, false)?);
        let asking = listen::reloadable(server_config(&material.identity, true)?);
        let (plain_port, tls_port) = (plain.local_addr()?.port(), tls.local_addr()?.port());
        let listeners = vec![
            Listening::plain(
                plain,
                router(Scheme::Http, plain_port)?.merge(metrics::router(engine.clone())),
            )?,
            Listening::tls(tls, router(Scheme::Https, tls_port)?, over_tls.clone())?,
            Listening::mutual_tls(devices, health(engine.clone()).merge(apple), asking.clone())?,
        ];
        let (stop, stopping) = watch::channel(false);
        let renewal = Renewal {
            config: config.clone(),
            plain: over_tls,
            mutual: asking,
        };
        let alerting = Alerting::of(config)?.run(engine.clone(), stopping.clone());
        let alerting = tokio::spawn(alerting);
        let auditing = Auditing::of(config)?.run(engine.clone(), stopping.clone());
        let auditing = tokio::spawn(auditing);
        let mailing = Mailing::of(config)?.run(engine.clone(), stopping.clone());
        let mailing = tokio::spawn(mailing);
        let telling = tokio::spawn(tell_issuers(engine.clone(), stopping.clone()));
        let synchronising = tokio::spawn(synchronise_ade(engine.clone(), stopping.clone()));
        let reading = tokio::spawn(read_directories(engine.clone(), stopping.clone()));
        let background = tokio::spawn(background(engine.clone(), renewal, stopping));
        Ok(Self {
            engine,
            http,
            https,
            device_https,
            listeners,
            background,
            alerting,
            telling,
            synchronising,
            auditing,
            mailing,
            reading,
            stop,
            _lock: lock,
        })
    }

    /// Finishes what is under way and closes everything.
    pub(crate) async fn stop(self) {
        let listeners: Vec<_> = self
            .listeners
            .into_iter()
            .map(|listener| tokio::spawn(listener.stop()))
            .collect();
        for listener in listeners {
            if let Err(error) = listener.await {
                tracing::warn!("a listener did not stop well: {error}");
            }
        }
        let _ = self.stop.send(true);
        if let Err(error) = self.background.await {
            tracing::warn!("the background did not stop well: {error}");
        }
        if let Err(error) = self.alerting.await {
            tracing::warn!("alerting did not stop well: {error}");
        }
        if let Err(error) = self.auditing.await {
            tracing::warn!("the background of the audit did not stop well: {error}");
        }
        if let Err(error) = self.mailing.await {
            tracing::warn!("the background of mails did not stop well: {error}");
        }
        if let Err(error) = self.telling.await {
            tracing::warn!("telling other authorities did not stop well: {error}");
        }
        if let Err(error) = self.synchronising.await {
            tracing::warn!("synchronising with Apple did not stop well: {error}");
        }
        if let Err(error) = self.reading.await {
            tracing::warn!("reading directories did not stop well: {error}");
        }
        if let Err(error) = self.engine.flush_seen().await {
            tracing::warn!("when devices were last seen could not be written: {error}");
        }
        self.engine.store().close().await;
    }
}

fn options(config: &Config) -> anyhow::Result<Options> {
    Ok(Options {
        legacy_clients: config.legacy_clients,
        enrolment_without_push: config.enrolment_without_push,
        token_key_days: config.token_key_days,
        refresh_idle_days: config.refresh_idle_days,
        refresh_longest_days: config.refresh_longest_days,
        mac_user_attributes: config.mac_user_attributes.clone(),
        sign_in: config.sign_in.clone(),
        ade: ade_options(config)?,
        account_driven: config.apple.account_driven,
        ..Options::default()
    })
}

/// Automated enrolment: whom devices and the service are believed for.
fn ade_options(config: &Config) -> anyhow::Result<AdeOptions> {
    let read = |path: Option<&String>| {
        let text = path.map(|path| {
            std::fs::read_to_string(path).with_context(|| format!("cannot read `{path}`"))
        });
        text.transpose()
    };
    let usual = AdeOptions::default();
    let device_authorities = read(config.apple.device_authorities.as_ref())?.unwrap_or_default();
    if config.apple.device_authorities.is_some()
        && !Certificate::all_from_pem(&device_authorities).is_ok_and(|all| !all.is_empty())
    {
        anyhow::bail!("`apple_device_authorities` names a file without certificates (PEM)");
    }
    // A chain that was given is public, unless its own root came along.
    let anchors = read(config.tls_certificate.as_ref())?.map(|pem| {
        let chain = Certificate::all_from_pem(&pem).unwrap_or_default();
        let roots = chain
            .iter()
            .filter(|certificate| certificate.is_self_issued());
        roots.map(|root| root.der().to_vec()).collect()
    });
    Ok(AdeOptions {
        service: config.apple.service.clone().unwrap_or(usual.service),
        service_roots: read(config.apple.service_roots.as_ref())?,
        device_authorities,
        anchors,
        limits: usual.limits,
    })
}

/// The way to the push service: Apple's, or the one that was named.
fn push_gateway(config: &Config) -> anyhow::Result<ApnsGateway> {
    let roots = match &config.apns_roots {
        Some(path) => {
            Some(std::fs::read_to_string(path).with_context(|| format!("cannot read `{path}`"))?)
        }
        None => None,
    };
    Ok(ApnsGateway::new(GatewaySettings {
        endpoint: config.apns_endpoint.clone(),
        roots,
    }))
}

/// What is needed to put a new certificate in force without a restart.
struct Renewal {
    config: Config,
    plain: RustlsConfig,
    mutual: RustlsConfig,
}

impl Renewal {
    async fn renew(&self, engine: &Engine) -> anyhow::Result<()> {
        let material = Material::load(&self.config, engine).await?;
        self.plain
            .reload_from_config(Arc::new(server_config(&material.identity, false)?));
        self.mutual
            .reload_from_config(Arc::new(server_config(&material.identity, true)?));
        Ok(())
    }
}

/// Wakes devices, writes when they were seen, and tidies up, until told to stop.
async fn background(engine: Engine, renewal: Renewal, mut stopping: watch::Receiver<bool>) {
    let mut rounds = tokio::time::interval(ROUND);
    let mut tidying = tokio::time::interval(TIDY);
    rounds.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = stopping.changed() => return,
            _ = rounds.tick() => {
                while let Some(true) = round(&engine).await {
                    if *stopping.borrow() {
                        return;
                    }
                }
            }
            _ = tidying.tick() => {
                if let Err(error) = engine.settle_licences().await {
                    tracing::warn!("licences could not be settled: {error}");
                }
                if let Err(error) = engine.tidy().await {
                    tracing::warn!("could not tidy up: {error}");
                }
                if let Err(error) = renewal.renew(&engine).await {
                    tracing::error!("the TLS certificate could not be looked at: {error:#}");
                }
            }
        }
    }
}

/// Tells authorities of others what was revoked, until told to stop. What is under way then is told again after the next
/// start.
async fn tell_issuers(engine: Engine, mut stopping: watch::Receiver<bool>) {
    let mut telling = tokio::time::interval(TELL);
    telling.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let work = async {
        loop {
            telling.tick().await;
            if let Err(error) = engine.tell_revocations().await {
                tracing::error!("other authorities could not be told of revocations: {error}");
            }
        }
    };
    tokio::select! {
        _ = stopping.wait_for(|stop| *stop) => {}
        () = work => {}
    }
}

/// Brings tokens of automated enrolment in step with Apple, until told to stop. What is under way then goes on after the next
/// start, or at another process once its time is over.
async fn synchronise_ade(engine: Engine, mut stopping: watch::Receiver<bool>) {
    let mut rounds = tokio::time::interval(SYNCHRONISE);
    rounds.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let work = async {
        loop {
            rounds.tick().await;
            loop {
                match engine.synchronise_ade().await {
                    Ok(true) => {}
                    Ok(false) => break,
                    Err(error) => {
                        tracing::error!("automated enrolment could not be synchronised: {error}");
                        break;
                    }
                }
            }
        }
    };
    tokio::select! {
        _ = stopping.wait_for(|stop| *stop) => {}
        () = work => {}
    }
}

/// Reads the directories that are due, until told to stop. A run that is under way then is begun anew after the next
/// start: what it took is known by then.
async fn read_directories(engine: Engine, mut stopping: watch::Receiver<bool>) {
    let mut reading = tokio::time::interval(READ);
    reading.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let work = async {
        loop {
            reading.tick().await;
            if let Err(error) = engine.synchronize_due_directories().await {
                tracing::error!("directories could not be read: {error}");
            }
        }
    };
    tokio::select! {
        _ = stopping.wait_for(|stop| *stop) => {}
        () = work => {}
    }
}

async fn round(engine: &Engine) -> Option<bool> {
    match engine.round().await {
        Ok(more) => Some(more),
        Err(error) => {
            tracing::error!("a round of the background failed: {error}");
            None
        }
    }
}

/// Whether the server can do its job: the database answers, and the background works.
async fn readiness(engine: &Engine) -> Result<(), String> {
    engine.ready().await.map_err(|error| error.to_string())?;
    match engine.background_silence() {
        None => Ok(()),
        Some(seconds) => Err(format!(
            "the background has not worked for {seconds} seconds, and no device is woken; restart the server"
        )),
    }
}

/// `/healthz`: the process answers. `/readyz`: it can do its job.
fn health(engine: Engine) -> Router {
    let ready = move || {
        let engine = engine.clone();
        async move {
            match readiness(&engine).await {
                Ok(()) => (StatusCode::OK, "ready\n".to_owned()),
                Err(problem) => {
                    tracing::error!("not ready: {problem}");
                    (
                        StatusCode::SERVICE_UNAVAILABLE,
                        format!("not ready: {problem}\n"),
                    )
                }
            }
        }
    };
    Router::new()
        .route("/healthz", get(|| async { "alive\n" }))
        .route("/readyz", get(ready))
}
