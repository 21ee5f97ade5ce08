//! Keeping totals and expected counts in step with the tree and the assignments. Reports never come here: they add
//! their own difference. What changes here is *who belongs where*: a unit opened, closed, moved, classed anew; a form
//! given to a part of the tree, or asking more.

use super::book::Book;
use super::met;
use super::model::Assignment;
use super::redraw::{self, Steps};
use super::rollup::Total;
use super::store;
use crate::lines::org::{self, Standing, TreeChange};
use crate::{Ctx, Fail};
use muster_kernel::Finding;
use muster_store::{StoreError, TotalKey, Tx};
use std::collections::{BTreeMap, HashMap, HashSet};

/// Sets how many units a node may have below it before it keeps its totals as a row; 256 on SQLite, 128 on PostgreSQL unless
/// a test or a measurement says otherwise. Nodes that are there already are not looked at again before a rebuild.
pub fn crown_min_set(tx: &mut Tx<'_>, min: i64) -> Result<(), StoreError> {
    store::crown_min_set(tx, min)
}

/// Follows a change of the tree: projection rows that went and that came. In the same transaction as the change. What is
/// worth a look is told.
///
/// # Errors
/// `unit.has_reported` where a report that was taken in would no longer be asked.
pub fn tree_changed(tx: &mut Tx<'_>, ctx: &Ctx, change: &TreeChange) -> Result<Vec<Finding>, Fail> {
    let book = Book::load(tx, ctx.operation)?;
    met::reports_stay(tx, ctx, &book, change)?;
    let told = met::frozen_told(tx, ctx, &book, change)?;
    let grown = crown_grow(tx, &book, change)?;
    let book = if grown.is_empty() { book } else { Book::load(tx, ctx.operation)? };
    for series in book.assignments() {
        let kept = |node: &i64| book.in_crown(*node) && !grown.contains(node);
        let mut steps: HashMap<i64, Steps> = HashMap::new();
        for (rows, times) in [(&change.gone, -1), (&change.came, 1)] {
            for standing in rows.iter().filter(|standing| series.counts(standing)) {
                for node in standing.nodes().filter(kept) {
                    series.step(steps.entry(node).or_default(), standing, times);
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
        totals_shift(tx, ctx, &book, series, change, kept)?;
    }
    for node in grown {
        redraw::node_draw(tx, &book, ctx.operation, node)?;
    }
    Ok(told.into_iter().collect())
}

impl Assignment {
    /// Whether a unit, as it stands, is expected to report.
    pub(super) fn counts(&self, standing: &Standing) -> bool {
        standing.chain.contains(&self.unit) && self.expects(&standing.kind)
    }
    /// Puts the days on which a unit is expected into steps.
    pub(super) fn step(&self, steps: &mut Steps, standing: &Standing, times: i64) {
        let (since, until) = (standing.since.max(self.since), standing.until.min(self.until));
        if since < until {
            *steps.entry(since).or_default() += times;
            *steps.entry(until).or_default() -= times;
        }
    }
}

/// Marks nodes that now have many units below; which ones are new.
fn crown_grow(tx: &mut Tx<'_>, book: &Book, change: &TreeChange) -> Result<HashSet<i64>, Fail> {
    let mut counts: HashMap<i64, usize> = HashMap::new();
    for standing in &change.came {
        for node in standing.nodes().filter(|node| !book.in_crown(*node)) {
            *counts.entry(node).or_default() += 1;
        }
    }
    // A unit that is only now in the tree has nothing below it but what came with it.
    let known: HashSet<i64> = change.gone.iter().map(|standing| standing.unit).collect();
    let came = change.came.iter().map(|standing| standing.unit);
    let opened: HashSet<i64> = came.filter(|unit| !known.contains(unit)).collect();
    let min = store::crown_min(tx)?;
    let mut grown = HashSet::new();
    for (node, added) in counts {
        // What was there before counts only where what came is not enough by itself.
        if added > min || !opened.contains(&node) && org::node_count(tx, node, min + 1)? > min {
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
    TreeChange { gone, came }: &TreeChange,
    kept: impl Fn(&i64) -> bool,
) -> Result<(), Fail> {
    let Some(slot) = book.slot(series.form) else { return Ok(()) };
    let rows = || gone.iter().map(|row| (row, -1)).chain(came.iter().map(|row| (row, 1)));
    let rows = || rows().filter(|(standing, _)| series.counts(standing));
    let Some(from) = rows().map(|(standing, _)| standing.since).min() else { return Ok(()) };
    let mut deltas: HashMap<TotalKey, Total> = HashMap::new();
    for day in store::sheet_days(tx, ctx.operation, from.max(series.since), series.until)? {
        let standing: Vec<_> = rows().filter(|(s, _)| s.since <= day && day < s.until).collect();
        let mut wanted: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
        for (standing, _) in &standing {
            wanted.entry(standing.bucket).or_default().push(standing.unit);
        }
        let mut said: HashMap<i64, Total> = HashMap::new();
        for (bucket, mut units) in wanted {
            units.sort_unstable();
            units.dedup();
            let sheets = store::sheets_read(tx, book, ctx.operation, bucket, day, slot, &units)?;
            said.extend(redraw::units_total(series, sheets));
        }
        for (standing, times) in standing {
            let Some(total) = said.get(&standing.unit) else { continue };
            for node in standing.nodes().filter(&kept) {
                let key = TotalKey { day: day.number(), series: series.id, node };
                let delta = deltas.entry(key).or_default();
                if times > 0 { delta.add(total) } else { delta.subtract(total) }
            }
        }
    }
    for (key, delta) in deltas {
        tx.add(key, &delta.places())?;
    }
    Ok(())
}
