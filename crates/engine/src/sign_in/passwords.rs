//! Passwords: Argon2id (RFC 9106), and what is accepted as one (NIST SP 800-63B §3.1.1).

use std::sync::atomic::{AtomicU64, Ordering};

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

use super::breached;
use crate::{Engine, EngineError};

/// Memory in KiB, passes, lanes: the second of the equivalent choices of the OWASP Password Storage Cheat Sheet (2025),
/// 19 MiB and two passes. A hash that was made with others is made anew at the next right password.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
const SALT: usize = 16;
/// How many hashes are computed at once; more wait. Each takes a processor and the memory above.
const AT_ONCE: usize = 4;
/// Most characters of a password.
pub(super) const LONGEST: usize = 256;
/// Fewest different characters.
const DIFFERENT: usize = 5;
/// Shorter names say too little for a password that contains them to be refused.
const SHORTEST_NAME: usize = 4;

/// A password to be set.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct NewPassword {
    /// The password.
    pub text: Zeroizing<String>,
    /// Whether the next sign-in asks for another one.
    pub must_change: bool,
}

impl std::fmt::Debug for NewPassword {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewPassword")
            .field("must_change", &self.must_change)
            .finish_non_exhaustive()
    }
}

/// Why a password is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordProblem {
    /// Too few characters.
    TooShort,
    /// Too many.
    TooLong,
    /// It contains the name of the account, of its person or of the organisation.
    ContainsName,
    /// It is made of a few characters only.
    TooSimple,
    /// It is on the list of passwords that others know.
    Breached,
    /// It is the one that it was to replace.
    TheSame,
}

/// Computes hashes, a few at once.
#[derive(Debug)]
pub(crate) struct Hasher {
    permits: Semaphore,
    computed: AtomicU64,
}

impl Default for Hasher {
    fn default() -> Self {
        Self {
            permits: Semaphore::new(AT_ONCE),
            computed: AtomicU64::new(0),
        }
    }
}

impl Hasher {
    /// Does something slow outside of the threads that serve requests.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, EngineError> + Send + 'static,
    ) -> Result<T, EngineError> {
        let gone = |_| EngineError::Internal("no password can be hashed any more".to_owned());
        let _permit = self.permits.acquire().await.map_err(gone)?;
        self.computed.fetch_add(1, Ordering::Relaxed);
        tokio::task::spawn_blocking(work)
            .await
            .map_err(|error| EngineError::Internal(error.to_string()))?
    }
}

/// What came of comparing a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Compared {
    pub(super) is_right: bool,
    /// Whether the hash was made with other parameters than those of today.
    pub(super) is_old: bool,
}

impl Engine {
    /// How many password hashes this process has computed. It grows by one for each password that is tried, whether there
    /// is such an account or not.
    pub fn password_hashes(&self) -> u64 {
        self.cache().hasher.computed.load(Ordering::Relaxed)
    }

    /// Compares a password with a hash. Without a hash the same work is done, and the answer is no.
    pub(super) async fn compare_password(
        &self,
        password: &str,
        hash: Option<String>,
    ) -> Result<Compared, EngineError> {
        let password = Zeroizing::new(password.to_owned());
        let salt = self.salt();
        let work = move || match hash {
            Some(hash) => compare(password.as_bytes(), &hash),
            None => hash_with(password.as_bytes(), &salt).map(|_| Compared {
                is_right: false,
                is_old: false,
            }),
        };
        self.cache().hasher.run(work).await
    }

    /// The hash of a password, in the PHC string format.
    pub(super) async fn hash_password(&self, password: &str) -> Result<String, EngineError> {
        let password = Zeroizing::new(password.to_owned());
        let salt = self.salt();
        let work = move || hash_with(password.as_bytes(), &salt);
        self.cache().hasher.run(work).await
    }

    /// Why a password is not accepted for somebody; `names` are those that it may not contain.
    pub(super) async fn password_problem(
        &self,
        password: &str,
        names: &[&str],
    ) -> Result<Option<PasswordProblem>, EngineError> {
        let mut forbidden: Vec<&str> = names.to_vec();
        forbidden.push(&self.tenant().company);
        for domain in &self.tenant().domains {
            forbidden.extend(domain.split('.').next());
        }
        let options = &self.options().sign_in;
        if let Some(problem) = weakness(password, options.shortest_password, &forbidden) {
            return Ok(Some(problem));
        }
        let Some(list) = options.breached_passwords.clone() else {
            return Ok(None);
        };
        let hash = mandate_pki::sha1(password.as_bytes());
        let found = tokio::task::spawn_blocking(move || breached::contains(&list, &hash))
            .await
            .map_err(|error| EngineError::Internal(error.to_string()))?;
        match found {
            Ok(true) => Ok(Some(PasswordProblem::Breached)),
            Ok(false) => Ok(None),
            Err(error) => Err(EngineError::NotPossible {
                reason: format!("the list of breached passwords cannot be read: {error}"),
            }),
        }
    }

