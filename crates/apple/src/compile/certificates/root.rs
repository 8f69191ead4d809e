//! Trusted roots: `com.apple.security.root`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mandate_model::{Profile, Refusal};
use plist::Value;

use super::{setting, unsupported};
use crate::compile::context::{Context, text};
use crate::compile::document::Document;

/// Adds a trusted root, once however often it is named.
pub(in crate::compile) fn add(
    context: &Context<'_>,
    profile: &Profile,
    document: &mut Document,
) -> Result<(), Refusal> {
    let der = setting(profile, "trustedRootCertificate");
    let der = der.and_then(|base64| STANDARD.decode(base64).ok());
    let der = der.ok_or_else(|| {
        unsupported(format!(
            "profile `{}` of kind `{}` holds no trusted certificate",
            profile.display_name, profile.kind.type_name
        ))
    })?;
    if document.roots.contains(&der) {
        return Ok(());
    }
    let role = format!("root.{}", profile.id);
    let mut root = context.payload("com.apple.security.root", &role, "", &profile.display_name);
    if let Some(name) = setting(profile, "certFileName") {
        root.set("PayloadCertificateFileName", text(name));
    }
    root.set("PayloadContent", Value::Data(der.clone()));
    document.roots.push(der);
    document.push(root);
    Ok(())
}
