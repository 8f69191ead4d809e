//! Certificates that a device asks for itself: `com.apple.security.scep`.

use mandate_model::catalogue::wants_sha1_only;
use mandate_model::{
    CertificateSource, CertificateSpec, Compiled, KeySpec, OsVersion, Platform, Profile, Refusal,
    SanSpec, Slot,
};
use plist::{Dictionary, Value};
use serde_json::Value as Json;

use super::{Identity, Usage, names, number, root, setting, unsupported, validity_days};
use crate::compile::context::{Context, host, text};
use crate::compile::document::Document;

/// Adds the root, then the identity.
pub(super) fn add(
    context: &Context<'_>,
    profile: &Profile,
    document: &mut Document,
) -> Result<Identity, Refusal> {
    let root = context.referenced(profile, "rootCertificate")?;
    root::add(context, root, document)?;
    let slot = Slot(profile.id.to_string());
    let server = server(context, profile);
    if matches!(server, Server::Own) && wants_sha1_only(&profile.settings) {
        return Err(unsupported(format!(
            "profile `{}` asks for certificates signed with SHA-1 (`hashAlgorithm`), which nobody is issued here",
            profile.display_name
        )));
    }
    let spec = specify(context, profile, slot.clone(), &server)?;
    let role = format!("scep.{}", slot.0);
    let mut payload = context.payload("com.apple.security.scep", &role, "", &profile.display_name);
    let mut request = request(context, &spec, &server);
    context.guard_key(
        profile,
        "KeyIsExtractable",
        SCEP_EXTRACTABLE,
        |key, value| {
            request.insert(key.to_owned(), value.into());
        },
    );
    payload.set("PayloadContent", Value::Dictionary(request));
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
    document.slots.push(slot);
    if !matches!(server, Server::Foreign(_)) {
        document.certificates.push(spec);
    }
    Ok(identity)
}

/// Whom the device asks.
enum Server<'a> {
    /// Us, and our own authority issues.
    Own,
    /// Us, and we ask an authority of others, by name.
    OnBehalf(&'a str),
    /// Somebody we know nothing of.
    Foreign(&'a str),
}

/// Addresses of registered authorities go first, since one of them may be on our own host; then our own. Anything else
/// is asked at its first address; Intune picks one at random.
fn server<'a>(context: &Context<'a>, profile: &'a Profile) -> Server<'a> {
    let urls = profile
        .settings
        .get("scepServerUrls")
        .and_then(Json::as_array);
    let urls: Vec<&str> = urls
        .into_iter()
        .flatten()
        .filter_map(Json::as_str)
        .collect();
    let services = context.input.services;
    if let Some(issuer) = urls.iter().find_map(|url| services.issuer_at(url)) {
        return Server::OnBehalf(&issuer.name);
    }
    let own = host(&context.input.endpoints.scep_url);
    match urls.first() {
        Some(first) if urls.iter().all(|url| host(url) != own) => Server::Foreign(first),
        _ => Server::Own,
    }
}

/// The `PayloadContent` of a SCEP payload. Another server knows none of our challenges and has another fingerprint.
fn request(context: &Context<'_>, spec: &CertificateSpec, server: &Server<'_>) -> Dictionary {
    let endpoints = context.input.endpoints;
    let mut keys = Dictionary::new();
    if let Server::Foreign(url) = server {
        keys.insert("URL".into(), (*url).into());
    } else {
        keys.insert("URL".into(), endpoints.scep_url.as_str().into());
        keys.insert("Name".into(), text(&endpoints.identifier_prefix));
        keys.insert(
            "Challenge".into(),
            Compiled::challenge_mark(&spec.slot).into(),
        );
        if !endpoints.scep_ca_fingerprint.is_empty() {
            let mark = Compiled::FINGERPRINT_MARK.to_vec();
            keys.insert("CAFingerprint".into(), Value::Data(mark));
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

fn specify(
    context: &Context<'_>,
    profile: &Profile,
    slot: Slot,
    server: &Server<'_>,
) -> Result<CertificateSpec, Refusal> {
    let usages = setting(profile, "keyUsage").unwrap_or_default();
    let usage = |name: &str| usages.split(',').any(|usage| usage == name);
    let extended = profile
        .settings
        .get("extendedKeyUsages")
        .and_then(Json::as_array)
        .into_iter()
        .flatten();
    let extended =
        extended.filter_map(|usage| usage.get("objectIdentifier")?.as_str().map(str::to_owned));
    let subject_alt_names = names::alternatives(context, profile)?;
    let principals = subject_alt_names
        .iter()
        .filter(|name| matches!(name, SanSpec::UserPrincipalName(_)));
    if principals.count() > 1 {
        return Err(unsupported(format!(
            "profile `{}` asks by SCEP for several user principal names, of which devices can ask for one only",
            profile.display_name
        )));
    }
    Ok(CertificateSpec {
        slot,
        source: CertificateSource::Scep,
        issuer: match server {
            Server::OnBehalf(name) => Some((*name).to_owned()),
            Server::Own | Server::Foreign(_) => None,
        },
        user: None,
        subject: names::subject(context, profile)?,
        subject_alt_names,
        key: KeySpec {
            bits: bits(context, setting(profile, "keySize"))?,
            digital_signature: usage("digitalSignature"),
            key_encipherment: usage("keyEncipherment"),
            non_repudiation: false,
        },
        extended_key_usages: extended.collect(),
        validity_days: validity_days(profile),
        renewal_threshold_percentage: number(profile, "renewalThresholdPercentage"),
    })
}

/// Keys of 4096 bits need iOS 14 or macOS 11 (Intune's documentation); a weaker key than asked for would be no help.
fn bits(context: &Context<'_>, size: Option<&str>) -> Result<u32, Refusal> {
    let minimum = match context.platform {
        Platform::Ios => OsVersion::new(14, 0),
        Platform::MacOs => OsVersion::new(11, 0),
    };
    match size {
        Some("size1024") => Ok(1024),
        Some("size4096") if context.os < minimum => Err(Refusal::OsTooOld { minimum }),
        Some("size4096") => Ok(4096),
        _ => Ok(2048),
    }
}

/// First macOS with `KeyIsExtractable` in `com.apple.security.scep`.
const SCEP_EXTRACTABLE: OsVersion = OsVersion::new(10, 13).patched(4);
