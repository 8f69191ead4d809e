//! What the server offers, and whether the profile suits it.

use mandate_engine::PreflightStep::{ActiveSync, Authentication, Encryption, Profile};
use mandate_engine::PreflightVerdict::{Failed, Noted, Passed, Warned};
use mandate_engine::{MailSignIn, PreflightRequest};
use mandate_model::Target;
use mandate_simulator::mail_server::Open;
use serde_json::json;

use super::{HOST, codes, of, value, verdict};
use crate::house::{House, places};

/// A house with a mail server that is trusted, behaving so.
async fn house_with(
    place: crate::house::Place,
    open: Option<Open>,
) -> (House, mandate_simulator::mail_server::MailServer) {
    let house = House::open(place).await;
    let authority = house.foreign_authority();
    let mut plan = house.mail_server(&authority, HOST, (-1, 700));
    plan.open = open;
    let server = house.start_mail_server(plan).await;
    let root = house.root_of("Mail root", &authority).await;
    house
        .target(root.id, vec![Target::AllUsers, Target::AllDevices])
        .await;
    (house, server)
}

fn offering(challenges: &[&str]) -> Open {
    Open {
        headers: challenges
            .iter()
            .map(|challenge| ("www-authenticate".to_owned(), (*challenge).to_owned()))
            .collect(),
        ..Open::with_passwords(&[("CONTOSO\\ada", "sesame")])
    }
}

fn signing_in(profile: mandate_model::ProfileId, password: &str) -> PreflightRequest {
    PreflightRequest {
        sign_in: Some(MailSignIn {
            user_name: "CONTOSO\\ada".to_owned(),
            password: password.to_owned().into(),
        }),
        ..of(profile)
    }
}

#[tokio::test]
async fn each_way_to_sign_in_is_held_against_what_the_server_offers() {
    let bearer = "Bearer client_id=\"x\", authorization_uri=\"https://login.example/authorize\"";
    let basic = "Basic realm=\"mail\"";
    for place in places().await {
        let (house, _server) = house_with(place, Some(offering(&[basic]))).await;
        let authority = house.foreign_authority();
        for (offers, oauth, expected, worst) in [
            (vec![basic], false, "passwordFits", Noted),
            (vec![bearer, basic], false, "oauthPossible", Noted),
            (vec![bearer], false, "onlyOAuth", Failed),
            (
                vec!["Negotiate", "NTLM"],
                false,
                "passwordNotOffered",
                Failed,
            ),
            (vec![bearer], true, "oauthFits", Noted),
            (vec![basic], true, "oauthNotOffered", Warned),
        ] {
            let mut plan = house.mail_server(&authority, HOST, (-1, 700));
            plan.open = Some(offering(&offers));
            let _server = house.start_mail_server(plan).await;
            let mail = house.mail_with(json!({ "useOAuth": oauth })).await;
            house.target(mail.id, vec![Target::AllUsers]).await;
            let report = house.look_for(mail.id).await;
            let found = codes(&report, Profile);
            assert!(found.contains(&expected), "{offers:?} {oauth}: {found:?}");
            assert_eq!(report.verdict, worst, "{:#?}", report.findings);
            assert_eq!(codes(&report, ActiveSync), ["versionsHidden"]);
            if offers.contains(&bearer) {
                let at = value(&report, "offered", "at");
                assert_eq!(at, "https://login.example/authorize");
            }
        }
    }
}

#[tokio::test]
async fn versions_are_read_and_old_ones_noted() {
    for place in places().await {
        let told = |versions: &str| Open {
            status: 200,
            headers: Vec::new(),
            versions: versions.to_owned(),
            ..offering(&[])
        };
        let (house, _server) = house_with(place, Some(told("12.1,14.1"))).await;
        let mail = house.mail_profile("Mail").await;
        house.target(mail.id, vec![Target::AllUsers]).await;
        let report = house.look_for(mail.id).await;
        assert_eq!(report.protocol_versions, ["12.1", "14.1"]);
        assert_eq!(verdict(&report, "versionsOld"), Noted);
        let authority = house.foreign_authority();
        let mut plan = house.mail_server(&authority, HOST, (-1, 700));
        plan.open = Some(told("16.1,14.1,2.5"));
        let _server = house.start_mail_server(plan).await;
        let report = house.look_for(mail.id).await;
        assert_eq!(report.protocol_versions, ["2.5", "14.1", "16.1"]);
        assert_eq!(verdict(&report, "versions"), Passed);
    }
}

