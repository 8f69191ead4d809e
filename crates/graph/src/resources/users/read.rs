//! What a request says about a person.

use mandate_engine::{NewPassword, NewUser};
use mandate_model::User;
use serde_json::{Map, Value};

use crate::error::{GraphError, Result};
use crate::resources::body::{boolean, carried, text};

/// The properties of a person that a body mentions.
#[derive(Debug, Default)]
pub(super) struct UserBody {
    texts: Vec<(Field, Option<String>)>,
    account_enabled: Option<bool>,
    password: Option<Value>,
    other: Map<String, Value>,
}

/// Properties with a place of their own in the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    PrincipalName,
    DisplayName,
    GivenName,
    Surname,
    Mail,
    SamAccountName,
    DomainName,
    NetBiosName,
    DistinguishedName,
    SecurityIdentifier,
}

const FIELDS: [(&str, Field); 10] = [
    ("userPrincipalName", Field::PrincipalName),
    ("displayName", Field::DisplayName),
    ("givenName", Field::GivenName),
    ("surname", Field::Surname),
    ("mail", Field::Mail),
    ("onPremisesSamAccountName", Field::SamAccountName),
    ("onPremisesDomainName", Field::DomainName),
    ("onPremisesNetBiosName", Field::NetBiosName),
    ("onPremisesDistinguishedName", Field::DistinguishedName),
    ("onPremisesSecurityIdentifier", Field::SecurityIdentifier),
];

/// Written by the server, or never kept: a client that sends an object back as it read it is not refused.
const PASSED_OVER: [&str; 8] = [
    "id",
    "assignedLicenses",
    "createdDateTime",
    "deletedDateTime",
    "licenseAssignmentStates",
    "onPremisesLastSyncDateTime",
    "onPremisesProvisioningErrors",
    "onPremisesSyncEnabled",
];

impl UserBody {
    pub(super) fn read(body: &Map<String, Value>) -> Result<Self> {
        let mut read = Self::default();
        for (name, value) in body {
            if name.contains('@')
                || PASSED_OVER
                    .iter()
                    .any(|known| known.eq_ignore_ascii_case(name))
            {
                continue;
            }
            if let Some((name, field)) = FIELDS
                .iter()
                .find(|(known, _)| known.eq_ignore_ascii_case(name))
            {
                read.texts.push((*field, text(name, value)?));
            } else if name.eq_ignore_ascii_case("passwordProfile") {
                read.password = Some(value.clone());
            } else if name.eq_ignore_ascii_case("accountEnabled") {
                read.account_enabled = Some(boolean(name, value)?);
            } else {
                let name = carried("user", name, value)?;
                read.other.insert(name.to_owned(), value.clone());
            }
        }
        Ok(read)
    }

    /// A new person; both names are required.
    pub(super) fn into_new(mut self) -> Result<NewUser> {
        let password = self.take_password()?;
        let required = |field: Field, name: &str| {
            let value = self
                .texts
                .iter()
                .find(|(found, _)| *found == field)
                .and_then(|(_, value)| value.clone());
            value.ok_or_else(|| GraphError::invalid(name, format!("`{name}` is required")))
        };
        let mut new = NewUser {
            user_principal_name: required(Field::PrincipalName, "userPrincipalName")?,
            display_name: required(Field::DisplayName, "displayName")?,
            account_disabled: self.account_enabled == Some(false),
            password,
            ..NewUser::default()
        };
        for (field, value) in self.texts {
            match field {
                Field::PrincipalName | Field::DisplayName => {}
                Field::GivenName => new.given_name = value,
                Field::Surname => new.surname = value,
                Field::Mail => new.mail = value,
                Field::SamAccountName => new.on_premises_sam_account_name = value,
                Field::DomainName => new.on_premises_domain_name = value,
                Field::NetBiosName => new.on_premises_net_bios_name = value,
                Field::DistinguishedName => new.on_premises_distinguished_name = value,
                Field::SecurityIdentifier => new.on_premises_security_identifier = value,
            }
        }
        new.other = without_nulls(self.other);
        Ok(new)
    }

