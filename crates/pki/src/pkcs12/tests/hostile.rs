use proptest::sample::Index;

use super::*;

/// Enough for files that are meant, little enough for thousands of those that are not.
const WORK: u64 = 20_000;

static PLAIN: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let other = PrivateKey::generate(KeyKind::P256).unwrap();
    plain::file(&[
        plain::key(&KEY, Some(b"mark"), Some("name")),
        plain::certificate(&self_signed(&KEY, "ada", 1), Some(b"mark"), None),
        plain::certificate(&self_signed(&other, "root", 2), None, None),
    ])
});

/// The same with keys that nothing here computes with.
static CARRIED: [&[u8]; 2] = [
    include_bytes!("../../../../../fuzz/seeds/pkcs12/open-rsa1024"),
    include_bytes!("../../../../../fuzz/seeds/pkcs12/open-p521"),
];

static IDENTITY: LazyLock<Pkcs12> = LazyLock::new(|| identity(None));

static WRITTEN: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    [Encoding::Modern, Encoding::Legacy]
        .map(|encoding| {
            write(&IDENTITY, "s3cret", encoding, Chain::Included)
                .unwrap()
                .to_vec()
        })
        .to_vec()
});

fn change(file: &[u8], changes: &[(Index, u8)], cut: Index) -> Vec<u8> {
    let mut bytes = file.to_vec();
    for (at, octet) in changes {
        let at = at.index(bytes.len());
        bytes[at] = *octet;
    }
    if cut.index(4) == 0 {
        bytes.truncate(cut.index(file.len()));
    }
    bytes
}

proptest! {
    #[test]
    fn arbitrary_bytes_are_survived(bytes: Vec<u8>, password in ".{0,8}") {
        let _ = open_within(&bytes, &password, WORK);
        let _ = PrivateKey::from_pem_or_der(&bytes, Some(&password));
    }

    #[test]
    fn changes_to_what_nothing_protects_are_survived(
        changes in prop::collection::vec(any::<(Index, u8)>(), 1..4), cut: Index
    ) {
        for file in [PLAIN.as_slice(), CARRIED[0], CARRIED[1]] {
            if let Ok(opened) = open_within(&change(file, &changes, cut), "", WORK) {
                // Whatever was changed, key and certificate belong together.
                let public = opened.certificate.public_key().unwrap();
                prop_assert!(public.is_same_key(&opened.key.public_key().unwrap()));
                prop_assert!(write(&opened, "x", Encoding::Modern, Chain::Included).is_ok());
            }
        }
    }

    #[test]
    fn changes_to_what_is_protected_change_nothing(
        changes in prop::collection::vec(any::<(Index, u8)>(), 1..4), cut: Index
    ) {
        for written in &*WRITTEN {
            if let Ok(opened) = open_within(&change(written, &changes, cut), "s3cret", WORK) {
                prop_assert_eq!(opened.key.to_pkcs8(), KEY.to_pkcs8());
                prop_assert_eq!(&opened.certificate, &IDENTITY.certificate);
                prop_assert_eq!(opened.chain.len(), 1);
            }
        }
    }
}
