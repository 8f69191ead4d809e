//! The organisation's domains, and under which domains people's sign-in names are.

use mandate_model::Timestamp;
use sqlx::FromRow;

use crate::db::arguments;
use crate::{Session, StoreError};

/// A domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DomainRecord {
    /// Its name in ASCII and lower case, without a dot at the end.
    pub name: String,
    /// Whether the instance was made with it.
    pub is_initial: bool,
    /// Whether it is the one that is meant where none is named.
    pub is_default: bool,
    /// What a TXT record has to say to prove it.
    pub proof: String,
    /// When it was proved; absent while it is not.
    pub verified_at: Option<Timestamp>,
    /// When it was added.
    pub created_at: Timestamp,
}

#[derive(FromRow)]
struct DomainRow {
    name: String,
    initial: i64,
    usual: i64,
    proof: String,
    verified_at: Option<i64>,
    created_at: i64,
}

impl From<DomainRow> for DomainRecord {
    fn from(row: DomainRow) -> Self {
        Self {
            name: row.name,
            is_initial: row.initial != 0,
            is_default: row.usual != 0,
            proof: row.proof,
            verified_at: row.verified_at.map(Timestamp),
            created_at: Timestamp(row.created_at),
        }
    }
}

const FIND: &str = "
    SELECT name, initial, usual, proof, verified_at, created_at FROM domain WHERE name = $1";
const LIST: &str = "
    SELECT name, initial, usual, proof, verified_at, created_at FROM domain ORDER BY name";
const COUNT: &str = "SELECT count(*) FROM domain";
const INSERT: &str = "
    INSERT INTO domain (name, initial, usual, proof, verified_at, created_at)
    VALUES ($1, $2, $3, $4, $5, $6)";
const VERIFY: &str = "UPDATE domain SET verified_at = $2 WHERE name = $1 AND verified_at IS NULL";
const MAKE_DEFAULT: &str = "UPDATE domain SET usual = CASE WHEN name = $1 THEN 1 ELSE 0 END";
const DELETE: &str = "DELETE FROM domain WHERE name = $1";

/// Names the lock of domains among the advisory locks of a PostgreSQL database: `domains` in ASCII.
const LOCK: i64 = 0x64_6f_6d_61_69_6e_73;

/// The index `person_suffix` is made of the same expression.
const SUFFIXES_SQLITE: &str = "
    SELECT substr(principal_name_folded, instr(principal_name_folded, '@') + 1) AS suffix, count(*)
    FROM person GROUP BY substr(principal_name_folded, instr(principal_name_folded, '@') + 1)
    ORDER BY suffix LIMIT $1";
const SUFFIXES_POSTGRES: &str = "
    SELECT substr(principal_name_folded, strpos(principal_name_folded, '@') + 1) AS suffix, count(*)
    FROM person GROUP BY substr(principal_name_folded, strpos(principal_name_folded, '@') + 1)
    ORDER BY suffix LIMIT $1";

impl Session {
    /// Has those who add and remove domains, or choose the default one, take turns.
    pub async fn hold_domains(&mut self) -> Result<(), StoreError> {
        self.take_turn(LOCK).await
    }

    /// A domain by its name, as the record has it.
    pub async fn find_domain(&mut self, name: &str) -> Result<Option<DomainRecord>, StoreError> {
        let row: Option<DomainRow> = self.one(FIND, arguments![name]).await?;
        Ok(row.map(Into::into))
    }

    /// All domains by name.
    pub async fn list_domains(&mut self) -> Result<Vec<DomainRecord>, StoreError> {
        let rows: Vec<DomainRow> = self.all(LIST, &[]).await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// How many domains there are.
    pub async fn count_domains(&mut self) -> Result<i64, StoreError> {
        self.number(COUNT, &[]).await
    }

    /// Adds a domain. [`StoreError::Duplicate`] if there is one of this name.
    pub async fn insert_domain(&mut self, domain: &DomainRecord) -> Result<(), StoreError> {
        let values = arguments![
            domain.name.as_str(),
            domain.is_initial,
            domain.is_default,
            domain.proof.as_str(),
            domain.verified_at,
            domain.created_at,
        ];
        self.execute(INSERT, values).await.map(drop)
    }

    /// Notes that a domain was proved; whether that is news.
    pub async fn verify_domain(&mut self, name: &str, now: Timestamp) -> Result<bool, StoreError> {
        Ok(self.execute(VERIFY, arguments![name, now]).await? == 1)
    }

    /// Makes one domain the default, and no other.
    pub async fn make_domain_default(&mut self, name: &str) -> Result<(), StoreError> {
        self.execute(MAKE_DEFAULT, arguments![name]).await.map(drop)
    }

    /// Removes a domain; whether there was one.
    pub async fn delete_domain(&mut self, name: &str) -> Result<bool, StoreError> {
        Ok(self.execute(DELETE, arguments![name]).await? == 1)
    }

    /// What stands behind the `@` of people's sign-in names, in lower case, with how many people have it; by name, `limit`
    /// at most.
    pub async fn count_name_suffixes(
        &mut self,
        limit: u32,
    ) -> Result<Vec<(String, i64)>, StoreError> {
        let sql = self.either(SUFFIXES_SQLITE, SUFFIXES_POSTGRES);
        self.all(sql, arguments![i64::from(limit)]).await
    }
}
