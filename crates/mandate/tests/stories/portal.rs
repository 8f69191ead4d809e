//! The Company Portal as a colleague's browser sees it, and a phone that follows its links.

use std::collections::BTreeSet;

use axum::Router;
use mandate_apple::AppleState;
use mandate_engine::{
    AccountStepsChange, AccountsPlace, BrandingChange, EnrolmentLimitChange, NewLink, NewPassword,
    NewTerms, TermsChange, TermsTarget,
};
use mandate_graph::Scheme;
use mandate_model::{EnrolmentType, Member, Platform, Timestamp, User};
use mandate_portal::{explain_refusals, router};
use mandate_simulator::device::{Device, DeviceError};
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

#[tokio::test]
async fn a_phone_follows_the_portals_links_and_a_blocked_account_turns_green() {
    let portal = Portal::open().await;
    let house = &portal.house;
    let (safari, mut phone, ada) = set_up(&portal).await;
    let start = portal.get(&safari, "/portal/").await;
    let path = device_path(&start);
    let ready = mark(&portal.get(&safari, &path).await);
    let live = format!("{path}/live");
    assert_eq!(portal.first_event(&safari, &live).await, ready);

    phone.add_user_account("mail.contoso.com", "ada@mail.contoso.com");
    let sales = house.group("Sales", vec![Member::User(ada.id)]).await;
    let mail = house.mail_profile("Mail").await;
    house.assign(mail.id, &[sales.id]).await;
    house.settle(&mut phone).await;
    let blocked = portal.first_event(&safari, &live).await;
    assert_ne!(blocked, ready);
    assert_eq!(blocked, mark(&portal.get(&safari, &path).await));
    let start = portal.get(&safari, "/portal/").await;
    assert!(start.body.contains("You need to do something"));
    let page = portal.get(&safari, &path).await;
    for text in [
        "Your work mail is blocked on this iPhone",
        "ada@mail.contoso.com (mail.contoso.com)",
        "not compliant",
        "scroll down, and tap Apps",
        "Mail Accounts",
    ] {
        assert!(page.body.contains(text), "{text}: {}", page.body);
    }

    // The organisation has its own words for it.
    let own = AccountStepsChange {
        place: AccountsPlace::SettingsApps,
        language: "en".to_owned(),
        steps: Some(vec!["Throw out <{address}>.".to_owned()]),
    };
    let (engine, admin) = (&house.engine, &house.admin);
    engine.update_account_steps(admin, vec![own]).await.unwrap();
    let page = portal.get(&safari, &path).await;
    let own = "Throw out &#60;ada@mail.contoso.com&#62;.";
    assert!(page.body.contains(own), "{}", page.body);
    assert!(!page.body.contains("tap Apps"), "{}", page.body);

    phone.remove_user_account("mail.contoso.com", "ada@mail.contoso.com");
    let check = format!("{path}/check");
    let page = portal.send(&safari, &page, &check, &[]).await;
    assert!(page.body.contains("asked to look again"), "{}", page.body);
    house.settle(&mut phone).await;
    let page = portal.get(&safari, &path).await;
    assert!(page.body.contains("All is well"), "{}", page.body);
    assert!(page.body.contains("If Mail asks for your password"));
    assert!(!page.body.contains("blocked"), "{}", page.body);
    house.assert_nothing_left(&mut phone).await;
}