#[tokio::test]
async fn an_account_is_tried_once_and_only_where_the_server_proves_who_it_is() {
    for place in places().await {
        let open = offering(&["Basic realm=\"mail\""]);
        let (house, server) = house_with(place, Some(open)).await;
        let mail = house.mail_profile("Mail").await;
        house.target(mail.id, vec![Target::AllUsers]).await;

        let report = house.look(signing_in(mail.id, "sesame")).await;
        assert_eq!(verdict(&report, "signedIn"), Passed);
        assert_eq!(codes(&report, ActiveSync), ["versions"]);
        assert!(report.protocol_versions.contains(&"16.1".to_owned()));
        let report = house.look(signing_in(mail.id, "open-says-me")).await;
        assert_eq!(verdict(&report, "signInRefused"), Failed);
        assert!(!format!("{report:?}").contains("open-says-me"));
        let knocks = server.knocks();
        let passwords: Vec<bool> = knocks.iter().map(|knock| knock.has_password).collect();
        assert_eq!(passwords, [false, true, false, true]);
        assert_eq!(knocks[1].name.as_deref(), Some("CONTOSO\\ada"));
        for knock in knocks {
            assert_eq!(knock.method, "OPTIONS");
            assert_eq!(knock.path, "/Microsoft-Server-ActiveSync");
            assert_eq!(knock.host, HOST);
        }

        // The same under an authority that nobody knows.
        let stranger = house.foreign_authority();
        let mut plan = house.mail_server(&stranger, "other.contoso.com", (-1, 700));
        plan.open = Some(offering(&["Basic realm=\"mail\""]));
        let server = house.start_mail_server(plan).await;
        let report = house.look(signing_in(mail.id, "sesame")).await;
        assert_eq!(verdict(&report, "passwordNotSent"), Warned);
        assert!(server.knocks().iter().all(|knock| !knock.has_password));
    }
}

#[tokio::test]
async fn a_server_that_wants_certificates_suits_a_profile_that_brings_one() {
    for place in places().await {
        let (house, server) = house_with(place, None).await;
        let mail = house.mail_profile("Mail").await;
        house.target(mail.id, vec![Target::AllUsers]).await;
        let report = house.look_for(mail.id).await;
        assert!(report.asks_client_certificate);
        assert_eq!(codes(&report, ActiveSync), ["certificateDemanded"]);
        assert_eq!(verdict(&report, "certificateMissing"), Failed);
        let request = PreflightRequest {
            authentication_method: Some("certificate".to_owned()),
            ..of(mail.id)
        };
        let report = house.look(request.clone()).await;
        assert_eq!(verdict(&report, "certificateFits"), Passed);
        assert!(report.verdict < Failed, "{:#?}", report.findings);
        assert_eq!(server.sign_ins(), []);

        // One that asks and lets others in as well.
        let authority = house.foreign_authority();
        for (asks, code, expected) in [
            (true, "certificateFits", Passed),
            (false, "certificateNotAsked", Warned),
        ] {
            let mut plan = house.mail_server(&authority, HOST, (-1, 700));
            plan.open = Some(Open {
                asks_certificates: asks,
                ..offering(&["Basic realm=\"mail\""])
            });
            let _server = house.start_mail_server(plan).await;
            let report = house.look(request.clone()).await;
            assert_eq!(verdict(&report, code), expected);
            let asked = codes(&report, Authentication).contains(&"certificateAsked");
            assert_eq!(asked, asks);
        }
    }
}

#[tokio::test]
async fn a_redirect_is_told_and_not_followed() {
    for place in places().await {
        let elsewhere = super::listen(|_| async { panic!("somebody followed") }).await;
        let open = Open {
            status: 302,
            headers: vec![("location".to_owned(), format!("http://{elsewhere}/x"))],
            ..offering(&[])
        };
        let (house, server) = house_with(place, Some(open)).await;
        let mail = house.mail_profile("Mail").await;
        house.target(mail.id, vec![Target::AllUsers]).await;
        let report = house.look_for(mail.id).await;
        assert_eq!(verdict(&report, "sentElsewhere"), Warned);
        let place = value(&report, "sentElsewhere", "place");
        assert_eq!(place, format!("http://{elsewhere}/x"));
        assert_eq!(server.knocks().len(), 1);
    }
}

#[tokio::test]
async fn a_profile_without_ssl_is_looked_at_in_clear_and_no_password_is_sent() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    for place in places().await {
        let house = House::open(place).await;
        let address = super::listen(|mut stream| async move {
            let mut asked = vec![0; 4096];
            let length = stream.read(&mut asked).await.unwrap_or_default();
            let asked = String::from_utf8_lossy(&asked[..length]).to_lowercase();
            assert!(asked.starts_with("options /microsoft-server-activesync http/1.1\r\n"));
            assert!(!asked.contains("authorization"));
            let answer = "HTTP/1.1 401 No\r\nWWW-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n";
            drop(stream.write_all(answer.as_bytes()).await);
        })
        .await;
        house.mail_servers.name(HOST, &[address]);
        let mail = house.mail_with(json!({ "requireSsl": false })).await;
        let report = house.look(signing_in(mail.id, "sesame")).await;
        assert_eq!(codes(&report, Encryption), ["noEncryption"]);
        assert_eq!(verdict(&report, "passwordNotSent"), Warned);
        assert_eq!(report.authentication, ["basic"]);
        assert_eq!(report.port, 80);
    }
}
