//! Names of China's provinces and prefectures by their GB/T 2260 codes, so that a place has a name also where nobody
//! imported a tree of places.
//!
//! `gb2260.tsv` was generated from the statistics bureau's list of 2023 (code, zh-Hans; zh-Hant by OpenCC; the English
//! names are the romanised ones in common use). What an import says of a place goes before it.

use super::place::Place;
use crate::lines::operation::Names;
use std::collections::HashMap;
use std::sync::LazyLock;

static LIST: &str = include_str!("gb2260.tsv");

static NAMES: LazyLock<HashMap<i64, Names>> = LazyLock::new(|| LIST.lines().filter_map(line).collect());

fn line(line: &str) -> Option<(i64, Names)> {
    let mut fields = line.split('\t').map(str::to_owned);
    let place: Place = fields.next()?.parse().ok()?;
    Some((place.number(), Names { zh_hans: fields.next()?, zh_hant: fields.next()?, en: fields.next()? }))
}

/// The names of a province or a prefecture.
pub(super) fn names(place: i64) -> Option<&'static Names> {
    NAMES.get(&place)
}

/// The four municipalities: their districts stand right in them, and their counties in a prefecture without a name.
const MUNICIPALITIES: [i64; 4] = [11, 12, 31, 50];
/// What a province and a prefecture count in.
const PROVINCE: i64 = 10_000_000_000;
const PREFECTURE: i64 = 100_000_000;

/// The part of a place that the list should hold and does not: its province, or its prefecture. What lies in a
/// prefecture is not listed, nor are those of Taiwan, Hong Kong, Macau and the municipalities.
pub(super) fn unlisted(place: Place) -> Option<Place> {
    let number = place.number();
    let (province, prefecture) = (number - number % PROVINCE, number - number % PREFECTURE);
    if !NAMES.contains_key(&province) {
        return Some(Place::from_number(province));
    }
    let code = province / PROVINCE;
    let listed = code < 71 && !MUNICIPALITIES.contains(&code);
    (listed && !NAMES.contains_key(&prefecture)).then(|| Place::from_number(prefecture))
}

#[cfg(test)]
mod tests {
    use super::*;
    use muster_kernel::Locale;

    #[test]
    fn a_place_that_nobody_listed_is_told_by_its_part() {
        let check = |code: &str, part: Option<&str>| {
            let part = part.map(|part| part.parse::<Place>().unwrap());
            assert_eq!(unlisted(code.parse().unwrap()), part, "{code}");
        };
        for known in ["34", "3401", "340102", "500229", "110101", "419001", "810000", "710100", "441900003"] {
            check(known, None);
        }
        check("99", Some("99"));
        check("990101", Some("99"));
        check("349900", Some("3499"));
        check("349901", Some("3499"));
    }

    #[test]
    fn every_line_is_a_place_with_three_names() {
        let lines = LIST.lines().count();
        assert_eq!(LIST.lines().filter_map(line).count(), lines);
        // A province with one prefecture of the same number would hide one of them.
        assert_eq!(NAMES.len(), lines);
        assert!(NAMES.values().all(|n| !n.zh_hans.is_empty() && !n.zh_hant.is_empty() && !n.en.is_empty()));
        let of = |code: &str| names(code.parse::<Place>().unwrap().number()).unwrap();
        assert_eq!(of("3402").of(Locale::ZhTw), "蕪湖市");
        assert_eq!((of("34").of(Locale::ZhCn), of("3415").of(Locale::En)), ("安徽省", "Lu'an"));
        assert!(names("340102".parse::<Place>().unwrap().number()).is_none());
    }
}
