//! Wrong tries cost waiting time: per account, and per network address.
//!
//! A try is counted before it is looked at, so that a thousand at once gain nothing, and given back if it was right.
//! Strangers can make an account wait, but not its person: who comes with a browser in which the person signed in
//! before has an account of tries of their own, and a passkey is not guessed and never waits.

use std::net::IpAddr;

use mandate_model::Timestamp;
use mandate_store::{Session, ThrottleRecord};

use super::flow::Problem;
use crate::Engine;

/// What tries are counted of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Subject {
    name: String,
    rule: Rule,
}

/// How many tries are free, and how long one waits at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Rule {
    free: i64,
    longest: i64,
}

const ACCOUNT: Rule = Rule {
    free: 5,
    longest: 15 * Timestamp::MINUTE,
};
/// Many people may share an address.
const ADDRESS: Rule = Rule {
    free: 30,
    longest: 15 * Timestamp::MINUTE,
};
/// Tries are forgotten when there were none for so long.
const FORGOTTEN: i64 = 2 * Timestamp::HOUR;

impl Subject {
    /// A name as it was typed, whether there is such an account or not.
    pub(super) fn account(name: &str) -> Self {
        Self::new("account", &name.trim().to_lowercase(), ACCOUNT)
    }

    /// An account, from a browser in which its person signed in before.
    pub(super) fn known_browser(name: &str, mark: &str) -> Self {
        let name = format!("{} {mark}", name.trim().to_lowercase());
        Self::new("browser", &name, ACCOUNT)
    }

    /// Codes of a person who has given the right password, perhaps from a browser in which they signed in before.
    pub(super) fn codes(user: mandate_model::UserId, known: Option<&str>) -> Self {
        match known {
            Some(mark) => Self::new("codes-browser", &format!("{user} {mark}"), ACCOUNT),
            None => Self::new("codes", &user.to_string(), ACCOUNT),
        }
    }

    /// A network address; of IPv6 the network of a site (RFC 6177).
    pub(super) fn address(address: IpAddr) -> Self {
        let name = match address.to_canonical() {
            IpAddr::V4(address) => address.to_string(),
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
            }
        };
        Self::new("address", &name, ADDRESS)
    }

    /// What the network of an address is called in the database.
    pub(super) fn network(address: IpAddr) -> String {
        Self::address(address).name
    }

    /// Names are hashed, as people type passwords into the wrong field.
    fn new(kind: &str, name: &str, rule: Rule) -> Self {
        let hash = crate::instance::hex(&mandate_pki::sha256(name.as_bytes())[..16]);
        Self {
            name: format!("{kind}/{hash}"),
            rule,
        }
    }
}

impl Rule {
    /// How long to wait after so many tries.
    fn wait(self, tries: i64) -> i64 {
        let over = tries - self.free;
        if over < 0 {
            return 0;
        }
        let doubled = u32::try_from(over.min(20)).unwrap_or(20);
        (Timestamp::SECOND << doubled).min(self.longest)
    }
}

impl Engine {
    /// Counts a try of all subjects, or refuses if one of them has to wait; then none is counted.
    pub(super) async fn claim_try(&self, subjects: &[Subject]) -> Result<(), Problem> {
        let now = self.now();
        let mut session = self.store().write().await?;
        for subject in in_order(subjects) {
            let record = self.tries(&mut session, subject).await?;
            if record.blocked_until > now {
                let seconds = record.blocked_until.since(now) / Timestamp::SECOND + 1;
                return Err(Problem::Throttled { seconds });
            }
            let tries = record.tries + 1;
            let counted = ThrottleRecord {
                tries,
                blocked_until: now.plus(subject.rule.wait(tries)),
                updated_at: now,
            };
            session.put_throttle(&subject.name, counted).await?;
        }
        Ok(session.commit().await?)
    }

    /// Gives a right try back: of accounts all tries are forgotten, of an address that one, so that an account of one's
    /// own frees no guesses at those of others.
    pub(super) async fn forgive_try(&self, subjects: &[Subject]) -> Result<(), Problem> {
        let mut session = self.store().write().await?;
        for subject in in_order(subjects) {
            if subject.rule == ADDRESS {
                let record = self.tries(&mut session, subject).await?;
                let tries = (record.tries - 1).max(0);
                let forgiven = ThrottleRecord {
                    tries,
                    blocked_until: Timestamp(0),
                    ..record
                };
                session.put_throttle(&subject.name, forgiven).await?;
            } else {
                session.delete_throttle(&subject.name).await?;
            }
        }
        Ok(session.commit().await?)
    }

    /// Writes as much as a failure that is noted, and changes nothing.
    pub(super) async fn touch_try(&self, subjects: &[Subject]) -> Result<(), Problem> {
        let mut session = self.store().write().await?;
        for subject in in_order(subjects) {
            session.claim_throttle(&subject.name, self.now()).await?;
        }
        Ok(session.commit().await?)
    }

    async fn tries(
        &self,
        session: &mut Session,
        subject: &Subject,
    ) -> Result<ThrottleRecord, Problem> {
        let now = self.now();
        let record = session.claim_throttle(&subject.name, now).await?;
        if now.since(record.updated_at) > FORGOTTEN {
            return Ok(ThrottleRecord {
                updated_at: now,
                ..ThrottleRecord::default()
            });
        }
        Ok(record)
    }
}

/// Always the same order, so that no two wait for one another.
fn in_order(subjects: &[Subject]) -> Vec<&Subject> {
    let mut sorted: Vec<&Subject> = subjects.iter().collect();
    sorted.sort_by(|one, other| one.name.cmp(&other.name));
    sorted
}

pub(super) const KEPT: i64 = FORGOTTEN;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_doubles_and_has_an_end() {
        let waits: Vec<i64> = (0..20)
            .map(|tries| ACCOUNT.wait(tries) / Timestamp::SECOND)
            .collect();
        assert_eq!(waits[..9], [0, 0, 0, 0, 0, 1, 2, 4, 8]);
        assert_eq!(waits[19], 15 * 60);
        assert_eq!(ADDRESS.wait(i64::MAX / 2), 15 * Timestamp::MINUTE);
    }

    #[test]
    fn codes_from_a_known_browser_are_counted_apart() {
        let user = mandate_model::UserId(uuid::Uuid::from_u128(1));
        let known = Subject::codes(user, Some("mark"));
        assert_ne!(known, Subject::codes(user, None));
        assert_ne!(known, Subject::codes(user, Some("other")));
    }

    #[test]
    fn a_network_is_one_address() {
        let of = |text: &str| Subject::address(text.parse().unwrap());
        assert_eq!(of("2001:db8:1:2::1"), of("2001:db8:1:2:ffff::9"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
    }

    #[test]
    fn a_name_is_one_account_in_any_letter_case_and_not_kept() {
        assert_eq!(Subject::account(" Ada@X "), Subject::account("ada@x"));
        assert!(!Subject::account("secret").name.contains("secret"));
    }
}
