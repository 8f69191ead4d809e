//! How long to wait before something is tried again that somebody else did not take.

use mandate_model::Timestamp;

/// Pauses in microseconds, the first of them after the first try. The last one comes again and again.
pub(crate) struct Pauses(pub(crate) &'static [i64]);

impl Pauses {
    /// From a minute to half a day.
    pub(crate) const UP_TO_HALF_A_DAY: Self = Self(&[
        Timestamp::MINUTE,
        5 * Timestamp::MINUTE,
        15 * Timestamp::MINUTE,
        Timestamp::HOUR,
        6 * Timestamp::HOUR,
        12 * Timestamp::HOUR,
    ]);
    /// From ten seconds to an hour.
    pub(crate) const UP_TO_AN_HOUR: Self = Self(&[
        10 * Timestamp::SECOND,
        30 * Timestamp::SECOND,
        2 * Timestamp::MINUTE,
        5 * Timestamp::MINUTE,
        15 * Timestamp::MINUTE,
        Timestamp::HOUR,
    ]);

    /// The pause after so many tries.
    pub(crate) fn after(&self, attempts: i64) -> i64 {
        let step = usize::try_from(attempts.saturating_sub(1)).unwrap_or_default();
        let pause = self.0.get(step).or(self.0.last());
        pause.copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_the_last_one_stays() {
        let of = |pauses: Pauses, unit| -> Vec<i64> {
            (1..=7)
                .map(|attempt| pauses.after(attempt) / unit)
                .collect()
        };
        let half_a_day = of(Pauses::UP_TO_HALF_A_DAY, Timestamp::MINUTE);
        assert_eq!(half_a_day, [1, 5, 15, 60, 360, 720, 720]);
        let an_hour = of(Pauses::UP_TO_AN_HOUR, Timestamp::SECOND);
        assert_eq!(an_hour, [10, 30, 120, 300, 900, 3600, 3600]);
        assert_eq!(Pauses::UP_TO_AN_HOUR.after(i64::MAX), Timestamp::HOUR);
        assert_eq!(Pauses::UP_TO_AN_HOUR.after(0), 10 * Timestamp::SECOND);
    }
}
