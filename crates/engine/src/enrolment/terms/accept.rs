//! People who accept terms.

use mandate_model::{TermsId, Timestamp, UserId};
use mandate_store::AcceptanceRecord;
use serde_json::json;

use super::change::{KIND, found};
use super::{Terms, terms_for};
use crate::audit::Change;
use crate::sign_in::itself;
use crate::{Action, Actor, Engine, EngineError, Page, SignedIn, Visit};

/// Terms as the person reads them whom they are for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnTerms {
    /// Id.
    pub id: TermsId,
    /// Heading.
    pub title: String,
    /// Text: plain, with lines as they were written.
    pub body: String,
    /// What one says by accepting.
    pub statement: String,
    /// Which version this is.
    pub version: i64,
    /// When this version was accepted; not yet if absent.
    pub accepted_at: Option<Timestamp>,
    /// Whether an earlier version was accepted.
    pub had_accepted: bool,
}

/// Somebody accepted terms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TermsAcceptance {
    /// Who.
    pub user: UserId,
    /// Their name, if they are still there.
    pub user_display_name: Option<String>,
    /// Their sign-in name.
    pub user_principal_name: Option<String>,
    /// The last version that they accepted.
    pub version: i64,
    /// When they did.
    pub accepted_at: Timestamp,
}

impl Engine {
    /// Terms that are for oneself, those to be accepted first.
    pub async fn own_terms(&self, of: &SignedIn) -> Result<Vec<OwnTerms>, EngineError> {
        let mut session = self.store().read().await?;
        let terms = terms_for(&mut session, of.user.id).await?;
        let mut own: Vec<OwnTerms> = terms
            .into_iter()
            .map(|(terms, accepted)| OwnTerms {
                accepted_at: accepted
                    .filter(|(version, _)| *version >= terms.version)
                    .map(|(_, at)| at),
                had_accepted: accepted.is_some_and(|(version, _)| version < terms.version),
                id: terms.id,
                title: terms.title,
                body: terms.body,
                statement: terms.statement,
                version: terms.version,
            })
            .collect();
        own.sort_by_key(|terms| terms.accepted_at.is_some());
        Ok(own)
    }

    /// Accepts the version of terms that somebody has read. `false` if it is not the present one any more: then nothing is
    /// accepted, and they are to read the present one.
    pub async fn accept_own_terms(
        &self,
        of: &SignedIn,
        id: TermsId,
        version: i64,
        visit: &Visit,
    ) -> Result<bool, EngineError> {
        let actor = itself(&of.user, visit);
        let mut session = self.store().write().await?;
        session.hold_enrolment_rules().await?;
        let terms = terms_for(&mut session, of.user.id).await?;
        // Terms of others are not there for whoever they are not for.
        let Some((terms, _)) = terms.into_iter().find(|(terms, _)| terms.id == id) else {
            return Err(EngineError::not_found("terms", id));
        };
        if terms.version != version {
            return Ok(false);
        }
        let record = AcceptanceRecord {
            terms_id: id,
            user_id: of.user.id,
            version,
            accepted_at: self.now(),
        };
        if session.accept_terms(&record).await? {
            let after = json!({ "acceptedVersion": version, "userId": of.user.id });
            let change = Change::action("accept", KIND, id, &terms.name, after);
            self.audit(&mut session, &actor, change).await?;
        }
        session.commit().await?;
        Ok(true)
    }

    /// Who accepted terms, by user id.
    pub async fn list_terms_acceptances(
        &self,
        actor: &Actor,
        id: TermsId,
        page: Page<UserId>,
    ) -> Result<Vec<TermsAcceptance>, EngineError> {
        actor.require(Action::TermsRead)?;
        let mut session = self.store().read().await?;
        found(&mut session, id).await?;
        let records = session.list_acceptances(id, page.after, page.limit).await?;
        let mut acceptances = Vec::with_capacity(records.len());
        for record in records {
            let user = session.find_user(record.user_id).await?;
            acceptances.push(TermsAcceptance {
                user: record.user_id,
                user_display_name: user.as_ref().map(|user| user.display_name.clone()),
                user_principal_name: user.map(|user| user.user_principal_name),
                version: record.version,
                accepted_at: record.accepted_at,
            });
        }
        Ok(acceptances)
    }

    /// How many people accepted the present version of terms.
    pub async fn count_terms_acceptances(
        &self,
        actor: &Actor,
        terms: &Terms,
    ) -> Result<i64, EngineError> {
        actor.require(Action::TermsRead)?;
        let mut session = self.store().read().await?;
        Ok(session.count_acceptances(terms.id, terms.version).await?)
    }
}
