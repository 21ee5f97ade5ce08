//! Codes and names of units: what every list shows.

use super::LIST_MAX;
use super::cells::day;
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
pub(in crate::lines::org) fn labels_ask(units: &[i64]) -> Ask {
    Ask::new(LABELS, args![units.to_vec()])
}

/// Codes and names of units as they were called on a day; a unit that was not yet there bears its first name.
pub fn labels(rows: &mut impl Rows, units: &[i64], on: Day) -> Result<HashMap<i64, (String, Names)>> {
    let found = labels_ever(rows, units)?;
    Ok(found.into_iter().map(|(unit, label)| (unit, (label.code.clone(), label.on(on).clone()))).collect())
}

/// Code and names of a unit, on every day.
#[derive(Clone, Debug, Default)]
pub(in crate::lines::org) struct Label {
    pub(in crate::lines::org) code: String,
    /// What it was called, and from which day on; in the order of the days, at least one.
    names: Vec<(Day, Names)>,
}

impl Label {
    /// What it was called on a day; before its first day, as on that.
    pub(in crate::lines::org) fn on(&self, day: Day) -> &Names {
        let until = self.names.partition_point(|(since, _)| *since <= day);
        &self.names[until.saturating_sub(1)].1
    }
}

/// Codes and names of units, on every day.
pub(in crate::lines::org) fn labels_ever(rows: &mut impl Rows, units: &[i64]) -> Result<HashMap<i64, Label>> {
    let mut found: HashMap<i64, Label> = HashMap::with_capacity(units.len());
    for chunk in units.chunks(LIST_MAX) {
        rows.each(&LABELS, args![chunk], |row| {
            let label = found.entry(row.int(0)?).or_default();
            if label.names.is_empty() {
                label.code = row.string(1)?;
            }
            let names = Names { zh_hans: row.string(2)?, zh_hant: row.string(3)?, en: row.string(4)? };
            label.names.push((day(row, 5)?, names));
            Ok(())
        })?;
    }
    Ok(found)
}
