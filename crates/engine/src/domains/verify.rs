//! Proving a domain by what its name servers say.

use super::{Domain, KIND, found, named, noted, shown};
use crate::audit::Change;
use crate::{Action, Actor, Engine, EngineError};
use mandate_store::DomainRecord;

/// How a TXT record that proves a domain begins. Not Microsoft's `MS=`, which other records of a domain may have.
pub(super) const PREFIX: &str = "mandate-domain-verification=";
/// What is told of records that are not the right one.
const MOST_TOLD: usize = 3;
const LONGEST_TOLD: usize = 80;

/// What name servers say of a domain.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Proof {
    /// The record is there.
    Present,
    /// None of its kind is; so many others are.
    Absent(usize),
    /// There are some of its kind, but not this one.
    Other(Vec<String>),
}

impl Proof {
    fn of(texts: &[String], proof: &str) -> Self {
        let texts: Vec<&str> = texts.iter().map(|text| text.trim()).collect();
        if texts.contains(&proof) {
            return Self::Present;
        }
        let is_of_its_kind = |text: &&&str| {
            let head = text.get(..PREFIX.len());
            head.is_some_and(|head| head.eq_ignore_ascii_case(PREFIX))
        };
        let others: Vec<String> = texts
            .iter()
            .filter(is_of_its_kind)
            .take(MOST_TOLD)
            .map(|text| text.chars().take(LONGEST_TOLD).collect())
            .collect();
        if others.is_empty() {
            Self::Absent(texts.len())
        } else {
            Self::Other(others)
        }
    }
}

impl Engine {
    /// Asks the name servers whether a domain is proved, and notes it if it is. Refused with what was found otherwise; the
    /// domain stays as it was.
    pub async fn verify_domain(&self, actor: &Actor, name: &str) -> Result<Domain, EngineError> {
        actor.require(Action::DomainsUpdate)?;
        let mut session = self.store().read().await?;
        let record = named(&mut session, name).await?;
        if record.verified_at.is_some() {
            let all = session.list_domains().await?;
            return found(shown(all), &record.name);
        }
        drop(session);
        let texts = self.preflight_gateway().texts(&record.name).await;
        let texts = texts.map_err(|reason| EngineError::NotPossible {
            reason: format!(
                "the name servers of `{}` give no answer: {reason}; try again later",
                record.name
            ),
        })?;
        let reason = match Proof::of(&texts, &record.proof) {
            Proof::Present => return self.note_verified(actor, &record).await,
            Proof::Absent(others) => format!(
                "`{}` has no TXT record that begins with `{PREFIX}` yet ({others} others were found); make the record \
                 `{}`, and try again once the name servers tell it",
                record.name, record.proof
            ),
            Proof::Other(found) => format!(
                "the TXT record of `{}` is not the right one: found `{}`, expected `{}`",
                record.name,
                found.join("`, `"),
                record.proof
            ),
        };
        Err(EngineError::NotPossible { reason })
    }

    async fn note_verified(
        &self,
        actor: &Actor,
        record: &DomainRecord,
    ) -> Result<Domain, EngineError> {
        let mut session = self.store().write().await?;
        session.hold_domains().await?;
        // It may have been removed, and added with another proof, while the name servers were asked.
        let present = named(&mut session, &record.name).await?;
        if present.proof != record.proof {
            return Err(EngineError::Overtaken { what: "the domain" });
        }
        let now = self.now();
        if session.verify_domain(&record.name, now).await? {
            let after = DomainRecord {
                verified_at: Some(now),
                ..present.clone()
            };
            let (before, after) = (noted(&present), noted(&after));
            let change = Change::act("verify", KIND, &record.name, &record.name, before, after);
            self.audit(&mut session, actor, change).await?;
        }
        let all = session.list_domains().await?;
        session.commit().await?;
        found(shown(all), &record.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn a_record_is_present_absent_or_another() {
        let proof = format!("{PREFIX}0123456789abcdef0123456789abcdef");
        let other = format!("{PREFIX}ffff");
        let of = |found: &[&str]| Proof::of(&texts(found), &proof);
        assert_eq!(of(&[]), Proof::Absent(0));
        assert_eq!(of(&["v=spf1 -all", "MS=ms12345678"]), Proof::Absent(2));
        assert_eq!(of(&["v=spf1 -all", &proof]), Proof::Present);
        assert_eq!(of(&[&other, &format!(" {proof} ")]), Proof::Present);
        assert_eq!(of(&[&other]), Proof::Other(vec![other.clone()]));
        // Not in other letters, and not as a part of something else.
        let loud = proof.to_uppercase();
        assert_eq!(of(&[&loud]), Proof::Other(vec![loud.clone()]));
        assert!(matches!(of(&[&format!("{proof}0")]), Proof::Other(_)));
        assert_eq!(of(&[&format!("x{proof}")]), Proof::Absent(1));
    }

    #[test]
    fn little_is_told_of_what_strangers_write() {
        let strange = format!("{PREFIX}{}", "ä".repeat(5000));
        let found = vec![strange; 50];
        let Proof::Other(told) = Proof::of(&found, "x") else {
            panic!("they are of its kind");
        };
        assert_eq!(told.len(), MOST_TOLD);
        assert!(told.iter().all(|text| text.chars().count() == LONGEST_TOLD));
        assert_eq!(
            Proof::of(&texts(&["mandate-domain-verification\u{1F600}"]), "x"),
            Proof::Absent(1)
        );
    }
}
