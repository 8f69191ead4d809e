//! The body of an import over Graph: JSON, in it a password for our connector key and a PKCS#12 file.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mandate_fuzz::RECIPIENT;
use mandate_graph::read_user_pfx_certificate;

fuzz_target!(|data: &[u8]| {
    let Ok(request) = read_user_pfx_certificate(data) else {
        return;
    };
    if let Ok(opened) = request.pfx.open("connector", &RECIPIENT.key) {
        let _ = request.claims.check(&opened.facts);
    }
});
