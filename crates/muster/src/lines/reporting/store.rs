//! Every statement of reporting, with the functions that run them. `standing` is the tree's published projection:
//! the one table of another line that may be joined here, because a subtree of a day is one range of it.

use super::book::Book;
use super::compare::Incident;
use super::model::{Act, Assignment, Class, Element, Form, Scope, Sheet, SheetKey, Values};
use super::pack::{unpack_acts, unpack_values};
use super::read::{Query, Span};
use muster_kernel::Day;
use muster_store::{Link, Row, Rows, Stmt, StoreError, Tx, Val, args};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

// ---- the book ---------------------------------------------------------------------------------------------------

const BOOK_EPOCH: Stmt = Stmt::new("reporting.book_epoch", "select value from book_epoch where id = 1");
const BOOK_EPOCH_NEXT: Stmt =
    Stmt::new("reporting.book_epoch_next", "update book_epoch set value = value + 1 where id = 1");
const ELEMENTS: Stmt =
    Stmt::new("reporting.elements", "select id, body from element order by id limit 10000");
const FORMS: Stmt =
    Stmt::new("reporting.forms", "select id, body from form order by id, version limit 10000");
const ASSIGNMENTS: Stmt = Stmt::new(
    "reporting.assignments",
    "select id, form, unit, kinds, since, until, layout from assignment where operation = $1 order by id limit 10000",
);
const LAYOUTS: Stmt =
    Stmt::new("reporting.layouts", "select id, elements from layout order by id limit 10000");
const ELEMENT_SET: Stmt = Stmt::new(
    "reporting.element_set",
    "insert into element (id, code, body, since, until) values ($1, $2, $3, $4, $5)
     on conflict (id) do update set body = excluded.body, since = excluded.since, until = excluded.until",
);
const FORM_SET: Stmt = Stmt::new(
    "reporting.form_set",
    "insert into form (id, version, code, body, since, until) values ($1, $2, $3, $4, $5, $6)
     on conflict (id, version) do update set body = excluded.body, since = excluded.since, until = excluded.until",
);
const ASSIGNMENT_SET: Stmt = Stmt::new(
    "reporting.assignment_set",
    "insert into assignment (id, operation, form, unit, kinds, since, until, layout)
     values ($1, $2, $3, $4, $5, $6, $7, $8)
     on conflict (id) do update set kinds = excluded.kinds, since = excluded.since, until = excluded.until,
         layout = excluded.layout",
);
const LAYOUT_ADD: Stmt = Stmt::new(
    "reporting.layout_add",
    "insert into layout (id, elements) values ($1, $2) on conflict do nothing",
);

// ---- sheets -----------------------------------------------------------------------------------------------------

