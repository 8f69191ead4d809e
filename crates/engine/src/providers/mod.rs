//! Where else people prove who they are: OpenID Connect providers and directories.
//!
//! ```text
//!  begin_flow ─► send_to_provider ─► (browser, provider) ─► return_from_provider ─┐
//!      └───────► check_directory_password ────────────────────────────────────────┼─► who, groups ─► first factor done
//! ```
//!
//! A provider says who somebody is; what they may do is decided here. Its groups count only where an administrator
//! mapped them to groups of ours. The network is behind [`ProviderGateway`], and nobody is asked unless a provider was
//! added.

mod directory;
mod fault;
mod gateway;
mod manage;
mod named;
mod oidc;
mod people;
mod settings;
mod try_out;

pub use directory::DirectoryVerdict;
pub use fault::ProviderFault;
pub use gateway::{
    BindAnswer, DirectoryConnection, DirectoryEntry, DirectoryPage, DirectoryPageSearch,
    DirectorySearch, DirectoryServer, FromProvider, NoProviders, ProviderAnswer, ProviderGateway,
    ProviderRequest,
};
pub use manage::{ProviderButton, ProviderLink, TryStep};
pub(crate) use named::{name_taken, take_name, written};
pub(crate) use oidc::Memory;
pub use oidc::ProviderReturn;
pub use settings::{DirectorySettings, How, OidcSettings, Provider, ProviderSettings};
pub(crate) use settings::{host_of, is_loopback};

/// Fields as a form or a query (`application/x-www-form-urlencoded`).
fn form(fields: &[(&str, &str)]) -> String {
    let pairs: Vec<String> = fields
        .iter()
        .map(|(name, value)| format!("{}={}", encoded(name), encoded(value)))
        .collect();
    pairs.join("&")
}

/// Percent-encoding of everything but the unreserved characters (RFC 3986 §2.3).
fn encoded(text: &str) -> String {
    use std::fmt::Write as _;
    text.bytes().fold(String::new(), |mut text, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            let _ = write!(text, "%{byte:02X}");
        }
        text
    })
}
