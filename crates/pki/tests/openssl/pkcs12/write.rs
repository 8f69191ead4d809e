use mandate_pki::pkcs12::{Chain, Encoding, Pkcs12, open, write};

use crate::{AUTHORITY, EC, EC_LEAF, MATERIAL, RSA, RSA_LEAF, openssl::Openssl};

fn identities() -> [Pkcs12; 2] {
    let chain = vec![AUTHORITY.issuing().clone(), MATERIAL.root.clone()];
    [(&*RSA, &*RSA_LEAF), (&*EC, &*EC_LEAF)].map(|(key, certificate)| Pkcs12 {
        key: key.clone().into(),
        certificate: certificate.clone(),
        chain: chain.clone(),
        friendly_name: Some("Ada’s key 🗝".to_owned()),
    })
}

#[test]
fn openssl_reads_both_encodings() {
    let Some(openssl) = Openssl::find() else {
        return;
    };
    for identity in identities() {
        for (encoding, password, options) in [
            (Encoding::Modern, "s3cret", ""),
            (Encoding::Legacy, "s3cret", "-legacy"),
            // OpenSSL 3 reads triple DES without its old provider as well.
            (Encoding::Legacy, "鍵🗝", ""),
            (Encoding::Modern, "", ""),
        ] {
            openssl.write(
                "file.p12",
                write(&identity, password, encoding, Chain::Included).unwrap(),
            );
            openssl.succeed(&format!(
                "pkcs12 -in file.p12 -passin pass:{password} -nodes -out all.pem {options}"
            ));
            // Names are printed as they come, not in UTF-8.
            let all = String::from_utf8_lossy(&openssl.read("all.pem")).into_owned();
            let certificates = mandate_pki::certificate::Certificate::all_from_pem(&all).unwrap();
            assert_eq!(certificates[0], identity.certificate);
            assert_eq!(certificates[1..], identity.chain);
            let key = mandate_pki::keys::PrivateKey::from_pem(&all).unwrap();
            assert_eq!(key.public_key_info(), identity.key.public_key_info());
            assert_eq!(all.matches("localKeyID").count(), 2);
        }
    }
}

#[test]
fn openssl_names_the_algorithms() {
    let Some(openssl) = Openssl::find() else {
        return;
    };
    let [identity, _] = identities();
    for (encoding, options, expected) in [
        (
            Encoding::Modern,
            "",
            [
                "MAC: sha256, Iteration 2048",
                "PKCS7 Encrypted data: PBES2, PBKDF2, AES-256-CBC, Iteration 2048, PRF hmacWithSHA256",
                "Shrouded Keybag: PBES2, PBKDF2, AES-256-CBC, Iteration 2048, PRF hmacWithSHA256",
            ],
        ),
        (
            Encoding::Legacy,
            "-legacy",
            [
                "MAC: sha1, Iteration 2048",
                "PKCS7 Encrypted data: pbeWithSHA1And3-KeyTripleDES-CBC, Iteration 2048",
                "Shrouded Keybag: pbeWithSHA1And3-KeyTripleDES-CBC, Iteration 2048",
            ],
        ),
    ] {
        openssl.write(
            "file.p12",
            write(&identity, "s3cret", encoding, Chain::Omitted).unwrap(),
        );
        let output = openssl.run(&format!(
            "pkcs12 -info -noout -in file.p12 -passin pass:s3cret {options}"
        ));
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        for line in expected {
            assert!(said.contains(line), "{line} is not in {said}");
        }
    }
}

#[test]
fn openssl_refuses_another_password_as_we_do() {
    let Some(openssl) = Openssl::find() else {
        return;
    };
    let [identity, _] = identities();
    for encoding in [Encoding::Modern, Encoding::Legacy] {
        let file = write(&identity, "s3cret", encoding, Chain::Omitted).unwrap();
        assert!(open(&file, "secret").is_err());
        openssl.write("file.p12", &file);
        let said = openssl.fail("pkcs12 -in file.p12 -passin pass:secret -noout");
        assert!(said.contains("invalid password"), "{said}");
    }
}
