//! Making the mail of a matter, if there is still a reason for it.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use mandate_model::{Device, Platform, Timestamp, User};
use mandate_store::{NoticeRecord, Session};

use super::certificates::endings_of;
use super::event::EndingCertificate;
use super::markup::{Body, escape};
use super::template::{MailMessage, MailTemplate};
use super::variables::Values;
use super::words::Words;
use super::{
    Facts, Mail, MailBranding, NoticeEvent, NoticeSettings, Recipient, built_in, locale, settings,
};
use crate::{Branding, Engine, EngineError, PictureSlot};

/// As long as a subject becomes with its variables, in characters.
const SUBJECT_LIMIT: usize = 250;

/// A mail, or why there is none to be sent.
pub(super) enum Composed {
    Mail(Box<Mail>),
    Withdrawn(&'static str),
}

/// What a mail says, and in which language.
struct Wording {
    subject: String,
    body: String,
    branding: BTreeSet<MailBranding>,
    language: String,
}

impl Engine {
    /// The mail of a matter as things stand now.
    pub(super) async fn compose(&self, record: &NoticeRecord) -> Result<Composed, EngineError> {
        let withdrawn = |reason| Ok(Composed::Withdrawn(reason));
        let mut session = self.store().read().await?;
        let Some(user) = session.find_user(record.user_id).await? else {
            return withdrawn("the person is not in the directory any more");
        };
        if !user.account_enabled {
            return withdrawn("the person's account is disabled");
        }
        let Some(address) = user.mail.clone().filter(|mail| !mail.trim().is_empty()) else {
            return withdrawn("the person has no mail address");
        };
        let settings = settings::read(&mut session).await?;
        let device = match record.device_id {
            Some(id) => session.find_device(id).await?.map(|found| found.device),
            None => None,
        };
        let facts = Facts::of(&record.facts);
        let event = NoticeEvent::parse(&record.event);
        if let Some(event) = event {
            let about = (record, &facts, device.as_ref());
            if let Some(reason) = self.obsolete(&mut session, event, about, &settings).await? {
                return withdrawn(reason);
            }
        }
        let wording = self
            .wording(&mut session, event, &facts, (&settings, &user))
            .await?;
        let Some(wording) = wording else {
            return withdrawn("the text was deleted");
        };
        let branding = self.branding().await?;
        let words = Words::of(&wording.language);
        let values = self.values((&user, device.as_ref()), &facts, &branding, words);
        let subject: String = values.fill(&wording.subject);
        let subject = subject
            .split(char::is_control)
            .collect::<Vec<_>>()
            .join(" ");
        let body = Body::read(&wording.body);
        let shows = |option| wording.branding.contains(&option);
        let logo = if shows(MailBranding::CompanyLogo) && branding.details.show_logo {
            self.mail_logo(&branding).await?
        } else {
            None
        };
        let around = Around {
            test: event.is_none().then_some(words.test),
            name: shows(MailBranding::CompanyName).then_some(branding.title.as_str()),
            has_logo: logo.is_some(),
            lines: self.lines(&wording.branding, device.as_ref(), (&branding, words)),
        };
        Ok(Composed::Mail(Box::new(Mail {
            id: record.id,
            to: Recipient {
                address,
                name: user.display_name.clone(),
            },
            subject: subject.chars().take(SUBJECT_LIMIT).collect(),
            text: around.text(&body.to_text(&values)),
            html: around.html(&body.to_html(&values), &wording.language),
            language: wording.language,
            logo,
        })))
    }

    /// Why nobody needs to be told any more.
    async fn obsolete(
        &self,
        session: &mut Session,
        event: NoticeEvent,
        (record, facts, device): (&NoticeRecord, &Facts, Option<&Device>),
        settings: &NoticeSettings,
    ) -> Result<Option<&'static str>, EngineError> {
        let now = self.now();
        if record.ended_at.is_some() {
            return Ok(Some("it was mended meanwhile"));
        }
        if !settings.of(event).is_mailed {
            return Ok(Some("mails of this event are switched off"));
        }
        if now.since(record.created_at) > event.patience() {
            return Ok(Some("it came up too long ago"));
        }
        if record.device_id.is_some() {
            let is_theirs = |device: &Device| {
                device.state.is_managed() && device.user_id == Some(record.user_id)
            };
            if !device.is_some_and(is_theirs) {
                return Ok(Some("the device is not the person's any more"));
            }
        }
        if let Some(certificate) = &facts.certificate {
            let most = settings.certificate_days.iter().max().copied();
            let days = most.unwrap_or_default();
            let endings = endings_of(session, record.user_id, now, days).await?;
            let is_it = |found: &EndingCertificate| found.sha256 == certificate.sha256;
            if !endings.iter().any(|ending| is_it(&ending.certificate)) {
                return Ok(Some("the certificate was replaced meanwhile"));
            }
        }
        Ok(None)
    }

    /// The text of an event, or of a test, in the person's language; none if there is none any more.
    async fn wording(
        &self,
        session: &mut Session,
        event: Option<NoticeEvent>,
        facts: &Facts,
        (settings, user): (&NoticeSettings, &User),
    ) -> Result<Option<Wording>, EngineError> {
        let preferred = locale::of_person(user);
        let chosen = event.map_or(facts.template, |event| settings.of(event).template_id);
        if let Some(id) = chosen
            && let Some(record) = session.find_notification_template(id).await?
        {
            let messages = session.notification_messages(id).await?;
            let template = MailTemplate::of(record, messages);
            let default = template.default_locale.as_deref();
            if let Some(message) = locale::best(&template.messages, preferred, default) {
                return Ok(Some(Wording::of(message, template.branding.clone())));
            }
        }
        Ok(event.map(|event| {
            let words = Words::of(preferred);
            let text = words.text(event);
            Wording {
                subject: text.subject.to_owned(),
                body: text.body.to_owned(),
                branding: built_in::branding(),
                language: words.code.to_owned(),
            }
        }))
    }

