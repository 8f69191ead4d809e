//! What can go wrong with a store.

use thiserror::Error;

/// An error of the store.
#[derive(Debug, Error)]
pub enum StoreError {
    /// The database cannot be reached, is full, or refuses to work; trying again later may help.
    #[error("the database is not available")]
    Unavailable(#[source] sqlx::Error),
    /// The database cannot be reached, or refuses us, at the start.
    #[error("PostgreSQL at `{host}:{port}` does not let us in")]
    Unreachable {
        /// Host, or directory of its socket.
        host: String,
        /// Port.
        port: u16,
        /// Why.
        #[source]
        cause: sqlx::Error,
    },
    /// A value that must be unique is there already.
    #[error("a value that must be unique is there already")]
    Duplicate,
    /// The address of the database cannot be understood.
    #[error("database address `{0}` is not understood: expected `postgres://…`")]
    Address(String),
    /// A row cannot be read back.
    #[error("table `{table}`, column `{column}`, row {id}: {problem}")]
    Inconsistent {
        /// Table of the row.
        table: &'static str,
        /// Column that cannot be read.
        column: &'static str,
        /// Key of the row.
        id: String,
        /// What is wrong.
        problem: String,
    },
    /// The schema was made by a newer release.
    #[error(
        "the database was made by a newer release (schema {found}, this release knows {known})"
    )]
    Newer {
        /// Version found.
        found: i64,
        /// Newest version known.
        known: i64,
    },
    /// The statement does not fit the schema: our mistake.
    #[error("the database refused a statement")]
    Statement(#[source] sqlx::Error),
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(cause) if cause.is_unique_violation() => Self::Duplicate,
            sqlx::Error::Database(cause) if is_our_mistake(cause.code().as_deref()) => {
                Self::Statement(error)
            }
            sqlx::Error::ColumnDecode { .. }
            | sqlx::Error::ColumnNotFound(_)
            | sqlx::Error::Decode(_) => Self::Statement(error),
            _ => Self::Unavailable(error),
        }
    }
}

/// SQLSTATE class 42 is a wrong statement; SQLite says 1. The rest (disk full, connection lost, shutting down) passes.
fn is_our_mistake(code: Option<&str>) -> bool {
    code.is_some_and(|code| code.starts_with("42") || code == "1")
}
