//! Connections, transactions, and the one place where the two databases meet.

use std::path::Path;
use std::str::FromStr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions, PgRow};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteRow, SqliteSynchronous,
};
use sqlx::{
    Connection as _, FromRow, PgConnection, PgPool, Postgres, Sqlite, SqliteConnection, SqlitePool,
    Transaction,
};
use uuid::Uuid;

use crate::audit::Pending;
use crate::custody::release;
use crate::{StoreError, migrate};

/// Readers of an SQLite file; its single writer has a pool of its own, so that readers never wait behind it.
const SQLITE_READERS: u32 = 4;
/// Readers that only check-ins use, so that they never wait behind a report over all devices.
const SQLITE_GLANCES: u32 = 2;
const POSTGRES_CONNECTIONS: u32 = 16;
/// How long a connection is waited for; at the start PostgreSQL may take this long to come up.
const POSTGRES_PATIENCE: Duration = Duration::from_secs(10);

/// The database.
#[derive(Debug, Clone)]
pub struct Store {
    db: Db,
    /// Sessions that hold something in PostgreSQL until the store is closed.
    kept: Arc<Mutex<Vec<Session>>>,
}

#[derive(Debug, Clone)]
enum Db {
    Sqlite {
        readers: SqlitePool,
        glances: SqlitePool,
        writer: SqlitePool,
    },
    Postgres(PgPool),
}

/// One connection: a look at the data, or a transaction.
#[derive(Debug)]
pub struct Session {
    inner: Inner,
    /// What the audit is to say of this transaction, written at its end.
    pub(crate) pending: Option<Box<Pending>>,
}

impl From<Inner> for Session {
    fn from(inner: Inner) -> Self {
        Self {
            inner,
            pending: None,
        }
    }
}

#[derive(Debug)]
enum Inner {
    SqliteRead(PoolConnection<Sqlite>),
    SqliteWrite(Transaction<'static, Sqlite>),
    PostgresRead(PoolConnection<Postgres>),
    PostgresWrite(Transaction<'static, Postgres>),
}

pub(crate) enum Connection<'a> {
    Sqlite(&'a mut SqliteConnection),
    Postgres(&'a mut PgConnection),
}

// An immediate transaction: one that reads first and then writes can fail as "locked". The single writer says each time
// whether it waits for the disk: a push token that was taken may never be told again.
const DURABLE: &str = "PRAGMA synchronous = FULL; BEGIN IMMEDIATE";
const RECOVERABLE: &str = "PRAGMA synchronous = NORMAL; BEGIN IMMEDIATE";

/// A row that both databases can fill.
pub(crate) trait Row:
    for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin
{
}
impl<T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin> Row for T {}

impl Store {
    /// Opens, or makes, the SQLite file and brings its schema up to date.
    pub async fn open_sqlite(path: &Path) -> Result<Self, StoreError> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal)
            .busy_timeout(Duration::from_secs(10))
            .foreign_keys(true)
            .pragma("cache_size", "-16000")
            .pragma("temp_store", "memory");
        let pool = |size| {
            SqlitePoolOptions::new()
                .max_connections(size)
                .test_before_acquire(false)
        };
        let writer = pool(1).connect_with(options.clone()).await?;
        let glances = pool(SQLITE_GLANCES).connect_with(options.clone()).await?;
        let readers = pool(SQLITE_READERS).connect_with(options).await?;
        Self {
            db: Db::Sqlite {
                readers,
                glances,
                writer,
            },
            kept: Arc::default(),
        }
        .migrated()
        .await
    }

    /// Connects to PostgreSQL and brings the schema up to date.
    pub async fn open_postgres(url: &str) -> Result<Self, StoreError> {
        let options =
            PgConnectOptions::from_str(url).map_err(|_| StoreError::Address(redacted(url)))?;
        let pool = connect(options, POSTGRES_PATIENCE).await?;
        Self {
            db: Db::Postgres(pool),
            kept: Arc::default(),
        }
        .migrated()
        .await
    }

    /// Makes an empty PostgreSQL database beside the one of this address; `name` is letters, digits and `_`.
    pub async fn create_postgres_database(url: &str, name: &str) -> Result<(), StoreError> {
        if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
            return Err(StoreError::Address(name.to_owned()));
        }
        let options =
            PgConnectOptions::from_str(url).map_err(|_| StoreError::Address(redacted(url)))?;
        let mut connection = PgConnection::connect_with(&options).await?;
        // A name cannot be bound; this one was looked at above.
        let statement = sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"));
        sqlx::raw_sql(statement).execute(&mut connection).await?;
        Ok(())
    }

