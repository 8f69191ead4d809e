//! How long the first page of the admin centre takes over HTTP, with 100,000 devices and 200 profiles.
//!
//! `cargo bench -p mandate --bench first_page`; over PostgreSQL too where `MANDATE_TEST_POSTGRES` names one.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measurement is a test that prints"
)]

#[expect(dead_code, reason = "a measurement needs a part of it")]
#[path = "../tests/stories/house/browser.rs"]
mod browser;
#[path = "../../engine/tests/overview/crowd.rs"]
mod crowd;
#[expect(dead_code, reason = "a measurement needs a part of it")]
#[path = "../../engine/tests/overview/fleet.rs"]
mod fleet;
#[path = "../../engine/tests/instance/mod.rs"]
mod instance;

use std::time::{Duration, Instant};

use axum::Router;
use mandate_engine::{Actor, DirectoryRole, NewPassword, NewUser, SecondFactor};
use mandate_model::{Member, Timestamp};
use mandate_ui::Door;
use mandate_web::Scheme;

use browser::Browser;
use crowd::{DEVICES, furnish};
use fleet::{House, houses};

const PASSWORD: &str = "correct horse battery";
/// What was promised for the first page.
const PROMISE: Duration = Duration::from_millis(100);
/// Pages that are asked for, of which the one in the middle counts.
const PAGES: usize = 15;

#[tokio::main]
async fn main() {
    drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
    for house in houses().await {
        furnish(&house).await;
        let url = serve(&house).await;
        let administrator = sign_in(&house, &url).await;
        let kind = house.engine.store().kind();
        let page = format!("{url}/console/");
        let first = timed(&administrator, &page).await;
        say(kind, "first page, read from the disk", first);
        let mut anew = Vec::new();
        let mut again = Vec::new();
        for _ in 0..PAGES {
            // What is kept for a moment is out of date by then.
            house.clock.forward(3 * Timestamp::SECOND);
            anew.push(timed(&administrator, &page).await);
            again.push(timed(&administrator, &page).await);
        }
        let anew = middle(anew);
        say(kind, "first page", anew);
        say(kind, "first page, asked for again at once", middle(again));
        let empty = timed(&administrator, &format!("{url}/console/branding")).await;
        say(kind, "a page without devices, for comparison", empty);
        println!(
            "{kind}: {:.1} times that page, {DEVICES} devices",
            anew.as_secs_f64() / empty.as_secs_f64()
        );
        assert!(anew < PROMISE, "{kind}: {anew:?}");
    }
}

/// The doors for people, on a port of their own.
async fn serve(house: &House) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let host = listener.local_addr().unwrap().to_string();
    let door = Door::new(house.engine.clone(), Scheme::Http, vec![host.clone()]);
    let pages = Router::new()
        .merge(mandate_sign_in::router(door.clone()))
        .merge(mandate_console::router(door));
    tokio::spawn(async move { axum::serve(listener, pages).await.unwrap() });
    format!("http://{host}")
}

/// A browser in which a global administrator is signed in.
async fn sign_in(house: &House, url: &str) -> Browser {
    let (engine, system) = (&house.engine, Actor::system());
    let optional = engine.set_second_factor(&system, SecondFactor::Optional);
    optional.await.unwrap();
    let new = NewUser {
        user_principal_name: "root@contoso.com".to_owned(),
        display_name: "Root".to_owned(),
        password: Some(NewPassword {
            text: PASSWORD.to_owned().into(),
            must_change: false,
        }),
        ..NewUser::default()
    };
    let user = engine.create_user(&system, new).await.unwrap();
    let (role, member) = (DirectoryRole::GlobalAdministrator, Member::User(user.id));
    let added = engine.add_directory_role_member(&system, role, member);
    added.await.unwrap();
    let browser = Browser::new();
    let mut page = browser.get(&format!("{url}/console/")).await;
    for (path, field, value) in [
        ("/sign-in/name", "name", "root@contoso.com"),
        ("/sign-in/password", "password", PASSWORD),
    ] {
        while let Some(next) = page.leads_to.take() {
            page = browser.get(&next).await;
        }
        let token = page.hidden("form_token");
        let fields = [("form_token", token.as_str()), (field, value)];
        page = browser.post(&format!("{url}{path}"), &fields).await;
    }
    browser
}

async fn timed(browser: &Browser, url: &str) -> Duration {
    let begun = Instant::now();
    let page = browser.get(url).await;
    let took = begun.elapsed();
    assert_eq!(page.status, 200, "{url}");
    took
}

fn middle(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

fn say(kind: &str, what: &str, took: Duration) {
    println!("{kind}: {what}: {:.1} ms", took.as_secs_f64() * 1000.0);
}
