//! The simulator's own CMS against the `openssl` command, an implementation that knows neither side.

use mandate_simulator::certificates::{Issuer, Name};
use mandate_simulator::chance::Chance;
use mandate_simulator::cms::{
    ContentCipher, Envelope, Identity, Signing, envelope_for, open_envelope, open_signed, sign,
};
use mandate_simulator::keys::KeyPool;
use std::path::Path;
use std::process::Command;

const BODY: &[u8] = b"<plist><dict><key>Status</key><string>Idle</string></dict></plist>";

fn identity() -> Identity {
    let key = KeyPool::shared().key(3);
    let validity = (1_600_000_000, 2_600_000_000);
    let issuer = Issuer::authority(key.clone(), &Name::common("Device"), validity).unwrap();
    Identity {
        key,
        certificate: issuer.certificate.unwrap(),
    }
}

pub(crate) fn openssl_is_there() -> bool {
    let there = Command::new("openssl").arg("version").output().is_ok();
    if !there {
        println!("SKIPPED: no `openssl` command on this machine");
    }
    there
}

pub(crate) fn openssl(directory: &Path, arguments: &[&str]) -> Vec<u8> {
    let output = Command::new("openssl")
        .current_dir(directory)
        .args(arguments)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "openssl {arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    output.stdout
}

#[test]
fn openssl_verifies_every_form_of_signature() {
    if !openssl_is_there() {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    let identity = identity();
    std::fs::write(path.join("ca.pem"), identity.certificate.pem()).unwrap();
    std::fs::write(path.join("body"), BODY).unwrap();
    let verify = [
        "cms", "-verify", "-inform", "DER", "-CAfile", "ca.pem", "-purpose", "any", "-binary",
        "-in", "m",
    ];
    for (name, how) in [
        ("clean", Signing::clean(1_700_000_000)),
        ("device", Signing::device()),
    ] {
        std::fs::write(path.join("m"), sign(&identity, BODY, &how).unwrap()).unwrap();
        let mut arguments = verify.to_vec();
        arguments.extend(["-content", "body"]);
        assert_eq!(openssl(path, &arguments), BODY, "{name}");
    }
    let attached = Signing::attached(1_700_000_000);
    let in_ber = Signing {
        attached: true,
        ..Signing::device()
    };
    for how in [attached, in_ber] {
        std::fs::write(path.join("m"), sign(&identity, BODY, &how).unwrap()).unwrap();
        assert_eq!(openssl(path, &verify), BODY);
    }
}

#[test]
fn openssl_and_the_simulator_read_each_others_envelopes() {
    if !openssl_is_there() {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    let identity = identity();
    std::fs::write(path.join("cert.pem"), identity.certificate.pem()).unwrap();
    std::fs::write(path.join("body"), BODY).unwrap();
    let key = mandate_simulator::certificates::to_pem("PRIVATE KEY", identity.key.pkcs8());
    std::fs::write(path.join("key.pem"), key).unwrap();
    for cipher in [
        ContentCipher::TripleDes,
        ContentCipher::Aes128,
        ContentCipher::Aes256,
    ] {
        let how = Envelope {
            cipher,
            constructed: false,
        };
        let message = envelope_for(&identity.certificate, BODY, how, &mut Chance::new(9)).unwrap();
        std::fs::write(path.join("m"), message).unwrap();
        let decrypt = [
            "cms", "-decrypt", "-inform", "DER", "-in", "m", "-inkey", "key.pem", "-recip",
            "cert.pem",
        ];
        assert_eq!(openssl(path, &decrypt), BODY, "{cipher:?}");
    }
    for (cipher, stream) in [
        ("-aes256", "-stream"),
        ("-aes128", "-nostream"),
        ("-des3", "-stream"),
    ] {
        let encrypt = [
            "cms", "-encrypt", "-binary", "-outform", "DER", "-in", "body", cipher,
        ];
        let mut arguments = encrypt.to_vec();
        if stream == "-stream" {
            arguments.push(stream);
        }
        arguments.push("cert.pem");
        let message = openssl(path, &arguments);
        assert_eq!(
            open_envelope(&message, std::slice::from_ref(&identity)).unwrap(),
            BODY,
            "{cipher} {stream}"
        );
    }
}

#[test]
fn the_simulator_reads_what_openssl_signs() {
    if !openssl_is_there() {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    let identity = identity();
    std::fs::write(path.join("cert.pem"), identity.certificate.pem()).unwrap();
    std::fs::write(path.join("body"), BODY).unwrap();
    let key = mandate_simulator::certificates::to_pem("PRIVATE KEY", identity.key.pkcs8());
    std::fs::write(path.join("key.pem"), key).unwrap();
    let sign = [
        "cms",
        "-sign",
        "-binary",
        "-nodetach",
        "-outform",
        "DER",
        "-in",
        "body",
        "-signer",
        "cert.pem",
        "-inkey",
        "key.pem",
    ];
    for extra in [
        &[][..],
        &["-stream"][..],
        &["-noattr"][..],
        &["-md", "sha1"][..],
    ] {
        let message = openssl(path, &[&sign[..], extra].concat());
        let opened = open_signed(&message).unwrap();
        assert_eq!(opened.content, BODY, "{extra:?}");
        assert!(opened.is_intact(&opened.content), "{extra:?}");
        assert!(!opened.is_intact(b"other"), "{extra:?}");
    }
}

#[test]
fn identities_written_by_openssl_are_opened_in_both_forms() {
    use mandate_simulator::profiles::open_pkcs12;
    if !openssl_is_there() {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    let identity = identity();
    std::fs::write(path.join("cert.pem"), identity.certificate.pem()).unwrap();
    let key = mandate_simulator::certificates::to_pem("PRIVATE KEY", identity.key.pkcs8());
    std::fs::write(path.join("key.pem"), key).unwrap();
    let export = [
        "pkcs12",
        "-export",
        "-in",
        "cert.pem",
        "-inkey",
        "key.pem",
        "-passout",
        "pass:Größe 1",
        "-out",
        "p12",
    ];
    let legacy = [
        "-keypbe",
        "PBE-SHA1-3DES",
        "-certpbe",
        "PBE-SHA1-3DES",
        "-macalg",
        "sha1",
    ];
    for extra in [&[][..], &legacy[..]] {
        openssl(path, &[&export[..], extra].concat());
        let file = std::fs::read(path.join("p12")).unwrap();
        let opened = open_pkcs12(&file, "Größe 1", (18, 1)).unwrap();
        assert_eq!(opened.certificate, identity.certificate);
        let refused = open_pkcs12(&file, "another", (18, 1)).unwrap_err();
        assert!(refused.is("MCCertificateErrorDomain", 9_000), "{refused}");
        let refused = open_pkcs12(&file[..file.len() / 2], "Größe 1", (18, 1)).unwrap_err();
        assert!(refused.is("MCCertificateErrorDomain", 9_005), "{refused}");
    }
}
