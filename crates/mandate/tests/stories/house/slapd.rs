//! OpenLDAP's server in a directory of its own, on loopback, with and without TLS.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use ldap3::{LdapConnAsync, Mod};
use std::collections::HashSet;
use tokio::time::{Duration, timeout};

use super::Workshop;

const SLAPD: &str = "/usr/sbin/slapd";
/// Password of the account that may do everything, and of the one that searches.
pub(crate) const PASSWORD: &str = "of the directory";
pub(crate) const BASE: &str = "dc=contoso,dc=com";

/// A running directory with the people `ada` and `bob` and no groups; it ends when dropped.
pub(crate) struct Slapd {
    workshop: Workshop,
    pub(crate) plain_port: u16,
    pub(crate) tls_port: u16,
    child: Child,
}

impl Slapd {
    /// `None`, and a word about it, where a program is missing.
    pub(crate) async fn start() -> Option<Self> {
        let workshop = Workshop::with(&["openssl", SLAPD])?;
        make_certificates(&workshop).await;
        workshop.write("slapd.conf", configuration(&workshop));
        std::fs::create_dir(workshop.file("db")).unwrap();
        // Somebody else may take a port before it does.
        let started = (0..5).find_map(|_| run(&workshop)).unwrap();
        let (child, plain_port, tls_port) = started;
        let slapd = Self {
            workshop,
            plain_port,
            tls_port,
            child,
        };
        slapd.fill().await;
        Some(slapd)
    }

    /// The root of its certificate, PEM.
    pub(crate) fn root(&self) -> String {
        self.workshop.read("ca.pem")
    }

    /// Adds an entry.
    pub(crate) async fn add(&self, dn: &str, attributes: &[(&str, &[&str])]) {
        let attributes = attributes
            .iter()
            .map(|(name, values)| (*name, values.iter().copied().collect::<HashSet<_>>()))
            .collect();
        let mut ldap = self.administrator().await;
        ldap.add(dn, attributes).await.unwrap().success().unwrap();
        ldap.unbind().await.unwrap();
    }

    /// Changes an entry.
    pub(crate) async fn modify(&self, dn: &str, changes: Vec<Mod<&str>>) {
        let mut ldap = self.administrator().await;
        ldap.modify(dn, changes).await.unwrap().success().unwrap();
        ldap.unbind().await.unwrap();
    }

    /// Gives an entry another name.
    pub(crate) async fn rename(&self, dn: &str, name: &str) {
        let mut ldap = self.administrator().await;
        let renamed = ldap.modifydn(dn, name, true, None).await.unwrap();
        renamed.success().unwrap();
        ldap.unbind().await.unwrap();
    }

    /// Ends it.
    pub(crate) fn stop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }

    async fn administrator(&self) -> ldap3::Ldap {
        let url = format!("ldap://127.0.0.1:{}", self.plain_port);
        // It says that it starts a moment before it listens.
        let (connection, mut ldap) = timeout(Duration::from_secs(30), async {
            loop {
                match LdapConnAsync::new(&url).await {
                    Ok(connected) => return connected,
                    Err(_) => tokio::task::yield_now().await,
                }
            }
        })
        .await
        .unwrap();
        tokio::spawn(connection.drive());
        let name = format!("cn=admin,{BASE}");
        let bound = ldap.simple_bind(&name, PASSWORD).await.unwrap();
        bound.success().unwrap();
        ldap
    }

    async fn fill(&self) {
        let organisation: [(&str, &[&str]); 3] = [
            ("objectClass", &["dcObject", "organization"]),
            ("dc", &["contoso"]),
            ("o", &["Contoso"]),
        ];
        self.add(BASE, &organisation).await;
        for unit in ["people", "groups", "others"] {
            let kind: &[&str] = &["organizationalUnit"];
            let dn = format!("ou={unit},{BASE}");
            self.add(&dn, &[("objectClass", kind), ("ou", &[unit])])
                .await;
        }
        self.add_person("people", "ada", "Ada's own").await;
        self.add_person("people", "bob", "Bob's own").await;
    }

    /// Adds somebody.
    pub(crate) async fn add_person(&self, unit: &str, name: &str, password: &str) {
        let mail = format!("{name}@contoso.com");
        let entry: [(&str, &[&str]); 7] = [
            ("objectClass", &["inetOrgPerson"]),
            ("uid", &[name]),
            ("cn", &[name]),
            ("sn", &["Of the directory"]),
            ("displayName", &["Somebody"]),
            ("mail", &[&mail]),
            ("userPassword", &[password]),
        ];
        self.add(&format!("uid={name},ou={unit},{BASE}"), &entry)
            .await;
    }
}

impl Drop for Slapd {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Runs it on two free ports, until it takes connections; none if it ended.
fn run(workshop: &Workshop) -> Option<(Child, u16, u16)> {
    let (plain, tls) = (free_port(), free_port());
    let mut child = Command::new(SLAPD)
        .args(["-d", "256", "-f", "slapd.conf", "-h"])
        .arg(format!("ldap://127.0.0.1:{plain} ldaps://127.0.0.1:{tls}"))
        .current_dir(workshop.path())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    while !line.contains("slapd starting") {
        line.clear();
        if said.read_line(&mut line).unwrap() == 0 {
            drop(child.wait());
            return None;
        }
    }
    // What it says further is of no use, but it must get rid of it.
    std::thread::spawn(move || std::io::copy(&mut said, &mut std::io::sink()));
    Some((child, plain, tls))
}

fn configuration(workshop: &Workshop) -> String {
    let place = workshop.path().display();
    let root = "cn=admin";
    format!(
        "include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload memberof
TLSCACertificateFile {place}/ca.pem
TLSCertificateFile {place}/server.pem
TLSCertificateKeyFile {place}/server.key
pidfile {place}/slapd.pid
database mdb
suffix \"{BASE}\"
rootdn \"{root},{BASE}\"
rootpw \"{PASSWORD}\"
directory {place}/db
maxsize 1073741824
overlay memberof
"
    )
}

async fn make_certificates(workshop: &Workshop) {
    let new_root =
        "req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 30 -subj /CN=Directory";
    workshop.openssl(new_root).await;
    let request =
        "req -newkey rsa:2048 -nodes -keyout server.key -out server.csr -subj /CN=localhost";
    workshop.openssl(request).await;
    workshop.write("names", "subjectAltName=DNS:localhost,IP:127.0.0.1\n");
    let sign = "x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 30 -extfile names -out server.pem";
    workshop.openssl(sign).await;
}

/// A port that was free a moment ago: slapd cannot be told to take any.
fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}
