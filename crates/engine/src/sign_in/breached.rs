//! A list of passwords that others know, on this machine: SHA-1 in upper-case hexadecimal, one on each line, sorted, with
//! `:` and how often it was seen behind it or without. It has some forty gigabytes, so it is searched where it lies.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

/// Longer lines are in no such list.
const LONGEST_LINE: usize = 128;
const DIGITS: usize = 40;

/// Whether a hash is on the list.
pub(super) fn contains(list: &Path, hash: &[u8; 20]) -> io::Result<bool> {
    let wanted = crate::instance::hex(hash).to_ascii_uppercase();
    let mut file = File::open(list)?;
    let end = file.seek(SeekFrom::End(0))?;
    // The line with the hash begins in `low..high`, if there is one.
    let (mut low, mut high) = (0, end);
    while low < high {
        let middle = low + (high - low) / 2;
        let Some((start, line)) = line_from(&mut file, middle, end)? else {
            high = middle;
            continue;
        };
        let found = line.get(..DIGITS).unwrap_or_default().to_ascii_uppercase();
        match found.as_str().cmp(wanted.as_str()) {
            std::cmp::Ordering::Equal => return Ok(true),
            std::cmp::Ordering::Less => low = start + 1,
            std::cmp::Ordering::Greater => high = middle,
        }
    }
    Ok(false)
}

/// The first line that begins at `from` or later, with where it begins.
fn line_from(file: &mut File, from: u64, end: u64) -> io::Result<Option<(u64, String)>> {
    // One octet earlier, as a line begins behind the end of another.
    let start = from.saturating_sub(1);
    file.seek(SeekFrom::Start(start))?;
    let mut buffer = [0; 2 * LONGEST_LINE];
    let mut filled = 0;
    loop {
        let read = file.read(&mut buffer[filled..])?;
        if read == 0 {
            break;
        }
        filled += read;
    }
    let octets = &buffer[..filled];
    let skipped = if from == 0 {
        0
    } else {
        match octets.iter().position(|octet| *octet == b'\n') {
            Some(position) => position + 1,
            None => return Ok(None),
        }
    };
    let begin = start + skipped as u64;
    if begin >= end {
        return Ok(None);
    }
    let rest = &octets[skipped..];
    let length = rest
        .iter()
        .position(|octet| *octet == b'\n')
        .unwrap_or(rest.len());
    let line = String::from_utf8_lossy(&rest[..length]).into_owned();
    Ok(Some((begin, line)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_hash_of_a_list_is_found_and_no_other() {
        let mut hashes: Vec<[u8; 20]> = (0..200_u32)
            .map(|number| mandate_pki::sha1(&number.to_be_bytes()))
            .collect();
        hashes.sort_unstable();
        let directory = tempfile::tempdir().unwrap();
        for (ending, last) in [(":12\r\n", true), ("\n", true), ("\n", false)] {
            let path = directory.path().join("list.txt");
            let mut text = String::new();
            for (number, hash) in hashes.iter().enumerate() {
                text.push_str(&crate::instance::hex(hash).to_uppercase());
                if last || number + 1 < hashes.len() {
                    text.push_str(ending);
                }
            }
            std::fs::write(&path, text).unwrap();
            for hash in &hashes {
                assert!(contains(&path, hash).unwrap());
            }
            for number in 200..400_u32 {
                let other = mandate_pki::sha1(&number.to_be_bytes());
                assert!(!contains(&path, &other).unwrap());
            }
        }
    }

    #[test]
    fn a_file_that_is_no_list_ends_the_search() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("list.txt");
        for text in ["", "\n", "x", &"y".repeat(5000), "ä\n\n\nü\n"] {
            std::fs::write(&path, text).unwrap();
            assert!(!contains(&path, &[7; 20]).unwrap());
        }
        assert!(contains(&directory.path().join("none"), &[7; 20]).is_err());
    }
}
