//! Keeping totals and expected counts in step with the tree and the assignments. Reports never come here: they add
//! their own difference. What changes here is *who belongs where*: a unit opened, closed, moved, classed anew.

use super::book::Book;
use super::model::{Assignment, Scope, SheetKey};
use super::rollup::Total;
use super::store;
use crate::lines::org::{self, Standing, TreeChange};
use crate::{Ctx, Fail};
use muster_kernel::Day;
use muster_store::{StoreError, TotalKey, Tx, total_replace};
use std::collections::{BTreeMap, HashMap, HashSet};

/// A node with more units below it than this keeps its totals as a row.
pub const CROWN_MIN: usize = 256;

/// How a count changes over days: what is added from a day on.
type Steps = BTreeMap<Day, i64>;

/// Follows a change of the tree: projection rows that went and that came. In the same transaction as the change.
pub fn tree_changed(tx: &mut Tx<'_>, ctx: &Ctx, change: &TreeChange) -> Result<(), Fail> {
    let TreeChange { gone, came } = change;
    let book = Book::load(tx, ctx.operation)?;
    let grown = crown_grow(tx, &book, came)?;
    let book = if grown.is_empty() { book } else { Book::load(tx, ctx.operation)? };
    for series in book.assignments() {
        let mut steps: HashMap<i64, Steps> = HashMap::new();
        for (rows, times) in [(gone, -1), (came, 1)] {
            for standing in rows.iter().filter(|standing| belongs(series, standing)) {
                let (since, until) = (standing.since.max(series.since), standing.until.min(series.until));
                if since < until {
                    for node in standing.nodes().filter(|node| book.in_crown(*node) && !grown.contains(node))
                    {
                        let steps = steps.entry(node).or_default();
                        *steps.entry(since).or_default() += times;
                        *steps.entry(until).or_default() -= times;
                    }
                }
            }
        }
        for (node, steps) in steps {
            let mut all = store::expected_steps(tx, series.id, node)?;
            for (day, step) in steps {
                *all.entry(day).or_default() += step;
            }
            store::expected_write(tx, series.id, node, &all)?;
        }
        totals_shift(tx, ctx, &book, series, gone, came, &grown)?;
    }
    for node in grown {
        node_redraw(tx, ctx, &book, node)?;
    }
    Ok(())
}

/// Whether a unit, as it stands, is expected to report on a series.
fn belongs(series: &Assignment, standing: &Standing) -> bool {
    standing.chain.contains(&series.unit) && series.expects(&standing.kind)
}

/// Marks nodes that now have many units below; which ones are new.
fn crown_grow(tx: &mut Tx<'_>, book: &Book, came: &[Standing]) -> Result<HashSet<i64>, Fail> {
    let mut counts: HashMap<i64, usize> = HashMap::new();
    for standing in came {
        for node in standing.nodes().filter(|node| !book.in_crown(*node)) {
            *counts.entry(node).or_default() += 1;
        }
    }
    let min = store::crown_min(tx)?;
    let mut grown = HashSet::new();
    for (node, added) in counts {
        // What was there before counts only where what came is not enough by itself.
        if added > min || org::node_count(tx, node, min + 1)? > min {
            grown.insert(node);
        }
    }
    store::crown_add(tx, &grown)?;
    if !grown.is_empty() {
        store::book_epoch_next(tx)?;
    }
    Ok(grown)
}

/// Moves what units have reported from the nodes they left to those they came to, for every day on which both the
/// place in the tree changed and there is a sheet.
fn totals_shift(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    book: &Book,
    series: &Assignment,
    gone: &[Standing],
    came: &[Standing],
    grown: &HashSet<i64>,
) -> Result<(), Fail> {
    let Some(form) = book.forms().iter().find(|form| form.id == series.form) else { return Ok(()) };
    let from = gone.iter().chain(came).map(|standing| standing.since).min();
    let Some(from) = from else { return Ok(()) };
    let days = store::sheet_days(tx, ctx.operation, from, Day::OPEN_END)?;
    if days.is_empty() {
        return Ok(());
    }
    let slot = i64::from(form.as_of_min);
    let mut deltas: HashMap<TotalKey, Total> = HashMap::new();
    for (rows, times) in [(gone, -1), (came, 1)] {
        for standing in rows.iter().filter(|standing| belongs(series, standing)) {
            for &day in
                days.iter().filter(|&&day| standing.since <= day && day < standing.until && series.holds(day))
            {
                let total = own_total(tx, ctx, book, series, standing, day, slot)?;
                if total.0.is_empty() {
                    continue;
                }
                for node in standing.nodes().filter(|node| book.in_crown(*node) && !grown.contains(node)) {
                    let delta =
                        deltas.entry(TotalKey { day: day.number(), series: series.id, node }).or_default();
                    if times > 0 { delta.add(&total) } else { delta.subtract(&total) }
                }
            }
        }
    }
    for (key, delta) in deltas {
        tx.add(key, &delta.places())?;
    }
    Ok(())
}

