//! People.

use mandate_model::{Timestamp, User, UserId};
use serde_json::{Map, Value, json};
use sqlx::FromRow;
use uuid::Uuid;

use crate::db::arguments;
use crate::devices::contains;
use crate::{LicenceHolder, Session, StoreError};

/// Which people; every condition that is there must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserFilter {
    /// Sign-in name, without regard to case.
    pub principal_name: Option<String>,
    /// Mail address, without regard to case.
    pub mail: Option<String>,
    /// Beginning of the display name, without regard to case.
    pub name_prefix: Option<String>,
}

/// Where a list by names goes on: after this one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AfterName<Id> {
    /// Its name.
    pub name: String,
    /// Its id.
    pub id: Id,
}

#[derive(FromRow)]
struct UserRow {
    id: Uuid,
    principal_name: String,
    display_name: String,
    mail: Option<String>,
    attributes: String,
    enabled: i64,
    created_at: i64,
}

impl TryFrom<UserRow> for User {
    type Error = StoreError;

    fn try_from(row: UserRow) -> Result<Self, StoreError> {
        let mut attributes: Map<String, Value> =
            serde_json::from_str(&row.attributes).map_err(|error| StoreError::Inconsistent {
                table: "person",
                column: "attributes",
                id: row.id.to_string(),
                problem: error.to_string(),
            })?;
        let mut text = |name: &str| match attributes.remove(name) {
            Some(Value::String(text)) => Some(text),
            _ => None,
        };
        Ok(Self {
            id: UserId(row.id),
            user_principal_name: row.principal_name,
            display_name: row.display_name,
            given_name: text("givenName"),
            surname: text("surname"),
            mail: row.mail,
            on_premises_sam_account_name: text("onPremisesSamAccountName"),
            on_premises_domain_name: text("onPremisesDomainName"),
            on_premises_net_bios_name: text("onPremisesNetBiosName"),
            on_premises_distinguished_name: text("onPremisesDistinguishedName"),
            on_premises_security_identifier: text("onPremisesSecurityIdentifier"),
            account_enabled: row.enabled != 0,
            created_at: Timestamp(row.created_at),
            other: attributes,
        })
    }
}

fn attributes(user: &User) -> String {
    let mut map = user.other.clone();
    let named = [
        ("givenName", &user.given_name),
        ("surname", &user.surname),
        (
            "onPremisesSamAccountName",
            &user.on_premises_sam_account_name,
        ),
        ("onPremisesDomainName", &user.on_premises_domain_name),
        ("onPremisesNetBiosName", &user.on_premises_net_bios_name),
        (
            "onPremisesDistinguishedName",
            &user.on_premises_distinguished_name,
        ),
        (
            "onPremisesSecurityIdentifier",
            &user.on_premises_security_identifier,
        ),
    ];
    for (name, value) in named {
        match value {
            Some(text) => map.insert(name.to_owned(), json!(text)),
            None => map.remove(name),
        };
    }
    Value::Object(map).to_string()
}

const FIND: &str = "
    SELECT id, principal_name, display_name, mail, attributes, enabled, created_at
    FROM person WHERE id = $1";
const FIND_BY_NAME: &str = "
    SELECT id, principal_name, display_name, mail, attributes, enabled, created_at
    FROM person WHERE principal_name_folded = $1";
const NAMED_BY_MAIL: &str = "SELECT id FROM person WHERE mail_folded = $1 ORDER BY id LIMIT $2";
const LIST: &str = "
    SELECT id, principal_name, display_name, mail, attributes, enabled, created_at
    FROM person
    WHERE id > $1
      AND (CAST($2 AS TEXT) IS NULL OR principal_name_folded = $2)
      AND (CAST($3 AS TEXT) IS NULL OR mail_folded = $3)
      AND (CAST($4 AS TEXT) IS NULL OR substr(display_name_folded, 1, length($4)) = $4)
    ORDER BY id LIMIT $5";
const SEARCH: &str = "
    SELECT id, principal_name, display_name, mail, attributes, enabled, created_at
    FROM person
    WHERE (display_name_folded, id) > ($1, $2)
      AND (CAST($3 AS TEXT) IS NULL
           OR display_name_folded LIKE $3 ESCAPE '!' OR principal_name_folded LIKE $3 ESCAPE '!'
           OR mail_folded LIKE $3 ESCAPE '!')
    ORDER BY display_name_folded, id LIMIT $4";
