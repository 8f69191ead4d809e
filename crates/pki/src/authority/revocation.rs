use super::{issue::authority_key_id, key_id};
use crate::{
    Result,
    asn1::{oid, time, writer},
    certificate::{Certificate, Extension},
    keys::PrivateKey,
};

/// Why a certificate no longer counts (RFC 5280 §5.3.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RevocationReason {
    /// None is told
    #[default]
    Unspecified,
    /// The key fell into other hands
    KeyCompromise,
    /// The key of the authority did
    CaCompromise,
    /// The holder moved
    AffiliationChanged,
    /// There is a newer one
    Superseded,
    /// It is no longer needed, such as after a device was retired
    CessationOfOperation,
    /// On hold, may come back
    CertificateHold,
    /// A privilege was withdrawn
    PrivilegeWithdrawn,
}

impl RevocationReason {
    /// The number of the reason in a revocation list.
    pub const fn code(self) -> u8 {
        match self {
            Self::Unspecified => 0,
            Self::KeyCompromise => 1,
            Self::CaCompromise => 2,
            Self::AffiliationChanged => 3,
            Self::Superseded => 4,
            Self::CessationOfOperation => 5,
            Self::CertificateHold => 6,
            Self::PrivilegeWithdrawn => 9,
        }
    }

    /// The reason with this number; an unknown one tells nothing.
    pub const fn from_code(code: i64) -> Self {
        match code {
            1 => Self::KeyCompromise,
            2 => Self::CaCompromise,
            3 => Self::AffiliationChanged,
            4 => Self::Superseded,
            5 => Self::CessationOfOperation,
            6 => Self::CertificateHold,
            9 => Self::PrivilegeWithdrawn,
            _ => Self::Unspecified,
        }
    }
}

/// A line of the revocation list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevokedEntry {
    /// Serial number, unsigned and big-endian
    pub serial: Vec<u8>,
    /// Seconds since 1970
    pub revoked_at: i64,
    /// Why
    pub reason: RevocationReason,
}

impl RevokedEntry {
    fn to_der(&self) -> Vec<u8> {
        // RFC 5280 §5.3.1: rather no reason than "unspecified".
        let extensions = match self.reason {
            RevocationReason::Unspecified => Vec::new(),
            reason => {
                let reason =
                    Extension::to_der(&oid::CRL_REASON, false, &writer::enumerated(reason.code()));
                writer::sequence([&reason])
            }
        };
        writer::sequence([
            &writer::unsigned(&self.serial),
            &time::encode(self.revoked_at),
            &extensions,
        ])
    }
}

/// What tells one list from the next.
pub(super) struct Edition {
    pub(super) number: u64,
    pub(super) this_update: i64,
    pub(super) next_update: i64,
}

/// RFC 5280 §5.1
pub(super) fn sign(
    issuer: &Certificate,
    key: &PrivateKey,
    entries: &[RevokedEntry],
    edition: &Edition,
) -> Result<Vec<u8>> {
    let algorithm = key.signature_algorithm().to_der()?;
    let extensions = writer::sequence([
        &authority_key_id(&key_id(issuer)?),
        &Extension::to_der(&oid::CRL_NUMBER, false, &writer::integer(edition.number)),
    ]);
    // An empty list of entries must be absent.
    let entries = match entries {
        [] => Vec::new(),
        entries => {
            writer::sequence_of(&entries.iter().map(RevokedEntry::to_der).collect::<Vec<_>>())
        }
    };
    let to_be_signed = writer::sequence([
        &writer::integer(1),
        &algorithm,
        issuer.subject_der(),
        &time::encode(edition.this_update),
        &time::encode(edition.next_update),
        &entries,
        &writer::context(0, &extensions),
    ]);
    let signature = writer::bit_string(&key.sign(&to_be_signed)?);
    Ok(writer::sequence([&to_be_signed, &algorithm, &signature]))
}
