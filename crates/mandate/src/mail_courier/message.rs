//! A mail as a message (RFC 5322, MIME).

use lettre::Address;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Attachment, Mailbox, Message, MultiPart, SinglePart};
use mandate_engine::Mail;

use super::SmtpSettings;

/// The message, or why there can be none for this mail.
pub(super) fn of(mail: &Mail, settings: &SmtpSettings) -> Result<Message, String> {
    let address: Address = mail
        .to
        .address
        .trim()
        .parse()
        .map_err(|error| format!("the person's mail address cannot be used: {error}"))?;
    let name = mail.to.name.chars().filter(|c| !c.is_control()).collect();
    let domain = settings.from.email.domain();
    let builder = Message::builder()
        .from(settings.from.clone())
        .to(Mailbox::new(Some(name), address))
        .subject(mail.subject.clone())
        // The same for each try: whoever gets it twice can tell.
        .message_id(Some(format!("<{}@{domain}>", mail.id)))
        // Nobody's absence answers it (RFC 3834 §5).
        .raw_header(header("Auto-Submitted", "auto-generated"))
        .raw_header(header("X-Auto-Response-Suppress", "All"))
        .raw_header(header("Content-Language", &mail.language));
    let html = SinglePart::html(mail.html.clone());
    let text = SinglePart::plain(mail.text.clone());
    let alternative = MultiPart::alternative().singlepart(text);
    let parts = match &mail.logo {
        None => alternative.singlepart(html),
        Some((kind, content)) => {
            let kind = ContentType::parse(kind).map_err(|error| error.to_string())?;
            let logo = Attachment::new_inline("logo".to_owned()).body(content.clone(), kind);
            alternative.multipart(MultiPart::related().singlepart(html).singlepart(logo))
        }
    };
    builder
        .multipart(parts)
        .map_err(|error| format!("no message can be made: {error}"))
}

fn header(name: &'static str, value: &str) -> HeaderValue {
    let value: String = value.chars().filter(char::is_ascii_graphic).collect();
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value)
}

#[cfg(test)]
mod tests {
    use mandate_engine::Recipient;

    use super::super::SmtpSecurity;
    use super::*;

    fn settings() -> SmtpSettings {
        SmtpSettings {
            host: "mail.example.com".to_owned(),
            port: 587,
            security: SmtpSecurity::StartTls,
            credentials: None,
            roots: None,
            from: "Contoso IT <it@contoso.com>".parse().unwrap(),
            own_name: "mdm.contoso.com".to_owned(),
        }
    }

    fn mail(address: &str, name: &str, subject: &str) -> Mail {
        Mail {
            id: uuid::Uuid::from_u128(7),
            to: Recipient {
                address: address.to_owned(),
                name: name.to_owned(),
            },
            subject: subject.to_owned(),
            text: "Hé\n.\nBcc: x@x.example\n".to_owned(),
            html: "<p>Hé</p>".to_owned(),
            language: "nl".to_owned(),
            logo: Some(("image/png", vec![1, 2, 3])),
        }
    }

    #[test]
    fn a_message_has_both_forms_and_the_same_id_each_time() {
        let mail = mail("ada@contoso.com", "Åda", "Hé");
        let text = |mail| String::from_utf8(of(mail, &settings()).unwrap().formatted()).unwrap();
        let message = text(&mail);
        assert!(message.is_ascii());
        let id = "Message-ID: <00000000-0000-0000-0000-000000000007@contoso.com>\r\n";
        for part in [
            id,
            "Auto-Submitted: auto-generated\r\n",
            "Content-Language: nl\r\n",
            "multipart/alternative",
            "text/plain",
            "text/html",
            "Content-ID: <logo>",
        ] {
            assert!(message.contains(part), "{part} in {message}");
        }
        assert!(text(&mail).contains(id));
    }

    #[test]
    fn no_value_makes_a_header() {
        let mail = mail(
            "ada@contoso.com",
            "Ada\r\nBcc: eve@x.example",
            "Hi\r\nBcc: eve@x.example",
        );
        let message = of(&mail, &settings()).unwrap();
        let text = String::from_utf8(message.formatted()).unwrap();
        let (headers, _) = text.split_once("\r\n\r\n").unwrap();
        assert!(
            !headers.lines().any(|line| line.starts_with("Bcc")),
            "{headers}"
        );
        assert_eq!(message.envelope().to().len(), 1);
    }

    #[test]
    fn an_address_that_is_none_is_refused() {
        for wrong in [
            "",
            "ada",
            "ada@",
            "a b@c.d",
            "ada@x.example, eve@x.example",
            "ada@x>\r\nRCPT TO:<eve@x",
        ] {
            assert!(
                of(&mail(wrong, "Ada", "Hi"), &settings()).is_err(),
                "{wrong}"
            );
        }
    }
}
