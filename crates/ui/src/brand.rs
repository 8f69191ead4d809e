//! The organisation's colour and logos on pages.
//!
//! [`with_brand`] looks the branding up once for each request of a page, and [`Visitor`](crate::Visitor) finds it there.
//! Stylesheet and logos have names that change with their content, so browsers keep them.

use std::fmt::Write as _;

use axum::Router;
use axum::extract::{Path, Request, State};
use axum::http::request::Parts;
use axum::http::{Extensions, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use mandate_engine::{Branding, Colour, EngineError, PictureSlot};
use mandate_web::{Brand, Logo, assets};

use crate::Door;

/// What the stylesheet of pages has behind texts where it is light: cards, and the ground they lie on.
const LIGHT_GROUNDS: [Colour; 2] = [Colour::WHITE, Colour::new(0xf3, 0xf5, 0xf7)];
/// The same where it is dark.
const DARK_GROUNDS: [Colour; 2] = [Colour::new(0x10, 0x15, 0x1a), Colour::new(0x1a, 0x21, 0x28)];

/// How pages present the organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Presented {
    pub(crate) title: String,
    pub(crate) brand: Brand,
}

impl Presented {
    /// As it was looked up for this request; the company's name alone where it was not.
    pub(crate) fn of(door: &Door, parts: &Parts) -> Self {
        let found = parts.extensions.get::<Self>().cloned();
        found.unwrap_or_else(|| Self {
            title: door.engine().tenant().company.clone(),
            brand: Brand::default(),
        })
    }
}

/// Looks up how the organisation presents itself, for [`axum::middleware::from_fn_with_state`].
pub async fn with_brand(State(door): State<Door>, mut request: Request, next: Next) -> Response {
    look_up_brand(&door, request.extensions_mut()).await;
    next.run(request).await
}

/// The same for one request. A page without it is still a page, so what goes wrong here goes to the log alone.
pub async fn look_up_brand(door: &Door, of: &mut Extensions) {
    match door.engine().branding().await {
        Ok(branding) => {
            let presented = Presented {
                brand: brand(&branding),
                title: branding.title,
            };
            of.insert(presented);
        }
        Err(error) => tracing::warn!("the branding cannot be read: {error}"),
    }
}

/// Serves the stylesheet and the pictures.
pub fn brand_router() -> Router<Door> {
    Router::new().route("/brand/{name}", get(show))
}

