//! Calendar arithmetic, proleptic Gregorian, UTC.

const SECONDS_PER_DAY: i64 = 86_400;

/// Year, month, day, hour, minute, second of whole seconds since 1970.
pub fn civil(unix_seconds: i64) -> (i64, i64, i64, i64, i64, i64) {
    let days = unix_seconds.div_euclid(SECONDS_PER_DAY);
    let second_of_day = unix_seconds.rem_euclid(SECONDS_PER_DAY);
    // Counting from 1 March puts the leap day last; 719_468 days lie between 0000-03-01 and 1970-01-01.
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (
        year,
        month,
        day,
        second_of_day / 3_600,
        second_of_day / 60 % 60,
        second_of_day % 60,
    )
}

/// Whole seconds since 1970 of the digits of a `UTCTime` or `GeneralizedTime` content.
pub fn unix_time(content: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(content).ok()?.strip_suffix('Z')?;
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (year, rest) = match text.len() {
        12 => {
            let short: i64 = text[..2].parse().ok()?;
            (
                if short < 50 {
                    2_000 + short
                } else {
                    1_900 + short
                },
                &text[2..],
            )
        }
        14 => (text[..4].parse().ok()?, &text[4..]),
        _ => return None,
    };
    let part = |index: usize| rest[index * 2..index * 2 + 2].parse::<i64>().ok();
    let (month, day) = (part(0)?, part(1)?);
    let shifted_year = if month <= 2 { year - 1 } else { year };
    let era = shifted_year.div_euclid(400);
    let year_of_era = shifted_year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    let days = era * 146_097 + day_of_era - 719_468;
    Some(days * SECONDS_PER_DAY + part(2)? * 3_600 + part(3)? * 60 + part(4)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leap_day_survives_both_ways() {
        let leap_day = unix_time(b"20240229123456Z").unwrap();
        assert_eq!(leap_day, 1_709_210_096);
        assert_eq!(civil(leap_day), (2024, 2, 29, 12, 34, 56));
        assert_eq!(unix_time(b"700101000000Z"), Some(0));
    }
}
