//! Authorities that were made elsewhere.

use std::sync::LazyLock;

use mandate_pki::{
    Error,
    authority::{Authority, AuthorityError, CertificateRequest, Delegation},
    certificate::{Certificate, KeyUsages},
    keys::{KeyKind, PrivateKey},
    name::DistinguishedName,
};

use crate::{AUTHORITY, DAY, EC, EC_LEAF, NOW, RSA, leaf, openssl::Openssl, serial};

const SIGNS: KeyUsages = KeyUsages::KEY_CERT_SIGN.union(KeyUsages::CRL_SIGN);

static KEYS: LazyLock<[PrivateKey; 3]> =
    LazyLock::new(|| [KeyKind::P256; 3].map(|kind| PrivateKey::generate(kind).unwrap()));

fn authority_request(key: &PrivateKey, name: &str, path_length: u8) -> CertificateRequest {
    let name = DistinguishedName::common_name(name);
    let mut request = CertificateRequest::new(key.public_key_info(), name, serial(path_length));
    request.authority_path_length = Some(path_length);
    request.key_usages = SIGNS;
    (request.not_before, request.not_after) = (NOW - 800 * DAY, NOW + 800 * DAY);
    request
}

/// Root, intermediate and issuing certificate, each request changed beforehand.
fn chain(change: impl Fn(&mut [CertificateRequest; 3])) -> [Certificate; 3] {
    let [root_key, middle_key, issuing_key] = &*KEYS;
    let mut requests = [
        authority_request(root_key, "Root", 2),
        authority_request(middle_key, "Middle", 1),
        authority_request(issuing_key, "Issuing", 0),
    ];
    change(&mut requests);
    let [root, middle, issuing] = requests;
    let root = root.self_sign(root_key).unwrap();
    let middle = middle.sign(&root, root_key).unwrap();
    let issuing = issuing.sign(&middle, middle_key).unwrap();
    [root, middle, issuing]
}

fn import(certificates: &[Certificate]) -> Result<Authority, Error> {
    Authority::import(certificates, KEYS[2].clone())
}