#[tokio::test]
async fn it_speaks_the_language_that_somebody_chose() {
    let portal = Portal::open().await;
    let (safari, mut phone, ada) = set_up(&portal).await;
    let house = &portal.house;
    phone.add_user_account("mail.contoso.com", "ada@mail.contoso.com");
    let sales = house.group("Sales", vec![Member::User(ada.id)]).await;
    let mail = house.mail_profile("Mail").await;
    house.assign(mail.id, &[sales.id]).await;
    house.settle(&mut phone).await;
    for (language, steps) in [
        ("nl", ["Instellingen", "Mailaccounts", "Verwijder account"]),
        ("sv", ["Inställningar", "E-postkonton", "Radera konto"]),
    ] {
        let start = portal.get(&safari, "/portal/").await;
        let fields = [("language", language)];
        portal.send(&safari, &start, "/language", &fields).await;
        let page = portal.get(&safari, &device_path(&start)).await;
        assert!(page.body.contains(&format!("<html lang=\"{language}\">")));
        for step in steps {
            assert!(page.body.contains(step), "{step}: {}", page.body);
        }
        assert!(page.body.contains("ada@mail.contoso.com"));
        assert!(
            !page.body.contains("portal-"),
            "a text lacks: {}",
            page.body
        );
    }
}

#[tokio::test]
async fn what_people_type_is_shown_and_runs_nowhere() {
    let portal = Portal::open().await;
    let (safari, _phone, _) = set_up(&portal).await;
    let path = device_path(&portal.get(&safari, "/portal/").await);
    let name = format!("{path}/name");
    let form = portal.get(&safari, &name).await;
    let hostile = "<script>alert(1)</script>\"' onload=x";
    let page = portal
        .send(&safari, &form, &name, &[("name", hostile)])
        .await;
    assert!(page.body.contains("The name was changed"), "{}", page.body);
    assert!(!page.body.contains("<script>alert"), "{}", page.body);
    assert!(
        page.body.contains("&#60;script&#62;alert(1)"),
        "{}",
        page.body
    );

    let long = "x".repeat(65);
    let page = portal.send(&safari, &form, &name, &[("name", &long)]).await;
    assert_eq!(page.status, 400);
    assert!(page.body.contains("at most 64 characters"), "{}", page.body);
    assert!(page.body.contains(&long), "what was typed is lost");
    let url = format!("{}{name}", portal.url);
    let forged = [("form_token", "x"), ("name", "Mine")];
    assert_eq!(safari.post(&url, &forged).await.status, 403);
    assert_eq!(safari.post(&url, &[("name", "Mine")]).await.status, 403);

    for path in [
        "/portal/devices/x",
        "/portal/devices/00000000-0000-0000-0000-000000000007",
        "/portal/nothing",
    ] {
        let page = portal.get(&safari, path).await;
        assert_eq!(page.status, 404, "{path}");
        assert!(page.body.contains("nothing here"), "{path}: {}", page.body);
    }
    let odd = portal.get(&safari, "/portal/enrol?for=%3Cscript%3E").await;
    assert_eq!(odd.status, 200);
    assert!(!odd.body.contains("%3C") && !odd.body.contains("<script>"));
}

#[tokio::test]
async fn nobody_else_sees_or_changes_a_device() {
    let portal = Portal::open().await;
    let (safari, phone, _) = set_up(&portal).await;
    let path = device_path(&portal.get(&safari, "/portal/").await);
    portal.hire("bob").await;
    let bob = Browser::new();
    let start = portal.sign_in(&bob, "bob").await;
    let token = start.hidden("form_token");
    assert!(!start.body.contains("/portal/devices/"), "{}", start.body);
    for page in ["", "/live", "/name", "/retire", "/remove"] {
        let page = portal.get(&bob, &format!("{path}{page}")).await;
        assert_eq!(page.status, 404, "{}", page.url);
    }
    for form in ["/check", "/name", "/retire", "/remove"] {
        let url = format!("{}{path}{form}", portal.url);
        let fields = [("form_token", token.as_str()), ("name", "Bob’s")];
        assert_eq!(bob.post(&url, &fields).await.status, 404, "{form}");
    }
    assert!(phone.is_enrolled());
    let stranger = Browser::new();
    let page = stranger.get(&format!("{}{path}", portal.url)).await;
    assert_eq!(page.status, 303, "strangers sign in first");
}

