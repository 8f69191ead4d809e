use mandate_pki::{
    DigestAlgorithm, Error,
    authority::{Authority, AuthorityRequest, Delegation, RevocationReason, create},
    certificate::Certificate,
    keys::{KeyKind, PrivateKey},
    ocsp::{
        CertId, CertStatus, FailureStatus, Request, Responder, Times, decode_path, failure, respond,
    },
};

use crate::{AUTHORITY, DAY, EC, EC_LEAF, NOW, RSA, RSA_LEAF, leaf, openssl::Openssl, serial};

const TIMES: Times = Times {
    produced_at: NOW,
    this_update: NOW - 400 * DAY,
    next_update: NOW + 400 * DAY,
};

fn delegation(number: u8) -> Delegation {
    Delegation {
        serial: serial(number),
        not_before: NOW - 400 * DAY,
        not_after: NOW + 400 * DAY,
    }
}

/// An authority with two of its leaves, and the key of its OCSP responder.
struct House {
    authority: Authority,
    leaves: [Certificate; 2],
    key: PrivateKey,
    responder: Certificate,
}

impl House {
    fn rsa() -> Self {
        let responder = AUTHORITY.issue_responder(&RSA, delegation(20)).unwrap();
        Self {
            authority: AUTHORITY.clone(),
            leaves: [RSA_LEAF.clone(), EC_LEAF.clone()],
            key: RSA.clone(),
            responder,
        }
    }

    fn elliptic() -> Self {
        let mut request = AuthorityRequest::new("Courbes", NOW - DAY, [serial(21), serial(22)]);
        (request.root_kind, request.issuing_kind) = (KeyKind::P384, KeyKind::P384);
        let authority = create(&request).unwrap().authority().unwrap();
        let leaves = [23, 24].map(|number| authority.issue(&leaf(&EC, number)).unwrap());
        let key = PrivateKey::generate(KeyKind::P256).unwrap();
        let responder = authority.issue_responder(&key, delegation(25)).unwrap();
        Self {
            authority,
            leaves,
            key,
            responder,
        }
    }

    fn write(&self, openssl: &Openssl) {
        let chain = format!(
            "{}{}",
            self.authority.root().to_pem(),
            self.authority.issuing().to_pem()
        );
        openssl.write("chain.pem", chain);
        openssl.write("root.pem", self.authority.root().to_pem());
        openssl.write("issuing.pem", self.authority.issuing().to_pem());
        openssl.write("one.pem", self.leaves[0].to_pem());
        openssl.write("other.pem", self.leaves[1].to_pem());
        openssl.write("responder.pem", self.responder.to_pem());
    }

    fn delegated(&self) -> Responder<'_> {
        Responder {
            certificate: &self.responder,
            key: &self.key,
        }
    }

    /// What the house says: good of the first leaf, revoked of the second, unknown of everything else.
    fn answer(&self, query: &[u8], responder: Responder<'_>) -> Vec<u8> {
        let request = Request::parse(query).unwrap();
        let statuses: Vec<_> = request
            .certificate_ids()
            .iter()
            .map(|id| (id.clone(), self.status(id)))
            .collect();
        respond(&request, &statuses, responder, TIMES).unwrap()
    }

    fn status(&self, id: &CertId) -> CertStatus {
        if !id.names_issuer(self.authority.issuing()) {
            return CertStatus::Unknown;
        }
        if id.serial() == self.leaves[0].serial() {
            return CertStatus::Good;
        }
        if id.serial() == self.leaves[1].serial() {
            return CertStatus::Revoked {
                at: NOW - DAY,
                reason: RevocationReason::KeyCompromise,
            };
        }
        CertStatus::Unknown
    }
}

#[test]
fn openssl_hears_good_revoked_and_unknown() {
    let Some(openssl) = Openssl::find() else {
        return;
    };
    for house in [House::rsa(), House::elliptic()] {
        house.write(&openssl);
        for digest in ["", "-sha256", "-sha384"] {
            let certificates =
                format!("{digest} -issuer issuing.pem -cert one.pem {digest} -cert other.pem");
            let unknown = format!("{digest} -serial 0x4242424242424242");
            openssl.succeed(&format!(
                "ocsp {certificates} {unknown} -reqout query.der -no_nonce"
            ));
            let answer = house.answer(&openssl.read("query.der"), house.delegated());
            openssl.write("answer.der", answer);
            let said = openssl.succeed(&format!(
                "ocsp {certificates} {unknown} -no_nonce -respin answer.der -CAfile chain.pem -attime {NOW}"
            ));
            for expected in [
                "one.pem: good",
                "other.pem: revoked",
                "Reason: keyCompromise",
                "Revocation Time: Nov 17",
                "0x4242424242424242: unknown",
            ] {
                assert!(said.contains(expected), "{expected} in {said}");
            }
            assert!(!said.contains("WARNING"), "{said}");
        }
    }
}

