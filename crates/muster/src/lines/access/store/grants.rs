//! Roles that were given, and whether three administrators are appointed.

use super::LIST_MAX;
use crate::lines::access::model::Grant;
use muster_kernel::Day;
use muster_store::{Row, Rows, Stmt, StoreError, Tx, args};

const GRANTS_OF_ACCOUNTS: Stmt = Stmt::new(
    "grants_of_accounts",
    "select id, account, post, role, unit, operation, since, until, giver, rev from access_grant
     where account {in:$1} and operation = $2 and until > $3 order by account, unit, role, id limit $4",
);
const GRANTS_OF_POSTS: Stmt = Stmt::new(
    "grants_of_posts",
    "select id, account, post, role, unit, operation, since, until, giver, rev from access_grant
     where post {in:$1} and operation = $2 and until > $3 order by post, unit, role, id limit $4",
);
const GRANTS_AT: Stmt = Stmt::new(
    "grants_at",
    "select id, account, post, role, unit, operation, since, until, giver, rev from access_grant
     where unit {in:$1} and operation = $2 and until > $3 and id > $4 order by id limit $5",
);
const GRANTS_OF_POST: Stmt = Stmt::new(
    "grants_of_post",
    "select id, account, post, role, unit, operation, since, until, giver, rev from access_grant
     where post = $1 and operation = $2 and until > $3 and id > $4 order by id limit $5",
);
const GRANTS_AFTER: Stmt = Stmt::new(
    "grants_after",
    "select id, account, post, role, unit, operation, since, until, giver, rev from access_grant where id > $1 order by id limit $2",
);
const GRANT_LOCK: Stmt = Stmt::new(
    "grant_lock",
    "select id, account, post, role, unit, operation, since, until, giver, rev from access_grant
     where id = $1 and operation = $2 {lock}",
);
const GRANT_ADD: Stmt = Stmt::new(
    "grant_add",
    "insert into access_grant (id, account, post, role, unit, operation, since, until, giver, rev)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1)",
);
const GRANT_END: Stmt =
    Stmt::new("grant_end", "update access_grant set until = $2, rev = rev + 1 where id = $1 and rev = $3");
const GRANTED_ROLES: Stmt = Stmt::new(
    "granted_roles",
    "select distinct role from access_grant
     where unit {in:$1} and operation = $2 and since <= $3 and until > $4 and role {in:$5}",
);
const SEPARATED: Stmt =
    Stmt::new("access_separated", "select since from access_separation where operation = $1");
const SEPARATIONS: Stmt = Stmt::new(
    "access_separations",
    "select operation, since from access_separation order by operation limit 100",
);
const SEPARATE: Stmt = Stmt::new(
    "access_separate",
    "insert into access_separation (operation, since) values ($1, $2) on conflict (operation) do nothing",
);
const UNITE: Stmt = Stmt::new("access_unite", "delete from access_separation where operation = $1");

pub(super) const STATEMENTS: &[Stmt] = &[
    GRANTS_OF_ACCOUNTS,
    GRANTS_OF_POSTS,
    GRANTS_AT,
    GRANTS_OF_POST,
    GRANTS_AFTER,
    GRANT_LOCK,
    GRANT_ADD,
    GRANT_END,
    GRANTED_ROLES,
    SEPARATED,
    SEPARATIONS,
    SEPARATE,
    UNITE,
];

/// Most roles that are read of one account, its posts or one unit.
pub(in crate::lines::access) const GRANTS_MAX: i64 = 1_000;

fn grant(row: &Row) -> Result<Grant, StoreError> {
    let day = |number: i64| i32::try_from(number).map_or(Day::OPEN_END, Day::from_number);
    Ok(Grant {
        id: row.string(0)?,
        account: row.string(1)?,
        post: row.int(2)?,
        role: row.string(3)?,
        unit: row.int(4)?,
        operation: row.int(5)?,
        since: day(row.int(6)?),
        until: day(row.int(7)?),
        giver: row.string(8)?,
        revision: row.int(9)?,
    })
}

/// The roles of some accounts that hold on a day or will later, by account.
pub(in crate::lines::access) fn grants_of_accounts(
    rows: &mut impl Rows,
    accounts: &[String],
    operation: i64,
    today: Day,
) -> Result<Vec<Grant>, StoreError> {
    let mut found = Vec::new();
    for chunk in accounts.chunks(LIST_MAX) {
        let args = args![chunk, operation, today.number(), GRANTS_MAX * chunk.len() as i64];
        found.extend(rows.all(&GRANTS_OF_ACCOUNTS, args, grant)?);
    }
    Ok(found)
}

