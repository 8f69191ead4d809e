//! Clients in JSON.

use mandate_engine::{App, CertificateCredential, Permission, Redirect, SecretCredential};
use serde_json::{Value, json};

pub(super) fn names(permissions: &[Permission]) -> Vec<&'static str> {
    permissions.iter().map(|one| one.name()).collect()
}

/// A client; what it does not have is left out.
pub(super) fn app(app: &App) -> Value {
    let mut shown = json!({
        "clientId": app.id, "name": app.name, "permissions": names(&app.permissions),
    });
    if !app.delegated.is_empty() {
        shown["delegated"] = json!(names(&app.delegated));
    }
    if app.is_public {
        shown["public"] = json!(true);
    }
    shown
}

pub(super) fn secret(secret: &SecretCredential) -> Value {
    json!({
        "id": secret.id, "name": secret.name, "hint": secret.hint,
        "created": secret.created_at.to_string(), "expires": secret.expires_at.to_string(),
    })
}

pub(super) fn certificate(certificate: &CertificateCredential) -> Value {
    json!({
        "id": certificate.id, "name": certificate.name, "thumbprint": hex(&certificate.sha1),
        "notBefore": certificate.not_before.to_string(), "notAfter": certificate.not_after.to_string(),
    })
}

pub(super) fn redirect(redirect: &Redirect) -> Value {
    json!({ "kind": redirect.kind.name(), "address": redirect.address })
}

/// As Windows and Entra show thumbprints.
pub(super) fn hex(bytes: &[u8]) -> String {
    let digits: Vec<String> = bytes.iter().map(|byte| format!("{byte:02X}")).collect();
    digits.concat()
}