#[test]
fn openssl_gets_its_nonce_back_and_no_other() {
    let Some(openssl) = Openssl::find() else {
        return;
    };
    let house = House::rsa();
    house.write(&openssl);
    let check = format!(
        "ocsp -reqin query.der -respin answer.der -CAfile chain.pem -attime {NOW} -resp_text"
    );
    openssl.succeed("ocsp -issuer issuing.pem -cert one.pem -nonce -reqout query.der");
    let query = openssl.read("query.der");
    assert!(Request::parse(&query).unwrap().nonce().is_some());
    openssl.write("answer.der", house.answer(&query, house.delegated()));
    let said = openssl.succeed(&check);
    assert!(said.contains("OCSP Nonce"), "{said}");

    openssl.succeed("ocsp -issuer issuing.pem -cert one.pem -nonce -reqout query.der");
    assert!(openssl.fail(&check).contains("Nonce Verify error"));
}

#[test]
fn the_issuing_key_may_answer_too_but_no_stranger() {
    let Some(openssl) = Openssl::find() else {
        return;
    };
    let house = House::rsa();
    house.write(&openssl);
    openssl.succeed("ocsp -issuer issuing.pem -cert one.pem -no_nonce -reqout query.der");
    let query = openssl.read("query.der");
    let check = format!("ocsp -reqin query.der -respin answer.der -CAfile root.pem -attime {NOW}");
    let with_issuer = format!("{check} -verify_other issuing.pem");
    let issuer = Responder {
        certificate: AUTHORITY.issuing(),
        key: AUTHORITY.issuing_key(),
    };
    openssl.write("answer.der", house.answer(&query, issuer));
    openssl.succeed(&with_issuer);

    // A leaf of the same authority has no say.
    let stranger = Responder {
        certificate: &RSA_LEAF,
        key: &RSA,
    };
    openssl.write("answer.der", house.answer(&query, stranger));
    assert!(
        openssl
            .fail(&with_issuer)
            .contains("missing ocspsigning usage")
    );
    let mismatched = Responder {
        certificate: &house.responder,
        key: &EC,
    };
    let request = Request::parse(&query).unwrap();
    let status = (request.certificate_ids()[0].clone(), CertStatus::Good);
    assert_eq!(
        respond(&request, &[status], mismatched, TIMES).unwrap_err(),
        Error::KeyMismatch
    );
    assert!(respond(&request, &[], issuer, TIMES).is_err());
}

#[test]
fn openssl_understands_that_there_is_no_answer() {
    let Some(openssl) = Openssl::find() else {
        return;
    };
    for (status, name) in [
        (FailureStatus::MalformedRequest, "malformedrequest"),
        (FailureStatus::InternalError, "internalerror"),
        (FailureStatus::TryLater, "trylater"),
        (FailureStatus::Unauthorized, "unauthorized"),
    ] {
        openssl.write("answer.der", failure(status));
        let output = openssl.run("ocsp -respin answer.der -noverify");
        let said = [output.stdout, output.stderr].concat();
        assert!(String::from_utf8_lossy(&said).contains(name));
    }
}

#[test]
fn a_responder_may_do_nothing_else() {
    let Some(openssl) = Openssl::find() else {
        return;
    };
    let house = House::elliptic();
    house.write(&openssl);
    let verify =
        format!("verify -x509_strict -attime {NOW} -CAfile root.pem -untrusted issuing.pem");
    openssl.succeed(&format!("{verify} -purpose ocsphelper responder.pem"));
    openssl.fail(&format!("{verify} -purpose sslclient responder.pem"));
    let text = openssl.succeed("x509 -in responder.pem -noout -text");
    for expected in [
        "OCSP Signing",
        "OCSP No Check",
        "CN = Courbes Issuing CA OCSP",
    ] {
        assert!(text.contains(expected), "{expected} in {text}");
    }
    let never_longer = Delegation {
        not_after: NOW + 100_000 * DAY,
        ..delegation(26)
    };
    let responder = house
        .authority
        .issue_responder(&house.key, never_longer)
        .unwrap();
    assert_eq!(responder.not_after(), house.authority.issuing().not_after());
}

#[test]
fn ids_of_ours_are_those_of_openssl() {
    let Some(openssl) = Openssl::find() else {
        return;
    };
    let house = House::rsa();
    house.write(&openssl);
    for (option, algorithm) in [
        ("-sha1", DigestAlgorithm::Sha1),
        ("-sha256", DigestAlgorithm::Sha256),
        ("-sha512", DigestAlgorithm::Sha512),
    ] {
        openssl.succeed(&format!(
            "ocsp -no_nonce {option} -issuer issuing.pem -cert one.pem -reqout query.der"
        ));
        let request = Request::parse(&openssl.read("query.der")).unwrap();
        let own = CertId::new(algorithm, AUTHORITY.issuing(), RSA_LEAF.serial()).unwrap();
        assert_eq!(request.certificate_ids(), std::slice::from_ref(&own));
        assert_eq!(own.serial_hex(), RSA_LEAF.serial_hex());
        assert!(own.names_issuer(AUTHORITY.issuing()));
        assert!(!own.names_issuer(AUTHORITY.root()));

        // As the query travels by GET.
        openssl.succeed("base64 -A -in query.der -out query.txt");
        let text = String::from_utf8(openssl.read("query.txt")).unwrap();
        let escaped = text
            .replace('+', "%2B")
            .replace('/', "%2F")
            .replace('=', "%3D");
        for path in [text.trim_end_matches('='), text.as_str(), escaped.as_str()] {
            assert_eq!(decode_path(path).unwrap(), openssl.read("query.der"));
        }
    }
}