/// `GET /brand/{name}`: what is no longer in use is gone.
async fn show(State(door): State<Door>, Path(name): Path<String>) -> Response {
    match file(&door, &name).await {
        Ok(Some((kind, content))) => (
            [
                (header::CONTENT_TYPE, kind),
                (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
            ],
            content,
        )
            .into_response(),
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(error) => {
            tracing::error!("a file of the branding cannot be read: {error}");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}

async fn file(door: &Door, name: &str) -> Result<Option<(&'static str, Vec<u8>)>, EngineError> {
    let branding = door.engine().branding().await?;
    if let Some(colour) = branding.details.theme_colour {
        let style = stylesheet(colour);
        if style_name(&style) == name {
            return Ok(Some(("text/css; charset=utf-8", style.into_bytes())));
        }
    }
    let Some(slot) = branding.slot_of(name) else {
        return Ok(None);
    };
    let kind = branding
        .picture(slot)
        .map(|picture| picture.kind.media_type());
    let content = door.engine().brand_picture(slot).await?;
    Ok(kind.zip(content))
}

/// Where a picture of the branding is served, if there is one.
pub fn picture_path(branding: &Branding, slot: PictureSlot) -> Option<String> {
    let picture = branding.picture(slot)?;
    Some(format!("/brand/{}", picture.file_name()))
}

/// What pages need of a branding.
pub fn brand(branding: &Branding) -> Brand {
    let details = &branding.details;
    let style = details
        .theme_colour
        .map(|colour| format!("/brand/{}", style_name(&stylesheet(colour))));
    Brand {
        logo: details.show_logo.then(|| logo(branding)).flatten(),
        is_named: details.show_name_next_to_logo,
        style,
    }
}

/// The logo for the head of pages: with a colour the one that is made for it, else the one for light grounds. If the other one
/// is all there is, it brings its ground along.
fn logo(branding: &Branding) -> Option<Logo> {
    let light = (PictureSlot::LightLogo, "on-light");
    let theme = (PictureSlot::ThemeLogo, "on-theme");
    let order = match branding.details.theme_colour {
        Some(_) => [theme, light],
        None => [light, theme],
    };
    order.into_iter().find_map(|(slot, ground)| {
        let picture = branding.picture(slot)?;
        Some(Logo {
            path: picture_path(branding, slot)?,
            width: picture.width,
            height: picture.height,
            ground,
        })
    })
}

fn style_name(style: &str) -> String {
    assets::named("theme", "css", style.as_bytes())
}

/// The stylesheet of a colour. It is taken as it is where it lies behind text, which is black or white, whichever reads
/// better; where it is text or a line itself, it is made darker or lighter until it reads on the grounds of pages.
fn stylesheet(colour: Colour) -> String {
    let head = colour.text_on();
    let mut text = format!(":root {{\n  --brand: {colour};\n  --on-brand: {head};\n");
    accents(&mut text, colour.legible_on(&LIGHT_GROUNDS), Colour::BLACK);
    text.push_str("}\n@media (prefers-color-scheme: dark) {\n  :root {\n");
    accents(&mut text, colour.legible_on(&DARK_GROUNDS), Colour::WHITE);
    text.push_str("  }\n}\n");
    text.push_str(RULES);
    text
}

/// `--accent` and what goes with it; `away` is where what is pointed at goes.
fn accents(text: &mut String, accent: Colour, away: Colour) {
    let strong = accent.towards(away, 25);
    let on = accent.text_on();
    // Writing to a text does not fail.
    let _ = write!(
        text,
        "  --accent: {accent};\n  --accent-strong: {strong};\n  --on-accent: {on};\n"
    );
}

/// The head of pages in the organisation's colour.
const RULES: &str = "\
.top { background: var(--brand); border-bottom-color: var(--brand); }
.top .brand, .top a, .top a:hover, .top a.who, .top .who { color: var(--on-brand); }
.top button.second, .top button.second:hover { color: var(--on-brand); border-color: var(--on-brand); }
.top :focus-visible { outline-color: var(--on-brand); }
.top img.on-light { background: #ffffff; padding: .25rem .4rem; }
.brand img.on-theme { background: var(--brand); padding: .25rem .4rem; }
";

#[cfg(test)]
mod tests {
    use mandate_engine::TEXT_CONTRAST;

    use super::*;

    fn value(style: &str, name: &str, which: usize) -> Colour {
        let sign = format!("{name}: ");
        let part = style.split(sign.as_str()).nth(which + 1).unwrap();
        Colour::parse(&part[..7]).unwrap()
    }

    #[test]
    fn every_colour_gives_pages_that_can_be_read() {
        let parts = [0, 1, 60, 128, 200, 254, 255];
        for r in parts {
            for g in parts {
                for b in parts {
                    let style = stylesheet(Colour::new(r, g, b));
                    let brand = value(&style, "--brand", 0);
                    assert!(brand.contrast(value(&style, "--on-brand", 0)) >= TEXT_CONTRAST);
                    for (which, grounds) in [LIGHT_GROUNDS, DARK_GROUNDS].iter().enumerate() {
                        let on = value(&style, "--on-accent", which);
                        for name in ["--accent", "--accent-strong"] {
                            let accent = value(&style, name, which);
                            assert!(accent.contrast(on) >= TEXT_CONTRAST, "{style}");
                            for ground in grounds {
                                assert!(accent.contrast(*ground) >= TEXT_CONTRAST, "{style}");
                            }
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn the_grounds_are_those_of_the_stylesheet() {
        let style = include_str!("../../web/assets/style.css");
        for (which, [one, two]) in [LIGHT_GROUNDS, DARK_GROUNDS].into_iter().enumerate() {
            let (ground, card) = (
                value(style, "--ground", which),
                value(style, "--card", which),
            );
            assert!([one, two].contains(&ground) && [one, two].contains(&card));
        }
    }

    #[test]
    fn another_colour_is_another_file() {
        let name = |r| style_name(&stylesheet(Colour::new(r, 0, 0)));
        assert_ne!(name(1), name(2));
        assert_eq!(name(1), name(1));
    }
}
