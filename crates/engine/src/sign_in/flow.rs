//! A sign-in that is under way.

use std::net::IpAddr;

use mandate_model::{Timestamp, User, UserId};
use mandate_pki::seal::SealKey;
use mandate_store::Session;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use zeroize::Zeroizing;

use super::throttle::Subject;
use super::{hash, token};
use crate::{Engine, EngineError};

/// How long a sign-in may take.
const LASTS: i64 = Timestamp::HOUR;
/// How many one network may have begun and not finished; then its oldest are forgotten. Many people may share an address.
const MOST_FROM_ONE: u32 = 500;
/// How many wrong passwords and codes one sign-in may see before it has to begin anew.
const MOST_TRIES: u32 = 20;

/// Who asks, with what their browser brought.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Visit {
    /// Network address.
    pub address: Option<IpAddr>,
    /// What the program calls itself.
    pub agent: String,
    /// The mark of a browser in which somebody signed in before, from [`NewSession::known`](super::NewSession::known).
    pub known: Option<String>,
    /// The cookie of the session that the browser has already.
    pub session: Option<String>,
}

impl std::fmt::Debug for Visit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Visit")
            .field("address", &self.address)
            .field("agent", &self.agent)
            .finish_non_exhaustive()
    }
}

/// What a sign-in asks for next.
#[derive(Clone, PartialEq, Eq)]
pub enum Step {
    /// Who it is, or a passkey.
    Name,
    /// The password of whoever this is said to be.
    Password {
        /// As it was typed.
        name: String,
    },
    /// A second proof.
    SecondFactor {
        /// A one-time code of an app.
        totp: bool,
        /// A passkey.
        passkey: bool,
        /// A recovery code.
        recovery: bool,
    },
    /// A second factor has to be set up first.
    SetUpFactor,
    /// A new password.
    NewPassword {
        /// Whether they came with a set-up link.
        by_link: bool,
    },
    /// Recovery codes are shown, this once.
    RecoveryCodes(Vec<String>),
    /// Nothing: the session can begin.
    Done,
}

impl std::fmt::Debug for Step {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // What was typed as a name may be a password.
        f.write_str(match self {
            Self::Name => "Name",
            Self::Password { .. } => "Password",
            Self::SecondFactor { .. } => "SecondFactor",
            Self::SetUpFactor => "SetUpFactor",
            Self::NewPassword { by_link: true } => "NewPassword by a link",
            Self::NewPassword { by_link: false } => "NewPassword",
            Self::RecoveryCodes(_) => "RecoveryCodes",
            Self::Done => "Done",
        })
    }
}

/// A sign-in under way, as its pages need it.
#[derive(Clone, PartialEq)]
pub struct FlowView {
    /// What is asked for next.
    pub step: Step,
    /// Who it is, once that is proved.
    pub user: Option<User>,
    /// Who they said they are, or whom a client expects.
    pub hint: Option<String>,
    /// Whether a session that is there, here or at a provider, does not count.
    pub fresh: bool,
}

impl std::fmt::Debug for FlowView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FlowView")
            .field("step", &self.step)
            .finish_non_exhaustive()
    }
}