const INSERT: &str = "
    INSERT INTO person
        (id, principal_name, principal_name_folded, display_name, display_name_folded, mail, mail_folded,
         attributes, enabled, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
const UPDATE: &str = "
    UPDATE person SET
        principal_name = $2, principal_name_folded = $3, display_name = $4, display_name_folded = $5,
        mail = $6, mail_folded = $7, attributes = $8, enabled = $9
    WHERE id = $1";
const DELETE: &str = "DELETE FROM person WHERE id = $1";
const FORGET_MEMBERSHIPS: &str = "DELETE FROM team_member WHERE member_id = $1";
const FORGET_DEVICES: &str = "UPDATE device SET user_id = NULL WHERE user_id = $1";
const COUNT: &str = "SELECT count(*) FROM person";

impl Session {
    /// A person by id.
    pub async fn find_user(&mut self, id: UserId) -> Result<Option<User>, StoreError> {
        self.one::<UserRow>(FIND, arguments![id])
            .await?
            .map(TryInto::try_into)
            .transpose()
    }

    /// A person by sign-in name, without regard to case.
    pub async fn find_user_by_name(&mut self, name: &str) -> Result<Option<User>, StoreError> {
        self.one::<UserRow>(FIND_BY_NAME, arguments![name.to_lowercase()])
            .await?
            .map(TryInto::try_into)
            .transpose()
    }

    /// Who has a mail address, without regard to case, by id.
    pub async fn ids_by_mail(&mut self, mail: &str, limit: u32) -> Result<Vec<UserId>, StoreError> {
        let values = arguments![mail.to_lowercase(), i64::from(limit)];
        let rows: Vec<(Uuid,)> = self.all(NAMED_BY_MAIL, values).await?;
        Ok(rows.into_iter().map(|(id,)| UserId(id)).collect())
    }

    /// People by id, from the one after `after`.
    pub async fn list_users(
        &mut self,
        filter: &UserFilter,
        after: Option<UserId>,
        limit: u32,
    ) -> Result<Vec<User>, StoreError> {
        let folded = |text: &Option<String>| text.as_ref().map(|text| text.to_lowercase());
        let values = arguments![
            after.map_or(Uuid::nil(), |id| id.0),
            folded(&filter.principal_name),
            folded(&filter.mail),
            folded(&filter.name_prefix),
            i64::from(limit),
        ];
        self.all::<UserRow>(LIST, values)
            .await?
            .into_iter()
            .map(TryInto::try_into)
            .collect()
    }

    /// People in the order of their names, after one of them. `text` is a part of a name, a sign-in name or a mail address,
    /// without regard to case.
    pub async fn search_users(
        &mut self,
        text: Option<&str>,
        after: Option<&AfterName<UserId>>,
        limit: u32,
    ) -> Result<Vec<User>, StoreError> {
        let values = arguments![
            after.map_or_else(String::new, |after| after.name.to_lowercase()),
            after.map_or(Uuid::nil(), |after| after.id.0),
            text.map(contains),
            i64::from(limit),
        ];
        self.all::<UserRow>(SEARCH, values)
            .await?
            .into_iter()
            .map(TryInto::try_into)
            .collect()
    }

    /// Adds a person. [`StoreError::Duplicate`] if the sign-in name is taken.
    pub async fn insert_user(&mut self, user: &User) -> Result<(), StoreError> {
        let values = arguments![
            user.id,
            &user.user_principal_name,
            user.user_principal_name.to_lowercase(),
            &user.display_name,
            user.display_name.to_lowercase(),
            user.mail.clone(),
            user.mail.as_ref().map(|mail| mail.to_lowercase()),
            attributes(user),
            user.account_enabled,
            user.created_at,
        ];
        self.execute(INSERT, values).await.map(drop)
    }

    /// Replaces a person's record; whether there was one.
    pub async fn update_user(&mut self, user: &User) -> Result<bool, StoreError> {
        let values = arguments![
            user.id,
            &user.user_principal_name,
            user.user_principal_name.to_lowercase(),
            &user.display_name,
            user.display_name.to_lowercase(),
            user.mail.clone(),
            user.mail.as_ref().map(|mail| mail.to_lowercase()),
            attributes(user),
            user.account_enabled,
        ];
        Ok(self.execute(UPDATE, values).await? == 1)
    }

    /// Removes a person from the directory, from groups and from devices; whether there was one.
    pub async fn delete_user(&mut self, id: UserId) -> Result<bool, StoreError> {
        self.execute(FORGET_MEMBERSHIPS, arguments![id]).await?;
        self.execute(FORGET_DEVICES, arguments![id]).await?;
        self.leave_licence_seat(id).await?;
        self.delete_licence(LicenceHolder::User(id)).await?;
        Ok(self.execute(DELETE, arguments![id]).await? == 1)
    }

    /// How many people there are.
    pub async fn count_users(&mut self) -> Result<i64, StoreError> {
        self.number(COUNT, &[]).await
    }
}
