//! Requests for certificates, and the names in them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mandate_pki::{Legacy, csr::CertificateSigningRequest, name::DistinguishedName};

fuzz_target!(|data: &[u8]| {
    if let Ok(request) = CertificateSigningRequest::from_der_with(data, Legacy::AllowSha1) {
        let _ = request.subject_name();
        let _ = request.subject_alt_names();
        let _ = request.key_usages();
        let _ = request.extended_key_usages();
        let _ = request.challenge_password();
        let _ = request.key_bits();
    }
    if let Ok(name) = DistinguishedName::from_der(data) {
        let text = name.to_string();
        let again = DistinguishedName::parse(&text).expect("what we write we read");
        assert!(again.matches(&name), "`{text}` names another");
    }
    if let Ok(text) = std::str::from_utf8(data)
        && let Ok(name) = DistinguishedName::parse(text)
    {
        let again = DistinguishedName::from_der(&name.to_der()).expect("what we write we read");
        assert!(again.matches(&name), "`{text}` changes its meaning");
    }
});
