//! Importing a file whose password comes in clear: from the command line of the server's own machine.

use std::collections::BTreeMap;

use mandate_model::catalogue::Violation;
use mandate_model::{ImportPurpose, ImportedCertificate, User, UserId};
use mandate_store::{ImportedRecord, Session, UserFilter};
use serde_json::Value;
use zeroize::Zeroizing;

use super::create::{Origin, unknown_user};
use super::{Imported, OpenedPfx, PaddingScheme, open_pfx};
use crate::access::scope::require_person;
use crate::{Action, Actor, Engine, EngineError};

/// A file to be imported.
#[derive(Clone)]
pub struct FileImport {
    /// Sign-in name of its owner; without it the mail addresses in the certificate decide.
    pub user_principal_name: Option<String>,
    /// What the certificate is for.
    pub purpose: ImportPurpose,
    /// The file.
    pub file: Vec<u8>,
    /// Its password.
    pub password: Zeroizing<String>,
    /// Whether warnings forbid the import.
    pub strict: bool,
    /// Whether it is only tried: everything is checked, and nothing kept.
    pub dry_run: bool,
}

impl std::fmt::Debug for FileImport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FileImport")
            .field("user_principal_name", &self.user_principal_name)
            .field("purpose", &self.purpose)
            .field("file", &self.file.len())
            .finish_non_exhaustive()
    }
}

/// What became of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileOutcome {
    /// It was imported, or would be.
    Imported(Imported),
    /// Its owner has this certificate already; nothing was changed.
    Present(ImportedRecord),
}

impl Engine {
    /// Imports a file. A certificate that its owner has already is left as it is.
    pub async fn import_file(
        &self,
        actor: &Actor,
        import: FileImport,
    ) -> Result<FileOutcome, EngineError> {
        actor.require(Action::ImportsCreate)?;
        let FileImport { file, password, .. } = import.clone();
        let opened = tokio::task::spawn_blocking(move || open_pfx(&file, password.as_bytes()))
            .await
            .map_err(|error| EngineError::Internal(error.to_string()))?
            .map_err(|problem| {
                let rule = problem.to_string();
                EngineError::Invalid(vec![Violation::without_value("file", rule)])
            })?;
        let mut session = self.store().read().await?;
        let user = match &import.user_principal_name {
            Some(name) => session
                .find_user_by_name(name)
                .await?
                .ok_or_else(|| EngineError::Invalid(vec![unknown_user(name)]))?,
            None => owner(&mut session, &opened.facts).await?,
        };
        require_person(&mut session, actor, Action::ImportsCreate, user.id).await?;
        let present = session
            .find_imported(user.id, &opened.facts.thumbprint)
            .await?;
        drop(session);
        if let Some(present) = present {
            return Ok(FileOutcome::Present(present));
        }
        self.import_opened(actor, &user, &opened, &import)
            .await
            .map(FileOutcome::Imported)
    }

    async fn import_opened(
        &self,
        actor: &Actor,
        user: &User,
        opened: &OpenedPfx,
        import: &FileImport,
    ) -> Result<Imported, EngineError> {
        let origin = Origin {
            provider_name: String::new(),
            key_name: String::new(),
            padding_scheme: PaddingScheme::None.name().to_owned(),
        };
        let would = self.would_import(user, import.purpose, opened, origin.clone())?;
        if import.strict && !would.warnings.is_empty() {
            let violation = |warning: &mandate_model::catalogue::Warning| {
                Violation::without_value(
                    warning.property,
                    format!("is refused: {}", warning.message),
                )
            };
            return Err(EngineError::Invalid(
                would.warnings.iter().map(violation).collect(),
            ));
        }
        if import.dry_run {
            return Ok(would);
        }
        self.keep_imported(actor, user, import.purpose, opened, origin)
            .await
    }
}

/// The one person whom the mail addresses of a certificate name, by mail address or sign-in name.
async fn owner(session: &mut Session, facts: &ImportedCertificate) -> Result<User, EngineError> {
    let mut found: BTreeMap<UserId, User> = BTreeMap::new();
    for address in &facts.addresses {
        let filter = UserFilter {
            mail: Some(address.clone()),
            ..UserFilter::default()
        };
        let by_mail = session.list_users(&filter, None, 2).await?;
        let by_name = session.find_user_by_name(address).await?;
        found.extend(
            by_mail
                .into_iter()
                .chain(by_name)
                .map(|user| (user.id, user)),
        );
    }
    let addresses = facts.addresses.join(", ");
    let names: Vec<String> = found
        .values()
        .map(|user| format!("`{}`", user.user_principal_name))
        .collect();
    let rule = match (found.len(), facts.addresses.is_empty()) {
        (1, _) => "",
        (_, true) => "is required: the certificate names no mail address that could tell",
        (0, _) => "is required: nobody has the mail address that the certificate names",
        _ => "is required: the certificate names mail addresses of several people",
    };
    match found.into_values().next() {
        Some(user) if rule.is_empty() => Ok(user),
        _ => {
            let rule = match names.as_slice() {
                [] => rule.to_owned(),
                names => format!("{rule} ({})", names.join(", ")),
            };
            let violation = if addresses.is_empty() {
                Violation::without_value("userPrincipalName", rule)
            } else {
                Violation::new("userPrincipalName", rule, &Value::from(addresses))
            };
            Err(EngineError::Invalid(vec![violation]))
        }
    }
}
