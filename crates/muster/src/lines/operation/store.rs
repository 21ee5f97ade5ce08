//! Every statement of the operation.

use super::model::{Names, Operation};
use muster_store::{Rows, Stmt, StoreError, Tx, args};

const OPERATION_CURRENT: Stmt = Stmt::new(
    "operation_current",
    "select id, code, name_zh_hans, name_zh_hant, name_en, office_zh_hans, office_zh_hant, office_en,
            root_unit, zone, form, seed
     from operation order by id limit 1",
);
const OPERATION_SET: Stmt = Stmt::new(
    "operation_set",
    "insert into operation (id, code, name_zh_hans, name_zh_hant, name_en, office_zh_hans, office_zh_hant, office_en,
                            root_unit, zone, form, seed)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
     on conflict (id) do update set code = excluded.code, name_zh_hans = excluded.name_zh_hans,
         name_zh_hant = excluded.name_zh_hant, name_en = excluded.name_en, office_zh_hans = excluded.office_zh_hans,
         office_zh_hant = excluded.office_zh_hant, office_en = excluded.office_en, root_unit = excluded.root_unit,
         zone = excluded.zone, form = excluded.form, seed = excluded.seed",
);

/// All statements of this line.
pub const STATEMENTS: &[Stmt] = &[OPERATION_CURRENT, OPERATION_SET];

/// The operation of this database, if one was created.
pub fn operation_current(rows: &mut impl Rows) -> Result<Option<Operation>, StoreError> {
    rows.opt(&OPERATION_CURRENT, args![], |row| {
        let names = |from: usize| -> Result<Names, StoreError> {
            Ok(Names {
                zh_hans: row.text(from)?.to_owned(),
                zh_hant: row.text(from + 1)?.to_owned(),
                en: row.text(from + 2)?.to_owned(),
            })
        };
        Ok(Operation {
            id: row.int(0)?,
            code: row.text(1)?.to_owned(),
            name: names(2)?,
            office: names(5)?,
            root_unit: row.int(8)?,
            zone: row.text(9)?.to_owned(),
            form: row.text(10)?.to_owned(),
            seed: row.opt_int(11)?,
        })
    })
}

/// Creates the operation or replaces what it says of itself.
pub fn operation_set(tx: &mut Tx, operation: &Operation) -> Result<(), StoreError> {
    let Operation { id, code, name, office, root_unit, zone, form, seed } = operation;
    tx.exec(
        &OPERATION_SET,
        args![
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
            *seed
        ],
    )?;
    Ok(())
}
