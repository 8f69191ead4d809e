//! Set-up links: of one use, for 72 hours.

use mandate_model::{Timestamp, UserId};
use mandate_store::{Session, SetUpLinkRecord};
use zeroize::Zeroizing;

use super::flow::{Flow, Problem};
use super::{hash, token};
use crate::{Engine, EngineError};

const LASTS: i64 = 72 * Timestamp::HOUR;

/// A link with which somebody sets a password.
#[derive(Clone)]
pub struct SetUpLink {
    /// What stands behind the host: a path with the secret.
    pub path: Zeroizing<String>,
    /// Not after this.
    pub expires_at: Timestamp,
}

impl std::fmt::Debug for SetUpLink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SetUpLink")
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// A new link and its record; those before it end with the record's insertion.
pub(crate) fn new_link(
    chance: &dyn crate::Chance,
    now: Timestamp,
    user_id: UserId,
) -> (SetUpLink, SetUpLinkRecord) {
    let secret = token(chance);
    let expires_at = now.plus(LASTS);
    let record = SetUpLinkRecord {
        hash: hash(&secret),
        user_id,
        expires_at,
        created_at: now,
    };
    let path = Zeroizing::new(format!("/sign-in/link/{}", *secret));
    (SetUpLink { path, expires_at }, record)
}

impl Engine {
    /// A new link for a person.
    pub(super) async fn make_link(
        &self,
        session: &mut Session,
        user: UserId,
    ) -> Result<SetUpLink, EngineError> {
        let (link, record) = new_link(self.chance(), self.now(), user);
        session.insert_set_up_link(&record).await?;
        Ok(link)
    }

    /// Begins a sign-in with a set-up link. The link is used only when the new password is there: programs that look
    /// after links in mail do no harm.
    pub async fn begin_flow_with_link(&self, secret: &str) -> Result<String, Problem> {
        let hash = hash(secret);
        self.owner_of_link(&mut self.store().read().await?, &hash)
            .await?;
        let flow = Flow {
            return_to: "/account/".to_owned(),
            link: Some(crate::instance::hex(&hash)),
            ..Flow::default()
        };
        Ok(self.insert_flow(&flow).await?)
    }

    /// Whose link it is.
    pub(super) async fn owner_of_link(
        &self,
        session: &mut Session,
        hash: &[u8; 32],
    ) -> Result<mandate_model::User, Problem> {
        let user = session.find_set_up_link(hash, self.now()).await?;
        let user = user.ok_or(Problem::LinkEnded)?;
        let user = session.find_user(user).await?;
        user.filter(|user| user.account_enabled)
            .ok_or(Problem::LinkEnded)
    }
}