const SHEETS_LOCK: Stmt = Stmt::new(
    "reporting.sheets_lock",
    "select unit, scope, rev, at, last_lane, last_no, layout, vals, acts from sheet
     where bucket = $1 and operation = $2 and day = $3 and slot = $4 and unit {in:$5}
     order by unit, scope {lock}",
);
const SHEET_ADD: Stmt = Stmt::new(
    "reporting.sheet_add",
    "insert into sheet (bucket, operation, day, slot, unit, scope, rev, at, last_lane, last_no, layout, vals, acts)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
     on conflict do nothing",
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
const MEMBERS_ON_DAY: Stmt = Stmt::new(
    "reporting.members_on_day",
    "select st.unit, st.kind, st.path, s.rev, s.at, s.last_lane, s.last_no, s.layout, s.vals, s.acts
     from standing st
     left join sheet s on s.bucket = st.bucket and s.operation = $1 and s.day = $2 and s.slot = $3
         and s.unit = st.unit and s.scope = 0
     where st.path >= $4 and st.path < $5 and st.since <= $6 and st.until > $7
     order by st.path",
);
const SHEET_DAYS: Stmt = Stmt::new(
    "reporting.sheet_days",
    "select distinct day from sheet where operation = $1 and day >= $2 and day <= $3 order by day limit 4000",
);
const NOTES_LATEST: Stmt = Stmt::new(
    "reporting.notes_latest",
    "select element, words from note
     where bucket = $1 and operation = $2 and day = $3 and slot = $4 and unit = $5 and scope = $6 and element > 0
     order by element, rev desc limit 1000",
);
const STATEMENT_ADD: Stmt = Stmt::new(
    "reporting.statement_add",
    "insert into statement (bucket, operation, day, slot, unit) values ($1, $2, $3, $4, $5) on conflict do nothing",
);
const STATEMENTS_OF_DAY: Stmt = Stmt::new(
    "reporting.statements_of_day",
    "select x.unit, st.path, s.rev, s.at, s.last_lane, s.last_no, s.layout, s.vals, s.acts
     from statement x
     join standing st on st.unit = x.unit and st.since <= $1 and st.until > $2 and st.path >= $3 and st.path < $4
     join sheet s on s.bucket = x.bucket and s.operation = x.operation and s.day = x.day and s.slot = x.slot
         and s.unit = x.unit and s.scope = 1
     where x.operation = $5 and x.day = $6 and x.slot = $7
     order by st.path limit 20000",
);

// ---- words, corrections, incidents ------------------------------------------------------------------------------

const NOTE_ADD: Stmt = Stmt::new(
    "reporting.note_add",
    "insert into note (bucket, operation, day, slot, unit, scope, element, rev, words)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
);
const NOTES_OF_SHEET: Stmt = Stmt::new(
    "reporting.notes_of_sheet",
    "select element, rev, words from note
     where bucket = $1 and operation = $2 and day = $3 and slot = $4 and unit = $5 and scope = $6
     order by element, rev limit 1000",
);
const NOTES_SEARCH: Stmt = Stmt::new(
    "reporting.notes_search",
    "select st.unit, n.day, n.element, n.rev, n.words
     from note n
     join standing st on st.unit = n.unit and st.since <= n.day and st.until > n.day
     where n.operation = $1 and n.day >= $2 and n.day <= $3 and n.element > 0
         and st.path >= $4 and st.path < $5 and n.words like $6 escape '!'
     order by n.day desc, st.path, n.element, n.rev limit $7",
);
const CORRECTION_ADD: Stmt = Stmt::new(
    "reporting.correction_add",
    "insert into correction (bucket, operation, at, lane, no, day, slot, unit, scope, rev)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
);
const CORRECTIONS: Stmt = Stmt::new(
    "reporting.corrections",
    "select c.lane, c.no, c.day, c.slot, c.unit, c.scope, c.rev, c.bucket, c.at
     from correction c
     join standing st on st.unit = c.unit and st.since <= $1 and st.until > $2 and st.path >= $3 and st.path < $4
     where c.operation = $5 and c.at > $6 and c.at <= $7
     order by c.at, c.lane, c.no limit $8",
);
const SHEETS_OF_UNITS: Stmt = Stmt::new(
    "reporting.sheets_of_units",
    "select unit, scope, rev, at, last_lane, last_no, layout, vals, acts from sheet
     where bucket = $1 and operation = $2 and day = $3 and slot = $4 and unit {in:$5}
     order by unit, scope",
);
const FROZEN: Stmt = Stmt::new(
    "reporting.frozen",
    "select at from frozen where bucket = 1 and operation = $1 and form = $2 and day = $3",
);
const FROZEN_ADD: Stmt = Stmt::new(
    "reporting.frozen_add",
    "insert into frozen (bucket, operation, form, day, at) values (1, $1, $2, $3, $4) on conflict do nothing",
);
const INCIDENT_ADD: Stmt = Stmt::new(
    "reporting.incident_add",
    "insert into incident (id, bucket, operation, day, unit, element, value, at, actor, words)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict do nothing",
);
const INCIDENTS: Stmt = Stmt::new(
    "reporting.incidents",
    "select i.id, i.unit, i.element, i.value, i.at, i.words, st.bucket
     from incident i
     join standing st on st.unit = i.unit and st.since <= $1 and st.until > $2 and st.path >= $3 and st.path < $4
     where i.operation = $5 and i.day = $6
     order by i.at, i.id limit 1000",
);

// ---- totals: which nodes have rows, and how many are expected there ---------------------------------------------

const CROWN: Stmt = Stmt::new("reporting.crown", "select node from crown order by node limit 1000000");
const CROWN_MIN: Stmt = Stmt::new("reporting.crown_min", "select crown_min from book_epoch where id = 1");
const CROWN_MIN_SET: Stmt =
    Stmt::new("reporting.crown_min_set", "update book_epoch set crown_min = $1 where id = 1");
const CROWN_ADD: Stmt =
    Stmt::new("reporting.crown_add", "insert into crown (node) values ($1) on conflict do nothing");
const EXPECTED_OF_NODE: Stmt = Stmt::new(
    "reporting.expected_of_node",
    "select since, until, n from expected where bucket = 1 and series = $1 and node = $2 order by since limit 100000",
);
const EXPECTED_ON_DAY: Stmt = Stmt::new(
    "reporting.expected_on_day",
    "select node, n from expected
     where bucket = 1 and series = $1 and node {in:$2} and since <= $3 and until > $4",
);
const EXPECTED_DROP_NODE: Stmt = Stmt::new(
    "reporting.expected_drop_node",
    "delete from expected where bucket = 1 and series = $1 and node = $2",
);
const EXPECTED_DROP: Stmt =
    Stmt::new("reporting.expected_drop", "delete from expected where bucket = 1 and series = $1");
const EXPECTED_ADD: Stmt = Stmt::new(
    "reporting.expected_add",
    "insert into expected (bucket, series, node, since, until, n) values ($1, $2, $3, $4, $5, $6)",
);
const MEMBERS_BELOW: Stmt = Stmt::new(
    "reporting.members_below",
    "select unit, kind, since, until, chain, place, classes, path from standing
     where path >= $1 and path < $2 and since < $3 and until > $4 order by path",
);
/// All statements of this line.
pub const STATEMENTS: &[Stmt] = &[
    BOOK_EPOCH,
    BOOK_EPOCH_NEXT,
    ELEMENTS,
    FORMS,
    ASSIGNMENTS,
    LAYOUTS,
    ELEMENT_SET,
    FORM_SET,
    ASSIGNMENT_SET,
    LAYOUT_ADD,
    SHEETS_LOCK,
    SHEET_ADD,
    SHEET_SET,
    SHEET_ONE,
    MEMBERS_ON_DAY,
    SHEET_DAYS,
    NOTES_LATEST,
    STATEMENT_ADD,
    STATEMENTS_OF_DAY,
    NOTE_ADD,
    NOTES_OF_SHEET,
    NOTES_SEARCH,
    CORRECTION_ADD,
    CORRECTIONS,
    SHEETS_OF_UNITS,
    FROZEN,
    FROZEN_ADD,
    INCIDENT_ADD,
    INCIDENTS,
    CROWN,
    CROWN_MIN,
    CROWN_MIN_SET,
    CROWN_ADD,
    EXPECTED_OF_NODE,
    EXPECTED_ON_DAY,
    EXPECTED_DROP_NODE,
    EXPECTED_DROP,
    EXPECTED_ADD,
    MEMBERS_BELOW,
];

fn corrupt(what: &str) -> StoreError {
    StoreError::Corrupt(what.to_owned())
}

fn json<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::Corrupt(error.to_string()))
}

