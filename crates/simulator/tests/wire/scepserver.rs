//! The SCEP client against micromdm's `scepserver` (Debian package `scep`), when it is on the path.

use mandate_simulator::certificates::{Extension, Name};
use mandate_simulator::chance::Chance;
use mandate_simulator::http::Http;
use mandate_simulator::keys::KeyPool;
use mandate_simulator::scep::{ScepError, ScepMode, ScepRequest, enrol};
use std::process::{Child, Command, Stdio};

/// Ends the server with the test.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

async fn a_server(directory: &std::path::Path) -> Option<(Server, String)> {
    let init = Command::new("scepserver")
        .current_dir(directory)
        .args(["ca", "-init", "-depot", "depot"])
        .output();
    if init.is_err() {
        println!("SKIPPED: no `scepserver` command on this machine (Debian package `scep`)");
        return None;
    }
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let server = Command::new("scepserver")
        .current_dir(directory)
        .args([
            "-depot",
            "depot",
            "-challenge",
            "s3cret",
            "-allowrenew",
            "0",
            "-port",
            &port.to_string(),
        ])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let server = Server(server);
    for _ in 0..50 {
        if std::net::TcpStream::connect(("127.0.0.1", port)).is_ok() {
            return Some((server, format!("http://127.0.0.1:{port}/scep")));
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("scepserver does not listen");
}

#[tokio::test]
async fn a_server_that_knows_neither_side_issues_certificates() {
    let directory = tempfile::tempdir().unwrap();
    let Some((_server, url)) = a_server(directory.path()).await else {
        return;
    };
    let (http, keys) = (Http::new(), KeyPool::shared());
    for (number, mode) in [
        (0, ScepMode::Modern),
        (1, ScepMode::TripleDes),
        (2, ScepMode::Mdmb),
    ] {
        let request = ScepRequest {
            url: url.clone(),
            instance: String::new(),
            key_bits: 2_048,
            subject: Name::common(&format!("device {number}"))
                .with("O", "Example")
                .der(),
            challenge: Some("s3cret".to_owned()),
            extensions: vec![Extension::KeyUsage(0xA0)],
            fingerprint: None,
            retries: 0,
        };
        let mut chance = Chance::new(u64::from(number));
        let issued = enrol(
            &http,
            &request,
            &keys.key(number),
            &keys.key(number + 1),
            mode,
            &mut chance,
        )
        .await;
        match issued {
            Ok(certificate) => assert_eq!(certificate.public(), keys.key(number).public()),
            Err(error) => panic!("{mode:?}: {error}"),
        }
        let wrong = ScepRequest {
            challenge: Some("wrong".to_owned()),
            ..request
        };
        let refused = enrol(
            &http,
            &wrong,
            &keys.key(number),
            &keys.key(number + 1),
            mode,
            &mut chance,
        )
        .await;
        assert!(
            matches!(
                refused,
                Err(ScepError::Refused(_) | ScepError::Operation { .. })
            ),
            "{refused:?}"
        );
    }
}
