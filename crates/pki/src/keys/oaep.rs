//! RSAES-OAEP (RFC 8017 §7.1) with an empty label and MGF1 over the same digest, as Windows, Java and OpenSSL do it.

use aws_lc_rs::rsa::{
    OAEP_SHA1_MGF1SHA1, OAEP_SHA256_MGF1SHA256, OAEP_SHA384_MGF1SHA384, OAEP_SHA512_MGF1SHA512,
    OaepAlgorithm, OaepPrivateDecryptingKey, OaepPublicEncryptingKey, PrivateDecryptingKey,
};
use zeroize::Zeroizing;

use super::{OaepDigest, PrivateKey, PublicKey};
use crate::{DigestAlgorithm, Error, Result};

impl PrivateKey {
    /// Undoes RSAES-OAEP. Every failure to decrypt is [`Error::Decryption`].
    ///
    /// SHA-1 is for CMS messages alone, whose senders take it where nothing else is said; whoever offers a choice of digests
    /// leaves it out.
    pub fn decrypt_oaep(
        &self,
        digest: OaepDigest,
        ciphertext: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>> {
        if !self.is_rsa() {
            return Err(Error::Unsupported("decryption with an EC key"));
        }
        let unreadable = |_| Error::Library("reading a key");
        let key = PrivateDecryptingKey::from_pkcs8(&self.to_pkcs8())
            .map_err(|_| Error::Library("reading a key"))?;
        let key = OaepPrivateDecryptingKey::new(key).map_err(unreadable)?;
        let mut buffer = Zeroizing::new(vec![0; key.min_output_size()]);
        let plaintext = key
            .decrypt(algorithm(digest), ciphertext, &mut buffer, None)
            .map_err(|_| Error::Decryption)?;
        Ok(Zeroizing::new(plaintext.to_vec()))
    }
}

impl PublicKey {
    /// RSAES-OAEP, from 2,048 bits and not over SHA-1. The plaintext may have as many octets as the modulus, less twice the
    /// digest and two.
    pub fn encrypt_oaep(&self, digest: OaepDigest, plaintext: &[u8]) -> Result<Vec<u8>> {
        refuse_sha1(digest)?;
        let key = OaepPublicEncryptingKey::new(self.encrypting_key()?)
            .map_err(|_| Error::Unsupported("RSA key to encrypt to"))?;
        let algorithm = algorithm(digest);
        if plaintext.len() > key.max_plaintext_size(algorithm) {
            return Err(Error::Unsupported("length of a secret to encrypt"));
        }
        let mut ciphertext = vec![0; key.ciphertext_size()];
        let written = key
            .encrypt(algorithm, plaintext, &mut ciphertext, None)
            .map_err(|_| Error::Library("encryption"))?
            .len();
        ciphertext.truncate(written);
        Ok(ciphertext)
    }
}

fn refuse_sha1(digest: OaepDigest) -> Result<()> {
    match digest {
        DigestAlgorithm::Sha1 => Err(Error::Forbidden("OAEP with SHA-1")),
        DigestAlgorithm::Sha256 | DigestAlgorithm::Sha384 | DigestAlgorithm::Sha512 => Ok(()),
    }
}

fn algorithm(digest: OaepDigest) -> &'static OaepAlgorithm {
    match digest {
        DigestAlgorithm::Sha1 => &OAEP_SHA1_MGF1SHA1,
        DigestAlgorithm::Sha256 => &OAEP_SHA256_MGF1SHA256,
        DigestAlgorithm::Sha384 => &OAEP_SHA384_MGF1SHA384,
        DigestAlgorithm::Sha512 => &OAEP_SHA512_MGF1SHA512,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use super::*;
    use crate::keys::KeyKind;

    static KEY: LazyLock<PrivateKey> =
        LazyLock::new(|| PrivateKey::generate(KeyKind::Rsa2048).unwrap());

    #[test]
    fn what_was_encrypted_comes_back_by_the_same_digest_only() {
        let public = KEY.public_key().unwrap();
        for digest in [
            DigestAlgorithm::Sha256,
            DigestAlgorithm::Sha384,
            DigestAlgorithm::Sha512,
        ] {
            let ciphertext = public.encrypt_oaep(digest, b"s3cret").unwrap();
            let opened = KEY.decrypt_oaep(digest, &ciphertext).unwrap();
            assert_eq!(opened.as_slice(), b"s3cret");
            let other = match digest {
                DigestAlgorithm::Sha256 => DigestAlgorithm::Sha512,
                _ => DigestAlgorithm::Sha256,
            };
            assert_eq!(KEY.decrypt_oaep(other, &ciphertext), Err(Error::Decryption));
        }
    }

    #[test]
    fn nothing_is_encrypted_over_sha1() {
        let public = KEY.public_key().unwrap();
        assert_eq!(
            public.encrypt_oaep(DigestAlgorithm::Sha1, b"x"),
            Err(Error::Forbidden("OAEP with SHA-1"))
        );
    }

    #[test]
    fn a_secret_too_long_is_refused_and_rubbish_is_not_decrypted() {
        let public = KEY.public_key().unwrap();
        assert!(
            public
                .encrypt_oaep(DigestAlgorithm::Sha512, &[1; 126])
                .is_ok()
        );
        assert_eq!(
            public.encrypt_oaep(DigestAlgorithm::Sha512, &[1; 127]),
            Err(Error::Unsupported("length of a secret to encrypt"))
        );
        for rubbish in [&[][..], &[1; 255], &[1; 256], &[1; 257]] {
            assert_eq!(
                KEY.decrypt_oaep(DigestAlgorithm::Sha256, rubbish),
                Err(Error::Decryption)
            );
        }
    }

    #[test]
    fn elliptic_keys_do_not_decrypt() {
        let key = PrivateKey::generate(KeyKind::P256).unwrap();
        assert!(
            key.decrypt_oaep(DigestAlgorithm::Sha256, &[0; 256])
                .is_err()
        );
        let public = key.public_key().unwrap();
        assert_eq!(
            public.encrypt_oaep(DigestAlgorithm::Sha256, b"x"),
            Err(Error::Unsupported("encryption to an EC key"))
        );
    }
}
