//! Sheets: locked, read, written.

use super::{buckets, corrupt};
use crate::lines::reporting::book::Book;
use crate::lines::reporting::model::{Act, Scope, Sheet, SheetKey, Values};
use crate::lines::reporting::pack::{unpack_act, unpack_acts, unpack_values};
use muster_kernel::Day;
use muster_store::{Ask, Link, Row, Rows, Stmt, StoreError, Tx, Val, args};
use std::collections::BTreeSet;

/// Units that one statement is asked for at most.
const UNITS_MAX: usize = 500;

/// Sheets by key, the units as a list.
macro_rules! by_key {
    ($end:literal) => {
        concat!(
            "select s.unit, s.scope, s.rev, s.at, s.last_lane, s.last_no, s.layout, s.vals, s.acts
             from {rows:$5 bigint} u
             {by:sheet s: s.bucket = $1 and s.operation = $2 and s.day = $3 and s.slot = $4 and s.unit = u.a}
             order by s.unit, s.scope",
            $end
        )
    };
}
const SHEETS_LOCK: Stmt = Stmt::new("reporting.sheets_lock", by_key!(" {lock}"));
const SHEET_ADD: Stmt = Stmt::new(
    "reporting.sheet_add",
    "insert into sheet (bucket, operation, day, slot, unit, scope, rev, at, last_lane, last_no, layout, vals, acts)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
);
const SHEET_SET: Stmt = Stmt::new(
    "reporting.sheet_set",
    "insert into sheet (bucket, operation, day, slot, unit, scope, rev, at, last_lane, last_no, layout, vals, acts)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
     on conflict (bucket, operation, day, slot, unit, scope) do update set rev = excluded.rev, at = excluded.at,
         last_lane = excluded.last_lane, last_no = excluded.last_no, layout = excluded.layout, vals = excluded.vals,
         acts = excluded.acts",
);
const SHEET_ONE: Stmt = Stmt::new(
    "reporting.sheet_one",
    "select unit, scope, rev, at, last_lane, last_no, layout, vals, acts from sheet
     where bucket = $1 and operation = $2 and day = $3 and slot = $4 and unit = $5 and scope = $6",
);
const SHEET_DAY_NEXT: Stmt = Stmt::new(
    "reporting.sheet_day_next",
    "select min(day) from sheet where bucket = $1 and operation = $2 and day > $3 and day < $4",
);
const SHEETS_PAGE: Stmt = Stmt::new(
    "reporting.sheets_page",
    "select unit, scope, rev, at, last_lane, last_no, layout, vals, acts from sheet
     where bucket = $1 and operation = $2 and day = $3 and slot = $4 and unit > $5
     order by unit, scope limit $6",
);
const STATEMENT_ADD: Stmt = Stmt::new(
    "reporting.statement_add",
    "insert into statement (bucket, operation, day, slot, unit) values ($1, $2, $3, $4, $5) on conflict do nothing",
);
const SHEETS_OF_UNITS: Stmt = Stmt::new("reporting.sheets_of_units", by_key!(""));

pub(super) const STATEMENTS: &[Stmt] = &[
    SHEETS_LOCK,
    SHEET_ADD,
    SHEET_SET,
    SHEET_ONE,
    SHEET_DAY_NEXT,
    SHEETS_PAGE,
    STATEMENT_ADD,
    SHEETS_OF_UNITS,
];

/// Reads one sheet from the seven columns that start at `from`: rev, at, lane, no, layout, vals, acts.
pub(in crate::lines::reporting) fn sheet_of(
    book: &Book,
    row: &Row<'_>,
    from: usize,
) -> Result<Sheet, StoreError> {
    Ok(Sheet {
        rev: row.int(from)?,
        at_ms: row.int(from + 1)?,
        last: link_of(row.int32(from + 2)?, row.int(from + 3)?),
        values: values_of(book, row.int(from + 4)?, row.bytes(from + 5)?)?,
        acts: acts_of(row.bytes(from + 6)?)?,
    })
}

/// The entry of a sheet; none for the empty own sheet that is kept beside a statement.
pub(in crate::lines::reporting) fn link_of(lane: i32, no: i64) -> Option<Link> {
    (no > 0).then_some(Link { lane, no })
}

pub(in crate::lines::reporting) fn values_of(
    book: &Book,
    layout: i64,
    bytes: &[u8],
) -> Result<Values, StoreError> {
    let layout = book.layout(layout).ok_or_else(|| corrupt("a sheet with an unknown layout"))?;
    unpack_values(layout, bytes).ok_or_else(|| corrupt("a sheet that its layout does not read"))
}

pub(in crate::lines::reporting) fn acts_of(bytes: &[u8]) -> Result<Vec<Act>, StoreError> {
    unpack_acts(bytes).ok_or_else(|| corrupt("the acts of a sheet"))
}

/// What was done on one form of a sheet.
pub(in crate::lines::reporting) fn act_of(bytes: &[u8], form: i64) -> Result<Option<Act>, StoreError> {
    unpack_act(bytes, form).ok_or_else(|| corrupt("the acts of a sheet"))
}

/// The question of [`sheets_lock`], to be sent ahead.
pub(in crate::lines::reporting) fn sheets_ask(
    operation: i64,
    (bucket, day, slot): (i64, Day, i64),
    units: &[i64],
) -> Ask {
    Ask::new(SHEETS_LOCK, args![bucket, operation, day.number(), slot, units.to_vec()])
}

/// As [`sheets_read`], and locks them.
pub(in crate::lines::reporting) fn sheets_lock(
    tx: &mut Tx<'_>,
    book: &Book,
    operation: i64,
    bucket: i64,
    day: Day,
    slot: i64,
    units: &[i64],
) -> Result<Vec<UnitSheet>, StoreError> {
    tx.all(&SHEETS_LOCK, args![bucket, operation, day.number(), slot, units.to_vec()], |row| {
        Ok((row.int(0)?, Scope::from_number(row.int(1)?), sheet_of(book, row, 2)?))
    })
}

