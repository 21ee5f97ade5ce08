//! Who is asked on a day and what is known of their answers: what totals say of a node, what a unit did; and what is told
//! of it: who is absent, how many in a part. Three ways of looking (`survey.rs`, `absent.rs`, `parts.rs`) begin here.

use super::model::{Act, Sheet};
use super::query::Query;
use super::rollup::Total;
use super::span::Span;
use super::store::{self, Passed, SheetRead, Want};
use crate::lines::org::{Node, Place, Standing};
use muster_store::{Ask, Rows, StoreError, TotalKey, total_read_many};
use std::collections::HashMap;

/// Rows read at once where not all that is read is wanted.
pub(super) const CHUNK: usize = 1_000;

/// A unit that was expected to report and has not, or that reported late.
#[derive(Clone, Debug)]
pub struct Absent {
    /// The unit.
    pub unit: i64,
    /// Its path on that day; in a list of a unit also where the next page starts.
    pub path: String,
    /// Its place, 0 for none; with the unit, where the next page of a place or a class starts.
    pub place: i64,
    /// When its first report came, if it came late.
    pub late_at_ms: Option<i64>,
}

/// How many are missing in a part of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// The unit or the place.
    pub node: Node,
    /// How many are expected to report there.
    pub expected: i64,
    /// How many of them have not.
    pub missing: i64,
    /// Whether it is what lies in none of the other parts.
    pub own: bool,
}

impl Part {
    /// The place that it is; none for a unit.
    pub fn place(&self) -> Option<Place> {
        match self.node {
            Node::Place(place) => Some(place),
            _ => None,
        }
    }
}

/// What totals say of a node.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Count {
    pub(super) expected: i64,
    actual: i64,
    pub(super) late: i64,
}

impl Count {
    pub(super) fn missing(self) -> i64 {
        (self.expected - self.actual).max(0)
    }
}

/// What the totals of crown nodes say, in two reads.
pub(super) fn counts(
    rows: &mut impl Rows,
    query: &Query<'_>,
    nodes: &[i64],
) -> Result<HashMap<i64, Count>, StoreError> {
    if nodes.is_empty() {
        return Ok(HashMap::new());
    }
    let on_day: Vec<_> = nodes.iter().map(|&node| (query.day, node)).collect();
    let keys = query.keys(&on_day);
    rows.ahead(query.kept_asks(rows, &on_day))?;
    let mut totals = total_read_many(rows, &keys)?;
    let expected = store::expected_on(rows, query.series.id, &on_day)?;
    let count = |key: TotalKey| {
        let total = Total(totals.remove(&key).unwrap_or_default());
        let expected = expected.get(&(query.day, key.node)).copied().unwrap_or(0);
        let (actual, late) = (total.actual(), total.actual() - total.on_time());
        (key.node, Count { expected, actual, late })
    };
    Ok(keys.into_iter().map(count).collect())
}

/// The part of the tree in which a form is asked, and what is known there of a unit's report.
pub(super) struct Seen<'q> {
    pub(super) query: &'q Query<'q>,
    /// The unit below which the form is asked.
    pub(super) part: Standing,
    /// Acts of statements: a unit that has made no report of its own has answered with its statement.
    stated: HashMap<i64, Act>,
}

impl Query<'_> {
    /// What a unit's counts ask of its statements and totals, to be sent ahead.
    pub(super) fn counts_asks(&self, rows: &impl Rows, node: &Standing) -> Vec<Ask> {
        let mut asks = vec![store::stated_ask(rows, self, &[self.day])];
        if self.is_kept(node.unit) {
            asks.extend(self.kept_asks(rows, &[(self.day, node.unit)]));
        }
        if self.is_small(node) {
            asks.extend(self.below_asks(Want::Acts, &[(self.day, Span::below(&node.path))]));
        }
        asks
    }
}

impl<'q> Seen<'q> {
    /// Below a unit; none where the form is not asked there.
    pub(super) fn below(
        rows: &mut impl Rows,
        query: &'q Query<'q>,
        top: &Standing,
    ) -> Result<Option<Self>, StoreError> {
        let Some(part) = query.asked_part(rows, top)? else { return Ok(None) };
        let stated = query.acts(&query.said(rows, &[(query.day, &part)])?, query.day);
        Ok(Some(Self { query, part, stated }))
    }
    /// Whether a unit that was passed is asked.
    pub(super) fn asks(&self, one: &Passed) -> bool {
        self.query.series.expects(&one.kind) && one.path.starts_with(&self.part.path)
    }
    /// What was done on the form, on a unit's sheet as it is now or else on its statement.
    pub(super) fn act_on(&self, unit: i64, sheet: Option<&SheetRead<'_>>) -> Result<Option<Act>, StoreError> {
        let own = sheet.map(|sheet| store::act_of(sheet.acts, self.query.form.id)).transpose()?.flatten();
        Ok(own.or_else(|| self.stated.get(&unit).cloned()))
    }
    /// What was done on the form, on the unit's own sheet or else on its statement.
    pub(super) fn act(&self, rows: &mut impl Rows, one: &Passed) -> Result<Option<Act>, StoreError> {
        let form = self.query.form.id;
        let own = match self.query.known_at_ms {
            Some(then) if one.at_ms > then => {
                let changed = Sheet { at_ms: one.at_ms, last: one.last, ..Sheet::default() };
                self.query.as_known(rows, changed)?.act(form).cloned()
            }
            _ => one.acts.iter().find(|act| act.form == form).cloned(),
        };
        Ok(own.or_else(|| self.stated.get(&one.unit).cloned()))
    }
}
