//! Rows as they stand, undecoded: for whoever checks them against the journal.

use super::sheets::{key_args, link_of};
use super::{buckets, corrupt, day, json};
use crate::lines::reporting::model::{Assignment, Element, Form, Scope, SheetKey};
use muster_kernel::Day;
use muster_store::{Link, Rows, Stmt, StoreError, args};
use std::collections::HashMap;

const SHEETS_RAW: Stmt = Stmt::new(
    "reporting.sheets_raw",
    "select day, slot, unit, scope, rev, at, last_lane, last_no, layout, vals, acts from sheet
     where bucket = $1 and operation = $2 and (day, slot, unit, scope) > ($3, $4, $5, $6)
     order by day, slot, unit, scope limit $7",
);
const SHEET_RAW: Stmt = Stmt::new(
    "reporting.sheet_raw",
    "select day, slot, unit, scope, rev, at, last_lane, last_no, layout, vals, acts from sheet
     where bucket = $1 and operation = $2 and day = $3 and slot = $4 and unit = $5 and scope = $6",
);
const STATEMENTS_RAW: Stmt = Stmt::new(
    "reporting.statements_raw",
    "select day, slot, unit from statement
     where bucket = $1 and operation = $2 and (day, slot, unit) > ($3, $4, $5) order by day, slot, unit limit $6",
);
const STATEMENT_NOTED: Stmt = Stmt::new(
    "reporting.statement_noted",
    "select count(*) from statement where bucket = $1 and operation = $2 and day = $3 and slot = $4 and unit = $5",
);
const NOTES_COUNT: Stmt =
    Stmt::new("reporting.notes_count", "select count(*) from note where bucket {in:$1} and operation = $2");
const CORRECTIONS_RAW: Stmt = Stmt::new(
    "reporting.corrections_raw",
    "select at, lane, no, day, slot, unit, scope, rev from correction
     where bucket = $1 and operation = $2 and (at, lane, no) > ($3, $4, $5) order by at, lane, no limit $6",
);
const CORRECTION_AT: Stmt = Stmt::new(
    "reporting.correction_at",
    "select rev from correction where bucket = $1 and operation = $2 and at = $3 and lane = $4 and no = $5",
);
const INCIDENT_RAW: Stmt = Stmt::new(
    "reporting.incident_raw",
    "select element, value, at, actor, words from incident
     where bucket {in:$1} and operation = $2 and day = $3 and unit = $4 and id = $5",
);
const INCIDENTS_COUNT: Stmt = Stmt::new(
    "reporting.incidents_count",
    "select count(*) from incident where bucket {in:$1} and operation = $2",
);
const ELEMENT_BODIES: Stmt = Stmt::new(
    "reporting.element_bodies",
    "select id, code, body, since, until from element order by id limit 10000",
);
const FORM_BODIES: Stmt = Stmt::new(
    "reporting.form_bodies",
    "select id, code, body, version, since, until from form order by id, version limit 10000",
);
const ASSIGNMENT_ROWS: Stmt = Stmt::new(
    "reporting.assignment_rows",
    "select id, form, unit, kinds, since, until, layout, operation from assignment order by id limit 10000",
);

/// Rows of a table in no bucket that there is, or of another operation. Each part is a short look into the key.
macro_rules! strays {
    ($name:literal, $table:literal) => {
        Stmt::new(
            $name,
            concat!(
                "select count(*) from (select 1 as x from ",
                $table,
                " where bucket < 1 union all select 1 from ",
                $table,
                " where bucket > $1 union all select 1 from ",
                $table,
                " where bucket {in:$2} and operation < $3 union all select 1 from ",
                $table,
                " where bucket {in:$2} and operation > $3) as found"
            ),
        )
    };
}
const STRAYS: [(&str, Stmt); 6] = [
    ("sheet", strays!("reporting.sheet_strays", "sheet")),
    ("statement", strays!("reporting.statement_strays", "statement")),
    ("note", strays!("reporting.note_strays", "note")),
    ("correction", strays!("reporting.correction_strays", "correction")),
    ("incident", strays!("reporting.incident_strays", "incident")),
    ("frozen", strays!("reporting.frozen_strays", "frozen")),
];

pub(super) const STATEMENTS: &[Stmt] = &[
    SHEETS_RAW,
    SHEET_RAW,
    STATEMENTS_RAW,
    STATEMENT_NOTED,
    NOTES_COUNT,
    CORRECTIONS_RAW,
    CORRECTION_AT,
    INCIDENT_RAW,
    INCIDENTS_COUNT,
    ELEMENT_BODIES,
    FORM_BODIES,
    ASSIGNMENT_ROWS,
    STRAYS[0].1,
    STRAYS[1].1,
    STRAYS[2].1,
    STRAYS[3].1,
    STRAYS[4].1,
    STRAYS[5].1,
];