    async fn migrated(self) -> Result<Self, StoreError> {
        migrate::migrate(&self).await?;
        Ok(self)
    }

    /// A connection for looking; each statement sees the newest data.
    pub async fn read(&self) -> Result<Session, StoreError> {
        let inner = match &self.db {
            Db::Sqlite { readers, .. } => Inner::SqliteRead(readers.acquire().await?),
            Db::Postgres(pool) => Inner::PostgresRead(pool.acquire().await?),
        };
        Ok(inner.into())
    }

    /// The same for check-ins, which look at one row and must not wait for reports.
    pub async fn glance(&self) -> Result<Session, StoreError> {
        match &self.db {
            Db::Sqlite { glances, .. } => Ok(Inner::SqliteRead(glances.acquire().await?).into()),
            Db::Postgres(_) => self.read().await,
        }
    }

    /// A transaction for changing; undone when dropped without [`Session::commit`]. What was committed survives a power
    /// cut.
    pub async fn write(&self) -> Result<Session, StoreError> {
        let inner = match &self.db {
            Db::Sqlite { writer, .. } => Inner::SqliteWrite(begin(writer, DURABLE).await?),
            Db::Postgres(pool) => Inner::PostgresWrite(pool.begin().await?),
        };
        Ok(inner.into())
    }

    /// The same for what is found out again if a power cut takes it: how far delivery is, which the device's own lists
    /// tell, and when it was seen. SQLite then need not wait for the disk.
    pub async fn write_recoverable(&self) -> Result<Session, StoreError> {
        match &self.db {
            Db::Sqlite { writer, .. } => {
                Ok(Inner::SqliteWrite(begin(writer, RECOVERABLE).await?).into())
            }
            Db::Postgres(_) => self.write().await,
        }
    }

    /// `SQLite` or `PostgreSQL`.
    pub const fn kind(&self) -> &'static str {
        match self.db {
            Db::Sqlite { .. } => "SQLite",
            Db::Postgres(_) => "PostgreSQL",
        }
    }

    /// Keeps a session until the store is closed.
    pub(crate) fn keep(&self, session: Session) {
        self.kept().push(session);
    }

    fn kept(&self) -> MutexGuard<'_, Vec<Session>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Closes all connections; waits for those in use.
    pub async fn close(&self) {
        let kept = std::mem::take(&mut *self.kept());
        for session in kept {
            // If that fails, so has the connection, and what it held has gone with it.
            let _ = release(session).await;
        }
        match &self.db {
            Db::Sqlite {
                readers,
                glances,
                writer,
            } => {
                readers.close().await;
                glances.close().await;
                writer.close().await;
            }
            Db::Postgres(pool) => pool.close().await,
        }
    }
}

/// Connects to PostgreSQL, or says which one cannot be reached and why.
async fn connect(options: PgConnectOptions, patience: Duration) -> Result<PgPool, StoreError> {
    let pool = PgPoolOptions::new()
        .max_connections(POSTGRES_CONNECTIONS)
        .acquire_timeout(patience)
        .test_before_acquire(false)
        .connect_with(options.clone())
        .await;
    let error = match pool {
        Ok(pool) => return Ok(pool),
        // The pool has tried until its time was over and says no more than that: one more try tells the cause.
        Err(sqlx::Error::PoolTimedOut) => {
            let once = PgConnection::connect_with(&options);
            match tokio::time::timeout(patience, once).await {
                Ok(Err(cause)) => cause,
                Ok(Ok(_)) | Err(_) => sqlx::Error::PoolTimedOut,
            }
        }
        Err(error) => error,
    };
    Err(StoreError::Unreachable {
        host: options.get_host().to_owned(),
        port: options.get_port(),
        cause: error,
    })
}