#[tokio::test]
async fn a_device_leaves_and_is_taken_out_of_the_list() {
    let portal = Portal::open().await;
    let (safari, mut phone, _) = set_up(&portal).await;
    let path = device_path(&portal.get(&safari, "/portal/").await);
    let remove = format!("{path}/remove");
    let early = portal.get(&safari, &remove).await;
    assert_eq!(early.url.path(), path, "nothing to remove yet");
    let retire = format!("{path}/retire");
    let asked = portal.get(&safari, &retire).await;
    assert!(asked.body.contains("stay as they are"), "{}", asked.body);
    let page = portal.send(&safari, &asked, &retire, &[]).await;
    assert!(page.body.contains("Being removed"), "{}", page.body);
    portal.house.settle_until_gone(&mut phone).await;
    let asked = portal.get(&safari, &remove).await;
    let start = portal.send(&safari, &asked, &remove, &[]).await;
    assert!(
        start.body.contains("None of your devices"),
        "{}",
        start.body
    );
}

#[tokio::test]
async fn a_category_picked_in_the_portal_brings_its_group_and_profile() {
    let portal = Portal::open().await;
    let (engine, admin) = (&portal.house.engine, &portal.house.admin);
    let till = mandate_engine::DeviceCategoryChange {
        display_name: Some("Till".to_owned()),
        description: None,
    };
    let till = engine.create_device_category(admin, till).await.unwrap();
    engine
        .set_chooses_category_at_enrolment(admin, true)
        .await
        .unwrap();
    let tills = mandate_engine::NewGroup {
        display_name: "Tills".to_owned(),
        rule: Some(mandate_model::GroupRule {
            text: "device.deviceCategory -eq \"Till\"".to_owned(),
            is_paused: false,
        }),
        ..mandate_engine::NewGroup::default()
    };
    let tills = engine.create_group(admin, tills, Vec::new()).await.unwrap();
    let mail = portal.house.mail_profile("Mail for tills").await;
    portal.house.assign(mail.id, &[tills.id]).await;
    portal.hire("ada").await;
    let safari = Browser::calling_itself(IPHONE);
    portal.sign_in(&safari, "ada").await;
    let enrol = portal.get(&safari, "/portal/enrol").await;
    let id = till.id.to_string();
    assert!(enrol.body.contains(&id), "{}", enrol.body);
    // Without a choice, or with one that is none, there is no profile, and the page asks again.
    for chosen in ["", "toaster", "00000000-0000-0000-0000-000000000007"] {
        let fields = [("for", "iphone"), ("category", chosen)];
        let again = portal.send(&safari, &enrol, "/portal/enrol", &fields).await;
        assert_eq!(again.status, 400, "{}", again.body);
        assert!(again.body.contains("Choose what the device is for"));
    }
    let fields = [("for", "iphone"), ("category", id.as_str())];
    let link = portal.send(&safari, &enrol, "/portal/enrol", &fields).await;
    let mut phone = portal.house.phone(18, 1);
    let profile = link_with(&link, "/apple/enroll/");
    phone.enrol(&portal.house.http, &profile).await.unwrap();
    portal.house.settle(&mut phone).await;
    assert!(portal.house.has(&phone, mail.id));
}

#[tokio::test]
async fn what_cannot_be_set_up_is_said_honestly() {
    let portal = Portal::open().await;
    portal.hire("ada").await;
    let chrome = Browser::calling_itself(ANDROID);
    portal.sign_in(&chrome, "ada").await;
    let page = portal.get(&chrome, "/portal/enrol").await;
    assert!(
        page.body.contains("cannot be set up here yet"),
        "{}",
        page.body
    );
    assert!(!page.body.contains("action=\"/portal/enrol\""));
    let url = format!("{}/portal/enrol", portal.url);
    let token = page.hidden("form_token");
    for kind in ["android", "windows", "toaster", ""] {
        let fields = [("form_token", token.as_str()), ("for", kind)];
        let page = chrome.post(&url, &fields).await;
        assert_eq!(page.status, 200);
        assert!(!page.body.contains("/apple/enroll/"), "{kind}");
    }
    // A code for a phone that lies beside it.
    let page = portal.get(&chrome, "/portal/enrol?for=ipad").await;
    let fields = [("for", "ipad")];
    let page = portal.send(&chrome, &page, "/portal/enrol", &fields).await;
    assert!(
        page.body.contains("Point the camera of your iPad"),
        "{}",
        page.body
    );
}

