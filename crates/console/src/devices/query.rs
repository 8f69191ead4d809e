//! What a list of devices is asked for, as it stands in its address.

use mandate_engine::{AfterDevice, DeviceSearch, DeviceWorry, MailStanding};
use mandate_model::{DeviceState, Ownership, Platform, Timestamp};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

/// The question. What is unknown in it is as if it were not there.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(super) struct Query {
    pub(super) q: String,
    pub(super) platform: String,
    pub(super) state: String,
    pub(super) ownership: String,
    pub(super) mail: String,
    /// `any`, `silent`, `deaf`, or a cause.
    pub(super) worry: String,
    /// Profile that a cause is about.
    pub(super) profile: String,
    /// Name and id of the last device of the page before.
    pub(super) name: String,
    pub(super) after: String,
}

/// States that can be asked for, with the ids of their texts.
pub(super) const STATES: [(&str, DeviceState, &str); 7] = [
    ("imported", DeviceState::Imported, "devices-state-imported"),
    ("enrolled", DeviceState::Enrolled, "devices-state-enrolled"),
    ("retiring", DeviceState::Retiring, "devices-state-retiring"),
    ("wiping", DeviceState::Wiping, "devices-state-wiping"),
    ("retired", DeviceState::Retired, "devices-state-retired"),
    ("wiped", DeviceState::Wiped, "devices-state-wiped"),
    (
        "unenrolled",
        DeviceState::Unenrolled,
        "devices-state-unenrolled",
    ),
];
pub(super) const OWNERSHIPS: [(&str, Ownership, &str); 3] = [
    ("company", Ownership::Company, "devices-owner-company"),
    ("personal", Ownership::Personal, "devices-owner-personal"),
    ("unknown", Ownership::Unknown, "devices-owner-unknown"),
];
pub(super) const MAILS: [(&str, MailStanding, &str); 4] = [
    ("working", MailStanding::Working, "devices-mail-working"),
    ("waiting", MailStanding::Waiting, "devices-mail-waiting"),
    ("blocked", MailStanding::Blocked, "devices-mail-blocked"),
    ("none", MailStanding::None, "devices-mail-none"),
];

impl Query {
    /// As the engine is asked.
    pub(super) fn search(&self) -> DeviceSearch {
        fn of<T: Copy>(choices: &[(&str, T, &str)], word: &str) -> Option<T> {
            let found = choices.iter().find(|(known, ..)| *known == word);
            found.map(|(_, value, _)| *value)
        }
        DeviceSearch {
            text: Some(self.q.clone()).filter(|text| !text.trim().is_empty()),
            platform: Platform::parse(&self.platform),
            state: of(&STATES, &self.state),
            ownership: of(&OWNERSHIPS, &self.ownership),
            mail: of(&MAILS, &self.mail),
            user: None,
            worry: self.worry(),
        }
    }

    fn worry(&self) -> Option<DeviceWorry> {
        match (self.worry.as_str(), self.profile.parse()) {
            ("", _) => None,
            ("any", _) => Some(DeviceWorry::Any),
            ("silent", _) => Some(DeviceWorry::Silent),
            ("deaf", _) => Some(DeviceWorry::Deaf),
            ("deadlinePassed" | "removing", Ok(profile)) => Some(DeviceWorry::Late {
                profile,
                now: Timestamp::default(),
            }),
            (cause, Ok(profile)) => Some(DeviceWorry::Trouble {
                profile,
                cause: cause.to_owned(),
            }),
            (_, Err(_)) => None,
        }
    }

    /// Where the page begins.
    pub(super) fn after(&self) -> Option<AfterDevice> {
        let id = self.after.parse().ok()?;
        Some(AfterDevice {
            name: self.name.clone(),
            id,
        })
    }

    /// Whether anything narrows the list down.
    pub(super) fn is_narrow(&self) -> bool {
        self.search() != DeviceSearch::default()
    }

    /// An address with the same question.
    pub(super) fn address(&self, path: &str, after: Option<&AfterDevice>) -> String {
        let after_id = after.map(|after| after.id.to_string()).unwrap_or_default();
        let after_name = after.map(|after| after.name.as_str()).unwrap_or_default();
        let fields = [
            ("q", self.q.as_str()),
            ("platform", &self.platform),
            ("state", &self.state),
            ("ownership", &self.ownership),
            ("mail", &self.mail),
            ("worry", &self.worry),
            ("profile", &self.profile),
            ("name", after_name),
            ("after", &after_id),
        ];
        let mut address = path.to_owned();
        let mut separator = '?';
        for (name, value) in fields.into_iter().filter(|(_, value)| !value.is_empty()) {
            address.push(separator);
            address.push_str(name);
            address.push('=');
            address.extend(utf8_percent_encode(value, NON_ALPHANUMERIC));
            separator = '&';
        }
        address
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_unknown_narrows_nothing_down() {
        let query = Query {
            platform: "moon".to_owned(),
            state: "lost".to_owned(),
            worry: "accountExists".to_owned(),
            profile: "none".to_owned(),
            after: "x".to_owned(),
            q: "  ".to_owned(),
            ..Query::default()
        };
        assert_eq!(query.search(), DeviceSearch::default());
        assert_eq!(query.after(), None);
        assert!(!query.is_narrow());
    }

    #[test]
    fn an_address_keeps_the_question_and_says_where_to_go_on() {
        let query = Query {
            q: "Zoë & \"co\"".to_owned(),
            state: "enrolled".to_owned(),
            ..Query::default()
        };
        let after = AfterDevice {
            name: "b c".to_owned(),
            id: uuid::Uuid::from_u128(7).into(),
        };
        let address = query.address("/console/devices", Some(&after));
        assert_eq!(
            address,
            "/console/devices?q=Zo%C3%AB%20%26%20%22co%22&state=enrolled&name=b%20c\
             &after=00000000%2D0000%2D0000%2D0000%2D000000000007"
        );
        assert_eq!(
            Query::default().address("/console/devices", None),
            "/console/devices"
        );
    }
}
