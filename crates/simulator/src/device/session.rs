//! One session: Idle, commands and reports until the server has nothing more.

use super::{Device, DeviceError, EnrolmentState, Phase};
use crate::cms::Identity;
use crate::http::{Answer, Http};
use crate::profiles::ErrorChain;
use plist::{Dictionary, Value};
use serde::{Deserialize, Serialize};
use std::io::Cursor;

/// More commands in one session than any server has a reason for.
const MAX_COMMANDS: usize = 2_000;

/// How a command ended on the device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Outcome {
    /// Done.
    Acknowledged,
    /// Failed, with the chain that was reported.
    Error(ErrorChain),
    /// Put off; the device has forgotten the command.
    NotNow,
    /// Not understood.
    CommandFormatError,
}

/// Why a session ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Ending {
    /// The server has nothing more to say.
    Empty,
    /// The answer got lost on purpose; the device will come back with Idle.
    AnswerLost,
    /// A command was executed and its report never sent, on purpose.
    ReportLost,
    /// No connection was made, on purpose.
    NotConnected,
    /// The device is no longer managed: removed by command, or told so by 401 or 403.
    Unenrolled,
    /// The device was erased.
    Erased,
    /// Another status than 200; the device keeps its enrolment.
    Refused(u16),
    /// The server kept sending commands.
    Endless,
}

/// What happened in a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionReport {
    /// Commands in order: request type and outcome.
    pub commands: Vec<(String, Outcome)>,
    /// Why it ended.
    pub ending: Ending,
    /// Requests that were sent.
    pub requests: u32,
}

impl SessionReport {
    /// Whether the device will connect again by itself: after a `NotNow` that was the last word, or a lost answer.
    pub fn comes_back(&self) -> bool {
        match &self.ending {
            Ending::AnswerLost | Ending::ReportLost | Ending::NotConnected | Ending::Endless => {
                true
            }
            Ending::Refused(status) => *status >= 500,
            Ending::Empty => matches!(self.commands.last(), Some((_, Outcome::NotNow))),
            Ending::Unenrolled | Ending::Erased => false,
        }
    }

    /// Whether nothing was to be done.
    pub fn is_quiet(&self) -> bool {
        self.ending == Ending::Empty && self.commands.is_empty()
    }
}

/// A command as the server sent it.
pub(super) struct Command {
    pub(super) uuid: String,
    pub(super) request_type: String,
    pub(super) body: Dictionary,
}

/// What the device says to a command.
pub(super) struct Reply {
    pub(super) outcome: Outcome,
    /// Further keys of the report.
    pub(super) keys: Dictionary,
    /// What becomes of the device after the report.
    pub(super) after: After,
}

/// What follows a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum After {
    GoOn,
    Unenrol,
    Erase,
}

impl Device {
    /// Connects as after a push: asks for work and does it until the server has none.
    pub async fn check_in(&mut self, http: &Http) -> Result<SessionReport, DeviceError> {
        let mut report = SessionReport {
            commands: Vec::new(),
            ending: Ending::Endless,
            requests: 0,
        };
        if !self.is_enrolled() {
            return Err(DeviceError::NotEnrolled(self.state.udid.clone()));
        }
        if self.draw(self.faults.dropped_connections) {
            report.ending = Ending::NotConnected;
            return Ok(report);
        }
        if self.draw(self.faults.lost_profiles) {
            self.lose_any_profile();
        }
        let (enrolment, identity) = self.credentials()?;
        let mut answer = self.send_idle(http, &enrolment, &identity).await?;
        report.requests += 1;
        while report.commands.len() < MAX_COMMANDS {
            if let Some(ending) = self.judge(&answer) {
                report.ending = ending;
                break;
            }
            if self.draw(self.faults.lost_answers) {
                report.ending = Ending::AnswerLost;
                break;
            }
            let command = Command::read(&answer.body)?;
            let reply = Box::pin(self.execute(http, &command)).await;
            report
                .commands
                .push((command.request_type.clone(), reply.outcome.clone()));
            match Box::pin(self.report(http, &command, reply, &mut report)).await? {
                Some(next) => answer = next,
                None => break,
            }
        }
        if !enrolment.sign_message {
            http.forget(&identity);
        }
        Ok(report)
    }

