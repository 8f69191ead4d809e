//! Databases with a chain, and hands that reach into them past the store.

use std::sync::Arc;

use mandate_model::Timestamp;
use mandate_store::{
    AuditFault, AuditMac, AuditRecord, AuditVerification, Link, Store, StoreError,
};
use sqlx::{Connection as _, PgConnection, SqliteConnection};
use tempfile::TempDir;
use uuid::Uuid;

/// The MAC of the house, with a key that these tests know.
#[derive(Debug)]
pub(crate) struct Key(&'static [u8]);

impl AuditMac for Key {
    fn mac(&self, bytes: &[u8]) -> Link {
        mandate_pki::hmac_sha256(self.0, bytes)
    }
}

/// A database with a chain that has just begun.
pub(crate) struct Place {
    pub(crate) store: Store,
    pub(crate) mac: Arc<dyn AuditMac>,
    address: String,
    _directory: TempDir,
}

/// One over SQLite, and one over PostgreSQL where there is one.
pub(crate) async fn places() -> Vec<Place> {
    let mut places = vec![over_sqlite().await];
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place where these tests read it"
    )]
    let url = std::env::var("MANDATE_TEST_POSTGRES");
    match url {
        Ok(url) => places.push(over_postgres(&url).await),
        Err(_) => eprintln!("skipped over PostgreSQL: MANDATE_TEST_POSTGRES is not set"),
    }
    places
}

pub(crate) async fn over_sqlite() -> Place {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("s.db");
    let store = Store::open_sqlite(&file).await.unwrap();
    let address = format!("sqlite://{}", file.display());
    Place::begun(store, address, directory).await
}

async fn over_postgres(url: &str) -> Place {
    let directory = tempfile::tempdir().unwrap();
    let name = directory.path().file_name().unwrap().to_string_lossy();
    let name = name
        .to_lowercase()
        .replace(|c: char| !c.is_ascii_alphanumeric(), "_");
    let name = format!("audit_{name}");
    Store::create_postgres_database(url, &name).await.unwrap();
    let (server, _) = url.rsplit_once('/').unwrap();
    let address = format!("{server}/{name}");
    let store = Store::open_postgres(&address).await.unwrap();
    Place::begun(store, address, directory).await
}

impl Place {
    async fn begun(store: Store, address: String, directory: TempDir) -> Self {
        let mac: Arc<dyn AuditMac> = Arc::new(Key(b"a key that is not in the database"));
        let mut session = store.write().await.unwrap();
        session.begin_audit_chain(&*mac).await.unwrap();
        session.commit().await.unwrap();
        Self {
            store,
            mac,
            address,
            _directory: directory,
        }
    }

    /// Commits entries in one transaction.
    pub(crate) async fn note(&self, records: impl IntoIterator<Item = AuditRecord>) {
        let mut session = self.store.write().await.unwrap();
        for record in records {
            session.note_audit_event(record, &self.mac);
        }
        session.commit().await.unwrap();
    }

    pub(crate) async fn verified(&self) -> AuditVerification {
        self.verified_with(None).await
    }

    pub(crate) async fn verified_with(
        &self,
        expected: Option<(i64, Vec<u8>)>,
    ) -> AuditVerification {
        let mut session = self.store.read().await.unwrap();
        session
            .verify_audit_chain(&*self.mac, expected, &mut |_| {})
            .await
            .unwrap()
    }

    pub(crate) async fn faults(&self) -> Vec<AuditFault> {
        self.verified().await.faults
    }

    pub(crate) async fn numbers(&self) -> Vec<i64> {
        let mut session = self.store.read().await.unwrap();
        let entries = session.list_audit_entries(0, u32::MAX).await.unwrap();
        entries.iter().map(|entry| entry.number).collect()
    }

    /// Lets go of what is older than a moment; how many.
    pub(crate) async fn trim(&self, before: i64, limit: u32) -> Result<u64, StoreError> {
        let mut session = self.store.write().await?;
        let gone = session
            .trim_audit_events(Timestamp(before), limit, &*self.mac)
            .await?;
        session.commit().await?;
        Ok(gone)
    }

    /// What somebody does who has the database and not the key.
    pub(crate) async fn tamper(&self, sql: &str) {
        let sql = sqlx::AssertSqlSafe(sql.to_owned());
        if self.address.starts_with("sqlite") {
            let mut direct = SqliteConnection::connect(&self.address).await.unwrap();
            sqlx::raw_sql(sql).execute(&mut direct).await.unwrap();
            direct.close().await.unwrap();
        } else {
            let mut direct = PgConnection::connect(&self.address).await.unwrap();
            sqlx::raw_sql(sql).execute(&mut direct).await.unwrap();
            direct.close().await.unwrap();
        }
    }

    /// The address of the SQLite file, for a test that reads columns of its own.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }
}

/// An entry that differs from others by its number.
pub(crate) fn record(number: u128) -> AuditRecord {
    AuditRecord {
        id: Uuid::from_u128(number),
        at: Timestamp(i64::try_from(number).unwrap() * 1000),
        actor_kind: "person".to_owned(),
        actor_id: Some(Uuid::from_u128(7)),
        actor: "ada@contoso.com".to_owned(),
        app_id: Some(Uuid::from_u128(8)),
        app_name: Some("Graph Explorer".to_owned()),
        address: Some("192.0.2.7".to_owned()),
        request: Some(Uuid::from_u128(number).to_string()),
        activity: "update".to_owned(),
        operation: "update".to_owned(),
        resource_kind: "profile".to_owned(),
        resource_id: format!("resource {}", number % 3),
        resource_name: "Mail".to_owned(),
        changes: format!(r#"[{{"name":"port","before":null,"after":{number}}}]"#),
    }
}
