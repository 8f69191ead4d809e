//! What deserves a word about a mail account and its S/MIME certificates.

use mandate_model::Notice;

use super::certificates::Identity;

/// What a certificate is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Signing,
    Encryption,
}

/// Words about one certificate of an account.
pub(super) fn about(role: Role, identity: &Identity, account: &str) -> Vec<Notice> {
    let mut notices = Vec::new();
    notices.extend(about_addresses(role, identity, account));
    notices.extend(about_key(role, identity));
    notices
}

/// Mail takes a certificate for an account only if it names the account's address.
fn about_addresses(role: Role, identity: &Identity, account: &str) -> Option<Notice> {
    let addresses = &identity.addresses;
    if addresses.iter().any(|address| address == account) {
        return None;
    }
    let certificate = format!(
        "the certificate for {} from `{}`",
        role.label(),
        identity.profile
    );
    let folded = account.to_lowercase();
    let same = addresses
        .iter()
        .find(|address| address.to_lowercase() == folded);
    Some(match (same, addresses.first()) {
        (Some(same), _) => Notice::new(
            "addressCase",
            format!(
                "{certificate} is for `{same}` and the account is `{account}`: they differ in letter case, and not \
                 every mail program takes them for the same"
            ),
        ),
        (None, Some(first)) => Notice::new(
            "addressMismatch",
            format!(
                "{certificate} is for `{first}`, but the account is `{account}`: Mail does not use it"
            ),
        ),
        (None, None) => Notice::new(
            "addressMismatch",
            format!(
                "{certificate} names no mail address, but the account is `{account}`: Mail does not use it"
            ),
        ),
    })
}

fn about_key(role: Role, identity: &Identity) -> Vec<Notice> {
    // What imported keys may do stands in their certificates, and every device has the same.
    let Some(usage) = identity.usage else {
        return Vec::new();
    };
    let mut notices = Vec::new();
    let (able, wanted) = match role {
        Role::Signing => (usage.signs, "digitalSignature"),
        Role::Encryption => (usage.deciphers, "keyEncipherment"),
    };
    if !able {
        let message = format!(
            "the key for {} from `{}` is without the usage `{wanted}`",
            role.label(),
            identity.profile
        );
        notices.push(Notice::new("keyUsageMissing", message));
    }
    if role == Role::Encryption {
        let message = format!(
            "`{}` makes a key for this device alone: mail encrypted for it cannot be read on the person's other \
             devices",
            identity.profile
        );
        notices.push(Notice::new("encryptionKeyPerDevice", message));
    }
    notices
}

impl Role {
    const fn label(self) -> &'static str {
        match self {
            Self::Signing => "S/MIME signing",
            Self::Encryption => "S/MIME encryption",
        }
    }
}
