//! Devices that belong to the organisation, by serial number or IMEI: whoever enrols one of them enrols no device of their
//! own.

mod change;
mod csv;
mod identifier;

pub use change::{
    DeviceIdentity, IdentityOutcome, IdentityResult, IdentityStanding, MOST_IDENTITIES_AT_ONCE,
    NewDeviceIdentity,
};
pub use csv::{MOST_IDENTITY_BYTES, read_device_identities};
pub use identifier::IdentityKind;

use mandate_model::{DeviceFacts, DeviceId, Timestamp};
use mandate_store::{DeviceIdentityRecord, Session};

use crate::EngineError;

/// The identifier that a device is known by, if it is one of the organisation's.
pub(super) async fn identity_of(
    session: &mut Session,
    facts: &DeviceFacts,
) -> Result<Option<DeviceIdentityRecord>, EngineError> {
    let said = [
        (IdentityKind::SerialNumber, &facts.serial_number),
        (IdentityKind::Imei, &facts.imei),
    ];
    for (kind, text) in said {
        let Some(folded) = text.as_deref().and_then(|text| kind.folded(text)) else {
            continue;
        };
        let found = session
            .find_device_identity_by(kind.word(), &folded)
            .await?;
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

/// Notes that a device enrols that belongs to the organisation.
pub(super) async fn meet_identity(
    session: &mut Session,
    facts: &DeviceFacts,
    device: DeviceId,
    now: Timestamp,
) -> Result<(), EngineError> {
    if let Some(identity) = identity_of(session, facts).await? {
        session
            .meet_device_identity(identity.id, device, now)
            .await?;
    }
    Ok(())
}