#[tokio::test]
async fn it_says_whom_to_ask() {
    let portal = Portal::open().await;
    portal.hire("ada").await;
    let browser = Browser::new();
    portal.sign_in(&browser, "ada").await;
    let page = portal.get(&browser, "/portal/help").await;
    assert!(
        page.body.contains("has not said yet whom to ask"),
        "{}",
        page.body
    );
    let change = BrandingChange::new(|details| {
        details.contact_name = Some("Help desk".to_owned());
        details.contact_phone = Some("+46 8 123 45 67".to_owned());
        details.contact_email = Some("it@contoso.com".to_owned());
        details.contact_notes = Some("Monday to <Friday>".to_owned());
        details.privacy_url = Some("https://www.contoso.com/privacy".to_owned());
        details.support_url = Some("https://it.contoso.com".to_owned());
    });
    let (engine, admin) = (&portal.house.engine, &portal.house.admin);
    engine.update_branding(admin, change).await.unwrap();
    let page = portal.get(&browser, "/portal/help").await;
    for link in [
        "tel:+4681234567",
        "mailto:it@contoso.com",
        "https://www.contoso.com/privacy",
        "https://it.contoso.com/",
    ] {
        link_with(&page, link);
    }
    assert!(page.body.contains("Go to the IT website"), "{}", page.body);
    assert!(
        page.body.contains("Monday to &#60;Friday&#62;"),
        "{}",
        page.body
    );
}

#[tokio::test]
async fn every_path_asks_who_it_is_and_takes_no_form_of_others() {
    let portal = Portal::open().await;
    let stranger = Browser::new();
    let paths = mandate_portal::paths();
    assert!(paths.len() > 10, "{paths:?}");
    for path in paths {
        let path = path.replace("{id}", "00000000-0000-0000-0000-000000000007");
        let url = format!("{}{path}", portal.url);
        let page = stranger.get(&url).await;
        match page.status {
            303 => {
                let next = page.leads_to.unwrap();
                let is_asked = next.ends_with("/sign-in") || next.ends_with("/portal/");
                assert!(is_asked, "{path} leads to {next}");
            }
            // It only takes a form.
            status => assert_eq!(status, 405, "{path}: {}", page.body),
        }
        let forged = stranger.post(&url, &[("name", "x")]).await;
        assert_eq!(forged.status, 403, "{path}");
    }
}

#[tokio::test]
async fn every_page_wants_a_sign_in_and_every_form_its_token() {
    let portal = Portal::open().await;
    portal.hire("ada").await;
    let (browser, stranger) = (Browser::new(), Browser::new());
    portal.sign_in(&browser, "ada").await;
    for path in mandate_portal::paths() {
        let path = path.replace("{id}", "00000000-0000-0000-0000-00000000dead");
        let url = format!("{}{path}", portal.url);
        let shown = stranger.get(&url).await;
        assert!(
            matches!(shown.status, 303 | 405),
            "{path}: {}",
            shown.status
        );
        let forged = browser.post(&url, &[("form_token", "x")]).await;
        assert!(
            matches!(forged.status, 403 | 405),
            "{path}: {}",
            forged.status
        );
    }
}

