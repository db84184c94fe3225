use cachemere_base::{Error, Expiry, Result};
use jiff::{Timestamp, civil::DateTime, tz::TimeZone};

/// What Django stores for an entry that never expires, in whichever zone.
const NEVER: &str = "9999-12-31 23:59:59";

/// The zone whose local time is stored.
#[derive(Clone, Debug)]
pub(super) struct Zone(TimeZone);

impl Zone {
    /// The zone of this name of the IANA; UTC without one.
    pub(super) fn new(name: Option<&str>) -> Result<Self> {
        let Some(name) = name else {
            return Ok(Self(TimeZone::UTC));
        };
        TimeZone::get(name).map(Self).map_err(|error| {
            let message = "expected a time zone that this system knows, such as `Europe/Berlin`";
            Error::setting("OPTIONS.TIME_ZONE", message).with_source(error)
        })
    }

    /// The name, for PostgreSQL.
    pub(super) fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }

    /// The text of an expiry: in whole seconds as Django's, rounded so that no entry dies early.
    pub(super) fn written(&self, expiry: Expiry) -> String {
        let seconds = i64::try_from(expiry.to_millis().div_ceil(1000)).ok();
        let moment = seconds.and_then(|seconds| Timestamp::from_second(seconds).ok());
        let Some(moment) = moment.filter(|_| expiry != Expiry::NEVER) else {
            return NEVER.to_owned();
        };
        let local = self.0.to_datetime(moment);
        local.strftime("%Y-%m-%d %H:%M:%S").to_string()
    }

    /// The expiry of a text, perhaps with a fraction.
    pub(super) fn read(&self, text: &str) -> Option<Expiry> {
        // the end of the calendar, which in some other zone is after it
        if text.starts_with("9999-12-3") || text.starts_with("10000-") {
            return Some(Expiry::NEVER);
        }
        let local: DateTime = text.parse().ok()?;
        let moment = self.0.to_timestamp(local).ok()?;
        let millis = u64::try_from(moment.as_millisecond());
        Some(Expiry::from_millis(millis.unwrap_or(0)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone(name: &str) -> Zone {
        Zone::new(Some(name)).unwrap()
    }

    #[test]
    fn what_django_stored_is_read_and_written_again() {
        let golden = include_str!("../../../../tests/golden/django-golden.json");
        let golden: serde_json::Value = serde_json::from_str(golden).unwrap();
        let instants = [
            ("p:2:forever", Expiry::NEVER),
            ("p:2:frac", Expiry::from_millis(1_700_000_002_000)),
            ("p:2:i", Expiry::from_millis(1_700_000_060_000)),
            ("p:2:k", Expiry::from_millis(1_700_000_060_000)),
            ("p:2:zero", Expiry::from_millis(1_699_999_999_000)),
        ];
        for site in golden["db"].as_array().unwrap() {
            let is_local = site["USE_TZ"] == false && site["vendor"] != "pg";
            let zone = match is_local {
                true => zone(site["TIME_ZONE"].as_str().unwrap()),
                false => zone("UTC"),
            };
            let rows = site["rows_cache_key_value_expires"].as_array().unwrap();
            for (row, (key, expiry)) in rows.iter().zip(instants) {
                let text = row[2].as_str().unwrap();
                assert_eq!(
                    (row[0].as_str(), zone.read(text)),
                    (Some(key), Some(expiry))
                );
                if !text.starts_with("10000") {
                    assert_eq!(zone.written(expiry), text.trim_end_matches(".000000"));
                }
            }
        }
    }

    #[test]
    fn a_fraction_of_a_second_never_ends_an_entry_early() {
        let (utc, expiry) = (zone("UTC"), Expiry::from_millis(1_700_000_000_001));
        assert_eq!(utc.written(expiry), "2023-11-14 22:13:21");
        assert_eq!(utc.read("2023-11-14 22:13:20.001"), Some(expiry));
    }

    #[test]
    fn what_is_after_the_calendar_never_expires() {
        for name in ["UTC", "Pacific/Kiritimati", "America/Chicago"] {
            let zone = zone(name);
            assert_eq!(zone.written(Expiry::from_millis(u64::MAX - 1)), NEVER);
            for text in [NEVER, "9999-12-30 12:00:00", "10000-01-01 05:59:59"] {
                assert_eq!(zone.read(text), Some(Expiry::NEVER));
            }
        }
    }

    #[test]
    fn a_time_before_the_epoch_is_long_over_and_no_time_is_none() {
        assert_eq!(
            zone("UTC").read("1969-01-01 00:00:00"),
            Some(Expiry::from_millis(0))
        );
        for text in ["", "hello", "2023-13-01 00:00:00"] {
            assert_eq!(zone("UTC").read(text), None, "{text}");
        }
    }

    #[test]
    fn an_unknown_zone_is_refused() {
        let error = Zone::new(Some("Europe/Bielefeld")).unwrap_err();
        assert_eq!(error.setting_path(), Some("OPTIONS.TIME_ZONE"));
    }
}
