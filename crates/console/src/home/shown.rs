//! The overview in words.

use mandate_engine::{Fleet, Home, InstanceKey, KeyUse, PeopleWithMail, Worry, WorryKind};
use mandate_model::{State, Timestamp};
use mandate_ui::{date, moment};
use mandate_web::Language;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::numbers::{number, parts};
use crate::reasons::cause_text;

/// Days within which the end of a key is a warning, and within which it is an error.
const WARN_DAYS: i64 = 60;
const LATE_DAYS: i64 = 14;
/// More causes than this are in the list of devices.
const MOST_WORRIES: usize = 12;

/// What the first page shows.
pub(super) struct Shown {
    pub(super) counted: String,
    pub(super) counted_at: String,
    /// Why no device can be woken.
    pub(super) push_trouble: Option<String>,
    pub(super) mail: Option<Mail>,
    pub(super) devices: Option<Devices>,
    pub(super) worries: Option<Vec<Line>>,
    /// Whether there are more causes than are shown.
    pub(super) has_more: bool,
    pub(super) keys: Option<Vec<Key>>,
    pub(super) ending: Option<String>,
}

/// How many people have mail.
pub(super) struct Mail {
    pub(super) working: String,
    pub(super) all: String,
    pub(super) is_empty: bool,
    pub(super) parts: Vec<Part>,
}

/// A part of the bar of people.
pub(super) struct Part {
    pub(super) class: &'static str,
    pub(super) word: String,
    pub(super) count: String,
    pub(super) begin: i64,
    pub(super) width: i64,
    /// Devices to look at.
    pub(super) link: &'static str,
}

/// How many devices there are.
pub(super) struct Devices {
    pub(super) enrolled: String,
    pub(super) platforms: Vec<(&'static str, String)>,
    pub(super) leaving: Option<String>,
}

/// Something that is wrong.
pub(super) struct Line {
    pub(super) text: String,
    pub(super) class: &'static str,
    /// Id and name of the profile that it is about.
    pub(super) profile: Option<(String, String)>,
    /// Such as `312 devices`.
    pub(super) devices: String,
    pub(super) link: String,
    pub(super) since: String,
    pub(super) since_at: String,
}

/// A key of the instance.
pub(super) struct Key {
    pub(super) name: String,
    pub(super) until: String,
    pub(super) until_at: String,
    /// Such as `in 23 days`.
    pub(super) left: String,
    pub(super) class: &'static str,
    pub(super) word: String,
}

impl Shown {
    pub(super) fn of(language: Language, home: Home) -> Self {
        let now = home.counted_at;
        let has_more = home
            .worries
            .as_ref()
            .is_some_and(|worries| worries.len() > MOST_WORRIES);
        Self {
            counted: moment(now),
            counted_at: now.to_string(),
            push_trouble: home.push_trouble.map(|trouble| trouble.reason),
            mail: home.mail.map(|mail| Mail::of(language, mail)),
            devices: home.fleet.map(|fleet| Devices::of(language, &fleet)),
            worries: home.worries.map(|worries| {
                let first = worries.iter().take(MOST_WORRIES);
                first.map(|worry| Line::of(language, worry)).collect()
            }),
            has_more,
            keys: home
                .keys
                .map(|keys| keys.iter().map(|key| Key::of(language, key, now)).collect()),
            ending: home
                .ending_certificates
                .filter(|count| *count > 0)
                .map(|count| language.text_with("home-ending", &[("count", &count.to_string())])),
        }
    }
}

impl Mail {
    fn of(language: Language, mail: PeopleWithMail) -> Self {
        let states = [
            (
                "succeeded",
                "home-mail-working",
                mail.working,
                "/console/devices?mail=working",
            ),
            (
                "pending",
                "home-mail-waiting",
                mail.waiting,
                "/console/devices?mail=waiting",
            ),
            (
                "error",
                "home-mail-blocked",
                mail.blocked,
                "/console/devices?mail=blocked",
            ),
        ];
        let places = parts(&states.map(|(_, _, count, _)| count));
        Self {
            working: number(language, mail.working),
            all: number(language, mail.all),
            is_empty: mail.all == 0,
            parts: states
                .into_iter()
                .zip(places)
                .map(|((class, word, count, link), (begin, width))| Part {
                    class,
                    word: language.text(word),
                    count: number(language, count),
                    begin,
                    width,
                    link,
                })
                .collect(),
        }
    }
}

impl Devices {
    fn of(language: Language, fleet: &Fleet) -> Self {
        Self {
            enrolled: number(language, fleet.enrolled),
            platforms: fleet
                .platforms
                .iter()
                .map(|(platform, count)| {
                    (
                        crate::devices::platform(*platform),
                        number(language, *count),
                    )
                })
                .collect(),
            leaving: (fleet.leaving > 0).then(|| {
                let count = fleet.leaving.to_string();
                language.text_with("home-leaving", &[("count", &count)])
            }),
        }
    }
}

impl Line {
    fn of(language: Language, worry: &Worry) -> Self {
        let coded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let (text, class, profile, query) = match &worry.what {
            WorryKind::Profile {
                id,
                name,
                cause,
                state,
            } => (
                cause_text(language, cause),
                match state {
                    State::Conflict => "conflict",
                    _ => "error",
                },
                name.clone().map(|name| (id.to_string(), name)),
                format!("worry={}&profile={id}", coded(cause)),
            ),
            WorryKind::Silent => (
                language.text("cause-silent"),
                "error",
                None,
                "worry=silent".to_owned(),
            ),
            WorryKind::Deaf => (
                language.text("cause-deaf"),
                "error",
                None,
                "worry=deaf".to_owned(),
            ),
        };
        let count = number(language, worry.devices);
        let id = if worry.devices == 1 {
            "home-one-device"
        } else {
            "home-devices"
        };
        Self {
            text,
            class,
            profile,
            devices: language.text_with(id, &[("count", &count)]),
            link: format!("/console/devices?{query}"),
            since: worry.since.map(moment).unwrap_or_default(),
            since_at: worry.since.map(|at| at.to_string()).unwrap_or_default(),
        }
    }
}

impl Key {
    fn of(language: Language, key: &InstanceKey, now: Timestamp) -> Self {
        let days = key.not_after.since(now).div_euclid(Timestamp::DAY);
        let (class, word) = match days {
            ..LATE_DAYS => ("error", "home-key-urgent"),
            LATE_DAYS..WARN_DAYS => ("pending", "home-key-soon"),
            _ => ("succeeded", "home-key-good"),
        };
        let left = if days < 0 {
            language.text("home-key-ended")
        } else {
            language.text_with("home-key-left", &[("days", &days.to_string())])
        };
        Self {
            name: language.text(match key.used_for {
                KeyUse::Push => "home-key-push",
                KeyUse::Server => "home-key-server",
                KeyUse::Issuing => "home-key-issuing",
                KeyUse::Root => "home-key-root",
            }),
            until: date(key.not_after),
            until_at: key.not_after.to_string(),
            left,
            class,
            word: language.text(word),
        }
    }
}
