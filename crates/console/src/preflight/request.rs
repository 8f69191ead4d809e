//! The form of a preflight.

use mandate_engine::{MailSignIn, PreflightRequest};
use mandate_model::ProfileId;
use mandate_model::catalogue::Violation;
use mandate_web::{Fields, Language};
use zeroize::Zeroizing;

/// What was entered, and what is wrong with it. A password is never shown again.
#[derive(Debug, Default)]
pub(super) struct Form {
    pub(super) profile: String,
    pub(super) host: String,
    pub(super) method: String,
    pub(super) user_name: String,
    pub(super) allow_loopback: bool,
    pub(super) wrong: Vec<Wrong>,
}

/// A field and what is wrong with it.
#[derive(Debug)]
pub(super) struct Wrong {
    /// Name of the field.
    pub(super) field: &'static str,
    /// A sentence; empty while only the id of one is known.
    pub(super) text: String,
    /// Id of the sentence in the catalogues; empty where the text is there.
    pub(super) id: &'static str,
}

impl Form {
    /// Reads the fields; what cannot be asked for is noted.
    pub(super) fn read(fields: &Fields) -> (Self, Result<PreflightRequest, ()>) {
        let trimmed = |name: &str| fields.text(name).trim().to_owned();
        let mut form = Self {
            profile: trimmed("profile"),
            host: trimmed("host"),
            method: trimmed("method"),
            user_name: trimmed("user_name"),
            allow_loopback: fields.has("allow_loopback"),
            wrong: Vec::new(),
        };
        let profile = match uuid::Uuid::try_parse(&form.profile) {
            Ok(id) => Some(ProfileId(id)),
            Err(_) if form.profile.is_empty() => None,
            Err(_) => {
                form.miss("profile", "preflight-wrong-profile");
                None
            }
        };
        if form.profile.is_empty() && form.host.is_empty() {
            form.miss("host", "preflight-wrong-nothing");
        }
        let password = Zeroizing::new(fields.text("password").to_owned());
        let sign_in = match (form.user_name.as_str(), password.is_empty()) {
            ("", true) => None,
            ("", false) => {
                form.miss("user_name", "preflight-wrong-name");
                None
            }
            (_, true) => {
                form.miss("password", "preflight-wrong-password");
                None
            }
            (name, false) => Some(MailSignIn {
                user_name: name.to_owned(),
                password,
            }),
        };
        if form.is_wrong() {
            return (form, Err(()));
        }
        let (oauth, authentication_method) = match form.method.as_str() {
            "oauth" => (Some(true), None),
            "password" => (Some(false), Some("usernameAndPassword")),
            "certificate" => (Some(false), Some("certificate")),
            _ => (None, None),
        };
        let request = PreflightRequest {
            profile,
            host: (!form.host.is_empty()).then(|| form.host.clone()),
            oauth,
            authentication_method: authentication_method.map(str::to_owned),
            sign_in,
            allow_loopback: form.allow_loopback,
            ..PreflightRequest::default()
        };
        (form, Ok(request))
    }

    /// Notes what the engine found wrong.
    pub(super) fn complain(&mut self, violations: &[Violation], language: Language) {
        for violation in violations {
            let field = match violation.property.as_str() {
                "profileId" => "profile",
                "userName" => "user_name",
                "password" => "password",
                "authenticationMethod" => "method",
                _ => "host",
            };
            self.wrong.push(Wrong {
                field,
                text: language.phrase(&violation.message),
                id: "",
            });
        }
    }

    pub(super) fn is_wrong(&self) -> bool {
        !self.wrong.is_empty()
    }

    /// What is wrong with a field, if anything is.
    pub(super) fn wrong_with(&self, field: &str) -> Option<&Wrong> {
        self.wrong.iter().find(|wrong| wrong.field == field)
    }

    fn miss(&mut self, field: &'static str, id: &'static str) {
        self.wrong.push(Wrong {
            field,
            text: String::new(),
            id,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(pairs: &[(&str, &str)]) -> Fields {
        pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    fn wrong(pairs: &[(&str, &str)]) -> Vec<&'static str> {
        let (form, request) = Form::read(&fields(pairs));
        assert_eq!(request.is_err(), form.is_wrong());
        form.wrong.iter().map(|wrong| wrong.field).collect()
    }

    #[test]
    fn what_cannot_be_asked_for_is_named_by_its_field() {
        assert_eq!(wrong(&[]), ["host"]);
        assert_eq!(wrong(&[("profile", "x"), ("host", "h")]), ["profile"]);
        assert_eq!(wrong(&[("host", "h"), ("password", "p")]), ["user_name"]);
        assert_eq!(wrong(&[("host", "h"), ("user_name", "u")]), ["password"]);
        assert_eq!(wrong(&[("host", " h ")]), Vec::<&str>::new());
    }

    #[test]
    fn a_password_is_sent_on_and_not_kept() {
        let entered = [("host", "h"), ("user_name", "u"), ("password", " p ")];
        let (form, request) = Form::read(&fields(&entered));
        assert_eq!(request.unwrap().sign_in.unwrap().password.as_str(), " p ");
        assert!(!format!("{form:?}").contains(" p "));
    }

    #[test]
    fn a_way_to_sign_in_is_held_against_the_server_only_if_one_is_chosen() {
        for (method, oauth, named) in [
            ("", None, None),
            ("oauth", Some(true), None),
            ("password", Some(false), Some("usernameAndPassword")),
            ("certificate", Some(false), Some("certificate")),
        ] {
            let (_, request) = Form::read(&fields(&[("host", "h"), ("method", method)]));
            let request = request.unwrap();
            assert_eq!(request.oauth, oauth);
            assert_eq!(request.authentication_method.as_deref(), named);
        }
    }
}
