use super::*;
use muster_kernel::Digest;
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

static SEED_ONCE: LazyLock<Seed> = LazyLock::new(|| generate(SEED));

fn seed() -> &'static Seed {
    &SEED_ONCE
}

fn count(kind: Kind) -> usize {
    (0..seed().units.len() as u32)
        .filter(|u| {
            let unit = &seed().units[*u as usize];
            unit.kind == kind && unit.closed.is_none_or(|closed| TODAY < closed)
        })
        .count()
}

/// The numbers that the README and the guide print.
#[test]
fn the_body_has_the_size_that_is_told() {
    let counts = [Kind::Regulator, Kind::Department, Kind::Group, Kind::Firm, Kind::Site].map(count);
    assert_eq!(counts, [1, 15, 28, 362, 2_000]);
    let expected = (0..seed().units.len() as u32).filter(|u| seed().expects(*u, TODAY)).count();
    assert_eq!(expected, 2_390);
    assert_eq!(seed().missing_today().len(), 12);
    assert_eq!(seed().later.len(), 41);
    let places: HashSet<u32> = seed().units.iter().map(|unit| unit.place).collect();
    assert_eq!(places.len(), 16);
}

/// On every machine and after every change that was not meant to change it.
#[test]
fn the_seed_is_always_the_same() {
    let digest = Digest::of(&serde_json::to_vec(seed()).unwrap());
    assert_eq!(digest.to_string(), "sha256:8c49018376d9a5c3f74b2e217f20111e6cd82476207243de1e862ae0fc2cfc7b");
    assert_ne!(Digest::of(&serde_json::to_vec(&generate(1)).unwrap()), digest);
}

#[test]
fn the_last_day_holds_what_the_five_minutes_walk_past() {
    let seed = seed();
    let on = |unit: u32| -> Vec<&Report> {
        seed.reports.iter().filter(|r| r.unit == unit && r.day == TODAY).collect()
    };
    assert!(on(seed.cast.clerk).is_empty());
    assert_eq!(seed.later.last().map(|r| r.unit), Some(seed.cast.clerk));

    let zero = on(seed.cast.contradiction);
    assert!(matches!(zero[..], [r] if r.act == Act::Zero && r.at == instant(TODAY, 14 * 3600 + 300)));
    let told = seed.incidents.iter().find(|i| i.unit == seed.cast.contradiction).unwrap();
    assert_eq!((told.at, told.element, told.value), (instant(TODAY, 14 * 3600 + 31 * 60), "fever", 1));
    // It is the only one of its kind: every other incident is confirmed by its unit's own report.
    let fever = element("fever").unwrap();
    let agrees = |i: &Incident| {
        let day = Day::from_number((i.at + OFFSET_MS).div_euclid(86_400_000) as i32);
        seed.reports.iter().any(|r| {
            r.unit == i.unit && (r.day == day || r.day == day.before()) && r.values[fever] == Some(i.value)
        })
    };
    assert_eq!(seed.incidents.iter().filter(|i| !agrees(i)).count(), 1);

    let revised: Vec<_> = on(seed.cast.revised).iter().map(|r| r.values[3]).collect();
    assert_eq!(revised, [Some(9), Some(6)]);
    assert!(on(seed.cast.revised)[1].reason.is_some());
    assert_eq!(on(seed.cast.revised)[0].act, Act::Zero);
}

/// What a verb would refuse must not be in it.
#[test]
fn every_report_can_be_filed() {
    let seed = seed();
    let opens = instant(TODAY, OPENS_MINUTE * 60);
    let events = ["fever", "suspected_new", "confirmed_new"].map(|code| element(code).unwrap());
    let (mut said, mut acts) = (HashSet::new(), HashMap::new());
    for report in seed.reports.iter().chain(&seed.later) {
        assert!(seed.expects(report.unit, report.day));
        assert!(report.at >= instant(report.day, 0));
        let asked = form::asked(report.day);
        for (n, value) in report.values.iter().enumerate().filter_map(|(n, v)| Some((n, (*v)?))) {
            assert!(asked.contains(&n), "{} is not asked on {}", ELEMENTS[n].code, report.day);
            assert!((0..=ELEMENTS[n].max.unwrap_or(0)).contains(&value), "{report:?}");
        }
        if report.act == Act::Zero {
            assert!(events.iter().all(|e| report.values[*e].is_none_or(|v| v == 0)), "{report:?}");
        }
        let key = (report.unit, report.day, report.scope == Scope::Alone);
        let first = said.insert(key);
        if let Some(kept) = acts.insert(key, report.act) {
            let is_event = |n: &usize| events.contains(n);
            let corrects_event = (0..NUMBERS).filter(is_event).any(|n| report.values[n].is_some());
            assert!(corrects_event || report.act == kept, "a zero is undone by a state: {report:?}");
        }
        assert_eq!(
            first,
            report.reason.is_none(),
            "a correction, and nothing else, is a second report: {report:?}"
        );
    }
    assert!(seed.reports.iter().all(|r| r.at < opens) && seed.later.iter().all(|r| r.at > opens));
    assert!(seed.reports.is_sorted_by_key(|r| r.at) && seed.later.is_sorted_by_key(|r| r.at));
}

#[test]
fn names_and_codes_are_unique_and_parents_come_first() {
    let seed = seed();
    let all_differ = |name: fn(&Unit) -> &str| {
        let all: HashSet<&str> = seed.units.iter().map(name).collect();
        assert_eq!(all.len(), seed.units.len());
    };
    all_differ(|unit| &unit.code);
    all_differ(|unit| &unit.names.hans);
    all_differ(|unit| &unit.names.en);
    assert!(seed.units.iter().enumerate().all(|(n, u)| u.parent.map_or(n == 0, |p| (p as usize) < n)));
    assert!(seed.posts.iter().all(|post| post.duty_phone.starts_with("000-")));
}

/// Days on which everything happens that happens in such weeks.
#[test]
fn the_days_have_gaps_late_ones_and_corrections() {
    let seed = seed();
    let alone = |day: Day| seed.reports.iter().filter(move |r| r.day == day && r.reason.is_none());
    let sum = |day: Day, code: &str| -> i64 {
        alone(day).filter(|r| r.scope == Scope::Alone).filter_map(|r| r.values[element(code).unwrap()]).sum()
    };
    for n in 0..39 {
        let day = FIRST_DAY.plus(n);
        let expected = (0..seed.units.len() as u32).filter(|u| seed.expects(*u, day)).count();
        let actual = alone(day).count();
        assert!(actual < expected && actual * 100 > expected * 90, "{day}: {actual} of {expected}");
        assert!(alone(day).any(|r| r.at > instant(day, CUT_OFF_MINUTE * 60)), "{day}");
    }
    // A Sunday, the feast, and the way back.
    assert!(sum(FIRST_DAY.plus(10), "staff_on_site") * 3 < sum(FIRST_DAY.plus(12), "staff_on_site") * 2);
    assert!(sum(TODAY.before(), "returned_to_work") < sum(TODAY, "returned_to_work"));
    assert!(sum(FIRST_DAY.plus(26), "in_heavy_hit_area") * 2 < sum(TODAY, "in_heavy_hit_area"));
    assert_eq!(sum(FIRST_DAY.plus(12), "mask_stock"), 0, "not asked yet");
    assert!(seed.reports.iter().filter(|r| r.reason.is_some()).count() > 100);
    assert!(seed.reports.iter().filter(|r| r.difficulties.is_some()).count() > 500);
}
