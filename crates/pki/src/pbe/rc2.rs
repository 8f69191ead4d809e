//! RC2 in CBC mode, to read files of the nineties and of the defaults of OpenSSL before 3.0. Nothing here writes it.

use rc2::{
    Rc2,
    cipher::{Array, BlockCipherDecrypt},
};
use zeroize::Zeroizing;

const BLOCK: usize = 8;

/// Decrypts and takes the padding off; the effective length is that of the key. `None` where the padding is not one.
pub(super) fn decrypt_cbc(key: &[u8], iv: &[u8], ciphertext: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let cipher = Rc2::new_with_eff_key_len(key, key.len() * 8);
    let mut plaintext = Zeroizing::new(Vec::with_capacity(ciphertext.len()));
    let mut previous = iv;
    for chunk in ciphertext.chunks_exact(BLOCK) {
        let mut block = Array::try_from(chunk).ok()?;
        cipher.decrypt_block(&mut block);
        plaintext.extend(block.iter().zip(previous).map(|(octet, mask)| octet ^ mask));
        previous = chunk;
    }
    let padding = usize::from(*plaintext.last()?);
    let rest = plaintext.len().checked_sub(padding)?;
    let valid = (1..=BLOCK).contains(&padding)
        && plaintext[rest..]
            .iter()
            .all(|&octet| usize::from(octet) == padding);
    valid.then(|| plaintext.truncate(rest))?;
    Some(plaintext)
}
