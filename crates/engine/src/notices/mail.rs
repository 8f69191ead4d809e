//! A mail, ready to be sent.

use uuid::Uuid;

/// A mail to one person. Nothing in it is secret, and nothing of it belongs into a log.
#[derive(Clone, PartialEq, Eq)]
pub struct Mail {
    /// The same for each try to send it, for its `Message-ID`.
    pub id: Uuid,
    /// Who gets it.
    pub to: Recipient,
    /// Subject, one line.
    pub subject: String,
    /// The text, lines parted by line feeds.
    pub text: String,
    /// The same as a fragment of HTML that loads nothing.
    pub html: String,
    /// Language tag of the text.
    pub language: String,
    /// The logo, which the HTML shows as `cid:logo`: content type and content.
    pub logo: Option<(&'static str, Vec<u8>)>,
}

/// Who gets a mail.
#[derive(Clone, PartialEq, Eq)]
pub struct Recipient {
    /// Mail address.
    pub address: String,
    /// Name for people.
    pub name: String,
}

impl std::fmt::Debug for Mail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mail")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Recipient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Recipient").finish_non_exhaustive()
    }
}
