//! What a device says may concern its user: then it is noted, in the same transaction, that the user is to be told.

use std::collections::BTreeMap;

use mandate_model::{ProfileId, Reason};
use mandate_store::{DeviceProfileRecord, Phase};

use super::visit::{Fate, Row};
use super::{Detail, Visit};
use crate::EngineError;
use crate::notices::{Facts, NoticeEvent, matters};
use crate::profiles::change_between;

/// An account that blocks again within this time after its user was told is not told again, in microseconds.
const QUIET: i64 = mandate_model::Timestamp::DAY;

/// What of a row concerns the user.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Concern {
    is_wanted: bool,
    is_blocked: bool,
    is_present: bool,
}

impl Concern {
    fn of(record: &DeviceProfileRecord) -> Self {
        Self {
            is_wanted: record.wanted,
            is_blocked: record.wanted && matches!(record.reason, Reason::AccountExists { .. }),
            is_present: record.wanted
                && record.phase == Phase::Settled
                && record.reason == Reason::Present,
        }
    }

    /// Those of all rows.
    pub(super) fn of_rows(rows: &BTreeMap<ProfileId, Row>) -> BTreeMap<ProfileId, Self> {
        let of = |(id, row): (&ProfileId, &Row)| (*id, Self::of(&row.record));
        rows.iter().map(of).collect()
    }
}

impl Visit<'_> {
    /// Notes what has come up or ended for the user since the rows were read. Nearly always nothing.
    pub(super) async fn tell_user(&mut self) -> Result<(), EngineError> {
        let mut changed = Vec::new();
        for (id, row) in &self.rows {
            let before = self.concerns.get(id).copied().unwrap_or_default();
            let after = match row.fate {
                Fate::Delete => Concern::default(),
                Fate::Write | Fate::Unchanged => Concern::of(&row.record),
            };
            if before != after {
                changed.push((*id, before, after));
            }
        }
        let device = self.device().id;
        for (id, before, after) in changed {
            if before.is_blocked && !after.is_blocked {
                let matter = matters::blocked(device, id);
                self.session.end_notice(&matter, self.now).await?;
            }
            if before.is_wanted && !after.is_wanted {
                let matter = matters::asks(device, id);
                self.session.end_notice(&matter, self.now).await?;
            }
            if after.is_blocked && !before.is_blocked {
                self.tell_blocked(id).await?;
            }
            if after.is_present && !before.is_present {
                self.tell_asked(id).await?;
            }
        }
        Ok(())
    }

    async fn tell_blocked(&mut self, id: ProfileId) -> Result<(), EngineError> {
        let record = &self.rows[&id].record;
        let Reason::AccountExists { account } = record.reason.clone() else {
            return Ok(());
        };
        let intent = self.intent().await?;
        let Some(profile) = intent.profiles.get(&id) else {
            return Ok(());
        };
        let facts = matters::account_facts(profile, &account);
        let matter = matters::blocked(self.device().id, id);
        self.tell((matter, NoticeEvent::AccountBlocked), id, &facts, QUIET)
            .await
    }

    /// A mail account that has arrived, or has changed, may ask its user something.
    async fn tell_asked(&mut self, id: ProfileId) -> Result<(), EngineError> {
        let detail = Detail::of(&self.rows[&id].record);
        let version = self.rows[&id].record.version;
        let Some(account) = detail.accounts.into_iter().next() else {
            return Ok(());
        };
        let intent = self.intent().await?;
        let Some(profile) = intent.profiles.get(&id) else {
            return Ok(());
        };
        let matter = matters::asks(self.device().id, id);
        let told = self.session.find_notice_of(&matter).await?;
        let told = told.filter(|told| told.ended_at.is_none());
        let told_of = told
            .as_ref()
            .and_then(|told| Facts::of(&told.facts).version);
        let event = match told_of {
            // Certificates were renewed, or the document was lost and came again.
            Some(earlier) if earlier == version => None,
            Some(earlier) => change_between(&mut self.session, profile, (earlier, version))
                .await?
                .and_then(|grave| matters::asked_by_change(profile, grave)),
            None => matters::expects_password(profile).then_some(NoticeEvent::PasswordExpected),
        };
        let Some(event) = event else {
            return Ok(());
        };
        if told.is_some() {
            self.session.end_notice(&matter, self.now).await?;
        }
        let facts = Facts {
            version: Some(version),
            ..matters::account_facts(profile, &account)
        };
        self.tell((matter, event), id, &facts, 0).await
    }

    async fn tell(
        &mut self,
        (matter, event): (String, NoticeEvent),
        profile: ProfileId,
        facts: &Facts,
        quiet: i64,
    ) -> Result<(), EngineError> {
        let Some(user) = self.device().user_id else {
            return Ok(());
        };
        let now = self.now;
        let about = (Some(self.device().id), Some(profile));
        let id = self.engine.chance().id(now);
        let record = matters::noted((id, now), (matter, event.name()), user, about, facts);
        // What is told at this very moment may be told anew a moment later.
        let quiet_since = now.plus(1 - quiet);
        self.session.raise_notice(&record, quiet_since).await?;
        Ok(())
    }
}