    /// Sends the report; `None` when the session is over.
    async fn report(
        &mut self,
        http: &Http,
        command: &Command,
        reply: Reply,
        report: &mut SessionReport,
    ) -> Result<Option<Answer>, DeviceError> {
        // A renewal has changed the identity by now: the report goes out under the new one.
        let (enrolment, identity) = self.credentials()?;
        if reply.after == After::GoOn && self.draw(self.faults.lost_acknowledgements) {
            report.ending = Ending::ReportLost;
            return Ok(None);
        }
        let mut message = self.message(&enrolment);
        message.insert("CommandUUID".to_owned(), command.uuid.as_str().into());
        message.insert("Status".to_owned(), reply.outcome.status().into());
        if let Outcome::Error(chain) = &reply.outcome {
            message.insert("ErrorChain".to_owned(), chain.to_plist());
        }
        message.extend(reply.keys);
        if self.draw(self.faults.duplicate_reports) {
            self.send_report(http, &enrolment, &identity, message.clone())
                .await?;
            report.requests += 1;
        }
        let answer = self.send_report(http, &enrolment, &identity, message).await;
        report.requests += 1;
        match reply.after {
            After::GoOn => Ok(Some(answer?)),
            After::Unenrol => {
                report.ending = Ending::Unenrolled;
                self.remove_enrolment(http).await?;
                Ok(None)
            }
            After::Erase => {
                report.ending = Ending::Erased;
                self.erase();
                Ok(None)
            }
        }
    }

    /// What an answer means for the session; `None` when it holds a command.
    fn judge(&mut self, answer: &Answer) -> Option<Ending> {
        let unrecognised = answer.status == 403
            && self.state.os.major >= 17
            && String::from_utf8_lossy(&answer.body).contains("com.apple.unrecognized.device");
        match answer.status {
            200 if answer.body.is_empty() => Some(Ending::Empty),
            200 => None,
            // Real devices remove the enrolment profile on 401 to any MDM request.
            401 => {
                self.unenrol();
                Some(Ending::Unenrolled)
            }
            403 if unrecognised => {
                self.unenrol();
                Some(Ending::Unenrolled)
            }
            status => Some(Ending::Refused(status)),
        }
    }

    fn credentials(&self) -> Result<(EnrolmentState, Identity), DeviceError> {
        match (&self.state.enrolment, self.mdm_identity()) {
            (Some(enrolment), Some(identity)) if self.state.phase == Phase::Enrolled => {
                Ok((enrolment.clone(), identity))
            }
            _ => Err(DeviceError::NotEnrolled(self.state.udid.clone())),
        }
    }

    fn draw(&mut self, probability: f64) -> bool {
        self.chance().happens(probability)
    }
}

impl Command {
    fn read(body: &[u8]) -> Result<Self, DeviceError> {
        let excerpt =
            || DeviceError::NotACommand(String::from_utf8_lossy(body).chars().take(200).collect());
        let value = Value::from_reader(Cursor::new(body)).map_err(|_| excerpt())?;
        let mut message = value.into_dictionary().ok_or_else(excerpt)?;
        let uuid = message
            .get("CommandUUID")
            .and_then(Value::as_string)
            .map(str::to_owned)
            .ok_or_else(excerpt)?;
        let body = message
            .remove("Command")
            .and_then(Value::into_dictionary)
            .ok_or_else(excerpt)?;
        let request_type = body
            .get("RequestType")
            .and_then(Value::as_string)
            .unwrap_or_default()
            .to_owned();
        Ok(Self {
            uuid,
            request_type,
            body,
        })
    }
}

impl Outcome {
    fn status(&self) -> &'static str {
        match self {
            Self::Acknowledged => "Acknowledged",
            Self::Error(_) => "Error",
            Self::NotNow => "NotNow",
            Self::CommandFormatError => "CommandFormatError",
        }
    }
}
