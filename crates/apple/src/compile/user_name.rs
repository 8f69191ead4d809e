//! Who the account belongs to: user name and address out of the directory.

use mandate_model::{Refusal, User};

use super::gate::Gate;

/// `UserName` of the account. A domain goes before an account name only, separated by a backslash.
pub(super) fn user_name(gate: &mut Gate<'_>, user: &User) -> Result<String, Refusal> {
    let source = match gate.text("usernameAADSource") {
        Some(source) => source,
        None => gate.required_text("usernameSource")?,
    };
    if source != "samAccountName" {
        return address(source, user);
    }
    let account = attribute(
        user,
        "onPremisesSamAccountName",
        user.on_premises_sam_account_name.as_deref(),
    )?;
    let domain = match (
        gate.text("customDomainName"),
        gate.text("userDomainNameSource"),
    ) {
        (Some(custom), _) => Some(custom),
        (None, Some("fullDomainName")) => Some(attribute(
            user,
            "onPremisesDomainName",
            user.on_premises_domain_name.as_deref(),
        )?),
        (None, Some(_)) => Some(attribute(
            user,
            "onPremisesNetBiosName",
            user.on_premises_net_bios_name.as_deref(),
        )?),
        (None, None) => None,
    };
    Ok(domain.map_or_else(
        || account.to_owned(),
        |domain| format!("{domain}\\{account}"),
    ))
}

/// The sign-in name, verbatim, or the primary mail address.
pub(super) fn address(source: &str, user: &User) -> Result<String, Refusal> {
    match source {
        "primarySmtpAddress" => attribute(user, "mail", user.mail.as_deref()).map(str::to_owned),
        _ => Ok(user.user_principal_name.clone()),
    }
}

/// An attribute that has to be filled in; `name` is Graph's.
pub(super) fn attribute<'a>(
    user: &User,
    name: &str,
    value: Option<&'a str>,
) -> Result<&'a str, Refusal> {
    value
        .filter(|value| !value.trim().is_empty())
        .ok_or_else(|| Refusal::MissingAttribute {
            attribute: name.to_owned(),
            user: user.user_principal_name.clone(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use mandate_model::{Timestamp, UserId};

    #[test]
    fn a_sign_in_name_is_kept_as_it_is() {
        for name in ["user1", "user1@contoso.com", "Üser@contoso.com"] {
            let user = User {
                user_principal_name: name.to_owned(),
                ..nobody()
            };
            assert_eq!(address("userPrincipalName", &user).unwrap(), name);
        }
    }

    #[test]
    fn a_blank_attribute_is_a_missing_one() {
        let user = User {
            mail: Some(" ".to_owned()),
            ..nobody()
        };
        let refusal = Refusal::MissingAttribute {
            attribute: "mail".to_owned(),
            user: "nobody".to_owned(),
        };
        assert_eq!(address("primarySmtpAddress", &user), Err(refusal));
    }

    fn nobody() -> User {
        User {
            id: UserId(uuid::Uuid::nil()),
            user_principal_name: "nobody".to_owned(),
            display_name: String::new(),
            given_name: None,
            surname: None,
            mail: None,
            on_premises_sam_account_name: None,
            on_premises_domain_name: None,
            on_premises_net_bios_name: None,
            on_premises_distinguished_name: None,
            on_premises_security_identifier: None,
            account_enabled: true,
            other: serde_json::Map::new(),
            created_at: Timestamp(0),
        }
    }
}