fn to_json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).expect("the book is plain data")
}

fn day(row: &Row<'_>, column: usize) -> Result<Day, StoreError> {
    Ok(Day::from_number(row.int32(column)?))
}

pub(super) fn book_epoch(rows: &mut impl Rows) -> Result<i64, StoreError> {
    rows.one(&BOOK_EPOCH, args![], |row| row.int(0))
}

pub(super) fn book_epoch_next(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    tx.exec(&BOOK_EPOCH_NEXT, args![]).map(drop)
}

pub(super) fn elements(rows: &mut impl Rows) -> Result<Vec<Element>, StoreError> {
    rows.all(&ELEMENTS, args![], |row| Ok(Element { id: row.int(0)?, ..json(row.text(1)?)? }))
}

pub(super) fn forms(rows: &mut impl Rows) -> Result<Vec<Form>, StoreError> {
    rows.all(&FORMS, args![], |row| Ok(Form { id: row.int(0)?, ..json(row.text(1)?)? }))
}

pub(super) fn assignments(rows: &mut impl Rows, operation: i64) -> Result<Vec<Assignment>, StoreError> {
    rows.all(&ASSIGNMENTS, args![operation], |row| {
        Ok(Assignment {
            id: row.int(0)?,
            form: row.int(1)?,
            unit: row.int(2)?,
            kinds: json(row.text(3)?)?,
            since: day(row, 4)?,
            until: day(row, 5)?,
            layout: json(row.text(6)?)?,
        })
    })
}

