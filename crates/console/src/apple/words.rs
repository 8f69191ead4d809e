//! Apple's words, and ours for what went wrong with it, as people read them.

use mandate_engine::AdeToken;
use mandate_model::Platform;
use mandate_web::Page;

/// Words that there is a text for; it says what to do.
const KNOWN: [&str; 12] = [
    "T_C_NOT_SIGNED",
    "ACCESS_DENIED",
    "tokenExpired",
    "noToken",
    "TOO_MANY_REQUESTS",
    "SERVICE_UNAVAILABLE",
    "NOT_ACCESSIBLE",
    "THROTTLED",
    "FAILED",
    "unreachable",
    "tooManyDevices",
    "internalError",
];

/// What went wrong, in a sentence; nothing if nothing did.
pub(super) fn problem(page: &Page, word: &str) -> String {
    if word.is_empty() {
        String::new()
    } else if KNOWN.contains(&word) {
        page.text(&format!("apple-problem-{}", word.replace('_', "-")))
    } else {
        page.text_with("apple-problem-other", "word", word)
    }
}

/// What a token stands at: class and text.
pub(super) fn standing(page: &Page, token: &AdeToken) -> (&'static str, String) {
    if token.expires_at.is_none() {
        ("pending", page.text("apple-token-waits"))
    } else if token.problem.is_empty() && token.synced_at.is_none() {
        ("pending", page.text("apple-token-new"))
    } else if token.problem.is_empty() {
        ("succeeded", page.text("apple-token-good"))
    } else {
        ("error", page.text("apple-token-trouble"))
    }
}

/// The devices of a platform.
pub(super) fn platform(page: &Page, platform: Platform) -> String {
    page.text(match platform {
        Platform::Ios => "apple-platform-ios",
        Platform::MacOs => "apple-platform-macos",
    })
}

#[cfg(test)]
mod tests {
    use mandate_web::Language;

    use super::*;

    #[test]
    fn every_word_has_a_sentence_in_every_language() {
        for language in Language::ALL {
            let page = Page::new(language, "Contoso");
            assert_eq!(problem(&page, ""), "");
            for word in KNOWN.into_iter().chain(["NOT_HEARD_OF"]) {
                let text = problem(&page, word);
                assert!(!text.starts_with("apple-"), "{language:?} {word}: {text}");
            }
            assert!(problem(&page, "NOT_HEARD_OF").contains("NOT_HEARD_OF"));
        }
    }
}
