//! Names in certificates: subject and alternative names, filled in.

use mandate_model::catalogue::{DistinguishedName, Part, Template};
use mandate_model::{Profile, Refusal, SanSpec};
use serde_json::Value as Json;

use super::{directory_attribute, setting, unsupported};
use crate::compile::context::Context;
use crate::compile::variables::fill;

/// The subject in the order written. What is filled in is never read as a name, so it may contain anything.
pub(super) fn subject(
    context: &Context<'_>,
    profile: &Profile,
) -> Result<Vec<Vec<(String, String)>>, Refusal> {
    let of_device = setting(profile, "certificateStore") == Some("machine");
    let format = match (
        setting(profile, "subjectNameFormat"),
        setting(profile, "subjectNameFormatString"),
    ) {
        (Some("commonName"), _) => "CN={{UserName}}",
        (Some("commonNameAsEmail"), _) => "CN={{EmailAddress}}",
        (Some("commonNameAsIMEI"), _) => "CN={{IMEI}}",
        (Some("commonNameAsSerialNumber"), _) => "CN={{SerialNumber}}",
        (Some("commonNameIncludingEmail"), _) => USER_SUBJECT,
        (_, Some(format)) => format,
        (_, None) if of_device => "CN={{AAD_Device_ID}}",
        (_, None) => USER_SUBJECT,
    };
    let name = DistinguishedName::parse(format).map_err(|rule| {
        unsupported(format!(
            "the subject of profile `{}` {rule}",
            profile.display_name
        ))
    })?;
    let names = name.names.into_iter().map(|attributes| {
        let filled = attributes
            .into_iter()
            .map(|a| Ok((a.name, fill(context, profile, &a.value)?)));
        filled.collect()
    });
    names.collect()
}

/// Alternative names, each once.
pub(super) fn alternatives(
    context: &Context<'_>,
    profile: &Profile,
) -> Result<Vec<SanSpec>, Refusal> {
    let older = setting(profile, "subjectAlternativeNameType").unwrap_or_default();
    let older = older.split(',').filter_map(|kind| match kind {
        "emailAddress" => Some((kind, "{{EmailAddress}}")),
        "userPrincipalName" => Some((kind, "{{UserPrincipalName}}")),
        CUSTOM_ATTRIBUTE => {
            let attribute = setting(profile, "subjectAlternativeNameFormatString");
            Some((kind, attribute.unwrap_or_default()))
        }
        _ => None,
    });
    let custom = profile
        .settings
        .get("customSubjectAlternativeNames")
        .and_then(Json::as_array)
        .into_iter()
        .flatten();
    let custom = custom
        .filter_map(|item| Some((item.get("sanType")?.as_str()?, item.get("name")?.as_str()?)));

    let mut names = Vec::new();
    for (kind, format) in custom.chain(older) {
        if kind == CUSTOM_ATTRIBUTE {
            let name = directory_attribute::alternative_name(context, profile, format)?;
            if !names.contains(&name) {
                names.push(name);
            }
            continue;
        }
        let template = Template::parse(format).map_err(|rule| {
            unsupported(format!(
                "an alternative name of `{}` {rule}",
                profile.display_name
            ))
        })?;
        let value = fill(context, profile, &template)?;
        let name = match kind {
            "emailAddress" => SanSpec::Email(value),
            "userPrincipalName" => SanSpec::UserPrincipalName(value),
            "domainNameService" => SanSpec::Dns(value),
            _ => SanSpec::Uri(strong_mapping(&template, value)),
        };
        if !names.contains(&name) {
            names.push(name);
        }
    }
    Ok(names)
}

/// `rfc822Name`s.
pub(super) fn addresses(names: &[SanSpec]) -> Vec<String> {
    let addresses = names.iter().filter_map(|name| match name {
        SanSpec::Email(address) => Some(address.clone()),
        _ => None,
    });
    addresses.collect()
}

/// A URI that is a SID alone becomes Microsoft's tag for strong certificate mapping.
fn strong_mapping(template: &Template, value: String) -> String {
    match template.parts.as_slice() {
        [Part::Variable(name)] if name.eq_ignore_ascii_case("OnPremisesSecurityIdentifier") => {
            format!("tag:microsoft.com,2022-09-14:sid:{value}")
        }
        _ => value,
    }
}

/// Graph's name for an alternative name out of the directory.
const CUSTOM_ATTRIBUTE: &str = "customAzureADAttribute";

const USER_SUBJECT: &str = "CN={{UserName}},E={{EmailAddress}}";
