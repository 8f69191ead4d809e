//! Moments as templates hand them over: by reference.

use mandate_model::Timestamp;

/// As `2026-11-21`.
#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "templates hand over references"
)]
pub(crate) fn date(at: &Timestamp) -> String {
    mandate_ui::date(*at)
}

/// As `2026-11-21 08:44 UTC`.
#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "templates hand over references"
)]
pub(crate) fn moment(at: &Timestamp) -> String {
    mandate_ui::moment(*at)
}
