//! A company's authorities, people's certificates, and PKCS#12 files of them as `openssl` writes them.

use crate::openssl::openssl;
use mandate_simulator::asn1;
use mandate_simulator::certificates::{Certificate, Extension, Issuer, Name, Template, to_pem};
use mandate_simulator::cms::Identity;
use mandate_simulator::keys::{Digest, Key, KeyPool};
use std::sync::Arc;

pub(crate) const PASSWORD: &str = "Größe 1";
pub(crate) const VALIDITY: (i64, i64) = (1_600_000_000, 2_600_000_000);

/// Root, issuing authority, and files.
pub(crate) struct Company {
    pub(crate) root: Issuer,
    pub(crate) issuing: Issuer,
    pub(crate) files: tempfile::TempDir,
}

/// Form of a PKCS#12 file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Modern,
    Legacy,
    Rc2,
    NoMac,
}

impl Company {
    pub(crate) fn new() -> Self {
        let keys = KeyPool::shared();
        let root = Issuer::authority(keys.key(0), &Name::common("Example Root"), VALIDITY).unwrap();
        let issuing = root
            .subordinate(
                keys.key(1),
                &Name::common("Example Issuing"),
                &[2],
                VALIDITY,
            )
            .unwrap();
        Self {
            root,
            issuing,
            files: tempfile::tempdir().unwrap(),
        }
    }

    pub(crate) fn root(&self) -> Certificate {
        self.root.certificate.clone().unwrap()
    }

    pub(crate) fn issuing(&self) -> Certificate {
        self.issuing.certificate.clone().unwrap()
    }

    /// A certificate for mail and sign-in with an address and a principal name.
    pub(crate) fn issue(&self, key: Arc<Key>, serial: u8, address: &str) -> Identity {
        let principal = asn1::context(0, &asn1::utf8(address));
        let principal = [asn1::object_id(asn1::oid::NT_PRINCIPAL_NAME), principal].concat();
        let template = Template {
            subject: Name::common(address).with("O", "Example").der(),
            public: key.public().to_vec(),
            serial: vec![serial],
            validity: VALIDITY,
            extensions: vec![
                Extension::KeyUsage(0xA0),
                Extension::KeyIdentifier(key.public().to_vec()),
                Extension::AlternativeNames(vec![
                    asn1::context_primitive(1, address.as_bytes()),
                    asn1::context(0, &principal),
                ]),
            ],
        };
        let certificate = self.issuing.issue(&template, Digest::Sha256).unwrap();
        Identity { key, certificate }
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        std::fs::write(self.files.path().join(name), content).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.files.path().join(name)).unwrap()
    }

    pub(crate) fn openssl(&self, arguments: &[&str]) -> Vec<u8> {
        openssl(self.files.path(), arguments)
    }

    /// A PKCS#12 file with the chain in it.
    pub(crate) fn pkcs12(&self, identity: &Identity, form: Form) -> Vec<u8> {
        self.write("cert.pem", identity.certificate.pem());
        self.write("key.pem", to_pem("PRIVATE KEY", identity.key.pkcs8()));
        self.write("chain.pem", self.issuing().pem() + &self.root().pem());
        let password = format!("pass:{PASSWORD}");
        let export = [
            "pkcs12",
            "-export",
            "-in",
            "cert.pem",
            "-inkey",
            "key.pem",
            "-certfile",
            "chain.pem",
            "-passout",
            &password,
            "-out",
            "p12",
        ];
        let more: &[&str] = match form {
            Form::Modern => &[],
            Form::Legacy => &[
                "-keypbe",
                "PBE-SHA1-3DES",
                "-certpbe",
                "PBE-SHA1-3DES",
                "-macalg",
                "sha1",
            ],
            Form::Rc2 => &["-legacy"],
            Form::NoMac => &["-nomac"],
        };
        self.openssl(&[&export[..], more].concat());
        self.read("p12")
    }
}
