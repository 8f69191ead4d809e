//! What texts have to look like.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::distinguished_name::is_oid;
use super::{DistinguishedName, Template, Variable};

/// What a text has to look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextRule {
    /// Anything but control characters.
    Any,
    /// At least one character that is not blank.
    Filled,
    /// A bare DNS name or IPv4 address.
    HostName,
    /// A domain as it stands before `\` in a user name: `contoso.com` or `contoso`.
    Domain,
    /// An absolute `http` or `https` address.
    HttpUrl,
    /// A subject name with variables.
    Subject,
    /// A text with variables.
    Template,
    /// A text with variables, or the name of an attribute of the directory, with or without braces.
    TemplateOrAttribute,
    /// A dotted object identifier.
    ObjectIdentifier,
    /// A GUID with hyphens.
    Guid,
}

impl TextRule {
    /// Checks a text; the error is a rule, as "must …".
    pub fn check(self, text: &str) -> Result<(), String> {
        if text.chars().any(char::is_control) {
            return Err("must not contain control characters".to_owned());
        }
        let fits = match self {
            Self::Any => true,
            Self::Filled => !text.trim().is_empty(),
            Self::HostName => return check_host(text),
            Self::Domain => is_domain(text),
            Self::HttpUrl => is_http_url(text),
            Self::Subject => return check_subject(text),
            Self::Template => return check_template(text),
            Self::TemplateOrAttribute => return Template::parse(text).map(drop),
            Self::ObjectIdentifier => is_oid(text),
            Self::Guid => text.len() == 36 && uuid::Uuid::try_parse(text).is_ok(),
        };
        if fits {
            Ok(())
        } else {
            Err(format!("must be {}", self.describe()))
        }
    }

    /// The rule in words: what the text is.
    pub const fn describe(self) -> &'static str {
        match self {
            Self::Any => "text",
            Self::Filled => "text that is not empty",
            Self::HostName => "a host name or IPv4 address without scheme, port, path and blanks",
            Self::Domain => "a domain name such as `contoso.com` or `contoso`",
            Self::HttpUrl => "an address that begins with `https://` or `http://`",
            Self::Subject => "a subject name such as `CN={{UserName}},E={{EmailAddress}}`",
            Self::Template => "text that may contain variables such as `{{UserPrincipalName}}`",
            Self::TemplateOrAttribute => {
                "text that may contain variables such as `{{UserPrincipalName}}`, or the name of an attribute"
            }
            Self::ObjectIdentifier => "a dotted object identifier such as `1.3.6.1.5.5.7.3.2`",
            Self::Guid => "an id such as `6f1c3f5e-8d5c-4b8c-9a57-2f0f3f0e9f10`",
        }
    }
}

/// IPv6 is refused by name: Apple says "IP address" without saying how one is to be written.
fn check_host(text: &str) -> Result<(), String> {
    let rule = || format!("must be {}", TextRule::HostName.describe());
    let inner = text.trim_start_matches('[').trim_end_matches(']');
    if inner.parse::<Ipv6Addr>().is_ok() {
        return Err("must not be an IPv6 address; give the server a name".to_owned());
    }
    let digits_and_dots = text.chars().all(|c| c.is_ascii_digit() || c == '.');
    let fits = if digits_and_dots {
        text.parse::<Ipv4Addr>().is_ok()
    } else {
        text.len() <= LONGEST_HOST && text.split('.').all(is_label)
    };
    if fits { Ok(()) } else { Err(rule()) }
}

fn is_label(label: &str) -> bool {
    let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    label.len() <= 63
        && edge(label.chars().next())
        && edge(label.chars().last())
        && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
}

fn is_domain(text: &str) -> bool {
    let allowed = |c: char| c.is_alphanumeric() || "-_.".contains(c);
    !text.is_empty()
        && text.len() <= LONGEST_HOST
        && text.chars().all(allowed)
        && text.split('.').all(|l| !l.is_empty())
}

fn is_http_url(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let rest = lower
        .strip_prefix("https://")
        .or_else(|| lower.strip_prefix("http://"));
    let Some(rest) = rest else { return false };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let (host, port) = authority
        .split_once(':')
        .map_or((authority, None), |(host, port)| (host, Some(port)));
    check_host(host).is_ok()
        && port.is_none_or(|port| port.parse::<u16>().is_ok_and(|port| port > 0))
        && text.chars().all(|c| c.is_ascii_graphic())
}

fn check_subject(text: &str) -> Result<(), String> {
    let name = DistinguishedName::parse(text)?;
    name.variables().try_for_each(known)
}

fn check_template(text: &str) -> Result<(), String> {
    if text.trim().is_empty() {
        return Err("must not be empty".to_owned());
    }
    Template::parse(text)?.variables().try_for_each(known)
}

fn known(variable: &str) -> Result<(), String> {
    match Variable::parse(variable) {
        Some(_) => Ok(()),
        None => Err(format!(
            "must use known variables only; `{{{{{variable}}}}}` is none"
        )),
    }
}

const LONGEST_HOST: usize = 253;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_a_bare_name_or_an_ipv4_address() {
        for good in [
            "mail.example.org",
            "outlook.office365.com",
            "mail",
            "192.0.2.1",
            "xn--mll-hoa.example",
            "a-b.c1",
        ] {
            assert_eq!(TextRule::HostName.check(good), Ok(()), "{good}");
        }
        let long = format!("{}.org", "a.".repeat(130));
        let wrong = [
            "",
            " ",
            "https://mail.example.org",
            "mail.example.org:443",
            "mail.example.org/owa",
            "mail example",
            "::1",
            "[2001:db8::1]",
            "2001:db8::1",
            "-a.org",
            "a-.org",
            "a..org",
            "mail.example.org.",
            "300.1.1.1",
            "1.2.3",
            "müll.example",
            "a_b.org",
            "user@mail.example.org",
            "mail\n.org",
            " mail.example.org",
            long.as_str(),
        ];
        for text in wrong {
            assert!(TextRule::HostName.check(text).is_err(), "{text:?}");
        }
        assert!(
            TextRule::HostName
                .check("::1")
                .unwrap_err()
                .contains("IPv6")
        );
    }

    #[test]
    fn a_url_is_absolute_and_http() {
        for good in [
            "https://scep.example.org/scep",
            "http://ndes:8080/certsrv/mscep/mscep.dll?x=1",
        ] {
            assert_eq!(TextRule::HttpUrl.check(good), Ok(()), "{good}");
        }
        for wrong in [
            "ftp://a.org",
            "scep.example.org",
            "https://",
            "https://a.org:x/",
            "https://a org/",
        ] {
            assert!(TextRule::HttpUrl.check(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_object_identifier_is_dotted() {
        assert!(
            TextRule::ObjectIdentifier
                .check("1.3.6.1.5.5.7.3.2")
                .is_ok()
        );
        for wrong in ["", "1", "clientAuth", "1.3.", "1.40.1", "3.1.1", "1.3.06"] {
            assert!(TextRule::ObjectIdentifier.check(wrong).is_err(), "{wrong}");
        }
    }
}