/// Begins a transaction on the single writer. When a disk is full, SQLite undoes a transaction by itself; the driver
/// then takes it for open still, and would refuse every further one on that connection, so the connection is replaced.
async fn begin(
    writer: &SqlitePool,
    statement: &'static str,
) -> Result<Transaction<'static, Sqlite>, StoreError> {
    match writer.begin_with(statement).await {
        Err(sqlx::Error::InvalidSavePointStatement | sqlx::Error::BeginFailed) => {
            writer.acquire().await?.close().await?;
            Ok(writer.begin_with(statement).await?)
        }
        begun => Ok(begun?),
    }
}

/// A database address without its password.
fn redacted(url: &str) -> String {
    // Options may name a password as well.
    let url = url.split(['?', ' ']).next().unwrap_or_default();
    match (url.find("://"), url.rfind('@')) {
        (Some(scheme), Some(at)) if scheme + 3 < at => {
            format!("{}://…{}", &url[..scheme], &url[at..])
        }
        _ => url.to_owned(),
    }
}

impl Session {
    /// Makes the changes of this transaction last, with what was noted for the audit. Nothing to do for a reading session.
    pub async fn commit(mut self) -> Result<(), StoreError> {
        self.append_pending().await?;
        match self.inner {
            Inner::SqliteRead(_) | Inner::PostgresRead(_) => {}
            Inner::SqliteWrite(transaction) => transaction.commit().await?,
            Inner::PostgresWrite(transaction) => transaction.commit().await?,
        }
        Ok(())
    }

    pub(crate) fn connection(&mut self) -> Connection<'_> {
        match &mut self.inner {
            Inner::SqliteRead(connection) => Connection::Sqlite(connection),
            Inner::SqliteWrite(transaction) => Connection::Sqlite(transaction),
            Inner::PostgresRead(connection) => Connection::Postgres(connection),
            Inner::PostgresWrite(transaction) => Connection::Postgres(transaction),
        }
    }

    /// Runs a statement; the number of rows it touched.
    pub(crate) async fn execute(
        &mut self,
        sql: &'static str,
        arguments: &[Argument],
    ) -> Result<u64, StoreError> {
        Ok(match self.connection() {
            Connection::Sqlite(connection) => bound!(sqlx::query(sql), arguments)
                .execute(connection)
                .await?
                .rows_affected(),
            Connection::Postgres(connection) => bound!(sqlx::query(sql), arguments)
                .execute(connection)
                .await?
                .rows_affected(),
        })
    }

    /// All rows of a query.
    pub(crate) async fn all<T: Row>(
        &mut self,
        sql: &'static str,
        arguments: &[Argument],
    ) -> Result<Vec<T>, StoreError> {
        Ok(match self.connection() {
            Connection::Sqlite(connection) => {
                bound!(sqlx::query_as(sql), arguments)
                    .fetch_all(connection)
                    .await?
            }
            Connection::Postgres(connection) => {
                bound!(sqlx::query_as(sql), arguments)
                    .fetch_all(connection)
                    .await?
            }
        })
    }

    /// The row of a query, if there is one.
    pub(crate) async fn one<T: Row>(
        &mut self,
        sql: &'static str,
        arguments: &[Argument],
    ) -> Result<Option<T>, StoreError> {
        Ok(match self.connection() {
            Connection::Sqlite(connection) => {
                bound!(sqlx::query_as(sql), arguments)
                    .fetch_optional(connection)
                    .await?
            }
            Connection::Postgres(connection) => {
                bound!(sqlx::query_as(sql), arguments)
                    .fetch_optional(connection)
                    .await?
            }
        })
    }

    /// The single integer of a query.
    pub(crate) async fn number(
        &mut self,
        sql: &'static str,
        arguments: &[Argument],
    ) -> Result<i64, StoreError> {
        let row: Option<(i64,)> = self.one(sql, arguments).await?;
        row.map(|(number,)| number)
            .ok_or(StoreError::Unavailable(sqlx::Error::RowNotFound))
    }

    /// Whether this session speaks with PostgreSQL, for the few statements that differ.
    pub(crate) const fn is_postgres(&self) -> bool {
        matches!(self.inner, Inner::PostgresRead(_) | Inner::PostgresWrite(_))
    }

    /// Picks the text for this database.
    pub(crate) const fn either(
        &self,
        sqlite: &'static str,
        postgres: &'static str,
    ) -> &'static str {
        if self.is_postgres() { postgres } else { sqlite }
    }
}

