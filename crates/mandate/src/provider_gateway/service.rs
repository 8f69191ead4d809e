//! Requests to services that are spoken to in JSON, such as Apple's for automated enrolment.

use mandate_engine::{ServiceAnswer, ServiceRequest};
use reqwest::Method;
use reqwest::header::{ACCEPT, HeaderName, HeaderValue};

use super::{http, words};

/// A page of a thousand devices comes to half a megabyte.
const LONGEST_ANSWER: usize = 8 * 1024 * 1024;

pub(super) async fn call(request: ServiceRequest) -> Result<ServiceAnswer, String> {
    let plain = |error: reqwest::Error| words(&error.without_url());
    let client = http::client(&request.url, request.roots.as_deref())?;
    let method = Method::from_bytes(request.method.as_bytes())
        .map_err(|_| "the method cannot be sent".to_owned())?;
    let mut asking = client
        .request(method, &request.url)
        .header(ACCEPT, "application/json");
    for (name, value) in &request.headers {
        let name = HeaderName::from_bytes(name.as_bytes())
            .map_err(|_| format!("the header `{name}` cannot be sent"))?;
        let mut value = HeaderValue::from_str(value)
            .map_err(|_| format!("the value of the header `{name}` cannot be sent"))?;
        value.set_sensitive(true);
        asking = asking.header(name, value);
    }
    if let Some(body) = request.body {
        asking = asking.body(body);
    }
    let mut answer = asking.send().await.map_err(plain)?;
    let status = answer.status().as_u16();
    let headers = answer
        .headers()
        .iter()
        .filter_map(|(name, value)| {
            Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
        })
        .collect();
    let mut body = Vec::new();
    while let Some(part) = answer.chunk().await.map_err(plain)? {
        if body.len() + part.len() > LONGEST_ANSWER {
            return Err(format!("the answer is longer than {LONGEST_ANSWER} octets"));
        }
        body.extend_from_slice(&part);
    }
    Ok(ServiceAnswer {
        status,
        headers,
        body,
    })
}
