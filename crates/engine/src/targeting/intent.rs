//! What the administrators want, as one picture that is read once per change.

use std::collections::BTreeMap;
use std::sync::Arc;

use mandate_model::{CertificateServices, GroupId, Profile, ProfileId, Target, Timestamp};
use mandate_store::Session;

use crate::{Engine, EngineError};

/// How the kinds end, whatever the platform, that deliver imported certificates.
pub(crate) const IMPORTED: &str = "ImportedPFXCertificateProfile";

/// All profiles, whom they are for, and the names of groups, at one number of the intent counter.
#[derive(Debug)]
pub(crate) struct Intent {
    pub(crate) number: i64,
    picture: i64,
    changes: BTreeMap<ProfileId, LastChange>,
    pub(crate) profiles: BTreeMap<ProfileId, Profile>,
    pub(crate) targets: BTreeMap<ProfileId, Vec<Target>>,
    pub(crate) group_names: BTreeMap<GroupId, String>,
    pub(crate) services: CertificateServices,
    /// Whether any profile delivers imported certificates: without one nobody's need be read.
    pub(crate) delivers_imported: bool,
}

/// When a profile, or whom it is for, last changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct LastChange {
    /// Number of the intent.
    pub(crate) number: i64,
    /// Time.
    pub(crate) at: Timestamp,
}

impl Intent {
    /// The last change of a profile or of what it refers to: a device that was reconciled before does not know it.
    pub(crate) fn last_change(&self, profile: &Profile) -> LastChange {
        let of = |id: &ProfileId| self.changes.get(id).copied().unwrap_or_default();
        let referenced = referenced_by(profile, &self.profiles);
        let all = referenced
            .iter()
            .chain(std::iter::once(&profile.id))
            .map(of);
        all.fold(LastChange::default(), |one, other| LastChange {
            number: one.number.max(other.number),
            at: one.at.max(other.at),
        })
    }

    /// Whom a profile is for.
    pub(crate) fn targets_of(&self, id: ProfileId) -> &[Target] {
        self.targets.get(&id).map_or(&[], Vec::as_slice)
    }

    async fn read(session: &mut Session) -> Result<Self, EngineError> {
        let (number, picture) = session.intent_and_picture().await?;
        let profiles = session.list_profiles(None, u32::MAX).await?;
        let mut targets: BTreeMap<ProfileId, Vec<Target>> = BTreeMap::new();
        for assignment in session.list_assignments().await? {
            targets
                .entry(assignment.profile_id)
                .or_default()
                .push(assignment.target);
        }
        let delivers_imported = profiles
            .iter()
            .any(|profile| profile.kind.type_name.ends_with(IMPORTED));
        let changes = session.profile_changes().await?;
        Ok(Self {
            number,
            picture,
            changes: changes
                .into_iter()
                .map(|(id, number, at)| (id, LastChange { number, at }))
                .collect(),
            profiles: profiles
                .into_iter()
                .map(|profile| (profile.id, profile))
                .collect(),
            targets,
            group_names: session.group_names().await?.into_iter().collect(),
            services: crate::certificates::services(session).await?,
            delivers_imported,
        })
    }
}

/// Ids of the profiles that one refers to, directly and through others, under its present settings.
pub(crate) fn referenced_by(
    profile: &Profile,
    all: &BTreeMap<ProfileId, Profile>,
) -> Vec<ProfileId> {
    let mut found: Vec<ProfileId> = Vec::new();
    let mut open = vec![profile];
    while let Some(next) = open.pop() {
        for (_, id) in next
            .kind
            .active_references(&next.settings, &next.references)
        {
            if !found.contains(&id)
                && let Some(target) = all.get(&id)
            {
                found.push(id);
                open.push(target);
            }
        }
    }
    found
}

impl Engine {
    /// The newest intent; read from the database only when its number has changed.
    pub(crate) async fn intent(&self, session: &mut Session) -> Result<Arc<Intent>, EngineError> {
        let newest = session.intent_and_picture().await?;
        let cached = self
            .cache()
            .intent
            .lock()
            .expect("nobody panics while holding the intent")
            .clone();
        if let Some(intent) = cached.filter(|intent| (intent.number, intent.picture) == newest) {
            return Ok(intent);
        }
        self.read_intent(session).await
    }

    /// The newest intent with these profiles in it, if they exist. Making a profile changes nothing for any device and
    /// so has no number of its own: the intent that is kept may not know it yet.
    pub(crate) async fn intent_about(
        &self,
        session: &mut Session,
        mut profiles: impl Iterator<Item = ProfileId>,
    ) -> Result<Arc<Intent>, EngineError> {
        let intent = self.intent(session).await?;
        if profiles.all(|id| intent.profiles.contains_key(&id)) {
            return Ok(intent);
        }
        self.read_intent(session).await
    }

    async fn read_intent(&self, session: &mut Session) -> Result<Arc<Intent>, EngineError> {
        let intent = Arc::new(Intent::read(session).await?);
        *self
            .cache()
            .intent
            .lock()
            .expect("nobody panics while holding the intent") = Some(intent.clone());
        Ok(intent)
    }
}
