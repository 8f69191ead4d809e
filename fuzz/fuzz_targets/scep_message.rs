//! Messages for the SCEP server, and answers to its client.
//!
//! A signature lets nothing pass that was changed, and neither does encryption. So the first octet says where the rest goes: it is
//! the message, the envelope in a message that is well signed, or the request in an envelope as well.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mandate_fuzz::{RECIPIENT, signed_message};
use mandate_pki::{
    cms::{ContentCipher, encrypt},
    scep::{
        FailInfo, Policy, Responder, client::read_ca_certificates, failure, parse_request, success,
    },
};

const POLICY: Policy = Policy {
    allow_single_des: true,
    allow_sha1: true,
};

fuzz_target!(|data: &[u8]| {
    let Some((&layer, data)) = data.split_first() else {
        return;
    };
    match layer % 4 {
        0 => operate(data),
        1 => operate(&signed_message(data)),
        2 => {
            let recipients = std::slice::from_ref(&RECIPIENT.certificate);
            let envelope = encrypt(recipients, data, ContentCipher::Aes128Cbc)
                .expect("the fixture can be encrypted for");
            operate(&signed_message(&envelope));
        }
        _ => {
            for content_type in [
                "application/x-x509-ca-cert",
                "application/x-x509-ca-ra-cert",
            ] {
                let _ = read_ca_certificates(data, content_type);
            }
        }
    }
});

/// What the server does with a message, all but deciding.
fn operate(message: &[u8]) {
    let responder = Responder {
        key: &RECIPIENT.key,
        certificate: &RECIPIENT.certificate,
    };
    match parse_request(message, responder.key, responder.certificate, POLICY) {
        Ok(request) => {
            let _ = request.csr.subject_name();
            let _ = request.csr.subject_alt_names();
            let _ = success(&request, &RECIPIENT.certificate, &[], responder, &[9; 16]);
            let _ = failure(
                &request.refuse(FailInfo::BadMessageCheck),
                responder,
                &[9; 16],
            );
        }
        Err(refusal) => {
            let _ = failure(&refusal, responder, &[9; 16]);
        }
    }
}
