//! Variables of texts: `{{DeviceName}}`.
//!
//! The first five are those of Intune's own notifications, as far as they could be confirmed; a text from there keeps what is
//! not known here as it is written.

use std::collections::BTreeMap;

/// Variables of texts, in the order of forms: name without braces, and what stands in its place.
pub const VARIABLES: [(&str, &str); 14] = [
    ("UserName", "display name of the person"),
    ("UserPrincipalName", "sign-in name of the person"),
    ("DeviceName", "name of the device"),
    ("DeviceId", "id of the device"),
    (
        "OSAndVersion",
        "operating system of the device and its version",
    ),
    ("CompanyName", "name of the organisation"),
    ("PortalLink", "address of the portal"),
    ("ProfileName", "name of the profile"),
    ("AccountAddress", "mail address of the account"),
    ("MailServer", "mail server of the account"),
    ("CertificateName", "whom the certificate names"),
    ("EndDate", "day on which the certificate ends"),
    ("DaysLeft", "days until then"),
    ("Steps", "what the person has to do, in our words"),
];

/// Parts lines within a value: in HTML they stay lines, which those of a text with tags do not.
pub(super) const LINE_END: &str = "\u{2028}";

/// Values of the variables of one mail; what has none is empty.
#[derive(Debug, Clone, Default)]
pub(super) struct Values(BTreeMap<&'static str, String>);

impl Values {
    /// Sets the value of a variable: one line, and what it may mean to a mail program is none of its business.
    pub(super) fn set(&mut self, name: &'static str, value: &str) {
        let value = value.chars().filter(|c| !c.is_control()).collect();
        self.0.insert(name, value);
    }

    /// Sets words of our own, in lines parted by [`LINE_END`].
    pub(super) fn set_lines(&mut self, name: &'static str, value: &str) {
        let lines: Vec<&str> = value.lines().collect();
        self.0.insert(name, lines.join(LINE_END));
    }

    /// A text with its variables filled in. What is no variable stays; line ends within values are [`LINE_END`].
    pub(super) fn fill(&self, text: &str) -> String {
        let mut filled = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("{{") {
            filled.push_str(before);
            let found = after
                .split_once("}}")
                .and_then(|(name, after)| Some((known(name)?, after)));
            if let Some((name, after)) = found {
                filled.push_str(self.0.get(name).map_or("", String::as_str));
                rest = after;
            } else {
                filled.push_str("{{");
                rest = after;
            }
        }
        filled.push_str(rest);
        filled
    }
}

/// Names in double braces that are no variables, in the order of the text.
pub fn unknown_variables(text: &str) -> Vec<String> {
    let mut unknown = Vec::new();
    for part in text.split("{{").skip(1) {
        let Some((name, _)) = part.split_once("}}") else {
            continue;
        };
        let name = name.trim();
        if known(name).is_none() && !unknown.iter().any(|other| other == name) {
            unknown.push(name.to_owned());
        }
    }
    unknown
}

fn known(name: &str) -> Option<&'static str> {
    let name = name.trim();
    let found = VARIABLES
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(name));
    found.map(|(known, _)| *known)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn variables_are_filled_in_once_and_what_is_unknown_stays() {
        let mut values = Values::default();
        values.set("UserName", "Ada {{DeviceName}}\r\nBcc: x");
        values.set("DeviceName", "phone");
        assert_eq!(
            values.fill("Hi {{ username }}, {{DeviceName}}{{Moon}} {{"),
            "Hi Ada {{DeviceName}}Bcc: x, phone{{Moon}} {{"
        );
        assert_eq!(values.fill("{{MailServer}}"), "");
        assert_eq!(
            unknown_variables("{{Moon}} {{UserName}} {{Sun}} {{Moon}} {{"),
            ["Moon", "Sun"]
        );
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic_and_one_without_braces_stays(text: String) {
            let values = Values::default();
            let filled = values.fill(&text);
            if !text.contains("{{") {
                prop_assert_eq!(filled, text.clone());
            }
            let _ = unknown_variables(&text);
        }
    }
}
