//! A phone whose every word is put into its mouth: for what no honest phone says.

use axum::http::{HeaderName, Method};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use mandate_simulator::cms::{Identity, Signing, sign};
use mandate_simulator::device::Device;
use mandate_simulator::http::{Answer, Http, Request};
use plist::{Dictionary, Value};

use super::House;

const SIGNATURE: HeaderName = HeaderName::from_static("mdm-signature");

/// Speaks with the identity of an enrolled phone.
pub(crate) struct Puppet<'a> {
    house: &'a House,
    identity: Identity,
    id: (&'static str, String),
    /// Types of the commands it was given so far.
    pub(crate) commands: Vec<String>,
}

/// A command as it came.
pub(crate) struct Command {
    /// `CommandUUID`.
    pub(crate) uuid: String,
    /// `RequestType`.
    pub(crate) kind: String,
    /// The rest.
    pub(crate) body: Dictionary,
}

impl House {
    /// Somebody who speaks as this phone.
    pub(crate) fn puppet(&self, phone: &Device) -> Puppet<'_> {
        let user_enrolled = phone.enrolment_id() != phone.udid();
        let key = if user_enrolled {
            "EnrollmentID"
        } else {
            "UDID"
        };
        Puppet {
            house: self,
            identity: phone.mdm_identity().unwrap(),
            id: (key, phone.enrolment_id().to_owned()),
            commands: Vec::new(),
        }
    }
}

impl Puppet<'_> {
    /// Says something about commands; the answer as it came.
    pub(crate) async fn say(
        &self,
        status: &str,
        command: Option<&str>,
        more: Dictionary,
    ) -> Answer {
        let mut message = Dictionary::new();
        message.insert(self.id.0.to_owned(), self.id.1.as_str().into());
        message.insert("Status".to_owned(), status.into());
        if let Some(uuid) = command {
            message.insert("CommandUUID".to_owned(), uuid.into());
        }
        message.extend(more);
        let url = format!("{}/apple/mdm", self.house.url);
        put(&self.house.http, &url, xml(message), Some(&self.identity)).await
    }

    /// Asks for work.
    pub(crate) async fn ask(&mut self) -> Option<Command> {
        let answer = self.say("Idle", None, Dictionary::new()).await;
        self.read(&answer)
    }

    /// Answers a command, and gets the next one.
    pub(crate) async fn reply(
        &mut self,
        command: &Command,
        status: &str,
        more: Dictionary,
    ) -> Option<Command> {
        let answer = self.say(status, Some(&command.uuid), more).await;
        self.read(&answer)
    }

    /// Has each command answered by somebody, until there is none.
    pub(crate) async fn session(
        &mut self,
        answers: impl Fn(&Command) -> (&'static str, Dictionary),
    ) {
        let mut next = self.ask().await;
        for _ in 0..100 {
            let Some(command) = next else { return };
            let (status, more) = answers(&command);
            next = self.reply(&command, status, more).await;
        }
        panic!("the server does not stop: {:?}", self.commands);
    }

    fn read(&mut self, answer: &Answer) -> Option<Command> {
        assert_eq!(answer.status, 200, "{}", answer.excerpt());
        if answer.body.is_empty() {
            return None;
        }
        let mut message = Value::from_reader_xml(&answer.body[..])
            .unwrap()
            .into_dictionary()
            .unwrap();
        let body = message
            .remove("Command")
            .unwrap()
            .into_dictionary()
            .unwrap();
        let text = |value: &Value| value.as_string().unwrap().to_owned();
        let (uuid, kind) = (text(&message["CommandUUID"]), text(&body["RequestType"]));
        self.commands.push(kind.clone());
        Some(Command { uuid, kind, body })
    }
}

/// Puts a body to the server, signed by an identity or not at all.
pub(crate) async fn put(
    http: &Http,
    url: &str,
    body: Vec<u8>,
    signer: Option<&Identity>,
) -> Answer {
    let mut request = Request::new(Method::PUT, url);
    if let Some(identity) = signer {
        let signature = sign(identity, &body, &Signing::clean(http.now())).unwrap();
        request = request
            .header(SIGNATURE, &BASE64.encode(signature))
            .unwrap();
    }
    let request = request.body("application/x-apple-aspen-mdm", body).unwrap();
    http.send(&request).await.unwrap()
}

/// An XML property list.
pub(crate) fn xml(message: Dictionary) -> Vec<u8> {
    let mut body = Vec::new();
    Value::Dictionary(message).to_writer_xml(&mut body).unwrap();
    body
}

/// What a phone answers to `ProfileList`: what is on it, and nothing else.
pub(crate) fn profile_list(phone: &Device) -> Dictionary {
    let item = |profile: &mandate_simulator::device::InstalledProfile| {
        let mut item = Dictionary::new();
        item.insert(
            "PayloadIdentifier".to_owned(),
            profile.identifier.as_str().into(),
        );
        item.insert("PayloadUUID".to_owned(), profile.uuid.as_str().into());
        item.insert("PayloadVersion".to_owned(), profile.version.into());
        Value::Dictionary(item)
    };
    let mut answer = Dictionary::new();
    answer.insert(
        "ProfileList".to_owned(),
        Value::Array(phone.profiles().iter().map(item).collect()),
    );
    answer
}

/// An error chain with one cause.
pub(crate) fn error_chain(domain: &str, code: i64, text: &str) -> Dictionary {
    let mut link = Dictionary::new();
    link.insert("ErrorDomain".to_owned(), domain.into());
    link.insert("ErrorCode".to_owned(), code.into());
    link.insert("LocalizedDescription".to_owned(), text.into());
    link.insert("USEnglishDescription".to_owned(), text.into());
    let mut answer = Dictionary::new();
    answer.insert(
        "ErrorChain".to_owned(),
        Value::Array(vec![Value::Dictionary(link)]),
    );
    answer
}
