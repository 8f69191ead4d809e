//! The Company Portal as a colleague's browser sees it, and a phone that follows its links.

mod access;
mod devices;
mod links;
mod texts;

use axum::Router;
use mandate_apple::AppleState;
use mandate_engine::NewPassword;
use mandate_graph::Scheme;
use mandate_model::User;
use mandate_portal::{explain_refusals, router};
use mandate_simulator::device::Device;
use mandate_ui::Door;

use crate::house::{Browser, House, Page, places};

const IPHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Version/18.1 \
                      Mobile/15E148 Safari/604.1";
const ANDROID: &str =
    "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 Chrome/138.0 Mobile Safari/537.36";
const PASSWORD: &str = "correct horse battery";

/// A house with its pages for people.
struct Portal {
    house: House,
    url: String,
    task: tokio::task::JoinHandle<()>,
}

impl Portal {
    async fn open() -> Self {
        let house = House::open(places().await.remove(0)).await;
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let door = Door::new(house.engine.clone(), Scheme::Http, vec![host.clone()]);
        let apple = AppleState::new(house.engine.clone(), None, Vec::new());
        let links = explain_refusals(door.clone(), mandate_apple::router(apple));
        let pages = Router::new()
            .merge(links)
            .merge(mandate_sign_in::router(door.clone()))
            .merge(router(door));
        let task = tokio::spawn(async move { axum::serve(listener, pages).await.unwrap() });
        Self {
            house,
            url: format!("http://{host}"),
            task,
        }
    }

    /// Hires somebody with a password.
    async fn hire(&self, name: &str) -> User {
        let user = self.house.hire(name).await;
        let password = NewPassword {
            text: PASSWORD.to_owned().into(),
            must_change: false,
        };
        let (engine, admin) = (&self.house.engine, &self.house.admin);
        engine
            .set_password(admin, user.id, &password)
            .await
            .unwrap();
        user
    }

    async fn get(&self, browser: &Browser, path: &str) -> Page {
        let mut page = browser.get(&format!("{}{path}", self.url)).await;
        for _ in 0..5 {
            match page.leads_to.clone() {
                Some(next) => page = browser.get(&next).await,
                None => break,
            }
        }
        page
    }

    /// What a stream says first.
    async fn first_event(&self, browser: &Browser, path: &str) -> String {
        let begin = browser.begin(&format!("{}{path}", self.url), "data:").await;
        let line = begin.lines().find_map(|line| line.strip_prefix("data:"));
        line.unwrap_or_else(|| panic!("no event: {begin}"))
            .trim()
            .to_owned()
    }

    /// Sends the form of a page that goes to a path.
    async fn send(
        &self,
        browser: &Browser,
        page: &Page,
        path: &str,
        fields: &[(&str, &str)],
    ) -> Page {
        let form = format!("action=\"{path}\"");
        assert!(
            page.body.contains(&form),
            "no form for {path}: {}",
            page.body
        );
        let token = page.hidden("form_token");
        let mut all = vec![("form_token", token.as_str())];
        all.extend_from_slice(fields);
        let sent = browser.post(&format!("{}{path}", self.url), &all).await;
        match sent.leads_to.clone() {
            Some(next) => browser.get(&next).await,
            None => sent,
        }
    }

    /// Somebody signs in on the way to the portal.
    async fn sign_in(&self, browser: &Browser, name: &str) -> Page {
        let page = self.get(browser, "/portal/").await;
        let name = format!("{name}@contoso.com");
        let fields = [("name", name.as_str())];
        let page = self.send(browser, &page, "/sign-in/name", &fields).await;
        let fields = [("password", PASSWORD)];
        self.send(browser, &page, "/sign-in/password", &fields)
            .await;
        self.get(browser, "/portal/").await
    }
}

impl Drop for Portal {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Where the links of a page lead, whole.
fn links(page: &Page) -> Vec<String> {
    let parts = page.body.split("href=\"").skip(1);
    let links = parts.filter_map(|part| part.split('"').next());
    links
        .map(|link| page.url.join(link).unwrap().to_string())
        .collect()
}

fn link_with(page: &Page, part: &str) -> String {
    let found = links(page).into_iter().find(|link| link.contains(part));
    found.unwrap_or_else(|| panic!("no link with {part}: {}", page.body))
}

/// The text that is another when the page is.
fn mark(page: &Page) -> String {
    let rest = page.body.split("data-mark=\"").nth(1).unwrap();
    rest.split('"').next().unwrap().to_owned()
}

fn device_path(page: &Page) -> String {
    let link = link_with(page, "/portal/devices/");
    link.parse::<reqwest::Url>().unwrap().path().to_owned()
}

/// Ada at her iPhone, which she has set up in the portal.
async fn set_up(portal: &Portal) -> (Browser, Device, User) {
    let ada = portal.hire("ada").await;
    let safari = Browser::calling_itself(IPHONE);
    let start = portal.sign_in(&safari, "ada").await;
    assert!(
        start.body.contains("None of your devices"),
        "{}",
        start.body
    );
    let enrol = safari.get(&link_with(&start, "/portal/enrol")).await;
    assert!(enrol.body.contains("Set up this iPhone"), "{}", enrol.body);
    assert!(enrol.body.contains("before you add your work mail"));
    let fields = [("for", "iphone")];
    let link = portal.send(&safari, &enrol, "/portal/enrol", &fields).await;
    assert!(link.body.contains("<svg class=\"qr\""), "{}", link.body);
    let mut phone = portal.house.phone(18, 1);
    let profile = link_with(&link, "/apple/enroll/");
    phone.enrol(&portal.house.http, &profile).await.unwrap();
    portal.house.settle(&mut phone).await;
    (safari, phone, ada)
}