pub(super) fn layouts(rows: &mut impl Rows) -> Result<HashMap<i64, Arc<[i64]>>, StoreError> {
    let list = rows.all(&LAYOUTS, args![], |row| {
        let elements: Vec<i64> = json(row.text(1)?)?;
        Ok((row.int(0)?, elements.into()))
    })?;
    Ok(list.into_iter().collect())
}

pub(super) fn element_set(tx: &mut Tx<'_>, element: &Element) -> Result<(), StoreError> {
    let (since, until) = (element.since.number(), element.until.number());
    tx.exec(&ELEMENT_SET, args![element.id, &element.code, to_json(element), since, until]).map(drop)
}

pub(super) fn form_set(tx: &mut Tx<'_>, form: &Form) -> Result<(), StoreError> {
    let (since, until) = (form.since.number(), form.until.number());
    tx.exec(&FORM_SET, args![form.id, form.version, &form.code, to_json(form), since, until]).map(drop)
}

pub(super) fn assignment_set(tx: &mut Tx<'_>, operation: i64, series: &Assignment) -> Result<(), StoreError> {
    let Assignment { id, form, unit, kinds, since, until, layout } = series;
    let (since, until) = (since.number(), until.number());
    tx.exec(
        &ASSIGNMENT_SET,
        args![*id, operation, *form, *unit, to_json(kinds), since, until, to_json(layout)],
    )
    .map(drop)
}

/// Adds a layout; `false` when the number or the list was taken meanwhile.
pub(super) fn layout_add(tx: &mut Tx<'_>, id: i64, elements: &[i64]) -> Result<bool, StoreError> {
    Ok(tx.exec(&LAYOUT_ADD, args![id, to_json(&elements)])? == 1)
}

pub(super) fn crown(rows: &mut impl Rows) -> Result<HashSet<i64>, StoreError> {
    Ok(rows.all(&CROWN, args![], |row| row.int(0))?.into_iter().collect())
}

// ---- sheets

/// Reads one sheet from the seven columns that start at `from`: rev, at, lane, no, layout, vals, acts.
fn sheet_of(book: &Book, row: &Row<'_>, from: usize) -> Result<Sheet, StoreError> {
    let link = Link { lane: row.int32(from + 2)?, no: row.int(from + 3)? };
    Ok(Sheet {
        rev: row.int(from)?,
        at_ms: row.int(from + 1)?,
        last: Some(link),
        values: values_of(book, row.int(from + 4)?, row.bytes(from + 5)?)?,
        acts: acts_of(row.bytes(from + 6)?)?,
    })
}

pub(super) fn values_of(book: &Book, layout: i64, bytes: &[u8]) -> Result<Values, StoreError> {
    let layout = book.layout(layout).ok_or_else(|| corrupt("a sheet with an unknown layout"))?;
    unpack_values(layout, bytes).ok_or_else(|| corrupt("a sheet that its layout does not read"))
}

pub(super) fn acts_of(bytes: &[u8]) -> Result<Vec<Act>, StoreError> {
    unpack_acts(bytes).ok_or_else(|| corrupt("the acts of a sheet"))
}

