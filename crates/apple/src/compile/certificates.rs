//! Roots and identities: `com.apple.security.root` and `com.apple.security.scep`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mandate_model::catalogue::{DistinguishedName, Part, Template};
use mandate_model::{
    CertificateSpec, Compiled, KeySpec, OsVersion, Profile, Refusal, SanSpec, Slot,
};
use plist::{Dictionary, Value};
use serde_json::Value as Json;

use super::context::{Context, text};
use super::document::Document;
use super::variables::fill;

/// Adds a trusted root, once however often it is named.
pub(super) fn add_root(
    context: &Context<'_>,
    profile: &Profile,
    document: &mut Document,
) -> Result<(), Refusal> {
    expect_kind(profile, "iosTrustedRootCertificate")?;
    let setting = |property| profile.settings.get(property).and_then(Json::as_str);
    let der = setting("trustedRootCertificate").and_then(|base64| STANDARD.decode(base64).ok());
    let der = der.ok_or_else(|| {
        unsupported(format!(
            "profile `{}` holds no certificate",
            profile.display_name
        ))
    })?;
    if document.roots.contains(&der) {
        return Ok(());
    }
    let role = format!("root.{}", profile.id);
    let mut root = context.payload("com.apple.security.root", &role, "", &profile.display_name);
    if let Some(name) = setting("certFileName") {
        root.set("PayloadCertificateFileName", text(name));
    }
    root.set("PayloadContent", Value::Data(der.clone()));
    document.roots.push(der);
    document.push(root);
    Ok(())
}

/// Adds the root and the identity of a certificate profile, once however often it is named; answers the
/// `PayloadUUID` that accounts refer to.
pub(super) fn add_identity(
    context: &Context<'_>,
    profile: &Profile,
    document: &mut Document,
) -> Result<String, Refusal> {
    expect_kind(profile, "iosScepCertificateProfile")?;
    let slot = Slot(profile.id.to_string());
    if let Some((_, uuid)) = document
        .identities
        .iter()
        .find(|(known, _)| *known == slot.0)
    {
        return Ok(uuid.clone());
    }
    add_root(
        context,
        context.referenced(profile, "rootCertificate")?,
        document,
    )?;

    let spec = specify(context, profile, slot.clone())?;
    let role = format!("scep.{}", slot.0);
    let mut payload = context.payload("com.apple.security.scep", &role, "", &profile.display_name);
    let external = external_url(context, profile);
    payload.set(
        "PayloadContent",
        Value::Dictionary(request(context, &spec, external)),
    );
    let uuid = payload.uuid.clone();
    document.push(payload);
    document.identities.push((slot.0, uuid.clone()));
    if external.is_none() {
        document.certificates.push(spec);
    }
    Ok(uuid)
}

/// The `PayloadContent` of a SCEP payload. Another server knows none of our challenges and has another fingerprint.
fn request(context: &Context<'_>, spec: &CertificateSpec, external: Option<&str>) -> Dictionary {
    let endpoints = context.input.endpoints;
    let mut keys = Dictionary::new();
    keys.insert("URL".into(), external.unwrap_or(&endpoints.scep_url).into());
    if external.is_none() {
        keys.insert("Name".into(), text(&endpoints.identifier_prefix));
        keys.insert(
            "Challenge".into(),
            Compiled::challenge_mark(&spec.slot).into(),
        );
        if !endpoints.scep_ca_fingerprint.is_empty() {
            keys.insert(
                "CAFingerprint".into(),
                Value::Data(endpoints.scep_ca_fingerprint.clone()),
            );
        }
    }
    let pair = |(name, value): &(String, String)| Value::Array(vec![text(name), text(value)]);
    let subject = spec
        .subject
        .iter()
        .map(|name| Value::Array(name.iter().map(pair).collect()));
    keys.insert("Subject".into(), Value::Array(subject.collect()));
    let alternatives = alternative_names(&spec.subject_alt_names);
    if !alternatives.is_empty() {
        keys.insert("SubjectAltName".into(), Value::Dictionary(alternatives));
    }
    keys.insert("Key Type".into(), "RSA".into());
    keys.insert("Keysize".into(), i64::from(spec.key.bits).into());
    let usage = i64::from(spec.key.digital_signature) + 4 * i64::from(spec.key.key_encipherment);
    keys.insert("Key Usage".into(), usage.into());
    keys.insert("Retries".into(), 3.into());
    keys.insert("RetryDelay".into(), 10.into());
    keys
}

