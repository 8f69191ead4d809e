//! An instance over each database.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use mandate_engine::{
    Addresses, AuthorityKeys, Clock, Engine, InitRequest, NoIssuers, NoMailServers, NoProviders,
    Options, Parts, ProviderGateway, Push, PushCredentials, PushGateway, Store, SystemChance,
};
use mandate_model::Timestamp;
use mandate_pki::seal::SealKey;
use tempfile::TempDir;

/// Noon of some day.
pub(crate) const NOON: Timestamp = Timestamp(1_790_000_000 * Timestamp::SECOND);

/// An instance.
pub(crate) struct House {
    pub(crate) engine: Engine,
    pub(crate) clock: Arc<StoppedClock>,
    _directory: TempDir,
}

/// A clock that is moved by hand.
#[derive(Debug)]
pub(crate) struct StoppedClock(AtomicI64);

impl StoppedClock {
    pub(crate) fn forward(&self, microseconds: i64) {
        self.0.fetch_add(microseconds, Ordering::SeqCst);
    }
}

impl Clock for StoppedClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

#[derive(Debug)]
struct NoPush;

impl PushGateway for NoPush {
    fn open(&self, _credentials: PushCredentials) -> Result<Arc<dyn Push>, String> {
        Err("there is no push service in this test".to_owned())
    }
}

/// One instance for each database.
pub(crate) async fn houses() -> Vec<House> {
    houses_with(Arc::new(NoProviders)).await
}

/// The same with a way to directories.
pub(crate) async fn houses_with(providers: Arc<dyn ProviderGateway>) -> Vec<House> {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open_sqlite(&directory.path().join("mandate.db")).await;
    let mut houses = vec![open(store.unwrap(), directory, providers.clone()).await];
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place where these tests read it"
    )]
    let url = std::env::var("MANDATE_TEST_POSTGRES");
    let Ok(url) = url else {
        eprintln!("skipped over PostgreSQL: MANDATE_TEST_POSTGRES is not set");
        return houses;
    };
    let directory = tempfile::tempdir().unwrap();
    let mut random = [0; 8];
    mandate_engine::Chance::fill(&SystemChance, &mut random);
    let name = format!("engine_{:x}", u64::from_le_bytes(random));
    Store::create_postgres_database(&url, &name).await.unwrap();
    let (server, _) = url.rsplit_once('/').expect("an address with a database");
    let store = Store::open_postgres(&format!("{server}/{name}")).await;
    houses.push(open(store.unwrap(), directory, providers).await);
    houses
}

async fn open(store: Store, directory: TempDir, providers: Arc<dyn ProviderGateway>) -> House {
    let seal = SealKey::generate().unwrap();
    let clock = Arc::new(StoppedClock(AtomicI64::new(NOON.0)));
    let request = InitRequest {
        company: "Contoso".to_owned(),
        domain: "contoso.com".to_owned(),
        admin_upn: "admin@contoso.com".to_owned(),
        keys: AuthorityKeys::default(),
    };
    Engine::initialise(&store, &seal, &*clock, &SystemChance, &request)
        .await
        .unwrap();
    let parts = Parts {
        store,
        seal,
        clock: clock.clone(),
        chance: Arc::new(SystemChance),
        channels: Vec::new(),
        gateway: Arc::new(NoPush),
        issuers: Arc::new(NoIssuers),
        providers,
        mail_servers: Arc::new(NoMailServers),
        addresses: Addresses {
            device_base_url: "https://mdm.contoso.com".to_owned(),
            device_tls_base_url: None,
        },
        options: Options::default(),
    };
    House {
        engine: Engine::open(parts).await.unwrap(),
        clock,
        _directory: directory,
    }
}
