//! The stylesheet and the script, under names that change with their content.

use std::fmt::Write as _;
use std::sync::LazyLock;

use aws_lc_rs::digest;
use axum::Router;
use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

/// A file that pages refer to.
#[derive(Debug)]
pub struct Asset {
    /// Its path, with a part of its hash.
    pub path: String,
    content: &'static str,
    kind: &'static str,
}

static ASSETS: LazyLock<[Asset; 3]> = LazyLock::new(|| {
    [
        asset(
            "style",
            "css",
            "text/css; charset=utf-8",
            include_str!("../assets/style.css"),
        ),
        asset(
            "mandate",
            "js",
            "text/javascript; charset=utf-8",
            include_str!("../assets/mandate.js"),
        ),
        asset(
            "icon",
            "svg",
            "image/svg+xml",
            include_str!("../assets/icon.svg"),
        ),
    ]
});

/// Path of the stylesheet.
pub fn style() -> &'static str {
    &ASSETS[0].path
}

/// Path of the script.
pub fn script() -> &'static str {
    &ASSETS[1].path
}

/// Path of the icon.
pub fn icon() -> &'static str {
    &ASSETS[2].path
}

/// Serves them.
pub fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().route("/assets/{name}", get(show))
}

async fn show(Path(name): Path<String>) -> Response {
    let found = ASSETS
        .iter()
        .find(|asset| asset.path.strip_prefix("/assets/") == Some(name.as_str()));
    match found {
        Some(asset) => (
            [
                (header::CONTENT_TYPE, asset.kind),
                // Another content has another name.
                (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
            ],
            asset.content,
        )
            .into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// A name for a file with this content: another content has another name, so that it may be kept for ever.
pub fn named(name: &str, ending: &str, content: &[u8]) -> String {
    let digest = digest::digest(&digest::SHA256, content);
    let mut hash = String::new();
    for octet in &digest.as_ref()[..6] {
        // Writing to a text does not fail.
        let _ = write!(hash, "{octet:02x}");
    }
    format!("{name}-{hash}.{ending}")
}

fn asset(name: &str, ending: &str, kind: &'static str, content: &'static str) -> Asset {
    Asset {
        path: format!("/assets/{}", named(name, ending, content.as_bytes())),
        content,
        kind,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_named_by_its_content() {
        for asset in ASSETS.iter() {
            let (stem, _) = asset.path.rsplit_once('.').unwrap();
            let (_, hash) = stem.rsplit_once('-').unwrap();
            assert_eq!(hash.len(), 12, "{}", asset.path);
        }
        for (path, ending) in [(style(), "css"), (script(), "js")] {
            assert_eq!(path.rsplit_once('.').unwrap().1, ending);
        }
    }
}
