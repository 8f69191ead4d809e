//! People on a Mac: accounts that log in and out, each with a channel to the server, a keychain and profiles of its own.
//!
//! While somebody's channel is served, what is the person's stands in the place of what is the Mac's, and back again: the
//! rest of the device need not know whom it works for.

use super::{Device, DeviceError, HeldCertificate, HeldIdentity, InstalledProfile, SessionReport};
use crate::http::Http;
use plist::Value;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::Cursor;

const TOKEN_LENGTH: usize = 32;

/// Somebody with an account on a Mac.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Person {
    /// `UserID`, or `EnrollmentUserID` in user enrolment.
    pub id: String,
    /// `UserShortName`.
    pub short_name: String,
    /// `UserLongName`.
    pub long_name: String,
    /// Whether the account is of a directory: the server is asked before (`UserAuthenticate`).
    pub of_directory: bool,
    /// Whether the person is logged in.
    pub logged_in: bool,
    /// Whether the person is logged in behind somebody else (`NotOnConsole`).
    pub in_background: bool,
    /// Push token of the channel, once it is open.
    pub push_token: Option<Vec<u8>>,
    /// Push magic of the channel.
    pub push_magic: String,
    /// What is the person's; that of the Mac while the person's channel is served.
    pub(super) things: Things,
}

/// What a keychain and a list of profiles hold.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Things {
    pub(super) profiles: Vec<InstalledProfile>,
    pub(super) identities: Vec<HeldIdentity>,
    pub(super) certificates: Vec<HeldCertificate>,
    pub(super) put_off: BTreeMap<String, u32>,
}

impl Person {
    /// Installed profiles.
    pub fn profiles(&self) -> &[InstalledProfile] {
        &self.things.profiles
    }

    /// Whether a profile of that identifier is installed.
    pub fn has_profile(&self, identifier: &str) -> bool {
        let profiles = self.things.profiles.iter();
        profiles
            .filter(|profile| profile.identifier == identifier)
            .count()
            == 1
    }

    /// Identities in the person's keychain.
    pub fn identities(&self) -> &[HeldIdentity] {
        &self.things.identities
    }

    /// Certificates without keys in the person's keychain.
    pub fn certificates(&self) -> &[HeldCertificate] {
        &self.things.certificates
    }

    /// Forgets what came by management.
    pub(super) fn forget_management(&mut self) {
        let managed: Vec<String> = self
            .things
            .profiles
            .iter()
            .filter(|profile| profile.managed)
            .map(|profile| profile.identifier.clone())
            .collect();
        let stays = |profile: &String| !managed.contains(profile);
        self.things.identities.retain(|held| stays(&held.profile));
        self.things.certificates.retain(|held| stays(&held.profile));
        self.things.profiles.retain(|profile| !profile.managed);
        self.things.put_off.clear();
        self.push_token = None;
    }
}

impl Device {
    /// Somebody gets an account on the Mac.
    pub fn add_person(&mut self, short_name: &str, long_name: &str, of_directory: bool) {
        let (id, push_magic) = (self.chance().uuid(), self.chance().uuid());
        self.state.people.push(Person {
            id,
            short_name: short_name.to_owned(),
            long_name: long_name.to_owned(),
            of_directory,
            logged_in: false,
            in_background: false,
            push_token: None,
            push_magic,
            things: Things::default(),
        });
    }

    /// Somebody on the Mac, by short name.
    pub fn person(&self, short_name: &str) -> Option<&Person> {
        let mut people = self.state.people.iter();
        people.find(|person| person.short_name == short_name)
    }

    /// Somebody logs in; whether the server has a channel for this person from now on. A Mac opens channels only if its
    /// enrolment profile says that the server has them.
    pub async fn log_in(&mut self, http: &Http, short_name: &str) -> Result<bool, DeviceError> {
        let index = self.index_of(short_name)?;
        self.state.people[index].logged_in = true;
        let has_channels = self
            .state
            .enrolment
            .as_ref()
            .is_some_and(|enrolment| enrolment.per_user_connections);
        if !self.is_enrolled() || !has_channels {
            return Ok(false);
        }
        if self.state.people[index].of_directory && !self.is_wanted(http, index).await? {
            return Ok(false);
        }
        if self.state.people[index].push_token.is_none() {
            let token = self.chance().bytes::<TOKEN_LENGTH>().to_vec();
            self.state.people[index].push_token = Some(token);
        }
        self.tell_token(http, index).await?;
        Ok(true)
    }

    /// The person stays logged in while somebody else comes to the front, or comes back; the server is told.
    pub async fn send_to_background(
        &mut self,
        http: &Http,
        short_name: &str,
        in_background: bool,
    ) -> Result<(), DeviceError> {
        let index = self.index_of(short_name)?;
        self.state.people[index].in_background = in_background;
        self.tell_token(http, index).await
    }

    /// Somebody logs out: nobody serves the person's channel any more.
    pub fn log_out(&mut self, short_name: &str) {
        for person in &mut self.state.people {
            if person.short_name == short_name {
                person.logged_in = false;
            }
        }
    }

