//! Checking a password with a directory.

use mandate_model::User;
use zeroize::Zeroizing;

use super::answer::Bound;
use super::bound::bound_entry;
use super::person::{Names, attributes, vouched};
use crate::providers::people::speaks_for;
use crate::providers::settings::{DirectorySettings, How, Provider};
use crate::providers::{
    DirectoryConnection, DirectoryEntry, DirectorySearch, DirectoryServer, ProviderFault,
};
use crate::{Engine, EngineError};

const LONGEST_PASSWORD: usize = 1024;
/// Letters of a name that nobody has: as many as Active Directory takes for the short one.
const NOBODY: usize = 20;

/// What a directory says of a name and a password.
#[derive(Debug, Clone, PartialEq)]
pub enum DirectoryVerdict {
    /// No directory speaks for this name.
    NotConcerned,
    /// They belong together.
    Right {
        /// Who it is.
        user: Box<User>,
        /// Name of the provider.
        provider: String,
        /// How it was proved (RFC 8176), parted by blanks.
        methods: String,
    },
    /// The name or the password is wrong.
    Wrong,
    /// The password is right, but cannot be used: it or the account has expired, or is disabled. Only who knows the
    /// password may be told.
    Blocked,
    /// No directory can be asked now, which says nothing of the password.
    Unavailable,
}

/// A directory that speaks for somebody.
struct Directory {
    provider: Provider,
    settings: DirectorySettings,
    secret: Option<Zeroizing<Vec<u8>>>,
}

/// What came of a bind: the answer, and if it was good the entry of the account that was bound.
type Found = (Bound, Option<DirectoryEntry>);

impl Engine {
    /// Whether a directory speaks for somebody of this name, and if so whether it is asked before a password that they
    /// have here.
    pub async fn directory_comes_first(&self, name: &str) -> Result<Option<bool>, EngineError> {
        let directory = self.directory_of(name, None).await?;
        Ok(directory.map(|directory| directory.settings.comes_first))
    }

    /// Asks the directory that speaks for a person whether the password is theirs.
    pub async fn check_directory_password(
        &self,
        user: &User,
        password: &str,
    ) -> Result<DirectoryVerdict, EngineError> {
        self.check_directory_name(&user.user_principal_name, Some(user), password)
            .await
    }

    /// The same for a name that somebody typed, which may be nobody's here: the directory is asked all the same, so that
    /// the time tells nothing, and the person is added if the provider says so.
    pub async fn check_directory_name(
        &self,
        name: &str,
        user: Option<&User>,
        password: &str,
    ) -> Result<DirectoryVerdict, EngineError> {
        let Some(directory) = self.directory_of(name, user).await? else {
            return Ok(DirectoryVerdict::NotConcerned);
        };
        // A bind without a password is one of nobody, and succeeds (RFC 4513 §5.1.2).
        if !is_asked_for(password) {
            return Ok(DirectoryVerdict::Wrong);
        }
        let names = Names::of(name, user);
        let (bound, entry) = match self.bind(&directory, &names, password).await {
            Ok(found) => found,
            Err(reason) => (Bound::Unavailable(reason), None),
        };
        let provider = directory.provider.name.as_str();
        match bound {
            Bound::Right => {}
            Bound::Wrong(reason) => {
                tracing::info!(
                    provider,
                    "the directory {provider} refused somebody: {reason}"
                );
                return Ok(DirectoryVerdict::Wrong);
            }
            Bound::Blocked(reason) => {
                let user = user.map(|user| user.id.to_string()).unwrap_or_default();
                tracing::warn!(provider, user.id = %user, "the directory {provider} blocks an account: {reason}");
                return Ok(DirectoryVerdict::Blocked);
            }
            Bound::Unavailable(reason) => {
                tracing::error!(
                    provider,
                    "the directory {provider} cannot be asked: {reason}"
                );
                return Ok(DirectoryVerdict::Unavailable);
            }
        }
        if user.is_none() && !directory.provider.settings.creates_people {
            return Ok(DirectoryVerdict::Wrong);
        }
        let domains = &directory.provider.settings.domains;
        let vouched = entry.and_then(|entry| vouched(domains, &directory.settings, &names, &entry));
        let Some(vouched) = vouched else {
            tracing::error!(
                provider,
                "the directory {provider} does not show what names an account for good; `idAttribute` says what does"
            );
            return Ok(DirectoryVerdict::Unavailable);
        };
        let methods = vouched.methods.clone();
        let is_named = vouched.name.is_some();
        match self.person_of(&directory.provider, vouched).await {
            Ok(found) if user.is_none_or(|user| user.id == found.id) => {
                Ok(DirectoryVerdict::Right {
                    user: Box::new(found),
                    provider: provider.to_owned(),
                    methods,
                })
            }
            Ok(other) => {
                // The password is that of another account than the one that was named.
                tracing::warn!(provider, user.id = %other.id, "the account in {provider} is that of {} here", other.id);
                Ok(DirectoryVerdict::Wrong)
            }
            Err(ProviderFault::Engine(error)) => Err(error),
            Err(fault) if is_named => {
                tracing::warn!(provider, "{fault}");
                Ok(DirectoryVerdict::Blocked)
            }
            Err(fault) => {
                tracing::warn!(
                    provider,
                    "{fault} (neither `userPrincipalName` nor `mail` of the entry is the name that was typed)"
                );
                Ok(DirectoryVerdict::Wrong)
            }
        }
    }

