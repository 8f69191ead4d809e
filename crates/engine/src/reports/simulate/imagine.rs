//! A device that is not there.

use mandate_model::{
    Device, DeviceFacts, DeviceId, DeviceState, EnrolmentType, Ownership, Platform, Timestamp, User,
};

use super::SimulationRequest;

/// The device of a simulation: the one that is there as it would be, or one that is made up.
pub(super) fn device(
    present: Option<Device>,
    user: Option<&User>,
    request: &SimulationRequest,
    now: Timestamp,
) -> Device {
    let os_version = request.os_version.map(|version| version.to_string());
    let user_id = user.map(|user| user.id);
    match present {
        Some(device) => Device {
            user_id,
            state: DeviceState::Enrolled,
            facts: DeviceFacts {
                os_version: os_version.or(device.facts.os_version),
                ..device.facts
            },
            ..device
        },
        None => Device {
            id: DeviceId(uuid::Uuid::nil()),
            platform: request.platform,
            enrolment_type: EnrolmentType::Device,
            enrolment_id: EXAMPLE.to_owned(),
            state: DeviceState::Enrolled,
            user_id,
            manager_id: None,
            ownership: Ownership::Unknown,
            facts: example_facts(request.platform, os_version),
            enrolled_at: now,
            last_seen_at: now,
        },
    }
}

/// What names of certificates may be made of; plainly made up.
fn example_facts(platform: Platform, os_version: Option<String>) -> DeviceFacts {
    let model = match platform {
        Platform::Ios => "iPhone",
        Platform::MacOs => "Mac",
    };
    DeviceFacts {
        device_name: Some(EXAMPLE.to_owned()),
        model: Some(model.to_owned()),
        os_version,
        serial_number: Some(EXAMPLE.to_owned()),
        imei: Some("000000000000000".to_owned()),
        meid: Some("00000000000000".to_owned()),
        wifi_mac: Some("00:00:00:00:00:00".to_owned()),
        ..DeviceFacts::default()
    }
}

const EXAMPLE: &str = "EXAMPLE";
