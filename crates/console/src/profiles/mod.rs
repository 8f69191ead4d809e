//! Configuration profiles: the list, the wizard, and what became of each.

mod content;
mod list;
mod new;
mod plan;
mod references;
mod show;
mod targets;
mod wizard;
mod words;

use mandate_ui::Door;
use mandate_web::Routes;

/// Routes of the area.
pub(crate) fn routes() -> Routes<Door> {
    Routes::new()
        .merge(list::routes())
        .merge(new::routes())
        .merge(wizard::routes())
        .merge(show::routes())
}
