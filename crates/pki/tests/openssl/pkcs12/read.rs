use mandate_pki::pkcs12::{Pkcs12Error, open, open_within};

use super::{IDENTITY, assert_opens, export, lay_out};
use crate::{AUTHORITY, EC, EC_LEAF, MATERIAL, RSA, RSA_LEAF, openssl::Openssl};

/// What `pkcs12 -export` can be asked for, beside what concerns names and passwords.
const OPTIONS: [&str; 26] = [
    "",
    "-legacy",
    "-legacy -keypbe PBE-SHA1-RC2-128 -certpbe PBE-SHA1-RC2-128",
    "-legacy -keypbe PBE-SHA1-RC2-40 -certpbe PBE-SHA1-RC2-40",
    "-keypbe PBE-SHA1-3DES -certpbe PBE-SHA1-3DES",
    "-keypbe PBE-SHA1-2DES -certpbe PBE-SHA1-2DES",
    "-keypbe AES-128-CBC -certpbe AES-128-CBC",
    "-keypbe AES-192-CBC -certpbe AES-192-CBC",
    "-keypbe DES-EDE3-CBC -certpbe DES-EDE3-CBC",
    "-keypbe AES-256-CBC -certpbe PBE-SHA1-3DES",
    "-certpbe NONE",
    "-keypbe NONE",
    "-keypbe NONE -certpbe NONE",
    "-keypbe NONE -certpbe NONE -nomac",
    "-nomac",
    "-nomac -keypbe PBE-SHA1-3DES -certpbe PBE-SHA1-3DES",
    "-macalg sha1",
    "-macalg sha224",
    "-macalg sha384",
    "-macalg sha512",
    "-nomaciter",
    "-noiter",
    "-iter 100000",
    "-descert",
    // As Windows exports: the usage beside the key, names of provider and machine beside its bag.
    "-keyex -LMK -CSP Microsoft_Enhanced_Cryptographic_Provider_v1.0 -keypbe PBE-SHA1-3DES -certpbe PBE-SHA1-3DES -macalg sha1",
    "-keysig -LMK -CSP Microsoft_Software_Key_Storage_Provider -iter 2000 -certpbe NONE",
];

#[test]
fn everything_that_openssl_exports_is_opened() {
    let Some(openssl) = Openssl::find() else {
        return;
    };
    for (key, leaf) in [(&*RSA, &*RSA_LEAF), (&*EC, &*EC_LEAF)] {
        lay_out(&openssl, key, leaf);
        for options in OPTIONS {
            let file = export(&openssl, options, "s3cret");
            let opened = assert_opens(&file, "s3cret", key, leaf);
            assert!(opened.chain.is_empty());
            assert_eq!(opened.friendly_name, None);
        }
    }
}

#[test]
fn a_wrong_password_is_called_so_whatever_the_encryption() {
    let Some(openssl) = Openssl::find() else {
        return;
    };
    lay_out(&openssl, &EC, &EC_LEAF);
    for options in OPTIONS {
        let open_to_all = options.contains("NONE") && options.contains("-nomac");
        if open_to_all {
            continue;
        }
        let file = export(&openssl, options, "s3cret");
        assert_eq!(
            open(&file, "secret").unwrap_err(),
            Pkcs12Error::WrongPassword,
            "{options}"
        );
    }
}

#[test]
fn no_password_that_openssl_takes_is_too_odd() {
    let Some(openssl) = Openssl::find() else {
        return;
    };
    lay_out(&openssl, &EC, &EC_LEAF);
    for password in ["", "σύνθημα", "pä$$", "鍵🗝️", "x"] {
        for options in ["", "-legacy", "-nomac", "-legacy -nomac"] {
            let file = export(&openssl, options, password);
            assert_opens(&file, password, &EC, &EC_LEAF);
        }
    }
}

