//! Every statement of the tree, with the functions that run them: identities here, dated facts in [`facts`], the
//! projection in [`standing`] (read) and [`drawing`] (written), posts and outside parties in [`posts`].

pub(super) mod called;
mod cells;
pub(super) mod children;
pub(super) mod contacts;
pub(super) mod drawing;
pub(super) mod facts;
pub(super) mod labels;
pub(super) mod parties;
pub(super) mod posts;
pub(super) mod standing;
pub(super) mod strays;
pub(super) mod told;

use super::gb2260;
use crate::lines::operation::Names;
use muster_store::{Ask, Link, Result, Row, Rows, Stmt, Tx, args};
use std::collections::HashMap;
use std::sync::Arc;

/// The longest list handed to one statement.
const LIST_MAX: usize = 20_000;

const EPOCH: Stmt = Stmt::new("org.tree_epoch", "select epoch from tree where id = 1");
const TREE_LOCK: Stmt =
    Stmt::new("org.tree_lock", "update tree set epoch = epoch + 1 where id = 1 returning epoch");
const UNIT_IDS: Stmt =
    Stmt::new("org.unit_ids", "update tree set next_unit = next_unit + $1 where id = 1 returning next_unit");
const CLASS_IDS: Stmt = Stmt::new(
    "org.class_ids",
    "update tree set next_class = next_class + $1 where id = 1 returning next_class",
);
const TOP_ORDINALS: Stmt = Stmt::new(
    "org.top_ordinals",
    "update tree set next_ordinal = next_ordinal + $1 where id = 1 returning next_ordinal",
);
const CHILD_ORDINALS: Stmt = Stmt::new(
    "org.child_ordinals",
    "update unit set next_ordinal = next_ordinal + $1 where id = $2 returning next_ordinal",
);
const UNIT_ADD: Stmt = Stmt::new(
    "org.unit_add",
    "insert into unit (id, bucket, code, next_ordinal, last_lane, last_no) values ($1, $2, $3, $4, $5, $6)",
);
const UNIT_LAST: Stmt =
    Stmt::new("org.unit_last", "update unit set last_lane = $1, last_no = $2 where id = $3");
const UNITS_BY_CODE: Stmt = Stmt::new(
    "org.units_by_code",
    "select id, code, bucket, last_lane, last_no from unit where code {in:$1}",
);
const UNITS_BY_ID: Stmt =
    Stmt::new("org.units_by_id", "select id, code, bucket, last_lane, last_no from unit where id {in:$1}");
const UNITS_AFTER: Stmt = Stmt::new(
    "org.units_after",
    "select id, code, bucket, last_lane, last_no from unit where id > $1 order by id limit $2",
);
const UNIT_COUNT: Stmt = Stmt::new("org.unit_count", "select count(*) from unit");
const CLASSES: Stmt = Stmt::new(
    "org.classes",
    "select id, code, name_zh_hans, name_zh_hant, name_en from unit_class order by code limit 10000",
);
const CLASS_SET: Stmt = Stmt::new(
    "org.class_set",
    "insert into unit_class (id, code, name_zh_hans, name_zh_hant, name_en) values ($1, $2, $3, $4, $5)
     on conflict (code) do update set name_zh_hans = excluded.name_zh_hans, name_zh_hant = excluded.name_zh_hant,
         name_en = excluded.name_en",
);
const PLACE_NAME_SET: Stmt = Stmt::new(
    "org.place_name_set",
    "insert into place_name (place, name) values ($1, $2) on conflict (place) do update set name = excluded.name",
);
const PLACE_NAMES: Stmt =
    Stmt::new("org.place_names", "select place, name from place_name where place {in:$1}");

const STATEMENTS: &[Stmt] = &[
    EPOCH,
    TREE_LOCK,
    UNIT_IDS,
    CLASS_IDS,
    TOP_ORDINALS,
    CHILD_ORDINALS,
    UNIT_ADD,
    UNIT_LAST,
    UNITS_BY_CODE,
    UNITS_BY_ID,
    UNITS_AFTER,
    UNIT_COUNT,
    CLASSES,
    CLASS_SET,
    PLACE_NAME_SET,
    PLACE_NAMES,
];

/// Every statement of this line, for the test that prepares them on both databases.
pub fn statements() -> Vec<Stmt> {
    [
        STATEMENTS,
        drawing::STATEMENTS,
        facts::STATEMENTS,
        labels::STATEMENTS,
        called::STATEMENTS,
        children::STATEMENTS,
        standing::STATEMENTS,
        standing::node::STATEMENTS,
        parties::STATEMENTS,
        contacts::STATEMENTS,
        posts::STATEMENTS,
        strays::STATEMENTS,
        told::STATEMENTS,
    ]
    .concat()
}

/// A unit's identity.
#[derive(Clone, Debug)]
pub(super) struct Identity {
    pub(super) id: i64,
    pub(super) code: Arc<str>,
    pub(super) bucket: i64,
    pub(super) last: Option<Link>,
}

/// Counts every change of the tree.
pub fn tree_epoch(rows: &mut impl Rows) -> Result<i64> {
    rows.one(&EPOCH, args![], |row| row.int(0))
}

/// The question of [`tree_epoch`], to be sent ahead.
pub fn epoch_ask() -> Ask {
    Ask::new(EPOCH, args![])
}

/// Lets one change of the tree through at a time, and counts it. The first statement of every such verb.
pub(super) fn tree_lock(tx: &mut Tx<'_>) -> Result<i64> {
    tx.one(&TREE_LOCK, args![], |row| row.int(0))
}

/// The first of so many new surrogates of units.
pub(super) fn unit_ids(tx: &mut Tx<'_>, count: usize) -> Result<i64> {
    let count = count as i64;
    Ok(tx.one(&UNIT_IDS, args![count], |row| row.int(0))? - count)
}

