use mandate_pki::{
    Error,
    authority::{
        Authority, AuthorityRequest, IssuingRequest, RevocationReason, RevokedEntry, create,
        issue_under,
    },
    certificate::{Certificate, KeyUsages, SubjectAltName, Validity},
    csr::CertificateSigningRequest,
    keys::{KeyKind, PrivateKey},
    name::DistinguishedName,
    oid,
};

use crate::{
    AUTHORITY, DAY, EC, EC_LEAF, MATERIAL, NOW, RSA, RSA_LEAF, leaf, openssl::Openssl, serial,
};

fn revocation_list(entries: &[RevokedEntry]) -> Vec<u8> {
    AUTHORITY
        .revocation_list(entries, 7, NOW - 400 * DAY, NOW + 400 * DAY)
        .unwrap()
}

fn set_up() -> Option<Openssl> {
    let openssl = Openssl::find()?;
    openssl.write("root.pem", AUTHORITY.root().to_pem());
    openssl.write("issuing.pem", AUTHORITY.issuing().to_pem());
    openssl.write("leaf.pem", RSA_LEAF.to_pem());
    openssl.write("ec.pem", EC_LEAF.to_pem());
    Some(openssl)
}

#[test]
fn openssl_trusts_the_chain_and_no_other() {
    let Some(openssl) = set_up() else { return };
    let verify = format!("verify -x509_strict -attime {NOW} -CAfile root.pem");
    openssl.succeed(&format!(
        "{verify} -untrusted issuing.pem -purpose sslclient leaf.pem ec.pem"
    ));
    openssl.fail(&format!("{verify} leaf.pem"));
    let text = openssl.succeed("x509 -in leaf.pem -noout -text");
    for expected in [
        "URI:http://mandate.example.org/crl",
        "CA Issuers - URI:http://mandate.example.org/ca",
        "CA:FALSE",
    ] {
        assert!(text.contains(expected), "{expected} in {text}");
    }
}

#[test]
fn openssl_sees_revocation() {
    let Some(openssl) = set_up() else { return };
    let entry = RevokedEntry {
        serial: RSA_LEAF.serial().to_vec(),
        revoked_at: NOW - DAY,
        reason: RevocationReason::CessationOfOperation,
    };
    let verify = format!(
        "verify -x509_strict -crl_check -attime {NOW} -CAfile root.pem -untrusted issuing.pem"
    );
    for (list, revoked) in [
        (revocation_list(&[]), false),
        (revocation_list(&[entry]), true),
    ] {
        openssl.write("list.der", list);
        openssl.succeed("crl -inform DER -in list.der -CAfile issuing.pem -out list.pem");
        openssl.succeed(&format!("{verify} -CRLfile list.pem ec.pem"));
        if revoked {
            assert!(
                openssl
                    .fail(&format!("{verify} -CRLfile list.pem leaf.pem"))
                    .contains("certificate revoked")
            );
        } else {
            openssl.succeed(&format!("{verify} -CRLfile list.pem leaf.pem"));
        }
    }
    let text = openssl.succeed("crl -in list.pem -noout -text");
    assert!(text.contains("Cessation Of Operation"), "{text}");
}

#[test]
fn an_authority_of_elliptic_curves_is_trusted_too() {
    let Some(openssl) = Openssl::find() else {
        return;
    };
    let mut request = AuthorityRequest::new("Courbes", NOW, [serial(8), serial(9)]);
    request.root_kind = KeyKind::P384;
    request.issuing_kind = KeyKind::P256;
    let authority = create(&request).unwrap().authority().unwrap();
    openssl.write("root.pem", authority.root().to_pem());
    openssl.write("issuing.pem", authority.issuing().to_pem());
    openssl.write(
        "leaf.pem",
        authority.issue(&leaf(&EC, 10)).unwrap().to_pem(),
    );
    openssl.succeed(&format!(
        "verify -x509_strict -attime {NOW} -CAfile root.pem -untrusted issuing.pem leaf.pem"
    ));
}

