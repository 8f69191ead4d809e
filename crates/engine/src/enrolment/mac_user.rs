//! Who of those who log in on a Mac is the Mac's user.
//!
//! A Mac tells accounts by an id that it made up (`UserID`) and by their short names. Nothing in the protocol says which
//! person of the directory an account belongs to, so names are compared. Which attributes hold names that people log in
//! with is unconfirmed and differs between organisations; it is said here and nowhere else, and may be chosen
//! ([`Options::mac_user_attributes`](crate::Options::mac_user_attributes)).

use mandate_model::{EnrolmentType, User};

/// Attributes whose values may be short names, in Graph's spelling.
pub(crate) const USUAL_ATTRIBUTES: [&str; 4] = [
    "onPremisesSamAccountName",
    "mailNickname",
    "userPrincipalName",
    "mail",
];

/// Whether an account on a Mac is that of the Mac's user. The value of an attribute counts whole and up to its `@`, in any
/// letter case. In user enrolment there is one person, whose account this is.
pub(crate) fn is_device_user(
    enrolment: EnrolmentType,
    user: &User,
    short_name: Option<&str>,
    attributes: &[String],
) -> bool {
    if enrolment == EnrolmentType::User {
        return true;
    }
    let Some(name) = short_name.map(str::to_lowercase) else {
        return false;
    };
    attributes
        .iter()
        .filter_map(|attribute| user.attribute(attribute))
        .any(|value| {
            let value = value.trim().to_lowercase();
            value == name || value.split('@').next() == Some(name.as_str())
        })
}

#[cfg(test)]
mod tests {
    use mandate_model::{Timestamp, UserId};
    use serde_json::json;

    use super::*;

    fn ada() -> User {
        let other = json!({ "mailNickname": "ada.l" });
        User {
            id: UserId(uuid::Uuid::nil()),
            user_principal_name: "Ada@contoso.com".to_owned(),
            display_name: "Ada".to_owned(),
            given_name: None,
            surname: None,
            mail: Some("ada.lovelace@mail.contoso.com".to_owned()),
            on_premises_sam_account_name: None,
            on_premises_domain_name: None,
            on_premises_net_bios_name: None,
            on_premises_distinguished_name: None,
            on_premises_security_identifier: None,
            account_enabled: true,
            other: other.as_object().cloned().unwrap_or_default(),
            created_at: Timestamp(0),
        }
    }

    #[test]
    fn an_account_is_known_by_any_of_the_names_in_the_directory() {
        let usual = USUAL_ATTRIBUTES.map(str::to_owned);
        let is_ada = |name| is_device_user(EnrolmentType::Device, &ada(), name, &usual);
        for name in ["ada", "ADA", "ada.l", "ada.lovelace", "ada@contoso.com"] {
            assert!(is_ada(Some(name)), "{name}");
        }
        for name in [Some("bob"), Some("ad"), Some(""), Some("contoso.com"), None] {
            assert!(!is_ada(name), "{name:?}");
        }
    }

    #[test]
    fn attributes_may_be_chosen_and_user_enrolment_needs_none() {
        let chosen = ["displayName".to_owned()];
        let judge = |kind, name| is_device_user(kind, &ada(), name, &chosen);
        assert!(judge(EnrolmentType::Device, Some("ada")));
        assert!(!judge(EnrolmentType::Device, Some("ada.l")));
        assert!(judge(EnrolmentType::User, None));
    }
}
