use std::time::{Duration, SystemTime, UNIX_EPOCH};

const WEEKDAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];
const DAY: i64 = 24 * 60 * 60;
/// The last second of the year 9999, the greatest that four digits can say.
const LAST: u64 = 253_402_300_799;

/// A time as HTTP writes it: `Tue, 14 Nov 2023 22:13:20 GMT`. What is before 1970 is its beginning, what is after 9999
/// its end.
///
/// ```
/// use std::time::{Duration, UNIX_EPOCH};
///
/// let time = UNIX_EPOCH + Duration::from_millis(1_700_000_000_999);
/// assert_eq!(cachemere::http::http_date(time), "Tue, 14 Nov 2023 22:13:20 GMT");
/// ```
#[must_use]
pub fn http_date(time: SystemTime) -> String {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    let seconds = i64::try_from(since.as_secs().min(LAST)).unwrap_or_default();
    let (days, second) = (seconds / DAY, seconds % DAY);
    let (year, month, day) = civil(days);
    let weekday = WEEKDAYS[usize::try_from(days % 7).unwrap_or_default()];
    let month = MONTHS[month];
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{weekday}, {day:02} {month} {year:04} {hour:02}:{minute:02}:{second:02} GMT")
}

/// Reads a date of HTTP in any of its three forms (RFC 9110, section 5.6.7); `None` if it is none.
///
/// The day of the week is not checked. A year of two digits lies at most 50 years ahead.
///
/// ```
/// # use cachemere::http::parse_http_date;
/// let date = parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT");
/// assert!(date.is_some());
/// assert_eq!(parse_http_date("Sunday, 06-Nov-94 08:49:37 GMT"), date);
/// assert_eq!(parse_http_date("Sun Nov  6 08:49:37 1994"), date);
/// assert_eq!(parse_http_date("tomorrow"), None);
/// ```
#[must_use]
pub fn parse_http_date(text: &str) -> Option<SystemTime> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).ok()?;
    let days = i64::try_from(since.as_secs()).ok()? / DAY;
    let seconds = parse(text, civil(days).0)?;
    let distance = Duration::from_secs(seconds.unsigned_abs());
    match seconds {
        ..0 => UNIX_EPOCH.checked_sub(distance),
        _ => UNIX_EPOCH.checked_add(distance),
    }
}

/// Seconds since the epoch.
fn parse(text: &str, current_year: i64) -> Option<i64> {
    let parts: Vec<_> = text.split(' ').collect();
    let (weekday, [day, month, year], time) = match *parts.as_slice() {
        [weekday, day, month, year, time, "GMT"] => {
            let weekday = weekday.strip_suffix(',')?;
            let date = [number(day, 2)?, month_of(month)?, number(year, 4)?];
            (weekday.len() == 3, date, time)
        }
        [weekday, date, time, "GMT"] => {
            let weekday = weekday.strip_suffix(',')?;
            let mut date = date.split('-');
            let (day, month, year) = (date.next()?, date.next()?, date.next()?);
            let date_ends = date.next().is_none();
            let year = full_year(number(year, 2)?, current_year);
            let date = [number(day, 2)?, month_of(month)?, year];
            ((6..=9).contains(&weekday.len()) && date_ends, date, time)
        }
        [weekday, month, "", day, time, year] => {
            let date = [number(day, 1)?, month_of(month)?, number(year, 4)?];
            (weekday.len() == 3, date, time)
        }
        [weekday, month, day, time, year] => {
            let date = [number(day, 2)?, month_of(month)?, number(year, 4)?];
            (weekday.len() == 3, date, time)
        }
        _ => return None,
    };
    let days = days_since_epoch(year, month, day);
    // the 31st of a shorter month would be a day of the next one
    let is_a_day = civil(days) == (year, usize::try_from(month).ok()?, day);
    let seconds = days * DAY + seconds_of(time)?;
    (weekday && is_a_day && year > 0).then_some(seconds)
}

fn seconds_of(time: &str) -> Option<i64> {
    let mut parts = time.split(':').map(|part| number(part, 2));
    let (hour, minute, second) = (parts.next()??, parts.next()??, parts.next()??);
    let is_time = hour < 24 && minute < 60 && second < 60 && parts.next().is_none();
    is_time.then_some(hour * 3600 + minute * 60 + second)
}

fn month_of(name: &str) -> Option<i64> {
    let month = MONTHS
        .iter()
        .position(|month| month.eq_ignore_ascii_case(name))?;
    i64::try_from(month).ok()
}

/// A number of exactly this many digits.
fn number(text: &str, digits: usize) -> Option<i64> {
    let is_number = text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_number)
}

/// A year of two digits that lies more than 50 years ahead is one of the century before.
fn full_year(year: i64, current_year: i64) -> i64 {
    let in_century = current_year % 100;
    let century = current_year - in_century;
    match year - in_century {
        51.. => century - 100 + year,
        _ => century + year,
    }
}

/// Year, month from 0 on and day of the month. The year begins in March here, so that a leap day is its last; 400 years
/// are a period.
fn civil(days: i64) -> (i64, usize, i64) {
    let shifted = days + 719_468;
    let (period, day) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day_of_month = day - (153 * month + 2) / 5 + 1;
    let is_next_year = i64::from(month >= 10);
    let month = usize::try_from((month + 2) % 12).unwrap_or_default();
    (period * 400 + year + is_next_year, month, day_of_month)
}

/// The opposite of [`civil`].
fn days_since_epoch(year: i64, month: i64, day: i64) -> i64 {
    let year = if month < 2 { year - 1 } else { year };
    let (period, year) = (year.div_euclid(400), year.rem_euclid(400));
    let day = (153 * ((month + 10) % 12) + 2) / 5 + day - 1;
    period * 146_097 + 365 * year + year / 4 - year / 100 + day - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_as_django_reads_them() {
        let golden = include_str!("../../tests/golden/django-golden.json");
        let golden: serde_json::Value = serde_json::from_str(golden).unwrap();
        let cases = &golden["http"]["parse_http_date_safe_with_current_year_2024"];
        for case in cases.as_array().unwrap() {
            let text = case[0].as_str().unwrap();
            assert_eq!(parse(text, 2024), case[1].as_i64(), "{text}");
        }
    }

    #[test]
    fn every_day_of_four_centuries_is_read_as_it_is_written() {
        for day in 0..146_097 {
            let seconds = day * DAY + day % DAY;
            let written = http_date(UNIX_EPOCH + Duration::from_secs(seconds.unsigned_abs()));
            assert_eq!(parse(&written, 2024), Some(seconds), "{written}");
        }
    }

    #[test]
    fn a_day_that_is_not_in_the_calendar_is_refused() {
        for date in ["29 Feb 2023", "31 Apr 2024", "00 Jan 2024", "01 Jan 0000"] {
            assert_eq!(
                parse(&format!("Sun, {date} 00:00:00 GMT"), 2024),
                None,
                "{date}"
            );
        }
        assert!(parse("Thu, 29 Feb 2024 00:00:00 GMT", 2024).is_some());
    }
}
