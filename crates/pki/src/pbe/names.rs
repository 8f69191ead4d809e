use crate::{Oid, asn1::Element, certificate::hex};

/// Names that the common register lacks.
const FURTHER: [(&str, &str); 20] = [
    ("1.2.840.113549.1.5.1", "pbeWithMD2AndDES-CBC"),
    ("1.2.840.113549.1.5.3", "pbeWithMD5AndDES-CBC"),
    ("1.2.840.113549.1.5.6", "pbeWithMD5AndRC2-CBC"),
    ("1.2.840.113549.1.5.10", "pbeWithSHA1AndDES-CBC"),
    ("1.2.840.113549.1.5.11", "pbeWithSHA1AndRC2-CBC"),
    ("1.2.840.113549.1.5.14", "PBMAC1"),
    ("1.2.840.113549.2.5", "MD5"),
    ("1.2.840.113549.3.2", "RC2-CBC"),
    ("1.3.14.3.2.7", "DES-CBC"),
    ("1.3.6.1.4.1.11591.4.11", "scrypt"),
    ("1.2.392.200011.61.1.1.1.2", "Camellia-128-CBC"),
    ("1.2.392.200011.61.1.1.1.3", "Camellia-192-CBC"),
    ("1.2.392.200011.61.1.1.1.4", "Camellia-256-CBC"),
    ("1.2.840.10040.4.1", "DSA"),
    ("1.3.36.3.3.2.8.1.1.7", "brainpoolP256r1"),
    ("1.3.101.110", "X25519"),
    ("1.3.101.111", "X448"),
    ("1.3.101.112", "Ed25519"),
    ("1.3.101.113", "Ed448"),
    ("1.3.132.0.10", "secp256k1"),
];

/// An algorithm as an administrator can look it up: `pbeWithSHAAnd128BitRC4 (1.2.840.113549.1.12.1.1)`.
pub(crate) fn describe(id: &Element<'_>) -> String {
    let Ok(oid) = Oid::from_bytes(id.content) else {
        return format!("an algorithm whose identifier is {}", hex(id.content));
    };
    let dotted = oid.to_string();
    let further = || {
        FURTHER
            .iter()
            .find(|(known, _)| *known == dotted)
            .map(|(_, name)| *name)
    };
    match further().or_else(|| const_oid::db::DB.by_oid(&oid)) {
        Some(name) => format!("{name} ({dotted})"),
        None => dotted,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::asn1::writer;

    #[test]
    fn names_come_with_their_identifier() {
        let described = |dotted: &str| {
            let der = writer::oid(&Oid::new_unwrap(dotted));
            describe(&Element::only(&der).unwrap())
        };
        assert_eq!(
            described("1.2.840.113549.1.12.1.1"),
            "pbeWithSHAAnd128BitRC4 (1.2.840.113549.1.12.1.1)"
        );
        assert_eq!(
            described("1.3.6.1.4.1.11591.4.11"),
            "scrypt (1.3.6.1.4.1.11591.4.11)"
        );
        assert_eq!(
            described("1.2.392.200011.61.1.1.1.4"),
            "Camellia-256-CBC (1.2.392.200011.61.1.1.1.4)"
        );
        assert_eq!(described("1.2.3.4"), "1.2.3.4");
    }

    #[test]
    fn an_identifier_too_large_is_shown_in_octets() {
        let der = writer::element(6, &[0xff; 40]);
        assert!(describe(&Element::only(&der).unwrap()).contains("ffff"));
    }
}
