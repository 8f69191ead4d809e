//! A browser: pages, forms and cookies, and it goes nowhere by itself.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};
use reqwest::{Certificate, Client, ClientBuilder, RequestBuilder, Url, redirect};

/// Somebody's browser.
pub(crate) struct Browser {
    client: Client,
    /// By host with port, path and name.
    cookies: Mutex<BTreeMap<(String, String, String), String>>,
}

/// What a browser got.
#[derive(Debug)]
pub(crate) struct Page {
    /// Where it was got.
    pub(crate) url: Url,
    pub(crate) status: u16,
    /// Where it leads, as a whole address.
    pub(crate) leads_to: Option<String>,
    pub(crate) body: String,
}

impl Browser {
    pub(crate) fn new() -> Self {
        Self::calling_itself("")
    }

    /// One that says what it is, as `User-Agent`.
    pub(crate) fn calling_itself(agent: &str) -> Self {
        Self::built(Client::builder().user_agent(agent))
    }

    /// One that trusts the authorities of a PEM file and no others.
    pub(crate) fn trusting(roots: &[u8]) -> Self {
        let roots = Certificate::from_pem_bundle(roots).unwrap();
        Self::built(Client::builder().tls_certs_only(roots))
    }

    fn built(builder: ClientBuilder) -> Self {
        let builder = builder.redirect(redirect::Policy::none()).no_proxy();
        Self {
            client: builder.build().unwrap(),
            cookies: Mutex::default(),
        }
    }

    /// Gets a page.
    pub(crate) async fn get(&self, url: &str) -> Page {
        let url: Url = url.parse().unwrap();
        self.send(self.client.get(url.clone()), url).await
    }

    /// Gets the beginning of an answer that goes on: as much as has `until` in it.
    pub(crate) async fn begin(&self, url: &str, until: &str) -> String {
        let url: Url = url.parse().unwrap();
        let request = self.client.get(url.clone());
        let request = request.header(COOKIE, self.brought_to(&url));
        let mut answer = request.send().await.unwrap();
        let mut text = String::new();
        while !text.contains(until) || !text.ends_with('\n') {
            match answer.chunk().await.unwrap() {
                Some(chunk) => text.push_str(&String::from_utf8_lossy(&chunk)),
                None => break,
            }
        }
        text
    }

    /// Gets a page and says one thing more.
    pub(crate) async fn get_with(&self, url: &str, (name, value): (&str, &str)) -> Page {
        let url: Url = url.parse().unwrap();
        let request = self.client.get(url.clone()).header(name, value);
        self.send(request, url).await
    }

    /// Gets a file: status and content.
    pub(crate) async fn fetch(&self, url: &str) -> (u16, Vec<u8>) {
        let url: Url = url.parse().unwrap();
        let request = self
            .client
            .get(url.clone())
            .header(COOKIE, self.brought_to(&url));
        let answer = request.send().await.unwrap();
        (
            answer.status().as_u16(),
            answer.bytes().await.unwrap().to_vec(),
        )
    }

    /// Sends a form.
    pub(crate) async fn post(&self, url: &str, fields: &[(&str, &str)]) -> Page {
        let url: Url = url.parse().unwrap();
        let mut form = Url::parse("form:").unwrap();
        form.query_pairs_mut().extend_pairs(fields);
        let request = self
            .client
            .post(url.clone())
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form.query().unwrap_or_default().to_owned());
        self.send(request, url).await
    }

    /// Follows a page to where it leads, up to what is no page: a profile, or an address of the device's own.
    pub(crate) async fn follow(&self, mut page: Page) -> Page {
        for _ in 0..6 {
            match page.leads_to.clone() {
                Some(next) if next.starts_with("http") && !next.ends_with("/profile") => {
                    page = self.get(&next).await;
                }
                _ => break,
            }
        }
        page
    }

    /// Somebody signs in on the way to a page, and comes back to it; the last page before what is no page.
    pub(crate) async fn sign_in(&self, wanted: &str, (name, password): (&str, &str)) -> Page {
        let mut page = self.follow(self.get(wanted).await).await;
        for (path, field) in [
            ("/sign-in/name", ("name", name)),
            ("/sign-in/password", ("password", password)),
        ] {
            let token = page.hidden("form_token");
            let fields = [("form_token", token.as_str()), field];
            let place = page.url.join(path).unwrap();
            let sent = self.post(place.as_str(), &fields).await;
            page = self.follow(sent).await;
        }
        // A page says that one is signed in, and leads back.
        self.follow(self.get(wanted).await).await
    }

    /// The value of a cookie that a host set.
    pub(crate) fn cookie(&self, name: &str) -> Option<String> {
        let cookies = self.cookies.lock().unwrap_or_else(PoisonError::into_inner);
        let found = cookies.iter().find(|((_, _, known), _)| known == name);
        found.map(|(_, value)| value.clone())
    }

    async fn send(&self, request: RequestBuilder, url: Url) -> Page {
        let answer = request
            .header(COOKIE, self.brought_to(&url))
            .send()
            .await
            .unwrap();
        for set in answer.headers().get_all(SET_COOKIE) {
            self.keep(&url, set.to_str().unwrap());
        }
        let location = answer.headers().get(LOCATION);
        Page {
            status: answer.status().as_u16(),
            leads_to: location
                .map(|location| url.join(location.to_str().unwrap()).unwrap().to_string()),
            body: answer.text().await.unwrap(),
            url,
        }
    }

    fn brought_to(&self, url: &Url) -> String {
        let cookies = self.cookies.lock().unwrap_or_else(PoisonError::into_inner);
        let fitting = cookies
            .iter()
            .filter(|((host, path, _), _)| *host == place(url) && url.path().starts_with(path));
        let pairs: Vec<String> = fitting
            .map(|((_, _, name), value)| format!("{name}={value}"))
            .collect();
        pairs.join("; ")
    }

    fn keep(&self, url: &Url, set: &str) {
        let mut parts = set.split(';').map(str::trim);
        let (name, value) = parts.next().unwrap().split_once('=').unwrap();
        let path = parts
            .find_map(|part| {
                part.to_ascii_lowercase()
                    .strip_prefix("path=")
                    .map(|_| part)
            })
            .map_or("/", |part| &part["path=".len()..]);
        let key = (place(url), path.to_owned(), name.to_owned());
        let mut cookies = self.cookies.lock().unwrap_or_else(PoisonError::into_inner);
        if value.is_empty() {
            cookies.remove(&key);
        } else {
            cookies.insert(key, value.to_owned());
        }
    }
}

fn place(url: &Url) -> String {
    format!("{:?}:{:?}", url.host(), url.port_or_known_default())
}

impl Page {
    /// Where its form goes.
    pub(crate) fn action(&self) -> String {
        let (_, rest) = self.body.split_once("action=\"").unwrap();
        let (action, _) = rest.split_once('"').unwrap();
        self.url.join(action).unwrap().to_string()
    }

    /// What is hidden in its form.
    pub(crate) fn hidden(&self, name: &str) -> String {
        let (_, rest) = self.body.split_once(&format!("name=\"{name}\"")).unwrap();
        let (_, rest) = rest.split_once("value=\"").unwrap();
        rest.split_once('"').unwrap().0.to_owned()
    }
}
