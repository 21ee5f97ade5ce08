//! Words, corrections, incidents.

use super::sheets::key_args;
use super::{buckets, day};
use crate::lines::reporting::model::{Incident, Scope, SheetKey};
use crate::lines::reporting::query::Query;
use crate::lines::reporting::span::Span;
use muster_kernel::Day;
use muster_store::{Link, Row, Rows, Stmt, StoreError, Tx, args};
use std::collections::HashMap;

const NOTES_LATEST: Stmt = Stmt::new(
    "reporting.notes_latest",
    "select element, words from note
     where bucket = $1 and operation = $2 and day = $3 and slot = $4 and unit = $5 and scope = $6 and element > 0
     order by element, rev desc limit 1000",
);
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
const NOTES_OF_REVISIONS: Stmt = Stmt::new(
    "reporting.notes_of_revisions",
    "select k.n, n.element, n.words
     from {rows:$3 bigint,$4 bigint,$5 bigint,$6 bigint,$7 bigint} k
     {by:note n: n.bucket = k.a and n.operation = $1 and n.day = k.b and n.slot = $2 and n.unit = k.c and n.scope = k.d and n.rev = k.e}
     order by k.n, n.element",
);
const NOTES_SEARCH: Stmt = Stmt::new(
    "reporting.notes_search",
    "select st.unit, n.day, n.element, n.rev, n.words
     from note n
     join standing st on st.unit = n.unit and st.since <= n.day and st.until > n.day
     where n.bucket {in:$1} and n.operation = $2 and n.day >= $3 and n.day <= $4 and n.element > 0
         and st.path >= $5 and st.path < $6 and n.words like $7 escape '!'
     order by n.day desc, st.path, n.element, n.rev limit $8",
);
const REQUESTS: Stmt = Stmt::new(
    "reporting.requests",
    "select st.unit, n.day, n.element, n.rev, n.words
     from note n
     join standing st on st.unit = n.unit and st.since <= n.day and st.until > n.day
     where n.bucket {in:$1} and n.operation = $2 and n.day = $3 and n.element > 0 and n.words <> ''
         and st.path >= $4 and st.path < $5
         and not exists (select 1 from note later where later.bucket = n.bucket
             and later.operation = n.operation and later.day = n.day and later.slot = n.slot
             and later.unit = n.unit and later.scope = n.scope and later.element = n.element
             and later.rev > n.rev)
     order by st.path, n.element limit $6",
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
     where c.bucket {in:$5} and c.operation = $6 and c.slot = $7 and (c.at, c.lane, c.no) > ($8, $9, $10) and c.at <= $11
     order by c.at, c.lane, c.no limit $12",
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
     where i.bucket {in:$5} and i.operation = $6 and i.day = $7
     order by i.at, i.id limit 1000",
);

pub(super) const STATEMENTS: &[Stmt] = &[
    NOTES_LATEST,
    NOTE_ADD,
    NOTES_OF_SHEET,
    NOTES_OF_REVISIONS,
    NOTES_SEARCH,
    REQUESTS,
    CORRECTION_ADD,
    CORRECTIONS,
    INCIDENT_ADD,
    INCIDENTS,
];

/// Words of one revision: of an element, or (element 0) the reason of a correction, or (an element's number with the other
/// sign) the reason that a rule asked at it.
pub(in crate::lines::reporting) struct Note {
    pub(in crate::lines::reporting) key: SheetKey,
    pub(in crate::lines::reporting) element: i64,
    pub(in crate::lines::reporting) rev: i64,
    pub(in crate::lines::reporting) words: String,
}

pub(in crate::lines::reporting) fn notes_add(tx: &mut Tx<'_>, notes: Vec<Note>) -> Result<(), StoreError> {
    let rows = notes.into_iter().map(|note| {
        let mut args = key_args(&note.key).to_vec();
        args.extend([note.element.into(), note.rev.into(), note.words.into()]);
        args
    });
    tx.exec_rows(&NOTE_ADD, &rows.collect::<Vec<_>>()).map(drop)
}

/// All words of a sheet: element, revision, words.
pub(in crate::lines::reporting) fn notes(
    rows: &mut impl Rows,
    key: &SheetKey,
) -> Result<Vec<(i64, i64, String)>, StoreError> {
    rows.all(&NOTES_OF_SHEET, &key_args(key), |row| Ok((row.int(0)?, row.int(1)?, row.string(2)?)))
}

/// Words of revisions, element and words, by sheet and revision.
pub(in crate::lines::reporting) type NotesOf = HashMap<(SheetKey, i64), Vec<(i64, String)>>;