/// A sheet's row.
pub(in crate::lines::reporting) struct RawSheet {
    pub(in crate::lines::reporting) key: SheetKey,
    pub(in crate::lines::reporting) rev: i64,
    pub(in crate::lines::reporting) at_ms: i64,
    pub(in crate::lines::reporting) last: Option<Link>,
    pub(in crate::lines::reporting) layout: i64,
    pub(in crate::lines::reporting) vals: Vec<u8>,
    pub(in crate::lines::reporting) acts: Vec<u8>,
}

fn raw_sheet(row: &muster_store::Row<'_>, bucket: i64, operation: i64) -> Result<RawSheet, StoreError> {
    let scope = Scope::from_number(row.int(3)?);
    let key = SheetKey { bucket, operation, day: day(row, 0)?, slot: row.int(1)?, unit: row.int(2)?, scope };
    Ok(RawSheet {
        key,
        rev: row.int(4)?,
        at_ms: row.int(5)?,
        last: link_of(row.int32(6)?, row.int(7)?),
        layout: row.int(8)?,
        vals: row.bytes(9)?.to_vec(),
        acts: row.bytes(10)?.to_vec(),
    })
}

/// One sheet's row.
pub(in crate::lines::reporting) fn sheet_raw(
    rows: &mut impl Rows,
    key: &SheetKey,
) -> Result<Option<RawSheet>, StoreError> {
    rows.opt(&SHEET_RAW, &key_args(key), |row| raw_sheet(row, key.bucket, key.operation))
}

/// Sheets of a bucket after one, in the order of their keys.
pub(in crate::lines::reporting) fn sheets_raw(
    rows: &mut impl Rows,
    (bucket, operation): (i64, i64),
    after: Option<&SheetKey>,
    limit: i64,
) -> Result<Vec<RawSheet>, StoreError> {
    let (day, slot, unit, scope) = after.map_or((i64::MIN, i64::MIN, i64::MIN, i64::MIN), |key| {
        (key.day.number().into(), key.slot, key.unit, key.scope.number())
    });
    rows.all(&SHEETS_RAW, args![bucket, operation, day, slot, unit, scope, limit], |row| {
        raw_sheet(row, bucket, operation)
    })
}

/// Which sheets are noted as statements, as keys of their own sheets, in order.
pub(in crate::lines::reporting) fn statements_raw(
    rows: &mut impl Rows,
    (bucket, operation): (i64, i64),
    after: Option<&SheetKey>,
    limit: i64,
) -> Result<Vec<SheetKey>, StoreError> {
    let (from, slot, unit) =
        after.map_or((i64::MIN, i64::MIN, i64::MIN), |key| (key.day.number().into(), key.slot, key.unit));
    rows.all(&STATEMENTS_RAW, args![bucket, operation, from, slot, unit, limit], |row| {
        let (day, slot, unit) = (day(row, 0)?, row.int(1)?, row.int(2)?);
        Ok(SheetKey { bucket, operation, day, slot, unit, scope: Scope::Below })
    })
}

/// Whether a statement's sheet is in the list of statements.
pub(in crate::lines::reporting) fn statement_noted(
    rows: &mut impl Rows,
    key: &SheetKey,
) -> Result<bool, StoreError> {
    let day = key.day.number();
    rows.one(&STATEMENT_NOTED, args![key.bucket, key.operation, day, key.slot, key.unit], |row| {
        Ok(row.int(0)? > 0)
    })
}

/// How many notes there are.
pub(in crate::lines::reporting) fn notes_count(
    rows: &mut impl Rows,
    operation: i64,
) -> Result<i64, StoreError> {
    let buckets = buckets(rows);
    rows.one(&NOTES_COUNT, args![buckets, operation], |row| row.int(0))
}

/// Corrections of a bucket after one, in order: instant, entry, sheet, revision.
pub(in crate::lines::reporting) fn corrections_raw(
    rows: &mut impl Rows,
    (bucket, operation): (i64, i64),
    after: (i64, Link),
    limit: i64,
) -> Result<Vec<(i64, Link, SheetKey, i64)>, StoreError> {
    let (at_ms, link) = after;
    rows.all(&CORRECTIONS_RAW, args![bucket, operation, at_ms, link.lane, link.no, limit], |row| {
        let link = Link { lane: row.int32(1)?, no: row.int(2)? };
        let (day, slot, unit) = (day(row, 3)?, row.int(4)?, row.int(5)?);
        let scope = Scope::from_number(row.int(6)?);
        Ok((row.int(0)?, link, SheetKey { bucket, operation, day, slot, unit, scope }, row.int(7)?))
    })
}

