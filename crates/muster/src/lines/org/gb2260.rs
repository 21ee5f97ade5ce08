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

#[cfg(test)]
mod tests {
    use super::*;
    use muster_kernel::Locale;

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