#[test]
fn an_issuing_certificate_is_followed_by_another_under_the_same_root() {
    let request = IssuingRequest {
        subject: DistinguishedName::parse("CN=Issuing CA 2,O=Analytical").unwrap(),
        kind: KeyKind::P384,
        now: NOW,
        validity: 100_000 * DAY,
        serial: serial(11),
    };
    let next = issue_under(&MATERIAL.root, &MATERIAL.root_key, &request).unwrap();
    assert_eq!(next.certificate.not_after(), MATERIAL.root.not_after());
    let next =
        Authority::from_parts(MATERIAL.root.clone(), next.certificate, next.key.clone()).unwrap();
    let issued = next.issue(&leaf(&EC, 12)).unwrap();
    assert_eq!(
        AUTHORITY.verify_chain(&issued).unwrap_err(),
        Error::OtherIssuer
    );
    assert_eq!(
        issue_under(&MATERIAL.root, &RSA, &request).unwrap_err(),
        Error::KeyMismatch
    );

    // Old and new certificates count side by side, each by the list of its issuer.
    let Some(openssl) = set_up() else { return };
    let entry = RevokedEntry {
        serial: issued.serial().to_vec(),
        revoked_at: NOW - DAY,
        reason: RevocationReason::Superseded,
    };
    let other_list = next.revocation_list(&[entry], 1, NOW - 400 * DAY, NOW + 400 * DAY);
    openssl.write("other.der", other_list.unwrap());
    openssl.write("list.der", revocation_list(&[]));
    openssl.succeed("crl -inform DER -in list.der -out lists.pem");
    openssl.succeed("crl -inform DER -in other.der -out other.pem");
    let lists = [openssl.read("lists.pem"), openssl.read("other.pem")].concat();
    openssl.write("lists.pem", lists);
    openssl.write(
        "issuing.pem",
        AUTHORITY.issuing().to_pem() + &next.issuing().to_pem(),
    );
    openssl.write("new.pem", issued.to_pem());
    let verify =
        format!("verify -x509_strict -attime {NOW} -CAfile root.pem -untrusted issuing.pem");
    openssl.succeed(&format!("{verify} leaf.pem new.pem"));
    let checked = format!("{verify} -crl_check -CRLfile lists.pem");
    openssl.succeed(&format!("{checked} leaf.pem"));
    assert!(
        openssl
            .fail(&format!("{checked} new.pem"))
            .contains("certificate revoked")
    );
}

#[test]
fn every_key_usage_is_what_openssl_calls_it() {
    let Some(openssl) = Openssl::find() else {
        return;
    };
    let mut request = leaf(&RSA, 13);
    for (usages, expected) in [
        (
            KeyUsages::DIGITAL_SIGNATURE | KeyUsages::NON_REPUDIATION,
            "Digital Signature, Non Repudiation",
        ),
        (
            KeyUsages::KEY_ENCIPHERMENT | KeyUsages::DATA_ENCIPHERMENT,
            "Key Encipherment, Data Encipherment",
        ),
        (
            KeyUsages::KEY_AGREEMENT | KeyUsages::CRL_SIGN,
            "Key Agreement, CRL Sign",
        ),
    ] {
        request.key_usages = usages;
        openssl.write("cert.pem", AUTHORITY.issue(&request).unwrap().to_pem());
        let text = openssl.succeed("x509 -in cert.pem -noout -ext keyUsage");
        assert!(text.contains(expected), "{text}");
    }
}

#[test]
fn an_authority_is_made_as_it_was_asked_for() {
    let mut request = AuthorityRequest::new("Long", NOW, [serial(14), serial(15)]);
    (request.root_kind, request.issuing_kind) = (KeyKind::P384, KeyKind::P384);
    (request.root_validity, request.issuing_validity) = (300 * DAY, 400 * DAY);
    request.root_path_length = 3;
    let made = create(&request).unwrap();
    assert_eq!(made.root.path_length(), Some(3));
    assert_eq!(made.issuing.path_length(), Some(0));
    assert_eq!(made.root.not_after(), NOW + 300 * DAY);
    assert_eq!(made.issuing.not_after(), made.root.not_after());
    assert_eq!(made.root_key.kind(), KeyKind::P384);
    assert_eq!(made.issuing_key.kind(), KeyKind::P384);
}

#[test]
fn an_authority_knows_its_own() {
    AUTHORITY.verify_chain(&RSA_LEAF).unwrap();
    AUTHORITY.verify_chain(&EC_LEAF).unwrap();
    assert_eq!(
        AUTHORITY.verify_chain(AUTHORITY.root()).unwrap_err(),
        Error::OtherIssuer
    );
    let forged = leaf(&RSA, 3).sign(AUTHORITY.issuing(), &RSA).unwrap();
    assert_eq!(
        AUTHORITY.verify_chain(&forged).unwrap_err(),
        Error::BadSignature
    );
    assert_eq!(RSA_LEAF.validity_at(NOW), Validity::Valid);
    assert_eq!(RSA_LEAF.validity_at(NOW - 500 * DAY), Validity::NotYet);
    assert_eq!(RSA_LEAF.validity_at(NOW + 500 * DAY), Validity::Expired);
    let mismatched =
        Authority::from_parts(MATERIAL.root.clone(), MATERIAL.issuing.clone(), RSA.clone());
    assert_eq!(mismatched.unwrap_err(), Error::KeyMismatch);
}

