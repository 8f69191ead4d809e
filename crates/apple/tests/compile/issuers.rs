//! Who issues: our own authority, one of others that is registered here, or somebody unknown.

use mandate_model::{ExternalIssuer, Profile};
use plist::Value;
use serde_json::{Value as Json, json};

use crate::house::{House, PKCS, mac_scep, notices, payloads, profile, scep};

#[test]
fn a_registered_authority_is_asked_through_us() {
    let house = with_contoso("17");
    for url in [
        "https://scep.contoso.com/certsrv/mscep/mscep.dll",
        "https://SCEP.Contoso.com:443/certsrv/mscep/mscep.dll",
    ] {
        let compiled = house
            .compile(&scep(
                5,
                json!({ "scepServerUrls": ["https://other.example/scep", url] }),
            ))
            .unwrap();
        let [spec] = compiled.certificates.as_slice() else {
            panic!("we check the request, so there is a specification");
        };
        assert_eq!(spec.issuer.as_deref(), Some("Contoso Issuing CA"));
        let request = payloads(&compiled)[1]["PayloadContent"].clone();
        let request = request.as_dictionary().unwrap();
        assert_eq!(
            request["URL"],
            Value::from("https://mdm.example.org/scep"),
            "{url}"
        );
        assert!(request.contains_key("Challenge") && request.contains_key("CAFingerprint"));
    }
}

#[test]
fn a_registered_authority_may_be_on_our_own_host() {
    let mut house = with_contoso("17");
    house.services.issuers[0].url = "http://mdm.example.org:8080/scep".to_owned();
    let issuer = |url: &str| {
        let compiled = house
            .compile(&scep(5, json!({ "scepServerUrls": [url] })))
            .unwrap();
        compiled.certificates[0].issuer.clone()
    };
    assert!(issuer("http://mdm.example.org:8080/scep").is_some());
    assert_eq!(issuer("https://mdm.example.org/scep"), None);
}

#[test]
fn a_pkcs_profile_names_a_registered_authority() {
    let house = with_contoso("17");
    let compiled = house.compile(&pkcs(
        json!({ "certificationAuthorityName": "contoso issuing ca" }),
    ));
    let compiled = compiled.unwrap();
    assert_eq!(
        compiled.certificates[0].issuer.as_deref(),
        Some("Contoso Issuing CA")
    );
    assert_eq!(notices(&compiled), [""; 0]);
}

#[test]
fn an_authority_that_is_not_registered_is_replaced_by_our_own_and_said() {
    let house = with_contoso("17");
    for (body, expected) in [
        (json!({}), vec![]),
        (json!({ "certificationAuthorityName": "Mandate" }), vec![]),
        (
            json!({ "certificationAuthorityName": "Example & Co", "certificationAuthority": "ca01" }),
            vec![],
        ),
        (
            json!({ "certificationAuthority": "mdm.example.org" }),
            vec![],
        ),
        (
            json!({ "certificationAuthority": "ca01.corp.contoso.com" }),
            vec!["authorityNotRegistered"],
        ),
        (
            json!({ "certificationAuthority": "ca01.corp.contoso.com", "certificationAuthorityName": "Fabrikam CA" }),
            vec!["authorityNotRegistered"],
        ),
    ] {
        let compiled = house.compile(&pkcs(body.clone())).unwrap();
        assert_eq!(compiled.certificates[0].issuer, None, "{body}");
        assert_eq!(notices(&compiled), expected, "{body}");
    }
}

#[test]
fn another_issuer_is_other_content() {
    let named = pkcs(json!({ "certificationAuthorityName": "Contoso Issuing CA" }));
    let scep = scep(
        5,
        json!({ "scepServerUrls": ["https://scep.contoso.com/certsrv/mscep/mscep.dll"] }),
    );
    for profile in [named, scep] {
        let registered = with_contoso("17").compile(&profile).unwrap();
        let not = House::with_ios("17").compile(&profile).unwrap();
        assert_ne!(registered.content_hash, not.content_hash);
    }
}

#[test]
fn macs_are_asked_through_us_as_well() {
    let mut house = House::with_macos("14.5");
    house.services.issuers = with_contoso("17").services.issuers;
    let url = "https://scep.contoso.com/certsrv/mscep/mscep.dll";
    let compiled = house
        .compile(&mac_scep(5, json!({ "scepServerUrls": [url] })))
        .unwrap();
    assert!(compiled.certificates[0].issuer.is_some());
}

fn with_contoso(version: &str) -> House {
    let mut house = House::with_ios(version);
    house.services.issuers.push(ExternalIssuer {
        name: "Contoso Issuing CA".to_owned(),
        url: "https://scep.contoso.com/certsrv/mscep/mscep.dll".to_owned(),
    });
    house
}

fn pkcs(body: Json) -> Profile {
    profile(7, PKCS, body)
}
