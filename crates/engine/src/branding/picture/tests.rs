//! Pictures as people bring them, and as those do who mean harm.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::{ExtendedColorType, GenericImageView, ImageFormat, Rgba, RgbaImage};
use proptest::prelude::*;

use super::*;

const LOGO: PictureSlot = PictureSlot::LightLogo;

/// A picture with as many colours as dots.
fn drawn(width: u32, height: u32) -> RgbaImage {
    let part = |number: u32| u8::try_from(number % 256).unwrap();
    RgbaImage::from_fn(width, height, |x, y| {
        Rgba([part(x), part(y * 2), part(x + y), part(255 - y % 256)])
    })
}

fn png(width: u32, height: u32) -> Vec<u8> {
    let mut content = Cursor::new(Vec::new());
    drawn(width, height)
        .write_to(&mut content, ImageFormat::Png)
        .unwrap();
    content.into_inner()
}

fn jpeg(width: u32, height: u32) -> Vec<u8> {
    let colours = DynamicImage::ImageRgba8(drawn(width, height)).to_rgb8();
    let mut content = Vec::new();
    JpegEncoder::new(&mut content)
        .encode(colours.as_raw(), width, height, ExtendedColorType::Rgb8)
        .unwrap();
    content
}

fn brought(content: &[u8]) -> NewPicture {
    NewPicture {
        media_type: None,
        content: content.to_vec(),
    }
}

fn draw_logo(content: &[u8]) -> Result<Drawn, String> {
    draw(LOGO, &brought(content)).map_err(|violation| {
        assert_eq!(violation.property, "lightBackgroundLogo");
        assert_eq!(violation.value, None);
        violation.rule
    })
}

/// A chunk of a PNG file.
fn chunk(kind: [u8; 4], data: &[u8]) -> Vec<u8> {
    let mut crc = u32::MAX;
    for octet in kind.iter().chain(data) {
        crc ^= u32::from(*octet);
        for _ in 0..8 {
            crc = if crc & 1 == 1 {
                crc >> 1 ^ 0xedb8_8320
            } else {
                crc >> 1
            };
        }
    }
    let length = u32::try_from(data.len()).unwrap().to_be_bytes();
    [&length[..], &kind, data, &(!crc).to_be_bytes()].concat()
}

/// Where the first chunk of a PNG file ends.
const BEHIND_HEADER: usize = 8 + 25;

fn with_chunk(content: &[u8], chunk: &[u8]) -> Vec<u8> {
    [&content[..BEHIND_HEADER], chunk, &content[BEHIND_HEADER..]].concat()
}

#[test]
fn a_logo_keeps_its_colours_and_becomes_a_png() {
    let logo = draw_logo(&png(400, 100)).unwrap();
    assert_eq!(logo.picture.kind, PictureKind::Png);
    assert_eq!((logo.picture.width, logo.picture.height), (400, 100));
    assert_eq!(logo.picture.hash, hash(&logo.content));
    let back = image::load_from_memory_with_format(&logo.content, ImageFormat::Png).unwrap();
    assert_eq!(back.to_rgba8(), drawn(400, 100));
    // What was drawn once stays the same ever after.
    assert_eq!(draw_logo(&logo.content).unwrap().content, logo.content);

    let photograph = draw_logo(&jpeg(400, 100)).unwrap();
    assert_eq!(photograph.picture.kind, PictureKind::Png);
}

#[test]
fn one_dot_too_many_is_too_many() {
    for content in [png(401, 100), png(400, 101), jpeg(401, 1), jpeg(1, 101)] {
        let rule = draw_logo(&content).unwrap_err();
        assert!(rule.contains("400 × 100"), "{rule}");
    }
    assert!(draw_logo(&png(1, 1)).is_ok());
}

