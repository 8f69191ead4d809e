//! Requests to OpenID Connect providers.

use mandate_engine::{ProviderAnswer, ProviderRequest};
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use reqwest::{Certificate, Client, redirect};

use super::{CONNECT_TIMEOUT, TIMEOUT, words};

/// Key sets with certificates come to some tens of kilobytes.
const LONGEST_ANSWER: usize = 256 * 1024;

pub(super) async fn ask(request: ProviderRequest) -> Result<ProviderAnswer, String> {
    let plain = |error: reqwest::Error| words(&error.without_url());
    let client = client(&request.url, request.roots.as_deref())?;
    let mut asking = match &request.form {
        None => client.get(&request.url),
        Some(form) => client
            .post(&request.url)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(form.as_str().to_owned()),
    };
    asking = asking.header(ACCEPT, "application/json");
    if let Some(authorization) = &request.authorization {
        let mut value = HeaderValue::from_str(authorization)
            .map_err(|_| "what proves who asks cannot be sent".to_owned())?;
        value.set_sensitive(true);
        asking = asking.header(AUTHORIZATION, value);
    }
    let mut answer = asking.send().await.map_err(plain)?;
    let status = answer.status().as_u16();
    let mut body = Vec::new();
    while let Some(part) = answer.chunk().await.map_err(plain)? {
        if body.len() + part.len() > LONGEST_ANSWER {
            return Err(format!("the answer is longer than {LONGEST_ANSWER} octets"));
        }
        body.extend_from_slice(&part);
    }
    Ok(ProviderAnswer { status, body })
}

/// A client that follows nobody and waits only so long.
pub(super) fn client(url: &str, roots: Option<&str>) -> Result<Client, String> {
    let mut builder = Client::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(TIMEOUT)
        // Who is asked is what an administrator said, not what an answer says.
        .redirect(redirect::Policy::none())
        .user_agent(concat!("mandate/", env!("CARGO_PKG_VERSION")));
    if url.starts_with("http://") {
        // Only this machine is asked in clear, and then nobody on the way.
        builder = builder.no_proxy();
    }
    if let Some(roots) = roots {
        let roots = Certificate::from_pem_bundle(roots.as_bytes())
            .map_err(|error| format!("the roots cannot be read: {}", words(&error)))?;
        builder = builder.tls_certs_only(roots);
    }
    builder.build().map_err(|error| words(&error))
}
