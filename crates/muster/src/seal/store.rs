//! Wrapped keys: of units, of persons.

use muster_store::{Result, Rows, Stmt, Tx, args, row};

/// The longest list handed to one statement.
const LIST_MAX: usize = 20_000;

const ANY_MASTER: Stmt =
    Stmt::new("seal.any_master", "select master from seal_unit_key order by unit limit 1");
const MASTERS: Stmt = Stmt::new(
    "seal.masters",
    "select master, count(*) from seal_unit_key group by master order by master limit 1000",
);
const UNIT_KEYS: Stmt =
    Stmt::new("seal.unit_keys", "select unit, wrapped from seal_unit_key where unit {in:$1} order by unit");
const UNIT_KEYS_AFTER: Stmt = Stmt::new(
    "seal.unit_keys_after",
    "select unit, master, wrapped from seal_unit_key where unit > $1 order by unit limit $2 {lock}",
);
const UNIT_KEY_ADD: Stmt = Stmt::new(
    "seal.unit_key_add",
    "insert into seal_unit_key (unit, master, wrapped) values ($1, $2, $3) on conflict (unit) do nothing",
);
const UNIT_KEY_REWRAP: Stmt = Stmt::new(
    "seal.unit_key_rewrap",
    "update seal_unit_key set master = $1, wrapped = $2 where unit = $3 and master = $4",
);
const PERSON_KEY_SET: Stmt = Stmt::new(
    "seal.person_key_set",
    "insert into seal_person_key (subject, unit, wrapped) values ($1, $2, $3)
     on conflict (subject) do update set unit = excluded.unit, wrapped = excluded.wrapped",
);
const PERSON_KEY_DROP: Stmt =
    Stmt::new("seal.person_key_drop", "delete from seal_person_key where subject = $1");

/// Every statement here.
pub const STATEMENTS: &[Stmt] = &[
    ANY_MASTER,
    MASTERS,
    UNIT_KEYS,
    UNIT_KEYS_AFTER,
    UNIT_KEY_ADD,
    UNIT_KEY_REWRAP,
    PERSON_KEY_SET,
    PERSON_KEY_DROP,
];

/// A master key by which something is sealed; none where nothing is.
pub(super) fn any_master(rows: &mut impl Rows) -> Result<Option<Vec<u8>>> {
    rows.opt(&ANY_MASTER, args![], |row| Ok(row.bytes(0)?.to_vec()))
}

/// Ids of the master keys by which unit keys are wrapped, with how many.
pub fn masters(rows: &mut impl Rows) -> Result<Vec<(Vec<u8>, i64)>> {
    rows.all(&MASTERS, args![], |row| Ok((row.bytes(0)?.to_vec(), row.int(1)?)))
}

/// The wrapped keys of units.
pub(super) fn unit_keys(rows: &mut impl Rows, units: &[i64]) -> Result<Vec<(i64, Vec<u8>)>> {
    let mut found = Vec::new();
    for chunk in units.chunks(LIST_MAX) {
        rows.each(&UNIT_KEYS, args![chunk], |row| {
            found.push((row.int(0)?, row.bytes(1)?.to_vec()));
            Ok(())
        })?;
    }
    Ok(found)
}

/// A unit, its master key's id, its wrapped key.
pub(super) type UnitKeyRow = (i64, Vec<u8>, Vec<u8>);

/// The next wrapped keys after a unit: unit, master, wrapped. Locked.
pub(super) fn unit_keys_after(rows: &mut impl Rows, after: i64, limit: u32) -> Result<Vec<UnitKeyRow>> {
    rows.all(&UNIT_KEYS_AFTER, args![after, limit], |row| {
        Ok((row.int(0)?, row.bytes(1)?.to_vec(), row.bytes(2)?.to_vec()))
    })
}

/// Adds keys of units that have none; how many.
pub(super) fn unit_keys_add(tx: &mut Tx<'_>, keys: &[(i64, [u8; 8], Vec<u8>)]) -> Result<u64> {
    let mut added = 0;
    for chunk in keys.chunks(LIST_MAX) {
        let rows: Vec<_> =
            chunk.iter().map(|(unit, master, wrapped)| row![*unit, &master[..], &wrapped[..]]).collect();
        added += tx.exec_rows(&UNIT_KEY_ADD, &rows)?;
    }
    Ok(added)
}

/// A unit, its new master and wrapped key, and the master before.
pub(super) type Rewrapped = (i64, [u8; 8], Vec<u8>, Vec<u8>);

/// Puts keys that were wrapped anew in the place of those of an older master.
pub(super) fn unit_keys_rewrap(tx: &mut Tx<'_>, keys: &[Rewrapped]) -> Result<()> {
    let rows = keys.iter().map(|(unit, new, wrapped, old)| row![&new[..], &wrapped[..], *unit, &old[..]]);
    let rows: Vec<_> = rows.collect();
    if !rows.is_empty() {
        tx.exec_rows(&UNIT_KEY_REWRAP, &rows)?;
    }
    Ok(())
}

/// Sets keys of persons; one that was there goes, and with it what it sealed.
pub(super) fn person_keys_set(tx: &mut Tx<'_>, keys: &[(&str, i64, Vec<u8>)]) -> Result<()> {
    for chunk in keys.chunks(LIST_MAX) {
        let rows: Vec<_> =
            chunk.iter().map(|(subject, unit, wrapped)| row![*subject, *unit, &wrapped[..]]).collect();
        tx.exec_rows(&PERSON_KEY_SET, &rows)?;
    }
    Ok(())
}

/// Destroys keys of persons.
pub fn person_keys_drop(tx: &mut Tx<'_>, subjects: &[String]) -> Result<()> {
    for subject in subjects {
        tx.exec(&PERSON_KEY_DROP, args![subject])?;
    }
    Ok(())
}