#[test]
fn a_file_may_have_750_kb_and_no_octet_more() {
    // Filled up with a comment, which is left out of what is drawn.
    let plain = png(400, 100);
    let filled = |total: usize| {
        let data = vec![b'x'; total - plain.len() - 12];
        with_chunk(&plain, &chunk(*b"tEXt", &data))
    };
    let largest = filled(750_000);
    assert_eq!(largest.len(), 750_000);
    assert!(draw_logo(&largest).unwrap().content.len() < 200_000);
    let rule = draw_logo(&filled(750_001)).unwrap_err();
    assert!(rule.contains("750 kB"), "{rule}");
}

#[test]
fn only_png_and_jpeg_are_pictures_here() {
    let svg = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>";
    let samples: [&[u8]; 7] = [
        b"",
        b"GIF89a\x01\0\x01\0\0\0\0;",
        svg,
        b"RIFF\x1a\0\0\0WEBPVP8 ",
        b"<!doctype html><script>alert(1)</script>",
        b"PK\x03\x04",
        b"BM\x3a\0\0\0",
    ];
    for content in samples {
        let rule = draw_logo(content).unwrap_err();
        assert!(rule.contains("PNG or JPEG"), "{rule}");
    }
}

#[test]
fn a_picture_is_what_it_is_said_to_be() {
    for (said, content, is_true) in [
        ("image/png", png(2, 2), true),
        ("IMAGE/PNG ", png(2, 2), true),
        ("image/jpeg", jpeg(2, 2), true),
        ("image/jpg", jpeg(2, 2), true),
        ("image/jpeg", png(2, 2), false),
        ("image/gif", png(2, 2), false),
        ("text/html", jpeg(2, 2), false),
    ] {
        let new = NewPicture {
            media_type: Some(said.to_owned()),
            content,
        };
        assert_eq!(draw(LOGO, &new).is_ok(), is_true, "{said}");
    }
}

#[test]
fn what_stands_in_front_or_behind_is_refused() {
    let archive = b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
    for picture in [png(4, 4), jpeg(4, 4)] {
        for tail in [
            archive.as_slice(),
            b"<script>alert(1)</script>",
            b"\0",
            b"\n",
        ] {
            let rule = draw_logo(&[&picture, tail].concat()).unwrap_err();
            assert!(rule.contains("nothing else"), "{rule}");
        }
        assert!(draw_logo(&[b"%PDF-1.7\n", &picture[..]].concat()).is_err());
        // Two pictures in one file.
        assert!(draw_logo(&[&picture[..], &picture].concat()).is_err());
    }
}

#[test]
fn nothing_is_left_of_what_hides_between() {
    let secret = b"<script>alert(1)</script>";
    let comment = chunk(*b"tEXt", &[b"Comment\0", &secret[..]].concat());
    let unknown = chunk(*b"evIl", secret);
    let plain = png(4, 4);
    let hidden = with_chunk(&with_chunk(&plain, &comment), &unknown);
    // A JPEG comment, and a place in APP1, right behind the start.
    let photograph = jpeg(4, 4);
    let segment = |marker: u8| {
        let length = u8::try_from(secret.len() + 2).unwrap();
        [&[0xff, marker, 0, length], &secret[..]].concat()
    };
    let commented = [
        &photograph[..2],
        &segment(0xfe),
        &segment(0xe1),
        &photograph[2..],
    ]
    .concat();
    for content in [hidden, commented] {
        for slot in PictureSlot::ALL {
            let drawn = draw(slot, &brought(&content)).unwrap();
            let is_there = drawn
                .content
                .windows(secret.len())
                .any(|part| part == secret);
            assert!(!is_there, "{slot:?}");
        }
    }
}

