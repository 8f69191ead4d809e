//! Preflight: whether a mail server can serve the account that a profile makes, before anybody has the profile.
//!
//! ```text
//! name ─► connection ─► encryption ─► trust ─► ActiveSync ─► authentication ─► does the profile fit?
//! ```
//!
//! Something is sent only when an administrator asks: to the host of a profile that they may see the reports of, or to one
//! that they name and may as well put into a profile. The port is that of the account, and addresses that are nobody's mail
//! server are never asked ([`places`]). Of an answer the status and a few headers are read, never the body.

mod challenges;
mod findings;
mod fit;
mod gateway;
mod judge_answer;
mod judge_chain;
mod places;
mod report;
mod roots;
mod run;
mod subject;

pub use findings::{PreflightFinding, PreflightStep, PreflightVerdict};
pub use gateway::{
    Anchors, Distrust, FromMailServer, MailAnswer, MailCredentials, MailLook, MailSight,
    NoMailServers, PreflightGateway, TlsSight, Touch,
};
pub(crate) use places::{Forbidden, permit};
pub(crate) use report::names as names_of;
pub use report::{Preflight, PreflightCertificate, PreflightProfile};
pub use subject::{MailSignIn, PreflightRequest};
