//! Pictures that administrators bring: looked at, decoded, drawn anew.
//!
//! What is stored and served was encoded here, from the colours of the dots alone. Comments, colour profiles, places
//! where a photograph was taken, and whatever else hid in the file are gone. Before anything is decoded, the file must
//! have the right size, the structure of one picture from its first octet to its last, and small enough dimensions.

mod structure;

use std::fmt::Write as _;
use std::io::Cursor;

use aws_lc_rs::digest;
use image::codecs::jpeg::{JpegDecoder, JpegEncoder};
use image::codecs::png::{CompressionType, FilterType, PngDecoder, PngEncoder};
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageEncoder, Limits};
use mandate_model::catalogue::Violation;
use serde::{Deserialize, Serialize};

/// Where a picture is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PictureSlot {
    /// Logo on white and other light grounds.
    LightLogo,
    /// Logo on the theme colour.
    ThemeLogo,
    /// Background of the Company Portal app. The website has none.
    Background,
}

impl PictureSlot {
    /// All places.
    pub const ALL: [Self; 3] = [Self::LightLogo, Self::ThemeLogo, Self::Background];

    /// Its property in Graph's `intuneBrandingProfile`; the store keeps it under the same name.
    pub const fn property(self) -> &'static str {
        match self {
            Self::LightLogo => "lightBackgroundLogo",
            Self::ThemeLogo => "themeColorLogo",
            Self::Background => "landingPageCustomizedImage",
        }
    }

    /// Largest width and height, in pixels.
    pub const fn dimensions(self) -> (u32, u32) {
        match self {
            Self::LightLogo | Self::ThemeLogo => (400, 100),
            // Not confirmed: no document at hand says what Intune takes.
            Self::Background => (2000, 2000),
        }
    }

    /// Largest file, in octets; a kB is 1,000 of them.
    pub const fn octets(self) -> usize {
        match self {
            Self::LightLogo | Self::ThemeLogo => 750_000,
            // Not confirmed either.
            Self::Background => 1_300_000,
        }
    }
}

/// What a picture is encoded as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum PictureKind {
    /// PNG.
    Png,
    /// JPEG.
    Jpeg,
}

impl PictureKind {
    /// Media type, RFC 2046.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
        }
    }

    /// The end of a file's name, without the dot.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Jpeg => "jpg",
        }
    }

    /// What a file begins as.
    fn of(content: &[u8]) -> Option<Self> {
        if content.starts_with(structure::PNG_SIGNATURE) {
            Some(Self::Png)
        } else if content.starts_with(structure::JPEG_START) {
            Some(Self::Jpeg)
        } else {
            None
        }
    }
}

/// A picture that is shown, without its content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Picture {
    /// SHA-256 of the content, in lower-case hexadecimal.
    pub hash: String,
    /// What it is encoded as.
    pub kind: PictureKind,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
}

impl Picture {
    /// Name of its file: `HASH.png`. Another content has another name.
    pub fn file_name(&self) -> String {
        format!("{}.{}", self.hash, self.kind.extension())
    }
}

/// A picture that somebody brings.
#[derive(Clone, PartialEq, Eq)]
pub struct NewPicture {
    /// Media type that it is said to have, if that is said; it must be true then.
    pub media_type: Option<String>,
    /// The file.
    pub content: Vec<u8>,
}

impl std::fmt::Debug for NewPicture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewPicture")
            .field("media_type", &self.media_type)
            .field("octets", &self.content.len())
            .finish()
    }
}

/// A picture as it was drawn anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Drawn {
    pub(super) picture: Picture,
    pub(super) content: Vec<u8>,
}

/// SHA-256, in hexadecimal.
pub(super) fn hash(content: &[u8]) -> String {
    let digest = digest::digest(&digest::SHA256, content);
    digest
        .as_ref()
        .iter()
        .fold(String::new(), |mut text, octet| {
            // Writing to a text does not fail.
            let _ = write!(text, "{octet:02x}");
            text
        })
}

/// Draws a picture anew for its place; or says which rule it breaks. Takes some milliseconds of a processor.
pub(super) fn draw(slot: PictureSlot, new: &NewPicture) -> Result<Drawn, Violation> {
    let broken = |rule: String| Violation::without_value(slot.property(), rule);
    let kind = check_file(slot, new).map_err(broken)?;
    let image = decode(slot, kind, &new.content).map_err(broken)?;
    let (kind, content) = encode(slot, &image).map_err(broken)?;
    let picture = Picture {
        hash: hash(&content),
        kind,
        width: image.width(),
        height: image.height(),
    };
    Ok(Drawn { picture, content })
}

