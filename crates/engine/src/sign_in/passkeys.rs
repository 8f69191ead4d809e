//! Passkeys (WebAuthn level 3), with user verification always: a passkey is two factors in one.
//!
//! The challenge is kept with the sign-in, or with the session, that it was made for, and taken from there before the
//! answer is looked at: no answer counts twice. Challenges are drawn by the library.

use mandate_model::{Timestamp, User, UserId};
use mandate_store::{PasskeyRecord, Session};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use url::Url;
use webauthn_rs::prelude::{
    DiscoverableAuthentication, DiscoverableKey, Passkey, PasskeyAuthentication,
    PasskeyRegistration, PublicKeyCredential, RegisterPublicKeyCredential, Webauthn,
    WebauthnBuilder, WebauthnError,
};

use super::flow::Problem;
use crate::{Engine, EngineError};

/// Most passkeys of one person.
const MOST: usize = 20;

/// Where passkeys are used: the host and origin that the browser called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelyingParty {
    id: String,
    origin: Url,
}

/// A challenge, and what has to answer it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) enum Ceremony {
    /// Anybody's passkey, which tells whose it is.
    Discover(DiscoverableAuthentication),
    /// One of a person's passkeys.
    Assert(UserId, PasskeyAuthentication),
    /// A new passkey.
    Register(UserId, PasskeyRegistration),
}

impl RelyingParty {
    /// For the address that a browser called; none where browsers have no passkeys: numeric hosts and plain connections.
    pub fn of(base_url: &str) -> Option<Self> {
        let origin = Url::parse(base_url).ok()?;
        let id = origin.domain()?.to_owned();
        let is_safe = origin.scheme() == "https" || id == "localhost";
        is_safe.then_some(Self { id, origin })
    }

    fn webauthn(&self, name: &str) -> Result<Webauthn, EngineError> {
        WebauthnBuilder::new(&self.id, &self.origin)
            .and_then(|builder| builder.rp_name(name).build())
            .map_err(|error| EngineError::Internal(error.to_string()))
    }
}

impl Engine {
    /// A challenge for anybody's passkey, with what the browser is told.
    pub(super) fn discover(&self, party: &RelyingParty) -> Result<(Ceremony, Value), EngineError> {
        let webauthn = party.webauthn(&self.tenant().company)?;
        let (asked, state) = webauthn
            .start_discoverable_authentication()
            .map_err(|error| internal(&error))?;
        Ok((Ceremony::Discover(state), options(&asked)?))
    }

    /// A challenge for one of a person's passkeys; none if they have none.
    pub(super) async fn ask_passkey(
        &self,
        session: &mut Session,
        party: &RelyingParty,
        user: UserId,
    ) -> Result<Option<(Ceremony, Value)>, EngineError> {
        let passkeys = passkeys(session, user).await?;
        if passkeys.is_empty() {
            return Ok(None);
        }
        let passkeys: Vec<Passkey> = passkeys.into_iter().map(|(_, passkey)| passkey).collect();
        let webauthn = party.webauthn(&self.tenant().company)?;
        let (asked, state) = webauthn
            .start_passkey_authentication(&passkeys)
            .map_err(|error| internal(&error))?;
        Ok(Some((Ceremony::Assert(user, state), options(&asked)?)))
    }

    /// A challenge for a new passkey of a person.
    pub(super) async fn offer_passkey(
        &self,
        session: &mut Session,
        party: &RelyingParty,
        user: &User,
    ) -> Result<(Ceremony, Value), EngineError> {
        let credential = self.claim_credential(session, user.id).await?;
        let known = passkeys(session, user.id).await?;
        let known = known
            .iter()
            .map(|(_, passkey)| passkey.cred_id().clone())
            .collect();
        let webauthn = party.webauthn(&self.tenant().company)?;
        let (asked, state) = webauthn
            .start_passkey_registration(
                credential.handle,
                &user.user_principal_name,
                &user.display_name,
                Some(known),
            )
            .map_err(|error| internal(&error))?;
        let mut options = options(&asked)?;
        // So that it can be used without a name first; the library asks for the opposite, but does not check it.
        options["authenticatorSelection"]["residentKey"] = json!("preferred");
        Ok((Ceremony::Register(user.id, state), options))
    }

