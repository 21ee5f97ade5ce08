//! Drawing totals, expected counts and the crown anew from what they are made of: the sheets, the tree, the
//! assignments. What is stored must equal what is drawn; [`rebuild`] says how many rows did not.

use super::book::Book;
use super::model::{Assignment, Scope, Sheet};
use super::rollup::Total;
use super::store;
use crate::Fail;
use crate::lines::org::{self, Node, Standing};
use muster_kernel::Day;
use muster_store::{
    Db, Rows, StoreError, TotalKey, Tx, total_days, total_list, total_read_many, total_replace, total_strays,
    total_strays_drop,
};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fmt;

/// How a count changes over days: what is added from a day on.
pub(super) type Steps = BTreeMap<Day, i64>;

/// Stored totals that one statement is asked for, or that one step replaces.
const PAGE: usize = 500;

/// Rows that are told one by one.
const WRONG_MAX: usize = 100;

/// How many rows a rebuild looked at, and how many were not what the sheets and the tree say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Rebuilt {
    /// Totals looked at: one for each day, assignment and node.
    pub totals: u64,
    /// Of them, those that differed.
    pub totals_differed: u64,
    /// Nodes whose expected counts were looked at, one for each assignment.
    pub expected: u64,
    /// Of them, those that differed.
    pub expected_differed: u64,
    /// Nodes that should keep their totals as rows and did not. Their figures were right: added up from the sheets.
    pub crown_missing: u64,
    /// Rows of totals and expected counts that belong to no assignment.
    pub strays: u64,
    /// Those that differed, at most a hundred.
    pub wrong: Vec<Wrong>,
}

/// A row that was not what it is drawn to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Wrong {
    /// The day of a total; none for the expected counts of all days.
    pub day: Option<Day>,
    /// The assignment.
    pub series: i64,
    /// The node.
    pub node: i64,
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let node = match Node::from_id(self.node) {
            Node::Unit(unit) => format!("unit:{unit}"),
            Node::Place(place) => format!("place:{place}"),
            Node::Class(class) => format!("class:{class}"),
        };
        write!(f, "node={node} assignment={}", self.series)?;
        self.day.map_or(Ok(()), |day| write!(f, " day={day}"))
    }
}

impl Rebuilt {
    /// Whether a figure was wrong.
    pub fn differed(&self) -> bool {
        self.totals_differed + self.expected_differed + self.strays > 0
    }
    fn add(&mut self, other: Rebuilt) {
        self.totals += other.totals;
        self.totals_differed += other.totals_differed;
        self.expected += other.expected;
        self.expected_differed += other.expected_differed;
        self.crown_missing += other.crown_missing;
        self.strays += other.strays;
        let room = WRONG_MAX.saturating_sub(self.wrong.len());
        self.wrong.extend(other.wrong.into_iter().take(room));
    }
}