/// What is answered at a link, in the languages that whoever opens it prefers: status, type and text.
async fn opened(url: &str, accepted: Option<&str>, language: &str) -> (u16, String, String) {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let mut request = client.get(url).header("accept-language", language);
    if let Some(accepted) = accepted {
        request = request.header("accept", accepted);
    }
    let answer = request.send().await.unwrap();
    let kind = answer.headers().get("content-type");
    let kind = kind.map_or("", |kind| kind.to_str().unwrap()).to_owned();
    let is_kept = answer.headers().contains_key("content-security-policy");
    assert_eq!(is_kept, kind.starts_with("text/html"), "{url}");
    let status = answer.status().as_u16();
    (status, kind, answer.text().await.unwrap())
}

#[tokio::test]
async fn a_link_that_gives_no_profile_says_why_in_ones_own_language() {
    let portal = Portal::open().await;
    let (house, browser) = (&portal.house, Some("text/html,application/xhtml+xml"));
    let unknown = format!("{}/apple/enroll/unknown", portal.url);
    let (status, kind, text) = opened(&unknown, browser, "nl").await;
    assert_eq!((status, kind.as_str()), (404, "text/html; charset=utf-8"));
    assert!(text.contains("Deze link is onbekend"), "{text}");
    let (status, kind, text) = opened(&unknown, None, "nl").await;
    assert_eq!((status, kind.as_str()), (404, "text/plain; charset=utf-8"));
    assert!(text.starts_with("this enrolment link is unknown"), "{text}");

    let ada = house.hire("ada").await;
    let limits = house.engine.list_enrolment_limits(&house.admin).await;
    let everybody = limits.unwrap().remove(0);
    let one = EnrolmentLimitChange {
        devices: Some(1),
        ..EnrolmentLimitChange::default()
    };
    let set = house
        .engine
        .update_enrolment_limit(&house.admin, everybody.id, one);
    set.await.unwrap();
    let new = |user| NewLink {
        user: Some(user),
        platform: Platform::Ios,
        enrolment_type: EnrolmentType::Device,
        lifetime_seconds: 3600,
        uses: 5,
        signed: true,
    };
    let link = house
        .engine
        .create_enrolment_link(&house.admin, new(ada.id))
        .await
        .unwrap();
    let url = format!("{}{}", portal.url, link.path);
    let mut phone = house.phone(18, 1);
    phone.enrol(&house.http, &url).await.unwrap();
    house.settle(&mut phone).await;
    for (language, words) in [
        ("en", "as many devices as they may have"),
        ("nl", "zoveel apparaten als is toegestaan"),
        ("sv", "så många enheter som är tillåtet"),
    ] {
        let (status, _, text) = opened(&url, browser, language).await;
        assert_eq!(status, 403);
        assert!(text.contains(words), "{language}: {text}");
        assert!(text.contains("href=\"/portal/\""), "{text}");
    }
    let (status, kind, text) = opened(&url, Some("*/*"), "nl").await;
    assert_eq!((status, kind.as_str()), (403, "text/plain; charset=utf-8"));
    assert!(
        text.starts_with("the device limit is reached: this person has 1"),
        "{text}"
    );
}

#[tokio::test]
async fn links_that_expired_long_ago_are_forgotten() {
    let portal = Portal::open().await;
    let (safari, mut phone, _) = set_up(&portal).await;
    let house = &portal.house;
    let links = || async {
        let page = mandate_engine::Page::first(10);
        let found = house.engine.list_enrolment_links(&house.admin, page).await;
        found.unwrap().len()
    };
    assert_eq!(links().await, 1);
    house.clock.forward(29 * Timestamp::DAY);
    house.engine.tidy().await.unwrap();
    assert_eq!(links().await, 1, "it is shown for a while");
    house.clock.forward(2 * Timestamp::DAY);
    house.engine.tidy().await.unwrap();
    assert_eq!(links().await, 0);
    // Who came through it stays.
    house.settle(&mut phone).await;
    assert!(phone.is_enrolled());
    drop(safari);
}

