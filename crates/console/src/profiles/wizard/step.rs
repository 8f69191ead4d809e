//! The steps of the wizard.

/// A page of the wizard behind the choice of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// Name and description.
    Basics,
    /// What the profile sets.
    Settings,
    /// Who looks after it.
    Tags,
    /// Whom it is for.
    Assignments,
    /// All of it once more, with what it would do.
    Review,
}

impl Step {
    /// All, in their order.
    pub(super) const ALL: [Self; 5] = [
        Self::Basics,
        Self::Settings,
        Self::Tags,
        Self::Assignments,
        Self::Review,
    ];

    /// As in paths.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Basics => "basics",
            Self::Settings => "settings",
            Self::Tags => "tags",
            Self::Assignments => "assignments",
            Self::Review => "review",
        }
    }

    /// By its name.
    pub(super) fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.name() == name)
    }

    /// Where a button of this step leads: `next`, `back`, or the name of a step.
    pub(super) fn towards(self, button: &str) -> Self {
        let place = Self::ALL.iter().position(|step| *step == self).unwrap_or(0);
        let step = match button {
            "next" => Self::ALL.get(place + 1).copied(),
            "back" => place.checked_sub(1).map(|before| Self::ALL[before]),
            name => Self::parse(name),
        };
        step.unwrap_or(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buttons_lead_on_and_back_and_anywhere() {
        assert_eq!(Step::Basics.towards("next"), Step::Settings);
        assert_eq!(Step::Basics.towards("back"), Step::Basics);
        assert_eq!(Step::Review.towards("next"), Step::Review);
        assert_eq!(Step::Tags.towards("review"), Step::Review);
        assert_eq!(Step::Tags.towards("elsewhere"), Step::Tags);
        for step in Step::ALL {
            assert_eq!(Step::parse(step.name()), Some(step));
        }
    }
}
