//! Whether a certificate serves its owner and its purpose.

use mandate_model::catalogue::{Violation, Warning};
use mandate_model::{ImportPurpose, ImportedCertificate, Timestamp, User};
use mandate_pki::certificate::{Certificate, KeyUsages};

/// What forbids a certificate for a purpose. One that has expired still opens old mail, but nothing else.
pub(super) fn violations(
    facts: &ImportedCertificate,
    purpose: ImportPurpose,
    now: Timestamp,
) -> Vec<Violation> {
    let may_be_old = match purpose {
        ImportPurpose::SmimeEncryption | ImportPurpose::Unassigned => true,
        ImportPurpose::SmimeSigning | ImportPurpose::Vpn | ImportPurpose::Wifi => false,
    };
    if may_be_old || facts.not_after >= now {
        return Vec::new();
    }
    let rule = format!(
        "lies in the past: the certificate expired at `{}`, and an expired one serves `smimeEncryption` only, not `{}`",
        facts.not_after,
        purpose.name()
    );
    vec![Violation::without_value("expirationDateTime", rule)]
}

/// What is allowed and probably not meant.
pub(super) fn warnings(
    facts: &ImportedCertificate,
    certificate: &Certificate,
    user: &User,
    now: Timestamp,
) -> Vec<Warning> {
    let purpose = facts.purpose;
    [
        no_address_match(facts, user),
        (facts.not_after < now).then(|| {
            let message = format!(
                "the certificate expired at {}; it serves for old mail alone",
                facts.not_after
            );
            Warning::new("expired", "expirationDateTime", message)
        }),
        (facts.not_before > now).then(|| {
            let message = format!("the certificate begins only at {}", facts.not_before);
            Warning::new("notYetValid", "startDateTime", message)
        }),
        unfit(certificate, purpose),
        weak(facts, certificate, now),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Mail programs look for a certificate by address: one that names another address is not used.
pub(super) fn no_address_match(facts: &ImportedCertificate, user: &User) -> Option<Warning> {
    let is_for_mail = matches!(
        facts.purpose,
        ImportPurpose::SmimeEncryption | ImportPurpose::SmimeSigning
    );
    let own = [user.mail.as_deref(), Some(&user.user_principal_name)];
    let is_own = |address: &String| {
        own.iter()
            .flatten()
            .any(|own| own.to_lowercase() == address.to_lowercase())
    };
    if !is_for_mail || facts.addresses.iter().any(is_own) {
        return None;
    }
    let named = match facts.addresses.as_slice() {
        [] => "no mail address".to_owned(),
        some => format!("`{}`", some.join("`, `")),
    };
    let owner = user.mail.as_deref().unwrap_or(&user.user_principal_name);
    let message =
        format!("the certificate names {named}, but the mail address of its owner is `{owner}`");
    Some(Warning::new("noAddressMatch", "userPrincipalName", message))
}

/// A certificate whose key usage excludes what it is imported for.
fn unfit(certificate: &Certificate, purpose: ImportPurpose) -> Option<Warning> {
    let (usages, what): (&[KeyUsages], _) = match purpose {
        ImportPurpose::SmimeEncryption => (
            &[KeyUsages::KEY_ENCIPHERMENT, KeyUsages::KEY_AGREEMENT],
            "encryption",
        ),
        ImportPurpose::SmimeSigning => (
            &[KeyUsages::DIGITAL_SIGNATURE, KeyUsages::NON_REPUDIATION],
            "signing",
        ),
        ImportPurpose::Unassigned | ImportPurpose::Vpn | ImportPurpose::Wifi => return None,
    };
    if usages.iter().any(|usage| certificate.permits(*usage)) {
        return None;
    }
    let message = format!("the key usage of the certificate excludes {what}");
    Some(Warning::new("unfitKeyUsage", "intendedPurpose", message))
}

/// A short RSA key that is still in use. Of an expired one nothing more is asked than to open what it once hid.
fn weak(facts: &ImportedCertificate, certificate: &Certificate, now: Timestamp) -> Option<Warning> {
    let public = certificate.public_key().ok()?;
    let is_weak = public.is_rsa() && public.bits() < LEAST_RSA_BITS;
    if !is_weak || facts.not_after < now {
        return None;
    }
    let message = format!(
        "RSA of {} bits is too weak for the mail of today; ask for a key of {LEAST_RSA_BITS}",
        public.bits()
    );
    Some(Warning::new("weakKey", "encryptedPfxBlob", message))
}

/// What is still called strong enough (NIST SP 800-131A).
const LEAST_RSA_BITS: usize = 2048;

#[cfg(test)]
mod tests {
    use serde_json::Map;

    use super::*;

    const NOW: Timestamp = Timestamp(1_000_000);

    fn facts(purpose: ImportPurpose, addresses: &[&str]) -> ImportedCertificate {
        ImportedCertificate {
            sha256: String::new(),
            thumbprint: String::new(),
            purpose,
            subject: String::new(),
            addresses: addresses
                .iter()
                .map(|&address| address.to_owned())
                .collect(),
            not_before: Timestamp(0),
            not_after: Timestamp(999_999),
        }
    }

    fn ada() -> User {
        User {
            id: uuid::Uuid::nil().into(),
            user_principal_name: "ada@contoso.com".to_owned(),
            display_name: "Ada".to_owned(),
            given_name: None,
            surname: None,
            mail: Some("Ada@mail.contoso.com".to_owned()),
            on_premises_sam_account_name: None,
            on_premises_domain_name: None,
            on_premises_net_bios_name: None,
            on_premises_distinguished_name: None,
            on_premises_security_identifier: None,
            account_enabled: true,
            other: Map::new(),
            created_at: NOW,
        }
    }

    #[test]
    fn an_expired_certificate_opens_old_mail_and_does_nothing_else() {
        for purpose in ImportPurpose::ALL {
            let refused = violations(&facts(purpose, &[]), purpose, NOW);
            let may_be_old = matches!(
                purpose,
                ImportPurpose::SmimeEncryption | ImportPurpose::Unassigned
            );
            assert_eq!(refused.is_empty(), may_be_old, "{purpose:?}");
            assert!(
                refused
                    .iter()
                    .all(|each| each.property == "expirationDateTime")
            );
        }
    }

    #[test]
    fn a_weak_key_is_warned_of_until_it_serves_for_old_mail_alone() {
        let open = |file: &[u8]| super::super::open_pfx(file, b"").unwrap();
        let short = open(include_bytes!("../../../../fuzz/seeds/pkcs12/open-rsa1024"));
        let warned = |now| {
            let warnings = warnings(&short.facts, &short.pkcs12.certificate, &ada(), now);
            warnings.iter().map(|each| each.code).collect::<Vec<_>>()
        };
        let ended = Timestamp(short.facts.not_after.0 + 1);
        assert_eq!(warned(short.facts.not_before), ["weakKey"]);
        assert_eq!(warned(ended), ["expired"]);
        let curve = open(include_bytes!("../../../../fuzz/seeds/pkcs12/open-p521"));
        let now = curve.facts.not_before;
        let warnings = warnings(&curve.facts, &curve.pkcs12.certificate, &ada(), now);
        assert!(warnings.is_empty());
    }

    #[test]
    fn mail_or_sign_in_name_in_any_case_is_the_owners_address() {
        let signing = ImportPurpose::SmimeSigning;
        for address in ["ada@MAIL.contoso.com", "ADA@contoso.com"] {
            assert_eq!(
                no_address_match(&facts(signing, &["x@y.z", address]), &ada()),
                None
            );
        }
        let warning = no_address_match(&facts(signing, &["bob@contoso.com"]), &ada()).unwrap();
        assert_eq!(warning.code, "noAddressMatch");
        assert!(warning.message.contains("bob@contoso.com"));
        assert!(no_address_match(&facts(signing, &[]), &ada()).is_some());
        assert_eq!(
            no_address_match(&facts(ImportPurpose::Wifi, &[]), &ada()),
            None
        );
    }
}