/// Locks and reads the sheets of some units for one period, both scopes, in the order of their keys.
pub(super) fn sheets_lock(
    tx: &mut Tx<'_>,
    book: &Book,
    operation: i64,
    bucket: i64,
    day: Day,
    slot: i64,
    units: &[i64],
) -> Result<Vec<(i64, Scope, Sheet)>, StoreError> {
    tx.all(&SHEETS_LOCK, args![bucket, operation, day.number(), slot, units.to_vec()], |row| {
        Ok((row.int(0)?, Scope::from_number(row.int(1)?), sheet_of(book, row, 2)?))
    })
}

/// One sheet, if it was ever written.
pub(super) fn sheet(rows: &mut impl Rows, book: &Book, key: &SheetKey) -> Result<Option<Sheet>, StoreError> {
    rows.opt(&SHEET_ONE, &key_args(key), |row| sheet_of(book, row, 2))
}

fn key_args(key: &SheetKey) -> [Val<'static>; 6] {
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
pub(super) struct SheetRow {
    pub(super) key: SheetKey,
    pub(super) rev: i64,
    pub(super) at_ms: i64,
    pub(super) last: Option<Link>,
    pub(super) layout: i64,
    pub(super) vals: Vec<u8>,
    pub(super) acts: Vec<u8>,
}

fn sheet_args(sheet: &SheetRow) -> Vec<Val<'static>> {
    let link = sheet.last.unwrap_or(Link { lane: 0, no: 0 });
    let mut args = key_args(&sheet.key).to_vec();
    args.extend([
        sheet.rev.into(),
        sheet.at_ms.into(),
        link.lane.into(),
        link.no.into(),
        sheet.layout.into(),
        sheet.vals.clone().into(),
        sheet.acts.clone().into(),
    ]);
    args
}

/// Writes first sheets. One that another transaction wrote first makes the whole closure run again, so that it sees
/// and corrects it.
pub(super) fn sheets_add(tx: &mut Tx<'_>, sheets: &[SheetRow]) -> Result<(), StoreError> {
    let rows: Vec<_> = sheets.iter().map(sheet_args).collect();
    if tx.exec_rows(&SHEET_ADD, &rows)? != rows.len() as u64 {
        return Err(StoreError::Conflict);
    }
    let statements: Vec<_> = sheets
        .iter()
        .filter(|sheet| sheet.key.scope == Scope::Below)
        .map(|sheet| key_args(&sheet.key)[..5].to_vec())
        .collect();
    tx.exec_rows(&STATEMENT_ADD, &statements).map(drop)
}

/// Writes sheets that were locked before.
pub(super) fn sheets_set(tx: &mut Tx<'_>, sheets: &[SheetRow]) -> Result<(), StoreError> {
    let rows: Vec<_> = sheets.iter().map(sheet_args).collect();
    tx.exec_rows(&SHEET_SET, &rows).map(drop)
}

/// Days that have any sheet, between two days.
pub(super) fn sheet_days(
    rows: &mut impl Rows,
    operation: i64,
    from: Day,
    to: Day,
) -> Result<Vec<Day>, StoreError> {
    rows.all(&SHEET_DAYS, args![operation, from.number(), to.number()], |row| day(row, 0))
}

// ---- words and corrections

/// Words of one revision: of an element, or (element 0) the reason of a correction.
pub(super) struct Note {
    pub(super) key: SheetKey,
    pub(super) element: i64,
    pub(super) rev: i64,
    pub(super) words: String,
}

pub(super) fn notes_add(tx: &mut Tx<'_>, notes: &[Note]) -> Result<(), StoreError> {
    let rows = notes.iter().map(|note| {
        let mut args = key_args(&note.key).to_vec();
        args.extend([note.element.into(), note.rev.into(), note.words.clone().into()]);
        args
    });
    tx.exec_rows(&NOTE_ADD, &rows.collect::<Vec<_>>()).map(drop)
}

/// All words of a sheet: element, revision, words.
pub(super) fn notes(rows: &mut impl Rows, key: &SheetKey) -> Result<Vec<(i64, i64, String)>, StoreError> {
    rows.all(&NOTES_OF_SHEET, &key_args(key), |row| Ok((row.int(0)?, row.int(1)?, row.string(2)?)))
}

