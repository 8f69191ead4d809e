//! No secret is in the database, the log or an error in clear.

use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use mandate_engine::Permission;
use mandate_model::Member;
use mandate_simulator::certificates::hex;

use crate::house::{House, Place, common_name, places};

/// All that was logged by this process.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Log {
    fn listen() -> Self {
        let log = Self::default();
        let writer = log.clone();
        tracing_subscriber::fmt()
            .with_max_level(tracing::Level::DEBUG)
            .with_ansi(false)
            .with_writer(move || writer.clone())
            .init();
        log
    }

    fn bytes(&self) -> Vec<u8> {
        self.0.lock().unwrap().clone()
    }
}

/// A secret in the spellings in which it could leak.
fn spellings(secret: &[u8]) -> Vec<Vec<u8>> {
    vec![
        secret.to_vec(),
        hex(secret).into_bytes(),
        hex(secret).to_uppercase().into_bytes(),
        STANDARD.encode(secret).into_bytes(),
        URL_SAFE_NO_PAD.encode(secret).into_bytes(),
    ]
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack
        .windows(needle.len())
        .any(|window| window == needle)
}

/// Every file of the database, journal and all.
fn files(place: &Place) -> Vec<u8> {
    let Place::Sqlite(directory) = place else {
        return Vec::new();
    };
    let entries = std::fs::read_dir(directory.path()).unwrap();
    entries
        .flat_map(|entry| std::fs::read(entry.unwrap().path()).unwrap())
        .collect()
}

/// The key that signs tokens, opened.
async fn token_key(house: &House) -> Vec<u8> {
    let keys = house.engine.list_token_keys(&house.admin).await.unwrap();
    let name = format!("token/{}", keys[0].id);
    let mut session = house.engine.store().read().await.unwrap();
    let sealed = session.find_secret(&name).await.unwrap().unwrap();
    house.seal_key().open(&name, &sealed).unwrap().to_vec()
}

#[tokio::test]
async fn no_secret_is_in_the_database_or_the_log_in_clear() {
    let log = Log::listen();
    for place in places().await {
        let house = House::open(place).await;
        let ada = house.hire("ada").await;
        let sales = house.group("Sales", vec![Member::User(ada.id)]).await;
        let mut phone = house.enrol(house.phone(17, 5), Some(ada.id)).await;
        let chain = house.mail_with_certificate("Mail").await;
        house.assign_chain(&chain, &[sales.id]).await;

        let offer = house.offered_certificate(&phone).await;
        let challenge = offer.challenge.clone().unwrap();
        let mut altered = house.applicant(offer);
        altered.request.subject = common_name("admin");
        let said = altered.ask().await.unwrap_err();
        assert!(!said.contains(&challenge), "{said}");
        house.settle(&mut phone).await;
        house.background().await;

        let app = house
            .engine
            .create_app(&house.admin, "backup", vec![Permission::DevicesRead])
            .await
            .unwrap();
        let link = house
            .link(Some(ada.id), mandate_model::EnrolmentType::Device)
            .await;
        let token = link.rsplit('/').next().unwrap().to_owned();
        let secrets: Vec<(&str, Vec<u8>)> = vec![
            ("the challenge", challenge.into_bytes()),
            ("the secret of an app", app.secret.as_bytes().to_vec()),
            ("the token of an enrolment link", token.into_bytes()),
            (
                "the unlock token",
                format!("unlock token of {}", phone.udid()).into_bytes(),
            ),
            (
                "the key of the authority",
                // Behind the modulus, which every certificate shows.
                house.engine.authority().issuing_key().to_pkcs8()[400..480].to_vec(),
            ),
            (
                "the key of access tokens",
                token_key(&house).await[400..480].to_vec(),
            ),
        ];
        let database = files(&house.place);
        let log = log.bytes();
        assert!(
            contains(&log, b"mandate"),
            "nothing was logged, so nothing is proved"
        );
        for (what, secret) in &secrets {
            for spelling in spellings(secret) {
                assert!(!contains(&database, &spelling), "{what} is in the database");
                assert!(!contains(&log, &spelling), "{what} is in the log");
            }
        }
        if !database.is_empty() {
            assert!(
                contains(&database, b"ada@contoso.com"),
                "the right files were searched"
            );
        }
    }
}
