//! Place codes: GB/T 2260 and its longer forms of the statistics bureau.
//!
//! Two digits a province, four a city, six a county or district, nine a street or township, twelve a village. Kept as
//! the number of twelve digits, so that everything in a place is one range of numbers.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A place code, as a number of twelve digits (`340100` is 340,100,000,000).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place(i64);

/// What each level counts in, from the village up: the size of its range.
const STEPS: [i64; 5] = [1, 1_000, 1_000_000, 100_000_000, 10_000_000_000];

impl Place {
    /// From the stored number.
    pub const fn from_number(number: i64) -> Self {
        Self(number)
    }
    /// The number of twelve digits.
    pub const fn number(self) -> i64 {
        self.0
    }
    /// The size of the range of numbers that lie in it.
    fn step(self) -> i64 {
        STEPS.into_iter().rev().find(|step| self.0 % step == 0).unwrap_or(1)
    }
    /// The numbers that lie in it: from (included) to (excluded).
    pub fn range(self) -> (i64, i64) {
        (self.0, self.0 + self.step())
    }
    /// Whether another place is this one or lies in it.
    pub fn holds(self, other: Place) -> bool {
        let (from, to) = self.range();
        (from..to).contains(&other.0)
    }
    /// The province it lies in.
    pub fn province(self) -> Place {
        Place(self.0 - self.0 % STEPS[4])
    }
    /// The place right in this one in which another lies; this one where there is none between.
    pub fn towards(self, inner: Place) -> Place {
        inner.within().skip_while(|place| *place != self).nth(1).unwrap_or(self)
    }
    /// The places it lies in, from the province down, itself last. Cities without districts (東莞) have none.
    pub fn within(self) -> impl Iterator<Item = Place> {
        let own = self.step();
        let mut last = None;
        STEPS.into_iter().rev().filter(move |step| *step >= own).filter_map(move |step| {
            let place = Place(self.0 - self.0 % step);
            (last.replace(place) != Some(place)).then_some(place)
        })
    }
}

/// The text is not a place code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a place code of 2, 4, 6, 9 or 12 digits")]
pub struct NotAPlace;

impl FromStr for Place {
    type Err = NotAPlace;
    /// Checks the form: digits in one of the lengths, a province, and no level skipped but the district.
    fn from_str(text: &str) -> Result<Self, NotAPlace> {
        if !matches!(text.len(), 2 | 4 | 6 | 9 | 12) || !text.bytes().all(|b| b.is_ascii_digit()) {
            return Err(NotAPlace);
        }
        let number: i64 = format!("{text:0<12}").parse().map_err(|_| NotAPlace)?;
        let part = |from: usize| {
            number / STEPS[from] % (STEPS.get(from + 1).map_or(100, |above| above / STEPS[from]))
        };
        let [village, street, district, city, province] = [0, 1, 2, 3, 4].map(part);
        let skipped =
            (city == 0 && (district, street, village) != (0, 0, 0)) || (street == 0 && village != 0);
        if province < 11 || skipped { Err(NotAPlace) } else { Ok(Self(number)) }
    }
}

impl fmt::Display for Place {
    /// Six digits down to the district, nine for a street, twelve for a village.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.step() {
            1 => write!(f, "{:012}", self.0),
            1_000 => write!(f, "{:09}", self.0 / 1_000),
            _ => write!(f, "{:06}", self.0 / 1_000_000),
        }
    }
}

impl Serialize for Place {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}
impl<'de> Deserialize<'de> for Place {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_read_checked_and_written() {
        for (text, written) in [
            ("34", "340000"),
            ("3401", "340100"),
            ("340102", "340102"),
            ("340102001", "340102001"),
            ("340102001001", "340102001001"),
            ("441900003", "441900003"),
            ("710000", "710000"),
        ] {
            assert_eq!(text.parse::<Place>().unwrap().to_string(), written);
        }
        for bad in ["", "3", "340", "34010", "3401022", "010000", "340001", "340100000001", "34010a", "３４"]
        {
            assert_eq!(bad.parse::<Place>(), Err(NotAPlace), "{bad}");
        }
    }

    #[test]
    fn a_place_lies_in_its_city_and_province() {
        let within = |text: &str| -> Vec<String> {
            text.parse::<Place>().unwrap().within().map(|place| place.to_string()).collect()
        };
        assert_eq!(within("340102001"), ["340000", "340100", "340102", "340102001"]);
        assert_eq!(within("441900003"), ["440000", "441900", "441900003"]);
        assert_eq!(within("34"), ["340000"]);
        let place = |text: &str| text.parse::<Place>().unwrap();
        assert!(place("34").holds(place("340102")) && place("3401").holds(place("340102001")));
        assert_eq!(place("340102001").province(), place("34"));
        assert_eq!(place("34").towards(place("340102")), place("3401"));
        assert_eq!(place("4419").towards(place("441900003")), place("441900003"));
        assert_eq!(place("340102").towards(place("340102")), place("340102"));
        assert!(!place("3401").holds(place("340200")) && !place("340102").holds(place("3401")));
    }
}