/// Whether words differ from the last ones that were said for their elements.
pub(super) fn words_differ(
    rows: &mut impl Rows,
    key: &SheetKey,
    words: &BTreeMap<i64, String>,
) -> Result<bool, StoreError> {
    let mut latest = HashMap::new();
    rows.each(&NOTES_LATEST, &key_args(key), |row| {
        let (element, words) = (row.int(0)?, row.string(1)?);
        latest.entry(element).or_insert(words);
        Ok(())
    })?;
    Ok(words.iter().any(|(element, words)| latest.get(element) != Some(words)))
}

/// A correction in the order they came.
pub(super) struct Correction {
    pub(super) key: SheetKey,
    pub(super) at_ms: i64,
    pub(super) link: Link,
    pub(super) rev: i64,
}

pub(super) fn corrections_add(
    tx: &mut Tx<'_>,
    operation: i64,
    corrections: &[Correction],
) -> Result<(), StoreError> {
    let rows = corrections.iter().map(|c| {
        args![
            c.key.bucket,
            operation,
            c.at_ms,
            c.link.lane,
            c.link.no,
            c.key.day.number(),
            c.key.slot,
            c.key.unit,
            c.key.scope.number(),
            c.rev
        ]
        .to_vec()
    });
    tx.exec_rows(&CORRECTION_ADD, &rows.collect::<Vec<_>>()).map(drop)
}

// ---- what lies below a node on a day

/// A unit of a span on a day, with its own sheet if it has one.
pub(super) struct Member<'r> {
    pub(super) unit: i64,
    pub(super) kind: &'r str,
    pub(super) path: &'r str,
    pub(super) rev: Option<i64>,
    pub(super) at_ms: Option<i64>,
    pub(super) last: Option<Link>,
    /// Layout, numbers and acts.
    pub(super) sheet: Option<(i64, &'r [u8], &'r [u8])>,
}

/// Hands every unit of a span to `visit`, in the order of paths, until it answers `false`.
pub(super) fn members(
    rows: &mut impl Rows,
    query: &Query<'_>,
    span: &Span,
    mut visit: impl FnMut(Member<'_>) -> Result<bool, StoreError>,
) -> Result<(), StoreError> {
    let day = query.day.number();
    let args = args![query.operation, day, query.slot(), &span.from, &span.to, day, day];
    let mut out = Ok(());
    let mut one = |row: &Row<'_>| -> Result<bool, StoreError> {
        let sheet = match row.opt_int(7)? {
            Some(layout) => Some((layout, row.bytes(8)?, row.bytes(9)?)),
            None => None,
        };
        let last = match row.opt_int(6)? {
            Some(no) => Some(Link { lane: row.int32(5)?, no }),
            None => None,
        };
        visit(Member {
            unit: row.int(0)?,
            kind: row.text(1)?,
            path: row.text(2)?,
            rev: row.opt_int(3)?,
            at_ms: row.opt_int(4)?,
            last,
            sheet,
        })
    };
    rows.run(&MEMBERS_ON_DAY, args, &mut |row| match one(row) {
        Ok(more) => more,
        Err(error) => {
            out = Err(error);
            false
        }
    })?;
    out
}

/// Statements about all below of the units of a span: unit, path, sheet.
pub(super) fn statements(
    rows: &mut impl Rows,
    query: &Query<'_>,
    span: &Span,
) -> Result<Vec<(i64, String, Sheet)>, StoreError> {
    let day = query.day.number();
    let args = args![day, day, &span.from, &span.to, query.operation, day, query.slot()];
    rows.all(&STATEMENTS_OF_DAY, args, |row| Ok((row.int(0)?, row.string(1)?, sheet_of(query.book, row, 2)?)))
}

