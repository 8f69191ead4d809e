//! The binary form, `bplist00`, after `CFBinaryPList.c` (CF-1153): objects, a table of their offsets, a trailer.

use std::time::{Duration, SystemTime};

use plist::{Date, Dictionary, Integer, Value};

use super::{Limits, WireError};

pub(super) const MAGIC: &[u8] = b"bplist00";
const TRAILER_LENGTH: usize = 32;
/// Seconds from the Unix epoch to 2001-01-01, from which dates count.
const EPOCH: f64 = 978_307_200.0;

pub(super) fn read(bytes: &[u8], limits: Limits) -> Result<Value, WireError> {
    let body_length = bytes
        .len()
        .checked_sub(TRAILER_LENGTH)
        .ok_or(WireError::Malformed("no trailer"))?;
    let (body, trailer) = bytes.split_at(body_length);
    let offset_width = usize::from(trailer[6]);
    let reference_width = usize::from(trailer[7]);
    if !(1..=8).contains(&offset_width) || !(1..=8).contains(&reference_width) {
        return Err(WireError::Malformed("widths out of range"));
    }
    let count = to_index(number(&trailer[8..16]))?;
    let root = to_index(number(&trailer[16..24]))?;
    let table_at = to_index(number(&trailer[24..32]))?;
    let table_length = count.checked_mul(offset_width).ok_or(OUT_OF_BODY)?;
    let offsets = slice(body, table_at, table_length)?;
    let mut reader = Reader {
        objects: &body[..table_at],
        offsets,
        offset_width,
        reference_width,
        budget: limits.bytes,
        limits,
    };
    reader.object(root, limits.depth)
}

const OUT_OF_BODY: WireError = WireError::Malformed("an object outside of the document");

struct Reader<'a> {
    objects: &'a [u8],
    offsets: &'a [u8],
    offset_width: usize,
    reference_width: usize,
    /// Bytes that the document may still unfold to: an object may be referred to many times.
    budget: usize,
    limits: Limits,
}

impl Reader<'_> {
    fn object(&mut self, index: usize, depth_left: usize) -> Result<Value, WireError> {
        let table_at = index.checked_mul(self.offset_width).ok_or(OUT_OF_BODY)?;
        let offset = to_index(number(slice(self.offsets, table_at, self.offset_width)?))?;
        let marker = *self.objects.get(offset).ok_or(OUT_OF_BODY)?;
        let (kind, low) = (marker >> 4, marker & 0x0f);
        match kind {
            0x0 if low == 8 => self.scalar(0, Value::Boolean(false)),
            0x0 if low == 9 => self.scalar(0, Value::Boolean(true)),
            0x1 if low <= 4 => {
                let content = slice(self.objects, offset + 1, 1 << low)?;
                self.scalar(content.len(), Value::Integer(integer(content)?))
            }
            0x2 if low == 2 || low == 3 => {
                let content = slice(self.objects, offset + 1, 1 << low)?;
                self.scalar(content.len(), Value::Real(real(content)))
            }
            0x3 if low == 3 => {
                let content = slice(self.objects, offset + 1, 8)?;
                self.scalar(content.len(), Value::Date(date(real(content))?))
            }
            0x4..=0x6 => self.sized(kind, offset, low),
            0xa | 0xd => {
                let depth_left = depth_left.checked_sub(1).ok_or(WireError::TooDeep {
                    limit: self.limits.depth,
                })?;
                self.container(kind, (offset, low), depth_left)
            }
            _ => Err(WireError::Malformed("an object that messages lack")),
        }
    }

    /// Data, ASCII text, UTF-16 text.
    fn sized(&mut self, kind: u8, offset: usize, low: u8) -> Result<Value, WireError> {
        let (at, count) = self.length(offset, low)?;
        let width = if kind == 0x6 { 2 } else { 1 };
        let content = slice(
            self.objects,
            at,
            count.checked_mul(width).ok_or(OUT_OF_BODY)?,
        )?;
        self.spend(content.len())?;
        match kind {
            0x4 => Ok(Value::Data(content.to_vec())),
            0x5 => text(std::str::from_utf8(content).ok().map(str::to_owned)),
            _ => {
                let units: Vec<u16> = content
                    .chunks_exact(2)
                    .map(|pair| u16::from_be_bytes([pair[0], pair[1]]))
                    .collect();
                text(String::from_utf16(&units).ok())
            }
        }
    }

    fn container(
        &mut self,
        kind: u8,
        (offset, low): (usize, u8),
        depth_left: usize,
    ) -> Result<Value, WireError> {
        let (at, count) = self.length(offset, low)?;
        let width = self.reference_width;
        let length = count.checked_mul(width).ok_or(OUT_OF_BODY)?;
        self.spend(length)?;
        if kind == 0xa {
            let references = slice(self.objects, at, length)?.chunks_exact(width);
            return references
                .map(|reference| self.object(to_index(number(reference))?, depth_left))
                .collect::<Result<_, _>>()
                .map(Value::Array);
        }
        let keys = slice(self.objects, at, length)?.chunks_exact(width);
        let values = slice(self.objects, at.saturating_add(length), length)?.chunks_exact(width);
        let mut dictionary = Dictionary::new();
        for (key, value) in keys.zip(values) {
            let Value::String(key) = self.object(to_index(number(key))?, 0)? else {
                return Err(WireError::Malformed("a key that is no text"));
            };
            dictionary.insert(key, self.object(to_index(number(value))?, depth_left)?);
        }
        Ok(Value::Dictionary(dictionary))
    }

    /// Where the content of a sized object begins, and how many elements it has.
    fn length(&self, offset: usize, low: u8) -> Result<(usize, usize), WireError> {
        if low != 0x0f {
            return Ok((offset + 1, usize::from(low)));
        }
        let marker = *self.objects.get(offset + 1).ok_or(OUT_OF_BODY)?;
        if marker >> 4 != 0x1 || marker & 0x0f > 3 {
            return Err(WireError::Malformed("a length that is no number"));
        }
        let width = 1 << (marker & 0x0f);
        let count = to_index(number(slice(self.objects, offset + 2, width)?))?;
        Ok((offset + 2 + width, count))
    }

    fn scalar(&mut self, length: usize, value: Value) -> Result<Value, WireError> {
        self.spend(length)?;
        Ok(value)
    }

    /// Each object costs its content and an allowance for what holds it in memory.
    fn spend(&mut self, length: usize) -> Result<(), WireError> {
        let cost = length.saturating_add(size_of::<Value>());
        self.budget = self.budget.checked_sub(cost).ok_or(WireError::TooLarge {
            limit: self.limits.bytes,
        })?;
        Ok(())
    }
}

