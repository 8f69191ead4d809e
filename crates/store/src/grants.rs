//! What was granted to clients for people: codes, refresh tokens, device codes; and whether somebody's tokens still count.

use mandate_model::{Timestamp, UserId};
use uuid::Uuid;

use crate::db::arguments;
use crate::{Session, StoreError};

/// Whether tokens of a person still count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Tokens from before are no longer good.
    pub valid_from: Option<Timestamp>,
    /// Whether the session behind the token lasts, or what a client got by it does: a session that merely was not used
    /// any more leaves refresh tokens behind, one that was ended does not. True where the token names none.
    pub session_lasts: bool,
}

const STANDING: &str = "
    SELECT (SELECT valid_from FROM credential WHERE user_id = $1),
        (SELECT count(*) FROM sign_in_session WHERE id = $2 AND user_id = $1 AND ends_at > $3)
        + (SELECT count(*) FROM refresh_token WHERE session_id = $2 AND user_id = $1 AND expires_at > $3)";

impl Session {
    /// How a person and the session of their token stand.
    pub async fn standing(
        &mut self,
        user: UserId,
        session: Option<Uuid>,
        now: Timestamp,
    ) -> Result<Standing, StoreError> {
        let row: Option<(Option<i64>, i64)> =
            self.one(STANDING, arguments![user, session, now]).await?;
        let (valid_from, sessions) = row.unwrap_or_default();
        Ok(Standing {
            valid_from: valid_from.map(Timestamp),
            session_lasts: session.is_none() || sessions > 0,
        })
    }
}
