//! With which hash certificates are signed (`hashAlgorithm`).
//!
//! Graph knows `sha1` and `sha2`, one or both. This server's authority signs with SHA-2 alone: SHA-256 with an RSA key, the
//! hash that belongs to its curve with another. So `sha2` and both together are what certificates get. SHA-1 alone is
//! refused, unless another server issues, which decides by itself.

use serde_json::Value;

use crate::Settings;
use crate::catalogue::Violation;

/// Whether a profile asks for certificates that are signed with SHA-1 and nothing better.
pub fn wants_sha1_only(settings: &Settings) -> bool {
    settings
        .get("hashAlgorithm")
        .is_some_and(|hash| hash == "sha1")
}

/// SHA-1 alone where this server's authority issues, as far as settings tell: without addresses of other servers.
pub(in crate::catalogue) fn check_hash(settings: &Settings) -> Option<Violation> {
    let urls = settings.get("scepServerUrls").and_then(Value::as_array);
    let issues_here = urls.is_none_or(Vec::is_empty);
    (issues_here && wants_sha1_only(settings)).then(|| {
        let rule = "must have `sha2`: certificates are not signed with SHA-1, which proves nothing any more";
        let value = Value::from("sha1");
        Violation::new("hashAlgorithm", rule, &value)
    })
}
