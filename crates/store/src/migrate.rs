//! Brings the schema up to date: plain SQL files, forward only, never edited after a release.

use crate::db::{Connection, arguments};
use crate::{Session, Store, StoreError};

const MIGRATIONS: &[&str] = &[include_str!("../migrations/0001_start.sql")];

/// Held while migrating, so that two servers on one PostgreSQL do not both do it. Any fixed number serves.
const POSTGRES_LOCK: &str = "SELECT pg_advisory_xact_lock(7236114)";
const TABLE: &str = "CREATE TABLE IF NOT EXISTS schema_version (version BIGINT PRIMARY KEY)";
const VERSION: &str = "SELECT CAST(coalesce(max(version), 0) AS BIGINT) FROM schema_version";
const TABLE_SQLITE: &str =
    "CREATE TABLE IF NOT EXISTS schema_version (version INTEGER PRIMARY KEY)";
const VERSION_SQLITE: &str = "SELECT coalesce(max(version), 0) FROM schema_version";
const DONE: &str = "INSERT INTO schema_version (version) VALUES ($1)";

/// Runs the migrations that are missing, all of them in one transaction.
pub(crate) async fn migrate(store: &Store) -> Result<(), StoreError> {
    let mut session = store.write().await?;
    let postgres = session.is_postgres();
    if postgres {
        run(&mut session, POSTGRES_LOCK).await?;
    }
    run(&mut session, if postgres { TABLE } else { TABLE_SQLITE }).await?;
    let found = session
        .number(if postgres { VERSION } else { VERSION_SQLITE }, &[])
        .await?;
    let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    if found > known {
        return Err(StoreError::Newer { found, known });
    }
    for (version, migration) in (1..)
        .zip(MIGRATIONS)
        .filter(|(version, _)| *version > found)
    {
        run(&mut session, &spelt_for(migration, postgres)).await?;
        session.execute(DONE, arguments![version]).await?;
    }
    session.commit().await
}

/// Replaces the words in braces of a migration with those of the database.
fn spelt_for(migration: &str, postgres: bool) -> String {
    let words: [(&str, &str, &str); 5] = [
        ("{uuid}", "BLOB", "UUID"),
        ("{bytes}", "BLOB", "BYTEA"),
        ("{int}", "INTEGER", "BIGINT"),
        ("{strict}", "STRICT", ""),
        ("{position}", "instr", "strpos"),
    ];
    words
        .iter()
        .fold(migration.to_owned(), |text, (word, sqlite, other)| {
            text.replace(word, if postgres { other } else { sqlite })
        })
}

async fn run(session: &mut Session, sql: &str) -> Result<(), StoreError> {
    // The text is one of our own embedded files with type words replaced; nothing from outside is in it.
    let sql = sqlx::AssertSqlSafe(sql.to_owned());
    match session.connection() {
        Connection::Sqlite(connection) => sqlx::raw_sql(sql).execute(connection).await.map(drop)?,
        Connection::Postgres(connection) => {
            sqlx::raw_sql(sql).execute(connection).await.map(drop)?;
        }
    }
    Ok(())
}
