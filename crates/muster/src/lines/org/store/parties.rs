//! Bodies beside the tree.

use super::names;
use crate::lines::org::model::Party;
use crate::lines::org::place::Place;
use muster_kernel::Day;
use muster_store::{Result, Row, Rows, Stmt, StoreError, Tx, args};

const PARTY_ADD: Stmt = Stmt::new(
    "org.party_add",
    "insert into outside_party (id, code, name_zh_hans, name_zh_hant, name_en, kind, place, opened, closed, rev)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
);
const PARTY_SET: Stmt = Stmt::new(
    "org.party_set",
    "update outside_party set name_zh_hans = $2, name_zh_hant = $3, name_en = $4, kind = $5, place = $6, opened = $7,
         closed = $8, rev = $9
     where id = $1",
);
const PARTY_NEXT: Stmt =
    Stmt::new("org.party_next", "select cast(coalesce(max(id), 0) + 1 as bigint) from outside_party");
const PARTIES: Stmt = Stmt::new(
    "org.parties",
    "select id, code, name_zh_hans, name_zh_hant, name_en, kind, place, opened, closed, rev from outside_party
     where code > $1 order by code limit $2",
);
const PARTY_BY_CODE: Stmt = Stmt::new(
    "org.party_by_code",
    "select id, code, name_zh_hans, name_zh_hant, name_en, kind, place, opened, closed, rev from outside_party
     where code = $1",
);
const PARTIES_OF: Stmt = Stmt::new(
    "org.parties_of",
    "select id, code, name_zh_hans, name_zh_hant, name_en, kind, place, opened, closed, rev from outside_party
     where id {in:$1} order by id",
);

pub(super) const STATEMENTS: &[Stmt] =
    &[PARTY_ADD, PARTY_SET, PARTY_NEXT, PARTIES, PARTY_BY_CODE, PARTIES_OF];

/// Adds a body beside the tree; its surrogate, or `None` when the code is taken.
pub(in crate::lines::org) fn party_add(tx: &mut Tx<'_>, party: &Party) -> Result<Option<i64>> {
    if party_by_code(tx, &party.code)?.is_some() {
        return Ok(None);
    }
    let id = tx.one(&PARTY_NEXT, args![], |row| row.int(0))?;
    let Party { code, names, kind, place, opened, closed, rev, .. } = party;
    let (place, opened, closed) = (place.map_or(0, Place::number), number(*opened), number(*closed));
    let args = args![id, code, &names.zh_hans, &names.zh_hant, &names.en, kind, place, opened, closed, *rev];
    tx.exec(&PARTY_ADD, args)?;
    Ok(Some(id))
}

/// Writes what a body is now.
pub(in crate::lines::org) fn party_set(tx: &mut Tx<'_>, party: &Party) -> Result<()> {
    let Party { id, names, kind, place, opened, closed, rev, .. } = party;
    let (place, opened, closed) = (place.map_or(0, Place::number), number(*opened), number(*closed));
    let args = args![*id, &names.zh_hans, &names.zh_hant, &names.en, kind, place, opened, closed, *rev];
    tx.exec(&PARTY_SET, args).map(drop)
}

/// Bodies by their surrogates, in one question.
pub fn parties_of(rows: &mut impl Rows, ids: &[i64]) -> Result<Vec<Party>> {
    if ids.is_empty() { Ok(Vec::new()) } else { rows.all(&PARTIES_OF, args![ids.to_vec()], one) }
}

/// The body of a code.
pub fn party_by_code(rows: &mut impl Rows, code: &str) -> Result<Option<Party>> {
    rows.opt(&PARTY_BY_CODE, args![code], one)
}

/// A page of the bodies beside the tree, by code, after one.
pub fn parties(rows: &mut impl Rows, after: &str, limit: u32) -> Result<Vec<Party>> {
    rows.all(&PARTIES, args![after, limit], one)
}

fn one(row: &Row<'_>) -> Result<Party> {
    let place = Some(row.int(6)?).filter(|place| *place != 0).map(Place::from_number);
    let day = |column: usize| {
        let day = row.opt_int(column)?.map(i32::try_from).transpose();
        let day = day.map_err(|_| StoreError::Corrupt("a day of an outside party".to_owned()))?;
        Ok::<_, StoreError>(day.map(Day::from_number))
    };
    Ok(Party {
        id: row.int(0)?,
        code: row.string(1)?,
        names: names(row, 2)?,
        kind: row.string(5)?,
        place,
        opened: day(7)?,
        closed: day(8)?,
        rev: row.int(9)?,
    })
}

fn number(day: Option<Day>) -> Option<i64> {
    day.map(|day| i64::from(day.number()))
}
