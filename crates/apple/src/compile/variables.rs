//! Values of the variables in a certificate's names.

use mandate_model::catalogue::{Template, Variable};
use mandate_model::{Profile, Refusal, User};

use super::context::{Context, clean};
use super::user_name::attribute;

/// Fills a template for the device and its user. `profile` is the one that the template stands in.
pub(super) fn fill(
    context: &Context<'_>,
    profile: &Profile,
    template: &Template,
) -> Result<String, Refusal> {
    template.fill(|name| {
        let unknown = || Refusal::UnknownVariable {
            variable: name.to_owned(),
            profile: profile.display_name.clone(),
        };
        value(context, Variable::parse(name).ok_or_else(unknown)?, unknown)
            .map(|value| clean(&value))
    })
}

fn value(
    context: &Context<'_>,
    variable: Variable,
    unknown: impl Fn() -> Refusal,
) -> Result<String, Refusal> {
    if !variable.is_on(context.platform) {
        return Err(unknown());
    }
    let facts = &context.input.device.facts;
    let device = |name: &str, value: Option<&str>| {
        let filled = value.map(str::trim).filter(|value| !value.is_empty());
        filled
            .map(str::to_owned)
            .ok_or_else(|| Refusal::MissingDeviceAttribute {
                attribute: name.to_owned(),
            })
    };
    let of_user = |name: &str, value: fn(&User) -> Option<&str>| {
        let user = context.user()?;
        attribute(user, name, value(user)).map(str::to_owned)
    };
    match variable {
        Variable::UserName => of_user("userPrincipalName", |user| {
            user.user_principal_name.split('@').next()
        }),
        Variable::UserPrincipalName => {
            of_user("userPrincipalName", |user| Some(&user.user_principal_name))
        }
        Variable::EmailAddress => of_user("mail", |user| user.mail.as_deref()),
        Variable::OnPremisesDistinguishedName => of_user("onPremisesDistinguishedName", |user| {
            user.on_premises_distinguished_name.as_deref()
        }),
        Variable::OnPremisesSamAccountName => of_user("onPremisesSamAccountName", |user| {
            user.on_premises_sam_account_name.as_deref()
        }),
        Variable::GivenName => of_user("givenName", |user| user.given_name.as_deref()),
        Variable::Surname => of_user("surname", |user| user.surname.as_deref()),
        Variable::OnPremisesSecurityIdentifier => of_user("onPremisesSecurityIdentifier", |user| {
            user.on_premises_security_identifier.as_deref()
        }),
        Variable::DeviceId => Ok(context.input.device.id.to_string()),
        Variable::SerialNumber => device("serialNumber", facts.serial_number.as_deref()),
        Variable::Imei => {
            let digits: Option<String> = facts
                .imei
                .as_ref()
                .map(|imei| imei.chars().filter(char::is_ascii_digit).collect());
            device("imei", digits.as_deref())
        }
        Variable::Meid => device("meid", facts.meid.as_deref()),
        Variable::WifiMacAddress => device("wiFiMacAddress", facts.wifi_mac.as_deref()),
        Variable::DeviceName => device("deviceName", facts.device_name.as_deref()),
        Variable::FullyQualifiedDomainName => Err(unknown()),
    }
}
