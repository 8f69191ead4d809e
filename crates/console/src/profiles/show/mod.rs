//! One profile: what it says, whom it is for, and what became of it.

mod deleted;
mod deletion;
mod frame;
mod overview;
mod properties;
mod settings;
mod statuses;
mod versions;

use mandate_ui::Door;
use mandate_web::Routes;

/// Routes of one profile, and of those that were deleted.
pub(super) fn routes() -> Routes<Door> {
    Routes::new()
        .merge(overview::routes())
        .merge(statuses::routes())
        .merge(settings::routes())
        .merge(properties::routes())
        .merge(versions::routes())
        .merge(deletion::routes())
        .merge(deleted::routes())
}
