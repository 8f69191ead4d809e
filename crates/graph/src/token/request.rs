//! Reading a token request: form, client authentication, scope.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mandate_engine::is_graph;
use mandate_model::AppId;
use percent_encoding::percent_decode_str;

use super::{Fault, FaultKind};

/// A token request that is well formed; whether the secret is right is not known yet.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenRequest {
    /// Client id.
    pub app: AppId,
    /// Client secret.
    pub secret: String,
    /// Resource that the token is to be for.
    pub audience: String,
}

impl std::fmt::Debug for TokenRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "TokenRequest({}, {})", self.app, self.audience)
    }
}

impl TokenRequest {
    /// Reads a form body and the `Authorization` header, for a server called at `host`.
    pub fn parse(body: &[u8], authorization: Option<&str>, host: &str) -> Result<Self, Fault> {
        let form = Form::parse(body)?;
        match form.get("grant_type") {
            None => return Err(missing("grant_type")),
            Some("client_credentials") => {}
            Some(other) => {
                let text =
                    format!("The grant type '{other}' is not supported; use 'client_credentials'.");
                return Err(Fault::new(FaultKind::UnsupportedGrantType, text));
            }
        }
        let (id, secret) = match authorization.and_then(basic) {
            Some(pair) => pair,
            None => (
                form.get("client_id")
                    .ok_or_else(|| missing("client_id"))?
                    .to_owned(),
                form.get("client_secret")
                    .ok_or_else(|| no_secret(&form))?
                    .to_owned(),
            ),
        };
        let audience = audience(form.get("scope").ok_or_else(|| missing("scope"))?, host)?;
        let app = id.trim().parse().map_err(|_| invalid_client())?;
        Ok(Self {
            app,
            secret,
            audience,
        })
    }
}

/// The answer to an unknown client and to a wrong secret alike.
pub(crate) fn invalid_client() -> Fault {
    Fault::new(
        FaultKind::InvalidClient,
        "The client is not registered here, or its secret is wrong.",
    )
}

fn no_secret(form: &Form) -> Fault {
    if form.get("client_assertion").is_some() {
        return Fault::new(
            FaultKind::InvalidClient,
            "Client assertions are not supported; send a client secret.",
        );
    }
    Fault::new(
        FaultKind::InvalidClient,
        "The request must contain 'client_secret'.",
    )
}

fn missing(parameter: &str) -> Fault {
    Fault::new(
        FaultKind::InvalidRequest,
        format!("The request must contain the parameter '{parameter}'."),
    )
}

/// The resource of `RESOURCE/.default`; `OpenID`'s own scopes beside it mean nothing for an app.
fn audience(scope: &str, host: &str) -> Result<String, Fault> {
    let wrong = || {
        let text = format!("The scope '{scope}' is not valid; use 'https://{host}/.default'.");
        Fault::new(FaultKind::InvalidScope, text)
    };
    let mut asked = scope.split_whitespace().filter(|part| {
        !["openid", "profile", "email", "offline_access"]
            .contains(&part.to_ascii_lowercase().as_str())
    });
    let (Some(single), None) = (asked.next(), asked.next()) else {
        return Err(wrong());
    };
    let resource = single.strip_suffix("/.default").ok_or_else(wrong)?;
    if is_graph(resource, host) {
        Ok(resource.to_owned())
    } else {
        Err(wrong())
    }
}

/// RFC 6749 §2.3.1: id and secret are form-encoded before they are joined.
fn basic(header: &str) -> Option<(String, String)> {
    let (scheme, encoded) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (id, secret) = text.split_once(':')?;
    Some((decode(id)?, decode(secret)?))
}

fn decode(text: &str) -> Option<String> {
    let spaced = text.replace('+', " ");
    percent_decode_str(&spaced)
        .decode_utf8()
        .ok()
        .map(std::borrow::Cow::into_owned)
}

struct Form(Vec<(String, String)>);

impl Form {
    fn parse(body: &[u8]) -> Result<Self, Fault> {
        let wrong = |text: &str| Fault::new(FaultKind::InvalidRequest, text);
        let text = std::str::from_utf8(body).map_err(|_| wrong("The body is not UTF-8."))?;
        let mut pairs: Vec<(String, String)> = Vec::new();
        for pair in text.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let decoded = decode(name).zip(decode(value));
            let (name, value) = decoded.ok_or_else(|| wrong("The body is not a form in UTF-8."))?;
            if pairs.iter().any(|(known, _)| *known == name) {
                return Err(wrong(&format!("The parameter '{name}' is there twice.")));
            }
            pairs.push((name, value));
        }
        Ok(Self(pairs))
    }

    fn get(&self, wanted: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(name, _)| name == wanted)
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ID: &str = "00000000-0000-0000-0000-0000000000aa";

    fn parse(body: &str) -> Result<TokenRequest, FaultKind> {
        TokenRequest::parse(body.as_bytes(), None, "mdm.example:8443").map_err(|fault| fault.kind)
    }

    #[test]
    fn a_form_with_a_secret_is_read() {
        let body = format!(
            "grant_type=client_credentials&client_id={ID}&client_secret=a%2Bb+c&\
             scope=https%3A%2F%2Fgraph.microsoft.com%2F.default&client_info=1"
        );
        let request = parse(&body).unwrap();
        assert_eq!(
            (request.secret.as_str(), request.audience.as_str()),
            ("a+b c", "https://graph.microsoft.com")
        );
        assert!(!format!("{request:?}").contains("a+b c"));
    }

    #[test]
    fn basic_authentication_is_read() {
        let header = format!("Basic {}", STANDARD.encode(format!("{ID}:s%3Aecret")));
        let body = b"grant_type=client_credentials&scope=https://mdm.example/.default";
        let request = TokenRequest::parse(body, Some(&header), "mdm.example:8443").unwrap();
        assert_eq!(
            (request.app.to_string().as_str(), request.secret.as_str()),
            (ID, "s:ecret")
        );
    }

    #[test]
    fn each_fault_has_its_name() {
        let full = |grant: &str, scope: &str| {
            format!("grant_type={grant}&client_id={ID}&client_secret=x&scope={scope}")
        };
        let good = "https://graph.microsoft.com/.default";
        assert_eq!(
            parse(&full("password", good)),
            Err(FaultKind::UnsupportedGrantType)
        );
        for scope in [
            "https://graph.microsoft.com/User.Read",
            "https://evil/.default",
            ".default",
            "openid",
        ] {
            assert_eq!(
                parse(&full("client_credentials", scope)),
                Err(FaultKind::InvalidScope),
                "{scope}"
            );
        }
        assert_eq!(parse(""), Err(FaultKind::InvalidRequest));
        assert_eq!(
            parse("grant_type=client_credentials&grant_type=x"),
            Err(FaultKind::InvalidRequest)
        );
        assert_eq!(
            parse(&format!(
                "grant_type=client_credentials&client_id={ID}&scope={good}"
            )),
            Err(FaultKind::InvalidClient)
        );
        assert_eq!(
            parse(&format!(
                "grant_type=client_credentials&client_id=me&client_secret=x&scope={good}"
            )),
            Err(FaultKind::InvalidClient)
        );
    }

    proptest! {
        #[test]
        fn no_input_panics(body in proptest::collection::vec(any::<u8>(), 0..80), header in "\\PC{0,40}") {
            let _ = TokenRequest::parse(&body, Some(&header), "h");
        }
    }
}
