//! Whether a request for a session is signed as OAuth 1.0 wants (RFC 5849).

use std::collections::BTreeMap;

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::world::World;

/// How far clocks may be apart, in seconds.
const CLOCK_SKEW: i64 = 300;

/// Checks an `Authorization` header for `GET url`; a word for what is wrong.
pub(super) fn check(
    world: &mut World,
    header: &str,
    url: &str,
    now: i64,
) -> Result<(), &'static str> {
    let fields = fields(header).ok_or("MALFORMED_REQUEST_HEADER")?;
    let field = |name: &str| fields.get(name).map_or("", String::as_str);
    let token = world.token.clone().ok_or("UNAUTHORIZED")?;
    if field("oauth_consumer_key") != token.consumer_key
        || field("oauth_token") != token.access_token
    {
        return Err("UNAUTHORIZED");
    }
    if field("realm") != "ADM" || field("oauth_signature_method") != "HMAC-SHA1" {
        return Err("UNSUPPORTED_OAUTH_SIGNATURE_METHOD");
    }
    let at: i64 = field("oauth_timestamp")
        .parse()
        .map_err(|_| "BAD_TIMESTAMP")?;
    if (now - at).abs() > CLOCK_SKEW {
        return Err("BAD_TIMESTAMP");
    }
    if field("oauth_nonce").is_empty() || !world.nonces.insert(field("oauth_nonce").to_owned()) {
        return Err("NONCE_USED");
    }
    let signed: Vec<String> = fields
        .iter()
        .filter(|(name, _)| *name != "realm" && *name != "oauth_signature")
        .map(|(name, value)| format!("{name}={}", escaped(value)))
        .collect();
    let base = format!("GET&{}&{}", escaped(url), escaped(&signed.join("&")));
    let key = format!(
        "{}&{}",
        escaped(&token.consumer_secret),
        escaped(&token.access_secret)
    );
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, key.as_bytes());
    let signature = BASE64
        .decode(field("oauth_signature"))
        .map_err(|_| "UNAUTHORIZED")?;
    hmac::verify(&key, base.as_bytes(), &signature).map_err(|_| "UNAUTHORIZED")
}

/// Fields of the header, without their escapes, in the order of their names.
fn fields(header: &str) -> Option<BTreeMap<String, String>> {
    header
        .strip_prefix("OAuth ")?
        .split(',')
        .map(|pair| {
            let (name, value) = pair.trim().split_once('=')?;
            let value = value.strip_prefix('"')?.strip_suffix('"')?;
            Some((name.to_owned(), unescaped(value)?))
        })
        .collect()
}

fn escaped(text: &str) -> String {
    let plain =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
    text.bytes()
        .map(|byte| {
            if plain(byte) {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect()
}

fn unescaped(text: &str) -> Option<String> {
    let mut octets = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        if first == b'%' {
            let pair = std::str::from_utf8(after.get(..2)?).ok()?;
            octets.push(u8::from_str_radix(pair, 16).ok()?);
            rest = &after[2..];
        } else {
            octets.push(first);
            rest = after;
        }
    }
    String::from_utf8(octets).ok()
}
