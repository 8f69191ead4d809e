//! What people are told by mail: the matters, and the texts that administrators wrote.

mod matters;
mod templates;

pub use matters::{NoticeRecord, NoticeState};
pub use templates::{MessageRecord, TemplateRecord};