/// A value bound to a placeholder.
#[derive(Debug, Clone)]
pub(crate) enum Argument {
    Id(Option<Uuid>),
    Integer(Option<i64>),
    Text(Option<String>),
    Bytes(Option<Vec<u8>>),
}

macro_rules! bound {
    ($query:expr, $arguments:expr) => {{
        let mut query = $query;
        for argument in $arguments {
            query = match argument.clone() {
                Argument::Id(value) => query.bind(value),
                Argument::Integer(value) => query.bind(value),
                Argument::Text(value) => query.bind(value),
                Argument::Bytes(value) => query.bind(value),
            };
        }
        query
    }};
}
use bound;

/// Turns values into [`Argument`]s.
macro_rules! arguments {
    ($($value:expr),* $(,)?) => { &[$($crate::db::Argument::from($value)),*] };
}
pub(crate) use arguments;

macro_rules! argument_from {
    ($($type:ty => $variant:ident, $value:ident => $make:expr;)+) => {$(
        impl From<$type> for Argument {
            fn from($value: $type) -> Self {
                Self::$variant(Some($make))
            }
        }
        impl From<Option<$type>> for Argument {
            fn from(value: Option<$type>) -> Self {
                Self::$variant(value.map(|$value| $make))
            }
        }
    )+};
}

argument_from! {
    Uuid => Id, value => value;
    mandate_model::UserId => Id, value => value.0;
    mandate_model::GroupId => Id, value => value.0;
    mandate_model::DeviceId => Id, value => value.0;
    mandate_model::ProfileId => Id, value => value.0;
    mandate_model::AssignmentId => Id, value => value.0;
    mandate_model::CommandId => Id, value => value.0;
    mandate_model::ActionId => Id, value => value.0;
    mandate_model::AppId => Id, value => value.0;
    mandate_model::LinkId => Id, value => value.0;
    mandate_model::DeviceCategoryId => Id, value => value.0;
    mandate_model::EnrolmentConfigurationId => Id, value => value.0;
    mandate_model::DeviceIdentityId => Id, value => value.0;
    mandate_model::TermsId => Id, value => value.0;
    i64 => Integer, value => value;
    bool => Integer, value => i64::from(value);
    mandate_model::Timestamp => Integer, value => value.0;
    String => Text, value => value;
    &str => Text, value => value.to_owned();
    &String => Text, value => value.clone();
    Vec<u8> => Bytes, value => value;
    &[u8] => Bytes, value => value.to_vec();
    &[u8; 32] => Bytes, value => value.to_vec();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_database_that_does_not_answer_is_named_with_the_cause() {
        // A port that was free a moment ago.
        let port = std::net::TcpListener::bind("127.0.0.1:0")
            .and_then(|listener| listener.local_addr())
            .unwrap()
            .port();
        let url = format!("postgres://m:secret@127.0.0.1:{port}/mandate");
        let options = PgConnectOptions::from_str(&url).unwrap();
        let error = connect(options, Duration::from_millis(50))
            .await
            .unwrap_err();
        let cause = std::error::Error::source(&error).unwrap().to_string();
        assert_eq!(
            error.to_string(),
            format!("PostgreSQL at `127.0.0.1:{port}` does not let us in")
        );
        assert!(cause.contains("refused"), "{cause}");
    }

    #[tokio::test]
    async fn a_transaction_that_the_database_ended_by_itself_is_the_only_one_lost() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open_sqlite(&directory.path().join("mandate.db"))
            .await
            .unwrap();
        for _ in 0..3 {
            let mut session = store.write().await.unwrap();
            session.set_setting("lost", "yes").await.unwrap();
            // What SQLite does when the disk is full.
            session.execute("ROLLBACK", &[]).await.unwrap();
            assert!(session.commit().await.is_err());
        }
        let mut session = store.write().await.unwrap();
        session.set_setting("kept", "yes").await.unwrap();
        session.commit().await.unwrap();
        let mut session = store.read().await.unwrap();
        assert_eq!(session.find_setting("lost").await.unwrap(), None);
        assert!(session.find_setting("kept").await.unwrap().is_some());
    }
}
