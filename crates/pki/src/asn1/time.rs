use super::{Element, tag, writer};
use crate::{Error, Result};

/// `99991231235959Z`, which RFC 5280 §4.1.2.5 has for "never".
const LATEST: i64 = 253_402_300_799;

/// Seconds since 1970 as `UTCTime` before 2050 and `GeneralizedTime` from then on (RFC 5280 §4.1.2.5).
pub(crate) fn encode(unix_seconds: i64) -> Vec<u8> {
    let (year, rest) = year_and_rest(unix_seconds);
    if year < 2050 {
        writer::element(tag::UTC_TIME, format!("{:02}{rest}", year % 100).as_bytes())
    } else {
        writer::element(tag::GENERALIZED_TIME, format!("{year:04}{rest}").as_bytes())
    }
}

/// Seconds since 1970 as `GeneralizedTime`, which OCSP has for every year.
pub(crate) fn encode_generalized(unix_seconds: i64) -> Vec<u8> {
    let (year, rest) = year_and_rest(unix_seconds);
    writer::element(tag::GENERALIZED_TIME, format!("{year:04}{rest}").as_bytes())
}

fn year_and_rest(unix_seconds: i64) -> (i64, String) {
    let seconds = unix_seconds.clamp(0, LATEST);
    let (year, month, day) = civil_from_days(seconds.div_euclid(86_400));
    let within = seconds.rem_euclid(86_400);
    let rest = format!(
        "{month:02}{day:02}{:02}{:02}{:02}Z",
        within / 3600,
        within / 60 % 60,
        within % 60
    );
    (year, rest)
}

/// Either time in UTC as seconds since 1970. Seconds may be missing, as old software does.
pub(crate) fn decode(element: &Element<'_>) -> Result<i64> {
    let text = std::str::from_utf8(element.content).map_err(|_| Error::Malformed("time"))?;
    let digits = text.strip_suffix('Z').ok_or(Error::Malformed("time"))?;
    match element.tag {
        tag::UTC_TIME if digits.is_ascii() && digits.len() >= 2 => {
            let century = if &digits[..1] < "5" { "20" } else { "19" };
            from_digits(&format!("{century}{digits}"))
        }
        tag::GENERALIZED_TIME => from_digits(digits.split('.').next().unwrap_or_default()),
        _ => None,
    }
    .ok_or(Error::Malformed("time"))
}

fn from_digits(digits: &str) -> Option<i64> {
    if !matches!(digits.len(), 12 | 14) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number = |from: usize, to: usize| {
        digits
            .get(from..to)
            .and_then(|part| part.parse::<i64>().ok())
    };
    let (year, month, day) = (number(0, 4)?, number(4, 6)?, number(6, 8)?);
    let (hour, minute, second) = (number(8, 10)?, number(10, 12)?, number(12, 14).unwrap_or(0));
    let plausible = (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && hour < 24
        && minute < 60
        && second <= 60;
    plausible
        .then(|| days_from_civil(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second)
}

/// Days since 1970 of a day in the Gregorian calendar, counted in eras of 400 years that begin in March.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 {
        shifted_month + 3
    } else {
        shifted_month - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn utc_time_ends_with_2049() {
        assert_eq!(&encode(0)[2..], b"700101000000Z");
        assert_eq!(&encode(2_524_607_999)[..], b"\x17\x0d491231235959Z");
        assert_eq!(&encode(2_524_608_000)[..], b"\x18\x0f20500101000000Z");
        assert_eq!(&encode(i64::MAX)[2..], b"99991231235959Z");
    }

    #[test]
    fn impossible_times_are_refused() {
        for text in [
            "20241301000000Z",
            "20240101000000",
            "2024Z",
            "2024010100é00Z",
        ] {
            let der = writer::element(tag::GENERALIZED_TIME, text.as_bytes());
            assert!(decode(&Element::only(&der).unwrap()).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn times_come_back(seconds in 0..LATEST) {
            let der = encode(seconds);
            prop_assert_eq!(decode(&Element::only(&der).unwrap()).unwrap(), seconds);
        }
    }
}
