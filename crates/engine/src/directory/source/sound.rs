//! Whether a record can be taken at all, whatever else is here.

use serde_json::{Map, Value};

use super::names::deceptive;
use super::record::{SourceFault, SourcedGroup, SourcedPerson};

/// Characters of an attribute that is one text.
const LONGEST_TEXT: usize = 1024;
/// Characters of a distinguished name.
const LONGEST_NAME: usize = 4096;
/// Octets of all further properties together, as JSON.
const MOST_OTHER: usize = 32 * 1024;
/// Octets of what a source calls an entry.
const LONGEST_ID: usize = 255;

impl SourcedPerson {
    /// What is wrong with the record by itself.
    pub(in crate::directory) fn fault(&self) -> Option<SourceFault> {
        let name = &self.user_principal_name;
        let texts = [
            ("displayName", self.display_name.as_deref(), 256),
            ("givenName", self.given_name.as_deref(), LONGEST_TEXT),
            ("surname", self.surname.as_deref(), LONGEST_TEXT),
            ("mail", self.mail.as_deref(), 320),
            (
                "onPremisesSamAccountName",
                self.on_premises_sam_account_name.as_deref(),
                LONGEST_TEXT,
            ),
            (
                "onPremisesDomainName",
                self.on_premises_domain_name.as_deref(),
                LONGEST_TEXT,
            ),
            (
                "onPremisesNetBiosName",
                self.on_premises_net_bios_name.as_deref(),
                LONGEST_TEXT,
            ),
            (
                "onPremisesDistinguishedName",
                self.on_premises_distinguished_name.as_deref(),
                LONGEST_NAME,
            ),
            (
                "onPremisesSecurityIdentifier",
                self.on_premises_security_identifier.as_deref(),
                LONGEST_TEXT,
            ),
        ];
        id(&self.external_id, self.locator.as_deref())
            .or_else(|| self.unreadable.clone())
            .or_else(|| text("userPrincipalName", name, 113))
            .or_else(|| {
                let reason = deceptive(name)?;
                Some(SourceFault::invalid(
                    "userPrincipalName",
                    Some(name),
                    reason,
                ))
            })
            .or_else(|| {
                texts
                    .into_iter()
                    .find_map(|(property, value, most)| text(property, value?, most))
            })
            .or_else(|| other(&self.other))
    }
}

impl SourcedGroup {
    /// What is wrong with the record by itself.
    pub(in crate::directory) fn fault(&self) -> Option<SourceFault> {
        let texts = [
            ("description", self.description.as_deref(), LONGEST_TEXT),
            ("mailNickname", self.mail_nickname.as_deref(), 64),
        ];
        id(&self.external_id, self.locator.as_deref())
            .or_else(|| self.unreadable.clone())
            .or_else(|| text("displayName", &self.display_name, 256))
            .or_else(|| {
                texts
                    .into_iter()
                    .find_map(|(property, value, most)| text(property, value?, most))
            })
            .or_else(|| other(&self.other))
    }
}

fn id(external_id: &str, locator: Option<&str>) -> Option<SourceFault> {
    if external_id.is_empty() || external_id.len() > LONGEST_ID {
        let reason = "must have 1 to 255 octets";
        return Some(SourceFault::invalid("id", Some(external_id), reason));
    }
    text("id", external_id, LONGEST_ID)
        .or_else(|| text("onPremisesDistinguishedName", locator?, LONGEST_NAME))
}

fn text(property: &str, value: &str, most: usize) -> Option<SourceFault> {
    if value.chars().nth(most).is_some() {
        let reason = format!("has more than {most} characters");
        return Some(SourceFault::invalid(property, Some(value), &reason));
    }
    // Tabs and line ends stand in descriptions.
    let is_wrong = |c: char| c.is_control() && !"\t\r\n".contains(c);
    if value.chars().any(is_wrong) {
        let reason = "holds control characters";
        return Some(SourceFault::invalid(property, Some(value), reason));
    }
    None
}

fn other(map: &Map<String, Value>) -> Option<SourceFault> {
    let mut all = 0;
    for (property, value) in map {
        if let Value::String(value) = value
            && let Some(fault) = text(property, value, LONGEST_TEXT)
        {
            return Some(fault);
        }
        let written = value.to_string();
        if written.contains("\\u0000") {
            let reason = "holds control characters";
            return Some(SourceFault::invalid(property, None, reason));
        }
        all += written.len();
        if all > MOST_OTHER {
            let reason = "makes the record longer than 32 KiB";
            return Some(SourceFault::invalid(property, None, reason));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn ada() -> SourcedPerson {
        SourcedPerson {
            external_id: "1".to_owned(),
            user_principal_name: "ada@contoso.com".to_owned(),
            ..SourcedPerson::default()
        }
    }

    fn blamed(person: &SourcedPerson) -> String {
        person
            .fault()
            .map(|fault| fault.property)
            .unwrap_or_default()
    }

    #[test]
    fn what_is_too_long_or_cannot_be_shown_is_named() {
        assert_eq!(ada().fault(), None);
        let long = "x".repeat(1024 * 1024);
        let cases = [
            (
                "displayName",
                SourcedPerson {
                    display_name: Some(long.clone()),
                    ..ada()
                },
            ),
            (
                "surname",
                SourcedPerson {
                    surname: Some("A\0".to_owned()),
                    ..ada()
                },
            ),
            (
                "mail",
                SourcedPerson {
                    mail: Some(long.clone()),
                    ..ada()
                },
            ),
            (
                "id",
                SourcedPerson {
                    external_id: String::new(),
                    ..ada()
                },
            ),
            (
                "id",
                SourcedPerson {
                    external_id: long.clone(),
                    ..ada()
                },
            ),
            (
                "userPrincipalName",
                SourcedPerson {
                    user_principal_name: long.clone(),
                    ..ada()
                },
            ),
            (
                "userPrincipalName",
                SourcedPerson {
                    user_principal_name: "\u{430}da@contoso.com".to_owned(),
                    ..ada()
                },
            ),
        ];
        for (property, person) in cases {
            assert_eq!(blamed(&person), property);
        }
        for (property, value) in [
            ("department", json!(long)),
            ("proxyAddresses", json!([long])),
            ("proxyAddresses", json!(["SMTP:a\0@x"])),
        ] {
            let mut person = ada();
            person.other.insert(property.to_owned(), value);
            assert_eq!(blamed(&person), property);
        }
        let fault = SourcedPerson {
            display_name: Some(long),
            ..ada()
        }
        .fault()
        .unwrap();
        assert!(fault.value.unwrap().len() < 200);
    }
}