#[tokio::test]
async fn terms_are_accepted_before_a_device_is_set_up_and_anew_when_they_change() {
    let portal = Portal::open().await;
    let ada = portal.hire("ada").await;
    let (engine, admin) = (&portal.house.engine, &portal.house.admin);
    let new = NewTerms {
        display_name: "Use".to_owned(),
        title: "Terms of <use>".to_owned(),
        body: "First line\r\nSecond & last".to_owned(),
        statement: "I have read them".to_owned(),
        ..NewTerms::default()
    };
    let terms = engine.create_terms(admin, new).await.unwrap();
    let safari = Browser::calling_itself(IPHONE);
    // Assigned to nobody they ask nobody.
    let start = portal.sign_in(&safari, "ada").await;
    assert!(!start.body.contains("/portal/terms"), "{}", start.body);
    let everybody = BTreeSet::from([TermsTarget::AllUsers]);
    engine
        .assign_terms(admin, terms.id, everybody)
        .await
        .unwrap();

    // A link of an administrator says where to go first.
    let link = portal.house.link(Some(ada.id), EnrolmentType::Device).await;
    let mut phone = portal.house.phone(17, 5);
    let error = phone.enrol(&portal.house.http, &link).await.unwrap_err();
    let says = |error: &DeviceError| matches!(error, DeviceError::Link { status: 403, body } if body.contains("/portal/terms") && body.contains("Terms of <use>"));
    assert!(says(&error), "{error}");
    // And so does the portal, which leads there.
    let start = portal.get(&safari, "/portal/").await;
    assert!(start.body.contains("/portal/terms"), "{}", start.body);
    let enrol = portal.get(&safari, "/portal/enrol?for=iphone").await;
    let page = portal
        .send(&safari, &enrol, "/portal/enrol", &[("for", "iphone")])
        .await;
    assert!(page.url.path() == "/portal/terms", "{}", page.url);
    assert!(
        page.body.contains("Terms of &#60;use&#62;"),
        "{}",
        page.body
    );
    let path = format!("/portal/terms/{}/accept", terms.id);

    // Meanwhile the administrator raises the version: what was read is not what counts.
    let raise = |version| TermsChange {
        version: Some(version),
        ..TermsChange::default()
    };
    engine
        .update_terms(admin, terms.id, raise(2))
        .await
        .unwrap();
    let page = portal
        .send(&safari, &page, &path, &[("version", "1")])
        .await;
    assert_eq!(page.status, 409);
    assert!(
        page.body.contains("changed while you read"),
        "{}",
        page.body
    );
    let page = portal
        .send(&safari, &page, &path, &[("version", "2")])
        .await;
    assert!(page.body.contains("accepted all terms"), "{}", page.body);
    let accepted = engine
        .list_terms_acceptances(admin, terms.id, mandate_engine::Page::first(10))
        .await
        .unwrap();
    assert_eq!(accepted.len(), 1);
    assert_eq!((accepted[0].user, accepted[0].version), (ada.id, 2));
    phone.enrol(&portal.house.http, &link).await.unwrap();

    // A higher version asks anew; a text alone does not, and what is enrolled stays.
    let text = TermsChange {
        body: Some("Other words".to_owned()),
        ..TermsChange::default()
    };
    engine.update_terms(admin, terms.id, text).await.unwrap();
    let start = portal.get(&safari, "/portal/").await;
    assert!(!start.body.contains("/portal/terms"), "{}", start.body);
    engine
        .update_terms(admin, terms.id, raise(3))
        .await
        .unwrap();
    let page = portal.get(&safari, "/portal/terms").await;
    assert!(page.body.contains("earlier version"), "{}", page.body);
    portal.house.settle(&mut phone).await;
    assert!(phone.is_enrolled());
    let error = engine.update_terms(admin, terms.id, raise(1)).await;
    assert!(error.is_err(), "versions only grow");
    // Terms of others are not there.
    engine
        .assign_terms(admin, terms.id, BTreeSet::new())
        .await
        .unwrap();
    let page = portal
        .send(&safari, &page, &path, &[("version", "3")])
        .await;
    assert_eq!(page.status, 404);
}
