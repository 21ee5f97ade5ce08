//! Questions: what a node's total is, what counts there, who is missing. Nothing here writes.
//!
//! A node with many units below keeps its total as a row; any other is added up from its sheets in one range read. The
//! two ways give the same answer, and `muster rebuild` proves it.

use super::book::Book;
use super::model::{Scope, Sheet, Values};
use super::query::Query;
use super::revision::Revision;
use super::rollup::{Counted, Sum, Total, count};
use super::span::Span;
use super::store;
use crate::lines::org::{self, Node, Standing};
use muster_store::{Rows, StoreError, TotalKey, journal_read, total_read};
use std::collections::BTreeMap;

/// What a node's day looks like.
#[derive(Clone, Debug, Default)]
pub struct Picture {
    /// How many units are expected to report.
    pub expected: i64,
    /// Counts and sums of all own reports below.
    pub parts: Total,
    /// What counts, by the form's rule.
    pub counted: Counted,
    /// What counts of all that lies below, the node's own statement left out, by position of the layout.
    pub below: Vec<Sum>,
    /// The node's own statement about all below it.
    pub stated: Option<Values>,
}

impl Picture {
    /// How many are expected and have not reported.
    pub fn missing(&self) -> i64 {
        (self.expected - self.parts.actual()).max(0)
    }
    /// Whether there is anything to tell of the node: somebody is expected to report, or states a figure.
    pub fn tells(&self) -> bool {
        self.expected > 0 || self.counted.sums.iter().any(|sum| sum.said > 0)
    }
    /// Takes another's counts and own reports away; what counts by statements is not touched.
    pub(super) fn take_away(&mut self, other: &Picture) {
        self.expected -= other.expected;
        self.parts.subtract(&other.parts);
    }
    /// How many reported after the cut-off.
    pub fn late(&self) -> i64 {
        self.parts.actual() - self.parts.on_time()
    }
}

impl Query<'_> {
    /// The part of a node in which the form is asked on this day: itself, the unit at whose top the form is given, or
    /// nothing.
    pub(super) fn asked_part(
        &self,
        rows: &mut impl Rows,
        node: &Standing,
    ) -> Result<Option<Standing>, StoreError> {
        if node.chain.contains(&self.series.unit) {
            return Ok(Some(node.clone()));
        }
        let top = org::standing_on(rows, self.series.unit, self.day)?;
        Ok(top.filter(|top| top.chain.contains(&node.unit)))
    }
    /// The same as a span.
    pub(super) fn span(&self, rows: &mut impl Rows, node: &Standing) -> Result<Option<Span>, StoreError> {
        Ok(self.asked_part(rows, node)?.map(|part| Span::below(&part.path)))
    }

    /// What a place or a class looks like on a day: the own reports of its units, as far as they lie below `own`.
    pub fn axis_picture(
        &self,
        rows: &mut impl Rows,
        node: Node,
        own: &Standing,
    ) -> Result<Picture, StoreError> {
        let whole = own.chain.len() == 1 && self.known_at_ms.is_none();
        if whole && self.book.in_crown(node.id()) {
            let key = TotalKey { day: self.day.number(), series: self.series.id, node: node.id() };
            let kept = (self.day, node.id());
            let expected =
                store::expected_on(rows, self.series.id, &[kept])?.get(&kept).copied().unwrap_or(0);
            return Ok(self.parts_only(expected, Total(total_read(rows, key)?).trimmed()));
        }
        let mut by_bucket: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
        let mut expected = 0;
        org::node_standings_each(rows, node.id(), self.day, self.day.plus(1), |standing| {
            if self.asks(&standing) && standing.chain.contains(&own.unit) {
                expected += 1;
                by_bucket.entry(standing.bucket).or_default().push(standing.unit);
            }
            Ok(())
        })?;
        let mut total = Total::default();
        for (bucket, units) in by_bucket {
            let (book, operation, slot) = (self.book, self.operation, self.slot());
            let mut sheets = store::sheets_read(rows, book, operation, bucket, self.day, slot, &units)?
                .into_iter()
                .peekable();
            while let Some((unit, scope, sheet)) = sheets.next() {
                let sheet = self.as_known(rows, sheet)?;
                let below = match sheets.next_if(|(other, ..)| *other == unit) {
                    Some((_, _, below)) => Some(self.as_known(rows, below)?),
                    None => None,
                };
                let (alone, below) = match scope {
                    Scope::Alone => (Some(sheet), below),
                    Scope::Below => (None, Some(sheet)),
                };
                total.add_unit(self.series, alone.as_ref(), below.as_ref());
            }
        }
        Ok(self.parts_only(expected, total.trimmed()))
    }

    pub(super) fn parts_only(&self, expected: i64, parts: Total) -> Picture {
        let counted = count(self.counting(self.day), &self.series.layout, &parts, &[]);
        Picture { expected, parts, below: counted.sums.clone(), counted, stated: None }
    }

    /// A sheet as it was known at the question's instant, read along its own chain in the journal; an empty one where
    /// nothing was said by then.
    pub(super) fn as_known(&self, rows: &mut impl Rows, sheet: Sheet) -> Result<Sheet, StoreError> {
        let Some(then) = self.known_at_ms.filter(|&then| sheet.at_ms > then) else { return Ok(sheet) };
        let mut link = sheet.last;
        while let Some(at) = link {
            let corrupt = || StoreError::Corrupt("a sheet whose chain breaks".into());
            let entry = journal_read(rows, at)?.ok_or_else(corrupt)?;
            if entry.at <= then {
                let revision = Revision::unpack(entry.operation, &entry.body).ok_or_else(corrupt)?;
                return Ok(Sheet {
                    rev: revision.rev,
                    at_ms: entry.at,
                    last: Some(at),
                    values: store::values_of(self.book, revision.layout, &revision.vals)?,
                    acts: store::acts_of(&revision.acts)?,
                });
            }
            link = entry.prev;
        }
        Ok(Sheet::default())
    }
}

/// The values that a sheet had at an earlier revision; `None` when it never had it. Walks the sheet's own chain in the
/// journal, at most a thousand steps.
pub fn values_at_rev(
    rows: &mut impl Rows,
    book: &Book,
    sheet: &Sheet,
    rev: i64,
) -> Result<Option<Values>, StoreError> {
    if rev == sheet.rev {
        return Ok(Some(sheet.values.clone()));
    }
    if rev == 0 {
        return Ok(Some(Values::new()));
    }
    let mut link = sheet.last;
    for _ in 0..1000 {
        let Some(at) = link else { return Ok(None) };
        let Some(entry) = journal_read(rows, at)? else { return Ok(None) };
        let Some(revision) = Revision::unpack(entry.operation, &entry.body) else { return Ok(None) };
        if revision.rev == rev {
            return store::values_of(book, revision.layout, &revision.vals).map(Some);
        }
        link = entry.prev;
    }
    Ok(None)
}
