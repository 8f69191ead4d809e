//! What a request says about an imported certificate. Nothing here reads or writes anything.
//!
//! The import module sends dates in local time, enums with a capital first letter, and in an update the whole object;
//! what the server itself writes is passed over.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mandate_engine::{Claims, EncryptedPfx, ImportChange, ImportRequest, MAX_PFX, PaddingScheme};
use mandate_model::{ImportPurpose, Timestamp};
use serde_json::{Map, Value};

use super::DECLARED;
use crate::error::{GraphError, Result};
use crate::resources::body::text;
use crate::schema;

/// Longer than any RSA ciphertext we could decrypt, in octets.
const MAX_PASSWORD: usize = 1024;
/// Longest of the texts, in characters.
const MAX_TEXT: usize = 512;

/// The properties that a body mentions; `null` and empty texts are as good as absent.
#[derive(Default)]
struct PfxBody {
    user_principal_name: Option<String>,
    purpose: Option<ImportPurpose>,
    provider_name: Option<String>,
    key_name: Option<String>,
    padding_scheme: Option<PaddingScheme>,
    file: Option<Vec<u8>>,
    password: Option<Vec<u8>>,
    claims: Claims,
}

/// Reads the body of an import as it comes over the network: UTF-8 JSON. Decides by the body alone, so it is what to
/// feed with arbitrary bytes; [`EncryptedPfx::open`] goes on from there.
pub fn read_user_pfx_certificate(json: &[u8]) -> Result<ImportRequest> {
    match serde_json::from_slice(json) {
        Ok(Value::Object(body)) => read_new(&body),
        Ok(_) => Err(GraphError::bad_request("the body must be a JSON object")),
        Err(error) => Err(GraphError::bad_request(format!(
            "the body is not valid JSON: {error}"
        ))),
    }
}

/// A certificate to be imported.
pub(super) fn read_new(body: &Map<String, Value>) -> Result<ImportRequest> {
    let read = PfxBody::read(body)?;
    Ok(ImportRequest {
        user_principal_name: required("userPrincipalName", read.user_principal_name)?,
        purpose: read.purpose.unwrap_or(ImportPurpose::Unassigned),
        pfx: EncryptedPfx {
            provider_name: read.provider_name,
            key_name: read.key_name,
            padding_scheme: read.padding_scheme.unwrap_or(PaddingScheme::OaepSha512),
            file: required("encryptedPfxBlob", read.file)?,
            password: required("encryptedPfxPassword", read.password)?,
        },
        claims: read.claims,
    })
}

/// What a PATCH changes. File and password are not shown, so a client that sends an object back sends neither.
pub(super) fn read_change(body: &Map<String, Value>) -> Result<ImportChange> {
    let read = PfxBody::read(body)?;
    let file = match (read.file, read.password) {
        (Some(file), Some(password)) => Some((file, password)),
        (None, None) => None,
        (Some(_), None) => {
            return Err(missing("encryptedPfxPassword", "encryptedPfxBlob"));
        }
        (None, Some(_)) => {
            return Err(missing("encryptedPfxBlob", "encryptedPfxPassword"));
        }
    };
    Ok(ImportChange {
        user_principal_name: read.user_principal_name,
        purpose: read.purpose,
        file,
        provider_name: read.provider_name,
        key_name: read.key_name,
        padding_scheme: read.padding_scheme,
        claims: read.claims,
    })
}

impl PfxBody {
    fn read(body: &Map<String, Value>) -> Result<Self> {
        let mut read = Self::default();
        for (name, value) in body {
            read.take(name, value)?;
        }
        Ok(read)
    }