/// The roles of whoever holds some posts, that hold on a day or will later, by post.
pub(in crate::lines::access) fn grants_of_posts(
    rows: &mut impl Rows,
    posts: &[i64],
    operation: i64,
    today: Day,
) -> Result<Vec<Grant>, StoreError> {
    if posts.is_empty() {
        return Ok(Vec::new());
    }
    rows.all(&GRANTS_OF_POSTS, args![posts, operation, today.number(), GRANTS_MAX], grant)
}

/// The roles that were given at some units (0: in the whole operation), after one, that hold on a day or will later.
pub(in crate::lines::access) fn grants_at(
    rows: &mut impl Rows,
    (units, operation): (&[i64], i64),
    today: Day,
    after: &str,
    limit: u32,
) -> Result<Vec<Grant>, StoreError> {
    if units.is_empty() {
        return Ok(Vec::new());
    }
    rows.all(&GRANTS_AT, args![units, operation, today.number(), after, i64::from(limit)], grant)
}

/// The roles of whoever holds one post, after one, that hold on a day or will later.
pub(in crate::lines::access) fn grants_of_post(
    rows: &mut impl Rows,
    (post, operation): (i64, i64),
    today: Day,
    after: &str,
    limit: u32,
) -> Result<Vec<Grant>, StoreError> {
    rows.all(&GRANTS_OF_POST, args![post, operation, today.number(), after, i64::from(limit)], grant)
}

/// All that were ever given, after one, by id.
pub(in crate::lines::access) fn grants_after(
    rows: &mut impl Rows,
    after: &str,
    limit: i64,
) -> Result<Vec<Grant>, StoreError> {
    rows.all(&GRANTS_AFTER, args![after, limit], grant)
}

/// One, while nobody else changes it.
pub(in crate::lines::access) fn grant_lock(
    tx: &mut Tx,
    id: &str,
    operation: i64,
) -> Result<Option<Grant>, StoreError> {
    tx.opt(&GRANT_LOCK, args![id, operation], grant)
}

/// Adds one, at its first revision.
pub(in crate::lines::access) fn grant_add(tx: &mut Tx, grant: &Grant) -> Result<(), StoreError> {
    let Grant { id, account, post, role, unit, operation, since, until, giver, .. } = grant;
    let args = args![id, account, *post, role, *unit, *operation, since.number(), until.number(), giver];
    tx.exec(&GRANT_ADD, args)?;
    Ok(())
}

/// Ends one before a day.
pub(in crate::lines::access) fn grant_end(tx: &mut Tx, grant: &Grant, until: Day) -> Result<(), StoreError> {
    match tx.exec(&GRANT_END, args![&grant.id, until.number(), grant.revision])? {
        1 => Ok(()),
        _ => Err(tx.again()),
    }
}

/// Which of some roles somebody has at some units on a day.
pub(in crate::lines::access) fn granted_roles(
    rows: &mut impl Rows,
    units: &[i64],
    operation: i64,
    today: Day,
    roles: &[String],
) -> Result<Vec<String>, StoreError> {
    let args = args![units, operation, today.number(), today.number(), roles];
    rows.all(&GRANTED_ROLES, args, |row| row.string(0))
}

/// Since when three administrators are appointed, by operation.
pub(in crate::lines::access) fn separations(rows: &mut impl Rows) -> Result<Vec<(i64, i64)>, StoreError> {
    rows.all(&SEPARATIONS, args![], |row| Ok((row.int(0)?, row.int(1)?)))
}

/// Whether three administrators are appointed.
pub(in crate::lines::access) fn separated(rows: &mut impl Rows, operation: i64) -> Result<bool, StoreError> {
    Ok(rows.opt(&SEPARATED, args![operation], |row| row.int(0))?.is_some())
}

/// Notes from when on they are; says whether that is new.
pub(in crate::lines::access) fn separate(
    tx: &mut Tx,
    operation: i64,
    now_ms: i64,
) -> Result<bool, StoreError> {
    Ok(tx.exec(&SEPARATE, args![operation, now_ms])? == 1)
}

/// Forgets that they are; says whether they were.
pub(in crate::lines::access) fn unite(tx: &mut Tx, operation: i64) -> Result<bool, StoreError> {
    Ok(tx.exec(&UNITE, args![operation])? == 1)
}
