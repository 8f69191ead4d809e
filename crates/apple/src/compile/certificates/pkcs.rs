//! Certificates whose key the server makes, one per device and profile.

use mandate_model::{
    AlternativeNameForm, CertificateSource, CertificateSpec, CertificateTemplate, KeySpec, Notice,
    Profile, Refusal, SanSpec, Slot, StoredKey,
};

use super::{Identity, Usage, names, number, setting, stored, unsupported, validity_days};
use crate::compile::context::{Context, host};
use crate::compile::document::Document;

/// Adds the identity. The template decides about key, usages and the longest validity.
pub(super) fn add(
    context: &Context<'_>,
    profile: &Profile,
    document: &mut Document,
) -> Result<Identity, Refusal> {
    let template = template(context, profile)?;
    let slot = Slot(profile.id.to_string());
    let spec = CertificateSpec {
        slot: slot.clone(),
        source: CertificateSource::Pkcs,
        issuer: issuer(context, profile, document),
        user: None,
        subject: names::subject(context, profile)?,
        subject_alt_names: alternatives(context, profile, template)?,
        key: KeySpec {
            bits: template.key_bits,
            digital_signature: template.digital_signature,
            key_encipherment: template.key_encipherment,
            non_repudiation: template.non_repudiation,
        },
        extended_key_usages: template.extended_key_usages.clone(),
        validity_days: validity(profile, template, document),
        renewal_threshold_percentage: number(profile, "renewalThresholdPercentage"),
    };
    let payload = stored::payload(
        context,
        profile,
        &StoredKey::Issued(slot.clone()),
        &format!("pkcs.{}", slot.0),
        &profile.display_name,
    );
    let identity = Identity {
        uuid: payload.uuid.clone(),
        addresses: names::addresses(&spec.subject_alt_names),
        usage: Some(Usage {
            signs: spec.key.digital_signature,
            deciphers: spec.key.key_encipherment,
        }),
        profile: profile.display_name.clone(),
    };
    document.push(payload);
    document.carry(StoredKey::Issued(slot.clone()), stored::encoding(context));
    document.slots.push(slot);
    document.certificates.push(spec);
    Ok(identity)
}

fn template<'a>(
    context: &Context<'a>,
    profile: &Profile,
) -> Result<&'a CertificateTemplate, Refusal> {
    let name = setting(profile, "certificateTemplateName").unwrap_or_default();
    let found = context.input.services.template(name);
    found.ok_or_else(|| Refusal::UnknownTemplate {
        template: name.to_owned(),
        profile: profile.display_name.clone(),
    })
}

/// Who issues: the authority of others that the profile names, if it is registered here. Profiles that come out of
/// Intune name the authority of a Windows server; they go on to work with our own, and say so.
fn issuer(context: &Context<'_>, profile: &Profile, document: &mut Document) -> Option<String> {
    let filled = |property| {
        setting(profile, property)
            .map(str::trim)
            .filter(|text| !text.is_empty())
    };
    let (name, server) = (
        filled("certificationAuthorityName"),
        filled("certificationAuthority"),
    );
    if let Some(issuer) = name.and_then(|name| context.input.services.issuer(name)) {
        return Some(issuer.name.clone());
    }
    let own_host = host(&context.input.endpoints.scep_url);
    let own = [
        "mandate",
        &context.input.endpoints.organisation,
        own_host.as_str(),
    ];
    let is_own = |given: &str| own.iter().any(|own| own.eq_ignore_ascii_case(given));
    if let Some(other) = name.or(server).filter(|given| !is_own(given)) {
        let message = format!(
            "profile `{}` names the certification authority `{other}`, which is not registered here: this server's \
             own authority issues the certificate",
            profile.display_name
        );
        document
            .notices
            .push(Notice::new("authorityNotRegistered", message));
    }
    None
}

/// What the profile asks for, but no longer than the template allows.
fn validity(profile: &Profile, template: &CertificateTemplate, document: &mut Document) -> i64 {
    let (wanted, most) = (validity_days(profile), template.maximum_validity_days);
    if wanted > most {
        let message = format!(
            "profile `{}` asks for {wanted} days, and the template `{}` allows {most}: the certificate is valid for \
             {most}",
            profile.display_name, template.name
        );
        document
            .notices
            .push(Notice::new("validityShortened", message));
    }
    wanted.min(most)
}

fn alternatives(
    context: &Context<'_>,
    profile: &Profile,
    template: &CertificateTemplate,
) -> Result<Vec<SanSpec>, Refusal> {
    let names = names::alternatives(context, profile)?;
    for name in &names {
        let (form, label) = match name {
            SanSpec::Email(_) => (AlternativeNameForm::EmailAddress, "emailAddress"),
            SanSpec::UserPrincipalName(_) => {
                (AlternativeNameForm::UserPrincipalName, "userPrincipalName")
            }
            SanSpec::Dns(_) => (AlternativeNameForm::DomainNameService, "domainNameService"),
            SanSpec::Uri(_) => (
                AlternativeNameForm::UniformResourceIdentifier,
                "universalResourceIdentifier",
            ),
        };
        if !template.alternative_names.contains(&form) {
            return Err(unsupported(format!(
                "profile `{}` asks for an alternative name of the form `{label}`, which the template `{}` does not \
                 allow",
                profile.display_name, template.name
            )));
        }
    }
    Ok(names)
}
