//! Bodies of requests: bounded, unpacked, parsed.

use std::io::Read;

use axum::body::Body;
use axum::http::HeaderMap;
use bytes::Bytes;
use flate2::read::MultiGzDecoder;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde_json::Value;

use super::header_text;
use crate::error::{GraphError, Result};

/// Largest body, packed and unpacked.
pub(super) const MAX_BODY: usize = 4 * 1024 * 1024;

/// The JSON of a body; nothing if there is none.
pub(super) async fn read(headers: &HeaderMap, body: Body) -> Result<Option<Value>> {
    let bytes = unpack(headers, collect(body, MAX_BODY).await?)?;
    // PowerShell 5 begins with a byte order mark.
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Ok(None);
    }
    check_type(headers)?;
    parse(bytes).map(Some)
}

/// All of a body, if it is not too large.
pub(super) async fn collect(body: Body, limit: usize) -> Result<Bytes> {
    match Limited::new(body, limit).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(GraphError::too_large(limit)),
        Err(error) => Err(GraphError::bad_request(format!(
            "the body broke off: {error}"
        ))),
    }
}

/// The kiota clients of Go and .NET pack bodies, and repeat unpacked after 415.
fn unpack(headers: &HeaderMap, bytes: Bytes) -> Result<Bytes> {
    let encoding = header_text(headers, "content-encoding")
        .unwrap_or("identity")
        .trim()
        .to_ascii_lowercase();
    match encoding.as_str() {
        "" | "identity" => Ok(bytes),
        "gzip" | "x-gzip" => {
            let limit = u64::try_from(MAX_BODY)
                .unwrap_or(u64::MAX)
                .saturating_add(1);
            let mut unpacked = Vec::new();
            let read = MultiGzDecoder::new(bytes.as_ref())
                .take(limit)
                .read_to_end(&mut unpacked);
            read.map_err(|_| GraphError::bad_request("the body is not valid gzip"))?;
            if unpacked.len() > MAX_BODY {
                Err(GraphError::too_large(MAX_BODY))
            } else {
                Ok(unpacked.into())
            }
        }
        other => {
            let message =
                format!("`Content-Encoding: {other}` is not understood; send `gzip` or none");
            Err(GraphError::unsupported_media(message))
        }
    }
}

/// A body without a type is taken for JSON, as is a form: PowerShell says so unless it is told otherwise.
fn check_type(headers: &HeaderMap) -> Result<()> {
    let kind = header_text(headers, "content-type").unwrap_or("application/json");
    let essence = kind
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    let is_json = essence.ends_with("/json") || essence.ends_with("+json");
    if is_json
        || [
            "",
            "text/plain",
            "application/x-www-form-urlencoded",
            "application/octet-stream",
        ]
        .contains(&essence.as_str())
    {
        return Ok(());
    }
    Err(GraphError::unsupported_media(format!(
        "`Content-Type: {essence}` is not understood; send `application/json`"
    )))
}

fn parse(bytes: &[u8]) -> Result<Value> {
    serde_json::from_slice(bytes).map_err(|error| {
        let text = error.to_string();
        // The position is said once, by us.
        let reason = text.split(" at line ").next().unwrap_or(&text);
        let message = format!(
            "the body is not valid JSON: {reason} (line {}, column {})",
            error.line(),
            error.column()
        );
        GraphError::bad_request(message)
    })
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use axum::http::StatusCode;
    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    async fn read_bytes(
        bytes: Vec<u8>,
        headers: &[(&'static str, &'static str)],
    ) -> Result<Option<Value>> {
        let headers = headers
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
        read(&headers.collect(), Body::from(bytes)).await
    }

    fn packed(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[tokio::test]
    async fn json_is_read_packed_or_not_with_or_without_a_mark() {
        let gzip = [("content-encoding", "gzip")];
        for (bytes, headers) in [
            (b"{\"a\":1}".to_vec(), &[][..]),
            (b"\xef\xbb\xbf{\"a\":1}".to_vec(), &[]),
            (packed(b"{\"a\":1}"), &gzip),
        ] {
            assert_eq!(read_bytes(bytes, headers).await.unwrap().unwrap()["a"], 1);
        }
        assert_eq!(read_bytes(b"  ".to_vec(), &[]).await.unwrap(), None);
    }

    #[tokio::test]
    async fn malformed_json_is_refused_with_its_place() {
        let error = read_bytes(b"{\n  \"a\": }".to_vec(), &[])
            .await
            .unwrap_err();
        assert_eq!(error.status, StatusCode::BAD_REQUEST);
        assert!(
            error.message.contains("line 2") && error.message.contains("column"),
            "{}",
            error.message
        );
        let deep = "[".repeat(10_000).into_bytes();
        assert_eq!(
            read_bytes(deep, &[]).await.unwrap_err().status,
            StatusCode::BAD_REQUEST
        );
    }

    #[tokio::test]
    async fn too_much_is_refused_packed_or_not() {
        let large = vec![b' '; MAX_BODY + 1];
        assert_eq!(
            read_bytes(packed(&large), &[("content-encoding", "gzip")])
                .await
                .unwrap_err()
                .status,
            StatusCode::PAYLOAD_TOO_LARGE
        );
        assert_eq!(
            read_bytes(large, &[]).await.unwrap_err().status,
            StatusCode::PAYLOAD_TOO_LARGE
        );
    }

    #[tokio::test]
    async fn other_encodings_and_types_are_refused() {
        for headers in [
            [("content-encoding", "br")],
            [("content-type", "application/xml")],
        ] {
            let error = read_bytes(b"{}".to_vec(), &headers).await.unwrap_err();
            assert_eq!(error.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
        }
        assert!(
            read_bytes(b"not gzip".to_vec(), &[("content-encoding", "gzip")])
                .await
                .is_err()
        );
    }
}
