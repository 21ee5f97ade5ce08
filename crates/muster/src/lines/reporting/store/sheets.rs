//! Sheets: locked, read, written.

use super::{buckets, corrupt};
use crate::lines::reporting::book::Book;
use crate::lines::reporting::model::{Act, Class, Scope, Sheet, SheetKey, Values};
use crate::lines::reporting::pack::{unpack_acts, unpack_values};
use crate::lines::reporting::query::Query;
use muster_kernel::Day;
use muster_store::{Ask, Link, Row, Rows, Stmt, StoreError, Tx, Val, args};
use std::collections::{BTreeSet, HashMap};

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

/// What units last said of their people, in the week before a day: the largest of a report's head counts (unit of
/// measurement `person`, class state), whichever stands first on the form. Tells how many people are behind a report
/// that is missing.
pub(in crate::lines::reporting) fn last_staff(
    rows: &mut impl Rows,
    query: &Query<'_>,
    units: &[i64],
) -> Result<HashMap<i64, i64>, StoreError> {
    let counts = |id: &&str| {
        query
            .book
            .element_by_code(id)
            .is_some_and(|e| e.class == Class::State && e.unit == "person" && e.is_added())
    };
    let heads = query.form.items.iter().map(|item| item.element.as_str()).filter(counts);
    let heads: Vec<i64> = heads.filter_map(|code| Some(query.book.element_by_code(code)?.id)).collect();
    let mut last = HashMap::with_capacity(units.len());
    // Nearly everybody said it yesterday.
    for days in staff_days(query.day) {
        let mut unsaid: Vec<i64> = units.iter().copied().filter(|unit| !last.contains_key(unit)).collect();
        unsaid.sort_unstable();
        let mut said: HashMap<i64, (Day, i64)> = HashMap::new();
        for bucket in buckets(rows).into_iter().filter(|_| !unsaid.is_empty()) {
            let key = (query.operation, bucket, query.slot());
            super::sheets_of_days(rows, key, &days, &unsaid, |day, unit, sheet| {
                let values = values_of(query.book, sheet.layout, sheet.vals)?;
                if let Some(heads) = heads.iter().filter_map(|id| values.get(id).copied()).max() {
                    let latest = said.entry(unit).or_insert((day, heads));
                    *latest = (*latest).max((day, heads));
                }
                Ok(())
            })?;
        }
        last.extend(said.into_iter().map(|(unit, (_, heads))| (unit, heads)));
    }
    Ok(last)
}

/// The first question of [`last_staff`], to be sent ahead.
pub(in crate::lines::reporting) fn staff_asks(
    rows: &impl Rows,
    query: &Query<'_>,
    units: &[i64],
) -> Vec<Ask> {
    let key = |bucket| (query.operation, bucket, query.slot());
    let days = &staff_days(query.day)[0];
    let mut units = units.to_vec();
    units.sort_unstable();
    buckets(rows)
        .into_iter()
        .flat_map(|bucket| super::sheets_of_days_asks(key(bucket), days, &units))
        .collect()
}

/// The days on which it is looked for, in the order in which that is done.
fn staff_days(day: Day) -> [Vec<Day>; 2] {
    [vec![day.before()], (2..=7).map(|back| day.plus(-back)).collect()]
}