fn check_file(slot: PictureSlot, new: &NewPicture) -> Result<PictureKind, String> {
    let (length, most) = (new.content.len(), slot.octets());
    if length > most {
        return Err(format!(
            "must have at most {} kB and has {}",
            most / 1000,
            length.div_ceil(1000)
        ));
    }
    let kind = PictureKind::of(&new.content)
        .ok_or_else(|| "must be a picture of the kind PNG or JPEG".to_owned())?;
    if let Some(said) = &new.media_type {
        let said = said.trim().to_ascii_lowercase();
        // Not registered, but written everywhere.
        let said = said.replace("image/jpg", "image/jpeg");
        if said != kind.media_type() {
            return Err(format!(
                "must be what it is said to be, and is `{}`",
                kind.media_type()
            ));
        }
    }
    let checked = match kind {
        PictureKind::Png => structure::check_png(&new.content),
        PictureKind::Jpeg => structure::check_jpeg(&new.content),
    };
    checked.map_err(str::to_owned)?;
    Ok(kind)
}

fn decode(slot: PictureSlot, kind: PictureKind, content: &[u8]) -> Result<DynamicImage, String> {
    let input = Cursor::new(content);
    match kind {
        PictureKind::Png => {
            let decoder = PngDecoder::with_limits(input, limits()).map_err(damaged)?;
            finish(slot, decoder)
        }
        PictureKind::Jpeg => finish(slot, JpegDecoder::new(input).map_err(damaged)?),
    }
}

/// Only the header was read so far.
fn finish(slot: PictureSlot, mut decoder: impl ImageDecoder) -> Result<DynamicImage, String> {
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let (width, height) = match orientation {
        Orientation::Rotate90
        | Orientation::Rotate270
        | Orientation::Rotate90FlipH
        | Orientation::Rotate270FlipH => {
            let (width, height) = decoder.dimensions();
            (height, width)
        }
        Orientation::NoTransforms
        | Orientation::Rotate180
        | Orientation::FlipHorizontal
        | Orientation::FlipVertical => decoder.dimensions(),
    };
    let (widest, highest) = slot.dimensions();
    if width > widest || height > highest || width == 0 || height == 0 {
        return Err(format!(
            "must have at most {widest} × {highest} pixels and has {width} × {height}"
        ));
    }
    decoder.set_limits(limits()).map_err(damaged)?;
    let mut image = DynamicImage::from_decoder(decoder).map_err(damaged)?;
    image.apply_orientation(orientation);
    Ok(image)
}

/// What the decoder may use of memory: 2000 × 2000 dots of 16 bits and four colours are 32 million octets.
fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.max_alloc = Some(64 * 1024 * 1024);
    limits
}

/// Logos as PNG, since they may be transparent and have sharp edges; the background as JPEG on white.
fn encode(slot: PictureSlot, image: &DynamicImage) -> Result<(PictureKind, Vec<u8>), String> {
    let mut content = Vec::new();
    let (kind, written) = match slot {
        PictureSlot::LightLogo | PictureSlot::ThemeLogo => {
            let colours = image.to_rgba8();
            let encoder = PngEncoder::new_with_quality(
                &mut content,
                CompressionType::Best,
                FilterType::Adaptive,
            );
            let (width, height) = colours.dimensions();
            let kind = image::ExtendedColorType::Rgba8;
            let written = encoder.write_image(colours.as_raw(), width, height, kind);
            (PictureKind::Png, written)
        }
        PictureSlot::Background => {
            let colours = on_white(image);
            let encoder = JpegEncoder::new_with_quality(&mut content, JPEG_QUALITY);
            let (width, height) = colours.dimensions();
            let kind = image::ExtendedColorType::Rgb8;
            let written = encoder.write_image(colours.as_raw(), width, height, kind);
            (PictureKind::Jpeg, written)
        }
    };
    written.map_err(damaged)?;
    Ok((kind, content))
}

fn on_white(image: &DynamicImage) -> image::RgbImage {
    if !image.color().has_alpha() {
        return image.to_rgb8();
    }
    let with_alpha = image.to_rgba8();
    let (width, height) = with_alpha.dimensions();
    image::RgbImage::from_fn(width, height, |x, y| {
        let [r, g, b, alpha] = with_alpha.get_pixel(x, y).0;
        let mixed = |part: u8| {
            let (part, alpha) = (u32::from(part), u32::from(alpha));
            u8::try_from((part * alpha + 255 * (255 - alpha)) / 255).unwrap_or(u8::MAX)
        };
        image::Rgb([mixed(r), mixed(g), mixed(b)])
    })
}

/// What the decoder says is for the log: it may repeat octets of the file.
#[expect(
    clippy::needless_pass_by_value,
    reason = "errors come by value where they are mapped"
)]
fn damaged(error: image::ImageError) -> String {
    tracing::debug!("a picture was not taken: {error}");
    "must be an intact picture".to_owned()
}

/// Out of 100.
const JPEG_QUALITY: u8 = 85;

#[cfg(test)]
mod tests;
