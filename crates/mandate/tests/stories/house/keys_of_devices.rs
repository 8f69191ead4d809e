//! Certificates on devices: profiles that bring them, and what the server believes of them.

use std::collections::BTreeSet;

use mandate_engine::IssuedCertificate;
use mandate_model::{Profile, ProfileId};
use mandate_pki::certificate::Certificate;
use mandate_simulator::device::{Device, Person};
use mandate_store::SealedKind;
use serde_json::{Value, json};

use super::{House, mail_settings};

impl House {
    /// A profile that delivers the root of the house's own authority.
    pub(crate) async fn own_root(&self, kind: &str, name: &str) -> Profile {
        let root = self.engine.authority().root().der().to_vec();
        let root = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, root);
        let body = json!({ "trustedRootCertificate": root, "certFileName": "root.cer" });
        self.profile(kind, name, body, &[]).await
    }

    /// A SCEP or PKCS profile; a SCEP profile needs the profile of its root.
    pub(crate) async fn certificate_profile(
        &self,
        kind: &str,
        name: &str,
        root: Option<ProfileId>,
    ) -> Profile {
        let root: Vec<_> = root
            .map(|root| ("rootCertificate", root))
            .into_iter()
            .collect();
        self.profile(kind, name, certificate_settings(kind), &root)
            .await
    }

    /// A mail profile on a host of its own that signs in with a certificate.
    pub(crate) async fn mail_by_certificate(
        &self,
        name: &str,
        host: &str,
        certificate: ProfileId,
    ) -> Profile {
        let mut settings = mail_settings();
        settings["hostName"] = json!(host);
        settings["authenticationMethod"] = json!("certificate");
        let reference = [("identityCertificate", certificate)];
        self.profile(
            "iosEasEmailProfileConfiguration",
            name,
            settings,
            &reference,
        )
        .await
    }

    /// What was issued to a device for its profiles, oldest first.
    pub(crate) async fn issued_to(&self, device: &Device) -> Vec<IssuedCertificate> {
        let id = self.device_of(device).await;
        let issued = self.engine.device_certificates(&self.admin, id).await;
        let mut issued = issued.unwrap();
        issued.retain(|issued| issued.profile_id.is_some());
        issued
    }

    /// Those of them that are not revoked, by SHA-256.
    pub(crate) async fn good_certificates(&self, device: &Device) -> BTreeSet<Vec<u8>> {
        let issued = self.issued_to(device).await;
        issued
            .into_iter()
            .filter(|issued| issued.revoked_at.is_none())
            .map(|issued| issued.sha256)
            .collect()
    }

    /// SHA-256 of each certificate whose key the server made and keeps, whoever's it is.
    pub(crate) async fn kept_keys(&self) -> BTreeSet<Vec<u8>> {
        let mut session = self.engine.store().read().await.unwrap();
        let kept = session
            .sealed_values(SealedKind::CertificateKey, None, 1000)
            .await
            .unwrap();
        kept.into_iter()
            .map(|kept| match kept.at {
                mandate_store::SealedAt::CertificateKey(sha256) => sha256,
                other => panic!("{other:?} is no key of a certificate"),
            })
            .collect()
    }

    /// What the house issued and a device has with its key, by SHA-256; without the identity that manages it.
    pub(crate) fn held_certificates(&self, device: &Device) -> BTreeSet<Vec<u8>> {
        let issuing = self.engine.authority().issuing().clone();
        let own = device.mdm_identity().map(|identity| identity.certificate);
        let keychain = device.keychain();
        let of_device = keychain
            .iter()
            .filter(|item| item.is_identity && Some(item.certificate) != own.as_ref())
            .map(|item| item.certificate);
        let people = device.state().people.iter();
        let of_people = people.flat_map(Person::identities);
        of_device
            .chain(of_people.map(|held| &held.certificate))
            .map(|certificate| Certificate::from_der(certificate.der()).unwrap())
            .filter(|certificate| certificate.verify_signed_by(&issuing).is_ok())
            .map(|certificate| certificate.sha256().to_vec())
            .collect()
    }

    /// Certificates that are good and not on a device, and those on it that are not good.
    pub(crate) async fn stray_certificates(
        &self,
        device: &Device,
    ) -> (BTreeSet<Vec<u8>>, BTreeSet<Vec<u8>>) {
        let good = self.good_certificates(device).await;
        let held = self.held_certificates(device);
        (&good - &held, &held - &good)
    }

    /// Devices have each certificate that is good, and none that is not; keys are kept for no others.
    pub(crate) async fn assert_keys_agree(&self, devices: &[&Device]) {
        for device in devices {
            let (lost, left) = self.stray_certificates(device).await;
            assert!(
                lost.is_empty() && left.is_empty(),
                "{}: {} certificates are good and not there, {} are there and not good",
                device.state().name,
                lost.len(),
                left.len()
            );
        }
        self.assert_no_idle_keys(devices).await;
    }

    /// Keys are kept for certificates that are on one of these devices, and for no others.
    pub(crate) async fn assert_no_idle_keys(&self, devices: &[&Device]) {
        let mut idle = self.kept_keys().await;
        for device in devices {
            idle = &idle - &self.held_certificates(device);
        }
        assert_eq!(idle.len(), 0, "keys that are kept for nobody");
    }
}

/// Settings of a SCEP or PKCS profile.
fn certificate_settings(kind: &str) -> Value {
    let mut settings = json!({
        "certificateStore": "user",
        "subjectNameFormat": "custom",
        "subjectNameFormatString": "CN={{UserName}}",
        "certificateValidityPeriodScale": "years",
        "certificateValidityPeriodValue": 1,
        "renewalThresholdPercentage": 20,
        "customSubjectAlternativeNames": [
            { "sanType": "userPrincipalName", "name": "{{UserPrincipalName}}" },
            { "sanType": "emailAddress", "name": "{{EmailAddress}}" },
        ],
    });
    if kind.ends_with("PkcsCertificateProfile") {
        settings["certificateTemplateName"] = json!("clientAuthentication");
    } else {
        settings["keySize"] = json!("size2048");
        settings["keyUsage"] = json!("digitalSignature,keyEncipherment");
        settings["extendedKeyUsages"] =
            json!([{ "name": "Client", "objectIdentifier": "1.3.6.1.5.5.7.3.2" }]);
    }
    settings
}
