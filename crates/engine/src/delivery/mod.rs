//! Delivery and evidence: what a device says, and what it is to do next.
//!
//! ```text
//! Install ─► Installing ─► Verify ─► Settled         an acknowledgement is a hint,
//!    ▲           │            │                      the inventory is the proof
//!    └───────────┴────────────┘
//! Remove ─► Removing ─► VerifyGone ─► (row deleted)
//! ```
//!
//! One exchange is one transaction: hear what the device said, reconcile what it should have if intent has changed,
//! choose the next piece of work. Lost messages need no timer of their own: a device that asks for work is busy with
//! nothing, so whatever was under way is looked up in its inventory.

mod actions;
mod choose;
mod hear;
mod identity;
mod inventory;
mod reconcile;
mod render;
mod visit;

pub(crate) use actions::{ActionKind, ActionState};
pub(crate) use identity::renew_at;
pub(crate) use inventory::REMOVAL_DEADLINE;
pub(crate) use reconcile::Detail;
pub(crate) use visit::Visit;

use mandate_model::{AccountKey, DeviceFacts, DeviceId};
use uuid::Uuid;

use crate::{Engine, EngineError};

/// What a device says when it connects, in no protocol's words.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// It asks for work: the beginning of a session.
    Idle,
    /// It did what a command said.
    Done {
        /// The command.
        command: Uuid,
        /// What it reported.
        content: Content,
    },
    /// It could not, or would not.
    Failed {
        /// The command.
        command: Uuid,
        /// Why.
        failure: Failure,
    },
    /// It is busy or locked.
    NotNow {
        /// The command.
        command: Uuid,
    },
}

/// What came with an answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// Nothing.
    Nothing,
    /// All profiles on the device.
    Profiles(Vec<SeenProfile>),
    /// SHA-256 of all certificates on the device.
    Certificates(Vec<[u8; 32]>),
    /// Facts about the device; what is absent stays as it was known.
    Facts(Box<DeviceFacts>),
}

/// A profile in a device's inventory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenProfile {
    /// `PayloadIdentifier`.
    pub identifier: String,
    /// `PayloadUUID`; absent if it is no UUID, which ours always are.
    pub uuid: Option<Uuid>,
}

/// Why a device did not do something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What kind of failure.
    pub kind: FailureKind,
    /// Error domain in the vendor's spelling.
    pub domain: String,
    /// Error number.
    pub number: i64,
    /// Text of the device.
    pub text: String,
}

/// Kinds of failure that are treated differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureKind {
    /// The user made the same account by hand.
    AccountExists,
    /// What should be removed is not there.
    NotInstalled,
    /// The device does not know the command.
    Unsupported,
    /// Network and the like: soon again.
    Transient,
    /// Anything else.
    Refused,
}

/// What a device is to do next, in no protocol's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Work {
    /// Install a document.
    Install {
        /// The command.
        command: Uuid,
        /// The document, challenges filled in.
        body: Vec<u8>,
        /// Certificate (DER) to encrypt it for, because a secret is inside.
        recipient: Option<Vec<u8>>,
    },
    /// Remove a profile.
    Remove {
        /// The command.
        command: Uuid,
        /// `PayloadIdentifier`.
        identifier: String,
    },
    /// List the profiles.
    ListProfiles {
        /// The command.
        command: Uuid,
    },
    /// List the certificates.
    ListCertificates {
        /// The command.
        command: Uuid,
    },
    /// Tell about itself.
    DescribeDevice {
        /// The command.
        command: Uuid,
    },
    /// Tell about passcode and encryption.
    DescribeSecurity {
        /// The command.
        command: Uuid,
    },
    /// Lock the screen.
    Lock {
        /// The command.
        command: Uuid,
        /// Text to show.
        message: Option<String>,
        /// Number to show.
        phone_number: Option<String>,
    },
    /// Erase everything.
    Erase {
        /// The command.
        command: Uuid,
        /// Whether the mobile data plan stays.
        keep_data_plan: bool,
    },
    /// Remove management itself.
    RemoveManagement {
        /// The command.
        command: Uuid,
    },
    /// Take a new identity: the enrolment profile again, with a new challenge.
    RenewIdentity {
        /// The command.
        command: Uuid,
        /// The offer to render.
        offer: Box<crate::EnrolmentOffer>,
    },
}

impl Engine {
    /// Hears what a device said and gives it the next work, `None` when there is none. Whatever goes wrong changes
    /// nothing, and the device may say the same again.
    pub(crate) async fn exchange(
        &self,
        id: DeviceId,
        certificate: &[u8; 32],
        answer: Answer,
    ) -> Result<Option<Work>, EngineError> {
        let mut visit = Visit::begin_exchange(self, id).await?;
        visit.confirm_identity(certificate).await?;
        let session_begins = matches!(answer, Answer::Idle);
        visit.hear(answer).await?;
        visit.reconcile_if_due().await?;
        let work = visit.choose(session_begins).await?;
        visit.end(work.is_some()).await?;
        Ok(work)
    }
}

/// An account in words.
pub(crate) fn account_text(account: &AccountKey) -> String {
    format!("{} on {}", account.address, account.host)
}