#[test]
fn the_chain_comes_in_order_and_the_name_with_it() {
    let Some(openssl) = Openssl::find() else {
        return;
    };
    lay_out(&openssl, &RSA, &RSA_LEAF);
    for options in ["", "-legacy"] {
        // The file has the root first.
        let file = export(
            &openssl,
            &format!("-certfile chain.pem -name Ключ {options}"),
            "x",
        );
        let opened = assert_opens(&file, "x", &RSA, &RSA_LEAF);
        let expected = [AUTHORITY.issuing().clone(), MATERIAL.root.clone()];
        assert_eq!(opened.chain, expected);
        assert_eq!(opened.friendly_name.as_deref(), Some("Ключ"));
    }
}

#[test]
fn a_certificate_without_its_key_is_no_identity() {
    let Some(openssl) = Openssl::find() else {
        return;
    };
    lay_out(&openssl, &RSA, &RSA_LEAF);
    openssl.succeed("pkcs12 -export -nokeys -in chain.pem -passout pass:x -out certs.p12");
    openssl.succeed(
        "pkcs12 -export -nocerts -inkey key.pem -in cert.pem -passout pass:x -out key.p12",
    );
    for file in ["certs.p12", "key.p12"] {
        assert_eq!(
            open(&openssl.read(file), "x").unwrap_err(),
            Pkcs12Error::NoIdentity
        );
    }
}

#[test]
fn what_is_not_supported_is_named() {
    let Some(openssl) = Openssl::find() else {
        return;
    };
    lay_out(&openssl, &RSA, &RSA_LEAF);
    let rc4 = export(
        &openssl,
        "-legacy -keypbe PBE-SHA1-RC4-128 -certpbe PBE-SHA1-RC4-128",
        "x",
    );
    assert_eq!(
        open(&rc4, "x").unwrap_err().to_string(),
        "unsupported algorithm pbeWithSHAAnd128BitRC4 (1.2.840.113549.1.12.1.1)"
    );
    let single_des = export(
        &openssl,
        "-legacy -keypbe DES-CBC -certpbe AES-256-CBC",
        "x",
    );
    assert_eq!(
        open(&single_des, "x").unwrap_err().to_string(),
        "unsupported algorithm DES-CBC (1.3.14.3.2.7)"
    );
}

#[test]
fn two_passwords_in_one_file_are_not_mistaken_for_a_wrong_one() {
    let Some(openssl) = Openssl::find() else {
        return;
    };
    lay_out(&openssl, &EC, &EC_LEAF);
    // OpenSSL asks for both on the terminal; a MAC that is put over encrypted content of another password is the same.
    let inner = export(&openssl, "-nomac", "inner");
    let file = super::build::with_pbmac1(&openssl, &inner, "outer", "SHA256", 32);
    assert!(matches!(
        open(&file, "outer").unwrap_err(),
        Pkcs12Error::Unsupported(reason) if reason.contains("another password")
    ));
    assert_eq!(
        open(&file, "inner").unwrap_err(),
        Pkcs12Error::WrongPassword
    );
}

#[test]
fn a_file_that_would_cost_hours_costs_nothing() {
    let Some(openssl) = Openssl::find() else {
        return;
    };
    lay_out(&openssl, &EC, &EC_LEAF);
    let file = export(&openssl, "-iter 3000", "x");
    // Code, certificates and key.
    assert!(open_within(&file, "x", 9_000).is_ok());
    assert_eq!(
        open_within(&file, "x", 8_999).unwrap_err(),
        Pkcs12Error::TooMuchWork
    );
    // The same count with its sign left alone and everything else set: 0x0bb8 becomes 0x7fff_ffff.
    openssl.succeed(&format!(
        "pkcs12 -export {IDENTITY} -passout pass:x -out file.p12 -iter 65537"
    ));
    let mut file = openssl.read("file.p12");
    let count = [2, 3, 1, 0, 1];
    for at in 0..=file.len() - count.len() {
        if file[at..].starts_with(&count) {
            file[at + 2..at + 5].fill(0x7f);
        }
    }
    assert_eq!(open(&file, "x").unwrap_err(), Pkcs12Error::TooMuchWork);
}
