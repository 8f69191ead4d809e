//! Looking for profiles as people do: by words and kind, in an order of their own.

use mandate_model::{Platform, Profile, ProfileId, Target};

use crate::{Action, Actor, Engine, EngineError};

/// Which profiles are looked for, and how they are to be ordered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProfileQuery {
    /// Words that all have to occur in name or description, without regard to case; empty for all.
    pub search: String,
    /// Only those of a platform.
    pub platform: Option<Platform>,
    /// Only those that are for somebody, or only those that are for nobody.
    pub assigned: Option<bool>,
    /// What decides the order.
    pub order: ProfileOrder,
    /// Whether the order is turned round.
    pub descending: bool,
    /// The last one of the page before.
    pub after: Option<ProfileId>,
    /// At most this many.
    pub limit: usize,
}

/// What decides the order of profiles; where it leaves two alike, their names do, and then their ids.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ProfileOrder {
    /// Name, without regard to case.
    #[default]
    Name,
    /// Platform.
    Platform,
    /// Label of the kind.
    Kind,
    /// Whether it is for somebody.
    Assigned,
    /// Time of the last change.
    Modified,
}

/// One profile of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct ProfileLine {
    /// The profile.
    pub profile: Profile,
    /// Whom it is for.
    pub targets: Vec<Target>,
}

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub struct ProfilesFound {
    /// One page of it.
    pub lines: Vec<ProfileLine>,
    /// Whether more follows.
    pub has_more: bool,
    /// How many there are on all pages together.
    pub total: usize,
}

impl Engine {
    /// The profiles that a query describes, as far as the actor sees them.
    pub async fn find_profiles(
        &self,
        actor: &Actor,
        query: &ProfileQuery,
    ) -> Result<ProfilesFound, EngineError> {
        let scope = actor.scope_for(Action::ProfilesRead)?;
        let mut session = self.store().read().await?;
        let intent = self.intent(&mut session).await?;
        let words: Vec<String> = query
            .search
            .split_whitespace()
            .map(str::to_lowercase)
            .collect();
        let is_meant = |profile: &&Profile| {
            let text = [
                profile.display_name.as_str(),
                profile.description.as_deref().unwrap_or_default(),
            ];
            let text = text.join("\n").to_lowercase();
            scope.shows(&profile.scope_tags)
                && query
                    .platform
                    .is_none_or(|platform| profile.kind.platform == platform)
                && query
                    .assigned
                    .is_none_or(|assigned| intent.targets_of(profile.id).is_empty() != assigned)
                && words.iter().all(|word| text.contains(word))
        };
        let mut found: Vec<&Profile> = intent.profiles.values().filter(is_meant).collect();
        let is_assigned = |profile: &Profile| !intent.targets_of(profile.id).is_empty();
        found.sort_by_cached_key(|profile| (profile.display_name.to_lowercase(), profile.id));
        match query.order {
            ProfileOrder::Name => {}
            ProfileOrder::Platform => found.sort_by_key(|profile| profile.kind.platform.name()),
            ProfileOrder::Kind => found.sort_by_key(|profile| profile.kind.label),
            ProfileOrder::Assigned => found.sort_by_key(|profile| !is_assigned(profile)),
            ProfileOrder::Modified => found.sort_by_key(|profile| profile.modified_at),
        }
        if query.descending {
            found.reverse();
        }
        let begin = query.after.map_or(0, |after| {
            let last = found.iter().position(|profile| profile.id == after);
            last.map_or(0, |last| last + 1)
        });
        let page = found.iter().skip(begin).take(query.limit);
        let lines: Vec<ProfileLine> = page
            .map(|profile| ProfileLine {
                profile: (*profile).clone(),
                targets: intent.targets_of(profile.id).to_vec(),
            })
            .collect();
        Ok(ProfilesFound {
            has_more: begin + lines.len() < found.len(),
            total: found.len(),
            lines,
        })
    }
}
