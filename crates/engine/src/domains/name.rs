//! Names of domains: one way to write each.

/// Longer input is not even looked at: the longest name in any script becomes 253 ASCII characters.
const LONGEST_INPUT: usize = 1024;
/// RFC 1035 §2.3.4, without the dot at the end.
const LONGEST: usize = 253;

/// A name in ASCII and lower case, without a dot at the end (UTS #46, strict, not transitional). An error is a rule that it
/// breaks.
pub(crate) fn normalise(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.len() > LONGEST_INPUT {
        return Err(format!("must have at most {LONGEST} characters"));
    }
    let text = text.strip_suffix(['.', '。']).unwrap_or(text);
    let usual = || "must be a domain such as `example.com`".to_owned();
    let name = idna::domain_to_ascii_strict(text).map_err(|_| usual())?;
    let labels: Vec<&str> = name.split('.').collect();
    // A last label of digits would be read as an address (WHATWG URL, "ends in a number checker").
    let ends_in_number = labels
        .last()
        .is_some_and(|last| last.bytes().all(|byte| byte.is_ascii_digit()));
    if labels.len() < 2 || name.len() > LONGEST || ends_in_number {
        return Err(usual());
    }
    let shown = shown(&name);
    match shown.split('.').find(|label| mixes_scripts(label)) {
        Some(label) => Err(format!(
            "must not mix letters of scripts that look alike, as `{label}` does"
        )),
        None => Ok(name),
    }
}

/// A name as people write it.
pub(super) fn shown(name: &str) -> String {
    match idna::domain_to_unicode(name) {
        (shown, Ok(())) => shown,
        (_, Err(_)) => name.to_owned(),
    }
}

/// The beginning of a name that was given, short enough for a message.
pub(super) fn cut(text: &str) -> String {
    text.chars().take(80).collect()
}

/// Whether a label has letters of more than one of the scripts whose letters pass for one another.
fn mixes_scripts(label: &str) -> bool {
    let mut scripts: Vec<Script> = label.chars().filter_map(Script::of).collect();
    scripts.sort_unstable();
    scripts.dedup();
    scripts.len() > 1
}

/// Scripts whose letters look alike (UTS #39 §5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Script {
    Latin,
    Greek,
    Cyrillic,
    Armenian,
    Cherokee,
}

impl Script {
    fn of(character: char) -> Option<Self> {
        Some(match character {
            'a'..='z' | '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}' => Self::Latin,
            '\u{370}'..='\u{3ff}' | '\u{1f00}'..='\u{1fff}' => Self::Greek,
            '\u{400}'..='\u{52f}' | '\u{1c80}'..='\u{1c8f}' | '\u{2de0}'..='\u{2dff}' => {
                Self::Cyrillic
            }
            '\u{530}'..='\u{58f}' => Self::Armenian,
            '\u{13a0}'..='\u{13ff}' | '\u{ab70}'..='\u{abbf}' => Self::Cherokee,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn one_name_has_one_way_to_be_written() {
        for (given, name) in [
            ("contoso.com", "contoso.com"),
            (" Contoso.COM. ", "contoso.com"),
            ("MÜNCHEN.example", "xn--mnchen-3ya.example"),
            ("xn--mnchen-3ya.EXAMPLE", "xn--mnchen-3ya.example"),
            ("mu\u{308}nchen.example", "xn--mnchen-3ya.example"),
            ("contoso。com", "contoso.com"),
            ("ｃｏｎｔｏｓｏ.com", "contoso.com"),
            ("пример.рф", "xn--e1afmkfd.xn--p1ai"),
        ] {
            assert_eq!(normalise(given).as_deref(), Ok(name), "{given}");
        }
        assert_eq!(shown("xn--mnchen-3ya.example"), "münchen.example");
    }

    #[test]
    fn what_is_no_domain_is_refused() {
        let long = format!("{}.com", "a".repeat(64));
        let longest = format!("{}com", "abcdefghi.".repeat(26));
        for given in [
            "",
            ".",
            "com",
            "contoso..com",
            ".contoso.com",
            "-contoso.com",
            "contoso-.com",
            "ab--cd.com",
            "con_toso.com",
            "contoso com",
            "ada@contoso.com",
            "contoso.com/x",
            "contoso.com:443",
            "192.0.2.7",
            "contoso.7",
            "xn--a.com",
            "con\u{0}toso.com",
            "contoso.com\nevil.com",
            &long,
            &longest,
        ] {
            assert!(normalise(given).is_err(), "{given:?}");
        }
        assert!(normalise(&"ä".repeat(100_000)).is_err());
    }

    #[test]
    fn letters_of_scripts_that_look_alike_are_not_mixed() {
        // A Cyrillic `а` among Latin letters, and a Greek `ο`.
        for given in ["contоso.com", "pаypal.com", "micrοsoft.com"] {
            let rule = normalise(given).unwrap_err();
            assert!(rule.contains("look alike"), "{rule}");
        }
        // Of one script alone it is told apart by its ASCII.
        assert_eq!(normalise("аррӏе.com").as_deref(), Ok("xn--80ak6aa92e.com"));
    }

    proptest! {
        #[test]
        fn any_text_is_refused_or_stays_what_it_becomes(text in "\\PC{0,40}") {
            if let Ok(name) = normalise(&text) {
                prop_assert!(name.is_ascii() && name.len() <= LONGEST);
                prop_assert_eq!(normalise(&name), Ok(name.clone()));
            }
        }
    }
}