#[test]
fn every_field_of_a_certificate_is_read_back() {
    let mut request = leaf(&RSA, 5);
    request.subject = DistinguishedName::parse("CN=Ada,UID=com.apple.mgmt.External.1").unwrap();
    request.subject_alt_names = vec![
        SubjectAltName::Email("ada@example.org".to_owned()),
        SubjectAltName::Dns("ada.example.org".to_owned()),
        SubjectAltName::Uri("urn:ada".to_owned()),
        SubjectAltName::Upn("ada@corp.example.org".to_owned()),
        SubjectAltName::Ip("192.0.2.1".parse().unwrap()),
        SubjectAltName::Ip("2001:db8::1".parse().unwrap()),
    ];
    let certificate = Certificate::from_pem(&AUTHORITY.issue(&request).unwrap().to_pem()).unwrap();
    assert_eq!(certificate.subject_alt_names(), request.subject_alt_names);
    assert_eq!(
        certificate.subject_attribute(&oid::USER_ID).as_deref(),
        Some("com.apple.mgmt.External.1")
    );
    assert_eq!(certificate.common_name().as_deref(), Some("Ada"));
    assert_eq!(
        certificate.subject(),
        "CN=Ada,UID=com.apple.mgmt.External.1"
    );
    assert_eq!(certificate.serial(), request.serial.as_bytes());
    assert_eq!(certificate.serial_hex(), "45050505050505050505050505050505");
    assert_eq!(
        certificate.key_usages(),
        Some(KeyUsages::DIGITAL_SIGNATURE | KeyUsages::KEY_ENCIPHERMENT)
    );
    assert_eq!(
        certificate.extended_key_usages(),
        [oid::CLIENT_AUTH, oid::EMAIL_PROTECTION]
    );
    assert_eq!(
        (certificate.not_before(), certificate.not_after()),
        (request.not_before, request.not_after)
    );
    assert!(!certificate.is_ca() && AUTHORITY.issuing().is_ca());
    assert_eq!(certificate.issuer(), AUTHORITY.issuing().subject());
}

#[test]
fn peers_may_have_serial_numbers_of_any_length() {
    let Some(openssl) = Openssl::find() else {
        return;
    };
    openssl.write("key.pem", RSA.to_pem().as_bytes());
    let serial = "0xff".to_owned() + &"01".repeat(31);
    openssl.succeed(&format!(
        "req -x509 -new -key key.pem -subj /CN=x -set_serial {serial} -outform DER -out cert.der"
    ));
    let certificate = Certificate::from_der(&openssl.read("cert.der")).unwrap();
    assert_eq!(certificate.serial().len(), 32);
    certificate.verify_signed_by(&certificate).unwrap();
}

#[test]
fn requests_by_openssl_are_read() {
    let Some(openssl) = Openssl::find() else {
        return;
    };
    openssl.write(
        "req.cnf",
        "[req]\ndistinguished_name=dn\nattributes=at\nreq_extensions=ex\nprompt=no\n[dn]\nCN=device\n\
         [at]\nchallengePassword=s3cret\n[ex]\nsubjectAltName=DNS:dev.example.org\nkeyUsage=keyEncipherment\n\
         1.2.3.4.5=ASN1:UTF8String:unknown\n",
    );
    for key in [&RSA, &EC] {
        openssl.write("key.pem", key.to_pem().as_bytes());
        openssl.succeed("req -new -config req.cnf -key key.pem -out request.pem");
        let pem = String::from_utf8(openssl.read("request.pem")).unwrap();
        let request = CertificateSigningRequest::from_pem(&pem).unwrap();
        assert_eq!(request.challenge_password(), Some("s3cret"));
        assert_eq!(
            request.subject_alt_names(),
            [SubjectAltName::Dns("dev.example.org".to_owned())]
        );
        assert_eq!(request.key_usages(), Some(KeyUsages::KEY_ENCIPHERMENT));
        assert_eq!(request.public_key_info(), key.public_key_info());
    }
    openssl.succeed("genrsa -out small.pem 1024");
    openssl.succeed("req -new -key small.pem -subj /CN=mdmb -out request.pem");
    let pem = String::from_utf8(openssl.read("request.pem")).unwrap();
    assert_eq!(
        CertificateSigningRequest::from_pem(&pem)
            .unwrap()
            .key_bits(),
        1024
    );
}

#[test]
fn requests_of_ours_are_read_by_openssl() {
    let Some(openssl) = Openssl::find() else {
        return;
    };
    let requested = mandate_pki::csr::RequestedAttributes {
        challenge_password: Some("s3cret".to_owned()),
        subject_alt_names: vec![SubjectAltName::Dns("dev.example.org".to_owned())],
        ..Default::default()
    };
    let name = DistinguishedName::parse("CN=device,O=Analytical").unwrap();
    let request = mandate_pki::csr::build(&PrivateKey::clone(&RSA), &name, &requested).unwrap();
    openssl.write("request.pem", request.to_pem());
    let text = openssl.succeed("req -in request.pem -verify -noout -text");
    assert!(
        text.contains("s3cret") && text.contains("DNS:dev.example.org"),
        "{text}"
    );
}
