//! What the answer to a bind means.

use crate::providers::BindAnswer;

/// What a directory made of a name and a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Bound {
    /// They belong together.
    Right,
    /// They do not; the words are for the log.
    Wrong(String),
    /// They do, but the account may not be used, or not now.
    Blocked(&'static str),
    /// It says nothing about that.
    Unavailable(String),
}

// Result codes of RFC 4511 §4.1.9.
const SUCCESS: u32 = 0;
const CONSTRAINT_VIOLATION: u32 = 19;
const NO_SUCH_OBJECT: u32 = 32;
const INVALID_NAME: u32 = 34;
const INAPPROPRIATE_AUTHENTICATION: u32 = 48;
const INVALID_CREDENTIALS: u32 = 49;
const UNWILLING_TO_PERFORM: u32 = 53;

impl Bound {
    /// Reads an answer.
    pub(super) fn of(answer: &BindAnswer) -> Self {
        match answer.code {
            SUCCESS => Self::Right,
            INVALID_CREDENTIALS => invalid_credentials(&answer.text),
            NO_SUCH_OBJECT | INVALID_NAME | INAPPROPRIATE_AUTHENTICATION => {
                Self::Wrong("there is no such account".to_owned())
            }
            // Directories that lock accounts after wrong tries say so like this; it says nothing of the password.
            CONSTRAINT_VIOLATION => Self::Wrong("the account is locked".to_owned()),
            UNWILLING_TO_PERFORM => {
                Self::Wrong(format!("it is unwilling: {}", shown(&answer.text)))
            }
            code => Self::Unavailable(format!("result code {code}: {}", shown(&answer.text))),
        }
    }
}

/// Active Directory tells more in the diagnostic message, as `… AcceptSecurityContext error, data 532, v4f7c`: a Windows
/// error code ([MS-ERREF] §2.2) in hexadecimal. Those that block come only with the right password, except 775.
fn invalid_credentials(text: &str) -> Bound {
    match data(text).as_deref() {
        Some("530") => Bound::Blocked("not at this time of day"),
        Some("531") => Bound::Blocked("not from this machine"),
        Some("532") => Bound::Blocked("the password has expired"),
        Some("533") => Bound::Blocked("the account is disabled there"),
        Some("701") => Bound::Blocked("the account has expired"),
        Some("773") => Bound::Blocked("the password must be changed first"),
        Some("775") => Bound::Wrong("the account is locked".to_owned()),
        Some("525") => Bound::Wrong("there is no such account".to_owned()),
        Some("52e") | None => Bound::Wrong("the name or the password is wrong".to_owned()),
        Some(other) => Bound::Wrong(format!("Windows error {other}")),
    }
}

fn data(text: &str) -> Option<String> {
    let (_, rest) = text.split_once("data ")?;
    let code: String = rest
        .chars()
        .take_while(char::is_ascii_hexdigit)
        .take(8)
        .collect();
    (!code.is_empty()).then(|| code.to_ascii_lowercase())
}

/// What a directory says, as far as it can stand in a log.
fn shown(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(120).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(code: u32, text: &str) -> Bound {
        Bound::of(&BindAnswer {
            code,
            text: text.to_owned(),
        })
    }

    #[test]
    fn what_active_directory_says_of_accounts_is_understood() {
        let text = |data: &str| {
            format!(
                "80090308: LdapErr: DSID-0C090439, comment: AcceptSecurityContext error, data {data}, v4563\0"
            )
        };
        assert_eq!(
            of(49, &text("532")),
            Bound::Blocked("the password has expired")
        );
        assert_eq!(
            of(49, &text("533")),
            Bound::Blocked("the account is disabled there")
        );
        assert_eq!(
            of(49, &text("773")),
            Bound::Blocked("the password must be changed first")
        );
        assert_eq!(
            of(49, &text("701")),
            Bound::Blocked("the account has expired")
        );
        // It is said whatever the password.
        assert!(matches!(of(49, &text("775")), Bound::Wrong(_)));
        assert!(matches!(of(49, &text("52e")), Bound::Wrong(_)));
        assert!(matches!(of(49, ""), Bound::Wrong(_)));
    }

    #[test]
    fn a_server_that_cannot_say_is_no_wrong_password() {
        for code in [1, 3, 8, 10, 13, 14, 51, 52, 80] {
            assert!(matches!(of(code, ""), Bound::Unavailable(_)), "{code}");
        }
        for code in [19, 32, 34, 48, 53] {
            assert!(matches!(of(code, ""), Bound::Wrong(_)), "{code}");
        }
        assert_eq!(of(0, ""), Bound::Right);
    }
}
