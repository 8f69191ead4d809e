//! A real client enrols: micromdm's `scepclient` (Debian package `scep`), which signs by SHA-1 and encrypts by single DES
//! whatever is offered. Without the command this test says so and passes.

#![expect(clippy::unwrap_used, reason = "a failed step fails the test")]

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    process::Command,
    thread,
};

use mandate_pki::{
    authority::{Authority, AuthorityRequest, CertificateRequest, SerialNumber, create},
    certificate::Certificate,
    keys::KeyKind,
    scep::{FailInfo, Policy, Responder, capabilities, failure, parse_request, success},
};

const NOW: i64 = 1_795_000_000;
const POLICY: Policy = Policy {
    allow_single_des: true,
    allow_sha1: true,
};

fn authority() -> Authority {
    let serials = [1, 2].map(|octet| SerialNumber::from_random([octet; 16]));
    let mut request = AuthorityRequest::new("House", NOW, serials);
    request.root_kind = KeyKind::Rsa2048;
    create(&request).unwrap().authority().unwrap()
}

fn operate(authority: &Authority, message: &[u8]) -> Vec<u8> {
    let responder = Responder {
        key: authority.issuing_key(),
        certificate: authority.issuing(),
    };
    let request = match parse_request(message, responder.key, responder.certificate, POLICY) {
        Ok(request) => request,
        Err(refusal) => return failure(&refusal, responder, &[9; 16]).unwrap(),
    };
    if request.csr.challenge_password() != Some("s3cret") {
        return failure(
            &request.refuse(FailInfo::BadMessageCheck),
            responder,
            &[9; 16],
        )
        .unwrap();
    }
    let subject = request.csr.subject_name().unwrap();
    let serial = SerialNumber::from_random([4; 16]);
    let mut wanted =
        CertificateRequest::new(request.csr.public_key_info().to_vec(), subject, serial);
    wanted.not_after = NOW + 86_400;
    let issued = authority.issue(&wanted).unwrap();
    success(&request, &issued, &[], responder, &[9; 16]).unwrap()
}

/// As much of HTTP as the client needs, one request a connection.
fn answer(authority: &Authority, stream: &mut TcpStream) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut length = 0;
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        if header.trim().is_empty() {
            break;
        }
        if let Some(value) = header.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let (kind, body) = if line.contains("operation=GetCACaps") {
        ("text/plain", capabilities(POLICY).into_bytes())
    } else if line.contains("operation=GetCACert") {
        (
            "application/x-x509-ca-cert",
            authority.issuing().der().to_vec(),
        )
    } else {
        ("application/x-pki-message", operate(authority, &body))
    };
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).ok()?;
    stream.write_all(&body).ok()
}

#[test]
fn scepclient_enrols_with_the_right_challenge_only() {
    if Command::new("scepclient").arg("-version").output().is_err() {
        println!("skipped: no `scepclient` command");
        return;
    }
    let authority = authority();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/scep", listener.local_addr().unwrap());
    let server = authority.clone();
    thread::spawn(move || {
        for stream in listener.incoming() {
            answer(&server, &mut stream.unwrap());
        }
    });
    for (challenge, welcome) in [("s3cret", true), ("guess", false)] {
        // The client reuses the files it finds.
        let directory = tempfile::tempdir().unwrap();
        let output = Command::new("scepclient")
            .current_dir(directory.path())
            .args([
                "-private-key",
                "k.key",
                "-certificate",
                "c.pem",
                "-cn",
                "device",
                "-server-url",
                &url,
            ])
            .args(["-challenge", challenge])
            .output()
            .unwrap();
        let said = format!(
            "{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        assert_eq!(output.status.success(), welcome, "{said}");
        if welcome {
            let pem = std::fs::read_to_string(directory.path().join("c.pem")).unwrap();
            authority
                .verify_chain(&Certificate::from_pem(&pem).unwrap())
                .unwrap();
        } else {
            assert!(
                said.contains("bad message check") || said.contains("badMessageCheck"),
                "{said}"
            );
        }
    }
}
