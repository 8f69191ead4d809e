//! Settings of which only one can be filled in, with the question that stands before them.
//!
//! The question is the form's own and is stored nowhere: administrators know it from Intune's forms.

use mandate_model::Settings;
use mandate_model::catalogue::{Kind, Setting};
use serde_json::Value;

/// A question that decides which of two settings is shown.
#[derive(Debug)]
pub(crate) struct Either {
    /// Name of its field.
    pub(crate) name: &'static str,
    /// Label in English.
    pub(crate) label: &'static str,
    /// The setting of the first answer.
    pub(crate) first: &'static str,
    /// Label of the first answer.
    pub(crate) first_label: &'static str,
    /// The setting of the second answer.
    pub(crate) second: &'static str,
    /// Label of the second answer.
    pub(crate) second_label: &'static str,
}

/// All such questions.
pub(crate) const EITHER: &[Either] = &[Either {
    name: "userDomainName.source",
    label: "User domain name source",
    first: "userDomainNameSource",
    first_label: "Directory",
    second: "customDomainName",
    second_label: "Custom",
}];

/// The first answer, as the field sends it.
pub(crate) const FIRST: &str = "first";
/// The second answer.
pub(crate) const SECOND: &str = "second";

impl Either {
    /// The question that a setting stands behind, with the answer that shows it.
    pub(crate) fn before(property: &str) -> Option<(&'static Self, &'static str)> {
        EITHER.iter().find_map(|either| {
            if either.first == property {
                Some((either, FIRST))
            } else if either.second == property {
                Some((either, SECOND))
            } else {
                None
            }
        })
    }

    /// The answer that settings amount to; empty for neither.
    pub(crate) fn chosen(&self, settings: &Settings) -> &'static str {
        let is_set = |property: &str| settings.get(property).is_some_and(|value| !value.is_null());
        if is_set(self.first) {
            FIRST
        } else if is_set(self.second) {
            SECOND
        } else {
            ""
        }
    }

    /// The setting whose conditions hold for the question as well.
    pub(crate) fn setting(&self, kind: &Kind) -> Option<&'static Setting> {
        kind.setting(self.first)
    }

    /// Takes back what stands behind the other answer.
    pub(crate) fn keep_chosen(&self, answer: &str, settings: &mut Settings) {
        if answer != FIRST {
            settings.insert(self.first.to_owned(), Value::Null);
        }
        if answer != SECOND {
            settings.insert(self.second.to_owned(), Value::Null);
        }
    }
}
