//! Every statement of the operation.

use super::model::{Names, Operation};
use muster_store::{Row, Rows, Stmt, StoreError, Tx, args};

macro_rules! operation {
    ($rest:literal) => {
        concat!(
            "select id, code, name_zh_hans, name_zh_hant, name_en, office_zh_hans, office_zh_hant, office_en, ",
            "root_unit, zone, form, seed, rev from operation order by id ",
            $rest
        )
    };
}

const OPERATION_CURRENT: Stmt = Stmt::new("operation_current", operation!("limit 1"));
const OPERATION_LOCK: Stmt = Stmt::new("operation_lock", operation!("limit 1 {lock}"));
const OPERATIONS: Stmt = Stmt::new("operations", operation!("limit 1000"));
const OPERATION_ADD: Stmt = Stmt::new(
    "operation_add",
    "insert into operation (id, code, name_zh_hans, name_zh_hant, name_en, office_zh_hans, office_zh_hant, office_en,
                            root_unit, zone, form, seed, rev)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) on conflict do nothing",
);
const OPERATION_CHANGE: Stmt = Stmt::new(
    "operation_change",
    "update operation set code = $2, name_zh_hans = $3, name_zh_hant = $4, name_en = $5, office_zh_hans = $6,
         office_zh_hant = $7, office_en = $8, root_unit = $9, zone = $10, form = $11, seed = $12, rev = $13
     where id = $1",
);

/// All statements of this line.
pub const STATEMENTS: &[Stmt] =
    &[OPERATION_CURRENT, OPERATION_LOCK, OPERATIONS, OPERATION_ADD, OPERATION_CHANGE];

/// The operation of this database, if one was created.
pub fn operation_current(rows: &mut impl Rows) -> Result<Option<Operation>, StoreError> {
    Ok(rows.opt(&OPERATION_CURRENT, args![], revised)?.map(|(operation, _)| operation))
}

/// The same and how often it was set, while nobody else changes it.
pub(super) fn operation_lock(tx: &mut Tx<'_>) -> Result<Option<(Operation, i64)>, StoreError> {
    tx.opt(&OPERATION_LOCK, args![], revised)
}

/// All of them; there is one, where nobody meddled.
pub(super) fn operations(rows: &mut impl Rows) -> Result<Vec<(Operation, i64)>, StoreError> {
    rows.all(&OPERATIONS, args![], revised)
}

/// Adds the operation, or writes all that is said of it; `false` where somebody else was first.
pub(super) fn operation_put(
    tx: &mut Tx<'_>,
    operation: &Operation,
    rev: i64,
    is_new: bool,
) -> Result<bool, StoreError> {
    let Operation { id, code, name, office, root_unit, zone, form, seed } = operation;
    let args = args![
        *id,
        code,
        &name.zh_hans,
        &name.zh_hant,
        &name.en,
        &office.zh_hans,
        &office.zh_hant,
        &office.en,
        *root_unit,
        zone,
        form,
        *seed,
        rev
    ];
    Ok(tx.exec(if is_new { &OPERATION_ADD } else { &OPERATION_CHANGE }, args)? == 1)
}

fn revised(row: &Row<'_>) -> Result<(Operation, i64), StoreError> {
    let names = |from: usize| -> Result<Names, StoreError> {
        Ok(Names { zh_hans: row.string(from)?, zh_hant: row.string(from + 1)?, en: row.string(from + 2)? })
    };
    let operation = Operation {
        id: row.int(0)?,
        code: row.string(1)?,
        name: names(2)?,
        office: names(5)?,
        root_unit: row.int(8)?,
        zone: row.string(9)?,
        form: row.string(10)?,
        seed: row.opt_int(11)?,
    };
    Ok((operation, row.int(12)?))
}
