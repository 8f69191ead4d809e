//! Forms with files (RFC 7578), which are read only after it is known who sends them.
//!
//! [`check_forms`](crate::check_forms) lets such a form pass unread. A handler that takes an [`Upload`] behind whoever it
//! takes for the sender therefore has strangers turned away before a single octet of their files is kept. The token must be the first
//! field of the form.

use axum::extract::{FromRequest, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use multer::Multipart;

use crate::cookies::SESSION;
use crate::form::{FORM_TOKEN, Fields, Guard, Refusal, is_token_of};

/// Most octets of a file that are kept; what is larger is cut behind that, and longer than any file that is wanted.
pub const LARGEST_FILE: usize = 4 * 1024 * 1024;
/// Most octets of a whole form.
const LARGEST: usize = 16 * 1024 * 1024;
/// Most octets of all texts together.
const LARGEST_TEXTS: usize = 256 * 1024;
/// Most fields.
const MOST_FIELDS: usize = 100;

/// A form with files that nobody has read yet.
#[derive(Clone)]
pub(crate) struct Unread {
    pub(crate) guard: Guard,
    pub(crate) is_secure: bool,
}

/// A file that somebody brought.
#[derive(Clone, PartialEq, Eq)]
pub struct UploadedFile {
    /// Name of the field.
    pub field: String,
    /// Media type that the browser gave it, by its name.
    pub media_type: Option<String>,
    /// Its content, at most [`LARGEST_FILE`] and one octet.
    pub content: Vec<u8>,
}

impl std::fmt::Debug for UploadedFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UploadedFile")
            .field("field", &self.field)
            .field("octets", &self.content.len())
            .finish_non_exhaustive()
    }
}

/// The fields and files of a form that was checked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Upload {
    /// Texts.
    pub fields: Fields,
    files: Vec<UploadedFile>,
}

impl Upload {
    /// The file of a field; none if nobody chose one.
    pub fn file(&self, field: &str) -> Option<&UploadedFile> {
        self.files
            .iter()
            .find(|file| file.field == field && !file.content.is_empty())
    }
}

/// Whether a form brings files, by its media type.
pub(crate) fn has_files(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|kind| {
            let kind = kind.split(';').next().unwrap_or_default();
            kind.trim().eq_ignore_ascii_case("multipart/form-data")
        })
}

impl<S: Send + Sync> FromRequest<S> for Upload {
    type Rejection = Response;

    async fn from_request(request: Request, _: &S) -> Result<Self, Response> {
        let (parts, body) = request.into_parts();
        // Without the check nothing may be read, so that a route cannot forget it.
        let Some(unread) = parts.extensions.get::<Unread>().cloned() else {
            return Err(StatusCode::FORBIDDEN.into_response());
        };
        let boundary = parts
            .headers
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .and_then(|kind| multer::parse_boundary(kind).ok())
            .ok_or_else(|| StatusCode::BAD_REQUEST.into_response())?;
        let body = axum::body::Body::new(http_body_util::Limited::new(body, LARGEST));
        let form = Multipart::new(body.into_data_stream(), boundary);
        match read(form, &parts, &unread).await {
            Ok(upload) => Ok(upload),
            Err(Broken::NotOurs) => Err(unread.guard.refused(&parts, Refusal::NotOurs)),
            Err(Broken::TooLarge) => Err(unread.guard.refused(&parts, Refusal::TooLarge)),
            Err(Broken::Malformed) => Err(StatusCode::BAD_REQUEST.into_response()),
        }
    }
}

/// Why a form is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Broken {
    NotOurs,
    TooLarge,
    Malformed,
}

async fn read(
    mut form: Multipart<'static>,
    parts: &Parts,
    unread: &Unread,
) -> Result<Upload, Broken> {
    let mut texts: Vec<(String, String)> = Vec::new();
    let mut files = Vec::new();
    let mut room = LARGEST_TEXTS;
    while let Some(mut part) = form.next_field().await.map_err(of)? {
        if texts.len() + files.len() >= MOST_FIELDS {
            return Err(Broken::TooLarge);
        }
        let name = part.name().unwrap_or_default().to_owned();
        let is_file = part.file_name().is_some();
        let is_token = texts.is_empty() && files.is_empty();
        if is_token && (is_file || name != FORM_TOKEN) {
            return Err(Broken::NotOurs);
        }
        let media_type = part.content_type().map(ToString::to_string);
        let most = if is_file { LARGEST_FILE + 1 } else { room + 1 };
        let mut content = Vec::new();
        while let Some(chunk) = part.chunk().await.map_err(of)? {
            let free = most - content.len();
            content.extend_from_slice(&chunk[..chunk.len().min(free)]);
        }
        if is_file {
            files.push(UploadedFile {
                field: name,
                media_type,
                content,
            });
            continue;
        }
        room = room.checked_sub(content.len()).ok_or(Broken::TooLarge)?;
        let text = String::from_utf8(content).map_err(|_| Broken::Malformed)?;
        if is_token && !is_ours(&text, parts, unread) {
            return Err(Broken::NotOurs);
        }
        texts.push((name, text));
    }
    if texts.is_empty() {
        return Err(Broken::NotOurs);
    }
    Ok(Upload {
        fields: texts.into_iter().collect(),
        files,
    })
}

