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
mod channels;
mod choose;
mod elsewhere;
mod hear;
mod identity;
mod inventory;
mod reconcile;
mod render;
mod tell;
mod visit;

pub(crate) use actions::{ActionKind, ActionState};
pub(crate) use identity::renew_at;
pub(crate) use inventory::REMOVAL_DEADLINE;
pub(crate) use reconcile::{Detail, reason as refused, same_accounts, unreached};
pub(crate) use visit::Visit;

use std::collections::BTreeMap;

use mandate_model::{AccountKey, DeviceFacts, DeviceId};
use uuid::Uuid;
use zeroize::Zeroizing;

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
    /// What people call it.
    pub name: Option<String>,
    /// Whether it is what brought the device under management.
    pub is_enrolment: bool,
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

/// A document with its secrets; wiped when dropped, and silent about its content.
#[derive(Clone, PartialEq, Eq)]
pub struct Document(pub(crate) Zeroizing<Vec<u8>>);

impl Document {
    /// The content.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl std::fmt::Debug for Document {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Document({} octets)", self.0.len())
    }
}

/// What a device is to do next, in no protocol's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Work {
    /// Install a document.
    Install {
        /// The command.
        command: Uuid,
        /// The document, challenges and keys filled in.
        body: Document,
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
    /// Let it go on that waits in its Setup Assistant.
    ConfirmConfigured {
        /// Command id.
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
        /// Identifier of the enrolment profile, where it is not ours.
        identifier: Option<String>,
    },
    /// Take a new identity: the enrolment profile again, with a new challenge.
    RenewIdentity {
        /// The command.
        command: Uuid,
        /// The offer to render.
        offer: Box<crate::EnrolmentOffer>,
    },
}

/// One exchange makes no more keys than this: a mail profile names three.
const KEYS_PER_EXCHANGE: usize = 32;

impl Engine {
    /// Hears what a device said and gives it the next work, `None` when there is none. Whatever goes wrong changes
    /// nothing, and the device may say the same again.
    pub(crate) async fn exchange(
        &self,
        id: DeviceId,
        certificate: &[u8; 32],
        answer: Answer,
    ) -> Result<Option<Work>, EngineError> {
        let session_begins = matches!(answer, Answer::Idle);
        let mut not_issued = BTreeMap::new();
        for _ in 0..KEYS_PER_EXCHANGE {
            let mut visit = Visit::begin_exchange(self, id).await?;
            visit.not_issued = not_issued.clone();
            visit.confirm_identity(certificate).await?;
            visit.hear(answer.clone()).await?;
            visit.reconcile_if_due().await?;
            let work = visit.choose(session_begins).await?;
            let Some(spec) = visit.needed_key.take() else {
                visit.end(work.is_some()).await?;
                return Ok(work);
            };
            // A key takes its time, and so may an authority of others: nobody waits for them. The exchange begins anew.
            drop(visit);
            if let Err(error) = self.make_key(id, &spec).await {
                not_issued.insert(spec.slot.clone(), error.to_string());
            }
        }
        Err(EngineError::Internal(
            "a device needs more keys at once than any profile can name".to_owned(),
        ))
    }
}

/// An account in words.
pub(crate) fn account_text(account: &AccountKey) -> String {
    format!("{} on {}", account.address, account.host)
}
