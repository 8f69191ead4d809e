//! What providers, directories and issuers have in common: a name that stands in addresses, settings kept as JSON, and a
//! secret that is sealed under a name of its own.

use mandate_store::{Session, StoreError};
use serde::Serialize;
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use crate::{Engine, EngineError};

const NAME_LENGTH: usize = 32;

/// Takes the name out of a body, if it can stand in addresses.
pub(crate) fn take_name(body: &mut Map<String, Value>) -> Result<String, EngineError> {
    let Some(Value::String(name)) = body.remove("name") else {
        return Err(EngineError::invalid("name", "is needed", None));
    };
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if name.is_empty() || name.len() > NAME_LENGTH || !name.chars().all(is_plain) {
        let rule = "must have 1 to 32 lower-case letters, digits and `-`: it stands in addresses";
        return Err(EngineError::invalid("name", rule, Some(&name)));
    }
    Ok(name)
}

/// That there is one of this name already, if that is why it could not be added.
pub(crate) fn name_taken(what: &'static str, name: &str) -> impl FnOnce(StoreError) -> EngineError {
    let value = name.to_owned();
    move |error| match error {
        StoreError::Duplicate => EngineError::AlreadyExists {
            what,
            property: "name",
            value,
        },
        other => other.into(),
    }
}

/// Settings as they are kept.
pub(crate) fn written(value: &impl Serialize) -> Result<String, EngineError> {
    serde_json::to_string(value).map_err(|error| EngineError::Internal(error.to_string()))
}

impl Engine {
    /// Seals a secret and keeps it under a name.
    pub(crate) async fn keep_secret(
        &self,
        session: &mut Session,
        name: &str,
        secret: &[u8],
    ) -> Result<(), EngineError> {
        let sealed = self.seal().seal(name, secret)?;
        Ok(session.set_secret(name, &sealed, self.now()).await?)
    }

    /// The secret that is kept under a name.
    pub(crate) async fn kept_secret(
        &self,
        session: &mut Session,
        name: &str,
    ) -> Result<Option<Zeroizing<Vec<u8>>>, EngineError> {
        let Some(sealed) = session.find_secret(name).await? else {
            return Ok(None);
        };
        Ok(Some(self.seal().open(name, &sealed)?))
    }
}
