//! A mail server that somebody else wrote: Python's `aiosmtpd`, in a process of its own.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::Value;

use super::mail_courier::{SmtpCourier, SmtpSecurity, SmtpSettings};
use super::{Openssl, text};

/// Who may send.
pub(crate) const SENDER: &str = "mandate";
/// Their password.
pub(crate) const SENDERS_PASSWORD: &str = "geheim: {\"ö\"}";
/// How long something is waited for that must come.
const PATIENCE: Duration = Duration::from_mins(1);

/// A running mail server; it ends when dropped.
pub(crate) struct SmtpPeer {
    pub(crate) port: u16,
    said: Receiver<Value>,
    protection: SmtpSecurity,
    openssl: Openssl,
    child: Child,
}

impl SmtpPeer {
    /// `None`, and a word about it, where Python, `aiosmtpd` or `openssl` is missing. It wants the sender to sign in.
    pub(crate) fn start(protection: SmtpSecurity) -> Option<Self> {
        Self::start_for(protection, SENDER)
    }

    /// One to which nobody signs in.
    pub(crate) fn start_open(protection: SmtpSecurity) -> Option<Self> {
        Self::start_for(protection, "-")
    }

    fn start_for(protection: SmtpSecurity, user: &str) -> Option<Self> {
        let openssl = Openssl::find()?;
        let python = python()?;
        let (certificate, key) = certify(&openssl);
        let word = match protection {
            SmtpSecurity::StartTls => "starttls",
            SmtpSecurity::Tls => "tls",
            SmtpSecurity::None => "none",
        };
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers/smtp/server.py");
        let mut child = Command::new(python)
            .arg(script)
            .args([word, text(&certificate), text(&key), user, SENDERS_PASSWORD])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let (hear, said) = channel();
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                if hear.send(serde_json::from_str(&line).unwrap()).is_err() {
                    return;
                }
            }
        });
        let first: Value = said.recv_timeout(PATIENCE).unwrap();
        Some(Self {
            port: u16::try_from(first["port"].as_u64().unwrap()).unwrap(),
            said,
            protection,
            openssl,
            child,
        })
    }

    /// The root that its certificate is under, PEM.
    pub(crate) fn root(&self) -> PathBuf {
        self.openssl.path("ca.pem")
    }

    /// Settings with which it takes mails.
    pub(crate) fn settings(&self) -> SmtpSettings {
        SmtpSettings {
            host: "localhost".to_owned(),
            port: self.port,
            security: self.protection,
            credentials: Some((SENDER.to_owned(), SENDERS_PASSWORD.to_owned().into())),
            roots: Some(std::fs::read_to_string(self.root()).unwrap()),
            from: "Contoso IT <it@contoso.com>".parse().unwrap(),
            own_name: "mdm.contoso.com".to_owned(),
        }
    }

    /// A courier with those settings.
    pub(crate) fn courier(&self) -> SmtpCourier {
        SmtpCourier::new(self.settings())
    }

    /// The next mail that it took; it must come.
    pub(crate) fn mail(&self) -> Value {
        loop {
            let said = self.said.recv_timeout(PATIENCE).unwrap();
            if said.get("subject").is_some() {
                return said;
            }
        }
    }

    /// Everything that it has said by now: mails and sign-ins.
    pub(crate) fn said(&self) -> Vec<Value> {
        self.said.try_iter().collect()
    }
}

impl Drop for SmtpPeer {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// A Python that has `aiosmtpd`: Debian's, or the one on the path.
fn python() -> Option<&'static str> {
    let has = |python: &&str| {
        let asked = Command::new(python)
            .args(["-c", "import aiosmtpd"])
            .stderr(Stdio::null())
            .status();
        asked.is_ok_and(|status| status.success())
    };
    let found = ["/usr/bin/python3", "python3"].into_iter().find(has);
    if found.is_none() {
        eprintln!("SKIPPED: there is no Python with `aiosmtpd`; `.ci/peers` installs it");
    }
    found
}

/// An authority of its own, and a certificate for `localhost` under it.
fn certify(openssl: &Openssl) -> (PathBuf, PathBuf) {
    let new_key = ["-newkey", "rsa:2048", "-nodes"];
    let mut root = vec!["req", "-x509", "-days", "30", "-subj", "/CN=Peer root"];
    root.extend(new_key);
    root.extend(["-keyout", "ca.key", "-out", "ca.pem"]);
    openssl.run(&root);
    let mut request = vec!["req", "-subj", "/CN=localhost"];
    request.extend(new_key);
    request.extend(["-keyout", "key.pem", "-out", "request.pem"]);
    openssl.run(&request);
    openssl.file(
        "extensions",
        "basicConstraints=CA:FALSE\nsubjectAltName=DNS:localhost\n",
    );
    openssl.run(&[
        "x509",
        "-req",
        "-in",
        "request.pem",
        "-CA",
        "ca.pem",
        "-CAkey",
        "ca.key",
        "-CAcreateserial",
        "-days",
        "30",
        "-extfile",
        "extensions",
        "-out",
        "certificate.pem",
    ]);
    (openssl.path("certificate.pem"), openssl.path("key.pem"))
}
