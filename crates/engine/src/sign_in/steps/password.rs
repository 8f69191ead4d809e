//! Steps with passwords: proving who it is, and setting a new one.

use super::super::flow::{Problem, Proven, Step, Visit};
use super::super::throttle::Subject;
use super::{bounded, itself, origin};
use crate::Engine;
use crate::providers::DirectoryVerdict;

/// Who a password has shown somebody to be.
struct Shown {
    proven: Proven,
    /// The hash that it was compared with, if it is one of ours.
    before: Option<String>,
    /// The hash to be kept instead, if that was made as one made them once.
    after: Option<String>,
}

impl Engine {
    /// Proves it with the password. Whatever is wrong, the same work is done and the same is answered.
    pub async fn enter_password(
        &self,
        flow: &str,
        password: &str,
        visit: &Visit,
    ) -> Result<(), Problem> {
        let mut open = self.open_flow(flow).await?;
        let (None, None, Some(name)) = (&open.flow.proven, &open.flow.link, &open.flow.name) else {
            return Err(Problem::OutOfTurn);
        };
        let name = name.clone();
        open.flow.tries += 1;
        self.keep(&open).await?;
        let mut open = self.open_flow(flow).await?;
        let shown = self.check_password(&name, password, visit).await?;
        let mut session = self.store().write().await?;
        if let Some(before) = &shown.before {
            // Another may have been set while these were compared.
            let user = shown.proven.user;
            let credential = self.claim_credential(&mut session, user).await?;
            if credential.password_hash.as_ref() != Some(before) {
                return Err(Problem::Refused);
            }
            if let Some(after) = &shown.after {
                session.rehash_password(user, before, after).await?;
            }
        }
        open.flow.proven = Some(shown.proven);
        open.save(&mut session).await?;
        Ok(session.commit().await?)
    }

    /// Whose name and password these are, here or in a directory that speaks for the name.
    async fn check_password(
        &self,
        name: &str,
        password: &str,
        visit: &Visit,
    ) -> Result<Shown, Problem> {
        // Before the hash is read: what ends access after that ends this.
        let at = self.now();
        let mut session = self.store().read().await?;
        let user = session.find_user_by_name(name).await?;
        let credential = match &user {
            Some(user) => session.find_credential(user.id).await?,
            None => None,
        };
        drop(session);
        let known = credential
            .as_ref()
            .and_then(|credential| self.known_browser(credential, visit.known.as_deref()));
        let subjects = subjects(name, known, visit);
        self.claim_try(&subjects).await?;
        let hash = credential.and_then(|credential| credential.password_hash);
        let password = bounded(password);
        let compared = self.compare_password(password, hash.clone()).await?;
        let here = user
            .as_ref()
            .filter(|user| compared.is_right && user.account_enabled)
            .map(|user| Proven::by_password(user.id, at));
        let proven = match (self.directory_comes_first(name).await?, here) {
            (None | Some(false), Some(here)) => Some(here),
            (None, None) => None,
            // Who has a password here uses it alone; the directory learns nothing of it, but takes its time.
            (Some(false), None) if hash.is_some() => {
                self.ask_directory_for_nobody(name, password).await?;
                None
            }
            (Some(_), here) => match self
                .check_directory_name(name, user.as_ref(), password)
                .await?
            {
                DirectoryVerdict::Right {
                    user,
                    provider,
                    methods,
                } if user.account_enabled => Some(Proven {
                    user: user.id,
                    methods: methods.split_whitespace().map(str::to_owned).collect(),
                    provider: Some(provider),
                    at,
                    last: at,
                }),
                DirectoryVerdict::Right { .. } | DirectoryVerdict::Wrong => None,
                DirectoryVerdict::Blocked => {
                    if let Some(user) = &user {
                        self.note_failure(user, "blocked", origin(visit)).await?;
                    }
                    return Err(Problem::Blocked);
                }
                DirectoryVerdict::NotConcerned | DirectoryVerdict::Unavailable => here,
            },
        };
        let Some(proven) = proven else {
            match &user {
                Some(user) => {
                    self.note_failure(user, "wrongPassword", origin(visit))
                        .await?;
                }
                // The disk is waited for as well, so that the time does not tell that there is no such account.
                None => self.touch_try(&subjects).await?,
            }
            return Err(Problem::Refused);
        };
        self.forgive_try(&subjects).await?;
        let before = hash.filter(|_| proven.provider.is_none());
        let after = match &before {
            Some(_) if compared.is_old => Some(self.hash_password(password).await?),
            _ => None,
        };
        Ok(Shown {
            proven,
            before,
            after,
        })
    }

    /// Sets a new password: of the owner of the set-up link, or because the old one has to be changed. The outer answer
    /// is why it cannot be; the inner why this password is not accepted.
    pub async fn enter_new_password(
        &self,
        flow: &str,
        password: &str,
        visit: &Visit,
    ) -> Result<Result<(), crate::PasswordProblem>, Problem> {
        let mut open = self.open_flow(flow).await?;
        let mut session = self.store().read().await?;
        let Step::NewPassword { by_link } = self.step(&mut session, &open.flow).await? else {
            return Err(Problem::OutOfTurn);
        };
        let link = open.link()?;
        let user = match &link {
            Some(hash) if by_link => self.owner_of_link(&mut session, hash).await?,
            _ => {
                let user = open.proven()?.user;
                session.find_user(user).await?.ok_or(Problem::Ended)?
            }
        };
        let known = session.find_credential(user.id).await?;
        let known = known.and_then(|credential| credential.password_hash);
        drop(session);
        if let Some(problem) = self.password_problem_of(&user, password).await? {
            return Ok(Err(problem));
        }
        if !by_link {
            // Another one has to be another one.
            if self
                .compare_password(password, known.clone())
                .await?
                .is_right
            {
                return Ok(Err(crate::PasswordProblem::TheSame));
            }
        }
        let hash = self.hash_password(password).await?;
        let mut session = self.store().write().await?;
        // Nobody gets a role between the look at who made the link and its use.
        session.hold_access().await?;
        let now = self.claim_credential(&mut session, user.id).await?;
        if let (true, Some(link)) = (by_link, &link) {
            self.owner_of_link(&mut session, link).await?;
            if !session.take_set_up_link(link).await? {
                return Err(Problem::LinkEnded);
            }
        } else if now.password_hash != known
            || self.step(&mut session, &open.flow).await? != (Step::NewPassword { by_link })
        {
            // Somebody set another one while these were compared.
            return Err(Problem::Ended);
        }
        let actor = itself(&user, visit);
        self.put_password(&mut session, &actor, &user, (hash, false))
            .await?;
        let now = self.now();
        if let Some(proven) = &mut open.flow.proven {
            (proven.at, proven.last) = (now, now);
        } else {
            open.flow.link = None;
            open.flow.proven = Some(Proven::by_password(user.id, now));
        }
        open.save(&mut session).await?;
        session.commit().await?;
        Ok(Ok(()))
    }
}

/// What a try is counted of.
fn subjects(name: &str, known: Option<&str>, visit: &Visit) -> Vec<Subject> {
    let mut subjects = vec![match known {
        Some(mark) => Subject::known_browser(name, mark),
        None => Subject::account(name),
    }];
    // Strangers behind the same address do not keep out somebody whose browser is known.
    if let (None, Some(address)) = (known, visit.address) {
        subjects.push(Subject::address(address));
    }
    subjects
}
