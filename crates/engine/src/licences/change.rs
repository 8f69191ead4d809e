//! Giving licences and taking them back.

use std::collections::BTreeSet;

use mandate_model::UserId;
use mandate_store::{LicenceHolder, LicenceRecord, Session};
use serde_json::{Value, json};

use super::Rules;
use super::seats::{everybody_licensed, settle};
use crate::audit::Change;
use crate::{Action, Actor, Engine, EngineError};

/// What becomes of the devices of a person who loses their licence. They stay enrolled in any case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LicenceLoss {
    /// They keep what they have; only nothing new is enrolled.
    #[default]
    Keep,
    /// Profiles and their certificates go, and come back with a licence.
    Remove,
}

impl LicenceLoss {
    /// A stable word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Remove => "remove",
        }
    }

    /// Reads [`Self::name`], in any letter case.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Keep, Self::Remove]
            .into_iter()
            .find(|loss| loss.name().eq_ignore_ascii_case(name.trim()))
    }
}

/// A change of licences; what is absent stays. All of it is done, or nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LicenceChange {
    /// To whom one is given; giving it twice changes nothing.
    pub add: BTreeSet<LicenceHolder>,
    /// From whom one is taken back that they were given themselves.
    pub remove: BTreeSet<LicenceHolder>,
    /// How many there are; `Some(None)` for as many as are wanted.
    pub units: Option<Option<i64>>,
    /// What becomes of the devices of those who lose theirs.
    pub on_loss: Option<LicenceLoss>,
}

/// What a change did, or would do.
pub(super) struct Outcome {
    pub(super) before: (BTreeSet<UserId>, Rules),
    pub(super) after: (BTreeSet<UserId>, Rules),
    /// What the audit is told: whom it concerns, their name, and whether they have a licence now.
    noted: Vec<(LicenceHolder, String, bool)>,
}

/// Holders that one change may name.
const MOST_NAMED: usize = 1000;
/// Licences that there may be; ours.
const MOST_UNITS: i64 = 10_000_000;
/// Above so many people, all devices compare instead of those of each.
const EACH: usize = 1000;

impl Engine {
    /// Gives licences, takes them back, or says how many there are.
    pub async fn change_licences(
        &self,
        actor: &Actor,
        change: &LicenceChange,
    ) -> Result<(), EngineError> {
        actor.require(Action::LicencesUpdate)?;
        let mut session = self.store().write().await?;
        self.put_licences(&mut session, actor, change).await?;
        Ok(session.commit().await?)
    }

    /// Makes a change within a transaction, with what follows from it.
    pub(crate) async fn put_licences(
        &self,
        session: &mut Session,
        actor: &Actor,
        change: &LicenceChange,
    ) -> Result<(), EngineError> {
        let outcome = self.try_licences(session, change).await?;
        self.spread_licences(session, &outcome).await?;
        for (holder, name, has) in &outcome.noted {
            let (kind, id) = named(*holder);
            let id = id.unwrap_or_else(|| self.tenant().id.to_string());
            let said =
                |has: bool| json!({ "licence": if has { json!("MANDATE") } else { Value::Null } });
            let change = Change::act("assignLicense", kind, id, name, said(!has), said(*has));
            self.audit(session, actor, change).await?;
        }
        let tenant = self.tenant();
        let (old, new) = (properties(outcome.before.1), properties(outcome.after.1));
        let change = Change::update(KIND, tenant.id, &tenant.company, &old, &new);
        self.audit(session, actor, change).await
    }

