//! How pages write moments.

use mandate_model::Timestamp;

/// As `2026-11-21`, which all languages here read.
pub fn date(at: Timestamp) -> String {
    at.to_string().chars().take(10).collect()
}

/// As `2026-11-21 08:44 UTC`.
pub fn moment(at: Timestamp) -> String {
    let text: String = at.to_string().chars().take(16).collect();
    format!("{} UTC", text.replace('T', " "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_cut_to_the_minute() {
        let at = Timestamp::parse("2026-11-21T08:44:12.5Z").unwrap();
        assert_eq!(date(at), "2026-11-21");
        assert_eq!(moment(at), "2026-11-21 08:44 UTC");
    }
}
