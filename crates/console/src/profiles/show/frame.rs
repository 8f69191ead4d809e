//! What stands around every page about one profile.

use mandate_engine::{Action, EngineError};
use mandate_model::{Profile, ProfileId};

use crate::administrator::Administrator;
use crate::profiles::list::about;

/// What stands around a page about a profile.
pub(super) struct Frame {
    /// Its name.
    pub(super) name: String,
    /// Platform and kind.
    pub(super) about: String,
    /// Path of the profile.
    pub(super) path: String,
    /// Paths and names of its pages, and which is shown.
    pub(super) tabs: Vec<(String, String, bool)>,
    pub(super) may_update: bool,
    pub(super) may_create: bool,
    pub(super) may_delete: bool,
}

/// The pages: end of the path, id of the name, whether it is a report.
const TABS: [(&str, &str, bool); 6] = [
    ("", "profiles-tab-overview", false),
    ("/devices", "profiles-tab-devices", true),
    ("/users", "profiles-tab-users", true),
    ("/settings", "profiles-tab-settings", true),
    ("/properties", "profiles-tab-properties", false),
    ("/versions", "profiles-tab-versions", false),
];

impl Frame {
    /// The frame of the page with this end of the path.
    pub(super) fn new(administrator: &Administrator, profile: &Profile, tab: &str) -> Self {
        let (actor, language) = (&administrator.actor, administrator.language());
        let path = format!("/console/profiles/{}", profile.id);
        let reaches = |action| actor.reaches(action, &profile.scope_tags);
        let may_report = reaches(Action::ProfilesViewReports);
        Self {
            name: profile.display_name.clone(),
            about: about(profile.kind, language),
            tabs: TABS
                .iter()
                .filter(|(_, _, is_report)| may_report || !is_report)
                .map(|(end, name, _)| (format!("{path}{end}"), language.text(name), *end == tab))
                .collect(),
            path,
            may_update: reaches(Action::ProfilesUpdate) || reaches(Action::ProfilesAssign),
            may_create: actor.may(Action::ProfilesCreate),
            may_delete: reaches(Action::ProfilesDelete),
        }
    }
}

/// The profile of a path.
pub(super) async fn profile(
    administrator: &Administrator,
    id: &str,
) -> Result<Profile, EngineError> {
    let not_found = || EngineError::NotFound {
        what: "profile",
        id: id.to_owned(),
    };
    let parsed: ProfileId = id.parse().map_err(|_| not_found())?;
    let engine = administrator.engine();
    let found = engine.find_profile(&administrator.actor, parsed).await?;
    found.ok_or_else(not_found)
}
