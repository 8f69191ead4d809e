//! Who has a licence.

use mandate_model::{GroupId, Timestamp, UserId};
use uuid::Uuid;

use crate::db::arguments;
use crate::{Session, StoreError};

/// To whom a licence was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LicenceHolder {
    /// Everybody in the directory, also those who come later.
    Everybody,
    /// The people of a group, those of nested groups as well.
    Group(GroupId),
    /// One person.
    User(UserId),
}

impl LicenceHolder {
    const fn id(self) -> Uuid {
        match self {
            Self::Everybody => Uuid::nil(),
            Self::Group(group) => group.0,
            Self::User(user) => user.0,
        }
    }

    const fn kind(self) -> &'static str {
        match self {
            Self::Everybody => "everybody",
            Self::Group(_) => "group",
            Self::User(_) => "user",
        }
    }

    fn of(id: Uuid, kind: &str) -> Result<Self, StoreError> {
        match kind {
            "everybody" => Ok(Self::Everybody),
            "group" => Ok(Self::Group(GroupId(id))),
            "user" => Ok(Self::User(UserId(id))),
            other => Err(StoreError::Inconsistent {
                table: "licence",
                column: "kind",
                id: id.to_string(),
                problem: format!("`{other}` is no kind of holder"),
            }),
        }
    }
}

/// A licence that was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LicenceRecord {
    /// To whom.
    pub holder: LicenceHolder,
    /// When.
    pub created_at: Timestamp,
}

/// The condition that a person `p` is given a licence, by themself, by a group or with everybody. Groups may contain one
/// another in a ring, so `UNION` and not `UNION ALL`.
macro_rules! entitled {
    ($before:literal, $after:literal) => {
        concat!(
            "
    WITH RECURSIVE inside (id, kind) AS (
        SELECT holder_id, kind FROM licence WHERE kind = 'group'
        UNION
        SELECT m.member_id, m.kind FROM team_member m JOIN inside i ON m.team_id = i.id AND i.kind = 'group'
    )
    ",
            $before,
            " FROM person p
    WHERE (EXISTS (SELECT 1 FROM licence WHERE kind = 'everybody')
        OR p.id IN (SELECT holder_id FROM licence WHERE kind = 'user')
        OR p.id IN (SELECT id FROM inside WHERE kind = 'user'))
    ",
            $after
        )
    };
}

const LIST: &str = "
    SELECT holder_id, kind, created_at FROM licence
    WHERE kind = $1 AND holder_id > $2 ORDER BY holder_id LIMIT $3";
