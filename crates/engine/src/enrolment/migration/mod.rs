//! Coming from another server without enrolling again.
//!
//! ```text
//!  open ──► messages of the other server come in ──► devices are sent here ──► each is met with its old identity
//!  (authority, addresses, push certificate)          (by their name in DNS)     └─► and gets one of ours
//! ```
//!
//! What the other server knows of an enrolment are the two messages with which it began: they are sent in as they were.
//! A device cannot be told of another server, so it goes on calling the address that it knows; that name has to lead here.

mod adopt;
mod change;
mod elsewhere;
mod import;
mod key;
mod list;
mod people;

pub(crate) use elsewhere::Elsewhere;
pub use elsewhere::OldPath;
pub use import::{ImportContent, ImportMessage, ImportOutcome, ImportRefusal};
pub use key::MigrationKey;
pub use list::{MigratedEnrolment, MigrationProgress};
pub use people::{MOST_MIGRATION_PEOPLE_BYTES, MigrationPeople};

use mandate_model::Timestamp;
use mandate_store::MigrationRecord;
use uuid::Uuid;

/// Id of a migration.
pub type MigrationId = Uuid;

/// Which server devices come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OtherServer {
    /// NanoMDM: one address for check-ins and commands, unless it was set up otherwise.
    NanoMdm,
    /// `MicroMDM`: `/mdm/checkin` and `/mdm/connect`.
    MicroMdm,
}

impl OtherServer {
    /// Both.
    pub const ALL: [Self; 2] = [Self::NanoMdm, Self::MicroMdm];

    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NanoMdm => "nanoMDM",
            Self::MicroMdm => "microMDM",
        }
    }

    /// What people call it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::NanoMdm => "NanoMDM",
            Self::MicroMdm => "MicroMDM",
        }
    }

    /// Reads [`Self::name`], in any letter case.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|server| server.name().eq_ignore_ascii_case(name.trim()))
    }
}

/// How far a migration is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MigrationState {
    /// Enrolments are sent in.
    Open,
    /// The same, and devices are sent here.
    Moved,
    /// Nothing more is sent in, and nobody new comes. Who came stays.
    Closed,
}

impl MigrationState {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Open, Self::Moved, Self::Closed];

    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Moved => "moved",
            Self::Closed => "closed",
        }
    }

    /// Reads [`Self::name`].
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}

/// A move from another server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Migration {
    /// Id.
    pub id: MigrationId,
    /// Name.
    pub name: String,
    /// Where from.
    pub kind: OtherServer,
    /// What administrators wrote about it.
    pub note: String,
    /// How far it is.
    pub state: MigrationState,
    /// When devices were first sent here.
    pub moved_at: Option<Timestamp>,
    /// Certificates (PEM) of those who issued the identities there.
    pub authorities: String,
    /// `ServerURL` of the enrolment profile there.
    pub server_url: String,
    /// `CheckInURL` of it, if it has one.
    pub check_in_url: Option<String>,
    /// `PayloadIdentifier` of it; learned from each device if absent.
    pub profile_identifier: Option<String>,
    /// `AccessRights` of it.
    pub access_rights: i64,
    /// Whether it promises channels for people (`com.apple.mdm.per-user-connections`).
    pub user_channels: bool,
    /// Until when the key with which enrolments are sent in is good, if there is one.
    pub key_until: Option<Timestamp>,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub modified_at: Timestamp,
}

impl From<MigrationRecord> for Migration {
    fn from(record: MigrationRecord) -> Self {
        Self {
            id: record.id,
            kind: OtherServer::parse(&record.kind).unwrap_or(OtherServer::NanoMdm),
            state: MigrationState::parse(&record.state).unwrap_or(MigrationState::Closed),
            name: record.name,
            note: record.note,
            moved_at: record.moved_at,
            authorities: record.authorities,
            server_url: record.server_url,
            check_in_url: record.check_in_url,
            profile_identifier: record.profile_identifier,
            access_rights: record.access_rights,
            user_channels: record.user_channels,
            key_until: record.key_until,
            created_at: record.created_at,
            modified_at: record.modified_at,
        }
    }
}

/// A migration that is to be opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMigration {
    /// Name.
    pub name: String,
    /// Where from.
    pub kind: OtherServer,
    /// What is to be remembered about it; may be empty.
    pub note: String,
    /// Certificates (PEM) of those who issued the identities there.
    pub authorities: String,
    /// `ServerURL` of the enrolment profile there.
    pub server_url: String,
    /// `CheckInURL` of it, if it has one.
    pub check_in_url: Option<String>,
    /// `PayloadIdentifier` of it; learned from each device if absent.
    pub profile_identifier: Option<String>,
    /// `AccessRights` of it; all rights if absent, as both servers' own profiles ask for.
    pub access_rights: Option<i64>,
    /// Whether it promises channels for people; as both servers' own profiles do if absent.
    pub user_channels: Option<bool>,
}

/// A change of a migration; what is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MigrationChange {
    /// Name.
    pub name: Option<String>,
    /// What is to be remembered about it.
    pub note: Option<String>,
    /// How far it is: from `moved` on devices are woken that have not come.
    pub state: Option<MigrationState>,
    /// Certificates (PEM) of those who issued the identities there.
    pub authorities: Option<String>,
    /// `ServerURL`.
    pub server_url: Option<String>,
    /// `CheckInURL`; `Some(None)` says that there is none.
    pub check_in_url: Option<Option<String>>,
    /// `PayloadIdentifier`; `Some(None)` has it learned from each device.
    pub profile_identifier: Option<Option<String>>,
    /// `AccessRights`.
    pub access_rights: Option<i64>,
    /// Whether the profile promises channels for people.
    pub user_channels: Option<bool>,
}

/// What the audit calls a migration.
const KIND: &str = "migration";
