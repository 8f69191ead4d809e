//! Certificates that were imported for the user, the same on all the user's devices.

use mandate_model::{
    ImportPurpose, ImportedCertificate, Notice, Profile, Refusal, StoredKey, Timestamp,
};

use super::{Identity, setting, stored};
use crate::compile::context::Context;
use crate::compile::document::Document;

/// The document of an imported-certificate profile itself. Mail that was encrypted years ago opens with the key of
/// that time only, so for S/MIME encryption it brings every certificate of the user; otherwise the newest.
///
/// Each payload is named after its certificate, oldest first: one more certificate is one more payload at the end, and
/// the others stay as they are.
pub(in crate::compile) fn add_documents_own(
    context: &Context<'_>,
    profile: &Profile,
    document: &mut Document,
) -> Result<(), Refusal> {
    let purpose = purpose(profile);
    let mut certificates = of_purpose(context, purpose)?;
    notice_expiry(profile, purpose, certificates[0], document);
    if purpose != ImportPurpose::SmimeEncryption {
        certificates.truncate(1);
    }
    for certificate in certificates.into_iter().rev() {
        let role = format!("pfx.{}", certificate.thumbprint);
        let label = format!("{} ({})", profile.display_name, day(certificate.not_before));
        let key = StoredKey::Imported(certificate.sha256.clone());
        document.push(stored::payload(context, profile, &key, &role, &label));
        document.carry(key, stored::encoding(context));
    }
    Ok(())
}

/// The newest certificate, for an account. Its payload keeps its name when a newer one takes its place, so that the
/// account stays the same.
pub(super) fn add_newest(
    context: &Context<'_>,
    profile: &Profile,
    document: &mut Document,
) -> Result<Identity, Refusal> {
    let purpose = purpose(profile);
    let newest = of_purpose(context, purpose)?[0];
    notice_expiry(profile, purpose, newest, document);
    let key = StoredKey::Imported(newest.sha256.clone());
    let role = format!("pfx.{}", profile.id);
    let payload = stored::payload(context, profile, &key, &role, &profile.display_name);
    let identity = Identity {
        uuid: payload.uuid.clone(),
        addresses: newest.addresses.clone(),
        usage: None,
        profile: profile.display_name.clone(),
    };
    document.push(payload);
    document.carry(key, stored::encoding(context));
    Ok(identity)
}

fn purpose(profile: &Profile) -> ImportPurpose {
    setting(profile, "intendedPurpose")
        .and_then(ImportPurpose::parse)
        .unwrap_or(ImportPurpose::Unassigned)
}

/// The user's certificates of a purpose, the newest start date first; at least one.
fn of_purpose<'a>(
    context: &Context<'a>,
    purpose: ImportPurpose,
) -> Result<Vec<&'a ImportedCertificate>, Refusal> {
    let user = context.user()?;
    let mut certificates: Vec<_> = context
        .input
        .imported
        .iter()
        .filter(|certificate| certificate.purpose == purpose)
        .collect();
    if certificates.is_empty() {
        return Err(Refusal::NoImportedCertificate {
            purpose,
            user: user.user_principal_name.clone(),
        });
    }
    // The fingerprint decides between equals, so that the order of the input does not.
    certificates.sort_by_key(|found| (std::cmp::Reverse(found.not_before), &found.sha256));
    certificates.dedup_by_key(|found| &found.sha256);
    Ok(certificates)
}

fn notice_expiry(
    profile: &Profile,
    purpose: ImportPurpose,
    newest: &ImportedCertificate,
    document: &mut Document,
) {
    let message = format!(
        "the newest certificate for {} that `{}` delivers (`{}`) is valid until {}: import its successor",
        purpose.label(),
        profile.display_name,
        newest.subject,
        day(newest.not_after)
    );
    let notice = Notice::new("certificateExpired", message).starting(newest.not_after);
    document.notices.push(notice);
}

/// `2026-11-21`.
fn day(moment: Timestamp) -> String {
    moment.to_string().chars().take(10).collect()
}
