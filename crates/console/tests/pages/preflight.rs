//! Preflight: the form, what is wrong with it, and a report of a server that means ill.

use std::net::SocketAddr;
use std::sync::Arc;

use mandate_engine::{
    Actor, Anchors, DirectoryRole, Distrust, FromMailServer, MailAnswer, MailLook, MailSight,
    NewProfile, PreflightGateway, TlsSight,
};
use mandate_model::{Timestamp, catalogue};
use serde_json::json;

use crate::house::House;

const PATH: &str = "/console/preflight";

/// A server that says whatever it likes.
#[derive(Debug)]
struct Staged {
    answer: MailAnswer,
}

impl PreflightGateway for Staged {
    fn resolve<'a>(&'a self, _host: &'a str, _port: u16) -> FromMailServer<'a, Vec<SocketAddr>> {
        Box::pin(async { Ok(vec!["192.0.2.7:443".parse().unwrap()]) })
    }

    fn look(&self, _look: MailLook) -> FromMailServer<'_, MailSight> {
        let sight = MailSight {
            tls: Some(TlsSight {
                version: Some("TLSv1_3".to_owned()),
                chain: vec![vec![0x30, 0x00]],
                ..TlsSight::default()
            }),
            answer: Ok(self.answer.clone()),
        };
        Box::pin(async { Ok(sight) })
    }

    fn trust(
        &self,
        _chain: &[Vec<u8>],
        _host: &str,
        _anchors: Anchors<'_>,
        _at: Timestamp,
    ) -> Result<(), Distrust> {
        Err(Distrust::Other("<b>strange</b>".to_owned()))
    }
}

fn sending_to(place: &str) -> Arc<Staged> {
    Arc::new(Staged {
        answer: MailAnswer {
            status: 302,
            headers: vec![
                ("location".to_owned(), place.to_owned()),
                ("www-authenticate".to_owned(), "Basic, Bearer".to_owned()),
            ],
        },
    })
}

async fn profile(house: &House, kind: &str, name: &str, body: serde_json::Value) -> String {
    let serde_json::Value::Object(body) = body else {
        unreachable!("settings are an object")
    };
    let new = NewProfile {
        kind: catalogue::kind(kind).unwrap(),
        display_name: name.to_owned(),
        description: None,
        scope_tags: None,
        body,
        references: std::collections::BTreeMap::new(),
    };
    let made = house.engine.create_profile(&Actor::system(), new).await;
    made.unwrap().id.to_string()
}

async fn mail_profile(house: &House, name: &str) -> String {
    let settings = json!({
        "accountName": "Mail",
        "hostName": "mail.example.com",
        "emailAddressSource": "primarySmtpAddress",
    });
    profile(house, "iosEasEmailProfileConfiguration", name, settings).await
}

#[tokio::test]
async fn a_report_says_each_step_and_trusts_no_text_of_a_server() {
    let place = "https://evil.example/\"><script>alert(1)</script>";
    let house = House::open_with(sending_to(place)).await;
    let id = mail_profile(&house, "Mail <i>for</i> all").await;
    let admin = Some(DirectoryRole::GlobalAdministrator);
    let mut browser = house.signed_in("ada", admin).await;
    let form = browser
        .get(&format!("{PATH}?profile={id}"))
        .await
        .expect(200);
    assert!(
        form.text().contains("selected>Mail &#60;i&#62;for"),
        "{}",
        form.text()
    );
    let shown = browser.post(PATH, &[("profile", &id)]).await.expect(200);
    let text = shown.text();
    for part in [
        "192.0.2.7:443 takes connections.",
        "The server speaks TLS 1.3.",
        "The certificate cannot be trusted: &#60;b&#62;strange",
        "HTTP 302",
        "People can sign in by: basic, bearer.",
        "state warned",
        "state error",
    ] {
        assert!(text.contains(part), "no `{part}` in {text}");
    }
    assert!(!text.contains("<script>alert") && !text.contains("<b>strange"));
    assert!(!text.contains("style=") && !text.contains("onclick"));
}

#[tokio::test]
async fn only_mail_profiles_are_offered() {
    let house = House::open().await;
    mail_profile(&house, "The mail").await;
    let certificate = house.engine.root().to_pem();
    let body: String = certificate
        .lines()
        .filter(|line| !line.starts_with("-----"))
        .collect();
    let root = json!({ "trustedRootCertificate": body, "certFileName": "root.cer" });
    profile(&house, "iosTrustedRootCertificate", "The root", root).await;
    let admin = Some(DirectoryRole::GlobalAdministrator);
    let mut browser = house.signed_in("ada", admin).await;
    let text = browser.get(PATH).await.expect(200).text();
    assert!(text.contains(">The mail</option>"));
    assert!(!text.contains("The root"));
}

#[tokio::test]
async fn what_is_wrong_stands_beside_its_field_and_nothing_is_lost_but_the_password() {
    let house = House::open().await;
    let admin = Some(DirectoryRole::GlobalAdministrator);
    let mut browser = house.signed_in("ada", admin).await;
    browser.get(PATH).await.expect(200);
    for (fields, field) in [
        (vec![], "host"),
        (vec![("host", "mail.example.com:25")], "host"),
        (vec![("host", "<script>")], "host"),
        (vec![("profile", "7"), ("host", "h")], "profile"),
        (vec![("host", "h"), ("password", "hush-hush")], "user_name"),
        (vec![("host", "h"), ("user_name", "ada")], "password"),
        (
            vec![
                ("host", "h"),
                ("user_name", "a:b"),
                ("password", "hush-hush"),
            ],
            "user_name",
        ),
    ] {
        let text = browser.post(PATH, &fields).await.expect(400).text();
        assert!(
            text.contains(&format!("id=\"{field}-wrong\"")),
            "{fields:?}: {text}"
        );
        assert!(text.contains(&format!("href=\"#{field}\"")), "{fields:?}");
        assert!(text.contains("aria-invalid=\"true\""), "{fields:?}");
        assert!(
            !text.contains("hush-hush") && !text.contains("<script>\""),
            "{fields:?}"
        );
    }
    let kept = browser.post(PATH, &[("host", "a b"), ("user_name", "ada")]);
    let text = kept.await.expect(400).text();
    assert!(text.contains("value=\"a b\"") && text.contains("value=\"ada\""));
}

#[tokio::test]
async fn who_may_only_look_names_no_host_and_who_may_not_look_sees_nothing() {
    let house = House::open().await;
    let reader = Some(DirectoryRole::GlobalReader);
    let mut browser = house.signed_in("reader", reader).await;
    let text = browser.get(PATH).await.expect(200).text();
    assert!(!text.contains("name=\"host\"") && !text.contains("name=\"password\""));
    let refused = browser.post(PATH, &[("host", "mail.example.com")]);
    refused.await.expect(403);
    let mut nobody = house.signed_in("nobody", None).await;
    nobody.get(PATH).await.expect(403);
}
