//! What may be shown of a document.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mandate_model::{CertificateSource, CertificateSpec, Compiled, ProfileId, SanSpec, StoredKey};

use super::{Scene, SimulatedCertificate};

/// The document with words where secrets belong. A document that was compiled and not rendered has none.
pub(super) fn without_secrets(compiled: &Compiled, scep_fingerprint: &[u8]) -> String {
    let mut body = String::from_utf8_lossy(&compiled.body).into_owned();
    for certificate in &compiled.certificates {
        let mark = Compiled::challenge_mark(&certificate.slot);
        body = body.replace(&mark, "[a challenge, made when it is sent]");
    }
    for identity in &compiled.identities {
        let mark = Compiled::identity_mark(&identity.key);
        body = body.replace(&mark, "[certificate and key, filled in when it is sent]");
        let mark = Compiled::password_mark(&identity.key);
        body = body.replace(&mark, "[a password, made when it is sent]");
    }
    let mark = STANDARD.encode(Compiled::FINGERPRINT_MARK);
    body.replace(&mark, &STANDARD.encode(scep_fingerprint))
}

/// The certificates that come with a document.
pub(super) fn certificates(scene: &Scene<'_>, compiled: &Compiled) -> Vec<SimulatedCertificate> {
    let issued = compiled
        .certificates
        .iter()
        .map(|spec| to_be_issued(scene, spec));
    let imported = compiled
        .identities
        .iter()
        .filter_map(|identity| match &identity.key {
            StoredKey::Imported(sha256) => Some(imported(scene, sha256)),
            StoredKey::Issued(_) => None,
        });
    issued.chain(imported).collect()
}

fn to_be_issued(scene: &Scene<'_>, spec: &CertificateSpec) -> SimulatedCertificate {
    let slot = spec.slot.0.parse::<ProfileId>().ok();
    let profile = slot.and_then(|id| scene.intent.profiles.get(&id));
    SimulatedCertificate {
        source: match spec.source {
            CertificateSource::Scep => "scep",
            CertificateSource::Pkcs => "pkcs",
        },
        profile: profile.map(|profile| profile.display_name.clone()),
        subject: Some(subject(spec)),
        alternative_names: spec
            .subject_alt_names
            .iter()
            .map(alternative_name)
            .collect(),
        issuer: spec.issuer.clone(),
        validity_days: Some(spec.validity_days),
        not_after_date_time: None,
    }
}

fn imported(scene: &Scene<'_>, sha256: &str) -> SimulatedCertificate {
    let mut all = scene.imported.iter();
    let found = all
        .find(|certificate| certificate.sha256 == sha256)
        .filter(|_| scene.shows_imported);
    SimulatedCertificate {
        source: "imported",
        profile: None,
        subject: found.map(|certificate| certificate.subject.clone()),
        alternative_names: found
            .into_iter()
            .flat_map(|certificate| &certificate.addresses)
            .map(|address| format!("email:{address}"))
            .collect(),
        issuer: None,
        validity_days: None,
        not_after_date_time: found.map(|certificate| certificate.not_after),
    }
}

/// The subject in the order in which it was written.
fn subject(spec: &CertificateSpec) -> String {
    let names = spec.subject.iter().map(|name| {
        let parts = name
            .iter()
            .map(|(attribute, value)| format!("{attribute}={value}"));
        parts.collect::<Vec<_>>().join("+")
    });
    names.collect::<Vec<_>>().join(", ")
}

fn alternative_name(name: &SanSpec) -> String {
    match name {
        SanSpec::Email(value) => format!("email:{value}"),
        SanSpec::UserPrincipalName(value) => format!("upn:{value}"),
        SanSpec::Dns(value) => format!("dns:{value}"),
        SanSpec::Uri(value) => format!("uri:{value}"),
    }
}
