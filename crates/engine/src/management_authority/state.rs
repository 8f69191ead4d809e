//! Which authority manages devices, and how it may change: a pure machine.
//!
//! ```text
//!              set                          request              start (all green)
//!  unknown ─────────► any other ◄── set ──► (settled) ────────► preparing ────────► running
//!                                              ▲  ▲                │  ▲               │ │
//!                                              │  └─── cancel ─────┘  └── not green ──┘ │
//!                                              └────────── cancel, or due and green ────┘
//! ```

/// The service that may manage the devices of the organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ManagementAuthority {
    /// None was chosen yet; nothing can be enrolled.
    Unknown,
    /// This server.
    Intune,
    /// Configuration Manager, which enrols nothing here.
    ConfigurationManager,
    /// Mobile device management of Office 365, which enrols nothing here.
    Office365,
    /// This server and Office 365 side by side: what is enrolled here is managed here.
    Coexistence,
}

impl ManagementAuthority {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Unknown,
        Self::Intune,
        Self::ConfigurationManager,
        Self::Office365,
        Self::Coexistence,
    ];

    /// A stable word for it; `coexistence` is a word of ours.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Coexistence => "coexistence",
            other => other.graph_name(),
        }
    }

    /// Graph's word, `mdmAuthority`: it has none for coexistence, in which this server is one of the two.
    pub const fn graph_name(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Intune | Self::Coexistence => "intune",
            Self::ConfigurationManager => "sccm",
            Self::Office365 => "office365",
        }
    }

    /// Graph's number for it, the place of its word in `mdmAuthority`.
    pub const fn graph_number(self) -> i32 {
        match self {
            Self::Unknown => 0,
            Self::Intune | Self::Coexistence => 1,
            Self::ConfigurationManager => 2,
            Self::Office365 => 3,
        }
    }

    /// What people call it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Unknown => "none",
            Self::Intune => "this server",
            Self::ConfigurationManager => "Configuration Manager",
            Self::Office365 => "Office 365",
            Self::Coexistence => "this server beside Office 365",
        }
    }

    /// Reads [`Self::name`], in any letter case.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|authority| authority.name().eq_ignore_ascii_case(name.trim()))
    }

    /// Whether devices may be enrolled here under it.
    pub const fn enrols_here(self) -> bool {
        matches!(self, Self::Intune | Self::Coexistence)
    }
}

/// How far a request for another authority is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ResetStage {
    /// The checklist is worked through; nothing is locked.
    Preparing,
    /// It was set going: nothing can be configured or enrolled until it is over.
    Running,
    /// The other authority is in force.
    Done,
    /// Somebody thought better of it.
    Cancelled,
}

impl ResetStage {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Preparing, Self::Running, Self::Done, Self::Cancelled];

    /// A stable word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Preparing => "preparing",
            Self::Running => "running",
            Self::Done => "done",
            Self::Cancelled => "cancelled",
        }
    }

    /// Reads [`Self::name`].
    pub(crate) fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.name() == name)
    }

    /// Whether it is neither done nor cancelled.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Preparing | Self::Running)
    }
}

/// Where things stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Standing {
    /// What is in force.
    pub(crate) authority: ManagementAuthority,
    /// What was asked for, and how far that is; only open stages.
    pub(crate) reset: Option<(ManagementAuthority, ResetStage)>,
}

/// What may happen to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Event {
    /// Another authority at once; devices stay enrolled.
    Set(ManagementAuthority),
    /// A reset is asked for.
    Request(ManagementAuthority),
    /// The reset is set going; whether its checklist is all green.
    Start { green: bool },
    /// The reset is given up.
    Cancel,
    /// Its time has come; whether its checklist still is all green.
    Due { green: bool },
}

/// Why something cannot happen now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// `unknown` is only for the beginning.
    ToUnknown,
    /// It is in force already.
    InForce,
    /// A reset was asked for and is not over.
    UnderWay,
    /// A reset is running.
    Running,
    /// There is no authority to be reset.
    NothingToReset,
    /// There is no reset.
    NoReset,
    /// Something is left to do.
    NotGreen,
}

impl Refusal {
    /// For administrators, without a full stop.
    pub(crate) const fn reason(self) -> &'static str {
        match self {
            Self::ToUnknown => "the management authority cannot become `unknown` again",
            Self::InForce => "this management authority is in force already",
            Self::UnderWay => {
                "a reset of the management authority is under way; finish it or cancel it first"
            }
            Self::Running => "the reset of the management authority is running already",
            Self::NothingToReset => {
                "no management authority was set yet, so there is none to reset: set one instead"
            }
            Self::NoReset => "this reset of the management authority is over",
            Self::NotGreen => "the checklist has items that are not done",
        }
    }
}