/// Words of revisions of sheets of one instant within the day: element, words; by sheet and revision.
pub(in crate::lines::reporting) fn notes_of(
    rows: &mut impl Rows,
    operation: i64,
    slot: i64,
    revisions: &[(SheetKey, i64)],
) -> Result<NotesOf, StoreError> {
    let mut notes = NotesOf::new();
    if revisions.is_empty() {
        return Ok(notes);
    }
    let list = |of: fn(&SheetKey) -> i64| -> Vec<i64> { revisions.iter().map(|(key, _)| of(key)).collect() };
    let revs: Vec<i64> = revisions.iter().map(|(_, rev)| *rev).collect();
    let args = args![
        operation,
        slot,
        list(|key| key.bucket),
        list(|key| key.day.number().into()),
        list(|key| key.unit),
        list(|key| key.scope.number()),
        revs
    ];
    rows.each(&NOTES_OF_REVISIONS, args, |row| {
        let at = usize::try_from(row.int(0)?).ok().and_then(|at| revisions.get(at));
        let at = at.ok_or_else(|| StoreError::Corrupt("a note of no revision".to_owned()))?;
        notes.entry(*at).or_default().push((row.int(1)?, row.string(2)?));
        Ok(())
    })?;
    Ok(notes)
}

/// The last words that were said on a sheet, by element.
pub(in crate::lines::reporting) fn words_latest(
    rows: &mut impl Rows,
    key: &SheetKey,
) -> Result<HashMap<i64, String>, StoreError> {
    let mut latest = HashMap::new();
    rows.each(&NOTES_LATEST, &key_args(key), |row| {
        let (element, words) = (row.int(0)?, row.string(1)?);
        latest.entry(element).or_insert(words);
        Ok(())
    })?;
    Ok(latest)
}

/// A correction in the order they came.
pub(in crate::lines::reporting) struct Correction {
    pub(in crate::lines::reporting) key: SheetKey,
    pub(in crate::lines::reporting) at_ms: i64,
    pub(in crate::lines::reporting) link: Link,
    pub(in crate::lines::reporting) rev: i64,
}

pub(in crate::lines::reporting) fn corrections_add(
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

pub(in crate::lines::reporting) fn incident_add(
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
pub(in crate::lines::reporting) fn incidents(
    rows: &mut impl Rows,
    operation: i64,
    on: Day,
    span: &Span,
) -> Result<Vec<Incident>, StoreError> {
    let day = on.number();
    rows.all(&INCIDENTS, args![day, day, &span.from, &span.to, buckets(rows), operation, day], |row| {
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

/// Corrections of the sheets that a question is about, of a span, that came after one up to an instant (milliseconds UTC):
/// in the order they came.
pub(in crate::lines::reporting) fn corrections(
    rows: &mut impl Rows,
    query: &Query<'_>,
    span: &Span,
    (after_ms, after): (i64, Link),
    until_ms: i64,
    limit: usize,
) -> Result<Vec<Correction>, StoreError> {
    let on = query.day.number();
    let (slot, limit) = (query.slot(), limit as i64);
    let within = args![on, on, &span.from, &span.to, buckets(rows), query.operation, slot];
    let which = args![after_ms, after.lane, after.no, until_ms, limit];
    let args = [within, which].concat();
    rows.all(&CORRECTIONS, &args, |row| {
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
pub(in crate::lines::reporting) fn notes_search(
    rows: &mut impl Rows,
    operation: i64,
    (from, to): (Day, Day),
    span: &Span,
    text: &str,
    limit: u32,
) -> Result<Vec<Found>, StoreError> {
    let pattern = format!("%{}%", text.replace('!', "!!").replace('%', "!%").replace('_', "!_"));
    let args =
        args![buckets(rows), operation, from.number(), to.number(), &span.from, &span.to, pattern, limit];
    rows.all(&NOTES_SEARCH, args, found)
}

/// What was said last on each sheet of a day below a span, in the order of the tree.
pub(in crate::lines::reporting) fn requests(
    rows: &mut impl Rows,
    operation: i64,
    day: Day,
    span: &Span,
    limit: u32,
) -> Result<Vec<Found>, StoreError> {
    let args = args![buckets(rows), operation, day.number(), &span.from, &span.to, limit];
    rows.all(&REQUESTS, args, found)
}

fn found(row: &Row<'_>) -> Result<Found, StoreError> {
    Ok(Found {
        unit: row.int(0)?,
        day: day(row, 1)?,
        element: row.int(2)?,
        rev: row.int(3)?,
        words: row.string(4)?,
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