    /// The same as an error that names the property.
    pub(super) async fn accept_password(
        &self,
        property: &str,
        password: &str,
        names: &[&str],
    ) -> Result<(), EngineError> {
        let shortest = self.options().sign_in.shortest_password;
        match self.password_problem(password, names).await? {
            None => Ok(()),
            Some(problem) => Err(EngineError::invalid(
                property,
                &problem.rule(shortest),
                None,
            )),
        }
    }

    fn salt(&self) -> [u8; SALT] {
        let mut salt = [0; SALT];
        self.chance().fill(&mut salt);
        salt
    }
}

impl PasswordProblem {
    /// The rule that was broken.
    fn rule(self, shortest: usize) -> String {
        match self {
            Self::TooShort => format!("must have at least {shortest} characters"),
            Self::TooLong => format!("must have at most {LONGEST} characters"),
            Self::ContainsName => {
                "must not contain the name of the account or of the organisation".to_owned()
            }
            Self::TooSimple => format!("must have at least {DIFFERENT} different characters"),
            Self::Breached => "is on the list of passwords that others know".to_owned(),
            Self::TheSame => "must be another one than before".to_owned(),
        }
    }
}

fn weakness(password: &str, shortest: usize, names: &[&str]) -> Option<PasswordProblem> {
    let length = password.chars().count();
    if length < shortest {
        return Some(PasswordProblem::TooShort);
    }
    if length > LONGEST {
        return Some(PasswordProblem::TooLong);
    }
    let folded = password.to_lowercase();
    let contains = |name: &&str| {
        name.chars().count() >= SHORTEST_NAME && folded.contains(&name.to_lowercase())
    };
    if names.iter().any(contains) {
        return Some(PasswordProblem::ContainsName);
    }
    let different: std::collections::BTreeSet<char> = password.chars().collect();
    (different.len() < DIFFERENT).then_some(PasswordProblem::TooSimple)
}

fn argon2() -> Result<Argon2<'static>, EngineError> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None)
        .map_err(|error| EngineError::Internal(error.to_string()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn hash_with(password: &[u8], salt: &[u8]) -> Result<String, EngineError> {
    let hash = argon2()?
        .hash_password_with_salt(password, salt)
        .map_err(|error| EngineError::Internal(format!("a password was not hashed: {error}")))?;
    Ok(hash.to_string())
}

fn compare(password: &[u8], hash: &str) -> Result<Compared, EngineError> {
    let unreadable = |_| EngineError::Internal("the hash of a password cannot be read".to_owned());
    let parsed = PasswordHash::new(hash).map_err(unreadable)?;
    let argon2 = argon2()?;
    let is_right = argon2.verify_password(password, &parsed).is_ok();
    let params = Params::try_from(&parsed).ok();
    let is_old = parsed.algorithm != Algorithm::Argon2id.ident()
        || params.is_none_or(|params| {
            [params.m_cost(), params.t_cost(), params.p_cost()] != [MEMORY_KIB, PASSES, LANES]
        });
    Ok(Compared { is_right, is_old })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_argon2id_with_the_parameters_of_today() {
        let hash = hash_with(b"correct horse battery", b"0123456789abcdef").unwrap();
        assert!(
            hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{hash}"
        );
        let right = compare(b"correct horse battery", &hash).unwrap();
        assert!(right.is_right && !right.is_old);
        assert!(!compare(b"correct horse batter", &hash).unwrap().is_right);
    }

    #[test]
    fn a_hash_of_other_parameters_is_right_and_old() {
        let params = Params::new(8 * 1024, 1, 1, None).unwrap();
        let weak = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let hash = weak
            .hash_password_with_salt(b"x", b"0123456789abcdef")
            .unwrap();
        let compared = compare(b"x", &hash.to_string()).unwrap();
        assert!(compared.is_right && compared.is_old);
        assert!(compare(b"x", "$argon2id$nonsense").is_err());
    }

    #[test]
    fn what_is_easily_guessed_is_refused() {
        let names = ["ada", "lovelace", "Contoso"];
        let of = |password: &str| weakness(password, 12, &names);
        assert_eq!(of("short"), Some(PasswordProblem::TooShort));
        assert_eq!(of(&"xyzuv".repeat(60)), Some(PasswordProblem::TooLong));
        assert_eq!(
            of("My CONTOSO password"),
            Some(PasswordProblem::ContainsName)
        );
        assert_eq!(of("abababababababab"), Some(PasswordProblem::TooSimple));
        // Three letters are in too many words.
        assert_eq!(of("I ate a salada today"), None);
        assert_eq!(of("ÄÖÜ straße 12 x"), None);
    }

    #[test]
    fn a_password_is_not_shown() {
        let new = NewPassword {
            text: Zeroizing::new("hush".to_owned()),
            must_change: true,
        };
        assert!(!format!("{new:?}").contains("hush"));
    }
}
