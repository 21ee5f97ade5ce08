//! What may not close because something stays open below it: pure, on trees that are made up.

use super::import::options;
use super::{day, facts};
use crate::lines::org::ImportOptions;
use crate::lines::org::plan::{Known, KnownUnit, Plan, Verdict, plan};
use crate::lines::org::sheet::{UnitRow, UnitRows};
use muster_kernel::Day;
use std::iter;
use std::time::{Duration, Instant};

/// A unit that is open, with one below it.
fn open(id: i64, code: &str, parent: Option<&str>, below: Option<&str>) -> (String, KnownUnit) {
    let unit = KnownUnit {
        id,
        open: true,
        facts: Some(facts(code)),
        opened: day(0),
        closed: Day::OPEN_END,
        chain: vec![id],
        parent: parent.map(str::to_owned),
        below: below.map(|code| (code.to_owned(), Day::OPEN_END)).into_iter().collect(),
        phone: None,
        post: None,
    };
    (code.to_owned(), unit)
}

/// A row of a unit: where it goes, and whether it closes.
fn row(code: &str, parent: Option<&str>, closes: bool) -> UnitRow {
    let parent = parent.map(str::to_owned);
    UnitRow { code: Some(code.to_owned()), parent, closed: closes.then(|| day(9)), ..UnitRow::default() }
}

/// Plans rows; what stays open, and below whom.
fn stays(units: Vec<(String, KnownUnit)>, rows: Vec<UnitRow>) -> (Plan, Vec<String>) {
    let known = Known { units: units.into_iter().collect(), any: true, top: "T".into(), ..Known::default() };
    let mut read = UnitRows::default();
    rows.into_iter().for_each(|row| read.push_unit(row));
    let made = plan(&read, &ImportOptions { day: day(8), ..options() }, &known);
    let refused = made.findings.iter().filter(|finding| finding.code == "unit.has_open_below");
    let told = refused.map(|finding| format!("{}<{}", finding.args["below"], finding.args["code"]));
    let told = told.collect();
    (made, told)
}

#[test]
fn what_stays_open_keeps_open_all_above_it() {
    let check = |rows: &[(&str, Option<&str>, bool)], expected: &[&str]| {
        let chain = ["T", "A", "B", "C", "D"];
        let mut units: Vec<_> = (0..chain.len())
            .map(|at| {
                open(at as i64, chain[at], at.checked_sub(1).map(|up| chain[up]), chain.get(at + 1).copied())
            })
            .collect();
        units.push(open(9, "E", Some("T"), None));
        let rows = rows.iter().map(|(code, parent, closes)| row(code, *parent, *closes)).collect();
        assert_eq!(stays(units, rows).1, expected);
    };
    check(&[("A", None, true), ("B", None, true), ("C", None, true), ("D", None, true)], &[]);
    check(&[("A", None, true), ("B", None, true), ("C", None, true)], &["D<C", "C<B", "B<A"]);
    check(&[("C", None, true), ("B", None, true), ("A", None, true)], &["D<C", "C<B", "B<A"]);
    // Who leaves does not stay below; who comes does.
    check(&[("B", None, true), ("C", Some("E"), false)], &[]);
    check(&[("E", None, true), ("C", Some("E"), false)], &["E<E"]);
    // One that would have moved and does not close does neither.
    check(&[("B", None, true), ("C", Some("E"), true)], &["D<C", "C<B"]);
    check(&[("C", Some("E"), true), ("B", None, true), ("E", None, true)], &["E<E", "D<C", "C<B"]);
}

#[test]
fn a_list_of_many_that_all_stay_is_refused_at_once() {
    const MANY: i64 = 20_000;
    let units = (0..MANY).map(|id| open(id, &format!("F{id}"), Some("T"), Some(&format!("S{id}"))));
    let top = open(MANY, "T", None, None);
    let rows = (0..MANY).map(|id| row(&format!("F{id}"), None, true)).collect();
    let begun = Instant::now();
    let (made, told) = stays(units.chain(iter::once(top)).collect(), rows);
    // It takes a quarter of a second; were all looked at anew after each that stays, more than half a minute.
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    assert!(
        told.iter().zip(0..).all(|(told, id)| *told == format!("S{id}<F{id}")),
        "in the order of the rows"
    );
    assert_eq!(told.len(), made.verdicts.len());
    assert!(made.verdicts.iter().all(|verdict| *verdict == Verdict::Refused) && made.changes_nothing());
}