/// Why a step was not taken.
#[derive(Debug, Error)]
pub enum Problem {
    /// There is no such sign-in, or it has ended, or took too long.
    #[error("this sign-in has ended")]
    Ended,
    /// Something else is asked for now.
    #[error("something else is asked for now")]
    OutOfTurn,
    /// Name or password are wrong, or the account is not in use; never which.
    #[error("the name or the password is wrong")]
    Refused,
    /// The password is right, but its directory lets nobody in with it: it has expired, or the account is blocked there.
    #[error("the password is right, but has expired or is blocked")]
    Blocked,
    /// The code is wrong, or was used.
    #[error("the code is wrong or was used already")]
    WrongCode,
    /// The passkey is not one that is known here, or did not answer what was asked.
    #[error("the passkey was not accepted")]
    PasskeyRefused,
    /// Too many wrong tries.
    #[error("too many wrong tries; the next one is possible in {seconds} seconds")]
    Throttled {
        /// How long to wait.
        seconds: i64,
    },
    /// A link that was used, or is too old.
    #[error("the link was used already or is too old")]
    LinkEnded,
    /// Anything else.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

impl From<mandate_store::StoreError> for Problem {
    fn from(error: mandate_store::StoreError) -> Self {
        Self::Engine(error.into())
    }
}

/// What is remembered of a sign-in under way.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Flow {
    /// A path of this server.
    pub(super) return_to: String,
    /// Whether a session that is there, here or at a provider, does not count.
    pub(super) fresh: bool,
    /// Who they said they are.
    pub(super) name: Option<String>,
    /// Who they proved to be.
    pub(super) proven: Option<Proven>,
    /// The set-up link that they came with, by its hash in hexadecimal.
    pub(super) link: Option<String>,
    /// The challenge that a passkey is to sign.
    pub(super) ceremony: Option<serde_json::Value>,
    /// The secret of an app for one-time codes that is being set up, in hexadecimal: of this sign-in and no other, for
    /// whoever knows the password may have looked at one.
    pub(super) totp: Option<String>,
    /// Recovery codes that are to be shown.
    pub(super) codes: Vec<String>,
    pub(super) tries: u32,
}

/// Who somebody proved to be, and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Proven {
    pub(super) user: UserId,
    /// RFC 8176.
    pub(super) methods: Vec<String>,
    pub(super) provider: Option<String>,
    /// When the first thing was proved, or before: what ended access later ends this.
    pub(super) at: Timestamp,
    /// When the last one was.
    pub(super) last: Timestamp,
}

/// A flow as it was read, with what its row held then.
pub(super) struct Open {
    pub(super) hash: [u8; 32],
    pub(super) flow: Flow,
    /// As it was, in clear and as it is kept.
    before: (Flow, String),
    seal: SealKey,
}

impl Proven {
    /// By the password that somebody has here.
    pub(super) fn by_password(user: UserId, at: Timestamp) -> Self {
        Self {
            user,
            methods: vec!["pwd".to_owned()],
            provider: None,
            at,
            last: at,
        }
    }

    /// Whether two things were proved, or one that counts for two.
    pub(super) fn is_strong(&self) -> bool {
        self.methods.iter().any(|method| method == "mfa")
    }

    /// Adds a method that was proved now; `mfa` with the second one.
    pub(super) fn add(&mut self, method: &str, now: Timestamp) {
        self.last = now;
        for method in [method, "mfa"] {
            if !self.methods.iter().any(|known| known == method) {
                self.methods.push(method.to_owned());
            }
        }
    }
}

impl Engine {
    /// Begins a sign-in that leads to a path of this server; anything else leads to `/account/`. `hint` is whom a client
    /// expects. The answer is the token by which the browser knows it. With `fresh` a session that is there does not
    /// count.
    pub async fn begin_flow(
        &self,
        return_to: &str,
        hint: Option<&str>,
        fresh: bool,
    ) -> Result<String, EngineError> {
        self.begin_flow_from(None, return_to, (hint, fresh)).await
    }

    /// The same for somebody whose network address is known.
    pub async fn begin_flow_from(
        &self,
        address: Option<IpAddr>,
        return_to: &str,
        (hint, fresh): (Option<&str>, bool),
    ) -> Result<String, EngineError> {
        let flow = Flow {
            return_to: local(return_to).to_owned(),
            fresh,
            name: hint
                .map(str::trim)
                .filter(|name| is_name(name))
                .map(str::to_owned),
            ..Flow::default()
        };
        self.insert_flow(&flow, address).await
    }

