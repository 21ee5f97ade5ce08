//! Codes and names of units: what every list shows.

use super::LIST_MAX;
use crate::lines::operation::Names;
use muster_kernel::Day;
use muster_store::{Ask, Result, Rows, Stmt, args};
use std::collections::HashMap;

const LABELS: Stmt = Stmt::new(
    "org.labels",
    "select u.id, u.code, f.name_zh_hans, f.name_zh_hant, f.name_en, f.since
     from unit u join unit_facts f on f.unit = u.id
     where u.id {in:$1} order by u.id, f.since",
);

pub(super) const STATEMENTS: &[Stmt] = &[LABELS];

/// The question of [`labels`] about a few units, to be sent ahead.
pub fn labels_ask(units: &[i64]) -> Ask {
    Ask::new(LABELS, args![units.to_vec()])
}

/// Codes and names of units as they were called on a day; a unit that was not yet there bears its first name.
pub fn labels(rows: &mut impl Rows, units: &[i64], on: Day) -> Result<HashMap<i64, (String, Names)>> {
    let mut found: HashMap<i64, (String, Names)> = HashMap::with_capacity(units.len());
    for chunk in units.chunks(LIST_MAX) {
        rows.each(&LABELS, args![chunk], |row| {
            let unit = row.int(0)?;
            if row.int32(5)? <= on.number() || !found.contains_key(&unit) {
                let names = Names { zh_hans: row.string(2)?, zh_hant: row.string(3)?, en: row.string(4)? };
                found.insert(unit, (row.string(1)?, names));
            }
            Ok(())
        })?;
    }
    Ok(found)
}
