use mandate_pki::{authority::CertificateRequest, name::DistinguishedName};
use proptest::prelude::*;

use crate::{DAY, EC, NOW, openssl::Openssl, serial};

/// A certificate with this subject, as OpenSSL prints the subject by RFC 2253.
fn printed(openssl: &Openssl, name: &DistinguishedName) -> String {
    let mut request = CertificateRequest::new(EC.public_key_info(), name.clone(), serial(1));
    request.not_after = NOW + DAY;
    openssl.write("cert.pem", request.self_sign(&EC).unwrap().to_pem());
    let line = openssl.succeed("x509 -in cert.pem -noout -subject -nameopt RFC2253,utf8,-esc_msb");
    line.trim_end_matches('\n')
        .strip_prefix("subject=")
        .unwrap()
        .to_owned()
}

#[test]
fn openssl_reads_the_names_of_profiles_the_same() {
    let Some(openssl) = Openssl::find() else {
        return;
    };
    for (text, expected) in [
        (
            "CN=ada,E=ada@example.org,OU=staff",
            "CN=ada,emailAddress=ada@example.org,OU=staff",
        ),
        (r#"CN="a, b",OU=x"#, r"CN=a\, b,OU=x"),
        (
            "G=Ada+SN=Lovelace,C=GB,DC=corp",
            "SN=Lovelace+GN=Ada,C=GB,DC=corp",
        ),
        (
            "SERIALNUMBER=1,UID=x,STREET=y,T=z,I=A,ST=Kent,L=K",
            "serialNumber=1,UID=x,street=y,title=z,initials=A,ST=Kent,L=K",
        ),
    ] {
        let name = DistinguishedName::parse(text).unwrap();
        assert!(
            DistinguishedName::parse(&printed(&openssl, &name))
                .unwrap()
                .matches(&name),
            "{text}"
        );
        if !text.contains('+') {
            assert_eq!(printed(&openssl, &name), expected);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn any_value_survives_openssl(user in "[ -~é€]{1,20}", unit in "[,+;=\"\\\\<># a]{1,8}") {
        let Some(openssl) = Openssl::find() else { return Ok(()) };
        let template = DistinguishedName::parse("CN={{UserName}},OU={{Unit}},O=house").unwrap();
        let name = template
            .map_values::<mandate_pki::Error>(|value| Ok(value.replace("{{UserName}}", &user).replace("{{Unit}}", &unit)))
            .unwrap();
        prop_assert_eq!(DistinguishedName::parse(&printed(&openssl, &name)).unwrap(), name);
    }
}