/// The revision that a correction noted for an entry made.
pub(in crate::lines::reporting) fn correction_at(
    rows: &mut impl Rows,
    (bucket, operation): (i64, i64),
    at_ms: i64,
    link: Link,
) -> Result<Option<i64>, StoreError> {
    rows.opt(&CORRECTION_AT, args![bucket, operation, at_ms, link.lane, link.no], |row| row.int(0))
}

/// An incident's row.
pub(in crate::lines::reporting) struct RawIncident {
    pub(in crate::lines::reporting) element: i64,
    pub(in crate::lines::reporting) value: i64,
    pub(in crate::lines::reporting) at_ms: i64,
    pub(in crate::lines::reporting) actor: String,
    pub(in crate::lines::reporting) words: String,
}

/// One incident's row.
pub(in crate::lines::reporting) fn incident_raw(
    rows: &mut impl Rows,
    operation: i64,
    on: Day,
    unit: i64,
    id: &str,
) -> Result<Option<RawIncident>, StoreError> {
    let buckets = buckets(rows);
    rows.opt(&INCIDENT_RAW, args![buckets, operation, on.number(), unit, id], |row| {
        Ok(RawIncident {
            element: row.int(0)?,
            value: row.int(1)?,
            at_ms: row.int(2)?,
            actor: row.string(3)?,
            words: row.string(4)?,
        })
    })
}

/// How many incidents there are.
pub(in crate::lines::reporting) fn incidents_count(
    rows: &mut impl Rows,
    operation: i64,
) -> Result<i64, StoreError> {
    let buckets = buckets(rows);
    rows.one(&INCIDENTS_COUNT, args![buckets, operation], |row| row.int(0))
}

/// Elements by code, as their rows say; one that cannot be read, or whose columns say another thing than its body, is
/// none.
pub(in crate::lines::reporting) fn elements_raw(
    rows: &mut impl Rows,
) -> Result<HashMap<String, Option<Element>>, StoreError> {
    let all = rows.all(&ELEMENT_BODIES, args![], |row| {
        let (id, days) = (row.int(0)?, (day(row, 3)?, day(row, 4)?));
        let element = json::<Element>(row.text(2)?).ok().map(|body| Element { id, ..body });
        Ok((row.string(1)?, element.filter(|element| (element.since, element.until) == days)))
    })?;
    Ok(all.into_iter().collect())
}

/// Forms, as their rows say: code, and the body where it can be read and its columns say the same.
pub(in crate::lines::reporting) fn forms_raw(
    rows: &mut impl Rows,
) -> Result<Vec<(String, Option<Form>)>, StoreError> {
    rows.all(&FORM_BODIES, args![], |row| {
        let (id, code) = (row.int(0)?, row.string(1)?);
        let columns = (row.int(3)?, day(row, 4)?, day(row, 5)?);
        let form = json::<Form>(row.text(2)?).ok().map(|body| Form { id, ..body });
        Ok((code, form.filter(|form| (form.version, form.since, form.until) == columns)))
    })
}

/// Assignments of all operations, as their rows say: operation, assignment.
pub(in crate::lines::reporting) fn assignments_raw(
    rows: &mut impl Rows,
) -> Result<Vec<(i64, Assignment)>, StoreError> {
    rows.all(&ASSIGNMENT_ROWS, args![], |row| {
        let list = |text: &str| json(text).map_err(|_| corrupt("an assignment"));
        let assignment = Assignment {
            id: row.int(0)?,
            form: row.int(1)?,
            unit: row.int(2)?,
            kinds: json(row.text(3)?)?,
            since: day(row, 4)?,
            until: day(row, 5)?,
            layout: list(row.text(6)?)?,
        };
        Ok((row.int(7)?, assignment))
    })
}

/// Rows in no bucket that there is, or of another operation: how many, by table.
pub(in crate::lines::reporting) fn strays(
    rows: &mut impl Rows,
    operation: i64,
) -> Result<Vec<(&'static str, u64)>, StoreError> {
    let (last, buckets) = (rows.buckets(), buckets(rows));
    let mut found = Vec::new();
    for (table, statement) in &STRAYS {
        let count = rows.one(statement, args![last, &buckets, operation], |row| row.int(0))?;
        if count > 0 {
            found.push((*table, count.unsigned_abs()));
        }
    }
    Ok(found)
}
