//! What a device should have and why, what it has and how we know; its certificates.

use mandate_engine::{HeldCertificate, Presence, ProfileState};
use mandate_model::{DeviceId, State};
use mandate_ui::{date, moment};
use mandate_web::Language;

use crate::reasons::{because_text, next_step, reason_text};

/// A profile on the device.
pub(super) struct ProfileLine {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) kind: String,
    pub(super) class: &'static str,
    pub(super) state: String,
    pub(super) reason: String,
    pub(super) next: String,
    pub(super) because: String,
    /// Such as `Profile list, 2026-11-21 08:44 UTC`.
    pub(super) evidence: String,
    pub(super) since: String,
    pub(super) deadline: Option<String>,
    pub(super) notices: Vec<String>,
}

impl ProfileLine {
    pub(super) fn of(language: Language, state: &ProfileState) -> Self {
        let status = &state.status;
        let (class, word) = state_word(status.state());
        Self {
            id: state.profile.id.to_string(),
            name: state.profile.display_name.clone(),
            kind: language.phrase(state.profile.kind.label),
            class,
            state: language.text(word),
            reason: reason_text(language, &status.reason),
            next: next_step(language, &status.reason),
            because: because_text(language, &state.because),
            evidence: match &status.evidence {
                Some(evidence) => {
                    language.text_with("devices-evidence-list", &[("at", &moment(evidence.at))])
                }
                None => language.text("devices-evidence-none"),
            },
            since: moment(status.since),
            deadline: status.deadline.map(moment),
            notices: status
                .notices
                .iter()
                .map(|notice| language.phrase(&notice.message))
                .collect(),
        }
    }
}

/// Class of a state, and the id of its word.
pub(super) const fn state_word(state: State) -> (&'static str, &'static str) {
    match state {
        State::Succeeded => ("succeeded", "state-succeeded"),
        State::Error => ("error", "state-error"),
        State::Conflict => ("conflict", "state-conflict"),
        State::Pending => ("pending", "state-pending"),
        State::NotApplicable => ("not-applicable", "state-not-applicable"),
    }
}

/// A certificate on the device, or on its way there.
pub(super) struct CertificateLine {
    pub(super) subject: String,
    pub(super) purpose: String,
    pub(super) until: String,
    pub(super) until_at: String,
    pub(super) class: &'static str,
    pub(super) presence: String,
    pub(super) seen: String,
    pub(super) serial: String,
}

/// The certificates among these that are on a device, or should be.
pub(super) fn certificates_of(
    language: Language,
    device: DeviceId,
    all: &[HeldCertificate],
) -> Vec<CertificateLine> {
    let of_device = all.iter().filter_map(|certificate| {
        let mut places = certificate.devices.iter();
        let place = places.find(|place| place.id == device)?;
        let (class, presence) = match place.state {
            Presence::Confirmed => ("succeeded", "devices-certificate-there"),
            Presence::Expected => ("pending", "devices-certificate-expected"),
            Presence::NotExpected => ("conflict", "devices-certificate-left"),
        };
        Some(CertificateLine {
            subject: certificate.subject.clone(),
            purpose: certificate.purpose.clone(),
            until: date(certificate.not_after_date_time),
            until_at: certificate.not_after_date_time.to_string(),
            class,
            presence: language.text(presence),
            seen: place.seen_date_time.map(moment).unwrap_or_default(),
            serial: certificate.serial_number.clone(),
        })
    });
    of_device.collect()
}
