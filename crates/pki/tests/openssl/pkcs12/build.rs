//! Files that no command here makes.

use mandate_pki::{
    certificate::Certificate,
    pkcs12::{Pkcs12Error, open},
};

use super::{assert_opens, export, lay_out};
use crate::{
    EC, EC_LEAF, RSA, RSA_LEAF,
    openssl::{Openssl, hex},
};

fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).unwrap().to_be_bytes();
    [&[tag, 0x84], length.as_slice(), content].concat()
}

/// Tag, content, and what follows.
fn split(bytes: &[u8]) -> (u8, &[u8], &[u8]) {
    let (length, header) = match bytes[1] {
        short @ 0..0x80 => (usize::from(short), 2),
        long => {
            let octets = usize::from(long & 0x7f);
            let length = bytes[2..2 + octets]
                .iter()
                .fold(0, |sum, &octet| sum << 8 | usize::from(octet));
            (length, 2 + octets)
        }
    };
    let (content, rest) = bytes[header..].split_at(length);
    (bytes[0], content, rest)
}

/// Everything constructed in indefinite length, and every long OCTET STRING in parts.
fn to_ber(mut der: &[u8]) -> Vec<u8> {
    let mut ber = Vec::new();
    while !der.is_empty() {
        let (tag, content, rest) = split(der);
        if tag & 0x20 != 0 {
            ber.extend([tag, 0x80]);
            ber.extend(to_ber(content));
            ber.extend([0, 0]);
        } else if matches!(tag, 0x04 | 0x80) && content.len() > 40 {
            ber.extend([tag | 0x20, 0x80]);
            for part in content.chunks(37) {
                ber.extend(element(4, part));
            }
            ber.extend([0, 0]);
        } else {
            ber.extend(element(tag, content));
        }
        der = rest;
    }
    ber
}

/// The octets that hold the safes of a file, and its version and content beside them.
fn octets_of(file: &[u8]) -> &[u8] {
    let (_, pfx, _) = split(file);
    let (_, _version, info) = split(pfx);
    let (_, info, _) = split(info);
    let (_, _id, wrapper) = split(info);
    split(split(wrapper).1).1
}

/// The safes of a file, one after the other.
fn safes_of(file: &[u8]) -> &[u8] {
    split(octets_of(file)).1
}

/// A file of these safes, without a code.
fn file_of(octets: &[u8]) -> Vec<u8> {
    let data = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 1];
    let content = element(0xa0, &element(4, octets));
    let info = element(0x30, &[element(6, &data), content].concat());
    element(0x30, &[element(2, &[3]), info].concat())
}

/// `SafeBag` of one of the kinds that PKCS#12 numbers.
fn bag(arc: u8, value: &[u8]) -> Vec<u8> {
    let id = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 12, 10, 1, arc];
    element(0x30, &[element(6, &id), element(0xa0, value)].concat())
}

/// A file of bags in one open safe, without a code.
fn file_of_bags(bags: &[u8]) -> Vec<u8> {
    let data = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 1];
    let octets = element(0xa0, &element(4, &element(0x30, bags)));
    let safe = element(0x30, &[element(6, &data), octets].concat());
    file_of(&element(0x30, &safe))
}

/// A file of an encrypted PKCS#8 key and a certificate.
pub(super) fn around_shrouded(encrypted: &[u8], certificate: &Certificate) -> Vec<u8> {
    let x509 = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 22, 1];
    let octets = element(0xa0, &element(4, certificate.der()));
    let value = element(0x30, &[element(6, &x509), octets].concat());
    file_of_bags(&[bag(2, encrypted), bag(3, &value)].concat())
}

/// A file without a code, with PBMAC1 put over it: keys and codes by other commands of OpenSSL.
pub(super) fn with_pbmac1(
    openssl: &Openssl,
    file: &[u8],
    password: &str,
    digest: &str,
    length: usize,
) -> Vec<u8> {
    let content = octets_of(file);
    openssl.write("content", content);
    let password = hex(password.as_bytes());
    let key = openssl.succeed(&format!(
        "kdf -keylen {length} -kdfopt digest:{digest} -kdfopt hexpass:{password} -kdfopt hexsalt:0102030405060708 \
         -kdfopt iter:1000 PBKDF2"
    ));
    let key = key.trim().replace(':', "");
    openssl.succeed(&format!(
        "dgst -{digest} -mac HMAC -macopt hexkey:{key} -binary -out code content"
    ));
    let hmac = match digest {
        "SHA1" => 7,
        "SHA256" => 9,
        "SHA384" => 10,
        _ => 11,
    };
    let hmac = element(
        0x30,
        &element(6, &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 2, hmac]),
    );
    let pkcs5 = |arc: u8| element(6, &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 5, arc]);
    let parameters = [
        element(4, &[1, 2, 3, 4, 5, 6, 7, 8]),
        element(2, &[3, 0xe8]),
        element(2, &[0, u8::try_from(length).unwrap()]),
        hmac.clone(),
    ]
    .concat();
    let function = element(0x30, &[pkcs5(12), element(0x30, &parameters)].concat());
    let scheme = element(0x30, &[function, hmac].concat());
    let algorithm = element(0x30, &[pkcs5(14), scheme].concat());
    let info_of_digest = element(
        0x30,
        &[algorithm, element(4, &openssl.read("code"))].concat(),
    );
    let mac = element(0x30, &[info_of_digest, element(4, b"NOT USED")].concat());
    let (_, pfx, _) = split(file);
    element(0x30, &[pfx, &mac].concat())
}

