//! The book in its tables, and which of its days are frozen.

use super::{day, json, to_json};
use crate::lines::reporting::model::{Assignment, Element, Form};
use muster_kernel::Day;
use muster_store::{Ask, Link, Rows, Stmt, StoreError, Tx, args};
use std::collections::HashMap;
use std::sync::Arc;

const BOOK_EPOCH: Stmt = Stmt::new("reporting.book_epoch", "select value from book_epoch where id = 1");
const ASKED_EPOCH: Stmt = Stmt::new("reporting.asked_epoch", "select asked from book_epoch where id = 1");
const ASKED_EPOCH_NEXT: Stmt = Stmt::new(
    "reporting.asked_epoch_next",
    "update book_epoch set value = value + 1, asked = asked + 1 where id = 1",
);
const BOOK_LOCK: Stmt = Stmt::new("reporting.book_lock", "select value from book_epoch where id = 1 {lock}");
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
     on conflict (id) do update set unit = excluded.unit, kinds = excluded.kinds, since = excluded.since,
         until = excluded.until, layout = excluded.layout",
);
const LAYOUT_ADD: Stmt = Stmt::new(
    "reporting.layout_add",
    "insert into layout (id, elements) values ($1, $2) on conflict do nothing",
);
const FROZEN: Stmt = Stmt::new(
    "reporting.frozen",
    "select at from frozen where bucket = 1 and operation = $1 and form = $2 and day = $3",
);
const FROZEN_DAYS: Stmt = Stmt::new(
    "reporting.frozen_days",
    "select day from frozen where bucket = 1 and operation = $1 and form = $2 and day >= $3 and day < $4
     order by day limit 100000",
);
const FROZEN_ANYWHERE: Stmt = Stmt::new(
    "reporting.frozen_anywhere",
    "select distinct day from frozen where bucket = 1 and form = $1 and day >= $2 and day < $3
     order by day limit 100000",
);
const REASSIGNED_ADD: Stmt = Stmt::new(
    "reporting.reassigned_add",
    "insert into reassigned (assignment, rev, lane, no, words) values ($1, $2, $3, $4, $5)",
);
const REASSIGNED: Stmt = Stmt::new(
    "reporting.reassigned",
    "select assignment, rev, lane, no, words from reassigned order by assignment, rev limit 100000",
);
const FROZEN_COUNT: Stmt = Stmt::new("reporting.frozen_count", "select count(*) from frozen");
const FROZEN_ADD: Stmt = Stmt::new(
    "reporting.frozen_add",
    "insert into frozen (bucket, operation, form, day, at) values (1, $1, $2, $3, $4) on conflict do nothing",
);

pub(super) const STATEMENTS: &[Stmt] = &[
    BOOK_EPOCH,
    ASKED_EPOCH,
    ASKED_EPOCH_NEXT,
    BOOK_LOCK,
    BOOK_EPOCH_NEXT,
    ELEMENTS,
    FORMS,
    ASSIGNMENTS,
    LAYOUTS,
    ELEMENT_SET,
    FORM_SET,
    ASSIGNMENT_SET,
    LAYOUT_ADD,
    FROZEN,
    FROZEN_DAYS,
    FROZEN_ANYWHERE,
    REASSIGNED_ADD,
    REASSIGNED,
    FROZEN_COUNT,
    FROZEN_ADD,
];

pub(in crate::lines::reporting) fn book_epoch(rows: &mut impl Rows) -> Result<i64, StoreError> {
    rows.one(&BOOK_EPOCH, args![], |row| row.int(0))
}

pub(in crate::lines::reporting) fn book_epoch_next(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    tx.exec(&BOOK_EPOCH_NEXT, args![]).map(drop)
}

/// Waits for whoever is changing the book, and holds back the next.
pub(in crate::lines::reporting) fn book_lock(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    tx.one(&BOOK_LOCK, args![], |_| Ok(()))
}

/// Counts changes of what is asked of whom: forms and assignments, on which every report relies.
pub(in crate::lines::reporting) fn asked_epoch(rows: &mut impl Rows) -> Result<i64, StoreError> {
    rows.one(&ASKED_EPOCH, args![], |row| row.int(0))
}

/// The questions of [`book_epoch`] and [`asked_epoch`], to be sent ahead.
pub(in crate::lines::reporting) fn epoch_asks() -> [Ask; 2] {
    [book_epoch_ask(), Ask::new(ASKED_EPOCH, args![])]
}

/// The question of [`book_epoch`], to be sent ahead.
pub(in crate::lines::reporting) fn book_epoch_ask() -> Ask {
    Ask::new(BOOK_EPOCH, args![])
}

pub(in crate::lines::reporting) fn asked_epoch_next(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    tx.exec(&ASKED_EPOCH_NEXT, args![]).map(drop)
}

pub(in crate::lines::reporting) fn elements(rows: &mut impl Rows) -> Result<Vec<Element>, StoreError> {
    rows.all(&ELEMENTS, args![], |row| Ok(Element { id: row.int(0)?, ..json(row.text(1)?)? }))
}

pub(in crate::lines::reporting) fn forms(rows: &mut impl Rows) -> Result<Vec<Form>, StoreError> {
    rows.all(&FORMS, args![], |row| Ok(Form { id: row.int(0)?, ..json(row.text(1)?)? }))
}