/// A single name is a string, several are an array, as Apple allows for all but `ntPrincipalName`.
fn alternative_names(names: &[SanSpec]) -> Dictionary {
    let mut dictionary = Dictionary::new();
    for name in names {
        let (key, value) = match name {
            SanSpec::Email(value) => ("rfc822Name", value),
            SanSpec::Dns(value) => ("dNSName", value),
            SanSpec::Uri(value) => ("uniformResourceIdentifier", value),
            SanSpec::UserPrincipalName(value) => ("ntPrincipalName", value),
        };
        let value = match dictionary.remove(key) {
            None => text(value),
            Some(Value::Array(mut values)) => {
                values.push(text(value));
                Value::Array(values)
            }
            Some(first) => Value::Array(vec![first, text(value)]),
        };
        dictionary.insert(key.to_owned(), value);
    }
    dictionary
}

/// The first address that names another host than ours; a profile without one asks us.
fn external_url<'a>(context: &Context<'_>, profile: &'a Profile) -> Option<&'a str> {
    let host = |url: &str| {
        let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
        rest.split(['/', ':', '?'])
            .next()
            .unwrap_or_default()
            .to_lowercase()
    };
    let urls: Vec<_> = profile
        .settings
        .get("scepServerUrls")?
        .as_array()?
        .iter()
        .filter_map(Json::as_str)
        .collect();
    let own = host(&context.input.endpoints.scep_url);
    if urls.iter().any(|url| host(url) == own) {
        None
    } else {
        urls.first().copied()
    }
}

fn specify(
    context: &Context<'_>,
    profile: &Profile,
    slot: Slot,
) -> Result<CertificateSpec, Refusal> {
    let setting = |property: &str| profile.settings.get(property).and_then(Json::as_str);
    let number = |property: &str| {
        profile
            .settings
            .get(property)
            .and_then(Json::as_i64)
            .unwrap_or(1)
    };
    let usage = |name: &str| {
        setting("keyUsage").is_some_and(|usages| usages.split(',').any(|usage| usage == name))
    };
    let usages = profile
        .settings
        .get("extendedKeyUsages")
        .and_then(Json::as_array)
        .into_iter()
        .flatten();
    let usages =
        usages.filter_map(|usage| usage.get("objectIdentifier")?.as_str().map(str::to_owned));
    let validity = number("certificateValidityPeriodValue");
    Ok(CertificateSpec {
        slot,
        subject: subject(context, profile)?,
        subject_alt_names: specify_alternatives(context, profile)?,
        key: KeySpec {
            bits: bits(context, setting("keySize"))?,
            digital_signature: usage("digitalSignature"),
            key_encipherment: usage("keyEncipherment"),
        },
        extended_key_usages: usages.collect(),
        validity_days: match setting("certificateValidityPeriodScale") {
            Some("days") => validity,
            Some("months") => validity * 365 / 12,
            _ => validity * 365,
        },
        renewal_threshold_percentage: number("renewalThresholdPercentage"),
    })
}

/// Keys of 4096 bits need iOS 14 (Intune's documentation); a weaker key than asked for would be no help.
fn bits(context: &Context<'_>, size: Option<&str>) -> Result<u32, Refusal> {
    let minimum = OsVersion::new(14, 0);
    match size {
        Some("size1024") => Ok(1024),
        Some("size4096") if context.os < minimum => Err(Refusal::OsTooOld { minimum }),
        Some("size4096") => Ok(4096),
        _ => Ok(2048),
    }
}

fn subject(
    context: &Context<'_>,
    profile: &Profile,
) -> Result<Vec<Vec<(String, String)>>, Refusal> {
    let setting = |property: &str| profile.settings.get(property).and_then(Json::as_str);
    let of_device = setting("certificateStore") == Some("machine");
    let format = match (
        setting("subjectNameFormat"),
        setting("subjectNameFormatString"),
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

fn specify_alternatives(context: &Context<'_>, profile: &Profile) -> Result<Vec<SanSpec>, Refusal> {
    let older = profile
        .settings
        .get("subjectAlternativeNameType")
        .and_then(Json::as_str)
        .unwrap_or_default();
    let older = older.split(',').filter_map(|kind| match kind {
        "emailAddress" => Some((kind, "{{EmailAddress}}")),
        "userPrincipalName" => Some((kind, "{{UserPrincipalName}}")),
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
    if names
        .iter()
        .filter(|name| matches!(name, SanSpec::UserPrincipalName(_)))
        .count()
        > 1
    {
        return Err(unsupported(
            "a certificate for iOS can have one user principal name only".to_owned(),
        ));
    }
    Ok(names)
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

fn expect_kind(profile: &Profile, type_name: &str) -> Result<(), Refusal> {
    if profile.kind.type_name == type_name {
        return Ok(());
    }
    Err(unsupported(format!(
        "profile `{}` is of kind `{}`",
        profile.display_name, profile.kind.type_name
    )))
}

fn unsupported(reason: String) -> Refusal {
    Refusal::Unsupported { reason }
}

const USER_SUBJECT: &str = "CN={{UserName}},E={{EmailAddress}}";
