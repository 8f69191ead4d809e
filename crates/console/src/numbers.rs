//! Numbers as people of a language read them.

use mandate_web::Language;

/// A whole number with its thousands set apart.
pub(crate) fn number(language: Language, number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let separator = match language {
        Language::English => ",",
        Language::Dutch => ".",
        Language::Swedish => "\u{a0}",
    };
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push_str(separator);
        }
        text.push(digit);
    }
    if number < 0 {
        format!("−{text}")
    } else {
        text
    }
}

/// Parts of a bar of a thousand units: where each begins and how wide it is. What is there at all can be seen.
pub(crate) fn parts(counts: &[i64]) -> Vec<(i64, i64)> {
    let all: i64 = counts.iter().sum();
    let mut begin = 0;
    let mut parts = Vec::with_capacity(counts.len());
    for count in counts {
        let width = match (*count, all) {
            (0, _) | (_, 0) => 0,
            (count, all) => (count * WIDTH / all).max(LEAST).min(WIDTH - begin),
        };
        parts.push((begin, width));
        begin += width;
    }
    parts
}

/// Units of a bar.
pub(crate) const WIDTH: i64 = 1000;
const LEAST: i64 = 4;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_set_apart() {
        assert_eq!(number(Language::English, 1_234_567), "1,234,567");
        assert_eq!(number(Language::Dutch, 1_000), "1.000");
        assert_eq!(number(Language::Swedish, 100_000), "100\u{a0}000");
        assert_eq!(number(Language::English, 999), "999");
        assert_eq!(number(Language::English, -1_000), "−1,000");
    }

    #[test]
    fn one_of_many_can_still_be_seen_and_nothing_goes_beyond_the_end() {
        assert_eq!(parts(&[99_999, 1]), [(0, 999), (999, 1)]);
        assert_eq!(parts(&[1, 99_999]), [(0, 4), (4, 996)]);
        assert_eq!(parts(&[0, 0]), [(0, 0), (0, 0)]);
        let (begin, width) = parts(&[1, 1, 1, 997])[3];
        assert!(begin + width <= WIDTH);
    }
}
