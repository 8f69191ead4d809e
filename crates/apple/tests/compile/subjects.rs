//! Subjects with anything in them: out of the directory, into a certificate, and as OpenSSL prints it.

use std::io::Write as _;
use std::process::{Command, Stdio};

use mandate_pki::authority::{Authority, AuthorityRequest, CertificateRequest, SerialNumber};
use mandate_pki::keys::KeyKind;
use mandate_pki::name::{Attribute, DistinguishedName};
use proptest::prelude::*;
use serde_json::json;

use crate::house::{House, PKCS, profile, scep};

#[test]
fn what_stands_in_the_directory_stands_in_the_certificate() {
    let cases = [
        ("a,b", "CN=a\\,b"),
        (" a ", "CN=\\ a\\ "),
        ("#1", "CN=\\#1"),
        ("a=b", "CN=a=b"),
        (
            "x+CN=y,O=z;\"q\"\\<>",
            "CN=x\\+CN=y\\,O=z\\;\\\"q\\\"\\\\\\<\\>",
        ),
        ("Zoë 邮 🙂", "CN=Zoë 邮 🙂"),
    ];
    let authority = authority();
    for (name, expected) in cases {
        let mut house = House::with_ios("17");
        house.user().given_name = Some(name.to_owned());
        let subject = subject(&house, "CN={{GivenName}}");
        assert_eq!(subject, [[("CN".to_owned(), name.to_owned())]]);
        let Some(printed) = printed(&authority, &subject) else {
            return;
        };
        assert_eq!(printed, expected);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn no_value_adds_an_attribute_or_loses_a_character(
        given in value(),
        surname in value(),
        account in value(),
        directory in value(),
        format in prop_oneof![
            Just("CN={{GivenName}} {{SurName}},OU={{OnPremisesSamAccountName}},O=\"{{OnPrem_Distinguished_Name}}\""),
            Just("O={{OnPrem_Distinguished_Name}},OU=\"a, {{OnPremisesSamAccountName}}\",CN={{GivenName}} {{SurName}}"),
            Just("CN={{GivenName}} {{SurName}}+OU={{OnPremisesSamAccountName}},O={{OnPrem_Distinguished_Name}}"),
            Just("CN=\"{{GivenName}} {{SurName}}\"+O=x+L=\"{{OnPrem_Distinguished_Name}}\",ST={{OnPremisesSamAccountName}}"),
        ],
    ) {
        let mut house = House::with_ios("17");
        let user = house.user();
        user.given_name = Some(given.clone());
        user.surname = Some(surname.clone());
        user.on_premises_sam_account_name = Some(account.clone());
        user.on_premises_distinguished_name = Some(directory.clone());

        let subject = subject(&house, format);
        let person = format!("{given} {surname}");
        let mut values: Vec<_> = subject.iter().flatten().map(|(_, value)| value.as_str()).collect();
        values.retain(|value| *value != "x");
        prop_assert_eq!(values.len(), 3);
        prop_assert!(values.contains(&person.as_str()) && values.contains(&directory.as_str()));
        prop_assert!(values.iter().any(|value| value.ends_with(account.as_str())));

        thread_local!(static AUTHORITY: Authority = authority());
        let Some(printed) = AUTHORITY.with(|authority| printed(authority, &subject)) else { return Ok(()) };
        // RFC 2253 begins with what is encoded last. The members of a set have no order.
        let mut read = read(&printed);
        read.reverse();
        for name in &mut read {
            name.sort();
        }
        let mut wanted = subject;
        for name in &mut wanted {
            name.sort();
        }
        prop_assert_eq!(read, wanted, "{}", printed);
    }
}

/// Mostly what names are made of, and what texts of names give a meaning to.
fn value() -> impl Strategy<Value = String> {
    let character = prop_oneof![
        3 => proptest::sample::select("+,;=\"\\<># '/*%&{}|\u{a0}".chars().collect::<Vec<_>>()),
        3 => proptest::sample::select("abcXYZ019.-@".chars().collect::<Vec<_>>()),
        2 => proptest::sample::select("äéßŁжΩ邮名🙂".chars().collect::<Vec<_>>()),
    ];
    proptest::collection::vec(character, 1..14)
        .prop_map(|characters| characters.into_iter().collect::<String>())
        // A blank attribute is a missing one.
        .prop_filter("blank", |text| !text.trim().is_empty())
}

/// The subject that SCEP and PKCS profiles of this format ask for.
fn subject(house: &House, format: &str) -> Vec<Vec<(String, String)>> {
    let body = json!({ "subjectNameFormatString": format });
    let of = |profile| {
        let compiled = house.compile(&profile).unwrap();
        compiled.certificates[0].subject.clone()
    };
    let by_scep = of(scep(5, body.clone()));
    assert_eq!(by_scep, of(profile(7, PKCS, body)));
    by_scep
}

/// What OpenSSL says of a certificate with this subject; nothing, and a word about it, without OpenSSL.
fn printed(authority: &Authority, subject: &[Vec<(String, String)>]) -> Option<String> {
    let attribute = |(name, value): &(String, String)| Attribute {
        oid: Attribute::oid_of(name).unwrap(),
        value: value.clone(),
    };
    let names = subject
        .iter()
        .map(|name| name.iter().map(attribute).collect());
    let name = DistinguishedName::from_relative_names(names.collect());
    let key = authority.issuing_key().public_key_info();
    let mut request = CertificateRequest::new(key, name, SerialNumber::from_random([7; 16]));
    request.not_after = NOW + 86_400;
    let certificate = authority.issue(&request).unwrap();

    let mut command = Command::new("openssl");
    command
        .args(["x509", "-inform", "DER", "-noout", "-subject", "-nameopt"])
        .arg("RFC2253,-esc_msb,utf8")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    let Ok(mut running) = command.spawn() else {
        eprintln!("skipped: no `openssl` command");
        return None;
    };
    let mut input = running.stdin.take().unwrap();
    input.write_all(certificate.der()).unwrap();
    drop(input);
    let output = running.wait_with_output().unwrap();
    assert!(output.status.success());
    let line = String::from_utf8(output.stdout).unwrap();
    let line = line.strip_prefix("subject=").unwrap();
    Some(line.strip_suffix('\n').unwrap().to_owned())
}

/// Takes the text form of RFC 2253 apart, in its own order.
fn read(text: &str) -> Vec<Vec<(String, String)>> {
    let mut names = vec![vec![(String::new(), String::new())]];
    let mut in_value = false;
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        let name = names.last_mut().unwrap();
        let (keyword, value) = name.last_mut().unwrap();
        match character {
            '\\' => value.push(characters.next().unwrap()),
            '+' | ',' => {
                in_value = false;
                let next = (String::new(), String::new());
                if character == '+' {
                    name.push(next);
                } else {
                    names.push(vec![next]);
                }
            }
            '=' if !in_value => in_value = true,
            other if in_value => value.push(other),
            other => keyword.push(other),
        }
    }
    names
}

fn authority() -> Authority {
    let serials = [1, 2].map(|number| SerialNumber::from_random([number; 16]));
    let request = AuthorityRequest {
        root_kind: KeyKind::P256,
        issuing_kind: KeyKind::P256,
        ..AuthorityRequest::new("Example", NOW, serials)
    };
    mandate_pki::authority::create(&request)
        .unwrap()
        .authority()
        .unwrap()
}

const NOW: i64 = 1_790_000_000;
