//! Rows of privacy: what an operation says of fields, and when it ends.

use super::model::{End, Rule};
use muster_kernel::Day;
use muster_store::{Row, Rows, Stmt, StoreError, Tx, args};

const RULES: Stmt = Stmt::new(
    "privacy.rules",
    "select field, basis, keep_days, rev from privacy_rule where operation = $1 order by field limit 1000",
);
const RULE_LOCK: Stmt = Stmt::new(
    "privacy.rule_lock",
    "select field, basis, keep_days, rev from privacy_rule where operation = $1 and field = $2 {lock}",
);
const RULE_PUT: Stmt = Stmt::new(
    "privacy.rule_put",
    "insert into privacy_rule (operation, field, basis, keep_days, rev) values ($1, $2, $3, $4, $5)
     on conflict (operation, field) do update set basis = excluded.basis, keep_days = excluded.keep_days,
         rev = excluded.rev where privacy_rule.rev < excluded.rev",
);
const END: Stmt = Stmt::new("privacy.end", "select day, reason, rev from privacy_end where operation = $1");
const END_LOCK: Stmt =
    Stmt::new("privacy.end_lock", "select day, reason, rev from privacy_end where operation = $1 {lock}");
const END_PUT: Stmt = Stmt::new(
    "privacy.end_put",
    "insert into privacy_end (operation, day, reason, rev) values ($1, $2, $3, $4)
     on conflict (operation) do update set day = excluded.day, reason = excluded.reason, rev = excluded.rev
         where privacy_end.rev < excluded.rev",
);
const ROWS_RULES: Stmt = Stmt::new(
    "privacy.rows_rules",
    "select operation, field, basis, keep_days, rev from privacy_rule order by operation, field limit 100000",
);
const ROWS_ENDS: Stmt = Stmt::new(
    "privacy.rows_ends",
    "select operation, day, reason, rev from privacy_end order by operation limit 100000",
);

/// Every statement of this line.
pub const STATEMENTS: &[Stmt] = &[RULES, RULE_LOCK, RULE_PUT, END, END_LOCK, END_PUT, ROWS_RULES, ROWS_ENDS];

fn rule(row: &Row<'_>, from: usize) -> Result<Rule, StoreError> {
    Ok(Rule {
        field: row.string(from)?,
        basis: row.string(from + 1)?,
        keep_days: u32::try_from(row.int(from + 2)?).unwrap_or_default(),
        revision: row.int(from + 3)?,
    })
}

fn end(row: &Row<'_>, from: usize) -> Result<End, StoreError> {
    let day = i32::try_from(row.int(from)?).map(Day::from_number);
    let day = day.map_err(|_| StoreError::Corrupt("the day of an operation's end".to_owned()))?;
    Ok(End { day, reason: row.string(from + 1)?, revision: row.int(from + 2)? })
}

/// What an operation says of fields.
pub(super) fn rules(rows: &mut impl Rows, operation: i64) -> Result<Vec<Rule>, StoreError> {
    rows.all(&RULES, args![operation], |row| rule(row, 0))
}

/// What it says of one, while nobody else does.
pub(super) fn rule_lock(tx: &mut Tx<'_>, operation: i64, field: &str) -> Result<Option<Rule>, StoreError> {
    tx.opt(&RULE_LOCK, args![operation, field], |row| rule(row, 0))
}

/// Says it; one that another transaction said first makes the closure run again.
pub(super) fn rule_put(tx: &mut Tx<'_>, operation: i64, rule: &Rule) -> Result<(), StoreError> {
    let Rule { field, basis, keep_days, revision } = rule;
    match tx.exec(&RULE_PUT, args![operation, field, basis, i64::from(*keep_days), *revision])? {
        1 => Ok(()),
        _ => Err(tx.again()),
    }
}

/// When an operation ends; none where nobody said so.
pub(super) fn end_of(rows: &mut impl Rows, operation: i64) -> Result<Option<End>, StoreError> {
    rows.opt(&END, args![operation], |row| end(row, 0))
}

/// The same, while nobody else says so.
pub(super) fn end_lock(tx: &mut Tx<'_>, operation: i64) -> Result<Option<End>, StoreError> {
    tx.opt(&END_LOCK, args![operation], |row| end(row, 0))
}

/// Says it; one that another transaction said first makes the closure run again.
pub(super) fn end_put(tx: &mut Tx<'_>, operation: i64, end: &End) -> Result<(), StoreError> {
    let End { day, reason, revision } = end;
    match tx.exec(&END_PUT, args![operation, i64::from(day.number()), reason, *revision])? {
        1 => Ok(()),
        _ => Err(tx.again()),
    }
}

/// What operations say of fields, and when they end: each with its operation.
pub(super) type Said = (Vec<(i64, Rule)>, Vec<(i64, End)>);

/// All rows.
pub(super) fn all(rows: &mut impl Rows) -> Result<Said, StoreError> {
    Ok((
        rows.all(&ROWS_RULES, args![], |row| Ok((row.int(0)?, rule(row, 1)?)))?,
        rows.all(&ROWS_ENDS, args![], |row| Ok((row.int(0)?, end(row, 1)?)))?,
    ))
}
