//! Sealing everything anew with another key.

use mandate_pki::seal::SealKey;
use mandate_store::{SealedKind, Session, Store};
use serde_json::json;

use super::check::{PAGE, is_empty};
use super::context::context_of;
use crate::audit::{self, Change};
use crate::{Chance, Clock, Engine, EngineError};

impl Engine {
    /// Seals every value of a database with the first key of `seal`, whichever of its keys it was sealed with, in one
    /// transaction; how many were sealed anew. Values that are sealed with the first key already stay as they are, so doing
    /// it twice does nothing. If one does not open, nothing is changed.
    ///
    /// Nobody may work on the database with its key meanwhile: who holds only the old one could not read what is needed
    /// next, and what is sealed with it would open no more.
    pub async fn seal_anew(
        store: &Store,
        seal: &SealKey,
        clock: &dyn Clock,
        chance: &dyn Chance,
    ) -> Result<u64, EngineError> {
        let mut session = store.write().await?;
        if !session.holds_alone().await? {
            return Err(EngineError::NotPossible {
                reason: "somebody works on this database with its key; stop every server first, and let every other command end"
                    .to_owned(),
            });
        }
        if is_empty(&mut session).await? {
            return Err(EngineError::NotPossible {
                reason: "this database holds no instance yet: run `mandate init` first".to_owned(),
            });
        }
        let mut changed = 0;
        for kind in SealedKind::ALL {
            changed += seal_kind_anew(&mut session, seal, kind).await?;
        }
        if changed > 0 {
            let now = clock.now();
            let id = seal.id().to_string();
            let after = json!({ "valuesSealed": changed });
            let rotation = Change::action("rotate", "sealKey", id, "secret key", after);
            audit::note_as_system(&mut session, seal, (chance.id(now), now), rotation).await?;
        }
        session.commit().await?;
        Ok(changed)
    }
}

async fn seal_kind_anew(
    session: &mut Session,
    seal: &SealKey,
    kind: SealedKind,
) -> Result<u64, EngineError> {
    let mut changed = 0;
    let mut after = None;
    loop {
        let page = session.sealed_values(kind, after.as_ref(), PAGE).await?;
        let Some(last) = page.last().map(|last| last.at.clone()) else {
            return Ok(changed);
        };
        for value in page {
            if SealKey::id_of(&value.sealed) == Some(seal.id()) {
                continue;
            }
            let context = context_of(&value.at);
            let plain = seal
                .open(&context, &value.sealed)
                .map_err(|_| EngineError::NotPossible {
                    reason: format!(
                        "the sealed value `{context}` does not open with any of the keys: nothing was changed"
                    ),
                })?;
            let sealed = seal.seal(&context, &plain)?;
            if !session.set_sealed_value(&value.at, &sealed).await? {
                return Err(EngineError::Overtaken {
                    what: "a sealed value",
                });
            }
            changed += 1;
        }
        after = Some(last);
    }
}