const COUNT: &str = "SELECT count(*) FROM licence WHERE kind = $1";
const FIND: &str = "SELECT count(*) FROM licence WHERE holder_id = $1";
const ADD: &str = "
    INSERT INTO licence (holder_id, kind, created_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
const DELETE: &str = "DELETE FROM licence WHERE holder_id = $1";
const HELD_BY: &str = "
    WITH RECURSIVE around (id) AS (
        SELECT team_id FROM team_member WHERE member_id = $1
        UNION
        SELECT m.team_id FROM team_member m JOIN around a ON m.member_id = a.id
    )
    SELECT l.holder_id, l.kind, l.created_at FROM licence l
    WHERE l.kind = 'everybody' OR (l.kind = 'user' AND l.holder_id = $1)
       OR (l.kind = 'group' AND l.holder_id IN (SELECT id FROM around))
    ORDER BY l.holder_id";
const ENTITLED: &str = entitled!("SELECT p.id", "ORDER BY p.id");
const ENTITLED_AFTER: &str = entitled!("SELECT p.id", "AND p.id > $1 ORDER BY p.id LIMIT $2");
const COUNT_ENTITLED: &str = entitled!("SELECT count(*)", "");
const SEATED: &str = entitled!(
    "SELECT p.id",
    "AND EXISTS (SELECT 1 FROM licence_seat s WHERE s.user_id = p.id) ORDER BY p.id"
);
const COUNT_SEATED: &str = entitled!(
    "SELECT count(*)",
    "AND EXISTS (SELECT 1 FROM licence_seat s WHERE s.user_id = p.id)"
);
const HAS_SEAT: &str = "SELECT count(*) FROM licence_seat WHERE user_id = $1";
const TAKE_SEAT: &str = "
    INSERT INTO licence_seat (user_id, created_at) VALUES ($1, $2) ON CONFLICT DO NOTHING";
const LEAVE_SEAT: &str = "DELETE FROM licence_seat WHERE user_id = $1";
const SEATS: &str = "SELECT user_id FROM licence_seat ORDER BY user_id";
const CLEAR_SEATS: &str = "DELETE FROM licence_seat";
const DEVICES_BY_USER: &str = "
    SELECT user_id, count(*) FROM device
    WHERE user_id IS NOT NULL AND parent_id IS NULL AND state IN ('enrolled', 'enrolling')
    GROUP BY user_id ORDER BY user_id";
const PROFILES_BY_USER: &str = "
    SELECT d.user_id, count(*) FROM device_profile p JOIN device d ON d.id = p.device_id
    WHERE d.user_id IS NOT NULL AND d.state IN ('enrolled', 'enrolling') AND p.wanted = 1
    GROUP BY d.user_id ORDER BY d.user_id";
/// Names the lock of licences among the advisory locks of a PostgreSQL database: `licence` in ASCII.
const LOCK_OF_LICENCES: i64 = 0x6c_69_63_65_6e_63_65;

impl Session {
    /// Has those who change licences take turns: each counts those that are taken.
    pub async fn hold_licences(&mut self) -> Result<(), StoreError> {
        self.take_turn(LOCK_OF_LICENCES).await
    }

    /// Licences given to groups, by id, from the one after `after`.
    pub async fn list_licensed_groups(
        &mut self,
        after: Option<GroupId>,
        limit: u32,
    ) -> Result<Vec<GroupId>, StoreError> {
        let after = after.map_or(Uuid::nil(), |id| id.0);
        let values = arguments!["group", after, i64::from(limit)];
        let rows: Vec<(Uuid, String, i64)> = self.all(LIST, values).await?;
        Ok(rows.into_iter().map(|(id, _, _)| GroupId(id)).collect())
    }

    /// How many people were given a licence by name.
    pub async fn count_licensed_directly(&mut self) -> Result<i64, StoreError> {
        self.number(COUNT, arguments!["user"]).await
    }

    /// Whether somebody was given a licence, whoever has it through them.
    pub async fn is_licence_holder(&mut self, holder: LicenceHolder) -> Result<bool, StoreError> {
        Ok(self.number(FIND, arguments![holder.id()]).await? == 1)
    }

    /// Gives a licence; whether that is new.
    pub async fn insert_licence(&mut self, record: LicenceRecord) -> Result<bool, StoreError> {
        let holder = record.holder;
        let values = arguments![holder.id(), holder.kind(), record.created_at];
        Ok(self.execute(ADD, values).await? == 1)
    }

    /// Takes a licence back; whether it had been given.
    pub async fn delete_licence(&mut self, holder: LicenceHolder) -> Result<bool, StoreError> {
        Ok(self.execute(DELETE, arguments![holder.id()]).await? == 1)
    }

    /// By what a person is given a licence; nothing if they are given none.
    pub async fn licences_of(&mut self, user: UserId) -> Result<Vec<LicenceRecord>, StoreError> {
        let rows: Vec<(Uuid, String, i64)> = self.all(HELD_BY, arguments![user]).await?;
        let record = |(id, kind, at): (Uuid, String, i64)| {
            Ok(LicenceRecord {
                holder: LicenceHolder::of(id, &kind)?,
                created_at: Timestamp(at),
            })
        };
        rows.into_iter().map(record).collect()
    }

    /// Everybody who is given a licence, by id.
    pub async fn people_with_licence(&mut self) -> Result<Vec<UserId>, StoreError> {
        let rows: Vec<(Uuid,)> = self.all(ENTITLED, &[]).await?;
        Ok(rows.into_iter().map(|(id,)| UserId(id)).collect())
    }

    /// A page of them.
    pub async fn list_people_with_licence(
        &mut self,
        after: Option<UserId>,
        limit: u32,
    ) -> Result<Vec<UserId>, StoreError> {
        let values = arguments![after.map_or(Uuid::nil(), |id| id.0), i64::from(limit)];
        let rows: Vec<(Uuid,)> = self.all(ENTITLED_AFTER, values).await?;
        Ok(rows.into_iter().map(|(id,)| UserId(id)).collect())
    }

    /// How many people are given a licence.
    pub async fn count_people_with_licence(&mut self) -> Result<i64, StoreError> {
        self.number(COUNT_ENTITLED, &[]).await
    }

    /// Those of them who have a seat.
    pub async fn people_with_seat(&mut self) -> Result<Vec<UserId>, StoreError> {
        let rows: Vec<(Uuid,)> = self.all(SEATED, &[]).await?;
        Ok(rows.into_iter().map(|(id,)| UserId(id)).collect())
    }

    /// How many of them have a seat.
    pub async fn count_people_with_seat(&mut self) -> Result<i64, StoreError> {
        self.number(COUNT_SEATED, &[]).await
    }

    /// Whether a person has a seat.
    pub async fn has_licence_seat(&mut self, user: UserId) -> Result<bool, StoreError> {
        Ok(self.number(HAS_SEAT, arguments![user]).await? == 1)
    }

    /// Everybody who has a seat, also those who are given no licence any more.
    pub async fn licence_seats(&mut self) -> Result<Vec<UserId>, StoreError> {
        let rows: Vec<(Uuid,)> = self.all(SEATS, &[]).await?;
        Ok(rows.into_iter().map(|(id,)| UserId(id)).collect())
    }

    /// Gives a person a seat.
    pub async fn take_licence_seat(
        &mut self,
        user: UserId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.execute(TAKE_SEAT, arguments![user, now])
            .await
            .map(drop)
    }

    /// Takes a person's seat back.
    pub async fn leave_licence_seat(&mut self, user: UserId) -> Result<(), StoreError> {
        self.execute(LEAVE_SEAT, arguments![user]).await.map(drop)
    }

    /// Forgets all seats.
    pub async fn clear_licence_seats(&mut self) -> Result<(), StoreError> {
        self.execute(CLEAR_SEATS, &[]).await.map(drop)
    }

    /// How many enrolled devices people have, for those who have any.
    pub async fn count_devices_by_user(&mut self) -> Result<Vec<(UserId, i64)>, StoreError> {
        let rows: Vec<(Uuid, i64)> = self.all(DEVICES_BY_USER, &[]).await?;
        Ok(rows.into_iter().map(|(id, n)| (UserId(id), n)).collect())
    }

    /// How many profiles are wanted on people's devices, for those who have any.
    pub async fn count_profiles_by_user(&mut self) -> Result<Vec<(UserId, i64)>, StoreError> {
        let rows: Vec<(Uuid, i64)> = self.all(PROFILES_BY_USER, &[]).await?;
        Ok(rows.into_iter().map(|(id, n)| (UserId(id), n)).collect())
    }
}
