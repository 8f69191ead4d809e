//! Importing a certificate for somebody.

use mandate_model::catalogue::{Violation, Warning};
use mandate_model::{ImportPurpose, User};
use mandate_store::{ImportedRecord, Session, StoreError};
use serde_json::Value;

use super::{
    Claims, EncryptedPfx, ImportId, ImportRequest, KIND, MAX_PER_PERSON, OpenedPfx, check, key,
    properties,
};
use crate::access::scope::require_person;
use crate::audit::Change;
use crate::{Action, Actor, Engine, EngineError};

/// A certificate that was imported, or changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// What is kept of it.
    pub record: ImportedRecord,
    /// What is probably not meant.
    pub warnings: Vec<Warning>,
}

/// How a file came here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Origin {
    /// Provider and name of the key that its password came encrypted to; empty if it came in clear.
    pub(super) provider_name: String,
    pub(super) key_name: String,
    pub(super) padding_scheme: String,
}

impl Engine {
    /// Imports a certificate with its key for somebody: all devices of that person get it, as profiles say.
    pub async fn create_imported(
        &self,
        actor: &Actor,
        request: ImportRequest,
    ) -> Result<Imported, EngineError> {
        actor.require(Action::ImportsCreate)?;
        let mut violations = Vec::new();
        violations.extend(request.pfx.padding_scheme.check().err());
        let mut session = self.store().read().await?;
        let user = session
            .find_user_by_name(&request.user_principal_name)
            .await?;
        drop(session);
        if user.is_none() {
            violations.push(unknown_user(&request.user_principal_name));
        }
        let (Some(user), true) = (user, violations.is_empty()) else {
            return Err(EngineError::Invalid(violations));
        };
        let (opened, origin) = self.open_encrypted(request.pfx, &request.claims).await?;
        self.keep_imported(actor, &user, request.purpose, &opened, origin)
            .await
    }

    /// Opens a file that came encrypted, and compares it with what its sender says of it.
    pub(super) async fn open_encrypted(
        &self,
        pfx: EncryptedPfx,
        claims: &Claims,
    ) -> Result<(OpenedPfx, Origin), EngineError> {
        let (named, key) = self
            .named_connector_key(pfx.provider_name.as_deref(), pfx.key_name.as_deref())
            .await?;
        let origin = Origin {
            provider_name: named.provider,
            key_name: named.name.clone(),
            padding_scheme: pfx.padding_scheme.name().to_owned(),
        };
        let opened = tokio::task::spawn_blocking(move || pfx.open(&named.name, &key))
            .await
            .map_err(|error| EngineError::Internal(error.to_string()))?
            .map_err(|violation| EngineError::Invalid(vec![violation]))?;
        let violations = claims.check(&opened.facts);
        if violations.is_empty() {
            Ok((opened, origin))
        } else {
            Err(EngineError::Invalid(violations))
        }
    }

    /// Keeps an opened file for somebody.
    pub(super) async fn keep_imported(
        &self,
        actor: &Actor,
        user: &User,
        purpose: ImportPurpose,
        opened: &OpenedPfx,
        origin: Origin,
    ) -> Result<Imported, EngineError> {
        let imported = self.would_import(user, purpose, opened, origin)?;
        let record = &imported.record;
        let sealed = key::sealed(self, record, opened)?;
        let mut session = self.store().write().await?;
        require_person(&mut session, actor, Action::ImportsCreate, user.id).await?;
        has_room(&mut session, user).await?;
        session
            .insert_imported(record, &sealed)
            .await
            .map_err(|error| match error {
                StoreError::Duplicate => EngineError::AlreadyExists {
                    what: "certificate of this user",
                    property: "thumbprint",
                    value: record.certificate.thumbprint.clone(),
                },
                other => other.into(),
            })?;
        let name = &record.user_principal_name;
        let change = Change::create(KIND, ImportId::of(record), name, properties(record));
        self.imported_changed(&mut session, actor, record.user_id, change)
            .await?;
        session.commit().await?;
        Ok(imported)
    }

    /// What would be kept of an opened file, if it may be kept.
    pub(super) fn would_import(
        &self,
        user: &User,
        purpose: ImportPurpose,
        opened: &OpenedPfx,
        origin: Origin,
    ) -> Result<Imported, EngineError> {
        let now = self.now();
        let violations = check::violations(&opened.facts, purpose, now);
        if !violations.is_empty() {
            return Err(EngineError::Invalid(violations));
        }
        let mut certificate = opened.facts.clone();
        certificate.purpose = purpose;
        let warnings = check::warnings(&certificate, &opened.pkcs12.certificate, user, now);
        let record = ImportedRecord {
            user_id: user.id,
            user_principal_name: user.user_principal_name.clone(),
            certificate,
            provider_name: origin.provider_name,
            key_name: origin.key_name,
            padding_scheme: origin.padding_scheme,
            created_at: now,
            modified_at: now,
        };
        Ok(Imported { record, warnings })
    }
}

async fn has_room(session: &mut Session, user: &User) -> Result<(), EngineError> {
    if session.list_imported_of_user(user.id).await?.len() < MAX_PER_PERSON {
        return Ok(());
    }
    Err(EngineError::NotPossible {
        reason: format!(
            "`{}` has {MAX_PER_PERSON} imported certificates; remove one that no mail needs any more first",
            user.user_principal_name
        ),
    })
}

pub(super) fn unknown_user(name: &str) -> Violation {
    let rule = "must be the sign-in name of an existing user";
    Violation::new("userPrincipalName", rule, &Value::from(name))
}