    /// Notes who somebody proved to be at a provider, or with a directory's password: `method` is what the provider says
    /// of how, parted by blanks (RFC 8176); with `mfa` among it no second factor is asked for here.
    pub async fn finish_first_factor(
        &self,
        flow: &str,
        user: UserId,
        method: &str,
        provider: Option<&str>,
    ) -> Result<(), Problem> {
        let mut open = self.open_flow(flow).await?;
        if open.flow.proven.is_some() || open.flow.link.is_some() {
            return Err(Problem::OutOfTurn);
        }
        let mut session = self.store().write().await?;
        let person = session.find_user(user).await?;
        if !person.is_some_and(|person| person.account_enabled) {
            return Err(Problem::Refused);
        }
        let now = self.now();
        open.flow.proven = Some(Proven {
            user,
            methods: method.split_whitespace().map(str::to_owned).collect(),
            provider: provider.map(str::to_owned),
            at: now,
            last: now,
        });
        open.save(&mut session).await?;
        Ok(session.commit().await?)
    }

    /// What a sign-in asks for next, and who it is about as far as that is proved.
    pub async fn look_at_flow(&self, flow: &str) -> Result<FlowView, Problem> {
        let open = self.open_flow(flow).await?;
        let mut session = self.store().read().await?;
        let step = self.step(&mut session, &open.flow).await?;
        let link = open.link()?;
        let user = match (&open.flow.proven, link) {
            (Some(proven), _) => session.find_user(proven.user).await?,
            (None, Some(link)) => Some(self.owner_of_link(&mut session, &link).await?),
            (None, None) => None,
        };
        Ok(FlowView {
            step,
            user,
            hint: open.flow.name,
            fresh: open.flow.fresh,
        })
    }

    pub(super) async fn insert_flow(
        &self,
        flow: &Flow,
        address: Option<IpAddr>,
    ) -> Result<String, EngineError> {
        let token = token(self.chance());
        let hash = hash(&token);
        let content = sealed(self.seal(), &hash, flow)?;
        // Whoever loses it to a power cut begins again; strangers begin as many as they like.
        let mut session = self.store().write_recoverable().await?;
        let until = self.now().plus(LASTS);
        match address.map(Subject::network) {
            Some(network) => {
                let from = (network.as_str(), MOST_FROM_ONE);
                session
                    .insert_flow_from(from, &hash, &content, until)
                    .await?;
            }
            None => session.insert_flow(&hash, &content, until).await?,
        }
        session.commit().await?;
        Ok(token.to_string())
    }

    pub(super) async fn open_flow(&self, token: &str) -> Result<Open, Problem> {
        let hash = hash(token);
        let mut session = self.store().read().await?;
        let before = session.find_flow(&hash, self.now()).await?;
        let before = before.ok_or(Problem::Ended)?;
        let kept = crate::instance::from_hex(&before).ok_or(Problem::Ended)?;
        // Its key may have been replaced meanwhile.
        let plain = self.seal().open(&flow_context(&hash), &kept);
        let plain = plain.map_err(|_| Problem::Ended)?;
        let flow: Flow = serde_json::from_slice(&plain)
            .map_err(|error| EngineError::Internal(format!("a sign-in cannot be read: {error}")))?;
        if flow.tries > MOST_TRIES {
            return Err(Problem::Ended);
        }
        Ok(Open {
            hash,
            before: (flow.clone(), before),
            flow,
            seal: self.seal().clone(),
        })
    }

    /// What still lacks.
    pub(super) async fn step(&self, session: &mut Session, flow: &Flow) -> Result<Step, Problem> {
        let Some(proven) = &flow.proven else {
            return Ok(match (&flow.link, &flow.name) {
                (Some(_), _) => Step::NewPassword { by_link: true },
                (None, Some(name)) => Step::Password { name: name.clone() },
                (None, None) => Step::Name,
            });
        };
        let user = session.find_user(proven.user).await?;
        let credential = session.find_credential(proven.user).await?;
        let is_good = user.is_some_and(|user| user.account_enabled)
            // Signing out everywhere ends what is half done as well.
            && credential.as_ref().is_none_or(|credential| proven.at >= credential.valid_from);
        if !is_good {
            return Err(Problem::Ended);
        }
        if !flow.codes.is_empty() {
            return Ok(Step::RecoveryCodes(flow.codes.clone()));
        }
        let is_strong = proven.is_strong();
        if !is_strong {
            let totp = session.find_totp(proven.user).await?;
            let totp = totp.is_some_and(|totp| totp.confirmed_at.is_some());
            let passkey = !session.list_passkeys(proven.user).await?.is_empty();
            if totp || passkey {
                let recovery = session.count_recovery_codes(proven.user).await? > 0;
                return Ok(Step::SecondFactor {
                    totp,
                    passkey,
                    recovery,
                });
            }
        }
        // First of all, whoever else knows the password that has to be changed is shut out.
        let must_change = credential.is_some_and(|credential| credential.must_change);
        if must_change && proven.provider.is_none() {
            return Ok(Step::NewPassword { by_link: false });
        }
        if !is_strong && self.wants_second_factor(session, proven.user).await? {
            return Ok(Step::SetUpFactor);
        }
        Ok(Step::Done)
    }
}

