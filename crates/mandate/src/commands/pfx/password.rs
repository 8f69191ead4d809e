//! Where the password of a file comes from: a file, or a person at a terminal; never the command line, which every
//! other user of the machine can read.

use std::path::Path;

use anyhow::{Context as _, bail};
use console::Term;
use zeroize::Zeroizing;

/// Longer than any password that somebody types.
const MAX_PASSWORD: usize = 4096;

/// The password in a file, without the line end that editors add.
pub(super) fn from_file(path: &Path) -> anyhow::Result<Zeroizing<String>> {
    let content = std::fs::read(path)
        .map(Zeroizing::new)
        .with_context(|| format!("cannot read the password file `{}`", path.display()))?;
    if content.len() > MAX_PASSWORD {
        bail!(
            "the password file `{}` holds more than {MAX_PASSWORD} bytes",
            path.display()
        );
    }
    let text = std::str::from_utf8(&content)
        .with_context(|| format!("the password file `{}` is not UTF-8", path.display()))?;
    let text = text.strip_suffix('\n').unwrap_or(text);
    let text = text.strip_suffix('\r').unwrap_or(text);
    Ok(Zeroizing::new(text.to_owned()))
}

/// Asks at the terminal, once for all files that have no password of their own.
pub(super) fn ask() -> anyhow::Result<Zeroizing<String>> {
    let terminal = Term::stderr();
    if !terminal.is_term() {
        bail!(
            "there is no terminal to ask for the password at: name a file by `--password-file`, or one in the mapping"
        );
    }
    terminal.write_str("password of the PFX files: ")?;
    Ok(Zeroizing::new(terminal.read_secure_line()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_end_of_an_editor_is_no_part_of_the_password() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("password");
        for (content, expected) in [
            ("secret\n", "secret"),
            ("secret\r\n", "secret"),
            (" sec ret ", " sec ret "),
            ("two\n\n", "two\n"),
            ("", ""),
        ] {
            std::fs::write(&path, content).unwrap();
            assert_eq!(from_file(&path).unwrap().as_str(), expected);
        }
        std::fs::write(&path, [0xff]).unwrap();
        assert!(
            from_file(&path)
                .unwrap_err()
                .to_string()
                .contains("not UTF-8")
        );
        std::fs::write(&path, vec![b'x'; MAX_PASSWORD + 1]).unwrap();
        assert!(from_file(&path).is_err());
        assert!(from_file(&directory.path().join("none")).is_err());
    }
}
