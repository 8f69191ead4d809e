//! A house with its doors for people on one address, and somebody at each browser.

use axum::Router;
use mandate_engine::{DirectoryRole, NewPassword, SecondFactor};
use mandate_graph::{GraphState, Scheme};
use mandate_model::{Member, User};
use mandate_ui::Door;

use crate::chromium::{Chromium, Look, Tab};
use crate::house::{House, places};

/// The password of everybody here.
pub(crate) const PASSWORD: &str = "correct horse battery";
/// What Safari of an iPhone calls itself.
pub(crate) const IPHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 \
                                 Version/18.1 Mobile/15E148 Safari/604.1";

/// A house with pages, and Chromium to look at them.
pub(crate) struct Office {
    pub(crate) house: House,
    /// Where its pages are.
    pub(crate) url: String,
    chromium: std::sync::Arc<Chromium>,
    task: tokio::task::JoinHandle<()>,
}

impl Office {
    /// `None` where there is no Chromium.
    pub(crate) async fn open() -> Option<Self> {
        let chromium = Chromium::open()?;
        let house = House::open(places().await.remove(0)).await;
        // People of these tests have a password and nothing else.
        let optional = house
            .engine
            .set_second_factor(&house.admin, SecondFactor::Optional);
        optional.await.unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        // Passkeys want a name.
        let host = format!("localhost:{port}");
        let door = Door::new(house.engine.clone(), Scheme::Http, vec![host.clone()]);
        let hosts = vec![host.clone()];
        let chance = std::sync::Arc::new(mandate_engine::SystemChance);
        let graph = GraphState::new(house.engine.clone(), chance, Scheme::Http, hosts);
        let pages = Router::new()
            .merge(mandate_sign_in::router(door.clone()))
            .merge(mandate_console::router(door.clone()))
            .merge(mandate_portal::router(door))
            .merge(mandate_graph::router(graph));
        let task = tokio::spawn(async move { axum::serve(listener, pages).await.unwrap() });
        Some(Self {
            house,
            url: format!("http://{host}"),
            chromium,
            task,
        })
    }

    /// Gives somebody the password of everybody.
    pub(crate) async fn let_in(&self, user: &User) {
        let password = NewPassword {
            text: PASSWORD.to_owned().into(),
            must_change: false,
        };
        let (engine, admin) = (&self.house.engine, &self.house.admin);
        engine
            .set_password(admin, user.id, &password)
            .await
            .unwrap();
    }

    /// Hires somebody who may sign in.
    pub(crate) async fn hire(&self, name: &str) -> User {
        let user = self.house.hire(name).await;
        self.let_in(&user).await;
        user
    }

    /// Hires an administrator of everything.
    pub(crate) async fn hire_administrator(&self, name: &str) -> User {
        let user = self.hire(name).await;
        self.appoint(&user).await;
        user
    }

    /// Makes somebody an administrator of everything.
    pub(crate) async fn appoint(&self, user: &User) {
        let (engine, admin) = (&self.house.engine, &self.house.admin);
        let role = DirectoryRole::GlobalAdministrator;
        let made = engine.add_directory_role_member(admin, role, Member::User(user.id));
        made.await.unwrap();
    }

    /// A window in which nobody is signed in.
    pub(crate) async fn window(&self, look: Look) -> Tab {
        self.chromium.visit(&self.url, look).await
    }

    /// A window in which somebody is signed in and has come to a page.
    pub(crate) async fn at(&self, user: &User, path: &str, look: Look) -> Tab {
        let mut tab = self.window(look).await;
        tab.go(path).await;
        tab.sign_in(&user.user_principal_name, PASSWORD).await;
        tab
    }
}

impl Drop for Office {
    fn drop(&mut self) {
        self.task.abort();
    }
}
