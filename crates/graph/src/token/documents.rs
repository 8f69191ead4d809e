//! The documents by which MSAL finds its way.

use mandate_model::TenantId;
use serde_json::{Value, json};

/// `/{tenant}/v2.0/.well-known/openid-configuration`. The layout of the paths is Entra's, for MSAL derives one
/// address from another; issuer and authority must share scheme, host and port.
pub(crate) fn openid_configuration(base_url: &str, tenant: TenantId) -> Value {
    let root = format!("{base_url}/{tenant}");
    let oauth = format!("{root}/oauth2/v2.0");
    json!({
        "issuer": format!("{root}/v2.0"),
        "authorization_endpoint": format!("{oauth}/authorize"),
        "token_endpoint": format!("{oauth}/token"),
        "jwks_uri": format!("{root}/discovery/v2.0/keys"),
        "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
        "response_modes_supported": ["query", "fragment", "form_post"],
        "grant_types_supported": ["client_credentials"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
        "claims_supported": ["sub", "iss", "aud", "exp", "iat", "nonce", "preferred_username", "name", "tid", "ver"],
        "tenant_region_scope": null,
        "cloud_instance_name": host(base_url),
        "cloud_graph_host_name": host(base_url),
        "msgraph_host": host(base_url),
    })
}

/// `/common/discovery/instance`: which hosts are one and the same authority.
///
/// Under a name override the client calls us as `login.microsoftonline.com` and asks about our own name.
pub(crate) fn instance_discovery(base_url: &str, tenant: TenantId, hosts: &[String]) -> Value {
    let host = host(base_url);
    let mut aliases = vec![host.to_owned()];
    for other in hosts
        .iter()
        .map(String::as_str)
        .chain(["login.microsoftonline.com", "login.windows.net"])
    {
        if aliases
            .iter()
            .all(|known| !known.eq_ignore_ascii_case(other))
        {
            aliases.push(other.to_owned());
        }
    }
    json!({
        "tenant_discovery_endpoint": format!("{base_url}/{tenant}/v2.0/.well-known/openid-configuration"),
        "api-version": "1.1",
        "metadata": [{ "preferred_network": host, "preferred_cache": host, "aliases": aliases }],
    })
}

fn host(base_url: &str) -> &str {
    base_url
        .split_once("://")
        .map_or(base_url, |(_, host)| host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_there_is_named() {
        let document = openid_configuration("https://h:8443", TenantId(uuid::Uuid::from_u128(1)));
        assert!(
            document["issuer"]
                .as_str()
                .unwrap()
                .starts_with("https://h:8443/")
        );
        for absent in [
            "device_authorization_endpoint",
            "end_session_endpoint",
            "userinfo_endpoint",
        ] {
            assert_eq!(document.get(absent), None, "{absent}");
        }
    }

    #[test]
    fn our_own_hosts_are_aliases() {
        let hosts = ["mdm.example:8443".to_owned()];
        let document = instance_discovery(
            "https://login.microsoftonline.com",
            TenantId(uuid::Uuid::nil()),
            &hosts,
        );
        let aliases = document["metadata"][0]["aliases"].as_array().unwrap();
        assert_eq!(aliases.len(), 3);
    }
}