/// The first of so many new ordinals below a parent (0: the top).
pub(super) fn ordinals(tx: &mut Tx<'_>, parent: i64, count: i64) -> Result<i64> {
    let next = if parent == 0 {
        tx.one(&TOP_ORDINALS, args![count], |row| row.int(0))?
    } else {
        tx.one(&CHILD_ORDINALS, args![count, parent], |row| row.int(0))?
    };
    Ok(next - count)
}

/// A new unit: identity, the next ordinal below it, and the entry that tells of its birth.
pub(super) struct Birth<'a> {
    pub(super) id: i64,
    pub(super) bucket: i64,
    pub(super) code: &'a str,
    pub(super) next_ordinal: i64,
    pub(super) link: Link,
}

pub(super) fn units_add(tx: &mut Tx<'_>, births: &[Birth<'_>]) -> Result<()> {
    for chunk in births.chunks(LIST_MAX) {
        let mut rows = Vec::with_capacity(chunk.len());
        for b in chunk {
            rows.push(args![b.id, b.bucket, b.code, b.next_ordinal, b.link.lane, b.link.no].to_vec());
        }
        tx.exec_rows(&UNIT_ADD, &rows)?;
    }
    Ok(())
}

/// Notes a unit's latest entry in the journal.
pub(super) fn unit_last(tx: &mut Tx<'_>, unit: i64, link: Link) -> Result<()> {
    tx.exec(&UNIT_LAST, args![link.lane, link.no, unit]).map(drop)
}

pub(super) fn units_by_code(rows: &mut impl Rows, codes: &[String]) -> Result<Vec<Identity>> {
    let mut found = Vec::new();
    for chunk in codes.chunks(LIST_MAX) {
        rows.each(&UNITS_BY_CODE, args![chunk], |row| {
            found.push(identity(row)?);
            Ok(())
        })?;
    }
    Ok(found)
}

pub(super) fn units_by_id(rows: &mut impl Rows, ids: &[i64]) -> Result<Vec<Identity>> {
    let mut found = Vec::new();
    for chunk in ids.chunks(LIST_MAX) {
        rows.each(&UNITS_BY_ID, args![chunk], |row| {
            found.push(identity(row)?);
            Ok(())
        })?;
    }
    Ok(found)
}

/// Units after one, by surrogate.
pub(super) fn units_after(rows: &mut impl Rows, after: i64, limit: i64) -> Result<Vec<Identity>> {
    rows.all(&UNITS_AFTER, args![after, limit], identity)
}

fn identity(row: &Row<'_>) -> Result<Identity> {
    let (lane, no) = (row.int32(3)?, row.int(4)?);
    let last = (no > 0).then_some(Link { lane, no });
    Ok(Identity { id: row.int(0)?, code: row.text(1)?.into(), bucket: row.int(2)?, last })
}

/// How many units there ever were.
pub fn unit_count(rows: &mut impl Rows) -> Result<i64> {
    rows.one(&UNIT_COUNT, args![], |row| row.int(0))
}

/// A class: its surrogate, code and names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Class {
    /// Surrogate.
    pub id: i64,
    /// Code.
    pub code: String,
    /// Names; empty where it was only used.
    pub names: Names,
}

/// All classes, by code.
pub fn classes(rows: &mut impl Rows) -> Result<Vec<Class>> {
    rows.all(&CLASSES, args![], |row| {
        Ok(Class { id: row.int(0)?, code: row.string(1)?, names: names(row, 2)? })
    })
}

/// Adds classes that are not there yet, and names those that are.
pub(super) fn classes_set(tx: &mut Tx<'_>, wanted: &[(String, Names)]) -> Result<()> {
    if wanted.is_empty() {
        return Ok(());
    }
    let count = wanted.len() as i64;
    let first = tx.one(&CLASS_IDS, args![count], |row| row.int(0))? - count;
    let mut rows = Vec::with_capacity(wanted.len());
    for ((code, names), id) in wanted.iter().zip(first..) {
        rows.push(args![id, code, &names.zh_hans, &names.zh_hant, &names.en].to_vec());
    }
    tx.exec_rows(&CLASS_SET, &rows).map(drop)
}

/// Notes names of places.
pub(super) fn place_names_set(tx: &mut Tx<'_>, names: &[(i64, &str)]) -> Result<()> {
    for chunk in names.chunks(LIST_MAX) {
        let rows: Vec<_> = chunk.iter().map(|(place, name)| args![*place, *name].to_vec()).collect();
        tx.exec_rows(&PLACE_NAME_SET, &rows)?;
    }
    Ok(())
}

/// Names of places by their number, where they are known: what an import said, in its one language; else those of
/// GB/T 2260.
pub fn place_names(rows: &mut impl Rows, places: &[i64]) -> Result<HashMap<i64, Names>> {
    let standard = places.iter().filter_map(|place| Some((*place, gb2260::names(*place)?.clone())));
    let mut known: HashMap<i64, Names> = standard.collect();
    rows.each(&PLACE_NAMES, args![places], |row| {
        let (place, zh_hans) = (row.int(0)?, row.string(1)?);
        // The same name in other words is no other name.
        if known.get(&place).is_none_or(|names| names.zh_hans != zh_hans) {
            known.insert(place, Names { zh_hans, ..Names::default() });
        }
        Ok(())
    })?;
    Ok(known)
}

/// Three names from a column on.
pub(super) fn names(row: &Row<'_>, from: usize) -> Result<Names> {
    Ok(Names { zh_hans: row.string(from)?, zh_hant: row.string(from + 1)?, en: row.string(from + 2)? })
}