/// Draws everything of an operation anew and compares. With `check` it only reads, each step in a snapshot of its own,
/// and nobody waits. Otherwise what differs is put right: one assignment, or one day of one, a transaction; so long, and
/// no longer, reports wait. Blocks. `on` hears how many of how many steps are done.
pub fn rebuild(
    db: &Db,
    operation: i64,
    now_ms: i64,
    check: bool,
    on: &mut dyn FnMut(u64, u64),
) -> Result<Rebuilt, Fail> {
    let mut rebuilt = match check {
        true => db.read_blocking("rebuild.crown", move |rx| {
            let book = Book::load(rx, operation)?;
            Ok::<_, StoreError>(crown_compared(rx, &book)?.0)
        })?,
        false => db.write_blocking("rebuild.crown", now_ms, move |tx| crown_redraw(tx, operation))?,
    };
    let book = db.read_blocking("book.read", move |rx| Book::load(rx, operation))?;
    rebuilt.strays = match check {
        true => db.read_blocking("rebuild.strays", move |rx| {
            let series = series_known(rx)?;
            Ok::<_, StoreError>(store::expected_strays(rx, &series)? + total_strays(rx, &series)?)
        })?,
        false => db.write_blocking("rebuild.strays", now_ms, move |tx| {
            tx.barrier()?;
            let series = series_known(tx)?;
            Ok::<_, StoreError>(store::expected_strays_drop(tx, &series)? + total_strays_drop(tx, &series)?)
        })?,
    };
    let (mut done, mut all) = (0, 0);
    let mut steps: Vec<(Assignment, Vec<Day>)> = Vec::new();
    for series in book.assignments().iter().cloned() {
        let of = series.clone();
        let days = db.read_blocking("rebuild.days", move |rx| {
            let mut days: BTreeSet<Day> =
                store::sheet_days(rx, operation, of.since, of.until)?.into_iter().collect();
            days.extend(total_days(rx)?.into_iter().map(Day::from_number));
            Ok::<_, StoreError>(days)
        })?;
        all += 1 + days.len() as u64;
        steps.push((series, days.into_iter().collect()));
    }
    for (series, days) in steps {
        let of = series.clone();
        rebuilt.add(match check {
            true => db.read_blocking("rebuild.expected", move |rx| {
                let book = Book::load(rx, operation)?;
                Ok::<_, StoreError>(expected_compared(rx, &book, &of)?.0)
            })?,
            false => db.write_blocking("rebuild.expected", now_ms, move |tx| {
                let book = Book::load(tx, operation)?;
                expected_redraw(tx, &book, &of)
            })?,
        });
        done += 1;
        on(done, all);
        let slot = book.slot(series.form);
        for day in days {
            done += 1;
            let (of, Some(slot)) = (series.clone(), slot) else { continue };
            rebuilt.add(match check {
                true => db.read_blocking("rebuild.day", move |rx| {
                    let book = Book::load(rx, operation)?;
                    Ok::<_, StoreError>(day_compared(rx, &book, operation, &of, (day, slot))?.0)
                })?,
                false => db.write_blocking("rebuild.day", now_ms, move |tx| {
                    tx.barrier()?;
                    let book = Book::load(tx, operation)?;
                    day_redraw(tx, &book, operation, &of, (day, slot))
                })?,
            });
            on(done, all);
        }
    }
    Ok(rebuilt)
}

/// The numbers of all assignments, of whichever operation.
fn series_known(rows: &mut impl Rows) -> Result<Vec<i64>, StoreError> {
    Ok(store::assignments_raw(rows)?.into_iter().map(|(_, series)| series.id).collect())
}

/// What units said, each by itself, from their sheets in the order of their keys.
pub(super) fn units_total(series: &Assignment, sheets: Vec<store::UnitSheet>) -> HashMap<i64, Total> {
    let mut both: BTreeMap<i64, (Option<Sheet>, Option<Sheet>)> = BTreeMap::new();
    for (unit, scope, sheet) in sheets {
        let (alone, below) = both.entry(unit).or_default();
        *(if scope == Scope::Alone { alone } else { below }) = Some(sheet);
    }
    let total = |(alone, below): (Option<Sheet>, Option<Sheet>)| {
        let mut total = Total::default();
        total.add_unit(series, alone.as_ref(), below.as_ref());
        total.trimmed()
    };
    let totals = both.into_iter().map(|(unit, sheets)| (unit, total(sheets)));
    totals.filter(|(_, total)| !total.0.is_empty()).collect()
}

/// Totals of a series' day at all nodes that `wanted` lets through, added up from the sheets and nothing else.
pub(super) fn day_draw(
    rows: &mut impl Rows,
    book: &Book,
    operation: i64,
    series: &Assignment,
    (day, slot): (Day, i64),
    wanted: impl Fn(&i64) -> bool,
) -> Result<HashMap<i64, Total>, StoreError> {
    let mut drawn: HashMap<i64, Total> = HashMap::new();
    if !series.holds(day) {
        return Ok(drawn);
    }
    for bucket in 1..=i64::from(rows.buckets()) {
        let mut after = Some(i64::MIN);
        while let Some(from) = after {
            let (page, next) = store::sheets_page(rows, book, (operation, bucket), (day, slot), from)?;
            let said = units_total(series, page);
            let units: Vec<i64> = said.keys().copied().collect();
            for standing in org::standings_on(rows, &units, day)? {
                if series.counts(&standing) {
                    for node in standing.nodes().filter(&wanted) {
                        drawn.entry(node).or_default().add(&said[&standing.unit]);
                    }
                }
            }
            after = next;
        }
    }
    Ok(drawn)
}