#[test]
fn indefinite_lengths_and_strings_in_parts_are_understood_at_every_level() {
    let Some(openssl) = Openssl::find() else {
        return;
    };
    for (key, leaf) in [(&*RSA, &*RSA_LEAF), (&*EC, &*EC_LEAF)] {
        lay_out(&openssl, key, leaf);
        for options in ["", "-legacy", "-keypbe NONE -certpbe NONE"] {
            let file = export(&openssl, options, "s3cret");
            // Outside of what the code is over.
            assert_opens(&to_ber(&file), "s3cret", key, leaf);
            // Inside as well.
            let file = export(&openssl, &format!("{options} -nomac"), "s3cret");
            let inside = file_of(&to_ber(octets_of(&file)));
            assert_opens(&inside, "s3cret", key, leaf);
            assert_opens(&to_ber(&inside), "s3cret", key, leaf);
        }
    }
}

#[test]
fn pbmac1_protects_as_well() {
    let Some(openssl) = Openssl::find() else {
        return;
    };
    lay_out(&openssl, &EC, &EC_LEAF);
    let inner = export(&openssl, "-nomac", "pässword");
    for (digest, length) in [("SHA256", 32), ("SHA384", 48), ("SHA512", 64), ("SHA1", 20)] {
        let file = with_pbmac1(&openssl, &inner, "pässword", digest, length);
        assert_opens(&file, "pässword", &EC, &EC_LEAF);
        assert_eq!(
            open(&file, "password").unwrap_err(),
            Pkcs12Error::WrongPassword
        );
    }
    // RFC 9579 wants keys that cannot be tried out.
    let file = with_pbmac1(&openssl, &inner, "pässword", "SHA256", 8);
    assert_eq!(
        open(&file, "pässword").unwrap_err(),
        Pkcs12Error::Malformed("its message authentication code")
    );
}

#[test]
fn several_identities_are_refused_and_bags_within_bags_have_an_end() {
    let Some(openssl) = Openssl::find() else {
        return;
    };
    let plain = "-keypbe NONE -certpbe NONE -nomac";
    lay_out(&openssl, &RSA, &RSA_LEAF);
    let first = export(&openssl, plain, "x");
    lay_out(&openssl, &EC, &EC_LEAF);
    let second = export(&openssl, plain, "x");
    let file = |parts: [&[u8]; 2]| file_of(&element(0x30, &parts.concat()));
    assert_eq!(
        open(&file([safes_of(&first), safes_of(&second)]), "x").unwrap_err(),
        Pkcs12Error::SeveralIdentities
    );
    // The same twice is one.
    let twice = file([safes_of(&first), safes_of(&first)]);
    assert_opens(&twice, "x", &RSA, &RSA_LEAF);
    // A key more, without a certificate, does not confuse.
    lay_out(&openssl, &EC, &EC_LEAF);
    openssl.succeed(&format!(
        "pkcs12 -export -nocerts -inkey key.pem -in cert.pem -passout pass:x -out lone.p12 {plain}"
    ));
    let lone = openssl.read("lone.p12");
    let with_lone = file([safes_of(&lone), safes_of(&first)]);
    assert_opens(&with_lone, "x", &RSA, &RSA_LEAF);
}

#[test]
fn too_many_bags_and_too_deep_ones_are_refused() {
    let secret = bag(5, &element(0x30, b""));
    assert_eq!(
        open(&file_of_bags(&secret.repeat(128)), "x").unwrap_err(),
        Pkcs12Error::NoIdentity
    );
    assert_eq!(
        open(&file_of_bags(&secret.repeat(129)), "x").unwrap_err(),
        Pkcs12Error::TooMuchWork
    );
    let nested =
        |depth: usize| (0..depth).fold(secret.clone(), |inside, _| bag(6, &element(0x30, &inside)));
    assert_eq!(
        open(&file_of_bags(&nested(4)), "x").unwrap_err(),
        Pkcs12Error::NoIdentity
    );
    assert_eq!(
        open(&file_of_bags(&nested(5)), "x").unwrap_err(),
        Pkcs12Error::TooMuchWork
    );
}
