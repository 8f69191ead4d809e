//! The way out: a key for a document that is about to be sent.

use mandate_model::UserId;
use mandate_pki::certificate::Certificate;
use mandate_pki::keys::CarriedKey;
use mandate_pki::pkcs12::Pkcs12;
use mandate_store::{ImportedKeyRecord, ImportedRecord, Session};

use super::OpenedPfx;
use crate::custody::imported_key_context;
use crate::instance::hex;
use crate::{Engine, EngineError};

/// Somebody's key by the SHA-256 of its certificate in hexadecimal.
pub(crate) async fn open_key(
    engine: &Engine,
    session: &mut Session,
    user: UserId,
    sha256: &str,
) -> Result<Pkcs12, EngineError> {
    let record = session.imported_key(user, sha256).await?.ok_or_else(|| {
        EngineError::Internal(format!(
            "no imported key of {user} for certificate {sha256}"
        ))
    })?;
    let certificate = Certificate::from_der(&record.der)?;
    let context = imported_key_context(user, &hex(&certificate.sha1()));
    let pkcs8 = engine.seal().open(&context, &record.sealed)?;
    Ok(Pkcs12 {
        key: CarriedKey::from_pkcs8(&pkcs8)?,
        friendly_name: certificate.common_name(),
        chain: Certificate::all_from_pem(&record.chain)?,
        certificate,
    })
}

/// What is kept of a file: its key sealed for its owner alone.
pub(super) fn sealed(
    engine: &Engine,
    record: &ImportedRecord,
    opened: &OpenedPfx,
) -> Result<ImportedKeyRecord, EngineError> {
    let context = imported_key_context(record.user_id, &record.certificate.thumbprint);
    let chain = opened.pkcs12.chain.iter().map(Certificate::to_pem);
    Ok(ImportedKeyRecord {
        der: opened.pkcs12.certificate.der().to_vec(),
        chain: chain.collect(),
        sealed: engine
            .seal()
            .seal(&context, &opened.pkcs12.key.to_pkcs8())?,
    })
}
