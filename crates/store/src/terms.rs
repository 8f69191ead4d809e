//! Terms that people accept before they enrol.

use std::collections::BTreeSet;

use mandate_model::{GroupId, TermsId, Timestamp, UserId};
use sqlx::FromRow;
use uuid::Uuid;

use crate::db::arguments;
use crate::{Session, StoreError};

/// Terms that people accept before they enrol.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TermsRecord {
    /// Id.
    pub id: TermsId,
    /// Name for administrators.
    pub name: String,
    /// What they are for.
    pub description: Option<String>,
    /// Heading that people read.
    pub title: String,
    /// Text that people read.
    pub body: String,
    /// What people say by accepting, such as "I have read this".
    pub statement: String,
    /// Grows when people are to accept anew; from 1 on.
    pub version: i64,
    /// When they were made.
    pub created_at: Timestamp,
    /// When they were last changed.
    pub modified_at: Timestamp,
}

/// Somebody accepted terms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcceptanceRecord {
    /// Which.
    pub terms_id: TermsId,
    /// Who.
    pub user_id: UserId,
    /// The last version that they accepted.
    pub version: i64,
    /// When they accepted it.
    pub accepted_at: Timestamp,
}

#[derive(FromRow)]
struct TermsRow {
    id: Uuid,
    name: String,
    description: Option<String>,
    title: String,
    body: String,
    statement: String,
    version: i64,
    created_at: i64,
    modified_at: i64,
}

impl From<TermsRow> for TermsRecord {
    fn from(row: TermsRow) -> Self {
        Self {
            id: TermsId(row.id),
            name: row.name,
            description: row.description,
            title: row.title,
            body: row.body,
            statement: row.statement,
            version: row.version,
            created_at: Timestamp(row.created_at),
            modified_at: Timestamp(row.modified_at),
        }
    }
}

#[derive(FromRow)]
struct AcceptanceRow {
    terms_id: Uuid,
    user_id: Uuid,
    version: i64,
    accepted_at: i64,
}

impl From<AcceptanceRow> for AcceptanceRecord {
    fn from(row: AcceptanceRow) -> Self {
        Self {
            terms_id: TermsId(row.terms_id),
            user_id: UserId(row.user_id),
            version: row.version,
            accepted_at: Timestamp(row.accepted_at),
        }
    }
}

const FIND: &str = "
    SELECT id, name, description, title, body, statement, version, created_at, modified_at
    FROM terms WHERE id = $1";
const LIST: &str = "
    SELECT id, name, description, title, body, statement, version, created_at, modified_at
    FROM terms ORDER BY id";