    fn take(&mut self, name: &str, value: &Value) -> Result<()> {
        if name == "@odata.type" {
            return check_type(value);
        }
        if name.contains('@') {
            return Ok(());
        }
        let Some(property) = schema::property(DECLARED, name) else {
            let message = format!("`{name}` is not a property of `microsoft.graph.{DECLARED}`");
            return Err(GraphError::invalid(name, message));
        };
        let name = property.name();
        match name {
            "userPrincipalName" => self.user_principal_name = bounded(name, value)?,
            "intendedPurpose" => self.purpose = purpose(name, value)?,
            "providerName" => self.provider_name = bounded(name, value)?,
            "keyName" => self.key_name = bounded(name, value)?,
            "paddingScheme" => self.padding_scheme = padding_scheme(name, value)?,
            "encryptedPfxBlob" => self.file = octets(name, value, MAX_PFX)?,
            "encryptedPfxPassword" => self.password = octets(name, value, MAX_PASSWORD)?,
            "thumbprint" => self.claims.thumbprint = bounded(name, value)?,
            "startDateTime" => self.claims.not_before = moment(name, value)?,
            "expirationDateTime" => self.claims.not_after = moment(name, value)?,
            // Id and the dates of the object are the server's.
            _ => {}
        }
        Ok(())
    }
}

fn check_type(value: &Value) -> Result<()> {
    let name = value.as_str().unwrap_or_default();
    if schema::bare(name).eq_ignore_ascii_case(DECLARED) {
        return Ok(());
    }
    let message = format!("`@odata.type` must be `#microsoft.graph.{DECLARED}`");
    Err(GraphError::invalid("@odata.type", message))
}

fn required<T>(name: &'static str, value: Option<T>) -> Result<T> {
    value.ok_or_else(|| GraphError::model_validation(format!("`{name}` is required")).at(name))
}

fn missing(name: &'static str, beside: &str) -> GraphError {
    let message = format!("`{name}` is required beside `{beside}`");
    GraphError::model_validation(message).at(name)
}

fn bounded(name: &str, value: &Value) -> Result<Option<String>> {
    let text = text(name, value)?.filter(|text| !text.trim().is_empty());
    match &text {
        Some(long) if long.chars().count() > MAX_TEXT => Err(GraphError::invalid(
            name,
            format!("`{name}` may have {MAX_TEXT} characters"),
        )),
        _ => Ok(text),
    }
}

fn purpose(name: &str, value: &Value) -> Result<Option<ImportPurpose>> {
    one_of(name, value, ImportPurpose::parse, || {
        ImportPurpose::ALL.map(ImportPurpose::name).join("`, `")
    })
}

fn padding_scheme(name: &str, value: &Value) -> Result<Option<PaddingScheme>> {
    one_of(name, value, PaddingScheme::parse, || {
        PaddingScheme::ALL.map(PaddingScheme::name).join("`, `")
    })
}

fn one_of<T>(
    name: &str,
    value: &Value,
    parse: impl Fn(&str) -> Option<T>,
    names: impl Fn() -> String,
) -> Result<Option<T>> {
    let Some(text) = bounded(name, value)? else {
        return Ok(None);
    };
    parse(text.trim()).map(Some).ok_or_else(|| {
        let message = format!("`{name}` must be one of `{}`, but is `{text}`", names());
        GraphError::invalid(name, message)
    })
}

/// Base64 with or without line breaks. The value is never repeated.
fn octets(name: &str, value: &Value, maximum: usize) -> Result<Option<Vec<u8>>> {
    let encoded = match value {
        Value::Null => return Ok(None),
        Value::String(text) if text.is_empty() => return Ok(None),
        Value::String(text) => text,
        _ => {
            return Err(GraphError::invalid(
                name,
                format!("`{name}` must be base64 text"),
            ));
        }
    };
    let too_long = || GraphError::invalid(name, format!("`{name}` may hold {maximum} bytes"));
    // Line breaks and padding included; what is longer is not even decoded.
    if encoded.len() > maximum * 3 / 2 + 64 {
        return Err(too_long());
    }
    let encoded: String = encoded
        .chars()
        .filter(|c| !c.is_ascii_whitespace())
        .collect();
    let decoded = STANDARD
        .decode(encoded)
        .map_err(|error| GraphError::invalid(name, format!("`{name}` is not base64: {error}")))?;
    if decoded.len() > maximum {
        return Err(too_long());
    }
    Ok(Some(decoded))
}

