//! People and groups that somebody else's service brings (SCIM, RFC 7644): what it wrote is kept as it was written, and told
//! as a source of the directory.
//!
//! ```text
//!  document ─► kept, with a version ─► SourcedPerson or SourcedGroup ─► person or group
//!      ▲                                        │
//!      └──────── as it was, if it is refused ───┘
//! ```
//!
//! It is kept first and told then: if the server stops in between, the same told again is taken up where it stopped.

mod token;
mod write;

pub use token::{NewScimToken, ScimToken};
pub use write::ProvisionWriting;

use mandate_model::Timestamp;
use mandate_store::ScimResourceRecord;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::source::{Source, SourceFault};
use crate::{Action, Actor, Engine, EngineError};

/// A person or group as it was written.
#[derive(Debug, Clone, PartialEq)]
pub struct Provisioned {
    /// Id, ours.
    pub id: Uuid,
    /// All that was written of it.
    pub document: Map<String, Value>,
    /// From 1 on; grows with each change.
    pub version: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub modified_at: Timestamp,
}

/// What is brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProvisionedKind {
    /// A person.
    User,
    /// A group.
    Group,
}

impl ProvisionedKind {
    const fn word(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Group => "group",
        }
    }

    /// What it takes to see them.
    const fn reads(self) -> Action {
        match self {
            Self::User => Action::UsersRead,
            Self::Group => Action::GroupsRead,
        }
    }
}

/// Which of them; what is empty says nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProvisionedQuery {
    /// Sign-in name, or name of a group, in any letter case.
    pub name: String,
    /// What its client calls it.
    pub external_id: String,
    /// How many to pass over.
    pub offset: u32,
    /// How many at most.
    pub limit: u32,
}

/// Why something was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProvisionFault {
    /// There is one of that name already.
    NameTaken,
    /// It is not there.
    NotFound,
    /// It has another version by now.
    Overtaken,
    /// What it says cannot be here.
    Refused(SourceFault),
}

/// The source that all of them come from.
fn source() -> Source {
    Source::master("scim")
}

impl Engine {
    /// One of them.
    pub async fn find_provisioned(
        &self,
        actor: &Actor,
        kind: ProvisionedKind,
        id: Uuid,
    ) -> Result<Option<Provisioned>, EngineError> {
        actor.require(kind.reads())?;
        let mut session = self.store().read().await?;
        let record = session.find_scim_resource(kind.word(), id).await?;
        record.as_ref().map(shown).transpose()
    }

    /// A page of them by id, and how many there are in all.
    pub async fn list_provisioned(
        &self,
        actor: &Actor,
        kind: ProvisionedKind,
        query: &ProvisionedQuery,
    ) -> Result<(Vec<Provisioned>, i64), EngineError> {
        actor.require(kind.reads())?;
        let name = query.name.to_lowercase();
        let which = (name.as_str(), query.external_id.as_str());
        let mut session = self.store().read().await?;
        let total = session.count_scim_resources(kind.word(), which).await?;
        let slice = (i64::from(query.offset), i64::from(query.limit));
        let records = session
            .list_scim_resources(kind.word(), which, slice)
            .await?;
        let found = records.iter().map(shown).collect::<Result<_, _>>()?;
        Ok((found, total))
    }
}

fn shown(record: &ScimResourceRecord) -> Result<Provisioned, EngineError> {
    let document = serde_json::from_str(&record.document)
        .map_err(|error| EngineError::Internal(format!("SCIM resource {}: {error}", record.id)))?;
    Ok(Provisioned {
        id: record.id,
        document,
        version: record.version,
        created_at: record.created_at,
        modified_at: record.modified_at,
    })
}