/// Puts a day's totals of a series right. The caller holds back those who report.
fn day_redraw(
    tx: &mut Tx<'_>,
    book: &Book,
    operation: i64,
    series: &Assignment,
    on: (Day, i64),
) -> Result<Rebuilt, Fail> {
    let (rebuilt, wrong) = day_compared(tx, book, operation, series, on)?;
    for wrong in wrong.chunks(PAGE) {
        total_replace(tx, wrong)?;
    }
    Ok(rebuilt)
}

/// What a comparison found, and the totals as they should be where they are not.
type Compared = (Rebuilt, Vec<(TotalKey, Vec<i64>)>);

/// Compares a day's stored totals of a series with what the sheets say.
fn day_compared(
    rows: &mut impl Rows,
    book: &Book,
    operation: i64,
    series: &Assignment,
    (day, slot): (Day, i64),
) -> Result<Compared, StoreError> {
    let mut drawn = day_draw(rows, book, operation, series, (day, slot), |node| book.in_crown(*node))?;
    let mut rebuilt = Rebuilt::default();
    let mut wrong: Vec<(TotalKey, Vec<i64>)> = Vec::new();
    let mut after = i64::MIN;
    loop {
        let page = total_list(rows, day.number(), series.id, after, PAGE as i64)?;
        let Some((last, _)) = page.last() else { break };
        after = last.node;
        for (key, stored) in page {
            rebuilt.totals += 1;
            let wanted = drawn.remove(&key.node).unwrap_or_default().trimmed();
            if Total(stored).trimmed() != wanted {
                wrong.push((key, wanted.0));
            }
        }
    }
    // What is drawn and has no row yet; a write of the same group may be about to make it.
    let drawn = drawn
        .into_iter()
        .map(|(node, total)| (TotalKey { day: day.number(), series: series.id, node }, total.trimmed()));
    let drawn: Vec<_> = drawn.filter(|(_, wanted)| !wanted.0.is_empty()).collect();
    for drawn in drawn.chunks(PAGE) {
        let keys: Vec<TotalKey> = drawn.iter().map(|(key, _)| *key).collect();
        let stored = total_read_many(rows, &keys)?;
        rebuilt.totals += drawn.len() as u64;
        let differ = |(key, wanted): &&(TotalKey, Total)| stored.get(key) != Some(&wanted.0);
        wrong.extend(drawn.iter().filter(differ).map(|(key, wanted)| (*key, wanted.0.clone())));
    }
    rebuilt.totals_differed = wrong.len() as u64;
    wrong.sort_unstable_by_key(|(key, _)| *key);
    let told = |(key, _): &(TotalKey, Vec<i64>)| Wrong { day: Some(day), series: key.series, node: key.node };
    rebuilt.wrong = wrong.iter().take(WRONG_MAX).map(told).collect();
    Ok((rebuilt, wrong))
}

/// Draws the totals of a series anew for all days that have sheets: after a form was given to a part of the tree that
/// has reported on the same elements already, or asks for elements that another form asked before.
pub(super) fn series_redraw(
    tx: &mut Tx<'_>,
    book: &Book,
    operation: i64,
    series: &Assignment,
) -> Result<(), Fail> {
    let days = store::sheet_days(tx, operation, series.since, series.until)?;
    days_redraw(tx, book, operation, series, &days)
}

/// The same for some days; of one on which the assignment does not hold nothing is left.
pub(super) fn days_redraw(
    tx: &mut Tx<'_>,
    book: &Book,
    operation: i64,
    series: &Assignment,
    days: &[Day],
) -> Result<(), Fail> {
    let Some(slot) = book.slot(series.form) else { return Ok(()) };
    for day in days {
        day_redraw(tx, book, operation, series, (*day, slot))?;
    }
    Ok(())
}

/// Draws the expected counts of an assignment from the tree; how many nodes' counts were not what was stored.
pub(super) fn expected_redraw(tx: &mut Tx<'_>, book: &Book, series: &Assignment) -> Result<Rebuilt, Fail> {
    let (rebuilt, wrong) = expected_compared(tx, book, series)?;
    for (node, wanted) in wrong {
        store::expected_write(tx, series.id, node, &wanted)?;
    }
    Ok(rebuilt)
}

/// What a comparison found, and the steps as they should be where they are not.
type Expected = (Rebuilt, Vec<(i64, Steps)>);