fn moment(name: &str, value: &Value) -> Result<Option<Timestamp>> {
    let Some(text) = bounded(name, value)? else {
        return Ok(None);
    };
    Timestamp::parse(text.trim()).map(Some).ok_or_else(|| {
        let message = format!(
            "`{name}` must be a date and time such as `2026-01-31T12:00:00Z`, but is `{text}`"
        );
        GraphError::invalid(name, message)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn new(body: &Value) -> Result<ImportRequest> {
        read_user_pfx_certificate(body.to_string().as_bytes())
    }

    fn whole() -> Value {
        json!({
            "id": null,
            "thumbprint": "f6f5f8f6",
            "intendedPurpose": "SmimeEncryption",
            "userPrincipalName": "ada@contoso.com",
            "startDateTime": "2026-01-01T01:00:00+01:00",
            "expirationDateTime": "2027-01-01T00:00:00Z",
            "providerName": "Microsoft Software Key Storage Provider",
            "keyName": "mandate-connector",
            "paddingScheme": "OaepSha512",
            "encryptedPfxBlob": "AQID",
            "encryptedPfxPassword": "BAUG",
            "createdDateTime": "nonsense that nobody reads",
            "lastModifiedDateTime": "2026-01-01T00:00:00.7156189+01:00",
        })
    }

    #[test]
    fn the_object_that_the_import_module_sends_is_read() {
        let request = new(&whole()).unwrap();
        assert_eq!(request.purpose, ImportPurpose::SmimeEncryption);
        assert_eq!(request.pfx.padding_scheme, PaddingScheme::OaepSha512);
        assert_eq!(
            (&request.pfx.file[..], &request.pfx.password[..]),
            (&[1, 2, 3][..], &[4, 5, 6][..])
        );
        assert_eq!(
            request.claims.not_before,
            Timestamp::parse("2026-01-01T00:00:00Z")
        );
        let mut least = json!({"encryptedPfxBlob": "AQ\nID", "encryptedPfxPassword": "BAUG"});
        least["UserPrincipalName"] = json!("ada@contoso.com");
        let request = new(&least).unwrap();
        assert_eq!(request.purpose, ImportPurpose::Unassigned);
        assert_eq!(request.pfx.padding_scheme, PaddingScheme::OaepSha512);
        assert_eq!(request.claims, Claims::default());
    }

    #[test]
    fn every_wrong_property_is_named() {
        for (property, value) in [
            ("userPrincipalName", Value::Null),
            ("userPrincipalName", json!(7)),
            ("userPrincipalName", json!("x".repeat(600))),
            ("intendedPurpose", json!("mail")),
            ("paddingScheme", json!("rot13")),
            ("startDateTime", json!("yesterday")),
            ("expirationDateTime", json!(5)),
            ("encryptedPfxBlob", Value::Null),
            ("encryptedPfxBlob", json!("")),
            ("encryptedPfxBlob", json!("***")),
            ("encryptedPfxBlob", json!([1, 2])),
            ("encryptedPfxBlob", json!("A".repeat(MAX_PFX * 2))),
            ("encryptedPfxPassword", json!("=")),
            ("encryptedPfxPassword", json!("QUJD".repeat(400))),
            ("thumbprint", json!(["f6"])),
            ("@odata.type", json!("#microsoft.graph.user")),
            ("certificate", json!("x")),
        ] {
            let mut body = whole();
            body[property] = value;
            let error = new(&body).unwrap_err();
            assert_eq!(error.target.as_deref(), Some(property), "{error}");
            assert!(error.message.contains(property), "{error}");
        }
        assert!(read_user_pfx_certificate(b"[]").is_err());
        assert!(read_user_pfx_certificate(b"{").is_err());
    }

    #[test]
    fn a_change_needs_file_and_password_together_or_neither() {
        let change = |body: Value| read_change(body.as_object().unwrap());
        let read =
            change(json!({"encryptedPfxBlob": null, "encryptedPfxPassword": "", "keyName": ""}))
                .unwrap();
        assert_eq!(read, ImportChange::default());
        let error = change(json!({"encryptedPfxBlob": "AQID"})).unwrap_err();
        assert_eq!(error.target.as_deref(), Some("encryptedPfxPassword"));
        let error = change(json!({"encryptedPfxPassword": "AQID"})).unwrap_err();
        assert_eq!(error.target.as_deref(), Some("encryptedPfxBlob"));
        let read = change(json!({"intendedPurpose": "smimesigning"})).unwrap();
        assert_eq!(read.purpose, Some(ImportPurpose::SmimeSigning));
    }
}