#[test]
fn a_bomb_is_refused_by_its_header() {
    // A header of 65,535 × 65,535 dots, which would be 17 gigabytes.
    let header = |width: u32, height: u32| {
        let data = [
            &width.to_be_bytes()[..],
            &height.to_be_bytes(),
            &[8, 6, 0, 0, 0],
        ]
        .concat();
        let end = chunk(*b"IEND", b"");
        let content = chunk(*b"IDAT", b"\x78\x9c\x03\0\0\0\0\x01");
        [
            structure::PNG_SIGNATURE,
            &chunk(*b"IHDR", &data),
            &content,
            &end,
        ]
        .concat()
    };
    for (width, height) in [
        (65_535, 65_535),
        (0x7fff_ffff, 0x7fff_ffff),
        (u32::MAX, 1),
        (401, 1),
        (0, 10),
    ] {
        for slot in PictureSlot::ALL {
            let new = brought(&header(width, height));
            assert!(draw(slot, &new).is_err(), "{width} × {height}");
        }
    }
    // A JPEG that says so of itself.
    let mut large = jpeg(8, 8);
    let at = large
        .windows(2)
        .position(|pair| pair == [0xff, 0xc0])
        .unwrap();
    large[at + 5..at + 9].copy_from_slice(&[0xff; 4]);
    assert!(draw_logo(&large).is_err());
}

#[test]
fn text_that_unfolds_without_end_is_not_unfolded() {
    use std::io::Write as _;
    let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    packed.write_all(&vec![b'A'; 100 * 1024 * 1024]).unwrap();
    let packed = packed.finish().unwrap();
    assert!(packed.len() < 200_000);
    let with_text = chunk(*b"zTXt", &[b"Comment\0\0", &packed[..]].concat());
    let with_profile = chunk(*b"iCCP", &[b"profile\0\0", &packed[..]].concat());
    for bomb in [with_text, with_profile] {
        // Taken without it, or refused; never unfolded beyond the limit.
        if let Ok(drawn) = draw_logo(&with_chunk(&png(4, 4), &bomb)) {
            assert!(drawn.content.len() < 1000);
        }
    }
}

#[test]
fn a_photograph_is_turned_as_its_camera_was_held() {
    // EXIF: orientation 6, a quarter turn to the right.
    let tiff = b"MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
    let body = [b"Exif\0\0", &tiff[..]].concat();
    let length = u16::try_from(body.len() + 2).unwrap().to_be_bytes();
    let plain = jpeg(100, 400);
    let turned = [&plain[..2], b"\xff\xe1", &length, &body, &plain[2..]].concat();
    let logo = draw_logo(&turned).unwrap();
    assert_eq!((logo.picture.width, logo.picture.height), (400, 100));
    assert!(draw_logo(&plain).is_err());
}

#[test]
fn a_background_is_a_photograph_on_white() {
    let mut clear = drawn(300, 200);
    clear.pixels_mut().for_each(|dot| dot.0[3] = 0);
    let mut content = Cursor::new(Vec::new());
    clear.write_to(&mut content, ImageFormat::Png).unwrap();
    let drawn = draw(PictureSlot::Background, &brought(content.get_ref())).unwrap();
    assert_eq!(drawn.picture.kind, PictureKind::Jpeg);
    let back = image::load_from_memory_with_format(&drawn.content, ImageFormat::Jpeg).unwrap();
    let [r, g, b, _] = back.get_pixel(150, 100).0;
    assert!(r > 250 && g > 250 && b > 250);
}

#[test]
fn every_cut_of_a_picture_is_refused() {
    for content in [png(16, 16), jpeg(16, 16)] {
        for end in 0..content.len() {
            assert!(draw_logo(&content[..end]).is_err(), "{end}");
        }
    }
}

proptest! {
    #[test]
    fn any_damage_is_survived(
        at in any::<prop::sample::Index>(),
        with in any::<u8>(),
        is_png in any::<bool>(),
    ) {
        let mut content = if is_png { png(24, 24) } else { jpeg(24, 24) };
        let at = at.index(content.len());
        content[at] = with;
        for slot in PictureSlot::ALL {
            if let Ok(drawn) = draw(slot, &brought(&content)) {
                prop_assert!(drawn.picture.width <= slot.dimensions().0);
                prop_assert!(drawn.picture.height <= slot.dimensions().1);
            }
        }
    }
}