    /// Asks the directory that speaks for a name for somebody whom nobody knows, so that a refused password takes as long
    /// as for those who have none here. What it answers does not count.
    pub(crate) async fn ask_directory_for_nobody(
        &self,
        name: &str,
        password: &str,
    ) -> Result<(), EngineError> {
        let directory = self.directory_of(name, None).await?;
        let Some(directory) = directory.filter(|_| is_asked_for(password)) else {
            return Ok(());
        };
        let random = Zeroizing::new(crate::instance::hex(&self.chance().key()));
        let (nobody, password) = random.split_at(NOBODY);
        let nobody = match name.rsplit_once('@') {
            Some((_, domain)) => format!("{nobody}@{domain}"),
            None => nobody.to_owned(),
        };
        let names = Names::of(&nobody, None);
        if let Err(reason) = self.bind(&directory, &names, password).await {
            let provider = directory.provider.name.as_str();
            tracing::error!(
                provider,
                "the directory {provider} cannot be asked: {reason}"
            );
        }
        Ok(())
    }

    /// The directory that speaks for a name: where the person is known already, else the first by name.
    async fn directory_of(
        &self,
        name: &str,
        user: Option<&User>,
    ) -> Result<Option<Directory>, EngineError> {
        let mut speaking: Vec<(Provider, DirectorySettings)> = Vec::new();
        let domains = self.proved_domains().await?;
        for provider in self.all_providers().await? {
            if let How::Ldap(settings) = provider.settings.how.clone()
                && speaks_for(&provider, name, &domains)
            {
                speaking.push((provider, settings));
            }
        }
        let mut session = self.store().read().await?;
        let mut chosen = 0;
        if let Some(user) = user {
            for (place, (provider, _)) in speaking.iter().enumerate() {
                let link = session
                    .find_identity_link_of(&provider.name, user.id)
                    .await?;
                if link.is_some() {
                    chosen = place;
                    break;
                }
            }
        }
        if speaking.is_empty() {
            return Ok(None);
        }
        let (provider, settings) = speaking.swap_remove(chosen);
        let secret = self.provider_secret(&mut session, &provider.name).await?;
        Ok(Some(Directory {
            provider,
            settings,
            secret,
        }))
    }

    async fn bind(
        &self,
        directory: &Directory,
        names: &Names,
        password: &str,
    ) -> Result<Found, String> {
        let server = server(&directory.provider, &directory.settings);
        if let Some(template) = &directory.settings.bind_name {
            let Some(name) = names.bind_name(template) else {
                return Ok((Bound::Wrong("no account has such a name".to_owned()), None));
            };
            let mut connection = self.provider_gateway().connect(&server).await?;
            let bound = Bound::of(&connection.bind(&name, password).await?);
            if bound != Bound::Right {
                return Ok((bound, None));
            }
            let entry = bound_entry(&mut *connection, &directory.settings, &name).await?;
            return Ok((bound, Some(entry)));
        }
        let mut connection = self.provider_gateway().connect(&server).await?;
        bind_to_search(&mut *connection, directory).await?;
        let found = search(&mut *connection, &directory.settings, names).await?;
        let entry = match found.as_slice() {
            [] => return Ok((Bound::Wrong("there is no such account".to_owned()), None)),
            // A bind with an empty name would be one of nobody as well.
            [entry] if !entry.dn.trim().is_empty() => entry.clone(),
            [_] => return Err("it found an entry without a name".to_owned()),
            _ => {
                let reason = "several entries have that name; narrow `base` or choose another `nameAttribute`";
                return Ok((Bound::Wrong(reason.to_owned()), None));
            }
        };
        let bound = Bound::of(&connection.bind(&entry.dn, password).await?);
        let entry = (bound == Bound::Right).then_some(entry);
        Ok((bound, entry))
    }
}

/// Whether a directory is asked for a password at all.
fn is_asked_for(password: &str) -> bool {
    !password.is_empty() && password.len() <= LONGEST_PASSWORD
}

/// How a directory is reached.
pub(super) fn server(provider: &Provider, settings: &DirectorySettings) -> DirectoryServer {
    DirectoryServer {
        url: settings.url.clone(),
        start_tls: settings.start_tls,
        roots: provider.settings.roots.clone(),
    }
}

async fn bind_to_search(
    connection: &mut dyn DirectoryConnection,
    directory: &Directory,
) -> Result<(), String> {
    let secret = directory.secret.as_ref().map(|secret| secret.as_slice());
    bind_account(connection, &directory.settings, secret).await
}

/// Binds the account that searches.
pub(super) async fn bind_account(
    connection: &mut dyn DirectoryConnection,
    settings: &DirectorySettings,
    secret: Option<&[u8]>,
) -> Result<(), String> {
    let account = settings.search_account.as_deref().unwrap_or_default();
    let password = secret
        .and_then(|secret| std::str::from_utf8(secret).ok())
        .unwrap_or_default();
    if account.is_empty() || password.is_empty() {
        return Err("the account that searches has no password (`searchPassword`)".to_owned());
    }
    match Bound::of(&connection.bind(account, password).await?) {
        Bound::Right => Ok(()),
        Bound::Wrong(reason) | Bound::Unavailable(reason) => {
            Err(format!("the account that searches was refused: {reason}"))
        }
        Bound::Blocked(reason) => Err(format!("the account that searches was refused: {reason}")),
    }
}

/// Entries of somebody.
pub(super) async fn search(
    connection: &mut dyn DirectoryConnection,
    settings: &DirectorySettings,
    names: &Names,
) -> Result<Vec<DirectoryEntry>, String> {
    let filter = names.filter(settings);
    let attributes = attributes(settings);
    let wanted = DirectorySearch {
        base: settings.base.as_deref().unwrap_or_default(),
        whole_tree: true,
        filter: &filter,
        attributes: &attributes,
    };
    connection.search(wanted).await
}
