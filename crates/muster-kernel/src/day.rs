//! A calendar day, the period of a daily report, and the instants that belong to it.

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// A day, as the number of days since 1970-01-01. Between 1900-01-01 and [`Day::OPEN_END`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(i32);

impl Day {
    /// The exclusive end of a fact that has not ended.
    pub const OPEN_END: Day = Day(9_999_999);

    /// A day from its number; for rows that were written by [`Day::number`].
    pub const fn from_number(number: i32) -> Self {
        Self(number)
    }
    /// Days since 1970-01-01.
    pub const fn number(self) -> i32 {
        self.0
    }
    /// The day so many days later (earlier when negative).
    pub const fn plus(self, days: i32) -> Self {
        Self(self.0 + days)
    }
    /// The day before: yesterday, seen from this day.
    pub const fn before(self) -> Self {
        self.plus(-1)
    }
    /// The civil date; [`Day::OPEN_END`] has none.
    pub fn date(self) -> Option<Date> {
        let span = jiff::Span::new().try_days(i64::from(self.0)).ok()?;
        EPOCH.checked_add(span).ok()
    }
    /// The day that an instant (milliseconds UTC) falls on in a time zone.
    pub fn of_instant(ms: i64, zone: &TimeZone) -> Self {
        let at = jiff::Timestamp::from_millisecond(ms).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        Self::from_date(zone.to_datetime(at).date())
    }
    /// The instant (milliseconds UTC) at which a wall clock in a zone shows `time` on this day. A time that a
    /// daylight-saving change skips is read as the first instant after the gap.
    pub fn at(self, time: Time, zone: &TimeZone) -> Option<i64> {
        let moment = zone.to_ambiguous_zoned_datetime(self.date()?.to_datetime(time)).compatible().ok()?;
        Some(moment.timestamp().as_millisecond())
    }
    /// From a civil date.
    pub fn from_date(date: Date) -> Self {
        let days = date.since(EPOCH).map(|span| span.get_days()).unwrap_or(0);
        Self(days)
    }
}

const EPOCH: Date = Date::constant(1970, 1, 1);

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.date() {
            Some(date) => write!(f, "{date}"),
            None => f.write_str("open"),
        }
    }
}

/// The text is not a day of the form `YYYY-MM-DD` between 1900 and 2199.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("not a day (YYYY-MM-DD)")]
pub struct NotADay;

impl FromStr for Day {
    type Err = NotADay;
    fn from_str(text: &str) -> Result<Self, NotADay> {
        let plain = text.len() == 10 && text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
        let date: Date = text.parse().map_err(|_| NotADay)?;
        if !plain || !(1900..2200).contains(&date.year()) {
            return Err(NotADay);
        }
        Ok(Self::from_date(date))
    }
}

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}
impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}

/// An instant as RFC 3339 in a zone, with its offset and without fractions: `2020-02-03T14:47:00+08:00`.
pub fn rfc3339(ms: i64, zone: &TimeZone) -> String {
    let at = jiff::Timestamp::from_millisecond(ms).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    at.to_zoned_datetime(zone.clone()).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

/// Reads an RFC 3339 instant to milliseconds UTC.
pub fn parse_instant(text: &str) -> Option<i64> {
    text.parse::<jiff::Timestamp>().ok().map(|at| at.as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_written_as_it_is_read() {
        for text in ["1970-01-01", "2020-02-29", "1999-12-31", "2199-12-31"] {
            assert_eq!(text.parse::<Day>().unwrap().to_string(), text);
        }
        for bad in ["2020-2-3", "2020-02-30", "20200203", "", "2020-02-03T00:00", "9999-01-01", "二〇二〇"]
        {
            assert_eq!(bad.parse::<Day>(), Err(NotADay), "{bad}");
        }
    }

    #[test]
    fn days_and_instants_meet_in_a_zone() {
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        let day: Day = "2020-02-03".parse().unwrap();
        assert_eq!(day.number(), 18_295);
        let cut_off = day.at(jiff::civil::time(15, 0, 0, 0), &zone).unwrap();
        assert_eq!(rfc3339(cut_off, &zone), "2020-02-03T15:00:00+08:00");
        assert_eq!(Day::of_instant(cut_off, &zone), day);
        assert_eq!(Day::of_instant(cut_off + 9 * 3_600_000, &zone), day.plus(1));
        assert_eq!(parse_instant("2020-02-03T15:00:00+08:00"), Some(cut_off));
    }

    #[test]
    fn a_time_skipped_by_summer_time_is_still_an_instant() {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let day: Day = "2020-03-29".parse().unwrap();
        let at = day.at(jiff::civil::time(2, 30, 0, 0), &zone).unwrap();
        assert_eq!(rfc3339(at, &zone), "2020-03-29T03:30:00+02:00");
    }
}