pub(in crate::lines::reporting) fn assignments(
    rows: &mut impl Rows,
    operation: i64,
) -> Result<Vec<Assignment>, StoreError> {
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

pub(in crate::lines::reporting) fn layouts(
    rows: &mut impl Rows,
) -> Result<HashMap<i64, Arc<[i64]>>, StoreError> {
    let list = rows.all(&LAYOUTS, args![], |row| {
        let elements: Vec<i64> = json(row.text(1)?)?;
        Ok((row.int(0)?, elements.into()))
    })?;
    Ok(list.into_iter().collect())
}

pub(in crate::lines::reporting) fn element_set(tx: &mut Tx<'_>, element: &Element) -> Result<(), StoreError> {
    let (since, until) = (element.since.number(), element.until.number());
    tx.exec(&ELEMENT_SET, args![element.id, &element.code, to_json(element), since, until]).map(drop)
}

pub(in crate::lines::reporting) fn form_set(tx: &mut Tx<'_>, form: &Form) -> Result<(), StoreError> {
    let (since, until) = (form.since.number(), form.until.number());
    tx.exec(&FORM_SET, args![form.id, form.version, &form.code, to_json(form), since, until]).map(drop)
}

pub(in crate::lines::reporting) fn assignment_set(
    tx: &mut Tx<'_>,
    operation: i64,
    series: &Assignment,
) -> Result<(), StoreError> {
    let Assignment { id, form, unit, kinds, since, until, layout } = series;
    let (since, until) = (since.number(), until.number());
    tx.exec(
        &ASSIGNMENT_SET,
        args![*id, operation, *form, *unit, to_json(kinds), since, until, to_json(layout)],
    )
    .map(drop)
}

/// Adds a layout; `false` when the number or the list was taken meanwhile.
pub(in crate::lines::reporting) fn layout_add(
    tx: &mut Tx<'_>,
    id: i64,
    elements: &[i64],
) -> Result<bool, StoreError> {
    Ok(tx.exec(&LAYOUT_ADD, args![id, to_json(&elements)])? == 1)
}

/// When a form's day was frozen, milliseconds UTC; none while it is open.
pub(in crate::lines::reporting) fn frozen_at(
    rows: &mut impl Rows,
    operation: i64,
    form: i64,
    on: Day,
) -> Result<Option<i64>, StoreError> {
    rows.opt(&FROZEN, args![operation, form, on.number()], |row| row.int(0))
}

/// The question of [`frozen_at`], to be sent ahead.
pub(in crate::lines::reporting) fn frozen_ask(operation: i64, form: i64, on: Day) -> Ask {
    Ask::new(FROZEN, args![operation, form, on.number()])
}

/// The days of a form that are frozen, from one day to another (excluded).
pub(in crate::lines::reporting) fn frozen_days(
    rows: &mut impl Rows,
    operation: i64,
    form: i64,
    (from, until): (Day, Day),
) -> Result<Vec<Day>, StoreError> {
    rows.all(&FROZEN_DAYS, args![operation, form, from.number(), until.number()], |row| day(row, 0))
}

/// Days of a form that are frozen in any operation: forms and elements are the same for all of them.
pub(in crate::lines::reporting) fn frozen_anywhere(
    rows: &mut impl Rows,
    form: i64,
    (from, until): (Day, Day),
) -> Result<Vec<Day>, StoreError> {
    rows.all(&FROZEN_ANYWHERE, args![form, from.number(), until.number()], |row| day(row, 0))
}

/// That an assignment was changed: which time, where the journal tells it, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::lines::reporting) struct Reassigned {
    pub(in crate::lines::reporting) assignment: i64,
    pub(in crate::lines::reporting) rev: i64,
    pub(in crate::lines::reporting) link: Link,
    /// The reason; empty where none was given.
    pub(in crate::lines::reporting) words: String,
}

pub(in crate::lines::reporting) fn reassigned_add(
    tx: &mut Tx<'_>,
    changed: &Reassigned,
) -> Result<(), StoreError> {
    let Reassigned { assignment, rev, link, words } = changed;
    tx.exec(&REASSIGNED_ADD, args![*assignment, *rev, link.lane, link.no, words]).map(drop)
}

/// All changes of assignments, each assignment's in order.
pub(in crate::lines::reporting) fn reassigned(rows: &mut impl Rows) -> Result<Vec<Reassigned>, StoreError> {
    rows.all(&REASSIGNED, args![], |row| {
        let link = Link { lane: row.int32(2)?, no: row.int(3)? };
        Ok(Reassigned { assignment: row.int(0)?, rev: row.int(1)?, link, words: row.string(4)? })
    })
}

/// How many days of forms are frozen.
pub(in crate::lines::reporting) fn frozen_count(rows: &mut impl Rows) -> Result<i64, StoreError> {
    rows.one(&FROZEN_COUNT, args![], |row| row.int(0))
}

/// Freezes a form's day; `false` when it was frozen before.
pub(in crate::lines::reporting) fn frozen_add(
    tx: &mut Tx<'_>,
    operation: i64,
    form: i64,
    on: Day,
    at_ms: i64,
) -> Result<bool, StoreError> {
    Ok(tx.exec(&FROZEN_ADD, args![operation, form, on.number(), at_ms])? == 1)
}
