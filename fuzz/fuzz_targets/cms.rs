//! Signed and encrypted messages, as phones and SCEP clients send them, and the certificates in them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mandate_fuzz::{RECIPIENT, look_at};
use mandate_pki::{
    Legacy,
    certificate::Certificate,
    cms::{Policy, SignedMessage, decrypt_with},
};

fuzz_target!(|data: &[u8]| {
    if let Ok(message) = SignedMessage::from_ber(data) {
        if let Ok((signer, _content)) = message.verify_attached(Legacy::AllowSha1) {
            look_at(signer);
        }
        let _ = message.verify_detached(b"content", Legacy::Refuse);
    }
    let _ = decrypt_with(
        data,
        &RECIPIENT.key,
        &RECIPIENT.certificate,
        Policy::AllowSingleDes,
    );
    if let Ok(certificate) = Certificate::from_der(data) {
        look_at(&certificate);
    }
});