fn own_total(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    book: &Book,
    series: &Assignment,
    standing: &Standing,
    day: Day,
    slot: i64,
) -> Result<Total, StoreError> {
    let key = |scope| SheetKey {
        bucket: standing.bucket,
        operation: ctx.operation,
        day,
        slot,
        unit: standing.unit,
        scope,
    };
    let alone = store::sheet(tx, book, &key(Scope::Alone))?;
    let below = store::sheet(tx, book, &key(Scope::Below))?;
    let mut total = Total::default();
    let stated = below.as_ref().and_then(|sheet| sheet.act(series.form));
    let act = alone.as_ref().and_then(|sheet| sheet.act(series.form)).or(stated);
    let values = alone.as_ref().map(|sheet| sheet.values.clone()).unwrap_or_default();
    total.add_values(&series.layout, &values, act, 1);
    Ok(total.trimmed())
}

/// Draws the expected counts of a new assignment, or of all of them again, from the tree.
pub fn expected_redraw(tx: &mut Tx<'_>, book: &Book, series: &Assignment) -> Result<(), Fail> {
    let mut steps: HashMap<i64, Steps> = HashMap::new();
    let crown = book.crown();
    org::standings_each(tx, series.unit, series.since, series.until, |standing| {
        if belongs(series, &standing) {
            let (since, until) = (standing.since.max(series.since), standing.until.min(series.until));
            for node in standing.nodes().filter(|node| crown.contains(node)) {
                let steps = steps.entry(node).or_default();
                *steps.entry(since).or_default() += 1;
                *steps.entry(until).or_default() -= 1;
            }
        }
        Ok(())
    })?;
    store::expected_drop(tx, series.id)?;
    for (node, steps) in steps {
        store::expected_write(tx, series.id, node, &steps)?;
    }
    Ok(())
}

/// Draws a node's expected counts and totals from the tree and the sheets.
fn node_redraw(tx: &mut Tx<'_>, ctx: &Ctx, book: &Book, node: i64) -> Result<(), Fail> {
    for series in book.assignments() {
        let mut steps = Steps::new();
        org::node_standings_each(tx, node, series.since, series.until, |standing| {
            if belongs(series, &standing) {
                *steps.entry(standing.since.max(series.since)).or_default() += 1;
                *steps.entry(standing.until.min(series.until)).or_default() -= 1;
            }
            Ok(())
        })?;
        store::expected_write(tx, series.id, node, &steps)?;
        for day in store::sheet_days(tx, ctx.operation, series.since, series.until)? {
            let drawn = node_total(tx, ctx, book, series, node, day)?;
            let key = TotalKey { day: day.number(), series: series.id, node };
            total_replace(tx, &[(key, drawn.0)])?;
        }
    }
    Ok(())
}

/// A node's total of a day, added up from the sheets and nothing else: what every stored total must equal.
pub fn node_total(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    book: &Book,
    series: &Assignment,
    node: i64,
    day: Day,
) -> Result<Total, Fail> {
    let Some(form) = book.forms().iter().find(|form| form.id == series.form) else {
        return Ok(Total::default());
    };
    let slot = i64::from(form.as_of_min);
    let mut members = Vec::new();
    org::node_standings_each(tx, node, day, day.plus(1), |standing| {
        if belongs(series, &standing) {
            members.push(standing);
        }
        Ok(())
    })?;
    let mut total = Total::default();
    for standing in members {
        total.add(&own_total(tx, ctx, book, series, &standing, day, slot)?);
    }
    Ok(total.trimmed())
}