const COUNT: &str = "SELECT count(*) FROM terms";
const SET: &str = "
    INSERT INTO terms (id, name, description, title, body, statement, version, created_at, modified_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
    ON CONFLICT (id) DO UPDATE SET
        name = excluded.name, description = excluded.description, title = excluded.title, body = excluded.body,
        statement = excluded.statement, version = excluded.version, modified_at = excluded.modified_at";
const DELETE: &str = "DELETE FROM terms WHERE id = $1";
const TEAMS: &str = "SELECT team_id FROM terms_team WHERE terms_id = $1 ORDER BY team_id";
const ALL_TEAMS: &str = "SELECT terms_id, team_id FROM terms_team";
const CLEAR_TEAMS: &str = "DELETE FROM terms_team WHERE terms_id = $1";
const ADD_TEAM: &str = "INSERT INTO terms_team (terms_id, team_id) VALUES ($1, $2)";
const NAMING_GROUP: &str = "
    SELECT t.name FROM terms t JOIN terms_team m ON m.terms_id = t.id WHERE m.team_id = $1 ORDER BY t.name";
const ACCEPT: &str = "
    INSERT INTO terms_acceptance (terms_id, user_id, version, accepted_at) VALUES ($1, $2, $3, $4)
    ON CONFLICT (terms_id, user_id) DO UPDATE SET version = excluded.version, accepted_at = excluded.accepted_at
    WHERE terms_acceptance.version < excluded.version";
const ACCEPTED_BY: &str = "
    SELECT terms_id, user_id, version, accepted_at FROM terms_acceptance WHERE user_id = $1";
const ACCEPTANCES: &str = "
    SELECT terms_id, user_id, version, accepted_at FROM terms_acceptance
    WHERE terms_id = $1 AND user_id > $2 ORDER BY user_id LIMIT $3";
const COUNT_ACCEPTANCES: &str =
    "SELECT count(*) FROM terms_acceptance WHERE terms_id = $1 AND version = $2";
const FORGET_ACCEPTANCES: &str = "DELETE FROM terms_acceptance WHERE terms_id = $1";
const FORGET_USER: &str = "DELETE FROM terms_acceptance WHERE user_id = $1";

impl Session {
    /// Terms by id.
    pub async fn find_terms(&mut self, id: TermsId) -> Result<Option<TermsRecord>, StoreError> {
        let row: Option<TermsRow> = self.one(FIND, arguments![id]).await?;
        Ok(row.map(Into::into))
    }

    /// All terms by id.
    pub async fn list_terms(&mut self) -> Result<Vec<TermsRecord>, StoreError> {
        let rows: Vec<TermsRow> = self.all(LIST, &[]).await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// How many there are.
    pub async fn count_terms(&mut self) -> Result<i64, StoreError> {
        self.number(COUNT, &[]).await
    }

    /// Adds or replaces terms, without those that they are for.
    pub async fn set_terms(&mut self, record: &TermsRecord) -> Result<(), StoreError> {
        let values = arguments![
            record.id,
            &record.name,
            record.description.clone(),
            &record.title,
            &record.body,
            &record.statement,
            record.version,
            record.created_at,
            record.modified_at,
        ];
        self.execute(SET, values).await.map(drop)
    }

    /// Removes terms with all that is known of them; whether there were any.
    pub async fn delete_terms(&mut self, id: TermsId) -> Result<bool, StoreError> {
        self.execute(CLEAR_TEAMS, arguments![id]).await?;
        self.execute(FORGET_ACCEPTANCES, arguments![id]).await?;
        Ok(self.execute(DELETE, arguments![id]).await? == 1)
    }

    /// Groups whose people terms are for; zeros for everybody.
    pub async fn groups_of_terms(&mut self, id: TermsId) -> Result<BTreeSet<GroupId>, StoreError> {
        let rows: Vec<(Uuid,)> = self.all(TEAMS, arguments![id]).await?;
        Ok(rows.into_iter().map(|(id,)| GroupId(id)).collect())
    }

    /// For whom each of all terms is; zeros for everybody.
    pub async fn groups_of_all_terms(&mut self) -> Result<Vec<(TermsId, GroupId)>, StoreError> {
        let rows: Vec<(Uuid, Uuid)> = self.all(ALL_TEAMS, &[]).await?;
        let pair = |(terms, team)| (TermsId(terms), GroupId(team));
        Ok(rows.into_iter().map(pair).collect())
    }

    /// Replaces those that terms are for.
    pub async fn set_groups_of_terms(
        &mut self,
        id: TermsId,
        groups: &BTreeSet<GroupId>,
    ) -> Result<(), StoreError> {
        self.execute(CLEAR_TEAMS, arguments![id]).await?;
        for group in groups {
            self.execute(ADD_TEAM, arguments![id, *group]).await?;
        }
        Ok(())
    }

    /// Names of terms for people of a group.
    pub async fn terms_naming(&mut self, group: GroupId) -> Result<Vec<String>, StoreError> {
        let rows: Vec<(String,)> = self.all(NAMING_GROUP, arguments![group]).await?;
        Ok(rows.into_iter().map(|(name,)| name).collect())
    }

    /// Notes that somebody accepted a version; whether they had not accepted it or a later one before.
    pub async fn accept_terms(&mut self, record: &AcceptanceRecord) -> Result<bool, StoreError> {
        let values = arguments![
            record.terms_id,
            record.user_id,
            record.version,
            record.accepted_at
        ];
        Ok(self.execute(ACCEPT, values).await? == 1)
    }

    /// What somebody has accepted.
    pub async fn terms_accepted_by(
        &mut self,
        user: UserId,
    ) -> Result<Vec<AcceptanceRecord>, StoreError> {
        let rows: Vec<AcceptanceRow> = self.all(ACCEPTED_BY, arguments![user]).await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// Who accepted terms, by user id, from the one after `after`.
    pub async fn list_acceptances(
        &mut self,
        terms: TermsId,
        after: Option<UserId>,
        limit: u32,
    ) -> Result<Vec<AcceptanceRecord>, StoreError> {
        let after = after.map_or(Uuid::nil(), |id| id.0);
        let values = arguments![terms, after, i64::from(limit)];
        let rows: Vec<AcceptanceRow> = self.all(ACCEPTANCES, values).await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// How many people accepted one version.
    pub async fn count_acceptances(
        &mut self,
        terms: TermsId,
        version: i64,
    ) -> Result<i64, StoreError> {
        self.number(COUNT_ACCEPTANCES, arguments![terms, version])
            .await
    }

    /// Forgets what somebody accepted.
    pub async fn delete_acceptances_of_user(&mut self, user: UserId) -> Result<(), StoreError> {
        self.execute(FORGET_USER, arguments![user]).await.map(drop)
    }
}
