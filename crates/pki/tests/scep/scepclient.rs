//! micromdm's `scepclient` (Debian package `scep`), which encrypts by single DES whatever is offered.

use mandate_pki::{certificate::Certificate, cms::ContentCipher, keys::KeyKind, scep::Policy};

use crate::{
    house::{CHALLENGE, House},
    program::{Said, Workshop},
};

/// In a new directory each time, since the client reuses the files it finds.
fn enrol(workshop: &Workshop, house: &House, challenge: &str) -> Said {
    workshop.run(
        "scepclient",
        &[
            "-private-key",
            "k.key",
            "-certificate",
            "c.pem",
            "-cn",
            "device",
            "-server-url",
            &house.url,
            "-challenge",
            challenge,
        ],
    )
}

#[test]
fn scepclient_enrols_with_the_right_challenge_only() {
    let house = House::open(
        KeyKind::Rsa2048,
        Policy {
            allow_single_des: true,
            allow_sha1: true,
        },
    );
    let Some(workshop) = Workshop::with(&["scepclient"]) else {
        return;
    };
    let said = enrol(&workshop, &house, CHALLENGE);
    assert!(said.success, "{}", said.text);
    let certificate = Certificate::from_pem(&workshop.read("c.pem")).unwrap();
    house.authority.verify_chain(&certificate).unwrap();
    assert_eq!(house.last_granted().cipher, ContentCipher::SingleDesCbc);

    let Some(workshop) = Workshop::with(&["scepclient"]) else {
        return;
    };
    let said = enrol(&workshop, &house, "guess");
    assert!(!said.success, "{}", said.text);
    assert!(
        said.text.contains("bad message check") || said.text.contains("badMessageCheck"),
        "{}",
        said.text
    );
    assert_eq!(house.count_granted(), 1);
}

#[test]
fn scepclient_is_refused_where_single_des_is_not_allowed() {
    let Some(workshop) = Workshop::with(&["scepclient"]) else {
        return;
    };
    let house = House::open(KeyKind::Rsa2048, Policy::default());
    let said = enrol(&workshop, &house, CHALLENGE);
    assert!(!said.success, "{}", said.text);
    assert!(
        said.text.contains("BadAlg") || said.text.contains("badAlg"),
        "{}",
        said.text
    );
    assert_eq!(house.count_granted(), 0);
}