fn is_ours(token: &str, parts: &Parts, unread: &Unread) -> bool {
    SESSION
        .read(&parts.headers, unread.is_secure)
        .is_some_and(|cookie| is_token_of(token, cookie))
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "errors come by value where they are mapped"
)]
fn of(error: multer::Error) -> Broken {
    let cause = std::error::Error::source(&error);
    let is_limit = cause.is_some_and(|cause| {
        let mut next = Some(cause);
        while let Some(error) = next {
            if error.is::<http_body_util::LengthLimitError>() {
                return true;
            }
            next = error.source();
        }
        false
    });
    if is_limit {
        Broken::TooLarge
    } else {
        Broken::Malformed
    }
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::{Body, to_bytes};
    use axum::middleware::from_fn_with_state;
    use axum::routing::post;
    use proptest::prelude::*;
    use tower::ServiceExt;

    use super::*;
    use crate::{Scheme, check_forms, form_token};

    const COOKIE: &str = "somebody";

    fn router() -> Router {
        let guard = Guard::new(Scheme::Http, "localhost", |_, why| {
            why.status().into_response()
        });
        let seen = |upload: Upload| async move {
            let file = upload.file("logo").map_or(0, |file| file.content.len());
            format!("{}:{file}", upload.fields.text("name"))
        };
        let forgetful = |fields: Fields| async move { fields.text("name").to_owned() };
        Router::new()
            .route("/upload", post(seen))
            .route("/fields", post(forgetful))
            .layer(from_fn_with_state(guard, check_forms))
    }

    fn part(name: &str, file: bool, content: &[u8]) -> Vec<u8> {
        let kind = if file {
            "; filename=\"a.png\"\r\nContent-Type: image/png"
        } else {
            ""
        };
        let head =
            format!("--xyz\r\nContent-Disposition: form-data; name=\"{name}\"{kind}\r\n\r\n");
        [head.as_bytes(), content, b"\r\n"].concat()
    }

    async fn send(path: &str, body: Vec<u8>) -> (StatusCode, String) {
        let request = Request::post(path)
            .header("host", "localhost")
            .header("cookie", format!("mandate-plain={COOKIE}"))
            .header("content-type", "multipart/form-data; boundary=xyz")
            .body(Body::from(body))
            .unwrap();
        let answer = router().oneshot(request).await.unwrap();
        let status = answer.status();
        let body = to_bytes(answer.into_body(), 1000).await.unwrap();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    fn token() -> Vec<u8> {
        part(FORM_TOKEN, false, form_token(COOKIE).as_bytes())
    }

    #[tokio::test]
    async fn a_form_with_a_file_is_read_behind_its_token() {
        let name = part("name", false, "Ünï".as_bytes());
        let logo = part("logo", true, b"\x89PNG\r\n\x1a\n");
        let form = [token(), name.clone(), logo.clone(), b"--xyz--\r\n".to_vec()].concat();
        assert_eq!(
            send("/upload", form).await,
            (StatusCode::OK, "Ünï:8".to_owned())
        );
        // The token last, none, or another one's.
        let other = part(FORM_TOKEN, false, form_token("other").as_bytes());
        for form in [
            [name.clone(), logo.clone(), token()].concat(),
            [name, logo.clone()].concat(),
            [other, logo].concat(),
            Vec::new(),
        ] {
            let form = [form, b"--xyz--\r\n".to_vec()].concat();
            assert_eq!(send("/upload", form).await.0, StatusCode::FORBIDDEN);
        }
    }

    #[tokio::test]
    async fn a_handler_of_plain_forms_gets_nothing_of_a_form_with_files() {
        let form = [token(), part("name", false, b"x"), b"--xyz--\r\n".to_vec()].concat();
        assert_eq!(send("/fields", form).await.0, StatusCode::FORBIDDEN);
    }

    #[tokio::test]
    async fn a_file_is_cut_where_it_is_too_large_anyway() {
        let large = vec![b'x'; LARGEST_FILE + 1000];
        let form = [token(), part("logo", true, &large), b"--xyz--\r\n".to_vec()].concat();
        let kept = format!(":{}", LARGEST_FILE + 1);
        assert_eq!(send("/upload", form).await, (StatusCode::OK, kept));
    }

    #[tokio::test]
    async fn a_form_has_an_end() {
        let text = vec![b'x'; LARGEST_TEXTS];
        let form = [token(), part("name", false, &text), b"--xyz--\r\n".to_vec()].concat();
        assert_eq!(send("/upload", form).await.0, StatusCode::PAYLOAD_TOO_LARGE);
        let many: Vec<u8> = (0..MOST_FIELDS)
            .flat_map(|_| part("name", false, b"x"))
            .collect();
        let form = [token(), many, b"--xyz--\r\n".to_vec()].concat();
        assert_eq!(send("/upload", form).await.0, StatusCode::PAYLOAD_TOO_LARGE);
        let endless = vec![b'x'; LARGEST];
        let form = [token(), part("logo", true, &endless)].concat();
        assert_eq!(send("/upload", form).await.0, StatusCode::PAYLOAD_TOO_LARGE);
    }

    #[tokio::test]
    async fn what_breaks_off_is_no_form() {
        let form = [token(), part("logo", true, b"x"), b"--xyz--\r\n".to_vec()].concat();
        for end in [form.len() - 4, form.len() - 12, form.len() / 2] {
            let status = send("/upload", form[..end].to_vec()).await.0;
            assert!(status.is_client_error(), "{end}: {status}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn any_body_is_answered(body in any::<Vec<u8>>()) {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let form = [token(), body].concat();
            let (status, _) = runtime.block_on(send("/upload", form));
            prop_assert!(status == StatusCode::OK || status.is_client_error());
        }
    }
}
