//! What a device says of itself at its activation, and how it proves to be made by Apple (`MachineInfo`).

use mandate_engine::MachineInfo;
use mandate_pki::Legacy;
use mandate_pki::certificate::Certificate;
use mandate_pki::cms::SignedMessage;

use super::Problem;
use crate::wire::property_list::{self, Limits};

/// Certificates from the device's up to Apple's authority.
const LONGEST_CHAIN: usize = 5;
const LONGEST_TEXT: usize = 256;

/// Reads a signed `MachineInfo` whose certificate comes from one of these authorities. Times are not looked at: Apple's
/// authority for devices has itself long expired. Devices sign with SHA-1 still.
pub(super) fn proved(message: &[u8], authorities: &[Certificate]) -> Result<MachineInfo, Problem> {
    if authorities.is_empty() {
        return Err(Problem::Unproven(
            "no authority is known here that proves what a device is; see `apple_device_authorities`",
        ));
    }
    let message = signed(message)?;
    let (signer, content) = message
        .verify_attached(Legacy::AllowSha1)
        .map_err(|_| Problem::Unproven("the signature does not fit what the device says"))?;
    if !is_made_by(signer, message.certificates(), authorities) {
        return Err(Problem::Unproven(
            "the certificate of the device comes from no authority that is known here",
        ));
    }
    read(content)
}

/// Reads a signed `MachineInfo` of whoever has proved already who they are.
pub(super) fn told(message: &[u8]) -> Result<MachineInfo, Problem> {
    let message = signed(message)?;
    let (_, content) = message
        .verify_attached(Legacy::AllowSha1)
        .map_err(|_| Problem::Malformed("the signature does not fit the body".to_owned()))?;
    read(content)
}

fn signed(message: &[u8]) -> Result<SignedMessage, Problem> {
    SignedMessage::from_ber(message)
        .map_err(|error| Problem::Malformed(format!("this is not a signed message: {error}")))
}

/// Whether a certificate leads to one of the authorities, directly or through others that came along.
fn is_made_by(
    certificate: &Certificate,
    along: &[Certificate],
    authorities: &[Certificate],
) -> bool {
    let is_signed = |by: &Certificate, of: &Certificate| {
        of.verify_signed_by_with(by, Legacy::AllowSha1).is_ok()
    };
    let mut current = certificate;
    for _ in 0..LONGEST_CHAIN {
        if authorities.iter().any(|by| is_signed(by, current)) {
            return true;
        }
        let above = along
            .iter()
            .find(|by| by.is_ca() && *by != current && is_signed(by, current));
        match above {
            Some(above) => current = above,
            None => return false,
        }
    }
    false
}

fn read(content: &[u8]) -> Result<MachineInfo, Problem> {
    let said = property_list::read(content, Limits::CHECK_IN)?;
    let text = |key: &str| {
        let text = said.get(key).and_then(plist::Value::as_string)?.trim();
        let is_text =
            (1..=LONGEST_TEXT).contains(&text.len()) && !text.chars().any(char::is_control);
        is_text.then(|| text.to_owned())
    };
    Ok(MachineInfo {
        serial: text("SERIAL").unwrap_or_default(),
        udid: text("UDID").unwrap_or_default(),
        product: text("PRODUCT").unwrap_or_default(),
        os_version: text("OS_VERSION"),
        build: text("VERSION").unwrap_or_default(),
    })
}

#[cfg(test)]
mod tests {
    use mandate_pki::authority::{CertificateRequest, SerialNumber};
    use mandate_pki::cms;
    use mandate_pki::keys::{KeyKind, PrivateKey};
    use mandate_pki::name::DistinguishedName;

    use super::*;

    struct Party {
        key: PrivateKey,
        certificate: Certificate,
    }

    fn party(name: &str, above: Option<&Party>, is_authority: bool) -> Party {
        let key = PrivateKey::generate(KeyKind::P256).unwrap();
        let mut request = CertificateRequest::new(
            key.public_key_info(),
            DistinguishedName::common_name(name),
            SerialNumber::from_random([7; 16]),
        );
        // Long over, as Apple's is.
        (request.not_before, request.not_after) = (1_000_000_000, 1_100_000_000);
        request.authority_path_length = is_authority.then_some(1);
        let certificate = match above {
            Some(above) => request.sign(&above.certificate, &above.key),
            None => request.self_sign(&key),
        };
        Party {
            certificate: certificate.unwrap(),
            key,
        }
    }

    fn says(device: &Party, along: &[Certificate]) -> Vec<u8> {
        let mut said = plist::Dictionary::new();
        said.insert("SERIAL".to_owned(), "C02X".into());
        said.insert("PRODUCT".to_owned(), "iPhone16,1".into());
        let said = property_list::write(said);
        cms::sign_attached(
            &said,
            &device.key,
            &device.certificate,
            along,
            1_790_000_000,
        )
        .unwrap()
    }

    #[test]
    fn a_device_is_believed_for_its_authority_alone() {
        let root = party("Root", None, true);
        let middle = party("Middle", Some(&root), true);
        let device = party("Device", Some(&middle), false);
        let stranger = party("Root", None, true);
        let along = std::slice::from_ref(&middle.certificate);
        let message = says(&device, along);
        let trusted = |party: &Party| vec![party.certificate.clone()];
        assert_eq!(proved(&message, &trusted(&root)).unwrap().serial, "C02X");
        assert!(proved(&says(&device, &[]), &trusted(&middle)).is_ok());
        assert!(proved(&message, &trusted(&stranger)).is_err());
        assert!(proved(&says(&device, &[]), &trusted(&root)).is_err());
        assert!(proved(&says(&stranger, along), &trusted(&root)).is_err());
        assert!(proved(&message, &[]).is_err());
        // A device is no authority for another one.
        let other = party("Other", Some(&device), false);
        let chain = [device.certificate.clone(), middle.certificate.clone()];
        assert!(proved(&says(&other, &chain), &trusted(&root)).is_err());
    }

    #[test]
    fn what_was_changed_or_is_nothing_is_refused() {
        let root = party("Root", None, true);
        let device = party("Device", Some(&root), false);
        let message = says(&device, &[]);
        let serial = message.windows(4).position(|part| part == b"C02X");
        for at in [serial.unwrap(), message.len() - 3] {
            let mut changed = message.clone();
            changed[at] ^= 1;
            assert!(
                proved(&changed, std::slice::from_ref(&root.certificate)).is_err(),
                "{at}"
            );
        }
        for nothing in [&b""[..], b"0", b"<plist/>"] {
            assert!(proved(nothing, std::slice::from_ref(&root.certificate)).is_err());
            assert!(told(nothing).is_err());
        }
    }
}