/// One sheet, if it was ever written.
pub(in crate::lines::reporting) fn sheet(
    rows: &mut impl Rows,
    book: &Book,
    key: &SheetKey,
) -> Result<Option<Sheet>, StoreError> {
    rows.opt(&SHEET_ONE, &key_args(key), |row| sheet_of(book, row, 2))
}

pub(in crate::lines::reporting) fn key_args(key: &SheetKey) -> [Val<'static>; 6] {
    [
        key.bucket.into(),
        key.operation.into(),
        key.day.number().into(),
        key.slot.into(),
        key.unit.into(),
        key.scope.number().into(),
    ]
}

/// A sheet on its way into the table.
pub(in crate::lines::reporting) struct SheetRow {
    pub(in crate::lines::reporting) key: SheetKey,
    pub(in crate::lines::reporting) rev: i64,
    pub(in crate::lines::reporting) at_ms: i64,
    pub(in crate::lines::reporting) last: Option<Link>,
    pub(in crate::lines::reporting) layout: i64,
    pub(in crate::lines::reporting) vals: Vec<u8>,
    pub(in crate::lines::reporting) acts: Vec<u8>,
}

fn sheet_args(sheet: SheetRow) -> Vec<Val<'static>> {
    let link = sheet.last.unwrap_or(Link { lane: 0, no: 0 });
    let mut args = Vec::with_capacity(13);
    args.extend(key_args(&sheet.key));
    args.extend([
        sheet.rev.into(),
        sheet.at_ms.into(),
        link.lane.into(),
        link.no.into(),
        sheet.layout.into(),
        sheet.vals.into(),
        sheet.acts.into(),
    ]);
    args
}

/// Writes first sheets, as the last thing that a write does. One that another transaction wrote first makes the whole
/// closure run again, so that it sees and corrects it.
pub(in crate::lines::reporting) fn sheets_add(
    tx: &mut Tx<'_>,
    sheets: Vec<SheetRow>,
) -> Result<(), StoreError> {
    let stated = sheets.iter().filter(|sheet| sheet.key.scope == Scope::Below);
    let statements: Vec<_> = stated.map(|sheet| key_args(&sheet.key)[..5].to_vec()).collect();
    let rows: Vec<_> = sheets.into_iter().map(sheet_args).collect();
    tx.exec_rows(&STATEMENT_ADD, &statements)?;
    tx.add_rows(SHEET_ADD, rows)
}

/// Writes sheets that were locked before.
pub(in crate::lines::reporting) fn sheets_set(
    tx: &mut Tx<'_>,
    sheets: Vec<SheetRow>,
) -> Result<(), StoreError> {
    let rows: Vec<_> = sheets.into_iter().map(sheet_args).collect();
    tx.exec_rows(&SHEET_SET, &rows).map(drop)
}

/// Days that have any sheet, from one day to another (excluded).
pub(in crate::lines::reporting) fn sheet_days(
    rows: &mut impl Rows,
    operation: i64,
    from: Day,
    until: Day,
) -> Result<Vec<Day>, StoreError> {
    let mut days = BTreeSet::new();
    for bucket in buckets(rows) {
        let mut after = from.number().saturating_sub(1);
        loop {
            let args = args![bucket, operation, after, until.number()];
            let Some(day) = rows.one(&SHEET_DAY_NEXT, args, |row| row.opt_int(0))? else { break };
            after = i32::try_from(day).map_err(|_| corrupt("a day of a sheet"))?;
            days.insert(Day::from_number(after));
        }
    }
    Ok(days.into_iter().collect())
}

/// A unit's sheet of one scope.
pub(in crate::lines::reporting) type UnitSheet = (i64, Scope, Sheet);

/// Sheets of some units for one period, both scopes, in the order of their keys.
pub(in crate::lines::reporting) fn sheets_read(
    rows: &mut impl Rows,
    book: &Book,
    operation: i64,
    bucket: i64,
    day: Day,
    slot: i64,
    units: &[i64],
) -> Result<Vec<UnitSheet>, StoreError> {
    let mut found = Vec::with_capacity(units.len());
    for units in units.chunks(UNITS_MAX) {
        let args = args![bucket, operation, day.number(), slot, units.to_vec()];
        rows.each(&SHEETS_OF_UNITS, args, |row| {
            found.push((row.int(0)?, Scope::from_number(row.int(1)?), sheet_of(book, row, 2)?));
            Ok(())
        })?;
    }
    Ok(found)
}

/// A page of all sheets of one period after a unit, both scopes of a unit always together, and the unit after which
/// the next page starts.
pub(in crate::lines::reporting) fn sheets_page(
    rows: &mut impl Rows,
    book: &Book,
    (operation, bucket): (i64, i64),
    (day, slot): (Day, i64),
    after: i64,
) -> Result<(Vec<UnitSheet>, Option<i64>), StoreError> {
    let limit = 2 * UNITS_MAX;
    let args = args![bucket, operation, day.number(), slot, after, limit as i64];
    let mut page = rows.all(&SHEETS_PAGE, args, |row| {
        Ok((row.int(0)?, Scope::from_number(row.int(1)?), sheet_of(book, row, 2)?))
    })?;
    let next = match page.last() {
        Some(&(last, _, _)) if page.len() == limit => {
            // The other scope of the last unit may lie beyond the page.
            page.retain(|(unit, _, _)| *unit != last);
            page.last().map(|(unit, _, _)| *unit)
        }
        _ => None,
    };
    Ok((page, next))
}
