//! Rules that say who is in a group, and how far each has been asked about everybody.

use mandate_model::{GroupId, Member, MemberKind, Timestamp};
use uuid::Uuid;

use crate::db::arguments;
use crate::groups::MemberRow;
use crate::{Session, StoreError};

/// The rule of one group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleRecord {
    /// The group.
    pub group: GroupId,
    /// Its name.
    pub name: String,
    /// The rule as it was written.
    pub text: String,
    /// Whether it moves nobody for the time being.
    pub is_paused: bool,
}

/// A rule that is being asked about everybody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleRunRecord {
    /// The group.
    pub group: GroupId,
    /// About whom it was asked last.
    pub after: Option<Uuid>,
    /// Since when.
    pub started_at: Timestamp,
}

/// How it stands with a group's rule.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RuleState {
    /// When it had last been asked about everybody.
    pub evaluated_at: Option<Timestamp>,
    /// What stopped it, for people.
    pub problem: Option<String>,
    /// Since when it is being asked about everybody.
    pub running_since: Option<Timestamp>,
}

const NUMBER: &str = "SELECT value FROM counter WHERE name = 'membership_rule'";
const HOLD: &str = "SELECT value FROM counter WHERE name = 'membership_rule' FOR SHARE";
const RAISE: &str =
    "UPDATE counter SET value = value + 1 WHERE name = 'membership_rule' RETURNING value";
const LIST: &str = "
    SELECT id, display_name, rule, rule_paused FROM team WHERE rule IS NOT NULL ORDER BY id";
const COUNT: &str = "SELECT count(*) FROM team WHERE rule IS NOT NULL";
const STATE: &str = "
    SELECT t.rule_evaluated_at, t.rule_problem, r.started_at
    FROM team t LEFT JOIN team_rule_run r ON r.team_id = t.id
    WHERE t.id = $1";
const SET_EVALUATED: &str =
    "UPDATE team SET rule_evaluated_at = $2, rule_problem = NULL WHERE id = $1";
const SET_PROBLEM: &str = "UPDATE team SET rule_problem = $2 WHERE id = $1";
const START_RUN: &str = "
    INSERT INTO team_rule_run (team_id, after_member, started_at) VALUES ($1, NULL, $2)
    ON CONFLICT (team_id) DO UPDATE SET after_member = NULL, started_at = excluded.started_at";
const OLDEST_RUN: &str = "
    SELECT team_id, after_member, started_at FROM team_rule_run ORDER BY started_at, team_id LIMIT 1";
const ADVANCE_RUN: &str = "UPDATE team_rule_run SET after_member = $2 WHERE team_id = $1";
const DELETE_RUN: &str = "DELETE FROM team_rule_run WHERE team_id = $1";
const MEMBERS_BETWEEN: &str = "
    SELECT member_id, kind FROM team_member
    WHERE team_id = $1 AND member_id > $2 AND member_id <= $3";
const OF_OTHER_KIND: &str = "
    SELECT member_id, kind FROM team_member
    WHERE team_id = $1 AND kind <> $2 ORDER BY member_id LIMIT $3";

const fn word(kind: MemberKind) -> &'static str {
    match kind {
        MemberKind::User => "user",
        MemberKind::Device => "device",
        MemberKind::Group => "group",
    }
}

impl Session {
    /// The number of the newest rules, for a look.
    pub async fn rules_number(&mut self) -> Result<i64, StoreError> {
        self.number(NUMBER, &[]).await
    }

    /// The same within a transaction: nobody changes a rule until its end, so that nobody is moved by a rule that is one
    /// no more. Several may hold the rules at a time.
    pub async fn hold_rules(&mut self) -> Result<i64, StoreError> {
        // SQLite has one writer, which this transaction is already.
        let sql = if self.is_postgres() { HOLD } else { NUMBER };
        self.number(sql, &[]).await
    }

    /// Notes that a rule has changed; waits until nobody holds the rules.
    pub async fn raise_rules(&mut self) -> Result<(), StoreError> {
        self.number(RAISE, &[]).await.map(drop)
    }

    /// All rules, by their groups' ids.
    pub async fn list_rules(&mut self) -> Result<Vec<RuleRecord>, StoreError> {
        let rows: Vec<(Uuid, String, String, i64)> = self.all(LIST, &[]).await?;
        let record = |(id, name, text, paused)| RuleRecord {
            group: GroupId(id),
            name,
            text,
            is_paused: paused != 0,
        };
        Ok(rows.into_iter().map(record).collect())
    }

    /// How many groups have a rule.
    pub async fn count_rules(&mut self) -> Result<i64, StoreError> {
        self.number(COUNT, &[]).await
    }

    /// How it stands with the rule of a group.
    pub async fn rule_state(&mut self, id: GroupId) -> Result<RuleState, StoreError> {
        let row: Option<(Option<i64>, Option<String>, Option<i64>)> =
            self.one(STATE, arguments![id]).await?;
        Ok(row
            .map(|(evaluated_at, problem, running_since)| RuleState {
                evaluated_at: evaluated_at.map(Timestamp),
                problem,
                running_since: running_since.map(Timestamp),
            })
            .unwrap_or_default())
    }

    /// Notes that a rule has been asked about everybody.
    pub async fn set_rule_evaluated(
        &mut self,
        id: GroupId,
        at: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        self.execute(SET_EVALUATED, arguments![id, at])
            .await
            .map(drop)
    }

    /// Notes what stopped a rule.
    pub async fn set_rule_problem(&mut self, id: GroupId, problem: &str) -> Result<(), StoreError> {
        self.execute(SET_PROBLEM, arguments![id, problem])
            .await
            .map(drop)
    }

    /// Has a rule asked about everybody, from the beginning.
    pub async fn start_rule_run(&mut self, id: GroupId, now: Timestamp) -> Result<(), StoreError> {
        self.execute(START_RUN, arguments![id, now]).await.map(drop)
    }

    /// The rule that has waited longest.
    pub async fn oldest_rule_run(&mut self) -> Result<Option<RuleRunRecord>, StoreError> {
        let row: Option<(Uuid, Option<Uuid>, i64)> = self.one(OLDEST_RUN, &[]).await?;
        Ok(row.map(|(id, after, started_at)| RuleRunRecord {
            group: GroupId(id),
            after,
            started_at: Timestamp(started_at),
        }))
    }

    /// Notes how far a rule has come.
    pub async fn advance_rule_run(&mut self, id: GroupId, after: Uuid) -> Result<(), StoreError> {
        self.execute(ADVANCE_RUN, arguments![id, after])
            .await
            .map(drop)
    }

    /// Ends the asking.
    pub async fn delete_rule_run(&mut self, id: GroupId) -> Result<(), StoreError> {
        self.execute(DELETE_RUN, arguments![id]).await.map(drop)
    }

    /// Direct members with an id beyond one and up to another.
    pub async fn members_between(
        &mut self,
        id: GroupId,
        after: Option<Uuid>,
        last: Uuid,
    ) -> Result<Vec<Member>, StoreError> {
        let values = arguments![id, after.unwrap_or_default(), last];
        let rows = self.all::<MemberRow>(MEMBERS_BETWEEN, values).await?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// Direct members of any kind but this one.
    pub async fn members_of_other_kind(
        &mut self,
        id: GroupId,
        kind: MemberKind,
        limit: u32,
    ) -> Result<Vec<Member>, StoreError> {
        let values = arguments![id, word(kind), i64::from(limit)];
        let rows = self.all::<MemberRow>(OF_OTHER_KIND, values).await?;
        rows.into_iter().map(TryInto::try_into).collect()
    }
}
