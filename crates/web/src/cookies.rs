//! Cookies, with the strictest attributes that still let people follow a link to us.

use std::fmt::Write as _;

use axum::http::{HeaderMap, HeaderValue, header};

/// A cookie of ours. Over TLS its name begins with `__Host-`, so that no other host and no plain connection can set it
/// (RFC 6265bis §4.1.3.2); on a plain connection, as on loopback, it has another name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cookie {
    name: &'static str,
    max_age_seconds: Option<i64>,
}

const YEAR: i64 = 365 * 86_400;

/// Who is signed in; ends with the browser.
pub const SESSION: Cookie = Cookie::new("mandate", None);
/// The sign-in that is under way.
pub const FLOW: Cookie = Cookie::new("mandate-flow", Some(3600));
/// That somebody signed in with this browser before.
pub const KNOWN: Cookie = Cookie::new("mandate-known", Some(YEAR));
/// The device at which somebody is about to sign in, for its automated enrolment.
pub const SET_UP: Cookie = Cookie::new("mandate-setup", Some(1800));
/// The language that somebody chose.
pub const LANGUAGE: Cookie = Cookie::new("mandate-language", Some(YEAR));

impl Cookie {
    /// A cookie that no script sees. Without an age it ends with the browser.
    pub const fn new(name: &'static str, max_age_seconds: Option<i64>) -> Self {
        Self {
            name,
            max_age_seconds,
        }
    }

    /// Its name on the wire.
    pub fn name(self, is_secure: bool) -> String {
        if is_secure {
            format!("__Host-{}", self.name)
        } else {
            format!("{}-plain", self.name)
        }
    }

    /// Its value, if the browser brought it.
    pub fn read(self, headers: &HeaderMap, is_secure: bool) -> Option<&str> {
        let name = self.name(is_secure);
        headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find(|(key, value)| *key == name && !value.is_empty())
            .map(|(_, value)| value)
    }

    /// The header that sets it. What is no cookie value (RFC 6265 §4.1.1) sets an empty one.
    pub fn set(self, value: &str, is_secure: bool) -> HeaderValue {
        let age = self.max_age_seconds;
        self.header(value, age, is_secure)
    }

    /// The header that makes the browser forget it.
    pub fn clear(self, is_secure: bool) -> HeaderValue {
        self.header("", Some(0), is_secure)
    }

    fn header(self, value: &str, max_age: Option<i64>, is_secure: bool) -> HeaderValue {
        let is_value = |byte: u8| byte.is_ascii_graphic() && !b"\",;\\".contains(&byte);
        let value = if value.bytes().all(is_value) {
            value
        } else {
            ""
        };
        let mut text = format!("{}={value}; Path=/; SameSite=Lax", self.name(is_secure));
        if let Some(age) = max_age {
            // Writing to a text does not fail.
            let _ = write!(text, "; Max-Age={age}");
        }
        text.push_str("; HttpOnly");
        if is_secure {
            text.push_str("; Secure");
        }
        HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static(""))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(cookie: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, HeaderValue::from_str(cookie).unwrap());
        headers
    }

    #[test]
    fn a_cookie_over_tls_cannot_be_set_from_elsewhere() {
        let set = SESSION.set("abc", true);
        assert_eq!(
            set,
            "__Host-mandate=abc; Path=/; SameSite=Lax; HttpOnly; Secure"
        );
        assert_eq!(
            SESSION.clear(false),
            "mandate-plain=; Path=/; SameSite=Lax; Max-Age=0; HttpOnly"
        );
    }

    #[test]
    fn a_cookie_of_a_plain_connection_counts_for_nothing_over_tls() {
        let both = headers("x=1; mandate-plain=p; __Host-mandate=t");
        assert_eq!(SESSION.read(&both, true), Some("t"));
        assert_eq!(SESSION.read(&both, false), Some("p"));
        assert_eq!(SESSION.read(&headers("mandate-plain=p"), true), None);
        assert_eq!(SESSION.read(&headers("__Host-mandate="), true), None);
    }

    #[test]
    fn a_value_cannot_bring_attributes() {
        assert_eq!(
            FLOW.set("a; Domain=evil.example", true),
            "__Host-mandate-flow=; Path=/; SameSite=Lax; Max-Age=3600; HttpOnly; Secure"
        );
    }
}
