//! A store over each database, and a look at who waits for whom.

use mandate_store::Store;
use sqlx::postgres::PgConnection;
use sqlx::{Connection as _, Row as _};
use tempfile::TempDir;
use tokio::task::JoinHandle;

/// A store with what it stands on.
pub(crate) struct Place {
    /// The store.
    pub(crate) store: Store,
    /// Address of the database, if it is one of PostgreSQL.
    url: Option<String>,
    _directory: TempDir,
}

impl Place {
    /// Returns when the task waits for another transaction; at once over SQLite, whose transactions take turns anyhow.
    pub(crate) async fn until_it_waits<T>(&self, task: &JoinHandle<T>) {
        const WAITING: &str = "
            SELECT count(*) FROM pg_stat_activity
            WHERE datname = current_database() AND wait_event_type = 'Lock'";
        let Some(url) = &self.url else {
            return;
        };
        let mut connection = PgConnection::connect(url).await.expect("a connection");
        loop {
            let row = sqlx::query(WAITING).fetch_one(&mut connection).await;
            let waiting: i64 = row.expect("a row").get(0);
            if waiting > 0 {
                return;
            }
            assert!(!task.is_finished(), "it has not waited");
            tokio::task::yield_now().await;
        }
    }
}

/// One place for each database.
pub(crate) async fn places() -> Vec<Place> {
    let directory = tempfile::tempdir().expect("a directory");
    let store = Store::open_sqlite(&directory.path().join("s.db"))
        .await
        .expect("SQLite opens");
    let mut places = vec![Place {
        store,
        url: None,
        _directory: directory,
    }];
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place where these tests read it"
    )]
    let url = std::env::var("MANDATE_TEST_POSTGRES");
    let Ok(url) = url else {
        eprintln!("skipped over PostgreSQL: MANDATE_TEST_POSTGRES is not set");
        return places;
    };
    let directory = tempfile::tempdir().expect("a directory");
    let name = directory.path().file_name().expect("a name");
    let name = name.to_string_lossy().to_lowercase();
    let name = name.replace(|c: char| !c.is_ascii_alphanumeric(), "_");
    let name = format!("store_{name}");
    Store::create_postgres_database(&url, &name)
        .await
        .expect("a database");
    let (server, _) = url.rsplit_once('/').expect("an address with a database");
    let url = format!("{server}/{name}");
    let store = Store::open_postgres(&url).await.expect("PostgreSQL opens");
    places.push(Place {
        store,
        url: Some(url),
        _directory: directory,
    });
    places
}