fn fault(certificates: &[Certificate]) -> AuthorityError {
    match import(certificates) {
        Err(Error::Authority(fault)) => fault,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_chain_in_any_order_becomes_an_authority_that_openssl_trusts() {
    let [root, middle, issuing] = chain(|_| {});
    let stray = AUTHORITY.root().clone();
    let mixed = [middle.clone(), stray, root.clone(), issuing.clone()];
    let authority = import(&mixed).unwrap();
    assert_eq!(authority.root(), &root);
    assert_eq!(authority.issuing(), &issuing);
    assert_eq!(authority.chain(), [issuing.clone(), middle.clone(), root]);
    assert_eq!(
        authority.key_id().unwrap(),
        issuing.subject_key_id().unwrap()
    );
    let issued = authority.issue(&leaf(&RSA, 30)).unwrap();
    authority.verify_chain(&issued).unwrap();
    authority.verify_chain(&EC_LEAF).unwrap_err();

    let Some(openssl) = Openssl::find() else {
        return;
    };
    openssl.write("root.pem", authority.root().to_pem());
    openssl.write(
        "between.pem",
        format!("{}{}", middle.to_pem(), issuing.to_pem()),
    );
    openssl.write("leaf.pem", issued.to_pem());
    let list = authority.revocation_list(&[], 1, NOW - 400 * DAY, NOW + 400 * DAY);
    openssl.write("list.der", list.unwrap());
    openssl.succeed("crl -inform DER -in list.der -out list.pem");
    openssl.succeed(&format!(
        "verify -x509_strict -crl_check -CRLfile list.pem -attime {NOW} -CAfile root.pem -untrusted between.pem leaf.pem"
    ));
}

#[test]
fn a_root_may_issue_itself() {
    let [root, ..] = chain(|_| {});
    let authority = Authority::import(std::slice::from_ref(&root), KEYS[0].clone()).unwrap();
    assert_eq!((authority.root(), authority.issuing()), (&root, &root));
    assert_eq!(authority.chain(), [root]);
}

#[test]
fn what_is_wrong_with_an_authority_is_named() {
    let [root, middle, issuing] = chain(|_| {});
    let name = |name: &str| format!("CN={name}");
    assert_eq!(
        fault(&[root.clone(), middle.clone()]),
        AuthorityError::NoCertificateForKey
    );
    assert_eq!(
        fault(&[issuing.clone(), root.clone()]),
        AuthorityError::IssuerMissing {
            subject: name("Issuing"),
            issuer: name("Middle")
        }
    );
    assert_eq!(
        fault(&[issuing.clone(), middle]).to_string(),
        "the certificate of `CN=Root`, which issued `CN=Middle`, is missing"
    );
    let other_middle = authority_request(&EC, "Middle", 1)
        .sign(&root, &KEYS[0])
        .unwrap();
    assert_eq!(
        fault(&[issuing, other_middle, root]),
        AuthorityError::NotSignedByIssuer {
            subject: name("Issuing"),
            issuer: name("Middle")
        }
    );
    let leaf = chain(|requests| requests[2].authority_path_length = None);
    assert_eq!(
        fault(&leaf),
        AuthorityError::NotAnAuthority(name("Issuing"))
    );
    let middle_leaf = chain(|requests| requests[1].authority_path_length = None);
    assert_eq!(
        fault(&middle_leaf),
        AuthorityError::NotAnAuthority(name("Middle"))
    );
    let usages = |usages| chain(|requests| requests[2].key_usages = usages);
    assert_eq!(
        fault(&usages(KeyUsages::CRL_SIGN)),
        AuthorityError::MayNotSignCertificates(name("Issuing"))
    );
    assert_eq!(
        fault(&usages(KeyUsages::KEY_CERT_SIGN)),
        AuthorityError::MayNotSignLists(name("Issuing"))
    );
    import(&usages(KeyUsages::empty())).unwrap();
    let short = chain(|requests| requests[0].authority_path_length = Some(1));
    assert_eq!(
        fault(&short),
        AuthorityError::PathTooLong {
            subject: name("Root"),
            allowed: 1,
            found: 2
        }
    );
    assert_eq!(
        Authority::from_parts(short[0].clone(), short[1].clone(), RSA.clone()).unwrap_err(),
        Error::KeyMismatch
    );
}

#[test]
fn a_chain_that_never_ends_is_refused() {
    // Two that issued one another.
    let request = |name, key| authority_request(key, name, 9);
    let [one_key, other_key, issuing_key] = &*KEYS;
    let one = request("One", one_key).self_sign(one_key).unwrap();
    let other = request("Other", other_key).sign(&one, one_key).unwrap();
    let one = request("One", one_key).sign(&other, other_key).unwrap();
    let issuing = request("Issuing", issuing_key).sign(&one, one_key).unwrap();
    assert_eq!(fault(&[one, other, issuing]), AuthorityError::ChainTooLong);
}

#[test]
fn the_digest_of_a_root_does_not_matter_that_of_others_does() {
    let Some(openssl) = Openssl::find() else {
        return;
    };
    openssl.write("root.key", KEYS[0].to_pem().as_bytes());
    openssl.write("issuing.key", KEYS[2].to_pem().as_bytes());
    openssl.write(
        "ca.cnf",
        "[req]\ndistinguished_name=dn\n[dn]\n[ca]\nbasicConstraints=critical,CA:TRUE\n\
         keyUsage=critical,keyCertSign,cRLSign\n",
    );
    openssl.succeed(
        "req -x509 -new -sha1 -config ca.cnf -extensions ca -key root.key -subj /CN=Root -days 3650 -out root.pem",
    );
    openssl.succeed("req -new -config ca.cnf -key issuing.key -subj /CN=Issuing -out issuing.csr");
    let read = |name| {
        let pem = String::from_utf8(openssl.read(name)).unwrap();
        Certificate::from_pem(&pem).unwrap()
    };
    for (digest, welcome) in [("sha256", true), ("sha1", false)] {
        openssl.succeed(&format!(
            "x509 -req -{digest} -in issuing.csr -CA root.pem -CAkey root.key -set_serial 77 -days 3650 \
             -extfile ca.cnf -extensions ca -out issuing.pem"
        ));
        let imported = import(&[read("issuing.pem"), read("root.pem")]);
        if welcome {
            imported.unwrap();
        } else {
            assert_eq!(imported.unwrap_err(), Error::Forbidden("SHA-1"));
        }
    }
}

#[test]
fn a_registration_authority_must_be_the_authority_s_own() {
    let authority = import(&chain(|_| {})).unwrap();
    assert!(authority.needs_registration() && !AUTHORITY.needs_registration());
    let delegation = Delegation {
        serial: serial(40),
        not_before: NOW,
        not_after: NOW + DAY,
    };
    assert!(
        authority
            .issue_registration(KeyKind::P256, delegation)
            .is_err()
    );
    let registration = authority
        .issue_registration(KeyKind::Rsa2048, delegation)
        .unwrap();
    let foreign = AUTHORITY.clone().with_registration(registration.clone());
    assert_eq!(foreign.unwrap_err(), Error::OtherIssuer);
    let mut mixed = registration.clone();
    mixed.key = RSA.clone();
    let mixed = authority.clone().with_registration(mixed);
    assert_eq!(mixed.unwrap_err(), Error::KeyMismatch);

    let authority = authority.with_registration(registration.clone()).unwrap();
    let (certificate, key) = authority.registration().unwrap();
    assert_eq!(certificate, &registration.certificate);
    assert_eq!(certificate.public_key_info(), key.public_key_info());
    assert_eq!(
        certificate.common_name().as_deref(),
        Some("Issuing SCEP RA")
    );
    assert!(!certificate.is_ca());
    assert!(certificate.permits(KeyUsages::KEY_ENCIPHERMENT | KeyUsages::DIGITAL_SIGNATURE));
}