    /// Whether it mentions nothing of the record itself.
    pub(super) fn is_empty(&self) -> bool {
        self.texts.is_empty() && self.account_enabled.is_none() && self.other.is_empty()
    }

    /// The password of the `passwordProfile`, if there is one: it is written, never read, and so comes back as `null`.
    pub(super) fn take_password(&mut self) -> Result<Option<NewPassword>> {
        let profile = match self.password.take() {
            None | Some(Value::Null) => return Ok(None),
            Some(Value::Object(profile)) => profile,
            Some(_) => {
                let rule = "`passwordProfile` must be an object";
                return Err(GraphError::invalid("passwordProfile", rule.to_owned()));
            }
        };
        let mut password = None;
        // Whoever else sets a password is asked to replace it, as Graph does.
        let mut must_change = true;
        for (name, value) in &profile {
            if name.eq_ignore_ascii_case("password") {
                password = text("passwordProfile/password", value)?;
            } else if name.eq_ignore_ascii_case("forceChangePasswordNextSignIn") {
                must_change = value.is_null() || boolean(name, value)?;
            }
        }
        Ok(password.map(|text| NewPassword {
            text: text.into(),
            must_change,
        }))
    }

    /// Changes what the body mentions and leaves the rest.
    pub(super) fn apply(self, user: &mut User) {
        for (field, value) in self.texts {
            match field {
                // The engine refuses empty names.
                Field::PrincipalName => user.user_principal_name = value.unwrap_or_default(),
                Field::DisplayName => user.display_name = value.unwrap_or_default(),
                Field::GivenName => user.given_name = value,
                Field::Surname => user.surname = value,
                Field::Mail => user.mail = value,
                Field::SamAccountName => user.on_premises_sam_account_name = value,
                Field::DomainName => user.on_premises_domain_name = value,
                Field::NetBiosName => user.on_premises_net_bios_name = value,
                Field::DistinguishedName => user.on_premises_distinguished_name = value,
                Field::SecurityIdentifier => user.on_premises_security_identifier = value,
            }
        }
        if let Some(enabled) = self.account_enabled {
            user.account_enabled = enabled;
        }
        user.other.extend(self.other);
        user.other = without_nulls(std::mem::take(&mut user.other));
    }
}

/// What is `null` is not kept.
pub(in crate::resources) fn without_nulls(map: Map<String, Value>) -> Map<String, Value> {
    map.into_iter()
        .filter(|(_, value)| !value.is_null())
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(body: &Value) -> Result<UserBody> {
        UserBody::read(body.as_object().unwrap())
    }

    #[test]
    fn a_body_as_the_entra_portal_sends_it_is_read() {
        let new = read(&json!({
            "accountEnabled": true,
            "displayName": "Ada",
            "userPrincipalName": "ada@example.com",
            "mailNickname": "ada",
            "department": "Sales",
            "passwordProfile": {"password": "secret"},
            "id": "00000000-0000-0000-0000-000000000000",
        }));
        let new = new.unwrap().into_new().unwrap();
        let password = new.password.as_ref().unwrap();
        assert_eq!(
            (password.text.as_str(), password.must_change),
            ("secret", true)
        );
        assert_eq!(new.other["department"], "Sales");
        assert!(!new.other.contains_key("passwordProfile"));
    }

    #[test]
    fn a_missing_name_and_an_unknown_property_are_named() {
        assert_eq!(
            read(&json!({"displayName": "Ada"}))
                .unwrap()
                .into_new()
                .unwrap_err()
                .target
                .unwrap(),
            "userPrincipalName"
        );
        assert_eq!(
            read(&json!({"dispayName": "Ada"}))
                .unwrap_err()
                .target
                .unwrap(),
            "dispayName"
        );
        assert_eq!(
            read(&json!({"mail": 5})).unwrap_err().target.unwrap(),
            "mail"
        );
    }
}
