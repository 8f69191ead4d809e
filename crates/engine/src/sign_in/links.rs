//! Set-up links: of one use, for 72 hours.

use mandate_model::{Member, Timestamp, UserId};
use mandate_store::{LinkMaker, Session, SetUpLinkRecord};
use zeroize::Zeroizing;

use super::flow::{Flow, Problem};
use super::{hash, token};
use crate::{Actor, Engine, EngineError, Powers, Who};

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
    maker: LinkMaker,
) -> (SetUpLink, SetUpLinkRecord) {
    let secret = token(chance);
    let expires_at = now.plus(LASTS);
    let record = SetUpLinkRecord {
        hash: hash(&secret),
        user_id,
        maker,
        expires_at,
        created_at: now,
    };
    let path = Zeroizing::new(format!("/sign-in/link/{}", *secret));
    (SetUpLink { path, expires_at }, record)
}

impl Engine {
    /// A new link for a person.
    pub(super) async fn keep_set_up_link(
        &self,
        session: &mut Session,
        actor: &Actor,
        user: UserId,
    ) -> Result<SetUpLink, EngineError> {
        let maker = match actor.who() {
            Who::System => LinkMaker::System,
            Who::App { id, .. } => LinkMaker::App(*id),
            Who::Person { id, .. } => LinkMaker::Person(*id),
        };
        let (link, record) = new_link(self.chance(), self.now(), user, maker);
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
        Ok(self.insert_flow(&flow, None).await?)
    }

    /// Whose link it is. It ends when its owner has got a role that whoever made it could not take over by it now: they
    /// may know the link.
    pub(super) async fn owner_of_link(
        &self,
        session: &mut Session,
        hash: &[u8; 32],
    ) -> Result<mandate_model::User, Problem> {
        let user = session.find_set_up_link(hash, self.now()).await?;
        let (user, maker) = user.ok_or(Problem::LinkEnded)?;
        if !self.has_power_over(session, maker, user).await? {
            return Err(Problem::LinkEnded);
        }
        let user = session.find_user(user).await?;
        user.filter(|user| user.account_enabled)
            .ok_or(Problem::LinkEnded)
    }

    /// Whether who made a link may change what its owner signs in with, as things are now.
    async fn has_power_over(
        &self,
        session: &mut Session,
        maker: LinkMaker,
        owner: UserId,
    ) -> Result<bool, EngineError> {
        let actor = match maker {
            LinkMaker::System => return Ok(true),
            LinkMaker::App(id) => {
                let app = self.find_app(id).await?;
                // A client that is gone has nothing, which is enough for the links of those who have no role.
                let permissions = app.map(|app| app.permissions).unwrap_or_default();
                Actor::app(id, "", permissions)
            }
            LinkMaker::Person(id) => match session.find_user(id).await? {
                Some(user) => self.person_now(session, &user).await?,
                None => Actor::person(id, "", None, None, Powers::Granted(Vec::new())),
            },
        };
        let whom = Member::User(owner);
        match self.require_power_over(session, &actor, whom).await {
            Ok(()) => Ok(true),
            Err(EngineError::NotAllowed { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }
}
