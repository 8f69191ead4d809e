//! Questions for the state of certificates, which anybody may send.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mandate_fuzz::RECIPIENT;
use mandate_pki::ocsp::{Request, decode_path};

fuzz_target!(|data: &[u8]| {
    if let Ok(request) = Request::parse(data) {
        let _ = request.nonce();
        for id in request.certificate_ids() {
            let _ = id.serial_hex();
            let _ = id.names_issuer(&RECIPIENT.certificate);
        }
    }
    if let Ok(path) = std::str::from_utf8(data)
        && let Ok(der) = decode_path(path)
    {
        let _ = Request::parse(&der);
    }
});
