/// How long to leave a token alone after failures: doubling from a base up to a cap, spread by chance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    /// After the first failure, before it is spread.
    pub base_seconds: u32,
    /// Never longer than this.
    pub cap_seconds: u32,
}

impl Backoff {
    /// For a token that APNs throttles (429) or a service that is down (500, 503): half a minute up to four hours.
    pub const PUSH: Self = Self {
        base_seconds: 30,
        cap_seconds: 4 * 3600,
    };
    /// For a command that a device put off (`NotNow`): a quarter of an hour up to eight hours.
    pub const NOT_NOW: Self = Self {
        base_seconds: 15 * 60,
        cap_seconds: 8 * 3600,
    };

    /// Seconds to wait after so many failures in a row. `random` is any number; the wait lies between half of the
    /// doubled time and all of it, so that devices that failed together do not come back together.
    pub const fn delay_seconds(self, failures: u32, random: u64) -> u32 {
        let doublings = failures.saturating_sub(1);
        let factor = if doublings < 31 {
            1u32 << doublings
        } else {
            u32::MAX
        };
        let full = self.base_seconds.saturating_mul(factor);
        let full = if full > self.cap_seconds {
            self.cap_seconds
        } else {
            full
        };
        let half = full / 2;
        // At most u32::MAX: the remainder is smaller than a u32 plus one.
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a remainder of a u32 divisor"
        )]
        let spread = (random % (full as u64 - half as u64 + 1)) as u32;
        half + spread
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_doubles_up_to_the_cap() {
        let shortest = |failures| Backoff::NOT_NOW.delay_seconds(failures, 0);
        assert_eq!(
            [1, 2, 3, 6, 7, 40].map(shortest),
            [450, 900, 1800, 14400, 14400, 14400]
        );
    }

    #[test]
    fn chance_moves_the_wait_between_half_and_all() {
        for random in [0, 1, 14, 15, 16, 1 << 40, u64::MAX] {
            let delay = Backoff::PUSH.delay_seconds(1, random);
            assert!((15..=30).contains(&delay), "{delay}");
        }
        assert_eq!(Backoff::PUSH.delay_seconds(1, 15), 30);
    }

    #[test]
    fn no_number_of_failures_overflows() {
        let widest = Backoff {
            base_seconds: u32::MAX,
            cap_seconds: u32::MAX,
        };
        assert!(widest.delay_seconds(u32::MAX, u64::MAX) >= u32::MAX / 2);
        assert!(widest.delay_seconds(0, 0) >= u32::MAX / 2);
    }
}
