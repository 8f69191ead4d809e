//! Which key of a file, which certificate for it, and in what order the others.

use super::{
    Pkcs12, Pkcs12Error,
    bags::{Bag, Bags},
};
use crate::{Error, certificate::Certificate, keys::PrivateKey};

/// Longer than any chain; each step may check signatures of all certificates there are.
const MAX_CHAIN: usize = 16;

/// The one key that has a certificate.
pub(super) fn choose(bags: Bags) -> Result<Pkcs12, Pkcs12Error> {
    let mut certificates = bags.certificates;
    let mut found: Option<(Bag<PrivateKey>, usize)> = None;
    for bag in bags.keys {
        let bag = Bag {
            value: read_key(&bag.value)?,
            local_key_id: bag.local_key_id,
            friendly_name: bag.friendly_name,
        };
        let Some(index) = find_certificate(&bag, &certificates) else {
            continue;
        };
        match &found {
            Some((other, _)) if other.value.public_key_info() == bag.value.public_key_info() => {}
            Some(_) => return Err(Pkcs12Error::SeveralIdentities),
            None => found = Some((bag, index)),
        }
    }
    let (key, index) = found.ok_or(Pkcs12Error::NoIdentity)?;
    let leaf = certificates.remove(index);
    let others = certificates.into_iter().map(|bag| bag.value).collect();
    Ok(Pkcs12 {
        chain: in_order(&leaf.value, others),
        key: key.value,
        certificate: leaf.value,
        friendly_name: key.friendly_name.or(leaf.friendly_name),
    })
}

fn read_key(pkcs8: &[u8]) -> Result<PrivateKey, Pkcs12Error> {
    PrivateKey::from_pkcs8(pkcs8).map_err(|error| match error {
        Error::UnsupportedAlgorithm(name) => Pkcs12Error::Unsupported(name),
        Error::Unsupported(name) => Pkcs12Error::Unsupported(name.to_owned()),
        _ => Pkcs12Error::Malformed("its private key"),
    })
}

/// The certificate over the same public key: the one that bears the key's mark, else the first.
///
/// A mark alone is not enough. Files exist in which it leads to a certificate that was renewed over another key.
fn find_certificate(key: &Bag<PrivateKey>, certificates: &[Bag<Certificate>]) -> Option<usize> {
    let own = key.value.public_key().ok()?;
    let fitting = || {
        certificates.iter().enumerate().filter(|(_, bag)| {
            bag.value
                .public_key()
                .is_ok_and(|public| public.is_same_key(&own))
        })
    };
    fitting()
        .find(|(_, bag)| bag.local_key_id.is_some() && bag.local_key_id == key.local_key_id)
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