/// How many are expected at crown nodes on a day.
pub(super) fn expected_on(
    rows: &mut impl Rows,
    series: i64,
    nodes: &[i64],
    day: Day,
) -> Result<HashMap<i64, i64>, StoreError> {
    let args = args![series, nodes.to_vec(), day.number(), day.number()];
    Ok(rows.all(&EXPECTED_ON_DAY, args, |row| Ok((row.int(0)?, row.int(1)?)))?.into_iter().collect())
}

/// A node's expected count as steps: what is added from a day on.
pub(super) fn expected_steps(
    rows: &mut impl Rows,
    series: i64,
    node: i64,
) -> Result<BTreeMap<Day, i64>, StoreError> {
    let mut steps = BTreeMap::new();
    rows.each(&EXPECTED_OF_NODE, args![series, node], |row| {
        let n = row.int(2)?;
        *steps.entry(day(row, 0)?).or_default() += n;
        *steps.entry(day(row, 1)?).or_default() -= n;
        Ok(())
    })?;
    Ok(steps)
}

/// Writes a node's expected count from its steps.
pub(super) fn expected_write(
    tx: &mut Tx<'_>,
    series: i64,
    node: i64,
    steps: &BTreeMap<Day, i64>,
) -> Result<(), StoreError> {
    tx.exec(&EXPECTED_DROP_NODE, args![series, node])?;
    let mut n = 0;
    let mut rows = Vec::new();
    let mut days = steps.iter().filter(|(_, step)| **step != 0).peekable();
    while let Some((since, step)) = days.next() {
        n += step;
        if let Some((until, _)) = days.peek().filter(|_| n != 0) {
            rows.push(args![1, series, node, since.number(), until.number(), n].to_vec());
        }
    }
    tx.exec_rows(&EXPECTED_ADD, &rows).map(drop)
}

pub(super) fn expected_drop(tx: &mut Tx<'_>, series: i64) -> Result<(), StoreError> {
    tx.exec(&EXPECTED_DROP, args![series]).map(drop)
}

pub(super) fn crown_add(tx: &mut Tx<'_>, nodes: &HashSet<i64>) -> Result<(), StoreError> {
    let mut nodes: Vec<i64> = nodes.iter().copied().collect();
    nodes.sort_unstable();
    let rows: Vec<_> = nodes.into_iter().map(|node| args![node].to_vec()).collect();
    tx.exec_rows(&CROWN_ADD, &rows).map(drop)
}

/// More units below than this, and a node keeps its totals as a row.
pub(super) fn crown_min(rows: &mut impl Rows) -> Result<usize, StoreError> {
    let min = rows.one(&CROWN_MIN, args![], |row| row.int(0))?;
    Ok(usize::try_from(min).unwrap_or(usize::MAX))
}

// ---- incidents and corrections, asked for

pub(super) fn incident_add(
    tx: &mut Tx<'_>,
    incident: &Incident,
    operation: i64,
    day: Day,
    actor: &str,
) -> Result<(), StoreError> {
    let Incident { id, unit, element, value, at_ms, words, bucket, .. } = incident;
    let args = args![id, *bucket, operation, day.number(), *unit, *element, *value, *at_ms, actor, words];
    tx.exec(&INCIDENT_ADD, args).map(drop)
}

/// Incidents of a span on a day, in the order they came.
pub(super) fn incidents(
    rows: &mut impl Rows,
    operation: i64,
    on: Day,
    span: &Span,
) -> Result<Vec<Incident>, StoreError> {
    let day = on.number();
    rows.all(&INCIDENTS, args![day, day, &span.from, &span.to, operation, day], |row| {
        Ok(Incident {
            id: row.string(0)?,
            unit: row.int(1)?,
            element: row.int(2)?,
            value: row.int(3)?,
            at_ms: row.int(4)?,
            words: row.string(5)?,
            bucket: row.int(6)?,
        })
    })
}

