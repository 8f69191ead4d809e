//! Whether a file is one picture from its first octet to its last, and nothing else.
//!
//! A file that is a picture and a page or an archive at once has the other part in front, behind, or between the parts
//! of the picture. In front and behind it is refused here; between them it is not carried over when the picture is
//! drawn anew.

/// PNG, 3rd edition, §5.2.
pub(super) const PNG_SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";
/// ITU-T T.81 §B.2: start of image, and the beginning of the next marker.
pub(super) const JPEG_START: &[u8] = b"\xff\xd8\xff";

/// A progressive picture has some ten scans; each costs a pass over all of it, whatever it says.
const MOST_SCANS: usize = 64;

const BROKEN: &str = "must be an intact picture";
const TRAILING: &str = "must be a picture and nothing else, but something stands behind it";

/// PNG, 3rd edition, §5.3: chunks of length, type, data and checksum, from `IHDR` to `IEND`.
pub(super) fn check_png(content: &[u8]) -> Result<(), &'static str> {
    let mut rest = content.strip_prefix(PNG_SIGNATURE).ok_or(BROKEN)?;
    let mut is_first = true;
    loop {
        let (length, after) = rest.split_first_chunk::<4>().ok_or(BROKEN)?;
        let (kind, after) = after.split_first_chunk::<4>().ok_or(BROKEN)?;
        let length = usize::try_from(u32::from_be_bytes(*length)).map_err(|_| BROKEN)?;
        let end = length.checked_add(4).ok_or(BROKEN)?;
        rest = after.get(end..).ok_or(BROKEN)?;
        if !kind.iter().all(u8::is_ascii_alphabetic) || is_first != (kind == b"IHDR") {
            return Err(BROKEN);
        }
        is_first = false;
        if kind == b"IEND" {
            return match (length, rest) {
                (0, []) => Ok(()),
                (0, _) => Err(TRAILING),
                _ => Err(BROKEN),
            };
        }
    }
}

/// ITU-T T.81 §B.1.1: segments behind markers, scans in between, one end of image.
pub(super) fn check_jpeg(content: &[u8]) -> Result<(), &'static str> {
    let mut rest = content.strip_prefix(b"\xff\xd8").ok_or(BROKEN)?;
    let mut scans = 0;
    loop {
        let (marker, after) = marker(rest).ok_or(BROKEN)?;
        rest = match marker {
            END_OF_IMAGE if after.is_empty() => {
                return if scans > 0 { Ok(()) } else { Err(BROKEN) };
            }
            END_OF_IMAGE => return Err(TRAILING),
            // A second picture inside, or what has no meaning outside of a scan.
            0x00 | 0xd0..=0xd8 => return Err(BROKEN),
            0x01 => after,
            START_OF_SCAN => {
                scans += 1;
                if scans > MOST_SCANS {
                    return Err(BROKEN);
                }
                behind_scan(segment(after).ok_or(BROKEN)?).ok_or(BROKEN)?
            }
            _ => segment(after).ok_or(BROKEN)?,
        };
    }
}

const END_OF_IMAGE: u8 = 0xd9;
const START_OF_SCAN: u8 = 0xda;

/// The marker that stands here, and what follows. Any number of `FF` may stand before it.
fn marker(content: &[u8]) -> Option<(u8, &[u8])> {
    let content = content.strip_prefix(b"\xff")?;
    let at = content.iter().position(|octet| *octet != 0xff)?;
    Some((content[at], &content[at + 1..]))
}

/// What follows a segment, whose length counts its own two octets.
fn segment(content: &[u8]) -> Option<&[u8]> {
    let (length, _) = content.split_first_chunk::<2>()?;
    let length = usize::from(u16::from_be_bytes(*length));
    if length < 2 {
        None
    } else {
        content.get(length..)
    }
}

/// What follows the octets of a scan: the next marker that is neither stuffing nor a restart.
fn behind_scan(content: &[u8]) -> Option<&[u8]> {
    let at = content
        .windows(2)
        .position(|pair| pair[0] == 0xff && !matches!(pair[1], 0x00 | 0xd0..=0xd7 | 0xff))?;
    content.get(at..)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The smallest thing of this structure; no decoder would take it.
    const JPEG: &[u8] = b"\xff\xd8\xff\xe0\x00\x04ab\xff\xda\x00\x02x\xff\x00y\xff\xd3z\xff\xd9";

    #[test]
    fn a_picture_ends_where_its_file_ends() {
        assert_eq!(check_jpeg(JPEG), Ok(()));
        let longer = [JPEG, b"\0"].concat();
        assert_eq!(check_jpeg(&longer), Err(TRAILING));
        for end in 0..JPEG.len() {
            assert_eq!(check_jpeg(&JPEG[..end]), Err(BROKEN), "{end}");
        }
    }

    #[test]
    fn a_picture_without_a_scan_is_none() {
        assert_eq!(check_jpeg(b"\xff\xd8\xff\xd9"), Err(BROKEN));
    }

    #[test]
    fn scans_are_counted() {
        let scan = b"\xff\xda\x00\x02x";
        let with =
            |count: usize| [b"\xff\xd8".as_slice(), &scan.repeat(count), b"\xff\xd9"].concat();
        assert_eq!(check_jpeg(&with(MOST_SCANS)), Ok(()));
        assert_eq!(check_jpeg(&with(MOST_SCANS + 1)), Err(BROKEN));
    }

    #[test]
    fn a_picture_inside_a_picture_is_refused() {
        assert_eq!(
            check_jpeg(b"\xff\xd8\xff\xd8\xff\xda\x00\x02x\xff\xd9"),
            Err(BROKEN)
        );
    }

    #[test]
    fn chunks_begin_with_the_header() {
        let chunk = |kind: &[u8]| [b"\0\0\0\0", kind, b"crc."].concat();
        let png = |kinds: &[&[u8]]| {
            let chunks: Vec<u8> = kinds.iter().flat_map(|kind| chunk(kind)).collect();
            [PNG_SIGNATURE, &chunks].concat()
        };
        assert_eq!(check_png(&png(&[b"IHDR", b"IDAT", b"IEND"])), Ok(()));
        assert_eq!(check_png(&png(&[b"IDAT", b"IHDR", b"IEND"])), Err(BROKEN));
        assert_eq!(check_png(&png(&[b"IHDR", b"IHDR", b"IEND"])), Err(BROKEN));
        assert_eq!(check_png(&png(&[b"IHDR", b"<br>", b"IEND"])), Err(BROKEN));
        assert_eq!(check_png(&png(&[b"IHDR", b"IEND", b"IEND"])), Err(TRAILING));
        let huge = [PNG_SIGNATURE, b"\xff\xff\xff\xffIHDR"].concat();
        assert_eq!(check_png(&huge), Err(BROKEN));
    }

    proptest! {
        #[test]
        fn anything_is_answered(content in any::<Vec<u8>>()) {
            let _ = check_png(&[PNG_SIGNATURE, &content].concat());
            let _ = check_jpeg(&[JPEG_START, &content].concat());
        }
    }
}
