//! Alternative names out of any attribute of the directory (`customAzureADAttribute`).
//!
//! Which form of name Intune writes is not documented; this choice of ours is made here and nowhere else. A value that is
//! a mail address becomes an `rfc822Name`. Anything else becomes an `otherName` of the form of user principal names
//! (1.3.6.1.4.1.311.20.2.3), the only form for profiles that holds any text.

use mandate_model::catalogue::directory_attribute;
use mandate_model::{Profile, Refusal, SanSpec};

use super::unsupported;
use crate::compile::context::{Context, clean};
use crate::compile::user_name::attribute;

/// The name that a value of a profile asks for.
pub(super) fn alternative_name(
    context: &Context<'_>,
    profile: &Profile,
    value: &str,
) -> Result<SanSpec, Refusal> {
    let name = directory_attribute(value).ok_or_else(|| {
        unsupported(format!(
            "profile `{}` asks for the attribute `{value}`, which is no name of one",
            profile.display_name
        ))
    })?;
    let user = context.user()?;
    let value = clean(attribute(user, name, user.attribute(name))?);
    Ok(if is_address(&value) {
        SanSpec::Email(value)
    } else {
        SanSpec::UserPrincipalName(value)
    })
}

/// Whether a text can be an `rfc822Name`, which has ASCII only (RFC 5280 §4.2.1.6).
fn is_address(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else {
        return false;
    };
    let labels = |domain: &str| domain.split('.').all(|label| !label.is_empty());
    !local.is_empty()
        && text.chars().all(|c| c.is_ascii_graphic())
        && !domain.contains('@')
        && domain.contains('.')
        && labels(domain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_an_address_is_written_as_one() {
        assert!(is_address("ada@mail.contoso.com"));
        for other in [
            "Sales",
            "@contoso.com",
            "ada@",
            "ada@localhost",
            "a b@contoso.com",
            "ada@con@toso.com",
            "ädä@contoso.com",
            "ada@contoso..com",
        ] {
            assert!(!is_address(other), "{other}");
        }
    }
}