fn expected_compared(rows: &mut impl Rows, book: &Book, series: &Assignment) -> Result<Expected, StoreError> {
    let mut drawn: HashMap<i64, Steps> = HashMap::new();
    org::standings_each(rows, series.unit, series.since, series.until, |standing| {
        if series.counts(&standing) {
            for node in standing.nodes().filter(|node| book.in_crown(*node)) {
                series.step(drawn.entry(node).or_default(), &standing, 1);
            }
        }
        Ok(())
    })?;
    let mut nodes: HashSet<i64> = drawn.keys().copied().collect();
    nodes.extend(store::expected_nodes(rows, series.id)?);
    let mut rebuilt = Rebuilt { expected: nodes.len() as u64, ..Rebuilt::default() };
    let mut nodes: Vec<i64> = nodes.into_iter().collect();
    nodes.sort_unstable();
    let mut wrong = Vec::new();
    for node in nodes {
        let wanted = told(drawn.remove(&node).unwrap_or_default());
        if told(store::expected_steps(rows, series.id, node)?) != wanted {
            wrong.push((node, wanted));
        }
    }
    rebuilt.expected_differed = wrong.len() as u64;
    let told = |(node, _): &(i64, Steps)| Wrong { day: None, series: series.id, node: *node };
    rebuilt.wrong = wrong.iter().take(WRONG_MAX).map(told).collect();
    Ok((rebuilt, wrong))
}

/// Steps that change something.
fn told(mut steps: Steps) -> Steps {
    steps.retain(|_, step| *step != 0);
    steps
}

/// Draws one node's expected counts and totals of every assignment from the tree and the sheets.
pub(super) fn node_draw(tx: &mut Tx<'_>, book: &Book, operation: i64, node: i64) -> Result<(), Fail> {
    for series in book.assignments() {
        let mut standings: Vec<Standing> = Vec::new();
        org::node_standings_each(tx, node, series.since, series.until, |standing| {
            if series.counts(&standing) {
                standings.push(standing);
            }
            Ok(())
        })?;
        let mut steps = Steps::new();
        standings.iter().for_each(|standing| series.step(&mut steps, standing, 1));
        store::expected_write(tx, series.id, node, &steps)?;
        let Some(slot) = book.slot(series.form) else { continue };
        for day in store::sheet_days(tx, operation, series.since, series.until)? {
            let total = node_total(tx, book, operation, series, &standings, (day, slot))?;
            total_replace(tx, &[(TotalKey { day: day.number(), series: series.id, node }, total.0)])?;
        }
    }
    Ok(())
}

fn node_total(
    tx: &mut Tx<'_>,
    book: &Book,
    operation: i64,
    series: &Assignment,
    standings: &[Standing],
    (day, slot): (Day, i64),
) -> Result<Total, StoreError> {
    let mut members: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
    for standing in standings.iter().filter(|s| s.since <= day && day < s.until) {
        members.entry(standing.bucket).or_default().push(standing.unit);
    }
    let mut total = Total::default();
    for (bucket, units) in members {
        let sheets = store::sheets_read(tx, book, operation, bucket, day, slot, &units)?;
        units_total(series, sheets).values().for_each(|said| total.add(said));
    }
    Ok(total.trimmed())
}

/// Nodes that have many units below keep rows from now on.
fn crown_redraw(tx: &mut Tx<'_>, operation: i64) -> Result<Rebuilt, Fail> {
    tx.barrier()?;
    let book = Book::load(tx, operation)?;
    let (rebuilt, missing) = crown_compared(tx, &book)?;
    if !missing.is_empty() {
        store::crown_add(tx, &missing)?;
        store::book_epoch_next(tx)?;
        let book = Book::load(tx, operation)?;
        for node in missing {
            node_draw(tx, &book, operation, node)?;
        }
    }
    Ok(rebuilt)
}

/// Finds the nodes that have many units below and keep no rows yet.
fn crown_compared(rows: &mut impl Rows, book: &Book) -> Result<(Rebuilt, HashSet<i64>), StoreError> {
    let min = store::crown_min(rows)?;
    let mut counts: HashMap<i64, usize> = HashMap::new();
    org::standings_all(rows, |standing| {
        for node in standing.nodes().filter(|node| !book.in_crown(*node)) {
            *counts.entry(node).or_default() += 1;
        }
        Ok(())
    })?;
    let missing: HashSet<i64> =
        counts.into_iter().filter(|(_, count)| *count > min).map(|(node, _)| node).collect();
    Ok((Rebuilt { crown_missing: missing.len() as u64, ..Rebuilt::default() }, missing))
}
