//! Changing what is said of an imported certificate, or bringing its key anew.

use mandate_model::ImportPurpose;
use mandate_model::catalogue::Violation;
use mandate_store::{ImportedRecord, Session};
use serde_json::{Value, json};

use super::create::Origin;
use super::{
    Claims, EncryptedPfx, ImportId, Imported, KIND, OpenedPfx, PaddingScheme, check, key,
    properties, require_owner,
};
use crate::audit::Change;
use crate::{Action, Actor, Engine, EngineError};

/// A change; what is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImportChange {
    /// Its owner, who cannot change.
    pub user_principal_name: Option<String>,
    /// What it is for.
    pub purpose: Option<ImportPurpose>,
    /// The file again, and its password.
    pub file: Option<(Vec<u8>, Vec<u8>)>,
    /// Provider of the key that the password is encrypted to.
    pub provider_name: Option<String>,
    /// Name of that key.
    pub key_name: Option<String>,
    /// How the password is padded.
    pub padding_scheme: Option<PaddingScheme>,
    /// What the client says of the certificate, which is and stays the same.
    pub claims: Claims,
}

impl Engine {
    /// Changes an imported certificate. What changes nothing is no change.
    pub async fn update_imported(
        &self,
        actor: &Actor,
        id: &ImportId,
        change: ImportChange,
    ) -> Result<Imported, EngineError> {
        actor.require(Action::ImportsUpdate)?;
        let mut session = self.store().read().await?;
        let before = find(&mut session, id).await?;
        require_owner(&mut session, actor, Action::ImportsUpdate, id).await?;
        drop(session);
        let mut claims = change.claims.clone();
        // A file of another certificate is noticed by its thumbprint, whether or not the client sends one.
        claims
            .thumbprint
            .get_or_insert_with(|| id.thumbprint.clone());
        let violations = change.check(&before, &claims);
        if !violations.is_empty() {
            return Err(EngineError::Invalid(violations));
        }
        let purpose = change.purpose.unwrap_or(before.certificate.purpose);
        let opened = match change.file_of(&before) {
            Some(pfx) => Some(self.open_encrypted(pfx, &claims).await?),
            None => None,
        };
        self.keep_change(actor, id, purpose, opened).await
    }

    async fn keep_change(
        &self,
        actor: &Actor,
        id: &ImportId,
        purpose: ImportPurpose,
        opened: Option<(OpenedPfx, Origin)>,
    ) -> Result<Imported, EngineError> {
        let mut session = self.store().write().await?;
        let before = find(&mut session, id).await?;
        let now = self.now();
        let violations = check::violations(&before.certificate, purpose, now);
        if !violations.is_empty() {
            return Err(EngineError::Invalid(violations));
        }
        let mut record = before.clone();
        record.certificate.purpose = purpose;
        let sealed = match opened {
            Some((opened, origin)) => {
                record.provider_name = origin.provider_name;
                record.key_name = origin.key_name;
                record.padding_scheme = origin.padding_scheme;
                Some(key::sealed(self, &record, &opened)?)
            }
            None => None,
        };
        let is_changed = sealed.is_some() || record != before;
        if is_changed {
            record.modified_at = now;
            session.update_imported(&record, sealed.as_ref()).await?;
            let (mut old, mut new) = (properties(&before), properties(&record));
            if sealed.is_some() {
                // The same certificate and key may come in another file: that it came is the change.
                (old["file"], new["file"]) = (json!("before"), json!("replaced"));
            }
            let change = Change::update(KIND, id, &record.user_principal_name, &old, &new);
            self.imported_changed(&mut session, actor, record.user_id, change)
                .await?;
        }
        let user = session.find_user(id.user).await?;
        let warning = user.and_then(|user| check::no_address_match(&record.certificate, &user));
        session.commit().await?;
        Ok(Imported {
            record,
            warnings: warning.into_iter().collect(),
        })
    }
}

impl ImportChange {
    /// What contradicts what is there.
    fn check(&self, before: &ImportedRecord, claims: &Claims) -> Vec<Violation> {
        let mut violations = claims.check(&before.certificate);
        if let Some(name) = &self.user_principal_name
            && name.to_lowercase() != before.user_principal_name.to_lowercase()
        {
            let rule = format!(
                "cannot change from `{}`: import the certificate for the other user",
                before.user_principal_name
            );
            violations.push(Violation::new(
                "userPrincipalName",
                rule,
                &Value::from(name.as_str()),
            ));
        }
        if self.file.is_some() {
            violations.extend(self.padding_scheme.and_then(|scheme| scheme.check().err()));
            return violations;
        }
        let padding = self.padding_scheme.map(PaddingScheme::name);
        for (property, said, stored) in [
            (
                "providerName",
                self.provider_name.as_deref(),
                &before.provider_name,
            ),
            ("keyName", self.key_name.as_deref(), &before.key_name),
            ("paddingScheme", padding, &before.padding_scheme),
        ] {
            if let Some(said) = said
                && !said.eq_ignore_ascii_case(stored)
            {
                let rule = format!(
                    "changes only together with `encryptedPfxBlob` and `encryptedPfxPassword`, from `{stored}`"
                );
                violations.push(Violation::new(property, rule, &Value::from(said)));
            }
        }
        violations
    }

    /// The file, for a key that is the one of last time unless another is named.
    fn file_of(&self, before: &ImportedRecord) -> Option<EncryptedPfx> {
        let (file, password) = self.file.clone()?;
        let stored = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
        Some(EncryptedPfx {
            provider_name: self
                .provider_name
                .clone()
                .or_else(|| stored(&before.provider_name)),
            key_name: self.key_name.clone().or_else(|| stored(&before.key_name)),
            padding_scheme: self
                .padding_scheme
                .or_else(|| PaddingScheme::parse(&before.padding_scheme))
                .filter(|scheme| scheme.check().is_ok() || self.padding_scheme.is_some())
                .unwrap_or(PaddingScheme::OaepSha512),
            file,
            password,
        })
    }
}

async fn find(session: &mut Session, id: &ImportId) -> Result<ImportedRecord, EngineError> {
    session
        .find_imported(id.user, &id.thumbprint)
        .await?
        .ok_or_else(|| EngineError::not_found("imported certificate", id))
}
