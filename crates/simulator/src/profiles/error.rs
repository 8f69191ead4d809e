//! `ErrorChain` of a report: outermost first, the last link is the cause.

use plist::{Dictionary, Value};
use serde::{Deserialize, Serialize};
use std::fmt;

/// One link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorLink {
    /// For instance `MCEASErrorDomain`.
    pub domain: String,
    /// Apple calls the codes informational.
    pub code: i64,
    /// English text.
    pub description: String,
}

/// A refusal as iOS reports it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorChain(pub Vec<ErrorLink>);

impl ErrorChain {
    /// One link alone.
    pub fn single(domain: &str, code: i64, description: impl Into<String>) -> Self {
        Self(vec![ErrorLink {
            domain: domain.to_owned(),
            code,
            description: description.into(),
        }])
    }

    /// `MCMDMErrorDomain`.
    pub fn mdm(code: i64, description: impl Into<String>) -> Self {
        Self::single("MCMDMErrorDomain", code, description)
    }

    /// `MCProfileErrorDomain`: the profile as a whole is wrong.
    pub fn profile(code: i64, description: impl Into<String>) -> Self {
        Self::single("MCProfileErrorDomain", code, description)
    }

    /// `MCPayloadErrorDomain`: a field of a payload is wrong.
    pub fn payload(code: i64, description: impl Into<String>) -> Self {
        Self::single("MCPayloadErrorDomain", code, description)
    }

    /// The cause wrapped as a failed installation: `MCInstallationErrorDomain` 4001, `MCProfileErrorDomain` 1009, cause.
    #[must_use]
    pub fn installing(self, display_name: &str) -> Self {
        let text = format!("The profile “{display_name}” could not be installed.");
        let mut links = Self::single(
            "MCInstallationErrorDomain",
            4001,
            "Profile Installation Failed",
        )
        .0;
        links.extend(Self::profile(1009, text).0);
        links.extend(self.0);
        Self(links)
    }

    /// The cause: what a server should judge by.
    pub fn cause(&self) -> Option<&ErrorLink> {
        self.0.last()
    }

    /// Whether the cause is this.
    pub fn is(&self, domain: &str, code: i64) -> bool {
        self.cause()
            .is_some_and(|link| link.domain == domain && link.code == code)
    }

    /// The array of a report.
    pub fn to_plist(&self) -> Value {
        let links = self.0.iter().map(|link| {
            let mut item = Dictionary::new();
            item.insert("ErrorCode".to_owned(), Value::from(link.code));
            item.insert("ErrorDomain".to_owned(), Value::from(link.domain.as_str()));
            item.insert(
                "LocalizedDescription".to_owned(),
                Value::from(link.description.as_str()),
            );
            item.insert(
                "USEnglishDescription".to_owned(),
                Value::from(link.description.as_str()),
            );
            Value::Dictionary(item)
        });
        Value::Array(links.collect())
    }
}

impl fmt::Display for ErrorChain {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.cause() {
            Some(link) => write!(
                formatter,
                "{} {}: {}",
                link.domain, link.code, link.description
            ),
            None => formatter.write_str("no error given"),
        }
    }
}

impl std::error::Error for ErrorChain {}