    fn values(
        &self,
        (user, device): (&User, Option<&Device>),
        facts: &Facts,
        branding: &Branding,
        words: &Words,
    ) -> Values {
        let mut values = Values::default();
        values.set("UserName", &user.display_name);
        values.set("UserPrincipalName", &user.user_principal_name);
        values.set("CompanyName", &branding.title);
        values.set("PortalLink", &self.portal_link());
        for (name, value) in [
            ("ProfileName", &facts.profile),
            ("AccountAddress", &facts.address),
            ("MailServer", &facts.host),
        ] {
            values.set(name, value.as_deref().unwrap_or_default());
        }
        if let Some(device) = device {
            values.set("DeviceName", &device.display_name());
            values.set("DeviceId", &device.id.to_string());
            values.set("OSAndVersion", &system_of(device));
        }
        let steps = match (&facts.certificate, device.map(|device| device.platform)) {
            (Some(certificate), _) if certificate.is_imported => words.certificate_imported,
            (Some(_), _) => words.certificate_renewed,
            (None, Some(Platform::MacOs)) => words.steps_mac,
            (None, _) => words.steps_ios,
        };
        values.set_lines("Steps", steps);
        if let Some(certificate) = &facts.certificate {
            let end = Timestamp(certificate.not_after);
            let days = (end.since(self.now()) / Timestamp::DAY).max(0);
            values.set("CertificateName", &certificate.subject);
            values.set("EndDate", &end.to_string()[..10]);
            values.set("DaysLeft", &days.to_string());
        }
        values
    }

    /// Where people find the portal.
    fn portal_link(&self) -> String {
        format!("{}/portal/", self.device_base_url())
    }

    async fn mail_logo(
        &self,
        branding: &Branding,
    ) -> Result<Option<(&'static str, Vec<u8>)>, EngineError> {
        let slot = PictureSlot::LightLogo;
        let Some(picture) = branding.picture(slot) else {
            return Ok(None);
        };
        let content = self.brand_picture(slot).await?;
        Ok(content.map(|content| (picture.kind.media_type(), content)))
    }

    /// What stands below a text.
    fn lines(
        &self,
        shown: &BTreeSet<MailBranding>,
        device: Option<&Device>,
        (branding, words): (&Branding, &Words),
    ) -> Vec<String> {
        let mut lines = Vec::new();
        if let Some(device) = device.filter(|_| shown.contains(&MailBranding::DeviceDetails)) {
            let (name, system) = (device.display_name(), system_of(device));
            lines.push(format!("{}: {name} ({system})", words.device));
        }
        if shown.contains(&MailBranding::CompanyPortalLink) {
            lines.push(format!("{}: {}", words.portal, self.portal_link()));
        }
        if shown.contains(&MailBranding::ContactInformation) {
            let details = &branding.details;
            let contact: Vec<&str> = [
                &details.contact_name,
                &details.contact_phone,
                &details.contact_email,
                &details.support_url,
            ]
            .into_iter()
            .filter_map(Option::as_deref)
            .collect();
            if !contact.is_empty() {
                lines.push(format!("{} {}", words.contact, contact.join(", ")));
            }
        }
        let visible = |line: String| line.chars().filter(|c| !c.is_control()).collect();
        lines.into_iter().map(visible).collect()
    }
}

/// `iPadOS 17.5`, as far as the device said.
fn system_of(device: &Device) -> String {
    let facts = &device.facts;
    let is_tablet = facts
        .model
        .as_deref()
        .is_some_and(|model| model.contains("iPad"));
    let name = match device.platform {
        Platform::MacOs => "macOS",
        Platform::Ios if is_tablet => "iPadOS",
        Platform::Ios => "iOS",
    };
    match &facts.os_version {
        Some(version) => format!("{name} {version}"),
        None => name.to_owned(),
    }
}

impl Wording {
    fn of(message: &MailMessage, branding: BTreeSet<MailBranding>) -> Self {
        Self {
            subject: message.subject.clone(),
            body: message.body.clone(),
            branding,
            language: message.locale.clone(),
        }
    }
}

/// What is put around a text.
struct Around<'a> {
    test: Option<&'static str>,
    name: Option<&'a str>,
    has_logo: bool,
    lines: Vec<String>,
}

impl Around<'_> {
    fn text(&self, body: &str) -> String {
        let above = self
            .test
            .iter()
            .chain(&self.name)
            .map(|line| format!("{line}\n\n"));
        let mut text: String = above.collect();
        text.push_str(body);
        text.push('\n');
        if !self.lines.is_empty() {
            let _ = writeln!(text, "\n{}", self.lines.join("\n"));
        }
        text
    }

    fn html(&self, body: &str, language: &str) -> String {
        let mut html = format!(
            "<!DOCTYPE html>\n<html lang=\"{}\"><head><meta charset=\"utf-8\"></head>\n<body>\n",
            escape(language)
        );
        if self.has_logo {
            let name = self.name.map(escape).unwrap_or_default();
            let _ = writeln!(html, "<p><img src=\"cid:logo\" alt=\"{name}\"></p>");
        }
        for line in self.test.iter().chain(&self.name) {
            let _ = writeln!(html, "<p><strong>{}</strong></p>", escape(line));
        }
        html.push_str(body);
        if !self.lines.is_empty() {
            let lines: Vec<String> = self.lines.iter().map(|line| escape(line)).collect();
            let _ = writeln!(html, "<hr>\n<p>{}</p>", lines.join("<br>\n"));
        }
        html.push_str("</body></html>\n");
        html
    }
}
