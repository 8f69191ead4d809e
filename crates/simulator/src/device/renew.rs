//! A new version of the enrolment profile: a new identity for the same enrolment.

use super::Device;
use super::state::EnrolmentState;
use crate::http::Http;
use crate::profiles::{ErrorChain, Profile, kind};

impl Device {
    /// Replaces the enrolment profile. What is immutable must stay, or the old one stays.
    ///
    /// The device enrols the new identity, then sends `Authenticate` and `TokenUpdate` signed with it; the report follows.
    pub(super) async fn renew(&mut self, http: &Http, profile: &Profile) -> Result<(), ErrorChain> {
        let Some(current) = self.state.enrolment.clone() else {
            return Err(ErrorChain::mdm(12_009, "There is no enrolment to replace."));
        };
        if profile.identifier != current.profile {
            return Err(installation(
                4_010,
                "The profile identifier differs from that of the enrolment profile.",
            ));
        }
        let Some(payload) = profile.payload(kind::MDM) else {
            return Err(installation(
                4_015,
                "The replacement profile has no MDM payload.",
            ));
        };
        let mut next = EnrolmentState::read(profile, payload, current.enrolment_id.clone());
        next.push_token.clone_from(&current.push_token);
        next.push_magic.clone_from(&current.push_magic);
        unchanged(&current, &next)?;

        let made = self.make_identities(http, profile).await?;
        let refused = |error: super::DeviceError| ErrorChain::mdm(12_002, error.to_string());
        let identity = self.enrolment_identity(&next, &made).map_err(refused)?;
        Box::pin(self.introduce(http, &next, &identity))
            .await
            .map_err(refused)?;
        self.state.enrolment = Some(next);
        self.idle = None;
        self.commit(profile, made);
        Ok(())
    }
}

fn unchanged(current: &EnrolmentState, next: &EnrolmentState) -> Result<(), ErrorChain> {
    let immutable = [
        ("Topic", current.topic == next.topic),
        ("ServerURL", current.server_url == next.server_url),
        ("CheckInURL", current.check_in_url == next.check_in_url),
        (
            "ServerCapabilities",
            current.per_user_connections == next.per_user_connections,
        ),
        ("EnrollmentMode", current.mode == next.mode),
    ];
    if let Some((key, _)) = immutable.iter().find(|(_, same)| !same) {
        return Err(ErrorChain::mdm(
            12_009,
            format!("The replacement changes “{key}”."),
        ));
    }
    if next.access_rights & !current.access_rights != 0 {
        return Err(ErrorChain::mdm(
            12_009,
            "The replacement adds access rights.",
        ));
    }
    Ok(())
}

fn installation(code: i64, description: &str) -> ErrorChain {
    ErrorChain::single("MCInstallationErrorDomain", code, description)
}