    /// An account is deleted with all that is the person's; the server is told.
    pub async fn remove_person(
        &mut self,
        http: &Http,
        short_name: &str,
    ) -> Result<(), DeviceError> {
        let index = self.index_of(short_name)?;
        let had_channel = self.state.people[index].push_token.is_some();
        if let (Some(enrolment), Some(identity), true) = (
            self.state.enrolment.clone(),
            self.mdm_identity(),
            had_channel,
        ) {
            self.change_places(Some(index));
            let mut message = self.message(&enrolment);
            self.change_places(None);
            message.insert("MessageType".to_owned(), "CheckOut".into());
            message.insert("Topic".to_owned(), enrolment.topic.as_str().into());
            self.send_check_in(http, &enrolment, &identity, message)
                .await?;
        }
        self.state.people.remove(index);
        Ok(())
    }

    /// One of somebody's profiles disappears without a word; false when it is not installed.
    pub fn lose_profile_of(&mut self, short_name: &str, identifier: &str) -> bool {
        let Ok(index) = self.index_of(short_name) else {
            return false;
        };
        self.change_places(Some(index));
        let lost = self.lose_profile(identifier);
        self.change_places(None);
        lost
    }

    /// Connects as after a push to the person's token. Without the person there is nobody to connect.
    pub async fn check_in_as(
        &mut self,
        http: &Http,
        short_name: &str,
    ) -> Result<SessionReport, DeviceError> {
        let index = self.index_of(short_name)?;
        let person = &self.state.people[index];
        if !person.logged_in || person.push_token.is_none() {
            return Err(DeviceError::NotEnrolled(format!(
                "{} of {short_name}",
                self.state.udid
            )));
        }
        self.change_places(Some(index));
        let report = Box::pin(self.check_in(http)).await;
        self.change_places(None);
        if self.state.enrolment.is_none() {
            self.forget_management();
        }
        report
    }

    /// The person whose channel is served.
    pub(super) fn acting(&self) -> Option<&Person> {
        self.state.people.get(self.acting?)
    }

    /// Puts a person's things in the place of the Mac's, or the Mac's back.
    fn change_places(&mut self, next: Option<usize>) {
        for index in [self.acting, next].into_iter().flatten() {
            let state = &mut self.state;
            let things = &mut state.people[index].things;
            std::mem::swap(&mut state.profiles, &mut things.profiles);
            std::mem::swap(&mut state.identities, &mut things.identities);
            std::mem::swap(&mut state.certificates, &mut things.certificates);
            std::mem::swap(&mut state.put_off, &mut things.put_off);
        }
        self.acting = next;
        self.idle = None;
    }

    fn index_of(&self, short_name: &str) -> Result<usize, DeviceError> {
        let mut people = self.state.people.iter();
        people
            .position(|person| person.short_name == short_name)
            .ok_or_else(|| DeviceError::NotEnrolled(format!("{} of {short_name}", self.state.udid)))
    }

    /// `UserAuthenticate`: 410 means that this person is not to be managed; an empty `DigestChallenge` that no password is
    /// asked for. A challenge would be answered with the person's password, which nobody types here.
    async fn is_wanted(&mut self, http: &Http, index: usize) -> Result<bool, DeviceError> {
        let (Some(enrolment), Some(identity)) = (self.state.enrolment.clone(), self.mdm_identity())
        else {
            return Ok(false);
        };
        let mut message = self.message(&enrolment);
        message.insert("MessageType".to_owned(), "UserAuthenticate".into());
        let id = self.state.people[index].id.as_str();
        message.insert("UserID".to_owned(), id.into());
        let answer = self
            .send_check_in(http, &enrolment, &identity, message)
            .await?;
        let refused = || DeviceError::Refused {
            message: "UserAuthenticate",
            status: answer.status,
            body: answer.excerpt(),
        };
        match answer.status {
            410 => Ok(false),
            200 => {
                let body = Value::from_reader(Cursor::new(&answer.body)).map_err(|_| refused())?;
                let challenge = body
                    .as_dictionary()
                    .and_then(|body| body.get("DigestChallenge")?.as_string());
                if challenge == Some("") {
                    Ok(true)
                } else {
                    Err(refused())
                }
            }
            _ => Err(refused()),
        }
    }

    async fn tell_token(&mut self, http: &Http, index: usize) -> Result<(), DeviceError> {
        let not_enrolled = || DeviceError::NotEnrolled(self.state.udid.clone());
        let mut enrolment = self.state.enrolment.clone().ok_or_else(not_enrolled)?;
        let identity = self.mdm_identity().ok_or_else(not_enrolled)?;
        let person = &self.state.people[index];
        enrolment.push_token = person.push_token.clone().unwrap_or_default();
        enrolment.push_magic.clone_from(&person.push_magic);
        self.change_places(Some(index));
        let told = self.token_update(http, &enrolment, &identity).await;
        self.change_places(None);
        told
    }
}
