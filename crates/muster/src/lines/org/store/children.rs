//! What stands right below some units, by name.

use super::LIST_MAX;
use muster_kernel::Day;
use muster_store::{Result, Rows, Stmt, args};

const CHILDREN_NAMED: Stmt = Stmt::new(
    "org.children_named",
    "select st.parent, st.unit, u.code, f.name_zh_hans, f.name_zh_hant, f.name_en
     from standing st join unit u on u.id = st.unit
     join unit_facts f on f.unit = st.unit and f.since <= $2 and f.until > $2
     where st.parent {in:$1} and st.since <= $2 and st.until > $2 order by st.unit",
);

pub(super) const STATEMENTS: &[Stmt] = &[CHILDREN_NAMED];

/// A unit below another on a day.
#[derive(Clone, Debug)]
pub(in crate::lines::org) struct Child {
    /// The unit above.
    pub(in crate::lines::org) parent: i64,
    /// Its own id.
    pub(in crate::lines::org) unit: i64,
    /// Its code.
    pub(in crate::lines::org) code: String,
    /// Its names, those that it has not being empty.
    pub(in crate::lines::org) names: [String; 3],
}

/// What stands right below some units on a day, the older first.
pub(in crate::lines::org) fn children_named(
    rows: &mut impl Rows,
    units: &[i64],
    on: Day,
) -> Result<Vec<Child>> {
    let mut found = Vec::new();
    for chunk in units.chunks(LIST_MAX) {
        rows.each(&CHILDREN_NAMED, args![chunk, on.number()], |row| {
            let names = [row.string(3)?, row.string(4)?, row.string(5)?];
            found.push(Child { parent: row.int(0)?, unit: row.int(1)?, code: row.string(2)?, names });
            Ok(())
        })?;
    }
    Ok(found)
}
