//! The way to authorities of others, over HTTP. Nothing is sent unless an administrator added one.

use std::pin::Pin;
use std::time::Duration;

use mandate_engine::{Asking, IssuerAnswer, IssuerGateway, IssuerRequest};
use reqwest::header::CONTENT_TYPE;
use reqwest::{Client, redirect};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// A device waits meanwhile, and several requests may be needed.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Chains of certificates come to some kilobytes.
const LONGEST_ANSWER: usize = 256 * 1024;

/// Asks by HTTP or HTTPS; connects when there is something to ask.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct HttpIssuers;

impl IssuerGateway for HttpIssuers {
    fn ask(&self, request: IssuerRequest) -> Asking<'_> {
        Box::pin(async move {
            // The address may hold what is nobody's business.
            let plain = |error: reqwest::Error| words(&error.without_url());
            let client = Client::builder()
                .connect_timeout(CONNECT_TIMEOUT)
                .timeout(TIMEOUT)
                // Who is asked is what an administrator said, not what an answer says.
                .redirect(redirect::Policy::none())
                .user_agent(concat!("mandate/", env!("CARGO_PKG_VERSION")))
                .build()
                .map_err(plain)?;
            let mut asking = match request.body {
                None => client.get(&request.url),
                Some((kind, body)) => client
                    .post(&request.url)
                    .header(CONTENT_TYPE, kind)
                    .body(body),
            };
            if let Some(bearer) = &request.bearer {
                asking = asking.bearer_auth(bearer.as_str());
            }
            let mut answer = asking.send().await.map_err(plain)?;
            let status = answer.status().as_u16();
            let content_type = answer
                .headers()
                .get(CONTENT_TYPE)
                .and_then(|value| value.to_str().ok())
                .unwrap_or_default()
                .to_owned();
            let mut body = Vec::new();
            while let Some(part) = answer.chunk().await.map_err(plain)? {
                if body.len() + part.len() > LONGEST_ANSWER {
                    return Err(format!("the answer is longer than {LONGEST_ANSWER} octets"));
                }
                body.extend_from_slice(&part);
            }
            Ok(IssuerAnswer {
                status,
                content_type,
                body,
            })
        })
    }

    fn pause(&self, seconds: u32) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(tokio::time::sleep(Duration::from_secs(seconds.into())))
    }
}

/// An error with its causes: the first line alone says only that something failed.
fn words(error: &reqwest::Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(source) = cause {
        text = format!("{text}: {source}");
        cause = source.source();
    }
    text
}
