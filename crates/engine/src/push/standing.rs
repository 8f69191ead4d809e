//! How long a push certificate is good, and what can be done when it is not.

use mandate_model::Timestamp;

use super::PushCertificate;

/// How a push certificate stands at a moment. Days are counted up: the last day is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PushStanding {
    /// It ends in so many days, which is long enough.
    Good(i64),
    /// It ends in so many days: time to renew it.
    EndsSoon(i64),
    /// It has ended, and Apple still renews it for so many days.
    Grace(i64),
    /// It has ended, and Apple may not renew it under its topic any more.
    Ended,
}

impl PushCertificate {
    /// Days before the end from which on it is to be renewed, which is when the usual alerts begin.
    pub const RENEWED_FROM_DAYS: i64 = 60;
    /// Days after the end for which Apple renews it under the same topic. Intune's word for it; Apple names no number.
    pub const GRACE_DAYS: i64 = 30;

    /// How it stands at a moment.
    pub fn standing(&self, now: Timestamp) -> PushStanding {
        let until = |end: Timestamp| {
            let left = end.since(now);
            (left > 0).then(|| (left - 1) / Timestamp::DAY + 1)
        };
        if let Some(days) = until(self.not_after) {
            return if days > Self::RENEWED_FROM_DAYS {
                PushStanding::Good(days)
            } else {
                PushStanding::EndsSoon(days)
            };
        }
        let over = self.not_after.plus(Self::GRACE_DAYS * Timestamp::DAY);
        until(over).map_or(PushStanding::Ended, PushStanding::Grace)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_down_to_the_end_and_then_the_grace() {
        let end = Timestamp(1_000 * Timestamp::DAY);
        let certificate = PushCertificate {
            topic: "com.apple.mgmt.External.1".to_owned(),
            apple_id: None,
            serial: "01".to_owned(),
            certificate_pem: String::new(),
            not_after: end,
            modified_at: Timestamp(0),
        };
        let at = |before: i64| certificate.standing(end.plus(-before));
        assert_eq!(at(365 * Timestamp::DAY), PushStanding::Good(365));
        assert_eq!(at(60 * Timestamp::DAY + 1), PushStanding::Good(61));
        for days in [60, 30, 14, 7, 1] {
            assert_eq!(at(days * Timestamp::DAY), PushStanding::EndsSoon(days));
        }
        assert_eq!(at(1), PushStanding::EndsSoon(1));
        assert_eq!(at(0), PushStanding::Grace(30));
        assert_eq!(at(1 - 30 * Timestamp::DAY), PushStanding::Grace(1));
        assert_eq!(at(-30 * Timestamp::DAY), PushStanding::Ended);
    }
}
