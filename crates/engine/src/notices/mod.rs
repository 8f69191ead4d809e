//! Notices: what people are told of their own devices, certificates and mail, by mail and in the portal.
//!
//! ```text
//!  a device's answer ──┐                                    ┌─► notices_of (portal): derived when asked
//!                      ├─► notice (one row per matter) ─────┤
//!  watch_notices ──────┘                                    └─► send_next_notice ──► MailCourier
//! ```
//!
//! A matter is noted in the transaction that finds it, and mailed later: at most once, and only if it still holds then.

mod built_in;
mod certificates;
mod compose;
mod deliver;
mod event;
mod list;
mod locale;
mod mail;
mod markup;
pub(crate) mod matters;
mod messages;
mod person;
mod settings;
mod template;
mod templates;
mod test_message;
mod variables;
mod words;

pub use deliver::{MailCourier, MailOutcome, SendingMail};
pub use event::NoticeEvent;
pub use list::MailedNotice;
pub use mail::{Mail, Recipient};
pub use messages::{MessageChange, NewMessage};
pub use person::{NoticeDevice, NoticeMatter, PersonNotice};
pub use settings::{EventSettings, NoticeSettings};
pub use template::{MailBranding, MailMessage, MailTemplate};
pub use templates::{NewTemplate, TemplateChange};
pub use variables::{VARIABLES, unknown_variables};

pub(crate) use event::Facts;
use matters::noted;