impl Standing {
    /// What follows from an event.
    pub(crate) fn after(self, event: Event) -> Result<Self, Refusal> {
        use ManagementAuthority::Unknown;
        use ResetStage::{Preparing, Running};
        let settled = |authority| Self {
            authority,
            reset: None,
        };
        let stage = self.reset.map(|(_, stage)| stage);
        match (event, self.reset) {
            (Event::Set(_) | Event::Request(_), Some(_)) => Err(if stage == Some(Running) {
                Refusal::Running
            } else {
                Refusal::UnderWay
            }),
            (Event::Set(Unknown), None) if self.authority == Unknown => Ok(self),
            (Event::Set(Unknown) | Event::Request(Unknown), None) => Err(Refusal::ToUnknown),
            (Event::Set(authority), None) => Ok(settled(authority)),
            (Event::Request(_), None) if self.authority == Unknown => Err(Refusal::NothingToReset),
            (Event::Request(target), None) if target == self.authority => Err(Refusal::InForce),
            (Event::Request(target), None) => Ok(Self {
                reset: Some((target, Preparing)),
                ..self
            }),
            (Event::Start { .. } | Event::Cancel | Event::Due { .. }, None) => {
                Err(Refusal::NoReset)
            }
            (Event::Cancel, Some(_)) => Ok(settled(self.authority)),
            (Event::Start { green }, Some((target, _))) => match (stage, green) {
                (Some(Running), _) => Err(Refusal::Running),
                (_, false) => Err(Refusal::NotGreen),
                (_, true) => Ok(Self {
                    reset: Some((target, Running)),
                    ..self
                }),
            },
            (Event::Due { green }, Some((target, _))) => match (stage, green) {
                (Some(Running), true) => Ok(settled(target)),
                (Some(Running), false) => Ok(Self {
                    reset: Some((target, Preparing)),
                    ..self
                }),
                // It was given back to be worked on meanwhile.
                _ => Ok(self),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ManagementAuthority::{
        Coexistence, ConfigurationManager, Intune, Office365, Unknown,
    };
    use super::ResetStage::{Preparing, Running};
    use super::*;

    fn events() -> Vec<Event> {
        let all = ManagementAuthority::ALL;
        let set = all.into_iter().map(Event::Set);
        let request = all.into_iter().map(Event::Request);
        set.chain(request)
            .chain([true, false].map(|green| Event::Start { green }))
            .chain([true, false].map(|green| Event::Due { green }))
            .chain([Event::Cancel])
            .collect()
    }

    /// Everything that can stand: an authority with no reset, or with one for any other in either open stage.
    fn standings() -> Vec<Standing> {
        let mut all = Vec::new();
        for authority in ManagementAuthority::ALL {
            all.push(Standing {
                authority,
                reset: None,
            });
            for target in ManagementAuthority::ALL {
                if authority != Unknown && target != Unknown && target != authority {
                    all.extend([Preparing, Running].map(|stage| Standing {
                        authority,
                        reset: Some((target, stage)),
                    }));
                }
            }
        }
        all
    }

    #[test]
    fn every_standing_meets_every_event() {
        for standing in standings() {
            for event in events() {
                let expected = match (event, standing.reset) {
                    (Event::Set(to), None) if to == standing.authority => Ok(standing),
                    (Event::Set(Unknown) | Event::Request(Unknown), None) => {
                        Err(Refusal::ToUnknown)
                    }
                    (Event::Set(to), None) => Ok(Standing {
                        authority: to,
                        reset: None,
                    }),
                    (Event::Request(_), None) if standing.authority == Unknown => {
                        Err(Refusal::NothingToReset)
                    }
                    (Event::Request(to), None) if to == standing.authority => Err(Refusal::InForce),
                    (Event::Request(to), None) => Ok(Standing {
                        reset: Some((to, Preparing)),
                        ..standing
                    }),
                    (_, None) => Err(Refusal::NoReset),
                    (Event::Set(_) | Event::Request(_), Some((_, Preparing))) => {
                        Err(Refusal::UnderWay)
                    }
                    (Event::Cancel, Some(_)) => Ok(Standing {
                        reset: None,
                        ..standing
                    }),
                    (Event::Start { green: true }, Some((to, Preparing))) => Ok(Standing {
                        reset: Some((to, Running)),
                        ..standing
                    }),
                    (Event::Start { green: false }, Some((_, Preparing))) => Err(Refusal::NotGreen),
                    (Event::Set(_) | Event::Request(_) | Event::Start { .. }, Some(_)) => {
                        Err(Refusal::Running)
                    }
                    (Event::Due { .. }, Some((_, Preparing))) => Ok(standing),
                    (Event::Due { green: true }, Some((to, _))) => Ok(Standing {
                        authority: to,
                        reset: None,
                    }),
                    (Event::Due { green: false }, Some((to, _))) => Ok(Standing {
                        reset: Some((to, Preparing)),
                        ..standing
                    }),
                };
                assert_eq!(standing.after(event), expected, "{standing:?} {event:?}");
            }
        }
    }

    #[test]
    fn nothing_leads_back_to_the_beginning() {
        for standing in standings() {
            for event in events() {
                if let Ok(after) = standing.after(event) {
                    let is_new = standing.authority == Unknown && after == standing;
                    assert!(is_new || after.authority != Unknown, "{event:?}");
                    assert!(standings().contains(&after), "{after:?}");
                }
            }
        }
    }

    #[test]
    fn names_are_read_back_and_graph_knows_no_coexistence() {
        for authority in ManagementAuthority::ALL {
            let name = authority.name().to_uppercase();
            assert_eq!(ManagementAuthority::parse(&name), Some(authority));
        }
        assert_eq!(ManagementAuthority::parse("airwatch"), None);
        assert_eq!(Coexistence.graph_name(), "intune");
        let enrolling: Vec<_> = ManagementAuthority::ALL
            .into_iter()
            .filter(|authority| authority.enrols_here())
            .collect();
        assert_eq!(enrolling, [Intune, Coexistence]);
        assert!(!ConfigurationManager.enrols_here() && !Office365.enrols_here());
    }
}
