//! Giving devices up: they are the organisation's no more, which cannot be undone here.

use serde_json::json;
use uuid::Uuid;

use super::tokens;
use crate::audit::Change;
use crate::{Action, Actor, Engine, EngineError};

/// Serial numbers in one request.
const MOST_SERIALS: usize = 1_000;

impl Engine {
    /// Gives devices up, by their serial numbers: all of them, or none. Apple is told when the token is synchronised next,
    /// which is at once, and for a day if it does not take it; afterwards it has to be asked for again. Those that are
    /// enrolled stay enrolled.
    pub async fn release_ade_devices(
        &self,
        actor: &Actor,
        token: Uuid,
        serials: &[String],
    ) -> Result<(), EngineError> {
        actor.require(Action::OrganizationUpdate)?;
        if serials.is_empty() || serials.len() > MOST_SERIALS {
            return Err(EngineError::invalid(
                SERIALS,
                "must be 1 to 1,000 serial numbers",
                None,
            ));
        }
        let now = self.now();
        let mut session = self.store().write().await?;
        let of = tokens::found(&mut session, token).await?;
        // What waits for a token would happen when nobody thinks of it any more.
        if of.expires_at.is_none_or(|end| end <= now) {
            return Err(EngineError::NotPossible {
                reason: "Apple cannot be told: there is no token that has not expired".to_owned(),
            });
        }
        for text in serials {
            let serial = super::sync::serial_of(text);
            let is_asked = match &serial {
                Some(serial) => session.request_ade_release(token, serial, now).await?,
                None => false,
            };
            if !is_asked {
                let rule = "must be serial numbers of devices that Apple says belong to this token";
                return Err(EngineError::invalid(SERIALS, rule, Some(text)));
            }
        }
        session.trigger_ade_token(token, now, now).await?;
        let said = json!({ "deviceSerialNumbers": serials });
        let change = Change::action(
            "releaseAppleDevices",
            "depOnboardingSetting",
            token,
            &of.name,
            said,
        );
        self.audit(&mut session, actor, change).await?;
        Ok(session.commit().await?)
    }
}

const SERIALS: &str = "deviceSerialNumbers";
