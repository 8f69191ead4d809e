//! Where a house keeps its data: on SQLite, or on PostgreSQL.

use std::sync::Arc;

use mandate_store::Store;
use tempfile::TempDir;

/// A database of its own for one house.
#[derive(Clone)]
pub(crate) enum Place {
    /// A file in a directory that goes with the house.
    Sqlite(Arc<TempDir>),
    /// A schema of its own in a PostgreSQL database.
    Postgres(String),
}

/// Where the houses of this run are built: on SQLite, or on PostgreSQL where `MANDATE_TEST_POSTGRES=postgres://…` names
/// one. A run is for one of them, and the suite is run for both.
pub(crate) async fn places() -> Vec<Place> {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place where tests read it"
    )]
    let url = std::env::var("MANDATE_TEST_POSTGRES");
    vec![match url {
        Ok(url) => Place::Postgres(own_database(&url).await),
        Err(_) => Place::Sqlite(Arc::new(tempfile::tempdir().unwrap())),
    }]
}

/// Makes a database of a name that nobody else has.
async fn own_database(url: &str) -> String {
    let name = format!("mandate_test_{}", random_name());
    let (server, _) = url.rsplit_once('/').expect("an address with a database");
    Store::create_postgres_database(url, &name).await.unwrap();
    format!("{server}/{name}")
}

fn random_name() -> String {
    let mut bytes = [0; 8];
    mandate_engine::Chance::fill(&mandate_engine::SystemChance, &mut bytes);
    u64::from_le_bytes(bytes).to_string()
}

impl Place {
    /// Opens the database.
    pub(crate) async fn store(&self) -> Store {
        match self {
            Self::Sqlite(directory) => Store::open_sqlite(&directory.path().join("mandate.db"))
                .await
                .unwrap(),
            Self::Postgres(url) => Store::open_postgres(url).await.unwrap(),
        }
    }
}