    /// Makes a change within a transaction, which the caller may yet undo.
    pub(super) async fn try_licences(
        &self,
        session: &mut Session,
        change: &LicenceChange,
    ) -> Result<Outcome, EngineError> {
        check(change)?;
        session.hold_licences().await?;
        let now = self.now();
        let rules = Rules::read(session).await?;
        let before = everybody_licensed(session, rules).await?;
        let mut noted = Vec::new();
        for holder in &change.add {
            let name = name_of(session, *holder).await?;
            let record = LicenceRecord {
                holder: *holder,
                created_at: now,
            };
            if session.insert_licence(record).await? {
                noted.push((*holder, name, true));
            }
        }
        for holder in &change.remove {
            let name = name_of(session, *holder).await?;
            if session.delete_licence(*holder).await? {
                noted.push((*holder, name, false));
            }
        }
        let new = Rules {
            units: change.units.unwrap_or(rules.units),
            on_loss: change.on_loss.unwrap_or(rules.on_loss),
        };
        let asks_for_more = noted.iter().any(|(_, _, has)| *has);
        if let Some(units) = new.units
            && (asks_for_more || new.units != rules.units)
        {
            let needed = session.count_people_with_licence().await?;
            if needed > units {
                let reason = format!(
                    "there are {units} licences, and {needed} people would need one; set a larger number first"
                );
                return Err(EngineError::NotPossible { reason });
            }
        }
        if new != rules {
            new.write(session).await?;
        }
        settle(session, new, now).await?;
        let after = everybody_licensed(session, new).await?;
        Ok(Outcome {
            before: (before, rules),
            after: (after, new),
            noted,
        })
    }

    /// Has the devices look again whose people have or lack a licence now. Where devices keep what they have there is nothing
    /// to see.
    async fn spread_licences(
        &self,
        session: &mut Session,
        outcome: &Outcome,
    ) -> Result<(), EngineError> {
        let ((before, old), (after, new)) = (&outcome.before, &outcome.after);
        if old.on_loss == LicenceLoss::Keep && new.on_loss == LicenceLoss::Keep {
            return Ok(());
        }
        let changed: Vec<_> = before.symmetric_difference(after).copied().collect();
        if old.on_loss != new.on_loss || changed.len() > EACH {
            session.raise_intent().await?;
        }
        for user in changed.iter().take(EACH) {
            session.mark_stale_of_user(*user, self.now()).await?;
        }
        Ok(())
    }
}

fn check(change: &LicenceChange) -> Result<(), EngineError> {
    if change.add.len() + change.remove.len() > MOST_NAMED {
        let rule = format!("must name at most {MOST_NAMED} people and groups at a time");
        return Err(EngineError::invalid("add", &rule, None));
    }
    if !change.add.is_disjoint(&change.remove) {
        let rule = "must not name whoever is named under `add`";
        return Err(EngineError::invalid("remove", rule, None));
    }
    if let Some(Some(units)) = change.units
        && !(1..=MOST_UNITS).contains(&units)
    {
        let rule = format!("must be 1 to {MOST_UNITS}");
        return Err(EngineError::invalid(
            "units",
            &rule,
            Some(&units.to_string()),
        ));
    }
    Ok(())
}

/// The name of a holder, who must exist.
async fn name_of(session: &mut Session, holder: LicenceHolder) -> Result<String, EngineError> {
    match holder {
        LicenceHolder::Everybody => Ok("All users".to_owned()),
        LicenceHolder::Group(id) => {
            let group = session.find_group(id).await?;
            let group = group.ok_or_else(|| EngineError::not_found("group", id))?;
            Ok(group.display_name)
        }
        LicenceHolder::User(id) => {
            let user = session.find_user(id).await?;
            let user = user.ok_or_else(|| EngineError::not_found("user", id))?;
            Ok(user.display_name)
        }
    }
}

/// What the audit calls a holder; everybody has no id.
fn named(holder: LicenceHolder) -> (&'static str, Option<String>) {
    match holder {
        LicenceHolder::Everybody => (KIND, None),
        LicenceHolder::Group(id) => ("group", Some(id.to_string())),
        LicenceHolder::User(id) => ("user", Some(id.to_string())),
    }
}

fn properties(rules: Rules) -> Value {
    json!({ "units": rules.units, "onLoss": rules.on_loss.name() })
}

const KIND: &str = "licence";