    /// Whose passkey answered a challenge. Its counter is written; a counter that does not grow is refused, as is an
    /// answer without user verification, from another origin, or to another challenge.
    pub(super) async fn check_passkey(
        &self,
        session: &mut Session,
        party: &RelyingParty,
        ceremony: Ceremony,
        answer: &str,
    ) -> Result<UserId, Problem> {
        let answer: PublicKeyCredential =
            serde_json::from_str(answer).map_err(|_| Problem::PasskeyRefused)?;
        let webauthn = party.webauthn(&self.tenant().company)?;
        let id = answer.raw_id.as_slice();
        let found = session.find_passkey(id).await?;
        let owner = found.ok_or(Problem::PasskeyRefused)?.user_id;
        self.claim_credential(session, owner).await?;
        // It may have been taken away meanwhile.
        let record = session.find_passkey(id).await?;
        let record = record.ok_or(Problem::PasskeyRefused)?;
        let mut passkey = passkey(&record)?;
        let result = match ceremony {
            Ceremony::Discover(state) => {
                // Who the authenticator says it belongs to has to be who it belongs to here.
                let (handle, _) = webauthn
                    .identify_discoverable_authentication(&answer)
                    .map_err(|error| refused(&error))?;
                let credential = session.find_credential_by_handle(handle).await?;
                if credential.is_none_or(|credential| credential.user_id != record.user_id) {
                    return Err(Problem::PasskeyRefused);
                }
                let key = DiscoverableKey::from(&passkey);
                webauthn.finish_discoverable_authentication_v2(&answer, state, &key)
            }
            Ceremony::Assert(user, state) => {
                if record.user_id != user {
                    return Err(Problem::PasskeyRefused);
                }
                webauthn.finish_passkey_authentication(&answer, &state)
            }
            Ceremony::Register(..) => return Err(Problem::OutOfTurn),
        };
        let result = result.map_err(|error| refused(&error))?;
        if !result.user_verified() {
            return Err(Problem::PasskeyRefused);
        }
        passkey.update_credential(&result);
        session
            .use_passkey(record.id, &written(&passkey)?, self.now())
            .await?;
        Ok(record.user_id)
    }

    /// Adds a passkey that answered a challenge for a new one.
    pub(super) async fn add_passkey(
        &self,
        session: &mut Session,
        party: &RelyingParty,
        ceremony: Ceremony,
        (answer, name): (&str, &str),
    ) -> Result<UserId, Problem> {
        let Ceremony::Register(user, state) = ceremony else {
            return Err(Problem::OutOfTurn);
        };
        let answer: RegisterPublicKeyCredential =
            serde_json::from_str(answer).map_err(|_| Problem::PasskeyRefused)?;
        let webauthn = party.webauthn(&self.tenant().company)?;
        let passkey = webauthn
            .finish_passkey_registration(&answer, &state)
            .map_err(|error| refused(&error))?;
        let known = session.list_passkeys(user).await?.len();
        if known >= MOST {
            let reason = format!("nobody may have more than {MOST} passkeys: remove one first");
            return Err(EngineError::NotPossible { reason }.into());
        }
        let credential_id = passkey.cred_id().as_slice().to_vec();
        if session.find_passkey(&credential_id).await?.is_some() {
            return Err(Problem::PasskeyRefused);
        }
        let now = self.now();
        let record = PasskeyRecord {
            id: self.chance().id(now),
            user_id: user,
            credential_id,
            name: passkey_name(name, now),
            content: written(&passkey)?,
            created_at: now,
            used_at: None,
        };
        session.insert_passkey(&record).await?;
        Ok(user)
    }
}

/// The id of the passkey with which a browser answered, if it is an answer at all.
pub(super) fn passkey_named(answer: &str) -> Option<Vec<u8>> {
    let answer: PublicKeyCredential = serde_json::from_str(answer).ok()?;
    Some(answer.raw_id.as_slice().to_vec())
}

/// What a person calls a passkey: one line of up to 64 characters, or the day on which it was added.
pub(super) fn passkey_name(name: &str, now: Timestamp) -> String {
    let name: String = name
        .trim()
        .chars()
        .filter(|c| !c.is_control())
        .take(64)
        .collect();
    if name.is_empty() {
        now.to_string().chars().take(10).collect()
    } else {
        name
    }
}

async fn passkeys(
    session: &mut Session,
    user: UserId,
) -> Result<Vec<(PasskeyRecord, Passkey)>, EngineError> {
    let records = session.list_passkeys(user).await?;
    records
        .into_iter()
        .map(|record| Ok((record.clone(), passkey(&record)?)))
        .collect()
}

fn passkey(record: &PasskeyRecord) -> Result<Passkey, EngineError> {
    serde_json::from_str(&record.content).map_err(|error| {
        EngineError::Internal(format!("passkey {} cannot be read: {error}", record.id))
    })
}

fn written(passkey: &Passkey) -> Result<String, EngineError> {
    serde_json::to_string(passkey).map_err(|error| EngineError::Internal(error.to_string()))
}

/// What stands below `publicKey` in what the library would have the browser called with.
fn options(asked: &impl Serialize) -> Result<Value, EngineError> {
    let mut asked =
        serde_json::to_value(asked).map_err(|error| EngineError::Internal(error.to_string()))?;
    Ok(asked["publicKey"].take())
}

fn internal(error: &WebauthnError) -> EngineError {
    EngineError::Internal(error.to_string())
}

fn refused(error: &WebauthnError) -> Problem {
    tracing::debug!("a passkey was refused: {error}");
    Problem::PasskeyRefused
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passkeys_need_a_name_and_tls() {
        for (address, is_one) in [
            ("https://mdm.example.com:8443", true),
            ("http://localhost:8080", true),
            ("http://mdm.example.com", false),
            ("https://127.0.0.1:8443", false),
            ("https://[::1]:8443", false),
            ("nonsense", false),
        ] {
            assert_eq!(RelyingParty::of(address).is_some(), is_one, "{address}");
        }
    }
}
