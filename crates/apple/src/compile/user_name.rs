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
