//! The projection as it is written: rows that end, rows that are added, and classes as they were written.

use super::LIST_MAX;
use super::cells::day;
use crate::lines::org::model::Standing;
use muster_kernel::{Day, varint};
use muster_store::{Result, Rows, Stmt, Tx, Val, args};

const CUT: Stmt = Stmt::new(
    "org.standings_cut",
    "update standing set until = $1 where unit {in:$2} and since < $1 and until > $1",
);
const DROP: Stmt = Stmt::new("org.standings_drop", "delete from standing where unit {in:$1} and since >= $2");
const ADD: Stmt = Stmt::new(
    "org.standing_add",
    "insert into standing (unit, since, until, bucket, parent, path, chain, kind, place, classes)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
);
const CLASS_CUT: Stmt = Stmt::new(
    "org.standing_class_cut",
    "update standing_class set until = $1 where unit {in:$2} and class {in:$3} and since < $1 and until > $1",
);
const CLASS_DROP: Stmt = Stmt::new(
    "org.standing_class_drop",
    "delete from standing_class where unit {in:$1} and class {in:$2} and since >= $3",
);
const CLASS_ADD: Stmt = Stmt::new(
    "org.standing_class_add",
    "insert into standing_class (class, unit, since, until) values ($1, $2, $3, $4)",
);

const CLASS_READ: Stmt = Stmt::new(
    "org.standing_class_read",
    "select class, unit, since, until from standing_class where class {in:$1} and unit {in:$2}",
);

pub(super) const STATEMENTS: &[Stmt] = &[CUT, DROP, ADD, CLASS_CUT, CLASS_DROP, CLASS_ADD, CLASS_READ];

/// Ends at `from` what these units said of themselves in the projection from that day on.
pub(in crate::lines::org) fn standings_end(tx: &mut Tx<'_>, units: &[i64], from: Day) -> Result<()> {
    for chunk in units.chunks(LIST_MAX) {
        tx.exec(&CUT, args![from.number(), chunk])?;
        tx.exec(&DROP, args![chunk, from.number()])?;
    }
    Ok(())
}

/// Adds rows of the projection.
pub(in crate::lines::org) fn standings_add(tx: &mut Tx<'_>, standings: &[Standing]) -> Result<()> {
    for chunk in standings.chunks(LIST_MAX) {
        let row = |s: &Standing| -> Vec<Val<'static>> {
            args![
                s.unit,
                s.since.number(),
                s.until.number(),
                s.bucket,
                s.parent,
                s.path.clone(),
                packed(&s.chain),
                s.kind.to_string(),
                s.place,
                packed(&s.classes)
            ]
            .to_vec()
        };
        tx.exec_rows(&ADD, &chunk.iter().map(row).collect::<Vec<_>>())?;
    }
    Ok(())
}

/// A unit's days in a class: class, unit, first day, first day after.
pub(in crate::lines::org) type Member = (i64, i64, Day, Day);

/// Days of some units in some classes.
pub(in crate::lines::org) fn members_of(
    rows: &mut impl Rows,
    classes: &[i64],
    units: &[i64],
) -> Result<Vec<Member>> {
    rows.all(&CLASS_READ, args![classes, units], |row| {
        Ok((row.int(0)?, row.int(1)?, day(row, 2)?, day(row, 3)?))
    })
}

/// Puts days in classes in place of those of the same units and classes from a day on.
pub(in crate::lines::org) fn members_replace(
    tx: &mut Tx<'_>,
    units: &[i64],
    classes: &[i64],
    from: Day,
    members: &[Member],
) -> Result<()> {
    for chunk in units.chunks(LIST_MAX) {
        tx.exec(&CLASS_CUT, args![from.number(), chunk, classes])?;
        tx.exec(&CLASS_DROP, args![chunk, classes, from.number()])?;
    }
    for chunk in members.chunks(LIST_MAX) {
        let row = |(class, unit, since, until): &Member| {
            args![*class, *unit, since.number(), until.number()].to_vec()
        };
        tx.exec_rows(&CLASS_ADD, &chunk.iter().map(row).collect::<Vec<_>>())?;
    }
    Ok(())
}

fn packed(ids: &[i64]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(ids.len() * 3);
    for id in ids {
        varint::put_u64(&mut bytes, id.unsigned_abs());
    }
    bytes
}
