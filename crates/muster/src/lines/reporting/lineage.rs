//! Of what a day's figures are made: which revision of which sheet. What is frozen keeps this list, and a figure that is
//! made again later is explained by the sheets that changed since.

use super::book::Book;
use super::model::{Act, Scope, SheetKey, Values};
use super::query::Query;
use super::revision::Revision;
use super::store;
use crate::lines::org::Standing;
use muster_kernel::Day;
use muster_store::{Link, Rows, StoreError, Tx, journal_read};

/// A sheet that is in a figure, at the revision at which it is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Origin {
    /// The unit.
    pub unit: i64,
    /// About what the sheet speaks.
    pub scope: Scope,
    /// Its revision.
    pub rev: i64,
    /// The journal's entry that made this revision.
    pub link: Link,
}

/// Hands every sheet that is in a node's figures of the day to `visit`: own reports, then statements about all below.
/// Both, whichever counts; in no order.
pub fn origins_each(
    rows: &mut impl Rows,
    query: &Query<'_>,
    node: &Standing,
    mut visit: impl FnMut(Origin),
) -> Result<(), StoreError> {
    if let Some(span) = query.span(rows, node)? {
        store::origins(rows, query, &span, |unit, kind, rev, link| {
            if query.series.expects(kind) {
                visit(Origin { unit, scope: Scope::Alone, rev, link });
            }
        })?;
    }
    for said in query.said(rows, &[(query.day, node)])?.into_values().flatten() {
        if let Some(link) = said.sheet.last {
            visit(Origin { unit: said.unit, scope: Scope::Below, rev: said.sheet.rev, link });
        }
    }
    Ok(())
}

/// How many units' sheets are in a node's figures of the day, and how many revisions they have come to: what
/// [`origins_each`] would tell, counted by the database.
pub fn origins_count(
    rows: &mut impl Rows,
    query: &Query<'_>,
    node: &Standing,
) -> Result<(i64, i64), StoreError> {
    let (mut units, mut revisions) = match query.span(rows, node)? {
        Some(span) => store::origins_count(rows, query, &span)?,
        None => (0, 0),
    };
    for said in query.said(rows, &[(query.day, node)])?.into_values().flatten() {
        let key = SheetKey {
            bucket: 1,
            operation: query.operation,
            day: query.day,
            slot: query.slot(),
            unit: said.unit,
            scope: Scope::Alone,
        };
        let own = store::sheet(rows, query.book, &key)?;
        units += i64::from(own.is_none_or(|own| own.last.is_none()));
        revisions += said.sheet.rev;
    }
    Ok((units, revisions))
}

/// A sheet as one entry of the journal made it.
#[derive(Clone, Debug)]
pub struct Written {
    /// Which sheet.
    pub key: SheetKey,
    /// The revision.
    pub rev: i64,
    /// When, milliseconds UTC.
    pub at_ms: i64,
    /// All numbers of the sheet after it.
    pub values: Values,
    /// All acts of the sheet after it.
    pub acts: Vec<Act>,
}

/// The sheet as an entry made it; none where the entry is no report.
pub fn written(rows: &mut impl Rows, book: &Book, link: Link) -> Result<Option<Written>, StoreError> {
    let Some(entry) = journal_read(rows, link)? else { return Ok(None) };
    let Some(revision) = Revision::unpack(entry.operation, &entry.body) else { return Ok(None) };
    Ok(Some(Written {
        key: revision.key,
        rev: revision.rev,
        at_ms: entry.at,
        values: store::values_of(book, revision.layout, &revision.vals)?,
        acts: store::acts_of(&revision.acts)?,
    }))
}

/// Freezes a form's day; `false` when it was frozen before. Reports that come later are taken in and stand with the
/// corrections. The caller has called [`Tx::barrier`] and journals what it freezes.
pub fn day_freeze(
    tx: &mut Tx<'_>,
    operation: i64,
    form: i64,
    day: Day,
    at_ms: i64,
) -> Result<bool, StoreError> {
    store::frozen_add(tx, operation, form, day, at_ms)
}

/// When a form's day was frozen, milliseconds UTC; none while it is open.
pub fn day_frozen_at(
    rows: &mut impl Rows,
    operation: i64,
    form: i64,
    day: Day,
) -> Result<Option<i64>, StoreError> {
    store::frozen_at(rows, operation, form, day)
}

/// How many days of forms are frozen.
pub fn days_frozen(rows: &mut impl Rows) -> Result<i64, StoreError> {
    store::frozen_count(rows)
}
