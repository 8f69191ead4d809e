//! The documents by which sign-in libraries find their way.

use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};

use super::answer::{Refused, document};
use super::called::Called;
use super::cors;
use crate::Door;

/// `GET /{tenant}/v2.0/.well-known/openid-configuration`
pub(super) async fn show_configuration(
    state: State<Door>,
    tenant: Path<String>,
    request: Request,
) -> Response {
    about_tenant(state, tenant, request, |_, base_url, tenant| {
        openid_configuration(base_url, tenant)
    })
    .await
}

/// `GET /{tenant}/.well-known/openid-configuration`
pub(super) async fn show_first_configuration(
    state: State<Door>,
    tenant: Path<String>,
    request: Request,
) -> Response {
    about_tenant(state, tenant, request, |_, base_url, tenant| {
        first_configuration(base_url, tenant)
    })
    .await
}

/// `GET /{tenant}/discovery/v2.0/keys`
pub(super) async fn show_keys(
    state: State<Door>,
    tenant: Path<String>,
    request: Request,
) -> Response {
    about_tenant(state, tenant, request, |state, _, _| {
        let engine = state.engine();
        engine.tokens().key_set(engine.now())
    })
    .await
}

/// `GET /common/discovery/instance`
pub(super) async fn show_instance(state: State<Door>, request: Request) -> Response {
    let version = request
        .uri()
        .query()
        .unwrap_or_default()
        .split('&')
        .find_map(|pair| pair.strip_prefix("api-version="))
        .filter(|version| *version == "1.0")
        .unwrap_or("1.1")
        .to_owned();
    let common = Path("common".to_owned());
    about_tenant(state, common, request, move |state, base_url, tenant| {
        instance_discovery(base_url, tenant, state.hosts(), &version)
    })
    .await
}

/// `GET /common/userrealm/{name}`: everybody signs in here, whether there is such a person or not.
pub(super) async fn show_realm(
    state: State<Door>,
    Path((tenant, name)): Path<(String, String)>,
    request: Request,
) -> Response {
    about_tenant(state, Path(tenant), request, move |_, base_url, _| {
        let domain = name.rsplit_once('@').map_or("", |(_, domain)| domain);
        json!({
            "ver": "1.0",
            "account_type": "Managed",
            "domain_name": domain,
            "cloud_instance_name": host(base_url),
            "cloud_audience_urn": "urn:federation:MicrosoftOnline",
        })
    })
    .await
}

async fn about_tenant(
    State(state): State<Door>,
    Path(tenant): Path<String>,
    request: Request,
    make: impl FnOnce(&Door, &str, &str) -> Value,
) -> Response {
    let (parts, _) = request.into_parts();
    let called = Called::read(&state, &parts);
    let answer = match called.check(&state, &tenant) {
        Ok(()) => {
            let id = state.engine().tenant().id.to_string();
            document(StatusCode::OK, &make(&state, &called.base_url, &id))
        }
        Err(fault) => Refused(&state, &called, fault).answer(),
    };
    cors::allow(&state, &parts, answer).await
}

/// The layout of the paths is Entra's, for MSAL derives one address from another; issuer and authority must share scheme,
/// host and port.
fn openid_configuration(base_url: &str, tenant: &str) -> Value {
    let root = format!("{base_url}/{tenant}");
    let oauth = format!("{root}/oauth2/v2.0");
    json!({
        "issuer": format!("{root}/v2.0"),
        "authorization_endpoint": format!("{oauth}/authorize"),
        "token_endpoint": format!("{oauth}/token"),
        "device_authorization_endpoint": format!("{oauth}/devicecode"),
        "end_session_endpoint": format!("{oauth}/logout"),
        "userinfo_endpoint": format!("{base_url}/oidc/userinfo"),
        "jwks_uri": format!("{root}/discovery/v2.0/keys"),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query", "fragment", "form_post"],
        "grant_types_supported": [
            "authorization_code", "refresh_token", "client_credentials",
            "urn:ietf:params:oauth:grant-type:device_code",
        ],
        "code_challenge_methods_supported": ["S256"],
        "prompt_values_supported": ["none", "login", "select_account", "consent"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt", "client_secret_basic"],
        "token_endpoint_auth_signing_alg_values_supported": ["RS256", "PS256"],
        "claims_supported": [
            "sub", "oid", "iss", "aud", "exp", "iat", "nbf", "nonce", "auth_time", "amr", "preferred_username", "name",
            "email", "tid", "sid", "ver",
        ],
        "claims_parameter_supported": true,
        "request_parameter_supported": false,
        "request_uri_parameter_supported": false,
        "http_logout_supported": false,
        "frontchannel_logout_supported": false,
        "tenant_region_scope": null,
        "cloud_instance_name": host(base_url),
        "cloud_graph_host_name": host(base_url),
        "msgraph_host": host(base_url),
    })
}

/// The same for clients of the time of ADAL.
fn first_configuration(base_url: &str, tenant: &str) -> Value {
    let mut document = openid_configuration(base_url, tenant);
    let oauth = format!("{base_url}/{tenant}/oauth2");
    document["authorization_endpoint"] = json!(format!("{oauth}/authorize"));
    document["token_endpoint"] = json!(format!("{oauth}/token"));
    document["device_authorization_endpoint"] = json!(format!("{oauth}/devicecode"));
    document["end_session_endpoint"] = json!(format!("{oauth}/logout"));
    document["jwks_uri"] = json!(format!("{base_url}/{tenant}/discovery/keys"));
    document["microsoft_multi_refresh_token"] = json!(true);
    document
}

/// Which hosts are one and the same authority. Under a name override the client calls us as `login.microsoftonline.com`
/// and asks about our own name.
fn instance_discovery(base_url: &str, tenant: &str, hosts: &[String], version: &str) -> Value {
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
        "api-version": version,
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
    fn every_end_point_lies_where_libraries_derive_it() {
        let document = openid_configuration("https://h:8443", "t");
        let text = |name: &str| document[name].as_str().unwrap().to_owned();
        let token = text("token_endpoint");
        // MSAL Go replaces every `token`, MSAL Node the last segment.
        assert_eq!(
            text("device_authorization_endpoint"),
            token.replace("token", "devicecode")
        );
        assert_eq!(text("issuer"), "https://h:8443/t/v2.0");
        for name in [
            "authorization_endpoint",
            "end_session_endpoint",
            "userinfo_endpoint",
            "jwks_uri",
        ] {
            assert!(text(name).starts_with("https://h:8443/"), "{name}");
        }
    }

    #[test]
    fn our_own_hosts_are_aliases() {
        let hosts = ["mdm.example:8443".to_owned()];
        let document = instance_discovery("https://login.microsoftonline.com", "t", &hosts, "1.0");
        let aliases = document["metadata"][0]["aliases"].as_array().unwrap();
        assert_eq!(aliases.len(), 3);
        assert_eq!(document["api-version"], "1.0");
    }
}