/// Corrections of a span that came between two instants: in the order they came.
pub(super) fn corrections(
    rows: &mut impl Rows,
    query: &Query<'_>,
    span: &Span,
    since_ms: i64,
    until_ms: i64,
    limit: u32,
) -> Result<Vec<Correction>, StoreError> {
    let on = query.day.number();
    let args = args![on, on, &span.from, &span.to, query.operation, since_ms, until_ms, limit];
    rows.all(&CORRECTIONS, args, |row| {
        let key = SheetKey {
            bucket: row.int(7)?,
            operation: query.operation,
            day: day(row, 2)?,
            slot: row.int(3)?,
            unit: row.int(4)?,
            scope: Scope::from_number(row.int(5)?),
        };
        let link = Link { lane: row.int32(0)?, no: row.int(1)? };
        Ok(Correction { key, at_ms: row.int(8)?, link, rev: row.int(6)? })
    })
}

/// Words that were said between two days below a span and hold a piece of text, the newest first.
pub(super) fn notes_search(
    rows: &mut impl Rows,
    operation: i64,
    (from, to): (Day, Day),
    span: &Span,
    text: &str,
    limit: u32,
) -> Result<Vec<Found>, StoreError> {
    let pattern = format!("%{}%", text.replace('!', "!!").replace('%', "!%").replace('_', "!_"));
    let args = args![operation, from.number(), to.number(), &span.from, &span.to, pattern, limit];
    rows.all(&NOTES_SEARCH, args, |row| {
        Ok(Found {
            unit: row.int(0)?,
            day: day(row, 1)?,
            element: row.int(2)?,
            rev: row.int(3)?,
            words: row.string(4)?,
        })
    })
}

/// Words that were found.
#[derive(Clone, Debug)]
pub struct Found {
    /// The unit that said them.
    pub unit: i64,
    /// The day they speak of.
    pub day: Day,
    /// The text element.
    pub element: i64,
    /// The revision in which they were said.
    pub rev: i64,
    /// The words.
    pub words: String,
}

/// Own sheets of some units (at most a few hundred) for one period.
pub(super) fn sheets_of(
    rows: &mut impl Rows,
    query: &Query<'_>,
    bucket: i64,
    units: &[i64],
) -> Result<Vec<(i64, Sheet)>, StoreError> {
    let args = args![bucket, query.operation, query.day.number(), query.slot(), units.to_vec()];
    let all = rows.all(&SHEETS_OF_UNITS, args, |row| {
        Ok((row.int(0)?, Scope::from_number(row.int(1)?), sheet_of(query.book, row, 2)?))
    })?;
    Ok(all
        .into_iter()
        .filter(|(_, scope, _)| *scope == Scope::Alone)
        .map(|(unit, _, sheet)| (unit, sheet))
        .collect())
}

/// What units last said of their people, in the week before a day: the first head-count element of the form (unit of
/// measurement `person`, class state). Tells how many people are behind a report that is missing.
pub(super) fn last_staff(
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
    let mut heads = query.form.items.iter().map(|item| item.element.as_str());
    let Some(element) = heads.find(|id| counts(id)).and_then(|code| query.book.element_by_code(code)) else {
        return Ok(HashMap::new());
    };
    let mut people = HashMap::new();
    for back in 1..=7 {
        let query = query.on(query.day.plus(-back));
        let unknown: Vec<i64> = units.iter().copied().filter(|unit| !people.contains_key(unit)).collect();
        if unknown.is_empty() {
            break;
        }
        for (unit, sheet) in sheets_of(rows, &query, 1, &unknown)? {
            if let Some(&said) = sheet.values.get(&element.id) {
                people.insert(unit, said);
            }
        }
    }
    Ok(people)
}

/// When a form's day was frozen, milliseconds UTC; none while it is open.
pub(super) fn frozen_at(
    rows: &mut impl Rows,
    operation: i64,
    form: i64,
    on: Day,
) -> Result<Option<i64>, StoreError> {
    rows.opt(&FROZEN, args![operation, form, on.number()], |row| row.int(0))
}

/// Freezes a form's day; `false` when it was frozen before.
pub(super) fn frozen_add(
    tx: &mut Tx<'_>,
    operation: i64,
    form: i64,
    on: Day,
    at_ms: i64,
) -> Result<bool, StoreError> {
    Ok(tx.exec(&FROZEN_ADD, args![operation, form, on.number(), at_ms])? == 1)
}
