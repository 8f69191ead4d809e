//! PKCS#12 files that people bring.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mandate_fuzz::look_at;
use mandate_pki::pkcs12::{Chain, Encoding, open, open_within, write};

/// Few enough for thousands of files in a second; the seeds need fewer.
const ITERATIONS: u64 = 200;

fuzz_target!(|data: &[u8]| {
    let Ok(opened) = open_within(data, "s3cret", ITERATIONS) else {
        return;
    };
    look_at(&opened.certificate);
    opened.chain.iter().for_each(look_at);
    let own = opened
        .certificate
        .public_key()
        .expect("it was compared with the key");
    assert_eq!(
        own.key_id(),
        opened.key.public_key().expect("it was read").key_id()
    );
    // What was once read is read again.
    let file =
        write(&opened, "again", Encoding::Legacy, Chain::Included).expect("it can be written");
    let again = open(&file, "again").expect("what we write we read");
    assert_eq!(again.certificate, opened.certificate);
    assert_eq!(again.chain, opened.chain);
    assert_eq!(again.friendly_name, opened.friendly_name);
});
