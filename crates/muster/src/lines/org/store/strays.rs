//! Rows that belong to nothing, counters that lag behind what they count, and names of places as they stand: for whoever
//! checks the tree's tables.

use muster_store::{Result, Rows, Stmt, Tx, args};
use std::collections::HashMap;

const STRAYS: Stmt = Stmt::new(
    "org.strays",
    "select 'unit_edge', count(*) from unit_edge r where not exists (select 1 from unit u where u.id = r.unit)
     union all
     select 'unit_facts', count(*) from unit_facts r where not exists (select 1 from unit u where u.id = r.unit)
     union all
     select 'standing', count(*) from standing r where not exists (select 1 from unit u where u.id = r.unit)
     union all
     select 'standing_class', count(*) from standing_class r
     where not exists (select 1 from unit u where u.id = r.unit)
         or not exists (select 1 from unit_class c where c.id = r.class)
     union all
     select 'post', count(*) from post r where not exists (select 1 from unit u where u.id = r.unit)
     union all
     select 'post_holding', count(*) from post_holding r
     where not exists (select 1 from post p where p.id = r.post)
     union all
     select 'duty_contact', count(*) from duty_contact r
     where not exists (select 1 from post p where p.id = r.post)
     union all
     select 'seal_person_key', count(*) from seal_person_key r
     where r.subject >= 'post:' and r.subject < 'post;'
             and not exists (select 1 from duty_contact c where r.subject = 'post:' || cast(c.post as text))
         or not (r.subject >= 'post:' and r.subject < 'post;' or r.subject >= 'account:' and r.subject < 'account;'
             or r.subject >= 'totp:' and r.subject < 'totp;' or r.subject >= 'channel:' and r.subject < 'channel;')
     union all
     select 'seal_unit_key', count(*) from seal_unit_key r
     where r.unit <> 0 and not exists (select 1 from unit u where u.id = r.unit)",
);
const STANDINGS_DROP: Stmt = Stmt::new(
    "org.standing_strays_drop",
    "delete from standing where not exists (select 1 from unit u where u.id = standing.unit)",
);
const CLASSES_DROP: Stmt = Stmt::new(
    "org.standing_class_strays_drop",
    "delete from standing_class where not exists (select 1 from unit u where u.id = standing_class.unit)
         or not exists (select 1 from unit_class c where c.id = standing_class.class)",
);
const COUNTERS: Stmt = Stmt::new(
    "org.counters",
    "select (select count(*) from tree),
         (select count(*) from tree t where t.id = 1 and t.next_unit > coalesce((select max(id) from unit), 0)
             and t.next_class > coalesce((select max(id) from unit_class), 0)
             and t.next_ordinal > coalesce((select max(ordinal) from unit_edge where parent = 0), 0))",
);
const ORDINALS_BEHIND: Stmt = Stmt::new(
    "org.ordinals_behind",
    "select u.code from (select parent, max(ordinal) as most from unit_edge group by parent) e
     join unit u on u.id = e.parent where u.next_ordinal <= e.most order by u.code limit 1000",
);
const PLACE_NAMES_ALL: Stmt = Stmt::new("org.place_names_all", "select place, name from place_name");

pub(super) const STATEMENTS: &[Stmt] =
    &[STRAYS, STANDINGS_DROP, CLASSES_DROP, COUNTERS, ORDINALS_BEHIND, PLACE_NAMES_ALL];

/// Rows of units, classes and posts that there are not: how many, by table.
pub(in crate::lines::org) fn strays(rows: &mut impl Rows) -> Result<Vec<(String, u64)>> {
    let found = rows.all(&STRAYS, args![], |row| Ok((row.string(0)?, row.int(1)?.unsigned_abs())))?;
    Ok(found.into_iter().filter(|(_, count)| *count > 0).collect())
}

/// How many rows of the projection are of no unit or class.
pub(in crate::lines::org) fn standing_strays(rows: &mut impl Rows) -> Result<u64> {
    let drawn = strays(rows)?.into_iter().filter(|(table, _)| table.starts_with("standing"));
    Ok(drawn.map(|(_, count)| count).sum())
}

/// Takes rows of the projection out that are of no unit or class; how many.
pub(in crate::lines::org) fn strays_drop(tx: &mut Tx<'_>) -> Result<u64> {
    Ok(tx.exec(&STANDINGS_DROP, args![])? + tx.exec(&CLASSES_DROP, args![])?)
}

/// What counts the next numbers and lags behind those given: units by code, and `tree`.
pub(in crate::lines::org) fn counters_behind(rows: &mut impl Rows) -> Result<Vec<String>> {
    let mut behind = rows.all(&ORDINALS_BEHIND, args![], |row| Ok(format!("unit={}", row.text(0)?)))?;
    if rows.one(&COUNTERS, args![], |row| Ok((row.int(0)?, row.int(1)?)))? != (1, 1) {
        behind.push("table=tree".to_owned());
    }
    Ok(behind)
}

/// All names of places that imports noted, by number.
pub(in crate::lines::org) fn place_names_all(rows: &mut impl Rows) -> Result<HashMap<i64, Box<str>>> {
    let mut names = HashMap::new();
    rows.each(&PLACE_NAMES_ALL, args![], |row| {
        names.insert(row.int(0)?, row.text(1)?.into());
        Ok(())
    })?;
    Ok(names)
}
