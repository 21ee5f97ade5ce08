//! What a change of the tree meets. A report that was taken in stays in the figures: a change after which it would be asked
//! of nobody is refused. A frozen day keeps its page: that a change reaches below it is told.

use super::book::Book;
use super::model::{Assignment, Scope};
use super::store;
use crate::lines::org::{Standing, TreeChange};
use crate::{Ctx, Fail};
use muster_kernel::{Day, Finding, Problem};
use muster_store::Tx;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// The code of the refusal, and of each of its findings.
pub const HAS_REPORTED: &str = "unit.has_reported";

/// Units that the refusal itself names; its findings tell of each.
const NAMED_MAX: usize = 3;

/// A unit's reports that are in the way of a change: the last day, and how many there are.
struct InTheWay {
    unit: String,
    day: Day,
    count: usize,
}

/// Refuses a change of the tree after which a report that was taken in would no longer be asked.
pub(super) fn reports_stay(tx: &mut Tx<'_>, ctx: &Ctx, book: &Book, change: &TreeChange) -> Result<(), Fail> {
    let (mut findings, mut all) = (Vec::new(), Vec::new());
    for form in book.assignments().iter().map(|series| series.form).collect::<BTreeSet<_>>() {
        let Some(code) = book.forms().iter().find(|known| known.id == form).map(|known| &known.code) else {
            continue;
        };
        for InTheWay { unit, day, count } in in_the_way(tx, ctx, book, form, change)?.into_values() {
            let finding = Finding::refuse(HAS_REPORTED).with("unit", &unit).with("form", code);
            findings.push(finding.with("day", day).with("count", count).with("free", day.plus(1)));
            all.push((unit, code, day, count));
        }
    }
    let Some((_, form, ..)) = all.first() else { return Ok(()) };
    let last = all.iter().map(|(_, _, day, _)| *day).max().unwrap_or(Day::OPEN_END);
    let mut units: Vec<&str> = all.iter().map(|(unit, ..)| unit.as_str()).collect();
    units.dedup();
    let more = units.len().saturating_sub(NAMED_MAX);
    units.truncate(NAMED_MAX);
    let named = units.join(", ") + &if more > 0 { format!(" +{more}") } else { String::new() };
    let count: usize = all.iter().map(|(.., count)| count).sum();
    let problem = Problem::conflict(HAS_REPORTED).with("unit", named).with("form", form);
    Err(problem.with("day", last).with("count", count).with("free", last.plus(1)).findings(findings).into())
}

/// Reports by a form that would no longer be asked, by unit.
fn in_the_way(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    book: &Book,
    form: i64,
    TreeChange { gone, came }: &TreeChange,
) -> Result<BTreeMap<i64, InTheWay>, Fail> {
    let series: Vec<&Assignment> = book.assignments().iter().filter(|series| series.form == form).collect();
    let asked = |standing: &Standing, day: Day, scope: Scope| {
        series.iter().any(|one| one.holds(day) && one.asks(&standing.chain, &standing.kind, scope))
    };
    let ever = |standing: &&Standing| series.iter().any(|one| standing.chain.contains(&one.unit));
    let gone: Vec<&Standing> = gone.iter().filter(ever).collect();
    let (Some(slot), Some(from)) = (book.slot(form), gone.iter().map(|row| row.since).min()) else {
        return Ok(BTreeMap::new());
    };
    let mut after: HashMap<i64, Vec<&Standing>> = HashMap::new();
    for row in came {
        after.entry(row.unit).or_default().push(row);
    }
    let mut all: BTreeMap<i64, InTheWay> = BTreeMap::new();
    for day in store::sheet_days(tx, ctx.operation, from, Day::OPEN_END)? {
        let on = |row: &&&Standing| row.since <= day && day < row.until;
        let mut lost: HashMap<(i64, Scope), &str> = HashMap::new();
        let mut wanted: BTreeMap<i64, BTreeSet<i64>> = BTreeMap::new();
        for before in gone.iter().filter(on) {
            let now = after.get(&before.unit).and_then(|rows| rows.iter().find(|row| on(row)));
            for scope in [Scope::Alone, Scope::Below] {
                if asked(before, day, scope) && !now.is_some_and(|now| asked(now, day, scope)) {
                    lost.insert((before.unit, scope), &before.code);
                    wanted.entry(before.bucket).or_default().insert(before.unit);
                }
            }
        }
        for (bucket, units) in wanted {
            let units: Vec<i64> = units.into_iter().collect();
            for (unit, scope, sheet) in
                store::sheets_read(tx, book, ctx.operation, bucket, day, slot, &units)?
            {
                if let Some(code) = lost.get(&(unit, scope)).filter(|_| sheet.act(form).is_some()) {
                    let found = all.entry(unit).or_insert_with(|| InTheWay {
                        unit: (*code).to_owned(),
                        day,
                        count: 0,
                    });
                    found.day = found.day.max(day);
                    found.count += 1;
                }
            }
        }
    }
    Ok(all)
}

/// Tells that frozen days lie in the days of a change: how many, and the first of them.
pub(super) fn frozen_told(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    book: &Book,
    TreeChange { gone, came }: &TreeChange,
) -> Result<Option<Finding>, Fail> {
    let mut frozen: BTreeSet<Day> = BTreeSet::new();
    let rows = || gone.iter().chain(came);
    for series in book.assignments() {
        let Some(from) = rows().filter(|row| series.counts(row)).map(|row| row.since).min() else { continue };
        let days = (from.max(series.since), series.until);
        for day in store::frozen_days(tx, ctx.operation, series.form, days)? {
            if frozen.contains(&day) {
                continue;
            }
            let on = |rows: &[Standing]| -> BTreeSet<Vec<i64>> {
                let on = rows.iter().filter(|row| row.since <= day && day < row.until && series.counts(row));
                let whole = |row: &Standing| [&row.chain[..], &[row.place], &row.classes[..]].concat();
                on.map(whole).collect()
            };
            if on(gone) != on(came) {
                frozen.insert(day);
            }
        }
    }
    let first = frozen.first();
    Ok(first.map(|day| Finding::warn("tree.day_frozen").with("day", *day).with("count", frozen.len())))
}
