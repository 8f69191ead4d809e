//! Which key of a file, which certificate for it, and in what order the others.

use zeroize::Zeroizing;

use super::{
    Pkcs12, Pkcs12Error,
    bags::{Bag, Bags},
};
use crate::{
    Error,
    certificate::Certificate,
    keys::{CarriedKey, pss_alone},
};

/// Longer than any chain; each step may check signatures of all certificates there are.
const MAX_CHAIN: usize = 16;

/// A key and the place of its certificate.
struct Pair {
    key: Bag<CarriedKey>,
    certificate: usize,
    /// Whether a mark ties them together, and not the public key alone.
    is_marked: bool,
}

/// The one key that has a certificate, or the one of several that a mark ties to its own.
pub(super) fn choose(bags: Bags) -> Result<Pkcs12, Pkcs12Error> {
    let mut certificates = bags.certificates;
    let mut pairs = find_pairs(bags.keys, &certificates)?;
    if pairs.len() > 1 {
        pairs.retain(|pair| pair.is_marked);
        if pairs.len() != 1 {
            return Err(Pkcs12Error::SeveralIdentities);
        }
    }
    let pair = pairs.pop().ok_or(Pkcs12Error::NoIdentity)?;
    let leaf = certificates.remove(pair.certificate);
    let public = leaf.value.public_key();
    if public.is_ok_and(|public| public.is_for_pss_alone()) {
        return Err(Pkcs12Error::UnsupportedKey(pss_alone()));
    }
    let others = certificates.into_iter().map(|bag| bag.value).collect();
    Ok(Pkcs12 {
        chain: in_order(&leaf.value, others),
        key: pair.key.value,
        certificate: leaf.value,
        friendly_name: pair.key.friendly_name.or(leaf.friendly_name),
    })
}

/// Each key that has a certificate, once. A key of another kind is passed over as long as no certificate bears its mark and
/// the file has something better.
fn find_pairs(
    keys: Vec<Bag<Zeroizing<Vec<u8>>>>,
    certificates: &[Bag<Certificate>],
) -> Result<Vec<Pair>, Pkcs12Error> {
    let mut pairs: Vec<Pair> = Vec::new();
    let mut unsupported = None;
    for bag in keys {
        let key = match CarriedKey::from_pkcs8(&bag.value) {
            Ok(key) => bag.holding(key),
            Err(Error::UnsupportedKey(name)) => {
                let error = Pkcs12Error::UnsupportedKey(name);
                if certificates.iter().any(|other| bag.has_mark_of(other)) {
                    return Err(error);
                }
                unsupported.get_or_insert(error);
                continue;
            }
            Err(_) => return Err(Pkcs12Error::Malformed("its private key")),
        };
        let Some(certificate) = find_certificate(&key, certificates) else {
            continue;
        };
        let pair = Pair {
            is_marked: key.has_mark_of(&certificates[certificate]),
            key,
            certificate,
        };
        let is_same =
            |other: &Pair| other.key.value.public_key_info() == pair.key.value.public_key_info();
        match pairs.iter_mut().find(|other| is_same(other)) {
            Some(other) if pair.is_marked && !other.is_marked => *other = pair,
            Some(_) => {}
            None => pairs.push(pair),
        }
    }
    match unsupported {
        Some(error) if pairs.is_empty() => Err(error),
        _ => Ok(pairs),
    }
}

/// The certificate over the same public key: the one that bears the key's mark, else the first.
///
/// A mark alone is not enough. Files exist in which it leads to a certificate that was renewed over another key.
fn find_certificate(key: &Bag<CarriedKey>, certificates: &[Bag<Certificate>]) -> Option<usize> {
    let own = key.value.public_key().ok()?;
    let fitting = || {
        certificates.iter().enumerate().filter(|(_, bag)| {
            bag.value
                .public_key()
                .is_ok_and(|public| public.is_same_key(&own))
        })
    };
    fitting()
        .find(|(_, bag)| key.has_mark_of(bag))
        .or_else(|| fitting().next())
        .map(|(index, _)| index)
}

/// The issuers of `leaf` one after the other, then what is left in the order of the file.
fn in_order(leaf: &Certificate, mut others: Vec<Certificate>) -> Vec<Certificate> {
    others.retain(|other| other != leaf);
    let mut chain: Vec<Certificate> = Vec::with_capacity(others.len());
    while chain.len() < MAX_CHAIN {
        let last = chain.last().unwrap_or(leaf);
        let Some(index) = find_issuer(last, &others) else {
            break;
        };
        let issuer = others.remove(index);
        others.retain(|other| *other != issuer);
        chain.push(issuer);
    }
    for other in others {
        if !chain.contains(&other) {
            chain.push(other);
        }
    }
    chain
}

/// An authority that renewed its key is there twice under one name; the signature decides. One that is alone is taken even
/// where its signature cannot be checked, as over SHA-1.
fn find_issuer(certificate: &Certificate, others: &[Certificate]) -> Option<usize> {
    if certificate.issuer_der() == certificate.subject_der() {
        return None;
    }
    let named = || {
        others
            .iter()
            .enumerate()
            .filter(|(_, other)| other.subject_der() == certificate.issuer_der())
    };
    let first = named().next()?;
    if named().nth(1).is_none() {
        return Some(first.0);
    }
    named()
        .find(|(_, other)| certificate.verify_signed_by(other).is_ok())
        .or(Some(first))
        .map(|(index, _)| index)
}
