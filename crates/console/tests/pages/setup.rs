//! The way to the first device: the checklist, platforms, connections, and domains.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use mandate_engine::{
    Actor, Anchors, DirectoryRole, Distrust, FromMailServer, MailLook, MailSight, NewUser,
    NoMailServers, PreflightGateway, TlsSight, Touch,
};
use mandate_model::{Platform, Timestamp};

use crate::house::{Browser, House};

const PATH: &str = "/console/setup";
const DOMAINS: &str = "/console/setup/domains";

/// Name servers that say one thing, and a network in which nobody takes connections.
#[derive(Debug, Default)]
struct Names(Mutex<Vec<String>>);

impl PreflightGateway for Names {
    fn resolve<'a>(&'a self, _host: &'a str, _port: u16) -> FromMailServer<'a, Vec<SocketAddr>> {
        Box::pin(async { Ok(vec!["192.0.2.7:443".parse().unwrap()]) })
    }

    fn look(&self, look: MailLook) -> FromMailServer<'_, MailSight> {
        static NOBODY: NoMailServers = NoMailServers;
        NOBODY.look(look)
    }

    fn touch(&self, _touch: Touch) -> FromMailServer<'_, Result<TlsSight, String>> {
        Box::pin(async { Err("<b>refused</b>".to_owned()) })
    }

    fn texts<'a>(&'a self, _name: &'a str) -> FromMailServer<'a, Vec<String>> {
        let said = self.0.lock().unwrap().clone();
        Box::pin(async move { Ok(said) })
    }

    fn aliases<'a>(&'a self, _name: &'a str) -> FromMailServer<'a, Vec<String>> {
        Box::pin(async { Ok(vec!["elsewhere.example".to_owned()]) })
    }

    fn trust(
        &self,
        _chain: &[Vec<u8>],
        _host: &str,
        _anchors: Anchors<'_>,
        _at: Timestamp,
    ) -> Result<(), Distrust> {
        Err(Distrust::UnknownIssuer)
    }
}

async fn opened() -> (House, Arc<Names>, Browser) {
    let names = Arc::new(Names::default());
    let house = House::open_with(names.clone()).await;
    let role = Some(DirectoryRole::GlobalAdministrator);
    let mut browser = house.signed_in("root", role).await;
    browser.get(PATH).await.expect(200);
    (house, names, browser)
}

#[tokio::test]
async fn the_checklist_is_what_an_administrator_of_an_empty_instance_sees_first() {
    let (_house, _, mut root) = opened().await;
    let home = root.get("/console/").await.expect(200).text();
    let list = home.find("aria-labelledby=\"steps\"").unwrap();
    assert!(list < home.find("class=\"tiles\"").unwrap());
    for link in [
        "/console/setup/connections",
        "/console/groups",
        "/console/branding",
        "/console/apple",
    ] {
        assert!(home.contains(&format!("href=\"{link}\"")), "{link}");
    }
    let page = root.get(PATH).await.expect(200).text();
    assert!(page.contains("The connections of this server were never tested."));
    assert!(page.contains("There is no push certificate."));
}

#[tokio::test]
async fn platforms_are_switched_by_their_boxes() {
    let (house, _, mut root) = opened().await;
    root.post("/console/setup/platforms", &[("ios", "on")])
        .await
        .expect(303);
    let setup = house.engine.setup(&Actor::system()).await.unwrap();
    let on: Vec<Platform> = setup
        .platforms
        .iter()
        .filter(|one| one.is_enabled)
        .map(|one| one.platform)
        .collect();
    assert_eq!(on, [Platform::Ios]);
    let page = root.get(PATH).await.expect(200).text();
    assert!(page.contains("Switched off"));
}

#[tokio::test]
async fn connections_are_tested_when_somebody_presses_the_button() {
    let (house, _, mut root) = opened().await;
    let path = "/console/setup/connections";
    let page = root.get(path).await.expect(200).text();
    assert!(page.contains("Never tested") && page.contains("api.push.apple.com"));
    assert!(page.contains("*.push.apple.com"));
    let tested = root.post(path, &[]).await.expect(200).text();
    assert!(tested.contains("cannot be used"));
    assert!(tested.contains("&lt;b&gt;refused") || tested.contains("&#60;b&#62;refused"));
    assert!(!tested.contains("<b>refused"));
    let mut reader = house
        .signed_in("eve", Some(DirectoryRole::GlobalReader))
        .await;
    let page = reader.get(path).await.expect(200).text();
    assert!(!page.contains("Test now"));
    reader.post(path, &[]).await.expect(403);
}

#[tokio::test]
async fn a_domain_is_added_proved_made_the_default_and_deleted() {
    let (house, names, mut root) = opened().await;
    let wrong = root
        .post(DOMAINS, &[("name", "no domain")])
        .await
        .expect(400)
        .text();
    assert!(wrong.contains("value=\"no domain\"") && wrong.contains("id=\"name-wrong\""));
    root.post(DOMAINS, &[("name", "Fabrikam.example")])
        .await
        .expect(303);
    let twice = root
        .post(DOMAINS, &[("name", "fabrikam.example")])
        .await
        .expect(400);
    assert!(twice.text().contains("name-wrong"));
    let path = format!("{DOMAINS}/fabrikam.example");
    let page = root.get(&path).await.expect(200).text();
    let domain = house
        .engine
        .find_domain("fabrikam.example")
        .await
        .unwrap()
        .unwrap();
    assert!(page.contains(&domain.proof));
    let refused = root
        .post(&format!("{path}/verify"), &[])
        .await
        .expect(400)
        .text();
    assert!(refused.contains("no TXT record"));
    root.post(&format!("{path}/default"), &[]).await.expect(400);
    names.0.lock().unwrap().push(domain.proof.clone());
    root.post(&format!("{path}/verify"), &[]).await.expect(303);
    let page = root.get(&path).await.expect(200).text();
    assert!(
        page.contains("enterpriseenrollment.fabrikam.example") && !page.contains(&domain.proof)
    );
    let led = root
        .post(&format!("{path}/discovery"), &[])
        .await
        .expect(200)
        .text();
    assert!(led.contains("elsewhere.example"));
    root.post(&format!("{path}/default"), &[]).await.expect(303);
    let kept = root
        .post(&format!("{path}/delete"), &[])
        .await
        .expect(400)
        .text();
    assert!(kept.contains("default domain"));
    root.post(&format!("{DOMAINS}/example.com/default"), &[])
        .await
        .expect(303);

    let new = NewUser {
        user_principal_name: "ada@fabrikam.example".to_owned(),
        display_name: "Ada".to_owned(),
        ..NewUser::default()
    };
    house
        .engine
        .create_user(&Actor::system(), new)
        .await
        .unwrap();
    let asked = root.get(&format!("{path}/delete")).await.expect(200).text();
    assert!(asked.contains("name=\"force\""));
    root.post(&format!("{path}/delete"), &[]).await.expect(400);
    root.post(&format!("{path}/delete"), &[("force", "yes")])
        .await
        .expect(303);
    root.get(&path).await.expect(404);
    let page = root.get(PATH).await.expect(200).text();
    assert!(page.contains("fabrikam.example") && page.contains("not added"));
}
