//! Reading the audit.

use std::collections::BTreeSet;

use mandate_store::{AuditFilter, AuditOrder, AuditVerification};
use uuid::Uuid;

use super::view::AuditEvent;
use super::words::{CATEGORIES, words};
use crate::instance::{from_hex, hex};
use crate::{Action, Actor, Engine, EngineError};

/// The end of the chain, to be noted elsewhere: what a later look is held against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditHead {
    /// Number of the last entry.
    pub number: i64,
    /// Its MAC, lower-case hexadecimal.
    pub mac: String,
}

impl std::fmt::Display for AuditHead {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.number, self.mac)
    }
}

impl AuditHead {
    /// Reads `NUMBER:MAC`.
    pub fn parse(text: &str) -> Option<Self> {
        let (number, mac) = text.trim().split_once(':')?;
        let number = number.parse().ok().filter(|number| *number >= 0)?;
        let is_mac = mac.len() == 64 && mac.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_mac.then(|| Self {
            number,
            mac: mac.to_ascii_lowercase(),
        })
    }
}

impl Engine {
    /// Entries by time. Somebody whose role is limited by scope tags sees what he did himself: an entry may be about
    /// anything, and about things that are gone.
    pub async fn list_audit_events(
        &self,
        actor: &Actor,
        filter: AuditFilter,
        order: AuditOrder,
        limit: u32,
    ) -> Result<Vec<AuditEvent>, EngineError> {
        let mut filter = filter;
        if let Some(own) = limited_to(actor)? {
            if filter.actor.is_some_and(|asked| asked != own) {
                return Ok(Vec::new());
            }
            filter.actor = Some(own);
        }
        let mut session = self.store().read().await?;
        let entries = session.find_audit_entries(&filter, order, limit).await?;
        entries.into_iter().map(AuditEvent::of).collect()
    }

    /// Entries behind a number, in the order of the chain, for whoever may see the whole audit.
    pub async fn audit_events_after(
        &self,
        actor: &Actor,
        number: i64,
        limit: u32,
    ) -> Result<Vec<AuditEvent>, EngineError> {
        require_all(actor)?;
        let mut session = self.store().read().await?;
        let entries = session.list_audit_entries(number, limit).await?;
        entries.into_iter().map(AuditEvent::of).collect()
    }

    /// One entry.
    pub async fn find_audit_event(
        &self,
        actor: &Actor,
        id: Uuid,
    ) -> Result<Option<AuditEvent>, EngineError> {
        let own = limited_to(actor)?;
        let found = self.store().read().await?.find_audit_entry(id).await?;
        found
            .filter(|entry| own.is_none() || entry.record.actor_id == own)
            .map(AuditEvent::of)
            .transpose()
    }

    /// How many entries there are, for somebody who may see all of them.
    pub async fn count_audit_events(&self, actor: &Actor) -> Result<Option<i64>, EngineError> {
        if limited_to(actor)?.is_some() {
            return Ok(None);
        }
        Ok(Some(self.store().read().await?.count_audit_events().await?))
    }

    /// All categories of entries.
    pub fn audit_categories(&self, actor: &Actor) -> Result<Vec<&'static str>, EngineError> {
        actor.require(Action::AuditRead)?;
        Ok(CATEGORIES.to_vec())
    }

    /// The types of activity that occurred in a category, in any letter case: what was done, and with what.
    pub async fn audit_activity_types(
        &self,
        actor: &Actor,
        category: &str,
    ) -> Result<BTreeSet<String>, EngineError> {
        actor.require(Action::AuditRead)?;
        let occurred = self.store().read().await?.audit_activities().await?;
        let of_category = occurred.into_iter().filter_map(|(activity, kind)| {
            let known = words(&kind);
            let own = known.map_or("Other", |known| known.category);
            own.eq_ignore_ascii_case(category.trim()).then(|| {
                let resource = known.map_or(kind.as_str(), |known| known.resource);
                format!("{activity} {resource}")
            })
        });
        Ok(of_category.collect())
    }

    /// The end of the chain; none if it is not written any more.
    pub async fn audit_head(&self) -> Result<Option<AuditHead>, EngineError> {
        let mark = self.store().read().await?.audit_head().await?;
        Ok(mark.map(|mark| AuditHead {
            number: mark.number,
            mac: hex(&mark.link),
        }))
    }

    /// Reads the whole chain; `expected` is an end of it that was noted elsewhere, and `progress` hears how many entries
    /// were read.
    pub async fn verify_audit(
        &self,
        actor: &Actor,
        expected: Option<&AuditHead>,
        progress: &mut (dyn FnMut(u64) + Send),
    ) -> Result<AuditVerification, EngineError> {
        actor.require(Action::AuditRead)?;
        let expected = expected.and_then(|head| Some((head.number, from_hex(&head.mac)?)));
        let mut session = self.store().read().await?;
        Ok(session
            .verify_audit_chain(&**self.audit_mac(), expected, progress)
            .await?)
    }
}

/// Refuses unless somebody may see the whole audit.
pub(super) fn require_all(actor: &Actor) -> Result<(), EngineError> {
    match limited_to(actor)? {
        None => Ok(()),
        Some(_) => Err(EngineError::NotAllowed {
            action: Action::AuditRead,
            lacking: crate::Lacking::Scope,
        }),
    }
}

/// Whose entries somebody may see; `None` for everybody's.
fn limited_to(actor: &Actor) -> Result<Option<Uuid>, EngineError> {
    if actor.tags_for(Action::AuditRead)?.is_none() {
        return Ok(None);
    }
    // Only people have a scope.
    Ok(Some(actor.user().map_or(Uuid::nil(), |user| user.0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_back_as_printed() {
        let head = AuditHead {
            number: 17,
            mac: "0a".repeat(32),
        };
        assert_eq!(AuditHead::parse(&head.to_string()), Some(head.clone()));
        assert_eq!(
            AuditHead::parse(&format!(" 17:{}\n", "0A".repeat(32))),
            Some(head)
        );
        for wrong in ["", "17", "17:", "x:00", "-1:00", "17:zz"] {
            assert_eq!(AuditHead::parse(wrong), None, "{wrong}");
        }
    }
}
