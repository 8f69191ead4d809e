//! The texts of events for which no administrator wrote one.

use std::collections::BTreeSet;

use super::words::Words;
use super::{MailBranding, NoticeEvent};

/// What is put around our own texts.
pub(super) fn branding() -> BTreeSet<MailBranding> {
    BTreeSet::from([
        MailBranding::CompanyLogo,
        MailBranding::CompanyName,
        MailBranding::ContactInformation,
        MailBranding::DeviceDetails,
    ])
}

impl NoticeEvent {
    /// Our own text for the event in a language, English where there is none: subject and body with their variables, for an
    /// administrator to begin with.
    pub fn usual_text(self, locale: &str) -> (&'static str, &'static str) {
        let text = Words::of(locale).text(self);
        (text.subject, text.body)
    }
}
