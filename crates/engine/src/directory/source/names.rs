//! Sign-in names that look like others.

/// Why a name is not to be taken, if it could be mistaken for another one.
pub(super) fn deceptive(name: &str) -> Option<&'static str> {
    if name.chars().any(is_unseen) {
        return Some("holds characters that cannot be seen");
    }
    if name.chars().any(is_combining) {
        return Some(
            "is written with accents apart from their letters, and so looks like another name",
        );
    }
    if name.chars().any(is_compatible) {
        return Some("holds characters that are other forms of letters, such as full-width ones");
    }
    let parts = name.split('@');
    let mixed = parts
        .flat_map(|part| part.split(['.', '-', '_']))
        .any(|word| {
            let mut scripts = word.chars().filter_map(script);
            let first = scripts.next();
            scripts.any(|other| Some(other) != first)
        });
    mixed.then_some("mixes letters of several scripts in one word, and so looks like another name")
}

/// Zero-width characters, marks of direction, and others without a shape (Unicode categories Cf and the like).
fn is_unseen(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
        | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// Combining diacritical marks: after composition (NFC) none are left on letters of names.
fn is_combining(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}'
        | '\u{20d0}'..='\u{20ff}' | '\u{fe20}'..='\u{fe2f}')
}

/// Forms of letters that compatibility decomposition (NFKC) makes ordinary ones.
fn is_compatible(c: char) -> bool {
    matches!(c, '\u{2070}'..='\u{209f}' | '\u{2100}'..='\u{214f}' | '\u{2460}'..='\u{24ff}'
        | '\u{fb00}'..='\u{fb06}' | '\u{ff00}'..='\u{ffef}' | '\u{1d400}'..='\u{1d7ff}'
        | '\u{1f100}'..='\u{1f1ff}')
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Script {
    Latin,
    Greek,
    Cyrillic,
    Armenian,
    Cherokee,
}

/// The scripts whose letters look alike.
fn script(c: char) -> Option<Script> {
    match c {
        'a'..='z'
        | 'A'..='Z'
        | '\u{aa}'
        | '\u{ba}'
        | '\u{c0}'..='\u{2af}'
        | '\u{1e00}'..='\u{1eff}'
            if c != '\u{d7}' && c != '\u{f7}' =>
        {
            Some(Script::Latin)
        }
        '\u{370}'..='\u{3ff}' | '\u{1f00}'..='\u{1fff}' => Some(Script::Greek),
        '\u{400}'..='\u{52f}'
        | '\u{1c80}'..='\u{1c8f}'
        | '\u{2de0}'..='\u{2dff}'
        | '\u{a640}'..='\u{a69f}' => Some(Script::Cyrillic),
        '\u{530}'..='\u{58f}' => Some(Script::Armenian),
        '\u{13a0}'..='\u{13ff}' | '\u{ab70}'..='\u{abbf}' => Some(Script::Cherokee),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_all_peoples_are_taken_and_those_that_look_like_others_are_not() {
        for good in [
            "ada@contoso.com",
            "user1",
            "j\u{f6}rgen.\u{e5}kesson@contoso.se",
            "\u{430}\u{434}\u{430}@contoso.com",
            "\u{5c71}\u{7530}@contoso.co.jp",
            "\u{3b1}\u{3b4}\u{3b1}",
        ] {
            assert_eq!(deceptive(good), None, "{good}");
        }
        for bad in [
            "\u{430}da@contoso.com",
            "ada@c\u{43e}ntoso.com",
            "ada\u{200b}@contoso.com",
            "jo\u{308}rgen@contoso.se",
            "\u{ff41}da@contoso.com",
            "\u{1d41a}da@contoso.com",
            "ada\u{202e}moc@x",
        ] {
            assert!(deceptive(bad).is_some(), "{bad:?}");
        }
    }
}
