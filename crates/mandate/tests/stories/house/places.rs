//! Where a house keeps its data: each test runs over SQLite, and over PostgreSQL where there is one.

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

/// All places that this machine offers. PostgreSQL is `MANDATE_TEST_POSTGRES=postgres://…`; without it its half is
/// skipped, aloud.
pub(crate) async fn places() -> Vec<Place> {
    let mut places = vec![Place::Sqlite(Arc::new(tempfile::tempdir().unwrap()))];
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place where tests read it"
    )]
    match std::env::var("MANDATE_TEST_POSTGRES") {
        Ok(url) => places.push(Place::Postgres(own_database(&url).await)),
        Err(_) => eprintln!("skipped over PostgreSQL: MANDATE_TEST_POSTGRES is not set"),
    }
    places
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
