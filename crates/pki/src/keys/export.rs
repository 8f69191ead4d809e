use super::PublicKey;
use crate::pem;

impl PublicKey {
    /// As a `PUBLIC KEY` block (RFC 7468 §13).
    pub fn to_pem(&self) -> String {
        pem::encode("PUBLIC KEY", self.der())
    }

    /// An RSA key as `RSAPUBLICBLOB` of Windows CNG, the file that Intune's PFX import module writes and reads; nothing for
    /// other keys.
    ///
    /// `BCRYPT_RSAKEY_BLOB` (bcrypt.h): six numbers of 32 bits in little-endian order, namely `RSA1`, the bits of the modulus,
    /// the octets of exponent and modulus, and two zeros for the primes; then exponent and modulus in big-endian order.
    pub fn to_rsa_public_blob(&self) -> Option<Vec<u8>> {
        const MAGIC: &[u8; 4] = b"RSA1";
        let (modulus, exponent) = self.rsa_components()?;
        let number = |value: usize| Some(u32::try_from(value).ok()?.to_le_bytes());
        Some(
            [
                MAGIC.as_slice(),
                &number(self.bits())?,
                &number(exponent.len())?,
                &number(modulus.len())?,
                &number(0)?,
                &number(0)?,
                &exponent,
                &modulus,
            ]
            .concat(),
        )
    }
}

#[cfg(test)]
mod tests {
    use crate::{
        keys::{KeyKind, PrivateKey},
        pem,
    };

    #[test]
    fn the_blob_of_windows_has_its_header_and_both_numbers() {
        let key = PrivateKey::generate(KeyKind::Rsa2048).unwrap();
        let blob = key.public_key().unwrap().to_rsa_public_blob().unwrap();
        assert_eq!(
            blob[..24],
            [
                0x52, 0x53, 0x41, 0x31, 0, 8, 0, 0, 3, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
            ]
        );
        let (modulus, exponent) = key.rsa_public_components().unwrap();
        assert_eq!(exponent, [1, 0, 1]);
        assert_eq!(blob[24..27], exponent);
        assert_eq!(blob[27..], modulus);
    }

    #[test]
    fn elliptic_keys_have_no_such_blob_but_pem() {
        let public = PrivateKey::generate(KeyKind::P384)
            .unwrap()
            .public_key()
            .unwrap();
        assert_eq!(public.to_rsa_public_blob(), None);
        assert_eq!(
            pem::decode("PUBLIC KEY", &public.to_pem()).unwrap(),
            public.der()
        );
    }
}