fn text(text: Option<String>) -> Result<Value, WireError> {
    text.filter(|text| !text.contains('\0'))
        .map(Value::String)
        .ok_or(WireError::Malformed("text in no encoding"))
}

/// One, two and four bytes are unsigned, eight are signed, sixteen hold what eight signed cannot.
fn integer(content: &[u8]) -> Result<Integer, WireError> {
    match content.len() {
        1 | 2 | 4 => Ok(Integer::from(number(content))),
        8 => Ok(Integer::from(number(content).cast_signed())),
        16 if content.starts_with(&[0; 8]) => Ok(Integer::from(number(&content[8..]))),
        _ => Err(WireError::Malformed("an integer out of range")),
    }
}

fn real(content: &[u8]) -> f64 {
    match u32::try_from(number(content)) {
        Ok(bits) if content.len() == 4 => f64::from(f32::from_bits(bits)),
        _ => f64::from_bits(number(content)),
    }
}

fn date(seconds: f64) -> Result<Date, WireError> {
    let bad = WireError::Malformed("a date out of range");
    let unix = seconds + EPOCH;
    let distance = Duration::try_from_secs_f64(unix.abs()).map_err(|_| bad.clone())?;
    let moment = if unix < 0.0 {
        SystemTime::UNIX_EPOCH.checked_sub(distance)
    } else {
        SystemTime::UNIX_EPOCH.checked_add(distance)
    };
    moment
        .filter(|_| unix.abs() < 2.5e11)
        .map(Date::from)
        .ok_or(bad)
}

/// A big-endian number of at most eight bytes.
fn number(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0, |number, byte| number << 8 | u64::from(*byte))
}

fn to_index(number: u64) -> Result<usize, WireError> {
    usize::try_from(number).map_err(|_| OUT_OF_BODY)
}

fn slice(bytes: &[u8], at: usize, length: usize) -> Result<&[u8], WireError> {
    at.checked_add(length)
        .and_then(|end| bytes.get(at..end))
        .ok_or(OUT_OF_BODY)
}