impl Open {
    /// Writes what changed; refused if another request of the same sign-in was faster.
    pub(super) async fn save(&self, session: &mut Session) -> Result<(), Problem> {
        let (flow, before) = &self.before;
        if self.flow == *flow {
            return Ok(());
        }
        let after = sealed(&self.seal, &self.hash, &self.flow)?;
        if session.replace_flow(&self.hash, before, &after).await? {
            Ok(())
        } else {
            Err(Problem::OutOfTurn)
        }
    }

    /// Who it is, as far as that is proved.
    pub(super) fn proven(&self) -> Result<&Proven, Problem> {
        self.flow.proven.as_ref().ok_or(Problem::OutOfTurn)
    }
}

/// How a sign-in is kept: it holds names as they were typed, and secrets that are to be shown.
fn sealed(seal: &SealKey, hash: &[u8; 32], flow: &Flow) -> Result<String, EngineError> {
    let plain = serde_json::to_vec(flow).map(Zeroizing::new);
    let plain = plain.map_err(|error| EngineError::Internal(error.to_string()))?;
    let sealed = seal.seal(&flow_context(hash), &plain)?;
    Ok(crate::instance::hex(&sealed))
}

/// What the content of a sign-in under way is bound to.
pub(super) fn flow_context(hash: &[u8; 32]) -> String {
    format!("sign-in:{}", crate::instance::hex(hash))
}

/// What can be a sign-in name at all; longer ones are not even looked up.
pub(super) fn is_name(name: &str) -> bool {
    !name.is_empty() && name.chars().count() <= 256 && !name.chars().any(char::is_control)
}

/// A path of this server, or the one to which everything else leads. What browsers take for another host
/// (`//host`, `/\host`) is none.
fn local(path: &str) -> &str {
    let mut bytes = path.bytes();
    let is_local = bytes.next() == Some(b'/')
        && !matches!(bytes.next(), Some(b'/' | b'\\'))
        && path.len() <= 8000
        && path
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if is_local { path } else { "/account/" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sign_in_is_kept_sealed_and_in_its_place() {
        let flow = Flow {
            name: Some("a password in the wrong field".to_owned()),
            codes: vec!["ABCDE-FGHIJ".to_owned()],
            ..Flow::default()
        };
        let (seal, place) = (SealKey::generate().unwrap(), [7; 32]);
        let kept = crate::instance::from_hex(&sealed(&seal, &place, &flow).unwrap()).unwrap();
        let text = String::from_utf8_lossy(&kept);
        assert!(
            !text.contains("password") && !text.contains("ABCDE"),
            "{text}"
        );
        let opened = seal.open(&flow_context(&place), &kept).unwrap();
        assert!(serde_json::from_slice::<Flow>(&opened).unwrap() == flow);
        assert!(seal.open(&flow_context(&[8; 32]), &kept).is_err());
    }

    #[test]
    fn a_way_back_stays_here() {
        for good in ["/", "/account/", "/t/oauth2/v2.0/authorize?a=b&c=%2F%2Fx"] {
            assert_eq!(local(good), good);
        }
        for bad in [
            "",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example/",
            "javascript:alert(1)",
            "/a\r\nset-cookie: x",
            "/a b",
            "/\t/evil.example",
            "account",
        ] {
            assert_eq!(local(bad), "/account/", "{bad:?}");
        }
    }
}
